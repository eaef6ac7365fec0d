//! Batches of one log type as one, with what was worked out of them: columns as expressions read them, and the distinct values
//! of columns of text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use engine::QueryError;
use engine::matching::viewed;
use event::LogType;

/// The distinct values of a column of text, null among them where it is there.
#[derive(Debug)]
pub(crate) struct Codes {
    /// The number of each row's value.
    pub(crate) of: Vec<u32>,
    /// The values.
    pub(crate) values: StringViewArray,
}

/// Batches one after another, and what is known of them so far. What a log file holds makes a small batch, and asking many
/// rules about it costs more than its rows do: so batches are asked about together. Only columns that are read are joined.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    log_type: &'static LogType,
    parts: Vec<&'a RecordBatch>,
    rows: usize,
    columns: RefCell<HashMap<String, ArrayRef>>,
    codes: RefCell<HashMap<String, Rc<Codes>>>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(log_type: &'static LogType, parts: Vec<&'a RecordBatch>) -> Self {
        let rows = parts.iter().map(|part| part.num_rows()).sum();
        Self { log_type, parts, rows, columns: RefCell::default(), codes: RefCell::default() }
    }

    pub(crate) fn log_type(&self) -> &'static LogType {
        self.log_type
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// A column as expressions read it; nulls where a batch has none of that name.
    pub(crate) fn column(&self, name: &str) -> Result<ArrayRef, QueryError> {
        if let Some(known) = self.columns.borrow().get(name) {
            return Ok(ArrayRef::clone(known));
        }
        let parts = self.parts.iter().map(|part| self.of_part(part, name)).collect::<Result<Vec<_>, _>>()?;
        let column = match parts.as_slice() {
            [one] => ArrayRef::clone(one),
            parts => {
                let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
                concat(&parts).map_err(|error| QueryError::new(engine::ErrorKind::Internal, error.to_string()))?
            }
        };
        self.columns.borrow_mut().insert(name.to_owned(), ArrayRef::clone(&column));
        Ok(column)
    }

    fn of_part(&self, part: &RecordBatch, name: &str) -> Result<ArrayRef, QueryError> {
        if let Some(column) = part.column_by_name(name) {
            return viewed(column);
        }
        let schema = self.log_type.schema();
        let ty = schema.field_with_name(name).map_or(DataType::Utf8, |field| field.data_type().clone());
        viewed(&new_null_array(&ty, part.num_rows()))
    }

    /// The distinct values of a column of text.
    pub(crate) fn codes(&self, name: &str) -> Result<Rc<Codes>, QueryError> {
        if let Some(known) = self.codes.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let codes = Rc::new(Codes::of(self.column(name)?.as_string_view()));
        self.codes.borrow_mut().insert(name.to_owned(), Rc::clone(&codes));
        Ok(codes)
    }
}

impl Codes {
    /// Numbers the values of a column.
    pub(crate) fn of(column: &StringViewArray) -> Self {
        let mut known: HashMap<Option<&str>, u32, Fast> = HashMap::default();
        let mut values: Vec<Option<&str>> = Vec::new();
        let of = column.iter().map(|value| {
            *known.entry(value).or_insert_with(|| {
                values.push(value);
                // A batch has fewer rows than that.
                u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let of = of.collect();
        Self { of, values: StringViewArray::from_iter(values) }
    }
}

/// Hashes text quickly. Whoever chooses values to collide only slows one batch down.
pub(crate) type Fast = BuildHasherDefault<Mixing>;

/// Folds eight bytes at a time.
#[derive(Debug, Default)]
pub(crate) struct Mixing(u64);

const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Mixing {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(SPREAD);
    }
}

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.mix(last ^ ((bytes.len() as u64) << 56));
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_one_after_another() {
        let log_type = event::log_type("cloudtrail").unwrap();
        let named = |values: Vec<Option<&str>>, column: &str| {
            let values: ArrayRef = std::sync::Arc::new(arrow::array::StringArray::from(values));
            RecordBatch::try_from_iter_with_nullable([(column, values, true)]).unwrap()
        };
        let parts = [
            named(vec![Some("a"), None], "event_name"),
            named(vec![Some("x")], "region"),
            named(vec![Some("a")], "event_name"),
        ];
        let frame = Frame::new(log_type, parts.iter().collect());
        let names = frame.column("event_name").unwrap();
        assert_eq!(
            (frame.rows(), names.as_string_view().iter().collect::<Vec<_>>()),
            (4, vec![Some("a"), None, None, Some("a")])
        );
        assert_eq!(frame.codes("event_name").unwrap().of, [0, 1, 1, 0]);
    }

    #[test]
    fn values_are_numbered_in_order() {
        let column = StringViewArray::from(vec![Some("a"), None, Some("b"), Some("a"), None, Some("")]);
        let codes = Codes::of(&column);
        assert_eq!(codes.of, [0, 1, 2, 0, 1, 3]);
        assert_eq!(codes.values.iter().collect::<Vec<_>>(), [Some("a"), None, Some("b"), Some("")]);
    }
}
