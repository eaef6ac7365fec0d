//! Lucene's query strings: `field:value`, `AND`, `OR`, `NOT` in upper case, `+` and `-`, ranges, regular expressions.
//!
//! What surprises people is kept: operators have no precedence, they set flags on the conditions beside them, so that
//! `a OR b AND c` needs b and c while a is optional; conditions without an operator between them are alternatives.

mod parser;
mod reference;

use crate::diagnostic::{Diagnostic, Severity};
use crate::language::{Environment, Front, Lowered};
use crate::opensearch;
use crate::schema::Dialect;
use crate::span::Span;

pub(crate) use parser::{Options, parse};
pub(crate) use reference::fielded;

/// Lucene query strings.
pub const FRONT: Front = Front {
    id: "lucene",
    title: "Lucene query string",
    dialect: Dialect::OpenSearch,
    lower,
    ast: |text, _| serde_json::to_value(parse(text, &Options::default()).0).unwrap_or_default(),
    recognise: reference::recognise,
    reference: reference::entries,
};

fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (clause, diagnostics) = parse(text, &Options::default());
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    opensearch::events("lucene", env, &clause, Span::new(0, text.len()), diagnostics)
}

#[cfg(test)]
mod tests {
    use crate::opensearch::testing::{Checked, check, codes};

    fn lucene(text: &str, expected: &str) {
        check(&super::FRONT, text, expected);
    }

    #[test]
    fn values_and_fields() {
        lucene("eventName:RunInstances", r#"event_name = "RunInstances""#);
        lucene("eventName : RunInstances", r#"event_name = "RunInstances""#);
        lucene("eventName:Run*", r#"glob(event_name, "Run*")"#);
        lucene("eventName:R?n", r#"regex(event_name, "(?s)^(?:R.n)$")"#);
        lucene("eventName:(A OR B)", r#"in(event_name, "A", "B")"#);
        lucene("eventName:(A B)", r#"in(event_name, "A", "B")"#);
        lucene("eventName:A B", r#"(event_name = "A") or regex(raw, "(?i)\\bB\\b")"#);
        lucene("_exists_:errorCode", "is_not_null(error_code)");
        lucene("NOT _exists_:errorCode", "not is_not_null(error_code)");
        lucene("errorCode:*", "is_not_null(error_code)");
        lucene("*:*", "");
        lucene("", "");
        lucene(r"userAgent:*S3\ Browser*", r#"glob(user_agent, "*S3 Browser*")"#);
        lucene(r"eventSource:sso\-directory.amazonaws.com", r#"event_source = "sso-directory.amazonaws.com""#);
        lucene("eventName.keyword:A", r#"event_name = "A""#);
        lucene("source.ip:\"10.0.0.0/8\"", r#"cidr_match(source_ip_address, "10.0.0.0/8")"#);
    }

    #[test]
    fn operators_set_flags() {
        let (a, b, c) = (r#"(event_name = "A")"#, r#"(error_code = "B")"#, r#"(aws_region = "C")"#);
        lucene("eventName:A AND errorCode:B", &format!("{a} and {b}"));
        lucene("eventName:A OR errorCode:B", &format!("{a} or {b}"));
        lucene("eventName:A errorCode:B", &format!("{a} or {b}"));
        lucene("eventName:A OR errorCode:B AND awsRegion:C", &format!("{b} and {c}"));
        lucene("eventName:A AND errorCode:B OR awsRegion:C", &format!("{a} and {b}"));
        lucene("+eventName:A errorCode:B", "event_name = \"A\"");
        lucene("eventName:A -errorCode:B", &format!("{a} and not is_true(error_code = \"B\")"));
        lucene("eventName:A NOT errorCode:B", &format!("{a} and not is_true(error_code = \"B\")"));
        lucene("NOT eventName:A", "not is_true(event_name = \"A\")");
        lucene("eventName:A OR (NOT _exists_:errorCode)", &format!("{a} or not is_not_null(error_code)"));
        lucene("eventName:A && !errorCode:B", &format!("{a} and not is_true(error_code = \"B\")"));
    }

    #[test]
    fn ranges() {
        lucene("bytes_out:[10 TO 20]", "(bytes_out >= 10) and (bytes_out <= 20)");
        lucene("bytes_out:{10 TO 20]", "(bytes_out > 10) and (bytes_out <= 20)");
        lucene("bytes_out:[10 TO *]", "bytes_out >= 10");
        lucene("bytes_out:>=10", "bytes_out >= 10");
        lucene("bytes_out:(>=10 AND <20)", "(bytes_out >= 10) and (bytes_out < 20)");
        lucene("eventName:[A TO C}", r#"(event_name >= "A") and (event_name < "C")"#);
        lucene("sourceIPAddress:[10.0.0.0 TO 10.0.0.255]", r#"cidr_match(source_ip_address, "10.0.0.0/24")"#);
        Checked::of(&super::FRONT, "@timestamp:[now-1d/d TO now] AND eventName:A")
            .scan("scan cloudtrail from 2018-07-25T00:00:00Z to 2018-07-26T21:08:28.500001Z");
    }

    #[test]
    fn expressions_edits_phrases() {
        lucene("eventName:/Run.*/", r#"regex(event_name, "(?s)^(?:Run.*)$")"#);
        lucene("errorMessage:\"not authorized\"", r#"regex(error_message, "(?i)\\bnot[^\\pL\\pN_]+authorized\\b")"#);
        lucene("eventName:A^2", r#"event_name = "A""#);
        lucene("(eventName:A OR eventName:B)^3", r#"in(event_name, "A", "B")"#);
        lucene("eventName:ab~", r#"regex(event_name, "^(?:ab)$")"#);
        lucene("\"a b\"~1", r#"regex(raw, "(?i)\\ba[^\\pL\\pN_]+(?:[\\pL\\pN_.']+[^\\pL\\pN_]+){0,1}b\\b")"#);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, wanted) in [
            ("eventName:", vec!["lucene.syntax"]),
            ("(eventName:A", vec!["lucene.syntax"]),
            ("eventName:A AND", vec!["lucene.syntax"]),
            ("eventName:A)", vec!["lucene.syntax"]),
            ("eventName:\"A", vec!["lucene.unclosed"]),
            ("eventName:[A TO", vec!["lucene.syntax"]),
            ("eventName:/(a/", vec!["lucene.regex"]),
            ("userIdentity.arn:arn:aws:iam::1:root", vec!["lucene.unescaped"]),
            ("eventName:A and errorCode:B", vec!["lucene.lower-case-operator"]),
        ] {
            assert_eq!(codes(&super::FRONT, text), wanted, "{text}");
        }
    }
}
