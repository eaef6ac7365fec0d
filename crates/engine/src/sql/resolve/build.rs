//! Pieces of a statement's tree.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    Ident, ObjectName, ObjectNamePart, Value,
};

/// A name that is taken as it is spelled.
pub(super) fn ident(name: &str) -> Ident {
    Ident::with_quote('"', name)
}

/// A column, of a table where one is said.
pub(super) fn column(table: Option<&Ident>, name: &str) -> Expr {
    match table {
        Some(table) => Expr::CompoundIdentifier(vec![table.clone(), ident(name)]),
        None => Expr::Identifier(ident(name)),
    }
}

/// A text.
pub(super) fn text(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(value.to_owned()))
}

/// A number as it is written.
pub(super) fn number(value: &str) -> Expr {
    Expr::value(Value::Number(value.to_owned(), false))
}

/// A truth value.
pub(super) fn boolean(value: bool) -> Expr {
    Expr::value(Value::Boolean(value))
}

/// Null.
pub(super) fn null() -> Expr {
    Expr::value(Value::Null)
}

/// An argument.
pub(super) fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

/// A call without frills.
pub(super) fn function(name: &str, args: Vec<Expr>) -> Function {
    Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(ident(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(argument).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// A call.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(function(name, args))
}

/// `left op right`, in brackets.
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }))
}

/// `CASE WHEN … THEN … ELSE … END`.
pub(super) fn case(when: Expr, then: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition: when, result: then }],
        else_result: otherwise.map(Box::new),
    }
}

/// `NOT (…)`.
pub(super) fn not(expr: Expr) -> Expr {
    use datafusion::sql::sqlparser::ast::UnaryOperator;
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(Expr::Nested(Box::new(expr))) }
}

/// The text of a literal, brackets aside.
pub(super) fn literal_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Nested(inner) => literal_text(inner),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The digits of a literal number.
pub(super) fn literal_number(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Nested(inner) => literal_number(inner),
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The arguments of a call that are expressions.
pub(super) fn arguments(function: &mut Function) -> Vec<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return Vec::new() };
    list.args
        .iter_mut()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            FunctionArg::Named { arg: FunctionArgExpr::Expr(expr), .. } => Some(expr),
            FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(expr), .. } => Some(expr),
            _ => None,
        })
        .collect()
}

/// The same, taken out.
pub(super) fn take_arguments(function: &mut Function) -> Vec<Expr> {
    arguments(function).into_iter().map(|e| std::mem::replace(e, null())).collect()
}

/// An expression to be unnested or looped over, as an array. Where it chooses between values of a record and arrays of
/// the query, all become JSON, so that they are of one type.
pub(super) fn listed(expr: Expr) -> Expr {
    let json = |e: Expr| call("__cast", vec![e, text("json")]);
    match expr {
        Expr::Nested(inner) => listed(*inner),
        Expr::Case { case_token, end_token, operand, mut conditions, else_result } => {
            for when in &mut conditions {
                let result = std::mem::replace(&mut when.result, null());
                when.result = json(result);
            }
            let else_result = else_result.map(|e| Box::new(json(*e)));
            call("__list", vec![Expr::Case { case_token, end_token, operand, conditions, else_result }])
        }
        Expr::Function(mut called) if called.name.to_string().trim_matches('"').eq_ignore_ascii_case("coalesce") => {
            for arg in arguments(&mut called) {
                let inner = std::mem::replace(arg, null());
                *arg = json(inner);
            }
            call("__list", vec![Expr::Function(called)])
        }
        other => call("__list", vec![other]),
    }
}
