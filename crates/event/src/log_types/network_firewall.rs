//! AWS Network Firewall: alert, flow and TLS logs.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// AWS Network Firewall.
pub static LOG_TYPE: LogType = LogType {
    id: "network_firewall",
    title: Text { en: "AWS Network Firewall", ja: "AWS Network Firewall" },
    about: Text {
        en: "Alerts, flows and TLS inspection of firewall endpoints, in Suricata's terms.",
        ja: "ファイアウォールエンドポイントのアラート、フロー、TLS検査の記録(Suricata形式)。",
    },
    enable: Text {
        en: "VPC console → Network Firewall → Firewalls → Firewall details → Logging: alert, flow and TLS, to S3, CloudWatch Logs or Firehose.",
        ja: "VPCコンソール → Network Firewall → ファイアウォール → ファイアウォールの詳細 → ログ記録(アラート、フロー、TLS)。送信先はS3、CloudWatch Logs、Firehose。",
    },
    keys: &["*_network-firewall_*", "*AWSLogs/*/network-firewall/*"],
    names: Names {
        sourcetypes: &[
            "aws:networkfirewall",
            "aws:network-firewall",
            "aws:networkfirewall:*",
            "aws:cloudwatchlogs:networkfirewall",
        ],
        source_categories: &["*network*firewall*"],
        sql_tables: &["network_firewall_logs", "network_firewall_*", "networkfirewall*", "anfw_*", "nfw_*"],
        indices: &["log-aws-networkfirewall*", "logs-aws.firewall_logs*", "*networkfirewall*", "*firewall*"],
        sigma: &["networkfirewall", "network_firewall"],
        log_groups: &["*network*firewall*", "*firewall*"],
    },
    fields: include_str!("../../fields/network_firewall.tsv"),
    loaded: OnceLock::new(),
};
