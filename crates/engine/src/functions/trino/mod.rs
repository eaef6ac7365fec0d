//! Functions that Athena and CloudTrail Lake users call by Trino's names, with Trino's meaning of null and of errors.
//!
//! Types: varchar is Utf8View (constants Utf8), JSON is LargeUtf8, timestamps are microseconds in a zone, arrays, maps and
//! rows are Arrow's. Sections of a record (`requestParameters`, …) are JSON. A function that may fail on a value has a twin
//! for `TRY(…)` that gives null there; the twin's name begins with [`TRY`].

mod arrays;
mod calls;
mod cast;
mod dates;
mod duckdb;
mod format;
mod json;
mod json_path;
mod json_sql;
mod lambda;
mod lists;
mod maps;
mod network;
mod policies;
mod regex;
mod text;
mod types;
mod values;

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderUDF, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    TypeSignature, Volatility,
};
use std::sync::Arc;

use super::{Args, texts, time_type};
use crate::error::{ErrorKind, QueryError};

pub(crate) use cast::shown_as_json;
pub(crate) use dates::parse_any_instant;
pub(crate) use format::{day_layout, parse_day};

/// Begins the name of a function's twin that gives null where the function would fail.
pub(crate) const TRY: &str = "__try_";

/// What is known of a call when its result type is decided.
pub(crate) struct Known<'a> {
    /// Types of the arguments.
    pub(crate) types: &'a [DataType],
    /// Constant arguments as text.
    pub(crate) constants: Vec<Option<String>>,
}

impl Known<'_> {
    /// Type of an argument; null's where there is none.
    pub(crate) fn ty(&self, index: usize) -> &DataType {
        self.types.get(index).unwrap_or(&DataType::Null)
    }

    /// A constant argument's text.
    pub(crate) fn constant(&self, index: usize) -> Option<&str> {
        self.constants.get(index)?.as_deref()
    }
}

/// One call over one batch.
pub(crate) struct Call<'a> {
    args: Args<'a>,
    /// False inside TRY: what can't be done gives null.
    pub(crate) strict: bool,
    /// The type that was decided on.
    pub(crate) result: &'a DataType,
}

impl<'a> Deref for Call<'a> {
    type Target = Args<'a>;

    fn deref(&self) -> &Self::Target {
        &self.args
    }
}

impl Call<'_> {
    /// A value that can't be computed: the query's end, or null inside TRY.
    pub(crate) fn fail<T>(&self, message: impl FnOnce() -> String) -> Result<Option<T>> {
        if self.strict { Err(invalid(message())) } else { Ok(None) }
    }
}

/// What the user's values made impossible.
pub(crate) fn invalid(message: impl Into<String>) -> DataFusionError {
    DataFusionError::External(Box::new(QueryError::new(ErrorKind::Invalid, message)))
}

type Returns = fn(&Known<'_>) -> Result<DataType>;
type Body = fn(&Call<'_>) -> Result<ArrayRef>;

/// A function: name, most and least number of arguments, result type, body.
pub(crate) struct Spec {
    name: &'static str,
    least: usize,
    most: usize,
    returns: Returns,
    body: Body,
}

const fn spec(name: &'static str, least: usize, most: usize, returns: Returns, body: Body) -> Spec {
    Spec { name, least, most, returns, body }
}

/// Result types.
fn text_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Utf8View)
}

fn json_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::LargeUtf8)
}

fn int_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Int64)
}

fn float_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Float64)
}

fn bool_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Boolean)
}

fn instant_type(_: &Known<'_>) -> Result<DataType> {
    Ok(time_type())
}

fn date_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Date32)
}

fn texts_type(_: &Known<'_>) -> Result<DataType> {
    Ok(super::list_type())
}

fn bytes_type(_: &Known<'_>) -> Result<DataType> {
    Ok(DataType::Binary)
}

fn first_type(known: &Known<'_>) -> Result<DataType> {
    Ok(known.ty(0).clone())
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

/// Every function, for the table of the planner.
fn specs() -> impl Iterator<Item = &'static Spec> {
    [
        arrays::ALL,
        calls::ALL,
        cast::ALL,
        dates::ALL,
        duckdb::ALL,
        json::ALL,
        json_sql::ALL,
        lists::ALL,
        maps::ALL,
        network::ALL,
        policies::ALL,
        regex::ALL,
        text::ALL,
    ]
    .into_iter()
    .flatten()
}

/// All of them, for registration with the SQL planner.
pub(crate) fn all() -> Vec<ScalarUDF> {
    specs().flat_map(|s| [udf(s, true), udf(s, false)]).collect()
}

/// Functions that take lambdas.
pub(crate) fn higher_order() -> Vec<HigherOrderUDF> {
    lambda::all()
}

/// Names of the functions, for suggestions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    specs().map(|s| s.name).filter(|n| !n.starts_with("__")).chain(lambda::NAMES)
}

/// Whether there is a function of that name here.
pub(crate) fn has(name: &str) -> bool {
    specs().any(|s| s.name == name) || lambda::NAMES.contains(&name)
}

fn udf(spec: &'static Spec, strict: bool) -> ScalarUDF {
    let name = if strict { spec.name.to_owned() } else { format!("{TRY}{}", spec.name) };
    let mut takes = vec![TypeSignature::VariadicAny];
    if spec.least == 0 {
        takes.push(TypeSignature::Nullary);
    }
    ScalarUDF::from(Function { name, spec, strict, signature: Signature::one_of(takes, Volatility::Immutable) })
}

/// A [`Spec`] as the planner takes it.
struct Function {
    name: String,
    spec: &'static Spec,
    strict: bool,
    signature: Signature,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Function {
    fn counted(&self, given: usize) -> Result<()> {
        let Spec { least, most, name, .. } = self.spec;
        if given >= *least && given <= *most {
            return Ok(());
        }
        let wanted = match (least, most) {
            (l, m) if l == m => format!("{l}"),
            (l, &usize::MAX) => format!("{l} or more"),
            (l, m) => format!("{l} to {m}"),
        };
        let shown = name.trim_start_matches('_');
        Err(DataFusionError::Plan(format!("`{shown}` takes {wanted} arguments, not {given}")))
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.counted(types.len())?;
        (self.spec.returns)(&Known { types, constants: Vec::new() })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let constants = args.scalar_arguments.iter().map(|s| s.and_then(super::scalar_text)).collect();
        self.counted(types.len())?;
        let ty = (self.spec.returns)(&Known { types: &types, constants })?;
        Ok(Arc::new(Field::new(&self.name, ty, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = !args.args.is_empty() && args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call {
            args: Args { values: &args.args, rows },
            strict: self.strict,
            result: args.return_field.data_type(),
        };
        let array = (self.spec.body)(&call)?;
        let array = if array.data_type() == call.result { array } else { arrow::compute::cast(&array, call.result)? };
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// Columns out of rows.
fn ints(rows: impl Iterator<Item = Result<Option<i64>>>) -> Result<ArrayRef> {
    Ok(Arc::new(rows.collect::<Result<Int64Array>>()?))
}

fn bools(rows: impl Iterator<Item = Result<Option<bool>>>) -> Result<ArrayRef> {
    Ok(Arc::new(rows.collect::<Result<BooleanArray>>()?))
}

fn strings<S: AsRef<str>>(rows: impl Iterator<Item = Result<Option<S>>>) -> Result<ArrayRef> {
    Ok(texts(rows.collect::<Result<Vec<_>>>()?.into_iter()))
}

fn instants(rows: impl Iterator<Item = Result<Option<i64>>>) -> Result<ArrayRef> {
    Ok(Arc::new(rows.collect::<Result<TimestampMicrosecondArray>>()?.with_timezone("UTC")))
}

/// A row of a text column.
fn at(column: &StringViewArray, row: usize) -> Option<&str> {
    use arrow::array::Array;
    (!column.is_null(row)).then(|| column.value(row))
}
