//! `streamstats`: running aggregates, row by row in the order they come.

use super::{Command, Grammar, statistics};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Func, Op, SortKey, Type},
    span::Span,
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer, Reported},
        parser,
        source::Source,
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &[
    "window",
    "current",
    "global",
    "allnum",
    "time_window",
    "reset_on_change",
    "reset_before",
    "reset_after",
    "reset",
];

pub(super) const COMMAND: Command = Command {
    name: "streamstats",
    aliases: &[],
    syntax: "streamstats [current=<bool>] [window=<n>] [time_window=<span>] [reset_on_change=<bool>] [reset_before=(<condition>)] [reset_after=(<condition>)] <function>(<field>) [as <name>] … [by <field>, …]",
    help: "Adds running aggregates over the rows before (and with) each row, of so many rows or of a span of time; they may begin anew.",
    example: "* | sort 0 _time | streamstats time_window=10m count as burst by user",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        let settings = Settings::of(lowerer, &statistics, OPTIONS);
        let window = settings.count(lowerer, "window")?.filter(|window| *window > 0);
        let current = settings.truth("current").unwrap_or(true);
        let resets = resets(lowerer, &settings, &statistics.by, command.span)?;
        let aggregations = lowerer.aggregations(&statistics.aggregations, &[])?;
        let mut by: Vec<Expr> = lowerer.keys(&statistics.by).into_iter().map(|named| named.expr).collect();
        let keys = by.clone();
        by.extend(resets.iter().map(|name| build::field(name, Type::Int, command.span)));
        let range = match settings.get("time_window") {
            Some(word) => Some(range(lowerer, word)?),
            None => None,
        };
        let order = match range {
            Some(_) => vec![forwards(lowerer, command.name.span)?],
            None => lowerer.scope.order.clone(),
        };
        let preceding = match (range, window) {
            (Some(_), _) => None,
            (None, Some(window)) => Some(if current { window - 1 } else { window }),
            (None, None) => order.is_empty().then_some(u64::MAX),
        };
        lowerer.window(aggregations, &keys, |aggregates| Op::Window {
            by,
            order,
            preceding,
            range,
            current,
            aggregates,
        });
        if !resets.is_empty() {
            lowerer.push(Op::Remove { patterns: resets });
        }
        Ok(())
    },
};

fn range(lowerer: &mut Lowerer<'_>, word: &Word) -> Lower<i64> {
    let span = super::bin::time_span(lowerer, word)?;
    match span.micros() {
        Some(micros) => Ok(micros),
        None => lowerer.fail("spl.span", "a window of time has a fixed width: not months or years", word.span),
    }
}

/// The order that a window of time goes by: ascending time. Rows that come newest first are taken by time before now.
fn forwards(lowerer: &mut Lowerer<'_>, span: Span) -> Lower<SortKey> {
    let backwards = match lowerer.scope.order.first() {
        Some(key) if key.expr.ty == Type::Time => key.descending,
        _ => {
            let help = "put `sort 0 _time` before it";
            let message = "`time_window` needs rows in the order of time";
            return Err(lowerer.error(Diagnostic::error("spl.no-order", message, span).with_help(help)));
        }
    };
    let time = lowerer.scope.order[0].expr.clone();
    let expr = match backwards {
        false => time,
        true => build::to_time(build::call(Func::Neg, vec![build::to_number(time)], Type::Float, span)),
    };
    Ok(SortKey { expr, descending: false, numeric: false })
}

/// The field that tells one run of rows from the next, where there are resets: how many have been so far.
fn resets(lowerer: &mut Lowerer<'_>, settings: &Settings<'_>, by: &[Word], span: Span) -> Lower<Vec<String>> {
    let mut begins = Vec::new();
    if settings.truth("reset_on_change") == Some(true) {
        for word in by {
            let value = lowerer.field(word);
            let value = if value.ty == Type::List { build::first(value) } else { build::to_text(value) };
            let none = || build::text("", span);
            let (before, name) = super::running::running(lowerer, Agg::Lag(1), value.clone(), None, span);
            let present = build::coalesce(vec![value, none()], Type::Text, span);
            let before = build::coalesce(vec![before, none()], Type::Text, span);
            begins.push((build::call(Func::Ne, vec![present, before], Type::Bool, span), Some(name)));
        }
    }
    if let Some(word) = settings.get("reset_before") {
        begins.push((condition(lowerer, word)?, None));
    }
    if let Some(word) = settings.get("reset_after") {
        let after = build::is_true(condition(lowerer, word)?);
        let counted = build::call(Func::If, vec![after, build::int(1, span), build::int(0, span)], Type::Int, span);
        let (before, name) = super::running::running(lowerer, Agg::Lag(1), counted, None, span);
        begins.push((build::call(Func::Eq, vec![before, build::int(1, span)], Type::Bool, span), Some(name)));
    }
    if begins.is_empty() {
        return Ok(Vec::new());
    }
    let (conditions, mut made): (Vec<Expr>, Vec<Option<String>>) = begins.into_iter().unzip();
    let begins = build::is_true(build::any(conditions, span));
    let one = build::call(Func::If, vec![begins, build::int(1, span), build::int(0, span)], Type::Int, span);
    let (_, run) = super::running::running(lowerer, Agg::Sum, one, None, span);
    made.push(Some(run.clone()));
    let gone: Vec<String> = made.into_iter().flatten().filter(|name| *name != run).collect();
    if !gone.is_empty() {
        lowerer.push(Op::Remove { patterns: gone });
    }
    Ok(vec![run])
}

/// A condition in parentheses, given as an option's value.
fn condition(lowerer: &mut Lowerer<'_>, word: &Word) -> Lower<Expr> {
    let (ast, found) = parser::parse_expression(&Source::fixed(&word.text, word.span));
    for diagnostic in found {
        lowerer.error(diagnostic);
    }
    match ast {
        Some(ast) => lowerer.condition(&ast),
        None => Err(Reported),
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn runs_in_the_order_of_rows() {
        check(
            "* | streamstats count as nth by user | table nth",
            "window 'nth' = count() by user_name order event_time desc rows all and current
             extend 'nth' = if(is_not_null(user_name), 'nth', null)
             sort event_time desc
             project 'nth'",
        );
        check(
            "* | stats count by user | sort count | streamstats window=3 current=f avg(count) as before",
            "aggregate 'count' = count() by 'user' = user_name
             sort 'count', 'user' auto limit 10000
             window 'before' = avg('count') order 'count', 'user' auto rows 3 before current
             sort 'count', 'user' auto",
        );
    }

    #[test]
    fn windows_of_time() {
        check(
            "* | sort 0 _time | streamstats time_window=5m count as n by user | table n",
            "sort event_time
             window 'n' = count() by user_name order event_time range 300000000us and current
             extend 'n' = if(is_not_null(user_name), 'n', null)
             sort event_time
             project 'n'",
        );
        check(
            "* | streamstats time_window=1h dc(awsRegion) as n | table n",
            "window 'n' = distinct_count(aws_region) order to_time(neg(to_number(event_time))) range 3600000000us and current
             sort event_time desc
             project 'n'",
        );
        assert_eq!(codes("* | stats count by user | streamstats time_window=5m count"), ["spl.no-order"]);
        assert_eq!(codes("* | streamstats time_window=1mon count"), ["spl.span"]);
    }

    #[test]
    fn runs_begin_anew() {
        check(
            "* | sort 0 _time | streamstats reset_before=(eventName=\"ConsoleLogin\") count as n | table n",
            "sort event_time
             window '__running_1' = sum(if(is_true(event_name = \"ConsoleLogin\"), 1, 0)) order event_time rows all and current
             window 'n' = count() by '__running_1' order event_time rows all and current
             remove __running_1
             sort event_time
             project 'n'",
        );
        assert_eq!(codes("* | streamstats reset_on_change=t count by user"), [""; 0]);
        assert_eq!(codes("* | streamstats reset_after=(x=) count"), ["spl.syntax"]);
    }

    #[test]
    fn rows_without_an_order_are_taken_as_they_come() {
        check("| inputlookup x | streamstats count", "lookup-file x\nwindow 'count' = count() rows so far and current");
    }
}
