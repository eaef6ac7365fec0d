//! The clauses of SQL/JSON's functions: `json_value(x, 'lax $.a' RETURNING bigint DEFAULT 0 ON EMPTY)` as calls that the parser's
//! grammar knows.

use super::prepare::prepared;
use super::scan::{Kind, Token, closing};
use crate::request::Parameters;

/// Words that begin a clause.
const CLAUSES: [&str; 13] = [
    "default",
    "empty",
    "error",
    "false",
    "keep",
    "null",
    "omit",
    "passing",
    "returning",
    "true",
    "unknown",
    "with",
    "without",
];

/// A call in other words.
pub(super) struct Rewritten {
    /// The place of the token after it.
    pub(super) next: usize,
    /// From where to where it stands in the source.
    pub(super) range: (usize, usize),
    /// What takes its place.
    pub(super) text: String,
}

/// What the clauses of one call say.
#[derive(Default)]
struct Said {
    words: Vec<String>,
    returning: Option<String>,
    passing: Vec<(String, String)>,
    /// `DEFAULT` on empty, and on error.
    defaults: [Option<String>; 2],
}

/// A call with clauses; none: the call is as the parser reads it, or can't be read here either.
pub(super) fn rewritten(source: &str, tokens: &[Token], at: usize, parameters: &Parameters) -> Option<Rewritten> {
    let name = tokens.get(at)?.text(source).to_ascii_lowercase();
    if !tokens.get(at + 1)?.is(source, "(") {
        return None;
    }
    let close = closing(source, tokens, at + 1)?;
    let reader = Reader { source, tokens, close, parameters };
    let comma = reader.outside(at + 2, &[","])?;
    let tail = reader.outside(comma + 2, &CLAUSES).unwrap_or(close);
    let format = reader.outside(at + 2, &["format"]).filter(|format| *format < comma);
    if tail == close && format.is_none() {
        return None;
    }
    let said = reader.clauses(tail)?;
    let (json, path) = (reader.piece(at + 2, format.unwrap_or(comma))?, reader.piece(comma + 1, tail)?);
    let mut args = format!("{json}, {path}, '{}'", said.words.join(" "));
    for (variable, value) in &said.passing {
        args.push_str(&format!(", '{variable}', {value}"));
    }
    let range = (tokens[at].start, tokens[close].end);
    Some(Rewritten { next: close + 1, range, text: said.call(&name, &args) })
}

impl Said {
    fn call(&self, name: &str, args: &str) -> String {
        let call = format!("{name}({args})");
        if name != "json_value" {
            return call;
        }
        let strict = self.words.iter().any(|word| word == "error=error");
        let value = match (&self.returning, strict) {
            (Some(ty), true) => format!("__cast({call}, '{ty}')"),
            (Some(ty), false) => format!("__try___cast({call}, '{ty}')"),
            (None, _) => call,
        };
        let [empty, error] = &self.defaults;
        if empty.is_none() && error.is_none() {
            return value;
        }
        let outcome = format!("__json_outcome({args})");
        let empty = empty.as_deref().map_or(String::new(), |empty| format!(" WHEN {outcome} = 'empty' THEN {empty}"));
        let error = error.as_deref().map_or(String::new(), |error| {
            format!(" WHEN {outcome} = 'error' OR {outcome} = 'value' AND {value} IS NULL THEN {error}")
        });
        format!("(CASE{empty}{error} ELSE {value} END)")
    }
}

struct Reader<'a> {
    source: &'a str,
    tokens: &'a [Token],
    /// The place of the bracket that ends the call.
    close: usize,
    parameters: &'a Parameters,
}

impl Reader<'_> {
    fn is(&self, at: usize, word: &str) -> bool {
        at < self.close && self.tokens.get(at).is_some_and(|token| token.is(self.source, word))
    }

    /// The first of these words that stands in no bracket of its own.
    fn outside(&self, from: usize, words: &[&str]) -> Option<usize> {
        let mut depth = 0_usize;
        for at in from..self.close {
            match self.tokens[at].text(self.source) {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ if depth == 0 && words.iter().any(|word| self.is(at, word)) => return Some(at),
                _ => {}
            }
        }
        None
    }

    /// The text between two tokens, itself made ready.
    fn piece(&self, from: usize, to: usize) -> Option<String> {
        if from >= to {
            return None;
        }
        let text = self.source.get(self.tokens[from].start..self.tokens[to - 1].end)?;
        Some(prepared(text, self.parameters).0.text)
    }

    fn clauses(&self, mut at: usize) -> Option<Said> {
        let mut said = Said::default();
        while at < self.close {
            at = match self.tokens[at].text(self.source).to_ascii_lowercase().as_str() {
                "passing" => self.passing(at + 1, &mut said)?,
                "returning" => {
                    let end = self.outside(at + 1, &CLAUSES).unwrap_or(self.close);
                    let format = self.outside(at + 1, &["format"]).filter(|format| *format < end);
                    let ty = self.source.get(self.tokens[at + 1].start..self.tokens[format.unwrap_or(end) - 1].end)?;
                    said.returning = Some(ty.replace('\'', "''"));
                    end
                }
                "with" | "without" => {
                    let end = self.outside(at, &["wrapper"])?;
                    if self.is(at, "with") {
                        let kind = if self.is(at + 1, "conditional") { "conditional" } else { "always" };
                        said.words.push(format!("wrapper={kind}"));
                    }
                    end + 1
                }
                "keep" | "omit" if self.is(at + 1, "quotes") => {
                    if self.is(at, "omit") {
                        said.words.push("quotes=omit".to_owned());
                    }
                    let scalar = self.is(at + 2, "on") && self.is(at + 3, "scalar") && self.is(at + 4, "string");
                    at + if scalar { 5 } else { 2 }
                }
                "default" => {
                    let end = self.outside(at, &["on"])?;
                    let event = self.event(end)?;
                    said.defaults[usize::from(event == "error")] = Some(self.piece(at + 1, end)?);
                    end + 2
                }
                "empty" if self.is(at + 1, "array") || self.is(at + 1, "object") => {
                    let kind = if self.is(at + 1, "array") { "array" } else { "object" };
                    said.words.push(format!("{}={kind}", self.event(at + 2)?));
                    at + 4
                }
                word @ ("error" | "false" | "null" | "true" | "unknown") => {
                    said.words.push(format!("{}={word}", self.event(at + 1)?));
                    at + 3
                }
                _ => return None,
            };
        }
        Some(said)
    }

    /// What stands after `ON`.
    fn event(&self, at: usize) -> Option<&'static str> {
        let event = ["empty", "error"].into_iter().find(|event| self.is(at + 1, event))?;
        self.is(at, "on").then_some(event)
    }

    /// `value AS name, …`.
    fn passing(&self, mut at: usize, said: &mut Said) -> Option<usize> {
        loop {
            let word = self.outside(at, &["as"])?;
            let format = self.outside(at, &["format"]).filter(|format| *format < word);
            let value = self.piece(at, format.unwrap_or(word))?;
            let name = self.tokens.get(word + 1).filter(|name| matches!(name.kind, Kind::Word | Kind::Quoted))?;
            said.passing.push((name.text(self.source).trim_matches('"').replace('\'', "''"), value));
            at = word + 2;
            if !self.is(at, ",") {
                return Some(at);
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::prepare::prepare;

    fn check(source: &str, expected: &str) {
        assert_eq!(prepare(source).text, expected);
    }

    #[test]
    fn clauses() {
        check("json_value(x, '$.a')", "json_value(x, '$.a')");
        check(
            "SELECT json_value(x, 'lax $.a' RETURNING bigint) FROM t",
            "SELECT __try___cast(json_value(x, 'lax $.a', ''), 'bigint') FROM t",
        );
        check("json_value(x FORMAT JSON, '$.a' NULL ON EMPTY)", "json_value(x, '$.a', 'empty=null')");
        check(
            "json_value(x, '$.a' RETURNING double ERROR ON EMPTY ERROR ON ERROR)",
            "__cast(json_value(x, '$.a', 'empty=error error=error'), 'double')",
        );
        check(
            "json_value(x, '$.a' DEFAULT cast(1 as varchar) ON EMPTY)",
            "(CASE WHEN __json_outcome(x, '$.a', '') = 'empty' THEN __cast(1 , 'varchar') ELSE json_value(x, '$.a', '') END)",
        );
        check(
            "json_query(f(x, y), '$.a[*]' RETURNING varchar WITH CONDITIONAL ARRAY WRAPPER OMIT QUOTES EMPTY ARRAY ON ERROR)",
            "json_query(f(x, y), '$.a[*]', 'wrapper=conditional quotes=omit error=array')",
        );
        check(
            "json_exists(x, '$?(@.a == $n)' PASSING y AS \"n\", 1 AS m TRUE ON ERROR)",
            "json_exists(x, '$?(@.a == $n)', 'error=true', 'n', y, 'm', 1)",
        );
        check("json_value(x, '$.a' NULL WHEN EMPTY)", "json_value(x, '$.a' NULL WHEN EMPTY)");
    }
}
