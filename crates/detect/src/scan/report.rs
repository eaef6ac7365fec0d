//! The report of a scan, as it is given to programs. Times are RFC 3339, UTC.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::actors::Named;
use super::alerts::Gathered;
use super::{Scan, actors};
use crate::attack::Attack;
use crate::finding::{Evidence, GroupValue};
use crate::rule::{Rule, Severity, Text};

/// Slices of a time line.
const SLICES: i64 = 96;

/// What was read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Logs {
    /// Where.
    pub paths: Vec<String>,
    /// Objects that held records.
    pub objects: u64,
    /// Records.
    pub events: u64,
    /// Records by log type.
    pub by_type: BTreeMap<String, u64>,
    /// Time of the first event.
    pub first: Option<String>,
    /// Time of the last event.
    pub last: Option<String>,
    /// What could not be read, the first of it.
    pub unread: Vec<Unread>,
}

/// Something that could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct Unread {
    /// The object.
    pub origin: String,
    /// Why.
    pub message: String,
}

/// An alert.
#[derive(Debug, Clone, Serialize)]
pub struct Alert {
    /// The rule.
    pub rule: String,
    /// What it is called.
    pub title: Text,
    /// What the rule sees, and why that matters.
    pub description: Text,
    /// What to do first.
    pub advice: Text,
    /// How bad it is.
    pub severity: Severity,
    /// ATT&CK.
    pub attack: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// What its findings share.
    pub group: Vec<GroupValue>,
    /// How many findings there are.
    pub findings: u64,
    /// Time of its first event.
    pub first: String,
    /// Time of its last event.
    pub last: String,
    /// Who, the first of them.
    pub actors: Vec<String>,
    /// In which accounts.
    pub accounts: Vec<String>,
    /// In which regions.
    pub regions: Vec<String>,
    /// From where.
    pub addresses: Vec<String>,
    /// From which countries, by ISO code.
    pub countries: Vec<String>,
    /// The first and the last events, by time; times in microseconds.
    pub evidence: Vec<Evidence>,
}

/// Somebody that something was found on.
#[derive(Debug, Clone, Serialize)]
pub struct Actor {
    /// The name.
    pub name: String,
    /// The worst that was found.
    pub severity: Severity,
    /// Findings.
    pub findings: u64,
    /// All events in the logs.
    pub events: u64,
    /// Of them, those that failed.
    pub failures: u64,
    /// Time of the first event in the logs.
    pub first: Option<String>,
    /// Time of the last one.
    pub last: Option<String>,
    /// Findings by rule.
    pub rules: BTreeMap<String, u64>,
    /// Accounts in which something was found.
    pub accounts: Vec<String>,
    /// From who it is to the identity that called.
    pub chains: Vec<Vec<Named>>,
    /// Where the findings came from.
    pub addresses: Vec<Address>,
}

/// An address that findings came from.
#[derive(Debug, Clone, Serialize)]
pub struct Address {
    /// The address.
    pub address: String,
    /// Its country, by ISO code.
    pub country: Option<String>,
    /// Whose network it is.
    pub network: Option<String>,
    /// Findings.
    pub findings: u64,
    /// Who used it.
    pub actors: Vec<String>,
}

/// A rule with findings.
#[derive(Debug, Clone, Serialize)]
pub struct RuleHits {
    /// The rule.
    pub rule: String,
    /// What it is called.
    pub title: Text,
    /// How bad it is.
    pub severity: Severity,
    /// Findings.
    pub findings: u64,
    /// Alerts.
    pub alerts: u64,
}

/// A technique of ATT&CK with findings.
#[derive(Debug, Clone, Serialize)]
pub struct Technique {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The tactics that it serves, by id and name.
    pub tactics: Vec<(String, Text)>,
    /// The rules that found it.
    pub rules: Vec<String>,
    /// Findings.
    pub findings: u64,
}

/// Findings of a span of time.
#[derive(Debug, Clone, Serialize)]
pub struct Slice {
    /// When it begins.
    pub at: String,
    /// Findings by severity.
    pub findings: BTreeMap<&'static str, u64>,
}

/// What a scan came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of this form.
    pub version: u32,
    /// The program's version.
    pub trailhound: &'static str,
    /// When it was made.
    pub made_at: String,
    /// What was read.
    pub logs: Logs,
    /// Rules that ran.
    pub rules_run: usize,
    /// Rules that did not, with the reason.
    pub rules_left_out: BTreeMap<String, String>,
    /// Findings.
    pub findings: u64,
    /// Findings that belong to none of the alerts below: there were too many.
    pub findings_beyond: u64,
    /// Alerts by severity.
    pub by_severity: BTreeMap<&'static str, u64>,
    /// Alerts, the worst first, then by time.
    pub alerts: Vec<Alert>,
    /// Who is behind them, the worst first.
    pub actors: Vec<Actor>,
    /// From where, most findings first.
    pub addresses: Vec<Address>,
    /// By rule, the worst first.
    pub rules: Vec<RuleHits>,
    /// By technique.
    pub attack: Vec<Technique>,
    /// Seconds of each slice of the time line.
    pub slice_seconds: i64,
    /// The time line.
    pub timeline: Vec<Slice>,
}

/// Microseconds as RFC 3339.
pub(super) fn time(micros: i64) -> String {
    let at = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Scan {
    /// The report. `logs` says what was read and what could not be; the rest is known here. `left_out` names the rules that
    /// did not run, with the reason.
    #[must_use]
    pub fn report(
        &self,
        logs: Logs,
        left_out: BTreeMap<String, String>,
        attack: &Attack,
        now: DateTime<Utc>,
    ) -> Report {
        let alerts = self.sorted_alerts();
        let mut by_severity: BTreeMap<&'static str, u64> =
            Severity::ALL.iter().map(|severity| (severity.as_str(), 0)).collect();
        for alert in &alerts {
            *by_severity.entry(alert.severity.as_str()).or_default() += 1;
        }
        let (width, slices) = self.timeline.slices(SLICES);
        Report {
            version: 1,
            trailhound: env!("CARGO_PKG_VERSION"),
            made_at: now.to_rfc3339_opts(SecondsFormat::Secs, true),
            logs: Logs {
                events: self.rows.values().sum(),
                by_type: self.rows.iter().map(|(id, rows)| ((*id).to_owned(), *rows)).collect(),
                first: self.first.map(time),
                last: self.last.map(time),
                ..logs
            },
            rules_run: self.rules.len(),
            rules_left_out: left_out,
            findings: self.hits.values().sum(),
            findings_beyond: self.beyond,
            by_severity,
            actors: self.sorted_actors(),
            addresses: self.sorted_addresses(),
            rules: self.sorted_rules(&alerts),
            attack: self.techniques(attack),
            slice_seconds: width / 1_000_000,
            timeline: slices.into_iter().map(slice).collect(),
            alerts,
        }
    }

    fn sorted_alerts(&self) -> Vec<Alert> {
        let mut gathered: Vec<(&Rule, &Gathered)> =
            self.alerts.values().filter_map(|alert| Some((self.rules.get(&alert.rule)?, alert))).collect();
        gathered.sort_by(|(rule, alert), (other_rule, other)| {
            let by = other_rule.severity.cmp(&rule.severity).then(alert.first.cmp(&other.first));
            let values = |alert: &Gathered| alert.group.iter().map(|part| part.value.clone()).collect::<Vec<_>>();
            by.then_with(|| rule.id.cmp(&other_rule.id)).then_with(|| values(alert).cmp(&values(other)))
        });
        gathered.into_iter().map(|(rule, gathered)| alert(rule, gathered)).collect()
    }

    fn sorted_actors(&self) -> Vec<Actor> {
        let mut actors: Vec<Actor> =
            self.actors.accused.iter().map(|(name, accused)| self.actor(name, accused)).collect();
        actors.sort_by(|a, b| {
            b.severity.cmp(&a.severity).then(b.rules.len().cmp(&a.rules.len())).then(b.findings.cmp(&a.findings))
        });
        actors
    }

    fn actor(&self, name: &str, accused: &actors::Accused) -> Actor {
        let activity = self.actors.all.get(name);
        let mut addresses: Vec<Address> =
            accused.addresses.iter().map(|(address, from)| place(address, from, Vec::new())).collect();
        addresses.sort_by_key(|address| std::cmp::Reverse(address.findings));
        Actor {
            name: name.to_owned(),
            severity: accused.severity,
            findings: accused.findings,
            events: activity.map_or(0, |a| a.events),
            failures: activity.map_or(0, |a| a.failures),
            first: activity.map(|a| time(a.first)),
            last: activity.map(|a| time(a.last)),
            rules: accused.rules.clone(),
            accounts: accused.accounts.iter().cloned().collect(),
            chains: accused.chains.iter().cloned().collect(),
            addresses,
        }
    }

    fn sorted_addresses(&self) -> Vec<Address> {
        let mut all = BTreeMap::<&str, Address>::new();
        for (name, accused) in &self.actors.accused {
            for (address, from) in &accused.addresses {
                let known =
                    all.entry(address).or_insert_with(|| Address { findings: 0, ..place(address, from, Vec::new()) });
                known.findings += from.findings;
                known.actors.push(name.clone());
            }
        }
        let mut all: Vec<Address> = all.into_values().collect();
        all.sort_by(|a, b| b.findings.cmp(&a.findings).then_with(|| a.address.cmp(&b.address)));
        all
    }

    fn sorted_rules(&self, alerts: &[Alert]) -> Vec<RuleHits> {
        let hits = self.hits.iter().filter_map(|(id, findings)| {
            let rule = self.rules.get(id)?;
            let alerts = alerts.iter().filter(|alert| alert.rule == *id).count() as u64;
            let (title, severity) = (rule.title.clone(), rule.severity);
            Some(RuleHits { rule: id.clone(), title, severity, findings: *findings, alerts })
        });
        let mut hits: Vec<RuleHits> = hits.collect();
        hits.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.findings.cmp(&a.findings)));
        hits
    }

    fn techniques(&self, attack: &Attack) -> Vec<Technique> {
        let mut found = BTreeMap::<String, Technique>::new();
        for (id, hits) in &self.hits {
            let Some(rule) = self.rules.get(id) else { continue };
            for technique in rule.attack.iter().filter_map(|id| attack.technique(id)) {
                let tactics = technique.tactics.iter();
                let tactics = tactics.filter_map(|id| Some((id.clone(), attack.tactic(id)?.name.clone())));
                let entry = found.entry(technique.id.clone()).or_insert_with(|| Technique {
                    id: technique.id.clone(),
                    name: technique.name.clone(),
                    tactics: tactics.collect(),
                    rules: Vec::new(),
                    findings: 0,
                });
                // A rule may name a technique by its old number too.
                if !entry.rules.contains(id) {
                    entry.rules.push(id.clone());
                    entry.findings += hits;
                }
            }
        }
        found.into_values().collect()
    }
}

fn place(address: &str, from: &actors::From, actors: Vec<String>) -> Address {
    Address {
        address: address.to_owned(),
        country: from.country.clone(),
        network: from.network.clone(),
        findings: from.findings,
        actors,
    }
}

fn slice((at, counts): (i64, [u64; 5])) -> Slice {
    let findings = Severity::ALL.iter().map(|severity| (severity.as_str(), counts[*severity as usize]));
    Slice { at: time(at), findings: findings.collect() }
}

fn alert(rule: &Rule, gathered: &Gathered) -> Alert {
    let list = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect();
    Alert {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        description: rule.description.clone(),
        advice: rule.advice.clone(),
        severity: rule.severity,
        attack: rule.attack.clone(),
        references: rule.references.clone(),
        group: gathered.group.clone(),
        findings: gathered.findings,
        first: time(gathered.first),
        last: time(gathered.last),
        actors: list(&gathered.actors),
        accounts: list(&gathered.accounts),
        regions: list(&gathered.regions),
        addresses: list(&gathered.addresses),
        countries: list(&gathered.countries),
        evidence: gathered.evidence(),
    }
}
