//! A record of JSON as its log type looks at it, to derive what the record does not say in so many words.

use std::borrow::Cow;

use super::context::Context;
use super::plan::Plan;
use super::row::{Kind, Row};
use crate::escape::unescape;
use crate::json::Cursor;

/// A derived value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Int(i64),
    /// Microseconds since the epoch.
    Time(i64),
    Bool(bool),
}

/// The derived values of one record, by column.
#[derive(Debug, Default)]
pub(crate) struct Values {
    values: Vec<(usize, Value)>,
    seen: [u64; 4],
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.seen = [0; 4];
    }

    pub(super) fn has(&self, column: usize) -> bool {
        self.seen.get(column / 64).is_some_and(|bits| bits & (1 << (column % 64)) != 0)
    }

    fn get(&self, column: usize) -> Option<&Value> {
        self.values.iter().find(|(at, _)| *at == column).map(|(_, value)| value)
    }

    pub(super) fn time(&self, column: usize) -> Option<i64> {
        match self.get(column)? {
            Value::Time(micros) => Some(*micros),
            _ => None,
        }
    }

    fn set(&mut self, column: usize, value: Value) {
        if self.has(column) {
            self.values.retain(|(at, _)| *at != column);
        }
        if let Some(bits) = self.seen.get_mut(column / 64) {
            *bits |= 1 << (column % 64);
            self.values.push((column, value));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.values.iter().map(|(column, value)| (*column, value))
    }
}

/// One record, read by the names of its columns.
pub(crate) struct Record<'a> {
    pub(super) row: &'a Row,
    pub(super) plan: &'static Plan,
    /// The record's own text.
    pub(super) raw: &'a str,
    /// Where `raw` begins in the text that the slots point into.
    pub(super) base: usize,
    pub(super) values: &'a mut Values,
    /// What is known from around the record.
    pub(crate) context: &'a Context,
}

impl<'a> Record<'a> {
    /// The record's text.
    pub(crate) fn raw(&self) -> &'a str {
        self.raw
    }

    /// What the record says for a column; objects and arrays are their JSON text. Empty text and `-` count as nothing.
    pub(crate) fn get(&self, column: &str) -> Option<Cow<'a, str>> {
        let slot = self.row.slot(self.plan.column(column)?)?;
        let content = self.raw.get(slot.start - self.base..slot.end - self.base)?;
        let text = match slot.kind {
            Kind::Escaped => {
                let mut text = String::new();
                unescape(content, &mut text);
                Cow::Owned(text)
            }
            Kind::Plain | Kind::Json => Cow::Borrowed(content),
        };
        (!text.is_empty() && text != "-").then_some(text)
    }

    /// The number that the record says for a column.
    pub(crate) fn number(&self, column: &str) -> Option<i64> {
        let text = self.get(column)?;
        text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|number| number as i64))
    }

    /// The text that was set for a column.
    pub(crate) fn derived(&self, column: &str) -> Option<&str> {
        match self.values.get(self.plan.column(column)?)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Sets a column.
    pub(crate) fn put(&mut self, column: &str, value: Value) {
        if let Some(column) = self.plan.column(column) {
            self.values.set(column, value);
        }
    }

    /// Sets a column to a text.
    pub(crate) fn set(&mut self, column: &str, text: &str) {
        self.put(column, Value::Text(text.to_owned()));
    }

    /// Sets a column to a text, where there is one.
    pub(crate) fn set_some(&mut self, column: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.set(column, text.as_ref());
        }
    }

    /// The text of the value at a path of keys, as JSON; strings with their quotes.
    pub(crate) fn json(&self, path: &[&str]) -> Option<&'a str> {
        path.iter().try_fold(self.raw, |text, key| member(text, key))
    }

    /// Account and region where the record leaves them out: from an ARN, else from around the record.
    pub(crate) fn place(&mut self, arn: Option<&str>) {
        let parts: Vec<&str> = arn.map(|arn| arn.split(':').collect()).unwrap_or_default();
        let of_arn =
            |at: usize| parts.get(at).filter(|part| !part.is_empty() && parts.len() > 5).map(|part| (*part).to_owned());
        if self.get("region").is_none() {
            let region = of_arn(3).or_else(|| self.context.region.clone());
            self.set_some("region", region);
        }
        if self.get("account_id").is_none() {
            let account = of_arn(4).or_else(|| self.context.account.clone());
            self.set_some("account_id", account);
        }
    }
}

/// The value of a key of a JSON object, as its text.
pub(crate) fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut cursor = Cursor::new(object.as_bytes(), 0);
    let mut more = cursor.enter_object().ok()?;
    while more {
        let name = cursor.key().ok()?;
        cursor.peek();
        let from = cursor.at;
        cursor.skip_value(1).ok()?;
        if &object.as_bytes()[name.start..name.end] == key.as_bytes() {
            return object.get(from..cursor.at);
        }
        more = cursor.another_member().ok()?;
    }
    None
}

/// The elements of a JSON array, as their texts.
pub(crate) fn elements(array: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(array.as_bytes(), 0);
    let Ok(mut more) = cursor.enter_array() else { return found };
    while more {
        cursor.peek();
        let from = cursor.at;
        if cursor.skip_value(1).is_err() {
            break;
        }
        found.extend(array.get(from..cursor.at));
        more = cursor.another_element().unwrap_or(false);
    }
    found
}

/// The text that a JSON value stands for: a string without its quotes, anything else as it is written; null is nothing.
pub(crate) fn text(value: &str) -> Option<Cow<'_, str>> {
    let Some(content) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return (value != "null").then_some(Cow::Borrowed(value));
    };
    if !content.contains('\\') {
        return Some(Cow::Borrowed(content));
    }
    let mut plain = String::new();
    unescape(content, &mut plain);
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_path() {
        let object = r#"{"a":{"b":[1,{"c":"x\ny"}]},"d":null}"#;
        let list = member(object, "a").and_then(|a| member(a, "b")).expect("a list");
        assert_eq!(elements(list), ["1", r#"{"c":"x\ny"}"#]);
        assert_eq!(member(elements(list)[1], "c").and_then(text).as_deref(), Some("x\ny"));
        assert_eq!(member(object, "d").and_then(text), None);
        assert_eq!(member(object, "e"), None);
        assert!(elements("{}").is_empty() && elements("[").is_empty());
    }
}
