//! `convert`: times to text and back, texts to numbers.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::{
        ast::{Argument, Word},
        build,
        functions::local_text,
        lowering::{Lower, Lowerer},
        wildcard,
    },
};

/// How `ctime` writes and `mktime` reads where no `timeformat` is given.
const TIME_FORMAT: &str = "%m/%d/%Y %H:%M:%S";

pub(super) const COMMAND: Command = Command {
    name: "convert",
    aliases: &[],
    syntax: "convert [timeformat=\"<format>\"] <function>(<field>) [as <name>] …",
    help: "Converts fields: ctime (time to text), mktime (text to time), num, auto, rmcomma, rmunit, dur2sec.",
    example: "* | stats min(_time) as first by user | convert timeformat=\"%F %T\" ctime(first)",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let mut format = Word { text: TIME_FORMAT.to_owned(), span: command.span, quoted: true };
        let mut arguments = arguments(command).iter().peekable();
        while let Some(argument) = arguments.next() {
            match argument {
                Argument::Setting(setting) if setting.name.is("timeformat") => format = setting.value.clone(),
                Argument::Call { name, args } => {
                    let mut output = None;
                    if arguments.next_if(|next| matches!(next, Argument::Word(word) if word.is("as"))).is_some() {
                        output = arguments
                            .next()
                            .and_then(|next| if let Argument::Word(word) = next { Some(word) } else { None });
                    }
                    for field in args {
                        convert(lowerer, name, field, output, &format)?;
                    }
                }
                other => {
                    return lowerer.fail(
                        "spl.syntax",
                        "`convert` takes functions, e.g. `ctime(firstTime)`",
                        other.span(),
                    );
                }
            }
        }
        Ok(())
    },
};

fn convert(
    lowerer: &mut Lowerer<'_>,
    function: &Word,
    field: &Word,
    output: Option<&Word>,
    format: &Word,
) -> Lower<()> {
    let names = if field.text.contains('*') { lowerer.expand(&field.text) } else { vec![field.text.clone()] };
    for name in names {
        let value = lowerer.name(&name, field.span);
        let Some(converted) = converted(lowerer, function, value, format)? else { continue };
        let to = match output {
            Some(output) => wildcard::captures(&field.text, &name)
                .map_or(output.text.clone(), |captures| wildcard::fill(&output.text, &captures)),
            None => name,
        };
        lowerer.extend(&to, converted);
    }
    Ok(())
}

/// The converted value; none for `none(field)`, which leaves it alone.
fn converted(lowerer: &mut Lowerer<'_>, function: &Word, value: Expr, format: &Word) -> Lower<Option<Expr>> {
    let span = function.span;
    let pattern = build::text(format.text.clone(), format.span);
    let without = |value: Expr, regex: &str| {
        let args = vec![build::to_text(value), build::text(regex, span), build::text("", span)];
        build::call(Func::RegexReplace, args, Type::Text, span)
    };
    Ok(Some(match function.text.to_ascii_lowercase().as_str() {
        "ctime" => local_text(lowerer.zone, lowerer.env.now, build::to_time(value), pattern, span),
        "mktime" if value.ty == Type::Time => value,
        "mktime" => build::call(Func::Strptime, vec![build::to_text(value), pattern], Type::Time, span),
        "num" | "auto" => build::to_number(value),
        "rmcomma" => build::to_number(without(value, ",")),
        "rmunit" => build::to_number(without(value, "[^0-9.eE+-]+$")),
        "dur2sec" => duration(value, span),
        "none" => return Ok(None),
        other => {
            let message = format!("`convert` has no function `{other}`");
            return lowerer.fail("spl.unknown-function", message, span);
        }
    }))
}

/// `[D+]HH:MM:SS` as seconds.
fn duration(value: Expr, span: crate::span::Span) -> Expr {
    let text = build::to_text(value);
    let part = |group: &str, each: i64| {
        let regex = build::text(r"^(?:(?<d>\d+)\+)?(?<h>\d+):(?<m>\d+):(?<s>[\d.]+)$", span);
        let found =
            build::call(Func::RegexExtract, vec![text.clone(), regex, build::text(group, span)], Type::Text, span);
        let number = build::coalesce(vec![build::to_number(found), build::int(0, span)], Type::Float, span);
        build::call(Func::Mul, vec![number, build::int(each, span)], Type::Float, span)
    };
    let add = |a: Expr, b: Expr| build::call(Func::Add, vec![a, b], Type::Float, span);
    add(add(part("d", 86_400), part("h", 3600)), add(part("m", 60), part("s", 1)))
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, check_in, codes};

    #[test]
    fn times_to_text() {
        check(
            "* | stats min(_time) as firstTime | convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime(firstTime)",
            "aggregate 'firstTime' = min(event_time)
             extend 'firstTime' = strftime('firstTime', \"%Y-%m-%dT%H:%M:%S\")",
        );
        check(
            "* | stats min(_time) as aTime max(_time) as bTime | convert ctime(*Time) AS *",
            "aggregate 'aTime' = min(event_time), 'bTime' = max(event_time)
             extend 'a' = strftime('aTime', \"%m/%d/%Y %H:%M:%S\"), 'b' = strftime('bTime', \"%m/%d/%Y %H:%M:%S\")",
        );
        check(
            "| inputlookup seen | convert ctime(first)",
            "lookup-file seen
             extend 'first' = strftime(coalesce(to_time(to_number('first')), to_time('first')), \"%m/%d/%Y %H:%M:%S\")",
        );
        check_in(
            "+09:00",
            "* | stats max(_time) as t | convert timeformat=\"%T%z\" ctime(t)",
            "aggregate 't' = max(event_time)\nextend 't' = strftime(to_time(to_number('t') + 32400), \"%T+0900\")",
        );
    }

    #[test]
    fn texts_to_numbers_and_times() {
        check(
            "* | convert num(awsRegion) as n | stats count",
            "extend 'n' = to_number(aws_region)\naggregate 'count' = count()",
        );
        check(
            "* | convert mktime(awsRegion) | stats count",
            "extend 'awsRegion' = strptime(aws_region, \"%m/%d/%Y %H:%M:%S\")\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | convert nosuch(user)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | convert user"), ["spl.syntax"]);
    }
}
