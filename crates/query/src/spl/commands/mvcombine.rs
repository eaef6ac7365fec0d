//! `mvcombine`: rows that differ in one field only become one row.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Agg, Aggregate, Named, Type},
    spl::{build, scope::Base, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "mvcombine",
    aliases: &[],
    syntax: "mvcombine [delim=<text>] <field>",
    help: "Joins rows that differ only in one field; its values become a multivalue field.",
    example: "* | stats count by user, awsRegion | fields user, awsRegion | mvcombine awsRegion",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        Settings::new(lowerer, &settings, &["delim"]);
        let field = required(lowerer, words.first(), "a field", command)?;
        if lowerer.scope.base != Base::Closed {
            return lowerer.fail(
                "spl.unsupported-syntax",
                "`mvcombine` needs a table: put `table` or `stats` before it",
                command.span,
            );
        }
        lowerer.settle_order();
        let value = build::to_matchable(lowerer.field(field));
        let columns: Vec<String> = lowerer.scope.fields.iter().map(|made| made.name.clone()).collect();
        let by = columns
            .iter()
            .filter(|name| **name != field.text)
            .map(|name| Named { name: name.clone(), expr: lowerer.name(name, command.span) })
            .collect();
        let combined = Aggregate {
            name: field.text.clone(),
            func: Agg::List,
            arg: Some(value),
            filter: None,
            order: None,
            ty: Type::List,
        };
        lowerer.aggregate(by, vec![combined], true);
        let columns =
            columns.iter().map(|name| Named { name: name.clone(), expr: lowerer.name(name, command.span) }).collect();
        lowerer.project(columns);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn combines() {
        let query = "* | stats count by awsRegion, user | fields awsRegion, user | mvcombine awsRegion";
        assert!(rendered(query).contains("aggregate 'awsRegion' = list('awsRegion') by 'user' = 'user' keep-null"));
        assert_eq!(columns(query), ["awsRegion", "user"]);
        assert_eq!(codes("* | mvcombine user"), ["spl.unsupported-syntax"]);
    }
}
