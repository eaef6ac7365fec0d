//! YAML to Sigma's own tree: what kind each document is, its head, its searches and conditions. Sigma 1's `action`
//! documents (`global`, `reset`, `repeat`) are applied on the way.

use super::{
    ast::{Document, Filter, Item, Logsource, Meta, Rule, Search, Test, Value},
    condition, correlation,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    span::Span,
    spl::suggest,
    yaml::{self, Content, Node},
};

/// Keys of a document's head that have a meaning, for "did you mean".
const KEYS: &[&str] =
    &["title", "id", "name", "logsource", "detection", "correlation", "filter", "level", "status", "tags", "action"];

/// The parts of a logsource.
const SOURCE_KEYS: &[&str] = &["product", "service", "category", "definition"];

/// Most diagnostics of one text; what comes after them is not read.
const MOST: usize = 200;

/// Reads a text: its documents, and what is wrong with them.
pub(super) fn read(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    let (nodes, diagnostics) = yaml::read(text, "sigma");
    let mut reader = Reader { text, diagnostics };
    let mut documents = Vec::new();
    for node in actions(nodes) {
        if reader.diagnostics.len() >= MOST {
            reader.error("sigma.too-many", format!("more than {MOST} findings: the rest is not read"), node.span);
            break;
        }
        documents.extend(reader.document(&node));
    }
    (documents, reader.diagnostics)
}

/// Applies `action: global`, `reset` and `repeat`.
fn actions(nodes: Vec<Node>) -> Vec<Node> {
    let mut global: Option<Node> = None;
    let mut out: Vec<Node> = Vec::new();
    for node in nodes.into_iter().filter(|node| !node.is_null()) {
        match node.get("action").and_then(Node::text) {
            Some("global") => global = Some(without_action(node)),
            Some("reset") => global = None,
            Some("repeat") => {
                let node = without_action(node);
                let base = out.last().cloned();
                out.push(base.map_or(node.clone(), |base| over(base, node)));
            }
            _ => out.push(global.clone().map_or(node.clone(), |global| over(global, node))),
        }
    }
    out
}

fn without_action(mut node: Node) -> Node {
    if let Content::Map(members) = &mut node.content {
        members.retain(|(key, _)| key.text() != Some("action"));
    }
    node
}

/// A document laid over another: its own members win, maps are merged. A list of documents (a collection) stays as it is.
fn over(mut base: Node, node: Node) -> Node {
    match (&mut base.content, node.content) {
        (Content::Map(known), Content::Map(members)) => {
            for (key, value) in members {
                match known.iter_mut().find(|(name, _)| name.text() == key.text()) {
                    Some((_, place)) => *place = over(place.clone(), value),
                    None => known.push((key, value)),
                }
            }
            Node { span: node.span, ..base }
        }
        (_, content) => Node { content, span: node.span },
    }
}

/// Reads documents out of one text.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(code, message, span));
    }

    fn document(&mut self, node: &Node) -> Option<Document> {
        if node.map().is_none() {
            self.error("sigma.document", "a rule is a map of `title`, `logsource` and `detection`", node.span);
            return None;
        }
        let before = self.diagnostics.len();
        self.duplicates(node);
        let meta = self.meta(node);
        let document = if let Some(body) = node.get("correlation") {
            correlation::read(self, meta, body, node.span).map(Document::Correlation)
        } else if let Some(body) = node.get("filter") {
            self.filter(meta, node, body).map(Document::Filter)
        } else if let Some(body) = node.get("detection") {
            self.rule(meta, node, body).map(Document::Rule)
        } else {
            self.no_body(node);
            None
        };
        let failed = self.diagnostics[before..].iter().any(|d| d.severity == Severity::Error);
        document.filter(|_| !failed)
    }

    fn no_body(&mut self, node: &Node) {
        let message = "the document has neither `detection` nor `correlation`";
        let near = node.map().into_iter().flatten().find_map(|(key, _)| {
            let name = key.text().filter(|name| !KEYS.contains(name))?;
            let meant = suggest::nearest(name, ["detection", "correlation", "filter"])?;
            Some((key.span, meant))
        });
        self.diagnostics.push(match near {
            Some((span, meant)) => Diagnostic::error("sigma.no-detection", message, span)
                .with_help(format!("did you mean `{meant}`?"))
                .with_suggestion(meant),
            None => Diagnostic::error("sigma.no-detection", message, node.span),
        });
    }

    /// A key twice in a map: one of them would be lost without a word.
    fn duplicates(&mut self, node: &Node) {
        let mut seen = std::collections::HashSet::new();
        for (key, value) in node.map().into_iter().flatten() {
            if let Some(name) = key.text()
                && !seen.insert(name)
            {
                self.error("sigma.duplicate-key", format!("`{name}` stands twice in this map"), key.span);
            }
            self.duplicates(value);
        }
        if let Content::List(items) = &node.content {
            items.iter().for_each(|item| self.duplicates(item));
        }
    }

    fn meta(&mut self, node: &Node) -> Meta {
        let text = |name: &str| node.get(name).and_then(Node::text).map(|text| text.trim_end().to_owned());
        let texts = |name: &str| {
            let items = node.get(name).into_iter().flat_map(Node::items);
            items.filter_map(Node::text).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut meta = Meta {
            title: text("title").unwrap_or_default(),
            id: text("id"),
            name: text("name"),
            status: text("status"),
            level: text("level"),
            description: text("description"),
            author: text("author"),
            date: text("date"),
            modified: text("modified"),
            references: texts("references"),
            tags: texts("tags"),
            falsepositives: texts("falsepositives"),
            fields: texts("fields"),
            other: std::collections::BTreeMap::new(),
        };
        let known = ["title", "id", "name", "status", "level", "description", "author", "date", "modified"];
        for (key, value) in node.map().into_iter().flatten() {
            if let (Some(name), Some(text)) = (key.text(), value.text())
                && !known.contains(&name)
            {
                meta.other.insert(name.to_owned(), text.to_owned());
            }
        }
        if meta.title.is_empty() {
            let message = "the rule has no title";
            self.diagnostics.push(Diagnostic::warning(
                "sigma.no-title",
                message,
                Span::new(node.span.start, node.span.start),
            ));
        }
        meta
    }

    fn rule(&mut self, meta: Meta, node: &Node, body: &Node) -> Option<Rule> {
        let logsource = self.logsource(node)?;
        let (searches, conditions, timeframe) = self.detection(body)?;
        Some(Rule { meta, logsource, searches, conditions, timeframe, span: node.span })
    }

    fn filter(&mut self, meta: Meta, node: &Node, body: &Node) -> Option<Filter> {
        let logsource = self.logsource(node)?;
        let rules = match body.get("rules") {
            Some(rules) if rules.text() == Some("any") => Vec::new(),
            Some(rules) => names(rules),
            None => Vec::new(),
        };
        let (searches, conditions, _) = self.detection(body)?;
        Some(Filter { meta, logsource, rules, searches, conditions, span: node.span })
    }

    fn logsource(&mut self, node: &Node) -> Option<Logsource> {
        let Some(source) = node.get("logsource") else {
            self.error("sigma.no-logsource", "the rule has no `logsource`", node.span);
            return None;
        };
        if source.map().is_none() {
            self.error("sigma.no-logsource", "`logsource` is a map of product, service and category", source.span);
            return None;
        }
        for (key, _) in source.map().into_iter().flatten() {
            let Some(name) = key.text().filter(|name| !SOURCE_KEYS.contains(name)) else { continue };
            if let Some(meant) = suggest::nearest(name, SOURCE_KEYS.iter().copied()) {
                let message = format!("`{name}` is no part of a logsource");
                let warning = Diagnostic::warning("sigma.logsource-key", message, key.span)
                    .with_help(format!("did you mean `{meant}`?"))
                    .with_suggestion(meant);
                self.diagnostics.push(warning);
            }
        }
        let text = |name: &str| source.get(name).and_then(Node::text).map(str::to_owned);
        Some(Logsource {
            product: text("product"),
            service: text("service"),
            category: text("category"),
            span: source.span,
        })
    }

    /// Searches, conditions and time frame of a `detection`.
    fn detection(&mut self, body: &Node) -> Option<(Vec<Search>, Vec<super::ast::Condition>, Option<i64>)> {
        let Some(members) = body.map() else {
            self.error("sigma.detection", "`detection` is a map of searches and a condition", body.span);
            return None;
        };
        let mut searches = Vec::new();
        for (key, value) in members {
            let Some(name) = key.text() else { continue };
            if matches!(name, "condition" | "timeframe" | "rules") {
                continue;
            }
            let test = self.test(value, 0)?;
            searches.push(Search { name: name.to_owned(), test, span: key.span });
        }
        let Some(condition) = body.get("condition").filter(|node| !node.is_null()) else {
            self.error("sigma.no-condition", "the detection has no `condition`", body.span);
            return None;
        };
        let mut conditions = Vec::new();
        for item in condition.items() {
            match condition::parse(item.text().unwrap_or_default(), item.span, self.text) {
                Ok(parsed) => conditions.push(parsed),
                Err(error) => self.diagnostics.push(error),
            }
        }
        let timeframe = body.get("timeframe").and_then(|node| self.timespan(node));
        Some((searches, conditions, timeframe))
    }

    pub(super) fn timespan(&mut self, node: &Node) -> Option<i64> {
        condition::timespan(node.text().unwrap_or_default(), node.span).map_err(|e| self.diagnostics.push(e)).ok()
    }

    /// What stands under a search's name: a map, a list of maps, or keywords.
    fn test(&mut self, node: &Node, depth: usize) -> Option<Test> {
        match &node.content {
            Content::Map(members) => {
                let items: Vec<Test> = members.iter().filter_map(|(key, value)| self.item(key, value)).collect();
                Some(if items.len() == 1 { items.into_iter().next()? } else { Test::All(items) })
            }
            Content::List(items) if depth < 8 => self.list(node, items, depth),
            Content::List(_) => {
                self.error("sigma.detection", "lists are nested too deeply", node.span);
                None
            }
            Content::Scalar(_) => {
                let value = self.value(node)?;
                Some(Test::Item(Item { field: None, modifiers: Vec::new(), values: vec![value], span: node.span }))
            }
        }
    }

    /// Alternatives: keywords together, then the maps.
    fn list(&mut self, node: &Node, items: &[Node], depth: usize) -> Option<Test> {
        let mut values = Vec::new();
        let mut tests = Vec::new();
        for item in items {
            match &item.content {
                Content::Scalar(_) => values.extend(self.value(item)),
                _ => tests.extend(self.test(item, depth + 1)),
            }
        }
        if !values.is_empty() || tests.is_empty() {
            let item = Item { field: None, modifiers: Vec::new(), values, span: node.span };
            tests.insert(0, Test::Item(item));
        }
        Some(if tests.len() == 1 { tests.remove(0) } else { Test::Any(tests) })
    }

    fn item(&mut self, key: &Node, value: &Node) -> Option<Test> {
        let name = key.scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
        let source = self.text.get(key.span.start..key.span.end).unwrap_or_default();
        let offset = source.find(name).map_or(key.span.start, |at| key.span.start + at);
        let mut parts = name.split('|');
        let field = parts.next().filter(|field| !field.is_empty());
        let mut at = offset + field.map_or(0, str::len) + 1;
        let mut modifiers = Vec::new();
        for part in parts {
            let exact = source.contains(name);
            let span = if exact { Span::new(at, at + part.len()) } else { key.span };
            modifiers.push((part.trim().to_ascii_lowercase(), span));
            at += part.len() + 1;
        }
        let mut values = Vec::new();
        for item in value.items() {
            if matches!(item.content, Content::Scalar(_)) {
                values.extend(self.value(item));
            } else {
                self.error(
                    "sigma.value",
                    "a field's value is text, a number, true, false, null or a list of them",
                    item.span,
                );
            }
        }
        Some(Test::Item(Item { field: field.map(str::to_owned), modifiers, values, span: key.span }))
    }

    fn value(&mut self, node: &Node) -> Option<(Value, Span)> {
        let scalar = node.scalar()?;
        let value = if scalar.is_null() {
            Value::Null
        } else if let Some(truth) = scalar.truth() {
            Value::Bool(truth)
        } else if let Some(number) = scalar.number() {
            Value::Number(number, scalar.text.clone())
        } else {
            Value::Text(scalar.text.clone())
        };
        Some((value, node.span))
    }
}

/// The texts of a list, with their places.
pub(super) fn names(node: &Node) -> Vec<(String, Span)> {
    node.items().iter().filter_map(|item| Some((item.text()?.to_owned(), item.span))).collect()
}
