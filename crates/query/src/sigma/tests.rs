//! Rules to the pipeline: what each form means, as the IR says it.

use super::{ast, collection::File, load, lower, predicate};
use crate::{
    language::Environment,
    pipeline::{Type, render, render_expr},
    schema::{Dialect, Resolved, Schema},
};

/// A few columns: one that is the record's own, one of an array-prone part, one of each other type.
struct Names;

const NAMES: &[(&str, &str, Type)] = &[
    ("eventName", "event_name", Type::Text),
    ("eventSource", "event_source", Type::Text),
    ("errorCode", "error_code", Type::Text),
    ("userIdentity.arn", "user_identity_arn", Type::Text),
    ("requestParameters.userName", "request_user_name", Type::Text),
    ("readOnly", "read_only", Type::Bool),
    ("eventTime", "event_time", Type::Time),
    ("additionalEventData.bytesTransferredOut", "bytes_out", Type::Int),
    ("user.name", "actor_name", Type::Text),
];

impl Schema for Names {
    fn resolve(&self, table: &str, _: Dialect, name: &str) -> Option<Resolved> {
        let (known, column, ty) = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        let spelled = (*known != name).then(|| (*known).to_owned());
        (table == "cloudtrail").then(|| Resolved { column: (*column).to_owned(), ty: *ty, default: None, spelled })
    }

    fn names(&self, _: &str, _: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn path_of(&self, _: &str, column: &str) -> Option<String> {
        NAMES
            .iter()
            .find(|(name, known, _)| *known == column && *name != "user.name")
            .map(|(name, ..)| (*name).to_owned())
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "waf", "elb", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _: Dialect, word: &str) -> Vec<String> {
        match word {
            "webserver" => vec!["waf".to_owned(), "elb".to_owned()],
            word => self.tables().into_iter().filter(|table| table == word).collect(),
        }
    }
}

fn with_environment<T>(run: impl FnOnce(&Environment<'_>) -> T) -> T {
    run(&Environment {
        parameters: &|name| (name == "admins").then(|| "alice,bob".to_owned()),
        ..Environment::new(&Names, 0)
    })
}

fn rule(detection: &str) -> String {
    format!("title: T\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n{detection}")
}

/// The predicate of a rule whose detection is this.
fn truth(detection: &str) -> String {
    let text = rule(detection);
    let collection = load(&[File { name: "t.yml".to_owned(), text: text.clone() }]);
    assert_eq!(collection.diagnostics, [], "{text}");
    let ast::Document::Rule(rule) = &collection.entries[0].document else { panic!("a rule") };
    with_environment(|env| match predicate(rule, env) {
        Ok(found) => render_expr(&found.expr),
        Err(found) => panic!("{text}\n{found:?}"),
    })
}

/// The predicate of one item.
fn item(item: &str) -> String {
    truth(&format!("  s:\n    {item}\n  condition: s"))
}

const RAW: &str = "$.a[].b[]";

#[test]
fn values_mean_what_the_specification_says() {
    for (text, expected) in [
        ("eventName: x", "eq_ignore_case(event_name, \"x\")".to_owned()),
        ("eventName|cased: x", "event_name = \"x\"".to_owned()),
        ("eventName: 'x*'", "glob_ignore_case(event_name, \"x*\")".to_owned()),
        ("eventName|contains: x", "contains_ignore_case(event_name, \"x\")".to_owned()),
        ("eventName: '*'", "is_not_null(event_name)".to_owned()),
        ("eventName: null", "is_null(event_name)".to_owned()),
        ("eventName: ''", "eq_ignore_case(event_name, \"\")".to_owned()),
        ("eventName|exists: true", "is_not_null(event_name)".to_owned()),
        ("eventName|exists: false", "not is_not_null(event_name)".to_owned()),
        ("eventName|neq: x", "not is_true(eq_ignore_case(event_name, \"x\"))".to_owned()),
        ("eventName|re: '^a'", "regex(event_name, \"^a\")".to_owned()),
        ("eventName|re|i|s: '^a'", "regex(event_name, \"(?is)^a\")".to_owned()),
        ("eventName|cidr: 10.0.0.0/8", "cidr_match(event_name, \"10.0.0.0/8\")".to_owned()),
        ("eventName|fieldref: errorCode", "eq_ignore_case(event_name, error_code)".to_owned()),
        (
            "eventName|expand: '%admins%'",
            "eq_ignore_case(event_name, \"alice\") or eq_ignore_case(event_name, \"bob\")".to_owned(),
        ),
        ("a.b: x", format!("eq_ignore_case({RAW}, \"x\")")),
        ("a.b: true", format!("eq_ignore_case({RAW}, \"true\")")),
        ("a.b: 22", format!("eq_ignore_case({RAW}, \"22\") or eq_ignore_case({RAW}, \"22.0\")")),
        ("a.b|gt: 22", "list_max($.a[].b[]) > 22".to_owned()),
        ("a.b|lte: 22", "list_min($.a[].b[]) <= 22".to_owned()),
        ("a.b|exists: true", "is_not_null(json_types(raw, \"a.b\"))".to_owned()),
        ("a.b: null", "is_null(json_types(raw, \"a.b\")) or (json_types(raw, \"a.b\") = \"null\")".to_owned()),
        ("readOnly: 'TRUE'", "read_only = true".to_owned()),
        ("readOnly: false", "read_only = false".to_owned()),
        ("readOnly: maybe", "eq_ignore_case($.readOnly[], \"maybe\")".to_owned()),
        ("additionalEventData.bytesTransferredOut|gte: 5", "bytes_out >= 5".to_owned()),
        ("eventTime|hour: 3", "to_int(strftime(event_time, \"%H\")) = 3".to_owned()),
        ("eventTime|hour|gte: 18", "to_int(strftime(event_time, \"%H\")) >= 18".to_owned()),
        ("user.name: x", "eq_ignore_case(actor_name, \"x\")".to_owned()),
        (
            "requestParameters.userName: x",
            "eq_ignore_case(request_user_name, \"x\") or (glob(request_user_name, \"[*\") and \
             eq_ignore_case($.requestParameters[].userName[], \"x\"))"
                .to_owned(),
        ),
        (
            "eventName|contains|all: [a, b]",
            "contains_ignore_case(event_name, \"a\") and contains_ignore_case(event_name, \"b\")".to_owned(),
        ),
    ] {
        assert_eq!(item(text), expected, "{text}");
    }
}

#[test]
fn searches_combine() {
    for (text, expected) in [
        ("  s: {eventName: a, errorCode: b}\n  condition: s", "A and B"),
        ("  s: [{eventName: a}, {errorCode: b}]\n  condition: s", "A or B"),
        ("  s: {eventName: a}\n  f: {errorCode: b}\n  condition: s and not f", "A and not is_true(B)"),
        ("  s1: {eventName: a}\n  s2: {errorCode: b}\n  condition: 1 of s*", "A or B"),
        ("  s1: {eventName: a}\n  s2: {errorCode: b}\n  condition: all of them", "A and B"),
        ("  s1: {eventName: a}\n  _s2: {errorCode: b}\n  condition: 1 of them", "A"),
        ("  s: {eventName: a}\n  t: {errorCode: b}\n  condition: [s, t]", "A or B"),
    ] {
        let expected = expected
            .replace('A', "eq_ignore_case(event_name, \"a\")")
            .replace('B', "eq_ignore_case(error_code, \"b\")");
        assert_eq!(truth(text), expected, "{text}");
    }
    assert_eq!(
        truth("  k: [abc, 'd*e']\n  condition: k"),
        "contains_ignore_case(json_leaves(raw), \"abc\") or glob_ignore_case(json_leaves(raw), \"*d*e*\")"
    );
    assert_eq!(truth("  k:\n    '|all': [a, b]\n  condition: k").matches(" and ").count(), 1);
    assert!(
        truth("  a: {eventName: a}\n  b: {eventName: b}\n  c: {eventName: c}\n  condition: 2 of them")
            .ends_with(">= 2")
    );
}

fn pipeline(text: &str) -> String {
    with_environment(|env| match lower(text, env) {
        Ok(lowered) => render(&lowered.pipeline),
        Err(found) => panic!("{text}\n{}", crate::diagnostic::render(text, &found)),
    })
}

#[test]
fn a_rule_is_a_filter_over_events() {
    let text = rule("  s: {eventName: a}\n  condition: s\nfields: [requestParameters.x]");
    assert_eq!(
        pipeline(&text),
        "scan cloudtrail\nfilter eq_ignore_case(event_name, \"a\")\nsort event_time desc\nproject '_time' = event_time, \
         'eventName' = event_name, 'eventSource' = event_source, 'user' = actor_name, 'errorCode' = error_code, \
         'requestParameters.x' = list_join($.requestParameters[].x[], \", \"), 'eventID' = event_id, '_raw' = raw\n"
    );
}

const BASE: &str = "title: A\nid: 11111111-1111-1111-1111-111111111111\nname: a\nlogsource: {product: aws, service: cloudtrail}\n\
    detection:\n  s: {eventName: a}\n  condition: s\n---\ntitle: B one\nlogsource: {product: aws, service: cloudtrail}\n\
    detection:\n  s: {eventName: b}\n  condition: s\n---\n";

#[test]
fn correlations_are_windows() {
    let correlation = |body: &str| pipeline(&format!("{BASE}title: C\ncorrelation:\n  timespan: 1m\n{body}"));
    let count = correlation(
        "  type: event_count\n  rules: [11111111-1111-1111-1111-111111111111]\n  group-by: [userIdentity.arn]\n  condition: {gte: 3}",
    );
    for part in [
        "window '_rule2_count' = count() where '_rule0' by user_identity_arn order event_time range 60000000us and current",
        "extend '_rule2' = '_rule0' and ('_rule2_count' >= 3)",
        // The second rule is no part of the correlation and answers for itself.
        "filter '_rule1' or '_rule2'",
    ] {
        assert!(count.contains(part), "{part}\n{count}");
    }
    let both = correlation("  type: temporal\n  rules: [a, B one]");
    assert!(
        both.contains("'_rule2_count0' = count() where '_rule0', '_rule2_count1' = count() where '_rule1'"),
        "{both}"
    );
    assert!(both.contains("\nfilter '_rule2'\n"), "{both}");
    let order = correlation("  type: temporal_ordered\n  rules: [a, B one]");
    assert!(order.contains("extend '_rule2_start0' = if('_rule0', event_time, null)"), "{order}");
    assert!(order.contains("window '_rule2_reach0' = max('_rule2_start0')"), "{order}");
    let values =
        correlation("  type: value_count\n  rules: [a]\n  condition: {field: errorCode, gte: 2}\n  generate: true");
    assert!(values.contains("'_rule2_value' = distinct_count(error_code) where '_rule0'"), "{values}");
    assert!(values.contains("filter ('_rule0' or '_rule1') or '_rule2'"), "{values}");
    let alias = correlation(
        "  type: temporal\n  rules: [a, B one]\n  group-by: [who]\n  aliases:\n    who: {a: errorCode, B one: eventSource}",
    );
    assert!(alias.contains("by if('_rule0', error_code, if('_rule1', event_source, null))"), "{alias}");
    let logic = correlation("  type: temporal\n  rules: [a, B one]\n  condition: a and not a");
    assert!(logic.contains("not ('_rule2_count0' >= 1)"), "{logic}");
}

#[test]
fn correlations_of_correlations() {
    let text = format!(
        "{BASE}title: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {{gte: 3}}\n---\n\
         title: Then\ncorrelation:\n  type: temporal_ordered\n  rules: [many, B one]\n  timespan: 5m\n"
    );
    let plan = pipeline(&text);
    assert!(plan.find("extend '_rule2'") < plan.find("extend '_rule3_start0'"), "{plan}");
    assert!(plan.contains("\nfilter '_rule3'\n"), "{plan}");
    let circle = "title: X\ncorrelation: {type: temporal, rules: [X], timespan: 1m}";
    assert_eq!(errors(circle), ["sigma.correlation"]);
}

#[test]
fn old_aggregations_are_windows_too() {
    let plan =
        pipeline(&rule("  s: {eventName: a}\n  timeframe: 10m\n  condition: s | count(errorCode) by eventSource > 5"));
    assert!(plan.contains("window '_rule0_0_value' = distinct_count(error_code) where '_rule0_0' by event_source order event_time range 600000000us"), "{plan}");
    let whole = pipeline(&rule("  s: {eventName: a}\n  condition: s | count() > 5"));
    assert!(whole.contains("window '_rule0_0_value' = count() where '_rule0_0'\n"), "{whole}");
    let near = pipeline(&rule("  s: {eventName: a}\n  t: {eventName: b}\n  timeframe: 1m\n  condition: s | near t"));
    assert!(near.contains("'_rule0_0_near0'"), "{near}");
}

#[test]
fn log_sources_are_tables() {
    let at = |source: &str| {
        let text = format!("title: T\nlogsource: {source}\ndetection:\n  s: {{cs-method: GET}}\n  condition: s");
        let plan = pipeline(&text);
        plan.lines().take(2).map(str::to_owned).collect::<Vec<_>>().join(" / ")
    };
    assert!(at("{service: waf}").starts_with("scan waf / "));
    let web = at("{category: webserver}");
    assert!(
        web.contains("scan all / filter in(log_type, \"waf\", \"elb\") and eq_ignore_case($.http[].request[].method[]"),
        "{web}"
    );
    assert!(at("{product: aws}").starts_with("scan cloudtrail"));
    let foreign = "title: T\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}";
    assert_eq!(errors(foreign), ["sigma.no-table"]);
}

#[test]
fn several_rules_name_themselves() {
    let plan = pipeline(BASE.trim_end_matches("---\n"));
    assert!(plan.contains("'rule' = list_join(list_append(to_list(if('_rule0', \"A\", null)), to_list(if('_rule1', \"B one\", null))), \", \")"), "{plan}");
}

#[test]
fn global_documents_and_filters_apply() {
    let global = "action: global\ntitle: T\nlogsource: {product: aws, service: cloudtrail}\n---\ndetection: {s: {eventName: a}, condition: s}\n---\ndetection: {s: {eventName: b}, condition: s}";
    assert!(pipeline(global).contains("eq_ignore_case(event_name, \"a\") or eq_ignore_case(event_name, \"b\")"));
    let filter = format!(
        "{BASE}title: F\nlogsource: {{product: aws}}\nfilter:\n  rules: [a]\n  f: {{errorCode: x}}\n  condition: not f\n"
    );
    assert!(
        pipeline(&filter)
            .contains("eq_ignore_case(event_name, \"a\") and not is_true(eq_ignore_case(error_code, \"x\"))")
    );
}

fn diagnostics(text: &str) -> Vec<crate::diagnostic::Diagnostic> {
    with_environment(|env| lower(text, env).map_or_else(|found| found, |lowered| lowered.diagnostics))
}

fn errors(text: &str) -> Vec<String> {
    diagnostics(text).into_iter().map(|found| found.code).collect()
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (detection, code, at) in [
        ("  s: {eventName: a}\n  condition: t", "sigma.unknown-search", "t"),
        ("  s: {eventName|contian: a}\n  condition: s", "sigma.unknown-modifier", "contian"),
        ("  s: {eventName|re: 'a('}\n  condition: s", "sigma.regex", "'a('"),
        ("  s: {eventName|re: 'a(?=b)'}\n  condition: s", "sigma.regex", "'a(?=b)'"),
        ("  s: {eventName|cidr: 10.0.0.0/33}\n  condition: s", "sigma.value", "10.0.0.0/33"),
        ("  s: {eventName|gt: many}\n  condition: s", "sigma.value", "many"),
        ("  s: {eventName|exists: perhaps}\n  condition: s", "sigma.value", "perhaps"),
        ("  s: {eventName|expand: '%who%'}\n  condition: s", "sigma.placeholder", "'%who%'"),
        ("  s: {eventname: a}\n  condition: s", "sigma.field-case", "eventname"),
        ("  s: {eventName: []}\n  condition: s", "sigma.value", "eventName"),
        ("  s: {eventName: a, eventName: b}\n  condition: s", "sigma.duplicate-key", "eventName"),
        ("  s: {eventName: {a: b}}\n  condition: s", "sigma.value", "{a: b}"),
        ("  s: {eventName: a}\n  condition: 1 of x*", "sigma.unknown-search", "x*"),
        ("  s: {eventName: a}\n  condition: s s", "sigma.condition", "s"),
    ] {
        let text = rule(detection);
        let found = diagnostics(&text);
        let codes: Vec<&str> = found.iter().map(|d| d.code.as_str()).collect();
        assert_eq!(codes, [code], "{text}");
        assert_eq!(&text[found[0].span.start..found[0].span.end], at, "{text}");
    }
    for (text, code) in [
        ("", "sigma.empty"),
        ("title: x", "sigma.no-detection"),
        ("just text", "sigma.document"),
        ("title: x\ndetecton: {a: b}", "sigma.no-detection"),
        ("title: x\ndetection: {s: {a: b}, condition: s}", "sigma.no-logsource"),
        ("title: x\nlogsource: {product: aws}\ndetection: {s: {a: b}}", "sigma.no-condition"),
        ("title: x\ncorrelation: {type: temporal, rules: [y], timespan: 5m}", "sigma.unknown-rule"),
        ("title: x\ncorrelation: {type: evnt_count, rules: [y], timespan: 5m}", "sigma.correlation-type"),
        ("title: x\ncorrelation: {type: temporal, rules: [y], timespan: soon}", "sigma.timespan"),
        ("title: x\ncorrelation: {type: event_count, rules: [y], timespan: 5m}", "sigma.correlation"),
        ("a: [", "sigma.yaml"),
    ] {
        assert!(errors(text).contains(&code.to_owned()), "{text}: {:?}", errors(text));
    }
}

#[test]
fn one_broken_rule_does_not_keep_a_folder_from_loading() {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let correlation = "title: C\ncorrelation: {type: temporal, rules: [a, B one], timespan: 5m}";
    let collection = load(&[file("c.yml", correlation), file("bad.yml", "title: x\n  y: ["), file("base.yml", BASE)]);
    assert_eq!(collection.entries.len(), 3);
    assert!(collection.diagnostics.iter().all(|(file, _)| *file == 1), "{:?}", collection.diagnostics);
    assert_eq!(collection.outputs(), [0]);
    with_environment(|env| assert!(collection.lower(&[0], env).is_ok()));
}

#[test]
fn examples_lower() {
    for entry in super::reference::entries() {
        let found =
            with_environment(|env| lower(entry.example, env).map_err(|d| crate::diagnostic::render(entry.example, &d)));
        assert!(found.is_ok(), "{}: {}", entry.name, found.unwrap_err());
        assert_eq!(super::recognise(entry.example), 100, "{}", entry.name);
    }
}
