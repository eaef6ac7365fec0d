//! Commands that go row by row: `accum`, `autoregress`, `delta`, `filldown`. Each is a window in the order of the rows.

use super::{Command, Grammar, arguments, required, split_at, words};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, Op, Type},
    span::Span,
    spl::{
        ast::{self, Word},
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
    },
};

pub(super) const ACCUM: Command = Command {
    name: "accum",
    aliases: &[],
    syntax: "accum <field> [as <name>]",
    help: "Adds the sum of a numeric field so far.",
    example: "* | timechart span=1d count | accum count as total",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (field, name) = field_and_name(lowerer, command)?;
        let value = build::to_number(lowerer.field(&field));
        let sum = running(lowerer, Agg::Sum, value.clone(), None, command.span);
        // Rows without a number keep none.
        let shown = build::call(
            Func::If,
            vec![build::is_not_null(value), sum.0.clone(), null_of(&sum.0)],
            sum.0.ty,
            command.span,
        );
        finish(lowerer, &name, shown, vec![sum.1]);
        Ok(())
    },
};

pub(super) const DELTA: Command = Command {
    name: "delta",
    aliases: &[],
    syntax: "delta <field> [as <name>] [p=<n>]",
    help: "Adds the difference between a numeric field and its value n rows before (1).",
    example: "* | timechart span=1d count | delta count as change",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["p"]);
        let (fields, named) = split_at(&words, "as");
        let field = required(lowerer, fields.first(), "a field", command)?.clone();
        let rows = settings.count(lowerer, "p")?.unwrap_or(1);
        let name = match named.first() {
            Some(word) => word.text.clone(),
            None if rows == 1 => format!("delta({})", field.text),
            None => format!("delta({}, {rows})", field.text),
        };
        let value = build::to_number(lowerer.field(&field));
        let before = running(lowerer, Agg::Lag(rows), value.clone(), None, command.span);
        let ty = value.ty;
        let change = build::call(Func::Sub, vec![value, before.0], ty, command.span);
        finish(lowerer, &name, change, vec![before.1]);
        Ok(())
    },
};

pub(super) const AUTOREGRESS: Command = Command {
    name: "autoregress",
    aliases: &[],
    syntax: "autoregress <field> [as <name>] [p=<n> | p=<n>-<m>]",
    help: "Adds the values that a field had one or more rows before.",
    example: "* | timechart span=1d count | autoregress count p=1-3",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["p"]);
        let (fields, named) = split_at(&words, "as");
        let field = required(lowerer, fields.first(), "a field", command)?.clone();
        let (first, last) = steps(lowerer, settings.get("p"))?;
        for rows in first..=last {
            let name = match named.first() {
                Some(word) if first == last => word.text.clone(),
                _ => format!("{}_p{rows}", field.text),
            };
            let value = lowerer.field(&field);
            let before = running(lowerer, Agg::Lag(rows), value, None, command.span);
            finish(lowerer, &name, before.0, vec![before.1]);
        }
        Ok(())
    },
};

pub(super) const FILLDOWN: Command = Command {
    name: "filldown",
    aliases: &[],
    syntax: "filldown <field>, …",
    help: "Puts the last value before it where a field has none.",
    example: "* | timechart span=1h latest(user) as user | filldown user",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        required(lowerer, words.first(), "a field", command)?;
        for column in lowerer.columns(&words) {
            let last = running(lowerer, Agg::Last, column.expr, None, command.span);
            finish(lowerer, &column.name, last.0, vec![last.1]);
        }
        Ok(())
    },
};

/// Most rows that one command looks back.
const MOST_STEPS: u64 = 100;

/// `p=3`, `p=1-3`.
fn steps(lowerer: &mut Lowerer<'_>, word: Option<&Word>) -> Lower<(u64, u64)> {
    let Some(word) = word else { return Ok((1, 1)) };
    let (first, last) = word.text.split_once('-').unwrap_or((&word.text, &word.text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if 0 < first && first <= last && last - first < MOST_STEPS => Ok((first, last)),
        _ => lowerer.fail(
            "spl.number",
            format!("`{}` is not a number of rows, nor a range of them", word.text),
            word.span,
        ),
    }
}

fn field_and_name(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<(Word, String)> {
    let (_, words) = words(lowerer, arguments(command))?;
    let (fields, named) = split_at(&words, "as");
    let field = required(lowerer, fields.first(), "a field", command)?.clone();
    let name = named.first().map_or_else(|| field.text.clone(), |word| word.text.clone());
    Ok((field, name))
}

fn null_of(expr: &Expr) -> Expr {
    Expr { ty: expr.ty, ..build::null(expr.span) }
}

/// A running aggregate in a field of its own: the field, and its name.
pub(super) fn running(
    lowerer: &mut Lowerer<'_>,
    func: Agg,
    arg: Expr,
    preceding: Option<u64>,
    span: Span,
) -> (Expr, String) {
    let ty = match func {
        Agg::Avg | Agg::Smoothed(_) => Type::Float,
        Agg::Count => Type::Int,
        _ => arg.ty,
    };
    let name = lowerer.made_up("running");
    let aggregate = Aggregate { name: name.clone(), func, arg: Some(arg), filter: None, order: None, ty };
    let order = lowerer.scope.order.clone();
    let preceding = preceding.or(order.is_empty().then_some(u64::MAX));
    lowerer.push(Op::Window {
        by: Vec::new(),
        order,
        preceding,
        range: None,
        current: true,
        aggregates: vec![aggregate],
    });
    lowerer.unsettle_order();
    (build::field(&name, ty, span), name)
}

/// Makes the field, and removes what it was made from.
pub(super) fn finish(lowerer: &mut Lowerer<'_>, name: &str, value: Expr, gone: Vec<String>) {
    lowerer.settle_order();
    lowerer.extend(name, value);
    lowerer.push(Op::Remove { patterns: gone });
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn row_by_row() {
        check(
            "* | stats count by user | delta count as change",
            "aggregate 'count' = count() by 'user' = user_name
             window '__running_1' = lag 1('count') order 'user' auto rows all and current
             sort 'user' auto
             extend 'change' = 'count' - '__running_1'
             remove __running_1",
        );
        assert_eq!(columns("* | stats count by user | accum count as total"), ["user", "count", "total"]);
        assert_eq!(
            columns("* | stats count by user | autoregress count p=1-2"),
            ["user", "count", "count_p1", "count_p2"]
        );
        assert_eq!(columns("* | stats count by user | delta count p=2"), ["user", "count", "delta(count, 2)"]);
        assert_eq!(columns("* | stats latest(user) as u by awsRegion | filldown u"), ["awsRegion", "u"]);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | stats count | accum"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats count | autoregress count p=3-1"), ["spl.number"]);
        assert_eq!(codes("* | stats count | autoregress count p=1-1000000"), ["spl.number"]);
    }
}
