//! AWS Config: snapshots, history and notifications; a row for each configuration item.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

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
    fields: include_str!("../../fields/config.tsv"),
    loaded: OnceLock::new(),
};
