//! docs/spl.md is made from what commands and functions say of themselves: the part between the markers has to be what
//! is generated here. `UPDATE=1` writes it.

use std::{fmt::Write as _, path::PathBuf};

use query::spl;

const BEGIN: &str = "<!-- generated: commands and functions -->";
const END: &str = "<!-- end of generated -->";

fn names(name: &str, aliases: &[&str]) -> String {
    std::iter::once(name).chain(aliases.iter().copied()).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn generated() -> String {
    let mut out = String::from("## Commands\n\n");
    for command in spl::commands() {
        let _ = writeln!(
            out,
            "### {}\n\n{}\n\n```\n{}\n```\n",
            names(command.name, command.aliases),
            command.help,
            command.syntax
        );
        let _ = writeln!(out, "Example: `{}`\n", command.example);
    }
    out +=
        "## Functions of `eval` and `where`\n\n| function | written | gives | example |\n| --- | --- | --- | --- |\n";
    for function in spl::functions() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            names(function.name, function.aliases),
            code(function.syntax),
            function.help,
            code(function.example)
        );
    }
    out += "\n## Statistics functions\n\n| function | written | gives | example |\n| --- | --- | --- | --- |\n";
    for function in spl::stats_functions() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            names(function.name, function.aliases),
            code(function.syntax),
            function.help,
            code(function.example)
        );
    }
    out
}

#[test]
fn the_reference_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/spl.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        panic!("{} has no markers for its generated part", path.display());
    };
    let fresh = format!("{}{BEGIN}\n{}{}", &text[..begin], generated(), &text[end..]);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let now = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == fresh, "docs/spl.md is stale: run `UPDATE=1 cargo test -p query`");
}
