//! What reading a rule's parts has in common: every part is looked at, whatever is wrong with another, and each thing that is
//! wrong is said with its place and, where possible, with what was meant.

use query::diagnostic::{Diagnostic, Severity};
use query::nearest;
use query::span::Span;
use query::yaml::{Content, Node};

use super::{Text, duration};

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    /// An error at a place.
    pub(super) fn error(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(&format!("rule.{code}"), message, span));
    }

    /// An error about a name that is none of those known.
    pub(super) fn unknown<'a>(
        &mut self,
        (code, message): (&str, String),
        span: Span,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let error = Diagnostic::error(&format!("rule.{code}"), message, span);
        self.diagnostics.push(match nearest(name, known.iter().copied()) {
            Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
            None if known.len() <= 24 => error.with_help(format!("there are: {}", known.join(", "))),
            None => error,
        });
    }

    /// Whether something is wrong that keeps the rule from being used.
    pub(super) fn failed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The members of a map, whose keys have to be known and stand once.
    pub(super) fn members<'a>(&mut self, node: &'a Node, what: &str, known: &[&str]) -> &'a [(Node, Node)] {
        let Some(members) = node.map() else {
            self.error("type", format!("{what} has to be a map of {}", known.join(", ")), node.span);
            return &[];
        };
        for (at, (key, _)) in members.iter().enumerate() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let message = format!("{what} has no key `{name}`");
                self.unknown(("unknown-key", message), key.span, name, known.iter().copied());
            } else if members[..at].iter().any(|(earlier, _)| earlier.text() == Some(name)) {
                self.error("twice", format!("`{name}` stands here twice"), key.span);
            }
        }
        members
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        let found = node.text().filter(|text| !text.trim().is_empty());
        if found.is_none() {
            self.error("type", format!("{what} has to be a text"), node.span);
        }
        found.map(str::to_owned)
    }

    /// Texts; one by itself is a list of one.
    pub(super) fn texts(&mut self, node: &Node, what: &str) -> Vec<String> {
        if node.is_null() {
            return Vec::new();
        }
        node.items().iter().filter_map(|item| self.text(item, &format!("an element of {what}"))).collect()
    }

    /// A text in two languages, or one for both.
    pub(super) fn two(&mut self, node: &Node, what: &str) -> Text {
        if let Content::Scalar(_) = node.content {
            return self.text(node, what).map(|text| Text::same(text.trim())).unwrap_or_default();
        }
        self.members(node, what, &["en", "ja"]);
        let mut part = |language: &str| match node.get(language) {
            Some(part) => self.text(part, &format!("{what}.{language}")).map(|text| text.trim().to_owned()),
            None => None,
        };
        let (en, ja) = (part("en"), part("ja"));
        let first = en.clone().or_else(|| ja.clone()).unwrap_or_default();
        Text { en: en.unwrap_or_else(|| first.clone()), ja: ja.unwrap_or(first) }
    }

    /// `true` or `false`.
    pub(super) fn truth(&mut self, node: &Node, what: &str) -> Option<bool> {
        let found = node.scalar().and_then(query::yaml::Scalar::truth);
        if found.is_none() {
            self.error("type", format!("{what} has to be true or false"), node.span);
        }
        found
    }

    /// A number within bounds, both included.
    pub(super) fn number(&mut self, node: &Node, what: &str, (low, high): (f64, f64)) -> Option<f64> {
        let found = node.scalar().and_then(query::yaml::Scalar::number).filter(|n| (low..=high).contains(n));
        if found.is_none() {
            self.error("type", format!("{what} has to be a number from {low} to {high}"), node.span);
        }
        found
    }

    /// A whole number within bounds, both included.
    pub(super) fn whole(&mut self, node: &Node, what: &str, (low, high): (u32, u32)) -> Option<u32> {
        let text = node.scalar().filter(|scalar| scalar.plain).map(|scalar| scalar.text.as_str());
        let found = text.and_then(|text| text.parse::<u32>().ok()).filter(|n| (low..=high).contains(n));
        if found.is_none() {
            self.error("type", format!("{what} has to be a whole number from {low} to {high}"), node.span);
        }
        found
    }

    /// A span of time, microseconds.
    pub(super) fn duration(&mut self, node: &Node, what: &str) -> Option<i64> {
        let found = node.text().and_then(duration::parse);
        if found.is_none() {
            self.error("duration", format!("{what} has to be a span of time such as 30s, 10m, 1h or 14d"), node.span);
        }
        found
    }
}
