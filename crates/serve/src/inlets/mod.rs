//! Where logs are sent to: the HTTP Event Collector and Firehose's endpoint. These routes stand outside of the guard, since their
//! senders have no session; each source has tokens or keys of its own, and takes nothing without one.

mod body;
mod firehose;
mod hec;

use std::sync::Arc;

use axum::routing::{any, get, post};
use axum::{Extension, Router};
use ingest::firehose::Firehose;
use ingest::hec::Hec;

use crate::app::App;
use body::Room;

/// Beginnings of the paths of these routes. A body may take long to arrive, so no other limit of time is set for them.
const PATHS: [&str; 2] = ["/services/collector", "/firehose"];

/// Whether a route is one of these.
pub(crate) fn is_inlet(route: &str) -> bool {
    PATHS.iter().any(|path| route.starts_with(path))
}

/// The sources that are sent to on one listener.
#[derive(Clone, Default)]
pub struct Inlets {
    /// HTTP Event Collectors; the token tells which is meant.
    pub hec: Vec<Hec>,
    /// Firehose's endpoints; the access key tells which is meant.
    pub firehose: Vec<Firehose>,
}

impl Inlets {
    /// Whether nothing is sent here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hec.is_empty() && self.firehose.is_empty()
    }
}

/// The routes of these sources.
pub(crate) fn router(inlets: Inlets) -> Router<Arc<App>> {
    let mut router = Router::new();
    if !inlets.hec.is_empty() {
        router = router.merge(collector());
    }
    if !inlets.firehose.is_empty() {
        let deliver = || post(firehose::deliver).fallback(firehose::method_not_allowed);
        router = router.route("/firehose", deliver()).route("/firehose/{name}", deliver());
    }
    router.layer(Extension(Arc::new(inlets))).layer(Extension(Room::default()))
}

fn collector() -> Router<Arc<App>> {
    let not_allowed = hec::method_not_allowed;
    let events = || post(hec::events).fallback(not_allowed);
    let raw = || post(hec::raw).fallback(not_allowed);
    let acks = || post(hec::acks).fallback(not_allowed);
    let health = || get(hec::health).fallback(not_allowed);
    Router::new()
        .route("/services/collector", events())
        .route("/services/collector/", events())
        .route("/services/collector/event", events())
        .route("/services/collector/event/1.0", events())
        .route("/services/collector/raw", raw())
        .route("/services/collector/raw/1.0", raw())
        .route("/services/collector/ack", acks())
        .route("/services/collector/ack/1.0", acks())
        .route("/services/collector/health", health())
        .route("/services/collector/health/1.0", health())
        .route("/services/collector/{*rest}", any(hec::not_found))
}
