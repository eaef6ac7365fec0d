//! The scalar functions that the IR needs and DataFusion lacks, or has with another meaning. Arguments arrive in the
//! IR's Arrow types: Text = Utf8View, Int = Int64, Float = Float64, Bool = Boolean, Time = Timestamp(us, UTC),
//! List = List(Utf8View).

pub(crate) mod convert;
pub(crate) mod distinct;
pub(crate) mod encoding;
pub(crate) mod geo;
pub(crate) mod json;
pub(crate) mod json_build;
mod json_member;
pub(crate) mod json_query;
pub(crate) mod lambda;
pub(crate) mod lists;
pub(crate) mod matching;
pub(crate) mod math;
pub(crate) mod network;
pub(crate) mod parsing;
pub(crate) mod policy;
pub(crate) mod present;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod trino;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, ListArray, StringViewArray, StringViewBuilder,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// Arrow type of an instant.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Arrow type of a multivalue field.
pub(crate) fn list_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8View, true)))
}

/// The arguments of one call over one batch.
pub(crate) struct Args<'a> {
    values: &'a [ColumnarValue],
    rows: usize,
}

impl Args<'_> {
    /// Rows of the batch.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Number of arguments.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The argument as an array of its own type.
    pub(crate) fn array(&self, index: usize) -> Result<ArrayRef> {
        self.values[index].to_array(self.rows)
    }

    /// The argument as text.
    pub(crate) fn text(&self, index: usize) -> Result<StringViewArray> {
        Ok(cast(&self.array(index)?, &DataType::Utf8View)?.as_string_view().clone())
    }

    /// The argument as floats; what is no number is null.
    pub(crate) fn floats(&self, index: usize) -> Result<Float64Array> {
        Ok(cast(&self.array(index)?, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
    }

    /// The argument as integers.
    pub(crate) fn ints(&self, index: usize) -> Result<arrow::array::Int64Array> {
        Ok(cast(&self.array(index)?, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    /// The argument as instants in microseconds.
    pub(crate) fn micros(&self, index: usize) -> Result<arrow::array::Int64Array> {
        let time = cast(&self.array(index)?, &time_type())?;
        Ok(cast(&time, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    /// The argument as lists: a text becomes a list of one.
    pub(crate) fn lists(&self, index: usize) -> Result<ListArray> {
        lists::as_lists(&self.array(index)?)
    }

    /// The argument's text where it is a constant.
    pub(crate) fn constant(&self, index: usize) -> Option<String> {
        match self.values.get(index) {
            Some(ColumnarValue::Scalar(value)) => scalar_text(value),
            _ => None,
        }
    }
}

/// The text of a scalar, if it has one.
pub(crate) fn scalar_text(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8(v) | ScalarValue::Utf8View(v) | ScalarValue::LargeUtf8(v) => v.clone(),
        ScalarValue::Int64(v) => v.map(|v| v.to_string()),
        ScalarValue::Float64(v) => v.map(convert::number_text),
        _ => None,
    }
}

/// What a function does with one batch.
pub(crate) type Body = fn(&Args<'_>) -> Result<ArrayRef>;

/// Functions that give a value for all values: whether there is one need not be asked of each row.
const TOTAL: [&str; 1] = ["bin_time"];

/// A function without state: a name, a result type, a body.
#[derive(Debug)]
pub(crate) struct Function {
    name: &'static str,
    returns: DataType,
    signature: Signature,
    body: Body,
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

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let nullable = !TOTAL.contains(&self.name) || args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Field::new(self.name, self.returns.clone(), nullable).into())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = !args.args.is_empty() && args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let array = (self.body)(&Args { values: &args.args, rows })?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// A function object that takes arguments of any type.
pub(crate) fn function(name: &'static str, returns: DataType, body: Body) -> ScalarUDF {
    let signature = Signature::one_of(
        vec![datafusion::logical_expr::TypeSignature::VariadicAny, datafusion::logical_expr::TypeSignature::Nullary],
        Volatility::Immutable,
    );
    ScalarUDF::from(Function { name, returns, signature, body })
}

/// The type that a call of one of these functions gives; `None` for all else.
pub(crate) fn result_type(expr: &Expr) -> Option<&DataType> {
    match expr {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref::<Function>().map(|function| &function.returns),
        _ => None,
    }
}

/// A call of a function by its parts.
pub(crate) fn call(name: &'static str, returns: DataType, body: Body, args: Vec<Expr>) -> Expr {
    function(name, returns, body).call(args)
}

/// Maps text to text row by row; null stays null, `None` becomes null.
pub(crate) fn map_text<'a, S: AsRef<str>>(input: &'a StringViewArray, f: impl Fn(&'a str) -> Option<S>) -> ArrayRef {
    let mut out = StringViewBuilder::with_capacity(input.len());
    for value in input {
        out.append_option(value.and_then(&f));
    }
    Arc::new(out.finish())
}

/// Builds a text column out of rows.
pub(crate) fn texts<S: AsRef<str>>(rows: impl Iterator<Item = Option<S>>) -> ArrayRef {
    let mut out = StringViewBuilder::new();
    rows.for_each(|row| out.append_option(row));
    Arc::new(out.finish())
}

/// Whether a text, or any element of a list, passes; null for null.
pub(crate) fn any_text(array: &ArrayRef, test: impl Fn(&str) -> bool) -> Result<BooleanArray> {
    if let DataType::List(_) = array.data_type() {
        let list = lists::as_lists(array)?;
        let rows = (0..list.len()).map(|row| lists::elements(&list, row).map(|items| items.into_iter().any(&test)));
        return Ok(rows.collect());
    }
    let text = cast(array, &DataType::Utf8View)?;
    let mut memo = matching::Memo::default();
    let view = text.as_string_view();
    let answers = BooleanBuffer::collect_bool(view.len(), |row| !view.is_null(row) && memo.get(view, row, &test));
    Ok(BooleanArray::new(answers, view.nulls().cloned()))
}
