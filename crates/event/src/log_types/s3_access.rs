//! Amazon S3 server access logs: each request for a bucket.

use std::sync::OnceLock;

use super::{LogType, Names, Query, Text};
use crate::decode::columns::Columns;
use crate::decode::context::{Context, is_account, is_region};
use crate::decode::lines::{Fields, Line, Lines, Reader, put_decoded, url_parts};
use crate::decode::plan::Plan;
use crate::time;

/// Amazon S3 server access logs.
pub static LOG_TYPE: LogType = LogType {
    id: "s3_access",
    title: Text { en: "Amazon S3 server access logs", ja: "Amazon S3サーバーアクセスログ" },
    about: Text {
        en: "Each request for a bucket and its objects, delivered on a best effort.",
        ja: "バケットとオブジェクトへのリクエストごとの記録(ベストエフォート配信)。",
    },
    enable: Text {
        en: "S3 console → Bucket → Properties → Server access logging, to another bucket.",
        ja: "S3コンソール → バケット → プロパティ → サーバーアクセスのログ記録。送信先は別のバケット。",
    },
    keys: &["*????-??-??-??-??-??-????????????????", "*s3accesslog*", "*s3-access-log*", "*S3AccessLog*"],
    names: Names {
        sourcetypes: &["aws:s3:accesslogs", "aws:s3:accesslogs:*", "aws:s3:serveraccess"],
        source_categories: &["*s3*"],
        sql_tables: &[
            "s3_access_logs",
            "s3_access_logs_db",
            "s3_access_logs_*",
            "mybucket_logs",
            "s3_server_access_logs",
            "s3_logs",
            "aws_s3_server_access_log",
            "*s3*access*",
        ],
        indices: &["log-aws-s3accesslog*", "logs-aws.s3access*", "*s3access*"],
        sigma: &["s3", "s3access", "webserver"],
        log_groups: &["*s3*access*"],
    },
    json: None,
    lines: Some(Lines { begin, usual: |plan| Box::new(Accesses::new(plan)) }),
    sample: include_str!("../../samples/s3_access.log"),
    queries: &[Query {
        language: "sql",
        text: "SELECT requester, operation, key FROM s3_access_logs WHERE httpstatus = 403",
        title: Text { en: "Who was refused what", ja: "拒否された要求者と対象" },
    }],
    fields: include_str!("../../fields/s3_access.tsv"),
    loaded: OnceLock::new(),
};

/// The fields of a line, by their columns.
const FIELDS: [&str; 27] = [
    "bucket_owner",
    "bucket",
    "event_time",
    "remote_ip",
    "requester",
    "request_id",
    "operation",
    "key",
    "request_uri",
    "http_status",
    "error_code",
    "bytes_sent",
    "object_size",
    "total_time",
    "turn_around_time",
    "referrer",
    "user_agent",
    "version_id",
    "host_id",
    "signature_version",
    "cipher_suite",
    "authentication_type",
    "host_header",
    "tls_version",
    "access_point_arn",
    "acl_required",
    "source_region",
];
const TIME: usize = 2;
const REQUESTER: usize = 4;
const KEY: usize = 7;
const REQUEST: usize = 8;
const STATUS: usize = 9;
const ERROR: usize = 10;
const ENDPOINT: usize = 22;
const TLS: usize = 23;
const ACCESS_POINT: usize = 24;
/// Owner to operation: less is no line of this log.
const LEAST: usize = 8;

fn begin(line: &str, plan: &Plan) -> Option<Box<dyn Reader>> {
    let line = line.trim_ascii();
    let mut fields = Fields::default();
    fields.quoted(line, true);
    let dated = fields.get(line, TIME).is_some_and(|text| time::parse_clf(text).is_some());
    let operation = fields.get(line, 6).is_some_and(|text| text.contains('.'));
    (dated && operation && fields.len() >= LEAST).then(|| Box::new(Accesses::new(plan)) as Box<dyn Reader>)
}

/// Reads S3's lines.
#[derive(Debug)]
struct Accesses {
    columns: Vec<usize>,
    at: Derived,
    fields: Fields,
    scratch: Vec<u8>,
}

/// The columns that are filled from others.
#[derive(Debug, Clone, Copy)]
struct Derived {
    account_id: usize,
    region: usize,
    actor_name: usize,
    method: usize,
    url: usize,
    url_path: usize,
    url_query: usize,
    http_version: usize,
    protocol: usize,
    outcome: usize,
}

impl Accesses {
    fn new(plan: &Plan) -> Self {
        let column = |name: &str| plan.column(name).unwrap_or_default();
        Self {
            columns: FIELDS.iter().map(|name| column(name)).collect(),
            at: Derived {
                account_id: column("account_id"),
                region: column("region"),
                actor_name: column("actor_name"),
                method: column("method"),
                url: column("url"),
                url_path: column("url_path"),
                url_query: column("url_query"),
                http_version: column("http_version"),
                protocol: column("protocol"),
                outcome: column("outcome"),
            },
            fields: Fields::default(),
            scratch: Vec::new(),
        }
    }

    fn derive(&self, line: &str, context: &Context, columns: &mut Columns) {
        let at = self.at;
        let field = |which| self.fields.get(line, which);
        let mut put = |column: usize, text: Option<&str>| {
            if let Some(text) = text.filter(|text| !text.is_empty() && *text != "-") {
                columns.put(column, text);
            }
        };
        let endpoint = field(ENDPOINT);
        let region = endpoint.and_then(region_of).or(context.region.as_deref());
        put(at.region, region);
        let access_point = field(ACCESS_POINT).and_then(|arn| arn.split(':').nth(4)).filter(|part| is_account(part));
        put(at.account_id, access_point.or(context.account.as_deref()));
        put(at.actor_name, field(REQUESTER).map(|requester| requester.rsplit('/').next().unwrap_or(requester)));
        if let Some(request) = field(REQUEST) {
            let (method, rest) = request.split_once(' ').unwrap_or((request, ""));
            let (url, protocol) = rest.rsplit_once(' ').unwrap_or((rest, ""));
            put(at.method, Some(method));
            put(at.url, Some(url));
            put(at.http_version, protocol.strip_prefix("HTTP/"));
            let parts = url_parts(url);
            put(at.url_path, parts.path);
            put(at.url_query, parts.query);
            put(at.protocol, Some(if field(TLS).is_some() { "https" } else { "http" }));
        }
        let status = field(STATUS).and_then(|text| text.parse::<u16>().ok());
        put(at.outcome, Some(outcome(status, field(ERROR))));
    }
}

/// How a request ended.
fn outcome(status: Option<u16>, error: Option<&str>) -> &'static str {
    match (status, error) {
        (Some(401 | 403), _) | (_, Some("AccessDenied" | "AllAccessDisabled" | "SignatureDoesNotMatch")) => {
            "unauthorized"
        }
        (Some(400..), _) | (_, Some(_)) => "failure",
        _ => "success",
    }
}

/// The region of an endpoint: `bucket.s3.us-west-2.amazonaws.com`, `s3-us-west-2.amazonaws.com`.
fn region_of(endpoint: &str) -> Option<&str> {
    let parts = endpoint.split('.').map(|part| part.strip_prefix("s3-").unwrap_or(part));
    parts.into_iter().find(|part| is_region(part))
}

impl Reader for Accesses {
    fn read(&mut self, line: &str, context: &Context, columns: &mut Columns) -> Result<Line, &'static str> {
        self.fields.quoted(line, true);
        if self.fields.len() < LEAST {
            return Err("it has too few fields for an S3 access log");
        }
        let written = self.fields.get(line, TIME).ok_or("it has no time")?;
        let event_time = time::parse_clf(written).ok_or("its time is not a time")?;
        for (at, column) in self.columns.iter().enumerate() {
            let Some(text) = self.fields.get(line, at) else { continue };
            match at {
                TIME => {}
                KEY => put_decoded(columns, *column, text, &mut self.scratch),
                _ => columns.put(*column, text),
            }
        }
        self.derive(line, context, columns);
        Ok(Line::Record(Some(event_time)))
    }
}
