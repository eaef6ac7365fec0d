//! A pipeline as a query in another language: the way out of a vendor.
//!
//! What a pipeline asks is read once into a [`question::Question`], which no language owns; each target writes it in a file of
//! its own. Where a target can't say something, the answer is the reason; where it can say it but for a shade (case, arrays),
//! a note stands beside the text.

mod condition;
mod filter_pattern;
mod insights;
mod opensearch;
mod question;
mod sigma;
mod spl;
mod sql;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::{pipeline::Pipeline, schema::Schema};

/// A query in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Emitted {
    /// Its text.
    pub text: String,
    /// In what it differs from the query that it was made of.
    pub notes: Vec<String>,
}

/// A language that queries can be written in.
pub struct Target {
    /// The language's name on the wire.
    pub id: &'static str,
    emit: fn(&question::Question, &dyn Schema) -> Result<Emitted, String>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { id: "spl", emit: spl::emit },
    Target { id: "sql", emit: sql::emit },
    Target { id: "insights", emit: insights::emit },
    Target { id: "filter", emit: filter_pattern::emit },
    Target { id: "lucene", emit: opensearch::lucene },
    Target { id: "kql", emit: opensearch::kql },
    Target { id: "sigma", emit: sigma::emit },
];

/// Writes a pipeline in the language of that id.
///
/// # Errors
/// Why it can't be said there, in a sentence.
pub fn emit(pipeline: &Pipeline, to: &str, schema: &dyn Schema) -> Result<Emitted, String> {
    let Some(target) = TARGETS.iter().find(|target| target.id == to) else {
        let all: Vec<&str> = TARGETS.iter().map(|target| target.id).collect();
        return Err(format!("queries are not written in `{to}`; there are: {}", all.join(", ")));
    };
    (target.emit)(&question::read(pipeline, schema)?, schema)
}

/// Notes, each of them once.
#[derive(Debug, Default)]
struct Notes(std::cell::RefCell<Vec<String>>);

impl Notes {
    /// Those on the question itself.
    fn of(question: &question::Question) -> Self {
        Self(std::cell::RefCell::new(question.notes.clone()))
    }

    fn add(&self, note: &str) {
        let mut notes = self.0.borrow_mut();
        if !notes.iter().any(|known| known == note) {
            notes.push(note.to_owned());
        }
    }

    fn with(self, text: String) -> Emitted {
        Emitted { text, notes: self.0.into_inner() }
    }
}
