//! AWS CloudTrail: who called which API, from where, and how it ended.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};

/// AWS CloudTrail.
pub static LOG_TYPE: LogType = LogType {
    id: "cloudtrail",
    title: Text { en: "AWS CloudTrail", ja: "AWS CloudTrail" },
    about: Text {
        en: "API calls, console sign-ins and service events of an account.",
        ja: "アカウントのAPI呼び出し、コンソールサインイン、サービスイベント。",
    },
    enable: Text {
        en: "CloudTrail console → Trails → Create trail, to S3, best an organisation trail for all regions with data events, network activity and insights.",
        ja: "CloudTrailコンソール → 証跡 → 証跡の作成(S3)。全リージョンの組織証跡とし、データイベント、ネットワークアクティビティ、Insightsも有効にするのが望ましい。",
    },
    keys: &["*AWSLogs/*/CloudTrail/*", "*AWSLogs/*/CloudTrail-*/*", "*_CloudTrail_*", "*_CloudTrail-*_*"],
    names: Names {
        sourcetypes: &["aws:cloudtrail", "aws:cloudtrail:*", "cloudtrail"],
        source_categories: &["*cloudtrail*"],
        sql_tables: &[
            "cloudtrail_logs",
            "cloudtrail_logs_*",
            "cloud_trail_logs",
            "aws_cloudtrail_log",
            "aws_cloudtrail_trail_event",
            "cloudtrail_*",
        ],
        indices: &["log-aws-cloudtrail*", "logs-aws.cloudtrail*", "*cloudtrail*"],
        sigma: &["cloudtrail"],
        log_groups: &["*cloudtrail*"],
    },
    json: Some(Json {
        // Version 1.0 had seven of them, insights and aggregated events have six.
        marks: &[
            ("eventVersion", 1),
            ("eventTime", 1),
            ("eventSource", 1),
            ("eventName", 1),
            ("eventID", 1),
            ("eventType", 1),
            ("eventCategory", 1),
            ("awsRegion", 1),
            ("sourceIPAddress", 1),
            ("recipientAccountId", 1),
        ],
        enough: 3,
        derive: |_| {},
    }),
    lines: None,
    sample: include_str!("../../samples/cloudtrail.json"),
    queries: &[
        Query {
            language: "spl",
            text: "sourcetype=aws:cloudtrail errorCode=AccessDenied | top user",
            title: Text { en: "Who is refused most", ja: "最も多く拒否されている人" },
        },
        Query {
            language: "sql",
            text: "SELECT eventname, count(*) FROM cloudtrail_logs WHERE useridentity.type = 'Root' GROUP BY 1 ORDER BY 2 DESC",
            title: Text { en: "What root does", ja: "ルートユーザーの操作" },
        },
    ],
    fields: include_str!("../../fields/cloudtrail.tsv"),
    loaded: OnceLock::new(),
};
