//! The first value that is there. DataFusion's `coalesce` becomes a CASE that holds each argument twice, and nested ones double each time;
//! this one stays a call. It works out every argument for every row, so it is for those that cost nothing.

use arrow::array::{ArrayRef, BooleanArray, Scalar, new_null_array};
use arrow::compute::is_not_null;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

#[derive(Debug, PartialEq, Eq, Hash)]
struct Present {
    signature: Signature,
}

/// The first of the arguments, all of one type, that is not null.
pub(crate) fn first_present(args: Vec<Expr>) -> Expr {
    ScalarUDF::from(Present { signature: Signature::variadic_any(Volatility::Immutable) }).call(args)
}

impl ScalarUDFImpl for Present {
    fn name(&self) -> &'static str {
        "first_present"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [first, rest @ ..] if rest.iter().all(|ty| ty == first) => Ok(first.clone()),
            _ => plan_err!("first_present takes arguments of one type, not {types:?}"),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().all(|field| field.is_nullable());
        Ok(Field::new(self.name(), self.return_type(&types)?, nullable).into())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut later = args.args.into_iter().rev();
        let Some(mut found) = later.next() else { return plan_err!("first_present without arguments") };
        for value in later {
            found = or(value, found, args.number_rows)?;
        }
        Ok(found)
    }
}

/// The values of one column, and another's where it has none.
fn or(value: ColumnarValue, other: ColumnarValue, rows: usize) -> Result<ColumnarValue> {
    match value {
        ColumnarValue::Scalar(scalar) if scalar.is_null() => Ok(other),
        ColumnarValue::Scalar(scalar) => Ok(ColumnarValue::Scalar(scalar)),
        ColumnarValue::Array(array) if array.logical_null_count() == 0 => Ok(ColumnarValue::Array(array)),
        ColumnarValue::Array(array) => {
            let there = is_not_null(&array)?;
            Ok(ColumnarValue::Array(chosen(&there, &array, &other, rows)?))
        }
    }
}

fn chosen(there: &BooleanArray, value: &ArrayRef, other: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    Ok(match other {
        ColumnarValue::Array(other) => zip(there, value, other)?,
        ColumnarValue::Scalar(ScalarValue::Null) => zip(there, value, &new_null_array(value.data_type(), rows))?,
        ColumnarValue::Scalar(other) => zip(there, value, &Scalar::new(other.to_array()?))?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringViewArray};
    use arrow::datatypes::Field;
    use datafusion::config::ConfigOptions;

    use super::*;

    fn column(values: &[Option<&str>]) -> ColumnarValue {
        ColumnarValue::Array(Arc::new(values.iter().copied().collect::<StringViewArray>()))
    }

    fn text(value: Option<&str>) -> ColumnarValue {
        ColumnarValue::Scalar(ScalarValue::Utf8View(value.map(str::to_owned)))
    }

    fn check(args: Vec<ColumnarValue>, expected: &[Option<&str>]) {
        let field = Arc::new(Field::new("x", DataType::Utf8View, true));
        let given = ScalarFunctionArgs {
            arg_fields: args.iter().map(|_| Arc::clone(&field)).collect(),
            args,
            number_rows: expected.len(),
            return_field: field,
            config_options: Arc::new(ConfigOptions::default()),
        };
        let found = Present { signature: Signature::variadic_any(Volatility::Immutable) }.invoke_with_args(given);
        let found = found.and_then(|value| value.to_array(expected.len())).unwrap();
        let found: Vec<_> = found.as_string_view().iter().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_first_value_that_is_there() {
        check(vec![column(&[Some("a"), None]), text(Some("x"))], &[Some("a"), Some("x")]);
        check(vec![column(&[None, None]), column(&[Some("b"), None])], &[Some("b"), None]);
        check(vec![column(&[None, Some("a")]), column(&[Some("b"), None]), text(Some("c"))], &[Some("b"), Some("a")]);
        check(vec![column(&[None, None]), column(&[Some("b"), None]), text(Some("c"))], &[Some("b"), Some("c")]);
        check(vec![text(None), column(&[Some("b"), None])], &[Some("b"), None]);
        check(vec![text(Some("")), column(&[Some("b"), None])], &[Some(""), Some("")]);
        check(vec![column(&[Some("a"), None]), text(None)], &[Some("a"), None]);
        check(vec![text(None), text(None)], &[None, None]);
    }

    #[test]
    fn arguments_have_one_type() {
        let present = Present { signature: Signature::variadic_any(Volatility::Immutable) };
        assert_eq!(present.return_type(&[DataType::Int64, DataType::Int64]).unwrap(), DataType::Int64);
        assert!(present.return_type(&[DataType::Int64, DataType::Utf8View]).is_err());
        assert!(present.return_type(&[]).is_err());
    }
}
