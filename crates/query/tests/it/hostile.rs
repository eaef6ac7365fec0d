//! Text that is no query: mutated real ones, and nesting without end. Nothing panics, overflows or hangs.

use query::spl;

use crate::schema;

/// Queries to mutate where the corpora are not there.
const SEEDS: &[&str] = &[
    "sourcetype=aws:cloudtrail errorCode=AccessDenied | stats count by errorCode | sort - count",
    "`m(\"a, b\", c)` | eval x=if(a.b>=\"1\", 'c d'-2, case(1==1, \"東京\")) | where x LIKE \"%a\" XOR NOT y",
    "a [search b | table c] | join type=left d [| inputlookup e where f=g | fields d] | rex mode=sed \"s/a/b/g\"",
    "* | timechart span=1h count(eval(a=\"b\")) as c by d limit=5 | rename a.* as * | spath input=x path=a{}.b{0}",
    "| tstats count from datamodel=Change where a=b by c _time span=1h ```comment``` | convert ctime(*Time) as *",
];

fn lower(text: &str) {
    let env = schema::environment(&|name, _| {
        (name == "m").then(|| spl::Macro::new(&["p", "q"], "search $p$ | `m($q$, $p$)`"))
    });
    if let Err(diagnostics) = spl::lower(text, &env) {
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
    assert!(!spl::explain(text, &|_, _| None).is_empty());
}

/// A small generator (splitmix64), so that a failure repeats.
pub struct Random(pub u64);

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
    "|", "[", "]", "(", ")", "\"", "'", "`", "```", "=", "!=", "\\", "*", ",", " by ", " as ", "{}", ".", "-", "$",
    "東", "\u{0}", "\n", " IN (", "eval(", " NOT ", "@", "%",
];

pub fn mutate(text: &str, random: &mut Random) -> String {
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
    let rows = schema::corpus("spl.jsonl").unwrap_or_default();
    let mut seeds: Vec<String> = rows
        .iter()
        .filter_map(|row| row["query"].as_str().map(str::to_owned))
        .filter(|query| query.len() < 900)
        .collect();
    seeds.extend(SEEDS.iter().map(|&seed| seed.to_owned()));
    let mut random = Random(42);
    for round in 0..2000 {
        let seed = &seeds[round % seeds.len()];
        lower(&mutate(seed, &mut random));
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
fn nesting_ends_in_a_diagnostic() {
    for (open, close) in [("(", ")"), ("NOT ", ""), ("[search ", "]"), ("x=CASE(", ")")] {
        lower(&format!("{}a{}", open.repeat(100_000), close.repeat(100_000)));
    }
    for (open, close) in [
        ("(", ")"),
        ("NOT ", ""),
        ("-", ""),
        ("if(a,", ",1)"),
        ("1+", ""),
        ("a.", "b"),
        ("a AND ", ""),
        ("a XOR ", ""),
        ("a=", ""),
        ("+", ""),
    ] {
        lower(&format!("* | eval x={}a{}", open.repeat(50_000), close.repeat(50_000)));
    }
    for (open, close) in [
        ("awsRegion+", ""),
        ("a XOR ", ""),
        ("(awsRegion+", ")"),
        ("strftime(", ",\"%s\")"),
        ("tostring(", ",\"duration\")"),
        ("isint(", ")"),
        ("(a<", ")"),
    ] {
        lower(&format!("* | eval x={}a{}", open.repeat(90), close.repeat(90)));
    }
    lower(&format!("* {}", "| spath input=x | spath input=y | sort z | rename a.* as * | fillnull ".repeat(200)));
    lower(&format!("* | eval x=case({})", vec!["a=1,2"; 5000].join(",")));
    lower(&format!("* | where {}", vec!["a=1"; 20_000].join(" OR ")));
    lower(&"a OR b ".repeat(50_000));
    lower(&"| eval a=1 ".repeat(20_000));
    lower(&"x".repeat((1 << 20) + 1));
    lower(&"`m(a, b)`".repeat(50));
}

#[test]
fn ordinary_nesting_works() {
    let env = schema::environment(&|_, _| None);
    let nested = format!("* | eval x={}1{}", "(".repeat(90), ")".repeat(90));
    assert!(spl::lower(&nested, &env).is_ok());
    let long = format!("eventName IN ({})", vec!["a"; 5000].join(","));
    assert!(spl::lower(&long, &env).is_ok());
}
