//! The regular expressions of filter patterns, `%…%`: a small dialect without groups, whose characters the guide lists.

use super::cursor::Cursor;
use crate::{diagnostic::Diagnostic, span::Span};

/// Regular expressions that AWS takes a pattern.
const MOST: usize = 2;

/// Takes `%…%`, the cursor on the first sign.
pub(super) fn take(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    cursor.bump();
    let Some(end) = end(cursor.rest()) else {
        let span = Span::new(start, cursor.text.len());
        return cursor.error("filter.unclosed-regex", "the regular expression has no closing `%`", span, "");
    };
    let inside = &cursor.rest()[..end];
    cursor.at += end + 1;
    cursor.regexes += 1;
    let span = cursor.span(start);
    check(cursor, inside, span)?;
    if cursor.regexes > MOST {
        let message = format!("CloudWatch takes {MOST} regular expressions a pattern");
        cursor.report(Diagnostic::warning("filter.quota", message, span));
    }
    Some(inside.replace("\\%", "%"))
}

/// Offset of the closing sign; `\%` is none.
fn end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '%' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn check(cursor: &mut Cursor<'_>, pattern: &str, span: Span) -> Option<()> {
    let start = span.start + 1;
    if pattern.is_empty() {
        return cursor.error("filter.invalid-regex", "the regular expression is empty", span, "");
    }
    if let Some((at, c)) = foreign(pattern) {
        let span = Span::new(start + at, start + at + c.len_utf8());
        let message = format!("`{c}` can't stand in a filter pattern's regular expression");
        let help = match c {
            '(' | ')' => "groups are not supported: write the alternatives out, `%abc|abd%`",
            _ => "letters, digits, : _ # = @ / ; , - and the operators ^ $ ? [ ] { } | \\ * + . may stand there",
        };
        return cursor.error("filter.invalid-regex", message, span, help);
    }
    if let Err(error) = ::regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        let message = format!("the regular expression can't be read: {}", reason(&error));
        return cursor.error("filter.invalid-regex", message, span, "");
    }
    Some(())
}

/// The first character that the dialect does not know. A blank is accepted, as is what a backslash escapes.
fn foreign(pattern: &str) -> Option<(usize, char)> {
    let mut escaped = false;
    pattern.char_indices().find(|&(_, c)| {
        let known = escaped || c.is_ascii_alphanumeric() || " :_#=@/;,-^$?[]{}|\\*+.".contains(c);
        escaped = c == '\\' && !escaped;
        !known
    })
}

/// The last line of the library's message, which names what is wrong.
fn reason(error: &::regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
