//! YAML as a tree that knows where its parts stand. Anchors, aliases and merge keys are resolved here, within a budget:
//! a document of a few lines can otherwise mean a billion nodes.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::{diagnostic::Diagnostic, span::Span};

/// Deepest nesting that is read.
const DEPTH: usize = 64;
/// Most nodes that aliases may add.
const COPIES: usize = 20_000;

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text, quotes and escapes taken off.
    pub text: String,
    /// Whether it stands without quotes, so that `null`, `true` and `12` mean what they say.
    pub plain: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order written.
    Map(Vec<(Node, Node)>),
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// Where it stands.
    pub span: Span,
}

impl Scalar {
    /// Nothing, `~` or `null`.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// `true` or `false`. YAML 1.1's `yes` and `no` stay text: an author who writes `MFAUsed: No` means the word.
    pub fn truth(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }

    /// A number.
    pub fn number(&self) -> Option<f64> {
        let digits = self.text.trim_start_matches(['-', '+', '.']);
        let number = self.plain && digits.starts_with(|c: char| c.is_ascii_digit());
        number.then(|| self.text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
    }
}

impl Node {
    /// The scalar that it is.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// The members of a map.
    pub fn map(&self) -> Option<&[(Node, Node)]> {
        match &self.content {
            Content::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.map()?.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
    }

    /// The elements of a list; anything else is a list of itself.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether it says nothing.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    fn size(&self) -> usize {
        match &self.content {
            Content::Scalar(_) => 1,
            Content::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Content::Map(members) => 1 + members.iter().map(|(k, v)| k.size() + v.size()).sum::<usize>(),
        }
    }
}

/// A collection that is being read.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
}

/// Builds the tree out of the parser's events.
struct Builder<'a> {
    text: &'a str,
    /// What codes of diagnostics begin with.
    reader: &'a str,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    copies: usize,
    done: Vec<Node>,
    diagnostics: Vec<Diagnostic>,
}

/// The documents of a text; what can't be read of them is said, under codes that begin with the `reader`'s name.
#[must_use]
pub fn read(text: &str, reader: &str) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut options = granit_parser::Options::default();
    options.block_nesting_limit = DEPTH;
    options.flow_nesting_limit = DEPTH;
    let mut builder = Builder {
        text,
        reader,
        open: Vec::new(),
        anchors: HashMap::new(),
        copies: 0,
        done: Vec::new(),
        diagnostics: Vec::new(),
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let ended = match event {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                let at = builder.boundary(error.marker().byte_offset().unwrap_or(text.len()));
                let span = Span::new(at, builder.boundary(at + 1));
                builder.diagnostics.push(Diagnostic::error(
                    &format!("{reader}.yaml"),
                    format!("not YAML: {}", error.info()),
                    span,
                ));
                true
            }
        };
        if ended {
            break;
        }
    }
    (builder.done, builder.diagnostics)
}

impl Builder<'_> {
    /// The next character's start at or after an offset.
    fn boundary(&self, at: usize) -> usize {
        (at..=self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len())
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or(0..0);
        let start = self.boundary(range.start.min(self.text.len()));
        Span::new(start, self.boundary(range.end.min(self.text.len())).max(start))
    }

    /// Takes an event; true where reading has to stop.
    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> bool {
        let span = self.span(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                let scalar = Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain && !tagged };
                self.finish(Node { content: Content::Scalar(scalar), span }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => self.start(Content::List(Vec::new()), span, anchor),
            Event::MappingStart(_, anchor, _) => self.start(Content::Map(Vec::new()), span, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::DocumentStart(..) => self.anchors.clear(),
            _ => {}
        }
        false
    }

    fn start(&mut self, content: Content, span: Span, anchor: usize) {
        self.open.push(Open { node: Node { content, span }, anchor, key: None });
    }

    fn end(&mut self, span: Span) {
        let Some(Open { mut node, anchor, .. }) = self.open.pop() else { return };
        node.span = Span::new(node.span.start, span.end.max(node.span.end));
        if let Content::Map(members) = &mut node.content {
            merge(members);
        }
        self.finish(node, anchor);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> bool {
        let Some(node) = self.anchors.get(&anchor) else { return false };
        self.copies += node.size();
        if self.copies > COPIES {
            let message = format!("aliases stand for more than {COPIES} values");
            self.diagnostics.push(Diagnostic::error(&format!("{}.yaml-aliases", self.reader), message, span));
            return true;
        }
        let node = node.clone();
        self.finish(node, 0);
        false
    }

    /// Puts a whole node where it belongs.
    fn finish(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.done.push(node);
            return;
        };
        match &mut parent.node.content {
            Content::List(items) => items.push(node),
            Content::Map(members) => match parent.key.take() {
                None => parent.key = Some(node),
                Some(key) => members.push((key, node)),
            },
            Content::Scalar(_) => {}
        }
    }
}

/// `<<`: the members of other maps, where the map has none of that name.
fn merge(members: &mut Vec<(Node, Node)>) {
    let Some(at) = members.iter().position(|(key, _)| key.text() == Some("<<")) else { return };
    let (_, merged) = members.remove(at);
    for (key, value) in merged.items().iter().filter_map(Node::map).flatten() {
        if !members.iter().any(|(known, _)| known.text() == key.text()) {
            members.push((key.clone(), value.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        match &node.content {
            Content::Scalar(scalar) if scalar.is_null() => "null".to_owned(),
            Content::Scalar(scalar) => scalar.text.clone(),
            Content::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Content::Map(members) => {
                let members: Vec<String> = members.iter().map(|(k, v)| format!("{}={}", shown(k), shown(v))).collect();
                format!("{{{}}}", members.join(" "))
            }
        }
    }

    #[test]
    fn documents_are_read() {
        for (text, expected) in [
            ("a: 1\nb:\n  - x\n  - 'y z'", "{a=1 b=[x y z]}"),
            ("a: # nothing\nb: ~", "{a=null b=null}"),
            ("---\na: b\n---\n- c\n...\n", "{a=b} [c]"),
            ("x: &l [a, b]\ny: *l", "{x=[a b] y=[a b]}"),
            ("base: &b {p: 1, q: 2}\nm:\n  <<: *b\n  q: 3", "{base={p=1 q=2} m={q=3 p=1}}"),
            ("t: |\n  one\n  two\nu: >-\n  a\n  b", "{t=one\ntwo\n u=a b}"),
            ("a: \"x\\ty\"", "{a=x\ty}"),
            ("", ""),
        ] {
            let (documents, diagnostics) = read(text, "test");
            assert_eq!(diagnostics, [], "{text}");
            assert_eq!(documents.iter().map(shown).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn scalars_are_what_they_say() {
        let scalar = |text: &str| read(text, "test").0.remove(0).scalar().cloned().expect("a scalar");
        assert_eq!(scalar("true").truth(), Some(true));
        assert_eq!(scalar("'true'").truth(), None);
        assert_eq!(scalar("No").truth(), None);
        assert_eq!(scalar("-1.5").number(), Some(-1.5));
        assert_eq!(scalar("'7'").number(), None);
        assert_eq!(scalar("1.2.3.4").number(), None);
        assert_eq!(scalar("!!str 12").number(), None);
        assert_eq!(scalar("nan").number(), None);
        assert!(scalar("~").is_null() && !scalar("''").is_null());
    }

    #[test]
    fn spans_are_bytes() {
        let text = "title: 東京\nevent: \"x y\"";
        let (documents, _) = read(text, "test");
        let span = documents[0].get("event").map(|node| node.span).expect("a value");
        assert_eq!(&text[span.start..span.end], "\"x y\"");
    }

    #[test]
    fn bombs_and_broken_text_end_in_a_diagnostic() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            bomb += &format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", "));
        }
        for text in [bomb.as_str(), "a: [", "a: b: c", "a:\n\t- x", "*nobody", &"[".repeat(5000), &"- ".repeat(5000)] {
            let (_, diagnostics) = read(text, "test");
            assert_eq!(diagnostics.len(), 1, "{}", &text[..text.len().min(40)]);
        }
    }
}
