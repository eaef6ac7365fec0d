//! Perl's regular expressions, which SPL's authors write, in the dialect that the engine runs: the same but for a few
//! characters that Perl lets stand for themselves.

/// Escapes what Perl reads literally and the engine would not: a brace that is no repetition, a bracket inside a
/// class. What the engine cannot do at all (look-around, back-references) is left for it to name.
pub(crate) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.char_indices().peekable();
    let mut class: Option<usize> = None;
    while let Some((at, c)) = chars.next() {
        match (c, class) {
            ('\\', _) => match chars.next() {
                Some((_, 'Z')) if class.is_none() => out.push_str(r"\z"),
                Some((_, 'h')) => out.push_str(if class.is_some() { r" \t" } else { r"[ \t]" }),
                Some((_, '<')) => out.push('<'),
                Some((_, '>')) => out.push('>'),
                Some((_, escaped)) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            ('[', None) => {
                class = Some(class_start(pattern, at));
                out.push('[');
            }
            ('[', Some(_)) if !pattern[at..].starts_with("[:") => out.push_str(r"\["),
            // `[]a]` and `[^]a]`: a bracket that stands first is an ordinary character.
            (']', Some(start)) if at == start => out.push_str(r"\]"),
            (']', Some(_)) if !named_class_ends(pattern, at) => {
                class = None;
                out.push(']');
            }
            ('&' | '~', Some(_)) => out.extend(['\\', c]),
            ('{', None) if !is_repetition(&pattern[at..]) => out.push_str(r"\{"),
            _ => out.push(c),
        }
    }
    out
}

/// Offset of the first character of the class that opens at `at`.
fn class_start(pattern: &str, at: usize) -> usize {
    at + if pattern[at..].starts_with("[^") { 2 } else { 1 }
}

/// Whether this bracket ends `[:alpha:]` rather than the class around it.
fn named_class_ends(pattern: &str, at: usize) -> bool {
    let before = &pattern[..at];
    let word = |open: usize| {
        before[open + 2..].trim_end_matches(':').trim_start_matches('^').bytes().all(|b| b.is_ascii_alphabetic())
    };
    before.ends_with(':') && before.rfind("[:").is_some_and(|open| open + 2 < at && word(open))
}

/// `{3}`, `{3,}`, `{3,5}`.
fn is_repetition(rest: &str) -> bool {
    let Some((inside, _)) = rest[1..].split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perl_is_read_as_perl() {
        for (perl, expected) in [
            (r"(?<json>{.+})", r"(?<json>\{.+})"),
            (r"a{3}b{2,}c{1,5}d{,5}", r"a{3}b{2,}c{1,5}d\{,5}"),
            (r"[^[]+[]a]", r"[^\[]+[\]a]"),
            (r"[[:alpha:]_]{2}", r"[[:alpha:]_]{2}"),
            (r"\{x\}\/\Z", r"\{x\}\/\z"),
            (r"[a&&b~~]", r"[a\&\&b\~\~]"),
            (r#"\"x\" \<y"#, r#"\"x\" <y"#),
            (r"東{京}", r"東\{京}"),
            ("\\", "\\"),
            ("[", "["),
            ("[:]", "[:]"),
        ] {
            assert_eq!(translate(perl), expected, "{perl}");
        }
        for valid in [r"(?<json>{.+})", r"[^[]+[]a]", r"[[:alpha:]_]{2}", r"[a&&b~~]", r"\h+[\h]"] {
            assert!(regex::Regex::new(&translate(valid)).is_ok(), "{valid}");
        }
    }
}
