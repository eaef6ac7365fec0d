//! Amazon Security Lake and anything else in the Open Cybersecurity Schema Framework.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, elements, text};

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
    json: Some(Json {
        marks: &[
            ("class_uid", 5),
            ("category_uid", 4),
            ("type_uid", 3),
            ("activity_id", 2),
            ("metadata", 2),
            ("severity_id", 2),
        ],
        enough: 11,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/ocsf.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:asl | stats count by class_name",
        title: Text { en: "Events by class", ja: "クラス別のイベント数" },
    }],
    fields: include_str!("../../fields/ocsf.tsv"),
    loaded: OnceLock::new(),
};

fn derive(record: &mut Record<'_>) {
    record.place(None);
    let profiles = record.json(&["metadata", "profiles"]).map(elements).unwrap_or_default();
    let profiles: Vec<_> = profiles.into_iter().filter_map(text).collect();
    if !profiles.is_empty() {
        record.set("profiles", &profiles.join(","));
    }
    actor(record);
    let said = |path: &[&str]| record.json(path).and_then(text).map(|text| text.into_owned());
    let action = record.get("api_operation").map(|text| text.into_owned());
    let action = action.or_else(|| said(&["disposition"])).or_else(|| said(&["activity_name"]));
    record.set_some("action", action);
    if let Some(protocol) = record.get("protocol") {
        record.set("protocol", &protocol.to_ascii_lowercase());
    } else if let Some(number) = record.get("protocol_number") {
        record.set_some("protocol", super::vpc_flow::protocol_name(&number));
    }
    let failed = match (record.number("status_id"), record.get("status").as_deref()) {
        (Some(2), _) | (_, Some("Failure")) => Some("failure"),
        (Some(1), _) | (_, Some("Success")) => Some("success"),
        _ => None,
    };
    record.set_some("outcome", failed);
}

/// The one who did it, by the first name that there is.
fn actor(record: &mut Record<'_>) {
    const PATHS: [&[&str]; 6] = [
        &["actor", "user", "name"],
        &["actor", "user", "uid"],
        &["actor", "session", "issuer"],
        &["actor", "invoked_by"],
        &["user", "name"],
        &["actor", "user", "credential_uid"],
    ];
    let named = PATHS.iter().find_map(|path| record.json(path).and_then(text));
    let named = named.filter(|name| !name.is_empty() && name != "-");
    record.set_some("actor_name", named);
}
