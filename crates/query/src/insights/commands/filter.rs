//! `filter`: the rows for which a condition holds. `filterIndex` is the same here: there is no field index to go by, and
//! columns are skipped by their statistics anyway.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        lowering::Lowerer,
        parser,
    },
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "filter",
    syntax: "filter condition",
    help: "The rows for which the condition holds: = != < <= > >=, like with a text or /regex/, in […], and, or, not. Texts compare by case; a field that is not there equals nothing, so `!=` holds for it.",
    example: "filter eventName like /^(Create|Delete)/ and errorCode != \"AccessDenied\"",
    parse,
    lower,
};

pub(super) const INDEX: Command = Command {
    name: "filterIndex",
    syntax: "filterIndex field = value  or  filterIndex field in [value, …]",
    help: "The same as `filter`: nothing has to be indexed here.",
    example: "filterIndex eventName in [\"CreateUser\", \"DeleteUser\"]",
    ..COMMAND
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    parser::expr(cursor).map(Verb::Filter)
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Filter(condition) = &command.verb else { return };
    let predicate = lowerer.condition(condition);
    if predicate != build::truth(true, predicate.span) {
        lowerer.filter(predicate);
    }
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes};

    #[test]
    fn conditions() {
        for (condition, expected) in [
            ("eventName = \"x\"", r#"event_name = "x""#),
            ("eventName == 'x'", r#"event_name = "x""#),
            ("eventName != \"x\"", r#"not is_true(event_name = "x")"#),
            ("not eventName = \"x\"", r#"not is_true(event_name = "x")"#),
            ("!ispresent(errorCode)", "not is_not_null(error_code)"),
            ("eventName like \"User\"", r#"contains(event_name, "User")"#),
            ("eventName like /(?i)user/", r#"regex(event_name, "(?i)user")"#),
            ("eventName =~ /a\\/b/i", r#"regex(event_name, "(?i)a/b")"#),
            ("eventName not like /x/", r#"not is_true(regex(event_name, "x"))"#),
            ("eventName in [\"a\", \"b\"]", r#"in(event_name, "a", "b")"#),
            ("eventName not in [\"a\"]", r#"not is_true(in(event_name, "a"))"#),
            ("a.n > 5", "to_number($.a.n) > 5"),
            ("bytes >= \"5\"", "bytes >= 5"),
            ("a.n = 5", "to_number($.a.n) = 5"),
            ("a.n = \"5\"", r#"$.a.n = "5""#),
            ("bytes = \"80\" or bytes in [443, 22]", "(bytes = 80) or ((bytes = 443) or (bytes = 22))"),
            ("readOnly = \"true\" and readOnly != 0", "(read_only = true) and not is_true(read_only = false)"),
            ("@timestamp > 1700000000000", "(to_number(event_time) * 1000) > 1700000000000"),
            ("eventTime > \"2024-05-01T00:00:00Z\"", "event_time > 2024-05-01T00:00:00Z"),
            (
                "a < b",
                "if(is_not_null(to_number($.a)) and is_not_null(to_number($.b)), to_number($.a) < to_number($.b), $.a < $.b)",
            ),
            ("a between 1 and 2", "(to_number($.a) >= 1) and (to_number($.a) <= 2)"),
            ("a = 1 or b = 2 and c = 3", "(to_number($.a) = 1) or ((to_number($.b) = 2) and (to_number($.c) = 3))"),
            (
                "requestParameters.items.0.id = \"x\"",
                r#"coalesce($.requestParameters.items[0].id, $.requestParameters.items.0.id) = "x""#,
            ),
            ("a[0].b = \"x\"", r#"coalesce($.a[0].b, $.a.0.b) = "x""#),
            ("`a-b` = \"x\"", r#"$.a-b = "x""#),
            ("a - b = 1", "($.a - $.b) = 1"),
        ] {
            let expected = expected.replace("($.a - $.b)", "(to_number($.a) - to_number($.b))");
            check(&format!("filter {condition}"), &format!("filter {expected}"));
        }
    }

    #[test]
    fn forms_of_other_languages_are_named() {
        for (condition, expected) in [
            ("errorCode exists", &["insights.foreign-condition"][..]),
            ("errorCode NOT EXISTS", &["insights.foreign-condition"]),
            ("errorCode is null", &["insights.foreign-condition"]),
            ("errorCode is not null and a = 1", &["insights.foreign-condition"]),
            ("eventName like \"%User%\"", &["insights.like-percent"]),
            ("eventName like /(?<!x)y/", &["insights.invalid-regex"]),
            ("eventName in (\"a\")", &["insights.in-parentheses"]),
            ("a = <x>", &["insights.placeholder"]),
            ("a = ", &["insights.syntax"]),
            ("(a = 1", &["insights.syntax"]),
            ("a = \"x", &["insights.unclosed-string"]),
            ("a like /x", &["insights.unclosed-regex"]),
            ("count(*) > 1", &["insights.misplaced-aggregate"]),
            ("isprsent(a)", &["insights.unknown-function"]),
            ("errorCode", &["insights.value-as-condition"]),
            ("EventName = \"x\"", &["insights.field-case"]),
            ("@foo = 1", &["insights.unknown-field"]),
        ] {
            assert_eq!(codes(&format!("filter {condition}")), expected, "{condition}");
        }
    }
}
