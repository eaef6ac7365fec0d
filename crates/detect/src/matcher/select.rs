//! What is known of conditions over a frame: each is asked about a row once, however many truths it is part of, and one that
//! reads a single column of text once about a value.

use std::collections::HashMap;
use std::rc::Rc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use engine::QueryError;
use engine::matching::Compiled;

use super::frame::{Codes, Fast, Frame};
use super::{Conjunct, Cost};

/// The conditions' answers over a frame so far.
pub(super) struct Answers<'f, 'b> {
    frame: &'f Frame<'b>,
    all: &'f [Conjunct],
    known: HashMap<usize, Known, Fast>,
}

/// What is known of a condition.
enum Known {
    /// By value of its column.
    Values(Rc<Codes>, BooleanBuffer),
    /// By row.
    Rows(Vec<Answer>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Unasked,
    No,
    Yes,
}

impl<'f, 'b> Answers<'f, 'b> {
    pub(super) fn new(frame: &'f Frame<'b>, all: &'f [Conjunct]) -> Self {
        Self { frame, all, known: HashMap::default() }
    }

    /// Which of some rows fulfil all of some conditions, cheapest first. No rows named: of all.
    pub(super) fn rows_of(&mut self, rows: Option<&[u32]>, wanted: &[usize]) -> Result<Vec<u32>, QueryError> {
        // A batch has fewer rows than that.
        let every = || (0..u32::try_from(self.frame.rows()).unwrap_or(u32::MAX)).collect();
        let mut alive: Vec<u32> = rows.map_or_else(every, <[u32]>::to_vec);
        for at in wanted {
            if alive.is_empty() {
                break;
            }
            self.narrow(*at, &mut alive)?;
        }
        Ok(alive)
    }

    /// Keeps the rows for which a condition is true; null is not.
    fn narrow(&mut self, at: usize, alive: &mut Vec<u32>) -> Result<(), QueryError> {
        let conjunct = &self.all[at];
        if let Some(known) = self.by_value(at, alive.len())? {
            let Known::Values(codes, truth) = known else { return Ok(()) };
            alive.retain(|row| truth.value(codes.of[*row as usize] as usize));
            return Ok(());
        }
        if conjunct.users == 1 {
            let truth = self.ask(&conjunct.compiled, UInt32Array::from(alive.clone()))?;
            let mut truth = truth.iter();
            alive.retain(|_| truth.next().unwrap_or_default());
            return Ok(());
        }
        let rows = self.frame.rows();
        let mut known = match self.known.remove(&at) {
            Some(Known::Rows(known)) => known,
            _ => vec![Answer::Unasked; rows],
        };
        let unasked: Vec<u32> = alive.iter().copied().filter(|row| known[*row as usize] == Answer::Unasked).collect();
        if !unasked.is_empty() {
            let unasked = UInt32Array::from(unasked);
            let truth = self.ask(&conjunct.compiled, unasked.clone())?;
            for (row, truth) in unasked.values().iter().zip(&truth) {
                known[*row as usize] = if truth { Answer::Yes } else { Answer::No };
            }
        }
        alive.retain(|row| known[*row as usize] == Answer::Yes);
        self.known.insert(at, Known::Rows(known));
        Ok(())
    }

    /// What is known of a condition that is asked once a value; none for one that is not.
    fn by_value(&mut self, at: usize, rows: usize) -> Result<Option<&Known>, QueryError> {
        let conjunct = &self.all[at];
        let (Cost::Value, [column]) = (conjunct.cost, conjunct.compiled.columns()) else { return Ok(None) };
        if !self.known.contains_key(&at) {
            let codes = self.frame.codes(column)?;
            // A column whose values are many, asked about few rows.
            if codes.values.len() > rows.max(self.frame.rows() / 8) {
                return Ok(None);
            }
            let values: ArrayRef = std::sync::Arc::new(codes.values.clone());
            let truth = set(&conjunct.compiled.evaluate(vec![values], codes.values.len())?);
            self.known.insert(at, Known::Values(codes, truth));
        }
        Ok(self.known.get(&at).filter(|known| matches!(known, Known::Values(..))))
    }

    /// Asks a condition about some rows.
    fn ask(&self, compiled: &Compiled, rows: UInt32Array) -> Result<BooleanBuffer, QueryError> {
        let whole = rows.len() == self.frame.rows();
        let column = |name: &String| {
            let column = self.frame.column(name)?;
            if whole { Ok(column) } else { taken(&column, &rows) }
        };
        let columns = compiled.columns().iter().map(column).collect::<Result<Vec<_>, _>>()?;
        Ok(set(&compiled.evaluate(columns, rows.len())?))
    }
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
