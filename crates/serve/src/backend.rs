//! What the HTTP layer asks of the engine. A trait, so that the tests can make queries that fail half-way, stall or flood,
//! which no honest store does on demand.

use std::sync::Arc;

use detect::{Detections, Period, Replayed, Rule};
use engine::{Engine, EventRecord, Explanation, Mark, QueryError, QueryRequest, QueryStream, TableInfo};
use futures::future::BoxFuture;

/// Answers queries. [`Engine`] is the one outside tests.
pub trait Backend: Send + Sync + 'static {
    /// Starts a query; dropping the stream cancels it.
    fn query(&self, request: QueryRequest) -> BoxFuture<'_, Result<QueryStream, QueryError>>;
    /// The versions of the lake's tables now.
    fn mark(&self) -> BoxFuture<'_, Result<Mark, QueryError>>;
    /// Plans a query without running it.
    fn explain(&self, request: QueryRequest) -> BoxFuture<'_, Result<Explanation, QueryError>>;
    /// One stored event by its id.
    fn event<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<EventRecord>, QueryError>>;
    /// What the lake holds.
    fn tables(&self) -> BoxFuture<'_, Result<Vec<TableInfo>, QueryError>>;
    /// Runs a rule over what is stored.
    fn replay<'a>(
        &'a self,
        detections: &'a Detections,
        rule: Arc<Rule>,
        period: Period,
    ) -> BoxFuture<'a, Result<Replayed, detect::Error>>;
}

impl Backend for Engine {
    fn query(&self, request: QueryRequest) -> BoxFuture<'_, Result<QueryStream, QueryError>> {
        Box::pin(Self::query(self, request))
    }

    fn mark(&self) -> BoxFuture<'_, Result<Mark, QueryError>> {
        Box::pin(Self::mark(self))
    }

    fn explain(&self, request: QueryRequest) -> BoxFuture<'_, Result<Explanation, QueryError>> {
        Box::pin(Self::explain(self, request))
    }

    fn event<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<EventRecord>, QueryError>> {
        Box::pin(Self::event(self, id))
    }

    fn tables(&self) -> BoxFuture<'_, Result<Vec<TableInfo>, QueryError>> {
        Box::pin(Self::tables(self))
    }

    fn replay<'a>(
        &'a self,
        detections: &'a Detections,
        rule: Arc<Rule>,
        period: Period,
    ) -> BoxFuture<'a, Result<Replayed, detect::Error>> {
        Box::pin(async move { detections.replay(self, &rule, period).await })
    }
}
