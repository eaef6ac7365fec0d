//! The log types: one file each, saying what the log is called, here and in the systems that people come from, which
//! fields it has, and how it is told from others. Tables, names in queries, the decoder and the pages in docs/logs are made
//! from this list.

use std::sync::OnceLock;

use arrow::datatypes::SchemaRef;

use crate::catalogue::Catalogue;
use crate::decode::lines::Lines;
use crate::decode::record::Record;
use crate::schema::schema_of;

pub mod cloudfront;
pub mod cloudtrail;
pub mod config;
pub mod elb;
pub mod guardduty;
pub mod network_firewall;
pub mod ocsf;
pub mod other;
pub mod route53_resolver;
pub mod s3_access;
pub mod security_hub;
pub mod vpc_flow;
pub mod waf;

/// Text in English and Japanese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Japanese.
    pub ja: &'static str,
}

/// A question, for the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// The language that it is in, as `--lang` names it.
    pub language: &'static str,
    /// The query.
    pub text: &'static str,
    /// What it asks.
    pub title: Text,
}

/// What other systems call a log type. `*` stands for anything; case does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names {
    /// Sourcetypes of the Splunk Add-on for AWS, most usual first.
    pub sourcetypes: &'static [&'static str],
    /// Source categories that Sumo Logic's apps take for granted.
    pub source_categories: &'static [&'static str],
    /// Tables of Athena's guide and of CloudTrail Lake; ours is understood anyway.
    pub sql_tables: &'static [&'static str],
    /// Index patterns of SIEM on OpenSearch, the OpenSearch catalog and Elastic's integrations.
    pub indices: &'static [&'static str],
    /// `service` or `category` of a Sigma rule's logsource.
    pub sigma: &'static [&'static str],
    /// CloudWatch log groups.
    pub log_groups: &'static [&'static str],
}

/// How records of JSON are told from those of other log types, and what they say between the lines.
#[derive(Debug)]
pub(crate) struct Json {
    /// Keys of the record itself that speak for the log type, and how much.
    pub(crate) marks: &'static [(&'static str, u8)],
    /// How much has to speak for it.
    pub(crate) enough: u8,
    /// Fills the columns that no path of the record equals.
    pub(crate) derive: fn(&mut Record<'_>),
}

/// A kind of log: one table.
#[derive(Debug)]
pub struct LogType {
    /// Its table's name.
    pub id: &'static str,
    /// As AWS calls it.
    pub title: Text,
    /// What it records.
    pub about: Text,
    /// Where to switch it on.
    pub enable: Text,
    /// Keys of the objects that AWS delivers; `*` stands for anything, `?` for one character. They decide where the content
    /// leaves a choice.
    pub keys: &'static [&'static str],
    /// Elsewhere.
    pub names: Names,
    /// How its records of JSON are told and read.
    pub(crate) json: Option<Json>,
    /// How its lines are told and read.
    pub(crate) lines: Option<Lines>,
    /// Records of it, made up, as they are delivered.
    pub sample: &'static str,
    /// Questions that people ask of it.
    pub queries: &'static [Query],
    /// Its field catalogue: the text of `fields/<id>.tsv`.
    pub(crate) fields: &'static str,
    pub(crate) loaded: OnceLock<(Catalogue, SchemaRef)>,
}

impl LogType {
    fn load(&self) -> &(Catalogue, SchemaRef) {
        self.loaded.get_or_init(|| {
            let catalogue = Catalogue::parse(self.fields);
            let schema = schema_of(&catalogue);
            (catalogue, schema)
        })
    }

    /// Whether AWS delivers it under such a key.
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|pattern| matches(pattern.as_bytes(), key.as_bytes()))
    }

    /// The sourcetype by which Splunk's add-on for AWS, or the one that is usual for the log, knows it.
    pub fn sourcetype(&self) -> &'static str {
        self.names.sourcetypes.first().copied().unwrap_or_default()
    }

    /// Its fields.
    pub fn catalogue(&'static self) -> &'static Catalogue {
        &self.load().0
    }

    /// The Arrow schema of its table.
    pub fn schema(&'static self) -> SchemaRef {
        SchemaRef::clone(&self.load().1)
    }
}

/// Whether a key is as a pattern says: `*` stands for anything, `?` for one character. Linear in the key for each star.
fn matches(pattern: &[u8], key: &[u8]) -> bool {
    let (mut p, mut k) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while k < key.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, k));
                p += 1;
            }
            Some(byte) if *byte == b'?' || byte == &key[k] => {
                p += 1;
                k += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (p, k) = (after, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Every log type, sorted by id but for CloudTrail, which comes first.
pub fn log_types() -> &'static [&'static LogType] {
    static ALL: [&LogType; 13] = [
        &cloudtrail::LOG_TYPE,
        &cloudfront::LOG_TYPE,
        &config::LOG_TYPE,
        &elb::LOG_TYPE,
        &guardduty::LOG_TYPE,
        &network_firewall::LOG_TYPE,
        &ocsf::LOG_TYPE,
        &other::LOG_TYPE,
        &route53_resolver::LOG_TYPE,
        &s3_access::LOG_TYPE,
        &security_hub::LOG_TYPE,
        &vpc_flow::LOG_TYPE,
        &waf::LOG_TYPE,
    ];
    &ALL
}

/// The log type of that table.
pub fn log_type(id: &str) -> Option<&'static LogType> {
    log_types().iter().copied().find(|log_type| log_type.id == id)
}

/// The log type that a sender's sourcetype means; `None`: what it sends has to tell by itself.
pub fn of_sourcetype(sourcetype: &str) -> Option<&'static LogType> {
    let wanted = sourcetype.to_ascii_lowercase();
    let means = |log_type: &&&LogType| {
        log_type.names.sourcetypes.iter().any(|pattern| matches(pattern.as_bytes(), wanted.as_bytes()))
    };
    log_types().iter().filter(|log_type| log_type.id != "other").find(means).copied()
}

/// The view across the log types: the fields that they share.
pub static ALL: LogType = LogType {
    id: "all",
    title: Text { en: "All logs", ja: "すべてのログ" },
    about: Text {
        en: "Every log type at once, with the fields that they share.",
        ja: "すべてのログを共通の項目で横断する表。",
    },
    enable: Text { en: "", ja: "" },
    keys: &[],
    names: Names {
        sourcetypes: &[],
        source_categories: &[],
        sql_tables: &["all_logs"],
        indices: &[],
        sigma: &[],
        log_groups: &[],
    },
    json: None,
    lines: None,
    sample: "",
    queries: &[],
    fields: include_str!("../../fields/all.tsv"),
    loaded: OnceLock::new(),
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_log_type_has_what_the_lake_needs() {
        for log_type in log_types() {
            let catalogue = log_type.catalogue();
            for needed in [
                "event_time",
                "event_date",
                "event_id",
                "origin",
                "origin_position",
                "ingest_time",
                "time_status",
                "raw",
            ] {
                assert!(catalogue.column(needed).is_some(), "{}: {needed}", log_type.id);
            }
        }
    }

    #[test]
    fn common_fields_exist_and_are_filled_once() {
        for log_type in log_types() {
            let mut seen = HashSet::new();
            for field in log_type.catalogue().fields() {
                let Some(common) = field.common else { continue };
                assert!(seen.insert(common), "{}: {common} is filled twice", log_type.id);
                let target = ALL.catalogue().column(common);
                assert_eq!(target.map(|t| t.ty), Some(field.ty), "{}: {common}", log_type.id);
            }
        }
    }
}
