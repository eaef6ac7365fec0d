//! AWS WAF: every request that a web ACL evaluated.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// AWS WAF.
pub static LOG_TYPE: LogType = LogType {
    id: "waf",
    title: Text { en: "AWS WAF", ja: "AWS WAF" },
    about: Text {
        en: "Each web request that a web ACL looked at, with its headers, the rules that matched and the verdict.",
        ja: "Web ACLが評価したリクエストごとの記録。ヘッダー、一致したルール、判定を含む。",
    },
    enable: Text {
        en: "WAF console → Web ACLs → Logging and metrics → Enable logging, to a bucket named aws-waf-logs-…, a Firehose stream or a log group of that name.",
        ja: "WAFコンソール → Web ACL → Logging and metrics → Enable logging。送信先はaws-waf-logs-…という名前のバケット、Firehoseまたはロググループ。",
    },
    keys: &["*aws-waf-logs-*", "*AWSLogs/*/WAFLogs/*", "*_waflogs_*"],
    names: Names {
        sourcetypes: &["aws:waf", "aws:waf:*", "aws:cloudwatchlogs:waf"],
        source_categories: &["*waf*"],
        sql_tables: &["waf_logs", "waf_logs_*", "waf_*", "aws_waf*", "waf"],
        indices: &["log-aws-waf*", "logs-aws.waf*", "*waf*"],
        sigma: &["waf", "webserver"],
        log_groups: &["aws-waf-logs-*", "*waf*"],
    },
    fields: include_str!("../../fields/waf.tsv"),
    loaded: OnceLock::new(),
};
