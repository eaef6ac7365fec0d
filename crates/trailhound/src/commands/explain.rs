//! `trailhound explain`: text to AST to pipeline to plan, without reading anything.

use std::process::ExitCode;

use anyhow::anyhow;
use engine::{Explanation, QueryRequest, Translation};
use lake::{Lake, LakeOptions};
use serde_json::json;

use super::query_text;
use crate::EXIT_INVALID;
use crate::cli::{Explain, ReportFormat};
use crate::config::Settings;
use crate::output::{diagnostics, line, note, query_failed};
use crate::wiring;

/// Explains the query against an empty lake: names and types do not depend on what is stored.
pub(crate) async fn run(settings: &Settings, args: Explain) -> anyhow::Result<ExitCode> {
    let settings = &settings.with(&args.knowledge);
    let text = query_text(&args.query, &args.lang)?;
    let lang = args.lang.parse().map_err(|e: String| anyhow!(e))?;
    let place = tempfile::tempdir()?;
    let lake = Lake::open(&place.path().to_string_lossy(), LakeOptions::default())?;
    let none = crate::cli::GeoArgs { geoip_city: Vec::new(), geoip_asn: Vec::new() };
    let engine = wiring::engine(settings, lake, &wiring::enricher(settings, &none))?;
    let mut request = QueryRequest::new(lang, &text);
    request.to = args.to.as_ref().map(|to| to.parse().map_err(|e: String| anyhow!(e))).transpose()?;
    match engine.explain(request).await {
        Ok(found) => match &found.translation {
            Some(translation) if args.format == ReportFormat::Text => translated(translation),
            _ => shown(&text, &found, args.format),
        },
        Err(error) if args.format == ReportFormat::Json => {
            line(&json!({"error": error.message, "diagnostics": error.diagnostics}).to_string())?;
            Ok(ExitCode::from(EXIT_INVALID))
        }
        Err(error) => {
            query_failed(&text, &error);
            Ok(ExitCode::from(EXIT_INVALID))
        }
    }
}

/// The text alone, so that it can be piped; in what it differs goes to standard error. Exits with 2 where there is none.
fn translated(found: &Translation) -> anyhow::Result<ExitCode> {
    for text in &found.notes {
        note(&format!("note: {text}"));
    }
    match (&found.text, &found.reason) {
        (Some(text), _) => {
            line(text)?;
            Ok(ExitCode::SUCCESS)
        }
        (None, reason) => {
            let reason = reason.as_deref().unwrap_or("it has no counterpart");
            note(&format!("error: not in {}: {reason}", found.language.as_str()));
            Ok(ExitCode::from(EXIT_INVALID))
        }
    }
}

fn shown(text: &str, found: &Explanation, format: ReportFormat) -> anyhow::Result<ExitCode> {
    if format == ReportFormat::Json {
        line(&serde_json::to_string(found)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    diagnostics(text, &found.diagnostics);
    line(&format!("language: {}", found.language.as_str()))?;
    if !found.ast.is_null() {
        line(&format!("\nast:\n{}", serde_json::to_string_pretty(&found.ast)?))?;
    }
    line(&format!("\npipeline:\n{}\n\nplan:\n{}", found.ir, found.plan))?;
    Ok(ExitCode::SUCCESS)
}
