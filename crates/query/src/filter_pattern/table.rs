//! Which table a pattern is about: no pattern says so, but its selectors and field names do.

use super::ast::{Condition, Pattern, Slot};
use crate::{
    language::Environment,
    pipeline::PathStep,
    schema::{Dialect, table_knowing},
};

/// Names that people give to the fields of a line, by the log that has them; letters and digits only.
const LINES: &[(&str, &[&str])] = &[
    (
        "vpc_flow",
        &[
            "version",
            "account",
            "accountid",
            "eni",
            "interface",
            "interfaceid",
            "src",
            "source",
            "srcaddr",
            "srcip",
            "sourceip",
            "sourceaddress",
            "dst",
            "dest",
            "destination",
            "dstaddr",
            "dstip",
            "destip",
            "destaddr",
            "destinationip",
            "srcport",
            "sourceport",
            "dstport",
            "destport",
            "destinationport",
            "protocol",
            "packets",
            "bytes",
            "windowstart",
            "windowend",
            "start",
            "end",
            "starttime",
            "endtime",
            "action",
            "flowlogstatus",
            "logstatus",
            "status",
        ],
    ),
    (
        "s3_access",
        &[
            "bucketowner",
            "owner",
            "bucket",
            "time",
            "timestamp",
            "remoteip",
            "ip",
            "requester",
            "requestid",
            "operation",
            "key",
            "requesturi",
            "httpstatus",
            "errorcode",
            "bytessent",
            "objectsize",
            "totaltime",
            "turnaroundtime",
            "referrer",
            "referer",
            "useragent",
            "versionid",
            "hostid",
        ],
    ),
];

pub(super) fn of(pattern: &Pattern, env: &Environment<'_>) -> String {
    match pattern {
        Pattern::Terms(_) => env.default_table.to_owned(),
        Pattern::Json(condition) => {
            let mut paths = Vec::new();
            collect(condition, &mut paths);
            let paths = paths.iter().map(String::as_str);
            table_knowing(env.schema, Dialect::FilterPattern, paths, env.default_table)
        }
        Pattern::Spaced(slots) => of_line(slots, env),
    }
}

fn collect(condition: &Condition, paths: &mut Vec<String>) {
    match condition {
        Condition::And(items) | Condition::Or(items) => items.iter().for_each(|item| collect(item, paths)),
        Condition::Test(test) => {
            let keys = test.selector.steps.iter().map_while(|step| match step {
                PathStep::Key(key) => Some(key.as_str()),
                _ => None,
            });
            let path = keys.collect::<Vec<_>>().join(".");
            if !paths.contains(&path) && paths.len() < 100 {
                paths.push(path);
            }
        }
    }
}

/// The log whose names are most of the pattern's; lines of no known log are looked for everywhere.
fn of_line(slots: &[Slot], env: &Environment<'_>) -> String {
    let names: Vec<String> = slots.iter().filter_map(name).collect();
    let tables = env.schema.tables();
    let score = |known: &[&str]| names.iter().filter(|name| known.contains(&name.as_str())).count();
    let best = LINES
        .iter()
        .filter(|(table, _)| tables.iter().any(|there| there == table))
        .map(|(table, known)| (score(known), *table))
        .filter(|(score, _)| *score >= 4 && 2 * score > names.len())
        .max_by_key(|(score, _)| *score);
    match best {
        Some((_, table)) => table.to_owned(),
        None => tables.into_iter().find(|table| table == "all").unwrap_or_else(|| env.default_table.to_owned()),
    }
}

fn name(slot: &Slot) -> Option<String> {
    let Slot::Field { name, .. } = slot else { return None };
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    (!plain.is_empty()).then(|| plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[test]
    fn names_tell_the_table() {
        for (pattern, expected) in [
            ("{ $.eventName = x }", "cloudtrail"),
            ("{ $.httpRequest.clientIp = x && $.action = BLOCK }", "waf"),
            ("ERROR", "cloudtrail"),
            (
                "[version, account_id, interface_id, srcaddr, dstaddr, srcport, dstport=22, protocol, packets, bytes, start, end, action=REJECT, log_status]",
                "vpc_flow",
            ),
            ("[w1=ERROR, w2]", "all"),
        ] {
            assert_eq!(testing::table(pattern), expected, "{pattern}");
        }
    }
}
