//! `untable`: columns become rows.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Op, Type, Unpivot},
    spl::{
        lowering::Lowerer,
        scope::{Base, Made},
    },
};

pub(super) const COMMAND: Command = Command {
    name: "untable",
    aliases: &[],
    syntax: "untable <row field> <name field> <value field>",
    help: "Makes a row of each cell: the row's field, the column's name, the value.",
    example: "* | stats count dc(user) as users by awsRegion | untable awsRegion metric value",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let [row, name, value] = words.as_slice() else {
            return lowerer.fail(
                "spl.missing-argument",
                "`untable` needs three names: row, name and value",
                command.span,
            );
        };
        if lowerer.scope.base == Base::Events {
            let message = "`untable` needs a table: put `table`, `stats` or `chart` before it";
            return lowerer.fail("spl.unsupported-syntax", message, command.span);
        }
        lowerer.settle_order();
        let key = lowerer.field(row);
        let ty = key.ty;
        lowerer.extend(&row.text, key);
        cells(lowerer, (&row.text, ty), (&name.text, &value.text), Vec::new());
        Ok(())
    },
};

/// A row of each cell: the row's field, the column's name and the value under the names given.
pub(super) fn cells(
    lowerer: &mut Lowerer<'_>,
    (row, ty): (&str, Type),
    (name, value): (&str, &str),
    left_out: Vec<String>,
) {
    let unpivot = Unpivot { row: row.to_owned(), left_out, name: name.to_owned(), value: value.to_owned() };
    if lowerer.scope.base == Base::Closed && !lowerer.scope.loose {
        let fields: Vec<_> = lowerer.scope.fields.iter().map(|made| (made.name.clone(), made.ty)).collect();
        unpivot.over(&fields).into_iter().for_each(|op| lowerer.push(op));
    } else {
        lowerer.push(Op::Unpivot(unpivot));
    }
    let made = [(row, ty), (name, Type::Text), (value, Type::Text)];
    lowerer.scope.close(made.map(|(name, ty)| Made { name: name.to_owned(), ty }).into());
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns};

    #[test]
    fn cells_become_rows() {
        assert_eq!(
            columns("* | stats count dc(user) as users by awsRegion | untable awsRegion metric value"),
            ["awsRegion", "metric", "value"]
        );
        assert_eq!(codes("* | stats count | untable a b"), ["spl.missing-argument"]);
        assert_eq!(
            columns("* | chart count over user by eventName | untable user event count"),
            ["user", "event", "count"]
        );
        assert_eq!(codes("* | untable a b c"), ["spl.unsupported-syntax"]);
    }
}
