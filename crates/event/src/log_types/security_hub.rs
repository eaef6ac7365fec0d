//! AWS Security Hub: findings in the AWS Security Finding Format.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, elements, text};

/// AWS Security Hub.
pub static LOG_TYPE: LogType = LogType {
    id: "security_hub",
    title: Text { en: "AWS Security Hub", ja: "AWS Security Hub" },
    about: Text {
        en: "Findings of Security Hub and of everything that reports to it, in the AWS Security Finding Format.",
        ja: "Security Hubと連携サービスの検出結果(AWS Security Finding Format)。",
    },
    enable: Text {
        en: "An EventBridge rule for Security Hub Findings - Imported to Firehose or SQS.",
        ja: "EventBridgeルール(Security Hub Findings - Imported)からFirehoseやSQSへ。",
    },
    keys: &["*SecurityHub*", "*securityhub*"],
    names: Names {
        sourcetypes: &["aws:securityhub:finding", "aws:securityhub:*", "aws:securityhub"],
        source_categories: &["*securityhub*", "*security_hub*"],
        sql_tables: &["securityhub", "securityhub_*", "security_hub*", "aws_securityhub*"],
        indices: &["log-aws-securityhub*", "logs-aws.securityhub*", "*securityhub*"],
        sigma: &["securityhub"],
        log_groups: &["*securityhub*"],
    },
    json: Some(Json {
        marks: &[
            ("ProductArn", 4),
            ("GeneratorId", 4),
            ("AwsAccountId", 3),
            ("RecordState", 3),
            ("ProductFields", 2),
            ("Resources", 2),
            ("Severity", 1),
            ("SchemaVersion", 1),
            ("Title", 1),
            ("Types", 1),
            ("Compliance", 1),
            ("Workflow", 1),
        ],
        enough: 9,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/security_hub.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:securityhub:finding severity=CRITICAL | stats count by title",
        title: Text { en: "Critical findings", ja: "重大度CRITICALの検出" },
    }],
    fields: include_str!("../../fields/security_hub.tsv"),
    loaded: OnceLock::new(),
};

fn derive(record: &mut Record<'_>) {
    record.place(None);
    let updated = record.json(&["UpdatedAt"]).and_then(text);
    if let (Some(id), Some(updated)) = (record.get("finding_id"), updated) {
        record.set("event_id", &format!("{id}_{updated}"));
    }
    let types = record.json(&["Types"]).map(elements).unwrap_or_default();
    let types: Vec<_> = types.into_iter().filter_map(text).collect();
    if !types.is_empty() {
        record.set("types", &types.join(","));
    }
    if let Some(resource) = record.get("resource_id") {
        let name = resource.rsplit('/').next().unwrap_or(&resource);
        if name.starts_with("i-") {
            record.set("instance_id", name);
        }
    }
    if let Some(protocol) = record.get("protocol") {
        record.set("protocol", &protocol.to_ascii_lowercase());
    }
    let kind = record.context.detail_type.clone();
    record.set_some("detail_type", kind);
    match record.get("compliance_status").as_deref() {
        Some("FAILED") => record.set("outcome", "failure"),
        Some("PASSED") => record.set("outcome", "success"),
        _ => {}
    }
}
