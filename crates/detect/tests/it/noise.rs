//! Ordinary traffic raises next to nothing: `cargo run --release -p detect --example noise` measures a million events.

use std::collections::BTreeMap;

use detect::rule::Mode;

use super::watch::{self, Watch};

/// Events that the test generates, over thirty days.
const EVENTS: u64 = 40_000;

/// Alerts of rules that do not learn, but for the controls, which are kept word for word and raise one alert each.
const OTHER: usize = 1;

/// Alerts of rules that learn what is usual. So few events teach them little; a million raise three.
const LEARNING: usize = 20;

#[test]
fn ordinary_traffic_raises_next_to_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = generate::Options::new(EVENTS, folder.path(), 11);
    options.stories = false;
    generate::run(&options, &mut |_| {}).expect("samples");
    let rules = watch::enabled();
    let learns = |id: &str| {
        rules.iter().any(|rule| rule.id == id && matches!(rule.mode, Mode::FirstSeen { .. } | Mode::Rare { .. }))
    };
    let mut watch = Watch::new(&rules, watch::corpus("logs/geo/iptoasn-country.mmdb"));
    let mut by_rule: BTreeMap<String, usize> = BTreeMap::new();
    for (rule, _) in watch.alerts(&watch::files(folder.path())).into_keys() {
        *by_rule.entry(rule).or_default() += 1;
    }
    by_rule.retain(|rule, _| !rule.starts_with("cloudwatch-"));
    let (learning, other): (BTreeMap<_, _>, BTreeMap<_, _>) = by_rule.into_iter().partition(|(rule, _)| learns(rule));
    assert!(other.values().sum::<usize>() <= OTHER, "{other:?}");
    assert!(learning.values().sum::<usize>() <= LEARNING, "{learning:?}");
}
