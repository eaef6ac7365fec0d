//! `pagerduty`: Events API v2. An alert is one incident: its id is the key by which PagerDuty joins what is told of it.

use async_trait::async_trait;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::secret::{Secret, SecretSource};
use super::settings::{Base, Links, keys};
use super::{Change, Failure, Kind, Language, Notice, Severity, Sink, http, text, words};

pub(super) const KIND: Kind = Kind { id: "pagerduty", build };

/// Where events are sent; accounts in Europe have `https://events.eu.pagerduty.com/v2/enqueue`.
const URL: &str = "https://events.pagerduty.com/v2/enqueue";
/// PagerDuty's limits.
const SUMMARY: usize = 1024;
const KEY: usize = 255;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    routing_key: SecretSource,
    url: Option<String>,
    ca_file: Option<std::path::PathBuf>,
}

struct PagerDuty {
    client: Client,
    url: Url,
    routing_key: Secret,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    Ok(Box::new(PagerDuty {
        client: http::client(&base.guard, keys.ca_file.as_deref())?,
        url: base.guard.url(keys.url.as_deref().unwrap_or(URL))?,
        routing_key: base.secret("routing_key", &keys.routing_key)?,
        language: base.language,
        links: base.links.clone(),
    }))
}

#[async_trait]
impl Sink for PagerDuty {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let mut event = event(notice, self.language, self.links.alert(notice).as_deref());
        event["routing_key"] = self.routing_key.reveal().into();
        http::send(http::json(self.client.post(self.url.clone()), &event)).await?;
        // A test leaves no incident behind.
        if notice.change == Change::Test {
            let resolve = json!({
                "routing_key": self.routing_key.reveal(), "event_action": "resolve", "dedup_key": event["dedup_key"],
            });
            http::send(http::json(self.client.post(self.url.clone()), &resolve)).await?;
        }
        Ok(())
    }
}

const fn action(change: Change) -> &'static str {
    match change {
        Change::Opened | Change::More | Change::Reopened | Change::Test => "trigger",
        Change::Acknowledged => "acknowledge",
        Change::Closed => "resolve",
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "info",
    }
}

/// The event, but for the key that says whose it is.
fn event(notice: &Notice, language: Language, link: Option<&str>) -> Value {
    let alert = &notice.alert;
    let key = if notice.change == Change::Test { &notice.id } else { &alert.id };
    let source = alert.account.as_deref().or(alert.actor.as_deref()).unwrap_or("trailhound");
    let links: Vec<Value> = link.iter().map(|href| json!({"href": href, "text": words::OPEN.of(language)})).collect();
    json!({
        "event_action": action(notice.change),
        "dedup_key": text::line(&format!("trailhound-{key}"), KEY),
        "client": "Trailhound",
        "client_url": link,
        "links": links,
        "payload": {
            "summary": words::headline(notice, language, SUMMARY),
            "source": text::line(source, 200),
            "severity": severity(alert.severity),
            "timestamp": super::notice::time(notice.at),
            "component": alert.region,
            "group": alert.account,
            "class": alert.rule_id,
            "custom_details": notice.document(language, link),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn changes_are_actions_on_one_incident() {
        let mut notice = Notice::sample("a1-1", Utc::now());
        notice.alert.id = "a1".to_owned();
        use Change::*;
        for (change, action) in [
            (Opened, "trigger"),
            (More, "trigger"),
            (Reopened, "trigger"),
            (Acknowledged, "acknowledge"),
            (Closed, "resolve"),
        ] {
            notice.change = change;
            let event = event(&notice, Language::Ja, None);
            assert_eq!((&event["event_action"], &event["dedup_key"]), (&json!(action), &json!("trailhound-a1")));
        }
        notice.change = Test;
        assert_eq!(event(&notice, Language::En, None)["dedup_key"], "trailhound-a1-1");
    }
}
