//! `trailhound dashboards import`: exports of OpenSearch Dashboards and Kibana become files that the server reads.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use engine::Fields;
use query::diagnostic::Severity;
use query::dsl::saved::{Checks, Imported, import};
use query::language::{Environment, Zone, front};
use query::schema::{Dialect, Schema};

use crate::cli::{Dashboards, DashboardsAction};
use crate::config::Settings;
use crate::output::{line, note};

/// Runs the subcommand.
pub(crate) fn run(settings: &Settings, args: Dashboards) -> anyhow::Result<ExitCode> {
    let DashboardsAction::Import { dashboards, check, replace, files } = args.action;
    let folder = settings.dashboards(dashboards.as_deref());
    let mut written = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
        let stem = file.file_stem().map_or("imported".into(), |stem| stem.to_string_lossy().into_owned());
        let imported = import(&text, &stem, &Checks { has_table: &has_table, error: &error });
        for (id, dashboard) in &imported.dashboards {
            let path = folder.join(format!("{id}.json"));
            if !check {
                write(&path, dashboard, replace)?;
            }
            let panels = dashboard["panels"].as_array().map_or(0, Vec::len);
            line(&format!("{}: {panels} panels", path.display()))?;
            written += 1;
        }
        report(&imported);
    }
    Ok(if written > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(path: &Path, dashboard: &serde_json::Value, replace: bool) -> anyhow::Result<()> {
    if path.exists() && !replace {
        bail!("{} is there already; --replace writes it anew", path.display());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(dashboard)?;
    std::fs::write(path, text + "\n").with_context(|| format!("can't write {}", path.display()))
}

fn report(imported: &Imported) {
    for (name, why) in &imported.left_out {
        note(&format!("left out: {name}: {why}"));
    }
    for (name, what) in &imported.notes {
        note(&format!("note: {name}: {what}"));
    }
}

/// Whether an index pattern means a log that has a table; a pattern over everything does.
fn has_table(index: &str) -> bool {
    let named = |word: &str| !Fields.tables_named(Dialect::OpenSearch, word).is_empty();
    let everything = ["*", "log-*", "logs-*", "log-aws-*", "logs-aws*", "logs*"].contains(&index);
    everything || index.split(',').any(|word| named(word.trim()))
}

/// The first error of a DSL query over our tables.
fn error(query: &str) -> Option<String> {
    let env = Environment {
        schema: &Fields,
        now: chrono::Utc::now().timestamp_micros(),
        earliest: None,
        latest: None,
        macros: &|_, _| None,
        parameters: &|_| None,
        default_table: "cloudtrail",
        timezone: Zone::UTC,
    };
    let found = (front("dsl")?.lower)(query, &env).err()?;
    let error = found.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error)?;
    Some(error.message)
}
