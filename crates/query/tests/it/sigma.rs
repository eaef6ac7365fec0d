//! Published Sigma rules lower, and hostile YAML ends in a diagnostic: no panic, no bomb, no quadratic time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use query::{
    diagnostic::Severity,
    sigma::{self, File},
};

use crate::schema;

/// Rules of the corpus that lower without an error, as last measured.
const ON_RECORD: usize = 427;

#[test]
fn published_rules_lower() {
    let Some(rows) = schema::corpus("sigma.jsonl") else { return };
    let env = schema::environment(&|_, _| None);
    let mut lowered = 0;
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let text = row["query"].as_str().unwrap_or_default();
        assert!((sigma::FRONT.recognise)(text) >= 90, "{text}");
        match sigma::lower(text, &env) {
            Ok(_) => lowered += 1,
            Err(diagnostics) => {
                let error = diagnostics.iter().find(|d| d.severity == Severity::Error).unwrap();
                failures.entry(format!("{}: {}", error.code, error.message)).or_default().push(row["id"].to_string());
            }
        }
    }
    println!("sigma: {lowered} of {} rules lower", rows.len());
    for (reason, ids) in &failures {
        println!("{:4}  {reason}  {}", ids.len(), ids[0]);
    }
    assert!(lowered >= ON_RECORD, "{lowered} of {} lower, {ON_RECORD} did before", rows.len());
}

#[test]
fn a_whole_folder_loads_at_once() {
    let Some(rows) = schema::corpus("sigma.jsonl") else { return };
    let file = |row: &serde_json::Value| File {
        name: row["id"].as_str().unwrap_or_default().to_owned(),
        text: row["query"].as_str().unwrap_or_default().to_owned(),
    };
    let files: Vec<File> = rows.iter().map(file).collect();
    let collection = sigma::load(&files);
    let errors = collection.diagnostics.iter().filter(|(_, found)| found.severity == Severity::Error).count();
    assert_eq!(errors, 0, "{:?}", collection.diagnostics);
    assert!(collection.entries.len() >= files.len());
    let env = schema::environment(&|_, _| None);
    for at in collection.outputs() {
        let entry = &collection.entries[at];
        assert!(collection.lower(&[at], &env).is_ok(), "{}", files[entry.file].name);
    }
}

const SEEDS: &[&str] = &[
    "title: T\nid: 1\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    eventName|contains|all: ['x*', \"y\\\\?\"]\n    b.c|re|i: 'a(b|c)+'\n  k: [one, 東京]\n  condition: (a or k) and not 1 of them | count(x) by y >= 5\n",
    "title: A\nname: a\nlogsource: {service: cloudtrail}\ndetection: {s: {x|cidr: 10.0.0.0/8, y|base64offset|contains: q}, condition: s}\n---\ntitle: C\ncorrelation:\n  type: temporal_ordered\n  rules: [a, a]\n  group-by: [u]\n  timespan: 5m\n  aliases: {u: {a: b}}\n",
    "action: global\ntitle: &t G\nlogsource: {product: aws}\n---\naction: repeat\ndetection:\n  s: &s {eventTime|hour|gte: 3, z: null}\n  t: *s\n  condition: [s, t]\n",
];

fn lower(text: &str) {
    let env = schema::environment(&|_, _| None);
    if let Err(diagnostics) = sigma::lower(text, &env) {
        for diagnostic in &diagnostics {
            let span = diagnostic.span;
            assert!(span.start <= span.end && span.end <= text.len(), "{span:?} outside of {text:?}");
            assert!(
                text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
                "{span:?} splits a character of {text:?}"
            );
        }
        assert!(!query::diagnostic::render(text, &diagnostics).is_empty());
    }
    let _ = (sigma::FRONT.ast)(text, &env);
    let _ = (sigma::FRONT.recognise)(text);
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
    "{",
    "}",
    "\"",
    "'",
    ":",
    ": ",
    "\n",
    "\n  ",
    "- ",
    "---\n",
    "&a ",
    "*a",
    "\\",
    "*",
    "?",
    "%x%",
    "#",
    "\t",
    "東",
    "\u{0}",
    "\u{feff}",
    "null",
    "true",
    "!!str ",
    "<<: *a",
    "> 5",
    " of ",
    "not ",
    "(",
    ")",
    "|re",
    "|contains",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        match random.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 => {
                chars.splice(at..at, PARTS[random.below(PARTS.len())].chars());
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
fn mutated_rules_never_panic() {
    let rows = schema::corpus("sigma.jsonl").unwrap_or_default();
    let mut seeds: Vec<String> = rows
        .iter()
        .filter_map(|row| row["query"].as_str().map(str::to_owned))
        .filter(|text| text.len() < 1500)
        .step_by(9)
        .collect();
    seeds.extend(SEEDS.iter().map(|&seed| seed.to_owned()));
    seeds.extend(SEEDS.iter().map(|&seed| seed.to_owned()));
    let mut random = Random(7);
    for round in 0..3000 {
        lower(&mutate(&seeds[round % seeds.len()], &mut random));
    }
}

#[test]
fn every_prefix_of_a_rule_is_survived() {
    for seed in SEEDS {
        for (at, _) in seed.char_indices() {
            lower(&seed[..at]);
        }
    }
}

#[test]
fn nesting_repetition_and_bombs_end_soon() {
    let head = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n";
    let started = Instant::now();
    for text in [
        format!("{head}  s: {}x{}\n  condition: s", "[".repeat(20_000), "]".repeat(20_000)),
        format!("{head}  s: {}x\n  condition: s", "{a: ".repeat(20_000)),
        format!("{head}  s: {{a: b}}\n  condition: {}s", "not ".repeat(20_000)),
        format!("{head}  s: {{a: b}}\n  condition: {}s{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{head}  s: {{a: b}}\n  condition: s{}", " or s".repeat(20_000)),
        format!("{head}  s: {{a: b}}\n  condition: s{}", " and not s".repeat(20_000)),
        format!("{head}  s:\n    a:\n{}  condition: s", "      - x\n".repeat(20_000)),
        format!("{head}  s:\n    a: [{}]\n  condition: {}", vec!["x"; 3000].join(","), vec!["s"; 3000].join(" or ")),
        format!("{head}  s:\n    a|windash: '{}'\n  condition: s", " -x".repeat(2000)),
        format!("{head}  s:\n    a: '{}'\n  condition: s", "*a?".repeat(20_000)),
        format!("{head}  s:\n    a|re: '{}'\n  condition: s", "(a*)*".repeat(2000)),
        format!("{head}{}  condition: 1 of s*", (0..5000).map(|n| format!("  s{n}: {{a: b}}\n")).collect::<String>()),
        format!("x: &a [{}]\ny: [{}]", vec!["1"; 1000].join(","), vec!["*a"; 1000].join(",")),
        "---\n".repeat(20_000),
        "a: b\n---\n".repeat(20_000),
        format!("{head}  s: {{a: b}}\n  condition: s\n---\n").repeat(3_000),
        "title: T\ncorrelation: {type: temporal, rules: [T], timespan: 1m}\n---\n".repeat(5_000),
        "- ".repeat(50_000),
        "? ".repeat(50_000),
        "&a ".repeat(50_000),
        "\"".to_owned() + &"x".repeat(1 << 20),
        "x".repeat((4 << 20) + 1),
    ] {
        lower(&text);
    }
    // Some seconds in a debug build; one quadratic step over any of these takes minutes.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
