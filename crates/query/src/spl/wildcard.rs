//! `*` in field names: matching, and what the stars stood for.

/// Whether `name` matches a pattern whose `*` stand for any characters.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    captures(pattern, name).is_some()
}

/// What each `*` stood for; a leading star takes as little as it can.
pub(crate) fn captures<'n>(pattern: &str, name: &'n str) -> Option<Vec<&'n str>> {
    let mut parts = pattern.split('*');
    let mut rest = name.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() {
            rest.len().checked_sub(part.len()).filter(|_| rest.ends_with(part))?
        } else {
            rest.find(part)?
        };
        found.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(found)
}

/// Puts what the stars of one pattern stood for into the stars of another.
pub(crate) fn fill(pattern: &str, captures: &[&str]) -> String {
    let mut captures = captures.iter();
    let mut out = String::new();
    for (index, part) in pattern.split('*').enumerate() {
        if index > 0 {
            out.push_str(captures.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_and_capture() {
        for (pattern, name, expected) in [
            ("*", "abc", Some(vec!["abc"])),
            ("a.*", "a.b.c", Some(vec!["b.c"])),
            ("a.*", "b.c", None),
            ("*Time", "firstTime", Some(vec!["first"])),
            ("a*c*e", "abcde", Some(vec!["b", "d"])),
            ("abc", "abc", Some(vec![])),
            ("abc", "abcd", None),
            ("a*a", "a", None),
        ] {
            assert_eq!(captures(pattern, name), expected, "{pattern} {name}");
        }
        assert_eq!(fill("x.*.*", &["a", "b"]), "x.a.b");
        assert_eq!(fill("*", &["a"]), "a");
    }
}
