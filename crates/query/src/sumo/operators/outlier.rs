//! `outlier`: values that lie too many standard deviations from the mean of those before.

use super::{
    super::{
        cursor::Cursor,
        expr,
        lexer::Kind,
        lowering::{Lower, Lowerer, ascending},
    },
    Operator,
    aggregate::numeric_field,
    window::Frame,
};
use crate::{
    pipeline::{Agg, Expr, Func, SortKey, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "outlier",
    aliases: &[],
    syntax: "outlier <field> [by <field>, …] [window=<n>, threshold=<sigmas>, consecutive=<n>, direction=<+->]",
    help: "Compares each value with the mean and standard deviation of the window before it (10 rows, 3 sigmas by default). Adds `<field>_error`, `_lower`, `_upper`, `_indicator` (1 outside of the band) and `_violation` (1 after so many in a row).",
    example: "* | timeslice 1h | count by _timeslice | outlier _count window=5, threshold=3, consecutive=2, direction=+-",
    parses: false,
    lower: |lowerer, cursor| {
        let field = lowerer.expect_name(cursor, "a field name")?;
        let options = Options::read(lowerer, cursor)?;
        let value = build::convert(numeric_field(lowerer, &field), Type::Float);
        let order = by_time(lowerer);
        lowerer.settle_order();
        let (mean, deviation) = (lowerer.made_up("mean"), lowerer.made_up("deviation"));
        let trailing = Frame { preceding: Some(options.window), current: false };
        let aggregates = vec![
            Lowerer::plain_aggregate(&mean, Agg::Avg, Some(value.clone()), Type::Float),
            Lowerer::plain_aggregate(&deviation, Agg::StdevPop, Some(value.clone()), Type::Float),
        ];
        lowerer.running(options.by.clone(), order.clone(), trailing, aggregates);
        band(lowerer, &field.text, &value, &options, [&mean, &deviation], cursor.span);
        violation(lowerer, &field.text, &options, order, cursor.span);
        Ok(())
    },
};

struct Options {
    window: u64,
    threshold: f64,
    consecutive: u64,
    above: bool,
    below: bool,
    by: Vec<Expr>,
}

impl Options {
    fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Self> {
        let mut options = Self { window: 10, threshold: 3.0, consecutive: 1, above: true, below: true, by: Vec::new() };
        while !cursor.done() {
            if cursor.is_word("by") || cursor.is_word("group") {
                let by = lowerer.by(cursor)?;
                options.by = lowerer.keys(&by).into_iter().map(|key| key.expr).collect();
            } else if cursor.setting("window") {
                options.window = whole(lowerer, cursor)?;
            } else if cursor.setting("consecutive") {
                options.consecutive = whole(lowerer, cursor)?;
            } else if cursor.setting("threshold") {
                options.threshold = number(lowerer, cursor)?;
            } else if cursor.setting("direction") {
                (options.above, options.below) = (false, false);
                while let Some(sign) = cursor.peek().filter(|token| token.is_punct("+") || token.is_punct("-")) {
                    options.above |= sign.is_punct("+");
                    options.below |= sign.is_punct("-");
                    cursor.next();
                }
            } else if !cursor.punct(",") {
                break;
            }
        }
        Ok(options)
    }
}

fn whole(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<u64> {
    match cursor.count() {
        Some(count) if (1..=1000).contains(&count) => Ok(count),
        _ => lowerer.expected(cursor, "a number from 1 to 1000"),
    }
}

fn number(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<f64> {
    let number = cursor.peek().filter(|token| token.kind == Kind::Number).and_then(|token| expr::number(&token.text));
    cursor.next();
    number.map_or_else(|| lowerer.expected(cursor, "a number"), Ok)
}

/// A series goes by its time slices, whatever order its rows are shown in.
pub(super) fn by_time(lowerer: &Lowerer<'_>) -> Vec<SortKey> {
    let name = lowerer.slice.as_ref().map_or("_timeslice", |slice| slice.name.as_str());
    match lowerer.made(name) {
        Some(made) => vec![ascending(&made.name, made.ty, Span::default())],
        None => lowerer.row_order(),
    }
}

/// The fields that say how far a value is from the band around the mean.
fn band(
    lowerer: &mut Lowerer<'_>,
    field: &str,
    value: &Expr,
    options: &Options,
    [mean, deviation]: [&str; 2],
    span: Span,
) {
    let number = |func, a: &Expr, b: &Expr| build::call(func, vec![a.clone(), b.clone()], Type::Float, span);
    let (mean, deviation) = (build::field(mean, Type::Float, span), build::field(deviation, Type::Float, span));
    let reach = number(Func::Mul, &deviation, &build::float(options.threshold, span));
    let (error, lower, upper) =
        (number(Func::Sub, value, &mean), number(Func::Sub, &mean, &reach), number(Func::Add, &mean, &reach));
    let test = |func, bound: &Expr| build::call(func, vec![value.clone(), bound.clone()], Type::Bool, span);
    let mut outside = Vec::new();
    if options.above {
        outside.push(test(Func::Gt, &upper));
    }
    if options.below {
        outside.push(test(Func::Lt, &lower));
    }
    let flags = vec![build::any(outside, span), build::int(1, span), build::int(0, span)];
    let indicator = build::call(Func::If, flags, Type::Int, span);
    for (suffix, expr) in
        [("error", error), ("lower", lower), ("upper", upper), ("std", deviation), ("indicator", indicator)]
    {
        lowerer.extend(&format!("{field}_{suffix}"), expr);
    }
}

fn violation(lowerer: &mut Lowerer<'_>, field: &str, options: &Options, order: Vec<SortKey>, span: Span) {
    let indicator = lowerer.named(&format!("{field}_indicator"), span);
    if options.consecutive == 1 {
        lowerer.extend(&format!("{field}_violation"), indicator);
        return;
    }
    let hits = lowerer.made_up("hits");
    let sum = Lowerer::plain_aggregate(&hits, Agg::Sum, Some(indicator), Type::Int);
    let frame = Frame { preceding: Some(options.consecutive - 1), current: true };
    lowerer.running(options.by.clone(), order, frame, vec![sum]);
    let wanted = build::int(i64::try_from(options.consecutive).unwrap_or(i64::MAX), span);
    let all = build::call(Func::Ge, vec![build::field(&hits, Type::Int, span), wanted], Type::Bool, span);
    let flag = build::call(Func::If, vec![all, build::int(1, span), build::int(0, span)], Type::Int, span);
    lowerer.extend(&format!("{field}_violation"), flag);
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn bands() {
        let made =
            ["_count_error", "_count_lower", "_count_upper", "_count_std", "_count_indicator", "_count_violation"];
        let mut expected = vec!["_timeslice", "user", "_count"];
        expected.extend(made);
        for options in ["", " by user", " window=5,threshold=2.5,consecutive=2,direction=+ by user", " direction=+-"] {
            assert_eq!(
                columns(&format!("* | timeslice 1h | count by _timeslice, user | outlier _count{options}")),
                expected
            );
        }
        assert_eq!(errors("* | count by user | outlier _count window=x"), ["sumo.syntax"]);
        assert_eq!(errors("* | count by user | outlier"), ["sumo.syntax"]);
    }
}
