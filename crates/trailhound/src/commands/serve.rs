//! `trailhound serve`: the page and the API over a lake, with its upkeep in the background.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use detect::sinks::{Outbox, deliver};
use enrich::Enricher;
use ingest::Watched;
use ingest::sources::Registry;
use lake::Lake;
use serve::{App, Config, Parts};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::interrupted;
use super::user::state;
use crate::cli::Serve;
use crate::commands::{geoip, maintain};
use crate::config::Settings;
use crate::detection;
use crate::output::line;
use crate::sources::{self, Destination, Running};
use crate::wiring::{self, Current};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8674);

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
    let parts = Parts {
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
    let app = App::new(parts, config)?;
    let running = start_sources(settings, lake.clone(), Arc::clone(enricher), detection::watched(&detections)).await?;
    let upkeep = tokio::spawn(maintain::background(lake, settings.retention.clone()));
    let telling = tokio::spawn(deliver(sinks, outbox, changed, CancellationToken::new()));
    let watching = tokio::spawn(detection::background(detections, engine));
    let fresh = tokio::spawn(geoip::background(settings.clone(), current));
    line(&format!("Trailhound is at http://{address}"))?;
    serve::serve(listener, app, interrupted()).await?;
    if let Some(running) = running {
        running.stop().await;
    }
    upkeep.abort();
    watching.abort();
    telling.abort();
    fresh.abort();
    Ok(ExitCode::SUCCESS)
}

/// Starts the sources of the settings, where there are some.
async fn start_sources(
    settings: &Settings,
    lake: Lake,
    enricher: Arc<Enricher>,
    watched: Watched,
) -> anyhow::Result<Option<Running>> {
    if settings.source.is_empty() {
        return Ok(None);
    }
    let into = Destination { lake, enricher, registry: Registry::default(), watched, drain: false };
    Ok(Some(sources::start(settings, settings.source.clone(), into).await?))
}
