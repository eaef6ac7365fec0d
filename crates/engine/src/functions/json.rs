//! Values inside the raw record, by path, read lazily: only the members on the way are looked at.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use memchr::memmem::Finder;
use query::pipeline::PathStep;
use sonic_rs::{FastStr, JsonContainerTrait, JsonValueTrait, PointerNode};

use super::json_member::{Member, member};
use super::{Args, list_type, lists};

/// A path, parsed once a query. With an `Each` or `Any` step it yields a list.
#[derive(Debug)]
struct JsonPath {
    steps: Vec<PathStep>,
    /// Whether the kind of the value is asked for instead of its text.
    kind: bool,
    /// Finds what has to stand in a record that has a value there.
    sign: Option<Finder<'static>>,
    signature: Signature,
}

impl PartialEq for JsonPath {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.steps) == (other.kind, &other.steps)
    }
}

impl Eq for JsonPath {}

impl Hash for JsonPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.steps).hash(state);
    }
}

impl JsonPath {
    fn new(steps: Vec<PathStep>, kind: bool) -> Self {
        let sign = sign(&steps).map(|sign| Finder::new(&sign).into_owned());
        Self { steps, kind, sign, signature: Signature::any(1, Volatility::Immutable) }
    }

    fn many(&self) -> bool {
        self.steps.iter().any(yields_list)
    }

    /// Whether a record can have a value there: most records lack most paths, and searching for a key is far quicker than
    /// walking to where it would be.
    fn may_have(&self, json: &str) -> bool {
        self.sign.as_ref().is_none_or(|sign| {
            // A key may be written with escapes.
            sign.find(json.as_bytes()).is_some() || memchr::memmem::find(json.as_bytes(), b"\\u").is_some()
        })
    }
}

impl JsonPath {
    /// The JSON text of the one value there.
    fn raw<'a>(&self, json: &'a str) -> Option<Cow<'a, str>> {
        match (self.steps.as_slice(), &self.sign) {
            ([PathStep::Key(_)], Some(sign)) => match member(json, sign) {
                Member::Absent => None,
                Member::Value(raw) => Some(Cow::Borrowed(raw)),
                Member::Unsure => descend(json, &self.steps),
            },
            _ if self.may_have(json) => descend(json, &self.steps),
            _ => None,
        }
    }
}

impl ScalarUDFImpl for JsonPath {
    fn name(&self) -> &str {
        if self.kind { "json_kind" } else { "json_path" }
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let text = args.first().map(ToString::to_string).unwrap_or_default();
        Ok(format!("{}({text}, '{}')", self.name(), render(&self.steps)))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.many() { list_type() } else { DataType::Utf8View })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let text = cast(&args.args[0].to_array(args.number_rows)?, &DataType::Utf8View)?;
        let rows = text.as_string_view().iter();
        let out: ArrayRef = if self.many() {
            let read = if self.kind { value_kind } else { value_text };
            let all = |json| if self.may_have(json) { all_of(json, &self.steps, read) } else { Vec::new() };
            Arc::new(lists::build(rows.map(|row| row.map(all))))
        } else {
            let mut out = StringViewBuilder::with_capacity(text.len());
            if self.kind {
                rows.for_each(|row| out.append_option(row.and_then(|json| kind_of(&self.raw(json)?))));
            } else {
                rows.for_each(|row| out.append_option(row.and_then(|json| value_text(&self.raw(json)?))));
            }
            Arc::new(out.finish())
        };
        Ok(ColumnarValue::Array(out))
    }
}

/// The value at a path of a JSON text column.
pub(crate) fn path(text: Expr, steps: Vec<PathStep>) -> Expr {
    ScalarUDF::from(JsonPath::new(steps, false)).call(vec![text])
}

/// What kind of value stands at a path of a JSON text column.
pub(crate) fn kind_at(text: Expr, steps: Vec<PathStep>) -> Expr {
    ScalarUDF::from(JsonPath::new(steps, true)).call(vec![text])
}

/// The last key of a path, as it stands in a record unless it is written with escapes; none where it has to be.
fn sign(steps: &[PathStep]) -> Option<String> {
    let last = steps.iter().rev().find_map(|step| match step {
        PathStep::Key(key) => Some(key),
        _ => None,
    })?;
    let plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '/');
    last.chars().all(plain).then(|| format!("\"{last}\""))
}

fn yields_list(step: &PathStep) -> bool {
    matches!(step, PathStep::Each | PathStep::Elements | PathStep::Any)
}

/// The dotted form of a path.
pub(crate) fn render(steps: &[PathStep]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            PathStep::Key(key) if out.is_empty() => out.push_str(key),
            PathStep::Key(key) => {
                out.push('.');
                out.push_str(key);
            }
            PathStep::Index(i) => out.push_str(&format!("[{i}]")),
            PathStep::Each => out.push_str("{}"),
            PathStep::Elements => out.push_str("[]"),
            PathStep::Any => out.push_str(".*"),
        }
    }
    out
}

/// Reads the dotted form: `a.b{}.c`, `a[0].b`, `a{2}`, a leading `$.` left out.
pub(crate) fn parse(text: &str) -> Vec<PathStep> {
    let text = text.strip_prefix("$.").or_else(|| text.strip_prefix('$')).unwrap_or(text);
    let mut steps = Vec::new();
    for part in text.split('.').filter(|p| !p.is_empty()) {
        let cut = part.find(['{', '[']).unwrap_or(part.len());
        let (key, mut rest) = part.split_at(cut);
        if !key.is_empty() {
            steps.push(PathStep::Key(key.to_owned()));
        }
        while let Some(end) = rest.find([']', '}']) {
            let inside = rest[1..end].trim_matches(['"', '\'']);
            steps.push(match inside.parse::<i64>() {
                Ok(index) => PathStep::Index(index),
                Err(_) if inside.is_empty() || inside == "*" => PathStep::Each,
                Err(_) => PathStep::Key(inside.to_owned()),
            });
            rest = &rest[end + 1..];
        }
    }
    steps
}

/// The texts of all values at a path.
#[cfg(test)]
fn all(json: &str, steps: &[PathStep]) -> Vec<String> {
    all_of(json, steps, value_text)
}

/// How the JSON text of a value is read.
type Read = fn(&str) -> Option<String>;

fn all_of(json: &str, steps: &[PathStep], read: Read) -> Vec<String> {
    let mut out = Vec::new();
    collect(json, steps, read, &mut out);
    out
}

fn collect(json: &str, steps: &[PathStep], read: Read, out: &mut Vec<String>) {
    let many = steps.iter().position(yields_list);
    let (before, after) = many.map_or((steps, None), |at| (&steps[..at], Some(&steps[at..])));
    let Some(raw) = descend(json, before) else { return };
    match after {
        None => out.extend(read(&raw)),
        Some([PathStep::Elements]) if begins(&raw, '{') => out.push(compact(&raw)),
        Some([PathStep::Elements, rest @ ..]) if !begins(&raw, '[') => collect(&raw, rest, read, out),
        Some([PathStep::Any, rest @ ..]) if begins(&raw, '{') => {
            for (_, item) in sonic_rs::to_object_iter(raw.as_ref()).map_while(std::result::Result::ok) {
                collect(item.as_raw_str(), rest, read, out);
            }
        }
        Some([step, rest @ ..]) => {
            // An array's elements may be arrays again, which `Elements` looks into, too.
            let rest = if *step == PathStep::Elements { after.unwrap_or(rest) } else { rest };
            for item in sonic_rs::to_array_iter(raw.as_ref()).map_while(std::result::Result::ok) {
                collect(item.as_raw_str(), rest, read, out);
            }
        }
        Some([]) => {}
    }
}

/// JSON without blanks between its parts: a record may be laid out over lines, and a pattern is not.
fn compact(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in raw.trim().chars() {
        if !quoted && c.is_ascii_whitespace() {
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// `(json text, dotted path)`: the types of what stands at a path that goes into every element of an array.
pub(crate) fn types(args: &Args<'_>) -> Result<ArrayRef> {
    let path = args.constant(1).unwrap_or_default();
    let keys: Vec<&str> = path.split('.').collect();
    let text = args.text(0)?;
    let rows = text.iter().map(|row| {
        row.map(|json| {
            let mut out = Vec::new();
            collect_types(json, &keys, &mut out);
            out
        })
    });
    Ok(Arc::new(lists::build(rows)))
}

fn collect_types(raw: &str, keys: &[&str], out: &mut Vec<&'static str>) {
    let raw = raw.trim_start();
    if raw.starts_with('[') {
        let mut empty = true;
        for item in sonic_rs::to_array_iter(raw).map_while(std::result::Result::ok) {
            empty = false;
            collect_types(item.as_raw_str(), keys, out);
        }
        if empty && keys.is_empty() {
            out.push("array");
        }
        return;
    }
    match keys.split_first() {
        None => out.extend(type_of(raw)),
        Some((key, rest)) => {
            if let Ok(value) = sonic_rs::get_from_str(raw, [PointerNode::Key(FastStr::new(key))].iter()) {
                collect_types(value.as_raw_str(), rest, out);
            }
        }
    }
}

fn type_of(raw: &str) -> Option<&'static str> {
    Some(match raw.as_bytes().first()? {
        b'"' => "string",
        b'{' => "object",
        b't' | b'f' => "boolean",
        b'n' => "null",
        _ => "number",
    })
}

/// `(text)`: every scalar inside JSON, as text; what is no JSON object or array is one value.
pub(crate) fn leaves(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let rows = text.iter().map(|row| {
        row.map(|raw| match sonic_rs::from_str::<sonic_rs::Value>(raw) {
            Ok(value) if value.is_object() || value.is_array() => {
                let mut out = Vec::new();
                collect_leaves(&value, &mut out);
                out
            }
            _ => vec![raw.to_owned()],
        })
    });
    Ok(Arc::new(lists::build(rows)))
}

fn collect_leaves(value: &sonic_rs::Value, out: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        object.iter().for_each(|(_, value)| collect_leaves(value, out));
    } else if let Some(array) = value.as_array() {
        array.iter().for_each(|value| collect_leaves(value, out));
    } else if let Some(text) = value.as_str() {
        out.push(text.to_owned());
    } else if !value.is_null() {
        out.push(value.to_string());
    }
}

fn begins(raw: &str, bracket: char) -> bool {
    raw.trim_start().starts_with(bracket)
}

/// The JSON text of the value at a path that yields one value.
pub(crate) fn raw<'a>(json: &'a str, steps: &[PathStep]) -> Option<Cow<'a, str>> {
    descend(json, steps)
}

/// The JSON text of the value at steps without `Each`.
fn descend<'a>(json: &'a str, steps: &[PathStep]) -> Option<Cow<'a, str>> {
    let mut current = Cow::Borrowed(json);
    let mut nodes: Vec<PointerNode> = Vec::with_capacity(steps.len());
    for step in steps {
        match step {
            PathStep::Key(key) => nodes.push(PointerNode::Key(FastStr::new(key))),
            PathStep::Index(i) if *i >= 0 => nodes.push(PointerNode::Index(*i as usize)),
            PathStep::Index(i) => {
                let array = sub(&current, &nodes)?;
                nodes.clear();
                let count = sonic_rs::to_array_iter(array.as_str()).count() as i64;
                nodes.push(PointerNode::Index(usize::try_from(count + i).ok()?));
                current = Cow::Owned(array);
            }
            PathStep::Each | PathStep::Elements | PathStep::Any => return None,
        }
    }
    if nodes.is_empty() {
        return Some(current);
    }
    match current {
        Cow::Borrowed(text) => sonic_rs::get_from_str(text, nodes.iter()).ok().map(|v| v.as_raw_cow()),
        Cow::Owned(text) => sub(&text, &nodes).map(Cow::Owned),
    }
}

fn sub(json: &str, nodes: &[PointerNode]) -> Option<String> {
    sonic_rs::get_from_str(json, nodes.iter()).ok().map(|v| v.as_raw_str().to_owned())
}

/// A scalar's text; an object or array as its JSON text; none for JSON null.
pub(crate) fn value_text(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => sonic_rs::from_str::<String>(raw).ok(),
        b'n' => None,
        _ => Some(raw.trim().to_owned()),
    }
}

/// What a value is, by how its JSON begins.
fn kind_of(raw: &str) -> Option<&'static str> {
    Some(match raw.trim_start().as_bytes().first()? {
        b'"' => "string",
        b'{' => "object",
        b'[' => "array",
        b'n' => "null",
        b't' => "true",
        b'f' => "false",
        _ => "number",
    })
}

fn value_kind(raw: &str) -> Option<String> {
    kind_of(raw).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_rendered() {
        for (text, back) in
            [("a.b", "a.b"), ("$.a[0].b", "a[0].b"), ("a{}.b", "a{}.b"), ("a[*].b", "a{}.b"), ("$.a['k']", "a.k")]
        {
            assert_eq!(render(&parse(text)), back, "{text}");
        }
    }

    #[test]
    fn values_are_found() {
        let one = |json: &str, steps: &[PathStep]| {
            JsonPath::new(steps.to_vec(), false).raw(json).and_then(|raw| value_text(&raw))
        };
        let kind = |json: &str, steps: &[PathStep]| {
            JsonPath::new(steps.to_vec(), true).raw(json).and_then(|raw| kind_of(&raw))
        };
        let json = r#"{"a":{"b":"x\"y","n":12,"z":null,"o":{"k":[1,2]}},"l":[{"i":"p"},{"i":"q"},{}]}"#;
        for (path, want) in [
            ("a.b", Some("x\"y")),
            ("a.n", Some("12")),
            ("a.z", None),
            ("a.o", Some(r#"{"k":[1,2]}"#)),
            ("a.o.k[-1]", Some("2")),
            ("l[1].i", Some("q")),
            ("l[9].i", None),
            ("missing", None),
        ] {
            assert_eq!(one(json, &parse(path)).as_deref(), want, "{path}");
        }
        assert_eq!(all(json, &parse("l{}.i")), ["p", "q"]);
        for (path, want) in [
            ("a", Some("object")),
            ("a.b", Some("string")),
            ("a.n", Some("number")),
            ("a.z", Some("null")),
            ("l", Some("array")),
            ("missing", None),
        ] {
            assert_eq!(kind(json, &parse(path)), want, "{path}");
        }
        let any = |keys: &[&str]| {
            let mut steps: Vec<PathStep> = keys.iter().map(|k| PathStep::Key((*k).to_owned())).collect();
            steps.push(PathStep::Any);
            steps
        };
        assert_eq!(all(json, &any(&["a", "o", "k"])), ["1", "2"]);
        assert_eq!(all_of(json, &any(&["a"]), value_kind), ["string", "number", "null", "object"]);
        assert_eq!(all("not json", &parse("l{}.i")), Vec::<String>::new());
        let through = |path: &str| -> Vec<PathStep> {
            path.split('.').flat_map(|key| [PathStep::Key(key.to_owned()), PathStep::Elements]).collect()
        };
        for (path, want) in [
            ("l.i", vec!["p", "q"]),
            ("a.b", vec!["x\"y"]),
            ("a.o.k", vec!["1", "2"]),
            ("a.z", vec![]),
            ("a.missing.k", vec![]),
        ] {
            assert_eq!(all(json, &through(path)), want, "{path}");
        }
        assert_eq!(all(r#"{"m":[[{"k":1}],{"k":[2]}]}"#, &through("m.k")), ["1", "2"]);
        let spaced = "{\"a\": {\"k\" : [1,\n 2], \"t\": \"a \\\" b\"}}";
        assert_eq!(all(spaced, &through("a")), [r#"{"k":[1,2],"t":"a \" b"}"#]);
    }

    #[test]
    fn a_record_is_walked_only_where_the_key_may_be() {
        let key = |key: &str| PathStep::Key(key.to_owned());
        let path = JsonPath::new(vec![key("a"), key("bc"), PathStep::Elements], false);
        for (json, may) in [
            (r#"{"a":{"bc":1}}"#, true),
            (r#"{"a":{"b\u0063":1}}"#, true),
            (r#"{"a":{"b":"bc"}}"#, true),
            (r#"{"a":{"bcd":1},"x":"abc"}"#, false),
            ("", false),
        ] {
            assert_eq!(path.may_have(json), may, "{json}");
        }
        assert!(JsonPath::new(vec![PathStep::Index(0)], true).may_have("[1]"));
        assert!(JsonPath::new(vec![key("a/b")], true).may_have("{}"));
    }

    #[test]
    fn types_are_told() {
        let json = r#"{"a":{"n":null,"e":[],"o":{}},"l":[{"i":1},{"i":null},{"i":["x",true]},{}]}"#;
        for (path, want) in [
            ("a.n", vec!["null"]),
            ("a.e", vec!["array"]),
            ("a.o", vec!["object"]),
            ("l.i", vec!["number", "null", "string", "boolean"]),
            ("a.missing", vec![]),
            ("a.n.x", vec![]),
        ] {
            let mut found = Vec::new();
            collect_types(json, &path.split('.').collect::<Vec<_>>(), &mut found);
            assert_eq!(found, want, "{path}");
        }
    }
}
