//! `collect` and `sendalert`: in Splunk they do something with the rows and pass them on; here they pass them on.

use super::{Command, Grammar};
use crate::spl::{
    ast,
    lowering::{Lower, Lowerer},
};

pub(super) const COLLECT: Command = Command {
    name: "collect",
    aliases: &["stash", "meventcollect", "mcollect"],
    syntax: "collect index=<name>",
    help: "Passes rows on; nothing is written to a summary index.",
    example: "* | stats count | collect index=summary",
    generating: false,
    grammar: Grammar::Arguments,
    lower: pass,
};

pub(super) const SENDALERT: Command = Command {
    name: "sendalert",
    aliases: &[],
    syntax: "sendalert <action>",
    help: "Passes rows on; save the search as an alert instead.",
    example: "* | stats count | sendalert notify",
    generating: false,
    grammar: Grammar::Arguments,
    lower: pass,
};

fn pass(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<()> {
    let message = format!("`{}` does nothing here: the rows pass as they are", command.name.text);
    lowerer.warning("spl.no-effect", message, command.name.span);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn rows_pass() {
        check("* | stats count | collect index=s | sendalert x param.y=1", "aggregate 'count' = count()");
        assert_eq!(codes("* | stats count | collect index=s"), ["spl.no-effect"]);
    }
}
