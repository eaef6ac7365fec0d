//! CloudWatch Logs Insights: `filter`, `stats`, `sort`, `limit`.

use super::{
    Emitted, Notes,
    condition::{Ask, Cond, Field, Test},
    question::{Key, Question},
};
use crate::{
    pipeline::{Agg, PathStep},
    schema::{Dialect, Schema},
};

struct Writer<'a> {
    question: &'a Question,
    schema: &'a dyn Schema,
    notes: Notes,
}

/// Writes a question for Logs Insights.
pub(super) fn emit(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    let writer = Writer { question, schema, notes: Notes::of(question) };
    if question.bounds != (None, None) {
        writer.notes.add("the time range is chosen beside the query");
    }
    let mut lines = Vec::new();
    if question.group.is_none() && question.columns.is_none() {
        lines.push("fields @timestamp, @message".to_owned());
    }
    if question.cond != Cond::And(Vec::new()) {
        lines.push(format!("filter {}", writer.cond(&question.cond)?));
    }
    if let Some(group) = &question.group {
        lines.push(writer.group(group)?);
        if question.having != Cond::And(Vec::new()) {
            lines.push(format!("filter {}", writer.cond(&question.having)?));
        }
    }
    if !question.sort.is_empty() {
        let keys = question.sort.iter().map(|(field, descending)| {
            Ok(format!("{} {}", writer.name(field)?, if *descending { "desc" } else { "asc" }))
        });
        lines.push(format!("sort {}", keys.collect::<Result<Vec<_>, String>>()?.join(", ")));
    }
    if let Some(columns) = &question.columns {
        let names = columns.iter().map(|(name, field)| {
            let source = writer.name(field)?;
            Ok(if question.group.is_some() || source == *name {
                quoted_name(name)
            } else {
                format!("{source} as {}", quoted_name(name))
            })
        });
        let word = if question.group.is_some() { "display" } else { "fields" };
        lines.push(format!("{word} {}", names.collect::<Result<Vec<_>, String>>()?.join(", ")));
    }
    if let Some(limit) = question.limit {
        lines.push(format!("limit {limit}"));
    }
    Ok(writer.notes.with(lines.join("\n| ")))
}

impl Writer<'_> {
    fn name(&self, field: &Field) -> Result<String, String> {
        Ok(match field {
            Field::Column(name) if name == "event_time" => "@timestamp".to_owned(),
            Field::Column(name) => quoted_name(
                &self.schema.name_of(&self.question.table, Dialect::Insights, name).unwrap_or_else(|| name.clone()),
            ),
            Field::Path(steps) => quoted_name(&self.path(steps)?),
            Field::Made(name) => quoted_name(name),
            Field::Record => "@message".to_owned(),
        })
    }

    fn path(&self, steps: &[PathStep]) -> Result<String, String> {
        let mut keys = Vec::new();
        for step in steps {
            match step {
                PathStep::Key(key) => keys.push(key.clone()),
                PathStep::Index(index) => keys.push(index.to_string()),
                PathStep::Elements => self.notes.add("Logs Insights names elements of an array by number: `a.0.b`"),
                PathStep::Each | PathStep::Any => {
                    return Err("Logs Insights can't look at each element of an array".to_owned());
                }
            }
        }
        Ok(keys.join("."))
    }

    fn cond(&self, cond: &Cond) -> Result<String, String> {
        let joined = |parts: &[Cond], word: &str| -> Result<String, String> {
            let parts = parts.iter().map(|part| self.operand(part)).collect::<Result<Vec<_>, _>>()?;
            Ok(parts.join(word))
        };
        match cond {
            Cond::And(parts) if parts.is_empty() => Ok("1 = 1".to_owned()),
            Cond::Or(parts) if parts.is_empty() => Ok("1 = 2".to_owned()),
            Cond::And(parts) => joined(parts, " and "),
            Cond::Or(parts) => joined(parts, " or "),
            Cond::Not(inner) => match &**inner {
                Cond::Test(Test { field, ask: Ask::Present, .. }) => {
                    Ok(format!("not ispresent({})", self.name(field)?))
                }
                Cond::Test(test) => {
                    Ok(format!("(not ispresent({}) or not ({}))", self.name(&test.field)?, self.test(test)?))
                }
                other => Ok(format!("not ({})", self.cond(other)?)),
            },
            Cond::Test(test) => self.test(test),
        }
    }

    fn operand(&self, cond: &Cond) -> Result<String, String> {
        let text = self.cond(cond)?;
        Ok(match cond {
            Cond::And(parts) | Cond::Or(parts) if parts.len() > 1 => format!("({text})"),
            Cond::Test(Test { ask: Ask::Equals(texts) | Ask::Glob(texts) | Ask::Contains(texts), .. })
                if texts.len() > 1 =>
            {
                format!("({text})")
            }
            _ => text,
        })
    }

    fn test(&self, test: &Test) -> Result<String, String> {
        let name = self.name(&test.field)?;
        let flag = if test.cased { "" } else { "(?i)" };
        let any = |parts: Vec<String>| parts.join(" or ");
        let like = |regex: String| format!("{name} like /{flag}{regex}/");
        Ok(match &test.ask {
            Ask::Present => format!("ispresent({name})"),
            Ask::Equals(texts) if test.cased => match texts.as_slice() {
                [text] => format!("{name} = {}", quoted(text)),
                _ => format!("{name} in [{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")),
            },
            Ask::Equals(texts) => any(texts.iter().map(|text| like(format!("^{}$", escape(text)))).collect()),
            Ask::Glob(texts) => any(texts
                .iter()
                .map(|text| like(format!("^{}$", text.split('*').map(escape).collect::<Vec<_>>().join(".*"))))
                .collect()),
            Ask::Contains(texts) => any(texts.iter().map(|text| like(escape(text))).collect()),
            Ask::Regex(regex) => format!("{name} like /{}/", regex.replace('/', "\\/")),
            Ask::Cidr(block) if block.contains(':') => format!("isIpv6InSubnet({name}, {})", quoted(block)),
            Ask::Cidr(block) => format!("isIpv4InSubnet({name}, {})", quoted(block)),
            Ask::Number(sign, number) => format!("{name} {sign} {number}"),
            Ask::Truth(truth) => format!("{name} = {}", i32::from(*truth)),
            Ask::Same(other) if test.cased => format!("{name} = {}", self.name(other)?),
            Ask::Same(other) => format!("tolower({name}) = tolower({})", self.name(other)?),
        })
    }

    fn group(&self, group: &super::question::Group) -> Result<String, String> {
        let aggregates = group
            .aggregates
            .iter()
            .map(|(name, agg, arg)| Ok(format!("{} as {}", self.aggregate(*agg, arg.as_ref())?, quoted_name(name))));
        let mut out = format!("stats {}", aggregates.collect::<Result<Vec<_>, String>>()?.join(", "));
        let keys = group.by.iter().map(|(name, key)| {
            Ok(match key {
                Key::Bin(width) => format!("bin({}s) as {}", width / 1_000_000, quoted_name(name)),
                Key::Field(field) => {
                    let source = self.name(field)?;
                    if source == quoted_name(name) { source } else { format!("{source} as {}", quoted_name(name)) }
                }
            })
        });
        let keys = keys.collect::<Result<Vec<_>, String>>()?;
        if !keys.is_empty() {
            out += &format!(" by {}", keys.join(", "));
        }
        Ok(out)
    }

    fn aggregate(&self, agg: Agg, arg: Option<&Field>) -> Result<String, String> {
        let field = arg.map(|field| self.name(field)).transpose()?.unwrap_or_else(|| "*".to_owned());
        let name = match agg {
            Agg::Count => "count",
            Agg::DistinctCount | Agg::ApproxDistinct => "count_distinct",
            Agg::Sum => "sum",
            Agg::Avg => "avg",
            Agg::Min => "min",
            Agg::Max => "max",
            Agg::Median => return Ok(format!("pct({field}, 50)")),
            Agg::Percentile(percent) => return Ok(format!("pct({field}, {percent})")),
            Agg::Stdev => "stddev",
            Agg::Earliest => "earliest",
            Agg::Latest => "latest",
            other => return Err(format!("Logs Insights has no counterpart of `{other:?}`")),
        };
        Ok(format!("{name}({field})"))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn quoted_name(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '@'));
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "")) }
}

fn escape(text: &str) -> String {
    regex::escape(text).replace('/', "\\/")
}
