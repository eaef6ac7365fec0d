//! Rules of many files together: ours, users' own, and Sigma's beside them. One broken file keeps no other from loading.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use query::diagnostic::{Diagnostic, Severity};
use query::span::Span;

use super::{Rule, read, sigma};
use crate::attack::Attack;

/// A file that may hold a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, for people.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether it came with the product. A user's rule of the same id takes its place.
    pub builtin: bool,
}

/// A rule and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The rule.
    pub rule: Rule,
    /// Its file.
    pub file: String,
    /// The text that it was read from: the file's, or a Sigma document with those that it refers to.
    pub text: String,
    /// Whether it came with the product.
    pub builtin: bool,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Its text, for showing the place.
    pub text: String,
    /// What, and where in the text.
    pub diagnostic: Diagnostic,
}

impl Problem {
    /// The line that it stands on, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        let at = self.diagnostic.span.start.min(self.text.len());
        self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Whether it keeps the rule from being used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }
}

/// The rules of some files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The rules, by id.
    pub rules: Vec<Entry>,
    /// All that is wrong, file by file.
    pub problems: Vec<Problem>,
}

impl Loaded {
    /// The rule of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Entry> {
        let at = self.rules.binary_search_by(|entry| entry.rule.id.as_str().cmp(id)).ok()?;
        self.rules.get(at)
    }
}

/// Reads rules. A user's rule takes the place of the built-in one with its id.
#[must_use]
pub fn load(files: &[File], attack: &Attack) -> Loaded {
    let mut loaded = Loaded::default();
    let (of_sigma, ours): (Vec<&File>, Vec<&File>) = files.iter().partition(|file| sigma::is_sigma(&file.text));
    let mut found: Vec<Entry> = Vec::new();
    for file in ours {
        let (rule, diagnostics) = read::read(&file.text, attack);
        loaded.problems.extend(diagnostics.into_iter().map(|diagnostic| problem(file, diagnostic)));
        let Some(rule) = rule else { continue };
        if stem(&file.name) != rule.id {
            let message = format!("the rule `{}` has to be in a file of that name: {0}.yml", rule.id);
            let place = file.text.find(&rule.id).map_or(Span::default(), |at| Span::new(at, at + rule.id.len()));
            loaded.problems.push(problem(file, Diagnostic::error("rule.file-name", message, place)));
            continue;
        }
        let (name, text) = (file.name.clone(), file.text.clone());
        found.push(Entry { rule, file: name, text, builtin: file.builtin });
    }
    found.extend(sigma::rules(&of_sigma, attack, &mut loaded.problems));
    loaded.rules = distinct(found, &mut loaded.problems);
    loaded
}

/// Each id once, sorted: users' rules before ours, and the first of equals.
fn distinct(mut found: Vec<Entry>, problems: &mut Vec<Problem>) -> Vec<Entry> {
    found.sort_by_key(|entry| entry.builtin);
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in found {
        match places.get(&entry.rule.id) {
            None => {
                places.insert(entry.rule.id.clone(), kept.len());
                kept.push(entry);
            }
            Some(at) if kept[*at].builtin == entry.builtin => {
                let message = format!("the rule `{}` is in {} already", entry.rule.id, kept[*at].file);
                let diagnostic = Diagnostic::error("rule.same-id", message, Span::default());
                problems.push(Problem { file: entry.file, text: entry.text, diagnostic });
            }
            // What came with the product gives way.
            Some(_) => {}
        }
    }
    kept.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    kept
}

fn problem(file: &File, diagnostic: Diagnostic) -> Problem {
    Problem { file: file.name.clone(), text: file.text.clone(), diagnostic }
}

/// A path's file name without its ending.
pub(super) fn stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")).unwrap_or(name)
}

/// The YAML files of a folder and of those inside, sorted; or the one file that the path names.
///
/// # Errors
/// Where a folder or file can't be read.
pub fn folder(path: &Path) -> io::Result<Vec<File>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut open = vec![path.to_owned()];
    if !path.is_dir() {
        paths.append(&mut open);
    }
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| named(&folder, &error))? {
            let entry = entry?;
            let path = entry.path();
            // A link could lead back up.
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "yml" || end == "yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(|error| named(&path, &error))?;
        Ok(File { name: path.display().to_string(), text, builtin: false })
    };
    paths.into_iter().map(read).collect()
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, id: &str, title: &str, builtin: bool) -> File {
        let text = format!("id: {id}\ntitle: {title}\nquery: {{ lang: filter, text: '{{ $.eventName = a }}' }}\n");
        File { name: name.to_owned(), text, builtin }
    }

    fn check(files: &[File], rules: &[(&str, &str)], problems: &[&str]) {
        let loaded = load(files, &Attack::default());
        let found: Vec<(&str, &str)> =
            loaded.rules.iter().map(|entry| (entry.rule.id.as_str(), entry.rule.title.en.as_str())).collect();
        assert_eq!(found, rules);
        let codes: Vec<&str> = loaded.problems.iter().map(|problem| problem.diagnostic.code.as_str()).collect();
        assert_eq!(codes, problems);
    }

    #[test]
    fn users_rules_take_the_place_of_ours() {
        let ours = [file("rules/iam/b.yml", "b", "ours", true), file("a.yml", "a", "ours", true)];
        check(&ours, &[("a", "ours"), ("b", "ours")], &[]);
        check(&[&ours[..], &[file("/mine/b.yaml", "b", "mine", false)]].concat(), &[("a", "ours"), ("b", "mine")], &[]);
    }

    #[test]
    fn ids_are_file_names_and_stand_once() {
        check(&[file("x.yml", "y", "t", false)], &[], &["rule.file-name"]);
        let twice = [file("1/a.yml", "a", "first", false), file("2/a.yml", "a", "second", false)];
        check(&twice, &[("a", "first")], &["rule.same-id"]);
    }

    #[test]
    fn sigma_lies_beside() {
        let text = "title: Trail gone\nid: 0b7d6a5e-7a43-4b11-9f0e-5d1c5f3c2b1a\nlevel: high\ntags: [attack.defense-evasion, attack.t1562.008]\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  s: { eventName: DeleteTrail }\n  condition: s\n";
        let sigma = File { name: "s/aws_trail_gone.yml".into(), text: text.into(), builtin: false };
        let broken = File { name: "s/broken.yml".into(), text: "title: x\ndetection: 7\n".into(), builtin: false };
        let attack = Attack::parse(assets::attack());
        let loaded = load(&[sigma, broken, file("a.yml", "a", "t", false)], &attack);
        let ids: Vec<&str> = loaded.rules.iter().map(|entry| entry.rule.id.as_str()).collect();
        assert_eq!(ids, ["a", "aws-trail-gone"]);
        let rule = &loaded.rules[1].rule;
        assert_eq!((rule.title.en.as_str(), rule.severity.as_str()), ("Trail gone", "high"));
        assert_eq!(rule.attack, ["TA0005", "T1562.008"]);
        assert!(!loaded.problems.is_empty() && loaded.problems.iter().all(|problem| problem.file == "s/broken.yml"));
    }
}
