//! `nomv`: a multivalue field becomes one text.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Func, Type},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "nomv",
    aliases: &[],
    syntax: "nomv <field>",
    help: "Joins the values of a multivalue field by line breaks.",
    example: "* | stats values(user) as users by awsRegion | nomv users",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let field = required(lowerer, words.first(), "a field", command)?;
        let value = lowerer.field(field);
        let joined = match value.ty {
            Type::List => {
                build::call(Func::ListJoin, vec![value, build::text("\n", command.span)], Type::Text, command.span)
            }
            _ => build::to_text(value),
        };
        lowerer.extend(&field.text, joined);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::check;

    #[test]
    fn joins() {
        check(
            "* | stats values(user) as u | nomv u",
            "aggregate 'u' = values(user_name)\nextend 'u' = list_join('u', \"\\n\")",
        );
    }
}
