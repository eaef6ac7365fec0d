//! `trailhound rules test`: the tests in rule files, through the real decoder, enricher and matcher.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use detect::Rule;
use detect::rule::{Entry, Loaded};
use detect::testing::{Outcome, Tester, Wanted};
use engine::matching::Matching;
use engine::{Engine, EngineOptions, Language, QueryRequest};
use enrich::Enricher;
use event::Decoded;
use futures::StreamExt;
use lake::{Commit, Lake, LakeOptions};

use super::rules::problems;
use crate::cli::{ListFormat, RulesTest};
use crate::config::Settings;
use crate::detection;
use crate::output::{line, note};

/// Runs the tests of all rules, or of those at the paths.
pub(crate) async fn run(settings: &Settings, args: &RulesTest) -> anyhow::Result<ExitCode> {
    let loaded =
        if args.paths.is_empty() { detection::rules(settings, &[])? } else { detection::rules_at(&args.paths)? };
    let mut failed = problems(&loaded);
    let outcomes = tokio::task::block_in_place(|| outcomes(&loaded));
    for (entry, outcomes) in loaded.rules.iter().zip(&outcomes) {
        for outcome in outcomes {
            match args.format {
                ListFormat::Json => line(&serde_json::to_string(outcome)?)?,
                ListFormat::Table if !outcome.passed => note(&described(entry, outcome)),
                ListFormat::Table => {}
            }
            failed |= !outcome.passed;
        }
    }
    let all = || outcomes.iter().flatten();
    let (tests, passed) = (all().count(), all().filter(|outcome| outcome.passed).count());
    let untested = outcomes.iter().filter(|outcomes| outcomes.is_empty()).count();
    let summary = format!(
        "{} rules, {passed} of {tests} tests passed{}",
        loaded.rules.len(),
        if untested > 0 { format!(", {untested} rules have none") } else { String::new() }
    );
    match args.format {
        ListFormat::Table => line(&summary)?,
        ListFormat::Json => note(&summary),
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The outcome of every rule's tests, rule by rule. Locations come from the tests: databases are the user's own.
fn outcomes(loaded: &Loaded) -> Vec<Vec<Outcome>> {
    let enricher = Enricher::new(None);
    let enrich = |log_type, batch| enricher.enrich_as(log_type, batch).map_err(|error| error.to_string());
    let scheduled = |rule: &Rule, events: Vec<Decoded>| {
        let handle = tokio::runtime::Handle::current();
        handle.block_on(has_rows(rule, events)).map_err(|error| format!("{error:#}"))
    };
    let matching = Matching::new(None, chrono::Utc::now().timestamp_micros());
    let mut tester = Tester::new(&matching, &enrich, Some(&scheduled));
    loaded.rules.iter().map(|entry| tester.run(&Arc::new(entry.rule.clone()))).collect()
}

/// Whether a scheduled rule's query finds anything in a table of these events.
pub(crate) async fn has_rows(rule: &Rule, events: Vec<Decoded>) -> anyhow::Result<bool> {
    let place = tempfile::tempdir().context("no temporary folder")?;
    let lake = Lake::open(&place.path().to_string_lossy(), LakeOptions::default())?;
    for Decoded { log_type, batch } in events {
        lake.append(log_type.id, vec![batch], Commit::default()).await?;
    }
    let options = EngineOptions { threads: 1, ..EngineOptions::default() };
    let engine = Engine::new(lake, options).map_err(|error| anyhow::anyhow!(error.message))?;
    let query = rule.query.as_ref().context("a scheduled rule has a query")?;
    let language: Language = query.lang.parse().map_err(|error: String| anyhow::anyhow!(error))?;
    let answer = engine.query(QueryRequest::new(language, query.text.clone())).await;
    let mut answer = answer.map_err(|error| anyhow::anyhow!(error.message))?;
    while let Some(batch) = answer.batches.next().await {
        if batch.map_err(|error| anyhow::anyhow!(error.message))?.num_rows() > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn described(entry: &Entry, outcome: &Outcome) -> String {
    let at = outcome.span.start.min(entry.text.len());
    let number = entry.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let kind = if outcome.wanted == Wanted::Match { "match" } else { "no_match" };
    let reason = outcome.reason.as_deref().unwrap_or_default();
    format!("{}:{number}: {} {kind} {}: {reason}", entry.file, outcome.rule, outcome.number)
}
