//! `trailhound sinks`: where alerts go, and whether they get there.

use std::process::ExitCode;

use anyhow::Context;
use chrono::Utc;

use detect::store::{SinkHealth, Store};

use crate::cli::{Sinks, SinksAction};
use crate::config::Settings;
use crate::output::{Table, line};
use crate::wiring;

/// Runs the subcommand.
pub(crate) async fn run(settings: &Settings, args: Sinks) -> anyhow::Result<ExitCode> {
    let sinks = wiring::sinks(settings)?;
    match args.action {
        SinksAction::List { state } => list(settings, state.as_deref(), &sinks),
        SinksAction::Test { name } => test(&sinks, &name).await,
    }
}

/// The sinks, and what waits or was given up in the state, where there is one.
fn list(settings: &Settings, state: Option<&str>, sinks: &detect::sinks::Sinks) -> anyhow::Result<ExitCode> {
    let path = settings.state(state)?;
    let store = if path.exists() { Some(Store::open(&path)?) } else { None };
    let names = ["name", "type", "on", "quiet hours", "waiting", "dead", "last error"];
    let mut table = Table::new(std::io::stdout().lock(), names.map(str::to_owned).to_vec());
    let mut rows = Vec::new();
    for sink in sinks.infos() {
        let on = if sink.enabled { "yes" } else { "no" };
        let SinkHealth { pending, dead, last_error, .. } =
            store.as_ref().map(|store| store.sink_health(&sink.name)).transpose()?.unwrap_or_default();
        let counts = [Some(pending.to_string()), Some(dead.to_string()), last_error];
        let own = [Some(sink.name), Some(sink.kind.to_owned()), Some(on.to_owned()), sink.quiet_hours];
        rows.push(own.into_iter().chain(counts).collect());
    }
    table.rows(rows)?;
    table.finish()?;
    Ok(ExitCode::SUCCESS)
}

async fn test(sinks: &detect::sinks::Sinks, name: &str) -> anyhow::Result<ExitCode> {
    let known = || sinks.infos().into_iter().map(|sink| sink.name).collect::<Vec<_>>().join(", ");
    let tried = sinks.test(name, Utc::now()).await;
    tried
        .with_context(|| format!("there is no sink `{name}` in the settings; there are: {}", known()))?
        .with_context(|| format!("the test did not reach `{name}`"))?;
    line(&format!("`{name}` has taken the test"))?;
    Ok(ExitCode::SUCCESS)
}
