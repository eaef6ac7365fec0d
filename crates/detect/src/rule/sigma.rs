//! Sigma rules and correlations as rules of ours: the head is taken over, the document itself is the query.

use query::sigma::ast::{Compare, Correlation, CorrelationType, Document, Meta};
use query::sigma::{self, Collection};
use query::span::Span;
use query::yaml;

use super::load::stem;
use super::{Cases, Entry, File, Mode, Problem, Query, Rule, Severity, Step, Text};
use crate::attack::Attack;

const HOUR: i64 = 3_600_000_000;
const MINUTE: i64 = 60_000_000;

/// Deepest chain of correlations that refer to each other.
const DEEPEST: usize = 16;

/// Whether a file is Sigma's: its documents have what ours have not.
pub(super) fn is_sigma(text: &str) -> bool {
    let begins = |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    let marked = ["detection", "correlation", "logsource"].into_iter().any(begins);
    marked && !(begins("query") || begins("mode"))
}

/// The rules of Sigma files, which may refer to each other across files.
pub(super) fn rules(files: &[&File], attack: &Attack, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let texts: Vec<sigma::File> =
        files.iter().map(|file| sigma::File { name: file.name.clone(), text: file.text.clone() }).collect();
    let collection = sigma::load(&texts);
    for (file, diagnostic) in &collection.diagnostics {
        let File { name, text, .. } = files[*file];
        problems.push(Problem { file: name.clone(), text: text.clone(), diagnostic: diagnostic.clone() });
    }
    let outputs = collection.outputs();
    let mut entries: Vec<Entry> = Vec::new();
    for at in &outputs {
        let of_file = outputs.iter().filter(|other| collection.entries[**other].file == collection.entries[*at].file);
        let alone = of_file.count() == 1;
        entries.push(entry(&collection, *at, files, attack, alone));
    }
    entries
}

fn entry(collection: &Collection, at: usize, files: &[&File], attack: &Attack, alone: bool) -> Entry {
    let found = &collection.entries[at];
    let file = files[found.file];
    let meta = found.document.meta();
    let text = text(collection, &[at], files);
    let own = || Some(query(text.clone(), found.document.span()));
    let (mode, query) = match &found.document {
        Document::Correlation(correlation) => {
            streaming(collection, correlation, files).unwrap_or_else(|| (scheduled(correlation.timespan), own()))
        }
        Document::Rule(rule) if counts(rule) => (scheduled(rule.timeframe.unwrap_or(HOUR)), own()),
        _ => (Mode::Each, own()),
    };
    let rule = Rule {
        id: id(meta, &file.name, alone),
        title: Text::same(&meta.title),
        description: Text::same(meta.description.as_deref().unwrap_or_default()),
        advice: Text::same(&falsepositives(meta)),
        severity: meta.level.as_deref().and_then(Severity::named).unwrap_or(Severity::Medium),
        enabled: !matches!(meta.status.as_deref(), Some("deprecated" | "unsupported")),
        attack: meta.tags.iter().filter_map(|tag| technique(tag, attack)).collect(),
        covers: meta.id.iter().cloned().collect(),
        logs: Vec::new(),
        query,
        mode,
        group_by: group_by(&found.document),
        one_alert: false,
        cool_down: HOUR,
        exceptions: Vec::new(),
        references: meta.references.clone(),
        tests: Cases::default(),
    };
    Entry { rule, file: file.name.clone(), text, builtin: file.builtin }
}

fn query(text: String, span: Span) -> Query {
    Query { lang: "sigma".to_owned(), text, span }
}

/// Whether a rule of Sigma 1 counts events.
fn counts(rule: &sigma::ast::Rule) -> bool {
    rule.conditions.iter().any(|condition| condition.aggregation.is_some())
}

/// A correlation as a mode that sees events as they come, where there is one that means the same.
fn streaming(collection: &Collection, correlation: &Correlation, files: &[&File]) -> Option<(Mode, Option<Query>)> {
    let rules: Option<Vec<usize>> = correlation.rules.iter().map(|(name, _)| collection.find(name)).collect();
    let rules = rules.filter(|rules| {
        let single = |at: &usize| matches!(&collection.entries[*at].document, Document::Rule(rule) if !counts(rule));
        !rules.is_empty() && rules.iter().all(single)
    })?;
    if correlation.group_by.is_empty() || !correlation.aliases.is_empty() || correlation.logic.is_some() {
        return None;
    }
    let window = correlation.timespan;
    match correlation.kind {
        CorrelationType::EventCount | CorrelationType::ValueCount => {
            let distinct = correlation.field.as_ref().map(|(field, _)| field.clone());
            let count = least(&correlation.compare)?;
            let mode = Mode::Threshold { window, count, distinct };
            Some((mode, Some(query(text(collection, &rules, files), correlation.span))))
        }
        CorrelationType::Temporal | CorrelationType::TemporalOrdered if rules.len() > 1 => {
            let step = |(at, (name, span)): (&usize, &(String, Span))| Step {
                name: name.clone(),
                query: query(text(collection, &[*at], files), *span),
            };
            let steps = rules.iter().zip(&correlation.rules).map(step).collect();
            let ordered = correlation.kind == CorrelationType::TemporalOrdered;
            let by = correlation.group_by.iter().map(|(field, _)| field.clone()).collect();
            Some((Mode::Correlation { window, ordered, steps, by }, None))
        }
        _ => None,
    }
}

/// The count from which a comparison holds, where it is a lower bound that a threshold can have.
fn least(compare: &[(Compare, f64)]) -> Option<u32> {
    let [(compare, number)] = compare else { return None };
    let whole = number.fract() == 0.0 && (1.0..=4999.0).contains(number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and within bounds")]
    let number = whole.then_some(*number as u32)?;
    match compare {
        Compare::Gt => Some(number + 1),
        Compare::Gte if number >= 2 => Some(number),
        _ => None,
    }
}

/// A correlation looks back over its window, and a little more often than that.
fn scheduled(window: i64) -> Mode {
    Mode::Scheduled { every: (5 * MINUTE).min(window.max(MINUTE)), window: window.max(MINUTE) }
}

/// The file's name where it holds one rule, else the rule's own name.
fn id(meta: &Meta, file: &str, alone: bool) -> String {
    let own = [meta.name.as_deref(), meta.id.as_deref(), Some(meta.title.as_str()), Some("sigma")];
    let names = alone.then_some(stem(file)).into_iter().chain(own.into_iter().flatten());
    names.map(slug).find(|slug| !slug.is_empty()).unwrap_or_default()
}

/// A name as an id.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.truncate(100);
    out.trim_end_matches('-').to_owned()
}

fn falsepositives(meta: &Meta) -> String {
    match meta.falsepositives.as_slice() {
        [] => String::new(),
        known => format!("Known to be harmless: {}", known.join("; ")),
    }
}

/// `attack.t1562.008`, `attack.defense-evasion`.
fn technique(tag: &str, attack: &Attack) -> Option<String> {
    let tag = tag.strip_prefix("attack.")?;
    let id = tag.to_ascii_uppercase();
    if attack.knows(&id) {
        return Some(id);
    }
    attack.tactic_tagged(tag).map(|tactic| tactic.id.clone())
}

fn group_by(document: &Document) -> Vec<String> {
    match document {
        Document::Correlation(correlation) => correlation.group_by.iter().map(|(field, _)| field.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Documents, those that they refer to, and the filters, as one text.
fn text(collection: &Collection, documents: &[usize], files: &[&File]) -> String {
    let mut wanted = documents.to_vec();
    let mut next = 0;
    while next < wanted.len() && next < DEEPEST * 16 {
        if let Document::Correlation(Correlation { rules, .. }) = &collection.entries[wanted[next]].document {
            for found in rules.iter().filter_map(|(name, _)| collection.find(name)) {
                if !wanted.contains(&found) {
                    wanted.push(found);
                }
            }
        }
        next += 1;
    }
    let filters =
        (0..collection.entries.len()).filter(|at| matches!(collection.entries[*at].document, Document::Filter(_)));
    wanted.extend(filters);
    let parts: Vec<String> = wanted
        .into_iter()
        .map(|at| {
            let entry = &collection.entries[at];
            slice(&files[entry.file].text, entry.document.span())
        })
        .collect();
    parts.join("\n---\n")
}

/// A document's own text; the whole file where it is the only one, so that comments and anchors stay.
fn slice(text: &str, span: Span) -> String {
    let (documents, _) = yaml::read(text, "sigma");
    match documents.as_slice() {
        [_] => text.to_owned(),
        _ => text.get(span.start..span.end).unwrap_or(text).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_names() {
        let meta = Meta { title: "AWS: Trail (gone)".into(), ..Meta::default() };
        for (file, alone, expected) in [
            ("a/aws_cloudtrail_x.yml", true, "aws-cloudtrail-x"),
            ("a/many.yml", false, "aws-trail-gone"),
            ("日本.yml", true, "aws-trail-gone"),
        ] {
            assert_eq!(id(&meta, file, alone), expected, "{file}");
        }
    }

    #[test]
    fn correlations_bring_their_rules() {
        let window = 600_000_000;
        check("event_count", "gte: 3", Mode::Threshold { window, count: 3, distinct: None });
        check("event_count", "gt: 3", Mode::Threshold { window, count: 4, distinct: None });
        check(
            "value_count",
            "field: eventName, gte: 3",
            Mode::Threshold { window, count: 3, distinct: Some("eventName".to_owned()) },
        );
        check("value_avg", "field: x, gte: 3", Mode::Scheduled { every: 300_000_000, window });
        check("event_count", "lt: 3", Mode::Scheduled { every: 300_000_000, window });
    }

    fn check(kind: &str, condition: &str, expected: Mode) {
        let rule = "title: one\nname: one\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: A}\n  condition: s\n";
        let many = "title: many\ncorrelation:\n  type: KIND\n  rules: [one]\n  group-by: [userIdentity.arn]\n  timespan: 10m\n  condition: {CONDITION}\n";
        let many = many.replace("KIND", kind).replace("CONDITION", condition);
        let files = [
            File { name: "one.yml".into(), text: rule.into(), builtin: false },
            File { name: "many.yml".into(), text: many, builtin: false },
        ];
        let mut problems = Vec::new();
        let entries = rules(&files.iter().collect::<Vec<_>>(), &Attack::default(), &mut problems);
        assert_eq!((entries.len(), problems.len()), (1, 0), "{problems:?}");
        let found = &entries[0].rule;
        assert_eq!(found.mode, expected);
        assert_eq!(found.group_by, ["userIdentity.arn"]);
        assert!(entries[0].text.contains("title: one") && entries[0].text.contains("title: many"));
    }
}
