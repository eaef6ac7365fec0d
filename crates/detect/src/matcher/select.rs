//! Some rows of a batch, and what is known of them: conditions are asked of them once, however many truths they are part of.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use engine::QueryError;
use engine::matching::Compiled;

use super::frame::{Fast, Frame};
use super::{Conjunct, Cost};

/// What is known of conditions over a whole batch. One that was asked about most rows of the batch before, by groups of
/// candidates that overlap, is asked once about all.
#[derive(Default)]
pub(super) struct Whole {
    truths: HashMap<usize, BooleanBuffer, Fast>,
    /// The rows that each was asked about.
    asked: HashMap<usize, usize, Fast>,
}

/// From so many hundredths of a batch's rows on, a condition is asked about all of them.
const MOST: usize = 70;

impl Whole {
    /// Says how much each condition was asked in this batch.
    pub(super) fn learn(&self, all: &[Conjunct], rows: usize) {
        for (at, asked) in &self.asked {
            all[*at].asked.store(asked * 100 / rows.max(1), Ordering::Relaxed);
        }
    }
}

/// Rows of a batch.
pub(super) struct Selection<'f, 'b> {
    frame: &'f Frame<'b>,
    whole: &'f mut Whole,
    /// Which; none: all.
    rows: Option<UInt32Array>,
    taken: HashMap<String, ArrayRef>,
    truths: HashMap<usize, BooleanBuffer>,
}

impl<'f, 'b> Selection<'f, 'b> {
    pub(super) fn new(frame: &'f Frame<'b>, rows: Option<UInt32Array>, whole: &'f mut Whole) -> Self {
        Self { frame, whole, rows, taken: HashMap::new(), truths: HashMap::new() }
    }

    fn len(&self) -> usize {
        self.rows.as_ref().map_or(self.frame.rows(), Array::len)
    }

    /// The rows of the batch for which all of some conjuncts, cheapest first, are true.
    pub(super) fn rows_of(&mut self, all: &[Conjunct], wanted: &[usize]) -> Result<Vec<u32>, QueryError> {
        let mut alive: Option<BooleanBuffer> = None;
        let mut rest = wanted.iter();
        for at in rest.by_ref() {
            let conjunct = &all[*at];
            // What few rows are left is asked by itself, unless others ask the same.
            let left = alive.as_ref().map_or(self.len(), BooleanBuffer::count_set_bits);
            if left == 0 {
                return Ok(Vec::new());
            }
            let known = self.truths.contains_key(at) || self.is_whole(*at, conjunct);
            let dear = matches!(conjunct.cost, Cost::Record(_)) && !known;
            if dear && (conjunct.users == 1 || left * 2 < self.len()) && left < self.len() {
                let some = alive.as_ref().map(|alive| self.narrowed(alive)).unwrap_or_default();
                return self.survivors(all, std::iter::once(at).chain(rest), some);
            }
            let truth = self.truth(*at, conjunct)?;
            alive = Some(match alive {
                Some(alive) => &alive & &truth,
                None => truth,
            });
        }
        Ok(match alive {
            Some(alive) => self.narrowed(&alive),
            None => self.narrowed(&BooleanBuffer::new_set(self.len())),
        })
    }

    /// The rows of the batch that are set.
    fn narrowed(&self, alive: &BooleanBuffer) -> Vec<u32> {
        match &self.rows {
            Some(rows) => alive.set_indices().map(|at| rows.value(at)).collect(),
            // A batch has fewer rows than that.
            None => alive.set_indices().map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect(),
        }
    }

    /// What is left of rows after further conditions, one after another.
    fn survivors<'a>(
        &mut self,
        all: &[Conjunct],
        wanted: impl Iterator<Item = &'a usize>,
        mut rows: Vec<u32>,
    ) -> Result<Vec<u32>, QueryError> {
        for at in wanted {
            if rows.is_empty() {
                break;
            }
            self.ask(*at, &all[*at], rows.len());
            let some = UInt32Array::from(rows);
            let columns = all[*at].compiled.columns().iter();
            let columns = columns.map(|name| taken(&self.frame.column(name)?, &some)).collect::<Result<Vec<_>, _>>()?;
            let truth = all[*at].compiled.evaluate(columns, some.len())?;
            rows = set(&truth).set_indices().map(|at| some.value(at)).collect();
        }
        Ok(rows)
    }

    /// For which of the rows a conjunct is true.
    fn truth(&mut self, at: usize, conjunct: &Conjunct) -> Result<BooleanBuffer, QueryError> {
        if let Some(known) = self.truths.get(&at) {
            return Ok(known.clone());
        }
        self.ask(at, conjunct, self.len());
        let truth = match (&self.rows, conjunct.cost, conjunct.compiled.columns()) {
            (_, Cost::Value, [column]) => self.by_value(column, &conjunct.compiled)?,
            (Some(rows), ..) if self.is_whole(at, conjunct) => {
                let whole = match self.whole.truths.entry(at) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(over(self.frame, &conjunct.compiled)?),
                };
                BooleanBuffer::collect_bool(rows.len(), |at| whole.value(rows.value(at) as usize))
            }
            _ => self.by_row(&conjunct.compiled)?,
        };
        self.truths.insert(at, truth.clone());
        Ok(truth)
    }

    fn ask(&mut self, at: usize, conjunct: &Conjunct, rows: usize) {
        if conjunct.users > 1 && self.rows.is_some() {
            *self.whole.asked.entry(at).or_default() += rows;
        }
    }

    /// Whether a condition is asked about the whole batch.
    fn is_whole(&self, at: usize, conjunct: &Conjunct) -> bool {
        let much = || conjunct.users > 1 && conjunct.asked.load(Ordering::Relaxed) >= MOST;
        self.rows.is_some() && (self.whole.truths.contains_key(&at) || much())
    }

    fn by_row(&mut self, compiled: &Compiled) -> Result<BooleanBuffer, QueryError> {
        let mut columns = Vec::with_capacity(compiled.columns().len());
        for name in compiled.columns() {
            columns.push(self.column(name)?);
        }
        Ok(set(&compiled.evaluate(columns, self.len())?))
    }

    /// Asks once for each value of the column.
    fn by_value(&mut self, column: &str, compiled: &Compiled) -> Result<BooleanBuffer, QueryError> {
        let codes = self.frame.codes(column)?;
        if codes.values.len() > self.len() {
            return self.by_row(compiled);
        }
        let values: ArrayRef = std::sync::Arc::new(codes.values.clone());
        let truth = set(&compiled.evaluate(vec![values], codes.values.len())?);
        let of = |row: usize| truth.value(codes.of[row] as usize);
        Ok(match &self.rows {
            Some(rows) => BooleanBuffer::collect_bool(rows.len(), |at| of(rows.value(at) as usize)),
            None => BooleanBuffer::collect_bool(self.frame.rows(), of),
        })
    }

    fn column(&mut self, name: &str) -> Result<ArrayRef, QueryError> {
        let whole = self.frame.column(name)?;
        let Some(rows) = &self.rows else { return Ok(whole) };
        if let Some(known) = self.taken.get(name) {
            return Ok(ArrayRef::clone(known));
        }
        let column = taken(&whole, rows)?;
        self.taken.insert(name.to_owned(), ArrayRef::clone(&column));
        Ok(column)
    }
}

/// A condition over a whole batch.
fn over(frame: &Frame<'_>, compiled: &Compiled) -> Result<BooleanBuffer, QueryError> {
    let columns = compiled.columns().iter().map(|name| frame.column(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(set(&compiled.evaluate(columns, frame.rows())?))
}

/// The rows of a column.
pub(crate) fn taken(column: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef, QueryError> {
    take(column, rows, None).map_err(|error| QueryError::new(engine::ErrorKind::Internal, error.to_string()))
}

/// The rows that are true; null is not.
fn set(truth: &ArrayRef) -> BooleanBuffer {
    let Some(truth) = truth.as_boolean_opt() else { return BooleanBuffer::new_unset(truth.len()) };
    let truth: &BooleanArray = truth;
    match truth.nulls() {
        Some(nulls) => truth.values() & nulls.inner(),
        None => truth.values().clone(),
    }
}
