//! `timeslice`: the time bucket that each message falls into.

use super::{
    super::{
        cursor::Cursor,
        expr, functions,
        lexer::Kind,
        lowering::{Lower, Lowerer, Slice},
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Literal, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "timeslice",
    aliases: &[],
    syntax: "timeslice [by] <span> [as <name>] | timeslice <n> buckets | timeslice",
    help: "Cuts the time range into slices of a width (`15m`), into so many of them, or into one; `_timeslice` is where a message's slice begins.",
    example: "* | timeslice 1h | count by _timeslice, eventName",
    parses: false,
    lower: |lowerer, cursor| {
        let slice = read(lowerer, cursor)?;
        // `by` may follow the width, too.
        let name = lowerer.alias(cursor)?.map_or_else(|| "_timeslice".to_owned(), |name| name.text);
        let span = cursor.span;
        let time = super::super::value::instant(lowerer.named("_messagetime", span));
        let start = match slice {
            Some(width) => functions::bin(lowerer, time, width, span),
            None => beginning(lowerer, time, span),
        };
        lowerer.extend(&name, start);
        lowerer.slice = Some(Slice { name, width: slice });
        Ok(())
    },
};

/// The width; none for one slice.
fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Option<i64>> {
    cursor.word("by");
    let Some(token) = cursor.peek().filter(|token| matches!(token.kind, Kind::Number | Kind::Text)) else {
        return if cursor.done() || cursor.is_word("as") { Ok(None) } else { lowerer.expected(cursor, "a time span") };
    };
    cursor.next();
    let many = cursor.word("buckets") || cursor.word("bucket");
    if let (true, Ok(count)) = (many, token.text.parse::<u64>()) {
        return buckets(lowerer, count, token.span).map(Some);
    }
    let unit =
        cursor.peek().filter(|next| token.text.bytes().all(|b| b.is_ascii_digit()) && next.kind == Kind::Word).cloned();
    let text = match unit.filter(|unit| !unit.is("as")) {
        Some(unit) => {
            cursor.next();
            format!("{}{}", token.text, unit.text)
        }
        None => token.text.clone(),
    };
    match expr::duration(&text).filter(|width| *width > 0) {
        Some(width) => Ok(Some(width)),
        None => {
            let diagnostic = Diagnostic::error("sumo.time-span", format!("`{text}` is not a time span"), token.span);
            Err(lowerer.error(diagnostic.with_help("write `5m`, `1h`, `1d`, or `10 buckets`")))
        }
    }
}

/// Widths that people count in.
const ROUND: &[&str] = &[
    "1s", "2s", "5s", "10s", "15s", "30s", "1m", "2m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "4h", "6h", "12h",
    "1d", "2d", "1w", "2w", "4w",
];

/// The round width that cuts the query's time range into about so many slices.
fn buckets(lowerer: &mut Lowerer<'_>, count: u64, span: Span) -> Lower<i64> {
    if count == 0 {
        return lowerer.fail("sumo.argument", "the number of buckets is at least 1", span);
    }
    let env = lowerer.env;
    let end = env.latest.unwrap_or(env.now);
    // Without a beginning nobody can say how wide: as for a month.
    let range = env.earliest.map_or(30 * 86_400_000_000, |start| end.saturating_sub(start)).max(1);
    let wanted = range / i64::try_from(count).unwrap_or(i64::MAX);
    let round = ROUND.iter().filter_map(|text| expr::duration(text)).find(|width| *width >= wanted);
    Ok(round.unwrap_or(wanted).max(1))
}

/// One slice: it begins where the range does, or with the first message.
fn beginning(lowerer: &mut Lowerer<'_>, time: Expr, span: Span) -> Expr {
    if let Some(start) = lowerer.env.earliest {
        return build::literal(Literal::Time(start), span);
    }
    let name = lowerer.made_up("start");
    let first = Lowerer::plain_aggregate(&name, Agg::Min, Some(time), Type::Time);
    lowerer.push(Op::Window {
        by: Vec::new(),
        order: Vec::new(),
        preceding: None,
        range: None,
        current: true,
        aggregates: vec![first],
    });
    lowerer.unsettle_order();
    build::field(&name, Type::Time, span)
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn slices() {
        check(
            "* | timeslice by 15m | count by _timeslice",
            "extend '_timeslice' = bin_time(event_time, 900000000)
             aggregate '_count' = count() by '_timeslice' = '_timeslice' keep-null
             sort '_timeslice'",
        );
        check(
            "* | timeslice 1 d as day | count by day",
            "extend 'day' = bin_time(event_time, 86400000000)
             aggregate '_count' = count() by 'day' = 'day' keep-null
             sort 'day'",
        );
        check(
            "* | timeslice 60 buckets | count by _timeslice",
            "extend '_timeslice' = bin_time(event_time, 43200000000)
             aggregate '_count' = count() by '_timeslice' = '_timeslice' keep-null
             sort '_timeslice'",
        );
        assert_eq!(errors("* | timeslice 1x"), ["sumo.time-span"]);
        assert_eq!(errors("* | timeslice 0 buckets"), ["sumo.argument"]);
        assert_eq!(errors("* | timeslice | count by _timeslice"), Vec::<String>::new());
    }
}
