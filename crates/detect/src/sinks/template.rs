//! A webhook's own body: JSON whose strings hold placeholders such as `{{ alert.title }}`. The template is read as JSON
//! once, and values are put into its strings, so that no value of a log can be anything but a value: there is nothing to
//! escape from, and no code.

use serde_json::{Map, Value};

/// Deepest nesting of a template.
const DEPTH: usize = 32;

/// A template, read and checked.
#[derive(Debug, Clone)]
pub(super) struct Template(Node);

#[derive(Debug, Clone)]
enum Node {
    Fixed(Value),
    /// A string that is one placeholder: the value itself, a number as a number.
    Value(Path),
    Text(Vec<Piece>),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Path),
}

type Path = Vec<String>;

impl Template {
    /// Reads a template and looks each of its paths up in `sample`, a document that has all of them.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub(super) fn read(text: &str, sample: &Value) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|error| format!("the template is no JSON: {error}"))?;
        node(value, sample, DEPTH).map(Self)
    }

    /// The body for a document.
    pub(super) fn fill(&self, document: &Value) -> Value {
        fill(&self.0, document)
    }
}

fn node(value: Value, sample: &Value, depth: usize) -> Result<Node, String> {
    let Some(depth) = depth.checked_sub(1) else { return Err("the template is nested too deep".to_owned()) };
    match value {
        Value::String(text) => text_node(&text, sample),
        Value::Array(items) => {
            items.into_iter().map(|item| node(item, sample, depth)).collect::<Result<_, _>>().map(Node::List)
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| Ok((key, node(value, sample, depth)?)));
            members.collect::<Result<_, String>>().map(Node::Object)
        }
        fixed => Ok(Node::Fixed(fixed)),
    }
}

fn text_node(text: &str, sample: &Value) -> Result<Node, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (before, inside) = (&rest[..open], &rest[open + 2..]);
        let close = inside.find("}}").ok_or_else(|| format!("`{}` is not closed by }}}}", &rest[open..]))?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Place(path(inside[..close].trim(), sample)?));
        rest = &inside[close + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(match pieces.as_mut_slice() {
        [] => Node::Fixed(Value::String(String::new())),
        [Piece::Place(path)] => Node::Value(std::mem::take(path)),
        [Piece::Text(text)] => Node::Fixed(Value::String(std::mem::take(text))),
        _ => Node::Text(pieces),
    })
}

fn path(text: &str, sample: &Value) -> Result<Path, String> {
    let path: Path = text.split('.').map(str::to_owned).collect();
    let mut at = sample;
    for step in &path {
        let next = match at {
            // A sample has one element, a document as many as there are.
            Value::Array(items) => step.parse::<usize>().ok().and_then(|_| items.first()),
            at => at.get(step),
        };
        at = next.ok_or_else(|| {
            let known = at.as_object().map(|o| o.keys().map(String::as_str).collect::<Vec<_>>().join(", "));
            let known = known.map(|known| format!("; there are {known}")).unwrap_or_default();
            format!("`{{{{ {text} }}}}`: there is no `{step}`{known}")
        })?;
    }
    Ok(path)
}

fn look_up<'a>(path: &Path, document: &'a Value) -> &'a Value {
    let step = |at: &'a Value, step: &String| match at {
        Value::Array(items) => step.parse::<usize>().ok().and_then(|n| items.get(n)),
        at => at.get(step),
    };
    path.iter().try_fold(document, step).unwrap_or(&Value::Null)
}

fn fill(node: &Node, document: &Value) -> Value {
    match node {
        Node::Fixed(value) => value.clone(),
        Node::Value(path) => look_up(path, document).clone(),
        Node::Text(pieces) => Value::String(pieces.iter().map(|piece| text(piece, document)).collect()),
        Node::List(items) => items.iter().map(|item| fill(item, document)).collect(),
        Node::Object(members) => {
            Value::Object(members.iter().map(|(k, v)| (k.clone(), fill(v, document))).collect::<Map<_, _>>())
        }
    }
}

fn text(piece: &Piece, document: &Value) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Place(path) => match look_up(path, document) {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Value {
        json!({"change": "x", "alert": {"title": "x", "events": 1, "owner": null, "group": [{"field": "x", "value": "x"}]}})
    }

    #[test]
    fn values_go_in_as_values() {
        let hostile = "\", \"admin\": true, \"x\": \"{{ change }}\n\\";
        let document = json!({
            "change": "opened",
            "alert": {"title": hostile, "events": 3, "owner": null, "group": [{"field": "a", "value": "1"}, {"field": "b", "value": "2"}]},
        });
        let check = |template: &str, expected: Value| {
            let template = Template::read(template, &sample()).unwrap();
            let body = template.fill(&document);
            assert_eq!(body, expected);
            assert_eq!(serde_json::from_str::<Value>(&body.to_string()).unwrap(), expected);
        };
        check(r#"{"t": "{{ alert.title }}"}"#, json!({"t": hostile}));
        check(r#"{"t": "[{{change}}] {{ alert.title }}!"}"#, json!({"t": format!("[opened] {hostile}!")}));
        check(r#"{"n": "{{ alert.events }}", "s": "{{ alert.events }} events"}"#, json!({"n": 3, "s": "3 events"}));
        check(r#"["{{ alert.owner }}", "by {{ alert.owner }}"]"#, json!([null, "by "]));
        check(r#"["{{ alert.group.1.value }}", "{{ alert.group.7.value }}"]"#, json!(["2", null]));
        check(
            r#"{"all": "{{ alert.group.0 }}", "fixed": [1, true, "x", ""]}"#,
            json!({"all": {"field": "a", "value": "1"}, "fixed": [1, true, "x", ""]}),
        );
    }

    #[test]
    fn mistakes_are_found_when_it_is_read() {
        let check = |template: &str, says: &str| {
            let error = Template::read(template, &sample()).map(|_| ()).unwrap_err();
            assert!(error.contains(says), "{template}: {error}");
        };
        check("{", "no JSON");
        check(r#"{"t": "{{ alert.titel }}"}"#, "no `titel`; there are title");
        check(r#"{"t": "{{ alert.title"}"#, "not closed");
        check(r#"{"t": "{{ }}"}"#, "there is no ``");
        check(r#"{"t": "{{ alert.group.first }}"}"#, "no `first`");
        check(r#"{"t": "{{ alert.title.x }}"}"#, "no `x`");
        check(&format!("{}1{}", "[".repeat(40), "]".repeat(40)), "too deep");
    }
}
