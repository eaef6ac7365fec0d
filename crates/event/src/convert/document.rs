//! A document under construction: values are put at dotted paths, and what is empty is left out.

use serde_json::{Map, Value};

/// A JSON object that is filled by path.
#[derive(Debug, Default)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// A document that begins as `value`; what is no object begins it empty.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }

    /// Puts a value at `a.b.c`; nulls, empty texts, lists and objects are left out. A value that is in the way is replaced.
    pub(super) fn set(&mut self, path: &str, value: impl Into<Value>) {
        let value = value.into();
        if !is_empty(&value) {
            put(&mut self.0, path, value);
        }
    }

    /// The same, unless something is there.
    pub(super) fn set_default(&mut self, path: &str, value: impl Into<Value>) {
        if self.get(path).is_none() {
            self.set(path, value);
        }
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, path: &str) {
        let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
        let map = if parent.is_empty() {
            Some(&mut self.0)
        } else {
            let mut keys = parent.split('.');
            let first = keys.next().and_then(|key| self.0.get_mut(key));
            first.and_then(|first| keys.try_fold(first, |value, key| value.get_mut(key))).and_then(Value::as_object_mut)
        };
        if let Some(map) = map {
            map.remove(key);
        }
    }

    /// Puts a value where there is one.
    pub(super) fn set_some(&mut self, path: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(path, value);
        }
    }

    /// Adds to a list, unless it has the value.
    pub(super) fn append(&mut self, path: &str, value: impl Into<Value>) {
        let value = value.into();
        if is_empty(&value) {
            return;
        }
        let mut list = match self.get(path) {
            Some(Value::Array(list)) => list.clone(),
            _ => Vec::new(),
        };
        if !list.contains(&value) {
            list.push(value);
        }
        put(&mut self.0, path, Value::Array(list));
    }

    /// Puts a value under a key that may hold dots.
    pub(super) fn set_key(&mut self, parent: &str, key: &str, value: Value) {
        if is_empty(&value) {
            return;
        }
        let inner = self.0.entry(parent).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(map) = inner {
            map.insert(key.to_owned(), value);
        }
    }

    /// The value at a path.
    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        let mut keys = path.split('.');
        let first = self.0.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    /// The text at a path.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }

    pub(super) fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

fn put(map: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            map.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = map.entry(head).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Says nothing at any depth.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().all(says_nothing),
        Value::Array(list) => list.iter().all(says_nothing),
        other => is_empty(other),
    }
}

/// The value without what says nothing, to any depth.
pub(super) fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(key, value)| (key.clone(), pruned(value)));
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(pruned).filter(|value| !is_empty(value)).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_nest_and_nothing_is_left_out() {
        let mut document = Document::default();
        document.set("a.b", 1);
        document.set("a.c", "");
        document.set("a.d", Value::Null);
        document.append("r", "x");
        document.append("r", "x");
        document.append("r", "y");
        document.set_default("a.b", 2);
        document.set("a.b.c", true);
        assert_eq!(document.text("r"), None);
        assert_eq!(document.finish(), json!({"a": {"b": {"c": true}}, "r": ["x", "y"]}));
    }

    #[test]
    fn empty_branches_fall_off() {
        let full = json!({"a": {"b": {"c": null}}, "d": ["", {}, 0], "e": false});
        assert_eq!(pruned(&full), json!({"d": [0], "e": false}));
    }
}
