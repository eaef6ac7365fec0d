//! Published filter patterns: the valid ones lower, the invalid ones are told why; hostile text is survived.

use query::{
    diagnostic::Severity,
    filter_pattern::{FRONT, lower},
};

use crate::{fuzz, schema};

/// Patterns of the corpus that lower without an error, as last measured; the others are not valid.
const ON_RECORD: usize = 76;

/// Patterns that CloudWatch does not take either: a template's fragment, a value with blanks and no quotation marks, a
/// parenthesis that is not closed.
const INVALID: &[&str] = &["fp:nozaq:1", "fp:prowler-cloud:29", "fp:prowler-cloud:56"];

#[test]
fn published_patterns_lower() {
    let Some(rows) = schema::corpus("filter_pattern.jsonl") else { return };
    let env = schema::environment(&|_, _| None);
    let mut lowered = 0;
    for row in &rows {
        let (id, text) = (row["id"].as_str().unwrap_or_default(), row["query"].as_str().unwrap_or_default());
        match lower(text, &env) {
            Ok(_) => lowered += 1,
            Err(diagnostics) => {
                let errors: Vec<&str> =
                    diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.message.as_str()).collect();
                println!("{id}: {}", errors.join("; "));
                assert!(INVALID.contains(&id), "{}", query::diagnostic::render(text, &diagnostics));
            }
        }
    }
    println!("filter patterns: {lowered} of {} lower", rows.len());
    assert!(lowered >= ON_RECORD, "{lowered} of {} lower, {ON_RECORD} did before", rows.len());
}

const SEEDS: &[&str] = &[
    r#"{ ($.a.b[0]["c.d"].* != "x\"*" && $.e[*].f >= -1.5e+3) || ($.g IS NULL) || $.h NOT EXISTS || $.i = %a{2}|b% }"#,
    "[ip, user, ..., request =*.html*, status = 4* && status != 403 || (status=%5\\d\\d%), bytes > 1000,]",
    "?ERROR ?\"two words\" -noise %re[gx]% 東京",
];

const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "%",
    "=",
    "!=",
    "\\",
    "*",
    ",",
    "&&",
    "||",
    "...",
    "$.",
    "$",
    ".",
    " IS ",
    " NOT EXISTS",
    "東",
    "\u{0}",
    "\n",
    "<",
    ">=",
    "?",
    "-",
    "1e9",
];

#[test]
fn hostile_patterns_are_survived() {
    let seeds = fuzz::seeds("filter_pattern.jsonl", SEEDS);
    fuzz::mutations(&FRONT, &seeds, PARTS, 4000);
    fuzz::prefixes(&FRONT, SEEDS);
    for (open, close) in [("(", ")"), ("{", "}"), ("[", "]"), ("%", "%"), ("?", ""), ("-", ""), ("\"", "")] {
        fuzz::lowers_in_time(&FRONT, &format!("{}a{}", open.repeat(30_000), close.repeat(30_000)));
        fuzz::lowers_in_time(&FRONT, &format!("{{ {}$.a = b{} }}", open.repeat(15_000), close.repeat(15_000)));
        fuzz::lowers_in_time(&FRONT, &format!("[{}a = b{}]", open.repeat(15_000), close.repeat(15_000)));
    }
    for part in ["$.a=b || ", "$.a=b && ", "$.a[*].b!=1 || ", "$.a.", "$.a=%x{9}% || "] {
        fuzz::lowers_in_time(&FRONT, &format!("{{ {}$.z=1 }}", part.repeat(60_000 / part.len())));
    }
    for part in ["a,", "...,", "a=b&&", "a=b||"] {
        fuzz::lowers_in_time(&FRONT, &format!("[{}z]", part.repeat(60_000 / part.len())));
    }
    fuzz::lowers_in_time(&FRONT, &"a ".repeat(30_000));
    fuzz::lowers_in_time(&FRONT, &"x".repeat(1 << 20));
    fuzz::lowers_in_time(&FRONT, &format!("%{}%", "a{1,900}".repeat(900)));
}
