//! AWS Network Firewall: alert, flow and TLS logs.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::Record;

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
    json: Some(Json {
        marks: &[("firewall_name", 5), ("event_timestamp", 4), ("availability_zone", 3), ("event", 1)],
        enough: 9,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/network_firewall.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:networkfirewall action=blocked | top signature",
        title: Text { en: "Rules that block most", ja: "最も多くブロックしたルール" },
    }],
    fields: include_str!("../../fields/network_firewall.tsv"),
    loaded: OnceLock::new(),
};

fn derive(record: &mut Record<'_>) {
    // us-east-1a is in us-east-1.
    let zone = record.get("availability_zone");
    let region = zone.as_deref().map(|zone| zone.trim_end_matches(|letter: char| letter.is_ascii_lowercase()));
    if record.get("region").is_none() {
        record.set_some("region", region.filter(|region| region.ends_with(|last: char| last.is_ascii_digit())));
    }
    if record.derived("region").is_none() {
        record.place(None);
    }
    let account = record.context.account.clone();
    record.set_some("account_id", account);
    if let Some(protocol) = record.get("proto") {
        record.set("protocol", &protocol.to_ascii_lowercase());
    }
    verdict(record);
    let severity = match record.number("alert_severity") {
        Some(1) => Some("high"),
        Some(2) => Some("medium"),
        Some(_) => Some("low"),
        None => None,
    };
    record.set_some("severity", severity);
}

/// What happened to the traffic: the verdict on the packet where there is one, else what the rule did.
fn verdict(record: &mut Record<'_>) {
    let said = record.get("verdict").or_else(|| record.get("action"));
    let blocked = match said.as_deref() {
        Some("drop" | "reject" | "blocked") => true,
        Some(_) => false,
        None => return record.set("outcome", "success"),
    };
    record.set("disposition", if blocked { "blocked" } else { "allowed" });
    record.set("outcome", if blocked { "failure" } else { "success" });
}
