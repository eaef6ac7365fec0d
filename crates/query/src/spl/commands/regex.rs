//! `regex`: keeps the rows in which a regular expression is found.

use super::{Command, Grammar, arguments, check_regex};
use crate::{
    pipeline::{Func, Type},
    spl::{
        ast::{Argument, Word},
        build,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "regex",
    aliases: &[],
    syntax: "regex [<field>=|<field>!=]\"<regex>\"",
    help: "Keeps the rows in whose field (_raw) a regular expression is found, or with != is not.",
    example: "* | regex userAgent=\"(?i)^python|boto\"",
    generating: false,
    grammar: Grammar::Pattern,
    lower: |lowerer, command| {
        let raw = Word { text: "_raw".to_owned(), span: command.name.span, quoted: false };
        let (field, pattern, negated) = match arguments(command) {
            [Argument::Setting(setting)] => (&setting.name, &setting.value, setting.negated),
            [Argument::Word(pattern)] => (&raw, pattern, false),
            _ => return lowerer.fail("spl.missing-argument", "`regex` needs one regular expression", command.span),
        };
        let regex = check_regex(lowerer, &pattern.text, pattern.span)?;
        let value = build::to_matchable(lowerer.field(field));
        let found =
            build::call(Func::Regex, vec![value, build::text(regex.as_str(), pattern.span)], Type::Bool, command.span);
        lowerer.filter(if negated { build::not(build::is_true(found)) } else { found });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn filters() {
        check("* | regex user=\"^a\" | stats count", "filter regex(user_name, \"^a\")\naggregate 'count' = count()");
        check(
            "* | regex user!=\"^a\" | stats count",
            "filter not is_true(regex(user_name, \"^a\"))\naggregate 'count' = count()",
        );
        check("* | regex \"a\\d\" | stats count", "filter regex(raw, \"a\\\\d\")\naggregate 'count' = count()");
        assert_eq!(codes("* | regex"), ["spl.missing-argument"]);
        assert_eq!(codes("* | regex user=\"(?!x)\""), ["spl.regex"]);
    }
}
