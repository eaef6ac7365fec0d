//! Which table a query reads, and the rows of it that its scope keeps.
//!
//! Sumo Logic keeps all messages in one place and tells them apart by source category, index or view; here each log
//! type is a table. The words of the scope choose it; where they say nothing, the fields that the query names do.

use std::collections::BTreeSet;

use super::{
    ast::{Metadata, Query, Scope},
    event, keyword,
    lexer::{Kind, Token, unescape},
    lowering::Lowerer,
    path, subquery,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Source, Type},
    schema::Dialect,
    span::Span,
    spl::build,
};

/// Metadata fields whose value tells which log it is.
const CATEGORIES: &[&str] = &["_sourcecategory", "_index", "_view", "_source_category", "_category"];
/// Metadata that has no counterpart: it restricts nothing here.
const IGNORED: &[&str] =
    &["_sourcehost", "_collector", "_datatier", "_collectorid", "_sourceid", "_format", "_dataformat"];

/// Chooses the table and filters by the scope.
pub(crate) fn scope(lowerer: &mut Lowerer<'_>, query: &Query) {
    let table = choose(lowerer, query);
    lowerer.scan.source = Source::Events { table: table.clone() };
    lowerer.table = table;
    if let Some(predicate) = predicate(lowerer, &query.scope, false) {
        lowerer.filter(predicate);
    }
}

fn choose(lowerer: &Lowerer<'_>, query: &Query) -> String {
    let mut words = Vec::new();
    category_words(&query.scope, &mut words);
    let mut tables = BTreeSet::new();
    for word in words {
        tables.extend(named(lowerer, &word));
    }
    match tables.len() {
        1 => tables.pop_first().unwrap_or_default(),
        0 => guess(lowerer, query),
        _ => "all".to_owned(),
    }
}

/// The tables that a source category means. `*` and what nobody knows mean none in particular.
fn named(lowerer: &Lowerer<'_>, word: &str) -> Vec<String> {
    if word.trim_matches(['*', '/']).is_empty() {
        return Vec::new();
    }
    lowerer.env.schema.tables_named(Dialect::Sumo, word)
}

/// The words by which a scope says which log it is about; a variable without a value says it by its name.
fn category_words(scope: &Scope, words: &mut Vec<String>) {
    match scope {
        Scope::And(parts) | Scope::Or(parts) => parts.iter().for_each(|part| category_words(part, words)),
        Scope::Metadata(metadata) => {
            let category = is_category(&metadata.name);
            if let Some(variable) = metadata.variable.as_ref().filter(|_| category || metadata.name.is_empty()) {
                words.push(variable.clone());
            } else if category && !metadata.negated {
                words.extend(metadata.values.iter().cloned());
            }
        }
        Scope::Not(_) | Scope::Keyword(_) | Scope::Subquery(_) => {}
    }
}

fn is_category(name: &str) -> bool {
    CATEGORIES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// So many more names a table has to know than the one that queries are usually about: members such as `bucketName` are
/// names in many logs.
const EVIDENCE: usize = 3;

/// The table that knows most of the fields that the query takes out of the record.
fn guess(lowerer: &Lowerer<'_>, query: &Query) -> String {
    let mut names = BTreeSet::new();
    for stage in &query.stages {
        let json = stage.tokens.first().is_some_and(|token| token.is("json"));
        for token in &stage.tokens {
            mentioned(token, json, &mut names);
        }
    }
    let mut words = Vec::new();
    keywords(&query.scope, &mut words);
    for word in words {
        names.extend(quoted_words(&word));
    }
    let schema = lowerer.env.schema;
    let known =
        |table: &str| names.iter().filter(|name| schema.resolve(table, Dialect::Insights, name).is_some()).count();
    let default = lowerer.env.default_table;
    let mut best = (known(default) + EVIDENCE, default.to_owned());
    for table in schema.tables().into_iter().filter(|table| table != "all" && table != default) {
        let count = known(&table);
        if count >= best.0 {
            best = (count + 1, table);
        }
    }
    best.1
}

fn keywords(scope: &Scope, words: &mut Vec<String>) {
    match scope {
        Scope::And(parts) | Scope::Or(parts) => parts.iter().for_each(|part| keywords(part, words)),
        Scope::Keyword(keyword) => words.push(keyword.text.clone()),
        Scope::Not(_) | Scope::Metadata(_) | Scope::Subquery(_) => {}
    }
}

fn mentioned(token: &Token, json: bool, names: &mut BTreeSet<String>) {
    if token.kind != Kind::Text {
        return;
    }
    let text = unescape(&token.text);
    if json {
        names.extend(path::dotted(&path::parse(&text)));
    } else {
        names.extend(quoted_words(&text));
    }
}

/// `"word":` inside an anchor or a phrase names a member.
fn quoted_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('"')
        .filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .map(str::to_owned)
}

/// The scope as a predicate; none: it keeps everything.
fn predicate(lowerer: &mut Lowerer<'_>, scope: &Scope, negated: bool) -> Option<Expr> {
    let span = Span::default();
    match scope {
        Scope::And(parts) => {
            let parts: Vec<Expr> = parts.iter().filter_map(|part| predicate(lowerer, part, negated)).collect();
            (!parts.is_empty()).then(|| build::all(parts, span))
        }
        Scope::Or(parts) => {
            if let Some(Scope::Subquery(part)) = parts.iter().find(|part| matches!(part, Scope::Subquery(_))) {
                let message = "a subquery in the scope can't be one of several alternatives";
                lowerer.error(Diagnostic::error("sumo.unsupported", message, *part));
                return None;
            }
            let parts: Vec<Option<Expr>> = parts.iter().map(|part| predicate(lowerer, part, negated)).collect();
            // Where one of them keeps everything, so do all together.
            let parts: Option<Vec<Expr>> = parts.into_iter().collect();
            parts.filter(|parts| !parts.is_empty()).map(|parts| build::any(parts, span))
        }
        Scope::Not(inner) => predicate(lowerer, inner, !negated).map(|inner| build::not(build::is_true(inner))),
        Scope::Keyword(keyword) => keyword::test(&keyword.text, keyword.quoted, keyword.span),
        Scope::Metadata(metadata) => {
            let inner = test(lowerer, metadata, negated != metadata.negated)?;
            Some(if metadata.negated { build::not(build::is_true(inner)) } else { inner })
        }
        Scope::Subquery(part) => {
            if negated {
                lowerer.error(Diagnostic::error("sumo.unsupported", "a subquery can't be negated in the scope", *part));
                return None;
            }
            subquery::scope(lowerer, *part).ok().flatten()
        }
    }
}

fn test(lowerer: &mut Lowerer<'_>, metadata: &Metadata, negated: bool) -> Option<Expr> {
    let open = metadata.values.is_empty() || metadata.values.iter().any(|value| value == "*");
    let name = metadata.name.to_ascii_lowercase();
    if metadata.name.is_empty() || (open && metadata.name.starts_with('_')) || metadata.variable.is_some() && open {
        return None;
    }
    if is_category(&name) {
        return category(lowerer, metadata, negated);
    }
    if IGNORED.contains(&name.as_str()) {
        let message = format!("`{}` says nothing about logs here; it is passed over", metadata.name);
        lowerer.warning("sumo.no-effect", message, metadata.span);
        return None;
    }
    match name.as_str() {
        "_sourcename" | "_source" => {
            let place = build::column("origin", Type::Text, metadata.span);
            Some(any_of(&place, metadata, |value| format!("*{value}*")))
        }
        "account" => account(lowerer, metadata),
        "region" => known(lowerer, metadata, &["region", "awsRegion", "aws_region"]),
        "namespace" => namespace(lowerer, metadata),
        _ => {
            let field = lowerer.named(&metadata.name, metadata.span);
            Some(any_of(&field, metadata, str::to_owned))
        }
    }
}

/// A field against any of the values, case aside, `*` a wildcard.
fn any_of(field: &Expr, metadata: &Metadata, pattern: impl Fn(&str) -> String) -> Expr {
    let span = metadata.span;
    let tests = metadata.values.iter().map(|value| {
        if value == "*" {
            return build::is_not_null(field.clone());
        }
        let args = vec![super::names::text(field.clone()), build::text(pattern(value), span)];
        build::call(Func::GlobIgnoreCase, args, Type::Bool, span)
    });
    build::any(tests.collect(), span)
}

/// A source category: settled by the table that is read, or by the log type where that is the view across all.
fn category(lowerer: &mut Lowerer<'_>, metadata: &Metadata, negated: bool) -> Option<Expr> {
    let mut tables: Vec<String> = Vec::new();
    for value in &metadata.values {
        tables.extend(named(lowerer, value));
    }
    if tables.is_empty() {
        let message =
            format!("no kind of log is known as `{}`; the query reads `{}`", metadata.values.join(" "), lowerer.table);
        let help = "source categories that name an AWS log (such as aws/cloudtrail) choose its table";
        lowerer.warn(Diagnostic::warning("sumo.unknown-category", message, metadata.span).with_help(help));
        return None;
    }
    if lowerer.table != "all" || tables.iter().any(|table| table == "all") {
        // `a/* !a/b` leaves something out of one table that cannot be told from the rest of it.
        if negated {
            let message = "logs of one type are not told apart by source category; this is passed over";
            lowerer.warning("sumo.no-effect", message, metadata.span);
        }
        return None;
    }
    let span = metadata.span;
    let items = tables.into_iter().map(|table| build::text(table, span));
    let args = std::iter::once(event::log_type(span)).chain(items).collect();
    Some(build::call(Func::In, args, Type::Bool, span))
}

/// The first of these names that the table knows.
fn known(lowerer: &Lowerer<'_>, metadata: &Metadata, names: &[&str]) -> Option<Expr> {
    let schema = lowerer.env.schema;
    let found = names.iter().find_map(|name| schema.resolve(&lowerer.table, Dialect::Sumo, name))?;
    let field = build::column(&found.column, found.ty, metadata.span);
    Some(any_of(&field, metadata, str::to_owned))
}

/// `account=`: the account's number. A name that somebody gave it is nothing that a log says.
fn account(lowerer: &mut Lowerer<'_>, metadata: &Metadata) -> Option<Expr> {
    let number = |value: &String| value.bytes().all(|b| b.is_ascii_digit() || b == b'*');
    if metadata.values.iter().all(number) {
        return known(
            lowerer,
            metadata,
            &["account", "recipientAccountId", "account_id", "accountId", "aws_account_id"],
        );
    }
    let message = format!("`{}` is not an account number; it is passed over", metadata.values.join(" "));
    lowerer.warning("sumo.no-effect", message, metadata.span);
    None
}

/// `namespace=aws/rds`: in CloudTrail the service that the call went to.
fn namespace(lowerer: &Lowerer<'_>, metadata: &Metadata) -> Option<Expr> {
    let service = lowerer.env.schema.resolve(&lowerer.table, Dialect::Sumo, "eventSource")?;
    let field = build::column(&service.column, service.ty, metadata.span);
    let host = |value: &str| {
        let name = value.rsplit('/').next().unwrap_or(value);
        if name.contains('.') { name.to_owned() } else { format!("{name}.amazonaws.com") }
    };
    Some(any_of(&field, metadata, host))
}
