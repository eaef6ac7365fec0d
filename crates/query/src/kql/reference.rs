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

/// Where the names of the Elastic Common Schema begin.
const ROOTS: &[&str] = &[
    "@timestamp",
    "aws",
    "client",
    "cloud",
    "destination",
    "dns",
    "event",
    "http",
    "network",
    "related",
    "rule",
    "server",
    "source",
    "threat",
    "url",
    "user",
    "user_agent",
];

/// Lower-case operators beside `field: value`, members in braces, and comparisons without a colon are KQL's alone.
pub(super) fn recognise(text: &str) -> u8 {
    let text = text.trim();
    if text.is_empty()
        || text.starts_with(['{', '[', '|', '$'])
        || text.contains('|')
        || text.replace(">=", "").replace("<=", "").contains('=')
    {
        return 0;
    }
    let said = unquoted(text);
    let (fielded, compared) = (crate::lucene::fielded(text), compares(&said));
    if !(fielded || compared) || super::parse(text).is_err() {
        return 0;
    }
    let words: Vec<&str> = said.split(|c: char| c.is_whitespace() || "():".contains(c)).collect();
    let any = |operators: &[&str]| words.iter().any(|word| operators.contains(word));
    let (lower, upper) = (any(&["and", "or", "not"]), any(&["AND", "OR", "NOT", "TO"]));
    let spaced = said.contains(": ");
    match (fielded, lower) {
        (_, true) if !upper => 90,
        (true, _) if said.contains('{') => 90,
        (true, _) if spaced && !upper => 70,
        (false, _) => 65,
        _ => 50,
    }
}

/// A text with nothing between its quotation marks.
fn unquoted(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false);
    for c in text.chars() {
        let mark = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        quoted ^= mark;
        if mark || !quoted {
            out.push(c);
        }
    }
    out
}

/// Whether a name of the schema stands before `<` or `>`.
fn compares(said: &str) -> bool {
    said.match_indices(['<', '>']).any(|(at, _)| {
        let name = said[..at].trim_end().rsplit(|c: char| c.is_whitespace() || "()".contains(c)).next();
        let root = name.and_then(|name| name.split('.').next());
        name.is_some_and(|name| name.starts_with('@') || name.contains('.'))
            && root.is_some_and(|root| ROOTS.contains(&root))
    })
}

#[cfg(test)]
mod tests {
    use crate::language;

    #[test]
    fn told_from_lucene_and_spl() {
        for (text, wanted) in [
            ("eventName: A and not errorCode: B", "kql"),
            ("eventName:(A or B)", "kql"),
            ("resources: { type: X }", "kql"),
            ("@timestamp >= now-1d", "kql"),
            ("aws.rds.sq-duration > 0", "kql"),
            ("NOT source.bytes<0 AND NOT destination.bytes<0", "kql"),
            ("event.outcome: failure", "kql"),
            ("errorMessage: access denied", "kql"),
            ("eventName:A AND errorCode:B", "lucene"),
            ("errorMessage:\"is not allowed\" AND eventName:A", "lucene"),
            ("eventName:/A.*/ AND errorCode:B", "lucene"),
            ("@timestamp:[now-1d TO now]", "lucene"),
            ("+eventName:A -errorCode:B", "lucene"),
            ("eventName:ab~1", "lucene"),
            ("eventName:A^2 eventName:B", "lucene"),
            ("NOT bytesIn<0 AND bytesOut>5", "spl"),
            ("bytes > 5", "spl"),
            ("eventName=A errorCode!=B", "spl"),
        ] {
            // The first of the best, and SPL where nothing is like it.
            let best = language::fronts().into_iter().rev().max_by_key(|front| (front.recognise)(text));
            assert_eq!(best.map(|front| front.id), Some(wanted), "{text}");
        }
    }
}
