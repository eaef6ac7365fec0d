//! AWS CloudTrail: who called which API, from where, and how it ended.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// AWS CloudTrail.
pub static LOG_TYPE: LogType = LogType {
    id: "cloudtrail",
    title: Text { en: "AWS CloudTrail", ja: "AWS CloudTrail" },
    about: Text {
        en: "API calls, console sign-ins and service events of an account. Switch on a trail that delivers to S3, best an organisation trail for all regions.",
        ja: "アカウントのAPI呼び出し、コンソールサインイン、サービスイベント。S3へ配信する証跡(できれば全リージョンの組織証跡)を有効にする。",
    },
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
