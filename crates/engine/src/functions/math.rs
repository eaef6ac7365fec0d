//! Arithmetic that DataFusion lacks or means differently: bits, whole numbers in other bases, statistics of lists.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, Int64Array};
use datafusion::common::Result;

use super::{Args, convert, lists};

fn of_two(args: &Args<'_>, f: impl Fn(i64, i64) -> Option<i64>) -> Result<ArrayRef> {
    let (a, b) = (args.ints(0)?, args.ints(1)?);
    let rows = (0..args.rows()).map(|row| {
        let both = !a.is_null(row) && !b.is_null(row);
        both.then(|| f(a.value(row), b.value(row))).flatten()
    });
    Ok(Arc::new(rows.collect::<Int64Array>()))
}

/// `(a, b)`.
pub(crate) fn bit_and(args: &Args<'_>) -> Result<ArrayRef> {
    of_two(args, |a, b| Some(a & b))
}

/// `(a, b)`.
pub(crate) fn bit_or(args: &Args<'_>) -> Result<ArrayRef> {
    of_two(args, |a, b| Some(a | b))
}

/// `(a, b)`.
pub(crate) fn bit_xor(args: &Args<'_>) -> Result<ArrayRef> {
    of_two(args, |a, b| Some(a ^ b))
}

/// `(a, places)`.
pub(crate) fn shift_left(args: &Args<'_>) -> Result<ArrayRef> {
    of_two(args, |a, b| a.checked_shl(u32::try_from(b).ok()?))
}

/// `(a, places)`.
pub(crate) fn shift_right(args: &Args<'_>) -> Result<ArrayRef> {
    of_two(args, |a, b| a.checked_shr(u32::try_from(b).ok()?))
}

/// `(text, base)`.
pub(crate) fn parse_int(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, base) = (args.text(0)?, args.ints(1)?);
    let rows = (0..args.rows()).map(|row| {
        let base = (!base.is_null(row)).then(|| base.value(row)).and_then(|base| u32::try_from(base).ok());
        let text = (!text.is_null(row)).then(|| text.value(row).trim())?;
        let base = base.filter(|base| (2..=36).contains(base))?;
        let digits = if base == 16 { text.trim_start_matches("0x").trim_start_matches("0X") } else { text };
        i64::from_str_radix(digits, base).ok()
    });
    Ok(Arc::new(rows.collect::<Int64Array>()))
}

/// Most numbers of a range.
const MOST_NUMBERS: usize = 10_000;

/// `(start, end, step)`: a list of the numbers from start up to, not including, end.
pub(crate) fn range(args: &Args<'_>) -> Result<ArrayRef> {
    let [start, end, step] = [args.floats(0)?, args.floats(1)?, args.floats(2)?];
    let rows = (0..args.rows()).map(|row| {
        if start.is_null(row) || end.is_null(row) || step.is_null(row) || step.value(row) == 0.0 {
            return None;
        }
        let (from, to, by) = (start.value(row), end.value(row), step.value(row));
        let numbers =
            (0..MOST_NUMBERS).map(|i| from + i as f64 * by).take_while(|n| if by > 0.0 { *n < to } else { *n > to });
        Some(numbers.map(convert::number_text).collect::<Vec<_>>())
    });
    Ok(Arc::new(lists::build(rows)))
}

/// `(list, percent)`: the value of a list's numbers below which so many percent of them lie, between two of them by their
/// distance.
pub(crate) fn percentile(args: &Args<'_>) -> Result<ArrayRef> {
    let (list, percent) = (args.lists(0)?, args.floats(1)?);
    let rows = (0..args.rows()).map(|row| {
        let mut numbers: Vec<f64> =
            lists::elements(&list, row)?.into_iter().filter_map(convert::parse_number).collect();
        numbers.sort_by(f64::total_cmp);
        let place = percent.value(row).clamp(0.0, 100.0) / 100.0 * numbers.len().checked_sub(1)? as f64;
        let (below, above) = (*numbers.get(place.floor() as usize)?, *numbers.get(place.ceil() as usize)?);
        Some(below + (above - below) * place.fract())
    });
    Ok(Arc::new(rows.collect::<Float64Array>()))
}

/// Most bars of a sparkline.
const MOST_BARS: i64 = 1000;

/// `(list of instants in microseconds, width)`: how many fall into each bucket from the first to the last, as a list that
/// begins with the word by which Splunk tells a sparkline.
pub(crate) fn sparkline(args: &Args<'_>) -> Result<ArrayRef> {
    let list = args.lists(0)?;
    let width = args.constant(1).and_then(|text| text.parse::<i64>().ok()).filter(|width| *width > 0).unwrap_or(1);
    let rows = (0..list.len()).map(|row| {
        let buckets: Vec<i64> = lists::elements(&list, row)?
            .into_iter()
            .filter_map(|text| text.parse::<i64>().ok().map(|micros| micros.div_euclid(width)))
            .collect();
        let (first, last) = (*buckets.iter().min()?, *buckets.iter().max()?);
        // Too many bars are no line any more: several buckets share one.
        let each = (last - first) / MOST_BARS + 1;
        let mut counts = vec![0_u64; usize::try_from((last - first) / each + 1).unwrap_or(1)];
        for bucket in buckets {
            if let Some(count) = usize::try_from((bucket - first) / each).ok().and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        Some(
            std::iter::once("##__SPARKLINE__##".to_owned())
                .chain(counts.iter().map(u64::to_string))
                .collect::<Vec<_>>(),
        )
    });
    Ok(Arc::new(lists::build(rows)))
}
