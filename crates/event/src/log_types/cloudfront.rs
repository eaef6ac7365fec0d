//! Amazon CloudFront: standard logs (version 1 and 2) and real-time logs.

use std::sync::OnceLock;

use super::{Json, LogType, Names, Query, Text};
use crate::decode::columns::Columns;
use crate::decode::context::Context;
use crate::decode::lines::{Fields, Line, Lines, Reader, percent_decode, put_decoded};
use crate::decode::plan::Plan;
use crate::decode::record::{Record, Value};
use crate::time;

/// Amazon CloudFront.
pub static LOG_TYPE: LogType = LogType {
    id: "cloudfront",
    title: Text { en: "Amazon CloudFront", ja: "Amazon CloudFront" },
    about: Text {
        en: "Each request that CloudFront answered, at the edge.",
        ja: "CloudFrontがエッジで応答したリクエストごとの記録。",
    },
    enable: Text {
        en: "CloudFront console → Distribution → Logging → Standard logs (S3, CloudWatch Logs or Firehose) or Real-time logs.",
        ja: "CloudFrontコンソール → ディストリビューション → Logging → 標準ログ(S3、CloudWatch Logs、Firehose)またはリアルタイムログ。",
    },
    keys: &["*CloudFront/*", "*cloudfront*", "*aws-cloudfront*"],
    names: Names {
        sourcetypes: &["aws:cloudfront:accesslogs", "aws:cloudfront:accesslogs:*", "aws:cloudfront"],
        source_categories: &["*cloudfront*"],
        sql_tables: &[
            "cloudfront_logs",
            "cloudfront_standard_logs",
            "cloudfront_real_time_logs",
            "cloudfront_*",
            "aws_cloudfront*",
        ],
        indices: &["log-aws-cloudfront*", "logs-aws.cloudfront_logs*", "*cloudfront*"],
        sigma: &["cloudfront", "webserver", "proxy"],
        log_groups: &["*cloudfront*"],
    },
    json: Some(Json {
        marks: &[
            ("x-edge-location", 4),
            ("x_edge_location", 4),
            ("x-edge-request-id", 4),
            ("x_edge_request_id", 4),
            ("x-edge-result-type", 3),
            ("x_edge_result_type", 3),
            ("cs-method", 2),
            ("cs_method", 2),
            ("sc-status", 2),
            ("sc_status", 2),
            ("cs-uri-stem", 2),
            ("cs_uri_stem", 2),
            ("c-ip", 2),
            ("c_ip", 2),
        ],
        enough: 8,
        derive,
    }),
    lines: Some(Lines { begin, usual: |plan| Box::new(Requests::new(&STANDARD, plan)) }),
    sample: include_str!("../../samples/cloudfront.log"),
    queries: &[Query {
        language: "sql",
        text: "SELECT status, count(*) FROM cloudfront_logs GROUP BY status ORDER BY 2 DESC",
        title: Text { en: "Requests by status", ja: "ステータス別のリクエスト数" },
    }],
    fields: include_str!("../../fields/cloudfront.tsv"),
    loaded: OnceLock::new(),
};

/// The fields of a standard log, which lines without a header have.
const STANDARD: [&str; 33] = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
];

/// All fields of a real-time log in their fixed order; a configuration may leave some out.
const REALTIME: [&str; 40] = [
    "timestamp",
    "c-ip",
    "time-to-first-byte",
    "sc-status",
    "sc-bytes",
    "cs-method",
    "cs-protocol",
    "cs(Host)",
    "cs-uri-stem",
    "cs-bytes",
    "x-edge-location",
    "x-edge-request-id",
    "x-host-header",
    "time-taken",
    "cs-protocol-version",
    "c-ip-version",
    "cs(User-Agent)",
    "cs(Referer)",
    "cs(Cookie)",
    "cs-uri-query",
    "x-edge-response-result-type",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-result-type",
    "fle-encrypted-fields",
    "fle-status",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
    "c-port",
    "x-edge-detailed-result-type",
    "c-country",
    "cs-accept-encoding",
    "cs-accept",
    "cache-behavior-path-pattern",
    "cs-headers",
    "cs-header-names",
    "cs-headers-count",
];

fn begin(line: &str, plan: &Plan) -> Option<Box<dyn Reader>> {
    if line.starts_with("#Version:") {
        return Some(Box::new(Requests::new(&STANDARD, plan)));
    }
    if let Some(names) = header(line) {
        return Some(Box::new(Requests::new(&names, plan)));
    }
    let mut fields = Fields::default();
    fields.cut(line, b'\t');
    let field = |at| fields.get(line, at).unwrap_or_default();
    let method = |at: usize| field(at).len() >= 3 && field(at).bytes().all(|byte| byte.is_ascii_uppercase());
    let address = |at: usize| field(at).parse::<std::net::IpAddr>().is_ok();
    if fields.len() >= 12 && time::parse(field(0)).is_some() && field(0).contains('-') && address(4) && method(5) {
        return Some(Box::new(Requests::new(&STANDARD, plan)));
    }
    let epoch = field(0).contains('.') && field(0).parse::<f64>().is_ok_and(|seconds| seconds > 1e8);
    let realtime = fields.len() >= 12 && epoch && address(1) && method(5);
    realtime.then(|| Box::new(Requests::new(&REALTIME, plan)) as Box<dyn Reader>)
}

/// The names of a header's fields.
fn header(line: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = line.strip_prefix("#Fields:")?.split_ascii_whitespace().collect();
    (names.len() >= 3).then_some(names)
}

/// The column of a field as any of the formats spells it.
fn column_of(name: &str) -> Option<&'static str> {
    let catalogue = LOG_TYPE.catalogue();
    let alike = |known: &str| known.eq_ignore_ascii_case(name);
    let by_path = catalogue.fields().iter().find(|field| field.path.is_some_and(alike));
    let by_native = || catalogue.fields().iter().find(|field| field.native.iter().any(|known| alike(known)));
    let found = by_path.or_else(by_native)?;
    found.column.filter(|column| *column != "event_time")
}

/// Reads lines of fields between tabs, in the order of a header.
#[derive(Debug)]
struct Requests {
    /// The column of each field.
    columns: Vec<Option<usize>>,
    date: Option<usize>,
    time: Option<usize>,
    timestamp: Option<usize>,
    at: Derived,
    kind: &'static str,
    fields: Fields,
    scratch: Vec<u8>,
}

/// Columns that are read or filled specially.
#[derive(Debug, Clone, Copy)]
struct Derived {
    log_kind: usize,
    region: usize,
    account_id: usize,
    distribution_id: usize,
    user_agent: usize,
    url: usize,
    bytes: usize,
    http_version: usize,
    outcome: usize,
    status: usize,
    protocol: usize,
    host_header: usize,
    uri_stem: usize,
    uri_query: usize,
    protocol_version: usize,
    request_bytes: usize,
    response_bytes: usize,
}

impl Requests {
    fn new(names: &[&str], plan: &Plan) -> Self {
        let column = |name: &str| plan.column(name).unwrap_or_default();
        let place = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let timestamp = place("timestamp").or_else(|| place("timestamp(ms)"));
        Self {
            columns: names.iter().map(|name| column_of(name).and_then(|name| plan.column(name))).collect(),
            date: place("date"),
            time: place("time"),
            timestamp,
            kind: if place("timestamp") == Some(0) { "realtime" } else { "standard" },
            at: Derived {
                log_kind: column("log_kind"),
                region: column("region"),
                account_id: column("account_id"),
                distribution_id: column("distribution_id"),
                user_agent: column("user_agent"),
                url: column("url"),
                bytes: column("bytes"),
                http_version: column("http_version"),
                outcome: column("outcome"),
                status: column("status"),
                protocol: column("protocol"),
                host_header: column("host_header"),
                uri_stem: column("uri_stem"),
                uri_query: column("uri_query"),
                protocol_version: column("protocol_version"),
                request_bytes: column("request_bytes"),
                response_bytes: column("response_bytes"),
            },
            fields: Fields::default(),
            scratch: Vec::new(),
        }
    }

    /// The field of a column.
    fn of<'l>(&self, line: &'l str, column: usize) -> Option<&'l str> {
        let at = self.columns.iter().position(|known| *known == Some(column))?;
        self.fields.get(line, at)
    }

    fn event_time(&self, line: &str) -> Result<Option<i64>, &'static str> {
        let field = |at: Option<usize>| at.and_then(|at| self.fields.get(line, at));
        let told = match (field(self.date), field(self.time), field(self.timestamp)) {
            (_, _, Some(stamp)) => time::parse(stamp),
            (Some(date), Some(clock), None) if date.len() == 10 => {
                let day = time::parse(date).ok_or("its date is not a date")?;
                time::parse(&format!("1970-01-01T{clock}")).map(|clock| day + clock)
            }
            (Some(date), None, None) => time::parse(date),
            _ if self.date.is_none() && self.timestamp.is_none() => return Ok(None),
            _ => return Err("it has no time"),
        };
        told.map(Some).ok_or("its time is not a time")
    }

    fn derive(&mut self, line: &str, context: &Context, columns: &mut Columns) {
        let at = self.at;
        columns.put(at.log_kind, self.kind);
        columns.put(at.region, "global");
        if let (None, Some(account)) = (self.of(line, at.account_id), &context.account) {
            columns.put(at.account_id, account);
        }
        if let (None, Some(id)) = (self.of(line, at.distribution_id), distribution(&context.origin)) {
            columns.put(at.distribution_id, id);
        }
        let version = self.of(line, at.protocol_version).and_then(|text| text.split_once('/'));
        version.into_iter().for_each(|(_, version)| columns.put(at.http_version, version));
        let number = |column| self.of(line, column).and_then(|text| text.parse::<i64>().ok());
        if let Some(sent) = number(at.response_bytes) {
            columns.put_number(at.bytes, sent.saturating_add(number(at.request_bytes).unwrap_or(0)));
        }
        if let Some(outcome) = number(at.status).map(outcome) {
            columns.put(at.outcome, outcome);
        }
        let parts = [at.protocol, at.host_header, at.uri_stem, at.uri_query].map(|column| self.of(line, column));
        let mut scratch = std::mem::take(&mut self.scratch);
        if full_url(parts, &mut scratch) {
            columns.put(at.url, std::str::from_utf8(&scratch).unwrap_or_default());
        }
        self.scratch = scratch;
    }
}

impl Reader for Requests {
    fn read(&mut self, line: &str, context: &Context, columns: &mut Columns) -> Result<Line, &'static str> {
        if line.starts_with('#') {
            if let Some(names) = header(line) {
                *self = Self::new(&names, columns.plan());
            }
            return Ok(Line::Header);
        }
        self.fields.cut(line, b'\t');
        if self.fields.len() < 3 {
            return Err("it has too few fields for a CloudFront log");
        }
        let event_time = self.event_time(line)?;
        for (at, column) in self.columns.iter().enumerate() {
            let (Some(column), Some(text)) = (*column, self.fields.get(line, at)) else { continue };
            if column == self.at.user_agent {
                put_decoded(columns, column, text, &mut self.scratch);
            } else {
                columns.put(column, text);
            }
        }
        self.derive(line, context, columns);
        Ok(Line::Record(event_time))
    }
}

/// The same for a request that came as JSON or as a row of Parquet.
fn derive(record: &mut Record<'_>) {
    record.set("region", "global");
    record.set("log_kind", "standard");
    let json = |record: &Record<'_>, key: &str| {
        record.json(&[key]).and_then(crate::decode::record::text).map(|text| text.into_owned())
    };
    if let (Some(date), Some(clock)) = (json(record, "date"), json(record, "time"))
        && let Some(time) = time::parse(&format!("{date}T{clock}"))
    {
        record.put("event_time", Value::Time(time));
    }
    if record.get("account_id").is_none() {
        let account = record.context.account.clone();
        record.set_some("account_id", account);
    }
    if record.get("distribution_id").is_none() {
        let id = distribution(&record.context.origin).map(str::to_owned);
        record.set_some("distribution_id", id);
    }
    if let Some((_, version)) = record.get("protocol_version").as_deref().and_then(|text| text.split_once('/')) {
        record.set("http_version", version);
    }
    if let Some(sent) = record.number("response_bytes") {
        record.put("bytes", Value::Int(sent.saturating_add(record.number("request_bytes").unwrap_or(0))));
    }
    if let Some(status) = record.number("status") {
        record.set("outcome", outcome(status));
    }
    let mut scratch = Vec::new();
    if let Some(agent) = record.get("user_agent")
        && percent_decode(&agent, &mut scratch)
    {
        record.set("user_agent", std::str::from_utf8(&scratch).unwrap_or(&agent));
    }
    let [scheme, host, stem, query] = ["protocol", "host_header", "uri_stem", "uri_query"].map(|name| record.get(name));
    if full_url([scheme.as_deref(), host.as_deref(), stem.as_deref(), query.as_deref()], &mut scratch) {
        record.set("url", std::str::from_utf8(&scratch).unwrap_or_default());
    }
}

/// Writes scheme, host, path and query as one URL; false: host or path are not known.
fn full_url([scheme, host, stem, query]: [Option<&str>; 4], into: &mut Vec<u8>) -> bool {
    let (Some(host), Some(stem)) = (host, stem) else { return false };
    into.clear();
    if let Some(scheme) = scheme {
        into.extend_from_slice(scheme.as_bytes());
        into.extend_from_slice(b"://");
    }
    into.extend_from_slice(host.as_bytes());
    into.extend_from_slice(stem.as_bytes());
    if let Some(query) = query {
        into.push(b'?');
        into.extend_from_slice(query.as_bytes());
    }
    true
}

fn outcome(status: i64) -> &'static str {
    if (1..400).contains(&status) { "success" } else { "failure" }
}

/// The distribution of a delivered object, `prefix/EMLARXS9EXAMPLE.2019-11-14-20.RT4KCN4SGK9.gz`.
fn distribution(origin: &str) -> Option<&str> {
    let (id, _) = origin.rsplit('/').next()?.split_once('.')?;
    let shaped = (12..=14).contains(&id.len()) && id.starts_with('E');
    (shaped && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())).then_some(id)
}
