//! String escapes of JSON, read leniently: a log is not refused over a broken escape.

/// Appends the text that a string's content stands for. Lone surrogates and broken `\u` become U+FFFD; an unknown escape
/// stands for itself.
pub(crate) fn unescape(content: &str, into: &mut String) {
    let mut rest = content;
    while let Some(at) = rest.find('\\') {
        into.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let Some(letter) = escape.chars().next() else { return };
        let plain = match letter {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let (character, length) = unicode_escape(&escape[1..]);
                into.push(character);
                rest = &escape[1 + length..];
                continue;
            }
            other => other,
        };
        into.push(plain);
        rest = &escape[letter.len_utf8()..];
    }
    into.push_str(rest);
}

/// The character of the digits after `\u` and how many bytes it took, a following low surrogate included.
fn unicode_escape(digits: &str) -> (char, usize) {
    let Some(first) = hex(digits) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(character) = char::from_u32(first) {
        return (character, 4);
    }
    let second = digits.get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(hex);
    match second {
        Some(low @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 10)
        }
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

fn hex(digits: &str) -> Option<u32> {
    let four = digits.get(..4).filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(four, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, expected: &str) {
        let mut text = String::new();
        unescape(content, &mut text);
        assert_eq!(text, expected, "{content}");
    }

    #[test]
    fn escapes() {
        check(r#"a\"b\\c\/d\n\t\r\b\f"#, "a\"b\\c/d\n\t\r\u{8}\u{c}");
        check(r"\u3042\u0000\u00e9", "あ\0é");
        check(r"\ud83d\ude00!", "😀!");
        check(r"\ud83d x \ude00", "\u{fffd} x \u{fffd}");
        check(r"\ud83d\u0041", "\u{fffd}A");
        check(r"\u12", "\u{fffd}12");
        check(r"\u+123", "\u{fffd}+123");
        check(r"\あ\x", "あx");
        check("end\\", "end");
    }
}
