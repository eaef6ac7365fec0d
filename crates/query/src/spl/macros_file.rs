//! Files of search macros: Splunk's own `macros.conf`, or a JSON object a line with `name`, `arguments` and `definition`.

use super::macros::{Macro, Macros};
use crate::{diagnostic::Diagnostic, span::Span};

/// Reads a file of macros.
///
/// # Errors
/// All that is wrong with it, with the characters.
pub fn read(text: &str) -> Result<Macros, Vec<Diagnostic>> {
    let mut file = File { macros: Macros::new(), diagnostics: Vec::new() };
    if text.trim_start().starts_with('{') {
        file.json_lines(text)
    } else {
        file.stanzas(text)
    }
    if file.diagnostics.is_empty() { Ok(file.macros) } else { Err(file.diagnostics) }
}

struct File {
    macros: Macros,
    diagnostics: Vec<Diagnostic>,
}

/// A stanza as it is read: name, number of arguments, where its head stands.
struct Stanza {
    name: String,
    arity: usize,
    head: Span,
    found: Macro,
    defined: bool,
    message: String,
}

impl File {
    fn wrong(&mut self, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error("spl.macros-file", message, span));
    }

    fn stanzas(&mut self, text: &str) {
        let mut open: Option<Stanza> = None;
        for (at, line) in lines(text) {
            let trimmed = line.trim();
            let span = Span::new(at, at + line.len());
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(head) = trimmed.strip_prefix('[') {
                self.close(open.take());
                open = self.head(head, span);
                continue;
            }
            match (trimmed.split_once('='), &mut open) {
                (Some((key, value)), Some(stanza)) => self.setting(stanza, key.trim(), value.trim(), span),
                (None, _) => self.wrong("a line `key = value` is expected here", span),
                // Settings before the first stanza, or under one that could not be read.
                (Some(_), None) => {}
            }
        }
        self.close(open);
    }

    /// `[name]`, `[name(2)]`.
    fn head(&mut self, head: &str, span: Span) -> Option<Stanza> {
        let Some(head) = head.strip_suffix(']') else {
            self.wrong("this stanza's name is not closed by `]`", span);
            return None;
        };
        let (name, arity) = match head.split_once('(') {
            None => (head, Some(0)),
            Some((name, count)) => (name, count.strip_suffix(')').and_then(|count| count.trim().parse().ok())),
        };
        let Some(arity) = arity.filter(|_| !name.trim().is_empty()) else {
            self.wrong("a stanza is `[name]`, or `[name(2)]` for a macro of two arguments", span);
            return None;
        };
        let (name, message) = (name.trim().to_owned(), "its arguments are not valid".to_owned());
        Some(Stanza { name, arity, head: span, found: Macro::default(), defined: false, message })
    }

    fn setting(&mut self, stanza: &mut Stanza, key: &str, value: &str, span: Span) {
        // A definition over several lines ends each but the last with a backslash.
        let value = value.replace("\\\r\n", "\n").replace("\\\n", "\n");
        match key {
            "definition" => {
                stanza.found.definition = value;
                stanza.defined = true;
            }
            "args" => {
                stanza.found.parameters = value.split(',').map(|name| name.trim().to_owned()).collect();
                stanza.found.parameters.retain(|name| !name.is_empty());
            }
            "iseval" => stanza.found.computed = matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "t"),
            "validation" if !value.is_empty() => stanza.found.validation = Some((value, String::new())),
            "errormsg" if !value.is_empty() => stanza.message = value,
            "description" | "disabled" | "errormsg" | "validation" => {}
            other => self.wrong(format!("macros have no setting `{other}`"), span),
        }
    }

    fn close(&mut self, stanza: Option<Stanza>) {
        let Some(Stanza { name, arity, head, mut found, defined, message }) = stanza else { return };
        // Splunk's `[default]` holds settings for all stanzas; macros take none of them.
        if name == "default" && !defined {
            return;
        }
        if let Some((_, otherwise)) = &mut found.validation {
            *otherwise = message;
        }
        if !defined {
            self.wrong(format!("the macro `{name}` has no definition"), head);
        } else if found.parameters.len() != arity {
            let message = format!(
                "the macro `{name}` has {arity} arguments by its name and {} by `args`",
                found.parameters.len()
            );
            self.wrong(message, head);
        } else {
            self.macros.insert((name, arity), found);
        }
    }

    fn json_lines(&mut self, text: &str) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let span = Span::new(at, at + line.trim_end().len());
            at += line.len();
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<serde_json::Value>(line) {
                Ok(row) => self.row(&row, span),
                Err(error) => self.wrong(format!("this line is not JSON: {error}"), span),
            }
        }
    }

    fn row(&mut self, row: &serde_json::Value, span: Span) {
        let (Some(name), Some(definition)) = (row["name"].as_str(), row["definition"].as_str()) else {
            return self.wrong("a macro needs the members `name` and `definition`", span);
        };
        let parameters: Vec<&str> = row["arguments"]
            .as_array()
            .map_or_else(Vec::new, |names| names.iter().filter_map(serde_json::Value::as_str).collect());
        let name = name.split('(').next().unwrap_or(name);
        self.macros.insert((name.to_owned(), parameters.len()), Macro::new(&parameters, definition));
    }
}

/// Lines with their offsets; one that ends in a backslash goes on in the next.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let (mut start, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        end += line.len();
        if line.trim_end_matches(['\n', '\r']).ends_with('\\') {
            continue;
        }
        out.push((start, text[start..end].trim_end()));
        start = end;
    }
    if start < end {
        out.push((start, text[start..end].trim_end()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spl::{self, testing};

    const CONF: &str = r#"# macros of the team
[default]

[trail]
definition = sourcetype=aws:cloudtrail \
  eventSource=iam.amazonaws.com
description = only IAM

[by(2)]
args = field, most
definition = stats count by $field$ | sort $most$ - count
validation = isint($most$)
errormsg = the second argument is how many

[shout(1)]
args = text
definition = "eventName=".upper("$text$")
iseval = 1
"#;

    fn lower(query: &str) -> Result<spl::Lowered, Vec<Diagnostic>> {
        let macros = read(CONF).unwrap_or_default();
        testing::lower_with(&|name, arity| macros.get(&(name.to_owned(), arity)).cloned(), query)
    }

    #[test]
    fn the_form_of_macros_conf() {
        let ir = |query: &str| {
            crate::pipeline::render(&lower(query).map(|lowered| lowered.pipeline).unwrap_or_else(|d| panic!("{d:?}")))
        };
        assert!(ir("`trail`").contains("filter eq_ignore_case(event_source, \"iam.amazonaws.com\")"));
        assert!(ir("`trail` | `by(user, 5)`").contains("sort 'count' desc, 'user' auto limit 5"));
        assert!(ir("`shout(listusers)`").contains("eq_ignore_case(event_name, \"LISTUSERS\")"));
    }

    #[test]
    fn arguments_are_validated() {
        let wrong = lower("* | `by(user, many)`").err().unwrap_or_default();
        assert_eq!(wrong[0].code, "spl.macro-argument");
        assert!(wrong[0].message.contains("the second argument is how many"), "{}", wrong[0].message);
    }

    #[test]
    fn json_lines() {
        let macros = read("{\"name\":\"m\",\"arguments\":[\"a\"],\"definition\":\"x=$a$\"}\n\n").unwrap_or_default();
        assert_eq!(macros.get(&("m".to_owned(), 1)), Some(&Macro::new(&["a"], "x=$a$")));
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, part) in [
            ("[a\ndefinition = x", "not closed"),
            ("[a]\n", "no definition"),
            ("[a(2)]\nargs = x\ndefinition = y", "2 arguments by its name and 1"),
            ("[a(x)]\ndefinition = y", "a stanza is"),
            ("[a]\ndefinition = y\nwhat", "key = value"),
            ("[a]\ndefinition = y\nisval = 1", "no setting `isval`"),
            ("{\"name\":1}", "needs the members"),
            ("{", "not JSON"),
        ] {
            let found = read(text).err().unwrap_or_default();
            assert!(found.iter().any(|d| d.message.contains(part)), "{text}: {found:?}");
            assert!(found.iter().all(|d| d.span.end <= text.len()));
        }
    }
}
