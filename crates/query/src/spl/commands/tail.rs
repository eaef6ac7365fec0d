//! `tail`: the last rows, last first.

use super::{Command, Grammar, arguments, words};
use crate::pipeline::{Op, SortKey};

pub(super) const COMMAND: Command = Command {
    name: "tail",
    aliases: &[],
    syntax: "tail [<n>]",
    help: "Keeps the last n rows (10), last first; of events these are the oldest.",
    example: "eventName=ConsoleLogin | tail 5 | table _time, user",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let count = match words.first().map(|word| (word.text.parse::<u64>(), word.span)) {
            None => 10,
            Some((Ok(count), _)) => count,
            Some((Err(_), span)) => return lowerer.fail("spl.number", "`tail` takes a whole number", span),
        };
        let turned: Vec<SortKey> =
            lowerer.scope.order.iter().map(|key| SortKey { descending: !key.descending, ..key.clone() }).collect();
        // The last rows of an order are the first of the order turned around.
        if turned.is_empty() {
            lowerer.push(Op::Tail { count });
        } else {
            lowerer.push(Op::Sort { keys: turned.clone(), limit: Some(count) });
        }
        lowerer.scope.order_by(turned, false);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn last_rows() {
        check("* | tail 5 | stats count", "sort event_time limit 5\naggregate 'count' = count()");
        check("| inputlookup x | tail", "lookup-file x\ntail 10");
        assert_eq!(codes("* | tail x"), ["spl.number"]);
    }
}
