//! How much a text looks like Sumo Logic: what only its queries have, against what those of SPL and Logs Insights have.

use std::sync::OnceLock;

use regex::RegexSet;

/// Only Sumo Logic has these.
const SURE: &[&str] = &[
    r"(?i)(?:^|[\s(!])_source(?:category|host|name)\s*=",
    r"(?i)(?:^|[\s(])_(?:index|view|collector|datatier)\s*=\s*\w",
    r#"(?i)\|\s*parse\s+(?:regex\s+)?(?:field\s*=\s*\S+\s+)?"(?:\\.|[^"\\])*"(?:\s+as\s|\s*nodrop|\s*multi|\s*\||\s*$)"#,
    r#"(?i)\|\s*json\s+(?:auto|field\s*=|")"#,
    r"(?i)\|\s*timeslice(?:\s|$)",
    r"(?i)\|\s*transpose\s+row\s",
    r"(?i)\|\s*lookup\s[^|]*\sfrom\s+(?:\w+://|/shared)",
    r"(?i)\|\s*(?:fillmissing|outlier|rollingstd|backshift|threatlookup|geoip|withtime)\s",
    r"(?i)\bcompare\s+(?:with\s+)?timeshift\b",
    r"(?i)\[\s*subquery\s*:",
    r"(?i)\|\s*topk\s*\(",
];

/// Sumo Logic has these, and hardly anybody else.
const LIKELY: &[&str] = &[
    r"(?i)\|\s*count(?:\s*\([^)]*\))?(?:\s+as\s+\S+)?\s+by\s",
    r"(?i)\|\s*count\s*(?:$|\|)",
    r"(?i)\|\s*(?:sum|avg|min|max|count_distinct|pct|first|last)\s*\([^)]*\)[^|]*\sby\s",
    r"(?i)\|\s*if\s*\(",
    r"(?i)\|\s*extract\s",
    r#"(?i)\|\s*where\s[^|]*\smatches\s+["/]"#,
    r#"(?i)\|\s*where\s[^|]*\scontains\s+""#,
    r"(?i)\bnodrop\b",
    r#"(?i)\|\s*\w+\([^|]*\)\s+as\s+\w+"#,
    r"\{\{[\w.]+\}\}",
];

/// Others have these.
const OTHER: &[&str] = &[
    r"(?i)\|\s*(?:stats|eventstats|streamstats|timechart|eval|rex|spath|table|rename|search|tstats|iplocation|inputlookup|bin|bucket|mvexpand|dedup\s+\w+$)\s",
    // Not CloudTrail's `eventType`: names of SPL have one case.
    r"(?:^|[\s(|])(?:sourcetype|index|eventtype)\s*=",
    r"(?i)\|\s*(?:filter|display)\s",
    r"(?i)(?:^|\|)\s*fields\s+[^|]*@\w",
    r"(?i)\bbin\s*\(",
    r"(?i)@(?:message|timestamp|logstream)\b",
    r"(?i)^\s*(?:select|with)\s",
    r"^\s*[\{\[]",
    r"(?im)^\s*(?:detection|logsource)\s*:",
    r"`[^`]+`",
];

fn set(patterns: &[&str], cell: &'static OnceLock<RegexSet>) -> &'static RegexSet {
    cell.get_or_init(|| RegexSet::new(patterns).unwrap_or_else(|_| RegexSet::empty()))
}

/// 0 to 100.
pub(super) fn likeness(text: &str) -> u8 {
    static SETS: [OnceLock<RegexSet>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
    // What a language looks like shows early.
    let end = text.char_indices().nth(20_000).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let count = |index: usize, patterns| set(patterns, &SETS[index]).matches(text).iter().count();
    let (sure, likely, other) = (count(0, SURE), count(1, LIKELY), count(2, OTHER));
    if other > 0 {
        // A text of another language may mention one thing or the other.
        return if sure > other { 40 } else { 0 };
    }
    match (sure, likely) {
        (0, 0) => 0,
        (0, 1) => 45,
        (0, _) => 75,
        (1, 0) => 85,
        _ => 95,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_from_others() {
        for (text, least, most) in [
            ("_sourceCategory = cm-core/cloudtrail \"ConsoleLogin\" | count by user", 80, 100),
            ("* | parse \"\\\"eventName\\\":\\\"*\\\"\" as eventName nodrop", 80, 100),
            ("error | json \"a.b\" as c | where c matches \"x*\"", 80, 100),
            ("error | timeslice 1h | count by _timeslice", 80, 100),
            ("error | json \"eventType\" | where eventType = \"AwsApiCall\"", 80, 100),
            ("error | count by user", 20, 79),
            ("sourcetype=aws:cloudtrail | stats count by user", 0, 0),
            ("index=x eventName=y | eval a=if(b=1, 2, 3) | timechart count", 0, 0),
            ("fields @timestamp, @message | filter eventName like /x/ | stats count(*) by bin(5m)", 0, 0),
            ("fields @timestamp | parse @message \"user=*\" as user | stats count(*) by user", 0, 0),
            ("SELECT eventName FROM cloudtrail_logs", 0, 0),
            ("eventName=ConsoleLogin", 0, 0),
            ("{ $.eventName = \"ConsoleLogin\" }", 0, 0),
            ("", 0, 0),
        ] {
            let found = likeness(text);
            assert!((least..=most).contains(&found), "{text}: {found}");
        }
        for pattern in SURE.iter().chain(LIKELY).chain(OTHER) {
            assert!(regex::Regex::new(pattern).is_ok(), "{pattern}");
        }
    }
}
