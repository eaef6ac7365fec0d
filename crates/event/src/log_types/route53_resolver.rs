//! Amazon Route 53 Resolver: the DNS queries of VPCs.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::record::{Record, Value, elements, member, text};

/// Route 53 Resolver query logs.
pub static LOG_TYPE: LogType = LogType {
    id: "route53_resolver",
    title: Text { en: "Route 53 Resolver query logs", ja: "Route 53 Resolverクエリログ" },
    about: Text {
        en: "Each DNS query of a VPC, with all answers and the verdict of DNS Firewall.",
        ja: "VPCのDNSクエリごとの記録。すべての応答とDNS Firewallの判定を含む。",
    },
    enable: Text {
        en: "Route 53 console → VPC Resolver → Query logging → Configure query logging, to S3, CloudWatch Logs or Firehose; choose the VPCs.",
        ja: "Route 53コンソール → VPCリゾルバー → クエリのログ記録 → クエリログ記録を設定。送信先はS3、CloudWatch Logs、Firehose。対象VPCを選ぶ。",
    },
    keys: &["*AWSLogs/*/vpcdnsquerylogs/*", "*vpcdnsquerylogs*"],
    names: Names {
        sourcetypes: &["aws:route53:resolver", "aws:route53", "aws:cloudwatchlogs:route53", "aws:route53resolver"],
        source_categories: &["*route53*", "*dns*"],
        sql_tables: &[
            "r53_rlogs",
            "route53_resolver_logs",
            "route53_*",
            "r53_*",
            "aws_route53*",
            "resolver_query_logs",
        ],
        indices: &["log-aws-r53resolver*", "logs-aws.route53_resolver_logs*", "*route53*", "*r53*"],
        sigma: &["route53", "route53_resolver", "dns"],
        log_groups: &["*route53*", "*resolver*", "*dns*"],
    },
    json: Some(Json {
        marks: &[
            ("query_name", 4),
            ("query_timestamp", 4),
            ("query_type", 3),
            ("srcids", 3),
            ("query_class", 2),
            ("rcode", 2),
            ("vpc_id", 2),
            ("srcaddr", 1),
        ],
        enough: 9,
        derive,
    }),
    lines: None,
    sample: include_str!("../../samples/route53_resolver.json"),
    queries: &[Query {
        language: "spl",
        text: "sourcetype=aws:route53 rcode=NXDOMAIN | top query",
        title: Text { en: "Names that do not exist", ja: "存在しない名前の上位" },
    }],
    fields: include_str!("../../fields/route53_resolver.tsv"),
    loaded: OnceLock::new(),
};

fn derive(record: &mut Record<'_>) {
    record.place(None);
    if let Some(name) = record.get("query_name") {
        record.set("domain", without_dot(&name));
    }
    if let Some(transport) = record.get("transport") {
        record.set("protocol", &transport.to_ascii_lowercase());
    }
    let resolved = record.get("rcode").is_none_or(|code| code == "NOERROR");
    record.set("outcome", if resolved { "success" } else { "failure" });
    if let Some(action) = record.get("firewall_action") {
        record.set("disposition", if action == "BLOCK" { "blocked" } else { "allowed" });
    }
    answers(record);
}

fn answers(record: &mut Record<'_>) {
    let Some(listed) = record.json(&["answers"]).map(elements) else { return };
    record.put("answer_count", Value::Int(listed.len() as i64));
    for (key, column) in [("Rdata", "answers"), ("Type", "answer_types"), ("Class", "answer_classes")] {
        let values: Vec<_> = listed.iter().filter_map(|answer| member(answer, key).and_then(text)).collect();
        if !values.is_empty() {
            let plain: Vec<&str> = values.iter().map(|value| without_dot(value)).collect();
            record.set(column, &plain.join(" "));
        }
    }
}

/// A name without its final dot; the root stays.
fn without_dot(name: &str) -> &str {
    match name.strip_suffix('.') {
        Some(plain) if !plain.is_empty() => plain,
        _ => name,
    }
}
