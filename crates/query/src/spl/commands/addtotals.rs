//! `addtotals`: the sum of each row's numeric fields.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Op, RowTotal, Type, cells},
    spl::{
        ast::{self, Word},
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &["row", "col", "fieldname", "labelfield", "label"];

pub(super) const COMMAND: Command = Command {
    name: "addtotals",
    aliases: &[],
    syntax: "addtotals [fieldname=<name>] [row=<bool>] [col=<bool>] [labelfield=<field>] [<field>, …]",
    help: "Adds a field Total with the sum of the row's numeric fields; with col=t a row with the sums of the columns.",
    example: "* | stats count(eval(readOnly)) as reads count as all by user | addtotals",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        if settings.truth("col") == Some(true) {
            let label = settings.text("label").unwrap_or("Total").to_owned();
            let label = settings.text("labelfield").map(|field| (field.to_owned(), label));
            if settings.truth("row") != Some(false) {
                row_totals(lowerer, &settings, words.clone(), command)?;
            }
            return super::shaping::column_totals(lowerer, &words, label, command);
        }
        row_totals(lowerer, &settings, words, command)
    },
};

/// The sum of each row's numbers.
fn row_totals(
    lowerer: &mut Lowerer<'_>,
    settings: &Settings<'_>,
    words: Vec<Word>,
    command: &ast::Command,
) -> Lower<()> {
    let field = settings.text("fieldname").unwrap_or("Total");
    match lowerer.scope.base {
        Base::Events if words.is_empty() => {
            let message = "which fields are numbers is not known before the rows are there: name them";
            return lowerer.fail("spl.missing-argument", message, command.span);
        }
        Base::Fields(_) if words.is_empty() => {
            let left_out = labels(lowerer);
            lowerer.push(Op::RowTotal(RowTotal { field: field.to_owned(), left_out }));
            lowerer.scope.make(field, Type::Any);
            return Ok(());
        }
        _ => {}
    }
    let words = if words.is_empty() { numeric(lowerer, command.span) } else { words };
    let numbers = lowerer.columns(&words).into_iter().map(|column| column.expr).collect();
    lowerer.extend(field, cells::sum(numbers));
    Ok(())
}

/// The fields by which the rows of a chart are told apart: texts, though they may look like numbers.
pub(super) fn labels(lowerer: &Lowerer<'_>) -> Vec<String> {
    let texts = lowerer.scope.fields.iter().filter(|made| !build::is_number(made.ty));
    texts.map(|made| made.name.clone()).collect()
}

fn numeric(lowerer: &crate::spl::lowering::Lowerer<'_>, span: crate::span::Span) -> Vec<Word> {
    let numbers = lowerer.scope.fields.iter().filter(|made| matches!(made.ty, Type::Int | Type::Float));
    numbers.map(|made| Word { text: made.name.clone(), span, quoted: false }).collect()
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, rendered};

    #[test]
    fn sums_the_numbers_of_a_row() {
        check(
            "* | stats count dc(user) as users values(user) as names | addtotals fieldname=sum",
            "aggregate 'count' = count(), 'users' = distinct_count(user_name), 'names' = values(user_name)
             extend 'sum' = coalesce('count', 0) + coalesce('users', 0)",
        );
        let ir = rendered("* | chart count over user by eventName | addtotals row=t col=t labelfield=user");
        assert!(ir.ends_with("row-total 'Total'\nsort 'user' auto\ntotal-row 'user' = \"Total\"\n"), "{ir}");
        assert_eq!(codes("* | addtotals"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats count | addtotals col=t row=f"), [""; 0]);
    }
}
