//! A schema with the names that published CloudTrail searches use most, for tests that only ask whether a query lowers.

use std::path::PathBuf;

use query::{
    pipeline::Type,
    schema::{Dialect, Resolved, Schema},
    spl::{Environment, Macro},
};

const NAMES: &[(&str, &str)] = &[
    ("additionalEventData.MFAUsed", "mfa_used"),
    ("awsRegion", "aws_region"),
    ("aws_account_id", "recipient_account_id"),
    ("errorCode", "error_code"),
    ("errorMessage", "error_message"),
    ("eventID", "event_id"),
    ("eventName", "event_name"),
    ("eventSource", "event_source"),
    ("eventType", "event_type"),
    ("recipientAccountId", "recipient_account_id"),
    ("region", "aws_region"),
    ("requestParameters.bucketName", "request_bucket_name"),
    ("requestParameters.userName", "request_user_name"),
    ("sourceIPAddress", "source_ip_address"),
    ("src", "source_ip_address"),
    ("src_ip", "source_ip_address"),
    ("user", "user_name"),
    ("userAgent", "user_agent"),
    ("userIdentity.arn", "user_identity_arn"),
    ("userIdentity.principalId", "user_identity_principal_id"),
    ("userIdentity.type", "user_identity_type"),
    ("userIdentity.userName", "user_identity_user_name"),
    ("userName", "user_name"),
    ("user_agent", "user_agent"),
    ("user_arn", "user_identity_arn"),
    ("user_name", "user_name"),
    ("user_type", "user_identity_type"),
];

pub struct Names;

impl Schema for Names {
    fn resolve(&self, _table: &str, _dialect: Dialect, name: &str) -> Option<Resolved> {
        let (known, column) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(Resolved {
            column: (*column).to_owned(),
            ty: Type::Text,
            default: (*known == "errorCode").then(|| "success".to_owned()),
            spelled: (*known != name).then(|| (*known).to_owned()),
        })
    }

    fn names(&self, _table: &str, _dialect: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "vpc_flow", "guardduty", "elb", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _dialect: Dialect, word: &str) -> Vec<String> {
        let named = [
            ("aws:cloudtrail", "cloudtrail"),
            ("aws:cloudwatchlogs:vpcflow", "vpc_flow"),
            ("aws:elb:accesslogs", "elb"),
        ];
        named.iter().filter(|(sourcetype, _)| *sourcetype == word).map(|(_, table)| (*table).to_owned()).collect()
    }
}

pub fn environment(macros: &dyn Fn(&str, usize) -> Option<Macro>) -> Environment<'_> {
    Environment { macros, ..Environment::new(&Names, 1_532_639_308_000_000) }
}

/// The lines of a corpus file as JSON; none where the corpora are not there.
pub fn corpus(file: &str) -> Option<Vec<serde_json::Value>> {
    let root = std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join("corpora/queries").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    text.map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
