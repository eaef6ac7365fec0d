//! A policy document as statements.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Strings in strings that are looked through: a log may quote a document, and URL-encode it.
const DEPTH: usize = 3;

/// One statement.
pub(super) struct Statement {
    /// Allow, else Deny.
    pub allow: bool,
    /// Who is meant.
    pub principals: Principals,
    /// `Action` or `NotAction`.
    pub actions: Patterns,
    /// `Resource` or `NotResource`.
    pub resources: Patterns,
    /// All of them have to hold.
    pub conditions: Vec<Condition>,
}

/// Whom a statement speaks of.
pub(super) enum Principals {
    /// These. None in policies of identities.
    Named(Vec<Principal>),
    /// Everyone else.
    AllBut(Vec<Principal>),
}

/// One principal.
pub(super) enum Principal {
    /// `*`.
    Anyone,
    /// An account, a user, a role or a session, as written.
    Aws(String),
    /// A service of AWS.
    Service,
    /// An identity provider.
    Federated(String),
    /// An account by the id that S3 knows it by.
    Canonical(String),
}

/// Patterns with `*` and `?`, or everything but them.
pub(super) struct Patterns {
    /// As written.
    pub values: Vec<String>,
    /// `NotAction`, `NotResource`.
    pub negated: bool,
}

/// One key of one operator of a condition.
pub(super) struct Condition {
    /// The operator in lower case, without quantifier and `ifexists`.
    pub operator: String,
    /// `foranyvalue`, `forallvalues`, or nothing.
    pub quantifier: String,
    /// Whether it holds where the key is not there.
    pub if_exists: bool,
    /// The key in lower case.
    pub key: String,
    /// Any of them.
    pub values: Vec<String>,
}

/// The statements of a policy; none where the text is none.
pub(super) fn parse(text: &str) -> Option<Vec<Statement>> {
    statements(&json(text, DEPTH)?)
}

fn json(text: &str, depth: usize) -> Option<Value> {
    let text = decoded(text.trim());
    if depth == 0 || !text.starts_with(['{', '[', '"']) {
        return None;
    }
    match serde_json::from_str(&text).ok()? {
        Value::String(inner) => json(&inner, depth - 1),
        value => Some(value),
    }
}

/// URL-encoded where it begins so: `%7B`.
fn decoded(text: &str) -> Cow<'_, str> {
    let encoded = text.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("%7b"));
    if !encoded {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn statements(value: &Value) -> Option<Vec<Statement>> {
    match value {
        Value::Array(items) => items.iter().map(|item| statement(item.as_object()?)).collect(),
        Value::Object(members) => match member(members, "Statement") {
            Some(Value::String(text)) => statements(&json(text, DEPTH)?),
            Some(inner) => statements(inner),
            None => Some(vec![statement(members)?]),
        },
        _ => None,
    }
}

fn statement(members: &Map<String, Value>) -> Option<Statement> {
    let effect = member(members, "Effect")?.as_str()?;
    Some(Statement {
        allow: effect.eq_ignore_ascii_case("Allow"),
        principals: principals(members),
        actions: patterns(members, "Action", "NotAction"),
        resources: patterns(members, "Resource", "NotResource"),
        conditions: member(members, "Condition").and_then(Value::as_object).map(conditions).unwrap_or_default(),
    })
}

/// A member, its name in any case.
fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn patterns(members: &Map<String, Value>, name: &str, negated: &str) -> Patterns {
    match member(members, negated) {
        Some(value) => Patterns { values: strings(value), negated: true },
        None => Patterns { values: member(members, name).map(strings).unwrap_or_default(), negated: false },
    }
}

fn principals(members: &Map<String, Value>) -> Principals {
    match member(members, "NotPrincipal") {
        Some(value) => Principals::AllBut(named(value)),
        None => Principals::Named(member(members, "Principal").map(named).unwrap_or_default()),
    }
}

fn named(value: &Value) -> Vec<Principal> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, value)| strings(value).into_iter().map(move |text| principal(kind, text)))
            .collect(),
        other => strings(other).into_iter().map(bare).collect(),
    }
}

fn principal(kind: &str, text: String) -> Principal {
    match kind.to_ascii_lowercase().as_str() {
        "service" => Principal::Service,
        _ if text == "*" => Principal::Anyone,
        "federated" => Principal::Federated(text),
        "canonicaluser" => Principal::Canonical(text),
        _ => Principal::Aws(text),
    }
}

/// A principal that stands without its kind.
fn bare(text: String) -> Principal {
    if text == "*" {
        Principal::Anyone
    } else if text.ends_with(".amazonaws.com") {
        Principal::Service
    } else {
        Principal::Aws(text)
    }
}

fn conditions(operators: &Map<String, Value>) -> Vec<Condition> {
    let keys = operators.iter().filter_map(|(operator, keys)| Some((operator, keys.as_object()?)));
    keys.flat_map(|(operator, keys)| keys.iter().map(move |(key, value)| condition(operator, key, value))).collect()
}

fn condition(operator: &str, key: &str, value: &Value) -> Condition {
    let operator = operator.to_ascii_lowercase();
    let (quantifier, operator) = operator.split_once(':').unwrap_or(("", &operator));
    let plain = operator.strip_suffix("ifexists");
    Condition {
        operator: plain.unwrap_or(operator).to_owned(),
        quantifier: quantifier.to_owned(),
        if_exists: plain.is_some(),
        key: key.to_ascii_lowercase(),
        values: strings(value),
    }
}

/// A string, or a list of them; numbers and truth values are their text.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(_) | Value::Bool(_) => vec![value.to_string()],
        _ => Vec::new(),
    }
}
