//! Stored rows as they were committed, in the order of their events: what rules are replayed over. The same predicate, by the
//! same plan as a search's, leaves out what a rule does not look at before a row is decoded.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{Date32Type, Field, Int64Type, Schema, SchemaRef};
use chrono::Utc;
use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use lake::{Arrival, DataFile, Snapshot};
use query::pipeline::Expr;

use crate::engine::Engine;
use crate::error::QueryError;
use crate::plan::Tables;
use crate::plan::expr::{Translator, named, stored};
use crate::request::{Arrived, BatchStream, Language, Mark, QueryRequest};

/// Which stored rows.
#[derive(Debug, Clone, Default)]
pub struct StoredRows {
    /// The log type.
    pub table: String,
    /// Events at or after this instant, microseconds since the epoch.
    pub since: Option<i64>,
    /// Events before this instant.
    pub until: Option<i64>,
    /// Only rows of which this is true.
    pub predicate: Option<Expr>,
    /// Only rows that came in between two marks.
    pub arrived: Option<Arrived>,
}

impl Engine {
    /// The lake's tables of logs as they are now.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] of the store.
    pub async fn mark(&self) -> Result<Mark, QueryError> {
        let mut mark = Mark { at: Utc::now().timestamp_micros(), ..Mark::default() };
        for log_type in event::log_types() {
            if let Some(snapshot) = self.lake().snapshot(log_type.id).await? {
                mark.versions.insert(log_type.id.to_owned(), snapshot.version);
            }
        }
        Ok(mark)
    }

    /// What the commit of one version of a table brought; none where the log does not tell any more.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] of the store.
    pub async fn arrival(&self, table: &str, version: i64) -> Result<Option<Arrival>, QueryError> {
        Ok(self.lake().arrival(table, version).await?)
    }

    /// The days (since 1970-01-01, UTC) of which a table has rows within bounds, with how many rows their files have; sorted.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] of the store.
    pub async fn days(
        &self,
        table: &str,
        since: Option<i64>,
        until: Option<i64>,
    ) -> Result<Vec<(i32, u64)>, QueryError> {
        let Some(snapshot) = self.lake().snapshot(table).await? else { return Ok(Vec::new()) };
        let mut days = std::collections::BTreeMap::new();
        let mut mixed = Vec::new();
        let within = |file: &&DataFile| file.may_hold(since.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX));
        for file in snapshot.files.iter().filter(within) {
            match file.day() {
                Some(day) => *days.entry(day).or_default() += file.rows.unwrap_or_default(),
                None => mixed.push(file.clone()),
            }
        }
        if !mixed.is_empty() {
            for (day, rows) in self.days_of(table, Snapshot { files: mixed.into(), ..snapshot }).await? {
                *days.entry(day).or_default() += rows;
            }
        }
        Ok(days.into_iter().collect())
    }

    /// The days of files whose rows are of several, as their rows tell.
    async fn days_of(&self, table: &str, snapshot: Snapshot) -> Result<Vec<(i32, u64)>, QueryError> {
        let context = self.context();
        let (request, progress) = (QueryRequest::new(Language::Spl, ""), Arc::default());
        let frame = self.sources(&context, &request, &progress).of(table, snapshot)?;
        let counted = frame.aggregate(vec![named("event_date")], vec![count(named("event_id")).alias("rows")])?;
        let mut days = Vec::new();
        for batch in counted.collect().await? {
            let (found, rows) =
                (batch.column(0).as_primitive_opt::<Date32Type>(), batch.column(1).as_primitive_opt::<Int64Type>());
            let (Some(found), Some(rows)) = (found, rows) else { continue };
            days.extend(
                found.iter().zip(rows.iter()).filter_map(|(day, rows)| Some((day?, u64::try_from(rows?).ok()?))),
            );
        }
        Ok(days)
    }

    /// Stored rows in the order of their events, with the columns of the log type as ingest makes them. Sorting spills to disk
    /// where the rows do not fit the memory of queries.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] for an unknown log type, and those of planning. Later failures arrive in the stream.
    pub async fn stored(&self, rows: &StoredRows) -> Result<BatchStream, QueryError> {
        let log_type = event::log_type(&rows.table).ok_or_else(|| {
            let text = format!("there is no log type `{}`", rows.table);
            QueryError::new(crate::ErrorKind::NotFound, text)
        })?;
        let context = self.context();
        let request = QueryRequest {
            since: rows.since,
            until: rows.until,
            arrived: rows.arrived.clone(),
            ..QueryRequest::new(Language::Spl, "")
        };
        let progress = Arc::default();
        let tables = self.sources(&context, &request, &progress);
        let frame = tables.table(&rows.table, rows.since, rows.until).await?;
        let frame = match &rows.predicate {
            Some(predicate) => self.keeping(&context, frame, predicate)?,
            None => frame,
        };
        let frame = frame.sort(vec![named("event_time").sort(true, false)])?;
        let schema = log_type.schema();
        let batches = frame.execute_stream().await?;
        Ok(batches.map(move |batch| conform(&batch?, &schema)).boxed())
    }

    fn keeping(&self, context: &SessionContext, frame: DataFrame, predicate: &Expr) -> Result<DataFrame, QueryError> {
        let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
        let hidden = frame.select(names.iter().map(|name| named(name).alias(stored(name))).collect::<Vec<_>>())?;
        let translator = Translator {
            schema: hidden.schema(),
            context,
            locator: self.locator(),
            now: Utc::now().timestamp_micros(),
        };
        let predicate = translator.expr(predicate)?;
        let kept = hidden.clone().filter(predicate)?;
        Ok(kept.select(names.iter().map(|name| named(&stored(name)).alias(name)).collect::<Vec<_>>())?)
    }
}

/// The batch with exactly the columns of a log type, in its types; null where the table has no such column yet.
fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, QueryError> {
    let column = |field: &Field| -> Result<ArrayRef, QueryError> {
        Ok(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => column.clone(),
            Some(column) => cast(column, field.data_type()).map_err(DataFusionError::from)?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        })
    };
    let columns = schema.fields().iter().map(|field| column(field)).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(nullable(schema), columns).map_err(DataFusionError::from)?)
}

/// A column that ingest always fills may be null in rows of before it was added.
fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
