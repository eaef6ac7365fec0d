//! `datamodel` and `from`: the events of a data model, or the rows of another named set.

use super::{Command, Grammar, arguments, required};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Source, Type},
    spl::{
        ast::{self, Argument, Word},
        datamodel,
        lowering::{Lower, Lowerer},
        scope::{Base, Kind, Scope},
    },
};

pub(super) const DATAMODEL: Command = Command {
    name: "datamodel",
    aliases: &[],
    syntax: "datamodel <model> [<object>] [search | flat]",
    help: "The events of a data model of the Common Information Model, their fields named by its object (`All_Changes.user`), or without it with flat.",
    example: "| datamodel Change All_Changes search | stats count by All_Changes.user, All_Changes.action",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let words = plain(arguments(command));
        let name = required(lowerer, words.first().copied(), "the name of a data model", command)?;
        let flat = words.iter().any(|word| word.is("flat"));
        model(lowerer, command, name, !flat)
    },
};

pub(super) const FROM: Command = Command {
    name: "from",
    aliases: &[],
    syntax: "from datamodel:<model>[.<object>] | lookup:<name>",
    help: "The events of a data model, or the rows of a lookup file.",
    example: "| from datamodel:Authentication | stats count by user, action",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let words = plain(arguments(command));
        let first = required(lowerer, words.first().copied(), "what to read, e.g. `datamodel:Change`", command)?;
        // `from datamodel:"Change"` and `from datamodel "Change"` are two words.
        let (kind, name) = first.text.split_once(':').unwrap_or((&first.text, ""));
        let joined = Word { text: name.to_owned(), ..(*first).clone() };
        let name = match words.get(1) {
            Some(word) if name.is_empty() => word,
            _ => &joined,
        };
        match kind.to_ascii_lowercase().as_str() {
            "datamodel" => model(lowerer, command, name, false),
            "lookup" | "inputlookup" => {
                begins(lowerer, command)?;
                let scope = Scope::new(Base::Fields(Type::Text), Kind::Rows);
                lowerer.start(Source::Lookup { name: name.text.clone() }, scope, command.span);
                Ok(())
            }
            other => {
                let message = format!("`from {other}` is not supported: there are data models and lookups");
                let help = "write `from datamodel:Change` or `from lookup:name`";
                Err(lowerer.error(Diagnostic::error("spl.unsupported-syntax", message, first.span).with_help(help)))
            }
        }
    },
};

fn plain(arguments: &[Argument]) -> Vec<&Word> {
    arguments
        .iter()
        .filter_map(|argument| if let Argument::Word(word) = argument { Some(word) } else { None })
        .collect()
}

fn begins(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<()> {
    if lowerer.started {
        let message = format!("`{}` begins a search", command.name.text);
        return lowerer.fail("spl.not-first", message, command.name.span);
    }
    Ok(())
}

fn model(lowerer: &mut Lowerer<'_>, command: &ast::Command, name: &Word, prefixed: bool) -> Lower<()> {
    begins(lowerer, command)?;
    let model = datamodel::find(lowerer, &name.text, name.span)?;
    datamodel::read(lowerer, model, command.span)?;
    datamodel::compute(lowerer, model, |_| true, command.span)?;
    if prefixed {
        let later = lowerer.mentioned.clone();
        datamodel::prefix(lowerer, model, later, command.span);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, rendered};

    #[test]
    fn events_of_a_model() {
        let ir = rendered(
            "| datamodel Change All_Changes search | search All_Changes.action=created | stats count by All_Changes.user",
        );
        assert!(ir.contains("filter not is_true(read_only = true)"), "{ir}");
        assert!(
            ir.contains("'All_Changes.action' = 'action'") && ir.contains("'All_Changes.user' = user_name"),
            "{ir}"
        );
        assert!(ir.contains("filter eq_ignore_case('All_Changes.action', \"created\")"), "{ir}");
        let ir = rendered("| from datamodel:\"Network_Traffic\".\"All_Traffic\" | stats count by action");
        assert!(ir.starts_with("scan vpc_flow") && ir.contains("by 'action' = 'action'"), "{ir}");
        check("| from lookup:x.csv | head 1", "lookup-file x.csv\nlimit 1");
    }

    #[test]
    fn what_there_is_not_is_said() {
        assert_eq!(codes("| datamodel Endpoint"), ["spl.unsupported-datamodel"]);
        assert_eq!(codes("| from savedsearch:x"), ["spl.unsupported-syntax"]);
        assert_eq!(codes("* | from datamodel:Change"), ["spl.not-first"]);
        assert_eq!(codes("| datamodel"), ["spl.missing-argument"]);
    }
}
