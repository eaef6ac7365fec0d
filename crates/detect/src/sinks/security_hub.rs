//! `security-hub`: findings in ASFF by BatchImportFindings. A finding has the alert's id, so what changes later updates it.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cloud::{AwsKeys, Cloud};
use super::settings::{Base, Links, keys};
use super::{Change, Failure, Kind, Language, Notice, Severity, Sink, notice, text, words};

pub(super) const KIND: Kind = Kind { id: "security-hub", build };

/// ASFF's limits, in characters.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const ADVICE: usize = 512;
const FIELD: usize = 1024;
/// Fields of the product.
const FIELDS: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The account whose Security Hub takes the findings.
    account: String,
    #[serde(flatten)]
    aws: AwsKeys,
}

struct SecurityHub {
    cloud: Cloud,
    account: String,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    if keys.account.len() != 12 || !keys.account.bytes().all(|b| b.is_ascii_digit()) {
        return Err("`account` is the number of an account, 12 digits".to_owned());
    }
    let cloud = Cloud::new(keys.aws, None, base)?;
    Ok(Box::new(SecurityHub { cloud, account: keys.account, language: base.language, links: base.links.clone() }))
}

#[async_trait]
impl Sink for SecurityHub {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let link = self.links.alert(notice);
        let finding = finding(notice, self.language, link.as_deref(), &self.account, self.cloud.region());
        let body = json!({"Findings": [finding]});
        let answer = self.cloud.rest(aws::SECURITY_HUB, "/findings/import", &body).await?;
        match answer.get("FailedCount").and_then(Value::as_u64) {
            Some(0) => Ok(()),
            _ => Err(Failure::final_(format!("Security Hub did not take the finding: {}", code(&answer)))),
        }
    }
}

/// The code of a finding that was not taken; what else the answer says is not repeated.
fn code(answer: &Value) -> &str {
    let code = answer.pointer("/FailedFindings/0/ErrorCode").and_then(Value::as_str).unwrap_or_default();
    let plain = !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { code } else { "no reason given" }
}

fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn finding(notice: &Notice, language: Language, link: Option<&str>, account: &str, region: &str) -> Value {
    let alert = &notice.alert;
    let product = format!("arn:{}:securityhub:{region}:{account}:product/{account}/default", partition(region));
    let id = if notice.change == Change::Test { &notice.id } else { &alert.id };
    let about = text::line(language.of(&notice.description), DESCRIPTION);
    let title = text::line(language.of(&alert.title), TITLE);
    let closed = matches!(notice.change, Change::Closed | Change::Test);
    let mut finding = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("trailhound/{id}"),
        "ProductArn": product,
        "ProductName": "Trailhound",
        "CompanyName": "Trailhound",
        "GeneratorId": format!("trailhound/{}", alert.rule_id),
        "AwsAccountId": account,
        "Types": [kind(&alert.attack)],
        "FirstObservedAt": notice::time(alert.first_seen),
        "LastObservedAt": notice::time(alert.last_seen),
        "CreatedAt": notice::time(alert.first_seen),
        "UpdatedAt": notice::time(notice.at),
        "Severity": {"Label": label(alert.severity), "Original": alert.severity.as_str()},
        "Title": title,
        "Description": if about.is_empty() { &title } else { &about },
        "Resources": [resource(notice, region)],
        "ProductFields": fields(notice, language),
        "RecordState": if closed { "ARCHIVED" } else { "ACTIVE" },
    });
    let advice = text::line(language.of(&notice.advice), ADVICE);
    if !advice.is_empty() {
        finding["Remediation"] = json!({"Recommendation": {"Text": advice}});
    }
    if let Some(link) = link {
        finding["SourceUrl"] = link.into();
    }
    finding
}

/// What the finding is about: the account of the events.
fn resource(notice: &Notice, region: &str) -> Value {
    let alert = &notice.alert;
    let partition = partition(region);
    let id = alert.account.as_deref().unwrap_or("unknown");
    let at = alert.region.as_deref().unwrap_or(region);
    let known = at.len() <= 32 && at.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    json!({
        "Type": "AwsAccount",
        "Id": text::line(&format!("AWS::::Account:{id}"), 512),
        "Partition": partition,
        "Region": if known { at } else { region },
    })
}

/// Names and values of the product's own: no empty ones are allowed.
fn fields(notice: &Notice, language: Language) -> Value {
    let facts = words::facts(notice, language).into_iter();
    let evidence = words::evidence(notice).into_iter().enumerate().map(|(n, line)| (format!("event {}", n + 1), line));
    let all = std::iter::once(("notice".to_owned(), notice.id.clone())).chain(facts).chain(evidence);
    let named = all.filter(|(_, value)| !value.is_empty()).take(FIELDS);
    named.map(|(name, value)| (format!("trailhound/{name}"), Value::from(text::line(&value, FIELD)))).collect()
}

/// The finding's type in ASFF's taxonomy: the first tactic that it has a word for.
fn kind(attack: &[String]) -> &'static str {
    const TACTICS: &[(&str, &str)] = &[
        ("TA0001", "TTPs/Initial Access"),
        ("TA0002", "TTPs/Execution"),
        ("TA0003", "TTPs/Persistence"),
        ("TA0004", "TTPs/Privilege Escalation"),
        ("TA0005", "TTPs/Defense Evasion"),
        ("TA0006", "TTPs/Credential Access"),
        ("TA0007", "TTPs/Discovery"),
        ("TA0008", "TTPs/Lateral Movement"),
        ("TA0009", "TTPs/Collection"),
        ("TA0010", "Effects/Data Exfiltration"),
        ("TA0011", "TTPs/Command and Control"),
        ("TA0040", "Effects/Data Destruction"),
    ];
    let known = attack.iter().find_map(|id| TACTICS.iter().find(|(tactic, _)| tactic == id));
    known.map_or("Unusual Behaviors", |found| found.1)
}

const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Informational => "INFORMATIONAL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn findings_keep_to_asff() {
        let mut notice = Notice::sample("a1-2", Utc::now());
        notice.alert.id = "a1".to_owned();
        notice.change = Change::Opened;
        notice.alert.title.en = "t".repeat(500);
        notice.description.en = String::new();
        notice.alert.region = Some("x<script>".to_owned());
        notice.alert.owner = Some(String::new());
        notice.alert.group =
            (0..100).map(|n| super::super::GroupPart { field: format!("f{n}"), value: "v".repeat(3000) }).collect();
        let found = finding(&notice, Language::En, None, "111122223333", "cn-north-1");
        assert_eq!(found["ProductArn"], "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default");
        assert_eq!(found["Id"], "trailhound/a1");
        assert_eq!(found["Types"], json!(["TTPs/Defense Evasion"]));
        assert_eq!(found["Resources"][0]["Region"], "cn-north-1");
        assert_eq!(found["RecordState"], "ACTIVE");
        assert_eq!(found["Title"].as_str().unwrap().chars().count(), TITLE);
        assert_eq!(found["Description"], found["Title"]);
        let fields = found["ProductFields"].as_object().unwrap();
        assert!(fields.len() <= FIELDS && fields.values().all(|v| !v.as_str().unwrap().is_empty()));
        notice.change = Change::Closed;
        assert_eq!(finding(&notice, Language::En, None, "1", "eu-west-1")["RecordState"], "ARCHIVED");
    }

    #[test]
    fn only_codes_are_repeated() {
        assert_eq!(
            code(&json!({"FailedFindings": [{"ErrorCode": "InvalidInput", "ErrorMessage": "x"}]})),
            "InvalidInput"
        );
        assert_eq!(code(&json!({"FailedFindings": [{"ErrorCode": "<b>"}]})), "no reason given");
        assert_eq!(code(&json!({})), "no reason given");
    }
}
