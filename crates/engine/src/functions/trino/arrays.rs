//! Arrays of any type: elements compare by Arrow's row format, results are taken from the flat values.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, concat as concat_arrays, take};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{DataFusionError, Result};

use super::lists::is_text;
use super::values::{item_field, to_list};
use super::{Call, Known, Spec, bool_type, bools, dates, int_type, ints, list_of, spec, strings, text_type};
use crate::functions::network::Block;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("contains", 2, 2, bool_type, contains),
    spec("array_position", 2, 2, int_type, position),
    spec("array_distinct", 1, 1, lists_type, |c| keep(c, |k| distinct(k.first))),
    spec("array_union", 2, 2, lists_type, |c| keep(c, |k| distinct([k.first, k.second].concat()))),
    spec("array_intersect", 2, 2, lists_type, |c| keep(c, |k| distinct(k.shared(true)))),
    spec("array_except", 2, 2, lists_type, |c| keep(c, |k| distinct(k.shared(false)))),
    spec("array_sort", 1, 1, lists_type, |c| keep(c, sorted)),
    spec("array_remove", 2, 2, first_list_type, remove),
    spec("arrays_overlap", 2, 2, bool_type, overlap),
    spec("array_max", 1, 1, item_type, |c| extreme(c, true)),
    spec("array_min", 1, 1, item_type, |c| extreme(c, false)),
    spec("array_join", 2, 3, text_type, join),
    spec("flatten", 1, 1, inner_type, flatten),
    spec("slice", 3, 3, first_list_type, slice),
    spec("trim_array", 2, 2, first_list_type, trim),
    spec("sequence", 2, 3, sequence_type, sequence),
    spec("repeat", 2, 2, |k| Ok(list_of(k.ty(0).clone())), repeat),
    spec("__array_concat", 1, usize::MAX, concat_type, concat),
    spec("__array_reverse", 1, 1, first_list_type, reverse),
    spec("zip", 2, 5, zip_type, zip),
    spec("array_first", 1, 1, item_type, |c| pick(c, |r| r.clone().next())),
    spec("array_last", 1, 1, item_type, |c| pick(c, |r| r.clone().last())),
];

/// The type that elements of two types have together.
pub(super) fn common(a: &DataType, b: &DataType) -> DataType {
    match (a, b) {
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (a, b) if a == b => a.clone(),
        (a, b) if is_text(a) || is_text(b) => DataType::Utf8View,
        (a, b) if a.is_integer() && b.is_integer() => DataType::Int64,
        (a, b) if a.is_numeric() && b.is_numeric() => DataType::Float64,
        (DataType::Timestamp(..), _) | (_, DataType::Timestamp(..)) => super::time_type(),
        (DataType::List(a), DataType::List(b)) => list_of(common(a.data_type(), b.data_type())),
        (a, _) => a.clone(),
    }
}

/// An array of rows, a field for each array.
fn zip_type(known: &Known<'_>) -> Result<DataType> {
    let field = |(at, ty): (usize, &DataType)| arrow::datatypes::Field::new(format!("field{at}"), item_of(ty), true);
    Ok(list_of(DataType::Struct(known.types.iter().enumerate().map(field).collect())))
}

/// `zip(a, b, …)`: the n-th elements together; what a shorter array lacks is null.
fn zip(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::List(item) = call.result else { return Err(super::invalid("not an array")) };
    let DataType::Struct(fields) = item.data_type() else { return Err(super::invalid("not rows")) };
    let lists = (0..call.len()).map(|at| Ok(to_list(&call.array(at)?))).collect::<Result<Vec<_>>>()?;
    let there = |row: usize| lists.iter().all(|list| !list.is_null(row));
    let length = |row: usize| lists.iter().map(|list| list.as_list::<i32>().value_length(row)).max().unwrap_or(0);
    let lengths: Vec<usize> = (0..call.rows()).map(|row| if there(row) { length(row) as usize } else { 0 }).collect();
    let column = |list: &ArrayRef, ty: &DataType| -> Result<ArrayRef> {
        let list = list.as_list::<i32>();
        let place = |row: usize, at: usize| {
            let (start, own) = (list.value_offsets()[row], list.value_length(row) as usize);
            (at < own).then(|| start as u32 + at as u32)
        };
        let places = lengths.iter().enumerate().flat_map(|(row, length)| (0..*length).map(move |at| place(row, at)));
        Ok(cast(&take(list.values(), &places.collect::<UInt32Array>(), None)?, ty)?)
    };
    let columns =
        lists.iter().zip(fields).map(|(list, field)| column(list, field.data_type())).collect::<Result<_>>()?;
    let count = lengths.iter().sum();
    let rows = arrow::array::StructArray::try_new_with_length(fields.clone(), columns, None, count)?;
    let nulls = NullBuffer::from((0..call.rows()).map(there).collect::<Vec<_>>());
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, Arc::new(rows), Some(nulls))?))
}

fn item_of(ty: &DataType) -> DataType {
    match ty {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => item.data_type().clone(),
        DataType::Null => DataType::Null,
        _ => DataType::LargeUtf8,
    }
}

fn item_type(known: &Known<'_>) -> Result<DataType> {
    Ok(item_of(known.ty(0)))
}

fn first_list_type(known: &Known<'_>) -> Result<DataType> {
    Ok(list_of(item_of(known.ty(0))))
}

fn lists_type(known: &Known<'_>) -> Result<DataType> {
    let items = known.types.iter().map(item_of).reduce(|a, b| common(&a, &b));
    Ok(list_of(items.unwrap_or(DataType::Null)))
}

fn inner_type(known: &Known<'_>) -> Result<DataType> {
    match item_of(known.ty(0)) {
        inner @ DataType::List(_) => Ok(inner),
        DataType::LargeUtf8 => Ok(list_of(DataType::LargeUtf8)),
        _ => Err(DataFusionError::Plan("flatten needs an array of arrays".into())),
    }
}

/// Flat values of a type, and each row's part of them.
struct Lists {
    values: ArrayRef,
    rows: Vec<Option<Range<usize>>>,
}

impl Lists {
    fn of(array: &ArrayRef, item: &DataType) -> Result<Self> {
        let listed = to_list(array);
        let list = listed.as_list::<i32>();
        let offsets = list.value_offsets();
        let part = |row: usize| (!list.is_null(row)).then(|| offsets[row] as usize..offsets[row + 1] as usize);
        Ok(Self { values: cast(list.values(), item)?, rows: (0..list.len()).map(part).collect() })
    }

    fn build(values: &ArrayRef, rows: Vec<Option<Vec<u32>>>) -> Result<ArrayRef> {
        let offsets = OffsetBuffer::from_lengths(rows.iter().map(|r| r.as_ref().map_or(0, Vec::len)));
        let nulls = NullBuffer::from(rows.iter().map(Option::is_some).collect::<Vec<_>>());
        let picked: UInt32Array = rows.into_iter().flatten().flatten().map(Some).collect();
        let taken = take(values, &picked, None)?;
        Ok(Arc::new(ListArray::try_new(item_field(taken.data_type().clone()), offsets, taken, Some(nulls))?))
    }
}

fn keys(values: &ArrayRef) -> Result<Rows> {
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    Ok(converter.convert_columns(&[Arc::clone(values)])?)
}

fn indexes(range: &Range<usize>) -> Vec<u32> {
    range.clone().filter_map(|i| u32::try_from(i).ok()).collect()
}

/// One row's elements of one or two arrays, as places in the flat values.
struct Kept<'a> {
    first: Vec<u32>,
    second: Vec<u32>,
    keys: &'a Rows,
    nulls: &'a ArrayRef,
}

impl Kept<'_> {
    fn shared(self, wanted: bool) -> Keyed {
        let other: HashSet<_> = self.second.iter().map(|i| self.keys.row(*i as usize)).collect();
        let first = self.first.iter().copied().filter(|i| other.contains(&self.keys.row(*i as usize)) == wanted);
        Keyed { places: first.collect() }
    }
}

/// Places to be made distinct.
struct Keyed {
    places: Vec<u32>,
}

impl From<Vec<u32>> for Keyed {
    fn from(places: Vec<u32>) -> Self {
        Self { places }
    }
}

/// What a row keeps, and whether equal elements are kept once.
struct Chosen {
    places: Vec<u32>,
    once: bool,
}

fn distinct(places: impl Into<Keyed>) -> Chosen {
    Chosen { places: places.into().places, once: true }
}

/// Ascending, nulls last.
fn sorted(kept: Kept<'_>) -> Chosen {
    let (mut places, nulls): (Vec<u32>, Vec<u32>) =
        kept.first.iter().copied().partition(|i| !kept.nulls.is_null(*i as usize));
    places.sort_by(|a, b| kept.keys.row(*a as usize).cmp(&kept.keys.row(*b as usize)));
    places.extend(nulls);
    Chosen { places, once: false }
}

fn keep(call: &Call<'_>, choose: fn(Kept<'_>) -> Chosen) -> Result<ArrayRef> {
    let item = item_of(call.result);
    let first = Lists::of(&call.array(0)?, &item)?;
    let second = if call.len() > 1 { Some(Lists::of(&call.array(1)?, &item)?) } else { None };
    let shift = first.values.len();
    let values = match &second {
        Some(second) => concat_arrays(&[first.values.as_ref(), second.values.as_ref()])?,
        None => Arc::clone(&first.values),
    };
    let keys = keys(&values)?;
    let rows = (0..call.rows()).map(|row| {
        let mine = indexes(first.rows[row].as_ref()?);
        let other = match &second {
            Some(second) => indexes(&second.rows[row].as_ref().map(|r| r.start + shift..r.end + shift)?),
            None => Vec::new(),
        };
        let Chosen { places, once } = choose(Kept { first: mine, second: other, keys: &keys, nulls: &values });
        if !once {
            return Some(places);
        }
        let mut seen = HashSet::new();
        Some(places.into_iter().filter(|i| seen.insert(keys.row(*i as usize))).collect())
    });
    Lists::build(&values, rows.collect())
}

/// Places of the elements of each row that equal the second argument: `f(places, all, has null)`.
fn against<T>(call: &Call<'_>, f: impl Fn(usize, &[usize], &Range<usize>, bool) -> T) -> Result<Vec<Option<T>>> {
    let wanted = call.array(1)?;
    let item = common(&item_of(call.array(0)?.data_type()), wanted.data_type());
    let lists = Lists::of(&call.array(0)?, &item)?;
    let wanted = cast(&wanted, &item)?;
    let converter = RowConverter::new(vec![SortField::new(item)])?;
    let (mine, theirs) =
        (converter.convert_columns(&[Arc::clone(&lists.values)])?, converter.convert_columns(&[Arc::clone(&wanted)])?);
    Ok((0..call.rows())
        .map(|row| {
            let range = lists.rows[row].as_ref()?;
            if wanted.is_null(row) {
                return None;
            }
            let equal: Vec<usize> = range.clone().filter(|i| mine.row(*i) == theirs.row(row)).collect();
            Some(f(row, &equal, range, range.clone().any(|i| lists.values.is_null(i))))
        })
        .collect())
}

/// `contains(array, x)`; `contains('10.0.0.0/8', address)`.
fn contains(call: &Call<'_>) -> Result<ArrayRef> {
    if matches!(call.array(0)?.data_type(), DataType::Utf8 | DataType::Utf8View) {
        let (block, address) = (call.text(0)?, call.text(1)?);
        let first = (0..call.rows()).find_map(|row| super::at(&block, row));
        if first.is_none_or(|b| Block::parse(b).is_some()) {
            return bools((0..call.rows()).map(|row| {
                let (Some(block), Some(address)) = (super::at(&block, row), super::at(&address, row)) else {
                    return Ok(None);
                };
                match Block::parse(block) {
                    Some(block) => Ok(Some(block.contains(address))),
                    None => call.fail(|| format!("'{block}' is no block of addresses")),
                }
            }));
        }
    }
    let found =
        against(call, |_, equal, _, null| if equal.is_empty() && null { None } else { Some(!equal.is_empty()) })?;
    bools(found.into_iter().map(|f| Ok(f.flatten())))
}

fn position(call: &Call<'_>) -> Result<ArrayRef> {
    let found = against(call, |_, equal, all, _| equal.first().map_or(0, |i| (i - all.start) as i64 + 1))?;
    ints(found.into_iter().map(Ok))
}

fn remove(call: &Call<'_>) -> Result<ArrayRef> {
    let item = item_of(call.result);
    let lists = Lists::of(&call.array(0)?, &item)?;
    let rows = against(call, |_, equal, all, _| {
        all.clone().filter(|i| !equal.contains(i)).filter_map(|i| u32::try_from(i).ok()).collect::<Vec<_>>()
    })?;
    Lists::build(&lists.values, rows)
}

fn overlap(call: &Call<'_>) -> Result<ArrayRef> {
    let item = common(&item_of(call.array(0)?.data_type()), &item_of(call.array(1)?.data_type()));
    let (a, b) = (Lists::of(&call.array(0)?, &item)?, Lists::of(&call.array(1)?, &item)?);
    let converter = RowConverter::new(vec![SortField::new(item)])?;
    let (mine, theirs) =
        (converter.convert_columns(&[Arc::clone(&a.values)])?, converter.convert_columns(&[Arc::clone(&b.values)])?);
    bools((0..call.rows()).map(|row| {
        let (Some(x), Some(y)) = (&a.rows[row], &b.rows[row]) else { return Ok(None) };
        let other: HashSet<_> = y.clone().filter(|i| !b.values.is_null(*i)).map(|i| theirs.row(i)).collect();
        let found = x.clone().any(|i| !a.values.is_null(i) && other.contains(&mine.row(i)));
        let null = x.clone().any(|i| a.values.is_null(i)) || y.clone().any(|i| b.values.is_null(i));
        Ok(if !found && null { None } else { Some(found) })
    }))
}

/// The greatest or least element; null where one is null.
fn extreme(call: &Call<'_>, greatest: bool) -> Result<ArrayRef> {
    let item = call.result.clone();
    let lists = Lists::of(&call.array(0)?, &item)?;
    let keys = keys(&lists.values)?;
    let picked = lists.rows.iter().map(|row| {
        let range = row.clone()?;
        if range.clone().any(|i| lists.values.is_null(i)) {
            return None;
        }
        let by = |a: &usize, b: &usize| keys.row(*a).cmp(&keys.row(*b));
        let found = if greatest { range.max_by(by) } else { range.min_by(by) };
        u32::try_from(found?).ok()
    });
    Ok(take(&lists.values, &picked.collect::<UInt32Array>(), None)?)
}

fn pick(call: &Call<'_>, choose: fn(&Range<usize>) -> Option<usize>) -> Result<ArrayRef> {
    let lists = Lists::of(&call.array(0)?, call.result)?;
    let picked = lists.rows.iter().map(|row| choose(row.as_ref()?).and_then(|i| u32::try_from(i).ok()));
    Ok(take(&lists.values, &picked.collect::<UInt32Array>(), None)?)
}

/// Elements as text, nulls left out or as the third argument.
fn join(call: &Call<'_>) -> Result<ArrayRef> {
    let listed = to_list(&call.array(0)?);
    let item = item_of(listed.data_type());
    let lists = Lists::of(&listed, &item)?;
    let values = super::cast::to_varchar(&lists.values)?;
    let values = values.as_string_view();
    let by = call.text(1)?;
    let absent = if call.len() > 2 { Some(call.text(2)?) } else { None };
    strings((0..call.rows()).map(|row| {
        let (Some(range), Some(by)) = (&lists.rows[row], super::at(&by, row)) else { return Ok(None) };
        let absent = absent.as_ref().and_then(|a| super::at(a, row));
        let parts: Vec<&str> = range.clone().filter_map(|i| super::at(values, i).or(absent)).collect();
        Ok(Some(parts.join(by)))
    }))
}

fn flatten(call: &Call<'_>) -> Result<ArrayRef> {
    let listed = to_list(&call.array(0)?);
    let outer = listed.as_list::<i32>();
    let item = item_of(call.result);
    let inner = Lists::of(outer.values(), &item)?;
    let offsets = outer.value_offsets();
    let rows = (0..outer.len()).map(|row| {
        let range = (!outer.is_null(row)).then(|| offsets[row] as usize..offsets[row + 1] as usize)?;
        Some(range.filter_map(|i| inner.rows[i].as_ref()).flat_map(indexes).collect::<Vec<_>>())
    });
    Lists::build(&inner.values, rows.collect())
}

fn slice(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = Lists::of(&call.array(0)?, &item_of(call.result))?;
    let (start, length) = (call.ints(1)?, call.ints(2)?);
    let rows = (0..call.rows()).map(|row| {
        let range = lists.rows[row].as_ref()?;
        if start.is_null(row) || length.is_null(row) {
            return None;
        }
        let count = range.len() as i64;
        let from = match start.value(row) {
            s if s > 0 => s - 1,
            s => count + s,
        };
        if from < 0 || from >= count {
            return Some(Vec::new());
        }
        let to = from.saturating_add(length.value(row).max(0)).min(count);
        Some(indexes(&(range.start + from as usize..range.start + to as usize)))
    });
    Lists::build(&lists.values, rows.collect())
}

fn trim(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = Lists::of(&call.array(0)?, &item_of(call.result))?;
    let count = call.ints(1)?;
    let rows = (0..call.rows()).map(|row| {
        let range = lists.rows[row].as_ref()?;
        let drop = usize::try_from(count.value(row)).unwrap_or(0).min(range.len());
        Some(indexes(&(range.start..range.end - drop)))
    });
    Lists::build(&lists.values, rows.collect())
}

/// The same array backwards.
pub(super) fn reverse(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = Lists::of(&call.array(0)?, &item_of(call.result))?;
    let rows = lists.rows.iter().map(|row| row.as_ref().map(|r| indexes(r).into_iter().rev().collect()));
    Lists::build(&lists.values, rows.collect())
}

fn depth(ty: &DataType) -> usize {
    match ty {
        DataType::List(item) => 1 + depth(item.data_type()),
        _ => 0,
    }
}

/// Arrays and elements together: the deepest arguments are arrays, the others elements of them.
pub(super) fn concat_type(known: &Known<'_>) -> Result<DataType> {
    let most = known.types.iter().map(depth).max().unwrap_or(0).max(1);
    let items = known.types.iter().map(|t| if depth(t) == most { item_of(t) } else { t.clone() });
    Ok(list_of(items.reduce(|a, b| common(&a, &b)).unwrap_or(DataType::Null)))
}

/// As [`concat_type`] says.
pub(super) fn concat(call: &Call<'_>) -> Result<ArrayRef> {
    let item = item_of(call.result);
    let most = depth(call.result);
    let mut values = Vec::new();
    let mut parts: Vec<Vec<Option<Range<usize>>>> = Vec::new();
    let mut shift = 0;
    for i in 0..call.len() {
        let array = call.array(i)?;
        let lists = if depth(array.data_type()) == most {
            Lists::of(&array, &item)?
        } else {
            Lists { values: cast(&array, &item)?, rows: (0..array.len()).map(|r| Some(r..r + 1)).collect() }
        };
        parts.push(lists.rows.iter().map(|r| r.as_ref().map(|r| r.start + shift..r.end + shift)).collect());
        shift += lists.values.len();
        values.push(lists.values);
    }
    let all = concat_arrays(&values.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    let rows = (0..call.rows()).map(|row| {
        let ranges = parts.iter().map(|p| p[row].as_ref()).collect::<Option<Vec<_>>>()?;
        Some(ranges.into_iter().flat_map(indexes).collect())
    });
    Lists::build(&all, rows.collect())
}

/// Most elements that one call may make.
const MOST: i64 = 100_000;

fn sequence_type(known: &Known<'_>) -> Result<DataType> {
    Ok(list_of(match known.ty(0) {
        DataType::Date32 => DataType::Date32,
        t @ DataType::Timestamp(..) => match t {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            _ => super::time_type(),
        },
        _ => DataType::Int64,
    }))
}

fn sequence(call: &Call<'_>) -> Result<ArrayRef> {
    let item = item_of(call.result);
    let day = 86_400_000_000;
    let (values, default): (fn(&ArrayRef) -> Result<arrow::array::Int64Array>, i64) = match &item {
        DataType::Date32 => (dates::day_values, 1),
        DataType::Timestamp(..) => (dates::instant_values, day),
        _ => (|a| Ok(cast(a, &DataType::Int64)?.as_primitive::<arrow::datatypes::Int64Type>().clone()), 1),
    };
    let (from, to) = (values(&call.array(0)?)?, values(&call.array(1)?)?);
    let steps = match (call.len() > 2, &item) {
        (false, _) => None,
        (true, DataType::Int64) => Some(call.ints(2)?),
        (true, DataType::Date32) => {
            Some(dates::interval_micros(&call.array(2)?)?.iter().map(|v| v.map(|v| v / day)).collect())
        }
        _ => Some(dates::interval_micros(&call.array(2)?)?),
    };
    let mut flat = Vec::new();
    let mut rows = Vec::with_capacity(call.rows());
    for row in 0..call.rows() {
        if from.is_null(row) || to.is_null(row) {
            rows.push(None);
            continue;
        }
        let (a, b) = (from.value(row), to.value(row));
        let step = steps.as_ref().map_or(if b < a { -default } else { default }, |s| s.value(row));
        if step == 0 || (b - a).signum() * step.signum() < 0 || (b - a) / step >= MOST {
            return Err(super::invalid(format!(
                "a sequence needs a step that leads to its end, and has at most {MOST} elements"
            )));
        }
        let start = flat.len();
        flat.extend((0..=(b - a) / step).map(|i| a + i * step));
        rows.push(Some(indexes(&(start..flat.len()))));
    }
    let numbers: ArrayRef = Arc::new(arrow::array::Int64Array::from(flat));
    let values = match &item {
        DataType::Date32 => cast(&cast(&numbers, &DataType::Int32)?, &item)?,
        DataType::Timestamp(..) => cast(&cast(&numbers, &super::time_type())?, &item)?,
        _ => numbers,
    };
    Lists::build(&values, rows)
}

fn repeat(call: &Call<'_>) -> Result<ArrayRef> {
    let (values, counts) = (call.array(0)?, call.ints(1)?);
    let rows = (0..call.rows()).map(|row| {
        let count = (!counts.is_null(row)).then(|| counts.value(row).clamp(0, MOST))?;
        Some(vec![u32::try_from(row).ok()?; usize::try_from(count).ok()?])
    });
    Lists::build(&values, rows.collect())
}
