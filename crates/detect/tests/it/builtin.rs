//! The rules that come with the product are whole, in both languages, and tested.

use detect::rule::{File, Loaded, Mode, load};
use detect::{Attack, compile};

/// The built-in rules.
pub(crate) fn loaded() -> Loaded {
    let file = |(path, text): (&str, &str)| File { name: path.to_owned(), text: text.to_owned(), builtin: true };
    load(&assets::rules().map(file).collect::<Vec<_>>(), &Attack::parse(assets::attack()))
}

#[test]
fn every_file_is_a_rule_without_a_fault() {
    let loaded = loaded();
    let said: Vec<String> = loaded
        .problems
        .iter()
        .map(|problem| format!("{}:{}: {}", problem.file, problem.line(), problem.diagnostic.message))
        .collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    assert_eq!(loaded.rules.len(), assets::rules().count());
}

#[test]
fn every_rule_says_what_people_need_and_is_tested() {
    for entry in loaded().rules {
        let rule = &entry.rule;
        for (what, text) in [("title", &rule.title), ("description", &rule.description), ("advice", &rule.advice)] {
            assert!(!text.en.is_empty() && !text.ja.is_empty(), "{}: {what}", rule.id);
            assert!(!text.ja.is_ascii(), "{}: {what} in Japanese", rule.id);
        }
        // What a source does is no event.
        if matches!(rule.mode, Mode::Health { .. }) {
            continue;
        }
        let (matching, other) = (rule.tests.matching.len(), rule.tests.other.len());
        assert!(matching >= 2 && other >= 2, "{}: {matching} matching tests, {other} others", rule.id);
    }
}

#[test]
fn every_query_compiles_without_a_warning() {
    for entry in loaded().rules {
        match compile::rule(&entry.rule) {
            Ok(compiled) => {
                let streaming = entry.rule.mode.is_streaming();
                assert_eq!(compiled.warnings, [], "{}", entry.rule.id);
                assert_eq!(compiled.steps.is_empty(), !streaming, "{}", entry.rule.id);
            }
            Err(found) => panic!("{}: {found:?}", entry.rule.id),
        }
    }
}
