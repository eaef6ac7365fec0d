//! What is wrong with a dashboard: all of it at once, each with its place in the file, before anything is written.

use std::collections::BTreeSet;

use engine::{ErrorKind, Language, QueryError, QueryRequest};

use crate::backend::Backend;
use crate::wire::{DashboardFile, DashboardPanel, DashboardProblem, Drill, DrillSearch, DrillValue, Wording};

const MOST_PANELS: usize = 100;
const MOST_WORDS: usize = 500;
const LONGEST_TITLE: usize = 300;
const LONGEST_TEXT: usize = 4000;
const LONGEST_QUERY: usize = 64 * 1024;
const LONGEST_ID: usize = 64;
const COLUMNS: u32 = 12;
const LOWEST: u32 = 80;
const HIGHEST: u32 = 2000;
/// Names of the API below `/dashboards`.
const TAKEN: [&str; 1] = ["convert"];
/// Stands in a query for a bucket width, and what it is planned with: as long, so that positions hold.
const SPAN: (&str, &str) = ("$span$", "00001h");
/// Time that queries are planned over, in microseconds: the number of buckets of a time chart is limited.
const DAY: i64 = 86_400_000_000;
/// The language of a drill-down's search that names none.
const DRILL_LANGUAGE: Language = Language::Spl;

/// Checks a dashboard; `others` are the ids of those that are there, `now` is in microseconds since 1970. Empty where it is
/// good.
///
/// # Errors
/// Where the engine can't say whether a query is good, for lack of memory say.
pub async fn check(
    file: &DashboardFile,
    others: &[String],
    backend: &dyn Backend,
    now: i64,
) -> Result<Vec<DashboardProblem>, QueryError> {
    let mut found = Found { now, problems: Vec::new() };
    whole(file, &mut found);
    let offered: BTreeSet<&str> =
        file.panels.iter().filter_map(|panel| panel.drill.as_ref()?.select.as_deref()).collect();
    let wanted: BTreeSet<&str> = file.panels.iter().filter_map(|panel| panel.hidden_until.as_deref()).collect();
    let mut ids = BTreeSet::new();
    for (number, panel) in file.panels.iter().enumerate() {
        let at = format!("/panels/{number}");
        shape(panel, &at, &mut found);
        if !ids.insert(panel.id.as_str()) {
            found.add(&at, "id", "panel-twice", format!("another panel has the id `{}`", panel.id));
        }
        if let Some(name) = &panel.hidden_until
            && !offered.contains(name.as_str())
        {
            let message = format!("no panel's drill-down selects `{name}`, so this one would never appear");
            found.add(&at, "hidden_until", "no-selection", message);
        }
        if let Some(drill) = &panel.drill {
            leads(drill, &format!("{at}/drill"), &Known { own: &file.id, others, wanted: &wanted }, &mut found);
        }
        queries(panel, &at, backend, &mut found).await?;
    }
    Ok(found.problems)
}

struct Found {
    now: i64,
    problems: Vec<DashboardProblem>,
}

impl Found {
    fn add(&mut self, at: &str, key: &str, code: &str, message: String) {
        let at = if key.is_empty() { at.to_owned() } else { format!("{at}/{key}") };
        let problem = DashboardProblem { at, code: code.to_owned(), message, diagnostics: Vec::new() };
        self.problems.push(problem);
    }
}

/// An id as it may stand in an address and name a file.
pub(super) fn is_id(id: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.len() <= LONGEST_ID && id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.chars().all(inside)
}

fn whole(file: &DashboardFile, found: &mut Found) {
    if !is_id(&file.id) {
        let message = format!("an id has at most {LONGEST_ID} lower-case letters, digits and hyphens, no hyphen first");
        found.add("", "id", "bad-id", message);
    } else if TAKEN.contains(&file.id.as_str()) {
        found.add("", "id", "taken-id", format!("`{}` can't be a dashboard's id", file.id));
    }
    wording(&file.title, "", "title", LONGEST_TITLE, found);
    if file.title.is_blank() {
        found.add("", "title", "no-title", "it needs a title, in English or in Japanese".to_owned());
    }
    wording(&file.description, "", "description", LONGEST_TEXT, found);
    if file.words.len() > MOST_WORDS {
        found.add("", "words", "too-many", format!("it has {} words; {MOST_WORDS} at most", file.words.len()));
    }
    for word in file.words.values() {
        wording(word, "", "words", LONGEST_TITLE, found);
    }
    if file.panels.len() > MOST_PANELS {
        found.add("", "panels", "too-many", format!("it has {} panels; {MOST_PANELS} at most", file.panels.len()));
    }
}

fn wording(text: &Wording, at: &str, key: &str, longest: usize, found: &mut Found) {
    if text.longest() > longest {
        found.add(at, key, "too-long", format!("the {key} has more than {longest} bytes"));
    }
}

fn shape(panel: &DashboardPanel, at: &str, found: &mut Found) {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if panel.id.is_empty() || panel.id.len() > LONGEST_ID || !panel.id.chars().all(inside) {
        found.add(at, "id", "bad-id", format!("an id has 1 to {LONGEST_ID} letters, digits, hyphens and underscores"));
    }
    wording(&panel.title, at, "title", LONGEST_TITLE, found);
    if panel.title.is_blank() {
        found.add(at, "title", "no-title", "it needs a title, in English or in Japanese".to_owned());
    }
    wording(&panel.description, at, "description", LONGEST_TEXT, found);
    if !(1..=COLUMNS).contains(&panel.width) {
        found.add(at, "width", "bad-width", format!("a width is 1 to {COLUMNS} columns, not {}", panel.width));
    }
    if !(LOWEST..=HIGHEST).contains(&panel.height) {
        found.add(
            at,
            "height",
            "bad-height",
            format!("a height is {LOWEST} to {HIGHEST} pixels, not {}", panel.height),
        );
    }
}

/// What a drill-down may name.
struct Known<'a> {
    own: &'a str,
    others: &'a [String],
    /// Selections that some panel waits for.
    wanted: &'a BTreeSet<&'a str>,
}

fn leads(drill: &Drill, at: &str, known: &Known<'_>, found: &mut Found) {
    let targets = [drill.dashboard.is_some(), drill.search.is_some(), drill.event.is_some(), drill.select.is_some()];
    if targets.into_iter().filter(|is| *is).count() > 1 {
        let message = "a click leads to one of `dashboard`, `search`, `event` and `select`".to_owned();
        found.add(at, "", "two-targets", message);
    }
    if targets == [false; 4] && drill.set.is_empty() {
        found.add(at, "", "no-target", "the drill-down leads nowhere and sets no filter".to_owned());
    }
    if let Some(target) = &drill.dashboard
        && target != known.own
        && !known.others.contains(target)
    {
        found.add(at, "dashboard", "no-dashboard", format!("there is no dashboard `{target}`"));
    }
    if drill.search == Some(DrillSearch::Own(false)) {
        found.add(at, "search", "no-search", "`search` is a query or `true`".to_owned());
    }
    if let Some(name) = &drill.select
        && !known.wanted.contains(name.as_str())
    {
        found.add(at, "select", "no-detail", format!("no panel has `hidden_until` of `{name}`"));
    }
    for (key, column) in [("event", &drill.event), ("since", &drill.since), ("until", &drill.until)] {
        if column.as_ref().is_some_and(|column| column.trim().is_empty()) {
            found.add(at, key, "no-column", "a column's name is missing".to_owned());
        }
    }
    for (field, from) in &drill.set {
        filter(field, from, at, found);
    }
}

fn filter(field: &str, from: &DrillValue, at: &str, found: &mut Found) {
    let key = format!("set/{}", field.replace('~', "~0").replace('/', "~1"));
    if field.trim().is_empty() || field.chars().any(char::is_whitespace) {
        found.add(at, &key, "bad-field", format!("`{field}` is no field"));
    }
    let empty = match from {
        DrillValue::Column(column) => column.trim().is_empty(),
        DrillValue::Constant(constant) => constant.value.trim().is_empty(),
    };
    if empty {
        found.add(at, &key, "no-column", "a column's name, or a constant, is missing".to_owned());
    }
}

async fn queries(panel: &DashboardPanel, at: &str, backend: &dyn Backend, found: &mut Found) -> Result<(), QueryError> {
    match panel.lang.parse::<Language>() {
        Ok(Language::Auto) => {
            found.add(at, "lang", "bad-language", "a panel says which language its query is in".to_owned());
        }
        Ok(language) => planned(language, &panel.query, &format!("{at}/query"), backend, found).await?,
        Err(message) => found.add(at, "lang", "bad-language", message),
    }
    let Some(drill) = &panel.drill else { return Ok(()) };
    match (&drill.search, drill.lang.as_deref().map_or(Ok(DRILL_LANGUAGE), str::parse::<Language>)) {
        (_, Err(message)) => found.add(at, "drill/lang", "bad-language", message),
        (Some(DrillSearch::Query(text)), Ok(language)) => {
            planned(language, text, &format!("{at}/drill/search"), backend, found).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn planned(
    language: Language,
    text: &str,
    at: &str,
    backend: &dyn Backend,
    found: &mut Found,
) -> Result<(), QueryError> {
    let mut request = QueryRequest::new(language, text.replace(SPAN.0, SPAN.1));
    (request.since, request.until) = (Some(found.now - DAY), Some(found.now));
    let mut wrong = |code: &str, message: String, diagnostics: Vec<query::diagnostic::Diagnostic>| {
        let diagnostics = diagnostics.into_iter().map(Into::into).collect();
        found.problems.push(DashboardProblem { at: at.to_owned(), code: code.to_owned(), message, diagnostics });
    };
    if text.trim().is_empty() {
        wrong("no-query", "it needs a query".to_owned(), Vec::new());
        return Ok(());
    }
    if text.len() > LONGEST_QUERY {
        wrong("too-long", format!("the query has more than {LONGEST_QUERY} bytes"), Vec::new());
        return Ok(());
    }
    match backend.explain(request).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind, ErrorKind::Invalid | ErrorKind::NotFound) => {
            wrong("bad-query", error.message, error.diagnostics);
            Ok(())
        }
        Err(error) => Err(error),
    }
}
