//! AWS WAF: every request that a web ACL evaluated.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, elements, member, text};

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
    json: Some(Json {
        marks: &[
            ("webaclId", 6),
            ("terminatingRuleId", 5),
            ("httpRequest", 5),
            ("httpSourceName", 4),
            ("ruleGroupList", 3),
            ("formatVersion", 2),
        ],
        enough: 10,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/waf.json"),
    queries: &[Query {
        language: "sql",
        text: "SELECT client_ip, count(*) AS requests FROM waf_logs WHERE action = 'BLOCK' GROUP BY client_ip ORDER BY requests DESC LIMIT 20",
        title: Text { en: "Clients that are blocked most", ja: "最も多くブロックされたクライアント" },
    }],
    fields: include_str!("../../fields/waf.tsv"),
    loaded: OnceLock::new(),
};

/// Request headers with a column of their own.
const HEADERS: [(&str, &str); 5] = [
    ("host", "host"),
    ("user-agent", "user_agent"),
    ("referer", "referer"),
    ("x-forwarded-for", "x_forwarded_for"),
    ("content-type", "content_type"),
];

fn derive(record: &mut Record<'_>) {
    let acl = record.get("webacl_id");
    record.place(acl.as_deref());
    // arn:aws:wafv2:region:account:regional/webacl/name/id; a Classic ACL has its id alone.
    let name = acl.as_deref().and_then(|arn| arn.split('/').nth(2));
    record.set_some("webacl_name", name.or(acl.as_deref()));
    headers(record);
    labels(record);
    verdict(record);
    url(record);
}

fn headers(record: &mut Record<'_>) {
    let listed = record.json(&["httpRequest", "headers"]).map(elements).unwrap_or_default();
    for header in listed {
        let Some(name) = member(header, "name").and_then(text) else { continue };
        let Some((_, column)) = HEADERS.iter().find(|(wanted, _)| name.eq_ignore_ascii_case(wanted)) else { continue };
        if record.derived(column).is_none() {
            record.set_some(column, member(header, "value").and_then(text));
        }
    }
}

fn labels(record: &mut Record<'_>) {
    let listed = record.json(&["labels"]).map(elements).unwrap_or_default();
    let names: Vec<_> = listed.iter().filter_map(|label| member(label, "name").and_then(text)).collect();
    if !names.is_empty() {
        record.set("labels", &names.join(" "));
    }
}

fn verdict(record: &mut Record<'_>) {
    let Some(action) = record.get("action") else { return };
    // COUNT lets the request go on; CAPTCHA and CHALLENGE are logged as the action where they were not passed.
    let blocked = matches!(&*action, "BLOCK" | "CAPTCHA" | "CHALLENGE");
    record.set("disposition", if blocked { "blocked" } else { "allowed" });
    record.set("outcome", if blocked { "failure" } else { "success" });
}

fn url(record: &mut Record<'_>) {
    let scheme = record.get("scheme");
    record.set("protocol", scheme.as_deref().unwrap_or("http"));
    if let Some((_, version)) = record.get("protocol_version").as_deref().and_then(|text| text.split_once('/')) {
        record.set("http_version", version);
    }
    let host = record.derived("host").map(str::to_owned).or_else(|| record.get("host").map(|host| host.into_owned()));
    let (Some(host), Some(path)) = (host, record.get("uri")) else { return };
    let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
    let query = record.get("args").map(|args| format!("?{args}")).unwrap_or_default();
    record.set("url", &format!("{scheme}{host}{path}{query}"));
}
