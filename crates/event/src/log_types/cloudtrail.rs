//! AWS CloudTrail: who called which API, from where, and how it ended.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

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
    fields: include_str!("../../fields/cloudtrail.tsv"),
    loaded: OnceLock::new(),
};
