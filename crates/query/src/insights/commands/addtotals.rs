//! `addtotals`: the sum of each row's numbers, and a row with the sum of each field.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        expr::number,
        lowering::{Lowerer, Shown},
        names, parser,
    },
    pipeline::{Agg, Aggregate, Expr, Func, Op, Pipeline, Type},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "addtotals",
    syntax: "addtotals [fieldname=name] [row=true|false] [col=true|false] [field, …]",
    help: "The sum of each row's numbers as a field `Total`; with col=true, a last row with the sum of each field. Without fields, of all numbers.",
    example: "stats sum(additionalEventData.bytesTransferredIn) as received, sum(additionalEventData.bytesTransferredOut) as sent by eventName | addtotals received, sent",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let (mut row, mut column, mut name) = (true, false, "Total".to_owned());
    let mut fields = Vec::new();
    while !cursor.at_end() {
        let word = parser::name(cursor, "addtotals")?;
        if cursor.eat("=") {
            let value = parser::name(cursor, "=")?.text;
            let truth = matches!(value.to_ascii_lowercase().as_str(), "true" | "t" | "1");
            match word.text.to_ascii_lowercase().as_str() {
                "row" => row = truth,
                "col" => column = truth,
                "fieldname" => name = value,
                _ => {
                    return cursor.error(
                        "insights.option",
                        format!("`{}` is no option here", word.text),
                        word.span,
                        "",
                    );
                }
            }
        } else {
            fields.push(word);
        }
        cursor.eat(",");
    }
    Some(Verb::Totals { row, column, name, fields })
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Totals { row, column, name, fields } = &command.verb else { return };
    let span = command.span;
    let summed: Vec<(String, Expr)> = if fields.is_empty() {
        let numbers = lowerer.made.iter().filter(|made| build::is_number(made.ty));
        numbers.map(|made| (made.name.clone(), build::field(&made.name, made.ty, span))).collect()
    } else {
        fields.iter().map(|word| (word.text.clone(), names::field(lowerer, word))).collect()
    };
    if summed.is_empty() {
        return lowerer.warning("insights.no-numbers", "there are no numbers to add up", span);
    }
    if *column {
        // The rows so far are computed twice: a second time over would be four times, and so on.
        if lowerer.ops.iter().any(|op| matches!(op, Op::Union { .. })) {
            return lowerer.error("insights.too-complex", "a query can have one `addtotals col=true`", span);
        }
        let aggregates = summed.iter().map(|(name, value)| Aggregate {
            name: name.clone(),
            func: Agg::Sum,
            arg: Some(number(value.clone())),
            filter: None,
            order: None,
            ty: Type::Float,
        });
        lowerer.settle_order();
        let mut ops = lowerer.ops.clone();
        ops.push(Op::Aggregate { by: Vec::new(), aggregates: aggregates.collect(), keep_null: true });
        if !lowerer.closed {
            lowerer.shape();
        }
        let right = Box::new(Pipeline { scan: lowerer.scan.clone(), ops });
        lowerer.ops.push(Op::Union { right });
    }
    if *row {
        let zero = |value: Expr| {
            build::coalesce(
                vec![build::convert(number(value), Type::Float), build::float(0.0, span)],
                Type::Float,
                span,
            )
        };
        let fields: Vec<Expr> = summed
            .into_iter()
            .map(|(name, value)| if *column { build::field(&name, Type::Float, span) } else { value })
            .collect();
        let sum = fields
            .into_iter()
            .map(zero)
            .reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Float, span))
            .unwrap_or_else(|| build::null(span));
        lowerer.extend(name, sum);
        if let Shown::Fields(names) | Shown::Display(names) = &mut lowerer.shown {
            names.push(name.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, columns};

    #[test]
    fn totals() {
        assert_eq!(
            columns("stats sum(bytes) as a, count(*) as b by eventName | addtotals"),
            ["eventName", "a", "b", "Total"]
        );
        assert_eq!(columns("fields a, b | addtotals fieldname=s a, b"), ["a", "b", "s"]);
        assert_eq!(columns("stats count(*) as b by eventName | addtotals col=true row=false"), ["eventName", "b"]);
        assert_eq!(codes("addtotals"), ["insights.no-numbers"]);
        assert_eq!(codes("addtotals foo=bar"), ["insights.option"]);
    }
}
