//! The physical design of each table: partition, statistics, encodings, and what makes a row one of its own.

use arrow::datatypes::{DataType, Schema};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::LakeError;

/// The partition column: the day (UTC) of an event, or as `partition.rs` says where its time is flagged.
pub(crate) const PARTITION: &str = "event_date";
/// The time of an event, by which files are sorted and pruned.
pub(crate) const TIME: &str = "event_time";
/// What is to be thought of an event's time, where it is flagged.
pub(crate) const STATUS: &str = "time_status";
/// When a row came in.
pub(crate) const INGESTED: &str = "ingest_time";
/// The record as it was delivered: most of the bytes.
pub(crate) const RAW: &str = "raw";
/// The object that a row came from.
pub(crate) const ORIGIN: &str = "origin";
/// The table of objects that were taken in.
pub(crate) const OBJECTS: &str = "objects";
/// The table of what could not be decoded.
pub(crate) const QUARANTINE: &str = "quarantine";
/// The table of what of it was decoded after all.
pub(crate) const QUARANTINE_DONE: &str = "quarantine_done";
/// The table of CloudTrail's digest files.
pub(crate) const DIGESTS: &str = "digests";

/// Columns that people look needles up by. Filters on them skip whole row groups.
const NEEDLES: [&str; 18] = [
    "source_address",
    "destination_address",
    "client_ip",
    "remote_ip",
    "domain",
    "finding_id",
    "access_key_id",
    "interface_id",
    "instance_id",
    "request_id",
    "trace_id",
    "resource_id",
    "source_ip_address",
    "user_identity_access_key_id",
    "response_access_key_id",
    "user_identity_principal_id",
    "user_identity_arn",
    "event_id",
];

/// Columns that panels, searches and rules choose events by. They have few values, most of which are rare: a filter on such a
/// one skips nearly all row groups, and a filter of few values takes some hundred bytes.
const CHOSEN: [&str; 7] =
    ["event_source", "event_name", "error_code", "actor_name", "request_bucket_name", "bucket", "rcode"];

/// Columns whose bounds are kept in the log, where any engine prunes files by them.
const BOUNDED: [&str; 19] = [
    TIME,
    INGESTED,
    "account_id",
    "region",
    "source_address",
    "destination_address",
    "client_ip",
    "remote_ip",
    "action",
    "severity",
    "resource_type",
    "class_uid",
    "event_source",
    "event_name",
    "aws_region",
    "recipient_account_id",
    "source_ip_address",
    "user_identity_arn",
    "user_identity_access_key_id",
];

/// Columns of which nearly every value differs: a dictionary would be built to be thrown away.
const UNIQUE: [&str; 6] = [RAW, "event_id", "request_id", "bytes", "quarantine_id", "digest_id"];

/// Filters are left out of files whose columns are decoded in about a millisecond anyway.
const ROWS_WORTH_A_FILTER: usize = 16 * 1024;
pub(crate) const ROW_GROUP_ROWS: usize = 128 * 1024;
/// Level of zstd for columns: what their dictionaries leave shrinks no further at a higher one, which only costs memory to set up.
const COLUMNS: i32 = 3;
/// And for the records' text in files that stay. Twelve takes 2.3 times as long for 3 % less.
const TEXT: i32 = 9;
const ROW_GROUP_BYTES: usize = 128 << 20;

/// What makes two rows the same event: the id, and the time that finds it quickly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Once {
    pub(crate) id: &'static str,
    pub(crate) time: Option<&'static str>,
}

/// How a table is laid out. Decided by its name: those of the product's own, or a table of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableSpec {
    pub(crate) partitioned: bool,
    pub(crate) once: Option<Once>,
    pub(crate) sorted: bool,
}

/// How much work a file's encoding is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Written once, soon to be compacted.
    Append,
    /// Written to stay.
    Compact,
}

impl TableSpec {
    pub(crate) fn of(table: &str) -> Self {
        match table {
            OBJECTS => Self { partitioned: false, once: None, sorted: false },
            QUARANTINE => {
                Self { partitioned: true, once: Some(Once { id: "quarantine_id", time: None }), sorted: false }
            }
            QUARANTINE_DONE => {
                Self { partitioned: false, once: Some(Once { id: "quarantine_id", time: None }), sorted: false }
            }
            DIGESTS => Self { partitioned: false, once: Some(Once { id: "digest_id", time: None }), sorted: false },
            _ => Self { partitioned: true, once: Some(Once { id: "event_id", time: Some(TIME) }), sorted: true },
        }
    }

    /// The columns with bounds that `schema` has.
    pub(crate) fn bounded(schema: &Schema) -> Vec<&'static str> {
        BOUNDED.into_iter().filter(|name| schema.column_with_name(name).is_some()).collect()
    }

    /// The table's properties for the log.
    pub(crate) fn configuration(schema: &Schema) -> Vec<(String, Option<String>)> {
        let property = |key: &str, value: String| (format!("delta.{key}"), Some(value));
        vec![
            property("dataSkippingStatsColumns", Self::bounded(schema).join(",")),
            property("checkpointInterval", "10".into()),
        ]
    }
}

/// How the file of `rows` rows (about) with `schema` is written.
///
/// Sorting columns are never claimed: engines believe the claim unchecked, and a wrong one gives wrong answers.
pub(crate) fn writer_properties(schema: &Schema, rows: usize, effort: Effort) -> Result<WriterProperties, LakeError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("trailhound {}", env!("CARGO_PKG_VERSION")))
        .set_compression(zstd(COLUMNS)?)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(20_000)
        .set_column_index_truncate_length(Some(32))
        .set_statistics_truncate_length(Some(48))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for field in schema.fields() {
        builder = column_properties(builder, field.name(), field.data_type(), rows, effort)?;
    }
    Ok(builder.build())
}

fn column_properties(
    mut builder: WriterPropertiesBuilder,
    name: &str,
    data_type: &DataType,
    rows: usize,
    effort: Effort,
) -> Result<WriterPropertiesBuilder, LakeError> {
    let path = || ColumnPath::from(name);
    // `bytes` are those of a quarantined piece; elsewhere they are counted.
    let is_text = matches!(data_type, DataType::Utf8 | DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    if UNIQUE.contains(&name) && is_text {
        // Lengths apart from the text: what is left of an id is its digits, and they compress to their entropy.
        builder = builder
            .set_column_dictionary_enabled(path(), false)
            .set_column_encoding(path(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_column_compression(path(), zstd(COLUMNS)?);
    }
    if matches!(data_type, DataType::Timestamp(..)) || name == "origin_position" {
        builder = builder
            .set_column_dictionary_enabled(path(), false)
            .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED);
    }
    if name == RAW || (name == "bytes" && is_text) {
        builder = builder
            .set_column_statistics_enabled(path(), EnabledStatistics::None)
            .set_column_compression(path(), zstd(if effort == Effort::Compact { TEXT } else { COLUMNS })?)
            .set_column_data_page_size_limit(path(), if effort == Effort::Compact { 4 << 20 } else { 1 << 20 });
    } else if name == TIME || NEEDLES.contains(&name) {
        builder = builder.set_column_statistics_enabled(path(), EnabledStatistics::Page);
    }
    if (NEEDLES.contains(&name) || CHOSEN.contains(&name)) && rows >= ROWS_WORTH_A_FILTER {
        builder = builder
            .set_column_bloom_filter_enabled(path(), true)
            .set_column_bloom_filter_fpp(path(), 0.01)
            .set_column_bloom_filter_max_ndv(path(), rows.min(ROW_GROUP_ROWS) as u64);
    }
    Ok(builder)
}

fn zstd(level: i32) -> Result<Compression, LakeError> {
    Ok(Compression::ZSTD(ZstdLevel::try_new(level)?))
}
