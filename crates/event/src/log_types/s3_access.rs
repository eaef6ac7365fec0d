//! Amazon S3 server access logs: each request for a bucket.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// Amazon S3 server access logs.
pub static LOG_TYPE: LogType = LogType {
    id: "s3_access",
    title: Text { en: "Amazon S3 server access logs", ja: "Amazon S3サーバーアクセスログ" },
    about: Text {
        en: "Each request for a bucket and its objects, delivered on a best effort.",
        ja: "バケットとオブジェクトへのリクエストごとの記録(ベストエフォート配信)。",
    },
    enable: Text {
        en: "S3 console → Bucket → Properties → Server access logging, to another bucket.",
        ja: "S3コンソール → バケット → プロパティ → サーバーアクセスのログ記録。送信先は別のバケット。",
    },
    keys: &["*????-??-??-??-??-??-????????????????", "*s3accesslog*", "*s3-access-log*", "*S3AccessLog*"],
    names: Names {
        sourcetypes: &["aws:s3:accesslogs", "aws:s3:accesslogs:*", "aws:s3:serveraccess"],
        source_categories: &["*s3*"],
        sql_tables: &[
            "s3_access_logs",
            "s3_access_logs_db",
            "s3_access_logs_*",
            "mybucket_logs",
            "s3_server_access_logs",
            "s3_logs",
            "aws_s3_server_access_log",
            "*s3*access*",
        ],
        indices: &["log-aws-s3accesslog*", "logs-aws.s3access*", "*s3access*"],
        sigma: &["s3", "s3access", "webserver"],
        log_groups: &["*s3*access*"],
    },
    fields: include_str!("../../fields/s3_access.tsv"),
    loaded: OnceLock::new(),
};
