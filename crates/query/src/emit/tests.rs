//! One question, written in every language that can ask it.

use super::{TARGETS, emit};
use crate::{
    language::{self, Environment},
    pipeline::Type,
    schema::{Dialect, Resolved, Schema},
};

struct Names;

const NAMES: &[(&str, &str, Type)] = &[
    ("eventName", "event_name", Type::Text),
    ("errorCode", "error_code", Type::Text),
    ("sourceIPAddress", "source_ip_address", Type::Text),
    ("eventTime", "event_time", Type::Time),
    ("readOnly", "read_only", Type::Bool),
];

impl Schema for Names {
    fn resolve(&self, _: &str, dialect: Dialect, name: &str) -> Option<Resolved> {
        let (_, column, ty) = NAMES.iter().find(|(known, ..)| *known == name)?;
        let default = (dialect == Dialect::Spl && name == "errorCode").then(|| "success".to_owned());
        Some(Resolved { column: (*column).to_owned(), ty: *ty, default, spelled: None })
    }

    fn names(&self, _: &str, _: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn sourcetype(&self, table: &str) -> Option<String> {
        (table == "cloudtrail").then(|| "aws:cloudtrail".to_owned())
    }

    fn path_of(&self, _: &str, column: &str) -> Option<String> {
        NAMES.iter().find(|(_, known, _)| *known == column).map(|(name, ..)| (*name).to_owned())
    }
}

fn translated(lang: &str, text: &str, to: &str) -> Result<String, String> {
    let env = Environment::new(&Names, 0);
    let front = language::front(lang).expect("a language");
    let lowered = (front.lower)(text, &env).unwrap_or_else(|found| panic!("{text}: {found:?}"));
    emit(&lowered.pipeline, to, &Names).map(|found| found.text)
}

#[track_caller]
fn check(lang: &str, text: &str, expected: &[(&str, &str)]) {
    for (to, wanted) in expected {
        let found = translated(lang, text, to).unwrap_or_else(|reason| panic!("{text} in {to}: {reason}"));
        assert_eq!(found, *wanted, "{text} in {to}");
    }
}

#[test]
fn a_value_and_what_is_missing() {
    check(
        "spl",
        "eventName=CreateUser NOT errorCode=AccessDenied",
        &[
            (
                "sql",
                "SELECT eventTime, eventName, event_source, aws_region, sourceIPAddress, errorCode, event_id\nFROM cloudtrail_logs\nWHERE lower(eventName) = 'createuser' AND (errorCode IS NULL OR NOT (lower(errorCode) = 'accessdenied'))",
            ),
            (
                "filter",
                "{ ($.eventName = \"CreateUser\") && (($.errorCode NOT EXISTS) || ($.errorCode != \"AccessDenied\")) }",
            ),
            ("lucene", "eventName:\"CreateUser\" AND (* AND NOT errorCode:\"AccessDenied\")"),
            ("kql", "eventName : \"CreateUser\" and not errorCode : \"AccessDenied\""),
            (
                "insights",
                "fields @timestamp, @message\n| filter eventName like /(?i)^CreateUser$/ and (not ispresent(errorCode) or not (errorCode like /(?i)^AccessDenied$/))",
            ),
            (
                "sigma",
                "title: Translated query\nstatus: experimental\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    eventName: 'CreateUser'\n  selection_2:\n    errorCode: 'AccessDenied'\n  condition: selection and not selection_2\nlevel: medium\n",
            ),
        ],
    );
}

#[test]
fn a_field_that_is_there_and_differs() {
    check(
        "spl",
        "eventName!=Get*",
        &[
            ("filter", "{ ($.eventName = *) && (($.eventName NOT EXISTS) || ($.eventName != \"Get*\")) }"),
            ("kql", "eventName : * and not eventName : Get*"),
        ],
    );
}

const RULE: &str = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n";

#[test]
fn rules_become_searches() {
    let check = |detection: &str, expected: &[(&str, &str)]| check("sigma", &format!("{RULE}{detection}"), expected);
    check(
        "  s: {eventName: [A, B], errorCode: null}\n  condition: s",
        &[
            ("spl", "sourcetype=aws:cloudtrail (eventName=\"A\" OR eventName=\"B\") errorCode=\"success\""),
            ("filter", "{ (($.eventName = \"A\") || ($.eventName = \"B\")) && ($.errorCode NOT EXISTS) }"),
            ("lucene", "(eventName:\"A\" OR eventName:\"B\") AND (* AND NOT _exists_:errorCode)"),
        ],
    );
    check(
        "  s: {eventName|cased: A, sourceIPAddress|cidr: 10.0.0.0/8}\n  condition: s",
        &[
            ("spl", "sourcetype=aws:cloudtrail sourceIPAddress=\"10.0.0.0/8\" | where 'eventName'=\"A\""),
            (
                "insights",
                "fields @timestamp, @message\n| filter eventName = \"A\" and isIpv4InSubnet(sourceIPAddress, \"10.0.0.0/8\")",
            ),
        ],
    );
    check(
        "  s: {a.b|contains: x, readOnly: true}\n  condition: s",
        &[
            ("spl", "sourcetype=aws:cloudtrail a.b=\"*x*\" readOnly=true"),
            ("filter", "{ ($.a.b = \"*x*\") && ($.readOnly IS TRUE) }"),
            ("kql", "a.b : *x* and readOnly : true"),
        ],
    );
    check("  k: [one]\n  condition: k", &[("filter", "\"one\""), ("spl", "sourcetype=aws:cloudtrail \"one\"")]);
}

#[test]
fn groups_become_statistics() {
    check(
        "spl",
        "errorCode=* | stats count as n by eventName | where n>5 | sort - n | head 3",
        &[
            (
                "sql",
                "SELECT eventName, count(*) AS n\nFROM cloudtrail_logs\nGROUP BY eventName\nHAVING count(*) > 5\nORDER BY n DESC, eventName\nLIMIT 3",
            ),
            ("insights", "stats count(*) as n by eventName\n| filter n > 5\n| sort n desc, eventName asc\n| limit 3"),
        ],
    );
    check(
        "spl",
        "* | bin _time span=1h | stats count by _time",
        &[("insights", "stats count(*) as count by bin(3600s) as _time\n| sort _time asc")],
    );
}

#[test]
fn what_a_language_can_not_say_has_a_reason() {
    for (to, text, part) in [
        ("filter", "* | stats count", "only chooses events"),
        ("kql", "* | head 5", "only chooses documents"),
        ("sql", "* | eval x=len(eventName) | table x", "computed"),
        ("spl2", "*", "there are: spl, sql"),
    ] {
        let reason = translated("spl", text, to).expect_err(text);
        assert!(reason.contains(part), "{text}: {reason}");
    }
}

/// What is written reads as the language that it is written in.
#[test]
fn rules_survive_the_way_to_spl_and_back() {
    for detection in [
        "  s: {eventName: A}\n  condition: s",
        "  s: {eventName: [A, 'B*']}\n  f: {errorCode: x}\n  condition: s and not f",
        "  s: {a.b: 'it''s'}\n  condition: s",
        "  a: {eventName: A}\n  b: {sourceIPAddress|startswith: '10.'}\n  c: {errorCode: null}\n  condition: a and (b or c)",
    ] {
        let spl = translated("sigma", &format!("{RULE}{detection}"), "spl").expect(detection);
        let sigma = translated("spl", &spl, "sigma").expect(&spl);
        let again = translated("sigma", &sigma, "spl").expect(&sigma);
        assert_eq!(again, spl, "{sigma}");
    }
}

#[test]
fn targets_are_languages() {
    for target in TARGETS.iter().filter(|target| target.id != "sql") {
        assert!(language::front(target.id).is_some(), "{}", target.id);
    }
}
