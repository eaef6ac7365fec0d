//! `trailhound verify`: the chain of CloudTrail's digest files, and the log files that they name.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use ingest::verify::{Chain, Checked, Keys, Signatures, Verdict, Verification, verify, verify_lake};

use crate::cli::{Printed, Verify};
use crate::config::Settings;
use crate::keys;
use crate::output::line;
use crate::wiring;

/// Verifies and tells.
pub(crate) async fn run(settings: &Settings, args: Verify) -> anyhow::Result<ExitCode> {
    let mut known = keys::keys(settings, &args.keys)?;
    ensure!(
        !known.is_empty() || settings.integrity.keys_from.is_some(),
        "give --keys with what `aws cloudtrail list-public-keys` printed, or set [integrity] keys or keys_from"
    );
    let mut found = verified(settings, &args, &known).await?;
    if args.keys.is_empty()
        && let Some(more) = keys::fetch(settings, &found.unknown_keys).await?
    {
        known.extend(more);
        found = verified(settings, &args, &known).await?;
    }
    match args.format {
        Printed::Json => line(&serde_json::to_string(&found)?)?,
        Printed::Text => tell(&found)?,
    }
    Ok(if found.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verified(settings: &Settings, args: &Verify, keys: &Keys) -> anyhow::Result<Verification> {
    let Some(path) = &args.path else {
        let lake = wiring::present_lake(settings, &args.lake)?;
        let found = verify_lake(&lake, keys, chrono::Utc::now().timestamp_micros()).await?;
        ensure!(!found.chains.is_empty(), "the lake took no digest files of CloudTrail in (…/CloudTrail-Digest/…)");
        return Ok(found);
    };
    let signatures = match &args.metadata {
        Some(path) => Signatures::parse(&text(path)?, &path.display().to_string())?,
        None => Signatures::default(),
    };
    Ok(verify(path, keys, signatures, &wiring::storage(settings, &args.lake)).await?)
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

fn tell(found: &Verification) -> anyhow::Result<()> {
    for chain in &found.chains {
        tell_chain(chain)?;
    }
    for key in &found.unlisted {
        line(&format!("in no digest: {key}"))?;
    }
    let digests = || found.chains.iter().flat_map(|chain| &chain.digests);
    let valid = digests().filter(|d| d.verdict == Verdict::Valid).count();
    let (logs, proven): (u64, u64) = (digests().map(|d| d.logs).sum(), digests().map(|d| d.logs_valid).sum());
    line(&format!("{valid} of {} digests valid, {proven} of {logs} log files valid", digests().count()))?;
    Ok(())
}

fn tell_chain(chain: &Chain) -> anyhow::Result<()> {
    let kind = if chain.backfill { ", backfill" } else { "" };
    line(&format!(
        "account {}, {}, trail {} (home region {}){kind}",
        chain.account, chain.region, chain.trail, chain.home_region
    ))?;
    for digest in &chain.digests {
        if digest.gap {
            line("  gap: the chain begins anew here; nothing proves what came between")?;
        }
        let span = format!("{} - {}", digest.start, digest.end);
        line(&format!("  {span:43} {}", shown(digest)))?;
        for log in &digest.log_problems {
            line(&format!("    {}: {}", word(&log.verdict), log.object))?;
        }
    }
    Ok(())
}

fn shown(digest: &Checked) -> String {
    match &digest.verdict {
        Verdict::Valid => format!("valid, {} of {} log files valid", digest.logs_valid, digest.logs),
        Verdict::Missing => format!("missing: {}", digest.object),
        Verdict::Invalid(_) | Verdict::Pending(_) => format!("{}: {}", word(&digest.verdict), digest.object),
    }
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Valid => "valid".into(),
        Verdict::Missing => "missing".into(),
        Verdict::Invalid(reason) => format!("invalid ({reason})"),
        Verdict::Pending(reason) => format!("pending ({reason})"),
    }
}
