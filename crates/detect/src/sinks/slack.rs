//! `slack`: an incoming webhook, Block Kit. Texts are escaped as Slack asks for, and marked verbatim: what a log says makes
//! no link and calls nobody.

use async_trait::async_trait;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::secret::SecretSource;
use super::settings::{Base, Links, keys};
use super::{Failure, Kind, Language, Notice, Severity, Sink, http, text, words};

pub(super) const KIND: Kind = Kind { id: "slack", build };

/// Slack's limits: of a header, and of a section's fields in number and length.
const HEADER: usize = 150;
const FIELDS: usize = 10;
const FIELD: usize = 2000;
/// Of a section's text.
const SECTION: usize = 3000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    url: SecretSource,
    ca_file: Option<std::path::PathBuf>,
}

struct Slack {
    client: Client,
    url: Url,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    Ok(Box::new(Slack {
        client: http::client(&base.guard, keys.ca_file.as_deref())?,
        url: base.guard.url(base.secret("url", &keys.url)?.reveal())?,
        language: base.language,
        links: base.links.clone(),
    }))
}

#[async_trait]
impl Sink for Slack {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let message = message(notice, self.language, self.links.alert(notice).as_deref());
        http::send(http::json(self.client.post(self.url.clone()), &message)).await
    }
}

/// Slack's three control characters. Escaping lengthens, so the text is cut first, by as much as it may grow.
fn escape(text: &str, most: usize) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for c in text::line(text, most).chars() {
        let escaped = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => "",
        };
        length += escaped.len().max(1);
        if length > most {
            break;
        }
        match escaped {
            "" => out.push(c),
            escaped => out.push_str(escaped),
        }
    }
    out
}

fn mrkdwn(text: String) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

fn message(notice: &Notice, language: Language, link: Option<&str>) -> Value {
    let headline = words::headline(notice, language, HEADER);
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": false}})];
    let mut section = |text: &str| {
        if !text.is_empty() {
            blocks.push(json!({"type": "section", "text": mrkdwn(escape(text, SECTION))}));
        }
    };
    section(language.of(&notice.description));
    let fields: Vec<Value> = words::facts(notice, language)
        .iter()
        .map(|(label, value)| mrkdwn(format!("*{}*\n{}", escape(label, 80), escape(value, FIELD - 100))))
        .collect();
    let mut lists: Vec<Value> =
        fields.chunks(FIELDS).take(3).map(|fields| json!({"type": "section", "fields": fields})).collect();
    blocks.append(&mut lists);
    let advice = language.of(&notice.advice);
    if !advice.is_empty() {
        let label = words::WHAT_TO_DO.of(language);
        blocks
            .push(json!({"type": "section", "text": mrkdwn(format!("*{label}*\n{}", escape(advice, SECTION - 100)))}));
    }
    let evidence: Vec<Value> = words::evidence(notice).iter().map(|line| mrkdwn(escape(line, FIELD))).collect();
    if !evidence.is_empty() {
        blocks.push(json!({"type": "context", "elements": evidence}));
    }
    if let Some(link) = link {
        let open = json!({"type": "plain_text", "text": words::OPEN.of(language)});
        blocks.push(json!({"type": "actions", "elements": [{"type": "button", "text": open, "url": link}]}));
    }
    json!({
        "text": escape(&headline, HEADER),
        "attachments": [{"color": color(notice.alert.severity), "blocks": blocks}],
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

const fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "#a3162a",
        Severity::High => "#d64545",
        Severity::Medium => "#e08a00",
        Severity::Low => "#2f7ed8",
        Severity::Informational => "#7a869a",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn logs_make_no_links_and_call_nobody() {
        let mut notice = Notice::sample("x", Utc::now());
        let hostile = "<!channel> <https://evil.example|click> & \u{202E}\u{1b}[31m\nx";
        notice.alert.actor = Some(hostile.to_owned());
        notice.evidence[0].event_name = Some(hostile.to_owned());
        notice.alert.group[0].value = hostile.to_owned();
        notice.alert.title.en = hostile.to_owned();
        notice.description.en = hostile.to_owned();
        let message = message(&notice, Language::En, Some("https://trailhound.example/alerts/1"));
        let blocks = message["attachments"][0]["blocks"].as_array().unwrap();
        let texts = serde_json::to_string(&blocks[1..]).unwrap() + &message["text"].to_string();
        assert!(!texts.contains('<') && !texts.contains("\\u001b") && !texts.contains('\u{202E}'), "{texts}");
        assert!(texts.contains("&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp;"));
        // A header is plain text, which Slack shows as it is.
        assert_eq!(blocks[0]["text"]["type"], "plain_text");
        assert_eq!(blocks.last().unwrap()["elements"][0]["url"], "https://trailhound.example/alerts/1");
    }

    #[test]
    fn limits_hold() {
        let mut notice = Notice::sample("x", Utc::now());
        let long = "<&>".repeat(3000);
        notice.alert.title.en.clone_from(&long);
        notice.description.en.clone_from(&long);
        notice.advice.en.clone_from(&long);
        let message = message(&notice, Language::En, None);
        for block in message["attachments"][0]["blocks"].as_array().unwrap() {
            let length = |v: &Value| v["text"].as_str().map_or(0, |t| t.chars().count());
            let most = if block["type"] == "header" { HEADER } else { SECTION };
            assert!(length(&block["text"]) <= most);
            let fields = block["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(fields.len() <= FIELDS && fields.iter().all(|field| length(field) <= FIELD));
        }
    }

    #[test]
    fn escapes_are_never_cut() {
        assert_eq!(escape("ab<cd", 4), "ab");
        assert_eq!(escape("ab<", 6), "ab&lt;");
    }
}
