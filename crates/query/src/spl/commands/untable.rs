//! `untable`: columns become rows.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Func, Named, Op, Type},
    span::Span,
    spl::{build, lowering::Lowerer, scope::Base},
};

/// Between a column's name and its value while both travel in one text; no log holds it.
const SEPARATOR: &str = "\u{1f}";

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
        if lowerer.scope.base != Base::Closed {
            return lowerer.fail(
                "spl.unsupported-syntax",
                "`untable` needs columns that are known before: not those of a chart",
                command.span,
            );
        }
        lowerer.settle_order();
        let key = lowerer.field(row);
        let (row_name, kept) = (row.text.clone(), |name: &str| name != row.text);
        lowerer.extend(&row_name, key.clone());
        cells(lowerer, (&row_name, key.ty), (&name.text, &value.text), kept, command.span);
        Ok(())
    },
};

/// A row of each cell of the kept columns: the row's field, the column's name and the value under the names given.
pub(super) fn cells(
    lowerer: &mut Lowerer<'_>,
    row: (&str, Type),
    (name, value): (&str, &str),
    kept: impl Fn(&str) -> bool,
    span: Span,
) {
    let columns: Vec<_> = lowerer.scope.fields.iter().filter(|made| kept(&made.name)).cloned().collect();
    let cells = columns.iter().map(|made| {
        let text = build::to_text(build::field(&made.name, made.ty, span));
        let cell = build::call(
            Func::Concat,
            vec![build::text(format!("{}{SEPARATOR}", made.name), span), text],
            Type::Text,
            span,
        );
        build::to_list(cell)
    });
    let cells = build::call(Func::ListAppend, cells.collect(), Type::List, span);
    let key = build::field(row.0, row.1, span);
    let cell = lowerer.made_up("cell");
    lowerer
        .project(vec![Named { name: row.0.to_owned(), expr: key.clone() }, Named { name: cell.clone(), expr: cells }]);
    lowerer.push(Op::Expand { field: cell.clone(), limit: None });
    let part = |group: &str| {
        let regex = build::text(format!("(?s)^(?<name>[^{SEPARATOR}]*){SEPARATOR}(?<value>.*)$"), span);
        let args = vec![build::field(&cell, Type::Text, span), regex, build::text(group, span)];
        build::call(Func::RegexExtract, args, Type::Text, span)
    };
    let parts = vec![
        Named { name: row.0.to_owned(), expr: key },
        Named { name: name.to_owned(), expr: part("name") },
        Named { name: value.to_owned(), expr: part("value") },
    ];
    lowerer.project(parts);
    lowerer.filter(build::is_not_null(build::field(value, Type::Text, span)));
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
        assert_eq!(codes("* | untable a b c"), ["spl.unsupported-syntax"]);
    }
}
