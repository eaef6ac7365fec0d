//! The objects of an export, whatever version wrote it: a line each, an array, or the answer of an API.

use serde_json::Value;

/// A saved object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub kind: String,
    pub id: String,
    pub title: String,
    pub attributes: Value,
    references: Value,
}

impl Object {
    fn of(value: &Value) -> Option<Self> {
        let text = |names: [&str; 2]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
        let mut kind = text(["type", "_type"])?;
        let mut id = text(["id", "_id"]).unwrap_or_default();
        let mut attributes =
            [&value["attributes"], &value["_source"]].into_iter().find(|found| found.is_object())?.clone();
        // Version 6 keeps all in one index: the type stands in the document and before the id.
        if kind == "doc" || kind == "_doc" {
            kind = attributes["type"].as_str()?.to_owned();
            attributes = attributes[kind.as_str()].clone();
            id = id.split_once(':').map_or(id.clone(), |(_, id)| id.to_owned());
        }
        let title = attributes["title"].as_str().unwrap_or(&id).to_owned();
        Some(Self { kind, id, title, attributes, references: value["references"].clone() })
    }

    pub fn text(&self, name: &str) -> &str {
        self.attributes[name].as_str().unwrap_or_default()
    }

    /// JSON that is kept as a text.
    pub fn inner(&self, name: &str) -> Value {
        parsed(&self.attributes[name])
    }

    /// The query and filters that it searches with.
    pub fn search_source(&self) -> Value {
        parsed(&self.attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    }

    /// The id that a reference's name stands for.
    pub fn reference(&self, name: &str) -> Option<&str> {
        let references = self.references.as_array()?;
        references.iter().find(|reference| reference["name"] == name)?["id"].as_str()
    }
}

/// JSON, or JSON as a text.
pub(super) fn parsed(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    }
}

/// All objects of an export.
pub(super) struct Objects {
    objects: Vec<Object>,
    /// Numbers of lines that are not JSON.
    pub unread: Vec<usize>,
}

impl Objects {
    pub fn read(text: &str) -> Self {
        let mut unread = Vec::new();
        let values: Vec<Value> = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Array(items)) => items,
            Ok(Value::Object(members)) => match members.get("objects").or_else(|| members.get("saved_objects")) {
                Some(Value::Array(items)) => items.clone(),
                _ => vec![Value::Object(members)],
            },
            _ => {
                let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
                let read = |(number, line): (usize, &str)| match serde_json::from_str(line) {
                    Ok(value) => Some(value),
                    Err(_) => {
                        unread.push(number + 1);
                        None
                    }
                };
                lines.filter_map(read).collect()
            }
        };
        Self { objects: values.iter().filter_map(Object::of).collect(), unread }
    }

    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    pub fn of<'o>(&'o self, kind: &'o str) -> impl Iterator<Item = &'o Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }
}
