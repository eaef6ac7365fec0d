//! `bin`: puts times or numbers into buckets.

use super::{Command, Grammar, arguments, split_at, words};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
        time,
    },
};

const OPTIONS: &[&str] = &["span", "bins", "minspan", "start", "end", "aligntime"];

pub(super) const COMMAND: Command = Command {
    name: "bin",
    aliases: &["bucket", "discretize"],
    syntax: "bin [span=<width>] [<field>] [as <name>]",
    help: "Replaces a time or number by the start of its bucket; _time unless a field is named.",
    example: "* | bin _time span=1h | stats count by _time, user",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        let (fields, name) = split_at(&words, "as");
        let time = Word { text: "_time".to_owned(), span: command.name.span, quoted: false };
        let field = fields.first().unwrap_or(&time);
        let value = lowerer.field(field);
        let binned = binned(lowerer, value, settings.get("span"), command.span)?;
        lowerer.extend(name.first().map_or(field.text.as_str(), |word| word.text.as_str()), binned);
        Ok(())
    },
};

/// The start of the bucket that a value falls into.
pub(super) fn binned(lowerer: &mut Lowerer<'_>, value: Expr, width: Option<&Word>, span: Span) -> Lower<Expr> {
    let as_time = value.ty == Type::Time;
    match width {
        None if as_time => Ok(lowerer.bin_time(value, super::timechart::default_span(lowerer), span)),
        None => {
            let help = "write a width, e.g. `bin span=100 field`";
            let diagnostic =
                Diagnostic::error("spl.missing-argument", "buckets of a number need a `span`", span).with_help(help);
            Err(lowerer.error(diagnostic))
        }
        Some(word) if as_time => {
            let width = time_span(lowerer, word)?;
            Ok(lowerer.bin_time(value, width, span))
        }
        Some(word) => numbers(lowerer, value, word, span),
    }
}

/// A number's bucket; a width in time units says that the numbers are times.
fn numbers(lowerer: &mut Lowerer<'_>, value: Expr, word: &Word, span: Span) -> Lower<Expr> {
    if let Some(width) = build::parse_number(&word.text).filter(|width| *width > 0.0) {
        let args = vec![build::to_number(value), build::number(width, word.span)];
        return Ok(build::call(Func::BinNumber, args, Type::Float, span));
    }
    let width = time_span(lowerer, word)?;
    let time = build::to_time(value);
    Ok(lowerer.bin_time(time, width, span))
}

/// A width such as `5m`.
pub(crate) fn time_span(lowerer: &mut Lowerer<'_>, word: &Word) -> Lower<time::Span> {
    match time::Span::parse(&word.text) {
        Some(span) => Ok(span),
        None => {
            let message = format!("`{}` is not a span of time", word.text);
            let diagnostic = Diagnostic::error("spl.span", message, word.span)
                .with_help("write `10s`, `5m`, `1h`, `1d`, `1w` or `1mon`");
            Err(lowerer.error(diagnostic))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, check_in, codes};

    #[test]
    fn times() {
        check(
            "* | bin _time span=1h | stats count by _time",
            "extend '_time' = bin_time(event_time, 3600000000)\naggregate 'count' = count() by '_time' = '_time'\nsort '_time'",
        );
        check(
            "* | bin span=1s | stats count",
            "extend '_time' = bin_time(event_time, 1000000)\naggregate 'count' = count()",
        );
        check(
            "* | bucket _time as t span=10m | stats count",
            "extend 't' = bin_time(event_time, 600000000)\naggregate 'count' = count()",
        );
        check(
            "* | bin span=1mon _time | stats count",
            "extend '_time' = relative_time(event_time, \"@mon\")\naggregate 'count' = count()",
        );
        check(
            "* | bin span=1w@w1 _time | stats count",
            "extend '_time' = bin_time(event_time, 604800000000, 345600000000)\naggregate 'count' = count()",
        );
    }

    #[test]
    fn days_begin_at_local_midnight() {
        check_in(
            "+09:00",
            "* | bin span=1d _time | stats count",
            "extend '_time' = bin_time(event_time, 86400000000, -32400000000)\naggregate 'count' = count()",
        );
        check_in(
            "+09:00",
            "* | bin span=1mon _time | stats count",
            "extend '_time' = to_time(to_number(relative_time(to_time(to_number(event_time) + 32400), \"@mon\")) - 32400)
             aggregate 'count' = count()",
        );
    }

    #[test]
    fn numbers() {
        check(
            "* | bin span=100 bytesIn | stats count",
            "extend 'bytesIn' = bin_number(bytes_in, 100)\naggregate 'count' = count()",
        );
        check(
            "* | eval g=_time-1 | bin span=1h g | stats count",
            "extend 'g' = to_number(event_time) - 1, 'g' = bin_time(to_time('g'), 3600000000)\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | bin bytesIn"), ["spl.missing-argument"]);
        assert_eq!(codes("* | bin span=soon _time"), ["spl.span"]);
    }
}
