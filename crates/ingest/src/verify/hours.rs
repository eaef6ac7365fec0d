//! The verdicts by hour: what a person looks at.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use super::{Chain, Checked, Verdict, Verification};

/// How an hour fared; the worst of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HourVerdict {
    /// Every digest and every log file is as delivered.
    Valid,
    /// Something may still come.
    Pending,
    /// The chain begins anew: nothing proves what came before.
    Gap,
    /// A digest or a log file is not there.
    Missing,
    /// Something was changed, or can't be proven.
    Invalid,
}

/// An hour of a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// Its beginning, ISO 8601.
    pub hour: String,
    /// How it fared.
    pub verdict: HourVerdict,
    /// Log files that the digests of the hour name.
    pub files: u64,
    /// What is wrong, the first of it.
    pub detail: Option<String>,
}

/// The hours of a trail in a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trail {
    /// The trail's name.
    pub trail: String,
    /// The account.
    pub account: String,
    /// The region whose events it holds.
    pub region: String,
    /// The chain of digests that were made afterwards.
    pub backfill: bool,
    /// Its hours, oldest first.
    pub hours: Vec<Hour>,
}

const HOUR: i64 = 3_600 * 1_000_000;
/// Hours of one digest: a chain that rested says nothing of a year hour by hour.
const MOST: i64 = 24 * 31;

/// The hours of every chain from `since` until `until` (microseconds since 1970-01-01, UTC), chains without any left out.
#[must_use]
pub fn hours(found: &Verification, since: Option<i64>, until: Option<i64>) -> Vec<Trail> {
    let mut trails = Vec::new();
    for chain in &found.chains {
        let mut by_hour = BTreeMap::new();
        of_chain(chain, &mut by_hour);
        pending(found, chain, &mut by_hour);
        let within =
            |hour: i64| since.is_none_or(|since| hour + HOUR > since) && until.is_none_or(|until| hour < until);
        let hours: Vec<Hour> =
            by_hour.into_iter().filter(|(hour, _)| within(*hour)).map(|(at, sum)| sum.hour(at)).collect();
        if !hours.is_empty() {
            let (trail, account, region) = (chain.trail.clone(), chain.account.clone(), chain.region.clone());
            trails.push(Trail { trail, account, region, backfill: chain.backfill, hours });
        }
    }
    trails
}

#[derive(Default)]
struct Sum {
    verdict: Option<HourVerdict>,
    files: u64,
    detail: Option<String>,
}

impl Sum {
    fn add(&mut self, verdict: HourVerdict, detail: Option<String>) {
        if self.verdict.is_none_or(|known| known < verdict) {
            (self.verdict, self.detail) = (Some(verdict), detail);
        }
    }

    fn hour(self, at: i64) -> Hour {
        let hour = DateTime::from_timestamp_micros(at).unwrap_or_default();
        Hour {
            hour: hour.to_rfc3339_opts(SecondsFormat::Secs, true),
            verdict: self.verdict.unwrap_or(HourVerdict::Valid),
            files: self.files,
            detail: self.detail,
        }
    }
}

fn of_chain(chain: &Chain, by_hour: &mut BTreeMap<i64, Sum>) {
    let mut before: Option<i64> = None;
    for digest in &chain.digests {
        let Some(end) = event::time::parse(&digest.end) else { continue };
        let start = event::time::parse(&digest.start).unwrap_or(end - 1);
        if digest.gap {
            let text = "the chain begins anew here; nothing proves what came between".to_owned();
            for hour in span(before.unwrap_or(start), start + 1) {
                by_hour.entry(hour).or_default().add(HourVerdict::Gap, Some(text.clone()));
            }
        }
        let (verdict, detail) = verdict(digest);
        for hour in span(start, end) {
            by_hour.entry(hour).or_default().add(verdict, detail.clone());
        }
        if let Some(last) = span(start, end).last() {
            by_hour.entry(last).or_default().files += digest.logs;
        }
        before = Some(end);
    }
}

/// The beginnings of the hours that overlap `[start, end)`.
fn span(start: i64, end: i64) -> impl Iterator<Item = i64> {
    let first = start.div_euclid(HOUR);
    let last = (end - 1).div_euclid(HOUR).max(first);
    (first.max(last - MOST)..=last).map(|hour| hour * HOUR)
}

fn of(verdict: &Verdict) -> (HourVerdict, &str) {
    match verdict {
        Verdict::Valid => (HourVerdict::Valid, ""),
        Verdict::Invalid(reason) => (HourVerdict::Invalid, reason),
        Verdict::Missing => (HourVerdict::Missing, "it is missing"),
        Verdict::Pending(reason) => (HourVerdict::Pending, reason),
    }
}

/// The worst of a digest and of the log files that it names.
fn verdict(digest: &Checked) -> (HourVerdict, Option<String>) {
    let all = std::iter::once((&digest.object, &digest.verdict))
        .chain(digest.log_problems.iter().map(|problem| (&problem.object, &problem.verdict)));
    let worst = all.map(|(object, verdict)| (of(verdict), object)).max_by_key(|((verdict, _), _)| *verdict);
    match worst {
        Some(((verdict, reason), object)) if verdict != HourVerdict::Valid => {
            (verdict, Some(format!("{object}: {reason}")))
        }
        _ => (HourVerdict::Valid, None),
    }
}

/// Log files that came after the last digest wait for the next one.
fn pending(found: &Verification, chain: &Chain, by_hour: &mut BTreeMap<i64, Sum>) {
    let last = chain.digests.iter().filter_map(|digest| event::time::parse(&digest.end)).max();
    let (Some(last), false) = (last, chain.backfill) else { return };
    for key in &found.later {
        let mut parts = key.rsplit('/').next().unwrap_or(key).split('_');
        let (account, region) = (parts.next(), parts.nth(1));
        if account != Some(chain.account.as_str()) || region != Some(chain.region.as_str()) {
            continue;
        }
        let time = parts.next().and_then(|time| event::time::parse(&format!("{}00Z", time.trim_end_matches('Z'))));
        if let Some(time) = time.filter(|time| *time >= last) {
            let sum = by_hour.entry(time.div_euclid(HOUR) * HOUR).or_default();
            sum.files += 1;
            sum.add(HourVerdict::Pending, Some("its digest has not come yet".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(start: &str, end: &str, verdict: Verdict, gap: bool) -> Checked {
        Checked {
            object: end.to_owned(),
            start: start.to_owned(),
            end: end.to_owned(),
            verdict,
            gap,
            logs: 2,
            logs_valid: 2,
            log_problems: Vec::new(),
        }
    }

    #[test]
    fn an_hour_is_as_bad_as_its_worst_part() {
        let mut missing = digest("2023-07-10T13:00:00Z", "2023-07-10T14:00:00Z", Verdict::Valid, false);
        missing.log_problems.push(super::super::LogProblem { object: "log".into(), verdict: Verdict::Missing });
        let chain = Chain {
            account: "1".into(),
            region: "eu-west-1".into(),
            trail: "t".into(),
            home_region: "eu-west-1".into(),
            backfill: false,
            digests: vec![
                digest("2023-07-10T10:00:00Z", "2023-07-10T10:30:00Z", Verdict::Valid, false),
                digest("2023-07-10T10:30:00Z", "2023-07-10T11:00:00Z", Verdict::Invalid("x".into()), false),
                digest("", "2023-07-10T12:00:00Z", Verdict::Missing, false),
                missing,
                digest("2023-07-10T16:00:00Z", "2023-07-10T17:00:00Z", Verdict::Valid, true),
            ],
        };
        let later = vec!["a/1_CloudTrail_eu-west-1_20230710T1705Z_x.json.gz".to_owned()];
        let found = Verification { chains: vec![chain], unlisted: Vec::new(), later, unknown_keys: Vec::new() };
        let trails = hours(&found, None, None);
        let got: Vec<(&str, HourVerdict, u64)> =
            trails[0].hours.iter().map(|h| (&h.hour[11..13], h.verdict, h.files)).collect();
        use HourVerdict::{Gap, Invalid, Missing, Pending};
        let wanted = [
            ("10", Invalid, 4),
            ("11", Missing, 2),
            ("13", Missing, 2),
            ("14", Gap, 0),
            ("15", Gap, 0),
            ("16", Gap, 2),
            ("17", Pending, 1),
        ];
        assert_eq!(got, wanted);
        let since = event::time::parse("2023-07-10T16:30:00Z");
        assert_eq!(hours(&found, since, None)[0].hours.len(), 2);
        assert!(hours(&found, None, Some(0)).is_empty());
    }
}
