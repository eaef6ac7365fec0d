//! The engine: one per process, over one lake. Each query gets a session of its own over a fresh snapshot; sessions share
//! the memory pool, the metadata cache and the function registry.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use chrono::Utc;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
    SchemaProvider,
};
use datafusion::dataframe::DataFrame;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::{StreamExt, stream};
use lake::Lake;
use query::diagnostic::Diagnostic;
use query::language::Front;
use query::span::Span;

use crate::cooperate::Cooperate;
use crate::error::{ErrorKind, QueryError};
use crate::functions::convert::instant_text;
use crate::functions::geo::Locate;
use crate::lookups::Lookups;
use crate::optimizer;
use crate::partials::{KeepPartials, Store};
use crate::plan::expr::named;
use crate::plan::nodes;
use crate::plan::{Planner, shape_visible, to_usize};
use crate::pruning::PlainConditions;
use crate::request::{
    BatchStream, ColumnInfo, EventRecord, Explanation, Language, Parameters, Progress, QueryRequest, QueryStream,
    ResultKind, TableInfo, Translation,
};
use crate::source::LakeTables;
use crate::sql::{self, Answer};

/// Most cells of a chart and rows of a generated source.
const HELD_ROWS: usize = 1_000_000;

/// The share of the memory of queries that groups kept between queries may take beside it.
const KEPT_SHARE: usize = 8;

/// Parsed footers kept between queries, bytes.
const METADATA_CACHE: usize = 256 << 20;

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineOptions {
    /// Memory that all queries share, bytes; what needs more spills to disk.
    pub memory_bytes: usize,
    /// Threads a query may use.
    pub threads: usize,
    /// Folder of lookup files (CSV); it is made when a search writes the first one.
    pub lookups: Option<PathBuf>,
    /// File of search macros, in the form of Splunk's macros.conf; it is read for each query, so that an edit counts at once.
    pub macros: Option<PathBuf>,
    /// Locates addresses at query time.
    pub locator: Option<Arc<dyn Locate>>,
    /// Values of template variables for every query; a request's own win.
    pub parameters: Parameters,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            memory_bytes: 2 << 30,
            threads,
            lookups: None,
            macros: None,
            locator: None,
            parameters: Parameters::new(),
        }
    }
}

/// Answers queries over a lake.
#[derive(Clone)]
pub struct Engine {
    lake: Lake,
    state: SessionState,
    /// The session of pipelines: it knows no function by name, so that a copy of it costs nothing.
    pipelines: SessionState,
    store: ObjectStoreUrl,
    options: EngineOptions,
    lookups: Lookups,
    sql: sql::Setup,
}

impl Engine {
    /// An engine over `lake`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the runtime (its spill folder) can't be set up.
    pub fn new(lake: Lake, options: EngineOptions) -> Result<Self, QueryError> {
        let runtime = runtime(&options)?;
        let (root, store) = lake.object_store();
        runtime.register_object_store(&root, store);
        let url = ObjectStoreUrl::parse(&root[..url::Position::BeforePath])?;
        let partials = Arc::new(KeepPartials::new(Arc::new(Store::new(options.memory_bytes / KEPT_SHARE))));
        let state = SessionStateBuilder::new()
            .with_config(config(&options))
            .with_runtime_env(Arc::clone(&runtime))
            .with_default_features()
            .with_expr_planners(sql::operators())
            .with_optimizer_rules(optimizer::of_sql())
            .with_physical_optimizer_rule(Arc::new(Cooperate))
            .with_physical_optimizer_rule(Arc::new(PlainConditions))
            .with_physical_optimizer_rule(Arc::clone(&partials) as _)
            .build();
        let pipelines = SessionStateBuilder::new()
            .with_config(config(&options))
            .with_runtime_env(runtime)
            .with_optimizer_rules(optimizer::of_pipelines())
            .with_physical_optimizer_rule(Arc::new(Cooperate))
            .with_physical_optimizer_rule(Arc::new(PlainConditions))
            .with_physical_optimizer_rule(partials)
            .build();
        let mut state = state;
        let lookups = Lookups::new(options.lookups.clone());
        let sql = sql::Setup::new(&root);
        sql.register(&mut state)?;
        Ok(Self { lake, state, pipelines, store: url, options, lookups, sql })
    }

    /// The lake.
    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// A session for rows that no query asks for.
    pub(crate) fn context(&self) -> SessionContext {
        SessionContext::new_with_state(self.state.clone())
    }

    /// What locates addresses.
    pub(crate) fn locator(&self) -> Option<&Arc<dyn Locate>> {
        self.options.locator.as_ref()
    }

    /// Runs a query; its rows come as they are found.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] with diagnostics for a wrong text, [`ErrorKind::NotFound`], [`ErrorKind::ScanBudget`], and
    /// whatever planning runs into. Later failures arrive in the stream.
    pub async fn query(&self, request: QueryRequest) -> Result<QueryStream, QueryError> {
        let deadline = request.limits.deadline;
        let ends = Instant::now() + deadline;
        let request = self.filled(request);
        let started = within(ends, deadline, Own(tokio::spawn(self.clone().start(request)))).await?;
        let started = started.map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))??;
        let (planned, columns, batches) = started;
        Ok(QueryStream {
            language: planned.language,
            kind: planned.kind,
            columns,
            diagnostics: planned.diagnostics,
            batches: until(ends, deadline, apart(batches)),
            progress: planned.progress,
        })
    }

    /// A request with the engine's parameters beside its own.
    fn filled(&self, mut request: QueryRequest) -> QueryRequest {
        for (name, value) in &self.options.parameters {
            request.parameters.entry(name.clone()).or_insert_with(|| value.clone());
        }
        request
    }

    /// How a query would run.
    ///
    /// # Errors
    /// As [`Engine::query`]; nothing is read.
    pub async fn explain(&self, request: QueryRequest) -> Result<Explanation, QueryError> {
        let request = self.filled(request);
        let planned = self.plan(&request, Purpose::Explain).await?;
        let plan = planned.frame.into_optimized_plan()?.display_indent().to_string();
        // Hidden fields begin with a character that is not for eyes.
        let plan = plan.replace(crate::plan::expr::STORED, "@");
        Ok(Explanation {
            language: planned.language,
            ast: planned.ast,
            ir: planned.ir,
            plan,
            diagnostics: planned.diagnostics,
            translation: request.to.map(|to| self.translate(&request, to)).transpose()?,
        })
    }

    /// A query in another language, as far as that can say it.
    fn translate(&self, request: &QueryRequest, to: Language) -> Result<Translation, QueryError> {
        let language = request.lang.settle(&request.text);
        let none = |reason: String| Translation { language: to, text: None, notes: Vec::new(), reason: Some(reason) };
        if language == to {
            let text = Some(request.text.clone());
            return Ok(Translation { language: to, text, notes: Vec::new(), reason: None });
        }
        let Some(front) = query::language::front(language.as_str()) else {
            return Ok(none("a statement of SQL is planned as it is and not translated".to_owned()));
        };
        let file = self.options.macros.as_deref().filter(|_| language == Language::Spl);
        let lowered = crate::front::lower(front, request, Utc::now().timestamp_micros(), &crate::front::macros(file)?)?;
        Ok(match query::emit::emit(&lowered.pipeline, to.as_str(), &crate::catalogue::Fields) {
            Ok(found) => Translation { language: to, text: Some(found.text), notes: found.notes, reason: None },
            Err(reason) => none(reason),
        })
    }

    /// One stored event by its id, looked for in every log type's table, CloudTrail's first.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] of the store.
    pub async fn event(&self, id: &str) -> Result<Option<EventRecord>, QueryError> {
        for log_type in event::log_types() {
            if self.lake.snapshot(log_type.id).await?.is_some()
                && let Some(found) = self.event_in(log_type.id, id).await?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn event_in(&self, table: &str, id: &str) -> Result<Option<EventRecord>, QueryError> {
        let text = format!("SELECT * FROM {table} WHERE event_id = '{}' LIMIT 1", id.replace('\'', "''"));
        let mut found = self.query(QueryRequest::new(Language::Sql, text)).await?;
        while let Some(batch) = found.batches.next().await {
            let mut line = Vec::new();
            crate::ndjson(&batch?, &mut line)?;
            if line.is_empty() {
                continue;
            }
            let mut columns: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(&line).map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))?;
            let raw = columns.remove("raw").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            columns.insert("log_type".to_owned(), table.into());
            return Ok(Some(EventRecord { columns, raw }));
        }
        Ok(None)
    }

    /// What the lake's tables hold.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] of the store.
    pub async fn tables(&self) -> Result<Vec<TableInfo>, QueryError> {
        let mut out = Vec::new();
        for name in self.lake.tables().await? {
            let Some(snapshot) = self.lake.snapshot(&name).await? else { continue };
            let times = |f: fn(&lake::DataFile) -> Option<i64>| snapshot.files.iter().filter_map(f);
            out.push(TableInfo {
                rows: snapshot.files.iter().filter_map(|f| f.rows).sum(),
                files: snapshot.files.len() as u64,
                bytes: snapshot.files.iter().map(|f| f.size).sum(),
                oldest: times(|f| f.min_time).min().map(instant_text),
                newest: times(|f| f.max_time).max().map(|t| instant_text(t - t.rem_euclid(1000))),
                name,
            });
        }
        Ok(out)
    }

    /// Plans and starts a query, in a task of its own: planning a chart reads its rows.
    async fn start(self, request: QueryRequest) -> Result<(Planned, Vec<ColumnInfo>, BatchStream), QueryError> {
        let mut planned = self.plan(&request, Purpose::Run).await?;
        let rows = request.limit.unwrap_or(request.limits.rows).min(request.limits.rows);
        let frame = planned.frame.clone().limit(0, Some(to_usize(rows)))?;
        let columns = columns(&frame);
        let batches = frame.execute_stream().await?;
        planned.diagnostics.dedup();
        Ok((planned, columns, batches.map(|b| b.map_err(QueryError::from)).boxed()))
    }

    async fn plan(&self, request: &QueryRequest, purpose: Purpose) -> Result<Planned, QueryError> {
        let language = request.lang.settle(&request.text);
        match query::language::front(language.as_str()) {
            Some(front) => self.plan_front(front, language, request, purpose).await,
            None => self.plan_sql(request).await,
        }
    }

    fn session(&self) -> SessionContext {
        // A catalogue of its own: two queries may mean different rows by one table name.
        let catalogs = MemoryCatalogProviderList::new();
        let catalog = MemoryCatalogProvider::new();
        let names = &self.state.config_options().catalog;
        let public: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
        if let Err(error) = catalog.register_schema(&names.default_schema, public) {
            tracing::error!(%error, "a session has no schema");
        }
        catalogs.register_catalog(names.default_catalog.clone(), Arc::new(catalog));
        let mut state =
            SessionStateBuilder::new_from_existing(self.state.clone()).with_catalog_list(Arc::new(catalogs)).build();
        // Building registers the functions anew, their other names included, in no order.
        if let Err(error) = self.sql.register(&mut state) {
            tracing::error!(%error, "a session has no functions of SQL");
        }
        SessionContext::new_with_state(state)
    }

    pub(crate) fn sources<'a>(
        &'a self,
        context: &'a SessionContext,
        request: &'a QueryRequest,
        progress: &Arc<Progress>,
    ) -> LakeTables<'a> {
        LakeTables { lake: &self.lake, store: self.store.clone(), context, request, progress: Arc::clone(progress) }
    }

    async fn plan_front(
        &self,
        front: &Front,
        language: Language,
        request: &QueryRequest,
        purpose: Purpose,
    ) -> Result<Planned, QueryError> {
        let now = Utc::now().timestamp_micros();
        let file = self.options.macros.as_deref().filter(|_| language == Language::Spl);
        let macros = crate::front::macros(file)?;
        let lowered = crate::front::lower(front, request, now, &macros)?;
        let context = SessionContext::new_with_state(self.pipelines.clone());
        let progress = Arc::new(Progress::default());
        let tables = self.sources(&context, request, &progress);
        let planner = Planner {
            context: &context,
            tables: &tables,
            lookups: self.lookups.clone(),
            explains: purpose == Purpose::Explain,
            made: crate::plan::stored_lookups(&lowered.pipeline),
            missing: Mutex::default(),
            locator: self.options.locator.clone(),
            now,
            bounds: (request.since, request.until),
            held_rows: HELD_ROWS,
        };
        let frame = planner.pipeline(&lowered.pipeline).await.map_err(|e| with_ir(e, &lowered.ir))?;
        let frame = finished(frame)?;
        let mut diagnostics = lowered.diagnostics;
        diagnostics.extend(missing_lookups(&request.text, &planner));
        Ok(Planned {
            language,
            kind: lowered.kind,
            frame,
            diagnostics,
            progress,
            // Only `explain` shows the tree.
            ast: match purpose {
                Purpose::Explain => crate::front::ast(front, request, now, &macros),
                Purpose::Run => serde_json::Value::Null,
            },
            ir: lowered.ir,
        })
    }

    async fn plan_sql(&self, request: &QueryRequest) -> Result<Planned, QueryError> {
        if request.following {
            return Err(crate::following::not_sql(&request.text));
        }
        let context = self.session();
        let progress = Arc::new(Progress::default());
        let sql::Parsed { answer, text: ir, diagnostics } =
            sql::parse(&request.text, &request.parameters, &context.state(), &self.sql.views)?;
        let frame = match answer {
            Answer::Rows(reading) => self.plan_reading(&context, request, &progress, reading).await?,
            Answer::Plan(reading) => {
                let plan = self.plan_reading(&context, request, &progress, reading).await?.into_optimized_plan()?;
                let lines = plan.display_indent().to_string();
                sql::rows_of_text(&context, &["plan"], &lines.lines().map(|l| vec![l.to_owned()]).collect::<Vec<_>>())?
            }
            Answer::Known(columns, rows) => sql::rows_of_text(&context, &columns, &rows)?,
        };
        Ok(Planned {
            language: Language::Sql,
            kind: ResultKind::Rows,
            frame,
            diagnostics,
            progress,
            ast: serde_json::Value::Null,
            ir,
        })
    }

    async fn plan_reading(
        &self,
        context: &SessionContext,
        request: &QueryRequest,
        progress: &Arc<Progress>,
        reading: sql::Reading,
    ) -> Result<DataFrame, QueryError> {
        let tables = self.sources(context, request, progress);
        for table in &reading.tables {
            let view = crate::plan::Tables::table(&tables, table, None, None).await?.into_view();
            context.register_table(datafusion::common::TableReference::bare(table.as_str()), view)?;
        }
        let state = context.state();
        let plan = sql::plan(reading, &state).await?;
        Ok(DataFrame::new(state, plan))
    }
}

/// What a query is planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Run,
    Explain,
}

/// A warning for each lookup that planning did without.
fn missing_lookups(text: &str, planner: &Planner<'_>) -> Vec<Diagnostic> {
    let names = planner.missing.lock().map(|names| names.clone()).unwrap_or_default();
    let warning = |name: String| {
        let at = text.find(&name).map_or(Span::new(0, text.len()), |at| Span::new(at, at + name.len()));
        let made = planner.made.contains(name.trim_end_matches(".csv"));
        let message = match made {
            true => format!("there is no lookup `{name}` yet; it is read as empty, since this search makes it"),
            false => format!("there is no lookup `{name}` yet; the query would end here"),
        };
        Diagnostic::warning("spl.missing-lookup", message, at)
    };
    names.into_iter().map(warning).collect()
}

struct Planned {
    language: Language,
    kind: ResultKind,
    frame: DataFrame,
    diagnostics: Vec<Diagnostic>,
    progress: Arc<Progress>,
    ast: serde_json::Value,
    ir: String,
}

/// A plan that fails after lowering is our bug: the message carries the IR.
fn with_ir(mut error: QueryError, ir: &str) -> QueryError {
    if error.kind == ErrorKind::Internal {
        error.message = format!("{}\nthe query's pipeline was:\n{ir}", error.message);
    }
    error
}

/// The fields of the result, without the scan's stored columns.
fn finished(frame: DataFrame) -> Result<DataFrame, QueryError> {
    let kept: Vec<_> = shape_visible(&frame).iter().map(|n| named(n)).collect();
    if kept.is_empty() {
        return Err(QueryError::new(ErrorKind::Internal, "the query's result has no fields"));
    }
    Ok(nodes::select(frame, kept)?)
}

fn columns(frame: &DataFrame) -> Vec<ColumnInfo> {
    use arrow::datatypes::DataType;
    let ty = |t: &DataType| match t {
        DataType::Boolean => "bool",
        t if t.is_integer() => "int",
        t if t.is_numeric() => "float",
        DataType::Timestamp(_, _) => "time",
        DataType::List(_) => "list",
        _ => "text",
    };
    frame
        .schema()
        .fields()
        .iter()
        .map(|f| ColumnInfo { name: f.name().clone(), ty: ty(f.data_type()).to_owned() })
        .collect()
}

fn runtime(options: &EngineOptions) -> Result<Arc<RuntimeEnv>, QueryError> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::OsTmpDirectory);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
        .with_disk_manager_builder(disk)
        .with_metadata_cache_limit(METADATA_CACHE)
        .build()?;
    Ok(Arc::new(runtime))
}

fn config(options: &EngineOptions) -> SessionConfig {
    let mut config = SessionConfig::new().with_target_partitions(options.threads.max(1)).with_information_schema(false);
    let set = config.options_mut();
    set.execution.parquet.pushdown_filters = true;
    set.execution.parquet.reorder_filters = true;
    set.sql_parser.collect_spans = true;
    // Trino's default, whichever way the order goes.
    "nulls_last".clone_into(&mut set.sql_parser.default_null_ordering);
    config
}

fn expired(deadline: Duration) -> QueryError {
    let text = format!(
        "the query took longer than its deadline of {} s; narrow the time range or raise the deadline",
        deadline.as_secs_f32()
    );
    QueryError::new(ErrorKind::Deadline, text)
}

/// A task that ends when nobody waits for it any more.
struct Own<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Future for Own<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

/// Batches made by a task of their own, two ahead: an operator that computes for long without a pause must not keep the
/// deadline from being seen. Dropping the stream ends the task.
fn apart(mut batches: BatchStream) -> BatchStream {
    let (send, receive) = tokio::sync::mpsc::channel(2);
    let task = Own(tokio::spawn(async move {
        while let Some(batch) = batches.next().await {
            if send.send(batch).await.is_err() {
                return;
            }
        }
    }));
    stream::unfold((receive, task), |(mut receive, mut task)| async move {
        if let Some(batch) = receive.recv().await {
            return Some((batch, (receive, task)));
        }
        // The channel also closes when the task panics: that is an error, not the end.
        match (&mut task).await {
            Err(error) if error.is_panic() => {
                let error = QueryError::new(ErrorKind::Internal, "the query ended unexpectedly");
                Some((Err(error), (receive, Own(tokio::spawn(async {})))))
            }
            _ => None,
        }
    })
    .fuse()
    .boxed()
}

async fn within<F: Future>(ends: Instant, deadline: Duration, work: F) -> Result<F::Output, QueryError> {
    tokio::time::timeout_at(ends.into(), work).await.map_err(|_| expired(deadline))
}

/// The same batches, ended by an error when the deadline passes.
fn until(ends: Instant, deadline: Duration, batches: BatchStream) -> BatchStream {
    stream::unfold(Some(batches), move |state| async move {
        let mut batches = state?;
        match tokio::time::timeout_at(ends.into(), batches.next()).await {
            Ok(Some(Ok(batch))) => Some((Ok(batch), Some(batches))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((Err(expired(deadline)), None)),
        }
    })
    .fuse()
    .boxed()
}
