//! From the text of a rule file to a rule, with all that is wrong with it.

use chrono::{DateTime, NaiveDate};
use query::diagnostic::Diagnostic;
use query::span::Span;
use query::yaml::{self, Node};

use super::cases::cases;
use super::mode::mode;
use super::reader::Reader;
use super::{Cases, Excepted, Exception, Mode, Query, Rule, Severity};
use crate::attack::Attack;

/// The keys of a rule file: name, whether a rule can do without, and what it says.
pub const KEYS: &[(&str, bool, &str)] = &[
    ("id", false, "The rule's name for programs: small letters, digits and hyphens, as the file is called."),
    ("title", false, "What an alert is called. A text, or `{ en: …, ja: … }`."),
    ("description", true, "What it sees and why that matters. A text, or `{ en: …, ja: … }`."),
    ("advice", true, "What to do first. A text, or `{ en: …, ja: … }`."),
    ("severity", true, "`informational`, `low`, `medium` (the default), `high` or `critical`."),
    ("enabled", true, "`false`: in the catalogue, but it does not run."),
    ("attack", true, "Tactics and techniques of MITRE ATT&CK, by id."),
    ("covers", true, "Detections of other systems with the same meaning."),
    ("logs", true, "The log types that it reads; `[cloudtrail]` by default."),
    (
        "query",
        false,
        "`{ lang: …, text: … }`: what it looks for. Not in a correlation, whose steps have queries, nor with `health`.",
    ),
    ("mode", true, "How events become findings; `each` by default."),
    (
        "group_by",
        true,
        "The fields by which findings become one alert; account and actor by default. `[]`: all that the rule finds is one.",
    ),
    ("cool_down", true, "How long the same alert is not told again; `1h` by default."),
    (
        "exceptions",
        true,
        "Events that it passes over: a field, `value`, `cidr` or `glob`, a reason, and perhaps `until`.",
    ),
    ("references", true, "Where to read more."),
    ("tests", true, "Events that it must find and events that it must not."),
];

/// The languages that a rule's query may be in.
const LANGUAGES: [&str; 9] = ["spl", "sumo", "sql", "insights", "filter", "lucene", "kql", "dsl", "sigma"];

const HOUR: i64 = 3_600_000_000;

/// Longest text of a rule, bytes.
const LONGEST: usize = 1 << 20;

/// Reads a rule. Errors and warnings stand beside it; with an error there is none.
#[must_use]
pub fn read(text: &str, attack: &Attack) -> (Option<Rule>, Vec<Diagnostic>) {
    let whole = Span::new(0, text.len());
    if text.len() > LONGEST {
        let message = format!("a rule has at most {LONGEST} bytes");
        return (None, vec![Diagnostic::error("rule.too-large", message, whole)]);
    }
    let (documents, diagnostics) = yaml::read(text, "rule");
    let mut reader = Reader { diagnostics };
    match documents.as_slice() {
        [] if reader.failed() => {}
        [document] => {
            let rule = rule(&mut reader, document, attack);
            return (rule.filter(|_| !reader.failed()), reader.diagnostics);
        }
        [] => reader.error("empty", "there is no rule", whole),
        [_, second, ..] => reader.error("several", "a file holds one rule", second.span),
    }
    (None, reader.diagnostics)
}

fn rule(reader: &mut Reader, node: &Node, attack: &Attack) -> Option<Rule> {
    let keys: Vec<&str> = KEYS.iter().map(|(key, ..)| *key).collect();
    reader.members(node, "a rule", &keys);
    node.map()?;
    for key in ["id", "title"] {
        if node.get(key).is_none() {
            reader.error("missing", format!("a rule needs `{key}`"), Span::new(node.span.start, node.span.start));
        }
    }
    let mode = node.get("mode").map_or(Mode::Each, |node| mode(reader, node));
    let query = node.get("query").and_then(|node| query(reader, node));
    match (&mode, node.get("query")) {
        (Mode::Correlation { .. }, Some(node)) => {
            reader.error("query", "the queries of a correlation are those of its steps", node.span);
        }
        (Mode::Health { .. }, Some(node)) => {
            reader.error("query", "a rule about Trailhound's health has no query", node.span);
        }
        (Mode::Correlation { .. } | Mode::Health { .. }, None) | (_, Some(_)) => {}
        (_, None) => {
            reader.error("missing", "a rule needs `query`", Span::new(node.span.start, node.span.start));
        }
    }
    let two = |reader: &mut Reader, key: &str| node.get(key).map(|node| reader.two(node, &format!("`{key}`")));
    let texts = |reader: &mut Reader, key: &str| {
        node.get(key).map(|node| reader.texts(node, &format!("`{key}`"))).unwrap_or_default()
    };
    Some(Rule {
        id: node.get("id").and_then(|node| id(reader, node)).unwrap_or_default(),
        title: two(reader, "title").unwrap_or_default(),
        description: two(reader, "description").unwrap_or_default(),
        advice: two(reader, "advice").unwrap_or_default(),
        severity: node.get("severity").and_then(|node| severity(reader, node)).unwrap_or(Severity::Medium),
        enabled: node.get("enabled").and_then(|node| reader.truth(node, "`enabled`")).unwrap_or(true),
        attack: node.get("attack").map(|node| techniques(reader, node, attack)).unwrap_or_default(),
        covers: texts(reader, "covers"),
        logs: match (node.get("logs"), &mode) {
            (Some(node), _) => logs(reader, node),
            // It reads none.
            (None, Mode::Health { .. }) => Vec::new(),
            (None, _) => vec!["cloudtrail".to_owned()],
        },
        query,
        group_by: texts(reader, "group_by"),
        one_alert: node.get("group_by").is_some_and(|node| !node.is_null() && node.items().is_empty()),
        cool_down: node.get("cool_down").and_then(|node| reader.duration(node, "`cool_down`")).unwrap_or(HOUR),
        exceptions: exceptions(reader, node.get("exceptions")),
        references: texts(reader, "references"),
        tests: node.get("tests").map_or_else(Cases::default, |node| cases(reader, node)),
        mode,
    })
}

/// Ids that are addresses of the API and of pages beside the rules'.
const RESERVED: [&str; 2] = ["new", "replay"];

/// Whether no rule can be called so.
pub(crate) fn reserved(id: &str) -> bool {
    RESERVED.contains(&id)
}

/// An id: what may stand in a URL and name a file anywhere.
fn id(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "`id`")?;
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.len() > 100 || !text.chars().all(good) || text.starts_with('-') || text.ends_with('-') {
        reader.error("id", "an id has small letters, digits and hyphens between them, at most 100", node.span);
    }
    if reserved(&text) {
        let message = format!("no rule can be called `{text}`: the server has something else at /rules/{text}");
        reader.error("id", message, node.span);
    }
    Some(text)
}

fn severity(reader: &mut Reader, node: &Node) -> Option<Severity> {
    let text = reader.text(node, "`severity`")?;
    let found = Severity::named(&text);
    if found.is_none() {
        let message = format!("there is no severity `{text}`");
        reader.unknown(("severity", message), node.span, &text, Severity::ALL.map(Severity::as_str));
    }
    found
}

fn techniques(reader: &mut Reader, node: &Node, attack: &Attack) -> Vec<String> {
    let mut out = Vec::new();
    for item in node.items() {
        let Some(id) = reader.text(item, "an element of `attack`") else { continue };
        if !attack.knows(&id) {
            let message = format!("`{id}` is no tactic or technique in rules/attack.tsv");
            reader.unknown(("attack", message), item.span, &id, attack.ids());
        }
        out.push(id);
    }
    out
}

fn logs(reader: &mut Reader, node: &Node) -> Vec<String> {
    let known: Vec<&str> = event::log_types().iter().map(|log_type| log_type.id).chain(["all"]).collect();
    let mut out = Vec::new();
    for item in node.items() {
        let Some(name) = reader.text(item, "an element of `logs`") else { continue };
        if !known.contains(&name.as_str()) {
            let message = format!("there is no log type `{name}`");
            reader.unknown(("logs", message), item.span, &name, known.iter().copied());
        }
        out.push(name);
    }
    if out.is_empty() {
        reader.error("logs", "a rule reads one log type at least", node.span);
    }
    out
}

/// A query: its language and its text.
pub(super) fn query(reader: &mut Reader, node: &Node) -> Option<Query> {
    reader.members(node, "a query", &["lang", "text"]);
    node.map()?;
    let lang = node.get("lang").and_then(|node| reader.text(node, "`lang`"));
    if let (Some(lang), Some(node)) = (&lang, node.get("lang"))
        && !LANGUAGES.contains(&lang.as_str())
    {
        let message = format!("there is no language `{lang}`");
        reader.unknown(("language", message), node.span, lang, LANGUAGES);
    }
    let text = node.get("text").and_then(|node| reader.text(node, "`text`"));
    for (key, found) in [("lang", lang.is_some()), ("text", text.is_some())] {
        if !found && node.get(key).is_none() {
            reader.error("missing", format!("a query needs `{key}`"), node.span);
        }
    }
    Some(Query { lang: lang?, text: text?, span: node.get("text")?.span })
}

fn exceptions(reader: &mut Reader, node: Option<&Node>) -> Vec<Exception> {
    let items = node.filter(|node| !node.is_null()).map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| exception(reader, item)).collect()
}

fn exception(reader: &mut Reader, node: &Node) -> Option<Exception> {
    reader.members(node, "an exception", &["field", "value", "cidr", "glob", "reason", "until"]);
    let field = node.get("field").and_then(|node| reader.text(node, "`field`"));
    let mut kinds = ["value", "cidr", "glob"].into_iter().filter_map(|kind| Some((kind, node.get(kind)?)));
    let (kind, compared) = match (kinds.next(), kinds.next()) {
        (Some(only), None) => only,
        _ => {
            reader.error("exception", "an exception has a field and one of `value`, `cidr`, `glob`", node.span);
            return None;
        }
    };
    let text = reader.text(compared, &format!("`{kind}`"))?;
    let is = match kind {
        "value" => Excepted::Value(text),
        "glob" => Excepted::Glob(text),
        _ => {
            if !is_block(&text) {
                reader.error("exception", format!("`{text}` is no block of addresses: 10.0.0.0/8"), compared.span);
            }
            Excepted::Cidr(text)
        }
    };
    if field.is_none() {
        reader.error("exception", "an exception needs `field`", node.span);
    }
    let reason = node.get("reason").and_then(|node| reader.text(node, "`reason`")).unwrap_or_default();
    let until = node.get("until").and_then(|node| instant(reader, node));
    Some(Exception { field: field?, is, reason, until })
}

fn instant(reader: &mut Reader, node: &Node) -> Option<i64> {
    let text = reader.text(node, "`until`")?;
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    let found = DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp_micros()).ok();
    let found = found.or_else(|| day.map(|day| day.and_utc().timestamp_micros()));
    if found.is_none() {
        reader.error("until", "`until` has to be a day (2027-01-31) or an instant (2027-01-31T09:00:00Z)", node.span);
    }
    found
}

/// Whether a text is an address with a prefix length.
pub(crate) fn is_block(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let width = match address.trim().parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.trim().parse::<u32>().is_ok_and(|prefix| prefix <= width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attack() -> Attack {
        Attack::parse(assets::attack())
    }

    const GOOD: &str = r#"
id: trail-stopped
title: { en: Trail stopped, ja: 記録の停止 }
severity: high
attack: [TA0112, T1562.008]
query: { lang: filter, text: '{ $.eventName = "StopLogging" }' }
mode: { threshold: { window: 10m, count: 3, distinct: event_name } }
exceptions:
  - { field: source_ip_address, cidr: 10.0.0.0/8, reason: the office, until: 2027-01-01 }
tests:
  base: { eventSource: cloudtrail.amazonaws.com, recipientAccountId: 012345678901 }
  match:
    - { eventName: StopLogging }
    - [ { eventName: StopLogging }, { after: 5m, times: 2, eventName: StopLogging } ]
  no_match:
    - { eventName: StartLogging }
"#;

    #[test]
    fn a_rule_is_read() {
        let (rule, diagnostics) = read(GOOD, &attack());
        assert_eq!(diagnostics, []);
        let rule = rule.expect("a rule");
        assert_eq!((rule.title.ja.as_str(), rule.severity, rule.enabled), ("記録の停止", Severity::High, true));
        let threshold = Mode::Threshold { window: 600_000_000, count: 3, distinct: Some("event_name".into()) };
        assert_eq!(rule.mode, threshold);
        assert_eq!(rule.cool_down, HOUR);
        assert!(!rule.one_alert);
        assert_eq!(rule.exceptions[0].until, Some(1_798_761_600_000_000));
        assert_eq!((rule.tests.matching.len(), rule.tests.other.len()), (2, 1));
        let history = &rule.tests.matching[1].events[1];
        assert_eq!((history.after, history.times), (Some(300_000_000), 2));
        assert_eq!(rule.tests.base["recipientAccountId"], "012345678901");
        let span = rule.query.expect("a query").span;
        assert!(GOOD[span.start..span.end].contains("StopLogging"));
    }

    #[test]
    fn an_empty_group_is_one_alert() {
        let one = |line: &str| read(&GOOD.replace("severity: high", line), &attack()).0.expect("a rule").one_alert;
        assert!(one("severity: high\ngroup_by: []"));
        assert!(!one("severity: high\ngroup_by: [event_name]"));
        assert!(!one("severity: high\ngroup_by:"));
    }

    /// What is wrong, by code, at the texts meant.
    fn check(change: (&str, &str), expected: &[(&str, &str)]) {
        let text = GOOD.replace(change.0, change.1);
        assert_ne!(text, GOOD, "{}", change.0);
        let (rule, diagnostics) = read(&text, &attack());
        let found: Vec<(&str, &str)> = diagnostics
            .iter()
            .map(|d| (d.code.as_str(), text[d.span.start..d.span.end].lines().next().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{text}\n{diagnostics:?}");
        assert!(rule.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_where_it_stands() {
        check(("severity: high", "severty: high"), &[("rule.unknown-key", "severty")]);
        check(("severity: high", "severity: hgih"), &[("rule.severity", "hgih")]);
        check(("T1562.008", "T1562.800"), &[("rule.attack", "T1562.800")]);
        check(("lang: filter", "lang: filtre"), &[("rule.language", "filtre")]);
        check(("window: 10m", "window: soon"), &[("rule.duration", "soon")]);
        check(("count: 3", "count: 1"), &[("rule.type", "1")]);
        check(("10.0.0.0/8", "10.0.0.0/80"), &[("rule.exception", "10.0.0.0/80")]);
        check(("id: trail-stopped", "id: Trail_Stopped"), &[("rule.id", "Trail_Stopped")]);
        check(("id: trail-stopped", "id: replay"), &[("rule.id", "replay")]);
        check(("until: 2027-01-01", "until: later"), &[("rule.until", "later")]);
        check(
            ("threshold: {", "treshold: {"),
            &[("rule.mode", "{ treshold: { window: 10m, count: 3, distinct: event_name } }")],
        );
        check(("severity: high", "severity: high\nseverity: low"), &[("rule.twice", "severity")]);
    }

    #[test]
    fn everything_is_said_at_once_with_what_was_meant() {
        let text = "id: x\ntitel: y\nseverity: hgih\nquery: { lang: filter }\n";
        let (rule, diagnostics) = read(text, &attack());
        assert!(rule.is_none());
        let codes: Vec<&str> = diagnostics.iter().map(|d| d.code.as_str()).collect();
        assert_eq!(codes, ["rule.unknown-key", "rule.missing", "rule.missing", "rule.severity"]);
        assert_eq!(diagnostics[0].suggestion.as_deref(), Some("title"));
        assert_eq!(diagnostics[3].suggestion.as_deref(), Some("high"));
    }

    #[test]
    fn hostile_texts_end_in_a_diagnostic() {
        for text in ["", "a: [", "- x", "x", "a: 1\n---\nb: 2", &"[".repeat(5000), "id: [1]\ntitle: {}\nquery: 7"] {
            let (rule, diagnostics) = read(text, &attack());
            assert!(rule.is_none() && !diagnostics.is_empty(), "{text:.20}");
        }
    }
}
