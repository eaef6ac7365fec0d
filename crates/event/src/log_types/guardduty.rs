//! Amazon GuardDuty: findings, as exported, as events and as the API gives them.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

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
    fields: include_str!("../../fields/guardduty.tsv"),
    loaded: OnceLock::new(),
};
