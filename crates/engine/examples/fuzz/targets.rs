//! What is fuzzed: each front end's recognition and lowering, and all that SQL goes through until it has an optimized plan.

use engine::{Engine, EngineOptions, Language, QueryRequest};
use lake::{Lake, LakeOptions};
use query::language::{Entry, Environment, Front, front, fronts};
use query::pipeline::Type;
use query::schema::{Dialect, Resolved, Schema};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A language, and what becomes of a text.
pub(crate) enum Target {
    Front(&'static Front),
    Sql(Box<Sql>),
}

/// An engine over a lake without events.
pub(crate) struct Sql {
    engine: Engine,
    runtime: Runtime,
    _place: TempDir,
}

pub(crate) const SQL: &str = "sql";

/// The names of all targets.
pub(crate) fn names() -> Vec<&'static str> {
    fronts().into_iter().map(|front| front.id).chain([SQL]).collect()
}

impl Target {
    /// The target of a name; `None` where there is no such.
    pub(crate) fn named(id: &str) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        if id == SQL {
            return Ok(Some(Self::Sql(Box::new(Sql::new()?))));
        }
        Ok(front(id).map(Self::Front))
    }

    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Front(front) => front.id,
            Self::Sql(_) => SQL,
        }
    }

    /// The manual's examples.
    pub(crate) fn examples(&self) -> Vec<String> {
        let entries: Vec<Entry> = match self {
            Self::Front(front) => (front.reference)(),
            Self::Sql(_) => engine::sql_reference(),
        };
        entries.into_iter().map(|entry| entry.example.to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// What a text gives, in short: the operators of its plan, or the codes of what is wrong.
    pub(crate) fn shape(&self, text: &str) -> String {
        match self {
            Self::Front(front) => lowered(front, text),
            Self::Sql(sql) => sql.planned(text),
        }
    }
}

impl Sql {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let root = place.path().to_str().ok_or("the folder for temporary files has a name that is not text")?;
        let lake = Lake::open(root, LakeOptions::default())?;
        let engine = Engine::new(lake, EngineOptions { threads: 1, ..EngineOptions::default() })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { engine, runtime, _place: place })
    }

    fn planned(&self, text: &str) -> String {
        // Whether it is told from other languages is decided on the same text.
        let _ = Language::Auto.settle(text);
        match self.runtime.block_on(self.engine.explain(QueryRequest::new(Language::Sql, text))) {
            Ok(found) => found.plan.lines().filter_map(|line| line.trim().split([':', ' ']).next()).collect(),
            Err(error) => error.diagnostics.iter().map(|d| d.code.clone()).collect::<Vec<_>>().join(" "),
        }
    }
}

fn lowered(front: &Front, text: &str) -> String {
    let env = Environment::new(&Few, 1_790_000_000_000_000);
    let _ = (front.recognise)(text);
    match (front.lower)(text, &env) {
        Ok(lowered) => {
            lowered.pipeline.ops.iter().map(|op| format!("{op:?}").chars().take(12).collect::<String>()).collect()
        }
        Err(found) => found.iter().map(|d| d.code.clone()).collect::<Vec<_>>().join(" "),
    }
}

/// Knows a handful of columns; all else is a path.
struct Few;

impl Schema for Few {
    fn resolve(&self, _table: &str, _dialect: Dialect, name: &str) -> Option<Resolved> {
        let (column, ty) = match name {
            "eventTime" | "_time" | "@timestamp" => ("event_time", Type::Time),
            "eventName" | "event.action" => ("event_name", Type::Text),
            "errorCode" | "error.code" => ("error_code", Type::Text),
            "sourceIPAddress" | "source.ip" => ("source_ip_address", Type::Text),
            "readOnly" => ("read_only", Type::Bool),
            "bytes" => ("bytes", Type::Int),
            _ => return None,
        };
        Some(Resolved { column: column.to_owned(), ty, default: None, spelled: None })
    }

    fn names(&self, _table: &str, _dialect: Dialect) -> Vec<String> {
        ["eventTime", "eventName", "errorCode", "sourceIPAddress"].map(str::to_owned).to_vec()
    }
}
