//! `rangemap`: names for ranges of a number.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::{ast::Word, build},
};

pub(super) const COMMAND: Command = Command {
    name: "rangemap",
    aliases: &[],
    syntax: "rangemap field=<field> (<name>=<from>-<to>) … [default=<name>]",
    help: "Adds a field range with the name of the range that a number lies in, both ends included.",
    example: "* | stats count by user | rangemap field=count low=0-10 elevated=11-100 default=severe",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, _) = words(lowerer, arguments(command))?;
        let setting = |name: &str| settings.iter().find(|setting| setting.name.is(name)).map(|setting| &setting.value);
        let Some(field) = setting("field") else {
            return lowerer.fail("spl.missing-argument", "`rangemap` needs `field=`", command.span);
        };
        let number = build::to_number(lowerer.field(field));
        let default = setting("default").map_or("None", |word| word.text.as_str());
        let mut name = build::text(default, command.span);
        for setting in settings.iter().rev().filter(|setting| !setting.name.is("field") && !setting.name.is("default"))
        {
            let Some((low, high)) = range(&setting.value) else {
                let message = format!("`{}` is not a range such as `0-10`", setting.value.text);
                return lowerer.fail("spl.number", message, setting.value.span);
            };
            let span = setting.name.span;
            let side = |func, limit: f64| -> Expr {
                build::call(func, vec![number.clone(), build::number(limit, span)], Type::Bool, span)
            };
            let within = build::all(vec![side(Func::Ge, low), side(Func::Le, high)], span);
            let named = build::text(setting.name.text.clone(), span);
            name = build::call(Func::If, vec![within, named, name], Type::Text, span);
        }
        lowerer.extend("range", name);
        Ok(())
    },
};

/// `0-10`, `-5--1`, `1.5-2`.
fn range(word: &Word) -> Option<(f64, f64)> {
    let text = word.text.as_str();
    let at = text.get(1..)?.find('-')? + 1;
    Some((build::parse_number(&text[..at])?, build::parse_number(&text[at + 1..])?))
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn numbers_get_names() {
        check(
            "* | stats count | rangemap field=count low=0-10 mid=11-100 default=severe",
            "aggregate 'count' = count()
             extend 'range' = if(('count' >= 0) and ('count' <= 10), \"low\", if(('count' >= 11) and ('count' <= 100), \"mid\", \"severe\"))",
        );
        check(
            "* | stats count | rangemap field=count cold=-5--1",
            "aggregate 'count' = count()\nextend 'range' = if(('count' >= -5) and ('count' <= -1), \"cold\", \"None\")",
        );
        assert_eq!(codes("* | stats count | rangemap low=0-1"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats count | rangemap field=count low=few"), ["spl.number"]);
    }
}
