//! A server on a socket of its own, with a clock that the test moves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use detect::Detections;
use detect::sinks::Sinks;
use ingest::Custody;
use ingest::sources::Registry;
use ingest::verify::Keys;
use serde_json::json;
use serve::state::{Clock, State};
use serve::wire::GeoStatus;
use serve::{App, Backend, Config, Inlets, Parts};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Answer, Call, call};
use crate::fake::Fake;

pub const NAME: &str = "ann";
pub const PASSWORD: &str = "correct horse battery";

pub struct Server {
    pub address: SocketAddr,
    pub state: State,
    pub detections: Detections,
    pub fake: Arc<Fake>,
    now: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// What a browser that signed in holds.
#[derive(Clone)]
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

/// Rules of the tests.
const RULES: [&str; 2] = [
    "id: created\ntitle: { en: User created, ja: ユーザー作成 }\nadvice: Ask who.\nseverity: high\nattack: [TA0003, T1136.003]\nquery: { lang: filter, text: '{ $.eventName = CreateUser }' }\ngroup_by: [actor_name]\n",
    "id: quiet\ntitle: Quiet\nseverity: low\nenabled: false\nquery: { lang: spl, text: 'eventName=DeleteUser' }\n",
];

pub fn detections(state: &Path, clock: &Clock) -> Detections {
    let clock = clock.clone();
    let clock = Arc::new(move || clock().timestamp_micros());
    let store = detect::store::Store::with_clock(state, clock).unwrap();
    let file = |text: &str| {
        let id = text.lines().next().unwrap().trim_start_matches("id: ");
        detect::rule::File { name: format!("{id}.yml"), text: text.to_owned(), builtin: true }
    };
    let attack = detect::Attack::parse(assets::attack());
    let sources = detect::Sources { builtin: RULES.map(file).to_vec(), attack, ..detect::Sources::default() };
    Detections::open(store, sources, engine::matching::Matching::new(None, 0)).unwrap()
}

/// Where the sources of a server are counted, and its quarantine is.
pub fn custody(folder: &std::path::Path, registry: Registry) -> Custody {
    let lake = lake::Lake::open(folder.join("lake").to_str().unwrap(), lake::LakeOptions::default()).unwrap();
    let enricher = Arc::new(enrich::Enricher::new(None));
    Custody::new(lake, Arc::new(move || enricher.clone()), ingest::Options::default(), registry, Keys::default())
}

pub fn parts(backend: Arc<dyn Backend>, state: State, detections: Detections, custody: Custody) -> Parts {
    Parts {
        backend,
        detections,
        state,
        lake: "./data/lake".into(),
        fields: Vec::new(),
        log_types: Vec::new(),
        languages: Vec::new(),
        geo: GeoStatus::default(),
        sinks: Sinks::default(),
        outbox: None,
        inlets: Inlets::default(),
        custody,
    }
}

impl Server {
    /// A server that anybody on this machine may use.
    pub async fn open() -> Self {
        Self::start(false, |_| ()).await
    }

    /// A server with one user.
    pub async fn closed() -> Self {
        Self::start(true, |_| ()).await
    }

    pub async fn start(user: bool, adjust: impl FnOnce(&mut Config)) -> Self {
        let fake = Arc::new(Fake::default());
        Self::with(fake.clone(), fake, user, adjust).await
    }

    /// A server that logs are sent to.
    pub async fn with_inlets(inlets: Inlets, custody: Custody) -> Self {
        let fake = Arc::new(Fake::default());
        Self::made(fake.clone(), fake, true, |_, parts| {
            parts.inlets = inlets;
            parts.custody = custody;
        })
        .await
    }

    pub async fn with(
        backend: Arc<dyn Backend>,
        fake: Arc<Fake>,
        user: bool,
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        Self::made(backend, fake, user, |config, _| adjust(config)).await
    }

    /// A server of other parts.
    pub async fn made(
        backend: Arc<dyn Backend>,
        fake: Arc<Fake>,
        user: bool,
        adjust: impl FnOnce(&mut Config, &mut Parts),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let hand = now.clone();
        let clock: Clock = Arc::new(move || DateTime::from_timestamp(hand.load(Ordering::SeqCst), 0).unwrap());
        let file = folder.path().join("state.db");
        let state = State::with_clock(&file, clock.clone()).unwrap();
        let detections = detections(&file, &clock);
        if user {
            state.add_user(NAME, PASSWORD).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(address);
        // Tests that read whole answers would wait for it; those about tails give it a life.
        config.query.tail = Duration::ZERO;
        let mut parts = parts(backend, state.clone(), detections.clone(), custody(folder.path(), Registry::default()));
        adjust(&mut config, &mut parts);
        let app = App::new(parts, config).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve::serve(listener, app, stopped).await.unwrap();
        });
        Self { address, state, detections, fake, now, stop: Some(stop), task, _folder: folder }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        call(self.address, method, path)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.call("POST", "/api/v1/session").json(&json!({"name": name, "password": password})).send().await
    }

    pub async fn browser(&self) -> Browser {
        let answer = self.sign_in(NAME, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Browser { cookie: answer.cookie(), csrf: answer.json()["csrf"].as_str().unwrap().to_owned() }
    }

    pub fn token(&self) -> String {
        self.state.create_token(Some(NAME), "test", None).unwrap().token
    }

    /// Moves the clock on.
    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Tells the server to stop and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.task).await.unwrap();
    }
}

impl Browser {
    /// As our page sends it.
    pub fn dress(&self, call: Call) -> Call {
        let call = call.header("cookie", &self.cookie);
        if call.method == "GET" { call } else { call.header("x-csrf-token", &self.csrf) }
    }
}

/// Waits until it holds; the tests' only patience, bounded.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}");
}
