//! Published Logs Insights queries: how many lower; hostile text is survived.

use query::{
    diagnostic::Severity,
    insights::{FRONT, lower},
};

use crate::{fuzz, schema};

/// Queries of the corpus that lower without an error, as last measured; what is left has a placeholder in it.
const ON_RECORD: usize = 47;

#[test]
fn published_queries_lower() {
    let Some(rows) = schema::corpus("insights.jsonl") else { return };
    let env = schema::environment(&|_, _| None);
    let mut lowered = 0;
    for row in &rows {
        let text = row["query"].as_str().unwrap_or_default();
        match lower(text, &env) {
            Ok(_) => lowered += 1,
            Err(diagnostics) => {
                let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
                let errors: Vec<String> = errors.map(|found| format!("{}: {}", found.code, found.message)).collect();
                println!("{}  {}", row["id"], errors.join("; "));
            }
        }
    }
    println!("insights: {lowered} of {} queries lower", rows.len());
    assert!(lowered >= ON_RECORD, "{lowered} of {} lower, {ON_RECORD} did before", rows.len());
}

const SEEDS: &[&str] = &[
    "fields @timestamp, concat(a.b.0.c, 'x') as `d-e` # comment\n| filter (f like /(?i)x\\/y/ and not g in [\"h\", 1.5]) or i != -2^3 | sort by j desc, k | limit any 5",
    "SOURCE logGroups(namePrefix: ['a'], class: 'b') START=-1h | parse @message \"l=*, m=*\" as n, o | stats count(*) as p, pct(q, 95)/2 by bin(5m), ispresent(r) as s | filter p > 1",
    "parse /(?<t>\\S+)/ | unnest jsonParse(u).v into w | dedup x, y | display w.z[0], case(a=1,2,3) | addtotals col=true a",
    "filter a in (SOURCE 'b' | filter c exists | fields d) | join type=left left=e right=f where e.g=f.h (stats latest(i) by j) | lookup k l as m OUTPUT n as o | pattern @message",
    "stats max(a) by dateceil(@timestamp, 1mo) | fillmissing with 0 for b | filldown c, d // 東京",
];

const PARTS: &[&str] = &[
    "|", "(", ")", "[", "]", "\"", "'", "`", "/", "=", "!=", "\\", "*", ",", " by ", " as ", ".", "-", "@", "#", "//",
    " like /", " in [", " in (", " not ", "東", "\u{0}", "\n", "5m", "1e9", "stats ", "filter ", "bin(", " into ",
];

#[test]
fn hostile_queries_are_survived() {
    let seeds = fuzz::seeds("insights.jsonl", SEEDS);
    fuzz::mutations(&FRONT, &seeds, PARTS, 5000);
    fuzz::prefixes(&FRONT, SEEDS);
    for (open, close) in [
        ("(", ")"),
        ("not ", ""),
        ("!", ""),
        ("-", ""),
        ("if(a,", ",1)"),
        ("1+", ""),
        ("2^", ""),
        ("a in [", "]"),
        ("a in (filter ", ")"),
        ("abs(", ")"),
        ("a=", ""),
        ("a and ", ""),
        ("a[0].", ""),
        ("`", "`"),
    ] {
        fuzz::lowers_in_time(&FRONT, &format!("filter {}a{}", open.repeat(20_000), close.repeat(20_000)));
        fuzz::lowers_in_time(&FRONT, &format!("filter {}a{}", open.repeat(40), close.repeat(40)));
    }
    for (open, close) in
        [("dateceil(", ",1h)"), ("isempty(", ")"), ("replace(", ",a,b)"), ("(a<", ")"), ("fromMillis(", ")")]
    {
        fuzz::lowers_in_time(&FRONT, &format!("fields {}a{} as x", open.repeat(50), close.repeat(50)));
    }
    for part in [
        "| stats count(*) by a ",
        "| fields a as b ",
        "| filter a=1 ",
        "| sort a ",
        "| dedup a ",
        "| addtotals col=true a ",
    ] {
        fuzz::lowers_in_time(&FRONT, &format!("fields a {}", part.repeat(4_000 / part.len())));
    }
    fuzz::lowers_in_time(&FRONT, &format!("filter a in [{}]", vec!["\"x\""; 20_000].join(",")));
    fuzz::lowers_in_time(&FRONT, &format!("filter {}", vec!["a=1"; 20_000].join(" or ")));
    fuzz::lowers_in_time(&FRONT, &format!("fields {}", vec!["a"; 20_000].join(",")));
    fuzz::lowers_in_time(&FRONT, &format!("stats {}", vec!["count(*)"; 5_000].join(",")));
    fuzz::lowers_in_time(&FRONT, &format!("parse \"{}\" as a", "*".repeat(50_000)));
    fuzz::lowers_in_time(&FRONT, &format!("filter a like /{}/", "(a{1,99})".repeat(500)));
    fuzz::lowers_in_time(&FRONT, &"x".repeat(1 << 20));
    fuzz::lowers_in_time(&FRONT, &"#".repeat(100_000));
    fuzz::lowers_in_time(&FRONT, &"/".repeat(100_000));
}
