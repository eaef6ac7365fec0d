//! `makemv`: cuts a text into a multivalue field.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Func, Type},
    spl::{build, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "makemv",
    aliases: &[],
    syntax: "makemv [delim=<text> | tokenizer=<regex>] [allowempty=<bool>] <field>",
    help: "Cuts a field at a delimiter (a blank) into several values.",
    example: "* | makemv delim=\",\" userAgent | mvexpand userAgent",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["delim", "tokenizer", "allowempty", "setsv"]);
        let field = required(lowerer, words.first(), "a field", command)?;
        let value = build::to_text(lowerer.field(field));
        let list = match settings.get("tokenizer") {
            Some(word) => {
                let regex = super::rex::named(&word.text);
                let regex = super::check_regex(lowerer, &regex, word.span)?;
                let args = vec![
                    value,
                    build::text(regex.as_str(), word.span),
                    build::text(super::rex::FIRST_GROUP, word.span),
                ];
                build::call(Func::RegexExtractAll, args, Type::List, command.span)
            }
            None => {
                let delimiter = build::text(settings.text("delim").unwrap_or(" "), command.span);
                build::call(Func::Split, vec![value, delimiter], Type::List, command.span)
            }
        };
        lowerer.extend(&field.text, list);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn cuts() {
        check(
            "* | makemv delim=\",\" user | stats count",
            "extend 'user' = split(user_name, \",\")\naggregate 'count' = count()",
        );
        check(
            "* | makemv tokenizer=\"(\\w+)\" user | stats count",
            "extend 'user' = regex_extract_all(user_name, \"(?<token>\\\\w+)\", \"token\")\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | makemv"), ["spl.missing-argument"]);
    }
}
