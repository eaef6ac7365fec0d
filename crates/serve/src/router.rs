//! The routes, and who may use them.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};

use crate::app::App;
use crate::guard::guard;
use crate::inlets::{self, Inlets};
use crate::observe::observe;
use crate::page;
use crate::routes::{
    alerts, catalogue, dashboards, events, health, logs, query, replay, rules, searches, session, sinks, tail, tokens,
};

/// The route whose answers are streams.
pub(crate) const QUERY: &str = "/api/v1/query";

/// A replay may take as long as a query.
pub(crate) const REPLAY: &str = "/api/v1/rules/replay";

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever is signed in or has a token; everybody on a server that needs no sign-in.
    Caller,
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path; `{…}` stands for a part.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

const fn route(method: &'static str, path: &'static str, access: Access) -> Route {
    Route { method, path, access }
}

/// Every route. The guard, the tests of access and the check of the OpenAPI document go by it.
pub const ROUTES: &[Route] = &[
    route("GET", "/api/v1/session", Access::Public),
    route("POST", "/api/v1/session", Access::Public),
    route("DELETE", "/api/v1/session", Access::Caller),
    route("POST", QUERY, Access::Caller),
    route("POST", "/api/v1/explain", Access::Caller),
    route("POST", "/api/v1/tail", Access::Caller),
    route("GET", "/api/v1/searches", Access::Caller),
    route("POST", "/api/v1/searches", Access::Caller),
    route("PUT", "/api/v1/searches/{id}", Access::Caller),
    route("DELETE", "/api/v1/searches/{id}", Access::Caller),
    route("GET", "/api/v1/dashboards", Access::Caller),
    route("POST", "/api/v1/dashboards", Access::Caller),
    route("POST", "/api/v1/dashboards/convert", Access::Caller),
    route("GET", "/api/v1/dashboards/{id}", Access::Caller),
    route("PUT", "/api/v1/dashboards/{id}", Access::Caller),
    route("DELETE", "/api/v1/dashboards/{id}", Access::Caller),
    route("GET", "/api/v1/events/{id}", Access::Caller),
    route("GET", "/api/v1/fields", Access::Caller),
    route("GET", "/api/v1/log-types", Access::Caller),
    route("GET", "/api/v1/languages", Access::Caller),
    route("GET", "/api/v1/status", Access::Caller),
    route("GET", "/api/v1/openapi.json", Access::Caller),
    route("GET", "/api/v1/tokens", Access::Caller),
    route("POST", "/api/v1/tokens", Access::Caller),
    route("DELETE", "/api/v1/tokens/{id}", Access::Caller),
    route("GET", "/api/v1/alerts", Access::Caller),
    route("POST", "/api/v1/alerts/bulk", Access::Caller),
    route("GET", "/api/v1/alerts/{id}", Access::Caller),
    route("PATCH", "/api/v1/alerts/{id}", Access::Caller),
    route("POST", "/api/v1/alerts/{id}/notes", Access::Caller),
    route("GET", "/api/v1/rules", Access::Caller),
    route("POST", "/api/v1/rules", Access::Caller),
    route("POST", REPLAY, Access::Caller),
    route("GET", "/api/v1/rules/{id}", Access::Caller),
    route("PUT", "/api/v1/rules/{id}", Access::Caller),
    route("PATCH", "/api/v1/rules/{id}", Access::Caller),
    route("DELETE", "/api/v1/rules/{id}", Access::Caller),
    route("POST", "/api/v1/rules/{id}/test", Access::Caller),
    route("GET", "/api/v1/rules/{id}/exceptions", Access::Caller),
    route("POST", "/api/v1/rules/{id}/exceptions", Access::Caller),
    route("DELETE", "/api/v1/rules/{id}/exceptions/{n}", Access::Caller),
    route("GET", "/api/v1/attack", Access::Caller),
    route("GET", "/api/v1/sinks", Access::Caller),
    route("POST", "/api/v1/sinks/{name}/test", Access::Caller),
    route("GET", "/api/v1/sinks/{name}/dead", Access::Caller),
    route("POST", "/api/v1/sinks/{name}/dead/retry", Access::Caller),
    route("GET", "/api/v1/sources", Access::Caller),
    route("GET", "/api/v1/quarantine", Access::Caller),
    route("POST", "/api/v1/quarantine/replay", Access::Caller),
    route("GET", "/api/v1/integrity", Access::Caller),
    route("GET", "/healthz", Access::Public),
    route("GET", "/readyz", Access::Public),
    route("GET", "/metrics", Access::Caller),
];

/// What is not in the table needs a caller.
pub(crate) fn access(method: &Method, path: &str) -> Access {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    ROUTES.iter().find(|r| r.method == method && r.path == path).map_or(Access::Caller, |r| r.access)
}

/// The whole server as a service; [`crate::serve`] puts it on a listener.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/v1/session", get(session::read).post(session::sign_in).delete(session::sign_out))
        .route(QUERY, post(query::run))
        .route("/api/v1/explain", post(query::explain))
        .route("/api/v1/tail", post(tail::run))
        .route("/api/v1/searches", get(searches::list).post(searches::create))
        .route("/api/v1/searches/{id}", put(searches::put).delete(searches::remove))
        .route("/api/v1/dashboards", get(dashboards::list).post(dashboards::create))
        .route("/api/v1/dashboards/convert", post(dashboards::convert))
        .route("/api/v1/dashboards/{id}", get(dashboards::read).put(dashboards::put).delete(dashboards::remove))
        .route("/api/v1/events/{id}", get(events::read))
        .route("/api/v1/fields", get(catalogue::fields))
        .route("/api/v1/log-types", get(catalogue::log_types))
        .route("/api/v1/languages", get(catalogue::languages))
        .route("/api/v1/status", get(health::status))
        .route("/api/v1/openapi.json", get(catalogue::openapi))
        .route("/api/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/api/v1/tokens/{id}", delete(tokens::remove))
        .route("/api/v1/alerts", get(alerts::list))
        .route("/api/v1/alerts/bulk", post(alerts::bulk))
        .route("/api/v1/alerts/{id}", get(alerts::read).patch(alerts::change))
        .route("/api/v1/alerts/{id}/notes", post(alerts::note))
        .route("/api/v1/rules", get(rules::list).post(rules::create))
        .route(REPLAY, post(replay::run))
        .route("/api/v1/rules/{id}", get(rules::read).put(rules::put).patch(rules::change).delete(rules::remove))
        .route("/api/v1/rules/{id}/test", post(rules::test))
        .route("/api/v1/rules/{id}/exceptions", get(rules::exceptions).post(rules::except))
        .route("/api/v1/rules/{id}/exceptions/{n}", delete(rules::unexcept))
        .route("/api/v1/attack", get(rules::attack))
        .route("/api/v1/sinks", get(sinks::list))
        .route("/api/v1/sinks/{name}/test", post(sinks::test))
        .route("/api/v1/sinks/{name}/dead", get(sinks::dead))
        .route("/api/v1/sinks/{name}/dead/retry", post(sinks::retry))
        .route("/api/v1/sources", get(logs::sources))
        .route("/api/v1/quarantine", get(logs::quarantine))
        .route("/api/v1/quarantine/replay", post(logs::replay))
        .route("/api/v1/integrity", get(logs::integrity))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(page::fallback)
        .method_not_allowed_fallback(page::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), guard))
        .merge(inlets::router(app.inlets.clone()))
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

/// Sources that logs are sent to, on a listener of their own: nothing else is there.
pub(crate) fn inlet_router(app: Arc<App>, inlets: Inlets) -> Router {
    inlets::router(inlets).layer(from_fn_with_state(app.clone(), observe)).with_state(app)
}
