//! What the query languages have in common: what a query's meaning depends on, what lowering gives, and the list of
//! languages. A language is one folder (or file) with a `FRONT` that says what it is called, how it is told from others,
//! how it is lowered, and what its reference says; help, completion and the manual are made from that.

use crate::diagnostic::Diagnostic;
use crate::pipeline::Pipeline;
use crate::schema::{Dialect, Schema};
pub use crate::spl::{Kind, Macro, Zone};
use crate::{dsl, filter_pattern, insights, kql, lucene, sigma, spl, sumo};

/// What a query's meaning depends on besides its text.
pub struct Environment<'a> {
    /// Names of the store.
    pub schema: &'a dyn Schema,
    /// The query's start, microseconds since the epoch.
    pub now: i64,
    /// The caller's lower time bound (microseconds), if any: decides the default width of time buckets.
    pub earliest: Option<i64>,
    /// The caller's upper time bound (microseconds), if any.
    pub latest: Option<i64>,
    /// The user's search macros, by name and number of arguments.
    pub macros: &'a dyn Fn(&str, usize) -> Option<Macro>,
    /// Values of template variables (`{{name}}` and `$$name` of Sumo Logic, `?` of SQL by number).
    pub parameters: &'a dyn Fn(&str) -> Option<String>,
    /// The table that a query reads where nothing in it says which, `cloudtrail`.
    pub default_table: &'a str,
    /// Where days begin.
    pub timezone: Zone,
}

impl<'a> Environment<'a> {
    /// Over CloudTrail in UTC, without time bounds, macros or parameters; the rest is said by `Environment { …, ..Environment::new(…) }`.
    pub fn new(schema: &'a dyn Schema, now: i64) -> Self {
        Self {
            schema,
            now,
            earliest: None,
            latest: None,
            macros: &|_, _| None,
            parameters: &|_| None,
            default_table: "cloudtrail",
            timezone: Zone::UTC,
        }
    }
}

/// A lowered query.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// What to run.
    pub pipeline: Pipeline,
    /// Warnings; they travel with the rows.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of the result's columns, in order, where they are known before it runs.
    pub columns: Option<Vec<String>>,
    /// Whether the rows are events.
    pub kind: Kind,
}

/// What an entry of a language's reference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// A command or operator of a pipeline.
    Command,
    /// A function of expressions.
    Function,
    /// An aggregate function.
    Aggregate,
    /// A modifier, keyword or form of the grammar.
    Form,
}

/// An entry of a language's reference: the manual page, the help of the editor and the completion are made from it, and a
/// test runs its example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub part: Part,
    /// Its name as typed.
    pub name: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// What it does, in one or two sentences.
    pub help: &'static str,
    /// A whole query that uses it; it lowers without an error. Empty: its page has none yet.
    pub example: &'static str,
}

/// A query language.
pub struct Front {
    /// The name on the wire and on the command line.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// Which of the catalogue's names it uses.
    pub dialect: Dialect,
    /// Lowers a query to the pipeline IR; the error is all that is wrong with it, warnings included.
    pub lower: fn(&str, &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>>,
    /// The language's own tree as JSON, for `explain`; null where the text could not be read.
    pub ast: fn(&str, &Environment<'_>) -> serde_json::Value,
    /// How much a text looks like this language: 0 not at all, 100 nothing else could be meant.
    pub recognise: fn(&str) -> u8,
    /// The reference, commands first, sorted by name within a part.
    pub reference: fn() -> Vec<Entry>,
}

/// The languages that lower to the pipeline, in the order in which they are offered.
pub fn fronts() -> [&'static Front; 8] {
    [
        &spl::FRONT,
        &sumo::FRONT,
        &insights::FRONT,
        &filter_pattern::FRONT,
        &lucene::FRONT,
        &kql::FRONT,
        &dsl::FRONT,
        &sigma::FRONT,
    ]
}

/// The language of that id.
#[must_use]
pub fn front(id: &str) -> Option<&'static Front> {
    fronts().into_iter().find(|front| front.id == id)
}

/// The generated part of a language's manual, in Markdown: a section an entry, by parts.
#[must_use]
pub fn manual(entries: &[Entry]) -> String {
    let parts = [
        ("Commands", Part::Command),
        ("Functions", Part::Function),
        ("Aggregate functions", Part::Aggregate),
        ("Forms and modifiers", Part::Form),
    ];
    let mut out = String::new();
    for (heading, part) in parts {
        let of: Vec<&Entry> = entries.iter().filter(|entry| entry.part == part).collect();
        if !of.is_empty() {
            out += &format!("\n## {heading}\n");
        }
        for entry in of {
            out += &format!("\n### {}\n\n{}\n\n```\n{}\n```\n", entry.name, entry.help, entry.syntax);
            if !entry.example.is_empty() {
                out += &format!("\nExample:\n\n```\n{}\n```\n", entry.example);
            }
        }
    }
    out
}

/// The page of messages, in Markdown: a section a language, an entry a code.
#[must_use]
pub fn messages(languages: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (id, title) in languages {
        out += &format!("\n## {title}\n");
        for code in crate::diagnostic::codes_of(id) {
            out += &format!("\n### {}\n\n{} {}\n", code.code, code.meaning, code.remedy);
        }
    }
    out
}
