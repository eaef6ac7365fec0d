//! JSON made and changed: objects and arrays out of values, members put in and taken out. Where the text is no JSON the
//! answer is null.

use arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::common::Result;
use serde_json::{Map, Value};

use super::{Args, lists, texts};

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// A text as JSON: what reads as a number, a truth value, an object or an array is one.
fn value(text: &str) -> Value {
    parsed(text).filter(|value| !value.is_null()).unwrap_or_else(|| Value::String(text.to_owned()))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cell(column: &arrow::array::StringViewArray, row: usize) -> Option<&str> {
    (!column.is_null(row)).then(|| column.value(row))
}

/// `(json)`: names of an object's members, indexes of an array.
pub(crate) fn keys(args: &Args<'_>) -> Result<ArrayRef> {
    let json = args.text(0)?;
    Ok(texts(json.iter().map(|text| match parsed(text?)? {
        Value::Object(members) => Some(Value::from(members.keys().cloned().collect::<Vec<_>>()).to_string()),
        Value::Array(items) => Some(Value::from((0..items.len()).collect::<Vec<_>>()).to_string()),
        _ => None,
    })))
}

/// `(text)`: whether it is JSON.
pub(crate) fn valid(args: &Args<'_>) -> Result<ArrayRef> {
    let json = args.text(0)?;
    let rows = json.iter().map(|text| text.map(|text| parsed(text).is_some()));
    Ok(std::sync::Arc::new(rows.collect::<BooleanArray>()))
}

/// `(json)`: an array's elements.
pub(crate) fn to_list(args: &Args<'_>) -> Result<ArrayRef> {
    let json = args.text(0)?;
    let rows = json.iter().map(|text| match parsed(text?)? {
        Value::Array(items) => Some(items.iter().map(text_of).collect::<Vec<_>>()),
        other => Some(vec![text_of(&other)]),
    });
    Ok(std::sync::Arc::new(lists::build(rows)))
}

/// `(list, infer types)`: a JSON array.
pub(crate) fn from_list(args: &Args<'_>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let infer = args.constant(1).is_some_and(|t| t == "true");
    Ok(texts((0..list.len()).map(|row| {
        let one = |item: &str| if infer { value(item) } else { Value::String(item.to_owned()) };
        lists::elements(&list, row).map(|items| Value::from(items.into_iter().map(one).collect::<Vec<_>>()).to_string())
    })))
}

/// `(name, value, …)`: a JSON object.
pub(crate) fn object(args: &Args<'_>) -> Result<ArrayRef> {
    let columns = (0..args.len()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
    Ok(texts((0..args.rows()).map(|row| {
        let mut members = Map::new();
        for pair in columns.chunks_exact(2) {
            if let Some(name) = cell(&pair[0], row) {
                members.insert(name.to_owned(), cell(&pair[1], row).map_or(Value::Null, value));
            }
        }
        Some(Value::Object(members).to_string())
    })))
}

/// `(json, path, value, …)`: with the values put at the paths.
pub(crate) fn set(args: &Args<'_>) -> Result<ArrayRef> {
    let columns = (0..args.len()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
    Ok(texts((0..args.rows()).map(|row| {
        let mut json = parsed(cell(columns.first()?, row)?)?;
        for pair in columns[1..].chunks_exact(2) {
            let (Some(path), Some(new)) = (cell(&pair[0], row), cell(&pair[1], row)) else { continue };
            if let Some(place) = place(&mut json, path) {
                *place = value(new);
            }
        }
        Some(json.to_string())
    })))
}

/// `(json, path, …)`: without the members at the paths.
pub(crate) fn delete(args: &Args<'_>) -> Result<ArrayRef> {
    let columns = (0..args.len()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
    Ok(texts((0..args.rows()).map(|row| {
        let mut json = parsed(cell(columns.first()?, row)?)?;
        for path in columns[1..].iter().filter_map(|column| cell(column, row)) {
            let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
            let parent = if parent.is_empty() { Some(&mut json) } else { json.pointer_mut(&pointer(parent)) };
            if let Some(Value::Object(members)) = parent {
                members.remove(name);
            }
        }
        Some(json.to_string())
    })))
}

/// `a.b{0}` as a JSON pointer.
fn pointer(path: &str) -> String {
    let mut out = String::new();
    for part in path.replace('{', ".").replace('}', "").split('.').filter(|part| !part.is_empty()) {
        out.push('/');
        out.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    out
}

/// What stands at a path; objects on the way are made where they are missing.
fn place<'v>(json: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut at = json;
    for part in path.replace('{', ".").replace('}', "").split('.').filter(|part| !part.is_empty()) {
        at = match at {
            Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            Value::Object(members) => members.entry(part.to_owned()).or_insert(Value::Null),
            Value::Null => {
                *at = Value::Object(Map::new());
                at.as_object_mut()?.entry(part.to_owned()).or_insert(Value::Null)
            }
            _ => return None,
        };
    }
    Some(at)
}
