//! Amazon GuardDuty: findings, as exported, as events and as the API gives them.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, Value};

/// Amazon GuardDuty.
pub static LOG_TYPE: LogType = LogType {
    id: "guardduty",
    title: Text { en: "Amazon GuardDuty", ja: "Amazon GuardDuty" },
    about: Text {
        en: "Findings of AWS's threat detection, each time that they are made or updated.",
        ja: "AWSの脅威検出サービスの検出結果。作成と更新のたびに配信される。",
    },
    enable: Text {
        en: "GuardDuty console → Settings → Findings export options → S3 bucket, or an EventBridge rule for GuardDuty Finding to Firehose or SQS.",
        ja: "GuardDutyコンソール → 設定 → 検出結果のエクスポートオプション → S3バケット。またはEventBridgeルール(GuardDuty Finding)からFirehoseやSQSへ。",
    },
    keys: &["*AWSLogs/*/GuardDuty/*", "*/GuardDuty/*", "*guardduty*"],
    names: Names {
        sourcetypes: &["aws:cloudwatch:guardduty", "aws:guardduty", "aws:cloudwatchlogs:guardduty", "aws:guardduty:*"],
        source_categories: &["*guardduty*"],
        sql_tables: &["gd_logs", "guardduty", "guardduty_*", "aws_guardduty*", "guardduty_logs"],
        indices: &["log-aws-guardduty*", "logs-aws.guardduty*", "*guardduty*"],
        sigma: &["guardduty"],
        log_groups: &["*guardduty*"],
    },
    json: Some(Json {
        marks: &[
            ("service", 3),
            ("resource", 3),
            ("severity", 2),
            ("schemaVersion", 2),
            ("partition", 2),
            ("accountId", 1),
            ("type", 1),
            ("title", 1),
            ("arn", 1),
            ("Service", 3),
            ("Resource", 3),
            ("Severity", 2),
            ("SchemaVersion", 2),
            ("Partition", 2),
            ("AccountId", 1),
            ("Type", 1),
            ("Title", 1),
            ("Arn", 1),
        ],
        enough: 10,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/guardduty.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:guardduty severity=high OR severity=critical | stats count by type",
        title: Text { en: "Grave findings by type", ja: "重大な検出のタイプ別件数" },
    }],
    fields: include_str!("../../fields/guardduty.tsv"),
    loaded: OnceLock::new(),
};

/// The columns that name the resource, most telling first.
const RESOURCES: [&str; 4] = ["instance_id", "bucket", "cluster", "access_key_id"];

fn derive(record: &mut Record<'_>) {
    record.place(None);
    identity(record);
    severity(record);
    ends(record);
    if let Some(kind) = record.get("type") {
        record.set_some("threat_purpose", kind.split_once(':').map(|(purpose, _)| purpose));
    }
    // Sample findings say so in their title; newer ones in the text of additionalInfo's value, too.
    if record.get("title").is_some_and(|title| title.starts_with("[SAMPLE]")) {
        record.put("sample", Value::Bool(true));
    }
    if let Some(protocol) = record.get("protocol") {
        record.set("protocol", &protocol.to_ascii_lowercase());
    }
    let resource = RESOURCES.iter().find_map(|column| record.get(column)).or_else(|| container(record));
    record.set_some("resource", resource);
    let blocked = record.get("blocked").is_some_and(|blocked| blocked == "true");
    let failed = blocked || record.get("error_code").is_some();
    record.set("outcome", if failed { "failure" } else { "success" });
}

/// A finding is delivered again each time that it recurs: the id and the time of the update make the row.
fn identity(record: &mut Record<'_>) {
    let updated = record.json(&["updatedAt"]).or_else(|| record.json(&["UpdatedAt"]));
    let updated = updated.and_then(crate::decode::record::text);
    if let (Some(id), Some(updated)) = (record.get("finding_id"), updated) {
        record.set("event_id", &format!("{id}_{updated}"));
    }
}

fn severity(record: &mut Record<'_>) {
    let Some(score) = record.get("severity_score").and_then(|text| text.parse::<f64>().ok()) else { return };
    let label = match score {
        score if score >= 9.0 => "critical",
        score if score >= 7.0 => "high",
        score if score >= 4.0 => "medium",
        _ => "low",
    };
    record.set("severity", label);
}

/// Source and destination: what connects in comes from the other end, what goes out (DNS requests too) goes there.
fn ends(record: &mut Record<'_>) {
    let told = record.get("direction").map(|direction| direction.to_ascii_lowercase());
    let direction = match (told.as_deref(), record.get("action_type").as_deref()) {
        (Some(told @ ("inbound" | "outbound")), _) => Some(told.to_owned()),
        (_, Some("DNS_REQUEST")) => Some("outbound".to_owned()),
        (_, Some(_)) => Some("inbound".to_owned()),
        (_, None) => None,
    };
    record.set_some("direction", direction.as_deref());
    let outbound = direction.as_deref() == Some("outbound");
    let (remote, local) = (record.get("remote_ip"), record.get("local_ip"));
    let (source, destination) = if outbound { (local, remote) } else { (remote, local) };
    record.set_some("source_address", source);
    record.set_some("destination_address", destination);
    let (remote, local) = (record.number("remote_port"), record.number("local_port"));
    let (source, destination) = if outbound { (local, remote) } else { (remote, local) };
    source.into_iter().for_each(|port| record.put("source_port", Value::Int(port)));
    destination.into_iter().for_each(|port| record.put("destination_port", Value::Int(port)));
}

/// Functions, databases and containers, which have no columns of their own.
fn container<'a>(record: &Record<'a>) -> Option<std::borrow::Cow<'a, str>> {
    const PATHS: [&[&str]; 5] = [
        &["resource", "lambdaDetails", "functionName"],
        &["resource", "rdsDbInstanceDetails", "dbInstanceIdentifier"],
        &["resource", "rdsLimitlessDbDetails", "dbShardGroupIdentifier"],
        &["resource", "containerDetails", "id"],
        &["Resource", "LambdaDetails", "FunctionName"],
    ];
    PATHS.iter().find_map(|path| record.json(path).and_then(crate::decode::record::text))
}
