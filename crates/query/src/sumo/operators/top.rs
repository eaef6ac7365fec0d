//! `top`: the rows with the largest values, or the most frequent values.

use super::{
    super::{
        cursor::{Cursor, Name},
        lexer::Kind,
        lowering::{Base, Lower, Lowerer},
    },
    Operator, aggregate, sort,
};
use crate::pipeline::{Agg, Op, SortKey, Type};
use crate::spl::build;

pub(super) const OPERATOR: Operator = Operator {
    name: "top",
    aliases: &[],
    syntax: "top <n> <field>, … [by <field> [asc], … | by <aggregate>]",
    help: "The first so many rows by a field, or by an aggregate; of messages without either, the most frequent values.",
    example: "* | count by user | top 10 user by _count, user asc",
    parses: false,
    lower: |lowerer, cursor| {
        let Some(count) = cursor.count() else { return lowerer.expected(cursor, "a number of rows") };
        let fields = lowerer.names(cursor)?;
        if !cursor.word("by") {
            frequent(lowerer, &fields);
        } else if is_aggregate(lowerer, cursor) {
            by_aggregate(lowerer, cursor, &fields)?;
        } else {
            let keys = sort::keys(lowerer, cursor)?;
            lowerer.order = keys;
            lowerer.pending = true;
        }
        lowerer.settle_order();
        lowerer.push(Op::Limit { count, skip: 0 });
        Ok(())
    },
};

/// `count`, `sum(x)`: but a field called `count` is a field.
fn is_aggregate(lowerer: &Lowerer<'_>, cursor: &Cursor<'_>) -> bool {
    let Some(token) = cursor.peek().filter(|token| token.kind == Kind::Word) else { return false };
    aggregate::begins(cursor) && lowerer.made(&token.text).is_none()
}

fn frequent(lowerer: &mut Lowerer<'_>, fields: &[Name]) {
    let by = lowerer.keys(fields);
    let count = match lowerer.base {
        // Counted rows are worth what they count.
        Base::Closed if lowerer.made("_count").is_some() => {
            let counted = lowerer.named("_count", build::null(crate::span::Span::default()).span);
            Lowerer::plain_aggregate("_approxcount", Agg::Sum, Some(build::to_int(counted)), Type::Int)
        }
        _ => Lowerer::plain_aggregate("_approxcount", Agg::Count, None, Type::Int),
    };
    lowerer.aggregate(by, vec![count]);
    largest_first(lowerer, "_approxcount");
}

fn by_aggregate(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, fields: &[Name]) -> Lower<()> {
    let before = lowerer.fields.len();
    aggregate::lower_by(lowerer, cursor, fields)?;
    debug_assert!(before > 0 || !lowerer.fields.is_empty());
    if let Some(made) = lowerer.fields.last().map(|made| made.name.clone()) {
        largest_first(lowerer, &made);
    }
    Ok(())
}

fn largest_first(lowerer: &mut Lowerer<'_>, name: &str) {
    let span = crate::span::Span::default();
    let expr = lowerer.named(name, span);
    let mut keys = vec![SortKey { expr, descending: true, numeric: false }];
    keys.append(&mut lowerer.order);
    lowerer.order = keys;
    lowerer.pending = true;
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn largest() {
        check(
            "* | top 5 eventName",
            "aggregate '_approxcount' = count() by 'eventName' = event_name keep-null
             sort '_approxcount' desc, 'eventName'
             limit 5",
        );
        check(
            "* | top 5 eventName by sum(bytesIn)",
            "aggregate '_sum' = sum(bytes_in) by 'eventName' = event_name keep-null
             sort '_sum' desc, 'eventName'
             limit 5",
        );
        check(
            "* | count as count by eventName | top 3 eventName by count, eventName asc",
            "aggregate 'count' = count() by 'eventName' = event_name keep-null
             sort 'count' desc, 'eventName'
             limit 3",
        );
    }
}
