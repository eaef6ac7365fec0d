//! `timewrap`: a period beside the ones before it: each becomes a series over the time of the latest.

use super::{Command, Grammar, arguments, bin, chart, required, untable, words};
use crate::{
    pipeline::{Expr, Func, Pivot, Type},
    span::Span,
    spl::{
        build,
        lowering::Lowerer,
        scope::Base,
        statistics::Settings,
        time::{DAY, SECOND},
    },
};

const OPTIONS: &[&str] = &["align", "series", "time_format"];

const HOUR: i64 = 3600 * SECOND;
const MINUTE: i64 = 60 * SECOND;

const UNITS: [(i64, &str); 5] =
    [(7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")];

pub(super) const COMMAND: Command = Command {
    name: "timewrap",
    aliases: &[],
    syntax: "timewrap <period>",
    help: "After timechart: a series for each period (1d, 1w), over the time of the latest one, to compare days or weeks.",
    example: "earliest=-7d@d | timechart span=1h count | timewrap 1d",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        let span = command.span;
        for option in ["series", "time_format"] {
            if let Some(word) = settings.get(option).filter(|word| !word.is("relative")) {
                let message = format!("`{option}` is passed over: periods are named relative to the latest");
                lowerer.warning("spl.ignored-option", message, word.span);
            }
        }
        let word = required(lowerer, words.first(), "a period such as 1d", command)?.clone();
        let period = bin::time_span(lowerer, &word)?;
        if lowerer.scope.base == Base::Events || lowerer.scope.made("_time").is_none() {
            let message = "`timewrap` needs rows over time: put `timechart` before it";
            return lowerer.fail("spl.unsupported-syntax", message, span);
        }
        let Some(micros) = period.micros().filter(|micros| *micros > 0) else {
            let message = "periods of months are not of one length: wrap by weeks or days";
            return lowerer.fail("spl.unsupported-option", message, word.span);
        };
        let now = settings.get("align").is_some_and(|word| word.is("now"));
        let latest = lowerer.scan.latest.or(lowerer.env.latest).filter(|_| !now).unwrap_or(lowerer.env.now);
        lowerer.settle_order();
        untable::cells(lowerer, ("_time", Type::Time), ("__name", "__value"), Vec::new());
        let seconds = build::to_number(build::field("_time", Type::Time, span));
        wrap(lowerer, micros, latest, &seconds, span);
        let (rows, values) = (vec!["_time".to_owned()], vec!["__cell".to_owned()]);
        let column = Some("__series".to_owned());
        let (limit, other, null, grid, zero) = (None, None, None, None, false);
        chart::pivot(lowerer, Pivot { rows, column, values, limit, other, null, grid, zero });
        Ok(())
    },
};

/// How many periods ago a row is, its time moved into the latest one, its series' name.
fn wrap(lowerer: &mut Lowerer<'_>, micros: i64, latest: i64, seconds: &Expr, span: Span) {
    let number = |func, a: Expr, b: Expr| build::call(func, vec![a, b], Type::Float, span);
    #[allow(clippy::cast_precision_loss)]
    let (width, end) = (build::float(micros as f64 / 1e6, span), build::float(latest as f64 / 1e6, span));
    let ago = number(Func::Div, number(Func::Sub, end, seconds.clone()), width.clone());
    // A period holds its beginning, not its end.
    let ago = number(Func::Sub, build::call(Func::Ceil, vec![ago], Type::Float, span), build::float(1.0, span));
    let ago = number(Func::Greatest, ago, build::float(0.0, span));
    lowerer.extend("__ago", ago);
    let ago = build::field("__ago", Type::Float, span);
    let is = |count: i64| build::call(Func::Eq, vec![ago.clone(), build::int(count, span)], Type::Bool, span);
    let (size, unit) = UNITS.into_iter().find(|(size, _)| micros % size == 0).unwrap_or(UNITS[4]);
    let unit = match micros / size {
        1 => unit.to_owned(),
        count => format!("{count}{unit}s"),
    };
    let text = |text: String| build::text(text, span);
    let count = build::to_text(build::to_int(ago.clone()));
    let many = build::call(Func::Concat, vec![count, text(format!("{unit}s_before"))], Type::Text, span);
    let earlier = build::call(Func::If, vec![is(1), text(format!("1{unit}_before")), many], Type::Text, span);
    let suffix = build::call(Func::If, vec![is(0), text(format!("latest_{unit}")), earlier], Type::Text, span);
    let name = vec![build::field("__name", Type::Text, span), build::text("_", span), suffix];
    lowerer.extend("__series", build::call(Func::Concat, name, Type::Text, span));
    lowerer.extend("__cell", build::to_number(build::field("__value", Type::Text, span)));
    let moved = number(Func::Add, seconds.clone(), number(Func::Mul, ago, width));
    lowerer.extend("_time", build::call(Func::ToTime, vec![moved], Type::Time, span));
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, rendered};

    #[test]
    fn periods_become_series() {
        let ir = rendered("earliest=-7d@d | timechart span=1h count | timewrap 1d");
        assert!(ir.contains("\"latest_day\"") && ir.contains("\"days_before\""), "{ir}");
        assert!(ir.contains("pivot rows _time values __cell column '__series'"), "{ir}");
        assert!(rendered("* | timechart span=1h count by user | timewrap 2w").contains("\"latest_2weeks\""));
        for (query, code) in [
            ("* | timewrap 1d", "spl.unsupported-syntax"),
            ("* | stats count by user | timewrap 1d", "spl.unsupported-syntax"),
            ("* | timechart count | timewrap", "spl.missing-argument"),
            ("* | timechart count | timewrap 1mon", "spl.unsupported-option"),
            ("* | timechart count | timewrap 1d series=exact", "spl.ignored-option"),
        ] {
            assert_eq!(codes(query), [code], "{query}");
        }
    }
}
