//! Elastic Load Balancing: access logs of all kinds of load balancers, and connection logs of the ALB.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// Elastic Load Balancing.
pub static LOG_TYPE: LogType = LogType {
    id: "elb",
    title: Text { en: "Elastic Load Balancing", ja: "Elastic Load Balancing" },
    about: Text {
        en: "Requests and connections at Application, Network and Classic Load Balancers.",
        ja: "Application、Network、Classic Load Balancerへのリクエストと接続の記録。",
    },
    enable: Text {
        en: "EC2 console → Load balancers → Attributes → Access logs (and Connection logs of an ALB), to S3.",
        ja: "EC2コンソール → ロードバランサー → 属性 → アクセスログ(ALBでは接続ログも)。送信先はS3。",
    },
    keys: &["*AWSLogs/*/elasticloadbalancing/*", "*_elasticloadbalancing_*"],
    names: Names {
        sourcetypes: &["aws:elb:accesslogs", "aws:elb:accesslogs:*", "aws:elb", "aws:alb:accesslogs"],
        source_categories: &["*elb*", "*alb*", "*nlb*"],
        sql_tables: &[
            "alb_logs",
            "alb_access_logs",
            "alb_connection_logs",
            "alb_*",
            "elb_logs",
            "elb_logs_*",
            "nlb_tls_logs",
            "nlb_logs",
            "nlb_*",
            "aws_alb_*",
            "aws_nlb_*",
            "aws_clb_*",
            "clb_logs",
        ],
        indices: &["log-aws-elb*", "logs-aws.elb_logs*", "*elb*"],
        sigma: &["elb", "alb", "nlb", "webserver"],
        log_groups: &["*elb*"],
    },
    fields: include_str!("../../fields/elb.tsv"),
    loaded: OnceLock::new(),
};
