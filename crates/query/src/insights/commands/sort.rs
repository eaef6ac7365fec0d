//! `sort`: rows in order. Numbers compare as numbers; texts that are none come before them, and rows without a value last.

use super::Command;
use crate::{
    insights::{
        ast::{self, Key, Verb},
        cursor::Cursor,
        lowering::Lowerer,
        parser,
    },
    pipeline::{Expr, ExprKind, Literal, Op, SortKey, Type},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "sort",
    syntax: "sort [by] expression [asc|desc], …",
    help: "Rows in order, ascending where nothing else is said. Texts come before numbers, rows without a value last.",
    example: "stats count(*) as calls by eventName | sort calls desc, eventName",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    cursor.eat_keyword("by");
    let mut keys = Vec::new();
    loop {
        let expr = parser::expr(cursor)?;
        let descending = cursor.eat_keyword("desc");
        if !descending {
            cursor.eat_keyword("asc");
        }
        keys.push(Key { expr, descending });
        if !cursor.eat(",") {
            return Some(Verb::Sort(keys));
        }
    }
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Sort(keys) = &command.verb else { return };
    let mut out = Vec::new();
    for key in keys {
        let value = lowerer.expr(&key.expr);
        let value = lowerer.bounded(value);
        // A field that is not there orders nothing.
        if !matches!(value.kind, ExprKind::Literal(Literal::Null)) {
            out.extend(sort_keys(value, key.descending));
        }
    }
    if !out.is_empty() {
        lowerer.ops.push(Op::Sort { keys: out.clone(), limit: None });
        lowerer.order = Some(out);
        lowerer.sorted = true;
    }
}

/// CloudWatch's order of mixed values: not numbers first, then numbers by size; the other way round where it is descending.
fn sort_keys(value: Expr, descending: bool) -> Vec<SortKey> {
    let key = |expr: Expr, descending: bool| SortKey { expr, descending, numeric: false };
    if !matches!(value.ty, Type::Text | Type::Any) || build::is_larger(&value, 50) {
        return vec![key(value, descending)];
    }
    let number = build::to_number(value.clone());
    vec![
        key(build::is_null(value.clone()), false),
        key(build::is_null(number.clone()), !descending),
        key(number, descending),
        key(value, descending),
    ]
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes};

    #[test]
    fn orders() {
        for (query, expected) in [
            ("sort @timestamp desc", "sort event_time desc"),
            ("sort by bytes, @timestamp asc", "sort bytes, event_time"),
            (
                "sort eventName desc",
                "sort is_null(event_name), is_null(to_number(event_name)), to_number(event_name) desc, event_name desc",
            ),
            (
                "stats count(*) as n by eventName | sort n desc",
                "aggregate 'n' = count() by 'eventName' = event_name keep-null\nsort 'n' desc",
            ),
        ] {
            check(query, expected);
        }
        assert_eq!(codes("stats count(*) as n by eventName | sort @timestamp desc"), ["insights.unknown-field"]);
        check(
            "stats count(*), pct(bytes, 95) by eventName | sort count() desc, pct(bytes,95)",
            "aggregate 'count(*)' = count(), 'pct(bytes, 95)' = percentile 95.0(bytes) by 'eventName' = event_name keep-null\nsort 'count(*)' desc, 'pct(bytes, 95)'",
        );
        assert_eq!(codes("stats count(*) as n by eventName | sort count(*)"), ["insights.misplaced-aggregate"]);
    }
}
