//! `eventstats`: adds to each row what `stats` says of its group.

use super::{Command, Grammar, statistics};
use crate::{pipeline::Op, spl::statistics::Settings};

pub(super) const COMMAND: Command = Command {
    name: "eventstats",
    aliases: &[],
    syntax: "eventstats <function>(<field>) [as <name>] … [by <field>, …]",
    help: "Adds the aggregates of each row's group to the row.",
    example: "* | stats count by user | eventstats avg(count) as mean stdev(count) as spread",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        Settings::of(lowerer, &statistics, &["allnum"]);
        let aggregations = lowerer.aggregations(&statistics.aggregations, &[])?;
        let by: Vec<_> = lowerer.keys(&statistics.by).into_iter().map(|named| named.expr).collect();
        let keys = by.clone();
        lowerer.window(aggregations, &keys, |aggregates| Op::Window {
            by,
            order: Vec::new(),
            preceding: None,
            range: None,
            current: true,
            aggregates,
        });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::check;

    #[test]
    fn adds_to_rows() {
        check(
            "* | stats count by user | eventstats avg(count) as mean by user | where count > mean",
            "aggregate 'count' = count() by 'user' = user_name
             window 'mean' = avg('count') by 'user'
             filter 'count' > 'mean'
             sort 'user' auto",
        );
    }
}
