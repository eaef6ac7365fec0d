//! Sigma's strings: `*` and `?` are wildcards, a backslash before one of them, or before another backslash, takes its meaning
//! away. Text is compared whole and whatever its case, unless a modifier says otherwise.

use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Characters that stand for themselves.
    Text(String),
    /// `*`: any characters.
    Any,
    /// `?`: one character.
    One,
}

/// A string with wildcards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pattern(pub(super) Vec<Part>);

impl Pattern {
    /// Reads a string as written in a rule.
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.peek() {
                    Some(next @ ('*' | '?' | '\\')) => {
                        plain.push(*next);
                        chars.next();
                    }
                    _ => plain.push('\\'),
                },
                '*' | '?' => {
                    flush(&mut parts, &mut plain);
                    parts.push(if c == '*' { Part::Any } else { Part::One });
                }
                _ => plain.push(c),
            }
        }
        flush(&mut parts, &mut plain);
        Self(parts)
    }

    /// A string without wildcards.
    pub(super) fn plain(text: &str) -> Self {
        Self(if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] })
    }

    /// The text, where there are no wildcards in it.
    pub(super) fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Anything may stand before it.
    pub(super) fn open_start(&mut self) {
        if self.0.first() != Some(&Part::Any) {
            self.0.insert(0, Part::Any);
        }
    }

    /// Anything may stand after it.
    pub(super) fn open_end(&mut self) {
        if self.0.last() != Some(&Part::Any) {
            self.0.push(Part::Any);
        }
    }

    /// The test of a value against it.
    pub(super) fn test(&self, value: Expr, cased: bool, span: Span) -> Expr {
        let (func, pattern) = match self.0.as_slice() {
            [Part::Any, ..] if self.0.iter().all(|part| *part == Part::Any) => return build::is_not_null(value),
            [Part::Any, Part::Text(text), Part::Any] => {
                (pick(cased, Func::Contains, Func::ContainsIgnoreCase), text.clone())
            }
            _ => match self.as_plain() {
                Some(text) => (pick(cased, Func::Eq, Func::EqIgnoreCase), text.to_owned()),
                None => match self.glob() {
                    Some(glob) => (pick(cased, Func::Glob, Func::GlobIgnoreCase), glob),
                    None => (Func::Regex, self.regex(cased)),
                },
            },
        };
        build::call(func, vec![value, build::text(pattern, span)], Type::Bool, span)
    }

    /// As a glob with `*`, where `*` and `?` have no other part in it.
    fn glob(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) if text.contains('*') => None,
                Part::Text(text) => Some(text.as_str()),
                Part::Any => Some("*"),
                Part::One => None,
            })
            .collect()
    }

    fn regex(&self, cased: bool) -> String {
        let mut out = String::from(if cased { "(?s)^" } else { "(?is)^" });
        for part in &self.0 {
            match part {
                Part::Text(text) => out += &regex::escape(text),
                Part::Any => out += ".*",
                Part::One => out.push('.'),
            }
        }
        out.push('$');
        out
    }
}

fn pick(cased: bool, with: Func, without: Func) -> Func {
    if cased { with } else { without }
}

fn flush(parts: &mut Vec<Part>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::render_expr;

    #[test]
    fn strings_become_tests() {
        for (text, expected) in [
            ("abc", r#"eq_ignore_case('x', "abc")"#),
            ("", r#"eq_ignore_case('x', "")"#),
            ("a*", r#"glob_ignore_case('x', "a*")"#),
            ("*abc*", r#"contains_ignore_case('x', "abc")"#),
            ("*", "is_not_null('x')"),
            ("**", "is_not_null('x')"),
            ("a?c", r#"regex('x', "(?is)^a.c$")"#),
            (r"a\*c", r#"eq_ignore_case('x', "a*c")"#),
            (r"a\?*", r#"glob_ignore_case('x', "a?*")"#),
            (r"a\**", r#"regex('x', "(?is)^a\\*.*$")"#),
            (r"C:\x\\*", r#"glob_ignore_case('x', "C:\\x\\*")"#),
            (r"\\\\a", r#"eq_ignore_case('x', "\\\\a")"#),
            (r"end\", r#"eq_ignore_case('x', "end\\")"#),
        ] {
            let value = build::field("x", Type::Text, Span::default());
            assert_eq!(render_expr(&Pattern::parse(text).test(value, false, Span::default())), expected, "{text}");
        }
        let value = build::field("x", Type::Text, Span::default());
        assert_eq!(render_expr(&Pattern::parse("a*b").test(value, true, Span::default())), r#"glob('x', "a*b")"#);
    }
}
