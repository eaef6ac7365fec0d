//! The operators: one file each, saying what it is called, how it is written and what it means, registered in one sorted
//! list. A stage that begins with none of them is an expression.

mod accum;
pub(crate) mod aggregate;
mod assign;
mod cat;
mod compare;
mod compose;
mod count_frequent;
mod csv;
mod dedup;
mod fields;
mod fillmissing;
mod geoip;
mod join;
mod json;
mod keyvalue;
mod limit;
mod logreduce;
mod lookup;
mod outlier;
mod parse;
mod predict;
mod save;
mod shift;
mod smooth;
mod sort;
mod threatlookup;
mod timeslice;
mod top;
mod topk;
mod total;
mod transpose;
mod r#where;
mod window;
mod withtime;

use super::{
    cursor::Cursor,
    functions,
    lexer::{Kind, Token},
    lowering::{Lower, Lowerer},
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::Expr,
    spl::{build, suggest},
};

/// An operator of the language.
pub(crate) struct Operator {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub syntax: &'static str,
    pub help: &'static str,
    /// A query that uses it.
    pub example: &'static str,
    /// Whether `nodrop` before it concerns it: it takes fields out of a text.
    pub parses: bool,
    /// Lowers the arguments; the operator's name has been read.
    pub lower: fn(&mut Lowerer<'_>, &mut Cursor<'_>) -> Lower<()>,
}

static OPERATORS: &[Operator] = &[
    accum::OPERATOR,
    shift::BACKSHIFT,
    cat::OPERATOR,
    compare::OPERATOR,
    compose::OPERATOR,
    count_frequent::OPERATOR,
    csv::CSV,
    dedup::OPERATOR,
    shift::DIFF,
    fields::OPERATOR,
    fillmissing::OPERATOR,
    geoip::OPERATOR,
    join::OPERATOR,
    json::OPERATOR,
    keyvalue::OPERATOR,
    limit::OPERATOR,
    logreduce::OPERATOR,
    lookup::OPERATOR,
    outlier::OPERATOR,
    parse::OPERATOR,
    predict::OPERATOR,
    smooth::ROLLINGSTD,
    save::OPERATOR,
    smooth::SMOOTH,
    sort::OPERATOR,
    csv::SPLIT,
    threatlookup::OPERATOR,
    timeslice::OPERATOR,
    top::OPERATOR,
    topk::OPERATOR,
    total::OPERATOR,
    transpose::OPERATOR,
    r#where::OPERATOR,
    withtime::OPERATOR,
];

/// Operators that Sumo Logic has and this does not, with what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("benchmark", "there are no other customers to compare with"),
    ("copilot", "leave it out"),
    ("delta", "use `diff`"),
    ("details", "leave it out"),
    ("filter", "use `where … in [subquery: …]`"),
    ("infer", "there are no models to apply"),
    ("isreservedip", "use it in `where`"),
    ("logcompare", "use `compare with timeshift` over a `count by`"),
    ("logexplain", "use `count by` the fields that may explain it"),
    ("lookupcontains", "use `lookup` and `where !isNull(…)`"),
    ("macro", "write out what it stands for"),
    ("merge", "use `values(…) by …`"),
    ("metrics", "there are no metrics"),
    ("quantize", "there are no metrics"),
    ("sessionize", "use `join` with the same condition"),
    ("trace", "leave it out"),
    ("transaction", "use `count, min(_messagetime), max(_messagetime), values(…) by` the transaction's key"),
    ("transactionize", "use `count, min(_messagetime), max(_messagetime), values(…) by` the transaction's key"),
    ("xml", "use `parse regex`"),
];

/// Operators of metrics queries.
const OF_METRICS: &[&str] =
    &["along", "avg", "delta", "eval", "max", "min", "pct", "quantize", "rate", "sum", "timeshift"];

/// All operators, sorted by name.
pub(crate) fn all() -> &'static [Operator] {
    OPERATORS
}

/// The operator of this name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Operator> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    OPERATORS.iter().find(|operator| is(operator.name) || operator.aliases.iter().any(|alias| is(alias)))
}

/// Lowers a stage.
pub(crate) fn lower(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<()> {
    let Some(first) = cursor.peek() else { return Ok(()) };
    let operator = (first.kind == Kind::Word && !is_value(cursor)).then(|| find(&first.text)).flatten();
    if !operator.is_some_and(|operator| operator.parses) {
        lowerer.matched.clear();
    }
    if aggregate::begins(cursor) {
        return aggregate::lower(lowerer, cursor);
    }
    if let Some(operator) = operator {
        cursor.next();
        return (operator.lower)(lowerer, cursor);
    }
    unknown(lowerer, cursor, first)?;
    assign::lower(lowerer, cursor)
}

/// Whether the first word is a field whose value is computed with (`total / 2 as half`) rather than an operator.
fn is_value(cursor: &Cursor<'_>) -> bool {
    let arithmetic =
        |token: &Token| ["/", "*", "=", "==", "!=", "<>", "<", ">", "<=", ">="].iter().any(|p| token.is_punct(p));
    cursor.peek_at(1).is_some_and(|token| token.is("as") || arithmetic(token))
}

/// A word followed by another word or a string is an operator that there is not.
fn unknown(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, first: &Token) -> Lower<()> {
    let Some((name, help)) = UNSUPPORTED.iter().find(|(name, _)| first.is(name)).filter(|_| !is_value(cursor)) else {
        let next = cursor.peek_at(1);
        let stops = ["as", "matches", "contains", "in", "not", "and", "or"];
        let applied = next.is_none_or(|next| {
            matches!(next.kind, Kind::Text | Kind::Number | Kind::Field | Kind::Path)
                || next.kind == Kind::Word && !stops.iter().any(|stop| next.is(stop))
        });
        if first.kind != Kind::Word || !applied || functions::find(&first.text).is_some() && next.is_none() {
            return Ok(());
        }
        if OF_METRICS.iter().any(|name| first.is(name)) && lowerer.asks_metrics() {
            let message = "this is a query of metrics; there are logs here only";
            return Err(lowerer.error(Diagnostic::error("sumo.unsupported", message, first.span)));
        }
        let diagnostic =
            Diagnostic::error("sumo.unknown-operator", format!("there is no operator `{}`", first.text), first.span);
        let known = OPERATORS.iter().map(|operator| operator.name).chain(aggregate::names());
        return Err(lowerer.error(match suggest::nearest(&first.text, known) {
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
            None => diagnostic,
        }));
    };
    let message = format!("the operator `{name}` is not supported");
    Err(lowerer.error(Diagnostic::error("sumo.unsupported", message, first.span).with_help(*help)))
}

impl Lowerer<'_> {
    /// Whether the scope names a metric, or a row of a metrics query (`#A`).
    fn asks_metrics(&self) -> bool {
        let scope = self.text.split('|').next().unwrap_or_default().trim_start();
        let words = scope.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
        let mut names = words.filter_map(|word| word.split_once('=')).map(|(name, _)| name);
        scope.starts_with('#') || names.any(|name| ["metric", "statistic"].iter().any(|m| name.eq_ignore_ascii_case(m)))
    }

    /// After taking fields out of a text: rows where that did not work fall away, unless `nodrop` is said; and those that
    /// a parser with `nodrop` right before this one has matched stay.
    fn keep_matched(&mut self, found: Expr, nodrop: bool) {
        if nodrop {
            self.matched.push(found);
            return;
        }
        let mut found = vec![found];
        found.append(&mut self.matched);
        let span = found[0].span;
        self.filter(build::any(found, span));
    }

    /// A field taken out of a text; where the text has none, a field of that name keeps its value.
    fn take(&mut self, name: &str, value: Expr) {
        let span = value.span;
        let value = match self.made(name).is_some() {
            true => {
                let old = super::names::text(self.named(name, span));
                let value = super::names::text(value);
                build::coalesce(vec![value, old], crate::pipeline::Type::Text, span)
            }
            false => value,
        };
        self.extend(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing;

    #[test]
    fn sorted_and_described() {
        assert!(OPERATORS.is_sorted_by_key(|operator| operator.name));
        for operator in OPERATORS {
            assert!(!operator.help.is_empty() && operator.syntax.starts_with(operator.name), "{}", operator.name);
            let codes = testing::errors(operator.example);
            assert!(codes.is_empty(), "{}: {codes:?}", operator.example);
        }
    }

    #[test]
    fn what_there_is_not() {
        for (query, code) in [
            ("* | wher a=1", "sumo.unknown-operator"),
            ("* | logcompare timeshift -24h", "sumo.unsupported"),
            ("* | infer _category=x _model=y", "sumo.unsupported"),
            ("_sourceCategory=x metric=CPUUtilization Statistic=Average | avg by host", "sumo.unsupported"),
            ("#A | timeshift 1d", "sumo.unsupported"),
            ("* | timeshift 1d", "sumo.unknown-operator"),
            ("* | foo(a) as b", "sumo.unknown-function"),
            ("* | count by a b", "sumo.syntax"),
            ("* | where a=", "sumo.syntax"),
            ("* | eventName=\"x\"", "sumo.missing-alias"),
        ] {
            assert_eq!(testing::errors(query), [code], "{query}");
        }
    }

    #[test]
    fn nodrop_is_or() {
        testing::check(
            "* | parse \"a=*,\" as a nodrop | parse \"b=*,\" as b | count by a",
            "extend '__anchor_1' = anchor_extract(raw, \"a=\", \",\"), 'a' = list_index('__anchor_1', 0), '__anchor_2' = anchor_extract(raw, \"b=\", \",\"), 'b' = list_index('__anchor_2', 0)
             filter is_not_null('__anchor_2') or is_not_null('__anchor_1')
             aggregate '_count' = count() by 'a' = 'a' keep-null
             sort 'a'",
        );
        testing::check(
            "* | parse \"a=*,\" as a nodrop | limit 5 | parse \"a=*;\" as a | count",
            "extend '__anchor_1' = anchor_extract(raw, \"a=\", \",\"), 'a' = list_index('__anchor_1', 0)
             sort event_time desc
             limit 5
             extend '__anchor_2' = anchor_extract(raw, \"a=\", \";\"), 'a' = coalesce(list_index('__anchor_2', 0), 'a')
             filter is_not_null('__anchor_2')
             aggregate '_count' = count()",
        );
    }
}
