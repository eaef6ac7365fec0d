//! The Arrow schema of a log type's table, made from its catalogue. Enriched columns are part of it from the start, so
//! that a batch keeps its shape on the way from the decoder to the lake.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::catalogue::{Catalogue, FieldType};

/// Columns that every row has.
const REQUIRED: [&str; 7] = ["event_time", "event_date", "event_id", "origin", "origin_position", "ingest_time", "raw"];

/// The stored columns of a catalogue, in order; times are microseconds in UTC, text is `Utf8`.
pub(crate) fn schema_of(catalogue: &Catalogue) -> SchemaRef {
    let fields: Vec<Field> = catalogue
        .stored()
        .map(|(name, field)| Field::new(name, data_type(field.ty), !REQUIRED.contains(&name)))
        .collect();
    Arc::new(Schema::new(fields))
}

/// The schema of the table `cloudtrail`.
pub fn cloudtrail_schema() -> SchemaRef {
    crate::log_types::cloudtrail::LOG_TYPE.schema()
}

/// The Arrow type that a field is stored as.
pub fn data_type(ty: FieldType) -> DataType {
    match ty {
        FieldType::Text => DataType::Utf8,
        FieldType::Int => DataType::Int64,
        FieldType::Float => DataType::Float64,
        FieldType::Bool => DataType::Boolean,
        FieldType::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        FieldType::Date => DataType::Date32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_order_and_types() {
        let schema = cloudtrail_schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names[..4], ["event_time", "event_date", "event_id", "event_version"]);
        assert_eq!(names[names.len() - 1], "raw");
        let of = |name: &str| schema.field_with_name(name).expect(name).clone();
        assert_eq!(of("event_date").data_type(), &DataType::Date32);
        assert_eq!(of("bytes_out").data_type(), &DataType::Int64);
        assert_eq!(of("geo_latitude").data_type(), &DataType::Float64);
        assert_eq!(of("read_only").data_type(), &DataType::Boolean);
        assert!(!of("event_id").is_nullable() && of("error_code").is_nullable());
    }
}
