//! `fillnull`: a value where there is none.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Literal, Op, Type},
    spl::{build, scope::Base, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "fillnull",
    aliases: &[],
    syntax: "fillnull [value=<value>] [<field>, …]",
    help: "Puts a value (0) where a field has none; in all fields unless some are named.",
    example: "* | fillnull value=none errorCode | stats count by errorCode",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, fields) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["value"]);
        let value = settings.text("value").unwrap_or("0");
        let span = command.span;
        if fields.is_empty() && lowerer.scope.base == Base::Events {
            // Events have no list of fields to go through: each name is filled where it is read.
            for made in lowerer.scope.fields.clone() {
                let filled = fill(build::field(&made.name, made.ty, span), value);
                lowerer.extend(&made.name, filled);
            }
            lowerer.scope.filled = Some(value.to_owned());
            return Ok(());
        }
        if fields.is_empty() && lowerer.scope.base != Base::Closed {
            let literal = build::parse_number(value).map_or(Literal::Text(value.to_owned()), |number| {
                match build::number(number, span).kind {
                    crate::pipeline::ExprKind::Literal(literal) => literal,
                    _ => Literal::Text(value.to_owned()),
                }
            });
            lowerer.push(Op::FillNull { fields: None, value: literal });
            return Ok(());
        }
        let fields = if fields.is_empty() {
            lowerer
                .scope
                .fields
                .iter()
                .map(|made| crate::spl::ast::Word { text: made.name.clone(), span, quoted: false })
                .collect()
        } else {
            fields
        };
        for column in lowerer.columns(&fields) {
            let filled = fill(column.expr, value);
            lowerer.extend(&column.name, filled);
        }
        Ok(())
    },
};

/// A value, or the filling where it is null; a filling that is no number makes a number field text.
pub(crate) fn fill(expr: crate::pipeline::Expr, value: &str) -> crate::pipeline::Expr {
    let span = expr.span;
    let filling = match (build::parse_number(value), expr.ty) {
        (Some(number), Type::Int | Type::Float) => build::number(number, span),
        _ => build::text(value, span),
    };
    let ty = match build::unify(expr.ty, filling.ty) {
        Type::Any => Type::Text,
        ty => ty,
    };
    build::coalesce(vec![build::convert(expr, ty), build::convert(filling, ty)], ty, span)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::check;

    #[test]
    fn named_fields() {
        check(
            "* | fillnull value=none user | stats count by user",
            "extend 'user' = coalesce(user_name, \"none\")\naggregate 'count' = count() by 'user' = 'user'\nsort 'user' auto",
        );
        check(
            "* | stats count as n values(user) as u | fillnull",
            "aggregate 'n' = count(), 'u' = values(user_name)\nextend 'n' = coalesce('n', 0), 'u' = coalesce('u', to_list(\"0\"))",
        );
        check(
            "* | stats count as n | fillnull value=x n",
            "aggregate 'n' = count()\nextend 'n' = coalesce(to_text('n'), \"x\")",
        );
    }

    #[test]
    fn all_fields() {
        check(
            "* | fillnull | stats count by user, errorCode, requestParameters.x",
            "aggregate 'count' = count() by 'user' = coalesce(user_name, \"0\"), 'errorCode' = coalesce(coalesce(error_code, \"success\"), \"0\"), 'requestParameters.x' = coalesce($.requestParameters.x, \"0\")\nsort 'user' auto, 'errorCode' auto, 'requestParameters.x' auto",
        );
        check("| inputlookup x | fillnull value=-", "lookup-file x\nfill-null * with \"-\"");
    }
}
