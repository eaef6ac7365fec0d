//! Texts that come from logs, made harmless: whoever is logged chooses them. Control characters (ANSI escapes and line ends
//! among them) and characters that turn the direction of writing or have no width are replaced, so that a message shows
//! what it says. What a format needs beyond that (HTML, Slack, JSON) is escaped where the format is written.

/// Stands for what was taken out.
const REPLACEMENT: char = '\u{FFFD}';

/// Characters that make a text look like another one.
const fn deceives(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One line of at most `most` characters.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    let clean = |c: char| match c {
        '\t' | '\n' | '\r' => ' ',
        c if c.is_control() || deceives(c) => REPLACEMENT,
        c => c,
    };
    cut(text.chars().map(clean), most)
}

fn cut(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut out = String::new();
    for (n, c) in chars.enumerate() {
        if n == most {
            out.pop();
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

/// For HTML, text and quoted attributes alike.
#[must_use]
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_show_what_they_say() {
        let check = |text: &str, expected: &str| assert_eq!(line(text, 20), expected, "{text:?}");
        check("alice", "alice");
        check("日本語 ok", "日本語 ok");
        check("a\r\nBcc: b\tc", "a  Bcc: b c");
        check("\u{1b}[31mred\u{1b}[0m", "\u{FFFD}[31mred\u{FFFD}[0m");
        check("user\u{202E}gpj.exe", "user\u{FFFD}gpj.exe");
        check("a\u{200B}b\u{2028}c\u{FEFF}\u{9b}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}");
        check("12345678901234567890", "12345678901234567890");
        check("123456789012345678901", "1234567890123456789…");
    }

    #[test]
    fn html_is_text() {
        assert_eq!(html("<b a='x\"'>&"), "&lt;b a=&#39;x&quot;&#39;&gt;&amp;");
    }
}
