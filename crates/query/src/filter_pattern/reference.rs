//! The reference of filter patterns.

use crate::language::{Entry, Part};

const fn form(name: &'static str, syntax: &'static str, help: &'static str, example: &'static str) -> Entry {
    Entry { part: Part::Form, name, syntax, help, example }
}

const ENTRIES: &[Entry] = &[
    form(
        "!=",
        "{ $.selector != value }",
        "Another string or number stands there. A field that is not there does not match: add `NOT EXISTS` for that.",
        r#"{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" }"#,
    ),
    form(
        "%regex%",
        "{ $.selector = %regex% }  or  %regex%",
        "A regular expression, found anywhere in the value, or in the text of the event. No groups; letters, digits and : _ # = @ / ; , - ^ $ ? [ ] { } | \\ * + . may stand in it.",
        "{ $.eventName = %^Delete|^Put% }",
    ),
    form(
        "&&",
        "{ condition && condition }",
        "Both conditions hold. Binds tighter than `||`; parentheses group.",
        r#"{ ($.eventSource = iam.amazonaws.com) && (($.eventName = CreateUser) || ($.eventName = DeleteUser)) }"#,
    ),
    form(
        "*",
        "value*",
        "In a value, quoted or not, `*` stands for any characters; `= *` holds for any string or number.",
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
    ),
    form("-term", "term -term", "Events whose text does not contain the term.", "ConsoleLogin -Success"),
    form(
        "...",
        "[..., name, name]",
        "In a space-delimited pattern: any number of fields. Fields after it count from the end of the line.",
        "[..., action=REJECT, log_status]",
    ),
    form(
        "< <= > >=",
        "{ $.selector > number }",
        "Compares numbers: integers, decimals, scientific notation.",
        "{ $.additionalEventData.bytesTransferredOut >= 1e6 }",
    ),
    form(
        "=",
        "{ $.selector = value }",
        "The value stands there: a string in quotation marks, or letters, digits, `_ * . -` without. Case matters. A number compares as a number.",
        "{ $.eventName = ConsoleLogin }",
    ),
    form(
        "?term",
        "?term ?term",
        "Events whose text contains any of the terms. Beside terms without `?` it is ignored.",
        "?AccessDenied ?UnauthorizedOperation",
    ),
    form(
        "IS NULL",
        "{ $.selector IS NULL }",
        "JSON null stands there; not the same as a field that is not there.",
        "{ $.requestParameters IS NULL }",
    ),
    form(
        "IS TRUE",
        "{ $.selector IS TRUE }  or  IS FALSE",
        "JSON's true, or false, stands there.",
        "{ $.readOnly IS FALSE }",
    ),
    form(
        "NOT EXISTS",
        "{ $.selector NOT EXISTS }",
        "There is no such field.",
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
    ),
    form(
        "[name, name]",
        "[name, name = value, name > number && name < number]",
        "Fields of a space-delimited event, by place; what stands in quotation marks or brackets in the event is one field. A line has to have exactly as many fields, unless there is a `...`.",
        "[version, account_id, interface_id, srcaddr, dstaddr, srcport, dstport=22, protocol=6, packets, bytes, start, end, action=REJECT, log_status]",
    ),
    form(
        "selector",
        "$.a.b  $.a[0].b  $.a[*].b  $.*  $[\"a.b\"]",
        "The way to a value from the root of the event: members by name, elements of an array by number, `[*]` for any element, `.*` for any member.",
        r#"{ $.requestParameters.ipPermissions.items[*].ipRanges.items[0].cidrIp = "0.0.0.0/0" }"#,
    ),
    form(
        "term",
        "term \"exact phrase\"",
        "Events whose text contains all of the terms, case and all.",
        "ConsoleLogin \"Failed authentication\"",
    ),
    form(
        "||",
        "{ condition || condition }",
        "One of the conditions holds.",
        "{ $.eventName = StopLogging || $.eventName = DeleteTrail }",
    ),
];

pub(super) fn entries() -> Vec<Entry> {
    ENTRIES.to_vec()
}

#[cfg(test)]
mod tests {
    use super::{super::testing, ENTRIES};

    #[test]
    fn every_example_lowers_and_the_order_holds() {
        for entry in ENTRIES {
            testing::lowered(entry.example);
        }
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.name));
    }
}
