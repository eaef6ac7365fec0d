//! `transpose`: rows become columns, and columns rows.

use super::{Command, Grammar, appendcols, arguments, chart, untable, words};
use crate::{
    pipeline::{Func, Op, Pivot, Type},
    spl::{build, scope::Base, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "transpose",
    aliases: &[],
    syntax: "transpose [<n>] [column_name=<name>] [header_field=<field>] [include_empty=<bool>]",
    help: "Makes a row of each column, and a column of each of the first n (5) rows, 0 for all.",
    example: "* | stats count dc(user) as users by awsRegion | transpose 0 header_field=awsRegion",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["column_name", "header_field", "include_empty"]);
        let span = command.span;
        let most = match words.first() {
            None => 5,
            Some(word) => match word.text.parse::<u64>() {
                Ok(most) => most,
                Err(_) => {
                    return lowerer.fail("spl.number", format!("`{}` is not a number of rows", word.text), word.span);
                }
            },
        };
        if lowerer.scope.base == Base::Events {
            let message = "`transpose` needs a table: put `table`, `stats` or `chart` before it";
            return lowerer.fail("spl.unsupported-syntax", message, span);
        }
        let column = settings.text("column_name").unwrap_or("column").to_owned();
        let header = settings.text("header_field").map(str::to_owned);
        let row = appendcols::number(lowerer);
        if most > 0 {
            lowerer.push(Op::Limit { count: most, skip: 0 });
        }
        let name = match &header {
            Some(field) => build::to_text(lowerer.name(field, span)),
            None => {
                let number = build::to_text(build::field(&row, Type::Int, span));
                build::call(Func::Concat, vec![build::text("row ", span), number], Type::Text, span)
            }
        };
        let series = "__series".to_owned();
        lowerer.extend_hidden(&series, name);
        untable::cells(lowerer, (&series, Type::Text), (&column, "__cell"), header.into_iter().collect());
        let values = vec!["__cell".to_owned()];
        let (rows, column) = (vec![column], Some(series));
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
        let ir = rendered("* | stats count dc(user) as users by awsRegion | transpose 0 header_field=awsRegion");
        assert!(ir.contains("pivot rows column values __cell column '__series'"), "{ir}");
        assert!(rendered("* | stats count by user | transpose").contains("concat(\"row \", to_text('__row_1'))"));
        let ir = rendered("* | timechart count by user | transpose");
        assert!(ir.contains("unpivot by '__series' name 'column' value '__cell'"), "{ir}");
        assert_eq!(codes("* | transpose"), ["spl.unsupported-syntax"]);
        assert_eq!(codes("* | stats count | transpose many"), ["spl.number"]);
    }
}
