//! KQL, the query language of Kibana, and DQL, that of OpenSearch Dashboards: `field: value`, `and`, `or`, `not`.
//!
//! It is not Lucene: operators are understood in any case and have their usual precedence, unquoted words belong
//! together, and there are neither regular expressions nor edits. What conditions mean is in [`crate::opensearch`].

mod parser;
mod reference;

use crate::diagnostic::Diagnostic;
use crate::language::{Environment, Front, Lowered};
use crate::opensearch;
use crate::schema::Dialect;
use crate::span::Span;

pub(crate) use parser::parse;

/// KQL.
pub const FRONT: Front = Front {
    id: "kql",
    title: "KQL (Kibana, OpenSearch Dashboards)",
    dialect: Dialect::OpenSearch,
    lower,
    ast: |text, _| parse(text).ok().and_then(|clause| serde_json::to_value(clause).ok()).unwrap_or_default(),
    recognise: reference::recognise,
    reference: reference::entries,
};

fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let clause = parse(text).map_err(|error| vec![error])?;
    opensearch::events("kql", env, &clause, Span::new(0, text.len()), Vec::new())
}

#[cfg(test)]
mod tests {
    use crate::opensearch::testing::{Checked, check, codes};

    fn kql(text: &str, expected: &str) {
        check(&super::FRONT, text, expected);
    }

    #[test]
    fn values_and_fields() {
        kql("eventName: RunInstances", r#"event_name = "RunInstances""#);
        kql("eventName:RunInstances", r#"event_name = "RunInstances""#);
        kql(r#""eventName": "RunInstances""#, r#"event_name = "RunInstances""#);
        kql("event.action: Run*", r#"glob(event_name, "Run*")"#);
        kql("errorCode:*", "is_not_null(error_code)");
        kql("eventName: (A or B or C)", r#"in(event_name, "A", "B", "C")"#);
        kql("eventName: (A and not B)", r#"(event_name = "A") and not is_true(event_name = "B")"#);
        kql("readOnly: true", "read_only = true");
        kql("source.ip: 10.0.0.0/8", r#"cidr_match(source_ip_address, "10.0.0.0/8")"#);
        kql("requestParameters.bucketName.keyword: x", r#"request_bucket_name = "x""#);
        kql("requestParameters.a.b: x", r#"$.requestParameters[].a[].b[] = "x""#);
        kql("aws.cloudtrail.eventSource: s3*", r#"glob(event_source, "s3*")"#);
        kql("aws.cloudtrail.flattened.request_parameters.x: y", r#"$.requestParameters[].x[] = "y""#);
    }

    #[test]
    fn operators_in_any_case_with_precedence() {
        let both = r#"(event_name = "A") or ((event_name = "B") and (error_code = "C"))"#;
        kql("eventName:A or eventName:B and errorCode:C", both);
        kql("eventName:A OR eventName:B AND errorCode:C", both);
        kql("not eventName:A", r#"not is_true(event_name = "A")"#);
        kql("NOT (eventName:A or eventName:B)", r#"not is_true(in(event_name, "A", "B"))"#);
        kql("NOT bytes_out<0 AND NOT bytes_in<0", "not is_true(bytes_out < 0) and not is_true(bytes_in < 0)");
        kql("eventName: orange", r#"event_name = "orange""#);
    }

    #[test]
    fn words_belong_together() {
        kql("eventName: Run Instances", r#"event_name = "Run Instances""#);
        kql(
            "errorMessage: is authorized",
            r#"regex(error_message, "(?i)\\bis\\b") or regex(error_message, "(?i)\\bauthorized\\b")"#,
        );
        kql(r#"errorMessage: "not authorized""#, r#"regex(error_message, "(?i)\\bnot[^\\pL\\pN_]+authorized\\b")"#);
        kql("mallory", r#"regex(raw, "(?i)\\bmallory\\b")"#);
        kql("mallory*", r#"regex(raw, "(?i)\\bmallory")"#);
        kql("*", "");
        kql("*:*", "");
        kql("", "");
    }

    #[test]
    fn ranges_and_nesting() {
        kql("bytes_out >= 10 and bytes_out < 20", "(bytes_out >= 10) and (bytes_out < 20)");
        kql("requestParameters.size > 5", "to_number(list_index($.requestParameters[].size[], 0)) > 5");
        kql(
            "resources: { type: X and accountId: 1 }",
            r#"($.resources[].type[] = "X") and ($.resources[].accountId[] = "1")"#,
        );
        Checked::of(&super::FRONT, "@timestamp >= now-1d and eventName:A")
            .scan("scan cloudtrail from 2018-07-25T21:08:28.500Z");
        Checked::of(&super::FRONT, "@timestamp < \"2018-01-01\"").scan("scan cloudtrail to 2018-01-01T00:00:00Z");
    }

    #[test]
    fn escapes() {
        kql(r"eventName: a\:b", r#"event_name = "a:b""#);
        kql(r"eventName: a\*b", r#"event_name = "a*b""#);
        kql(r"eventName: \and", r#"event_name = "and""#);
        kql(r#"eventName: "a \"b\" *""#, r#"event_name = "a \"b\" *""#);
        kql("userAgent: *S3 Browser*", r#"glob(user_agent, "*S3 Browser*")"#);
    }

    #[test]
    fn names_with_wildcards() {
        kql("user_agent*: x", r#"is_true(user_agent = "x")"#);
        kql("*: mallory", r#"regex(raw, "(?i)\\bmallory\\b")"#);
        kql(
            "requestParameters.*: x",
            r#"is_true(request_bucket_name = "x") or is_true(regex($.requestParameters[], "(?i)\\bx\\b"))"#,
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, code) in [
            ("eventName: A errorCode: B", "kql.missing-operator"),
            ("eventName: (A or", "kql.syntax"),
            ("eventName: \"A", "kql.unclosed"),
            ("and", "kql.syntax"),
            ("eventName:", "kql.syntax"),
            ("eventName: A)", "kql.syntax"),
            ("@timestamp > yesterday", "kql.date"),
            ("bytes_out > many", "kql.range"),
        ] {
            assert_eq!(codes(&super::FRONT, text), [code], "{text}");
        }
    }
}
