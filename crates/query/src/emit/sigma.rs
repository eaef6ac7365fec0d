//! A Sigma rule: searches of their own for what joins differently, one map for what stands together.

use super::{
    Emitted, Notes,
    condition::{Ask, Cond, Field, Test},
    question::Question,
};
use crate::{
    pipeline::PathStep,
    schema::{Dialect, Schema},
};

/// Keys and their values, as YAML.
type Items = Vec<(String, Vec<String>)>;

struct Writer<'a> {
    question: &'a Question,
    schema: &'a dyn Schema,
    notes: Notes,
    searches: Vec<(String, Items)>,
}

/// Writes a question as a rule.
pub(super) fn emit(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    if question.group.is_some() {
        return Err("a rule of Sigma chooses events; counting is a correlation, which has a window of time".to_owned());
    }
    let mut writer = Writer { question, schema, notes: Notes::of(question), searches: Vec::new() };
    if question.bounds != (None, None) || question.limit.is_some() || !question.sort.is_empty() {
        writer.notes.add("the time range, the order and the number of rows are no part of a rule");
    }
    if matches!(&question.cond, Cond::And(parts) | Cond::Or(parts) if parts.is_empty()) {
        return Err("a rule of Sigma has at least one condition".to_owned());
    }
    let condition = writer.cond(&question.cond, 0)?;
    let mut text = String::from("title: Translated query\nstatus: experimental\nlogsource:\n  product: aws\n");
    text += &format!("  service: {}\ndetection:\n", question.table);
    for (name, items) in &writer.searches {
        text += &search(name, items);
    }
    text += &format!("  condition: {condition}\nlevel: medium\n");
    if let Some(columns) = &question.columns {
        let names = columns.iter().map(|(_, field)| writer.name(field)).collect::<Result<Vec<_>, _>>()?;
        text += &format!("fields:\n{}", names.iter().map(|name| format!("  - {name}\n")).collect::<String>());
    }
    Ok(writer.notes.with(text))
}

/// A search: keywords are a list, everything else a map.
fn search(name: &str, items: &[(String, Vec<String>)]) -> String {
    let mut out = format!("  {name}:\n");
    for (key, values) in items {
        if key.is_empty() {
            values.iter().for_each(|value| out += &format!("    - {value}\n"));
        } else if let [value] = values.as_slice() {
            out += &format!("    {key}: {value}\n");
        } else {
            out += &format!("    {key}:\n");
            values.iter().for_each(|value| out += &format!("      - {value}\n"));
        }
    }
    out
}

impl Writer<'_> {
    /// The expression of a condition, its searches noted.
    fn cond(&mut self, cond: &Cond, depth: usize) -> Result<String, String> {
        match cond {
            Cond::And(parts) => {
                let (together, rest): (Vec<&Cond>, Vec<&Cond>) = parts.iter().partition(|part| is_item(part));
                let mut names = Vec::new();
                if !together.is_empty() {
                    names.extend(self.maps(&together)?);
                }
                for part in rest {
                    names.push(self.cond(part, depth + 1)?);
                }
                Ok(joined(&names, " and ", depth > 0))
            }
            Cond::Or(parts) => {
                let names = parts.iter().map(|part| self.cond(part, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                Ok(joined(&names, " or ", depth > 0))
            }
            Cond::Not(inner) => match &**inner {
                Cond::Test(Test { field, ask: Ask::Present, .. }) if *field != Field::Record => {
                    let item = (self.name(field)?, vec!["null".to_owned()]);
                    Ok(self.add(vec![item]))
                }
                inner => {
                    let name = self.cond(inner, depth + 1)?;
                    Ok(format!("not {name}"))
                }
            },
            Cond::Test(test) => {
                let item = self.item(test)?;
                Ok(self.add(vec![item]))
            }
        }
    }

    /// Tests that all have to hold, in as few maps as their keys allow.
    fn maps(&mut self, tests: &[&Cond]) -> Result<Vec<String>, String> {
        let mut maps: Vec<Items> = Vec::new();
        for test in tests {
            let Cond::Test(test) = test else { continue };
            let item = self.item(test)?;
            let fits = |map: &Items| !item.0.is_empty() && map.iter().all(|(key, _)| !key.is_empty() && *key != item.0);
            match maps.iter_mut().find(|map| fits(map)) {
                Some(map) => map.push(item),
                None => maps.push(vec![item]),
            }
        }
        Ok(maps.into_iter().map(|map| self.add(map)).collect())
    }

    fn add(&mut self, items: Items) -> String {
        let name = if self.searches.is_empty() {
            "selection".to_owned()
        } else {
            format!("selection_{}", self.searches.len() + 1)
        };
        self.searches.push((name.clone(), items));
        name
    }

    fn name(&self, field: &Field) -> Result<String, String> {
        Ok(match field {
            Field::Column(name) => self
                .schema
                .name_of(&self.question.table, Dialect::Sigma, name)
                .ok_or_else(|| format!("Sigma has no name for `{name}`"))?,
            Field::Path(steps) => {
                if steps.iter().any(|step| matches!(step, PathStep::Index(_))) {
                    return Err("Sigma can't name one element of an array".to_owned());
                }
                let keys: Vec<&str> = steps
                    .iter()
                    .filter_map(|step| match step {
                        PathStep::Key(key) => Some(key.as_str()),
                        _ => None,
                    })
                    .collect();
                keys.join(".")
            }
            Field::Made(name) => return Err(format!("Sigma has no field `{name}`")),
            Field::Record => String::new(),
        })
    }

    fn item(&self, test: &Test) -> Result<(String, Vec<String>), String> {
        let name = self.name(&test.field)?;
        let cased = if test.cased { "|cased" } else { "" };
        let each = |texts: &[String], form: &dyn Fn(&str) -> String| -> Vec<String> {
            texts.iter().map(|text| quoted(&form(text))).collect()
        };
        if test.field == Field::Record {
            return match &test.ask {
                Ask::Contains(texts) => {
                    Ok((if test.cased { "'|cased'".to_owned() } else { String::new() }, each(texts, &escaped)))
                }
                _ => Err("Sigma looks for keywords in the whole event, and for no more".to_owned()),
            };
        }
        Ok(match &test.ask {
            Ask::Present => (format!("{name}|exists"), vec!["true".to_owned()]),
            Ask::Equals(texts) => (format!("{name}{cased}"), each(texts, &escaped)),
            Ask::Glob(texts) => (
                format!("{name}{cased}"),
                each(texts, &|glob| glob.split('*').map(escaped).collect::<Vec<_>>().join("*")),
            ),
            Ask::Contains(texts) => (format!("{name}|contains{cased}"), each(texts, &escaped)),
            Ask::Regex(regex) => (format!("{name}|re"), vec![quoted(regex)]),
            Ask::Cidr(block) => (format!("{name}|cidr"), vec![quoted(block)]),
            Ask::Truth(truth) => (name, vec![truth.to_string()]),
            Ask::Same(other) => (format!("{name}|fieldref{cased}"), vec![quoted(&self.name(other)?)]),
            Ask::Number(sign, number) => {
                let modifier = match *sign {
                    "<" => "|lt",
                    "<=" => "|lte",
                    ">" => "|gt",
                    ">=" => "|gte",
                    "!=" => return Err("Sigma's `neq` also holds where a field is missing".to_owned()),
                    _ => "",
                };
                (format!("{name}{modifier}"), vec![number.to_string()])
            }
        })
    }
}

fn is_item(cond: &Cond) -> bool {
    matches!(cond, Cond::Test(_))
}

fn joined(names: &[String], word: &str, inner: bool) -> String {
    match names {
        [one] => one.clone(),
        _ if inner => format!("({})", names.join(word)),
        _ => names.join(word),
    }
}

/// Text in which no character is a wildcard.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // A backslash is itself, unless what follows it would be escaped by it, or it ends the text before a wildcard.
        let before = chars.peek().is_none_or(|next| matches!(next, '*' | '?' | '\\'));
        if matches!(c, '*' | '?') || (c == '\\' && before) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains(['\n', '\t', '\r', '\0']) {
        return serde_json::to_string(text).unwrap_or_default();
    }
    format!("'{}'", text.replace('\'', "''"))
}
