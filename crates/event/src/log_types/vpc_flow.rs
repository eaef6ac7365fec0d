//! Amazon VPC Flow Logs: the flows at network interfaces and transit gateways, default and custom formats.

use std::net::IpAddr;
use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::columns::Columns;
use crate::decode::context::{Context, is_account};
use crate::decode::lines::{Fields, Line, Lines, Reader, looks_like_iso};
use crate::decode::plan::Plan;
use crate::decode::record::{Record, Value};

/// VPC Flow Logs.
pub static LOG_TYPE: LogType = LogType {
    id: "vpc_flow",
    title: Text { en: "VPC Flow Logs", ja: "VPCフローログ" },
    about: Text {
        en: "Who talked to whom: a record for each flow and interval at a network interface, or at a transit gateway.",
        ja: "ネットワークインターフェイスやTransit Gatewayでの、フローと集計区間ごとの通信記録。",
    },
    enable: Text {
        en: "VPC console → Your VPCs → Flow logs → Create flow log, to S3 (text or Parquet) or CloudWatch Logs. Choose the custom format with all fields; 1 minute of aggregation. CloudWatch Logs has no header line: the default format, all fields of a version in the order of the console, and the formats of AWS's own examples are told by their values; a format of your own needs S3.",
        ja: "VPCコンソール → お使いのVPC → フローログ → フローログを作成。送信先はS3(テキストまたはParquet)またはCloudWatch Logs。全フィールドのカスタム形式、集計間隔1分を推奨。CloudWatch Logsにはヘッダー行がないため、既定の形式、コンソールの順に並んだあるバージョンまでの全フィールド、AWSの例にある形式を値から判別する。独自の形式はS3へ配信する。",
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
    json: Some(Json {
        marks: &[
            ("srcaddr", 3),
            ("dstaddr", 3),
            ("srcport", 1),
            ("dstport", 1),
            ("interface-id", 2),
            ("interface_id", 2),
            ("log-status", 2),
            ("log_status", 2),
            ("pkt-srcaddr", 2),
            ("pkt_srcaddr", 2),
        ],
        enough: 8,
        derive,
    }),
    lines: Some(Lines { begin, usual: |plan| Box::new(Flows::new(&DEFAULT, plan)) }),
    sample: include_str!("../../samples/vpc_flow.log"),
    queries: &[
        Query {
            language: "spl",
            text: "index=* sourcetype=aws:cloudwatchlogs:vpcflow vpcflow_action=REJECT | top src_ip",
            title: Text { en: "Sources that are rejected most", ja: "最も多く拒否された送信元" },
        },
        Query {
            language: "sql",
            text: "SELECT dstport, sum(bytes) AS total FROM vpc_flow_logs WHERE action = 'ACCEPT' GROUP BY dstport ORDER BY total DESC LIMIT 20",
            title: Text { en: "Ports by bytes", ja: "ポート別のバイト数" },
        },
    ],
    fields: include_str!("../../fields/vpc_flow.tsv"),
    loaded: OnceLock::new(),
};

/// The fields of version 2, which lines without a header have.
const DEFAULT: [&str; 14] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
];

/// Fields of versions 3 to 8 in the order of AWS's table, which the console's choice of all fields writes behind
/// [`DEFAULT`]. A version ends where the next one's fields begin.
const LATER: [&str; 26] = [
    "vpc-id",
    "subnet-id",
    "instance-id",
    "tcp-flags",
    "type",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "region",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "traffic-path",
    "ecs-cluster-arn",
    "ecs-cluster-name",
    "ecs-container-instance-arn",
    "ecs-container-instance-id",
    "ecs-container-id",
    "ecs-second-container-id",
    "ecs-service-name",
    "ecs-task-definition-arn",
    "ecs-task-arn",
    "ecs-task-id",
    "reject-reason",
];

/// The custom formats of AWS's own examples: TCP flags, traffic through a transit gateway, and through a NAT gateway.
const EXAMPLES: [&str; 3] = [
    "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr \
     pkt-dstaddr protocol bytes packets start end action tcp-flags log-status",
    "version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol tcp-flags type \
     pkt-srcaddr pkt-dstaddr action log-status",
    "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr",
];

/// Fields that a value is derived from.
const LOOKED_AT: [&str; 8] = ["start", "end", "protocol", "action", "region", "account-id", "az-id", "version"];

/// Reads flow logs whose fields are in the order of a header.
#[derive(Debug)]
struct Flows {
    /// The column of each field.
    columns: Vec<Option<usize>>,
    /// Where the fields of [`LOOKED_AT`] are.
    at: [Option<usize>; 8],
    derived: Derived,
    fields: Fields,
}

/// The columns that are filled from others.
#[derive(Debug, Clone, Copy)]
struct Derived {
    end_time: usize,
    protocol: usize,
    disposition: usize,
    outcome: usize,
    region: usize,
    account_id: usize,
}

fn begin(line: &str, plan: &Plan) -> Option<Box<dyn Reader>> {
    let line = line.trim_ascii();
    let mut fields = Fields::default();
    fields.words(line, after_time(line));
    if let Some(names) = header(line, &fields).or_else(|| published(line, &fields)) {
        return Some(Box::new(Flows::new(&names, plan)));
    }
    let field = |at| fields.get(line, at);
    let version = field(0)?.parse::<u8>().is_ok_and(|version| (2..=20).contains(&version));
    let account = field(1).is_none_or(|account| is_account(account) || account == "unknown");
    let interface = field(2).is_none_or(|interface| interface.starts_with("eni-"));
    let status = field(13).is_some_and(|status| matches!(status, "OK" | "NODATA" | "SKIPDATA"));
    (version && account && interface && status).then(|| Box::new(Flows::new(&DEFAULT, plan)) as Box<dyn Reader>)
}

/// The names of a header's fields; `None`: the line is no header.
fn header<'l>(line: &'l str, fields: &Fields) -> Option<Vec<&'l str>> {
    if fields.len() < 3 || line.as_bytes().first().is_none_or(u8::is_ascii_digit) {
        return None;
    }
    let catalogue = LOG_TYPE.catalogue();
    let names: Vec<&str> = (0..fields.len()).filter_map(|at| fields.get(line, at)).collect();
    let known = |name: &&&str| column_of(catalogue, name).is_some();
    let hits = names.iter().filter(known).count();
    // A field that is newer than this list is let through.
    (hits >= 3 && hits * 4 >= names.len() * 3).then_some(names)
}

/// The fields of a line without a header, as CloudWatch Logs has them: those of a format that AWS publishes, where the line
/// has as many and each can be what it has to be. Formats of one's own need a header.
fn published(line: &str, fields: &Fields) -> Option<Vec<&'static str>> {
    let count = fields.len();
    let fits = |names: &[&str]| {
        names.len() == count && names.iter().enumerate().all(|(at, name)| may_be(name, fields.get(line, at)))
    };
    let in_order = || DEFAULT.into_iter().chain(LATER).take(count).collect::<Vec<_>>();
    let examples = EXAMPLES.iter().map(|names| names.split_whitespace().collect::<Vec<_>>());
    let ends_a_version = matches!(count, 14 | 21 | 25 | 29 | 39 | 40);
    ends_a_version.then(in_order).into_iter().chain(examples).find(|names| fits(names))
}

/// Whether a text can be a field's value; nothing can, but for the interface's.
fn may_be(name: &str, value: Option<&str>) -> bool {
    let Some(value) = value else { return name != "interface-id" };
    match name {
        "version" => value.parse::<u8>().is_ok_and(|version| (2..=20).contains(&version)),
        "account-id" => is_account(value) || value == "unknown",
        "interface-id" => value.starts_with("eni-"),
        "vpc-id" => value.starts_with("vpc-"),
        "subnet-id" => value.starts_with("subnet-"),
        "instance-id" => value.starts_with("i-"),
        "srcaddr" | "dstaddr" | "pkt-srcaddr" | "pkt-dstaddr" => value.parse::<IpAddr>().is_ok(),
        "srcport" | "dstport" | "protocol" | "packets" | "bytes" | "start" | "end" | "tcp-flags" | "traffic-path" => {
            value.bytes().all(|byte| byte.is_ascii_digit())
        }
        "action" => matches!(value, "ACCEPT" | "REJECT"),
        "log-status" => matches!(value, "OK" | "NODATA" | "SKIPDATA"),
        "type" => matches!(value, "IPv4" | "IPv6" | "EFA"),
        "flow-direction" => matches!(value, "ingress" | "egress"),
        _ => true,
    }
}

/// The column of a field as a header or a Parquet file spells it.
fn column_of(catalogue: &'static crate::Catalogue, name: &str) -> Option<&'static str> {
    let name = name.trim_matches(['$', '{', '}']).to_ascii_lowercase();
    let by_path = |name: &str| catalogue.fields().iter().find(|field| field.path == Some(name));
    by_path(&name).or_else(|| by_path(&name.replace('_', "-"))).and_then(|field| field.column)
}

/// Where a line begins behind the time that CloudWatch Logs' export puts before it.
fn after_time(line: &str) -> usize {
    let first = line.split(' ').next().unwrap_or_default();
    if looks_like_iso(first) && first.ends_with('Z') { first.len() } else { 0 }
}

impl Flows {
    fn new(names: &[&str], plan: &Plan) -> Self {
        let catalogue = LOG_TYPE.catalogue();
        let names: Vec<Option<&str>> = names.iter().map(|name| column_of(catalogue, name)).collect();
        let wanted = |path: &str| column_of(catalogue, path);
        let place = |name: &str| plan.column(name).unwrap_or_default();
        Self {
            columns: names.iter().map(|name| plan.column((*name)?)).collect(),
            at: LOOKED_AT.map(|path| names.iter().position(|name| name.is_some() && *name == wanted(path))),
            derived: Derived {
                end_time: place("end_time"),
                protocol: place("protocol"),
                disposition: place("disposition"),
                outcome: place("outcome"),
                region: place("region"),
                account_id: place("account_id"),
            },
            fields: Fields::default(),
        }
    }

    fn looked_at<'l>(&self, line: &'l str, which: usize) -> Option<&'l str> {
        self.fields.get(line, self.at[which]?)
    }

    /// The time of a record; an error where the line can't be one.
    fn time(&self, line: &str) -> Result<Option<i64>, &'static str> {
        if self.looked_at(line, 7).is_some_and(|version| version.parse::<u8>().is_err()) {
            return Err("its version is not a number");
        }
        let second = |which: usize| match self.looked_at(line, which) {
            Some(text) => text.parse::<i64>().map(|second| Some(second.saturating_mul(1_000_000))),
            None => Ok(None),
        };
        match (second(0), second(1)) {
            (Ok(None), Ok(None)) if self.at[0].is_some() || self.at[1].is_some() => Err("it has no time"),
            (Ok(start), Ok(end)) => Ok(start.or(end)),
            _ => Err("its time is not a number"),
        }
    }
}

impl Reader for Flows {
    fn read(&mut self, line: &str, context: &Context, columns: &mut Columns) -> Result<Line, &'static str> {
        self.fields.words(line, after_time(line));
        if self.fields.len() < 3 {
            return Err("it has too few fields for a flow log");
        }
        if let Some(names) = header(line, &self.fields) {
            *self = Self::new(&names, columns.plan());
            return Ok(Line::Header);
        }
        if self.fields.len() != self.columns.len()
            && let Some(names) = published(line, &self.fields)
        {
            *self = Self::new(&names, columns.plan());
            self.fields.words(line, after_time(line));
        }
        let time = self.time(line)?;
        for (at, column) in self.columns.iter().enumerate() {
            if let (Some(column), Some(text)) = (column, self.fields.get(line, at)) {
                columns.put(*column, text);
            }
        }
        let derived = self.derived;
        if let Some(end) = self.looked_at(line, 1).and_then(|text| text.parse::<i64>().ok()) {
            columns.put_number(derived.end_time, end.saturating_mul(1_000_000));
        }
        if let Some(name) = self.looked_at(line, 2).and_then(protocol_name) {
            columns.put(derived.protocol, name);
        }
        if let Some((disposition, outcome)) = self.looked_at(line, 3).and_then(verdict) {
            columns.put(derived.disposition, disposition);
            columns.put(derived.outcome, outcome);
        }
        if let (None, Some(region)) = (self.looked_at(line, 4), &context.region) {
            columns.put(derived.region, region);
        }
        if let (None, Some(account)) = (self.looked_at(line, 5), &context.account) {
            columns.put(derived.account_id, account);
        }
        Ok(Line::Record(time))
    }
}

/// The same for a flow that came as JSON or as a row of Parquet.
fn derive(record: &mut Record<'_>) {
    record.place(None);
    let seconds = |record: &Record<'_>, column| record.number(column).map(|second| second.saturating_mul(1_000_000));
    if let Some(end) = seconds(record, "end") {
        record.put("end_time", Value::Time(end));
    }
    if let Some(time) = seconds(record, "start").or_else(|| seconds(record, "end")) {
        record.put("event_time", Value::Time(time));
    }
    let protocol = record.get("protocol_number");
    record.set_some("protocol", protocol.as_deref().and_then(protocol_name));
    if let Some((disposition, outcome)) = record.get("action").as_deref().and_then(verdict) {
        record.set("disposition", disposition);
        record.set("outcome", outcome);
    }
}

fn verdict(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "ACCEPT" => Some(("allowed", "success")),
        "REJECT" => Some(("blocked", "failure")),
        _ => None,
    }
}

/// The name of an IANA protocol number.
pub(crate) fn protocol_name(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" => "hopopt",
        "1" => "icmp",
        "2" => "igmp",
        "4" => "ipv4",
        "6" => "tcp",
        "8" => "egp",
        "17" => "udp",
        "27" => "rdp",
        "33" => "dccp",
        "41" => "ipv6",
        "42" => "sdrp",
        "43" => "ipv6-route",
        "44" => "ipv6-frag",
        "46" => "rsvp",
        "47" => "gre",
        "50" => "esp",
        "51" => "ah",
        "58" => "ipv6-icmp",
        "88" => "eigrp",
        "89" => "ospf",
        "94" => "ipip",
        "103" => "pim",
        "112" => "vrrp",
        "115" => "l2tp",
        "132" => "sctp",
        "136" => "udplite",
        _ => return None,
    })
}
