//! Whatever is no log type of its own: JSON and text, with its origin.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// Other logs.
pub static LOG_TYPE: LogType = LogType {
    id: "other",
    title: Text { en: "Other logs", ja: "その他のログ" },
    about: Text {
        en: "JSON records and lines of text that are no log type of their own: kept with their origin, and searchable.",
        ja: "専用の種類に当てはまらないJSONレコードやテキスト行。取得元とともに保存し、検索できる。",
    },
    enable: Text {
        en: "Nothing to switch on: what is found beside the other logs comes here.",
        ja: "設定は不要。他のログと一緒に見つかったものがここに入る。",
    },
    keys: &[],
    names: Names {
        sourcetypes: &["aws:cloudwatchlogs", "aws:s3", "aws:firehose:json", "aws:firehose:text", "_json"],
        source_categories: &[],
        sql_tables: &["other_logs"],
        indices: &["log-other*"],
        sigma: &[],
        log_groups: &[],
    },
    fields: include_str!("../../fields/other.tsv"),
    loaded: OnceLock::new(),
};
