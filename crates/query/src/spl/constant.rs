//! Eval expressions without fields, computed on the spot: what a macro's `validation` and an `iseval` definition are.

use super::{
    ast::{Binary, Comparison, Expr, ExprKind, Unary},
    build, parser, pattern,
    source::Source,
};
use crate::span::Span;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Number(f64),
    Bool(bool),
}

type Computed = Result<Value, String>;

/// The value of an expression; the error says what it has that cannot be computed here.
pub(crate) fn evaluate(expression: &str) -> Computed {
    let (ast, diagnostics) = parser::parse_expression(&Source::fixed(expression, Span::default()));
    match ast {
        Some(ast) => value(&ast),
        None => Err(diagnostics.into_iter().next().map_or_else(String::new, |diagnostic| diagnostic.message)),
    }
}

fn value(ast: &Expr) -> Computed {
    Ok(match &ast.kind {
        ExprKind::Text(text) => Value::Text(text.clone()),
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Int(number) => Value::Number(*number as f64),
        ExprKind::Float(number) => Value::Number(*number),
        // A word that is no text is a field, and there are none: `isint(many)` is false.
        ExprKind::Field(_) => Value::Null,
        ExprKind::Unary(Unary::Not, inner) => Value::Bool(!truth(inner)?),
        ExprKind::Unary(Unary::Neg, inner) => number(inner)?.map_or(Value::Null, |number| Value::Number(-number)),
        ExprKind::Binary(operator, left, right) => return binary(*operator, left, right),
        ExprKind::Compare(comparison, left, right) => compare(*comparison, &value(left)?, &value(right)?),
        ExprKind::And(items) => {
            Value::Bool(items.iter().map(truth).collect::<Result<Vec<_>, _>>()?.into_iter().all(|t| t))
        }
        ExprKind::Or(items) => {
            Value::Bool(items.iter().map(truth).collect::<Result<Vec<_>, _>>()?.into_iter().any(|t| t))
        }
        ExprKind::In(item, items) => {
            let item = value(item)?;
            let items = items.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            Value::Bool(items.iter().any(|other| compare(Comparison::Eq, &item, other) == Value::Bool(true)))
        }
        ExprKind::Call { name, args } => return call(&name.text, args),
    })
}

fn truth(ast: &Expr) -> Result<bool, String> {
    Ok(matches!(value(ast)?, Value::Bool(true)))
}

fn number(ast: &Expr) -> Result<Option<f64>, String> {
    Ok(as_number(&value(ast)?))
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => build::parse_number(text),
        Value::Null | Value::Bool(_) => None,
    }
}

fn text(ast: &Expr) -> Result<Option<String>, String> {
    Ok(as_text(value(ast)?))
}

fn as_text(value: Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => if truth { "True" } else { "False" }.to_owned(),
    })
}

fn binary(operator: Binary, left: &Expr, right: &Expr) -> Computed {
    let joined = |a: Option<String>, b: Option<String>| a.zip(b).map_or(Value::Null, |(a, b)| Value::Text(a + &b));
    match operator {
        Binary::Concat => return Ok(joined(text(left)?, text(right)?)),
        Binary::Xor => return Ok(Value::Bool(truth(left)? != truth(right)?)),
        Binary::Like => return like(left, right),
        _ => {}
    }
    let (Some(a), Some(b)) = (number(left)?, number(right)?) else {
        return Ok(if operator == Binary::Add { joined(text(left)?, text(right)?) } else { Value::Null });
    };
    let result = match operator {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        _ => a % b,
    };
    Ok(if result.is_finite() { Value::Number(result) } else { Value::Null })
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> Value {
    if *left == Value::Null || *right == Value::Null {
        return Value::Null;
    }
    let order = match (as_number(left), as_number(right)) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => as_text(left.clone()).partial_cmp(&as_text(right.clone())),
    };
    let Some(order) = order else { return Value::Null };
    Value::Bool(match comparison {
        Comparison::Eq => order.is_eq(),
        Comparison::Ne => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    })
}

fn like(value: &Expr, pattern: &Expr) -> Computed {
    let (Some(value), Some(like)) = (text(value)?, text(pattern)?) else { return Ok(Value::Null) };
    let regex = regex::escape(&like).replace('%', "(?s:.*)").replace('_', "(?s:.)");
    matches(&value, &format!("^{regex}$"))
}

fn matches(value: &str, regex: &str) -> Computed {
    let regex = regex::Regex::new(regex).map_err(|_| format!("`{regex}` is not a regular expression"))?;
    Ok(Value::Bool(regex.is_match(value)))
}

fn call(name: &str, args: &[Expr]) -> Computed {
    let first = || args.first().map_or(Ok(Value::Null), value);
    let texts = |f: fn(&str) -> Value| Ok(as_text(first()?).map_or(Value::Null, |text| f(&text)));
    match (name, args) {
        ("true", _) => Ok(Value::Bool(true)),
        ("false", _) => Ok(Value::Bool(false)),
        ("null", _) => Ok(Value::Null),
        ("if", [condition, then, otherwise]) => value(if truth(condition)? { then } else { otherwise }),
        ("case", _) => {
            for pair in args.chunks_exact(2) {
                if truth(&pair[0])? {
                    return value(&pair[1]);
                }
            }
            Ok(Value::Null)
        }
        ("validate", _) => {
            for pair in args.chunks_exact(2) {
                if !truth(&pair[0])? {
                    return value(&pair[1]);
                }
            }
            Ok(Value::Null)
        }
        ("coalesce", _) => {
            let values = args.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            Ok(values.into_iter().find(|value| *value != Value::Null).unwrap_or(Value::Null))
        }
        ("isnull", [_]) => Ok(Value::Bool(first()? == Value::Null)),
        ("isnotnull", [_]) => Ok(Value::Bool(first()? != Value::Null)),
        ("isnum", [_]) => Ok(Value::Bool(as_number(&first()?).is_some())),
        ("isint", [_]) => Ok(Value::Bool(as_number(&first()?).is_some_and(|number| number.fract() == 0.0))),
        ("isstr", [_]) => Ok(Value::Bool(matches!(first()?, Value::Text(_)))),
        ("like", [text, pattern]) => like(text, pattern),
        ("match", [subject, regex]) => match (text(subject)?, text(regex)?) {
            (Some(subject), Some(regex)) => matches(&subject, &pattern::translate(&regex)),
            _ => Ok(Value::Null),
        },
        #[allow(clippy::cast_precision_loss)]
        ("len", [_]) => texts(|text| Value::Number(text.chars().count() as f64)),
        ("lower", [_]) => texts(|text| Value::Text(text.to_lowercase())),
        ("upper", [_]) => texts(|text| Value::Text(text.to_uppercase())),
        ("trim", [_]) => texts(|text| Value::Text(text.trim().to_owned())),
        ("tonumber", [_]) => Ok(as_number(&first()?).map_or(Value::Null, Value::Number)),
        ("tostring", [_]) => texts(|text| Value::Text(text.to_owned())),
        _ => Err(format!("`{name}` cannot be used in it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_without_fields() {
        let text = |text: &str| Ok(Value::Text(text.to_owned()));
        for (expression, expected) in [
            ("\"a\".\"b\"", text("ab")),
            ("1+2*3", Ok(Value::Number(7.0))),
            ("isnum(\"5\") AND NOT isnum(\"x\")", Ok(Value::Bool(true))),
            ("case(len(\"abc\")>3,\"long\",true(),\"short\")", text("short")),
            ("validate(isint(\"1.5\"), \"not a whole number\")", text("not a whole number")),
            ("match(\"-24h\", \"^-\\d+h$\")", Ok(Value::Bool(true))),
            ("\"abc\" LIKE \"a%\"", Ok(Value::Bool(true))),
            ("1/0", Ok(Value::Null)),
        ] {
            assert_eq!(evaluate(expression), expected, "{expression}");
        }
        assert!(evaluate("now()").is_err() && evaluate("1+").is_err());
    }
}
