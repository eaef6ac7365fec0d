//! Multivalue fields: lists of text. An empty list does not exist: it is null.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, ListBuilder, StringViewBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;

use super::matching::{Kind, Matcher, regex};
use super::{Args, list_type, texts};

/// Any array as lists of text: a scalar becomes a list of one, null stays null.
pub(crate) fn as_lists(array: &ArrayRef) -> Result<ListArray> {
    if let DataType::List(field) = array.data_type() {
        if field.data_type() == &DataType::Utf8View {
            return Ok(array.as_list::<i32>().clone());
        }
        return Ok(cast(array, &list_type())?.as_list::<i32>().clone());
    }
    let text = super::convert::to_text(array)?;
    let rows = text.as_string_view().iter().map(|v| v.map(|v| vec![v]));
    Ok(build(rows))
}

/// The elements of one row; nulls inside are left out.
pub(crate) fn elements(list: &ListArray, row: usize) -> Option<Vec<&str>> {
    if list.is_null(row) {
        return None;
    }
    let offsets = list.value_offsets();
    let values = list.values().as_string_view();
    let range = offsets[row] as usize..offsets[row + 1] as usize;
    Some(range.filter(|i| !values.is_null(*i)).map(|i| values.value(i)).collect())
}

/// Lists out of rows; empty becomes null.
pub(crate) fn build<S: AsRef<str>>(rows: impl Iterator<Item = Option<Vec<S>>>) -> ListArray {
    let mut out = ListBuilder::new(StringViewBuilder::new());
    for row in rows {
        match row.filter(|items| !items.is_empty()) {
            Some(items) => {
                items.iter().for_each(|i| out.values().append_value(i));
                out.append(true);
            }
            None => out.append(false),
        }
    }
    out.finish()
}

fn per_row<S: AsRef<str>>(args: &Args<'_>, f: impl Fn(Vec<&str>) -> Vec<S>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    Ok(Arc::new(build((0..list.len()).map(|r| elements(&list, r).map(&f)))))
}

/// `list(value)`.
pub(crate) fn to_list(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(Arc::new(args.lists(0)?))
}

/// Without repeats, order kept.
pub(crate) fn dedup(args: &Args<'_>) -> Result<ArrayRef> {
    per_row(args, |items| {
        let mut seen = HashSet::new();
        items.into_iter().filter(|i| seen.insert(*i)).map(str::to_owned).collect::<Vec<_>>()
    })
}

/// Sorted by bytes.
pub(crate) fn sort(args: &Args<'_>) -> Result<ArrayRef> {
    per_row(args, |mut items| {
        items.sort_unstable();
        items.into_iter().map(str::to_owned).collect::<Vec<_>>()
    })
}

/// Distinct and sorted: what `values()` makes of an aggregate's list.
pub(crate) fn distinct_sorted(args: &Args<'_>) -> Result<ArrayRef> {
    per_row(args, |mut items| {
        items.sort_unstable();
        items.dedup();
        items.into_iter().map(str::to_owned).collect::<Vec<_>>()
    })
}

/// `(list, count)`: the first so many elements.
pub(crate) fn take(args: &Args<'_>) -> Result<ArrayRef> {
    let most = args.constant(1).and_then(|t| t.parse().ok()).unwrap_or(usize::MAX);
    per_row(args, |items| items.into_iter().take(most).map(str::to_owned).collect::<Vec<_>>())
}

/// `(list, separator)` to text.
pub(crate) fn join(args: &Args<'_>) -> Result<ArrayRef> {
    let (list, separator) = (args.lists(0)?, args.text(1)?);
    Ok(texts(
        (0..list.len())
            .map(|r| elements(&list, r).filter(|_| !separator.is_null(r)).map(|i| i.join(separator.value(r)))),
    ))
}

/// Number of elements.
pub(crate) fn count(args: &Args<'_>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let rows = (0..list.len()).map(|r| elements(&list, r).map(|i| i.len() as i64));
    Ok(Arc::new(rows.collect::<Int64Array>()))
}

/// The largest element that is a number.
pub(crate) fn max(args: &Args<'_>) -> Result<ArrayRef> {
    numbers(args, f64::max)
}

/// The smallest element that is a number.
pub(crate) fn min(args: &Args<'_>) -> Result<ArrayRef> {
    numbers(args, f64::min)
}

fn numbers(args: &Args<'_>, pick: fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let rows = (0..list.len()).map(|r| elements(&list, r)?.into_iter().filter_map(number).reduce(pick));
    Ok(Arc::new(rows.collect::<arrow::array::Float64Array>()))
}

/// Elements of all arguments.
pub(crate) fn append(args: &Args<'_>) -> Result<ArrayRef> {
    let lists = (0..args.len()).map(|i| args.lists(i)).collect::<Result<Vec<_>>>()?;
    let rows =
        (0..args.rows()).map(|row| Some(lists.iter().filter_map(|l| elements(l, row)).flatten().collect::<Vec<_>>()));
    Ok(Arc::new(build(rows)))
}

/// `(list, index)` to text.
pub(crate) fn index(args: &Args<'_>) -> Result<ArrayRef> {
    let (list, at) = (args.lists(0)?, args.ints(1)?);
    Ok(texts((0..list.len()).map(|row| {
        let items = elements(&list, row)?;
        let at = absolute((!at.is_null(row)).then(|| at.value(row))?, items.len())?;
        items.get(at).copied()
    })))
}

/// `(list, from, to)` to a list, both ends included.
pub(crate) fn slice(args: &Args<'_>) -> Result<ArrayRef> {
    let (list, from, to) = (args.lists(0)?, args.ints(1)?, args.ints(2)?);
    let rows = (0..list.len()).map(|row| {
        let items = elements(&list, row)?;
        if from.is_null(row) || to.is_null(row) {
            return None;
        }
        let start = absolute(from.value(row), items.len())?;
        let end = absolute(to.value(row), items.len()).unwrap_or(items.len().saturating_sub(1));
        items.get(start..=end.min(items.len().saturating_sub(1))).map(<[&str]>::to_vec)
    });
    Ok(Arc::new(build(rows)))
}

fn absolute(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index + len as i64 } else { index };
    usize::try_from(at).ok()
}

/// `(list, regex)`: index of the first element that matches.
pub(crate) fn find(args: &Args<'_>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let patterns = args.text(1)?;
    let mut compiled: Option<(String, regex::Regex)> = None;
    let mut rows = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        if patterns.is_null(row) {
            rows.push(None);
            continue;
        }
        let pattern = patterns.value(row);
        if compiled.as_ref().is_none_or(|(p, _)| p != pattern) {
            compiled = Some((pattern.to_owned(), regex(pattern)?));
        }
        let found =
            elements(&list, row).zip(compiled.as_ref()).and_then(|(i, (_, r))| i.iter().position(|t| r.is_match(t)));
        rows.push(found.map(|p| p as i64));
    }
    Ok(Arc::new(Int64Array::from(rows)))
}

/// `(list, comparison, value)`: whether some element compares so.
pub(crate) fn any(args: &Args<'_>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let number = args.array(2)?.data_type().is_numeric();
    let (comparison, value) = (args.constant(1).unwrap_or_default(), args.constant(2).unwrap_or_default());
    let test = element_test(&comparison, &value, number)?;
    let rows = (0..list.len()).map(|r| elements(&list, r).map(|items| items.into_iter().any(&test)));
    Ok(Arc::new(rows.collect::<BooleanArray>()))
}

type Test = Box<dyn Fn(&str) -> bool>;

fn element_test(comparison: &str, value: &str, number: bool) -> Result<Test> {
    let kind = match comparison {
        "glob" | "not glob" => Kind::Glob,
        "regex" | "not regex" => Kind::Regex,
        _ if number => return Ok(number_test(comparison, value)),
        _ => Kind::Equal,
    };
    let matcher = Matcher::new(kind, value)?;
    let negated = comparison.starts_with("not ") || comparison == "!=";
    Ok(Box::new(move |item| matcher.matches(item) != negated))
}

fn number_test(comparison: &str, value: &str) -> Test {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let wanted: &'static [std::cmp::Ordering] = match comparison {
        "=" => &[Equal],
        "!=" => return Box::new(negate(number_test("=", value))),
        "<" => &[Less],
        "<=" => &[Less, Equal],
        ">" => &[Greater],
        _ => &[Greater, Equal],
    };
    let limit = super::convert::parse_number(value);
    Box::new(move |item| {
        let order = super::convert::parse_number(item).zip(limit).and_then(|(a, b)| a.partial_cmp(&b));
        order.is_some_and(|order| wanted.contains(&order))
    })
}

fn negate(test: Test) -> impl Fn(&str) -> bool {
    move |item| !test(item)
}

/// `(a, b, delimiter)`: pairs joined, as many as the shorter has.
pub(crate) fn zip(args: &Args<'_>) -> Result<ArrayRef> {
    let (a, b, by) = (args.lists(0)?, args.lists(1)?, args.text(2)?);
    let rows = (0..args.rows()).map(|row| {
        let (left, right) = (elements(&a, row)?, elements(&b, row)?);
        let by = (!by.is_null(row)).then(|| by.value(row))?;
        Some(left.into_iter().zip(right).map(|(l, r)| format!("{l}{by}{r}")).collect::<Vec<_>>())
    });
    Ok(Arc::new(build(rows)))
}

/// `(text, separator)` to a list; an empty separator splits characters.
pub(crate) fn split(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, by) = (args.text(0)?, args.text(1)?);
    let rows = (0..args.rows()).map(|row| {
        if text.is_null(row) || by.is_null(row) {
            return None;
        }
        let (text, by) = (text.value(row), by.value(row));
        Some(if by.is_empty() {
            text.chars().map(|c| c.to_string()).collect()
        } else {
            text.split(by).map(str::to_owned).collect::<Vec<_>>()
        })
    });
    Ok(Arc::new(build(rows)))
}

/// A list of lists (an aggregate over multivalue fields) as one list.
pub(crate) fn flatten(args: &Args<'_>) -> Result<ArrayRef> {
    let array = args.array(0)?;
    let DataType::List(field) = array.data_type() else { return to_list(args) };
    if !matches!(field.data_type(), DataType::List(_)) {
        return to_list(args);
    }
    let outer = array.as_list::<i32>();
    let inner = as_lists(outer.values())?;
    let offsets = outer.value_offsets();
    let rows = (0..outer.len()).map(|row| {
        let range = offsets[row] as usize..offsets[row + 1] as usize;
        Some(range.filter_map(|i| elements(&inner, i)).flatten().collect::<Vec<_>>())
    });
    Ok(Arc::new(build(rows)))
}
