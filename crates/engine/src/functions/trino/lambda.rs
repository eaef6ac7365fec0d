//! Functions that take lambdas: `filter`, `transform`, `any_match`, `reduce`, … The body is evaluated over the flat
//! elements of a batch, not row by row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, concat, take, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::utils::{adjust_offsets_for_slice, list_values, list_values_row_number};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
    HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::calls::truth;
use super::list_of;
use super::maps::{pair, side};
use super::types::map_of;
use super::values::{item_field, map_array};

/// Names of the functions.
pub(super) const NAMES: [&str; 10] = [
    "filter",
    "transform",
    "any_match",
    "all_match",
    "none_match",
    "reduce",
    "zip_with",
    "map_filter",
    "transform_values",
    "transform_keys",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Filter,
    Transform,
    Any,
    All,
    None,
    Reduce,
    ZipWith,
    MapFilter,
    TransformValues,
    TransformKeys,
}

const KINDS: [Kind; 10] = [
    Kind::Filter,
    Kind::Transform,
    Kind::Any,
    Kind::All,
    Kind::None,
    Kind::Reduce,
    Kind::ZipWith,
    Kind::MapFilter,
    Kind::TransformValues,
    Kind::TransformKeys,
];

#[derive(Debug, PartialEq, Eq, Hash)]
struct HigherOrder {
    kind: Kind,
    name: &'static str,
    signature: HigherOrderSignature,
}

/// All of them.
pub(super) fn all() -> Vec<HigherOrderUDF> {
    let made = |(kind, name): (Kind, &'static str)| {
        let (value, lambda) = (ValueOrLambda::Value(()), ValueOrLambda::Lambda(()));
        let shape = match kind {
            Kind::Reduce => vec![value.clone(), value, lambda.clone(), lambda],
            Kind::ZipWith => vec![value.clone(), value, lambda],
            _ => vec![value, lambda],
        };
        let signature = HigherOrderSignature::exact(shape, Volatility::Immutable);
        HigherOrderUDF::new_from_impl(HigherOrder { kind, name, signature })
    };
    KINDS.into_iter().zip(NAMES).map(made).collect()
}

fn item(ty: &DataType) -> Result<FieldRef> {
    match ty {
        DataType::List(item) => Ok(Arc::clone(item)),
        DataType::Null => Ok(item_field(DataType::Null)),
        other => Err(DataFusionError::Plan(format!("an array is needed here, not {}", super::types::name_of(other)))),
    }
}

fn named(name: &str, ty: DataType) -> FieldRef {
    Arc::new(Field::new(name, ty, true))
}

fn types(fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>]) -> Vec<Option<DataType>> {
    let ty = |f: &ValueOrLambda<FieldRef, Option<FieldRef>>| match f {
        ValueOrLambda::Value(f) => Some(f.data_type().clone()),
        ValueOrLambda::Lambda(f) => f.as_ref().map(|f| f.data_type().clone()),
    };
    fields.iter().map(ty).collect()
}

impl HigherOrder {
    fn misused(&self) -> DataFusionError {
        DataFusionError::Plan(format!("`{}` takes other arguments: {}", self.name, self.usage()))
    }

    fn usage(&self) -> &'static str {
        match self.kind {
            Kind::Reduce => "reduce(array, start, (state, x) -> state, state -> result)",
            Kind::ZipWith => "zip_with(array, array, (x, y) -> value)",
            Kind::MapFilter => "map_filter(map, (key, value) -> condition)",
            Kind::TransformValues => "transform_values(map, (key, value) -> value)",
            Kind::TransformKeys => "transform_keys(map, (key, value) -> key)",
            Kind::Transform => "transform(array, x -> value)",
            _ => "filter(array, x -> condition)",
        }
    }
}

impl HigherOrderUDFImpl for HigherOrder {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let list = |t: &DataType| match t {
            DataType::Null => list_of(DataType::Utf8View),
            DataType::LargeList(i) | DataType::FixedSizeList(i, _) => list_of(i.data_type().clone()),
            other => other.clone(),
        };
        let lists = if self.kind == Kind::Reduce { 1 } else { types.len() };
        Ok(types.iter().enumerate().map(|(i, t)| if i < lists { list(t) } else { t.clone() }).collect())
    }

    fn coerce_values_for_lambdas(&self, fields: &[ValueOrLambda<DataType, DataType>]) -> Result<Option<Vec<DataType>>> {
        // The start of a reduction takes the type that its states have.
        match (self.kind, fields) {
            (Kind::Reduce, [ValueOrLambda::Value(list), ValueOrLambda::Value(_), ValueOrLambda::Lambda(state), _]) => {
                Ok(Some(vec![list.clone(), state.clone()]))
            }
            _ => Ok(None),
        }
    }

    fn lambda_parameters(
        &self,
        step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let types = types(fields);
        let first = types.first().cloned().flatten().ok_or_else(|| self.misused())?;
        let second = types.get(1).cloned().flatten();
        Ok(match self.kind {
            Kind::ZipWith => {
                let second = second.ok_or_else(|| self.misused())?;
                LambdaParametersProgress::Complete(vec![vec![item(&first)?, item(&second)?]])
            }
            Kind::MapFilter | Kind::TransformValues | Kind::TransformKeys => {
                let (key, value) = pair(&first);
                LambdaParametersProgress::Complete(vec![vec![named("key", key), named("value", value)]])
            }
            Kind::Reduce => {
                let start = second.ok_or_else(|| self.misused())?;
                let state = types.get(2).cloned().flatten();
                let element = item(&first)?;
                match state {
                    // The body's type is that of the states once it no longer changes.
                    Some(state) if step > 1 || state == start => {
                        let state = named("state", state);
                        LambdaParametersProgress::Complete(vec![vec![Arc::clone(&state), element], vec![state]])
                    }
                    Some(state) => {
                        LambdaParametersProgress::Partial(vec![Some(vec![named("state", state), element]), None])
                    }
                    None => LambdaParametersProgress::Partial(vec![Some(vec![named("state", start), element]), None]),
                }
            }
            _ => LambdaParametersProgress::Complete(vec![vec![item(&first)?]]),
        })
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        let ty = |i: usize| match args.arg_fields.get(i) {
            Some(ValueOrLambda::Value(f) | ValueOrLambda::Lambda(f)) => Ok(f.data_type().clone()),
            None => Err(self.misused()),
        };
        let returned = match self.kind {
            Kind::Filter | Kind::MapFilter => ty(0)?,
            Kind::Transform => list_of(ty(1)?),
            Kind::Any | Kind::All | Kind::None => DataType::Boolean,
            Kind::Reduce => ty(3)?,
            Kind::ZipWith => list_of(ty(2)?),
            Kind::TransformValues => map_of(pair(&ty(0)?).0, ty(1)?),
            Kind::TransformKeys => map_of(ty(1)?, pair(&ty(0)?).1),
        };
        Ok(named("", returned))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let given = Given { args: &args };
        let array = match self.kind {
            Kind::Reduce => given.reduce(),
            Kind::ZipWith => given.zip_with(),
            Kind::MapFilter | Kind::TransformValues | Kind::TransformKeys => given.map(self.kind),
            _ => given.list(self.kind),
        }?;
        let wanted = args.return_field.data_type();
        Ok(ColumnarValue::Array(if array.data_type() == wanted { array } else { cast(&array, wanted)? }))
    }
}

struct Given<'a> {
    args: &'a HigherOrderFunctionArgs,
}

impl Given<'_> {
    fn value(&self, index: usize) -> Result<ArrayRef> {
        match self.args.args.get(index) {
            Some(ValueOrLambda::Value(value)) => value.to_array(self.args.number_rows),
            _ => Err(DataFusionError::Internal("a value is missing".into())),
        }
    }

    fn lambda(&self, index: usize) -> Result<&LambdaArgument> {
        match self.args.args.get(index) {
            Some(ValueOrLambda::Lambda(lambda)) => Ok(lambda),
            _ => Err(DataFusionError::Internal("a lambda is missing".into())),
        }
    }

    fn none(&self) -> Result<ArrayRef> {
        ScalarValue::try_from(self.args.return_field.data_type())?.to_array_of_size(self.args.number_rows)
    }

    fn list(&self, kind: Kind) -> Result<ArrayRef> {
        let array = self.value(0)?;
        if array.null_count() == array.len() {
            return self.none();
        }
        let values = list_values(&array)?;
        let rows = list_values_row_number(&array)?;
        let body = || Ok(Arc::clone(&values));
        let made = self.lambda(1)?.evaluate(&[&body], |captured| Ok(take_arrays(captured, &rows, None)?))?;
        let made = made.into_array(values.len())?;
        let list = array.as_list::<i32>();
        let offsets = adjust_offsets_for_slice(list);
        match kind {
            Kind::Transform => {
                let field = item_field(made.data_type().clone());
                Ok(Arc::new(ListArray::try_new(field, offsets, made, list.nulls().cloned())?))
            }
            Kind::Filter => {
                let kept = truth(&made)?;
                let field = item_field(values.data_type().clone());
                let filtered = arrow::compute::filter(&values, &kept)?;
                let lengths = offsets.windows(2).map(|w| passing(&kept, w));
                Ok(Arc::new(ListArray::try_new(
                    field,
                    OffsetBuffer::from_lengths(lengths),
                    filtered,
                    list.nulls().cloned(),
                )?))
            }
            _ => {
                let tested = truth(&made)?;
                let rows = offsets
                    .windows(2)
                    .enumerate()
                    .map(|(row, w)| (!list.is_null(row)).then(|| matched(kind, &tested, w))?);
                Ok(Arc::new(rows.collect::<BooleanArray>()))
            }
        }
    }

    fn map(&self, kind: Kind) -> Result<ArrayRef> {
        let array = self.value(0)?;
        if array.null_count() == array.len() {
            return self.none();
        }
        let map = array.as_map();
        let (keys, values) = (list_values(&side(&array, 0)?)?, list_values(&side(&array, 1)?)?);
        let rows = list_values_row_number(&side(&array, 0)?)?;
        let (key, value) = (|| Ok(Arc::clone(&keys)), || Ok(Arc::clone(&values)));
        let made = self.lambda(1)?.evaluate(&[&key, &value], |captured| Ok(take_arrays(captured, &rows, None)?))?;
        let made = made.into_array(keys.len())?;
        let valid: Vec<bool> = (0..map.len()).map(|r| !map.is_null(r)).collect();
        let lengths = |keep: &dyn Fn(usize) -> bool| {
            let mut start = 0;
            (0..map.len())
                .map(|r| {
                    let count = if map.is_null(r) { 0 } else { usize::try_from(map.value_length(r)).unwrap_or(0) };
                    start += count;
                    (start - count..start).filter(|i| keep(*i)).count()
                })
                .collect::<Vec<_>>()
        };
        match kind {
            Kind::TransformValues => map_array(keys, made, lengths(&|_| true), valid),
            Kind::TransformKeys => map_array(made, values, lengths(&|_| true), valid),
            _ => {
                let kept = truth(&made)?;
                let lengths = lengths(&|i| !kept.is_null(i) && kept.value(i));
                let (keys, values) = (arrow::compute::filter(&keys, &kept)?, arrow::compute::filter(&values, &kept)?);
                map_array(keys, values, lengths, valid)
            }
        }
    }

    /// Pairs of two arrays; the shorter is filled up with nulls.
    fn zip_with(&self) -> Result<ArrayRef> {
        let (a, b) = (self.value(0)?, self.value(1)?);
        let (a, b) = (a.as_list::<i32>(), b.as_list::<i32>());
        let (mut left, mut right, mut rows, mut lengths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut valid = Vec::with_capacity(a.len());
        for row in 0..a.len() {
            let there = !a.is_null(row) && !b.is_null(row);
            valid.push(there);
            let length = if there { a.value_length(row).max(b.value_length(row)) } else { 0 };
            lengths.push(usize::try_from(length).unwrap_or(0));
            for i in 0..length {
                let place =
                    |list: &ListArray| (i < list.value_length(row)).then(|| (list.value_offsets()[row] + i) as u32);
                left.push(place(a));
                right.push(place(b));
                rows.push(row as u32);
            }
        }
        let x = take(a.values(), &UInt32Array::from(left), None)?;
        let y = take(b.values(), &UInt32Array::from(right), None)?;
        let rows = UInt32Array::from(rows);
        let (first, second) = (|| Ok(Arc::clone(&x)), || Ok(Arc::clone(&y)));
        let made = self.lambda(2)?.evaluate(&[&first, &second], |captured| Ok(take_arrays(captured, &rows, None)?))?;
        let made = made.into_array(x.len())?;
        let field = item_field(made.data_type().clone());
        Ok(Arc::new(ListArray::try_new(
            field,
            OffsetBuffer::from_lengths(lengths),
            made,
            Some(NullBuffer::from(valid)),
        )?))
    }

    /// State by state: the n-th elements of all rows at once.
    fn reduce(&self) -> Result<ArrayRef> {
        let array = self.value(0)?;
        let list = array.as_list::<i32>();
        let mut states = self.value(1)?;
        let longest = (0..list.len()).filter(|r| !list.is_null(*r)).map(|r| list.value_length(r)).max().unwrap_or(0);
        for nth in 0..longest {
            let active: Vec<u32> = (0..list.len())
                .filter(|r| !list.is_null(*r) && list.value_length(*r) > nth)
                .filter_map(|r| u32::try_from(r).ok())
                .collect();
            let places: UInt32Array =
                active.iter().map(|r| Some((list.value_offsets()[*r as usize] + nth) as u32)).collect();
            let rows = UInt32Array::from(active.clone());
            let (before, element) = (take(&states, &rows, None)?, take(list.values(), &places, None)?);
            let (state, x) = (|| Ok(Arc::clone(&before)), || Ok(Arc::clone(&element)));
            let after = self.lambda(2)?.evaluate(&[&state, &x], |captured| Ok(take_arrays(captured, &rows, None)?))?;
            let after = cast(&after.into_array(active.len())?, states.data_type())?;
            states = replaced(&states, &active, &after)?;
        }
        let all: UInt32Array = (0..list.len()).map(|r| u32::try_from(r).ok()).collect();
        let last = Arc::clone(&states);
        let state = || Ok(Arc::clone(&last));
        let made = self.lambda(3)?.evaluate(&[&state], |captured| Ok(take_arrays(captured, &all, None)?))?;
        let made = made.into_array(list.len())?;
        let absent: BooleanArray = (0..list.len()).map(|r| Some(list.is_null(r))).collect();
        Ok(arrow::compute::nullif(&made, &absent)?)
    }
}

/// `states` with those at `places` replaced.
fn replaced(states: &ArrayRef, places: &[u32], by: &ArrayRef) -> Result<ArrayRef> {
    let both = concat(&[states.as_ref(), by.as_ref()])?;
    let mut picked: Vec<u32> = (0..states.len() as u32).collect();
    for (n, place) in places.iter().enumerate() {
        picked[*place as usize] = (states.len() + n) as u32;
    }
    Ok(take(&both, &UInt32Array::from(picked), None)?)
}

fn passing(tested: &BooleanArray, window: &[i32]) -> usize {
    (window[0] as usize..window[1] as usize).filter(|i| !tested.is_null(*i) && tested.value(*i)).count()
}

/// Whether any, all or none of a row's elements pass; null where nulls leave it open.
fn matched(kind: Kind, tested: &BooleanArray, window: &[i32]) -> Option<bool> {
    let range = window[0] as usize..window[1] as usize;
    let null = range.clone().any(|i| tested.is_null(i));
    let any = |wanted: bool| range.clone().any(|i| !tested.is_null(i) && tested.value(i) == wanted);
    match kind {
        Kind::Any if any(true) => Some(true),
        Kind::All if any(false) => Some(false),
        Kind::None if any(true) => Some(false),
        _ if null => None,
        Kind::Any => Some(false),
        _ => Some(true),
    }
}
