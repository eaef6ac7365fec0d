//! Keywords and phrases of the scope over the record's text: whole words, case aside; `*` and `?` stay within a word.
//!
//! JSON is compact where AWS delivers it and may have blanks where something rewrote it: a blank between a member's
//! colon and its value, in the record or in the phrase, does not count.

use super::event;
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

/// Whether the record has the words; none: any record has.
pub(crate) fn test(text: &str, quoted: bool, span: Span) -> Option<Expr> {
    let trimmed = text.trim();
    if trimmed.chars().all(|c| c == '*') {
        return None;
    }
    let inner = trimmed.trim_matches('*');
    let open = trimmed.starts_with('*') && trimmed.ends_with('*');
    let plain = open && inner.chars().all(|c| c.is_alphanumeric() || c == '_');
    let (func, pattern) =
        if plain { (Func::ContainsIgnoreCase, inner.to_owned()) } else { (Func::Regex, pattern(trimmed, quoted)) };
    Some(build::call(func, vec![event::raw(span), build::text(pattern, span)], Type::Bool, span))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The phrase as a regular expression.
fn pattern(text: &str, quoted: bool) -> String {
    let mut out = String::from("(?i)");
    if text.chars().next().is_some_and(is_word) {
        out.push_str(r"\b");
    }
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let edge = at == 0 || at + 1 == chars.len();
        match c {
            '*' if edge => {}
            '*' => out.push_str(r"\w*"),
            '?' if !quoted => out.push_str(r"\w"),
            c if c.is_whitespace() => {
                while chars.get(at + 1).is_some_and(|c| c.is_whitespace()) {
                    at += 1;
                }
                let around = [at.checked_sub(1).and_then(|before| chars.get(before)), chars.get(at + 1)];
                let json = around.into_iter().flatten().any(|c| matches!(c, ':' | ',' | '{' | '}' | '[' | ']'));
                out.push_str(if json { r"\s*" } else { r"\s+" });
            }
            ':' if at > 0 && chars[at - 1] == '"' => out.push_str(r"\s*:\s*"),
            _ => out.push_str(&regex::escape(&c.to_string())),
        }
        at += 1;
    }
    if chars.last().is_some_and(|c| is_word(*c)) {
        out.push_str(r"\b");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_record() {
        let record = r#"{"eventName": "DeleteTrail","eventSource":"cloudtrail.amazonaws.com","errorMessage":"Failed  authentication"}"#;
        for (text, quoted, found) in [
            ("deletetrail", false, true),
            ("delete", false, false),
            ("Delete*", false, true),
            ("*trail", false, true),
            ("*eteTr*", false, true),
            ("cloudtrail.amazonaws.com", false, true),
            ("amazonaws", true, true),
            ("Failed authentication", true, true),
            (r#""eventName":"DeleteTrail""#, true, true),
            (r#""eventSource": "cloudtrail.amazonaws.com""#, true, true),
            (r#""eventName":"Delete""#, true, false),
            ("Delete?rail", false, true),
            ("cloud*com", false, false),
            ("*.amazonaws.*", false, true),
        ] {
            let pattern = pattern(text, quoted);
            assert_eq!(regex::Regex::new(&pattern).unwrap().is_match(record), found, "{text}: {pattern}");
        }
        assert!(test("*", false, Span::default()).is_none());
    }
}
