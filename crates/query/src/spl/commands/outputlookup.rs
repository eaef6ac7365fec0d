//! `outputlookup`: in Splunk writes the rows to a lookup file; here they pass on, unwritten.

use super::{Command, Grammar, arguments};
use crate::diagnostic::Diagnostic;

pub(super) const COMMAND: Command = Command {
    name: "outputlookup",
    aliases: &[],
    syntax: "outputlookup <name>",
    help: "Passes rows on; lookup files are not written yet.",
    example: "* | stats min(_time) as first by user | outputlookup seen.csv",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        if arguments(command).is_empty() {
            return lowerer.fail("spl.missing-argument", "`outputlookup` needs the name of a lookup", command.span);
        }
        let message = "lookup files are not written yet: the rows pass as they are";
        lowerer.warn(
            Diagnostic::warning("spl.no-effect", message, command.name.span)
                .with_help("export the result and add it as a lookup"),
        );
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn rows_pass() {
        check("* | stats count | outputlookup x.csv", "aggregate 'count' = count()");
        assert_eq!(codes("* | stats count | outputlookup append=t x.csv"), ["spl.no-effect"]);
    }
}
