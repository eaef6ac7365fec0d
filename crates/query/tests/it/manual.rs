//! docs/languages/<language>.md: a hand-written head, and below it a section for each entry of the language's reference.
//! `UPDATE=1` writes them. Every example lowers.

use std::path::PathBuf;

use query::language::{fronts, manual, messages};

use crate::schema;

const BEGIN: &str = "<!-- generated: reference -->";

#[test]
fn the_manual_is_up_to_date() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/languages");
    // SPL has docs/spl.md.
    for front in fronts().into_iter().filter(|front| front.id != "spl" && !(front.reference)().is_empty()) {
        let path = folder.join(format!("{}.md", front.id));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| format!("# {}\n\n", front.title));
        let head = text.find(BEGIN).map_or(text.as_str(), |at| &text[..at]);
        let fresh = format!("{head}{BEGIN}\n{}", manual(&(front.reference)()));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &fresh).unwrap();
        }
        let now = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(now == fresh, "docs/languages/{}.md is stale: run `UPDATE=1 cargo test -p query`", front.id);
    }
}

#[test]
fn the_page_of_messages_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/messages.md");
    let mut languages: Vec<(&str, &str)> = fronts().iter().map(|front| (front.id, front.title)).collect();
    languages.insert(1, ("sql", "SQL"));
    languages.push(("rule", "Rules"));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let head = text.find(BEGIN).map_or(text.as_str(), |at| &text[..at]);
    let fresh = format!("{head}{BEGIN}\n{}", messages(&languages));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert!(
        text == fresh || std::env::var_os("UPDATE").is_some(),
        "docs/messages.md is stale: run `UPDATE=1 cargo test -p query`"
    );
}

#[test]
fn every_example_lowers() {
    let env = schema::environment(&|_, _| None);
    for front in fronts() {
        for entry in (front.reference)().iter().filter(|entry| !entry.example.is_empty()) {
            if let Err(diagnostics) = (front.lower)(entry.example, &env) {
                panic!(
                    "{} {}: {}\n{}",
                    front.id,
                    entry.name,
                    entry.example,
                    query::diagnostic::render(entry.example, &diagnostics)
                );
            }
        }
    }
}

#[test]
fn names_are_given_once_a_part() {
    for front in fronts() {
        let mut seen = std::collections::HashSet::new();
        for entry in (front.reference)() {
            assert!(seen.insert((entry.part, entry.name)), "{}: {} is there twice", front.id, entry.name);
            assert!(entry.help.len() > 5 && !entry.syntax.is_empty(), "{}: {}", front.id, entry.name);
        }
    }
}
