//! AWS Security Hub: findings in the AWS Security Finding Format.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

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
    fields: include_str!("../../fields/security_hub.tsv"),
    loaded: OnceLock::new(),
};
