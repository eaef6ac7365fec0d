//! The queries of the DSL: an object whose only member says what it is. One entry a query, sorted.

use std::collections::BTreeMap;

use super::json::{Member, Node, Value};
use crate::{
    diagnostic::{Diagnostic, Severity},
    lucene,
    opensearch::{Bound, Clause, Least, Name, Pattern, Range, Test, Word, script::Script},
    span::Span,
    spl::{Zone, suggest},
};

/// A query: its name, what it means, and how it is read.
pub(super) struct Query {
    pub name: &'static str,
    pub syntax: &'static str,
    pub help: &'static str,
    pub example: &'static str,
    read: fn(&mut Reader, &Member) -> Clause,
}

macro_rules! queries {
    ($($name:literal, $syntax:literal, $help:literal, $example:literal, $read:expr;)*) => {
        &[$(Query { name: $name, syntax: $syntax, help: $help, example: $example, read: $read }),*]
    };
}

/// Every query that is understood, sorted.
pub(super) const QUERIES: &[Query] = queries![
    "and", r#"{"and": [query, …]}"#, "All of the queries hold (of old versions).",
        r#"{"and": [{"term": {"eventName": "CreateUser"}}, {"exists": {"field": "errorCode"}}]}"#,
        |reader, member| Clause::and(reader.list(&member.node));
    "bool", r#"{"bool": {"must": […], "filter": […], "should": […], "must_not": […], "minimum_should_match": n}}"#,
        "All of `must` and `filter`, none of `must_not`, and as many of `should` as asked for: one, where there is nothing else.",
        r#"{"query": {"bool": {"filter": [{"term": {"eventSource": "iam.amazonaws.com"}}], "must_not": [{"exists": {"field": "errorCode"}}]}}}"#,
        |reader, member| reader.boolean(&member.node);
    "boosting", r#"{"boosting": {"positive": query, "negative": query}}"#, "The positive query: weights change a score alone.",
        r#"{"boosting": {"positive": {"match_all": {}}, "negative": {"term": {"readOnly": true}}, "negative_boost": 0.5}}"#,
        |reader, member| reader.inner(&member.node, "positive");
    "constant_score", r#"{"constant_score": {"filter": query}}"#, "The query inside.",
        r#"{"constant_score": {"filter": {"term": {"eventName": "ConsoleLogin"}}}}"#,
        |reader, member| reader.inner(&member.node, "filter");
    "dis_max", r#"{"dis_max": {"queries": [query, …]}}"#, "One of the queries holds.",
        r#"{"dis_max": {"queries": [{"term": {"eventName": "StopLogging"}}, {"term": {"eventName": "DeleteTrail"}}]}}"#,
        |reader, member| Clause::or(reader.list_in(&member.node, "queries"));
    "exists", r#"{"exists": {"field": name}}"#, "The field has a value.", r#"{"query": {"exists": {"field": "errorCode"}}}"#,
        |reader, member| reader.exists(&member.node, Test::Exists);
    "filtered", r#"{"filtered": {"query": query, "filter": query}}"#, "Both hold (of old versions).",
        r#"{"filtered": {"query": {"match_all": {}}, "filter": {"term": {"eventName": "CreateUser"}}}}"#,
        |reader, member| {
            let both = ["query", "filter"].into_iter().filter(|name| member.node.get(name).is_some());
            Clause::and(both.map(|name| reader.inner(&member.node, name)).collect())
        };
    "function_score", r#"{"function_score": {"query": query}}"#, "The query inside: functions change a score alone.",
        r#"{"function_score": {"query": {"term": {"eventName": "CreateUser"}}}}"#,
        |reader, member| reader.inner(&member.node, "query");
    "fuzzy", r#"{"fuzzy": {field: {"value": text, "fuzziness": n}}}"#, "The value within so many edits.",
        r#"{"fuzzy": {"userIdentity.userName": {"value": "admin", "fuzziness": 1}}}"#,
        |reader, member| reader.on_field(member, "value", |_, word, options| Test::Fuzzy {
            word, edits: options.and_then(|o| o.get("fuzziness")).and_then(Node::count).and_then(|n| u32::try_from(n).ok()),
        });
    "geo_bounding_box", r#"{"geo_bounding_box": {field: {"top_left": place, "bottom_right": place}}}"#, "The place lies inside the box.",
        r#"{"geo_bounding_box": {"source.geo.location": {"top_left": "46,122", "bottom_right": "24,146"}}}"#,
        |reader, member| reader.bounding_box(&member.node);
    "geo_distance", r#"{"geo_distance": {"distance": "200km", field: place}}"#, "The place is at most so far away.",
        r#"{"geo_distance": {"distance": "200km", "source.geo.location": {"lat": 35.7, "lon": 139.7}}}"#,
        |reader, member| reader.distance(&member.node);
    "ids", r#"{"ids": {"values": [id, …]}}"#, "Events with these ids.",
        r#"{"ids": {"values": ["00000000-0000-0000-0000-000000000001"]}}"#,
        |reader, member| {
            let name = Name::new("_id", member.span);
            reader.terms_of(&name, member.node.get("values").map(Node::items).unwrap_or_default())
        };
    "match", r#"{"match": {field: {"query": text, "operator": "and"}}}"#,
        "A keyword field equals the text; an analysed one has any of its words, or all with the operator `and`.",
        r#"{"query": {"match": {"errorMessage": {"query": "not authorized", "operator": "and"}}}}"#,
        |reader, member| reader.on_field(member, "query", matching);
    "match_all", r#"{"match_all": {}}"#, "Every event.", r#"{"query": {"match_all": {}}}"#, |_, _| Clause::All;
    "match_bool_prefix", r#"{"match_bool_prefix": {field: text}}"#, "Any of the words; the last one may go on.",
        r#"{"match_bool_prefix": {"errorMessage": "not autho"}}"#,
        |reader, member| reader.on_field(member, "query", |_, word, _| Test::Phrase { word, prefix: true, slop: 50 });
    "match_none", r#"{"match_none": {}}"#, "No event.", r#"{"query": {"match_none": {}}}"#, |_, _| Clause::None;
    "match_phrase", r#"{"match_phrase": {field: {"query": text, "slop": n}}}"#,
        "A keyword field equals the text; an analysed one has the words in this order.",
        r#"{"query": {"match_phrase": {"errorMessage": "not authorized"}}}"#,
        |reader, member| reader.on_field(member, "query", |_, word, options| Test::Phrase { word, prefix: false, slop: slop(options) });
    "match_phrase_prefix", r#"{"match_phrase_prefix": {field: text}}"#, "The words in this order; the last one may go on.",
        r#"{"match_phrase_prefix": {"errorMessage": "not autho"}}"#,
        |reader, member| reader.on_field(member, "query", |_, word, options| Test::Phrase { word, prefix: true, slop: slop(options) });
    "missing", r#"{"missing": {"field": name}}"#, "The field has no value (of old versions).", r#"{"missing": {"field": "errorCode"}}"#,
        |reader, member| Clause::Not(Box::new(reader.exists(&member.node, Test::Exists)));
    "multi_match", r#"{"multi_match": {"query": text, "fields": [name, …], "type": "phrase"}}"#,
        "A `match` on several fields; without fields, on the whole record.",
        r#"{"multi_match": {"query": "mallory", "fields": ["requestParameters.userName", "user.*"]}}"#,
        |reader, member| reader.multi_match(&member.node);
    "nested", r#"{"nested": {"path": name, "query": query}}"#, "The query inside: arrays of objects are passed through.",
        r#"{"nested": {"path": "resources", "query": {"term": {"resources.type": "AWS::S3::Bucket"}}}}"#,
        |reader, member| reader.inner(&member.node, "query");
    "not", r#"{"not": query}"#, "The query does not hold (of old versions).", r#"{"not": {"term": {"eventName": "CreateUser"}}}"#,
        |reader, member| {
            let inner = member.node.get("filter").or_else(|| member.node.get("query")).unwrap_or(&member.node).clone();
            Clause::Not(Box::new(reader.clause(&inner)))
        };
    "or", r#"{"or": [query, …]}"#, "One of the queries holds (of old versions).",
        r#"{"or": [{"term": {"eventName": "CreateUser"}}, {"term": {"eventName": "DeleteUser"}}]}"#,
        |reader, member| Clause::or(reader.list(&member.node));
    "prefix", r#"{"prefix": {field: text}}"#, "The value begins so.", r#"{"query": {"prefix": {"eventName": "Delete"}}}"#,
        |reader, member| reader.on_field(member, "value", |_, word, options| Test::Prefix { word, any_case: any_case(options) });
    "query_string", r#"{"query_string": {"query": text, "default_field": name, "default_operator": "AND"}}"#,
        "A Lucene query string.", r#"{"query": {"query_string": {"query": "eventName:(CreateUser OR DeleteUser) AND NOT errorCode:*"}}}"#,
        |reader, member| reader.query_string(&member.node);
    "range", r#"{"range": {field: {"gte": from, "lt": to, "format": f, "time_zone": z}}}"#,
        "Between two ends: numbers, dates with mathematics (`now-1d/d`), addresses, texts.",
        r#"{"query": {"range": {"@timestamp": {"gte": "now-7d/d", "lt": "now"}}}}"#,
        |reader, member| reader.range(&member.node);
    "regexp", r#"{"regexp": {field: {"value": expression, "case_insensitive": true}}}"#, "The whole value matches the regular expression.",
        r#"{"query": {"regexp": {"eventName": "(Put|Delete)Bucket.*"}}}"#,
        |reader, member| reader.on_field(member, "value", |_, word, options| Test::Regex { word, any_case: any_case(options) });
    "script", r#"{"script": {"script": {"source": expression, "params": {…}}}}"#,
        "A condition over `doc['field'].value`: one expression, no statements.",
        r#"{"script": {"script": {"source": "doc['errorCode'].size() > 0"}}}"#,
        |reader, member| reader.script(&member.node);
    "script_score", r#"{"script_score": {"query": query}}"#, "The query inside: scripts change a score alone.",
        r#"{"script_score": {"query": {"match_all": {}}, "script": {"source": "1"}}}"#,
        |reader, member| reader.inner(&member.node, "query");
    "simple_query_string", r#"{"simple_query_string": {"query": text, "fields": [name, …]}}"#,
        "Words with `+` and, `|` or, `-` not, quotation marks, a star at the end; never an error.",
        r#"{"simple_query_string": {"query": "mallory + -alice"}}"#,
        |reader, member| reader.simple(&member.node);
    "term", r#"{"term": {field: {"value": text, "case_insensitive": true}}}"#,
        "The whole value, case included; an address field takes a block.",
        r#"{"query": {"term": {"eventName": "ConsoleLogin"}}}"#,
        |reader, member| reader.on_field(member, "value", |_, word, options| Test::Term { word, any_case: any_case(options) });
    "terms", r#"{"terms": {field: [value, …]}}"#, "One of the values.",
        r#"{"query": {"terms": {"eventName": ["CreateUser", "DeleteUser"]}}}"#,
        |reader, member| reader.terms(&member.node);
    "wildcard", r#"{"wildcard": {field: {"value": pattern, "case_insensitive": true}}}"#, "`*` stands for any characters, `?` for one.",
        r#"{"query": {"wildcard": {"eventName": {"value": "*bucket*", "case_insensitive": true}}}}"#,
        |reader, member| {
            let key = if member.node.members().first().is_some_and(|m| m.node.get("wildcard").is_some()) { "wildcard" } else { "value" };
            reader.on_field(member, key, |_, word, options| Test::Wildcard {
                pattern: Pattern::parse(&word.text), any_case: any_case(options), span: word.span,
            })
        };
];

/// Queries that OpenSearch has and that mean nothing over a table of logs.
const UNSUPPORTED: &[&str] = &[
    "distance_feature",
    "geo_polygon",
    "geo_shape",
    "has_child",
    "has_parent",
    "hybrid",
    "intervals",
    "knn",
    "more_like_this",
    "neural",
    "parent_id",
    "percolate",
    "pinned",
    "rank_feature",
    "span_containing",
    "span_first",
    "span_multi",
    "span_near",
    "span_not",
    "span_or",
    "span_term",
    "span_within",
    "template",
    "terms_set",
    "wrapper",
];

/// Members of a filter that are not its query.
const BESIDE: &[&str] = &["meta", "$state", "boost", "_name", "name", "cache", "_cache"];

pub(super) fn is_query(name: &str) -> bool {
    QUERIES.iter().any(|query| query.name == name) || UNSUPPORTED.contains(&name)
}

fn slop(options: Option<&Node>) -> u32 {
    options.and_then(|o| o.get("slop")).and_then(Node::count).map_or(0, |n| u32::try_from(n.min(50)).unwrap_or(50))
}

fn any_case(options: Option<&Node>) -> bool {
    options.and_then(|o| o.get("case_insensitive")).and_then(Node::truth).unwrap_or(false)
}

/// `match`, with the types that old dashboards give it.
fn matching(_: &mut Reader, word: Word, options: Option<&Node>) -> Test {
    let option = |name: &str| options.and_then(|o| o.get(name)).and_then(Node::text);
    match option("type").as_deref() {
        Some("phrase") => return Test::Phrase { word, prefix: false, slop: slop(options) },
        Some("phrase_prefix") => return Test::Phrase { word, prefix: true, slop: slop(options) },
        _ => {}
    }
    if let Some(fuzziness) = option("fuzziness") {
        return Test::Fuzzy { word, edits: fuzziness.parse().ok() };
    }
    let all = option("operator").is_some_and(|operator| operator.eq_ignore_ascii_case("and"));
    let count = option("minimum_should_match").map(|least| minimum(&least, word.text.split_whitespace().count()));
    Test::Match { word, least: if all { Least::All } else { count.map_or(Least::Any, Least::Count) } }
}

/// `2`, `-1`, `75%`, `-25%`, `2<75%`: how many of so many.
fn minimum(text: &str, of: usize) -> usize {
    let text = text.trim();
    if let Some((above, then)) = text.split_once('<') {
        let above: usize = above.trim().parse().unwrap_or(0);
        return if of <= above { of } else { minimum(then, of) };
    }
    let percent = text.strip_suffix('%');
    let Ok(number) = percent.unwrap_or(text).parse::<i64>() else { return 1 };
    let of = i64::try_from(of).unwrap_or(i64::MAX);
    let wanted = if percent.is_some() { number.saturating_mul(of) / 100 } else { number };
    let wanted = if number < 0 { of.saturating_add(wanted) } else { wanted };
    usize::try_from(wanted.clamp(0, of.max(number))).unwrap_or(0)
}

/// Reads clauses and gathers what is wrong with them.
#[derive(Default)]
pub(super) struct Reader {
    pub diagnostics: Vec<Diagnostic>,
}

impl Reader {
    pub fn error(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(&format!("dsl.{code}"), message, span));
    }

    pub fn warning(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::warning(&format!("dsl.{code}"), message, span));
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// A query, or a filter of a saved object: a query with `meta` beside it.
    pub fn clause(&mut self, node: &Node) -> Clause {
        if let Value::Array(items) = &node.value {
            return Clause::and(items.iter().map(|item| self.clause(item)).collect());
        }
        if let Value::Text(text) = &node.value {
            return self.lucene(text, node.span, &lucene::Options::default());
        }
        if node.get("language").is_some()
            && let Some(inner) = node.get("query")
        {
            // A query of the search bar, as saved objects keep it.
            let language = node.get("language").and_then(Node::text);
            return super::body::written(self, inner, language.as_deref());
        }
        let meta = node.get("meta");
        let set = |name: &str| meta.and_then(|meta| meta.get(name)).and_then(Node::truth).unwrap_or(false);
        if set("disabled") {
            return Clause::All;
        }
        let mut clauses: Vec<Clause> = Vec::new();
        for member in node.members().iter().filter(|member| !BESIDE.contains(&member.name.as_str())) {
            clauses.push(if member.name == "query" { self.clause(&member.node) } else { self.query(member) });
        }
        if !node.is_object() {
            self.error("syntax", "a query is an object such as {\"term\": {…}}", node.span);
        } else if clauses.is_empty() && meta.is_none() && !node.members().is_empty() {
            self.error("syntax", "there is no query in this object", node.span);
        }
        let clause = Clause::and(clauses);
        if set("negate") { Clause::Not(Box::new(clause)) } else { clause }
    }

    fn query(&mut self, member: &Member) -> Clause {
        if let Some(query) = QUERIES.iter().find(|query| query.name == member.name) {
            return (query.read)(self, member);
        }
        if UNSUPPORTED.contains(&member.name.as_str()) {
            self.error("unsupported", format!("the query `{}` is not supported", member.name), member.span);
            return Clause::None;
        }
        let message = format!("there is no query `{}`", member.name);
        let mut diagnostic = Diagnostic::error("dsl.unknown-query", message, member.span);
        if let Some(near) = suggest::nearest(&member.name, QUERIES.iter().map(|query| query.name)) {
            diagnostic = diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(format!("\"{near}\""));
        }
        self.diagnostics.push(diagnostic);
        Clause::None
    }

    fn list(&mut self, node: &Node) -> Vec<Clause> {
        let node = node.get("filters").unwrap_or(node);
        node.items().iter().map(|item| self.clause(item)).collect()
    }

    fn list_in(&mut self, node: &Node, name: &str) -> Vec<Clause> {
        node.get(name).map(|list| self.list(list)).unwrap_or_default()
    }

    /// The query inside another.
    fn inner(&mut self, node: &Node, name: &str) -> Clause {
        match node.get(name) {
            Some(inner) => self.clause(inner),
            None if name == "query" => Clause::All,
            None => {
                self.error("syntax", format!("`{name}` is missing here"), node.span);
                Clause::None
            }
        }
    }

    fn boolean(&mut self, node: &Node) -> Clause {
        const PARTS: &[&str] = &[
            "must",
            "filter",
            "should",
            "must_not",
            "minimum_should_match",
            "boost",
            "_name",
            "adjust_pure_negative",
            "disable_coord",
        ];
        for member in node.members().iter().filter(|member| !PARTS.contains(&member.name.as_str())) {
            let message = format!("`bool` has no part `{}`", member.name);
            let mut diagnostic = Diagnostic::error("dsl.syntax", message, member.span);
            if let Some(near) = suggest::nearest(&member.name, PARTS.iter().copied()) {
                diagnostic =
                    diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(format!("\"{near}\""));
            }
            self.diagnostics.push(diagnostic);
        }
        let mut must = self.list_in(node, "must");
        must.extend(self.list_in(node, "filter"));
        let should = self.list_in(node, "should");
        let not = self.list_in(node, "must_not");
        let least = node.get("minimum_should_match").and_then(Node::text).map(|least| minimum(&least, should.len()));
        Clause::boolean(must, should, not, least)
    }

    fn exists(&mut self, node: &Node, test: Test) -> Clause {
        match node.get("field").filter(|field| field.text().is_some()) {
            Some(field) => Clause::field(Name::new(field.text().unwrap_or_default(), field.span), test),
            None => {
                self.error("syntax", "`exists` names a `field`", node.span);
                Clause::None
            }
        }
    }

    /// `{kind: {field: value}}` or `{kind: {field: {key: value, …options}}}`.
    fn on_field(&mut self, member: &Member, key: &str, test: fn(&mut Self, Word, Option<&Node>) -> Test) -> Clause {
        let fields: Vec<&Member> =
            member.node.members().iter().filter(|member| !["boost", "_name"].contains(&member.name.as_str())).collect();
        let [field] = fields.as_slice() else {
            let message = format!("`{}` has one field: {{\"{}\": {{\"field\": …}}}}", member.name, member.name);
            self.error("syntax", message, member.node.span);
            return Clause::None;
        };
        let options = field.node.is_object().then_some(&field.node);
        let value = match options {
            Some(options) => [key, "value", "query", "term"].iter().find_map(|key| options.get(key)),
            None => Some(&field.node),
        };
        let name = Name { text: field.name.clone(), glob: field.name.contains('*'), span: field.span };
        let Some(value) = value else {
            self.error("syntax", format!("the value of `{}` is missing: `{key}`", field.name), field.node.span);
            return Clause::None;
        };
        if let Value::Array(items) = &value.value {
            return self.terms_of(&name, items);
        }
        match value.text() {
            Some(text) => {
                let test = test(self, Word::new(text, value.span), options);
                Clause::field(name, test)
            }
            None => {
                self.error(
                    "syntax",
                    format!("the value of `{}` is a text, a number or a truth", field.name),
                    value.span,
                );
                Clause::None
            }
        }
    }

    fn terms(&mut self, node: &Node) -> Clause {
        const OPTIONS: &[&str] = &["boost", "_name", "execution", "minimum_should_match"];
        let fields = node.members().iter().filter(|member| !OPTIONS.contains(&member.name.as_str()));
        let mut clauses = Vec::new();
        for field in fields {
            if field.node.is_object() {
                self.error("unsupported", "values from another index are not supported", field.node.span);
                continue;
            }
            let name = Name { text: field.name.clone(), glob: false, span: field.span };
            clauses.push(self.terms_of(&name, field.node.items()));
        }
        Clause::and(clauses)
    }

    fn terms_of(&mut self, name: &Name, items: &[Node]) -> Clause {
        let mut clauses = Vec::with_capacity(items.len());
        for item in items {
            match item.text() {
                Some(text) => {
                    let test = Test::Term { word: Word::new(text, item.span), any_case: false };
                    clauses.push(Clause::field(name.clone(), test));
                }
                None if item.value == Value::Null => {}
                None => self.error("syntax", "a value is a text, a number or a truth", item.span),
            }
        }
        Clause::or(clauses)
    }

    fn range(&mut self, node: &Node) -> Clause {
        let Some(field) = node.members().iter().find(|member| member.node.is_object()) else {
            self.error(
                "syntax",
                "`range` has one field with its ends: {\"range\": {\"field\": {\"gte\": …}}}",
                node.span,
            );
            return Clause::None;
        };
        let name = Name { text: field.name.clone(), glob: field.name.contains('*'), span: field.span };
        let mut range = Range::default();
        let flag = |name: &str| field.node.get(name).and_then(Node::truth).unwrap_or(true);
        for member in field.node.members() {
            let word = || Some(Word::new(moment(&member.node.text()?), member.node.span));
            let bound = |inclusive| word().map(|value| Bound { value, inclusive });
            match member.name.as_str() {
                "gte" | "ge" => range.from = bound(true),
                "gt" => range.from = bound(false),
                "lte" | "le" => range.to = bound(true),
                "lt" => range.to = bound(false),
                "from" => range.from = bound(flag("include_lower")),
                "to" => range.to = bound(flag("include_upper")),
                "format" => range.format = member.node.text(),
                "time_zone" => match member.node.text().as_deref().and_then(Zone::parse) {
                    Some(zone) => range.zone = Some(zone),
                    None => self.error("time-zone", "there is no such time zone", member.node.span),
                },
                "include_lower" | "include_upper" | "boost" | "_name" | "relation" => {}
                other => {
                    let message = format!("`range` has no part `{other}`");
                    self.error("syntax", message, member.span);
                }
            }
        }
        if range.from.is_none() && range.to.is_none() {
            return Clause::field(name, Test::Exists);
        }
        Clause::field(name, Test::Range(range))
    }

    fn query_string(&mut self, node: &Node) -> Clause {
        let Some(text) = node.get("query").and_then(Node::text) else {
            self.error("syntax", "`query_string` has a `query`", node.span);
            return Clause::None;
        };
        let span = node.get("query").map_or(node.span, |query| query.span);
        let mut fields = self.names(node);
        if let Some(field) = node.get("default_field").filter(|field| field.text().is_some_and(|text| text != "*")) {
            fields.push(Name::new(field.text().unwrap_or_default(), field.span));
        }
        let operator = node.get("default_operator").and_then(Node::text);
        let all = operator.is_some_and(|operator| operator.eq_ignore_ascii_case("and"));
        self.lucene(&text, span, &lucene::Options { fields, all, offset: 0 })
    }

    /// A Lucene query inside the JSON: pointed at exactly where the text has no escapes, as a whole where it has.
    pub fn lucene(&mut self, text: &str, span: Span, options: &lucene::Options) -> Clause {
        let exact = span.end.saturating_sub(span.start) == text.len() + 2;
        let options = lucene::Options { offset: if exact { span.start + 1 } else { 0 }, ..options.clone() };
        let (clause, mut found) = lucene::parse(text, &options);
        if !exact {
            found.iter_mut().for_each(|diagnostic| diagnostic.span = span);
        }
        self.diagnostics.extend(found);
        clause
    }

    /// A KQL query inside the JSON.
    pub fn kql(&mut self, text: &str, span: Span) -> Clause {
        match crate::kql::parse(text) {
            Ok(clause) => clause,
            Err(mut error) => {
                error.span = span;
                self.diagnostics.push(error);
                Clause::None
            }
        }
    }

    fn names(&self, node: &Node) -> Vec<Name> {
        let fields = node.get("fields").map(Node::items).unwrap_or_default();
        let name = |field: &Node| {
            let text = field.text()?;
            let text = text.split_once('^').map_or(text.as_str(), |(name, _)| name);
            Some(Name::new(text, field.span))
        };
        let names: Vec<Name> = fields.iter().filter_map(name).collect();
        if names.iter().any(|name| name.text == "*") { Vec::new() } else { names }
    }

    fn multi_match(&mut self, node: &Node) -> Clause {
        let Some((query, text)) = node.get("query").and_then(|query| Some((query, query.text()?))) else {
            self.error("syntax", "`multi_match` has a `query`", node.span);
            return Clause::None;
        };
        let word = Word::new(text, query.span);
        let kind = node.get("type").and_then(Node::text);
        let test = match kind.as_deref() {
            Some("phrase") => Test::Phrase { word, prefix: false, slop: slop(Some(node)) },
            Some("phrase_prefix" | "bool_prefix") => Test::Phrase { word, prefix: true, slop: slop(Some(node)) },
            _ => {
                let all = node.get("operator").and_then(Node::text).is_some_and(|o| o.eq_ignore_ascii_case("and"));
                Test::Match { word, least: if all { Least::All } else { Least::Any } }
            }
        };
        self.on_names(node, test, query.span)
    }

    fn on_names(&mut self, node: &Node, test: Test, span: Span) -> Clause {
        let names = self.names(node);
        if names.is_empty() {
            return Clause::Anywhere { test, span };
        }
        Clause::or(names.into_iter().map(|name| Clause::field(name, test.clone())).collect())
    }

    fn simple(&mut self, node: &Node) -> Clause {
        let Some(query) = node.get("query").filter(|query| query.text().is_some()) else {
            self.error("syntax", "`simple_query_string` has a `query`", node.span);
            return Clause::None;
        };
        let all = node.get("default_operator").and_then(Node::text).is_some_and(|o| o.eq_ignore_ascii_case("and"));
        let text = query.text().unwrap_or_default();
        super::simple::parse(&text, all, &mut |test| self.on_names(node, test, query.span), query.span)
    }

    fn script(&mut self, node: &Node) -> Clause {
        let script = node.get("script").unwrap_or(node);
        match self.script_of(script) {
            Some(parsed) => Clause::Script(Box::new(parsed), script.span),
            None => Clause::None,
        }
    }

    /// A script given as a text or as an object with `source` and `params`.
    pub fn script_of(&mut self, node: &Node) -> Option<Script> {
        let source = node.get("source").or_else(|| node.get("inline")).unwrap_or(node);
        let Some(text) = source.text() else {
            self.error("unsupported", "stored scripts are not supported: give its `source`", node.span);
            return None;
        };
        let params: BTreeMap<String, Script> = node
            .get("params")
            .map(Node::members)
            .unwrap_or_default()
            .iter()
            .filter_map(|member| Some((member.name.clone(), constant(&member.node)?)))
            .collect();
        match Script::parse(&text) {
            Ok(script) => Some(script.with(&params)),
            Err(why) => {
                self.error("unsupported-script", format!("the script is not supported: {why}"), source.span);
                None
            }
        }
    }

    fn bounding_box(&mut self, node: &Node) -> Clause {
        let field = node.members().iter().find(|member| member.node.is_object());
        let corners = field.and_then(|field| {
            let corner = |name: &str| field.node.get(name).and_then(place);
            let side = |name: &str| field.node.get(name).and_then(Node::number);
            let of_corners = || {
                let ((top, left), (bottom, right)) = (corner("top_left")?, corner("bottom_right")?);
                Some([top, left, bottom, right])
            };
            let of_others = || {
                let ((top, right), (bottom, left)) = (corner("top_right")?, corner("bottom_left")?);
                Some([top, left, bottom, right])
            };
            let of_sides = || Some([side("top")?, side("left")?, side("bottom")?, side("right")?]);
            of_corners().or_else(of_others).or_else(of_sides)
        });
        match (field, corners) {
            (Some(field), Some(corners)) => Clause::field(Name::new(&*field.name, field.span), Test::Box(corners)),
            _ => {
                self.error("syntax", "a box has the corners `top_left` and `bottom_right`", node.span);
                Clause::None
            }
        }
    }

    fn distance(&mut self, node: &Node) -> Clause {
        const OPTIONS: &[&str] = &["distance", "distance_type", "validation_method", "unit", "_name", "boost"];
        let field = node.members().iter().find(|member| !OPTIONS.contains(&member.name.as_str()));
        let metres = node.get("distance").and_then(Node::text).and_then(|text| metres(&text));
        let point = field.and_then(|field| place(&field.node));
        match (field, metres, point) {
            (Some(field), Some(metres), Some((lat, lon))) => {
                Clause::field(Name::new(&*field.name, field.span), Test::Near { lat, lon, metres })
            }
            _ => {
                self.error("syntax", "`geo_distance` has a `distance` and a field with a point", node.span);
                Clause::None
            }
        }
    }
}

/// A parameter of a script.
fn constant(node: &Node) -> Option<Script> {
    Some(match &node.value {
        Value::Number(_) => Script::Number(node.number()?),
        Value::Text(text) => Script::Text(text.clone()),
        Value::Bool(truth) => Script::Truth(*truth),
        Value::Null => Script::Null,
        _ => return None,
    })
}

/// The moments that alerting puts into a monitor's query.
fn moment(text: &str) -> String {
    text.replace("{{period_end}}||", "now").replace("{{period_end}}", "now").replace("{{ctx.periodEnd}}", "now")
}

/// `{"lat": …, "lon": …}`, `[lon, lat]`, `"lat,lon"`, `"POINT (lon lat)"`.
fn place(node: &Node) -> Option<(f64, f64)> {
    match &node.value {
        Value::Object(_) => Some((node.get("lat")?.number()?, node.get("lon")?.number()?)),
        Value::Array(items) => match items.as_slice() {
            [lon, lat] => Some((lat.number()?, lon.number()?)),
            _ => None,
        },
        Value::Text(text) => {
            let point = text.trim().trim_start_matches("POINT").trim();
            if let Some(inside) = point.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                let (lon, lat) = inside.trim().split_once(' ')?;
                return Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?));
            }
            let (lat, lon) = text.split_once(',')?;
            Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
        }
        _ => None,
    }
}

/// `200km`, `12mi`, `50`.
fn metres(text: &str) -> Option<f64> {
    let text = text.trim();
    let cut = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let number: f64 = text[..cut].trim().parse().ok()?;
    let unit = match text[cut..].trim() {
        "" | "m" | "meters" => 1.0,
        "km" | "kilometers" => 1000.0,
        "mi" | "miles" => 1609.344,
        "nmi" | "NM" | "nauticalmiles" => 1852.0,
        "yd" | "yards" => 0.9144,
        "ft" | "feet" => 0.3048,
        "cm" => 0.01,
        _ => return None,
    };
    Some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_should_match() {
        for (text, of, wanted) in [
            ("2", 3, 2),
            ("-1", 3, 2),
            ("75%", 4, 3),
            ("-25%", 4, 3),
            ("2<75%", 2, 2),
            ("2<75%", 4, 3),
            ("9", 3, 9),
            ("x", 3, 1),
        ] {
            assert_eq!(minimum(text, of), wanted, "{text} of {of}");
        }
    }

    #[test]
    fn sorted() {
        assert!(QUERIES.is_sorted_by_key(|query| query.name));
        assert!(UNSUPPORTED.is_sorted());
    }
}
