//! The lake's tables for one query: a fresh snapshot, the caller's time bounds and conditions already applied, so that
//! every language sees the same rows.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Fields, Schema};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr as Df, cast, lit};
use datafusion::prelude::SessionContext;
use event::LogType;
use event::log_types::ALL;
use lake::{Lake, Snapshot};

use crate::catalogue::ACROSS;
use crate::error::{ErrorKind, QueryError};
use crate::functions::json;
use crate::functions::matching::{Kind, against};
use crate::plan::Tables;
use crate::plan::expr::{named, to_text};
use crate::request::{Arrived, Condition, Mark, Progress, QueryRequest};
use crate::table::{LogTable, viewed_schema};
use crate::views::{renamed, view};

/// Longest time from the decoding of a row to its commit that is reckoned with, microseconds.
const MARGIN: i64 = 600_000_000;

/// Tables of a lake under a request's bounds and conditions.
pub(crate) struct LakeTables<'a> {
    pub(crate) lake: &'a Lake,
    pub(crate) store: ObjectStoreUrl,
    pub(crate) context: &'a SessionContext,
    pub(crate) request: &'a QueryRequest,
    pub(crate) progress: Arc<Progress>,
}

impl Tables for LakeTables<'_> {
    fn table<'a>(
        &'a self,
        name: &'a str,
        earliest: Option<i64>,
        latest: Option<i64>,
    ) -> Pin<Box<dyn Future<Output = Result<DataFrame, QueryError>> + Send + 'a>> {
        Box::pin(async move {
            if let Some((table, naming)) = view(name) {
                return renamed(self.table(table, earliest, latest).await?, table, naming);
            }
            let frame = self.open(name).await?;
            let from = earliest.or(self.request.since);
            let until = latest.or(self.request.until);
            let mut filters: Vec<Df> = Vec::new();
            if !frame.schema().has_column_with_unqualified_name("event_time") {
                // Tables about the lake itself, such as the ledger of objects: bounds and conditions speak of events.
                return Ok(frame);
            }
            filters.extend(from.map(|t| named("event_time").gt_eq(instant(t))));
            filters.extend(until.map(|t| named("event_time").lt(instant(t))));
            filters.extend(self.request.filters.iter().map(|c| condition(name, c)).collect::<Result<Vec<_>, _>>()?);
            match filters.into_iter().reduce(Df::and) {
                Some(all) => Ok(frame.filter(all)?),
                None => Ok(frame),
            }
        })
    }
}

impl LakeTables<'_> {
    async fn open(&self, name: &str) -> Result<DataFrame, QueryError> {
        if name == ACROSS {
            return self.across().await;
        }
        match (self.lake.snapshot(name).await?, &self.request.arrived) {
            (Some(_), Some(arrived)) if event::log_type(name).is_some() => self.arrived(name, arrived).await,
            (Some(snapshot), _) => self.of(name, snapshot),
            (None, _) => {
                // What has not come in yet answers with no rows, not with an error.
                let own = Lake::own_schema(name)?;
                let schema = own.or_else(|| event::log_type(name).map(event::LogType::schema));
                let schema = schema.ok_or_else(|| {
                    QueryError::new(ErrorKind::NotFound, format!("there is no table `{name}` in the lake"))
                })?;
                let schema = viewed_schema(&schema);
                Ok(self.context.read_batch(RecordBatch::new_empty(Arc::new(schema)))?)
            }
        }
    }

    /// The rows of a snapshot of the table `name`.
    pub(crate) fn of(&self, name: &str, snapshot: Snapshot) -> Result<DataFrame, QueryError> {
        let budget = self.request.limits.scan_bytes;
        let table = LogTable::new(widened(name, snapshot), self.store.clone(), budget, Arc::clone(&self.progress));
        Ok(self.context.read_table(Arc::new(table))?)
    }

    /// The rows that came in between two marks. Where the log does not tell any more, their time of ingest does, with a
    /// margin for commits that took long: rather twice than not at all.
    async fn arrived(&self, name: &str, arrived: &Arrived) -> Result<DataFrame, QueryError> {
        let version = |mark: &Mark| mark.versions.get(name).copied().unwrap_or(-1);
        let (after, upto) = (version(&arrived.after), version(&arrived.upto));
        if let Some(added) = self.lake.arrivals(name, after, upto).await? {
            return self.of(name, added);
        }
        tracing::warn!(
            table = name,
            after,
            upto,
            "the log does not tell any more what came in; the time of ingest does"
        );
        let (from, until) = (arrived.after.at.saturating_sub(MARGIN), arrived.upto.at);
        let came = named("ingest_time").gt(instant(from)).and(named("ingest_time").lt_eq(instant(until)));
        let Some(snapshot) = self.lake.snapshot(name).await? else {
            return Err(QueryError::new(ErrorKind::NotFound, format!("there is no table `{name}` in the lake")));
        };
        Ok(self.of(name, snapshot)?.filter(came)?)
    }

    /// The view across the log types: what each table has of the shared fields, one table after the other.
    async fn across(&self) -> Result<DataFrame, QueryError> {
        let mut all: Option<DataFrame> = None;
        for log_type in event::log_types() {
            if self.lake.snapshot(log_type.id).await?.is_none() {
                continue;
            }
            let frame = Box::pin(self.open(log_type.id)).await?;
            let shared = frame.clone().select(shared(log_type, &frame))?;
            all = Some(match all {
                Some(so_far) => so_far.union(shared)?,
                None => shared,
            });
        }
        match all {
            Some(all) => Ok(all),
            None => {
                let schema = viewed_schema(&ALL.schema());
                Ok(self.context.read_batch(RecordBatch::new_empty(Arc::new(schema)))?)
            }
        }
    }
}

/// The table with all columns that its log type has by now. One that no commit has added yet is null in every row.
fn widened(name: &str, snapshot: Snapshot) -> Snapshot {
    let Some(log_type) = event::log_type(name) else { return snapshot };
    let known = log_type.schema();
    let lacks = |field: &&Arc<Field>| snapshot.schema.column_with_name(field.name()).is_none();
    let mut more = known
        .fields()
        .iter()
        .filter(lacks)
        .map(|field| Arc::new(field.as_ref().clone().with_nullable(true)))
        .peekable();
    if more.peek().is_none() {
        return snapshot;
    }
    let fields: Fields = snapshot.schema.fields().iter().cloned().chain(more).collect();
    Snapshot { schema: Arc::new(Schema::new(fields)), ..snapshot }
}

/// The fields of the view across the log types, out of one table.
fn shared(log_type: &'static LogType, frame: &DataFrame) -> Vec<Df> {
    let view = viewed_schema(&ALL.schema());
    let filled = |common: &str| {
        let fields = log_type.catalogue().fields().iter();
        let mut columns = fields.filter(|field| field.common == Some(common)).filter_map(|field| field.column);
        columns.find(|column| frame.schema().has_column_with_unqualified_name(column))
    };
    let value = |field: &Field| match filled(field.name()) {
        Some(column) => named(column),
        None if field.name() == "log_type" => words(log_type.id),
        None if field.name() == "sourcetype" => words(log_type.sourcetype()),
        None => cast(lit(ScalarValue::Null), field.data_type().clone()),
    };
    view.fields().iter().map(|field| value(field).alias(field.name())).collect()
}

fn words(text: &str) -> Df {
    lit(ScalarValue::Utf8View(Some(text.to_owned())))
}

/// What every row of a log's table has in a column that only the view across the logs stores.
fn of_every_row(table: &str, name: &str) -> Option<Df> {
    let log_type = event::log_type(table)?;
    match crate::catalogue::named(ACROSS, event::Naming::Splunk, name)?.field.column? {
        "log_type" => Some(words(log_type.id)),
        "sourcetype" => Some(words(log_type.sourcetype())),
        _ => None,
    }
}

fn instant(micros: i64) -> Df {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

/// A condition of the filter bar. Values compare exactly; `*` is a wildcard; the word for "absent" of Splunk's add-on
/// (`success` as errorCode) is understood as there.
fn condition(table: &str, c: &Condition) -> Result<Df, QueryError> {
    let found = crate::catalogue::filtered(table, &c.field);
    let value = match found.and_then(|field| field.column) {
        Some(column) => to_text_column(table, column),
        None => of_every_row(table, &c.field).unwrap_or_else(|| {
            json::path(named("raw"), json::parse(found.and_then(|field| field.path).unwrap_or(&c.field)))
        }),
    };
    let default = found.and_then(|field| field.splunk_default);
    let mut any: Option<Df> = None;
    for wanted in &c.values {
        let test = if wanted.contains('*') {
            against(Kind::GlobIgnoreCase, value.clone(), wanted)?
        } else if wanted.is_empty() {
            value.clone().is_null()
        } else if default == Some(wanted.as_str()) {
            value.clone().is_null().or(equals(value.clone(), wanted)?)
        } else {
            equals(value.clone(), wanted)?
        };
        any = Some(any.map_or(test.clone(), |a| a.or(test)));
    }
    let any = any.unwrap_or_else(|| lit(true));
    Ok(if c.negated { datafusion::logical_expr::expr_fn::is_not_true(any) } else { any })
}

fn equals(value: Df, wanted: &str) -> Result<Df, QueryError> {
    // A list (a path with {}) matches by any element; a plain column keeps `=`, which prunes.
    Ok(match &value {
        Df::Column(_) => value.eq(lit(ScalarValue::Utf8View(Some(wanted.to_owned())))),
        _ => against(Kind::Equal, value, wanted)?,
    })
}

fn to_text_column(table: &str, column: &str) -> Df {
    let field = crate::catalogue::of(table).and_then(|catalogue| catalogue.column(column));
    let text = field.is_none_or(|f| f.ty == event::FieldType::Text);
    if text { named(column) } else { to_text(named(column)) }
}
