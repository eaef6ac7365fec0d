//! A backend that does what the query's text says: `rows N`, `fail KIND`, `late KIND`, `stall`, `flood`, `hold`, `panic`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use arrow::array::{Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use detect::{Detections, Period, Replayed, Rule};
use engine::{
    BatchStream, ColumnInfo, ErrorKind, EventRecord, Explanation, Language, Mark, Progress, QueryError, QueryRequest,
    QueryStream, ResultKind, TableInfo,
};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use query::diagnostic::Diagnostic;
use query::span::Span;
use serve::Backend;
use tokio::sync::{Mutex, Notify};

#[derive(Default)]
pub struct Fake {
    /// Queries whose stream is alive.
    pub alive: Arc<AtomicUsize>,
    /// Batches handed out.
    pub batches: Arc<AtomicUsize>,
    /// The version of the one table.
    pub version: Arc<AtomicI64>,
    /// Lets `hold` go on.
    pub release: Arc<Notify>,
    /// The last request.
    pub seen: Mutex<Option<QueryRequest>>,
}

struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn batch(from: i64, rows: i64, width: usize) -> RecordBatch {
    let schema = Schema::new(vec![Field::new("n", DataType::Int64, false), Field::new("text", DataType::Utf8, false)]);
    let numbers = Int64Array::from_iter_values(from..from + rows);
    let texts = StringArray::from_iter_values((0..rows).map(|_| "x".repeat(width)));
    RecordBatch::try_new(Arc::new(schema), vec![Arc::new(numbers), Arc::new(texts)]).unwrap()
}

fn counted(rows: i64) -> BatchStream {
    let starts = (0..rows).step_by(100);
    stream::iter(starts.map(move |from| Ok(batch(from, (rows - from).min(100), 3)))).boxed()
}

pub fn failure(kind: &str) -> QueryError {
    let kind = match kind {
        "invalid" => return QueryError::invalid(vec![Diagnostic::error("spl.odd", "that is odd", Span::new(0, 4))]),
        "notfound" => ErrorKind::NotFound,
        "deadline" => ErrorKind::Deadline,
        "budget" => ErrorKind::ScanBudget,
        "memory" => ErrorKind::Memory,
        _ => ErrorKind::Internal,
    };
    QueryError::new(kind, "secret detail of the engine")
}

impl Fake {
    async fn answer(&self, request: QueryRequest) -> Result<QueryStream, QueryError> {
        let text = request.text.clone();
        *self.seen.lock().await = Some(request);
        let (verb, rest) = text.split_once(' ').unwrap_or((&text, ""));
        let batches: BatchStream = match verb {
            "rows" => counted(rest.parse().unwrap()),
            "fail" => return Err(failure(rest)),
            "first" => stream::once(futures::future::ready(Err(failure(rest)))).boxed(),
            "late" => counted(3).chain(stream::once(futures::future::ready(Err(failure(rest))))).boxed(),
            "stall" => counted(3).chain(stream::pending()).boxed(),
            "flood" => stream::iter((0..).map(|n| Ok(batch(n * 100, 100, 10_000)))).boxed(),
            "hold" => {
                let release = self.release.clone();
                async move { release.notified().await }.map(|()| Ok(batch(0, 1, 1))).into_stream().boxed()
            }
            "panic" => panic!("asked to"),
            other => panic!("the fake knows no {other}"),
        };
        self.alive.fetch_add(1, Ordering::SeqCst);
        let alive = Alive(self.alive.clone());
        let handed = self.batches.clone();
        let batches = batches.inspect(move |_| {
            let _ = &alive;
            handed.fetch_add(1, Ordering::SeqCst);
        });
        Ok(QueryStream {
            language: Language::Spl,
            kind: ResultKind::Events,
            columns: ["n", "text"].map(|name| ColumnInfo { name: name.into(), ty: "text".into() }).to_vec(),
            diagnostics: vec![Diagnostic::warning("spl.hm", "hm", Span::new(1, 2))],
            batches: batches.boxed(),
            progress: Arc::new(Progress::default()),
        })
    }
}

impl Backend for Fake {
    fn query(&self, request: QueryRequest) -> BoxFuture<'_, Result<QueryStream, QueryError>> {
        self.answer(request).boxed()
    }

    fn mark(&self) -> BoxFuture<'_, Result<Mark, QueryError>> {
        let version = self.version.load(Ordering::SeqCst);
        let versions = [("cloudtrail".to_owned(), version)].into_iter().collect();
        futures::future::ready(Ok(Mark { at: version, versions })).boxed()
    }

    fn explain(&self, request: QueryRequest) -> BoxFuture<'_, Result<Explanation, QueryError>> {
        async move {
            if let Some(kind) = request.text.strip_prefix("fail ") {
                return Err(failure(kind));
            }
            let (ir, plan) = ("scan".to_owned(), "TableScan".to_owned());
            Ok(Explanation {
                language: Language::Sql,
                ast: serde_json::Value::Null,
                ir,
                plan,
                diagnostics: Vec::new(),
                translation: None,
            })
        }
        .boxed()
    }

    fn event<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<EventRecord>, QueryError>> {
        async move {
            let columns = [("event_id".to_owned(), id.into())].into_iter().collect();
            Ok((id == "event-1" || id == "a/b c").then(|| EventRecord { columns, raw: "{\"eventID\": 1}".into() }))
        }
        .boxed()
    }

    fn tables(&self) -> BoxFuture<'_, Result<Vec<TableInfo>, QueryError>> {
        let table = TableInfo { name: "cloudtrail".into(), rows: 7, files: 1, bytes: 99, oldest: None, newest: None };
        futures::future::ready(Ok(vec![table])).boxed()
    }

    fn replay<'a>(
        &'a self,
        _: &'a Detections,
        rule: Arc<Rule>,
        _: Period,
    ) -> BoxFuture<'a, Result<Replayed, detect::Error>> {
        async move { Err(detect::Error::Invalid(format!("the fake replays nothing, not even {}", rule.id))) }.boxed()
    }
}
