//! docs/rules.md says what the reader of rules knows: `UPDATE=1 cargo test -p detect` writes the table of keys.

use std::path::Path;

use detect::rule::KEYS;

#[test]
fn the_manual_lists_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let text = std::fs::read_to_string(&path).expect("the manual");
    let mut table = String::from("<!-- keys -->\n| Key | Needed | What it says |\n|---|---|---|\n");
    for (key, optional, what) in KEYS {
        table += &format!("| `{key}` | {} | {what} |\n", if *optional { "" } else { "yes" });
    }
    let start = text.find("<!-- keys -->").expect("the place of the table");
    let end = text[start..].find("\n\n").map_or(text.len(), |at| start + at + 1);
    if text[start..end] == table {
        return;
    }
    assert!(std::env::var_os("UPDATE").is_some(), "docs/rules.md is not current: UPDATE=1 cargo test -p detect");
    std::fs::write(&path, format!("{}{table}{}", &text[..start], &text[end..])).expect("written");
}

#[test]
fn the_example_of_the_manual_is_a_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let text = std::fs::read_to_string(&path).expect("the manual");
    let example = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let rule = crate::setting::rule(example);
    assert_eq!((rule.id.as_str(), rule.tests.matching.len(), rule.tests.other.len()), ("trail-stopped", 2, 2));
    let enricher = enrich::Enricher::new(None);
    let enrich = |log_type, batch| enricher.enrich_as(log_type, batch).map_err(|error| error.to_string());
    let matching = engine::matching::Matching::new(None, 0);
    let outcomes = detect::testing::Tester::new(&matching, &enrich, None).run(&rule);
    assert!(outcomes.iter().all(|outcome| outcome.passed), "{outcomes:?}");
}
