//! Sigma: rules and correlations, from YAML to the pipeline.
//!
//! A rule is a truth over an event, as the Sigma specification 2 says: maps are conjunctions, lists alternatives, text is
//! compared whole and whatever its case with `*` and `?`, `null` is a field that is absent or null, a negation holds where a
//! field is missing. Names are the record's own, exactly; they lead into every element of an array. `requestParameters`
//! and other objects are their JSON text without blanks between its parts. A correlation is a sliding window.
//!
//! A search's rows are events. Where a text has several rules, an event that any of them finds is a row, and `rule` names
//! them; rules that a correlation uses count only through it unless it says `generate: true`. A correlation's row is the
//! event with which a window ends that fulfils its condition; an event without a group's field is in the group of those
//! without.

pub mod ast;
mod collection;
mod condition;
mod correlation;
mod document;
mod event;
mod field;
mod lowering;
mod modifier;
mod old;
mod pattern;
mod predicate;
mod reference;
mod source;
mod time;
mod window;

#[cfg(test)]
mod tests;

pub use collection::{Collection, Entry, File, load};
pub use lowering::Predicate;

use crate::{
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Front, Lowered},
    schema::Dialect,
    span::Span,
};

/// Sigma.
pub const FRONT: Front = Front {
    id: "sigma",
    title: "Sigma",
    dialect: Dialect::Sigma,
    lower,
    ast: |text, _| serde_json::to_value(documents(text)).unwrap_or_default(),
    recognise,
    reference: reference::entries,
};

/// Largest text of rules that is read at once, bytes.
const LARGEST: usize = 4 << 20;

/// Reads the documents of a text; those with an error are left out.
#[must_use]
pub fn documents(text: &str) -> Vec<ast::Document> {
    document::read(text).0
}

/// Lowers a text of one or several rules.
///
/// # Errors
/// All that is wrong with it, warnings included.
pub fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let whole = Span::new(0, text.len());
    if text.len() > LARGEST {
        return Err(vec![Diagnostic::error("sigma.too-large", format!("more than {LARGEST} bytes of rules"), whole)]);
    }
    let collection = Collection::of_text(text);
    let mut diagnostics: Vec<Diagnostic> = collection.diagnostics.iter().map(|(_, found)| found.clone()).collect();
    if collection.outputs().is_empty() && !collection.has_error() {
        let circle = collection.entries.iter().any(|e| matches!(e.document, ast::Document::Correlation(_)));
        diagnostics.push(match circle {
            true => Diagnostic::error("sigma.correlation", "the correlations lead only through each other", whole),
            false => Diagnostic::error("sigma.empty", "there is no rule", whole),
        });
    }
    let lowered = collection.lower(&collection.outputs(), env);
    match lowered {
        Ok(lowered) if !diagnostics.iter().any(|d| d.severity == Severity::Error) => {
            diagnostics.extend(lowered.diagnostics);
            Ok(Lowered { diagnostics, ..lowered })
        }
        Ok(_) => Err(diagnostics),
        Err(found) => {
            diagnostics.extend(found.into_iter().filter(|new| !collection.diagnostics.iter().any(|(_, d)| d == new)));
            Err(diagnostics)
        }
    }
}

/// The truth of a rule over one event, for matching events as they arrive.
///
/// # Errors
/// All that is wrong with the rule; also that no single event can fulfil it.
pub fn predicate(rule: &ast::Rule, env: &Environment<'_>) -> Result<Predicate, Vec<Diagnostic>> {
    lowering::predicate(rule, env)
}

impl Collection {
    /// Lowers some entries to one pipeline: an event that any of them finds is a row.
    ///
    /// # Errors
    /// All that is wrong with these entries and the rules that they refer to.
    pub fn lower(&self, entries: &[usize], env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
        lowering::lower_entries(self, entries, env)
    }
}

/// A document that says `logsource` and `detection`, or `correlation`, at the beginning of lines.
fn recognise(text: &str) -> u8 {
    let has = |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    match (has("detection"), has("logsource"), has("correlation"), has("title")) {
        (true, true, ..) | (_, _, true, true) => 100,
        (true, false, _, true) => 90,
        (_, true, _, true) => 70,
        _ => 0,
    }
}
