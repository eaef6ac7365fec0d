//! Whatever is no log type of its own: JSON and text, with its origin.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, text};

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
    json: Some(Json { marks: &[], enough: u8::MAX, derive }),
    lines: None,
    sample: include_str!("../../samples/other.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:cloudwatchlogs | stats count by log_group",
        title: Text { en: "What else is sent", ja: "その他に送られてくるもの" },
    }],
    fields: include_str!("../../fields/other.tsv"),
    loaded: OnceLock::new(),
};

/// Fields that say what happened in words, most usual first.
const MESSAGES: [&str; 6] = ["message", "msg", "Message", "log", "text", "description"];

fn derive(record: &mut Record<'_>) {
    record.place(None);
    let json = record.raw().starts_with('{');
    record.set("format", if json { "json" } else { "text" });
    let (group, stream) = (record.context.log_group.clone(), record.context.log_stream.clone());
    record.set_some("log_group", group);
    record.set_some("log_stream", stream);
    let of = |key: &str| record.json(&[key]).and_then(text).map(|text| text.into_owned());
    if !json {
        let line = record.raw();
        return record.set("message", line);
    }
    let message = MESSAGES.iter().find_map(|key| of(key));
    let kind = match (of("source"), of("detail-type")) {
        (Some(source), Some(kind)) => Some(format!("{source}: {kind}")),
        (source, kind) => kind.or(source).or_else(|| of("sourcetype")).or_else(|| record.context.source.clone()),
    };
    record.set_some("message", message);
    record.set_some("source_type", kind);
}
