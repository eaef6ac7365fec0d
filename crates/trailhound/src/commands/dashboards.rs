//! `trailhound dashboards`: which there are, what is in them, whether they are good, and files to and from elsewhere.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use engine::Engine;
use lake::{Lake, LakeOptions};
use serve::dashboards::{Dashboards as Store, Refusal, Seen, Stored, check, from_opensearch, text_of};
use serve::wire::{DashboardFile, DashboardProblem, ImportNote, ImportedDashboards};

use crate::EXIT_INVALID;
use crate::cli::{Dashboards, DashboardsAction, DashboardsFolder, ListFormat};
use crate::config::Settings;
use crate::output::{Table, line, note};
use crate::wiring;

/// Runs the subcommand.
pub(crate) async fn run(settings: &Settings, args: Dashboards) -> anyhow::Result<ExitCode> {
    let open = |folder: &DashboardsFolder| -> anyhow::Result<(PathBuf, Store)> {
        let folder = settings.dashboards(folder.dashboards.as_deref());
        Ok((folder.clone(), Store::open(Some(folder))?))
    };
    match args.action {
        DashboardsAction::List { folder, format } => list(&open(&folder)?.1, format),
        DashboardsAction::Show { folder, id } => show(&open(&folder)?.1, &id),
        DashboardsAction::Export { folder, out, ids } => export(&open(&folder)?.1, out.as_deref(), &ids),
        DashboardsAction::Check { folder, files } => {
            let (folder, store) = open(&folder)?;
            checked(settings, &store, if files.is_empty() { own(&folder)? } else { files }).await
        }
        DashboardsAction::Import { folder, check, replace, files } => {
            let (folder, store) = open(&folder)?;
            import(&store, &folder, &files, check, replace)
        }
    }
}

fn list(store: &Store, format: ListFormat) -> anyhow::Result<ExitCode> {
    let all = store.list();
    if format == ListFormat::Json {
        for summary in &all {
            line(&serde_json::to_string(summary)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let names = ["id", "order", "built in", "title"].map(str::to_owned).to_vec();
    let mut table = Table::new(std::io::stdout().lock(), names);
    let rows = all.into_iter().map(|summary| {
        let builtin = if summary.builtin { "yes" } else { "no" };
        [summary.id, summary.order.to_string(), builtin.to_owned(), summary.title.en].map(Some).to_vec()
    });
    table.rows(rows.collect())?;
    table.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn show(store: &Store, id: &str) -> anyhow::Result<ExitCode> {
    let file: DashboardFile = serde_json::from_str(&stored(store, id)?.json)?;
    line(&format!("{}\n{}", file.title.whole().en, file.description.whole().en))?;
    for panel in &file.panels {
        let chart = serde_json::to_value(panel.chart)?;
        let chart = chart.as_str().unwrap_or_default();
        line(&format!(
            "\n{} ({chart}, {})\n  {}",
            panel.title.whole().en,
            panel.lang,
            panel.query.replace('\n', "\n  ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn stored(store: &Store, id: &str) -> anyhow::Result<Stored> {
    store.read(id).ok_or_else(|| anyhow!("there is no dashboard `{id}`"))
}

fn export(store: &Store, out: Option<&Path>, ids: &[String]) -> anyhow::Result<ExitCode> {
    let Some(out) = out else {
        let [id] = ids else { bail!("several dashboards need a folder: --out DIR") };
        line(stored(store, id)?.json.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(out).with_context(|| format!("can't make {}", out.display()))?;
    for id in ids {
        let path = out.join(format!("{id}.json"));
        let text = stored(store, id)?.json;
        std::fs::write(&path, text.as_bytes()).with_context(|| format!("can't write {}", path.display()))?;
        line(&path.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of the user's own dashboards.
fn own(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

async fn checked(settings: &Settings, store: &Store, files: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let place = tempfile::tempdir()?;
    let engine = engine(settings, place.path())?;
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        anyhow::Ok((path.clone(), serde_json::from_str::<DashboardFile>(&text)))
    };
    let files = files.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    // Files that are checked together may lead to each other.
    let mut known: Vec<String> = store.list().into_iter().map(|summary| summary.id).collect();
    known.extend(files.iter().filter_map(|(_, file)| Some(file.as_ref().ok()?.id.clone())));
    let mut good = true;
    for (path, file) in files {
        let path = path.display();
        match file {
            Ok(file) => {
                let now = chrono::Utc::now().timestamp_micros();
                let problems = check(&file, &known, &engine, now).await.map_err(|error| anyhow!(error.message))?;
                problems.iter().for_each(|problem| tell(&path.to_string(), problem));
                good &= problems.is_empty();
                if problems.is_empty() {
                    line(&format!("{path}: {} panels, good", file.panels.len()))?;
                }
            }
            Err(error) => {
                note(&format!("{path}: {error}"));
                good = false;
            }
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INVALID) })
}

/// Names and types do not depend on what is stored: queries are planned over an empty lake.
fn engine(settings: &Settings, place: &Path) -> anyhow::Result<Engine> {
    let lake = Lake::open(&place.to_string_lossy(), LakeOptions::default())?;
    let none = crate::cli::GeoArgs { geoip_city: Vec::new(), geoip_asn: Vec::new() };
    wiring::engine(settings, lake, &wiring::enricher(settings, &none))
}

fn tell(path: &str, problem: &DashboardProblem) {
    note(&format!("{path}: {}: {} [{}]", problem.at, problem.message, problem.code));
    for found in &problem.diagnostics {
        let help = found.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
        note(&format!("  at byte {}: {} [{}]{help}", found.span.start, found.message, found.code));
    }
}

fn import(store: &Store, folder: &Path, files: &[PathBuf], check: bool, replace: bool) -> anyhow::Result<ExitCode> {
    let mut written = 0;
    for file in files {
        let imported = read(file)?;
        for dashboard in &imported.dashboards {
            let path = folder.join(format!("{}.json", dashboard.id));
            if !check {
                write(store, dashboard, &path, replace)?;
            }
            line(&format!("{}: {} panels", path.display(), dashboard.panels.len()))?;
            written += 1;
        }
        report("left out", &imported.left_out);
        report("note", &imported.notes);
    }
    Ok(if written > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A dashboard of ours, or what an export comes to.
fn read(file: &Path) -> anyhow::Result<ImportedDashboards> {
    let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let value = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    if value["panels"].is_array() && value["id"].is_string() {
        let dashboard = serde_json::from_str(&text).with_context(|| format!("{} is no dashboard", file.display()))?;
        return Ok(ImportedDashboards { dashboards: vec![dashboard], left_out: Vec::new(), notes: Vec::new() });
    }
    let stem = file.file_stem().map_or("imported".into(), |stem| stem.to_string_lossy().into_owned());
    Ok(from_opensearch(&text, &stem))
}

fn write(store: &Store, dashboard: &DashboardFile, path: &Path, replace: bool) -> anyhow::Result<()> {
    let there = || anyhow!("{} is there already; --replace writes it anew", path.display());
    match store.create(dashboard) {
        Err(Refusal::Exists(_)) if store.is_builtin(&dashboard.id) => {
            Err(Refusal::Builtin(dashboard.id.clone()).into())
        }
        Err(Refusal::Exists(_)) if !replace => Err(there()),
        // A file of that name that is no dashboard is not found, and made anew all the same.
        Err(Refusal::Exists(_)) => match store.replace(dashboard, &Seen::Any) {
            Err(Refusal::Missing) => Ok(std::fs::write(path, text_of(dashboard)?)?),
            other => Ok(other.map(drop)?),
        },
        other => Ok(other.map(drop)?),
    }
}

fn report(kind: &str, notes: &[ImportNote]) {
    for ImportNote { name, note: text } in notes {
        note(&format!("{kind}: {name}: {text}"));
    }
}
