//! JSON with the place of everything in it, so that a message can point at a value. What people paste is accepted: a
//! trailing comma, comments, and the triple quotation marks of the developer tools.

use crate::{diagnostic::Diagnostic, span::Span};

/// Deepest nesting of objects and arrays.
const DEEPEST: usize = 100;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub value: Value,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub name: String,
    pub span: Span,
    pub node: Node,
}

impl Node {
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.node)
    }

    /// The elements of an array; anything else is one.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// A scalar as text.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<f64> {
        self.text()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub fn count(&self) -> Option<u64> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.number().filter(|number| *number >= 0.0 && *number < 9e15).map(|number| number as u64)
    }

    pub fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(truth) => Some(*truth),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// As plain JSON.
    pub fn plain(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => (*truth).into(),
            Value::Number(number) => serde_json::from_str(number).unwrap_or_default(),
            Value::Text(text) => text.clone().into(),
            Value::Array(items) => items.iter().map(Self::plain).collect(),
            Value::Object(members) => members.iter().map(|member| (member.name.clone(), member.node.plain())).collect(),
        }
    }

    /// All places moved to one: JSON inside a text of JSON is pointed at as a whole.
    pub fn placed(mut self, span: Span) -> Self {
        self.span = span;
        self.value = match self.value {
            Value::Array(items) => Value::Array(items.into_iter().map(|item| item.placed(span)).collect()),
            Value::Object(members) => Value::Object(
                members.into_iter().map(|member| Member { span, node: member.node.placed(span), ..member }).collect(),
            ),
            other => other,
        };
        self
    }
}

/// Reads a document that begins at `from`.
///
/// # Errors
/// The first thing that is not JSON.
pub(super) fn parse(text: &str, from: usize) -> Result<Node, Diagnostic> {
    let mut reader = Reader { text, at: from, depth: 0 };
    let node = reader.value()?;
    reader.blanks();
    // `_msearch` and the developer tools put one request after another.
    if reader.at < text.len() {
        let span = Span::new(reader.at, text.len());
        return Err(Diagnostic::error("dsl.json", "the JSON ends here, and something follows", span));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            let skipped = rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") || trimmed.starts_with('#') {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                0
            };
            self.at += skipped + comment;
            if comment == 0 {
                return;
            }
        }
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn wrong(&self, wanted: &str) -> Diagnostic {
        let span = Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8));
        let message = match self.peek() {
            Some(c) => format!("not JSON: `{c}` where {wanted} is expected"),
            None => format!("not JSON: the text ends where {wanted} is expected"),
        };
        Diagnostic::error("dsl.json", message, span)
    }

    fn value(&mut self) -> Result<Node, Diagnostic> {
        self.blanks();
        let start = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Diagnostic::error("dsl.too-deep", "the JSON is nested too deeply", Span::new(start, start)));
        }
        let value = match self.peek() {
            Some('{') => self.object()?,
            Some('[') => self.array()?,
            Some('"') => Value::Text(self.string()?),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number()?,
            _ if self.take("true") => Value::Bool(true),
            _ if self.take("false") => Value::Bool(false),
            _ if self.take("null") => Value::Null,
            _ => return Err(self.wrong("a value")),
        };
        self.depth -= 1;
        Ok(Node { value, span: Span::new(start, self.at) })
    }

    fn object(&mut self) -> Result<Value, Diagnostic> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.blanks();
            if self.take("}") {
                return Ok(Value::Object(members));
            }
            if self.peek() != Some('"') {
                return Err(self.wrong("a name in quotation marks"));
            }
            let start = self.at;
            let name = self.string()?;
            let span = Span::new(start, self.at);
            self.blanks();
            if !self.take(":") {
                return Err(self.wrong("`:`"));
            }
            let node = self.value()?;
            members.push(Member { name, span, node });
            self.blanks();
            if !self.take(",") && self.peek() != Some('}') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
    }

    fn array(&mut self) -> Result<Value, Diagnostic> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks();
            if self.take("]") {
                return Ok(Value::Array(items));
            }
            items.push(self.value()?);
            self.blanks();
            if !self.take(",") && self.peek() != Some(']') {
                return Err(self.wrong("`,` or `]`"));
            }
        }
    }

    fn number(&mut self) -> Result<Value, Diagnostic> {
        let end = self.rest().find(|c: char| !"+-.eE".contains(c) && !c.is_ascii_digit()).unwrap_or(self.rest().len());
        let digits = self.rest()[..end].to_owned();
        if digits.parse::<f64>().is_err() {
            return Err(self.wrong("a number"));
        }
        self.at += end;
        Ok(Value::Number(digits))
    }

    fn string(&mut self) -> Result<String, Diagnostic> {
        let start = self.at;
        let unclosed =
            |text: &str| Diagnostic::error("dsl.json", "the quotation is not closed", Span::new(start, text.len()));
        if self.take("\"\"\"") {
            let Some(end) = self.rest().find("\"\"\"") else { return Err(unclosed(self.text)) };
            let text = self.rest()[..end].to_owned();
            self.at += end + 3;
            return Ok(text);
        }
        self.at += 1;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => self.escape(&mut out),
                c => out.push(c),
            }
        }
        Err(unclosed(self.text))
    }

    fn escape(&mut self, out: &mut String) {
        let Some(c) = self.peek() else { return };
        self.at += c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => out.push(self.unicode()),
            other => out.push(other),
        }
    }

    fn unicode(&mut self) -> char {
        let mut unit = || {
            let code = self.rest().get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok())?;
            self.at += 4;
            Some(code)
        };
        let Some(first) = unit() else { return char::REPLACEMENT_CHARACTER };
        if !(0xd800..0xdc00).contains(&first) || !self.take("\\u") {
            return char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let second = self.rest().get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
        self.at += if second.is_some() { 4 } else { 0 };
        let pair = char::decode_utf16([first, second.unwrap_or_default()]).next();
        pair.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<serde_json::Value, String> {
        parse(text, 0).map(|node| node.plain()).map_err(|error| error.message)
    }

    #[test]
    fn documents() {
        let text = r#" {"a": [1, -2.5e3, true, null, "x\"\u00e9\ud83d\ude00"], "b": {}} "#;
        assert_eq!(read(text), Ok(serde_json::from_str(text).unwrap_or_default()));
        assert_eq!(read("{\"a\": 1,} // end"), Ok(serde_json::json!({"a": 1})));
        assert_eq!(read("{\"a\": \"\"\"x \"y\" \"\"\"}").map(|v| v.is_object()), Ok(true));
        for text in ["", "{", "[1", "{\"a\" 1}", "{a: 1}", "\"x", "1 2", "tru", "-", "{\"a\":\"\\"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn places() {
        let node = parse(r#"{"ab": "cd"}"#, 0).ok();
        let spans = node.map(|node| (node.members()[0].span, node.members()[0].node.span));
        assert_eq!(spans, Some((Span::new(1, 5), Span::new(7, 11))));
    }
}
