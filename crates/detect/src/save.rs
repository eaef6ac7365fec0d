//! *Save as alert*: a search becomes a rule's file. A search for events is matched with each event as it comes. So is one that
//! only counts what it finds: each event that it counts makes a row, so the next such event is what it waits for. Anything
//! else runs again and again over what came in.

use std::str::FromStr;

use query::language::{Environment, front};
use query::pipeline::{ExprKind, Named, Op, PathStep, Pipeline, Source};
use query::span::Span;

use crate::compile::{self, Shape};
use crate::rule::{Query, Severity};

/// A condition of the page's filter bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFilter {
    /// The field.
    pub field: String,
    /// Whether it has none of the values.
    pub negated: bool,
    /// The values; `*` is a wildcard.
    pub values: Vec<String>,
}

/// A search that is to become a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// `auto`, or a language.
    pub lang: String,
    /// Its text.
    pub text: String,
    /// The rule's title.
    pub title: String,
    /// How bad it is if it is true.
    pub severity: Severity,
    /// Conditions beside the text.
    pub filters: Vec<SearchFilter>,
    /// Another mode than the search asks for, as a rule's file has it.
    pub mode: Option<serde_json::Value>,
    /// The fields of the alert's key.
    pub group_by: Option<Vec<String>>,
}

/// How often a search that is no truth over single events runs.
const EVERY: &str = "{ scheduled: { every: 5m, window: 5m } }";
/// Longest title, characters.
const LONGEST: usize = 200;

/// The file of the rule that a search becomes. `taken` says which ids are in use.
///
/// # Errors
/// A sentence for people: a language that there is not, conditions that can't be put into it, a title that is none.
pub fn file(search: &Search, taken: impl Fn(&str) -> bool) -> Result<(String, String), String> {
    let title = search.title.trim();
    if title.is_empty() || title.chars().count() > LONGEST || title.chars().any(char::is_control) {
        return Err(format!("the title has 1 to {LONGEST} characters"));
    }
    let lang = engine::Language::from_str(&search.lang)?.settle(&search.text);
    let text = narrowed(lang.as_str(), &search.text, &search.filters)?;
    let found = plan(lang.as_str(), &text);
    let id = free(&slug(title), taken);
    let mode = match &search.mode {
        Some(mode) => mode.to_string(),
        None if found.each => "each".to_owned(),
        None => EVERY.to_owned(),
    };
    // Another mode than ours is about the search as it was written.
    let (text, groups) = match &search.mode {
        Some(_) => (text, Vec::new()),
        None => (found.text, found.group_by),
    };
    let mut file = format!("id: {id}\ntitle: {}\nseverity: {}\n", quoted(title), search.severity.as_str());
    file.push_str(&format!(
        "logs: [{}]\nquery:\n  lang: {}\n  text: {}\n",
        found.logs.join(", "),
        lang.as_str(),
        block(&text)
    ));
    file.push_str(&format!("mode: {mode}\n"));
    let groups = search.group_by.clone().unwrap_or(groups);
    if !groups.is_empty() {
        let groups: Vec<String> = groups.iter().map(|field| quoted(field)).collect();
        file.push_str(&format!("group_by: [{}]\n", groups.join(", ")));
    }
    Ok((id, file))
}

/// What a search is as a rule.
struct Plan {
    each: bool,
    text: String,
    logs: Vec<String>,
    group_by: Vec<String>,
}

fn plan(lang: &str, text: &str) -> Plan {
    let as_is = |each, logs| Plan { each, text: text.to_owned(), logs, group_by: Vec::new() };
    if let Some(logs) = truths(lang, text) {
        return as_is(true, logs);
    }
    let Some(pipeline) = lowered(lang, text) else {
        return as_is(false, vec!["cloudtrail".to_owned()]);
    };
    match counted(lang, text, &pipeline) {
        Some(plan) => plan,
        None => as_is(false, tables(&pipeline)),
    }
}

/// The log types of a query that is a truth over single events.
fn truths(lang: &str, text: &str) -> Option<Vec<String>> {
    let query = Query { lang: lang.to_owned(), text: text.to_owned(), span: Span::default() };
    let Shape::Truths(truths) = compile::query(&query, &[]).ok()?.shape else { return None };
    let mut logs: Vec<String> = truths.iter().map(|truth| truth.log_type.to_owned()).collect();
    logs.sort();
    logs.dedup();
    Some(if logs.len() == event::log_types().len() { vec!["all".to_owned()] } else { logs })
}

fn lowered(lang: &str, text: &str) -> Option<Pipeline> {
    let environment = Environment::new(&engine::Fields, 0);
    Some((front(lang)?.lower)(text, &environment).ok()?.pipeline)
}

/// The tables that a pipeline reads, sorted.
fn tables(pipeline: &Pipeline) -> Vec<String> {
    let mut found = Vec::new();
    if let Source::Events { table } = &pipeline.scan.source {
        found.push(table.clone());
    }
    for op in &pipeline.ops {
        if let Op::Join { right, .. } | Op::Union { right } = op {
            found.extend(tables(right));
        }
    }
    found.retain(|table| table == "all" || event::log_type(table).is_some());
    found.sort();
    found.dedup();
    if found.is_empty() { vec!["cloudtrail".to_owned()] } else { found }
}

/// A search that filters events and then only counts them: what it counts by is the key, what stands before is the rule.
fn counted(lang: &str, text: &str, pipeline: &Pipeline) -> Option<Plan> {
    let at = pipeline.ops.iter().position(|op| matches!(op, Op::Aggregate { .. }))?;
    let shown = |op: &Op| {
        matches!(
            op,
            Op::Sort { .. }
                | Op::Project { .. }
                | Op::Rename { .. }
                | Op::Extend { .. }
                | Op::Limit { .. }
                | Op::Remove { .. }
        )
    };
    let Op::Aggregate { by, keep_null, .. } = &pipeline.ops[at] else { return None };
    if !pipeline.ops[at + 1..].iter().all(shown) {
        return None;
    }
    let pipes = text.char_indices().filter(|(_, c)| *c == '|').map(|(at, _)| at);
    let stages: Vec<usize> = pipes.collect();
    let (stage, logs) = stages.iter().rev().find_map(|at| {
        let stage = text[..*at].trim_end();
        let some = !stage.trim_matches(['|', ' ', '\n', '\t']).is_empty();
        Some((stage, truths(lang, stage).filter(|_| some)?))
    })?;
    let mut rule = stage.to_owned();
    if !keep_null {
        // A row has all the values that it is counted by.
        for name in by.iter().map(|named| &named.name) {
            match lang {
                "spl" => rule.push_str(&format!(" | search {name}=*")),
                "insights" => rule.push_str(&format!(" | filter ispresent({name})")),
                _ => {}
            }
        }
        if truths(lang, &rule).is_none() {
            stage.clone_into(&mut rule);
        }
    }
    Some(Plan { each: true, text: rule, logs, group_by: by.iter().filter_map(field).collect() })
}

/// The field that a search counts by, as rules name it.
fn field(named: &Named) -> Option<String> {
    match &named.expr.kind {
        ExprKind::Column(column) => Some(column.clone()),
        ExprKind::Path(steps) => {
            let keys = steps.iter().map(|step| match step {
                PathStep::Key(key) if !key.contains('.') => Some(key.as_str()),
                _ => None,
            });
            keys.collect::<Option<Vec<_>>>().map(|keys| keys.join("."))
        }
        _ => None,
    }
}

/// A search with conditions put into it, before anything else where it has stages.
fn narrowed(lang: &str, text: &str, filters: &[SearchFilter]) -> Result<String, String> {
    if filters.is_empty() {
        return Ok(text.to_owned());
    }
    let stage = match lang {
        "spl" => {
            format!("search {}", joined(filters, " ", |f, v| format!("{}={}", f.field, quoted(v)), ("NOT ", " OR ")))
        }
        "insights" => {
            let like = |f: &SearchFilter, v: &str| format!("{} = {}", f.field, quoted(v));
            format!("filter {}", joined(filters, " and ", like, ("not ", " or ")))
        }
        "kql" | "lucene" => {
            let is = |f: &SearchFilter, v: &str| format!("{}: {}", f.field, quoted(v));
            let added = joined(filters, " AND ", is, ("NOT ", " OR "));
            let all = matches!(text.trim(), "" | "*");
            return Ok(if all { added } else { format!("({text}) AND {added}") });
        }
        _ => {
            let why =
                "conditions of the filter bar can't be put into a search in this language; write them into the search";
            return Err(why.to_owned());
        }
    };
    if filters.iter().flat_map(|filter| &filter.values).any(|value| value.contains('*')) && lang == "insights" {
        return Err("a `*` in a condition can't be put into this language; write it into the search".to_owned());
    }
    Ok(match first_pipe(text) {
        Some(at) => format!("{} | {stage} {}", text[..at].trim_end(), &text[at..]),
        None => format!("{} | {stage}", text.trim_end()),
    })
}

fn joined(
    filters: &[SearchFilter],
    and: &str,
    is: impl Fn(&SearchFilter, &str) -> String,
    (not, or): (&str, &str),
) -> String {
    let one = |filter: &SearchFilter| {
        let any: Vec<String> = filter.values.iter().map(|value| is(filter, value)).collect();
        format!("{}({})", if filter.negated { not } else { "" }, any.join(or))
    };
    filters.iter().map(one).collect::<Vec<_>>().join(and)
}

/// The first `|` after something, outside quotes and brackets.
fn first_pipe(text: &str) -> Option<usize> {
    let (mut quote, mut depth, mut something) = (None, 0_u32, false);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, '|') if depth == 0 && something => return Some(at),
            (None, '|') => {}
            (None, _) => something |= !c.is_whitespace(),
        }
    }
    None
}

/// An id out of a title.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 80 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "saved-search".to_owned() } else { out.to_owned() }
}

fn free(id: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(id) {
        return id.to_owned();
    }
    (2..).map(|n| format!("{id}-{n}")).find(|id| !taken(id)).unwrap_or_else(|| id.to_owned())
}

/// A text in quotes, as JSON and YAML both read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A query's text as YAML: as it was written, where that can be.
fn block(text: &str) -> String {
    let text = text.trim();
    let plain = text.lines().all(|line| line == line.trim_end() && !line.contains('\t'))
        && !text.contains(|c: char| c.is_control() && c != '\n');
    if plain {
        let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
        format!("|-\n{}", lines.join("\n"))
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::Attack;
    use crate::rule::{Mode, read};

    fn search(lang: &str, text: &str) -> Search {
        Search {
            lang: lang.into(),
            text: text.into(),
            title: "Login without MFA".into(),
            severity: Severity::High,
            filters: Vec::new(),
            mode: None,
            group_by: None,
        }
    }

    /// The rule that a search becomes: mode, query, key.
    fn check(search: &Search, mode: &str, query: &str, group_by: &[&str]) {
        let (id, text) = file(search, |_| false).unwrap();
        let (rule, diagnostics) = read(&text, &Attack::default());
        let rule = rule.unwrap_or_else(|| panic!("{text}\n{diagnostics:?}"));
        assert_eq!(rule.id, id);
        assert_eq!(rule.mode.name(), mode, "{text}");
        assert_eq!(rule.query.as_ref().unwrap().text, query);
        assert_eq!(rule.group_by, group_by, "{text}");
        assert!(compile::rule(&rule).is_ok(), "{text}");
    }

    #[test]
    fn searches_for_events_are_matched_with_each() {
        let text = "sourcetype=aws:cloudtrail eventName=ConsoleLogin additionalEventData.MFAUsed=No";
        check(&search("spl", text), "each", text, &[]);
        check(&search("auto", "{ $.eventName = \"ConsoleLogin\" }"), "each", "{ $.eventName = \"ConsoleLogin\" }", &[]);
    }

    #[test]
    fn what_only_counts_waits_for_the_next() {
        let text =
            "|sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by username, additionalEventData.MFAUsed";
        let expected = "|sourcetype=aws:cloudtrail eventName=ConsoleLogin | search username=* | search additionalEventData.MFAUsed=*";
        let (_, made) = file(&search("spl", text), |_| false).unwrap();
        let rule = read(&made, &Attack::default()).0.unwrap();
        assert_eq!(rule.mode, Mode::Each);
        assert_eq!(rule.query.unwrap().text, expected);
        assert_eq!(rule.group_by.len(), 2, "{made}");
    }

    #[test]
    fn anything_else_is_scheduled() {
        for (lang, text) in [
            ("spl", "eventName=ConsoleLogin | stats count by user | where count > 5"),
            ("sql", "SELECT useridentity.username, count(*) AS n FROM cloudtrail_logs GROUP BY 1 HAVING count(*) > 3"),
            ("spl", "eventName=a | dedup user"),
        ] {
            check(&search(lang, text), "scheduled", text, &[]);
        }
    }

    #[test]
    fn conditions_become_part_of_it() {
        let filter = |field: &str, negated, values: &[&str]| SearchFilter {
            field: field.into(),
            negated,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let with = |lang: &str, text: &str| Search {
            filters: vec![filter("userName", false, &["alice", "bob"]), filter("awsRegion", true, &["us-east-1"])],
            ..search(lang, text)
        };
        let added = "search (userName=\"alice\" OR userName=\"bob\") NOT (awsRegion=\"us-east-1\")";
        check(&with("spl", "eventName=a"), "each", &format!("eventName=a | {added}"), &[]);
        check(&with("spl", "|eventName=a | head 5"), "each", &format!("|eventName=a | {added} | head 5"), &[]);
        assert!(file(&with("sql", "select 1"), |_| false).is_err());
    }

    #[test]
    fn ids_are_free() {
        for (title, id) in
            [("Login without MFA", "login-without-mfa"), ("多要素認証なし", "saved-search"), ("a -- b!", "a-b")]
        {
            let titled = Search { title: title.into(), ..search("spl", "eventName=a") };
            assert_eq!(file(&titled, |_| false).unwrap().0, id);
            assert_eq!(file(&titled, |taken| taken == id).unwrap().0, format!("{id}-2"));
        }
        assert!(file(&Search { title: " ".into(), ..search("spl", "eventName=a") }, |_| false).is_err());
    }
}
