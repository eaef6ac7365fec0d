//! `where`: keeps rows for which a condition is true.

use super::Operator;

pub(super) const OPERATOR: Operator = Operator {
    name: "where",
    aliases: &[],
    syntax: "where <condition>",
    help: "Keeps rows for which the condition is true: `=`, `!=`, `<`, `matches \"*\"`, `matches /regex/`, `contains`, `in (…)`, `and`, `or`, `!`. Texts compare by case; a comparison with a missing value is false.",
    example: r#"* | where eventName matches "Create*" and !(errorCode = "AccessDenied")"#,
    parses: false,
    lower: |lowerer, cursor| {
        let condition = lowerer.expression(cursor)?;
        let predicate = lowerer.condition(&condition)?;
        lowerer.filter(predicate);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    fn filter(condition: &str, expected: &str) {
        let lines = if expected.is_empty() { String::new() } else { format!("filter {expected}\n") };
        check(&format!("* | where {condition} | count"), &format!("{lines}aggregate '_count' = count()"));
    }

    #[test]
    fn conditions() {
        filter("eventName = \"x\"", "event_name = \"x\"");
        filter("eventName == \"x\" and user <> awsRegion", "(event_name = \"x\") and (user_name != aws_region)");
        filter("!(eventName = \"x\")", "not is_true(event_name = \"x\")");
        filter(
            "not eventName=\"x\" or user=\"\"",
            "not is_true(event_name = \"x\") or (coalesce(user_name, \"\") = \"\")",
        );
        filter("bytesIn > 1k", "bytes_in > 1000");
        filter("userAgent >= 5", "to_number(user_agent) >= 5");
        filter("userAgent = 5", "to_number(user_agent) = 5");
        filter("userAgent = \"5\"", "user_agent = \"5\"");
        filter("bytesIn = \"5\"", "bytes_in = 5");
        filter("bytesIn = \"x\"", "to_text(bytes_in) = \"x\"");
        filter("eventName matches \"Create*\"", "glob(event_name, \"Create*\")");
        filter("eventName matches(\"Create*\")", "glob(event_name, \"Create*\")");
        filter("eventName matches /^(Create|Delete)/", "regex(event_name, \"^(Create|Delete)\")");
        filter(
            "eventName not matches concat(\"*\", user)",
            "not is_true(glob(event_name, concat(\"*\", coalesce(user_name, \"\"))))",
        );
        filter("userAgent contains \"IntelliJ\"", "contains(user_agent, \"IntelliJ\")");
        filter("eventName in (\"a\", \"b\")", "in(event_name, \"a\", \"b\")");
        filter("eventName not in (\"a\")", "not is_true(in(event_name, \"a\"))");
        filter("bytesIn in (1, 2)", "in(bytes_in, 1, 2)");
        filter("readOnly", "read_only");
        filter("readOnly = \"true\"", "to_text(read_only) = \"true\"");
        filter("_messagetime < now() - 1d", "(to_number(event_time) * 1000) < ((to_number(now()) * 1000) - 86400000)");
    }

    #[test]
    fn template_variables_fold_away() {
        filter("if(\"{{user}}\" = \"*\", true, user matches \"{{user}}\") and eventName=\"x\"", "event_name = \"x\"");
        filter("if (\"{{region}}\" = \"*\", true, awsRegion matches \"{{region}}\")", "glob(aws_region, \"eu-*\")");
        filter("if(\"{{n}}\" = \"*\", true, bytesIn >= toInt(\"{{n}}\"))", "");
        filter("bytesIn {{comparison}} and eventName = {{other}}", "");
    }

    #[test]
    fn mistakes() {
        for (condition, code) in [
            ("", "sumo.syntax"),
            ("a = ", "sumo.syntax"),
            ("(a = 1", "sumo.syntax"),
            ("a in (1", "sumo.syntax"),
            ("if(a, b)", "sumo.argument-count"),
            ("a matches /(?<=x)y/", "sumo.regex"),
            ("isNul(a)", "sumo.unknown-function"),
            ("a = 5x", "sumo.number"),
        ] {
            assert_eq!(errors(&format!("* | where {condition}")), [code], "{condition}");
        }
    }
}
