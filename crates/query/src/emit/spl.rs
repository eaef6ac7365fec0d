//! SPL. A condition that `search` can say is said there, whatever the case; any other one is a `where`, which minds it.

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

/// Writes a question in SPL.
pub(super) fn emit(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    let writer = Writer { question, schema, notes: Notes::of(question) };
    let table = question.table.as_str();
    let sourcetype = schema.sourcetype(table).unwrap_or_else(|| table.to_owned());
    let mut text = if table == "all" { "index=*".to_owned() } else { format!("sourcetype={sourcetype}") };
    for (name, bound) in [("earliest", question.bounds.0), ("latest", question.bounds.1)] {
        if let Some(bound) = bound {
            text += &format!(" {name}={}", bound.div_euclid(1_000_000));
        }
    }
    let conjuncts = match &question.cond {
        Cond::And(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let (searched, rest): (Vec<Cond>, Vec<Cond>) = conjuncts.into_iter().partition(|cond| writer.is_search(cond));
    for cond in &searched {
        text += &format!(" {}", writer.search(cond));
    }
    if !rest.is_empty() {
        text += &format!(" | where {}", writer.wheres(&Cond::And(rest))?);
    }
    text += &writer.group()?;
    text += &writer.order()?;
    Ok(writer.notes.with(text))
}

impl Writer<'_> {
    fn name(&self, field: &Field) -> String {
        match field {
            Field::Column(name) if name == "event_time" => "_time".to_owned(),
            Field::Column(name) => {
                self.schema.name_of(&self.question.table, Dialect::Spl, name).unwrap_or_else(|| name.clone())
            }
            Field::Path(steps) => self.path(steps),
            Field::Made(name) => name.clone(),
            Field::Record => "_raw".to_owned(),
        }
    }

    fn path(&self, steps: &[PathStep]) -> String {
        let mut out = String::new();
        for step in steps {
            match step {
                PathStep::Key(key) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out += key;
                }
                PathStep::Index(index) => out += &format!("{{{index}}}"),
                PathStep::Each => out += "{}",
                PathStep::Any => {
                    self.notes.add("Splunk has no name for any member of an object: the elements of an array are read");
                    out += "{}";
                }
                PathStep::Elements => {}
            }
        }
        if steps.iter().filter(|step| **step == PathStep::Elements).count() > 0 {
            self.notes.add("where an array stands on the way, Splunk wants `{}` after its name");
        }
        out
    }

    /// The language's value for "absent", errorCode's `success`.
    fn default(&self, field: &Field) -> Option<String> {
        self.schema.resolve(&self.question.table, Dialect::Spl, &self.name(field))?.default
    }

    fn is_search(&self, cond: &Cond) -> bool {
        match cond {
            Cond::And(parts) | Cond::Or(parts) => !parts.is_empty() && parts.iter().all(|part| self.is_search(part)),
            Cond::Not(inner) => self.is_search(inner),
            Cond::Test(Test { field, ask, cased }) => match ask {
                Ask::Present | Ask::Cidr(_) | Ask::Truth(_) | Ask::Number(..) => *field != Field::Record,
                Ask::Equals(texts) => !cased && *field != Field::Record && texts.iter().all(|text| !text.contains('*')),
                Ask::Contains(texts) => !cased && texts.iter().all(|text| !text.contains('*')),
                Ask::Glob(_) => !cased && *field != Field::Record,
                Ask::Regex(_) | Ask::Same(_) => false,
            },
        }
    }

    fn search(&self, cond: &Cond) -> String {
        match cond {
            Cond::And(parts) => {
                format!("({})", parts.iter().map(|part| self.search(part)).collect::<Vec<_>>().join(" "))
            }
            Cond::Or(parts) => {
                // `success` is a value of errorCode and what stands for none: both say the same.
                let mut parts: Vec<String> = parts.iter().map(|part| self.search(part)).collect();
                parts.dedup();
                any(parts.into_iter())
            }
            Cond::Not(inner) => match &**inner {
                Cond::Test(Test { field, ask: Ask::Present, .. }) => match self.default(field) {
                    Some(default) => format!("{}={}", quoted_name(&self.name(field)), quoted(&default)),
                    None => format!("NOT {}=*", quoted_name(&self.name(field))),
                },
                other => format!("NOT {}", self.search(other)),
            },
            Cond::Test(test) => self.searched(test),
        }
    }

    fn searched(&self, test: &Test) -> String {
        if test.field == Field::Record
            && let Ask::Contains(texts) = &test.ask
        {
            return any(texts.iter().map(|text| quoted(text)));
        }
        let name = quoted_name(&self.name(&test.field));
        match &test.ask {
            Ask::Present => match self.default(&test.field) {
                Some(default) => format!("{name}!={}", quoted(&default)),
                None => format!("{name}=*"),
            },
            Ask::Equals(texts) => any(texts.iter().map(|text| format!("{name}={}", quoted(text)))),
            Ask::Glob(texts) => any(texts.iter().map(|text| format!("{name}={}", quoted(text)))),
            Ask::Contains(texts) => any(texts.iter().map(|text| format!("{name}={}", quoted(&format!("*{text}*"))))),
            Ask::Cidr(block) => format!("{name}={}", quoted(block)),
            Ask::Truth(truth) => format!("{name}={truth}"),
            Ask::Number(sign, number) => format!("{name}{sign}{number}"),
            Ask::Regex(_) | Ask::Same(_) => String::new(),
        }
    }

    fn wheres(&self, cond: &Cond) -> Result<String, String> {
        let joined = |parts: &[Cond], sign: &str| -> Result<String, String> {
            let parts = parts.iter().map(|part| self.wheres(part)).collect::<Result<Vec<_>, _>>()?;
            Ok(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(sign)) })
        };
        match cond {
            Cond::And(parts) if parts.is_empty() => Ok("true()".to_owned()),
            Cond::Or(parts) if parts.is_empty() => Ok("1=2".to_owned()),
            Cond::And(parts) => joined(parts, " AND "),
            Cond::Or(parts) => joined(parts, " OR "),
            Cond::Not(inner) => match &**inner {
                Cond::Test(Test { field, ask: Ask::Present, .. }) => Ok(self.absent(field)),
                Cond::Test(Test { field, .. }) => {
                    Ok(format!("({} OR NOT {})", self.absent(field), self.wheres(inner)?))
                }
                other => Ok(format!("NOT coalesce(if({}, 1, 0), 0)=1", self.wheres(other)?)),
            },
            Cond::Test(test) => self.tested(test),
        }
    }

    fn absent(&self, field: &Field) -> String {
        let name = format!("'{}'", self.name(field));
        match self.default(field) {
            Some(default) => format!("{name}={}", string(&default)),
            None => format!("isnull({name})"),
        }
    }

    fn tested(&self, test: &Test) -> Result<String, String> {
        let plain = format!("'{}'", self.name(&test.field));
        let name = if test.cased { plain.clone() } else { format!("lower({plain})") };
        let fold = |text: &str| string(&if test.cased { text.to_owned() } else { text.to_lowercase() });
        let like = |text: &str| fold(&text.replace('*', "%"));
        Ok(match &test.ask {
            Ask::Present => format!("NOT {}", self.absent(&test.field)),
            Ask::Equals(texts) => any(texts.iter().map(|text| format!("{name}={}", fold(text)))),
            Ask::Glob(texts) => any(texts.iter().map(|text| format!("like({name}, {})", like(text)))),
            Ask::Contains(texts) => {
                any(texts.iter().map(|text| format!("like({name}, {})", fold(&format!("%{text}%")))))
            }
            Ask::Regex(regex) => format!("match({plain}, {})", string(regex)),
            Ask::Cidr(block) => format!("cidrmatch({}, {plain})", string(block)),
            Ask::Number(sign, number) => format!("{plain}{sign}{number}"),
            Ask::Truth(truth) => format!("{plain}=\"{truth}\""),
            Ask::Same(other) if test.cased => format!("{plain}='{}'", self.name(other)),
            Ask::Same(other) => format!("{name}=lower('{}')", self.name(other)),
        })
    }

    fn group(&self) -> Result<String, String> {
        let Some(group) = &self.question.group else { return Ok(String::new()) };
        let mut out = String::new();
        let mut by = Vec::new();
        for (name, key) in &group.by {
            match key {
                Key::Bin(width) => {
                    out += &format!(" | bin _time span={}s", width / 1_000_000);
                    by.push(("_time".to_owned(), name));
                }
                Key::Field(field) => by.push((self.name(field), name)),
            }
        }
        let aggregates = group
            .aggregates
            .iter()
            .map(|(name, agg, arg)| Ok(format!("{} as {}", self.aggregate(*agg, arg.as_ref())?, quoted_name(name))));
        out += &format!(" | stats {}", aggregates.collect::<Result<Vec<_>, String>>()?.join(", "));
        if !by.is_empty() {
            let keys: Vec<String> = by.iter().map(|(field, _)| quoted_name(field)).collect();
            out += &format!(" by {}", keys.join(", "));
        }
        for (field, name) in by.iter().filter(|(field, name)| field != *name) {
            out += &format!(" | rename {} as {}", quoted_name(field), quoted_name(name));
        }
        if self.question.having != Cond::And(Vec::new()) {
            out += &format!(" | where {}", self.wheres(&self.question.having)?);
        }
        Ok(out)
    }

    fn aggregate(&self, agg: Agg, arg: Option<&Field>) -> Result<String, String> {
        let name = match agg {
            Agg::Count => "count",
            Agg::DistinctCount => "dc",
            Agg::ApproxDistinct => "estdc",
            Agg::Sum => "sum",
            Agg::Avg => "avg",
            Agg::Min => "min",
            Agg::Max => "max",
            Agg::Range => "range",
            Agg::Median => "median",
            Agg::Stdev => "stdev",
            Agg::StdevPop => "stdevp",
            Agg::Variance => "var",
            Agg::Mode => "mode",
            Agg::Values => "values",
            Agg::List => "list",
            Agg::Earliest => "earliest",
            Agg::Latest => "latest",
            Agg::First => "first",
            Agg::Last => "last",
            Agg::Percentile(percent) => {
                let field = arg.map(|field| self.name(field)).unwrap_or_default();
                return Ok(format!("perc{percent}({field})"));
            }
            #[allow(unreachable_patterns, reason = "the list of aggregates grows")]
            other => return Err(format!("`{other:?}` has no counterpart in SPL")),
        };
        Ok(match arg {
            Some(field) => format!("{name}({})", quoted_name(&self.name(field))),
            None => name.to_owned(),
        })
    }

    fn order(&self) -> Result<String, String> {
        let mut out = String::new();
        let keys: Vec<String> = self
            .question
            .sort
            .iter()
            .map(|(field, descending)| {
                format!("{}{}", if *descending { "-" } else { "+" }, quoted_name(&self.name(field)))
            })
            .collect();
        if !keys.is_empty() {
            out += &format!(" | sort {} {}", self.question.limit.unwrap_or(0), keys.join(", "));
        } else if let Some(limit) = self.question.limit {
            out += &format!(" | head {limit}");
        }
        if let Some(columns) = self.question.columns.as_ref() {
            let names: Vec<String> = columns
                .iter()
                .map(|(name, field)| match self.question.group {
                    None if self.name(field) != *name => format!("{} as {}", self.name(field), name),
                    _ => name.clone(),
                })
                .collect();
            for (name, field) in
                columns.iter().filter(|(name, field)| self.question.group.is_none() && self.name(field) != **name)
            {
                out += &format!(" | rename {} as {}", quoted_name(&self.name(field)), quoted_name(name));
            }
            let plain: Vec<String> = names.iter().zip(columns).map(|(_, (name, _))| quoted_name(name)).collect();
            out += &format!(" | table {}", plain.join(", "));
        }
        Ok(out)
    }
}

/// Several alternatives in parentheses, one as it is.
fn any(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" OR ")) }
}

fn quoted(text: &str) -> String {
    string(text)
}

fn string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn quoted_name(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | ':' | '-'));
    if plain { name.to_owned() } else { string(name) }
}
