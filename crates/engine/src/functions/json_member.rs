//! A member of a record's outermost object, found by its key and judged by what follows it: the members that conditions ask
//! for most (`managementEvent`, `readOnly`) stand near the end of a record, and walking there costs several times as much.

use memchr::memchr2;
use memchr::memmem::Finder;

/// What is known of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member<'a> {
    /// The object has none of the name.
    Absent,
    /// The JSON text of its value.
    Value(&'a str),
    /// The record has to be walked.
    Unsure,
}

/// Looks for a member of the outermost object of `json`. `sign` finds the key with its quotes; it has no escapes.
pub(crate) fn member<'a>(json: &'a str, sign: &Finder<'_>) -> Member<'a> {
    let bytes = json.as_bytes();
    // A key may be written with escapes.
    let escapes = || memchr::memmem::find(bytes, b"\\u").is_some();
    let Some(at) = sign.find(bytes) else {
        return if escapes() { Member::Unsure } else { Member::Absent };
    };
    let after = at + sign.needle().len();
    // An early member is soon walked to.
    if after * 2 < bytes.len() || sign.find(&bytes[after..]).is_some() || escapes() {
        return Member::Unsure;
    }
    let before = bytes[..at].iter().rfind(|byte| !byte.is_ascii_whitespace());
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let colon = blanks(bytes, after);
    // Else it is within a text, or is no key.
    if !matches!(before, Some(b'{' | b',')) || first != Some(&b'{') || bytes.get(colon) != Some(&b':') {
        return Member::Unsure;
    }
    let start = blanks(bytes, colon + 1);
    match value_end(bytes, start) {
        Some(Ends { value, outermost: true }) => Member::Value(json[start..value].trim_ascii_end()),
        Some(Ends { outermost: false, .. }) => Member::Absent,
        None => Member::Unsure,
    }
}

/// Where a member's value ends, and whether the object around it is the outermost.
struct Ends {
    value: usize,
    outermost: bool,
}

fn value_end(bytes: &[u8], start: usize) -> Option<Ends> {
    let (mut at, mut depth, mut value) = (start, 1_usize, None);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = text_end(bytes, at)?,
            b'{' | b'[' => depth += 1,
            b',' if depth == 1 && value.is_none() => value = Some(at),
            b'}' | b']' => {
                if depth == 1 && value.is_none() {
                    value = Some(at);
                }
                depth -= 1;
                if depth == 0 {
                    let value = value?;
                    return Some(Ends { value, outermost: blanks(bytes, at + 1) == bytes.len() });
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The place of the quote that ends the text which begins at `start`.
fn text_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

fn blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use query::pipeline::PathStep;

    use super::super::json;
    use super::*;

    fn found(text: &str) -> Member<'_> {
        member(text, &Finder::new("\"k\""))
    }

    #[test]
    fn a_late_member_of_the_outermost_object_is_found() {
        for (text, value) in [
            (r#"{"aaaaaaa":1,"k":true}"#, "true"),
            (r#"{"aaaaaaa":{"b":[1,"}"]},"k" : {"x":"]}\""} , "z":[{}]}"#, r#"{"x":"]}\""}"#),
            ("{\"aaaaaaa\":1,\n\t\"k\":\n [1,{\"a\":2}]\n}\n", "[1,{\"a\":2}]"),
            (r#"{"aaaaaaa":"k","k":""}"#, "\"\""),
        ] {
            let last = text.rfind("\"k\"").unwrap();
            let wanted = if text.find("\"k\"").unwrap() == last { Member::Value(value) } else { Member::Unsure };
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_told_is_walked() {
        for text in [
            r#"{"k":1,"aaaaaaaaaaaaaaaaaaa":2}"#,
            r#"{"aaaaaaaaaaaaaa":1,"k":1,"k":2}"#,
            r#"{"aaaa\u0061aaaaaaaaa":1,"k":1}"#,
            r#"{"aaaaaaaaaaaaaaaaaaaaaaa":"b \"k"}"#,
            r#"{"aaaaaaaaaaaaaaaaaaaaaaa":"k"}"#,
            r#"["aaaaaaaaaaaaaaaaaaaaaaa",{"k":1}]"#,
            r#"{"aaaaaaaaaaaaaaaaaaaaaaa":1,"k":"#,
            r#"{"aaaaaaaaaaaaaaaaaaaaaaa":1,"k":"b}"#,
        ] {
            assert_eq!(found(text), Member::Unsure, "{text}");
        }
        for text in ["{}", "", r#"{"aaaaaaaaaaaaaaaaa":{"k":1}}"#, r#"{"aaaaaaaaaaaa":[{"k":1}],"b":"k1"}"#] {
            assert_eq!(found(text), Member::Absent, "{text}");
        }
    }

    #[test]
    fn it_is_what_walking_finds() {
        let mut state = 7_u64;
        let mut pick = |of: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % of
        };
        let (mut told, mut absent) = (0, 0);
        for _ in 0..20_000 {
            let mut text = String::new();
            object(&mut text, &mut pick, 0);
            let walked = json::raw(&text, &[PathStep::Key("k".to_owned())]);
            match found(&text) {
                Member::Unsure => continue,
                Member::Absent => {
                    absent += 1;
                    assert_eq!(walked, None, "{text}");
                }
                Member::Value(value) => {
                    told += 1;
                    assert_eq!(walked.as_deref(), Some(value), "{text}");
                }
            }
        }
        assert!(told > 300 && absent > 300, "{told} told, {absent} absent");
    }

    fn object(out: &mut String, pick: &mut dyn FnMut(usize) -> usize, depth: usize) {
        out.push('{');
        for n in 0..pick(5) {
            if n > 0 {
                out.push_str([",", " , "][pick(2)]);
            }
            out.push_str(["\"a\"", "\"bk\"", "\"k\"", "\"long name\"", "\"\\u006b\"", "\"c\\\"\"", "\"d\""][pick(7)]);
            out.push_str([":", ": ", " :"][pick(3)]);
            value(out, pick, depth + 1);
        }
        out.push('}');
    }

    fn value(out: &mut String, pick: &mut dyn FnMut(usize) -> usize, depth: usize) {
        match pick(if depth > 3 { 6 } else { 9 }) {
            0 => out.push_str("true"),
            1 => out.push_str("\"k\""),
            2 => out.push_str("\"a \\\"k\\\": }\""),
            3 => out.push_str("-1.5e3"),
            4 => out.push_str("null"),
            5 => out.push_str("\"\\\\\""),
            6 => {
                out.push('[');
                for n in 0..pick(3) {
                    if n > 0 {
                        out.push(',');
                    }
                    value(out, pick, depth + 1);
                }
                out.push(']');
            }
            _ => object(out, pick, depth),
        }
    }
}
