//! What a field's name stands for: a field that a command made, a system field, a stored column, or a path into the record.

use std::collections::BTreeSet;

use super::{
    ast::{Ast, Expr as Tree, ExprKind as Form, Item, Verb, Word},
    lowering::Lowerer,
};
use crate::{
    cloudwatch,
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, PathStep, Type},
    schema::Dialect,
    span::Span,
    spl::{build, suggest},
};

/// What Insights discovers in a Lambda function's log lines: field, how it is found, what it is multiplied with. Sizes are
/// bytes, durations milliseconds.
pub(super) const LAMBDA: &[(&str, &str, Option<i64>)] = &[
    ("@billedDuration", r"Billed Duration: ([\d.]+) ms", Some(1)),
    ("@duration", r"(?:^|[\t ])Duration: ([\d.]+) ms", Some(1)),
    ("@initDuration", r"Init Duration: ([\d.]+) ms", Some(1)),
    ("@maxMemoryUsed", r"Max Memory Used: ([\d.]+) MB", Some(1_000_000)),
    ("@memorySize", r"Memory Size: ([\d.]+) MB", Some(1_000_000)),
    ("@requestId", r"RequestId: ([0-9a-f-]{36})", None),
    ("@type", r"^(START|END|REPORT) RequestId", None),
    ("@xrayTraceId", r"XRAY TraceId: (\S+)", None),
];

/// What a name stands for; what is odd about it is told.
pub(super) fn field(lowerer: &mut Lowerer<'_>, name: &Word) -> Expr {
    if let Some(found) = known(lowerer, name) {
        return found;
    }
    unknown(lowerer, name);
    nothing(name.span)
}

/// The same without a word, for names that have been told of.
pub(super) fn quietly(lowerer: &mut Lowerer<'_>, name: &Word) -> Expr {
    known(lowerer, name).unwrap_or_else(|| nothing(name.span))
}

fn nothing(span: Span) -> Expr {
    Expr { ty: Type::Text, ..build::null(span) }
}

fn known(lowerer: &mut Lowerer<'_>, name: &Word) -> Option<Expr> {
    let (text, span) = (name.text.as_str(), name.span);
    if let Some(made) = lowerer.made.iter().find(|made| made.name == text) {
        return Some(build::field(text, made.ty, span));
    }
    if let Some(inside) = member(lowerer, text, span) {
        return Some(inside);
    }
    let alias = lowerer.alias.as_ref().map(|alias| format!("{alias}."));
    if let Some(rest) = alias.and_then(|alias| text.strip_prefix(&alias)) {
        return known(lowerer, &Word { text: rest.to_owned(), span });
    }
    if lowerer.closed {
        return None;
    }
    if text.starts_with('@') {
        return system(lowerer, text, span);
    }
    Some(of_record(lowerer, text, span))
}

/// `event.name`, where `event` is a field that holds JSON.
fn member(lowerer: &Lowerer<'_>, text: &str, span: Span) -> Option<Expr> {
    let (at, made) = text
        .rmatch_indices('.')
        .find_map(|(at, _)| Some((at, lowerer.made.iter().find(|made| made.name == text[..at])?)))?;
    let base = build::to_text(build::field(&made.name, made.ty, span));
    let path: String = text[at + 1..]
        .split('.')
        .map(|key| if is_index(key) { format!("[{key}]") } else { format!(".{key}") })
        .collect();
    let path = path.trim_start_matches('.').to_owned();
    Some(build::call(Func::JsonGet, vec![base, build::text(path, span)], Type::Text, span))
}

fn is_index(key: &str) -> bool {
    !key.is_empty() && key.len() < 10 && key.bytes().all(|b| b.is_ascii_digit())
}

fn system(lowerer: &Lowerer<'_>, text: &str, span: Span) -> Option<Expr> {
    Some(match text {
        "@timestamp" => cloudwatch::time(span),
        "@message" => cloudwatch::raw(span),
        "@logStream" => build::column("origin", Type::Text, span),
        "@ingestionTime" => build::column("ingest_time", Type::Time, span),
        "@ptr" => build::column("event_id", Type::Text, span),
        "@log" => log(lowerer, span),
        _ => {
            let &(_, pattern, unit) = LAMBDA.iter().find(|(name, ..)| *name == text)?;
            let args = vec![cloudwatch::raw(span), build::text(pattern, span), build::text("1", span)];
            let found = build::call(Func::RegexExtract, args, Type::Text, span);
            match unit {
                None => found,
                Some(unit) => {
                    let args = vec![build::to_number(found), build::int(unit, span)];
                    build::call(Func::Mul, args, Type::Float, span)
                }
            }
        }
    })
}

/// `account:log group`; a table is what comes nearest to a log group.
fn log(lowerer: &Lowerer<'_>, span: Span) -> Expr {
    let name = build::text(format!(":{}", lowerer.table), span);
    let account = ["recipientAccountId", "account_id"]
        .iter()
        .find_map(|account| lowerer.env.schema.resolve(&lowerer.table, Dialect::Insights, account));
    let account = account.map_or_else(
        || build::text("", span),
        |account| {
            let column = build::to_text(build::column(&account.column, account.ty, span));
            build::coalesce(vec![column, build::text("", span)], Type::Text, span)
        },
    );
    build::call(Func::Concat, vec![account, name], Type::Text, span)
}

fn of_record(lowerer: &mut Lowerer<'_>, text: &str, span: Span) -> Expr {
    let schema = lowerer.env.schema;
    if let Some(resolved) = schema.resolve(&lowerer.table, Dialect::Insights, text) {
        if let Some(spelled) = resolved.spelled.filter(|_| lowerer.table == "cloudtrail") {
            let message = format!("`{text}` is read as `{spelled}`: names of fields are case-sensitive in CloudWatch");
            lowerer.report(Diagnostic::warning("insights.field-case", message, span).with_suggestion(spelled));
        }
        return build::column(&resolved.column, resolved.ty, span);
    }
    let path = schema.path(&lowerer.table, Dialect::Insights, text);
    let steps = |text: &str, indexes: bool| -> Vec<PathStep> {
        text.split('.')
            .filter(|key| !key.is_empty())
            .map(|key| match key.parse() {
                Ok(index) if indexes && is_index(key) => PathStep::Index(index),
                _ => PathStep::Key(key.to_owned()),
            })
            .collect()
    };
    let text = path.as_deref().unwrap_or(text);
    let exact = build::path(steps(text, true), span);
    if !text.split('.').any(is_index) {
        return exact;
    }
    // A number may be the name of a member, too.
    build::coalesce(vec![exact, build::path(steps(text, false), span)], Type::Text, span)
}

fn unknown(lowerer: &mut Lowerer<'_>, name: &Word) {
    let text = &name.text;
    if text == "@entity" || text.starts_with("@entity.") || text.starts_with("@aws.") || text == "@data_source_name" {
        let message = format!("there is nothing in `{text}` here");
        return lowerer.warning("insights.empty-field", message, name.span);
    }
    let mut there: Vec<String> = lowerer.made.iter().map(|made| made.name.clone()).collect();
    if !lowerer.closed {
        there.extend(["@timestamp", "@message", "@logStream", "@log", "@ingestionTime", "@ptr"].map(str::to_owned));
        there.extend(LAMBDA.iter().map(|(name, ..)| (*name).to_owned()));
    }
    let message = if lowerer.closed {
        format!("the rows have no field `{text}` after `stats`: it is empty")
    } else {
        format!("no field is called `{text}`: it is empty")
    };
    let mut found = Diagnostic::warning("insights.unknown-field", message, name.span);
    if let Some(near) = suggest::nearest(text, there.iter().map(String::as_str)) {
        found = found.with_suggestion(near);
    }
    lowerer.report(found);
}

// -- which names a query reads

/// The names of the record's fields that a query reads: those that it makes itself say nothing about the record.
pub(super) fn of_events(ast: &Ast) -> BTreeSet<String> {
    let mut names = read(ast);
    for command in &ast.commands {
        let made: Vec<&str> = match &command.verb {
            Verb::Items(items) => aliases(items),
            Verb::Stats { items, by } => aliases(items).into_iter().chain(aliases(by)).collect(),
            Verb::Parse { pattern, names, .. } => {
                let groups = match &pattern.kind {
                    Form::Regex(regex) => group_names(regex),
                    _ => Vec::new(),
                };
                groups.into_iter().chain(names.iter().map(|name| name.text.as_str())).collect()
            }
            Verb::Unnest { into, .. } => vec![&into.text],
            Verb::Lookup { output, .. } => output.iter().map(|(_, name)| name.text.as_str()).collect(),
            _ => Vec::new(),
        };
        names.retain(|name| !made.contains(&name.as_str()));
    }
    names
}

fn aliases(items: &[Item]) -> Vec<&str> {
    items.iter().filter_map(|item| item.alias.as_ref()).map(|alias| alias.text.as_str()).collect()
}

/// The names in `(?<name>`.
fn group_names(regex: &str) -> Vec<&str> {
    regex.split("(?<").skip(1).chain(regex.split("(?P<").skip(1)).filter_map(|rest| rest.split('>').next()).collect()
}

/// The names of all fields that a query reads.
pub(super) fn read(ast: &Ast) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for command in &ast.commands {
        verb(&command.verb, &mut names);
    }
    names
}

fn verb(verb: &Verb, names: &mut BTreeSet<String>) {
    match verb {
        Verb::Items(items) => all(items, names),
        Verb::Stats { items, by } => {
            all(items, names);
            all(by, names);
        }
        Verb::Filter(expr) | Verb::Pattern(expr) | Verb::Unnest { list: expr, .. } => collect(expr, names),
        Verb::Sort(keys) => keys.iter().for_each(|key| collect(&key.expr, names)),
        Verb::Parse { from: Some(expr), .. } => collect(expr, names),
        Verb::Names(words) | Verb::Totals { fields: words, .. } => names.extend(words.iter().map(|w| w.text.clone())),
        Verb::Join(join) => names.extend(join.on.iter().flat_map(|(a, b)| [a.text.clone(), b.text.clone()])),
        Verb::Lookup { on, .. } => names.extend(on.iter().map(|(_, field)| field.text.clone())),
        Verb::Parse { from: None, .. } | Verb::Source { .. } | Verb::Limit(_) | Verb::Fill(_) | Verb::Diff(_) => {}
    }
}

fn all(items: &[Item], names: &mut BTreeSet<String>) {
    items.iter().for_each(|item| collect(&item.expr, names));
}

fn collect(expr: &Tree, names: &mut BTreeSet<String>) {
    match &expr.kind {
        Form::Field(name) => {
            names.insert(name.clone());
        }
        Form::Call { args: items, .. } | Form::And(items) | Form::Or(items) => {
            items.iter().for_each(|item| collect(item, names));
        }
        Form::Not(inner) | Form::Neg(inner) | Form::InQuery(inner, _) => collect(inner, names),
        Form::Binary(_, left, right) | Form::Like(left, right) => {
            collect(left, names);
            collect(right, names);
        }
        Form::In(value, items) => {
            collect(value, names);
            items.iter().for_each(|item| collect(item, names));
        }
        _ => {}
    }
}
