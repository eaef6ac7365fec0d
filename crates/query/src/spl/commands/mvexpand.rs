//! `mvexpand`: a row for each value of a multivalue field.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Op, Type},
    spl::{build, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "mvexpand",
    aliases: &[],
    syntax: "mvexpand [limit=<n>] <field>",
    help: "Makes a row for each value of a multivalue field.",
    example: "* | spath path=resources{} output=resource | mvexpand resource",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["limit"]);
        let field = required(lowerer, words.first(), "a field", command)?;
        let limit = settings.count(lowerer, "limit")?.filter(|limit| *limit > 0);
        let value = lowerer.field(field);
        // One value has nothing to expand: requestParameters is an object.
        if matches!(value.ty, Type::List | Type::Any) {
            let made = lowerer.scope.made(&field.text) == Some(Type::List);
            if !made {
                lowerer.extend(&field.text, build::to_list(value));
            }
            lowerer.push(Op::Expand { field: field.text.clone(), limit });
            lowerer.scope.make(&field.text, Type::Text);
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn expands_lists() {
        check(
            "* | mvexpand limit=5 resources{}.ARN | stats count by resources{}.ARN",
            "extend 'resources{}.ARN' = $.resources[*].ARN
             expand 'resources{}.ARN' limit 5
             aggregate 'count' = count() by 'resources{}.ARN' = 'resources{}.ARN'
             sort 'resources{}.ARN' auto",
        );
        check(
            "* | stats values(user) as users | mvexpand users",
            "aggregate 'users' = values(user_name)\nexpand 'users'",
        );
        check("* | mvexpand requestParameters | stats count", "aggregate 'count' = count()");
        assert_eq!(codes("* | mvexpand"), ["spl.missing-argument"]);
    }
}
