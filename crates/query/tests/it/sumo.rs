//! Published Sumo Logic queries lower; text that is no query ends in a diagnostic, soon.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use query::{diagnostic::Severity, sumo};

use crate::schema;

/// Queries of the corpus that lower without an error, as last measured.
const ON_RECORD: usize = 726;

#[test]
fn published_queries_lower() {
    let Some(rows) = schema::corpus("sumo.jsonl") else { return };
    let env = schema::environment(&|_, _| None);
    let mut lowered = 0;
    let mut unsure = 0;
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let query = row["query"].as_str().unwrap_or_default();
        unsure += usize::from((sumo::FRONT.recognise)(query) < 60);
        let Err(diagnostics) = sumo::lower(query, &env) else {
            lowered += 1;
            continue;
        };
        if let Some(error) = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
            let key = format!("{}: {}", error.code, error.message);
            failures.entry(key).or_default().push(row["id"].to_string());
        }
    }
    println!("sumo: {lowered} of {} queries lower; {unsure} are not recognised", rows.len());
    for (reason, ids) in &failures {
        println!("{:4}  {reason}  {}", ids.len(), ids[0]);
    }
    assert!(lowered >= ON_RECORD, "{lowered} of {} lower, {ON_RECORD} did before", rows.len());
}

/// Queries to mutate where the corpora are not there.
const SEEDS: &[&str] = &[
    r#"_sourceCategory = a/b* "\"x\":\"y\"" (c or !d*) | parse "a=*," as b nodrop | where b matches /x(y|z)/ | count by b"#,
    r#"* | json field=_raw "a.b[0]['c.d'].*", "..e" as f, g nodrop | if(f = "{{v}}", 1, f / 2 + 1Ki) as h | sort - h, + g"#,
    r#"$$x | timeslice 1h as t | count as n, pct(a, 90, 99.9) by t, %"b c" | transpose row t column %"b c" as d, * | fillmissing timeslice(1h)"#,
    r#"a [subquery: b | compose c] | join (where a=1 | "x" as y) as t1, (parse regex "(?<z>東)" multi) as t2 on t1.y = t2.z timewindow 5m"#,
    r#"x | lookup a as b from geo://location on ip=c | outlier d window=5,threshold=3,direction=+- by e | predict d by 1m forecast=5 model=ar"#,
    r#"x | count by a | compare with timeshift 1d 3 avg as q | topk(3, _count) by a | split b delim=':', quote=''' extract 1 as c // z"#,
];

fn lower(text: &str) {
    let env = schema::environment(&|_, _| None);
    if let Err(diagnostics) = sumo::lower(text, &env) {
        for diagnostic in &diagnostics {
            let span = diagnostic.span;
            assert!(span.start <= span.end && span.end <= text.len(), "{span:?} outside of {text:?}");
            let whole = text.is_char_boundary(span.start) && text.is_char_boundary(span.end);
            assert!(whole, "{span:?} splits a character of {text:?}");
        }
        assert!(!query::diagnostic::render(text, &diagnostics).is_empty());
    }
    let _ = (sumo::FRONT.ast)(text, &env);
    let _ = (sumo::FRONT.recognise)(text);
}

/// A small generator (splitmix64), so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }
}

const PARTS: &[&str] = &[
    "|",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "%",
    "%\"",
    "=",
    "!",
    "\\",
    "*",
    ",",
    " by ",
    " as ",
    "{{",
    "}}",
    "$$",
    "/",
    "//",
    "/*",
    "[subquery:",
    "東",
    "\u{0}",
    "\n",
    " in (",
    "if(",
    " not ",
    "?",
    ":",
    "-",
    "1e9",
    "nodrop",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        match random.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 => {
                let part = PARTS[random.below(PARTS.len())];
                chars.splice(at..at, part.chars());
            }
            2 => chars.truncate(at),
            _ => {
                let from = random.below(chars.len() + 1).min(at);
                let copy: Vec<char> = chars[from..at].to_vec();
                let to = random.below(chars.len() + 1);
                chars.splice(to..to, copy.into_iter().take(60));
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn mutated_queries_never_panic() {
    let rows = schema::corpus("sumo.jsonl").unwrap_or_default();
    let queries = rows.iter().filter_map(|row| row["query"].as_str().map(str::to_owned));
    let mut seeds: Vec<String> = queries.filter(|query| query.len() < 900).collect();
    seeds.extend(SEEDS.iter().map(|&seed| seed.to_owned()));
    let mut random = Random(42);
    for round in 0..2000 {
        let seed = &seeds[(round * 7) % seeds.len()];
        lower(&mutate(seed, &mut random));
        lower(&mutate(SEEDS[round % SEEDS.len()], &mut random));
    }
}

#[test]
fn every_prefix_of_a_query_is_survived() {
    for seed in SEEDS {
        for (at, _) in seed.char_indices() {
            lower(&seed[..at]);
        }
    }
}

#[test]
fn hostile_text_ends_soon() {
    let many = |text: &str, times: usize| text.repeat(times);
    for text in [
        many("(", 100_000),
        many("!", 100_000),
        many("not ", 50_000),
        many("[subquery: ", 20_000),
        many("{{", 50_000),
        many("$$a ", 50_000),
        many("/*", 50_000),
        many("a or ", 50_000),
        format!("* | where {}", many("(", 50_000)),
        format!("* | where {}a", many("!", 50_000)),
        format!("* | where {}a", many("not ", 50_000)),
        format!("* | where {}a", many("-", 50_000)),
        format!("* | where {}", many("if(a,", 20_000)),
        format!("* | where {}1", many("1+", 50_000)),
        format!("* | where {}1", many("a=", 50_000)),
        format!("* | where {}1", many("a ? b : ", 20_000)),
        format!("* | where {}a=1", many("a=1 or ", 9_000)),
        format!("* | where a in ({}1)", many("1,", 20_000)),
        format!("* | {}", many("[", 100_000)),
        format!("* {}", many("| json \"a\" as a nodrop ", 900)),
        format!("* {}", many("| if(a=b, a, b) as a ", 900)),
        format!("* {}", many("| a + a as a ", 900)),
        format!("* {}", many("| count by a ", 20_000)),
        format!("* | parse \"{}\" as a", many("*", 20_000)),
        format!("* | json \"{}\"", many("[", 20_000)),
        format!("* | count by {}a", many("a,", 20_000)),
        format!("* | count by a {}", many("| compare with timeshift 1d 7 ", 4)),
        format!("* | count by a {}", many("| fillmissing values all in a ", 40)),
        format!("* {}", many("| join (where a=1) as x, (where a=1) as y on x.a=y.a | x_a as a ", 40)),
        format!("* {}", many("[subquery: a | compose b] ", 300)),
        many("x", (1 << 20) + 1),
        many("\"", 100_001),
    ] {
        let start = Instant::now();
        lower(&text);
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(10), "{taken:?}: {}", &text[..40.min(text.len())]);
    }
}

#[test]
fn ordinary_length_works() {
    let env = schema::environment(&|_, _| None);
    let nested = format!("* | where {}a=1{}", "(".repeat(60), ")".repeat(60));
    assert!(sumo::lower(&nested, &env).is_ok());
    let long = format!("* | where eventName in ({})", vec!["\"a\""; 5000].join(","));
    assert!(sumo::lower(&long, &env).is_ok());
    let many = format!("({})", vec!["Create*"; 2000].join(" or "));
    assert!(sumo::lower(&many, &env).is_ok());
}
