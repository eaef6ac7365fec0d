//! The reference: what a rule is made of, and its modifiers.

use super::modifier::MODIFIERS;
use crate::language::{Entry, Part};

/// A whole rule around one line of a selection; several examples share it.
macro_rules! rule {
    ($detection:literal) => {
        concat!("title: Example\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n", $detection)
    };
}

const FORMS: &[Entry] = &[
    form(
        "1 of",
        "1 of PATTERN | all of PATTERN | N of them",
        "Any, all or so many of the searches whose names match; `them` are all but those that begin with _.",
        rule!(
            "  selection_a:\n    eventName: StopLogging\n  selection_b:\n    eventName: DeleteTrail\n  condition: 1 of selection_*\n"
        ),
    ),
    form(
        "condition",
        "condition: a and (b or c) and not d",
        "How the searches combine. `not` binds tighter than `and`, `and` tighter than `or`; a list of conditions is alternatives.",
        rule!(
            "  selection:\n    eventSource: iam.amazonaws.com\n  filter:\n    errorCode: null\n  condition: selection and not filter\n"
        ),
    ),
    form(
        "count()",
        "condition: selection | count() by FIELD > N",
        "Sigma 1's aggregation within `timeframe`; a correlation says the same.",
        rule!(
            "  selection:\n    errorCode: AccessDenied\n  timeframe: 10m\n  condition: selection | count() by userIdentity.arn > 5\n"
        ),
    ),
    form(
        "event_count",
        "correlation: {type: event_count, rules: [NAME], group-by: [FIELD], timespan: 10m, condition: {gte: N}}",
        "Each event that ends a window of the timespan in which a group has so many events.",
        "title: Denied\nname: denied\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  selection: {errorCode: AccessDenied}\n  condition: selection\n---\ntitle: Many denied\ncorrelation:\n  type: event_count\n  rules: [denied]\n  group-by: [userIdentity.arn]\n  timespan: 10m\n  condition: {gte: 10}\n",
    ),
    form(
        "fields",
        "fields: [NAME, …]",
        "Fields that the result shows beside the usual ones.",
        "title: Key made\nfields: [requestParameters.userName]\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  selection: {eventName: CreateAccessKey}\n  condition: selection\n",
    ),
    form(
        "keywords",
        "keywords: [TEXT, …]",
        "A list of texts without a field: any value of the event contains one of them.",
        rule!("  keywords:\n    - mimikatz\n    - pacu\n  condition: keywords\n"),
    ),
    form(
        "list",
        "FIELD: [VALUE, …]",
        "Any of the values; a list of maps is any of the maps.",
        rule!("  selection:\n    eventName: [StopLogging, DeleteTrail]\n  condition: selection\n"),
    ),
    form(
        "map",
        "NAME: {FIELD: VALUE, …}",
        "All of the fields. A name leads through nested objects and into every element of an array.",
        rule!(
            "  selection:\n    eventName: AuthorizeSecurityGroupIngress\n    requestParameters.ipPermissions.items.fromPort: 22\n  condition: selection\n"
        ),
    ),
    form(
        "near",
        "condition: a | near b and c",
        "Sigma 1: all of the searches find something within `timeframe`.",
        rule!(
            "  a:\n    eventName: CreateUser\n  b:\n    eventName: CreateAccessKey\n  timeframe: 5m\n  condition: a | near b\n"
        ),
    ),
    form(
        "null",
        "FIELD: null",
        "The field is absent, or null.",
        rule!("  selection:\n    eventName: CreateUser\n    errorCode: null\n  condition: selection\n"),
    ),
    form(
        "temporal",
        "correlation: {type: temporal, rules: [A, B], timespan: 5m}",
        "Each event that ends a window in which all of the rules found something.",
        "title: A\nname: a\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: CreateUser}\n  condition: s\n---\ntitle: B\nname: b\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: AttachUserPolicy}\n  condition: s\n---\ntitle: Both\ncorrelation:\n  type: temporal\n  rules: [a, b]\n  group-by: [requestParameters.userName]\n  timespan: 5m\n",
    ),
    form(
        "temporal_ordered",
        "correlation: {type: temporal_ordered, rules: [A, B], timespan: 5m}",
        "The same in the order named; `started` is when the chain began.",
        "title: A\nname: a\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: GetCallerIdentity}\n  condition: s\n---\ntitle: B\nname: b\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: ListBuckets}\n  condition: s\n---\ntitle: Both\ncorrelation:\n  type: temporal_ordered\n  rules: [a, b]\n  group-by: [userIdentity.accessKeyId]\n  timespan: 5m\n",
    ),
    form(
        "value_count",
        "correlation: {type: value_count, …, condition: {field: FIELD, gte: N}}",
        "Distinct values of a field in the window; `value_sum`, `value_avg` and `value_median` work on numbers.",
        "title: Recon\nname: recon\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName|startswith: [List, Describe]}\n  condition: s\n---\ntitle: Much recon\ncorrelation:\n  type: value_count\n  rules: [recon]\n  group-by: [userIdentity.arn]\n  timespan: 1m\n  condition: {field: eventName, gte: 20}\n",
    ),
    form(
        "wildcard",
        "FIELD: 'text*' | 'te?t'",
        "`*` is any text, `?` one character; a backslash before them takes the meaning away. Case does not matter.",
        rule!("  selection:\n    eventName: 'Delete*'\n  condition: selection\n"),
    ),
];

const fn form(name: &'static str, syntax: &'static str, help: &'static str, example: &'static str) -> Entry {
    Entry { part: Part::Form, name, syntax, help, example }
}

/// Forms, and a function a modifier.
pub(super) fn entries() -> Vec<Entry> {
    let modifiers = MODIFIERS.iter().map(|modifier| Entry {
        part: Part::Function,
        name: modifier.name,
        syntax: modifier.syntax,
        help: modifier.help,
        example: modifier.example,
    });
    modifiers.chain(FORMS.iter().copied()).collect()
}
