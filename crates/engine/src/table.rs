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
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use lake::{DataFile, Snapshot};

use crate::error::{ErrorKind, QueryError};
use crate::request::Progress;

/// The partition column of every log table.
const PARTITION: &str = "event_date";
const TIME: &str = "event_time";

/// One snapshot of one table, for one query.
pub(crate) struct LogTable {
    snapshot: Snapshot,
    store: ObjectStoreUrl,
    columns: TableSchema,
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
        let columns = TableSchema::builder(Arc::new(Schema::new(files))).with_table_partition_cols(partitions).build();
        let schema = Arc::clone(columns.table_schema());
        Self { snapshot, store, columns, schema, budget, progress }
    }

    fn within(&self, filters: &[Expr]) -> Vec<&DataFile> {
        let bounds = filters.iter().fold(Bounds::default(), |b, f| b.narrowed(f));
        self.snapshot.files.iter().filter(|f| bounds.may_hold(f)).collect()
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
        let path = object_path(file)?;
        let date = ScalarValue::Date32(file.event_date);
        let part = PartitionedFile::new(path, file.size).with_partition_values(vec![date]);
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

    fn table_statistics(&self, files: &[&DataFile]) -> Statistics {
        let mut all = Statistics::new_unknown(&self.schema);
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
        if files.is_empty() {
            let schema =
                projection.map_or_else(|| Ok(Arc::clone(&self.schema)), |p| self.schema.project(p).map(Arc::new))?;
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let groups = self.groups(&files, state.config().target_partitions())?;
        let config = FileScanConfigBuilder::new(self.store.clone(), Arc::new(ParquetSource::new(self.columns.clone())))
            .with_file_groups(groups)
            .with_statistics(self.table_statistics(&files))
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        let format = ParquetFormat::default().with_options(state.table_options().parquet.clone());
        format.create_physical_plan(state, config).await
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.table_statistics(&self.snapshot.files.iter().collect::<Vec<_>>()))
    }
}

impl LogTable {
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
            Expr::Between(b) if !b.negated && is_time(&b.expr) => {
                let low = micros(&b.low).unwrap_or(i64::MIN);
                let high = micros(&b.high).unwrap_or(i64::MAX);
                Self { from: self.from.max(low), to: self.to.min(high) }
            }
            _ => self,
        }
    }

    fn compared(self, b: &BinaryExpr) -> Option<Self> {
        let (op, value) = if is_time(&b.left) {
            (b.op, micros(&b.right)?)
        } else if is_time(&b.right) {
            (b.op.swap()?, micros(&b.left)?)
        } else {
            return None;
        };
        Some(match op {
            Operator::GtEq | Operator::Gt => Self { from: self.from.max(value), ..self },
            Operator::LtEq | Operator::Lt => Self { to: self.to.min(value), ..self },
            Operator::Eq => Self { from: self.from.max(value), to: self.to.min(value) },
            _ => self,
        })
    }

    fn may_hold(&self, file: &DataFile) -> bool {
        file.max_time.is_none_or(|max| max >= self.from) && file.min_time.is_none_or(|min| min <= self.to)
    }
}

fn is_time(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(c) if c.name == TIME)
}

fn micros(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::TimestampMicrosecond(v, _), _) => *v,
        _ => None,
    }
}
