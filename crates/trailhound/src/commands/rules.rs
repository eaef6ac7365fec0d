//! `trailhound rules`: which rules there are.

use std::process::ExitCode;

use detect::rule::{Entry, Loaded};
use serde_json::{Value, json};

use crate::cli::{ListFormat, Rules, RulesAction};
use crate::config::Settings;
use crate::detection;
use crate::output::{Table, line, note};

/// Runs the subcommand.
pub(crate) async fn run(settings: &Settings, args: Rules) -> anyhow::Result<ExitCode> {
    match args.action {
        RulesAction::Replay(args) => super::rules_replay::run(settings, &args).await,
        RulesAction::Test(args) => super::rules_test::run(settings, &args).await,
        RulesAction::List(args) => {
            let loaded = detection::rules(settings, &args.rules)?;
            match args.format {
                ListFormat::Table => table(&loaded)?,
                ListFormat::Json => {
                    for entry in &loaded.rules {
                        line(&object(entry)?.to_string())?;
                    }
                }
            }
            Ok(if problems(&loaded) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

/// Says what is wrong with the files; true where a rule is missing for it.
pub(super) fn problems(loaded: &Loaded) -> bool {
    for problem in &loaded.problems {
        let kind = if problem.is_error() { "left out: " } else { "" };
        let found = &problem.diagnostic;
        let help = found.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
        note(&format!("{}:{}: {kind}{} [{}]{help}", problem.file, problem.line(), found.message, found.code));
    }
    loaded.problems.iter().any(detect::rule::Problem::is_error)
}

fn table(loaded: &Loaded) -> anyhow::Result<()> {
    let names = ["id", "severity", "mode", "logs", "on", "attack", "title"];
    let mut table = Table::new(std::io::stdout().lock(), names.map(str::to_owned).to_vec());
    let rows = loaded.rules.iter().map(|entry| {
        let rule = &entry.rule;
        let on = if rule.enabled { "yes" } else { "no" };
        let cells = [
            rule.id.as_str(),
            rule.severity.as_str(),
            rule.mode.name(),
            &rule.logs.join(","),
            on,
            &rule.attack.join(","),
            &rule.title.en,
        ];
        cells.map(|cell| Some(cell.to_owned())).to_vec()
    });
    table.rows(rows.collect())?;
    table.finish()?;
    Ok(())
}

/// A rule with where it came from.
fn object(entry: &Entry) -> anyhow::Result<Value> {
    let mut object = serde_json::to_value(&entry.rule)?;
    object["builtin"] = json!(entry.builtin);
    object["file"] = json!(entry.file);
    Ok(object)
}
