//! Elastic Load Balancing: access logs of all kinds of load balancers, and connection logs of the ALB.

use std::sync::OnceLock;

use super::{LogType, Names, Query, Text};
use crate::decode::columns::Columns;
use crate::decode::context::{Context, is_account, is_region};
use crate::decode::lines::{Fields, Line, Lines, Reader, address_and_port, looks_like_iso, url_parts};
use crate::decode::plan::Plan;
use crate::time;

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
    json: None,
    lines: Some(Lines { begin, usual: |plan| Box::new(Balancer::new(plan)) }),
    sample: include_str!("../../samples/elb.log"),
    queries: &[Query {
        language: "sql",
        text: "SELECT elb, elb_status_code, count(*) FROM alb_logs WHERE elb_status_code >= 500 GROUP BY 1, 2",
        title: Text { en: "Errors by load balancer", ja: "ロードバランサー別のエラー" },
    }],
    fields: include_str!("../../fields/elb.tsv"),
    loaded: OnceLock::new(),
};

/// The fields of an Application Load Balancer's access log. Of `a+b`, address and port are two columns.
const ALB: [&str; 33] = [
    "type",
    "event_time",
    "elb",
    "client_ip+client_port",
    "target_ip+target_port",
    "request_processing_time",
    "target_processing_time",
    "response_processing_time",
    "elb_status_code",
    "target_status_code",
    "received_bytes",
    "sent_bytes",
    "request",
    "user_agent",
    "ssl_cipher",
    "ssl_protocol",
    "target_group_arn",
    "trace_id",
    "domain_name",
    "chosen_cert_arn",
    "matched_rule_priority",
    "request_creation_time",
    "actions_executed",
    "redirect_url",
    "error_reason",
    "target_port_list",
    "target_status_code_list",
    "classification",
    "classification_reason",
    "conn_trace_id",
    "transformed_host",
    "transformed_uri",
    "request_transform_status",
];

/// A Classic Load Balancer's.
const CLB: [&str; 15] = [
    "event_time",
    "elb",
    "client_ip+client_port",
    "target_ip+target_port",
    "request_processing_time",
    "target_processing_time",
    "response_processing_time",
    "elb_status_code",
    "target_status_code",
    "received_bytes",
    "sent_bytes",
    "request",
    "user_agent",
    "ssl_cipher",
    "ssl_protocol",
];

/// A Network Load Balancer's TLS log.
const NLB: [&str; 22] = [
    "type",
    "log_entry_version",
    "event_time",
    "elb",
    "listener",
    "client_ip+client_port",
    "target_ip+target_port",
    "connection_time",
    "tls_handshake_time",
    "received_bytes",
    "sent_bytes",
    "incoming_tls_alert",
    "chosen_cert_arn",
    "chosen_cert_serial",
    "ssl_cipher",
    "ssl_protocol",
    "tls_named_group",
    "domain_name",
    "alpn_fe_protocol",
    "alpn_be_protocol",
    "alpn_client_preference_list",
    "tls_connection_creation_time",
];

/// An Application Load Balancer's connection log.
const CONNECTION: [&str; 13] = [
    "event_time",
    "client_ip",
    "client_port",
    "listener_port",
    "ssl_protocol",
    "ssl_cipher",
    "tls_handshake_time",
    "client_cert_subject",
    "client_cert_validity",
    "client_cert_serial",
    "tls_verify_status",
    "conn_trace_id",
    "tls_named_group",
];

/// The four formats, with the names that they have in `elb_type`, and the least number of fields of a line.
const FORMATS: [(&str, &[&str], usize); 4] =
    [("alb", &ALB, 12), ("clb", &CLB, 11), ("nlb", &NLB, 8), ("alb-connection", &CONNECTION, 6)];

/// Which format a line is of, an index of [`FORMATS`].
fn format_of(line: &str, fields: &Fields) -> Option<usize> {
    let field = |at| fields.get(line, at).unwrap_or_default();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match field(0) {
        "http" | "https" | "h2" | "grpcs" | "ws" | "wss" if looks_like_iso(field(1)) => Some(0),
        "tls" | "tcp" if number(field(1)) && looks_like_iso(field(2)) => Some(2),
        time if looks_like_iso(time) => {
            let port = |at| number(field(at)) && !field(at).contains('.');
            if port(2) && port(3) && field(1).contains(['.', ':']) {
                return Some(3);
            }
            let timed = |at: usize| field(at).parse::<f64>().is_ok();
            let target = fields.get(line, 3).is_none_or(|target| target.contains(':'));
            (field(2).contains(':') && target && timed(4) && timed(5) && timed(6)).then_some(1)
        }
        _ => None,
    }
}

fn begin(line: &str, plan: &Plan) -> Option<Box<dyn Reader>> {
    let mut fields = Fields::default();
    fields.quoted(line.trim_ascii(), false);
    format_of(line.trim_ascii(), &fields)?;
    Some(Box::new(Balancer::new(plan)))
}

/// What a field is put into.
#[derive(Debug, Clone, Copy)]
enum Place {
    Column(usize),
    Endpoint(usize, usize),
}

/// Reads the logs of all load balancers: a bucket of them may hold every kind.
#[derive(Debug)]
struct Balancer {
    places: Vec<Vec<Place>>,
    at: Derived,
    fields: Fields,
}

/// The columns that are filled from others.
#[derive(Debug, Clone, Copy)]
struct Derived {
    elb_type: usize,
    account_id: usize,
    region: usize,
    bytes: usize,
    verb: usize,
    url: usize,
    request_protocol: usize,
    http_version: usize,
    scheme: usize,
    domain: usize,
    port: usize,
    path: usize,
    query: usize,
    protocol: usize,
    outcome: usize,
}

impl Balancer {
    fn new(plan: &Plan) -> Self {
        let column = |name: &str| plan.column(name).unwrap_or_default();
        let place = |name: &&str| match name.split_once('+') {
            Some((address, port)) => Place::Endpoint(column(address), column(port)),
            None => Place::Column(column(name)),
        };
        Self {
            places: FORMATS.iter().map(|(_, names, _)| names.iter().map(place).collect()).collect(),
            at: Derived {
                elb_type: column("elb_type"),
                account_id: column("account_id"),
                region: column("region"),
                bytes: column("bytes"),
                verb: column("request_verb"),
                url: column("request_url"),
                request_protocol: column("request_protocol"),
                http_version: column("http_version"),
                scheme: column("url_scheme"),
                domain: column("url_domain"),
                port: column("url_port"),
                path: column("url_path"),
                query: column("url_query"),
                protocol: column("protocol"),
                outcome: column("outcome"),
            },
            fields: Fields::default(),
        }
    }

    /// A field of a format by its name.
    fn named<'l>(&self, line: &'l str, format: usize, name: &str) -> Option<&'l str> {
        let at = FORMATS[format].1.iter().position(|field| *field == name)?;
        self.fields.get(line, at)
    }

    fn request(&self, request: &str, columns: &mut Columns) {
        let at = self.at;
        let mut put = |column: usize, text: Option<&str>| {
            if let Some(text) = text.filter(|text| !text.is_empty() && *text != "-") {
                columns.put(column, text);
            }
        };
        let (verb, rest) = request.split_once(' ').unwrap_or((request, ""));
        let (url, protocol) = rest.rsplit_once(' ').unwrap_or((rest, ""));
        put(at.verb, Some(verb));
        put(at.url, Some(url));
        put(at.request_protocol, Some(protocol));
        put(at.http_version, protocol.strip_prefix("HTTP/"));
        let url = url_parts(url);
        put(at.scheme, url.scheme);
        put(at.domain, url.host);
        put(at.port, url.port);
        put(at.path, url.path);
        put(at.query, url.query);
    }

    fn derive(&self, line: &str, format: usize, context: &Context, columns: &mut Columns) {
        let at = self.at;
        columns.put(at.elb_type, FORMATS[format].0);
        let arn = ["target_group_arn", "chosen_cert_arn"].iter().find_map(|name| self.named(line, format, name));
        let mut parts = arn.into_iter().flat_map(|arn| arn.split(':')).skip(3);
        let region = parts.next().filter(|region| is_region(region)).or(context.region.as_deref());
        let account = parts.next().filter(|account| is_account(account)).or(context.account.as_deref());
        region.into_iter().for_each(|region| columns.put(at.region, region));
        account.into_iter().for_each(|account| columns.put(at.account_id, account));
        let bytes = |name| self.named(line, format, name).and_then(|text| text.parse::<i64>().ok());
        if let (Some(received), Some(sent)) = (bytes("received_bytes"), bytes("sent_bytes")) {
            columns.put_number(at.bytes, received.saturating_add(sent));
        }
        let request = self.named(line, format, "request");
        if let Some(request) = request {
            self.request(request, columns);
        }
        columns.put(at.protocol, self.protocol(line, format, request));
        columns.put(at.outcome, if self.failed(line, format) { "failure" } else { "success" });
    }

    fn protocol<'l>(&self, line: &'l str, format: usize, request: Option<&'l str>) -> &'l str {
        match FORMATS[format].0 {
            "alb" | "nlb" => self.named(line, format, "type").unwrap_or("http"),
            "clb" => match request.and_then(|request| request.split(' ').nth(1)) {
                Some(url) if url.starts_with("https") => "https",
                Some(url) if url.starts_with("http") => "http",
                _ if self.named(line, format, "ssl_protocol").is_some() => "ssl",
                _ => "tcp",
            },
            _ if self.named(line, format, "ssl_protocol").is_some() => "tls",
            _ => "tcp",
        }
    }

    fn failed(&self, line: &str, format: usize) -> bool {
        let status = self.named(line, format, "elb_status_code").and_then(|text| text.parse::<u16>().ok());
        match FORMATS[format].0 {
            "alb" => status.is_none_or(|status| status >= 400),
            "clb" => status.is_some_and(|status| status >= 400),
            "nlb" => self.named(line, format, "incoming_tls_alert").is_some(),
            _ => self.named(line, format, "tls_verify_status").is_some_and(|verdict| verdict.starts_with("Failed")),
        }
    }
}

impl Reader for Balancer {
    fn read(&mut self, line: &str, context: &Context, columns: &mut Columns) -> Result<Line, &'static str> {
        self.fields.quoted(line, false);
        let format = format_of(line, &self.fields).ok_or("it has not the fields of a load balancer's log")?;
        let (_, names, least) = FORMATS[format];
        if self.fields.len() < least {
            return Err("it has too few fields for a load balancer's log");
        }
        let written = self.named(line, format, "event_time").ok_or("it has no time")?;
        let event_time = time::parse(written).ok_or("its time is not a time")?;
        for (at, place) in self.places[format].iter().enumerate() {
            let Some(text) = self.fields.get(line, at).filter(|_| names[at] != "event_time") else { continue };
            match place {
                Place::Column(column) => columns.put(*column, text),
                Place::Endpoint(address_column, port_column) => {
                    let (address, port) = address_and_port(text);
                    address.into_iter().for_each(|address| columns.put(*address_column, address));
                    port.into_iter().for_each(|port| columns.put(*port_column, port));
                }
            }
        }
        self.derive(line, format, context, columns);
        Ok(Line::Record(Some(event_time)))
    }
}
