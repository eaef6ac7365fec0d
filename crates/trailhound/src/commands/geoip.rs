//! `trailhound geoip`: the files that enrichment reads, fetched once or kept fresh by a server. Nothing is asked of the
//! internet unless the settings name an account, a list's address, or `update`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use chrono::DateTime;
use enrich::GeoDb;
use ingest::refresh::{AWS_RANGES, Account, MAXMIND, RefreshError, Refreshed, Refresher, pause};
use ingest::sources::{Expected, Meter, Registry};

use crate::cli::{Geoip, GeoipAction};
use crate::config::{ASN, CITY, Settings};
use crate::output::{line, note};
use crate::wiring::{self, Current};

/// Longest wait for one file.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Fetches, or tells what there is.
pub(crate) async fn run(settings: &Settings, args: Geoip) -> anyhow::Result<ExitCode> {
    match args.action {
        GeoipAction::Update => update(settings).await,
        GeoipAction::Status { geo } => {
            let enricher = wiring::enricher(settings, &geo);
            for file in enricher.geo().map(GeoDb::files).unwrap_or_default() {
                let built = DateTime::from_timestamp(file.build_epoch.try_into().unwrap_or_default(), 0);
                let built = built.map(|date| date.format("%Y-%m-%d").to_string()).unwrap_or_default();
                line(&format!("{}: {}, built {built}", file.name, file.kind))?;
            }
            let ranges = enricher.aws_ranges();
            if !ranges.is_empty() {
                line(&format!("AWS ranges: {} of {}", ranges.len(), ranges.created()))?;
            }
            for list in enricher.lists() {
                line(&format!("list {}: {} entries", list.name(), list.len()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn update(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for (what, done) in refresh(settings).await? {
        match done {
            Ok(Refreshed::Updated) => line(&format!("{what}: updated"))?,
            Ok(Refreshed::Current) => line(&format!("{what}: up to date"))?,
            Err(error) => {
                note(&format!("trailhound: {what}: {error}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    if account(settings).is_none() {
        note(
            "GeoLite2 is not fetched: set account_id and license_key under [geoip]; the account is free at maxmind.com",
        );
    }
    Ok(code)
}

fn account(settings: &Settings) -> Option<Account> {
    let geoip = &settings.geoip;
    let endpoint = geoip.endpoint_url.clone().unwrap_or_else(|| MAXMIND.to_owned());
    Some(Account { endpoint, id: geoip.account_id.clone()?, key: geoip.license_key.clone()? })
}

type Outcome = (String, Result<Refreshed, RefreshError>);

/// Refreshes every file that the settings name a source for.
async fn refresh(settings: &Settings) -> Result<Vec<Outcome>, RefreshError> {
    let refresher = Refresher::new(TIMEOUT)?;
    let mut outcomes = Vec::new();
    if let Some(account) = account(settings) {
        for edition in [CITY, ASN] {
            let done = refresher.maxmind(&account, edition, &settings.geoip.edition(edition)).await;
            outcomes.push((edition.to_owned(), done));
        }
    }
    let ranges = settings.geoip.aws_ranges_url.as_deref().unwrap_or(AWS_RANGES);
    outcomes.push(("AWS ranges".to_owned(), refresher.aws_ranges(ranges, &settings.geoip.ranges()).await));
    for list in &settings.list {
        if let Some(url) = &list.url {
            outcomes.push((format!("list {}", list.name), refresher.list(url, &list.path).await));
        }
    }
    Ok(outcomes)
}

/// Keeps the files of a server fresh, where the settings ask for it. What fails is logged and tried again later; the files
/// that are there stay in use.
pub(crate) async fn background(settings: Settings, current: Current, registry: Registry) {
    if !settings.geoip.update {
        return;
    }
    let mut failures = 0;
    let mut meters: BTreeMap<String, Meter> = BTreeMap::new();
    loop {
        let mut last = None;
        match refresh(&settings).await {
            Ok(outcomes) => {
                let newer = outcomes.iter().any(|(_, done)| matches!(done, Ok(Refreshed::Updated)));
                for (what, done) in outcomes {
                    let meter = || registry.meter(&what, "refresh", Expected::default());
                    let meter = meters.entry(what.clone()).or_insert_with(meter);
                    meter.well(true);
                    if let Err(error) = done {
                        meter.failed(&error.to_string());
                        tracing::warn!(file = what, %error, "not refreshed; the file that is there stays in use");
                        last = Some(error);
                    }
                }
                if newer {
                    reload(&settings, &current).await;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the files of enrichment can't be refreshed");
                last = Some(error);
            }
        }
        tokio::time::sleep(pause(failures, last.as_ref())).await;
        failures = if last.is_some() { failures + 1 } else { 0 };
    }
}

async fn reload(settings: &Settings, current: &Current) {
    let settings = settings.clone();
    let flags = crate::cli::GeoArgs { geoip_city: Vec::new(), geoip_asn: Vec::new() };
    match tokio::task::spawn_blocking(move || wiring::enricher(&settings, &flags)).await {
        Ok(enricher) => {
            current.set(enricher);
            tracing::info!("newer files of enrichment are in use");
        }
        Err(error) => tracing::warn!(%error, "newer files of enrichment can't be opened"),
    }
}
