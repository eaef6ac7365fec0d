//! AWS Config: snapshots, history and notifications; a row for each configuration item.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, Value, text};
use crate::time;

/// AWS Config.
pub static LOG_TYPE: LogType = LogType {
    id: "config",
    title: Text { en: "AWS Config", ja: "AWS Config" },
    about: Text {
        en: "What resources are configured like, and each change of it: snapshots, history files, notifications.",
        ja: "リソースの構成とその変更。スナップショット、履歴ファイル、変更通知。",
    },
    enable: Text {
        en: "Config console → Settings → Recorder and Delivery method (S3; SNS for notifications); an EventBridge rule for compliance changes.",
        ja: "Configコンソール → 設定 → レコーダーと配信方法(S3、通知はSNS)。準拠状態の変更はEventBridgeルール。",
    },
    keys: &["*AWSLogs/*/Config/*", "*_ConfigHistory_*", "*_ConfigSnapshot_*", "*Config*Rules*"],
    names: Names {
        sourcetypes: &["aws:config", "aws:config:*", "aws:config:notification", "aws:config:rule"],
        source_categories: &["*config*"],
        sql_tables: &["aws_config_configuration_snapshot", "aws_config_*", "config_*", "aws_config"],
        indices: &["log-aws-config*", "logs-aws.config*", "*config*"],
        sigma: &["config"],
        log_groups: &["*config*"],
    },
    json: Some(Json {
        marks: &[
            ("configurationItem", 8),
            ("configurationItemSummary", 8),
            ("configurationItemDiff", 5),
            ("newEvaluationResult", 6),
            ("configRuleName", 3),
            ("messageType", 3),
            ("configurationItemCaptureTime", 6),
            ("configurationItemStatus", 5),
            ("configurationStateId", 4),
            ("configurationItemVersion", 3),
            ("configSnapshotId", 4),
            ("s3ObjectKey", 3),
            ("notificationCreationTime", 4),
            ("recordVersion", 2),
            ("resourceType", 2),
            ("resourceId", 2),
            ("relatedEvents", 2),
            ("relationships", 2),
            ("awsAccountId", 1),
            ("configuration", 1),
        ],
        enough: 9,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/config.json"),
    queries: &[Query {
        language: "spl",
        text: r#"sourcetype=aws:config resource_type="AWS::EC2::SecurityGroup" | stats count by resource_id"#,
        title: Text { en: "Changes of security groups", ja: "セキュリティグループの変更" },
    }],
    fields: include_str!("../../fields/config.tsv"),
    loaded: OnceLock::new(),
};

/// Where the time stands, most telling first.
const TIMES: [&[&str]; 6] = [
    &["configurationItemCaptureTime"],
    &["notificationCreationTime"],
    &["configurationItem", "configurationItemCaptureTime"],
    &["configurationItemSummary", "configurationItemCaptureTime"],
    &["newEvaluationResult", "resultRecordedTime"],
    &["configSnapshotDeliverTime"],
];

fn derive(record: &mut Record<'_>) {
    record.place(None);
    let told = TIMES.iter().find_map(|path| record.json(path).and_then(text).and_then(|text| time::parse(&text)));
    told.into_iter().for_each(|micros| record.put("event_time", Value::Time(micros)));
    let notified = record.get("message_type").is_some();
    let kind = match (notified, record.context.snapshot) {
        (true, _) => "notification",
        (false, true) => "snapshot",
        (false, false) => "history",
    };
    record.set("config_kind", kind);
    if !notified {
        record.set("message_type", "ConfigurationItem");
    }
    let bad = |column: &str, words: &[&str]| record.get(column).is_some_and(|value| words.contains(&&*value));
    let failed = bad("compliance", &["NON_COMPLIANT"])
        || bad("message_type", &["ConfigurationSnapshotDeliveryFailed", "ConfigurationItemDeliveryFailed"]);
    record.set("outcome", if failed { "failure" } else { "success" });
}
