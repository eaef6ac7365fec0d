//! The columns of the batch under construction. Most columns of most rows are null, so nulls are not appended one by one:
//! a column is brought up to the row when it gets a value, and to the end when the batch is taken.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder, new_null_array,
};
use arrow::error::ArrowError;

use super::plan::Plan;
use super::record::{Value, Values};
use super::row::{Kind, Row, Slot};
use crate::catalogue::FieldType;
use crate::escape::unescape;
use crate::schema::data_type;
use crate::time;
use crate::time_status::time_status;

enum Column {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
    Date(Date32Builder),
}

/// Appends nulls up to `row`, then the value. Of two values for one row the first stays: a header may name a field twice.
macro_rules! append {
    ($builder:expr, $row:expr, $value:expr) => {{
        if let Some(missing) = $row.checked_sub(ArrayBuilder::len($builder)) {
            if missing > 0 {
                $builder.append_nulls(missing);
            }
            $builder.append_value($value);
        }
    }};
}

impl Column {
    fn new(ty: FieldType, rows: usize, bytes: usize) -> Self {
        match ty {
            FieldType::Text => Self::Text(StringBuilder::with_capacity(rows, bytes)),
            FieldType::Int => Self::Int(Int64Builder::with_capacity(rows)),
            FieldType::Float => Self::Float(Float64Builder::with_capacity(rows)),
            FieldType::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
            FieldType::Time => {
                Self::Time(TimestampMicrosecondBuilder::with_capacity(rows).with_data_type(data_type(ty)))
            }
            FieldType::Date => Self::Date(Date32Builder::with_capacity(rows)),
        }
    }

    /// An empty column with room for as much as this one holds. Arrow's buffers are aligned beyond what the system's
    /// `realloc` keeps, so growing by doubling copies all of a large batch several times.
    fn successor(&self, rows: usize, ty: FieldType) -> Self {
        let room = |held: usize| held + held / 8;
        match self {
            Self::Text(builder) if ArrayBuilder::len(builder) > 0 => {
                Self::new(ty, room(rows), room(builder.values_slice().len()))
            }
            Self::Text(_) => Self::new(ty, 0, 0),
            _ => Self::new(ty, if self.len() > 0 { room(rows) } else { 0 }, 0),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(builder) => ArrayBuilder::len(builder),
            Self::Int(builder) => ArrayBuilder::len(builder),
            Self::Float(builder) => ArrayBuilder::len(builder),
            Self::Bool(builder) => ArrayBuilder::len(builder),
            Self::Time(builder) => ArrayBuilder::len(builder),
            Self::Date(builder) => ArrayBuilder::len(builder),
        }
    }

    /// Appends what `text` says in the column's type; what does not fit the type stays null.
    fn put(&mut self, row: usize, text: &str) {
        match self {
            Self::Text(builder) => append!(builder, row, text),
            Self::Int(builder) => integer(text).into_iter().for_each(|value| append!(builder, row, value)),
            Self::Float(builder) => text.parse().into_iter().for_each(|value: f64| append!(builder, row, value)),
            Self::Bool(builder) => boolean(text).into_iter().for_each(|value| append!(builder, row, value)),
            Self::Time(builder) => time::parse(text).into_iter().for_each(|value| append!(builder, row, value)),
            Self::Date(_) => {}
        }
    }

    fn put_number(&mut self, row: usize, value: i64) {
        match self {
            Self::Int(builder) => append!(builder, row, value),
            Self::Time(builder) => append!(builder, row, value),
            Self::Date(builder) => append!(builder, row, value as i32),
            Self::Text(_) | Self::Float(_) | Self::Bool(_) => {}
        }
    }

    /// The finished column of `rows` rows.
    fn finish(mut self, rows: usize, ty: FieldType) -> ArrayRef {
        let missing = rows - self.len();
        if missing == rows {
            return new_null_array(&data_type(ty), rows);
        }
        macro_rules! finish {
            ($builder:expr) => {{
                $builder.append_nulls(missing);
                Arc::new($builder.finish())
            }};
        }
        match &mut self {
            Self::Text(builder) => finish!(builder),
            Self::Int(builder) => finish!(builder),
            Self::Float(builder) => finish!(builder),
            Self::Bool(builder) => finish!(builder),
            Self::Time(builder) => finish!(builder),
            Self::Date(builder) => finish!(builder),
        }
    }
}

/// What the decoder itself knows of a row.
pub(super) struct Known<'a> {
    pub(super) event_time: i64,
    /// Overrides the record's where that is absent or not text.
    pub(super) event_id: Option<&'a str>,
    pub(super) origin: &'a str,
    pub(super) position: i64,
    pub(super) ingest_time: i64,
}

/// The batch under construction.
pub(crate) struct Columns {
    plan: &'static Plan,
    columns: Vec<Column>,
    rows: usize,
    scratch: String,
    old_after: i64,
}

impl Columns {
    /// Events whose time is so far behind that of their ingest are old, microseconds.
    pub(super) fn new(plan: &'static Plan, old_after: i64) -> Self {
        let columns = plan.types.iter().map(|&ty| Column::new(ty, 0, 0)).collect();
        Self { plan, columns, rows: 0, scratch: String::new(), old_after }
    }

    pub(crate) fn plan(&self) -> &'static Plan {
        self.plan
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends a record. `text` is the document that the slots point into, from `base` on; `raw` is the record's own text;
    /// `values` come before what the slots say.
    pub(super) fn append(
        &mut self,
        row: &Row,
        (text, base): (&str, usize),
        raw: &str,
        values: &Values,
        known: &Known<'_>,
    ) {
        let at = self.plan.at;
        for (column, slot) in row.found() {
            let own = column == at.event_time || (column == at.event_id && known.event_id.is_some());
            if !own && !values.has(column) {
                self.append_slot(column, slot, text, base);
            }
        }
        for (column, value) in values.iter().filter(|(column, _)| *column != at.event_time) {
            match value {
                Value::Text(text) => self.columns[column].put(self.rows, text),
                Value::Int(number) | Value::Time(number) => self.columns[column].put_number(self.rows, *number),
                Value::Bool(truth) => self.columns[column].put(self.rows, if *truth { "true" } else { "false" }),
            }
        }
        self.close(raw, known);
    }

    /// Puts a value into the row under construction, in the column's type; what does not fit it stays null.
    #[inline]
    pub(crate) fn put(&mut self, column: usize, text: &str) {
        self.columns[column].put(self.rows, text);
    }

    /// Puts a number or a time into the row under construction.
    #[inline]
    pub(crate) fn put_number(&mut self, column: usize, value: i64) {
        self.columns[column].put_number(self.rows, value);
    }

    /// Ends the row under construction.
    pub(super) fn close(&mut self, raw: &str, known: &Known<'_>) {
        let at = self.plan.at;
        if let Some(id) = known.event_id {
            self.columns[at.event_id].put(self.rows, id);
        }
        self.columns[at.event_time].put_number(self.rows, known.event_time);
        self.columns[at.event_date].put_number(self.rows, i64::from(time::day(known.event_time)));
        self.columns[at.origin].put(self.rows, known.origin);
        self.columns[at.origin_position].put_number(self.rows, known.position);
        self.columns[at.ingest_time].put_number(self.rows, known.ingest_time);
        if let Some(status) = time_status(known.event_time, known.ingest_time, self.old_after) {
            self.columns[at.time_status].put(self.rows, status);
        }
        self.columns[at.raw].put(self.rows, raw);
        self.rows += 1;
    }

    fn append_slot(&mut self, column: usize, slot: Slot, text: &str, base: usize) {
        let Some(content) = text.get(slot.start - base..slot.end - base) else { return };
        // What stands for nothing in lines does so in the same log as JSON.
        if content == "-" && self.plan.log_type.lines.is_some() {
            return;
        }
        if slot.kind == Kind::Escaped {
            self.scratch.clear();
            unescape(content, &mut self.scratch);
            self.columns[column].put(self.rows, &self.scratch);
        } else {
            self.columns[column].put(self.rows, content);
        }
    }

    /// The batch so far, with the enriched columns null; the next one begins empty.
    pub(super) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let typed = self.columns.iter_mut().zip(&self.plan.types);
        let arrays = typed.map(|(column, &ty)| {
            let successor = column.successor(rows, ty);
            std::mem::replace(column, successor).finish(rows, ty)
        });
        RecordBatch::try_new(self.plan.log_type.schema(), arrays.collect())
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An integer, also where it is written as a float (`1024.0`, which CloudTrail does for S3 byte counts).
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        (float.fract() == 0.0 && float.abs() < 9.0e18).then_some(float as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_by_type() {
        let integers = [("12", Some(12)), (" -3 ", Some(-3)), ("1024.0", Some(1024)), ("1e3", Some(1000))];
        for (text, expected) in integers {
            assert_eq!(integer(text), expected, "{text}");
        }
        for text in ["", "1.5", "99999999999999999999999", "1e300", "true", "{}", "NaN"] {
            assert_eq!(integer(text), None, "{text}");
        }
        assert_eq!(
            [boolean("true"), boolean("False"), boolean("1"), boolean("")],
            [Some(true), Some(false), None, None]
        );
    }
}
