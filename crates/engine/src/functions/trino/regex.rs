//! Regular expressions: Java's syntax as far as the linear-time crate has it. Unanchored, as Trino's.

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result;
use regex::Regex;

use super::{Call, Spec, at, bool_type, bools, int_type, ints, spec, strings, text_type, texts_type};
use crate::functions::{lists, matching};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("regexp_like", 2, 2, bool_type, like),
    spec("regexp_extract", 2, 3, text_type, extract),
    spec("regexp_extract_all", 2, 3, texts_type, extract_all),
    spec("regexp_replace", 2, 4, text_type, replace),
    spec("regexp_split", 2, 2, texts_type, split),
    spec("regexp_count", 2, 2, int_type, count),
    spec("regexp_position", 2, 2, int_type, position),
];

/// The last pattern, compiled: it is a constant nearly always.
#[derive(Default)]
struct Last(Option<(String, Regex)>);

impl Last {
    fn get(&mut self, pattern: &str) -> Result<&Regex> {
        if self.0.as_ref().is_none_or(|(p, _)| p != pattern) {
            let compiled = matching::regex(pattern).map_err(|e| super::invalid(e.strip_backtrace()))?;
            self.0 = Some((pattern.to_owned(), compiled));
        }
        match &self.0 {
            Some((_, regex)) => Ok(regex),
            None => Err(super::invalid("no pattern")),
        }
    }
}

/// `f(regex, text, row)` where both are there.
fn each<T>(call: &Call<'_>, f: impl Fn(&Regex, &str, usize) -> Result<Option<T>>) -> Result<Vec<Option<T>>> {
    let (text, pattern) = (call.text(0)?, call.text(1)?);
    let mut last = Last::default();
    let mut out = Vec::with_capacity(call.rows());
    for row in 0..call.rows() {
        out.push(match at(&text, row).zip(at(&pattern, row)) {
            Some((text, pattern)) => f(last.get(pattern)?, text, row)?,
            None => None,
        });
    }
    Ok(out)
}

fn like(call: &Call<'_>) -> Result<ArrayRef> {
    bools(each(call, |regex, text, _| Ok(Some(regex.is_match(text))))?.into_iter().map(Ok))
}

fn group(call: &Call<'_>) -> Result<impl Fn(usize) -> usize> {
    let groups = if call.len() > 2 { Some(call.ints(2)?) } else { None };
    Ok(move |row: usize| {
        groups.as_ref().filter(|g| !g.is_null(row)).map_or(0, |g| usize::try_from(g.value(row)).unwrap_or(0))
    })
}

fn extract(call: &Call<'_>) -> Result<ArrayRef> {
    let group = group(call)?;
    let rows = each(call, |regex, text, row| {
        Ok(regex.captures(text).and_then(|c| c.get(group(row)).map(|m| m.as_str().to_owned())))
    })?;
    strings(rows.into_iter().map(Ok))
}

fn extract_all(call: &Call<'_>) -> Result<ArrayRef> {
    let group = group(call)?;
    let rows = each(call, |regex, text, row| {
        let found = regex.captures_iter(text).filter_map(|c| c.get(group(row)).map(|m| m.as_str().to_owned()));
        Ok(Some(found.collect::<Vec<_>>()))
    })?;
    Ok(std::sync::Arc::new(lists::build(rows.into_iter())))
}

/// Every match; `$1` and `${name}` are groups, `\$` a dollar. A fourth argument (flags of other systems) says `g`.
fn replace(call: &Call<'_>) -> Result<ArrayRef> {
    let with = if call.len() > 2 { Some(call.text(2)?) } else { None };
    let rows = each(call, |regex, text, row| {
        let with = with.as_ref().map_or(Some(""), |w| at(w, row));
        Ok(with.map(|with| regex.replace_all(text, groups(with).as_str()).into_owned()))
    })?;
    strings(rows.into_iter().map(Ok))
}

fn groups(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some('$')) => {
                out.push_str("$$");
                chars.next();
            }
            ('\\', Some(next)) => {
                out.push(next);
                chars.next();
            }
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str(&format!("${{{digit}}}"));
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

fn split(call: &Call<'_>) -> Result<ArrayRef> {
    let rows = each(call, |regex, text, _| Ok(Some(regex.split(text).map(str::to_owned).collect::<Vec<_>>())))?;
    Ok(std::sync::Arc::new(lists::build(rows.into_iter())))
}

fn count(call: &Call<'_>) -> Result<ArrayRef> {
    ints(each(call, |regex, text, _| Ok(Some(regex.find_iter(text).count() as i64)))?.into_iter().map(Ok))
}

fn position(call: &Call<'_>) -> Result<ArrayRef> {
    let rows = each(call, |regex, text, _| {
        Ok(Some(regex.find(text).map_or(-1, |m| text[..m.start()].chars().count() as i64 + 1)))
    })?;
    ints(rows.into_iter().map(Ok))
}
