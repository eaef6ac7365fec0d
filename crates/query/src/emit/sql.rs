//! SQL as Athena and CloudTrail Lake have it, over our tables' names.

use super::{
    Emitted, Notes,
    condition::{Ask, Cond, Field, Test},
    question::{Group, Key, Question},
};
use crate::{
    pipeline::{Agg, PathStep},
    schema::Schema,
};

/// Columns of an event, where the question names none.
const EVENT: &[&str] =
    &["event_time", "event_name", "event_source", "aws_region", "source_ip_address", "error_code", "event_id"];

/// Sections of a record that are JSON text in a column.
const SECTIONS: &[&str] =
    &["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "resources"];

struct Writer<'a> {
    question: &'a Question,
    schema: &'a dyn Schema,
    notes: Notes,
}

/// Writes a question in SQL.
pub(super) fn emit(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    let writer = Writer { question, schema, notes: Notes::of(question) };
    let mut text = format!("SELECT {}\nFROM {}", writer.selected()?, table(&question.table));
    let mut conditions = Vec::new();
    for (sign, bound) in [(">=", question.bounds.0), ("<", question.bounds.1)] {
        if let Some(instant) = bound.and_then(chrono::DateTime::from_timestamp_micros) {
            let instant = instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            conditions.push(format!("eventTime {sign} '{instant}'"));
        }
    }
    if question.cond != Cond::And(Vec::new()) {
        conditions.push(writer.operand(&question.cond, conditions.is_empty())?);
    }
    if !conditions.is_empty() {
        text += &format!("\nWHERE {}", conditions.join(" AND "));
    }
    if let Some(group) = &question.group {
        text += &writer.grouped(group)?;
    }
    if !question.sort.is_empty() {
        let keys = question.sort.iter().map(|(field, descending)| {
            Ok(format!("{}{}", writer.name(field)?, if *descending { " DESC" } else { "" }))
        });
        text += &format!("\nORDER BY {}", keys.collect::<Result<Vec<_>, String>>()?.join(", "));
    }
    if let Some(limit) = question.limit {
        text += &format!("\nLIMIT {limit}");
    }
    Ok(writer.notes.with(text))
}

fn table(name: &str) -> String {
    match name {
        "cloudtrail" => "cloudtrail_logs".to_owned(),
        "vpc_flow" => "vpc_flow_logs".to_owned(),
        other => other.to_owned(),
    }
}

impl Writer<'_> {
    fn selected(&self) -> Result<String, String> {
        let as_name = |expr: String, name: &str| if expr == name { expr } else { format!("{expr} AS {}", ident(name)) };
        let columns = match (&self.question.group, &self.question.columns) {
            (Some(group), columns) => {
                let mut all = Vec::new();
                for (name, key) in &group.by {
                    all.push((name, as_name(self.key(key)?, name)));
                }
                for (name, agg, arg) in &group.aggregates {
                    all.push((name, as_name(self.aggregate(*agg, arg.as_ref())?, name)));
                }
                let shown = |name: &String| {
                    columns.as_ref().is_none_or(|columns| columns.iter().any(|(shown, _)| shown == name))
                };
                all.into_iter().filter(|(name, _)| shown(name)).map(|(_, text)| text).collect()
            }
            (None, Some(columns)) => {
                let columns = columns.iter().map(|(name, field)| Ok(as_name(self.name(field)?, name)));
                columns.collect::<Result<Vec<_>, String>>()?
            }
            (None, None) if self.question.table == "cloudtrail" => {
                EVENT.iter().map(|column| self.name(&Field::Column((*column).to_owned()))).collect::<Result<_, _>>()?
            }
            (None, None) => vec!["*".to_owned()],
        };
        Ok(columns.join(", "))
    }

    /// A field; places in the record by the JSON functions.
    fn name(&self, field: &Field) -> Result<String, String> {
        match field {
            Field::Column(name) => {
                let known = self.schema.path_of(&self.question.table, name).filter(|path| !path.contains(['.', '[']));
                Ok(known.map_or_else(|| name.clone(), |path| ident(&path)))
            }
            Field::Path(steps) => self.path(steps),
            Field::Made(name) => Ok(ident(name)),
            Field::Record => Ok("raw".to_owned()),
        }
    }

    fn path(&self, steps: &[PathStep]) -> Result<String, String> {
        let mut keys = Vec::new();
        let mut path = "$".to_owned();
        for (at, step) in steps.iter().enumerate() {
            match step {
                PathStep::Key(key) => {
                    keys.push(key.as_str());
                    if at > 0 {
                        path += &format!(".{key}");
                    }
                }
                PathStep::Index(index) => path += &format!("[{index}]"),
                PathStep::Elements if at == 0 || steps.len() <= 2 => {}
                PathStep::Elements => {
                    self.notes.add("arrays are not looked into: UNNEST them, or use any_match over json_extract");
                }
                PathStep::Each | PathStep::Any => {
                    return Err("each element of an array wants UNNEST, which is not written".to_owned());
                }
            }
        }
        match keys.split_first() {
            Some((section, [])) if SECTIONS.contains(section) => Ok((*section).to_owned()),
            Some((section, _)) if SECTIONS.contains(section) => {
                Ok(format!("json_extract_scalar({section}, {})", string(&path)))
            }
            Some((first, _)) => {
                Ok(format!("json_extract_scalar(raw, {})", string(&path.replacen('$', &format!("$.{first}"), 1))))
            }
            None => Err("the path is empty".to_owned()),
        }
    }

    fn cond(&self, cond: &Cond) -> Result<String, String> {
        let joined = |parts: &[Cond], word: &str| -> Result<String, String> {
            let parts = parts.iter().map(|part| self.operand(part, false)).collect::<Result<Vec<_>, _>>()?;
            Ok(parts.join(word))
        };
        match cond {
            Cond::And(parts) if parts.is_empty() => Ok("true".to_owned()),
            Cond::Or(parts) if parts.is_empty() => Ok("false".to_owned()),
            Cond::And(parts) => joined(parts, " AND "),
            Cond::Or(parts) => joined(parts, " OR "),
            Cond::Not(inner) => match &**inner {
                Cond::Test(Test { field, ask: Ask::Present, .. }) => Ok(format!("{} IS NULL", self.name(field)?)),
                Cond::Test(test) => Ok(format!("({} IS NULL OR NOT ({}))", self.name(&test.field)?, self.test(test)?)),
                other => Ok(format!("NOT coalesce({}, false)", self.cond(other)?)),
            },
            Cond::Test(test) => self.test(test),
        }
    }

    fn operand(&self, cond: &Cond, alone: bool) -> Result<String, String> {
        let text = self.cond(cond)?;
        let several = match cond {
            Cond::And(parts) | Cond::Or(parts) => parts.len() > 1,
            Cond::Test(Test { ask: Ask::Glob(texts) | Ask::Contains(texts), .. }) => texts.len() > 1,
            _ => false,
        };
        Ok(if several && !alone { format!("({text})") } else { text })
    }

    fn test(&self, test: &Test) -> Result<String, String> {
        let plain = self.name(&test.field)?;
        let name = if test.cased { plain.clone() } else { format!("lower({plain})") };
        let fold = |text: &str| if test.cased { text.to_owned() } else { text.to_lowercase() };
        let like = |texts: Vec<String>| {
            let tests = texts.iter().map(|text| {
                let escape = if text.contains('\\') { " ESCAPE '\\'" } else { "" };
                format!("{name} LIKE {}{escape}", string(&fold(text)))
            });
            tests.collect::<Vec<_>>().join(" OR ")
        };
        Ok(match &test.ask {
            Ask::Present => format!("{plain} IS NOT NULL"),
            Ask::Equals(texts) => match texts.as_slice() {
                [text] => format!("{name} = {}", string(&fold(text))),
                _ => format!(
                    "{name} IN ({})",
                    texts.iter().map(|text| string(&fold(text))).collect::<Vec<_>>().join(", ")
                ),
            },
            Ask::Glob(texts) => {
                like(texts.iter().map(|glob| glob.split('*').map(wild).collect::<Vec<_>>().join("%")).collect())
            }
            Ask::Contains(texts) => like(texts.iter().map(|text| format!("%{}%", wild(text))).collect()),
            Ask::Regex(regex) => format!("regexp_like({plain}, {})", string(regex)),
            Ask::Cidr(block) => {
                self.notes.add("Athena writes cidr_match(x, 'block') as contains('block', try_cast(x AS ipaddress))");
                format!("cidr_match({plain}, {})", string(block))
            }
            Ask::Number(sign, number) if matches!(test.field, Field::Path(_)) => {
                format!("try_cast({plain} AS double) {sign} {number}")
            }
            Ask::Number(sign, number) => format!("{plain} {sign} {number}"),
            Ask::Truth(truth) => format!("{plain} = {truth}"),
            Ask::Same(other) if test.cased => format!("{plain} = {}", self.name(other)?),
            Ask::Same(other) => format!("{name} = lower({})", self.name(other)?),
        })
    }

    fn key(&self, key: &Key) -> Result<String, String> {
        match key {
            Key::Field(field) => self.name(field),
            Key::Bin(width) => {
                let unit = match width / 1_000_000 {
                    60 => "minute",
                    3_600 => "hour",
                    86_400 => "day",
                    seconds => {
                        return Err(format!(
                            "SQL has no buckets of {seconds} seconds but by arithmetic, which is not written"
                        ));
                    }
                };
                Ok(format!("date_trunc('{unit}', event_time)"))
            }
        }
    }

    fn grouped(&self, group: &Group) -> Result<String, String> {
        let mut out = String::new();
        if !group.by.is_empty() {
            let keys = group.by.iter().map(|(_, key)| self.key(key)).collect::<Result<Vec<_>, _>>()?;
            out += &format!("\nGROUP BY {}", keys.join(", "));
        }
        if self.question.having != Cond::And(Vec::new()) {
            out += &format!("\nHAVING {}", self.having(&self.question.having)?);
        }
        Ok(out)
    }

    /// A condition on groups, over the aggregates themselves: names of the result are not known there.
    fn having(&self, cond: &Cond) -> Result<String, String> {
        let mut text = self.cond(cond)?;
        let Some(group) = &self.question.group else { return Ok(text) };
        for (name, agg, arg) in &group.aggregates {
            let known = format!("{} ", ident(name));
            if text.starts_with(&known) || text.contains(&format!(" {known}")) || text.contains(&format!("({known}")) {
                text = text.replace(&known, &format!("{} ", self.aggregate(*agg, arg.as_ref())?));
            }
        }
        Ok(text)
    }

    fn aggregate(&self, agg: Agg, arg: Option<&Field>) -> Result<String, String> {
        let field = arg.map(|field| self.name(field)).transpose()?.unwrap_or_else(|| "*".to_owned());
        Ok(match agg {
            Agg::Count => format!("count({field})"),
            Agg::DistinctCount => format!("count(DISTINCT {field})"),
            Agg::ApproxDistinct => format!("approx_distinct({field})"),
            Agg::Sum => format!("sum({field})"),
            Agg::Avg => format!("avg({field})"),
            Agg::Min => format!("min({field})"),
            Agg::Max => format!("max({field})"),
            Agg::Stdev => format!("stddev({field})"),
            Agg::Percentile(percent) => format!("approx_percentile({field}, {})", percent / 100.0),
            Agg::Median => format!("approx_percentile({field}, 0.5)"),
            Agg::Values => format!("array_agg(DISTINCT {field})"),
            Agg::List => format!("array_agg({field})"),
            Agg::Earliest => format!("min_by({field}, event_time)"),
            Agg::Latest => format!("max_by({field}, event_time)"),
            other => return Err(format!("SQL has no counterpart of `{other:?}` that is written")),
        })
    }
}

fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn ident(name: &str) -> String {
    let plain =
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Text in which no character is a wildcard of `LIKE`.
fn wild(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
