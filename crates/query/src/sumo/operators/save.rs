//! `save`: in Sumo Logic writes the rows to a lookup table; here they pass on, unwritten.

use super::{super::lexer::Kind, Operator};
use crate::diagnostic::Diagnostic;

pub(super) const OPERATOR: Operator = Operator {
    name: "save",
    aliases: &[],
    syntax: "save [append | merge | create] <table>",
    help: "Passes rows on; lookup tables are not written yet.",
    example: "* | count by user | save /shared/users",
    parses: false,
    lower: |lowerer, cursor| {
        for word in ["append", "merge", "create"] {
            cursor.word(word);
        }
        if !cursor.next().is_some_and(|token| matches!(token.kind, Kind::Path | Kind::Word | Kind::Text)) {
            return lowerer.expected(cursor, "a table");
        }
        let message = "lookup tables are not written yet: the rows pass as they are";
        let warning = Diagnostic::warning("sumo.no-effect", message, cursor.span);
        lowerer.warn(warning.with_help("export the result and add it as a lookup"));
        Ok(())
    },
};
