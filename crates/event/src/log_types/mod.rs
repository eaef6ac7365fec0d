//! The log types: one file each, saying what the log is called, here and in the systems that people come from, which
//! fields it has, and how it is told from others. Tables, names in queries, the decoder and the pages in docs/logs are made
//! from this list.

use std::sync::OnceLock;

use arrow::datatypes::SchemaRef;

use crate::catalogue::Catalogue;
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

    /// Its fields.
    pub fn catalogue(&'static self) -> &'static Catalogue {
        &self.load().0
    }

    /// The Arrow schema of its table.
    pub fn schema(&'static self) -> SchemaRef {
        SchemaRef::clone(&self.load().1)
    }
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
            for needed in ["event_time", "event_date", "event_id", "origin", "origin_position", "ingest_time", "raw"] {
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
