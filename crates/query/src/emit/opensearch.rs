//! Lucene query strings and KQL: conditions alone. Names are the record's own, which our indices know beside those of ECS.

use super::{
    Emitted, Notes,
    condition::{Ask, Cond, Field, Test},
    question::Question,
};
use crate::{
    pipeline::PathStep,
    schema::{Dialect, Schema},
};

#[derive(Clone, Copy, PartialEq)]
enum Syntax {
    Lucene,
    Kql,
}

struct Writer<'a> {
    question: &'a Question,
    schema: &'a dyn Schema,
    syntax: Syntax,
    notes: Notes,
}

/// Writes a question as a Lucene query string.
pub(super) fn lucene(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    emit(question, schema, Syntax::Lucene)
}

/// Writes a question in KQL.
pub(super) fn kql(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    emit(question, schema, Syntax::Kql)
}

fn emit(question: &Question, schema: &dyn Schema, syntax: Syntax) -> Result<Emitted, String> {
    if question.group.is_some() || question.limit.is_some() || question.columns.is_some() || !question.sort.is_empty() {
        return Err("a query string only chooses documents: aggregations, order and columns stand beside it".to_owned());
    }
    let writer = Writer { question, schema, syntax, notes: Notes::of(question) };
    if question.bounds != (None, None) {
        writer.notes.add("the time range is chosen beside the query");
    }
    let text = match &question.cond {
        Cond::And(parts) if parts.is_empty() => "*".to_owned(),
        Cond::And(parts) => writer.joined(parts, writer.word("AND"))?,
        Cond::Or(parts) if !parts.is_empty() => writer.joined(parts, writer.word("OR"))?,
        cond => writer.cond(cond)?,
    };
    Ok(writer.notes.with(text))
}

impl Writer<'_> {
    fn word(&self, word: &'static str) -> &'static str {
        match (self.syntax, word) {
            (Syntax::Lucene, word) => word,
            (Syntax::Kql, "AND") => "and",
            (Syntax::Kql, "OR") => "or",
            (Syntax::Kql, _) => "not",
        }
    }

    fn joined(&self, parts: &[Cond], word: &str) -> Result<String, String> {
        Ok(parts.iter().map(|part| self.cond(part)).collect::<Result<Vec<_>, _>>()?.join(&format!(" {word} ")))
    }

    fn cond(&self, cond: &Cond) -> Result<String, String> {
        match cond {
            Cond::And(parts) if parts.is_empty() => Ok("*".to_owned()),
            Cond::Or(parts) if parts.is_empty() => Err("a query string can't say `never`".to_owned()),
            Cond::And(parts) => Ok(format!("({})", self.joined(parts, self.word("AND"))?)),
            Cond::Or(parts) => Ok(format!("({})", self.joined(parts, self.word("OR"))?)),
            // A query that only excludes wants something to exclude from.
            Cond::Not(inner) if self.syntax == Syntax::Lucene => Ok(format!("(* AND NOT {})", self.cond(inner)?)),
            Cond::Not(inner) => Ok(format!("not {}", self.cond(inner)?)),
            Cond::Test(test) => self.test(test),
        }
    }

    fn name(&self, field: &Field) -> Result<String, String> {
        Ok(match field {
            Field::Column(name) if name == "event_time" => "@timestamp".to_owned(),
            Field::Column(name) => {
                self.schema.name_of(&self.question.table, Dialect::OpenSearch, name).unwrap_or_else(|| name.clone())
            }
            Field::Path(steps) => {
                let keys: Vec<&str> = steps
                    .iter()
                    .filter_map(|step| match step {
                        PathStep::Key(key) => Some(key.as_str()),
                        _ => None,
                    })
                    .collect();
                if steps.iter().any(|step| matches!(step, PathStep::Index(_))) {
                    return Err("a query string can't name one element of an array".to_owned());
                }
                keys.join(".")
            }
            Field::Made(name) => return Err(format!("a query string has no field `{name}`")),
            Field::Record => String::new(),
        })
    }

    fn test(&self, test: &Test) -> Result<String, String> {
        if !test.cased && !matches!(test.ask, Ask::Present) && test.field != Field::Record {
            self.notes.add("keyword fields mind case: a value in another spelling is not found");
        }
        let name = self.name(&test.field)?;
        if test.field == Field::Record {
            return match &test.ask {
                Ask::Contains(texts) => Ok(any(texts.iter().map(|text| quoted(text)), self.word("OR"))),
                _ => Err("a query string looks for words in the whole document, and for no more".to_owned()),
            };
        }
        let or = self.word("OR");
        Ok(match &test.ask {
            Ask::Present if self.syntax == Syntax::Lucene => format!("_exists_:{name}"),
            Ask::Present => format!("{name} : *"),
            Ask::Equals(texts) => any(texts.iter().map(|text| format!("{}{}", self.colon(&name), quoted(text))), or),
            Ask::Glob(texts) => any(texts.iter().map(|text| format!("{}{}", self.colon(&name), self.wild(text))), or),
            Ask::Contains(texts) => {
                any(texts.iter().map(|text| format!("{}*{}*", self.colon(&name), self.escaped(text))), or)
            }
            Ask::Truth(truth) => format!("{}{truth}", self.colon(&name)),
            Ask::Number(sign, number) => self.number(&name, sign, *number),
            Ask::Regex(regex) if self.syntax == Syntax::Lucene => {
                if regex.contains('.') {
                    self.notes.add("a dot of Lucene's regular expressions stands for a line break too");
                }
                format!("{name}:/{}/", anchored(regex)?)
            }
            Ask::Regex(_) => return Err("KQL has no regular expressions".to_owned()),
            Ask::Cidr(block) => format!("{}{}", self.colon(&name), quoted(block)),
            Ask::Same(_) => return Err("a query string can't compare two fields".to_owned()),
        })
    }

    fn colon(&self, name: &str) -> String {
        if self.syntax == Syntax::Lucene { format!("{name}:") } else { format!("{name} : ") }
    }

    fn number(&self, name: &str, sign: &str, number: f64) -> String {
        let colon = self.colon(name);
        match (sign, self.syntax) {
            ("=", _) => format!("{colon}{number}"),
            ("!=", Syntax::Lucene) => format!("(_exists_:{name} AND NOT {colon}{number})"),
            ("!=", Syntax::Kql) => format!("({name} : * and not {colon}{number})"),
            (sign, Syntax::Lucene) => format!("{colon}{sign}{number}"),
            (sign, Syntax::Kql) => format!("{name} {sign} {number}"),
        }
    }

    /// A glob: all that is no star is escaped.
    fn wild(&self, glob: &str) -> String {
        glob.split('*').map(|part| self.escaped(part)).collect::<Vec<_>>().join("*")
    }

    fn escaped(&self, text: &str) -> String {
        let special = match self.syntax {
            Syntax::Lucene => "+-=&|><!(){}[]^\"~*?:\\/ ",
            Syntax::Kql => "\\():<>\"*{} ",
        };
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if special.contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        out
    }
}

fn any(parts: impl Iterator<Item = String>, or: &str) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(&format!(" {or} "))) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Lucene's expressions stand for the whole value.
fn anchored(regex: &str) -> Result<String, String> {
    if regex.starts_with("(?") {
        return Err("Lucene's regular expressions have no flags".to_owned());
    }
    let (start, rest) = regex.strip_prefix('^').map_or((".*", regex), |rest| ("", rest));
    let (rest, end) = match rest.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => (rest, ""),
        _ => (rest, ".*"),
    };
    Ok(format!("{start}({}){end}", rest.replace('/', "\\/")))
}
