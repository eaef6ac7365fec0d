//! Patterns: wildcards with escapes, Lucene's regular expressions, and words within some edits, as regular expressions
//! of the engine. All of them run in linear time.

use std::net::IpAddr;

use serde::Serialize;

/// Longest word that is searched within edits: the expression grows with its square.
const LONGEST_FUZZY: usize = 24;

/// A piece of a wildcard pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Piece {
    Text(String),
    /// `*`: any characters.
    Many,
    /// `?`: one character.
    One,
}

/// A wildcard pattern, escapes already taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pattern(pub Vec<Piece>);

impl Pattern {
    /// Reads `*`, `?` and backslash escapes.
    pub fn parse(text: &str) -> Self {
        let mut pattern = Self::default();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => pattern.push(chars.next().unwrap_or('\\')),
                '*' => pattern.many(),
                '?' => pattern.0.push(Piece::One),
                c => pattern.push(c),
            }
        }
        pattern
    }

    pub fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.0.push(Piece::Text(c.to_string())),
        }
    }

    /// `**` means no more than `*`.
    pub fn many(&mut self) {
        if self.0.last() != Some(&Piece::Many) {
            self.0.push(Piece::Many);
        }
    }

    /// `*` alone.
    pub fn is_anything(&self) -> bool {
        self.0 == [Piece::Many]
    }

    pub fn is_plain(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// The pattern's characters, wildcards as they are typed.
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Many => "*",
                Piece::One => "?",
            })
            .collect()
    }

    /// As the engine's glob, which knows `*` alone and no escapes; none where that would mean something else.
    pub fn glob(&self) -> Option<String> {
        let plain = |piece: &Piece| match piece {
            Piece::Text(text) => !text.contains('*'),
            Piece::Many => true,
            Piece::One => false,
        };
        self.0.iter().all(plain).then(|| self.text())
    }

    /// A regular expression that the whole value matches.
    pub fn regex(&self, any_case: bool) -> String {
        format!("(?s{}){}", if any_case { "i" } else { "" }, anchored(&self.body(".*", ".")))
    }

    /// A regular expression of a word inside a text; a star at an end means that the word goes on there.
    pub fn word(&self) -> String {
        let open = |piece: Option<&Piece>| if piece == Some(&Piece::Many) { "" } else { r"\b" };
        let inner: Vec<&Piece> = {
            let from = usize::from(self.0.first() == Some(&Piece::Many));
            let to = self.0.len() - usize::from(self.0.len() > from && self.0.last() == Some(&Piece::Many));
            self.0[from..to].iter().collect()
        };
        let body: String = inner.into_iter().map(|piece| part(piece, r"[^\s\x22]*", r"[^\s\x22]")).collect();
        let edge = |at: Option<char>, piece: Option<&Piece>| {
            if at.is_some_and(|c| c.is_alphanumeric() || c == '_') { open(piece) } else { "" }
        };
        let text = self.text();
        let (first, last) = (text.trim_matches('*').chars().next(), text.trim_matches('*').chars().next_back());
        format!("(?i){}{body}{}", edge(first, self.0.first()), edge(last, self.0.last()))
    }

    fn body(&self, many: &str, one: &str) -> String {
        self.0.iter().map(|piece| part(piece, many, one)).collect()
    }
}

fn part(piece: &Piece, many: &str, one: &str) -> String {
    match piece {
        Piece::Text(text) => regex::escape(text),
        Piece::Many => many.to_owned(),
        Piece::One => one.to_owned(),
    }
}

/// The expression for the whole value.
pub(crate) fn anchored(body: &str) -> String {
    format!("^(?:{body})$")
}

/// Words of a text as the standard analyser cuts them, roughly: runs of letters and digits, dots, colons and apostrophes
/// between them belonging to the word.
pub(crate) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let inside = |at: usize| {
        let around = at.checked_sub(1).and_then(|before| Some((chars.get(before)?, chars.get(at + 1)?)));
        match chars[at] {
            '.' | '\'' | '\u{2019}' => around
                .is_some_and(|(a, b)| (a.is_alphabetic() && b.is_alphabetic()) || (a.is_numeric() && b.is_numeric())),
            ':' => around.is_some_and(|(a, b)| a.is_alphabetic() && b.is_alphabetic()),
            c => c.is_alphanumeric() || c == '_',
        }
    };
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        match words.last_mut() {
            Some(word) if inside(at) => word.push(*c),
            Some(word) if !word.is_empty() => words.push(String::new()),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A regular expression that finds these words one after another in a text, at most `slop` words between two of them;
/// `prefix`: the last one may go on.
pub(crate) fn phrase(words: &[String], slop: u32, prefix: bool) -> String {
    let gap = if slop == 0 {
        r"[^\pL\pN_]+".to_owned()
    } else {
        format!(r"[^\pL\pN_]+(?:[\pL\pN_.']+[^\pL\pN_]+){{0,{slop}}}")
    };
    let joined: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    format!(r"(?i)\b{}{}", joined.join(&gap), if prefix { "" } else { r"\b" })
}

/// Lucene's regular expression as the engine's: `"…"` is literal, `@` any text, `~` and `&` are not there, `<1-9>` is a
/// range of numbers. Anchored at both ends.
///
/// # Errors
/// What the expression uses and the engine has not.
pub(crate) fn lucene_regex(text: &str, any_case: bool) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str(&escape_of(chars.next())),
            '[' if !class => {
                class = true;
                out.push('[');
            }
            '[' => out.push_str(r"\["),
            ']' => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => out.extend(['\\', c]),
            '~' => return Err("the complement `~` is not supported".into()),
            '&' => return Err("the intersection `&` is not supported".into()),
            '<' if !class => return Err("a range of numbers `<a-b>` is not supported".into()),
            '@' if !class => out.push_str(".*"),
            '#' if !class => return Err("the empty language `#` is not supported".into()),
            '"' if !class => {
                let literal: String = chars.by_ref().take_while(|c| *c != '"').collect();
                out.push_str(&regex::escape(&literal));
            }
            '^' | '$' if !class => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    let pattern = format!("(?s{}){}", if any_case { "i" } else { "" }, anchored(&out));
    regex::RegexBuilder::new(&pattern).size_limit(4 << 20).build().map_err(|error| reason(&error))?;
    Ok(pattern)
}

/// In Lucene a backslash takes any character's meaning away, but for the classes `\d`, `\s`, `\w`.
fn escape_of(c: Option<char>) -> String {
    match c {
        Some(c @ ('d' | 'D' | 's' | 'S' | 'w' | 'W')) => format!("\\{c}"),
        Some(c) => regex::escape(&c.to_string()),
        None => r"\\".to_owned(),
    }
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    }
}

/// Edits that OpenSearch's `AUTO` allows.
pub(crate) fn automatic_edits(word: &str) -> u32 {
    match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// A regular expression of everything within so many edits (insert, delete, replace, swap two) of a word; none where the
/// word is too long for it.
pub(crate) fn fuzzy(word: &str, edits: u32) -> Option<String> {
    let plain: Vec<Option<char>> = word.chars().map(Some).collect();
    if plain.len() > LONGEST_FUZZY {
        return None;
    }
    let mut all = std::collections::BTreeSet::from([plain]);
    for _ in 0..edits.min(2) {
        all = all.iter().flat_map(|word| within_one(word)).chain(all.iter().cloned()).collect();
    }
    let one = |word: &Vec<Option<char>>| -> String {
        word.iter().map(|c| c.map_or_else(|| ".".to_owned(), |c| regex::escape(&c.to_string()))).collect()
    };
    Some(all.iter().map(one).collect::<Vec<_>>().join("|"))
}

/// The words one edit away; none stands for any character.
fn within_one(word: &[Option<char>]) -> Vec<Vec<Option<char>>> {
    let mut out = Vec::new();
    let spliced = |from: usize, to: usize, with: &[Option<char>]| [&word[..from], with, &word[to..]].concat();
    for at in 0..=word.len() {
        out.push(spliced(at, at, &[None]));
        if at < word.len() {
            out.push(spliced(at, at + 1, &[]));
            out.push(spliced(at, at + 1, &[None]));
        }
        if at + 1 < word.len() {
            out.push(spliced(at, at + 2, &[word[at + 1], word[at]]));
        }
    }
    out
}

/// The address blocks between two addresses (each with whether it belongs to the range itself).
pub(crate) fn blocks(from: Option<(IpAddr, bool)>, to: Option<(IpAddr, bool)>) -> Vec<String> {
    let v4 = matches!((from, to), (Some((IpAddr::V4(_), _)), _) | (None, Some((IpAddr::V4(_), _))));
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), true),
        IpAddr::V6(address) => (u128::from(address), false),
    };
    let width: u32 = if v4 { 32 } else { 128 };
    let most = if v4 { u128::from(u32::MAX) } else { u128::MAX };
    let end = |bound: Option<(IpAddr, bool)>, open: u128, step: fn(u128) -> Option<u128>| match bound {
        None => Some(open),
        Some((address, inclusive)) => {
            let (value, of_v4) = bits(address);
            (of_v4 == v4).then_some(value).and_then(|value| if inclusive { Some(value) } else { step(value) })
        }
    };
    let (Some(mut at), Some(last)) = (end(from, 0, |v| v.checked_add(1)), end(to, most, |v| v.checked_sub(1))) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    while at <= last {
        // The largest block that begins here and does not pass the end.
        let mut host = if at == 0 { width } else { at.trailing_zeros().min(width) };
        let size = |host: u32| 1_u128.checked_shl(host).map_or(u128::MAX, |size| size - 1);
        while at.checked_add(size(host)).is_none_or(|end| end > last) {
            host -= 1;
        }
        let shown = if v4 {
            IpAddr::V4(std::net::Ipv4Addr::from(u32::try_from(at).unwrap_or_default()))
        } else {
            IpAddr::V6(std::net::Ipv6Addr::from(at))
        };
        out.push(format!("{shown}/{}", width - host));
        match at.checked_add(size(host)).and_then(|end| end.checked_add(1)) {
            Some(next) => at = next,
            None => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_addresses() {
        let check = |from: &str, to: &str, inclusive: bool, wanted: &[&str]| {
            let end = |text: &str, inclusive| text.parse::<IpAddr>().ok().map(|address| (address, inclusive));
            assert_eq!(blocks(end(from, true), end(to, inclusive)), wanted, "{from} {to}");
        };
        check("10.0.0.0", "10.0.0.255", true, &["10.0.0.0/24"]);
        check("10.0.0.1", "10.0.0.4", false, &["10.0.0.1/32", "10.0.0.2/31"]);
        check("", "0.0.0.1", true, &["0.0.0.0/31"]);
        check("0.0.0.0", "255.255.255.255", true, &["0.0.0.0/0"]);
        check("2001:db8::", "2001:db8::ffff", true, &["2001:db8::/112"]);
        check("10.0.0.9", "10.0.0.1", true, &[]);
        check("10.0.0.9", "2001:db8::", true, &[]);
    }

    fn finds(pattern: &str, text: &str) -> bool {
        regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
    }

    #[test]
    fn wildcards() {
        for (pattern, text, whole, glob) in [
            ("Run*", "RunInstances", true, Some("Run*")),
            ("Run*", "runInstances", false, Some("Run*")),
            ("Run?nstances", "RunInstances", true, None),
            (r"a\*b", "a*b", true, None),
            (r"a\*b", "axb", false, None),
            ("a.c", "abc", false, Some("a.c")),
            ("**", "", true, Some("*")),
        ] {
            let parsed = Pattern::parse(pattern);
            assert_eq!(finds(&parsed.regex(false), text), whole, "{pattern} {text}");
            assert_eq!(parsed.glob().as_deref(), glob, "{pattern}");
        }
    }

    #[test]
    fn words_of_a_text() {
        let check = |text: &str, wanted: &[&str]| assert_eq!(words(text), wanted, "{text}");
        check("User: alice is not-authorized", &["User", "alice", "is", "not", "authorized"]);
        check("iam.amazonaws.com, 10.0.0.1.", &["iam.amazonaws.com", "10.0.0.1"]);
        check("-", &[]);
        check("東京 x_y", &["東京", "x_y"]);
    }

    #[test]
    fn words_inside_texts() {
        for (pattern, text, found) in [
            ("denied", "Access Denied.", true),
            ("deni", "Access Denied.", false),
            ("deni*", "Access Denied.", true),
            ("*nied", "Access Denied.", true),
            ("*uthor*", "not authorized", true),
        ] {
            assert_eq!(finds(&Pattern::parse(pattern).word(), text), found, "{pattern} {text}");
        }
        let phrase = |text: &str, slop, prefix| phrase(&words(text), slop, prefix);
        assert!(finds(&phrase("not authorized", 0, false), "is NOT  authorized to"));
        assert!(!finds(&phrase("is authorized", 0, false), "is not authorized"));
        assert!(finds(&phrase("is authorized", 1, false), "is not authorized"));
        assert!(finds(&phrase("not auth", 0, true), "is not authorized"));
    }

    #[test]
    fn lucene_expressions() {
        for (pattern, text, found) in [
            ("Run.*", "RunInstances", true),
            ("Run", "RunInstances", false),
            ("(Get|Put).*", "PutObject", true),
            ("a@", "abc", true),
            (r"a\.b", "a.b", true),
            (r#""a.b""#, "axb", false),
            ("[A-Z]{3}", "ABC", true),
        ] {
            let regex = lucene_regex(pattern, false).unwrap_or_default();
            assert_eq!(finds(&regex, text), found, "{pattern} {text}");
        }
        assert!(lucene_regex("~a", false).is_err());
        assert!(lucene_regex("(a", false).is_err());
    }

    #[test]
    fn edits() {
        let near = |word: &str, edits, text: &str| fuzzy(word, edits).is_some_and(|body| finds(&anchored(&body), text));
        for (text, found) in [("alice", true), ("alcie", true), ("alic", true), ("alicee", true), ("bob", false)] {
            assert_eq!(near("alice", 1, text), found, "{text}");
        }
        assert!(near("alice", 2, "alix"));
        assert_eq!(fuzzy(&"a".repeat(30), 2), None);
    }
}
