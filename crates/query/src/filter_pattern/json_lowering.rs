//! Conditions on JSON events as predicates. A selector that points at nothing, at null, at a truth value, at an object or
//! at an array compares with nothing: only strings and numbers do. A stored column answers where it holds exactly what
//! stands at the selector's path; the record itself where a column would lose a difference.

use super::{
    ast::{Check, Condition, Form, Operator, Selector, Test, Value},
    value,
};
use crate::{
    diagnostic::Diagnostic,
    language::Environment,
    pipeline::{Expr, Func, PathStep, Type},
    span::Span,
    spl::build,
};

/// Whether `!=` holds for a field that is not there. AWS's console says that it does not, the guide says nothing.
const NOT_EQUAL_MATCHES_MISSING: bool = false;

/// A condition as a predicate over the rows of `table`.
pub(super) fn lower(
    condition: &Condition,
    table: &str,
    env: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expr {
    match condition {
        Condition::And(items) => combined(items, table, env, diagnostics, build::all),
        Condition::Or(items) => combined(items, table, env, diagnostics, build::any),
        Condition::Test(test) => {
            warn_of_truth(test, diagnostics);
            Place::new(&test.selector, table, env).test(&test.check, test.span)
        }
    }
}

fn combined(
    items: &[Condition],
    table: &str,
    env: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
    join: fn(Vec<Expr>, Span) -> Expr,
) -> Expr {
    let items: Vec<Expr> = items.iter().map(|item| lower(item, table, env, diagnostics)).collect();
    let span = items.iter().map(|item| item.span).reduce(Span::to).unwrap_or_default();
    join(items, span)
}

/// `= true` compares with a text; JSON's own true is another thing.
fn warn_of_truth(test: &Test, diagnostics: &mut Vec<Diagnostic>) {
    let Check::Compare(operator, value) = &test.check else { return };
    let meant = match (operator, value.text.to_ascii_lowercase().as_str()) {
        (Operator::Eq, "true") => "IS TRUE",
        (Operator::Eq, "false") => "IS FALSE",
        (Operator::Eq, "null") => "IS NULL",
        _ => return,
    };
    let message = format!("this compares with the text `{}`; JSON's {0} is matched by `{meant}`", value.text);
    if diagnostics.len() < 50 {
        diagnostics.push(Diagnostic::warning("filter.text-comparison", message, test.span));
    }
}

/// What a selector points at.
struct Place {
    steps: Vec<PathStep>,
    span: Span,
    /// The stored column that holds the same.
    column: Option<(String, Type)>,
}

impl Place {
    fn new(selector: &Selector, table: &str, env: &Environment<'_>) -> Self {
        let keys: Option<Vec<&str>> = selector
            .steps
            .iter()
            .map(|step| match step {
                PathStep::Key(key) if !key.contains('.') => Some(key.as_str()),
                _ => None,
            })
            .collect();
        let column = keys.and_then(|keys| env.schema.column_of_path(table, &keys.join(".")));
        Self { steps: selector.steps.clone(), span: selector.span, column }
    }

    fn many(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, PathStep::Each | PathStep::Any))
    }

    fn path(&self) -> Expr {
        build::path(self.steps.clone(), self.span)
    }

    fn stored(&self, wanted: impl Fn(Type) -> bool) -> Option<Expr> {
        let (name, ty) = self.column.as_ref().filter(|(_, ty)| wanted(*ty))?;
        Some(build::column(name, *ty, self.span))
    }

    /// The value's text.
    fn text(&self) -> Expr {
        self.stored(|ty| ty == Type::Text).unwrap_or_else(|| self.path())
    }

    fn kind(&self) -> Expr {
        let ty = if self.many() { Type::List } else { Type::Text };
        build::call(Func::JsonKind, vec![self.path()], ty, self.span)
    }

    fn is_kind(&self, kind: &str) -> Expr {
        let wanted = build::text(kind, self.span);
        build::call(Func::Eq, vec![self.kind(), wanted], Type::Bool, self.span)
    }

    /// A string or a number stands there.
    fn is_scalar(&self) -> Expr {
        let kinds = ["string", "number"].map(|kind| build::text(kind, self.span));
        let args = std::iter::once(self.kind()).chain(kinds).collect();
        build::call(Func::In, args, Type::Bool, self.span)
    }

    /// Rows that the column answers are not looked up in the record.
    fn unless_stored(&self, otherwise: Expr) -> Expr {
        let span = self.span;
        match self.stored(|_| true) {
            Some(column) => {
                let args = vec![build::is_null(column), otherwise, build::truth(false, span)];
                build::call(Func::If, args, Type::Bool, span)
            }
            None => otherwise,
        }
    }

    /// The text is a string's or a number's; the record is asked only where the text leaves that open.
    fn guard(&self) -> Expr {
        let span = self.span;
        let Some(column) = self.stored(|ty| ty == Type::Text) else { return self.is_scalar() };
        let unclear = build::text(r"^[\[{]|^(?:true|false)$", span);
        let unclear = build::call(Func::Regex, vec![column.clone(), unclear], Type::Bool, span);
        let sure = build::call(Func::If, vec![unclear, self.is_scalar(), build::truth(true, span)], Type::Bool, span);
        build::all(vec![build::is_not_null(column), sure], span)
    }

    fn test(&self, check: &Check, span: Span) -> Expr {
        match check {
            Check::IsNull => self.unless_stored(self.is_kind("null")),
            Check::Is(truth) => {
                let is = self.is_kind(if *truth { "true" } else { "false" });
                // A column that says otherwise answers; where it says so, the record may still hold a text.
                let Some(column) = self.stored(|ty| ty == Type::Bool) else { return is };
                let told = vec![column.clone(), build::truth(*truth, span)];
                let told = build::call(Func::Eq, told, Type::Bool, span);
                build::all(vec![build::any(vec![build::is_null(column), told], span), is], span)
            }
            Check::NotExists => self.unless_stored(build::is_null(self.kind())),
            Check::Compare(operator, value) if self.many() => self.any(*operator, value, span),
            Check::Compare(operator, value) => self.compare(*operator, value, span),
        }
    }

    fn compare(&self, operator: Operator, value: &Value, span: Span) -> Expr {
        match operator {
            Operator::Eq => self.equals(value, span),
            Operator::Ne => {
                let differs = build::not(build::is_true(self.equals(value, span)));
                let differs = build::all(vec![self.guard(), differs], span);
                if !NOT_EQUAL_MATCHES_MISSING {
                    return differs;
                }
                build::any(vec![differs, self.unless_stored(build::is_null(self.kind()))], span)
            }
            _ => {
                let func = match operator {
                    Operator::Lt => Func::Lt,
                    Operator::Le => Func::Le,
                    Operator::Gt => Func::Gt,
                    _ => Func::Ge,
                };
                self.numeric(func, value::ordering_number(value).unwrap_or_default(), value.span, span)
            }
        }
    }

    fn numeric(&self, func: Func, number: f64, at: Span, span: Span) -> Expr {
        let left = self.stored(build::is_number).unwrap_or_else(|| build::to_number(self.text()));
        build::call(func, vec![left, build::number(number, at)], Type::Bool, span)
    }

    fn equals(&self, value: &Value, span: Span) -> Expr {
        if let Some(number) = value::number(value) {
            return self.numeric(Func::Eq, number, value.span, span);
        }
        let wanted = build::text(value.text.clone(), value.span);
        let matches = |func| build::call(func, vec![self.text(), wanted], Type::Bool, span);
        let (found, unclear) = match value.form {
            Form::Regex => (matches(Func::Regex), true),
            _ if !value.text.is_empty() && value.text.bytes().all(|b| b == b'*') => return self.guard(),
            _ => (
                matches(if value.text.contains('*') { Func::Glob } else { Func::Eq }),
                may_match_structure(&value.text),
            ),
        };
        if unclear { build::all(vec![found, self.guard()], span) } else { found }
    }

    /// Any of several values compares so.
    fn any(&self, operator: Operator, value: &Value, span: Span) -> Expr {
        let list_any = |list: Expr, comparison: &str, value: Expr| {
            build::call(Func::ListAny, vec![list, build::text(comparison, span), value], Type::Bool, span)
        };
        let negated = operator == Operator::Ne;
        let number = if matches!(operator, Operator::Eq | Operator::Ne) {
            value::number(value)
        } else {
            value::ordering_number(value)
        };
        if let Some(number) = number {
            return list_any(self.path(), operator.sign(), build::number(number, value.span));
        }
        if value.text == "*" && value.form != Form::Regex {
            let some = list_any(self.kind(), "regex", build::text("^(?:string|number)$", span));
            return if negated { build::truth(false, span) } else { some };
        }
        let comparison = match value.form {
            Form::Regex => ["regex", "not regex"],
            _ if value.text.contains('*') => ["glob", "not glob"],
            _ => ["=", "!="],
        };
        let comparison = comparison[usize::from(negated)];
        list_any(self.path(), comparison, build::text(value.text.clone(), value.span))
    }
}

/// Whether a text with `*` could match the JSON text of an object, an array or a truth value.
fn may_match_structure(pattern: &str) -> bool {
    let first = pattern.starts_with(['*', '{', '[']);
    let last = pattern.ends_with(['*', '}', ']']);
    (first && last) || ["true", "false"].iter().any(|truth| glob(pattern, truth))
}

/// Whether a short text matches a pattern with `*`.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, codes};

    #[test]
    fn comparisons() {
        for (pattern, expected) in [
            ("{ $.eventName = ConsoleLogin }", r#"event_name = "ConsoleLogin""#),
            (r#"{ $.errorCode = "AccessDenied*" }"#, r#"glob(error_code, "AccessDenied*")"#),
            (r#"{ $.errorCode = "*Denied" }"#, r#"glob(error_code, "*Denied")"#),
            ("{ $.bytes > 1e3 }", "bytes > 1000"),
            ("{ $.bytes >= \"5\" }", "bytes >= 5"),
            ("{ $.a.n = 5 }", "to_number($.a.n) = 5"),
            (r#"{ $.a = "5" }"#, r#"$.a = "5""#),
            ("{ $.a IS NULL }", r#"json_kind($.a) = "null""#),
            ("{ $.a IS TRUE }", r#"json_kind($.a) = "true""#),
            (
                "{ $.readOnly IS FALSE }",
                r#"(is_null(read_only) or (read_only = false)) and (json_kind($.readOnly) = "false")"#,
            ),
            ("{ $.a NOT EXISTS }", "is_null(json_kind($.a))"),
            ("{ $.errorCode NOT EXISTS }", "if(is_null(error_code), is_null(json_kind($.errorCode)), false)"),
            ("{ $.a = * }", r#"in(json_kind($.a), "string", "number")"#),
            ("{ $.a != x }", r#"in(json_kind($.a), "string", "number") and not is_true($.a = "x")"#),
            ("{ $.a = %x|y% }", r#"regex($.a, "x|y") and in(json_kind($.a), "string", "number")"#),
            ("{ $.a[0].b = x }", r#"$.a[0].b = "x""#),
            ("{ $.a[*].b = x }", r#"list_any($.a[*].b, "=", "x")"#),
            ("{ $.* = x* }", r#"list_any($.*, "glob", "x*")"#),
            ("{ $.a[*] != 5 }", r#"list_any($.a[*], "!=", 5)"#),
            (r#"{ $["a.b"].c = x }"#, r#"$.a.b.c = "x""#),
            ("{ $.['eventName'] = x }", r#"event_name = "x""#),
            ("{ $.EVENTNAME = x }", r#"$.EVENTNAME = "x""#),
        ] {
            check(pattern, expected);
        }
    }

    #[test]
    fn columns_defer_to_the_record_where_they_are_unclear() {
        let guard = r#"is_not_null(error_code) and if(regex(error_code, "^[\\[{]|^(?:true|false)$"), in(json_kind($.errorCode), "string", "number"), true)"#;
        check("{ $.errorCode = * }", guard);
        check("{ $.errorCode != x }", &format!(r#"({guard}) and not is_true(error_code = "x")"#));
        check("{ $.errorCode = *x* }", &format!(r#"glob(error_code, "*x*") and ({guard})"#));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        check("{ $.a=1 || $.b=2 && $.c=3 }", "(to_number($.a) = 1) or ((to_number($.b) = 2) and (to_number($.c) = 3))");
        check(
            "{ ($.a=1 || $.b=2) && $.c=3 }",
            "((to_number($.a) = 1) or (to_number($.b) = 2)) and (to_number($.c) = 3)",
        );
    }

    #[test]
    fn truth_is_not_text() {
        assert_eq!(codes("{ $.a = true }"), ["filter.text-comparison"]);
        check("{ $.a = true }", r#"($.a = "true") and in(json_kind($.a), "string", "number")"#);
    }
}
