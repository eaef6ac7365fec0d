//! Expressions over the elements of a list: `mvfilter`, `mvmap` and the like. The body is compiled once; a batch's lists are
//! laid end to end, evaluated as one column, and cut into lists again.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_plan::PhysicalExpr;
use datafusion::prelude::SessionContext;

use super::{convert, list_type, lists};

/// Whether elements are kept or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Filter,
    Map,
}

/// What is done with each element.
struct Lambda {
    kind: Kind,
    body: Arc<dyn PhysicalExpr>,
    /// The element, then the fields of the row that the body reads.
    schema: SchemaRef,
    /// The body as text: two lambdas are one where these are.
    text: String,
    signature: Signature,
}

/// A lambda's call: `inputs` are the names and types of the fields that `body` reads beside the element.
pub(crate) fn over(
    context: &SessionContext,
    kind: Kind,
    list: Expr,
    body: Expr,
    inputs: &[(String, DataType)],
) -> Result<Expr> {
    let schema = schema(inputs);
    let text = format!("{body}");
    let body = context.create_physical_expr(body, &DFSchema::try_from(schema.as_ref().clone())?)?;
    let signature = Signature::variadic_any(Volatility::Immutable);
    let args = std::iter::once(list).chain(inputs.iter().map(|(name, _)| crate::plan::expr::named(name))).collect();
    Ok(ScalarUDF::from(Lambda { kind, body, schema, text, signature }).call(args))
}

/// The columns that a lambda's body sees.
pub(crate) fn schema(inputs: &[(String, DataType)]) -> SchemaRef {
    let element = Field::new(query::pipeline::ELEMENT, DataType::Utf8View, true);
    let inputs = inputs.iter().map(|(name, ty)| Field::new(name, ty.clone(), true));
    Arc::new(Schema::new(std::iter::once(element).chain(inputs).collect::<Vec<_>>()))
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").field("kind", &self.kind).field("body", &self.text).finish_non_exhaustive()
    }
}

impl PartialEq for Lambda {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text && self.schema == other.schema
    }
}

impl Eq for Lambda {}

impl Hash for Lambda {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.text).hash(state);
    }
}

impl ScalarUDFImpl for Lambda {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Filter => "list_filter",
            Kind::Map => "list_map",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(list_type())
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(format!("{}({}, {})", self.name(), args.first().map_or_else(String::new, ToString::to_string), self.text))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = args.args.iter().map(|a| a.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let list = lists::as_lists(&arrays[0])?;
        let rows: Vec<Vec<&str>> = (0..list.len()).map(|row| lists::elements(&list, row).unwrap_or_default()).collect();
        let values = self.evaluate(&rows, &arrays[1..])?;
        let mut at = 0;
        let out = rows.iter().map(|items| {
            let range = at..at + items.len();
            at = range.end;
            Some(range.zip(items).filter_map(|(i, item)| self.kept(&values, i, item)).collect::<Vec<_>>())
        });
        Ok(ColumnarValue::Array(Arc::new(lists::build(out))))
    }
}

impl Lambda {
    /// The body's value for every element of the batch.
    fn evaluate(&self, rows: &[Vec<&str>], inputs: &[ArrayRef]) -> Result<ArrayRef> {
        let elements: StringViewArray = rows.iter().flatten().map(|item| Some(*item)).collect();
        let count = elements.len();
        let of = rows.iter().enumerate().flat_map(|(row, items)| std::iter::repeat_n(row as u64, items.len()));
        let of = UInt64Array::from_iter_values(of);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(elements)];
        for (input, field) in inputs.iter().zip(self.schema.fields().iter().skip(1)) {
            columns.push(take(&cast(input, field.data_type())?, &of, None)?);
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        let values = self.body.evaluate(&batch)?.to_array(count)?;
        match self.kind {
            Kind::Filter => Ok(cast(&values, &DataType::Boolean)?),
            Kind::Map => convert::to_text(&values),
        }
    }

    fn kept(&self, values: &ArrayRef, at: usize, item: &str) -> Option<String> {
        if values.is_null(at) {
            return None;
        }
        match self.kind {
            Kind::Filter => values.as_boolean().value(at).then(|| item.to_owned()),
            Kind::Map => Some(values.as_string_view().value(at).to_owned()),
        }
    }
}
