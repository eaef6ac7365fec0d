//! The fields that rules name beside their queries (`group_by`, the fields of modes, exceptions), as expressions over a log
//! type's rows.

use event::{LogType, Naming};
use query::diagnostic::Diagnostic;
use query::nearest;
use query::pipeline::{Expr, ExprKind, Func, PathStep, Type};
use query::span::Span;

/// A field as text: a stored column by its own name, by the record's or by that of the view across all log types, or what
/// stands at a path of the record.
///
/// # Errors
/// Where it is no such name, with what was probably meant.
pub fn text(log_type: &'static LogType, name: &str) -> Result<Expr, Diagnostic> {
    let catalogue = log_type.catalogue();
    let common = || catalogue.fields().iter().find(|field| field.common == Some(name) && field.column.is_some());
    let known = || catalogue.resolve(Naming::CloudTrail, name).filter(|found| found.exact).map(|found| found.field);
    let found = catalogue.column(name).or_else(common).or_else(known);
    if let Some((column, ty)) = found.and_then(|field| Some((field.column?, field.ty))) {
        return Ok(column_text(column, ty));
    }
    let path = found.and_then(|field| field.path).unwrap_or(name);
    if found.is_none() && !is_path(name) {
        return Err(unknown(log_type, name));
    }
    Ok(Expr { kind: ExprKind::Path(steps(path)), ty: Type::Text, span: Span::default() })
}

fn column_text(column: &str, ty: event::FieldType) -> Expr {
    let ty = match ty {
        event::FieldType::Text => Type::Text,
        event::FieldType::Int => Type::Int,
        event::FieldType::Float => Type::Float,
        event::FieldType::Bool => Type::Bool,
        event::FieldType::Time | event::FieldType::Date => Type::Time,
    };
    let column = Expr { kind: ExprKind::Column(column.to_owned()), ty, span: Span::default() };
    if ty == Type::Text {
        return column;
    }
    Expr { kind: ExprKind::Call { func: Func::ToText, args: vec![column] }, ty: Type::Text, span: Span::default() }
}

/// Whether a name can be a place in a record that the catalogue does not know: nested, or spelt as records spell.
fn is_path(name: &str) -> bool {
    name.contains('.') || name.chars().any(char::is_uppercase)
}

/// `requestParameters.instancesSet.items[0].instanceId`.
fn steps(path: &str) -> Vec<PathStep> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (key, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !key.is_empty() {
            steps.push(PathStep::Key(key.to_owned()));
        }
        while let Some(end) = rest.find(']') {
            steps.push(PathStep::Index(rest[1..end].parse().unwrap_or(0)));
            rest = &rest[end + 1..];
        }
    }
    steps
}

fn unknown(log_type: &'static LogType, name: &str) -> Diagnostic {
    let message = format!("`{name}` is no field of {}", log_type.id);
    let error = Diagnostic::error("rule.field", message, Span::default());
    match nearest(name, log_type.catalogue().names(Naming::Column)) {
        Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
        None => error.with_help("name a column of the catalogue, or a path such as requestParameters.bucketName"),
    }
}

/// The fields by which findings of a log type become alerts where a rule names none: whose account it is, and who did it or
/// where it came from.
#[must_use]
pub fn default_group(log_type: &'static LogType) -> Vec<&'static str> {
    let of = |common: &str| {
        let found = log_type.catalogue().fields().iter().find(|field| field.common == Some(common));
        found.and_then(|field| field.column)
    };
    let who = of("actor_name").or_else(|| log_type.catalogue().column("actor_name").and_then(|field| field.column));
    let group: Vec<&str> = of("account_id").into_iter().chain(who.or_else(|| of("source_address"))).collect();
    if group.is_empty() { vec!["origin"] } else { group }
}

#[cfg(test)]
mod tests {
    use super::*;
    use query::pipeline::render_expr;

    #[test]
    fn fields_are_found_by_any_of_their_names() {
        let check = |table: &str, name: &str, expected: &str| {
            let log_type = event::log_type(table).expect("a log type");
            let found = text(log_type, name).map_or_else(|error| error.message, |expr| render_expr(&expr));
            assert_eq!(found, expected, "{name}");
        };
        check("cloudtrail", "actor_name", "actor_name");
        check("cloudtrail", "eventName", "event_name");
        check("cloudtrail", "account_id", "recipient_account_id");
        check("cloudtrail", "read_only", "to_text(read_only)");
        check("cloudtrail", "requestParameters.bucketName", "request_bucket_name");
        check("cloudtrail", "requestParameters.instancesSet.items[0].x", "$.requestParameters.instancesSet.items[0].x");
        check("cloudtrail", "actor_nmae", "`actor_nmae` is no field of cloudtrail");
        check("vpc_flow", "source_address", "source_address");
    }

    #[test]
    fn every_log_type_has_a_default_group() {
        let cloudtrail = event::log_type("cloudtrail").expect("a log type");
        assert_eq!(default_group(cloudtrail), ["recipient_account_id", "actor_name"]);
        for log_type in event::log_types() {
            for field in default_group(log_type) {
                assert!(text(log_type, field).is_ok(), "{}: {field}", log_type.id);
            }
        }
    }
}
