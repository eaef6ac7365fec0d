//! The reference of Logs Insights, from what commands, functions and aggregates say of themselves.

use super::{aggregates, commands, functions};
use crate::language::{Entry, Part};

const fn form(name: &'static str, syntax: &'static str, help: &'static str, example: &'static str) -> Entry {
    Entry { part: Part::Form, name, syntax, help, example }
}

const FORMS: &[Entry] = &[
    form(
        "# comment",
        "# …  or  // …",
        "A comment, to the end of the line.",
        "filter eventName = \"ConsoleLogin\" # sign-ins\n| stats count(*)",
    ),
    form(
        "+ - * / % ^",
        "number + number",
        "Arithmetic. Values that are no numbers give nothing; a time is its milliseconds.",
        "fields additionalEventData.bytesTransferredOut / 1024 ^ 2 as megabytes",
    ),
    form(
        "= != < <= > >=",
        "value = value",
        "Comparisons: as numbers where both sides are numbers, as texts otherwise, case and all. `!=` holds where the field is not there.",
        "filter awsRegion != \"us-east-1\"",
    ),
    form(
        "a.0.b",
        "list.0.member  or  list[0].member",
        "An element of a list in the record, from 0.",
        "filter requestParameters.ipPermissions.items.0.ipRanges.items[0].cidrIp = \"0.0.0.0/0\"",
    ),
    form(
        "and or not",
        "condition and not (condition or condition)",
        "Conditions together; `and` binds tighter than `or`.",
        "filter not (awsRegion = \"us-east-1\" or awsRegion = \"eu-west-1\") and ispresent(errorCode)",
    ),
    form(
        "in",
        "value in [value, …]  or  value in (query)",
        "Whether a value is one of several, or among the rows of another query.",
        "filter sourceIPAddress in (SOURCE \"cloudtrail\" | filter eventName = \"ConsoleLogin\" | fields sourceIPAddress) | stats count(*) by eventName",
    ),
    form(
        "like",
        "text like \"part\"  or  text like /regex/",
        "Whether a text contains another, case and all, or matches a regular expression anywhere: `/(?i)…/` ignores case. `=~` is the same.",
        "filter userAgent like /(?i)aws-cli/ and eventName not like \"Describe\"",
    ),
    form(
        "`name`",
        "`name-with-dashes`",
        "Backticks around a name with characters other than letters, digits, `_`, `.` and `@`.",
        "filter `requestParameters.x-amz-acl` = \"public-read\"",
    ),
];

/// Commands, functions, aggregates, forms.
pub(super) fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        commands::entries().chain(functions::entries()).chain(aggregates::entries()).collect();
    entries.extend_from_slice(FORMS);
    entries
}

#[cfg(test)]
mod tests {
    use super::{super::testing, entries};
    use crate::diagnostic::Severity;

    #[test]
    fn every_example_lowers() {
        for entry in entries() {
            let found = testing::diagnostics(entry.example);
            let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", entry.example);
            let unknown = found.iter().any(|found| found.code == "insights.unknown-field");
            assert!(!unknown, "{}: {found:?}", entry.example);
        }
    }
}
