//! What the server is made of: its parts, its settings, and the rule about where it may listen.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use detect::Detections;
use detect::sinks::{Outbox, Sinks};
use ingest::Custody;
use tokio::sync::{Semaphore, watch};

use crate::arrivals::Arrivals;
use crate::backend::Backend;
use crate::dashboards::Dashboards;
use crate::error::ServeError;
use crate::guard::Lockout;
use crate::inlets::Inlets;
use crate::metrics::Metrics;
use crate::page::Page;
use crate::queue::Queue;
use crate::routes::Readiness;
use crate::state::{SessionPolicy, State};
use crate::wire::{FieldEntry, GeoStatus, LanguageEntry, LogTypeEntry};

/// What one query may cost, and how many run at a time.
#[derive(Debug, Clone)]
pub struct QueryLimits {
    /// Rows returned where the request names no limit.
    pub default_rows: u64,
    /// Most rows that a request may ask for.
    pub max_rows: u64,
    /// Wall time until a query is ended.
    pub deadline: Duration,
    /// Stored bytes of the files that a query may open; none: no budget.
    pub scan_bytes: Option<u64>,
    /// Queries that run at the same time.
    pub concurrent: usize,
    /// Queries that wait for their turn; one more is answered 429.
    pub waiting: usize,
    /// Longest wait, then 429.
    pub wait: Duration,
    /// Life of a live tail; its client then asks again, so that one who may no longer does not go on for ever.
    pub tail: Duration,
    /// Live tails at the same time; one more is answered 429.
    pub tails: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            default_rows: 10_000,
            max_rows: 1_000_000,
            deadline: Duration::from_secs(120),
            scan_bytes: None,
            concurrent: 8,
            waiting: 64,
            wait: Duration::from_secs(30),
            tail: Duration::from_secs(15 * 60),
            tails: 64,
        }
    }
}

/// How long the server waits for whom.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// For a request's head.
    pub head: Duration,
    /// For a request's body.
    pub body: Duration,
    /// For an answer that is not a query's.
    pub answer: Duration,
    /// For a client to take some of an answer; then the connection is closed, and its query cancelled.
    pub write: Duration,
    /// For requests under way when the server is told to stop.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            write: Duration::from_secs(60),
            drain: Duration::from_secs(10),
        }
    }
}

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address that it really listens on; decides whether sign-in can be done without.
    pub listen: SocketAddr,
    /// Names under which the server is reached beside localhost, without port; for servers behind a proxy.
    pub hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether cookies are `Secure`. None: they are unless the server listens on loopback and the request came without
    /// `X-Forwarded-Proto: https`.
    pub secure_cookies: Option<bool>,
    /// Largest request body in bytes.
    pub body_bytes: usize,
    /// Connections at the same time.
    pub connections: usize,
    /// Limits of queries.
    pub query: QueryLimits,
    /// Lives of sessions.
    pub sessions: SessionPolicy,
    /// Patience.
    pub timeouts: Timeouts,
    /// Folder of the user's own dashboards.
    pub dashboards: Option<PathBuf>,
}

impl Config {
    /// The defaults for a server on `listen`.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, ..Self::default() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8674),
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            secure_cookies: None,
            body_bytes: 2 * 1024 * 1024,
            connections: 1024,
            query: QueryLimits::default(),
            sessions: SessionPolicy::default(),
            timeouts: Timeouts::default(),
            dashboards: None,
        }
    }
}

/// What the binary brings along. The catalogues are passed in: this crate may not know the crates that they come from.
pub struct Parts {
    /// The engine.
    pub backend: Arc<dyn Backend>,
    /// Rules and alerts.
    pub detections: Detections,
    /// Users, sessions, tokens, audit log.
    pub state: State,
    /// Where the lake is, as shown to people.
    pub lake: String,
    /// The field catalogue.
    pub fields: Vec<FieldEntry>,
    /// The query languages.
    pub languages: Vec<LanguageEntry>,
    /// The log types.
    pub log_types: Vec<LogTypeEntry>,
    /// The location data in use.
    pub geo: GeoStatus,
    /// Where alerts go.
    pub sinks: Sinks,
    /// Where messages wait; none where nothing raises alerts.
    pub outbox: Option<Arc<dyn Outbox>>,
    /// Sources that logs are sent to, on the same listener.
    pub inlets: Inlets,
    /// What is known of logs on their way in.
    pub custody: Custody,
}

/// A server ready to run; shared by all requests.
pub struct App {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) detections: Detections,
    pub(crate) state: State,
    pub(crate) config: Config,
    pub(crate) lake: String,
    pub(crate) fields: Vec<FieldEntry>,
    pub(crate) languages: Vec<LanguageEntry>,
    pub(crate) log_types: Vec<LogTypeEntry>,
    pub(crate) geo: GeoStatus,
    pub(crate) sinks: Sinks,
    pub(crate) outbox: Option<Arc<dyn Outbox>>,
    pub(crate) inlets: Inlets,
    pub(crate) custody: Custody,
    pub(crate) dashboards: Arc<Dashboards>,
    pub(crate) page: Page,
    pub(crate) lockout: Lockout,
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) readiness: Readiness,
    pub(crate) queue: Queue,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) tails: Arc<Semaphore>,
    /// True once no new requests are taken.
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) metrics: Metrics,
    pub(crate) started: Instant,
    pub(crate) started_at: DateTime<Utc>,
}

/// Passwords hashed at the same time: each takes 19 MiB.
const HASHING: usize = 2;

impl App {
    /// Puts a server together. Fails where a dashboard file can't be read or the address may not be listened on.
    pub fn new(parts: Parts, config: Config) -> Result<Arc<Self>, ServeError> {
        Self::check_listen(config.listen, &parts.state)?;
        let started_at = parts.state.now();
        Ok(Arc::new(Self {
            arrivals: Arrivals::new(parts.backend.clone()),
            tails: Arc::new(Semaphore::new(config.query.tails)),
            stopping: watch::Sender::new(false),
            backend: parts.backend,
            detections: parts.detections,
            state: parts.state,
            lake: parts.lake,
            fields: parts.fields,
            log_types: parts.log_types,
            languages: parts.languages,
            geo: parts.geo,
            sinks: parts.sinks,
            outbox: parts.outbox,
            inlets: parts.inlets,
            custody: parts.custody,
            dashboards: Arc::new(Dashboards::open(config.dashboards.clone())?),
            page: Page::default(),
            lockout: Lockout::default(),
            hashing: Arc::new(Semaphore::new(HASHING)),
            readiness: Readiness::default(),
            queue: Queue::new(&config.query),
            metrics: Metrics::default(),
            started: Instant::now(),
            started_at,
            config,
        }))
    }

    /// Refuses an address that others can reach as long as nobody has to sign in; the message names the command to run.
    pub fn check_listen(listen: SocketAddr, state: &State) -> Result<(), ServeError> {
        if is_loopback(listen) || state.has_users()? { Ok(()) } else { Err(ServeError::NeedsUser(listen)) }
    }

    /// True where everybody must sign in: always when others can reach the address, else as soon as there is a user.
    pub(crate) fn sign_in_required(&self, has_users: bool) -> bool {
        has_users || !is_loopback(self.config.listen)
    }
}

pub(crate) fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
