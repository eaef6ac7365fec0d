//! `reverse`: the last row first.

use super::{Command, Grammar};
use crate::pipeline::SortKey;

pub(super) const COMMAND: Command = Command {
    name: "reverse",
    aliases: &[],
    syntax: "reverse",
    help: "Turns the order of the rows around.",
    example: "errorCode=AccessDenied | reverse | table _time, user",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let order = std::mem::take(&mut lowerer.scope.order);
        if order.is_empty() {
            lowerer.warning("spl.no-order", "these rows have no order to turn around", command.name.span);
        }
        let reversed = order.into_iter().map(|key| SortKey { descending: !key.descending, ..key }).collect();
        lowerer.scope.order_by(reversed, true);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::check;

    #[test]
    fn turns_the_order() {
        check("* | reverse | table user", "sort event_time\nproject 'user' = user_name");
        check(
            "* | stats count by user | sort - count | reverse",
            "aggregate 'count' = count() by 'user' = user_name\nsort 'count' desc, 'user' auto limit 10000\nsort 'count', 'user' auto desc",
        );
    }
}
