//! Amazon VPC Flow Logs: the flows at network interfaces and transit gateways, default and custom formats.

use std::sync::OnceLock;

use super::{LogType, Names, Text};

/// VPC Flow Logs.
pub static LOG_TYPE: LogType = LogType {
    id: "vpc_flow",
    title: Text { en: "VPC Flow Logs", ja: "VPCフローログ" },
    about: Text {
        en: "Who talked to whom: a record for each flow and interval at a network interface, or at a transit gateway.",
        ja: "ネットワークインターフェイスやTransit Gatewayでの、フローと集計区間ごとの通信記録。",
    },
    enable: Text {
        en: "VPC console → Your VPCs → Flow logs → Create flow log, to S3 (text or Parquet) or CloudWatch Logs. Choose the custom format with all fields; 1 minute of aggregation.",
        ja: "VPCコンソール → お使いのVPC → フローログ → フローログを作成。送信先はS3(テキストまたはParquet)またはCloudWatch Logs。全フィールドのカスタム形式、集計間隔1分を推奨。",
    },
    keys: &["*AWSLogs/*/vpcflowlogs/*", "*_vpcflowlogs_*", "*vpcflowlogs*"],
    names: Names {
        sourcetypes: &[
            "aws:cloudwatchlogs:vpcflow",
            "aws:cloudwatchlogs:vpcflow:*",
            "aws:vpcflow",
            "aws:transitgateway:flowlogs",
        ],
        source_categories: &["*vpc*flow*", "*flow*log*"],
        sql_tables: &[
            "vpc_flow_logs",
            "vpc_flow_logs_*",
            "vpcflow*",
            "vpc_flow*",
            "aws_vpc_flow*",
            "aws_vpcflow*",
            "*vpcflow*",
        ],
        indices: &["log-aws-vpcflowlogs*", "logs-aws.vpcflow*", "*vpcflow*", "*vpc_flow*", "ss4o_logs-*vpc*"],
        sigma: &["vpcflow", "vpc_flow", "vpcflowlogs", "flowlogs"],
        log_groups: &["*vpc*flow*", "*flow*log*"],
    },
    fields: include_str!("../../fields/vpc_flow.tsv"),
    loaded: OnceLock::new(),
};
