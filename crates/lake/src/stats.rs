//! A file's statistics as the table format keeps them: JSON with the row count and each column's least, greatest and
//! number of nulls. Written from the Parquet footer, so nothing is computed twice; read for pruning by time.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use parquet::basic::{LogicalType, Type};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What pruning needs of a file's statistics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FileStats {
    pub(crate) rows: Option<u64>,
    pub(crate) min_time: Option<i64>,
    pub(crate) max_time: Option<i64>,
    /// The same of `ingest_time`.
    pub(crate) ingested: (Option<i64>, Option<i64>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    num_records: Option<u64>,
    #[serde(default)]
    min_values: Bounds,
    #[serde(default)]
    max_values: Bounds,
}

#[derive(Deserialize, Default)]
struct Bounds {
    event_time: Option<String>,
    ingest_time: Option<String>,
}

/// Writers may cut times to milliseconds, so a greatest value is taken as the last microsecond of its millisecond.
const REST_OF_MILLISECOND: i64 = 999;

impl FileStats {
    /// Reads the statistics of a log entry; what is absent or foreign stays unknown.
    pub(crate) fn read(json: &str) -> Self {
        let Ok(recorded) = serde_json::from_str::<Recorded>(json) else {
            return Self::default();
        };
        let (least, most) = (recorded.min_values, recorded.max_values);
        let greatest = |text: &str| micros(text).map(|t| t.saturating_add(REST_OF_MILLISECOND));
        Self {
            rows: recorded.num_records,
            min_time: least.event_time.as_deref().and_then(micros),
            max_time: most.event_time.as_deref().and_then(greatest),
            ingested: (least.ingest_time.as_deref().and_then(micros), most.ingest_time.as_deref().and_then(greatest)),
        }
    }
}

fn micros(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_micros())
}

/// Days since 1970-01-01 of a partition value.
pub(crate) fn days(text: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// The partition value of a date.
pub(crate) fn date_text(days: i32) -> Option<String> {
    NaiveDate::default()
        .checked_add_signed(chrono::TimeDelta::days(days.into()))
        .map(|date| date.format("%Y-%m-%d").to_string())
}

/// The statistics of a finished file for `columns`.
pub(crate) fn write(metadata: &ParquetMetaData, columns: &[&str]) -> String {
    let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
    let schema = metadata.file_metadata().schema_descr();
    for (index, column) in schema.columns().iter().enumerate() {
        if !columns.contains(&column.name()) {
            continue;
        }
        let kind = Kind::of(column.logical_type_ref(), column.physical_type());
        let bounds = Aggregate::over(metadata.row_groups(), index, kind);
        let name = column.name().to_owned();
        if let Some(value) = bounds.min.and_then(Bound::json) {
            min.insert(name.clone(), value);
        }
        if let Some(value) = bounds.max.and_then(Bound::json) {
            max.insert(name.clone(), value);
        }
        if let Some(count) = bounds.nulls {
            nulls.insert(name, count.into());
        }
    }
    json!({
        "numRecords": metadata.file_metadata().num_rows(),
        "minValues": min, "maxValues": max, "nullCount": nulls,
    })
    .to_string()
}

/// How a column's physical values are to be read.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Time,
    Date,
    Number,
    Other,
}

impl Kind {
    fn of(logical: Option<&LogicalType>, physical: Type) -> Self {
        match (logical, physical) {
            (Some(LogicalType::String), _) => Self::Text,
            (Some(LogicalType::Timestamp(_)), _) => Self::Time,
            (Some(LogicalType::Date), _) => Self::Date,
            (None, Type::INT64 | Type::INT32) => Self::Number,
            _ => Self::Other,
        }
    }
}

#[derive(Clone, PartialEq, PartialOrd)]
enum Bound {
    Text(String),
    Time(i64),
    Date(i32),
    Number(i64),
}

impl Bound {
    fn json(self) -> Option<Value> {
        Some(match self {
            Self::Text(text) => text.into(),
            Self::Time(micros) => {
                DateTime::from_timestamp_micros(micros)?.to_rfc3339_opts(SecondsFormat::Micros, true).into()
            }
            Self::Date(days) => date_text(days)?.into(),
            Self::Number(number) => number.into(),
        })
    }
}

/// The bounds of a column over all row groups. A row group without bounds (but not all null) leaves them unknown.
#[derive(Default)]
struct Aggregate {
    min: Option<Bound>,
    max: Option<Bound>,
    nulls: Option<u64>,
}

impl Aggregate {
    fn over(groups: &[RowGroupMetaData], column: usize, kind: Kind) -> Self {
        let mut total = Self { nulls: Some(0), ..Self::default() };
        let mut complete = true;
        for group in groups {
            let chunk = group.column(column);
            let statistics = chunk.statistics();
            let nulls = statistics.and_then(Statistics::null_count_opt);
            total.nulls = total.nulls.zip(nulls).map(|(a, b)| a + b);
            match statistics.and_then(|s| bounds(s, kind)) {
                Some((low, high)) => {
                    total.min = Some(pick(total.min, low, |new, old| new < old));
                    total.max = Some(pick(total.max, high, |new, old| new > old));
                }
                None => complete &= nulls.is_some_and(|n| i64::try_from(n) == Ok(group.num_rows())),
            }
        }
        if !complete {
            (total.min, total.max) = (None, None);
        }
        total
    }
}

fn pick(old: Option<Bound>, new: Bound, better: impl Fn(&Bound, &Bound) -> bool) -> Bound {
    match old {
        Some(old) if !better(&new, &old) => old,
        _ => new,
    }
}

/// Parquet cuts long text bounds so that they stay bounds: the least is a prefix, the greatest is counted up.
fn bounds(statistics: &Statistics, kind: Kind) -> Option<(Bound, Bound)> {
    match (statistics, kind) {
        (Statistics::ByteArray(s), Kind::Text) => {
            let text = |bytes: &parquet::data_type::ByteArray| Some(Bound::Text(bytes.as_utf8().ok()?.to_owned()));
            Some((text(s.min_opt()?)?, text(s.max_opt()?)?))
        }
        (Statistics::Int64(s), Kind::Time) => Some((Bound::Time(*s.min_opt()?), Bound::Time(*s.max_opt()?))),
        (Statistics::Int32(s), Kind::Date) => Some((Bound::Date(*s.min_opt()?), Bound::Date(*s.max_opt()?))),
        (Statistics::Int64(s), Kind::Number) => Some((Bound::Number(*s.min_opt()?), Bound::Number(*s.max_opt()?))),
        (Statistics::Int32(s), Kind::Number) => {
            Some((Bound::Number((*s.min_opt()?).into()), Bound::Number((*s.max_opt()?).into())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_statistics_are_read_whoever_wrote_them() {
        let check = |json: &str, rows, min_time, max_time| {
            let expected = FileStats { rows, min_time, max_time, ingested: (None, None) };
            assert_eq!(FileStats::read(json), expected, "{json}");
        };
        check("", None, None, None);
        check("{}", None, None, None);
        check(r#"{"numRecords":3}"#, Some(3), None, None);
        check(
            r#"{"numRecords":1,"minValues":{"event_time":"1970-01-01T00:00:01Z"},"maxValues":{"event_time":"1970-01-01T00:00:02.5Z"}}"#,
            Some(1),
            Some(1_000_000),
            Some(2_500_999),
        );
        check(
            r#"{"numRecords":1,"minValues":{"event_time":"1970-01-01T00:00:01.000002Z"},"maxValues":{}}"#,
            Some(1),
            Some(1_000_002),
            None,
        );
        let json = r#"{"minValues":{"ingest_time":"1970-01-01T00:00:01Z"},"maxValues":{"ingest_time":"1970-01-01T00:00:02Z"}}"#;
        assert_eq!(FileStats::read(json).ingested, (Some(1_000_000), Some(2_000_999)));
        check(r#"{"minValues":{"event_time":"yesterday"}}"#, None, None, None);
        check(r#"{"minValues":{"event_name":"x"},"nullCount":{"a":1}}"#, None, None, None);
    }

    #[test]
    fn dates_go_both_ways() {
        for (text, value) in [("1970-01-01", 0), ("1969-12-31", -1), ("2023-07-10", 19_548), ("9999-12-31", 2_932_896)]
        {
            assert_eq!(days(text), Some(value));
            assert_eq!(date_text(value).as_deref(), Some(text));
        }
        assert_eq!(days("__HIVE_DEFAULT_PARTITION__"), None);
    }
}
