//! A batch as modes see it: times, ids, what is shown of an event, and the values of fields, for the rows that a rule found.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, UInt32Array};
use arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use engine::QueryError;
use engine::matching::{Compiled, Matching, viewed};
use event::LogType;
use query::diagnostic::Diagnostic;
use query::pipeline::ExprKind;

use crate::fields;
use crate::finding::Evidence;
use crate::matcher::{Codes, Fast, Frame, taken};
use crate::memory::{Key, Point, key_of};

/// A field of one log type as text.
#[derive(Debug, Clone)]
pub(crate) struct TextField {
    /// As the rule names it.
    pub(crate) name: String,
    compiled: Compiled,
    /// The column that it is, where it is one.
    column: Option<String>,
}

impl TextField {
    /// # Errors
    /// Where there is no such field.
    pub(crate) fn new(matching: &Matching, log_type: &'static LogType, name: &str) -> Result<Self, Diagnostic> {
        let expr = fields::text(log_type, name)?;
        let column = match &expr.kind {
            ExprKind::Column(column) => Some(column.clone()),
            _ => None,
        };
        let compiled = matching
            .compile(log_type, &expr)
            .map_err(|error| Diagnostic::error("rule.field", error.message, query::span::Span::default()))?;
        Ok(Self { name: name.to_owned(), compiled, column })
    }

    /// Its values in some rows.
    pub(crate) fn of(&self, frame: &Frame<'_>, rows: &[u32]) -> Result<StringViewArray, QueryError> {
        let some = UInt32Array::from(rows.to_vec());
        let columns = self.compiled.columns().iter();
        let columns = columns.map(|name| taken(&frame.column(name)?, &some)).collect::<Result<Vec<_>, _>>()?;
        Ok(viewed(&self.compiled.evaluate(columns, rows.len())?)?.as_string_view().clone())
    }
}

/// A batch with what modes ask of every one of its rows.
pub(crate) struct Batch<'a> {
    pub(crate) frame: Frame<'a>,
    times: Vec<i64>,
    ids: StringViewArray,
    /// The keys of ids, where they were asked for; else 0.
    keys: Vec<Cell<Key>>,
    shown: OnceCell<Shown>,
}

/// The columns that evidence shows.
struct Shown {
    name: Option<StringViewArray>,
    source: Option<StringViewArray>,
    actor: Option<StringViewArray>,
    address: Option<StringViewArray>,
    country: Option<StringViewArray>,
    error: Option<StringViewArray>,
    account: Option<StringViewArray>,
    region: Option<StringViewArray>,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(frame: Frame<'a>) -> Result<Self, QueryError> {
        let missing = || QueryError::new(engine::ErrorKind::Internal, "a batch without times or ids of its events");
        let times = frame.column("event_time")?;
        let times = times.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(missing)?;
        let times = times.values().to_vec();
        let ids = frame.column("event_id")?.as_string_view_opt().cloned().ok_or_else(missing)?;
        let keys = vec![Cell::new(0); times.len()];
        Ok(Self { frame, times, ids, keys, shown: OnceCell::new() })
    }

    /// When an event happened, microseconds.
    pub(crate) fn time(&self, row: u32) -> i64 {
        self.times[row as usize]
    }

    /// The latest event whose time is believed, as far as it is not after the present.
    pub(crate) fn latest(&self, now: i64) -> Option<i64> {
        latest(&self.times, now)
    }

    /// The key of an event's id.
    pub(crate) fn event(&self, row: u32) -> Key {
        let known = &self.keys[row as usize];
        if known.get() == 0 {
            known.set(key_of([Some(self.id(row))]));
        }
        known.get()
    }

    fn id(&self, row: u32) -> &str {
        if self.ids.is_valid(row as usize) { self.ids.value(row as usize) } else { "" }
    }

    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let log_type = self.frame.log_type();
            let column = |common: &str| {
                let fields = log_type.catalogue().fields().iter();
                let found = fields
                    .filter(|field| field.column.is_some())
                    .find(|field| field.common == Some(common) || field.column == Some(common))?;
                let column: ArrayRef = self.frame.column(found.column?).ok()?;
                column.as_string_view_opt().cloned()
            };
            Shown {
                name: column("action"),
                source: column("event_source"),
                actor: column("actor_name"),
                address: column("source_address"),
                country: column("geo_country_code"),
                error: column("error_code"),
                account: column("account_id"),
                region: column("region"),
            }
        })
    }

    /// What is shown of an event.
    pub(crate) fn evidence(&self, row: u32) -> Evidence {
        let shown = self.shown();
        let at = row as usize;
        let of = |column: &Option<StringViewArray>| {
            column.as_ref().filter(|column| column.is_valid(at)).map(|column| column.value(at).to_owned())
        };
        Evidence {
            event_id: self.id(row).to_owned(),
            log_type: self.frame.log_type().id.to_owned(),
            event_time: self.time(row),
            event_name: of(&shown.name),
            event_source: of(&shown.source),
            actor: of(&shown.actor),
            source_address: of(&shown.address),
            country: of(&shown.country),
            error_code: of(&shown.error),
            account: of(&shown.account),
            region: of(&shown.region),
            row: None,
        }
    }

    /// Where the events' source addresses are.
    pub(crate) fn places(&self, rows: &[u32]) -> Result<Vec<Option<Point>>, QueryError> {
        let (latitude, longitude) = (self.frame.column("geo_latitude")?, self.frame.column("geo_longitude")?);
        let (Some(latitude), Some(longitude)) =
            (latitude.as_primitive_opt::<Float64Type>(), longitude.as_primitive_opt::<Float64Type>())
        else {
            return Ok(vec![None; rows.len()]);
        };
        let place = |row: &u32| {
            let at = *row as usize;
            let there = latitude.is_valid(at) && longitude.is_valid(at);
            there.then(|| Point { latitude: latitude.value(at), longitude: longitude.value(at) })
        };
        Ok(rows.iter().map(place).collect())
    }

    /// Numbers the combinations of fields' values in some rows.
    pub(crate) fn combine(&self, fields: &[TextField], rows: &[u32]) -> Result<Combined, QueryError> {
        let mut combined = Combined { of: vec![0; rows.len()], stages: Vec::new(), values: Vec::new() };
        for field in fields {
            let (codes, own) = match &field.column {
                Some(column) => (self.frame.codes(column)?, true),
                None => (std::rc::Rc::new(Codes::of(&field.of(&self.frame, rows)?)), false),
            };
            let mut known: HashMap<(u32, u32), u32, Fast> = HashMap::default();
            let mut stage: Vec<(u32, u32)> = Vec::new();
            for (at, row) in rows.iter().enumerate() {
                let code = codes.of[if own { *row as usize } else { at }];
                let pair = (combined.of[at], code);
                combined.of[at] = *known.entry(pair).or_insert_with(|| {
                    stage.push(pair);
                    // A batch has fewer rows than that.
                    u32::try_from(stage.len() - 1).unwrap_or(u32::MAX)
                });
            }
            combined.stages.push(stage);
            combined.values.push(codes.values.clone());
        }
        Ok(combined)
    }
}

/// Combinations of values that occur, numbered stage by stage: each is one of the stage before and one more value.
pub(crate) struct Combined {
    /// The combination of each of the rows that were given.
    pub(crate) of: Vec<u32>,
    stages: Vec<Vec<(u32, u32)>>,
    values: Vec<StringViewArray>,
}

impl Combined {
    /// How many there are of the first so many fields.
    pub(crate) fn count(&self, fields: usize) -> usize {
        if fields == 0 { 1 } else { self.stages[fields - 1].len() }
    }

    /// How many fields there are.
    pub(crate) fn fields(&self) -> usize {
        self.stages.len()
    }

    /// Of a combination of `fields` fields, that of the first `wanted`.
    pub(crate) fn prefix(&self, combination: u32, fields: usize, wanted: usize) -> u32 {
        (wanted..fields).rev().fold(combination, |at, stage| self.stages[stage][at as usize].0)
    }

    /// The values of a combination of the first so many fields.
    pub(crate) fn values(&self, combination: u32, fields: usize) -> Vec<Option<&str>> {
        let mut values = Vec::with_capacity(fields);
        let mut at = combination;
        for stage in (0..fields).rev() {
            let (before, code) = self.stages[stage][at as usize];
            let column = &self.values[stage];
            values.push(column.is_valid(code as usize).then(|| column.value(code as usize)));
            at = before;
        }
        values.reverse();
        values
    }

    /// The keys of combinations of all fields; none where a value is null.
    pub(crate) fn keys(&self) -> Vec<Option<Key>> {
        let fields = self.fields();
        let values = (0_u32..).take(self.count(fields)).map(|at| self.values(at, fields));
        values.map(|values| values.iter().all(Option::is_some).then(|| key_of(values))).collect()
    }

    /// The places in the list of rows, by combination.
    pub(crate) fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.count(self.fields())];
        for (at, combination) in self.of.iter().enumerate() {
            groups[*combination as usize].push(at);
        }
        groups
    }
}

/// An event from the future says nothing of how far the others have come.
fn latest(times: &[i64], now: i64) -> Option<i64> {
    let believed = now.saturating_add(event::time_status::AHEAD);
    times.iter().copied().filter(|time| *time <= believed).max().map(|time| time.min(now))
}

#[cfg(test)]
mod tests {
    use super::latest;

    #[test]
    fn events_from_the_future_move_no_horizon() {
        const DAY: i64 = 86_400_000_000;
        let now = 20_000 * DAY;
        let check = |times: &[i64], expected: Option<i64>| assert_eq!(latest(times, now), expected, "{times:?}");
        check(&[], None);
        check(&[5, 9, 7], Some(9));
        check(&[5, now + DAY], Some(now));
        check(&[5, now + DAY + 1, 2_932_896 * DAY], Some(5));
        check(&[2_932_896 * DAY], None);
    }
}
