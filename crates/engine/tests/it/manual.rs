//! docs/languages/sql.md: a hand-written head, and below it a section for each entry of the reference. `UPDATE=1` writes it.

use std::path::PathBuf;

const BEGIN: &str = "<!-- generated: reference -->";

#[test]
fn the_manual_of_sql_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/languages/sql.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let head = text.find(BEGIN).map_or(text.as_str(), |at| &text[..at]);
    let fresh = format!("{head}{BEGIN}\n{}", query::language::manual(&engine::sql_reference()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let now = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == fresh, "docs/languages/sql.md is stale: run `UPDATE=1 cargo test -p engine`");
}
