//! `trailhound sinks`: where alerts go, and whether they get there.

use std::process::ExitCode;

use anyhow::Context;
use chrono::Utc;

use crate::cli::{Sinks, SinksAction};
use crate::config::Settings;
use crate::output::{Table, line};
use crate::wiring;

/// Runs the subcommand.
pub(crate) async fn run(settings: &Settings, args: Sinks) -> anyhow::Result<ExitCode> {
    let sinks = wiring::sinks(settings)?;
    match args.action {
        SinksAction::List => list(&sinks),
        SinksAction::Test { name } => test(&sinks, &name).await,
    }
}

fn list(sinks: &detect::sinks::Sinks) -> anyhow::Result<ExitCode> {
    let names = ["name", "type", "on", "quiet hours"];
    let mut table = Table::new(std::io::stdout().lock(), names.map(str::to_owned).to_vec());
    let rows = sinks.infos().into_iter().map(|sink| {
        let on = if sink.enabled { "yes" } else { "no" };
        vec![Some(sink.name), Some(sink.kind.to_owned()), Some(on.to_owned()), sink.quiet_hours]
    });
    table.rows(rows.collect())?;
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
