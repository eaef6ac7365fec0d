//! `sns`: a message on a topic. Attributes let subscriptions filter by severity, rule, account and change.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::cloud::{AwsKeys, Cloud};
use super::settings::{Base, Links, keys};
use super::{Failure, Kind, Language, Notice, Sink, words};

pub(super) const KIND: Kind = Kind { id: "sns", build };

/// SNS's limits: bytes of a message, characters of a subject.
const MESSAGE: usize = 256 << 10;
const SUBJECT: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    topic_arn: String,
    /// `text` for people, `json` for programs.
    #[serde(default)]
    message: Form,
    #[serde(flatten)]
    aws: AwsKeys,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Text,
    Json,
}

struct Sns {
    cloud: Arc<Cloud>,
    topic: String,
    form: Form,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    let parts: Vec<&str> = keys.topic_arn.split(':').collect();
    let [_, _, "sns", region, account, name] = parts.as_slice() else {
        return Err("`topic_arn` is no topic's, such as arn:aws:sns:eu-west-1:111122223333:alerts".to_owned());
    };
    if region.is_empty() || account.is_empty() || name.is_empty() {
        return Err("`topic_arn` has an empty part".to_owned());
    }
    Ok(Box::new(Sns {
        cloud: Arc::new(Cloud::new(keys.aws, Some(region), base)?),
        topic: keys.topic_arn,
        form: keys.message,
        language: base.language,
        links: base.links.clone(),
    }))
}

#[async_trait]
impl Sink for Sns {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let parameters = self.parameters(notice);
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.cloud.query(aws::SNS, &pairs).await
    }
}

impl Sns {
    fn parameters(&self, notice: &Notice) -> Vec<(String, String)> {
        let link = self.links.alert(notice);
        let message = match self.form {
            Form::Json => notice.document(self.language, link.as_deref()).to_string(),
            Form::Text => words::plain(notice, self.language, link.as_deref()),
        };
        let mut parameters: Vec<(String, String)> = [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", &self.topic),
            ("Subject", &subject(notice)),
            ("Message", cut(&message, MESSAGE)),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let attributes = [
            ("id", Some(notice.id.as_str())),
            ("change", Some(notice.change.id())),
            ("severity", Some(notice.alert.severity.as_str())),
            ("rule", Some(notice.alert.rule_id.as_str())),
            ("account", notice.alert.account.as_deref()),
        ];
        let known = attributes.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
        for (n, (name, value)) in known.enumerate() {
            let entry = format!("MessageAttributes.entry.{}", n + 1);
            parameters.push((format!("{entry}.Name"), name.to_owned()));
            parameters.push((format!("{entry}.Value.DataType"), "String".to_owned()));
            parameters.push((format!("{entry}.Value.StringValue"), value.to_owned()));
        }
        if self.topic.ends_with(".fifo") {
            parameters.push(("MessageGroupId".to_owned(), digest(&notice.alert.id)));
            parameters.push(("MessageDeduplicationId".to_owned(), digest(&notice.id)));
        }
        parameters
    }
}

/// Ids of a queue may hold few characters; a digest always fits.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// A subject is ASCII and begins with a letter or digit; English has that, but for what logs bring in.
fn subject(notice: &Notice) -> String {
    let line = words::headline(notice, Language::En, SUBJECT);
    let ascii: String = line.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    ascii.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).trim_end().to_owned()
}

/// The first bytes of a text, whole characters.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most.min(text.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn subjects_are_what_sns_takes() {
        let check = |title: &str, actor: &str, expected: &str| {
            let mut notice = Notice::sample("x", Utc::now());
            notice.change = super::super::Change::Opened;
            notice.alert.title.en = title.to_owned();
            notice.alert.actor = Some(actor.to_owned());
            notice.alert.account = None;
            assert_eq!(subject(&notice), expected);
        };
        check("Trail stopped", "alice", "Informational] Trail stopped - alice");
        check("Trail stopped", "太郎\n", "Informational] Trail stopped - ??");
        check(&"x".repeat(200), "a", &format!("Informational] {}?", "x".repeat(83)));
    }

    #[test]
    fn texts_are_cut_at_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}
