//! Diagnostics as text for a terminal: the line of the query, carets under the characters, and the help.

use unicode_width::UnicodeWidthStr;

use super::{Diagnostic, Severity};

/// Renders diagnostics against the query they are about. Offsets out of range, or inside a character, are moved to
/// the nearest boundary: rendering never fails.
#[must_use]
pub fn render(text: &str, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| one(text, diagnostic)).collect::<Vec<_>>().join("\n")
}

fn one(text: &str, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    out += &excerpt(text, diagnostic.span.start, diagnostic.span.end);
    if let Some(help) = &diagnostic.help {
        out += &format!("  = help: {help}\n");
    }
    if let Some(suggestion) = &diagnostic.suggestion {
        out += &format!("  = try: {suggestion}\n");
    }
    out
}

/// The line that holds `start`, with carets under what of `start..end` lies on it.
fn excerpt(text: &str, start: usize, end: usize) -> String {
    let start = boundary(text, start);
    let end = boundary(text, end).max(start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let number = text[..line_start].matches('\n').count() + 1;
    let line = plain(&text[line_start..line_end]);
    let before = plain(&text[line_start..start]).width();
    let under = plain(&text[start..end.min(line_end).max(start)]).width().max(1);
    let gutter = number.to_string();
    let blank = " ".repeat(gutter.len());
    format!("{gutter} | {line}\n{blank} | {}{}\n", " ".repeat(before), "^".repeat(under))
}

/// Control characters (a tab, a carriage return) as one column each, so that carets stay under their characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn check(text: &str, span: (usize, usize), expected: &str) {
        let diagnostic = Diagnostic::error("x", "m", Span::new(span.0, span.1));
        assert_eq!(render(text, &[diagnostic]), format!("error[x]: m\n{expected}"));
    }

    #[test]
    fn carets_stand_under_the_characters() {
        check("a | stat b", (4, 8), "1 | a | stat b\n  |     ^^^^\n");
        check("one\ntwo three", (8, 13), "2 | two three\n  |     ^^^^^\n");
        check("\tx", (1, 2), "1 |  x\n  |  ^\n");
    }

    #[test]
    fn wide_characters_are_two_columns() {
        check("user=東京 | stat", (5, 11), "1 | user=東京 | stat\n  |      ^^^^\n");
        check("user=東京 | stat", (14, 18), "1 | user=東京 | stat\n  |             ^^^^\n");
    }

    #[test]
    fn spans_out_of_range_do_not_fail() {
        check("ab", (7, 9), "1 | ab\n  |   ^\n");
        check("東", (1, 2), "1 | 東\n  | ^\n");
        check("", (0, 0), "1 | \n  | ^\n");
        check("ab\ncd", (1, 5), "1 | ab\n  |  ^\n");
    }

    #[test]
    fn help_and_suggestion_follow() {
        let diagnostic = Diagnostic::warning("w", "m", Span::new(0, 1)).with_help("h").with_suggestion("s");
        assert_eq!(render("a", &[diagnostic]), "warning[w]: m\n1 | a\n  | ^\n  = help: h\n  = try: s\n");
    }
}
