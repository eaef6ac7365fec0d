//! What matching costs: 750 rules over single events, and the built-in set with its modes, over logs that are decoded and
//! enriched on the way. Seconds are those that the thread had a processor.
//!
//! ```text
//! cargo run --release -p detect --example matching -- LOGS…
//! ```
#![allow(clippy::print_stdout, reason = "it is a program that reports")]

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use detect::compile::{self, Shape, Truth};
use detect::matcher::Matcher;
use detect::rule::{File, Query, load};
use detect::{Attack, Detector, Held, Rule};
use engine::matching::Matching;
use enrich::Enricher;
use event::Decoded;
use query::span::Span;

const RULES: usize = 750;
/// Rows that an ingest commits at once.
const COMMIT: usize = 20_000;

/// Processor time of this thread, seconds; time on the clock where the system does not tell.
fn processor(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn texts(decoded: &Decoded, column: &str) -> Vec<Option<String>> {
    let Some(column) = decoded.batch.column_by_name(column) else { return Vec::new() };
    let column = cast(column, &DataType::Utf8).expect("text");
    column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

/// Two rules for each call that the logs hold, as a catalogue of calls worth watching makes them: it succeeded, it was tried.
fn rules(calls: &BTreeSet<(String, String)>) -> Vec<Truth> {
    let mut truths = Vec::new();
    for (source, name) in calls.iter().cycle().take(RULES / 2) {
        for outcome in ["$.errorCode NOT EXISTS", "$.errorCode = \"*\""] {
            let text = format!("{{ $.eventSource = \"{source}\" && $.eventName = \"{name}\" && {outcome} }}");
            let query = Query { lang: "filter".to_owned(), text, span: Span::default() };
            match compile::query(&query, &[]).expect("a pattern").shape {
                Shape::Truths(found) => truths.extend(found),
                Shape::More(why) => panic!("{why}"),
            }
        }
    }
    truths
}

fn builtin() -> Vec<Arc<Rule>> {
    let file = |(path, text): (&str, &str)| File { name: path.to_owned(), text: text.to_owned(), builtin: true };
    let loaded = load(&assets::rules().map(file).collect::<Vec<_>>(), &Attack::parse(assets::attack()));
    loaded.rules.into_iter().map(|entry| Arc::new(entry.rule)).filter(|rule| rule.enabled).collect()
}

async fn read(paths: &[String], sink: &mut (dyn FnMut(Decoded) -> bool + Send)) {
    ingest::read(paths, Arc::new(Enricher::new(None)), &ingest::Options::default(), sink).await.expect("logs");
}

#[tokio::main]
async fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    assert!(paths.iter().all(|path| Path::new(path).exists()) && !paths.is_empty(), "give folders of logs");
    let mut calls = BTreeSet::new();
    read(&paths, &mut |decoded| {
        let names = texts(&decoded, "event_name");
        calls.extend(texts(&decoded, "event_source").into_iter().zip(names).filter_map(|(s, n)| Some((s?, n?))));
        true
    })
    .await;
    let matching = Matching::new(None, 0);
    let truths = rules(&calls);
    let numbered: Vec<(usize, &Truth)> = truths.iter().enumerate().collect();
    let matcher = Matcher::new(&matching, &numbered).map_err(|(_, error)| error.message).expect("a matcher");
    let set = builtin();
    let (mut detector, broken) = Detector::new(&set, &HashMap::new(), &matching).expect("a detector");
    assert!(broken.is_empty(), "{broken:?}");
    let mut memory = Held::default();
    let start = Instant::now();
    let (mut events, mut matches, mut findings) = (0_u64, 0_u64, 0_u64);
    let (mut single, mut whole) = (0.0, 0.0);
    let mut together: Vec<Decoded> = Vec::new();
    let mut ask = |decoded: Vec<Decoded>| {
        events += decoded.iter().map(|one| one.batch.num_rows() as u64).sum::<u64>();
        let before = processor(start);
        for one in &decoded {
            let found = matcher.matches(one.log_type, &one.batch).expect("matches");
            matches += found.iter().map(|found| found.rows.len() as u64).sum::<u64>();
        }
        let between = processor(start);
        let found = detector.observe(&decoded, &mut memory, i64::MAX).expect("findings");
        findings += found.len() as u64;
        single += between - before;
        whole += processor(start) - between;
    };
    read(&paths, &mut |decoded| {
        together.push(decoded);
        // As a commit asks.
        if together.iter().map(|one| one.batch.num_rows()).sum::<usize>() >= COMMIT {
            ask(std::mem::take(&mut together));
        }
        true
    })
    .await;
    ask(together);
    #[expect(clippy::cast_precision_loss, reason = "events of a run are far below 2^53")]
    let rate = |seconds: f64| events as f64 / seconds;
    println!("{events} events, {} calls", calls.len());
    println!("{RULES} single-event rules: {single:.2} CPU s, {:.0} events/CPU s, {matches} matches", rate(single));
    println!(
        "built-in set ({} rules): {whole:.2} CPU s, {:.0} events/CPU s, {findings} findings",
        set.len(),
        rate(whole)
    );
}
