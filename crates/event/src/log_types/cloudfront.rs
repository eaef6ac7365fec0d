//! Amazon CloudFront: standard logs (version 1 and 2) and real-time logs.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// Amazon CloudFront.
pub static LOG_TYPE: LogType = LogType {
    id: "cloudfront",
    title: Text { en: "Amazon CloudFront", ja: "Amazon CloudFront" },
    about: Text {
        en: "Each request that CloudFront answered, at the edge.",
        ja: "CloudFrontがエッジで応答したリクエストごとの記録。",
    },
    enable: Text {
        en: "CloudFront console → Distribution → Logging → Standard logs (S3, CloudWatch Logs or Firehose) or Real-time logs.",
        ja: "CloudFrontコンソール → ディストリビューション → Logging → 標準ログ(S3、CloudWatch Logs、Firehose)またはリアルタイムログ。",
    },
    keys: &["*CloudFront/*", "*cloudfront*", "*aws-cloudfront*"],
    names: Names {
        sourcetypes: &["aws:cloudfront:accesslogs", "aws:cloudfront:accesslogs:*", "aws:cloudfront"],
        source_categories: &["*cloudfront*"],
        sql_tables: &[
            "cloudfront_logs",
            "cloudfront_standard_logs",
            "cloudfront_real_time_logs",
            "cloudfront_*",
            "aws_cloudfront*",
        ],
        indices: &["log-aws-cloudfront*", "logs-aws.cloudfront_logs*", "*cloudfront*"],
        sigma: &["cloudfront", "webserver", "proxy"],
        log_groups: &["*cloudfront*"],
    },
    fields: include_str!("../../fields/cloudfront.tsv"),
    loaded: OnceLock::new(),
};
