//! CloudWatch filter patterns: JSON selectors, or terms where the question is about the text alone. They know no negation but
//! `!=`, which holds only where the field is there, and no groups.

use super::{
    Emitted, Notes,
    condition::{Ask, Cond, Field, Test},
    question::Question,
};
use crate::{
    pipeline::PathStep,
    schema::{Dialect, Schema},
};

struct Writer<'a> {
    question: &'a Question,
    schema: &'a dyn Schema,
    notes: Notes,
}

/// Writes a question as a filter pattern.
pub(super) fn emit(question: &Question, schema: &dyn Schema) -> Result<Emitted, String> {
    if question.group.is_some() || question.limit.is_some() || question.columns.is_some() || !question.sort.is_empty() {
        return Err("a filter pattern only chooses events: it does not count, sort, cut or show columns".to_owned());
    }
    let writer = Writer { question, schema, notes: Notes::of(question) };
    if question.bounds != (None, None) {
        writer.notes.add("the time range is chosen beside the pattern");
    }
    if let Some(terms) = terms(&question.cond) {
        return Ok(writer.notes.with(terms));
    }
    let text = match &question.cond {
        Cond::And(parts) if parts.is_empty() => String::new(),
        cond => format!("{{ {} }}", writer.cond(cond)?),
    };
    Ok(writer.notes.with(text))
}

/// A question about the text alone: all of the terms.
fn terms(cond: &Cond) -> Option<String> {
    let parts = match cond {
        Cond::And(parts) if !parts.is_empty() => parts.clone(),
        Cond::Test(_) => vec![cond.clone()],
        _ => return None,
    };
    let term = |part: &Cond| match part {
        Cond::Test(Test { field: Field::Record, ask: Ask::Contains(texts), .. }) => match texts.as_slice() {
            [text] => Some(quoted(text)),
            _ => None,
        },
        _ => None,
    };
    Some(parts.iter().map(term).collect::<Option<Vec<_>>>()?.join(" "))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Writer<'_> {
    fn cond(&self, cond: &Cond) -> Result<String, String> {
        let joined = |parts: &[Cond], sign: &str| -> Result<String, String> {
            Ok(parts.iter().map(|part| self.operand(part)).collect::<Result<Vec<_>, _>>()?.join(sign))
        };
        match cond {
            Cond::And(parts) | Cond::Or(parts) if parts.is_empty() => {
                Err("a filter pattern can't say what is always true or never".to_owned())
            }
            Cond::And(parts) => joined(parts, " && "),
            Cond::Or(parts) => joined(parts, " || "),
            Cond::Not(inner) => self.not(inner),
            Cond::Test(test) => self.test(test, false),
        }
    }

    fn operand(&self, cond: &Cond) -> Result<String, String> {
        Ok(format!("({})", self.cond(cond)?))
    }

    fn not(&self, cond: &Cond) -> Result<String, String> {
        match cond {
            Cond::And(parts) => {
                self.cond(&Cond::Or(parts.iter().map(|part| Cond::Not(Box::new(part.clone()))).collect()))
            }
            Cond::Or(parts) => {
                self.cond(&Cond::And(parts.iter().map(|part| Cond::Not(Box::new(part.clone()))).collect()))
            }
            Cond::Not(inner) => self.cond(inner),
            Cond::Test(test) if test.ask == Ask::Present => Ok(format!("{} NOT EXISTS", self.selector(&test.field)?)),
            Cond::Test(test) => {
                Ok(format!("({} NOT EXISTS) || ({})", self.selector(&test.field)?, self.test(test, true)?))
            }
        }
    }

    fn selector(&self, field: &Field) -> Result<String, String> {
        let table = &self.question.table;
        let steps: Vec<PathStep> = match field {
            Field::Column(column) => match self.schema.name_of(table, Dialect::FilterPattern, column) {
                Some(path) => path.split('.').map(|key| PathStep::Key(key.to_owned())).collect(),
                None => return Err(format!("a filter pattern sees the record alone, and `{column}` is not in it")),
            },
            Field::Path(steps) => steps.clone(),
            Field::Made(name) => return Err(format!("a filter pattern has no field `{name}`")),
            Field::Record => return Err("a filter pattern looks for terms or at fields, not both".to_owned()),
        };
        let mut out = "$".to_owned();
        for step in &steps {
            match step {
                PathStep::Key(key) if key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => {
                    out += &format!(".{key}");
                }
                PathStep::Key(key) => out += &format!(".['{key}']"),
                PathStep::Index(index) => out += &format!("[{index}]"),
                PathStep::Each => out += "[*]",
                PathStep::Any => out += ".*",
                PathStep::Elements => self.notes.add("where an array stands on the way, the selector wants `[*]`"),
            }
        }
        Ok(out)
    }

    fn test(&self, test: &Test, negated: bool) -> Result<String, String> {
        let selector = self.selector(&test.field)?;
        let equal = if negated { "!=" } else { "=" };
        let join = if negated { " && " } else { " || " };
        if !test.cased && !matches!(test.ask, Ask::Present) {
            self.notes.add("filter patterns mind case: a value in another spelling is not found");
        }
        let each = |texts: &[String], form: &dyn Fn(&str) -> String| {
            let tests: Vec<String> =
                texts.iter().map(|text| format!("{selector} {equal} {}", quoted(&form(text)))).collect();
            if tests.len() == 1 { tests.concat() } else { format!("({})", tests.join(&format!("){join}("))) }
        };
        let starred = |texts: &[String]| match texts.iter().any(|text| text.contains('*')) {
            true => Err("a star is always a wildcard in a filter pattern".to_owned()),
            false => Ok(()),
        };
        Ok(match &test.ask {
            Ask::Present => format!("{selector} = *"),
            Ask::Equals(texts) => {
                starred(texts)?;
                each(texts, &|text| text.to_owned())
            }
            Ask::Glob(texts) => each(texts, &|text| text.to_owned()),
            Ask::Contains(texts) => {
                starred(texts)?;
                each(texts, &|text| format!("*{text}*"))
            }
            Ask::Number(sign, number) => format!("{selector} {} {number}", if negated { opposite(sign) } else { sign }),
            Ask::Truth(truth) => {
                format!("{selector} IS {}", if *truth == negated { "FALSE" } else { "TRUE" })
            }
            Ask::Regex(regex) => format!("{selector} {equal} %{}%", pattern(regex)?),
            Ask::Cidr(_) => return Err("a filter pattern knows no blocks of addresses".to_owned()),
            Ask::Same(_) => return Err("a filter pattern can't compare two fields".to_owned()),
        })
    }
}

fn opposite(sign: &str) -> &'static str {
    match sign {
        "=" => "!=",
        "!=" => "=",
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        _ => "<",
    }
}

/// Regular expressions of filter patterns have few signs.
fn pattern(regex: &str) -> Result<&str, String> {
    let known = |c: char| c.is_alphanumeric() || "_#=@/;,- .^$*?+[]{}|\\".contains(c);
    match regex.chars().all(known) {
        true => Ok(regex),
        false => Err(format!("filter patterns have no such regular expression: {regex}")),
    }
}
