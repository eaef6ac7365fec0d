//! Which of our tables a name means: our own names, those of Athena's guide, event data stores, and what people call
//! their tables after the log in them.

use query::diagnostic::Diagnostic;
use query::schema::{Dialect, Schema};
use query::span::Span;

use super::diagnose::nearest;
use crate::catalogue::Fields;

/// A table that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// By a name that is known.
    Named(String),
    /// By a part of its name: said to the user.
    Guessed(String),
}

impl Meant {
    /// Our table.
    pub(super) fn table(self) -> String {
        match self {
            Self::Named(table) | Self::Guessed(table) => table,
        }
    }
}

/// Tables about the lake itself, of which nothing is renamed.
pub(super) fn own(name: &str) -> bool {
    matches!(name, "objects" | "quarantine" | "quarantine_done" | "digests")
}

/// Parts of names, most telling first.
const PARTS: &[(&str, &str)] = &[
    ("cloudtrail", "cloudtrail"),
    ("guardduty", "guardduty"),
    ("vpcflow", "vpc_flow"),
    ("vpclog", "vpc_flow"),
    ("flowlog", "vpc_flow"),
    ("cloudfront", "cloudfront"),
    ("securitylake", "ocsf"),
    ("ocsf", "ocsf"),
    ("securityhub", "security_hub"),
    ("networkfirewall", "network_firewall"),
    ("route53", "route53_resolver"),
    ("r53", "route53_resolver"),
    ("resolverquery", "route53_resolver"),
    ("tabledns", "route53_resolver"),
    ("dnslogs", "route53_resolver"),
    ("dnsquery", "route53_resolver"),
    ("s3access", "s3_access"),
    ("accesslogsdb", "s3_access"),
    ("s3serveraccess", "s3_access"),
    ("awsconfig", "config"),
    ("loadbalancer", "elb"),
    ("alb", "elb"),
    ("nlb", "elb"),
    ("elb", "elb"),
    ("waf", "waf"),
    ("trail", "cloudtrail"),
];

/// The table that a name, qualified or not, means.
pub(super) fn meant(parts: &[String]) -> Option<Meant> {
    let last = parts.last()?.to_lowercase();
    if own(&last) {
        return Some(Meant::Named(last));
    }
    if let Some(found) = Fields.tables_named(Dialect::Sql, &last).into_iter().next() {
        return Some(Meant::Named(found));
    }
    if let Some(store) = event_data_store(&last) {
        return Some(Meant::Named(store.to_owned()));
    }
    // The table's own name first, then its database's.
    parts.iter().rev().find_map(|part| by_part(part)).map(|t| Meant::Guessed(t.to_owned()))
}

fn by_part(name: &str) -> Option<&'static str> {
    let folded: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let global_accelerator = folded.contains("aga") && folded.contains("flowlog");
    PARTS.iter().find(|(part, _)| folded.contains(part) && !global_accelerator).map(|(_, table)| *table)
}

/// An event data store of CloudTrail Lake: its id, or one of the placeholders that samples have for it.
fn event_data_store(name: &str) -> Option<&'static str> {
    let folded: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let id =
        name.len() >= 32 && name.split('-').count() == 5 && name.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let store = id
        || folded.contains("eventdatastore")
        || matches!(folded.as_str(), "eds" | "edsid" | "eds1" | "eds2" | "eds3" | "edsarn" | "myeds" | "edsname")
        || (folded.starts_with("eds") && folded.ends_with("id"))
        || (folded.ends_with("edsid"));
    store.then(|| if folded.starts_with("config") { "config" } else { "cloudtrail" })
}

/// What is said of a name that means nothing here.
pub(super) fn unknown(parts: &[String], span: Span) -> Diagnostic {
    let name = parts.last().map_or("", String::as_str);
    let diagnostic = Diagnostic::error("sql.unknown-table", format!("there is no table `{name}`"), span);
    let candidates =
        ["cloudtrail_logs", "vpc_flow_logs", "alb_logs", "waf_logs", "cloudfront_logs", "s3_access_logs", "gd_logs"];
    let ours = Fields.tables();
    let near = nearest(name, candidates.into_iter().chain(ours.iter().map(String::as_str)));
    match near {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
        None => diagnostic.with_help(format!("there are {}; SHOW TABLES lists them", ours.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_by_the_names_that_people_give_them() {
        let check = |name: &str, expected: &str| {
            let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
            let found = meant(&parts).map_or_else(|| "-".to_owned(), Meant::table);
            assert_eq!(found, expected, "{name}");
        };
        check("cloudtrail_logs", "cloudtrail");
        check("default.cloudtrail_logs_my_bucket", "cloudtrail");
        check("irworkshopgluedatabase.irworkshopgluetablecloudtrail", "cloudtrail");
        check("irworkshopgluedatabase.irworkshopgluetabledns", "route53_resolver");
        check("test_table_vpclogs", "vpc_flow");
        check("0123abcd-12ab-34cd-56ef-0123456789ab", "cloudtrail");
        check("<EDS ID>", "cloudtrail");
        check("$EDS_ID", "cloudtrail");
        check("event_data_store_ID", "cloudtrail");
        check("config_event_data_store_ID", "config");
        check("s3_access_logs_db.mybucket_logs", "s3_access");
        check(
            "amazon_security_lake_glue_db_us_east_1.amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0",
            "ocsf",
        );
        check("nlb_tls_logs", "elb");
        check("aga_flow_logs", "-");
        check("orders", "-");
        check("vpc_flow", "vpc_flow");
    }
}
