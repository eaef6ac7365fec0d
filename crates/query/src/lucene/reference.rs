//! What the manual says of Lucene's query strings, and how a text is known for one.

use crate::language::{Entry, Part};

const fn form(name: &'static str, syntax: &'static str, help: &'static str, example: &'static str) -> Entry {
    Entry { part: Part::Form, name, syntax, help, example }
}

/// The forms of the grammar.
pub(super) fn entries() -> Vec<Entry> {
    vec![
        form("*, ?", "field:val*", "`*` stands for any characters, `?` for one.", "eventName:Describe*"),
        form(
            "+, -",
            "+condition -condition",
            "Has to hold; must not hold.",
            "+eventSource:iam.amazonaws.com -errorCode:*",
        ),
        form(
            "/regex/",
            "field:/expression/",
            "The whole value matches the regular expression.",
            "eventName:/(Put|Delete)BucketPolicy/",
        ),
        form(
            ">=, >, <=, <",
            "field:>=value",
            "Compares numbers, dates and texts.",
            "additionalEventData.bytesTransferredOut:>=1000000",
        ),
        form(
            "AND",
            "condition AND condition",
            "Marks both conditions as required. There is no precedence: use parentheses.",
            "eventName:ConsoleLogin AND errorMessage:*",
        ),
        form(
            "NOT",
            "NOT condition",
            "Prohibits the condition; a missing field passes.",
            "NOT userIdentity.type:AWSService",
        ),
        form(
            "OR",
            "condition OR condition",
            "One of them holds. It is what stands between conditions without an operator.",
            "eventName:StopLogging OR eventName:DeleteTrail",
        ),
        form(
            "[a TO b]",
            "field:[from TO to]",
            "From a to b; `{` and `}` leave the end out, `*` is open. Dates take mathematics.",
            "@timestamp:[now-7d/d TO now] AND errorCode:AccessDenied",
        ),
        form("_exists_", "_exists_:field", "The field has a value.", "_exists_:errorCode"),
        form(
            "field:\"phrase\"",
            "field:\"words in order\"~2",
            "On a keyword field the whole value; on an analysed one the words in order, with so many others between.",
            "errorMessage:\"not authorized\"",
        ),
        form(
            "field:(a OR b)",
            "field:(value OR value)",
            "Several values of one field.",
            "eventName:(CreateUser OR CreateAccessKey)",
        ),
        form(
            "field:value",
            "field:value",
            "A keyword field equals the value, case included; an analysed text has the word; an address field takes a block in quotation marks.",
            "eventName:RunInstances",
        ),
        form("value", "value", "Without a field: the word anywhere in the record.", "mallory"),
        form(
            "value~",
            "field:value~1",
            "Within so many edits of the value (2 at most).",
            "userIdentity.userName:admin~1",
        ),
    ]
}

/// Whether a `name:` stands somewhere outside of quotation marks, as Lucene and KQL write fields.
pub(crate) fn fielded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut quoted = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if at == 0 || bytes[at - 1] != b'\\' => quoted = !quoted,
            b':' if !quoted => {
                let name = text[..at].trim_end().rsplit(|c: char| c.is_whitespace() || "()+-!\"".contains(c)).next();
                let fits = |c: char| c.is_alphanumeric() || "_.@*-/\\".contains(c);
                if name.is_some_and(|name| {
                    name.starts_with(|c: char| c.is_alphabetic() || "_@*".contains(c)) && name.chars().all(fits)
                }) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Upper-case operators beside `field:value`, `_exists_` and ranges with `TO`.
pub(super) fn recognise(text: &str) -> u8 {
    let text = text.trim();
    let other = text.is_empty() || text.starts_with(['{', '[', '|', '$']) || text.contains('|') && !text.contains("||");
    if other || (!fielded(text) && !text.contains("_exists_")) || text.contains("\n  ") {
        return 0;
    }
    let (_, diagnostics) = super::parse(text, &super::Options::default());
    if !diagnostics.is_empty() {
        return 0;
    }
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')').collect();
    let upper = words.iter().any(|word| ["AND", "OR", "NOT", "TO", "&&"].contains(word));
    let own = text.contains("_exists_:") || text.contains(":/") || (text.contains(" TO ") && text.contains(":["));
    match (own, upper) {
        (true, _) => 92,
        (_, true) => 82,
        _ => 60,
    }
}
