//! The HTTP layer: the API under `/api/v1`, sign-in, the page, health and metrics. The only crate that knows HTTP: the
//! engine's errors carry a kind, and [`error`] alone maps kinds to status codes.
//!
//! Every request passes the guard ([`guard`]) before it meets a handler: what is not listed there as public needs a
//! caller, so a route that somebody adds is closed until it is opened. [`Inlets`], where logs are sent to, have keys of their
//! own. [`serve`] runs an [`App`] on a listener.

mod app;
mod arrivals;
mod backend;
mod body;
pub mod dashboards;
pub mod error;
pub mod guard;
mod inlets;
mod metrics;
mod ndjson;
mod observe;
mod openapi;
mod page;
mod patience;
mod queue;
mod router;
mod routes;
mod server;
mod sink_metrics;
pub mod state;
mod tail;
pub mod wire;

pub use app::{App, Config, Parts, QueryLimits, Timeouts};
pub use backend::Backend;
pub use error::ServeError;
pub use inlets::Inlets;
pub use openapi::document as openapi_document;
pub use router::{ROUTES, Route, router};
pub use server::{serve, serve_inlets};
