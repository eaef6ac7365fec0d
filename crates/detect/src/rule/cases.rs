//! The tests of a rule: events that it must find and events that it must not, as what is laid over an event that is whole.

use query::span::Span;
use query::yaml::{Content, Node, Scalar};
use serde_json::{Map, Value};

use super::reader::Reader;

/// Most events that one test may stand for.
const MOST: u32 = 100_000;

/// An event of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseEvent {
    /// What is laid over the rule's base event; null takes a member away.
    pub record: Value,
    /// The record as it is logged, instead.
    pub raw: Option<String>,
    /// Enriched columns as they are to be: location databases and lists are the user's own.
    pub enriched: Map<String, Value>,
    /// Time since the event before it, microseconds; none: a second.
    pub after: Option<i64>,
    /// How often it comes.
    pub times: u32,
}

/// One test: events in the order in which they happen. It is found if its last event raises.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The events.
    pub events: Vec<CaseEvent>,
    /// Where it stands.
    pub span: Span,
}

/// A rule's tests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    /// Laid over the default event.
    pub base: Value,
    /// Enriched columns of every event.
    pub enriched: Map<String, Value>,
    /// What must be found.
    pub matching: Vec<Case>,
    /// What must not.
    pub other: Vec<Case>,
}

/// Reads `tests`.
pub(super) fn cases(reader: &mut Reader, node: &Node) -> Cases {
    reader.members(node, "`tests`", &["base", "match", "no_match"]);
    let mut list = |key: &str| -> Vec<Case> {
        let items = node.get(key).filter(|node| !node.is_null()).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| case(reader, item)).collect()
    };
    let (matching, other) = (list("match"), list("no_match"));
    let mut base = node.get("base").map_or(Value::Null, json);
    let enriched = match base.as_object_mut().and_then(|base| base.remove("enriched")) {
        Some(Value::Object(enriched)) => enriched,
        _ => Map::new(),
    };
    Cases { base, enriched, matching, other }
}

fn case(reader: &mut Reader, node: &Node) -> Option<Case> {
    let events: Option<Vec<CaseEvent>> = node.items().iter().map(|item| event(reader, item)).collect();
    let events = events.filter(|events| !events.is_empty())?;
    if events.iter().map(|event| u64::from(event.times)).sum::<u64>() > u64::from(MOST) {
        reader.error("tests", format!("a test has at most {MOST} events"), node.span);
        return None;
    }
    Some(Case { events, span: node.span })
}

fn event(reader: &mut Reader, node: &Node) -> Option<CaseEvent> {
    let Some(members) = node.map() else {
        reader.error("tests", "a test is an event (a map), or a list of events", node.span);
        return None;
    };
    let mut event = CaseEvent { record: Value::Null, raw: None, enriched: Map::new(), after: None, times: 1 };
    let mut record = Map::new();
    for (key, value) in members {
        match key.text().unwrap_or_default() {
            "after" => event.after = reader.duration(value, "`after`"),
            "times" => event.times = reader.whole(value, "`times`", (1, MOST)).unwrap_or(1),
            "enriched" => match json(value) {
                Value::Object(columns) => event.enriched = columns,
                _ => reader.error("tests", "`enriched` is a map of stored columns", value.span),
            },
            "raw" => event.raw = reader.text(value, "`raw`"),
            name => {
                record.insert(name.to_owned(), json(value));
            }
        }
    }
    if event.raw.is_some() && !record.is_empty() {
        reader.error("tests", "an event is `raw`, or what is laid over the base, not both", node.span);
    }
    event.record = Value::Object(record);
    Some(event)
}

/// YAML as JSON.
fn json(node: &Node) -> Value {
    match &node.content {
        Content::Scalar(scalar) => scalar_json(scalar),
        Content::List(items) => Value::Array(items.iter().map(json).collect()),
        Content::Map(members) => {
            let members = members.iter().map(|(key, value)| {
                let key = key.scalar().map(|key| key.text.clone()).unwrap_or_default();
                (key, json(value))
            });
            Value::Object(members.collect())
        }
    }
}

fn scalar_json(scalar: &Scalar) -> Value {
    if scalar.is_null() {
        return Value::Null;
    }
    if let Some(truth) = scalar.truth() {
        return Value::Bool(truth);
    }
    if scalar.plain
        && let Ok(number) = scalar.text.parse::<i64>()
    {
        // An account with zeros in front is no number.
        if number.to_string() == scalar.text {
            return Value::from(number);
        }
    } else if let Some(number) = scalar.number() {
        return Value::from(number);
    }
    Value::String(scalar.text.clone())
}
