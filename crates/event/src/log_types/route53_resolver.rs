//! Amazon Route 53 Resolver: the DNS queries of VPCs.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

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
    fields: include_str!("../../fields/route53_resolver.tsv"),
    loaded: OnceLock::new(),
};
