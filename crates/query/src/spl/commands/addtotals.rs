//! `addtotals`: the sum of each row's numeric fields.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Func, Type},
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
    if words.is_empty() && lowerer.scope.base != Base::Closed {
        let message = "which fields are numbers is not known before the rows are there: name them";
        return lowerer.fail("spl.missing-argument", message, command.span);
    }
    let words = if words.is_empty() { numeric(lowerer, command.span) } else { words };
    let columns = lowerer.columns(&words);
    let zero = || build::int(0, command.span);
    let parts = columns.into_iter().map(|column| {
        let number = build::to_number(column.expr);
        let ty = number.ty;
        build::coalesce(vec![number, zero()], ty, command.span)
    });
    let total = parts.reduce(|sum, part| {
        let ty = build::unify(sum.ty, part.ty);
        build::call(Func::Add, vec![sum, part], ty, command.span)
    });
    lowerer.extend(settings.text("fieldname").unwrap_or("Total"), total.unwrap_or_else(zero));
    Ok(())
}

fn numeric(lowerer: &crate::spl::lowering::Lowerer<'_>, span: crate::span::Span) -> Vec<Word> {
    let numbers = lowerer.scope.fields.iter().filter(|made| matches!(made.ty, Type::Int | Type::Float));
    numbers.map(|made| Word { text: made.name.clone(), span, quoted: false }).collect()
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn sums_the_numbers_of_a_row() {
        check(
            "* | stats count dc(user) as users values(user) as names | addtotals fieldname=sum",
            "aggregate 'count' = count(), 'users' = distinct_count(user_name), 'names' = values(user_name)
             extend 'sum' = coalesce('count', 0) + coalesce('users', 0)",
        );
        assert_eq!(codes("* | addtotals"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats count | addtotals col=t row=f"), [""; 0]);
    }
}
