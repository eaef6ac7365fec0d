//! A log table as DataFusion sees it: the active files of one snapshot of the lake, with their time ranges and row counts
//! from the table's log, so that planning opens no file and pruning starts before the first byte is read.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use lake::{DataFile, Snapshot};

use crate::error::{ErrorKind, QueryError};
use crate::request::Progress;

/// The partition column of every log table.
const PARTITION: &str = "event_date";
const TIME: &str = "event_time";
const DAY: i64 = 86_400_000_000;

/// One snapshot of one table, for one query.
pub(crate) struct LogTable {
    snapshot: Snapshot,
    store: ObjectStoreUrl,
    columns: TableSchema,
    /// The same without the partition, for files whose rows are of several days.
    stored: TableSchema,
    schema: SchemaRef,
    budget: Option<u64>,
    progress: Arc<Progress>,
}

impl fmt::Debug for LogTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogTable")
            .field("version", &self.snapshot.version)
            .field("files", &self.snapshot.files.len())
            .finish()
    }
}

impl LogTable {
    /// A provider over `snapshot`, whose files lie in the store registered under `store`.
    pub(crate) fn new(snapshot: Snapshot, store: ObjectStoreUrl, budget: Option<u64>, progress: Arc<Progress>) -> Self {
        let (files, partitions): (Vec<_>, Vec<_>) =
            snapshot.schema.fields().iter().map(|f| Arc::new(viewed(f))).partition(|f| f.name() != PARTITION);
        let files = Arc::new(Schema::new(files));
        let columns = TableSchema::builder(Arc::clone(&files)).with_table_partition_cols(partitions).build();
        let stored = TableSchema::builder(files).build();
        let schema = Arc::clone(columns.table_schema());
        Self { snapshot, store, columns, stored, schema, budget, progress }
    }

    fn within(&self, filters: &[Expr]) -> Vec<&DataFile> {
        let bounds = filters.iter().fold(Bounds::default(), |b, f| b.narrowed(f));
        self.snapshot.files.iter().filter(|f| bounds.may_hold(f)).collect()
    }

    /// The one day of a file's rows. Rows whose time was flagged lie beside those of other days.
    fn day(&self, file: &DataFile) -> Option<i32> {
        if self.columns.file_schema().column_with_name(TIME).is_some() { file.day() } else { file.event_date }
    }

    fn account(&self, files: &[&DataFile]) -> Result<()> {
        let bytes: u64 = files.iter().map(|f| f.size).sum();
        let rows: u64 = files.iter().filter_map(|f| f.rows).sum();
        if let Some(budget) = self.budget.filter(|b| bytes > *b) {
            let text = format!(
                "the query would read {bytes} bytes, more than its budget of {budget}; narrow the time range or raise the budget"
            );
            return Err(DataFusionError::External(Box::new(QueryError::new(ErrorKind::ScanBudget, text))));
        }
        self.progress.add(bytes, rows);
        Ok(())
    }

    fn partitioned(&self, file: &DataFile) -> Result<PartitionedFile> {
        let part = PartitionedFile::new(object_path(file)?, file.size);
        let part = match self.day(file) {
            Some(day) => part.with_partition_values(vec![ScalarValue::Date32(Some(day))]),
            None => part,
        };
        Ok(part.with_statistics(Arc::new(self.file_statistics(file))))
    }

    fn file_statistics(&self, file: &DataFile) -> Statistics {
        let mut all = Statistics::new_unknown(self.columns.file_schema());
        if let Some(rows) = file.rows {
            all.num_rows = Precision::Exact(rows as usize);
        }
        all.total_byte_size = Precision::Inexact(file.size as usize);
        if let (Ok(index), Some(min), Some(max)) =
            (self.columns.file_schema().index_of(TIME), file.min_time, file.max_time)
        {
            all.column_statistics[index] = ColumnStatistics {
                null_count: Precision::Exact(0),
                min_value: Precision::Exact(instant(min)),
                // The log rounds it up to the next millisecond.
                max_value: Precision::Inexact(instant(max)),
                ..ColumnStatistics::new_unknown()
            };
        }
        all
    }

    fn table_statistics(&self, schema: &Schema, files: &[&DataFile]) -> Statistics {
        let mut all = Statistics::new_unknown(schema);
        if let Some(rows) = files.iter().map(|f| f.rows).sum::<Option<u64>>() {
            all.num_rows = Precision::Exact(rows as usize);
        }
        all.total_byte_size = Precision::Inexact(files.iter().map(|f| f.size as usize).sum());
        all
    }
}

#[async_trait]
impl TableProvider for LogTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.within(filters);
        self.account(&files)?;
        let partitioned = self.schema.column_with_name(PARTITION).is_some();
        let (dated, mixed): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| partitioned && self.day(file).is_some());
        let scan = Scan { state, limit };
        let columns: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let plans = match (dated.is_empty(), mixed.is_empty()) {
            // Read like one file.
            (true, true) => vec![self.open(&scan, &[], &self.columns, columns).await?],
            (false, true) => vec![self.open(&scan, &dated, &self.columns, columns).await?],
            (true, false) => vec![self.open_mixed(&scan, &mixed, &columns).await?],
            _ => vec![
                self.open(&scan, &dated, &self.columns, columns.clone()).await?,
                self.open_mixed(&scan, &mixed, &columns).await?,
            ],
        };
        UnionExec::try_new(plans)
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.table_statistics(&self.schema, &self.snapshot.files.iter().collect::<Vec<_>>()))
    }
}

/// What both kinds of files are read with.
struct Scan<'a> {
    state: &'a dyn Session,
    limit: Option<usize>,
}

impl LogTable {
    /// Reads columns of files, by their places in `schema`.
    async fn open(
        &self,
        scan: &Scan<'_>,
        files: &[&DataFile],
        schema: &TableSchema,
        columns: Vec<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let groups = self.groups(files, scan.state.config().target_partitions())?;
        // Of none nothing is said: the planner takes a scan that has no rows for one that is of one part, wherever it stands.
        let statistics = match files.is_empty() {
            true => Statistics::new_unknown(schema.table_schema()),
            false => self.table_statistics(schema.table_schema(), files),
        };
        let config = FileScanConfigBuilder::new(self.store.clone(), Arc::new(ParquetSource::new(schema.clone())))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(columns))?
            .with_limit(scan.limit)
            .build();
        let format = ParquetFormat::default().with_options(scan.state.table_options().parquet.clone());
        format.create_physical_plan(scan.state, config).await
    }

    /// Reads columns of files whose rows are of several days: each row's day is that of its time.
    async fn open_mixed(
        &self,
        scan: &Scan<'_>,
        files: &[&DataFile],
        columns: &[usize],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let stored = self.stored.table_schema();
        let mut read: Vec<usize> = Vec::new();
        let mut made: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::new();
        for &column in columns {
            let name = self.schema.field(column).name();
            let source = if name == PARTITION { TIME } else { name };
            let at = stored.index_of(source)?;
            let place = read.iter().position(|known| *known == at).unwrap_or_else(|| {
                read.push(at);
                read.len() - 1
            });
            let value: Arc<dyn PhysicalExpr> = Arc::new(Column::new(source, place));
            let value = if name == PARTITION { Arc::new(CastExpr::new(value, DataType::Date32, None)) } else { value };
            made.push((value, name.clone()));
        }
        let plan = self.open(scan, files, &self.stored, read).await?;
        Ok(Arc::new(ProjectionExec::try_new(made, plan)?))
    }

    /// Spreads the files over `count` groups of about equal bytes, largest first.
    fn groups(&self, files: &[&DataFile], count: usize) -> Result<Vec<FileGroup>> {
        let mut sorted: Vec<_> = files.to_vec();
        sorted.sort_by_key(|f| std::cmp::Reverse(f.size));
        let mut groups: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); count.clamp(1, sorted.len().max(1))];
        for file in sorted {
            if let Some(least) = groups.iter_mut().min_by_key(|g| g.0) {
                least.0 += file.size;
                least.1.push(self.partitioned(file)?);
            }
        }
        Ok(groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect())
    }
}

/// The columns of a table as queries see them.
pub(crate) fn viewed_schema(schema: &Schema) -> Schema {
    Schema::new(schema.fields().iter().map(|f| viewed(f)).collect::<Vec<_>>())
}

/// Text is read as views: DataFusion compares and groups them without copying.
fn viewed(field: &Field) -> Field {
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => field.clone().with_data_type(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => field.clone().with_data_type(DataType::BinaryView),
        _ => field.clone(),
    }
}

fn instant(micros: i64) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()))
}

fn object_path(file: &DataFile) -> Result<String> {
    Ok(file.location.path().trim_start_matches('/').to_owned())
}

/// The time range that a conjunction of filters leaves open, microseconds, both ends inclusive.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    from: i64,
    to: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { from: i64::MIN, to: i64::MAX }
    }
}

impl Bounds {
    fn narrowed(self, filter: &Expr) -> Self {
        match filter {
            Expr::BinaryExpr(b) if b.op == Operator::And => self.narrowed(&b.left).narrowed(&b.right),
            Expr::BinaryExpr(b) => self.compared(b).unwrap_or(self),
            Expr::Between(b) if !b.negated => {
                let low = instants(&b.expr, &b.low).map_or(i64::MIN, |(first, _)| first);
                let high = instants(&b.expr, &b.high).map_or(i64::MAX, |(_, last)| last);
                Self { from: self.from.max(low), to: self.to.min(high) }
            }
            _ => self,
        }
    }

    fn compared(self, b: &BinaryExpr) -> Option<Self> {
        let (op, (first, last)) = match instants(&b.left, &b.right) {
            Some(instants) => (b.op, instants),
            None => (b.op.swap()?, instants(&b.right, &b.left)?),
        };
        Some(match op {
            Operator::GtEq | Operator::Gt => Self { from: self.from.max(first), ..self },
            Operator::LtEq | Operator::Lt => Self { to: self.to.min(last), ..self },
            Operator::Eq => Self { from: self.from.max(first), to: self.to.min(last) },
            _ => self,
        })
    }

    fn may_hold(&self, file: &DataFile) -> bool {
        file.max_time.is_none_or(|max| max >= self.from) && file.min_time.is_none_or(|min| min <= self.to)
    }
}

/// The first and the last instant that equal `value`, where `column` is the time of events or their day, microseconds.
fn instants(column: &Expr, value: &Expr) -> Option<(i64, i64)> {
    let (Expr::Column(column), Expr::Literal(value, _)) = (column, value) else { return None };
    match (column.name.as_str(), value) {
        (TIME, ScalarValue::TimestampMicrosecond(Some(time), _)) => Some((*time, *time)),
        (PARTITION, ScalarValue::Date32(Some(day))) => {
            let midnight = i64::from(*day) * DAY;
            Some((midnight, midnight + DAY - 1))
        }
        _ => None,
    }
}
