//! Rules of one or many files together: they refer to each other by id, by name or by title, in whatever order and file they
//! stand.

use std::collections::HashMap;

use super::{
    ast::{Correlation, Document, Filter, Logsource, Rule},
    document,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::span::Span;

/// A file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, for diagnostics.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A document and the file that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The file, by its place in the list that was loaded.
    pub file: usize,
    /// The document.
    pub document: Document,
}

/// Rules that know each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collection {
    /// All documents that could be read, file by file.
    pub entries: Vec<Entry>,
    /// What is wrong, by file. A document with an error is not among the entries; the others are.
    pub diagnostics: Vec<(usize, Diagnostic)>,
    /// The entries by id, by name and by title; the first of a name keeps it.
    index: [HashMap<String, usize>; 3],
}

/// Reads files of rules. One broken rule does not keep the others from loading.
#[must_use]
pub fn load(files: &[File]) -> Collection {
    let mut collection = Collection::default();
    for (file, File { text, .. }) in files.iter().enumerate() {
        let (documents, diagnostics) = document::read(text);
        collection.entries.extend(documents.into_iter().map(|document| Entry { file, document }));
        collection.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| (file, diagnostic)));
    }
    collection.number();
    collection.references();
    collection
}

impl Collection {
    /// One file's rules.
    pub(super) fn of_text(text: &str) -> Self {
        load(&[File { name: String::new(), text: text.to_owned() }])
    }

    /// The document that is called so: by id, else by name, else by title.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let [ids, names, titles] = &self.index;
        ids.get(&name.to_ascii_lowercase()).or_else(|| names.get(name)).or_else(|| titles.get(name)).copied()
    }

    fn number(&mut self) {
        let [ids, names, titles] = &mut self.index;
        for (at, entry) in self.entries.iter().enumerate() {
            let meta = entry.document.meta();
            if let Some(id) = &meta.id {
                ids.entry(id.to_ascii_lowercase()).or_insert(at);
            }
            if let Some(name) = &meta.name {
                names.entry(name.clone()).or_insert(at);
            }
            titles.entry(meta.title.clone()).or_insert(at);
        }
    }

    /// Says which references lead nowhere.
    fn references(&mut self) {
        let mut found = Vec::new();
        for Entry { file, document } in &self.entries {
            let names = match document {
                Document::Correlation(correlation) => &correlation.rules,
                Document::Filter(filter) => &filter.rules,
                Document::Rule(_) => continue,
            };
            for (name, span) in names.iter().filter(|(name, _)| self.find(name).is_none()) {
                found.push((*file, unknown(name, *span, self)));
            }
        }
        self.diagnostics.extend(found);
    }

    /// The entries that answer for themselves: all but filters, and but the rules that correlations without `generate` use.
    #[must_use]
    pub fn outputs(&self) -> Vec<usize> {
        let mut used = vec![false; self.entries.len()];
        for entry in &self.entries {
            if let Document::Correlation(Correlation { rules, generate: false, .. }) = &entry.document {
                rules.iter().filter_map(|(name, _)| self.find(name)).for_each(|at| used[at] = true);
            }
        }
        let shows = |at: &usize| !used[*at] && !matches!(self.entries[*at].document, Document::Filter(_));
        (0..self.entries.len()).filter(shows).collect()
    }

    /// The filters that narrow a rule.
    pub(super) fn filters_of<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a Filter> {
        self.entries.iter().filter_map(move |entry| match &entry.document {
            Document::Filter(filter) => applies(filter, rule).then_some(filter),
            _ => None,
        })
    }

    /// Whether a file has an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.diagnostics.iter().any(|(_, diagnostic)| diagnostic.severity == Severity::Error)
    }
}

pub(super) fn unknown(name: &str, span: Span, collection: &Collection) -> Diagnostic {
    let error = Diagnostic::error("sigma.unknown-rule", format!("no rule is called `{name}`"), span);
    let titles = collection.entries.iter().map(|entry| entry.document.meta().title.as_str());
    match crate::spl::suggest::nearest(name, titles) {
        Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
        None => error
            .with_help("rules are found by id, name or title, in this file and in the others that are loaded with it"),
    }
}

fn applies(filter: &Filter, rule: &Rule) -> bool {
    let same = |mine: &Option<String>, theirs: &Option<String>| {
        mine.as_ref().is_none_or(|mine| theirs.as_ref().is_some_and(|theirs| mine.eq_ignore_ascii_case(theirs)))
    };
    let Logsource { product, service, category, .. } = &filter.logsource;
    let named = filter.rules.is_empty() || filter.rules.iter().any(|(name, _)| rule.meta.is_called(name));
    named
        && same(product, &rule.logsource.product)
        && same(service, &rule.logsource.service)
        && same(category, &rule.logsource.category)
}
