//! Names to values and their mappings: ECS names, the record's own paths, the names of SIEM on OpenSearch, of
//! OpenSearch's catalogue (`aws.vpc.srcaddr`) and of Elastic's integration (`aws.cloudtrail.flattened.…`).

use super::tables;
use crate::{
    language::Environment,
    pipeline::{Expr, ExprKind, Func, PathStep, Type},
    schema::Dialect,
    span::Span,
    spl::{build, wildcard},
};

const DIALECT: Dialect = Dialect::OpenSearch;

/// Most fields that a pattern in a field's name stands for.
const MOST_FIELDS: usize = 64;

/// Suffixes of multi-fields: the same value, mapped another way.
const SUFFIXES: &[(&str, Option<Mapping>)] = &[
    (".keyword", Some(Mapping::Keyword)),
    (".raw", Some(Mapping::Keyword)),
    (".text", Some(Mapping::Text)),
    (".caseless", None),
];

/// Columns that hold sentences; an index would analyse them. All other text is a keyword.
const ANALYSED: &[&str] = &["error_message", "message", "raw", "description", "title"];

/// Members of the record that Elastic's integration spells with underscores.
const SPELLED: &[(&str, &str)] = &[
    ("request_parameters", "requestParameters"),
    ("response_elements", "responseElements"),
    ("additional_eventdata", "additionalEventData"),
    ("service_event_details", "serviceEventDetails"),
    ("user_identity", "userIdentity"),
];

/// How an index would treat a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// Whole, case and all.
    Keyword,
    /// Analysed: by words, in any case.
    Text,
    Number,
    Bool,
    Date,
}

/// A field's value.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub expr: Expr,
    pub mapping: Mapping,
}

/// The names of one table.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub env: &'a Environment<'a>,
    pub table: &'a str,
}

/// The name without a multi-field's suffix.
pub(crate) fn bare(name: &str) -> &str {
    SUFFIXES.iter().find_map(|(suffix, _)| name.strip_suffix(suffix)).unwrap_or(name)
}

impl Fields<'_> {
    /// What a name stands for. Never fails: what no catalogue knows is a path into the record.
    pub fn get(&self, name: &str, span: Span) -> Field {
        let suffix = SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix));
        let mut field = self.named(bare(name), span);
        if let (Some((_, Some(mapping))), Mapping::Keyword | Mapping::Text) = (suffix, field.mapping) {
            field.mapping = *mapping;
        }
        field
    }

    fn named(&self, name: &str, span: Span) -> Field {
        let spellings = spellings(name);
        if let Some(field) = spellings.iter().find_map(|name| self.stored(name, span)) {
            return field;
        }
        if let Some(value) = self.constant(name, span) {
            return Field { expr: value, mapping: Mapping::Keyword };
        }
        let last = spellings.last().map_or(name, String::as_str);
        let path = spellings.iter().find_map(|name| self.env.schema.path(self.table, DIALECT, name));
        let path = path.unwrap_or_else(|| last.to_owned());
        Field { expr: build::path(steps(&path), span), mapping: Mapping::Keyword }
    }

    fn stored(&self, name: &str, span: Span) -> Option<Field> {
        let column = |name: &str, ty| Field { expr: build::column(name, ty, span), mapping: mapping(name, ty) };
        Some(match name {
            "@message" | "_raw" | "_source" | "raw" => column("raw", Type::Text),
            "_id" | "@id" => column("event_id", Type::Text),
            "@timestamp" | "_time" | "timestamp" => column("event_time", Type::Time),
            "_index" | "data_stream.dataset" | "@log_type" | "event.dataset" | "log_type" => {
                match self.env.schema.resolve(self.table, DIALECT, "log_type") {
                    Some(found) => column(&found.column, found.ty),
                    None => Field { expr: build::text(self.table, span), mapping: Mapping::Keyword },
                }
            }
            "@log_s3key" => column("origin", Type::Text),
            "@ingested" => column("ingest_time", Type::Time),
            _ => {
                let found = self.env.schema.resolve(self.table, DIALECT, name)?;
                column(&found.column, found.ty)
            }
        })
    }

    /// Fields that SIEM on OpenSearch and ECS set to the same value in every record of a log.
    fn constant(&self, name: &str, span: Span) -> Option<Expr> {
        let alert = ["guardduty", "security_hub", "waf"].contains(&self.table);
        let text = match name {
            "cloud.provider" => "aws",
            "event.kind" if self.table == "config" => "state",
            "event.kind" if alert => "alert",
            "event.kind" => "event",
            "event.category" => match self.table {
                "cloudtrail" => "iam",
                "guardduty" | "security_hub" => "intrusion_detection",
                "waf" | "elb" | "cloudfront" | "s3_access" => "web",
                "config" => "configuration",
                "vpc_flow" | "route53_resolver" | "network_firewall" => "network",
                _ => return None,
            },
            _ => return None,
        };
        Some(build::text(text, span))
    }

    /// The fields that a pattern stands for, each column once. A pattern over a section of the record
    /// (`requestParameters.*`) is the section's text.
    pub fn matching(&self, pattern: &str, span: Span) -> Vec<Field> {
        let pattern = bare(pattern);
        let mut found: Vec<Field> = Vec::new();
        for name in self.env.schema.names(self.table, DIALECT) {
            if found.len() < MOST_FIELDS && wildcard::matches(pattern, &name) {
                let field = self.named(&name, span);
                if !found.iter().any(|known| known.expr.kind == field.expr.kind) {
                    found.push(field);
                }
            }
        }
        if let Some(section) = pattern.strip_suffix(".*").filter(|section| !section.contains('*')) {
            let section = self.named(section, span);
            if matches!(section.expr.kind, ExprKind::Path(_)) {
                found.push(Field { mapping: Mapping::Text, ..section });
            }
        }
        found
    }

    /// The latitude and longitude of a place.
    pub fn place(&self, name: &str, span: Span) -> (Expr, Expr) {
        let part = |part: &str| {
            let name = format!("{name}.{part}");
            build::to_number(self.named(&name, span).expr)
        };
        (part("lat"), part("lon"))
    }

    pub fn time(&self, span: Span) -> Expr {
        build::column("event_time", Type::Time, span)
    }
}

/// A list as one text where one is wanted.
pub(crate) fn scalar(expr: Expr) -> Expr {
    if expr.ty != Type::List {
        return expr;
    }
    let span = expr.span;
    build::call(Func::ListJoin, vec![expr, build::text(", ", span)], Type::Text, span)
}

/// The first of several values, for comparisons of order.
pub(crate) fn first(expr: Expr) -> Expr {
    if expr.ty == Type::List { build::first(expr) } else { expr }
}

fn mapping(column: &str, ty: Type) -> Mapping {
    match ty {
        Type::Int | Type::Float => Mapping::Number,
        Type::Bool => Mapping::Bool,
        Type::Time => Mapping::Date,
        Type::Text | Type::List | Type::Any if ANALYSED.contains(&column) => Mapping::Text,
        Type::Text | Type::List | Type::Any => Mapping::Keyword,
    }
}

/// The ways in which the catalogue may know a name; the last one is the path where it does not.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned()];
    if tables::service(name).is_some() {
        let rest = name.splitn(3, '.').nth(2).unwrap_or(name);
        let rest = rest.strip_prefix("flattened.").unwrap_or(rest);
        let (head, tail) = rest.split_once('.').map_or((rest, ""), |(head, tail)| (head, tail));
        match SPELLED.iter().find(|(spelled, _)| *spelled == head) {
            Some((_, own)) if tail.is_empty() => all.push((*own).to_owned()),
            Some((_, own)) => all.push(format!("{own}.{tail}")),
            None => {
                all.push(rest.to_owned());
                if rest.contains('-') {
                    all.push(rest.replace('-', "_"));
                }
            }
        }
    }
    all
}

/// A dotted name as steps into the record; every array on the way is passed through.
fn steps(path: &str) -> Vec<PathStep> {
    path.split('.')
        .map(|part| part.trim_end_matches("[]"))
        .filter(|part| !part.is_empty())
        .flat_map(|part| [PathStep::Key(part.to_owned()), PathStep::Elements])
        .collect()
}
