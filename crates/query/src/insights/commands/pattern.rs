//! `pattern`: texts that differ in numbers, ids, addresses and times only, counted together. CloudWatch finds the parts that
//! vary by looking at all texts; here they are told by their form.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        expr::text,
        lowering::{Lowerer, Made, Shown},
        parser,
    },
    likeness,
    pipeline::{Agg, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    span::Span,
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "pattern",
    syntax: "pattern field",
    help: "Counts texts together that differ in ids, times, addresses and numbers only, which become `<*>`. Gives @pattern, @sampleCount, @ratio and @severityLabel.",
    example: "filter ispresent(errorMessage) | pattern errorMessage | limit 20",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    parser::expr(cursor).map(Verb::Pattern)
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Pattern(tree) = &command.verb else { return };
    let value = text(lowerer.expr(tree));
    patterns(lowerer, value, command.span);
}

/// The patterns of a text, and how many rows have each.
pub(super) fn patterns(lowerer: &mut Lowerer<'_>, value: Expr, span: Span) {
    lowerer.filter(build::is_not_null(value.clone()));
    let pattern = likeness::pattern(value, "<*>", span);
    let count = aggregate("@sampleCount", Agg::Count, None, Type::Int);
    let by = vec![Named { name: "@pattern".to_owned(), expr: pattern }];
    lowerer.ops.push(Op::Aggregate { by, aggregates: vec![count], keep_null: false });
    lowerer.made = vec![made("@pattern", Type::Text), made("@sampleCount", Type::Int)];
    lowerer.closed = true;
    ratio(lowerer, span);
    let label = severity(span);
    lowerer.extend("@severityLabel", label);
    let order = ["@pattern", "@sampleCount", "@ratio", "@severityLabel"];
    let types = [Type::Text, Type::Int, Type::Float, Type::Text];
    let fields = order
        .iter()
        .zip(types)
        .map(|(name, ty)| Named { name: (*name).to_owned(), expr: build::field(name, ty, span) });
    lowerer.project(fields.collect());
    let key = |name: &str, ty, descending| SortKey { expr: build::field(name, ty, span), descending, numeric: false };
    let keys = vec![key("@sampleCount", Type::Int, true), key("@pattern", Type::Text, false)];
    lowerer.ops.push(Op::Sort { keys: keys.clone(), limit: None });
    lowerer.order = Some(keys);
    lowerer.sorted = true;
    lowerer.shown = Shown::Made;
}

pub(super) fn made(name: &str, ty: Type) -> Made {
    Made { name: name.to_owned(), ty }
}

pub(super) fn aggregate(name: &str, func: Agg, arg: Option<Expr>, ty: Type) -> Aggregate {
    Aggregate { name: name.to_owned(), func, arg, filter: None, order: None, ty }
}

/// The share of each pattern.
fn ratio(lowerer: &mut Lowerer<'_>, span: Span) {
    let count = build::field("@sampleCount", Type::Int, span);
    let total = lowerer.made_up("total");
    let sum = aggregate(&total, Agg::Sum, Some(count.clone()), Type::Int);
    lowerer.ops.push(Op::Window {
        by: Vec::new(),
        order: Vec::new(),
        preceding: None,
        range: None,
        current: true,
        aggregates: vec![sum],
    });
    lowerer.make(&total, Type::Int);
    let share = build::call(Func::Div, vec![count, build::field(&total, Type::Int, span)], Type::Float, span);
    lowerer.extend("@ratio", share);
}

/// What the words of a pattern say about it.
pub(super) fn severity(span: Span) -> Expr {
    let words = [
        ("Error", r"(?i)\b(?:error|fatal|critical|exception|denied|unauthorized)"),
        ("Warning", r"(?i)\bwarn"),
        ("Info", r"(?i)\binfo"),
    ];
    let nothing = build::text("None", span);
    words.iter().rev().fold(nothing, |otherwise, (label, pattern)| {
        let pattern = build::text(*pattern, span);
        let found =
            build::call(Func::Regex, vec![build::field("@pattern", Type::Text, span), pattern], Type::Bool, span);
        build::call(Func::If, vec![found, build::text(*label, span), otherwise], Type::Text, span)
    })
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::columns;

    #[test]
    fn what_it_gives() {
        assert_eq!(columns("pattern @message"), ["@pattern", "@sampleCount", "@ratio", "@severityLabel"]);
    }
}
