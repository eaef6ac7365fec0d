//! How many alerts the rules that are on raise over ordinary traffic: `noise [EVENTS] [SEED] [FOLDER]`, a million events over
//! thirty days by default. With a folder, that of its logs instead.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

#[path = "../tests/it/watch.rs"]
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (events, seed) = (number(0, 1_000_000)?, number(1, 1)?);
    let made = tempfile::tempdir()?;
    let folder = match arguments.get(2) {
        Some(folder) => PathBuf::from(folder),
        None => {
            let mut options = generate::Options::new(events, made.path(), seed);
            options.stories = false;
            generate::run(&options, &mut |_| {})?;
            made.path().to_owned()
        }
    };
    let rules = watch::enabled();
    let mut watch = watch::Watch::new(&rules, watch::corpus("logs/geo/iptoasn-country.mmdb"));
    let started = Instant::now();
    let alerts = watch.alerts(&watch::files(&folder));
    let mut by_rule: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ((rule, _), findings) in &alerts {
        let of = by_rule.entry(rule).or_default();
        *of = (of.0 + 1, of.1 + findings);
    }
    for (rule, (alerts, findings)) in &by_rule {
        println!("{alerts:>6} alerts {findings:>7} findings  {rule}");
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{} rules, {} alerts in {seconds:.0} s", rules.len(), alerts.len());
    Ok(())
}
