//! Functions that Athena and CloudTrail Lake users call by Trino's names. They take the sections of a record
//! (`requestParameters`, …) as JSON text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;

use super::{Args, convert, function, json, lists, texts, time_type};

/// All of them, for registration with the SQL planner.
pub(crate) fn all() -> Vec<ScalarUDF> {
    vec![
        function("json_extract_scalar", DataType::Utf8View, json_extract_scalar),
        function("json_extract", DataType::Utf8View, json_extract),
        function("element_at", DataType::Utf8View, element_at),
        function("from_iso8601_timestamp", time_type(), from_iso8601_timestamp),
        function("cidr_match", DataType::Boolean, super::network::cidr_match),
        function("url_decode", DataType::Utf8View, super::text::url_decode),
    ]
}

fn by_path(args: &Args<'_>, f: impl Fn(&str, &[query::pipeline::PathStep]) -> Option<String>) -> Result<ArrayRef> {
    let (text, path) = (args.text(0)?, args.text(1)?);
    let constant = args.constant(1).map(|p| json::parse(&p));
    Ok(texts((0..args.rows()).map(|row| {
        if text.is_null(row) || path.is_null(row) {
            return None;
        }
        match &constant {
            Some(steps) => f(text.value(row), steps),
            None => f(text.value(row), &json::parse(path.value(row))),
        }
    })))
}

/// `(json, '$.path')`: a scalar's text; objects and arrays give null.
fn json_extract_scalar(args: &Args<'_>) -> Result<ArrayRef> {
    by_path(args, |text, steps| json::one(text, steps).filter(|v| !v.starts_with(['{', '['])))
}

/// `(json, '$.path')`: the value as text, structures as JSON.
fn json_extract(args: &Args<'_>) -> Result<ArrayRef> {
    by_path(args, json::one)
}

/// `(json or list, key or 1-based index)`.
fn element_at(args: &Args<'_>) -> Result<ArrayRef> {
    if let DataType::List(_) = args.array(0)?.data_type() {
        let (list, at) = (args.lists(0)?, args.ints(1)?);
        return Ok(texts((0..args.rows()).map(|row| {
            let items = lists::elements(&list, row)?;
            let at = (!at.is_null(row)).then(|| at.value(row))?;
            let index = if at < 0 { items.len() as i64 + at } else { at - 1 };
            items.get(usize::try_from(index).ok()?).copied()
        })));
    }
    let (text, key) = (args.text(0)?, args.text(1)?);
    Ok(texts((0..args.rows()).map(|row| {
        if text.is_null(row) || key.is_null(row) {
            return None;
        }
        json::one(text.value(row), &[query::pipeline::PathStep::Key(key.value(row).to_owned())])
    })))
}

/// ISO 8601 text to an instant.
fn from_iso8601_timestamp(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let rows = text.iter().map(|t| t.and_then(convert::parse_instant));
    Ok(Arc::new(rows.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}
