//! `trendline`: moving averages over the rows: simple, exponential, weighted.

use super::{Command, Grammar, appendcols, arguments, running};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Func, Type},
    span::Span,
    spl::{
        ast::{Argument, Word},
        build,
        lowering::{Lower, Lowerer},
    },
};

/// Most rows of an average, as in Splunk.
const MOST_ROWS: u64 = 10_000;

pub(super) const COMMAND: Command = Command {
    name: "trendline",
    aliases: &[],
    syntax: "trendline (sma|ema|wma)<n>(<field>) [as <name>] …",
    help: "Adds moving averages over n rows: simple, exponential, weighted. The first n-1 rows have none.",
    example: "* | timechart span=1d count | trendline sma7(count) as week",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let mut arguments = arguments(command).iter().peekable();
        if arguments.peek().is_none() {
            return lowerer.fail(
                "spl.missing-argument",
                "`trendline` needs an average, e.g. `sma5(count)`",
                command.span,
            );
        }
        while let Some(argument) = arguments.next() {
            let Argument::Call { name, args } = argument else {
                return lowerer.fail("spl.syntax", "`trendline` takes averages, e.g. `sma5(count)`", argument.span());
            };
            let mut named = None;
            if arguments.next_if(|next| matches!(next, Argument::Word(word) if word.is("as"))).is_some() {
                named =
                    arguments.next().and_then(|next| if let Argument::Word(word) = next { Some(word) } else { None });
            }
            let [field] = args.as_slice() else {
                return lowerer.fail("spl.syntax", "an average is of one field", argument.span());
            };
            let output = named.map_or_else(|| format!("{}({})", name.text, field.text), |word| word.text.clone());
            average(lowerer, name, field, &output)?;
        }
        Ok(())
    },
};

fn average(lowerer: &mut Lowerer<'_>, name: &Word, field: &Word, output: &str) -> Lower<()> {
    let lower = name.text.to_ascii_lowercase();
    let kind = ["sma", "ema", "wma"].into_iter().find(|kind| lower.starts_with(kind));
    let rows = lower.get(3..).and_then(|rows| rows.parse::<u64>().ok()).filter(|rows| (2..=MOST_ROWS).contains(rows));
    let (Some(kind), Some(rows)) = (kind, rows) else {
        let message = format!("`{}` is not a moving average", name.text);
        let help = "write `sma<n>`, `ema<n>` or `wma<n>` with n from 2 to 10000";
        return Err(lowerer.error(Diagnostic::error("spl.unknown-function", message, name.span).with_help(help)));
    };
    let span = name.span;
    let value = build::to_number(lowerer.field(field));
    let place = appendcols::number(lowerer);
    let at = build::field(&place, Type::Int, span);
    let mut gone = vec![place];
    let mean = match kind {
        "sma" => {
            let (mean, name) = running::running(lowerer, Agg::Avg, value, Some(rows - 1), span);
            gone.push(name);
            mean
        }
        "ema" => {
            #[allow(clippy::cast_precision_loss)]
            let factor = 2.0 / (rows as f64 + 1.0);
            let (mean, name) = running::running(lowerer, Agg::Smoothed(factor), value, None, span);
            gone.push(name);
            mean
        }
        _ => weighted(lowerer, value, &at, rows, &mut gone, span),
    };
    let full = build::call(Func::Ge, vec![at, whole(rows, span)], Type::Bool, span);
    let none = Expr { ty: Type::Float, ..build::null(span) };
    let shown = build::call(Func::If, vec![full, mean, none], Type::Float, span);
    running::finish(lowerer, output, shown, gone);
    Ok(())
}

fn whole(number: u64, span: Span) -> Expr {
    build::int(i64::try_from(number).unwrap_or(i64::MAX), span)
}

/// The newest of n values counts n times, the one before n-1 times, and so on. With r for a row's place, the value of place
/// r counts r-(R-n) times at place R: so two sums over the window are enough, of the values and of place times value.
fn weighted(lowerer: &mut Lowerer<'_>, value: Expr, at: &Expr, rows: u64, gone: &mut Vec<String>, span: Span) -> Expr {
    let by_place = build::call(Func::Mul, vec![value.clone(), at.clone()], Type::Float, span);
    let (sum, first) = running::running(lowerer, Agg::Sum, value, Some(rows - 1), span);
    let (placed, second) = running::running(lowerer, Agg::Sum, by_place, Some(rows - 1), span);
    gone.extend([first, second]);
    let start = build::call(Func::Sub, vec![at.clone(), whole(rows, span)], Type::Int, span);
    let before = build::call(Func::Mul, vec![sum, start], Type::Float, span);
    let weighted = build::call(Func::Sub, vec![placed, before], Type::Float, span);
    let weights = whole(rows * (rows + 1) / 2, span);
    build::call(Func::Div, vec![weighted, weights], Type::Float, span)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn moving_averages() {
        let ir = rendered("* | timechart span=1d count | trendline sma3(count) as s ema5(count) wma4(count)");
        assert!(ir.contains("avg('count') order '_time' rows 2 and current"), "{ir}");
        assert!(ir.contains("smoothed 0.3333333333333333('count')"), "{ir}");
        assert_eq!(
            columns("* | timechart span=1d count | trendline sma3(count) as s ema5(count) wma4(count)"),
            ["_time", "count", "s", "ema5(count)", "wma4(count)"]
        );
        assert_eq!(codes("* | timechart count | trendline foo3(count)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | timechart count | trendline sma1(count)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | timechart count | trendline count"), ["spl.syntax"]);
    }
}
