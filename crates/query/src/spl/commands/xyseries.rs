//! `xyseries`: rows become columns.

use super::{Command, Grammar, arguments, chart, words};
use crate::{
    pipeline::{Agg, Aggregate, Pivot},
    spl::statistics::Settings,
};

pub(super) const COMMAND: Command = Command {
    name: "xyseries",
    aliases: &["maketable"],
    syntax: "xyseries <row field> <column field> <value field>, …",
    help: "Makes a column of each value of a field: the opposite of untable.",
    example: "* | stats count by awsRegion, eventName | xyseries awsRegion eventName count",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        Settings::new(lowerer, &settings, &["grouped", "sep", "format"]);
        let [row, column, values @ ..] = words.as_slice() else {
            return lowerer.fail(
                "spl.missing-argument",
                "`xyseries` needs a row, a column and a value field",
                command.span,
            );
        };
        if values.is_empty() {
            return lowerer.fail(
                "spl.missing-argument",
                "`xyseries` needs a row, a column and a value field",
                command.span,
            );
        }
        lowerer.settle_order();
        let keys = lowerer.columns(&[row.clone(), column.clone()]);
        // A cell that several rows give holds the last of them.
        let cells = values.iter().map(|word| {
            let arg = lowerer.field(word);
            let ty = arg.ty;
            Aggregate { name: word.text.clone(), func: Agg::Last, arg: Some(arg), filter: None, order: None, ty }
        });
        let cells = cells.collect();
        lowerer.aggregate(keys, cells, false);
        let values = values.iter().map(|word| word.text.clone()).collect();
        let (rows, column) = (vec![row.text.clone()], Some(column.text.clone()));
        chart::pivot(
            lowerer,
            Pivot { rows, column, values, limit: None, other: None, null: None, grid: None, zero: false },
        );
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, rendered};

    #[test]
    fn rows_become_columns() {
        let ir = rendered("* | stats count by awsRegion, eventName | xyseries awsRegion eventName count");
        assert!(ir.contains("pivot rows awsRegion values count column 'eventName'"), "{ir}");
        assert_eq!(codes("* | stats count | xyseries a b"), ["spl.missing-argument"]);
    }
}
