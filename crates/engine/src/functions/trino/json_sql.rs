//! `json_value`, `json_query` and `json_exists` of SQL/JSON. Their clauses (`ON EMPTY`, `WRAPPER`, …) arrive as a text of words, the
//! values of `PASSING` as pairs after it.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use serde_json::Value;

use super::json_path::Path;
use super::values::{plain, value_at};
use super::{Call, Spec, at, bool_type, bools, invalid, spec, strings, text_type};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("json_value", 2, usize::MAX, text_type, value),
    spec("json_query", 2, usize::MAX, text_type, query),
    spec("json_exists", 2, usize::MAX, bool_type, exists),
    spec("__json_outcome", 2, usize::MAX, text_type, outcome),
];

/// What a path meant in one row's JSON; none: there is no JSON.
type Found = Option<std::result::Result<Vec<Value>, String>>;

/// The clauses that were said, each a word.
struct Clauses(String);

impl Clauses {
    fn of(call: &Call<'_>) -> Self {
        Self(call.constant(2).unwrap_or_default())
    }

    fn say(&self, word: &str) -> bool {
        self.0.split(' ').any(|said| said == word)
    }
}

fn each<T>(call: &Call<'_>, answer: impl Fn(Found) -> Result<Option<T>>) -> Result<Vec<Result<Option<T>>>> {
    let (json, paths) = (call.array(0)?, call.text(1)?);
    let read =
        |text: &str| Path::parse(text).map_err(|why| invalid(format!("the JSON path `{text}` can't be read: {why}")));
    let constant = call.constant(1).map(|text| read(&text)).transpose()?;
    let passed = (3..call.len().saturating_sub(1))
        .step_by(2)
        .map(|place| Ok((call.constant(place).unwrap_or_default(), call.array(place + 1)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut out = Vec::with_capacity(call.rows());
    for row in 0..call.rows() {
        let read_here = match (&constant, at(&paths, row)) {
            (None, Some(text)) => Some(read(text)?),
            _ => None,
        };
        let Some(path) = constant.as_ref().or(read_here.as_ref()) else {
            out.push(answer(None));
            continue;
        };
        let variables: Vec<_> = passed.iter().map(|(name, values)| (name.clone(), value_at(values, row))).collect();
        out.push(answer(document(&json, row).map(|root| path.items(&root?, &variables))));
    }
    Ok(out)
}

/// The JSON of a row: text is read, a value of another type is what it would be in JSON.
fn document(array: &ArrayRef, row: usize) -> Option<std::result::Result<Value, String>> {
    if array.is_null(row) {
        return None;
    }
    Some(match (array.data_type(), value_at(array, row)) {
        (DataType::Utf8 | DataType::Utf8View, Value::String(text)) => {
            serde_json::from_str(&text).map_err(|_| "the text is no JSON".to_owned())
        }
        (_, value) => Ok(value),
    })
}

/// The one scalar that a path means.
fn scalar(items: &[Value]) -> std::result::Result<Option<&Value>, &'static str> {
    match items {
        [] => Ok(None),
        [Value::Array(_) | Value::Object(_)] => Err("it is no scalar"),
        [one] => Ok(Some(one)),
        _ => Err("there are several values"),
    }
}

fn value(call: &Call<'_>) -> Result<ArrayRef> {
    let clauses = Clauses::of(call);
    let rows = each(call, |found| {
        let Some(found) = found else { return Ok(None) };
        let found = found.and_then(|items| scalar(&items).map(|one| one.cloned()).map_err(str::to_owned));
        match found {
            Ok(Some(one)) => Ok(plain(&one)),
            Ok(None) if clauses.say("empty=error") => Err(invalid("json_value found nothing at the path")),
            Ok(None) => Ok(None),
            Err(why) if clauses.say("error=error") => Err(invalid(format!("json_value: {why}"))),
            Err(_) => Ok(None),
        }
    })?;
    strings(rows.into_iter())
}

/// What `json_value` comes to: `value`, `null`, `empty`, `error`.
fn outcome(call: &Call<'_>) -> Result<ArrayRef> {
    let rows = each(call, |found| {
        Ok(Some(match found.as_ref().map(|found| found.as_ref().map(|items| scalar(items))) {
            None | Some(Ok(Ok(Some(Value::Null)))) => "null",
            Some(Ok(Ok(Some(_)))) => "value",
            Some(Ok(Ok(None))) => "empty",
            Some(Ok(Err(_)) | Err(_)) => "error",
        }))
    })?;
    strings(rows.into_iter())
}

fn query(call: &Call<'_>) -> Result<ArrayRef> {
    let clauses = Clauses::of(call);
    let instead = |kind: &str| match kind {
        _ if clauses.say(&format!("{kind}=array")) => Some("[]".to_owned()),
        _ if clauses.say(&format!("{kind}=object")) => Some("{}".to_owned()),
        _ => None,
    };
    let rows = each(call, |found| {
        let Some(found) = found else { return Ok(None) };
        let one = found.and_then(|mut items| match items.len() {
            0 => Ok(None),
            _ if clauses.say("wrapper=always") => Ok(Some(Value::Array(items))),
            1 if !clauses.say("wrapper=conditional") => Ok(items.pop()),
            1 if matches!(items[0], Value::Array(_) | Value::Object(_)) => Ok(items.pop()),
            _ if clauses.say("wrapper=conditional") => Ok(Some(Value::Array(items))),
            _ => Err("there are several values".to_owned()),
        });
        match one {
            Ok(Some(Value::String(text))) if clauses.say("quotes=omit") => Ok(Some(text)),
            Ok(Some(value)) => Ok(Some(value.to_string())),
            Ok(None) if clauses.say("empty=error") => Err(invalid("json_query found nothing at the path")),
            Ok(None) => Ok(instead("empty")),
            Err(why) if clauses.say("error=error") => Err(invalid(format!("json_query: {why}"))),
            Err(_) => Ok(instead("error")),
        }
    })?;
    strings(rows.into_iter())
}

fn exists(call: &Call<'_>) -> Result<ArrayRef> {
    let clauses = Clauses::of(call);
    let rows = each(call, |found| match found {
        None => Ok(None),
        Some(Ok(items)) => Ok(Some(!items.is_empty())),
        Some(Err(why)) if clauses.say("error=error") => Err(invalid(format!("json_exists: {why}"))),
        Some(Err(_)) if clauses.say("error=unknown") => Ok(None),
        Some(Err(_)) => Ok(Some(clauses.say("error=true"))),
    })?;
    bools(rows.into_iter())
}
