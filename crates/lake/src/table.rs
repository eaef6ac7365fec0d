//! One open table: its newest known state, brought up to date for every reader, and its creation and new columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::DeltaTable;
use deltalake::kernel::StructType;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::logstore::LogStoreRef;
use deltalake::table::state::DeltaTableState;
use object_store::path::Path;
use tokio::sync::Mutex;

use crate::LakeError;
use crate::arrivals::Arrival;
use crate::once::OnceIndex;
use crate::snapshot::{Snapshot, read_files};
use crate::spec::{PARTITION, TableSpec};
use crate::storage::Storage;

/// A table of the lake; it may not exist yet.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) spec: TableSpec,
    pub(crate) log: LogStoreRef,
    pub(crate) storage: Storage,
    /// The table's folder below the store's root.
    pub(crate) folder: Path,
    /// Held by the one writer of this process that prepares a commit of rows.
    pub(crate) once: Mutex<OnceIndex>,
    loaded: Mutex<Option<Loaded>>,
    /// What commits brought, by version.
    pub(crate) arrived: Mutex<BTreeMap<i64, Arrival>>,
}

/// A state of the table and what readers see of it.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) state: DeltaTableState,
    pub(crate) snapshot: Snapshot,
}

impl Table {
    pub(crate) fn new(name: &str, storage: &Storage, once_budget: usize) -> Result<Self, LakeError> {
        let spec = TableSpec::of(name);
        Ok(Self {
            name: name.into(),
            spec,
            log: storage.log_store(name)?,
            storage: storage.clone(),
            folder: storage.table_path(name),
            once: Mutex::new(OnceIndex::new(spec.once, once_budget)),
            loaded: Mutex::new(None),
            arrived: Mutex::default(),
        })
    }

    /// The newest state; `None` while the table does not exist. Only the log's new entries are read.
    pub(crate) async fn refresh(&self) -> Result<Option<Loaded>, LakeError> {
        let mut loaded = self.loaded.lock().await;
        let mut state = match loaded.as_ref() {
            Some(known) => known.state.clone(),
            None if self.log.is_delta_table_location().await? => {
                DeltaTableState::try_new(self.log.as_ref(), None).await?
            }
            None => return Ok(None),
        };
        if loaded.is_some() {
            state.update(self.log.as_ref(), None).await?;
        }
        self.adopt(&mut loaded, state)?;
        Ok(loaded.clone())
    }

    /// Takes over the state that a commit of ours led to, unless a newer one is known.
    pub(crate) async fn advance(&self, state: DeltaTableState) -> Result<(), LakeError> {
        let mut loaded = self.loaded.lock().await;
        self.adopt(&mut loaded, state)
    }

    fn adopt(&self, loaded: &mut Option<Loaded>, state: DeltaTableState) -> Result<(), LakeError> {
        let version = i64::try_from(state.version()).unwrap_or(i64::MAX);
        if loaded.as_ref().is_some_and(|known| known.snapshot.version >= version) {
            return Ok(());
        }
        let before = loaded.as_ref().map_or(&[][..], |known| &known.snapshot.files);
        let files = read_files(&self.name, self.log.root_url(), &state, before)?;
        let snapshot = Snapshot { version, schema: state.snapshot().arrow_schema(), files };
        *loaded = Some(Loaded { state, snapshot });
        Ok(())
    }

    /// The newest state of a table that has at least the columns of `schema`: created, or widened where need be.
    pub(crate) async fn ensure(&self, schema: &Schema) -> Result<Loaded, LakeError> {
        for _ in 0..8 {
            let Some(loaded) = self.refresh().await? else {
                self.create(schema).await?;
                continue;
            };
            let missing = self.missing_columns(&loaded.snapshot.schema, schema)?;
            if missing.is_empty() {
                return Ok(loaded);
            }
            self.add_columns(&loaded, missing).await?;
        }
        Err(LakeError::Contention { table: self.name.clone(), attempts: 8 })
    }

    async fn create(&self, schema: &Schema) -> Result<(), LakeError> {
        let partitions: &[&str] = if self.spec.partitioned { &[PARTITION] } else { &[] };
        if self.spec.partitioned && schema.column_with_name(PARTITION).is_none() {
            return Err(self.misfit(format!("there is no column `{PARTITION}`")));
        }
        let columns = self.kernel_schema(schema)?;
        let created = DeltaTable::new(self.log.clone())
            .create()
            .with_columns(columns.fields().cloned())
            .with_partition_columns(partitions.iter().copied())
            .with_table_name(&self.name)
            .with_configuration(TableSpec::configuration(schema))
            .await;
        match created {
            Ok(_) => Ok(()),
            // Another writer was first: its table serves as well.
            Err(_) if self.log.is_delta_table_location().await? => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn add_columns(&self, loaded: &Loaded, fields: Vec<Field>) -> Result<(), LakeError> {
        let columns = self.kernel_schema(&Schema::new(fields))?;
        let mut table = DeltaTable::new(self.log.clone());
        table.update_incremental(None).await?;
        let added = table.clone().add_columns().with_fields(columns.fields().cloned().collect::<Vec<_>>()).await;
        match added {
            Ok(_) => Ok(()),
            // The caller looks again: another writer may have added the same columns.
            Err(_) if table.get_latest_version().await? > loaded.state.version() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The columns of `wanted` that the table lacks, as nullable fields.
    fn missing_columns(&self, have: &Schema, wanted: &Schema) -> Result<Vec<Field>, LakeError> {
        let mut missing = Vec::new();
        for field in wanted.fields() {
            match have.column_with_name(field.name()) {
                None => missing.push(field.as_ref().clone().with_nullable(true)),
                Some((_, known)) if same_kind(known.data_type(), field.data_type()) => {}
                Some((_, known)) => {
                    let (name, had, got) = (field.name(), known.data_type(), field.data_type());
                    return Err(self.misfit(format!("column `{name}` is {had} there and {got} here")));
                }
            }
        }
        Ok(missing)
    }

    fn kernel_schema(&self, schema: &Schema) -> Result<StructType, LakeError> {
        schema.try_into_kernel().map_err(|error: arrow::error::ArrowError| self.misfit(error.to_string()))
    }

    pub(crate) fn misfit(&self, reason: String) -> LakeError {
        LakeError::Schema { table: self.name.clone(), reason }
    }

    /// The columns of a data file: the table's without the partition's.
    pub(crate) fn file_schema(&self, table_schema: &Schema) -> SchemaRef {
        let fields: Vec<_> = table_schema
            .fields()
            .iter()
            .filter(|field| !(self.spec.partitioned && field.name() == PARTITION))
            .cloned()
            .collect();
        Arc::new(Schema::new(fields))
    }
}

/// Whether the table format stores both the same way.
fn same_kind(a: &DataType, b: &DataType) -> bool {
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    let text = |t: &DataType| matches!(t, Utf8 | LargeUtf8 | Utf8View);
    let bytes = |t: &DataType| matches!(t, Binary | LargeBinary | BinaryView);
    a == b || (text(a) && text(b)) || (bytes(a) && bytes(b))
}
