//! `limit`: the first so many rows. Without it a query gives 10,000.

use super::Command;
use crate::{
    diagnostic::Diagnostic,
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        lowering::Lowerer,
    },
    pipeline::Op,
};

/// Most rows that CloudWatch gives.
const MOST: u64 = 100_000;

pub(super) const COMMAND: Command = Command {
    name: "limit",
    syntax: "limit count  or  limit any count",
    help: "The first so many rows, newest events first where there is no `sort`; with `any` whichever come first. Without a limit a query gives 10,000 rows.",
    example: "filter eventName = \"ConsoleLogin\" | limit 20",
    parse,
    lower,
};

pub(super) const HEAD: Command = Command {
    name: "head",
    syntax: "head count",
    help: "An older name of `limit`.",
    example: "filter eventName = \"ConsoleLogin\" | head 20",
    ..COMMAND
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    // Any rows will do: the newest are as good as others.
    cursor.eat_keyword("any");
    cursor.skip();
    let start = cursor.at;
    let count = cursor.number().and_then(|(_, text)| text.parse::<u64>().ok());
    let Some(count) = count else {
        cursor.at = start;
        let span = cursor.next_word();
        return cursor.error("insights.limit", "`limit` is followed by a whole number", span, "");
    };
    if count > MOST {
        let message = format!("CloudWatch gives {MOST} rows at most");
        let span = cursor.span(start);
        cursor.report(Diagnostic::warning("insights.limit", message, span));
    }
    Some(Verb::Limit(count))
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Limit(count) = &command.verb else { return };
    lowerer.settle_order();
    lowerer.ops.push(Op::Limit { count: *count, skip: 0 });
    lowerer.limited = true;
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, rendered};

    #[test]
    fn limits() {
        for (query, limit) in [
            ("fields eventName", "limit 10000"),
            ("fields eventName | limit 5", "limit 5"),
            ("fields eventName | limit any 5", "limit 5"),
            ("fields eventName | head 5", "limit 5"),
        ] {
            let expected = format!("sort event_time desc\n{limit}\nproject 'eventName' = event_name\n");
            assert_eq!(rendered(query), format!("scan cloudtrail\n{expected}"), "{query}");
        }
        assert_eq!(codes("limit x"), ["insights.limit"]);
        assert_eq!(codes("limit 200000"), ["insights.limit"]);
    }
}
