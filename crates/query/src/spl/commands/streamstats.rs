//! `streamstats`: running aggregates, row by row in the order they come.

use super::{Command, Grammar, statistics};
use crate::{pipeline::Op, spl::statistics::Settings};

const OPTIONS: &[&str] = &["window", "current", "global", "allnum"];

pub(super) const COMMAND: Command = Command {
    name: "streamstats",
    aliases: &[],
    syntax: "streamstats [current=<bool>] [window=<n>] <function>(<field>) [as <name>] … [by <field>, …]",
    help: "Adds running aggregates over the rows before (and with) each row.",
    example: "* | sort 0 _time | streamstats count as nth by user",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        for name in ["reset_on_change", "reset_before", "reset_after", "time_window"] {
            if let Some(setting) = statistics.settings.iter().find(|setting| setting.name.is(name)) {
                return lowerer.fail(
                    "spl.unsupported-option",
                    format!("the option `{name}` is not supported yet"),
                    setting.name.span,
                );
            }
        }
        let settings = Settings::of(lowerer, &statistics, OPTIONS);
        let window = settings.count(lowerer, "window")?.filter(|window| *window > 0);
        let current = settings.truth("current").unwrap_or(true);
        let aggregations = lowerer.aggregations(&statistics.aggregations, &[])?;
        let by = lowerer.keys(&statistics.by).into_iter().map(|named| named.expr).collect();
        let order = lowerer.scope.order.clone();
        if order.is_empty() {
            let help = "put a `sort` before it";
            let message = "`streamstats` goes row by row, and these rows have no order";
            let diagnostic =
                crate::diagnostic::Diagnostic::error("spl.no-order", message, command.name.span).with_help(help);
            return Err(lowerer.error(diagnostic));
        }
        let preceding = window.map(|window| if current { window - 1 } else { window });
        lowerer.window(aggregations, |aggregates| Op::Window {
            by,
            order,
            preceding,
            range: None,
            current,
            aggregates,
        });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn runs_in_the_order_of_rows() {
        check(
            "* | streamstats count as nth by user | table nth",
            "window 'nth' = count() by user_name order event_time desc rows all and current
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
    fn says_what_it_cannot() {
        assert_eq!(codes("* | streamstats time_window=5m count"), ["spl.unsupported-option"]);
        assert_eq!(codes("| inputlookup x | streamstats count"), ["spl.no-order"]);
    }
}
