//! `outputlookup` and `outputcsv`: write the rows to a lookup file, and pass them on.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::Op,
    spl::{
        ast,
        lowering::{Lower, Lowerer},
        scope::Base,
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &[
    "append",
    "create_empty",
    "override_if_empty",
    "max",
    "key_field",
    "createinapp",
    "create_context",
    "allow_updates",
    "output_format",
    "singlefile",
    "usexml",
    "dispatch",
];

pub(super) const COMMAND: Command = Command {
    name: "outputlookup",
    aliases: &[],
    syntax: "outputlookup [append=<bool>] [key_field=<field>] [override_if_empty=<bool>] [max=<n>] <name>",
    help: "Writes the rows to a lookup file in place of the old one, or below its rows, and passes them on. Times are written as epoch seconds.",
    example: "* | stats min(_time) as first by user | outputlookup seen.csv",
    generating: false,
    grammar: Grammar::Arguments,
    lower: write,
};

pub(super) const OUTPUTCSV: Command = Command {
    name: "outputcsv",
    aliases: &[],
    syntax: "outputcsv [append=<bool>] [override_if_empty=<bool>] <name>",
    help: "Writes the rows to a file among the lookups, and passes them on.",
    example: "* | stats count by user | outputcsv users",
    generating: false,
    grammar: Grammar::Arguments,
    lower: write,
};

fn write(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<()> {
    let (settings, words) = words(lowerer, arguments(command))?;
    let settings = Settings::new(lowerer, &settings, OPTIONS);
    let table = required(lowerer, words.last(), "the name of a lookup", command)?.text.clone();
    let key = settings.text("key_field").map(str::to_owned);
    // A key says which rows to replace, which makes sense in a file that is kept.
    let append = settings.truth("append").unwrap_or(key.is_some());
    let empty = settings.truth("override_if_empty").unwrap_or(true) && settings.truth("create_empty").unwrap_or(true);
    let max = settings.count(lowerer, "max")?;
    lowerer.settle_order();
    if lowerer.scope.base == Base::Events {
        crate::spl::event::project(lowerer);
    }
    lowerer.push(Op::Store { table, append, key, empty, max });
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, rendered};

    #[test]
    fn rows_are_written() {
        check("* | stats count | outputlookup x.csv", "aggregate 'count' = count()\nstore x.csv");
        check(
            "* | stats count by user | outputlookup append=t key_field=user override_if_empty=f max=10 x.csv",
            "aggregate 'count' = count() by 'user' = user_name
             sort 'user' auto
             store x.csv append key user unless-empty max 10",
        );
        assert!(rendered("eventName=a | outputlookup x").contains("project '_time' = event_time"));
        assert_eq!(codes("* | stats count | outputlookup append=t"), ["spl.missing-argument"]);
    }
}
