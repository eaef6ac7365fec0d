//! Puts detections together: the built-in rules, those of the settings' folders and of the flags.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use detect::rule::{File, Loaded, folder, load};
use detect::store::Store;
use detect::{Attack, Detections, Rule, Sources};
use engine::matching::Matching;
use engine::{Engine, Locate};
use enrich::Enricher;
use event::{Decoded, LogType};
use ingest::{Landed, Watch, Watched};

use crate::cli::LakeArgs;
use crate::commands::rules_test::has_rows;
use crate::config::Settings;
use crate::wiring::{self, Current};

/// ATT&CK as rules name it.
pub(crate) fn attack() -> Attack {
    Attack::parse(assets::attack())
}

/// The rules that come with the product.
pub(crate) fn builtin() -> Vec<File> {
    let file =
        |(path, text): (&str, &str)| File { name: format!("rules/{path}"), text: text.to_owned(), builtin: true };
    assets::rules().map(file).collect()
}

/// The rules that come with the product, those of the settings' folders, and those of further ones.
pub(crate) fn rules(settings: &Settings, further: &[PathBuf]) -> anyhow::Result<Loaded> {
    let mut files = builtin();
    for path in settings.rules.folders.iter().chain(further) {
        files.extend(folder(path).with_context(|| format!("can't read the rules of {}", path.display()))?);
    }
    Ok(load(&files, &attack()))
}

/// The rules of some files and folders alone.
pub(crate) fn rules_at(paths: &[PathBuf]) -> anyhow::Result<Loaded> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(folder(path).with_context(|| format!("can't read the rules of {}", path.display()))?);
    }
    Ok(load(&files, &attack()))
}

/// The rules over the state at a path, with what users said of them.
pub(crate) fn open(settings: &Settings, state: &Path, enricher: &Arc<Enricher>) -> anyhow::Result<Detections> {
    let store = Store::open(state).with_context(|| format!("can't open the state {}", state.display()))?;
    let sources = Sources {
        builtin: builtin(),
        folders: settings.rules.folders.clone(),
        attack: attack(),
        // Locations of tests' events come from the tests: databases are the user's own.
        enrich: Some(Arc::new(|log_type: &'static LogType, batch| {
            Enricher::new(None).enrich_as(log_type, batch).map_err(|error| error.to_string())
        })),
        ask: Some(Arc::new(|rule: &Rule, events: Vec<Decoded>| {
            let asked = tokio::runtime::Handle::current().block_on(has_rows(rule, events));
            asked.map_err(|error| format!("{error:#}"))
        })),
    };
    let locator: Arc<dyn Locate> = Arc::new(Current::new(enricher));
    let matching = Matching::new(Some(locator), chrono::Utc::now().timestamp_micros());
    let detections = Detections::open(store, sources, matching).context("can't set up the rules")?;
    detect::sinks::attend(&detections, &wiring::sinks(settings)?);
    Ok(detections)
}

/// Looks at what an ingest commits.
struct Watcher(Detections);

impl Watch for Watcher {
    fn name(&self) -> String {
        self.0.store().id().to_owned()
    }

    fn watch(&self, rows: &[Decoded]) -> Result<Landed, String> {
        let ticket = self.0.watch(rows).map_err(|error| error.to_string())?;
        let detections = self.0.clone();
        Ok(Box::new(move || {
            if let Err(error) = detections.landed(ticket) {
                tracing::warn!(%error, "a commit is made, and the state can't say so");
            }
        }))
    }
}

/// An ingest's hook.
pub(crate) fn watched(detections: &Detections) -> Watched {
    Watched::by(Arc::new(Watcher(detections.clone())))
}

/// The hook of an ingest from the command line: where the state is named, or there already, or the lake is the default one.
/// Elsewhere a server that is told of the lake watches what came in.
pub(crate) fn of_ingest(
    settings: &Settings,
    state: Option<&str>,
    lake: &LakeArgs,
    enricher: &Arc<Enricher>,
) -> anyhow::Result<Watched> {
    let path = settings.state(state)?;
    let named = state.is_some() || settings.state.is_some();
    let ours = lake.lake.is_none() && settings.lake.is_none();
    if !(named || ours || path.is_file()) {
        return Ok(Watched::default());
    }
    Ok(watched(&open(settings, &path, enricher)?))
}

/// How often a server looks for what others took in.
const FOLLOW: Duration = Duration::from_secs(2);
/// The same where each look is a request to a bucket.
const FOLLOW_BUCKET: Duration = Duration::from_secs(5);
/// How often what is past keeping is dropped.
const FORGET: Duration = Duration::from_secs(3600);

/// Watches a server's lake for as long as it runs: what came in unwatched, and scheduled rules. What fails is logged and tried
/// again.
pub(crate) async fn background(detections: Detections, engine: Engine) {
    let address = engine.lake().url().to_string();
    let every = if address.starts_with("file:") { FOLLOW } else { FOLLOW_BUCKET };
    let follow = async {
        loop {
            match detections.follow(&engine, &address).await {
                Ok(done) if done.commits > 0 => {
                    tracing::info!(commits = done.commits, rows = done.rows, opened = done.opened, "watched");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "what came in can't be watched"),
            }
            tokio::time::sleep(every).await;
        }
    };
    let schedule = async {
        loop {
            let now = detections.store().now();
            let next = detections.run_due(&engine).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "scheduled rules can't run");
                now
            });
            let wait = Duration::from_micros(next.saturating_sub(detections.store().now()).unsigned_abs());
            // A new rule is not to wait for long.
            tokio::time::sleep(wait.clamp(Duration::from_secs(1), Duration::from_secs(5))).await;
        }
    };
    let forget = async {
        loop {
            let store = detections.store().clone();
            match tokio::task::spawn_blocking(move || store.forget()).await {
                Ok(Err(error)) => tracing::warn!(%error, "old alerts can't be dropped"),
                Err(error) => tracing::warn!(%error, "old alerts can't be dropped"),
                Ok(Ok(_)) => {}
            }
            tokio::time::sleep(FORGET).await;
        }
    };
    tokio::join!(follow, schedule, forget);
}
