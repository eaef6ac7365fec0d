//! `limit`: the first rows.

use super::Operator;
use crate::pipeline::Op;

pub(super) const OPERATOR: Operator = Operator {
    name: "limit",
    aliases: &[],
    syntax: "limit <n>",
    help: "The first so many rows.",
    example: "* | count by eventName | sort by _count | limit 10",
    parses: false,
    lower: |lowerer, cursor| {
        let Some(count) = cursor.count() else { return lowerer.expected(cursor, "a number of rows") };
        lowerer.settle_order();
        lowerer.push(Op::Limit { count, skip: 0 });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn first_rows() {
        check(
            "* | count by eventName | sort _count | limit 5",
            "aggregate '_count' = count() by 'eventName' = event_name keep-null
             sort '_count' desc
             limit 5",
        );
        assert_eq!(errors("* | limit x"), ["sumo.syntax"]);
    }
}
