//! `diff`: the patterns of the messages, and how many there were in an earlier range of time as long as this one.

use chrono::{DateTime, Months, Utc};

use super::Command;
use super::pattern::{aggregate, made, patterns, severity};
use crate::{
    cloudwatch,
    insights::{
        ast::{self, Verb, Word},
        cursor::Cursor,
        lowering::{Lowerer, Shown},
    },
    pipeline::{Agg, Expr, Func, Item, Named, Op, Pipeline, SortKey, Type},
    span::Span,
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "diff",
    syntax: "diff [previousDay | previousWeek | previousMonth]",
    help: "Compares with the range of time before, or a day, week or month earlier. Gives the patterns of the messages (or of the field that `pattern` named) with @sampleCount, @previousCount, @difference, @differenceDescription and @severityLabel, largest change first.",
    example: "SOURCE \"aws-cloudtrail-logs\" START=-86400s | filter ispresent(errorCode) | pattern errorMessage | diff previousWeek",
    parse,
    lower,
};

const DAY: i64 = 86_400_000_000;
const NOW: &str = "@sampleCount";
const BEFORE: &str = "@previousCount";

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    cursor.skip();
    let at = cursor.at;
    let length = cursor.rest().find(|c: char| !c.is_alphanumeric()).unwrap_or(cursor.rest().len());
    let text = cursor.rest()[..length].to_owned();
    cursor.at += length;
    Some(Verb::Diff((length > 0).then(|| Word { text, span: cursor.span(at) })))
}

/// How an instant is moved to the earlier time.
#[derive(Clone, Copy)]
enum Back {
    Micros(i64),
    Month,
}

impl Back {
    fn of(self, instant: i64) -> i64 {
        match self {
            Self::Micros(micros) => instant.saturating_sub(micros),
            Self::Month => DateTime::<Utc>::from_timestamp_micros(instant)
                .and_then(|time| time.checked_sub_months(Months::new(1)))
                .map_or(instant, |time| time.timestamp_micros()),
        }
    }
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Diff(word) = &command.verb else { return };
    let span = command.span;
    let patterned = lowerer.made.iter().any(|made| made.name == "@pattern") && matches!(lowerer.shown, Shown::Made);
    if lowerer.closed && !patterned {
        return lowerer.error("insights.unsupported", "`diff` compares messages, or the rows of `pattern`", span);
    }
    let latest = lowerer.scan.latest.or(lowerer.env.latest).unwrap_or(lowerer.env.now);
    let Some(earliest) = lowerer.scan.earliest.or(lowerer.env.earliest) else {
        let message = "`diff` needs a range of time: say when the query begins";
        return lowerer.error("insights.time", message, span);
    };
    let Some(back) = back(lowerer, word.as_ref(), latest - earliest) else { return };
    if lowerer.ops.iter().any(|op| matches!(op, Op::Union { .. })) {
        return lowerer.error("insights.too-complex", "a query can have one `diff`", span);
    }
    if !patterned {
        patterns(lowerer, cloudwatch::raw(span), span);
    }
    let mut scan = lowerer.scan.clone();
    scan.earliest = Some(back.of(earliest));
    scan.latest = Some(back.of(latest));
    let mut ops = lowerer.ops.clone();
    ops.push(counted(false, span));
    lowerer.ops.push(counted(true, span));
    lowerer.ops.push(Op::Union { right: Box::new(Pipeline { scan, ops }) });
    compared(lowerer, span);
}

fn back(lowerer: &mut Lowerer<'_>, word: Option<&Word>, length: i64) -> Option<Back> {
    let Some(word) = word else { return Some(Back::Micros(length)) };
    Some(match word.text.to_ascii_lowercase().as_str() {
        "previousday" => Back::Micros(DAY),
        "previousweek" => Back::Micros(7 * DAY),
        "previousmonth" => Back::Month,
        _ => {
            let message =
                format!("`{}` is no option of `diff`: previousDay, previousWeek, previousMonth are", word.text);
            lowerer.error("insights.option", message, word.span);
            return None;
        }
    })
}

/// The pattern and its two counts, of which one is this row's and the other 0.
fn counted(now: bool, span: Span) -> Op {
    let field = |name: &str, ty| build::field(name, ty, span);
    let (first, second) =
        if now { (field(NOW, Type::Int), build::int(0, span)) } else { (build::int(0, span), field(NOW, Type::Int)) };
    let named = |name: &str, expr: Expr| Item::Named(Named { name: name.to_owned(), expr });
    Op::Project {
        items: vec![named("@pattern", field("@pattern", Type::Text)), named(NOW, first), named(BEFORE, second)],
    }
}

fn compared(lowerer: &mut Lowerer<'_>, span: Span) {
    let int = |name: &str| build::field(name, Type::Int, span);
    let by = vec![Named { name: "@pattern".to_owned(), expr: build::field("@pattern", Type::Text, span) }];
    let aggregates = [NOW, BEFORE].map(|name| aggregate(name, Agg::Sum, Some(int(name)), Type::Int)).to_vec();
    lowerer.ops.push(Op::Aggregate { by, aggregates, keep_null: false });
    lowerer.made = vec![made("@pattern", Type::Text), made(NOW, Type::Int), made(BEFORE, Type::Int)];
    let difference = build::call(Func::Sub, vec![int(NOW), int(BEFORE)], Type::Int, span);
    lowerer.extend("@difference", difference);
    let zero = |name: &str| build::call(Func::Eq, vec![int(name), build::int(0, span)], Type::Bool, span);
    let greater = build::call(Func::Gt, vec![int("@difference"), build::int(0, span)], Type::Bool, span);
    let words = [(zero(BEFORE), "new"), (zero(NOW), "gone"), (zero("@difference"), "unchanged"), (greater, "more")];
    let described = words.into_iter().rev().fold(build::text("fewer", span), |otherwise, (condition, word)| {
        build::call(Func::If, vec![condition, build::text(word, span), otherwise], Type::Text, span)
    });
    lowerer.extend("@differenceDescription", described);
    lowerer.extend("@severityLabel", severity(span));
    let size = lowerer.made_up("size");
    lowerer.extend(&size, build::call(Func::Abs, vec![int("@difference")], Type::Int, span));
    let key = |name: &str, ty, descending| SortKey { expr: build::field(name, ty, span), descending, numeric: false };
    let keys = vec![key(&size, Type::Int, true), key("@pattern", Type::Text, false)];
    lowerer.ops.push(Op::Sort { keys: keys.clone(), limit: None });
    lowerer.order = Some(keys);
    lowerer.sorted = true;
    lowerer.shown = Shown::Made;
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, columns};

    const COLUMNS: [&str; 6] =
        ["@pattern", "@sampleCount", "@previousCount", "@difference", "@differenceDescription", "@severityLabel"];

    #[test]
    fn what_it_gives_and_refuses() {
        let source = "SOURCE \"aws-cloudtrail-logs\" START=-86400s";
        assert_eq!(columns(&format!("{source} | fields @message | diff")), COLUMNS);
        assert_eq!(columns(&format!("{source} | pattern errorMessage | diff previousDay")), COLUMNS);
        assert_eq!(codes(&format!("{source} | diff yesterday")), ["insights.option"]);
        assert_eq!(codes(&format!("{source} | stats count(*) by eventName | diff")), ["insights.unsupported"]);
        assert_eq!(codes(&format!("{source} | diff | diff")), ["insights.too-complex"]);
    }
}
