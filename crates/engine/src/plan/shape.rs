//! Operators that change which fields there are: project, remove, rename, fill, expand.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use datafusion::common::UnnestOptions;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr as Df, lit};
use query::pipeline::{Item, Literal, Type};
use regex::Regex;

use super::expr::{STORED, literal, named, to_text};
use super::order::is_order;
use super::{Planner, nodes};
use crate::error::QueryError;
use crate::functions::matching::{glob_regex, regex};
use crate::functions::present::first_present;
use crate::functions::{call, list_type, lists};

/// The fields a query may see, without the stored columns of the scan.
pub(crate) fn visible(frame: &DataFrame) -> Vec<String> {
    frame.schema().fields().iter().map(|f| f.name().clone()).filter(|n| !n.starts_with(STORED)).collect()
}

/// The same with the types that they have in the IR.
pub(super) fn typed(frame: &DataFrame) -> Vec<(String, Type)> {
    let fields = frame.schema().fields().iter().filter(|f| !f.name().starts_with(STORED));
    fields.map(|f| (f.name().clone(), ir_type(f.data_type()))).collect()
}

fn ir_type(ty: &DataType) -> Type {
    match ty {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => Type::Text,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Type::Float,
        ty if ty.is_integer() => Type::Int,
        DataType::Boolean => Type::Bool,
        DataType::Timestamp(..) => Type::Time,
        ty if ty.is_list() => Type::List,
        _ => Type::Any,
    }
}

pub(super) fn project(planner: &Planner<'_>, frame: DataFrame, items: &[Item]) -> Result<DataFrame, QueryError> {
    let translator = planner.translator(&frame);
    let mut taken = BTreeSet::new();
    let mut out: Vec<Df> = Vec::new();
    for item in items {
        match item {
            Item::Named(n) => {
                if taken.insert(n.name.clone()) {
                    out.push(translator.expr(&n.expr)?.alias(&n.name));
                }
            }
            Item::Matching(glob) => {
                let test = regex(&glob_regex(glob))?;
                for name in visible(&frame).into_iter().filter(|n| test.is_match(n)) {
                    if taken.insert(name.clone()) {
                        out.push(named(&name));
                    }
                }
            }
        }
    }
    if out.is_empty() {
        out.push(lit(true).alias("_"));
    }
    // The rows keep their order, and so what they were sorted by.
    let fields = frame.schema().fields().iter().map(|f| f.name()).filter(|name| is_order(name));
    out.extend(fields.map(|name| named(name)));
    Ok(nodes::select(frame, out)?)
}

pub(super) fn remove(frame: DataFrame, patterns: &[String]) -> Result<DataFrame, QueryError> {
    let tests = patterns.iter().map(|p| regex(&glob_regex(p))).collect::<Result<Vec<_>, _>>()?;
    let gone = |name: &str| !name.starts_with(STORED) && tests.iter().any(|t| t.is_match(name));
    let kept: Vec<Df> = frame.schema().fields().iter().filter(|f| !gone(f.name())).map(|f| named(f.name())).collect();
    if kept.is_empty() {
        return Ok(nodes::select(frame, vec![lit(true).alias("_")])?);
    }
    Ok(nodes::select(frame, kept)?)
}

/// A glob's `*`s as capture groups.
fn capturing(glob: &str) -> Result<Regex, QueryError> {
    Ok(regex(&glob_regex(glob).replace(".*", "(.*)"))?)
}

fn renamed(name: &str, pairs: &[(Regex, String)]) -> Option<String> {
    let (found, target) = pairs.iter().find_map(|(r, t)| r.captures(name).map(|c| (c, t)))?;
    let mut out = String::new();
    for (index, part) in target.split('*').enumerate() {
        if index > 0 {
            out.push_str(found.get(index).map_or("", |m| m.as_str()));
        }
        out.push_str(part);
    }
    Some(out)
}

pub(super) fn rename(frame: DataFrame, pairs: &[(String, String)]) -> Result<DataFrame, QueryError> {
    let pairs = pairs.iter().map(|(a, b)| Ok((capturing(a)?, b.clone()))).collect::<Result<Vec<_>, QueryError>>()?;
    let names: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let targets: Vec<String> = names
        .iter()
        .map(|n| if n.starts_with(STORED) { n.clone() } else { renamed(n, &pairs).unwrap_or_else(|| n.clone()) })
        .collect();
    let mut out = Vec::new();
    for (at, (name, target)) in names.iter().zip(&targets).enumerate() {
        // A renamed field replaces one that had the name before; of two renamed to one name the first stays.
        let replaced = name == target && targets.iter().zip(&names).any(|(t, n)| t == target && n != t);
        let taken = targets[..at].iter().zip(&names).any(|(t, n)| t == target && n != t);
        if !replaced && !taken {
            out.push(named(name).alias(target));
        }
    }
    Ok(nodes::select(frame, out)?)
}

pub(super) fn fill_null(frame: DataFrame, fields: Option<&[String]>, value: &Literal) -> Result<DataFrame, QueryError> {
    let wanted = |name: &str| !name.starts_with(STORED) && fields.is_none_or(|f| f.iter().any(|n| n == name));
    let mut out: Vec<Df> = Vec::new();
    for field in frame.schema().fields() {
        let name = field.name();
        if wanted(name) { out.push(filled(name, field.data_type(), value).alias(name)) } else { out.push(named(name)) }
    }
    for name in fields.into_iter().flatten().filter(|n| !frame.schema().has_column_with_unqualified_name(n)) {
        out.push(literal(value).alias(name));
    }
    Ok(nodes::select(frame, out)?)
}

/// A field with its nulls filled; where the value is of another type the field becomes text.
fn filled(name: &str, ty: &DataType, value: &Literal) -> Df {
    let field = named(name);
    match (ty, value) {
        (t, Literal::Int(_) | Literal::Float(_)) if t.is_numeric() => {
            first_present(vec![field, datafusion::logical_expr::cast(literal(value), t.clone())])
        }
        (DataType::Utf8View, Literal::Text(_)) => first_present(vec![field, literal(value)]),
        _ => first_present(vec![to_text(field), to_text(literal(value))]),
    }
}

pub(super) fn expand(frame: DataFrame, field: &str, limit: Option<u64>) -> Result<DataFrame, QueryError> {
    if !frame.schema().has_column_with_unqualified_name(field) {
        return Ok(frame);
    }
    let mut list = call("to_list", list_type(), lists::to_list, vec![named(field)]);
    if let Some(most) = limit.filter(|n| *n > 0) {
        list = call("list_take", list_type(), lists::take, vec![list, lit(most as i64)]);
    }
    let items: Vec<Df> = frame
        .schema()
        .fields()
        .iter()
        .map(|f| if f.name() == field { list.clone().alias(field) } else { named(f.name()) })
        .collect();
    let options = UnnestOptions::new().with_preserve_nulls(true);
    // The name is quoted so that dots and braces in it stay part of it.
    let quoted = format!("\"{}\"", field.replace('"', "\"\""));
    Ok(nodes::select(frame, items)?.unnest_columns_with_options(&[&quoted], options)?)
}
