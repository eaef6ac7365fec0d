//! `trailhound serve`: the page and the API over a lake, with its upkeep in the background.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use detect::sinks::{Outbox, deliver};
use enrich::Enricher;
use ingest::inlet::EnricherNow;
use ingest::sources::Registry;
use ingest::{Custody, Watched};
use lake::Lake;
use serve::{App, Config, Inlets, Parts};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::interrupted;
use super::user::state;
use crate::cli::{LakeArgs, Serve};
use crate::commands::{geoip, maintain};
use crate::config::Settings;
use crate::detection;
use crate::health;
use crate::inlets;
use crate::keys;
use crate::output::line;
use crate::sources::{self, Destination, Running};
use crate::wiring::{self, Current};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8674);

/// How often the states of sources are looked at, for the log.
const SOURCES_EVERY: Duration = Duration::from_secs(30);

/// Serves until interrupted.
pub(crate) async fn run(settings: &Settings, args: Serve) -> anyhow::Result<ExitCode> {
    let mut settings = settings.with(&args.knowledge);
    settings.dashboards = args.dashboards.clone().or(settings.dashboards);
    let settings = &settings;
    let lake = wiring::lake(settings, &args.lake)?;
    let enricher = wiring::enricher(settings, &args.geo);
    let path = settings.state(args.state.as_deref())?;
    let listen = args.listen.or(settings.server.listen).unwrap_or(DEFAULT_LISTEN);
    if args.check {
        wiring::sinks(settings)?;
        App::check_listen(listen, &state(&path)?)?;
        line("the settings are valid")?;
        return Ok(ExitCode::SUCCESS);
    }
    serve(settings, lake, &enricher, &path, listen).await
}

/// Listens, says where, and answers until Ctrl-C or SIGTERM.
pub(crate) async fn serve(
    settings: &Settings,
    lake: Lake,
    enricher: &Arc<Enricher>,
    state_path: &Path,
    listen: SocketAddr,
) -> anyhow::Result<ExitCode> {
    let state = state(state_path)?;
    // Before the socket opens: a server that must refuse never listens.
    App::check_listen(listen, &state)?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("can't listen on {listen}"))?;
    let address = listener.local_addr()?;
    let mut config = Config::new(address);
    config.hosts = settings.server.hosts.clone();
    config.trusted_proxies = settings.server.trusted_proxies.clone();
    config.dashboards = Some(settings.dashboards(None));
    config.query.deadline = settings.query.deadline_seconds.map_or(config.query.deadline, Duration::from_secs);
    config.query.scan_bytes = settings.query.scan_mib.map(|mib| mib << 20);
    let current = Current::new(enricher);
    let engine = wiring::engine_with(settings, lake.clone(), current.clone())?;
    let detections = detection::open(settings, state_path, enricher)?;
    let sinks = wiring::sinks(settings)?;
    let outbox: Arc<dyn Outbox> = Arc::new(detections.store().clone());
    let changed = detections.store().changed();
    let now = current.clone();
    let now: EnricherNow = Arc::new(move || now.get());
    let registry = Registry::default();
    let sent = inlets::open(settings, &lake, now.clone(), detection::watched(&detections))?;
    let (inlets, elsewhere) = inlets::receivers(settings, sent.as_ref(), &registry)?;
    let parts = Parts {
        inlets,
        custody: custody(settings, &lake, now.clone(), &registry, detection::watched(&detections))?,
        lake: lake.url().to_string(),
        backend: Arc::new(engine.clone()),
        detections: detections.clone(),
        state,
        fields: wiring::fields(),
        languages: wiring::languages(),
        log_types: wiring::log_types(),
        geo: wiring::geo_status(enricher),
        sinks: sinks.clone(),
        outbox: Some(outbox.clone()),
    };
    let custody = parts.custody.clone();
    let told = tokio::spawn(custody.clone().tell(SOURCES_EVERY));
    let app = App::new(parts, config)?;
    let inlet = sent.as_ref().map(|sent| sent.inlet.clone());
    let ailing = health::background(settings.clone(), detections.clone(), custody, registry.clone(), inlet.clone());
    let ailing = tokio::spawn(ailing);
    let into = Destination {
        lake: lake.clone(),
        enricher: now,
        registry: registry.clone(),
        watched: detection::watched(&detections),
        inlet,
        drain: false,
    };
    let running = start_sources(settings, into).await?;
    let stop = CancellationToken::new();
    let others = listen_elsewhere(elsewhere, &app, &stop).await?;
    let upkeep = tokio::spawn(maintain::background(lake, settings.retention.clone()));
    let telling = tokio::spawn(deliver(sinks, outbox, changed, CancellationToken::new()));
    let watching = tokio::spawn(detection::background(detections, engine));
    let fresh = tokio::spawn(geoip::background(settings.clone(), current, registry));
    line(&format!("Trailhound is at http://{address}"))?;
    serve::serve(listener, app, interrupted()).await?;
    stop.cancel();
    for other in others {
        other.await?;
    }
    if let Some(running) = running {
        running.stop().await;
    }
    if let Some(sent) = sent {
        sent.end().await;
    }
    told.abort();
    ailing.abort();
    upkeep.abort();
    watching.abort();
    telling.abort();
    fresh.abort();
    Ok(ExitCode::SUCCESS)
}

/// What the API says of logs on their way in.
fn custody(
    settings: &Settings,
    lake: &Lake,
    now: EnricherNow,
    registry: &Registry,
    watched: Watched,
) -> anyhow::Result<Custody> {
    let options = ingest::Options {
        storage: wiring::storage(settings, &LakeArgs::default()),
        rules: Arc::new(settings.ingest.rules()?),
        old_after: settings.ingest.old_after()?,
        watched,
        ..ingest::Options::default()
    };
    let keys = keys::keys(settings, &[])?;
    Ok(Custody::new(lake.clone(), now, options, registry.clone(), keys))
}

/// Sources that are sent to at addresses of their own.
async fn listen_elsewhere(
    elsewhere: BTreeMap<SocketAddr, Inlets>,
    app: &Arc<App>,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let mut listening = Vec::new();
    for (address, inlets) in elsewhere {
        let listener = TcpListener::bind(address).await.with_context(|| format!("can't listen on {address}"))?;
        line(&format!("Logs are taken at http://{}", listener.local_addr()?))?;
        let (app, stop) = (Arc::clone(app), stop.clone());
        listening.push(tokio::spawn(async move {
            serve::serve_inlets(listener, app, inlets, stop.cancelled_owned()).await;
        }));
    }
    Ok(listening)
}

/// Starts the sources of the settings, where there are some.
async fn start_sources(settings: &Settings, into: Destination) -> anyhow::Result<Option<Running>> {
    if settings.source.is_empty() {
        return Ok(None);
    }
    Ok(Some(sources::start(settings, settings.source.clone(), into).await?))
}
