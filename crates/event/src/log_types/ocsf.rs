//! Amazon Security Lake and anything else in the Open Cybersecurity Schema Framework.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// Amazon Security Lake (OCSF).
pub static LOG_TYPE: LogType = LogType {
    id: "ocsf",
    title: Text { en: "Amazon Security Lake (OCSF)", ja: "Amazon Security Lake(OCSF)" },
    about: Text {
        en: "Events in the Open Cybersecurity Schema Framework, as Security Lake holds them.",
        ja: "Open Cybersecurity Schema Framework形式のイベント(Security Lakeの保存形式)。",
    },
    enable: Text {
        en: "Security Lake console → Sources; then a subscriber with data access, or the lake's bucket itself.",
        ja: "Security Lakeコンソール → ソース。データアクセスのサブスクライバーを作るか、レイクのバケットを直接指定する。",
    },
    keys: &[
        "*/region=*/accountId=*/eventDay=*/*",
        "*/region=*/accountid=*/eventday=*/*",
        "*aws-security-data-lake-*",
        "*ocsf-json/*",
    ],
    names: Names {
        sourcetypes: &["aws:asl", "aws:asl:*", "ocsf", "ocsf:*"],
        source_categories: &["*securitylake*", "*ocsf*"],
        sql_tables: &[
            "amazon_security_lake_table_*",
            "cloud_trail_mgmt_*",
            "s3_data_*",
            "lambda_execution_*",
            "vpc_flow_1_*",
            "vpc_flow_2_*",
            "route53_1_*",
            "route53_2_*",
            "sh_findings_*",
            "eks_audit_*",
            "waf_2_*",
            "ocsf_*",
        ],
        indices: &["log-ocsf*", "ocsf-*", "*ocsf*"],
        sigma: &[],
        log_groups: &[],
    },
    fields: include_str!("../../fields/ocsf.tsv"),
    loaded: OnceLock::new(),
};
