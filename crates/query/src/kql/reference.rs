//! What KQL's manual says, and how a text is known for KQL.

use crate::language::{Entry, Part};

const fn form(name: &'static str, syntax: &'static str, help: &'static str, example: &'static str) -> Entry {
    Entry { part: Part::Form, name, syntax, help, example }
}

/// The forms of the grammar.
pub(super) fn entries() -> Vec<Entry> {
    vec![
        form(
            "(a or b)",
            "field: (value or value)",
            "Several values of one field; `and` and `not` work inside, too.",
            "eventName: (CreateUser or DeleteUser)",
        ),
        form(
            "*",
            "field: val*",
            "Any characters, in values and in field names. Not inside quotation marks.",
            "eventSource: s3* and requestParameters.*: secret",
        ),
        form(
            "<, <=, >, >=",
            "field >= value",
            "Compares numbers, dates (with date mathematics such as `now-1d/d`) and texts.",
            "@timestamp >= now-1d/d and event.outcome: failure",
        ),
        form(
            "and",
            "condition and condition",
            "Both hold. `and` binds tighter than `or`; upper case is understood, too.",
            "eventSource: iam.amazonaws.com and errorCode: AccessDenied",
        ),
        form("exists", "field: *", "The field has a value.", "errorCode: *"),
        form(
            "field: \"phrase\"",
            "field: \"words in order\"",
            "On a keyword field the whole value; on an analysed one the words in this order.",
            "errorMessage: \"not authorized\"",
        ),
        form(
            "field: value",
            "field: value",
            "A keyword field equals the value, case included; an analysed text has any of the words; an address field takes a block.",
            "eventName: RunInstances and source.ip: 10.0.0.0/8",
        ),
        form(
            "nested",
            "field: { member: value and member: value }",
            "Conditions on the members of a nested field.",
            "resources: { type: \"AWS::S3::Bucket\" and accountId: 111122223333 }",
        ),
        form(
            "not",
            "not condition",
            "Holds where the condition does not, also where the field is missing.",
            "not userIdentity.type: AWSService",
        ),
        form("or", "condition or condition", "One of them holds.", "eventName: ConsoleLogin or eventName: SwitchRole"),
        form("value", "value", "Without a field: the words anywhere in the record.", "mallory"),
    ]
}

/// Lower-case operators beside `field: value`, and comparisons without a colon, are KQL's alone.
pub(super) fn recognise(text: &str) -> u8 {
    let text = text.trim();
    if text.is_empty()
        || text.starts_with(['{', '[', '|', '$'])
        || text.contains('|')
        || text.replace(">=", "").replace("<=", "").contains('=')
    {
        return 0;
    }
    let fielded = crate::lucene::fielded(text);
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')').collect();
    let lower = words.iter().any(|word| ["and", "or", "not"].contains(word));
    let upper = words.iter().any(|word| ["AND", "OR", "NOT", "TO"].contains(word));
    match (fielded, lower, upper) {
        (true, true, false) if super::parse(text).is_ok() => 90,
        (true, false, _) if text.contains(": ") && !upper && super::parse(text).is_ok() => 70,
        (true, _, _) if super::parse(text).is_ok() => 50,
        _ => 0,
    }
}
