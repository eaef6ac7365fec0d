//! Names in a log table, as Athena's guide, CloudTrail Lake, Security Lake, Tailpipe and Steampipe spell them: stored
//! columns, paths into the record, sections of it, and the partition columns that people's tables have.

use std::collections::HashMap;
use std::sync::OnceLock;

use event::{Catalogue, FieldType, Naming};

use crate::catalogue;

/// What comparisons have to know of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// An instant that people also compare with ISO 8601 text.
    Time,
    /// A day that people write in the layout of their partitions.
    Day,
    /// Digits in text: year, month, hour.
    Digits,
    /// Anything else.
    Other,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A stored column.
    Column(&'static str, Sort),
    /// A value of the record.
    Path {
        /// The path.
        path: String,
        /// Its type.
        ty: FieldType,
        /// Whether the path is spelled as in the record.
        exact: bool,
    },
    /// A part of the record as JSON.
    Section(String),
    /// The day in a layout of chrono's.
    Layout(&'static str, Sort),
    /// The instant as a number, so many a second.
    Epoch(i64),
    /// The whole record as the only element of an array.
    Whole,
}

impl Target {
    /// How it compares.
    pub(super) fn sort(&self) -> Sort {
        match self {
            Self::Column(_, sort) | Self::Layout(_, sort) => *sort,
            Self::Path { ty, .. } => sort_of(*ty),
            Self::Epoch(_) => Sort::Number,
            Self::Section(_) | Self::Whole => Sort::Other,
        }
    }
}

/// How values of a type compare.
pub(super) fn sort_of(ty: FieldType) -> Sort {
    match ty {
        FieldType::Text => Sort::Text,
        FieldType::Int | FieldType::Float => Sort::Number,
        FieldType::Bool => Sort::Bool,
        FieldType::Time => Sort::Time,
        FieldType::Date => Sort::Day,
    }
}

/// Names of Athena's tables that our catalogues have by another one: table, name without signs, ours.
const ALIASES: &[(&str, &str, &str)] = &[
    ("cloudtrail", "account", "recipient_account_id"),
    ("cloudtrail", "accountid", "recipient_account_id"),
    ("cloudtrail", "eventjson", "raw"),
    ("cloudtrail", "region", "aws_region"),
    ("cloudtrail", "accesskeyid", "user_identity_access_key_id"),
    ("cloudtrail", "loggroupname", "origin"),
    ("cloudtrail", "logstreamname", "origin"),
    ("cloudtrail", "useridentifier", "user_identity_arn"),
    ("cloudtrail", "usertype", "user_identity_type"),
    ("cloudtrail", "tpsourceip", "source_ip_address"),
    ("cloudtrail", "tpindex", "recipient_account_id"),
    ("cloudtrail", "username", "user_identity_user_name"),
    ("cloudfront", "bytes", "response_bytes"),
    ("cloudfront", "csreferrer", "referer"),
    ("cloudfront", "cshost", "host"),
    ("cloudfront", "hostheader", "host_header"),
    ("cloudfront", "location", "edge_location"),
    ("cloudfront", "querystring", "uri_query"),
    ("cloudfront", "referrer", "referer"),
    ("cloudfront", "requestip", "client_ip"),
    ("cloudfront", "requestprotocol", "protocol"),
    ("cloudfront", "uri", "uri_stem"),
    ("cloudfront", "xedgelocation", "edge_location"),
    ("config", "awsaccountid", "account_id"),
    ("config", "eventtime", "event_time"),
    ("config", "configurationitemstatus", "status"),
    ("elb", "backendip", "target_ip"),
    ("elb", "backendport", "target_port"),
    ("elb", "backendprocessingtime", "target_processing_time"),
    ("elb", "backendresponsecode", "target_status_code"),
    ("elb", "backendstatuscode", "target_status_code"),
    ("elb", "clientresponsetime", "response_processing_time"),
    ("elb", "elbname", "elb"),
    ("elb", "elbresponsecode", "elb_status_code"),
    ("elb", "lambdaerrorreason", "error_reason"),
    ("elb", "requesthttpmethod", "request_verb"),
    ("elb", "requesthttpversion", "request_protocol"),
    ("elb", "tlscipher", "ssl_cipher"),
    ("elb", "tlshandshakelatency", "tls_handshake_time"),
    ("elb", "tlsprotocol", "ssl_protocol"),
    ("elb", "tlsprotocolversion", "ssl_protocol"),
    ("elb", "requestip", "client_ip"),
    ("elb", "requestport", "client_port"),
    ("elb", "requestproto", "request_protocol"),
    ("elb", "requestprotocol", "request_protocol"),
    ("elb", "timestamp", "event_time"),
    ("elb", "tlshandshaketimems", "tls_handshake_time"),
    ("elb", "url", "request_url"),
    ("elb", "destinationip", "target_ip"),
    ("elb", "destinationport", "target_port"),
    ("network_firewall", "eventtimestamp", "event_time"),
    ("ocsf", "accountid", "account_id"),
    ("ocsf", "timedt", "event_time"),
    ("route53_resolver", "srcip", "source_address"),
    ("s3_access", "bucket", "bucket"),
    ("s3_access", "timestamp", "event_time"),
    ("s3_access", "httpversion", "http_version"),
    ("vpc_flow", "account", "account_id"),
    ("vpc_flow", "capturewindowstart", "start"),
    ("vpc_flow", "destinationaddress", "destination_address"),
    ("vpc_flow", "dstip", "destination_address"),
    ("vpc_flow", "endtime", "end"),
    ("vpc_flow", "interfaceaccountid", "account_id"),
    ("vpc_flow", "loggroupname", "origin"),
    ("vpc_flow", "logstreamname", "origin"),
    ("vpc_flow", "numbytes", "bytes"),
    ("vpc_flow", "numpackets", "packets"),
    ("vpc_flow", "sourceaddress", "source_address"),
    ("vpc_flow", "srcip", "source_address"),
    ("vpc_flow", "starttime", "start"),
    ("waf", "webacl", "webacl_name"),
];

/// Parts of records that the catalogues know only the inside of, or not at all.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "cloudtrail",
        &[
            "requestParameters",
            "responseElements",
            "additionalEventData",
            "serviceEventDetails",
            "resources",
            "eventData",
            "edgeDeviceDetails",
            "addendum",
            "insightDetails",
            "tlsDetails",
        ],
    ),
    ("guardduty", &["service", "resource"]),
    (
        "waf",
        &[
            "labels",
            "httpRequest",
            "httpRequest.headers",
            "ruleGroupList",
            "rateBasedRuleList",
            "nonTerminatingMatchingRules",
            "terminatingRuleMatchDetails",
            "requestHeadersInserted",
            "oversizeFields",
            "captchaResponse",
            "challengeResponse",
            "excludedRules",
        ],
    ),
    (
        "ocsf",
        &[
            "actor",
            "api",
            "cloud",
            "metadata",
            "src_endpoint",
            "dst_endpoint",
            "resources",
            "unmapped",
            "observables",
            "http_request",
            "user",
            "identity",
            "session",
            "compliance",
            "finding",
            "finding_info",
            "process",
            "connection_info",
            "traffic",
            "query",
            "answers",
            "device",
            "enrichments",
            "remediation",
            "vulnerabilities",
        ],
    ),
    ("config", &["configuration", "tags", "relationships", "supplementaryConfiguration"]),
    ("security_hub", &["Resources", "ProductFields", "Compliance", "Workflow", "Severity", "Remediation", "Network"]),
    ("route53_resolver", &["answers", "srcids"]),
    ("network_firewall", &["event"]),
];

/// Log types whose records are JSON.
const JSON: [&str; 9] = [
    "cloudtrail",
    "config",
    "guardduty",
    "network_firewall",
    "ocsf",
    "other",
    "route53_resolver",
    "security_hub",
    "waf",
];

/// Whether a table's records are JSON, so that any name may be a path into them.
pub(super) fn is_json(table: &str) -> bool {
    JSON.contains(&table)
}

/// A name without its signs, in lower case: `cs(User-Agent)`, `cs_user_agent` and `csUserAgent` are one.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect()
}

/// The names of one table.
#[derive(Debug, Default)]
struct Index {
    targets: HashMap<String, Target>,
    /// Beginnings of paths that are not values themselves.
    sections: HashMap<String, String>,
}

fn index(table: &str) -> &'static Index {
    static ALL: OnceLock<HashMap<&'static str, Index>> = OnceLock::new();
    static NONE: OnceLock<Index> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let types = event::log_types().iter().copied().chain([&event::log_types::ALL]);
        types.map(|log_type| (log_type.id, build(log_type.id, log_type.catalogue()))).collect()
    });
    all.get(table).unwrap_or_else(|| NONE.get_or_init(Index::default))
}

fn build(table: &'static str, catalogue: &'static Catalogue) -> Index {
    let mut index = Index::default();
    let json = is_json(table);
    for field in catalogue.fields() {
        let Some(path) = field.path.filter(|p| !p.contains('[')) else { continue };
        let target = match field.column {
            Some(column) => Target::Column(column, sort_of(field.ty)),
            None if is_section(table, path) || has_parts(catalogue, path) => Target::Section(path.to_owned()),
            None => Target::Path { path: path.to_owned(), ty: field.ty, exact: true },
        };
        index.targets.entry(fold(path)).or_insert(target);
        if json {
            for (at, _) in path.match_indices('.') {
                index.sections.entry(fold(&path[..at])).or_insert_with(|| path[..at].to_owned());
            }
        }
    }
    for (of, name, column) in ALIASES {
        if let (true, Some(field)) = (*of == table, catalogue.column(column)) {
            let column = field.column.unwrap_or(column);
            index.targets.entry((*name).to_owned()).or_insert(Target::Column(column, sort_of(field.ty)));
        }
    }
    for (column, field) in catalogue.stored() {
        index.targets.entry(fold(column)).or_insert(Target::Column(column, sort_of(field.ty)));
    }
    for section in SECTIONS.iter().filter(|(of, _)| *of == table).flat_map(|(_, names)| *names) {
        index.sections.entry(fold(section)).or_insert_with(|| (*section).to_owned());
    }
    special(table, &mut index);
    index
}

fn is_section(table: &str, path: &str) -> bool {
    SECTIONS.iter().any(|(of, names)| *of == table && names.contains(&path))
}

/// Whether a path is the beginning of others: a structure.
fn has_parts(catalogue: &Catalogue, path: &str) -> bool {
    catalogue
        .fields()
        .iter()
        .filter_map(|f| f.path)
        .any(|p| p.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// Where the log has a number or a text of an instant of ours.
fn special(table: &str, index: &mut Index) {
    let targets = &mut index.targets;
    match table {
        "waf" => {
            targets.insert("timestamp".into(), Target::Epoch(1_000));
            // The column has the names alone; Athena's has rows of a name.
            targets.insert("labels".into(), Target::Section("labels".into()));
        }
        "cloudfront" => {
            targets.insert("date".into(), Target::Column("event_date", Sort::Day));
            targets.insert("time".into(), Target::Layout("%H:%M:%S", Sort::Text));
        }
        // Security Lake's instants are milliseconds since the epoch; those whose names end in `_dt` are timestamps.
        "ocsf" => {
            targets.insert("time".into(), Target::Epoch(1_000));
            for name in ["start_time", "end_time"] {
                let path = Target::Path { path: name.to_owned(), ty: FieldType::Int, exact: true };
                targets.entry(fold(name)).or_insert(path);
            }
        }
        "config" => {
            targets.insert("configurationitems".into(), Target::Whole);
        }
        _ => {}
    }
}

/// What a dotted name stands for in a table; none: nothing that the table has.
pub(super) fn target(table: &str, name: &str) -> Option<Target> {
    let index = index(table);
    if matches!(name, "$path" | "$PATH") {
        return Some(Target::Column("origin", Sort::Text));
    }
    if name == "$file_modified_time" {
        return Some(Target::Column("ingest_time", Sort::Time));
    }
    let name = if table == "config" { strip_event_data(name) } else { name };
    let folded = fold(name);
    if let Some(found) = index.targets.get(&folded) {
        return Some(found.clone());
    }
    if let Some(section) = index.sections.get(&folded) {
        return Some(Target::Section(section.clone()));
    }
    if let Some(found) = partition(table, &folded) {
        return Some(found);
    }
    if name.contains('.') {
        let known = catalogue::named(table, Naming::Sql, name)
            .and_then(|m| Some(Target::Column(m.field.column?, sort_of(m.field.ty))));
        return known.or_else(|| below(index, table, name));
    }
    None
}

/// CloudTrail Lake's configuration items lie under `eventData`.
fn strip_event_data(name: &str) -> &str {
    let cut = name.split_once('.').filter(|(head, _)| head.eq_ignore_ascii_case("eventData"));
    cut.map_or(name, |(_, rest)| rest)
}

/// A path under a section or a text value that holds JSON.
fn below(index: &Index, table: &str, name: &str) -> Option<Target> {
    if !is_json(table) {
        return None;
    }
    let mut cuts: Vec<usize> = name.match_indices('.').map(|(at, _)| at).collect();
    cuts.reverse();
    cuts.into_iter().find_map(|at| {
        let (head, tail) = (fold(&name[..at]), &name[at + 1..]);
        let base = match index.targets.get(&head) {
            Some(Target::Section(path) | Target::Path { path, .. }) => path,
            _ => index.sections.get(&head)?,
        };
        Some(Target::Path { path: format!("{base}.{tail}"), ty: FieldType::Text, exact: false })
    })
}

/// Partition columns by the names that guides and workshops give them.
fn partition(table: &str, folded: &str) -> Option<Target> {
    let column = |names: &[&str]| {
        let catalogue = catalogue::of(table)?;
        names.iter().find_map(|n| catalogue.column(n)).and_then(|f| Some(Target::Column(f.column?, sort_of(f.ty))))
    };
    match folded {
        "region" | "regionpartition" | "pregion" | "partitionregion" | "awsregion" => column(&["aws_region", "region"]),
        "account" | "accountid" | "accountpartition" | "paccount" | "partitionaccount" | "awsaccountid" | "acctid"
        | "accountnumber" | "tpindex" => column(&["recipient_account_id", "account_id"]),
        "vpcpartition" | "pvpc" => column(&["vpc_id"]),
        "day" | "dt" | "date" | "datepartition" | "pdate" | "partitiondate" | "eventday" | "logdate" | "timestamp"
        | "partitiondt" | "datestr" | "ds" | "tpdate" | "partitiondatestr" => {
            Some(Target::Layout("%Y/%m/%d", Sort::Day))
        }
        "datehour" | "partitiondatehour" => Some(Target::Layout("%Y/%m/%d/%H", Sort::Text)),
        "year" | "pyear" | "yearpartition" => Some(Target::Layout("%Y", Sort::Digits)),
        "month" | "pmonth" | "monthpartition" => Some(Target::Layout("%m", Sort::Digits)),
        "pday" | "daypartition" => Some(Target::Layout("%d", Sort::Digits)),
        "hour" | "phour" | "hourpartition" => Some(Target::Layout("%H", Sort::Digits)),
        "tptimestamp" => Some(Target::Column("event_time", Sort::Time)),
        "tpsourceip" => column(&["source_ip_address", "source_address", "client_ip", "remote_ip"]),
        _ => None,
    }
}

/// Every name that a table's columns have, for suggestions.
pub(super) fn names(table: &str) -> Vec<&'static str> {
    catalogue::of(table).map(|c| c.names(Naming::Sql)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str, name: &str, expected: &str) {
        let found = match target(table, name) {
            Some(Target::Column(column, _)) => column.to_owned(),
            Some(Target::Path { path, exact, .. }) => format!("{}{path}", if exact { "" } else { "~" }),
            Some(Target::Section(path)) => format!("{{{path}}}"),
            Some(Target::Layout(layout, _)) => layout.to_owned(),
            Some(Target::Epoch(unit)) => format!("epoch {unit}"),
            Some(Target::Whole) => "whole".to_owned(),
            None => "-".to_owned(),
        };
        assert_eq!(found, expected, "{table} {name}");
    }

    #[test]
    fn cloudtrail() {
        check("cloudtrail", "useridentity.sessioncontext.sessionissuer.arn", "session_issuer_arn");
        check("cloudtrail", "userIdentity", "{userIdentity}");
        check("cloudtrail", "useridentity.sessioncontext", "{userIdentity.sessionContext}");
        check("cloudtrail", "useridentity.something.new", "~userIdentity.something.new");
        check("cloudtrail", "requestparameters", "{requestParameters}");
        check("cloudtrail", "requestParameters.bucketName", "request_bucket_name");
        check("cloudtrail", "requestParameters.instanceType", "requestParameters.instanceType");
        check("cloudtrail", "user_identity.arn", "user_identity_arn");
        check("cloudtrail", "resources", "{resources}");
        check("cloudtrail", "p_account", "recipient_account_id");
        check("cloudtrail", "region_partition", "aws_region");
        check("cloudtrail", "date_partition", "%Y/%m/%d");
        check("cloudtrail", "year", "%Y");
        check("cloudtrail", "$path", "origin");
        check("cloudtrail", "eventJson", "raw");
        check("cloudtrail", "evenname", "-");
    }

    #[test]
    fn other_logs() {
        check("waf", "timestamp", "epoch 1000");
        check("waf", "httprequest.clientip", "client_ip");
        check("waf", "httprequest", "{httpRequest}");
        check("waf", "httprequest.headers", "{httpRequest.headers}");
        check("waf", "rulegrouplist", "{ruleGroupList}");
        check("vpc_flow", "srcaddr", "source_address");
        check("vpc_flow", "sourceaddress", "source_address");
        check("vpc_flow", "end", "end");
        check("vpc_flow", "log_status", "log_status");
        check("vpc_flow", "day", "%Y/%m/%d");
        check("cloudfront", "cs(User-Agent)", "user_agent");
        check("cloudfront", "cs_user_agent", "user_agent");
        check("cloudfront", "c-ip", "client_ip");
        check("cloudfront", "date", "event_date");
        check("elb", "request_url", "request_url");
        check("s3_access", "requestdatetime", "event_time");
        check("guardduty", "service", "{service}");
        check("guardduty", "createdat", "created_at");
        check("route53_resolver", "srcids.instance", "instance_id");
        check("config", "eventData.resourceId", "resource_id");
        check("ocsf", "api.operation", "api_operation");
        check("ocsf", "time", "epoch 1000");
        check("ocsf", "time_dt", "event_time");
        check("ocsf", "start_time", "start_time");
        check("elb", "backend_status_code", "target_status_code");
        check("elb", "tls_protocol_version", "ssl_protocol");
    }
}
