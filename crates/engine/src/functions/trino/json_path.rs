//! The path language of SQL/JSON, as `json_value`, `json_query` and `json_exists` take it: members, elements, wildcards,
//! descendants, filters and item methods, in lax mode (arrays open by themselves, what is not there is nothing) or strict.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

/// A path that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    strict: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Members,
    /// Indexes and ranges of them; all elements where there are none.
    Elements(Vec<(Index, Option<Index>)>),
    Descendants(String),
    Filter(Condition),
    Method(Method),
}

/// From the start, or from the last element.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Index {
    At(i64),
    Last(i64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Method {
    Abs,
    Ceiling,
    Double,
    Floor,
    Size,
    Type,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Exists(Operand),
    StartsWith(Operand, Operand),
    Compare(Operand, Comparison, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Literal(Value),
    Variable(String),
    /// From the item that is filtered (`@`).
    Item(Vec<Step>),
    /// From the whole value (`$`).
    Root(Vec<Step>),
}

/// Steps, filters and operands inside one another.
const MOST_NESTED: usize = 64;

/// Items that a path gives, at most.
const MOST_ITEMS: usize = 100_000;

/// The values of `PASSING`, by name.
pub(super) type Variables = [(String, Value)];

impl Path {
    /// Reads a path; says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (strict, rest) = match (strip_word(text, "strict"), strip_word(text, "lax")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => (false, text),
        };
        let mut reader = Reader { chars: rest.chars().peekable(), depth: 0 };
        reader.blanks();
        if !reader.take('$') {
            // Athena's functions take a path without its root, too.
            let steps = super::json::steps(rest).into_iter().map(Step::of).collect();
            return Ok(Self { strict, steps });
        }
        let steps = reader.steps()?;
        reader.blanks();
        match reader.chars.next() {
            None => Ok(Self { strict, steps }),
            Some(c) => Err(format!("`{c}` is not expected there")),
        }
    }

    /// What the path means in a value. An error: what it asks for is not there, which strict mode does not pass over, or is of
    /// another kind than the path needs.
    pub(super) fn items(&self, root: &Value, variables: &Variables) -> Result<Vec<Value>, String> {
        let walk = Walk { strict: self.strict, root, variables };
        walk.steps(vec![root.clone()], &self.steps)
    }
}

impl Step {
    fn of(step: query::pipeline::PathStep) -> Self {
        use query::pipeline::PathStep;
        match step {
            PathStep::Key(key) => Self::Member(key),
            PathStep::Index(index) => Self::Elements(vec![(Index::At(index), None)]),
            PathStep::Each | PathStep::Elements => Self::Elements(Vec::new()),
            PathStep::Any => Self::Members,
        }
    }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = (text.get(..word.len())?, text.get(word.len()..)?);
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then_some(rest)
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    depth: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.chars.next_if(|c| c.is_whitespace()).is_some() {}
    }

    fn take(&mut self, wanted: char) -> bool {
        self.chars.next_if_eq(&wanted).is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.blanks();
        if self.take(wanted) { Ok(()) } else { Err(format!("`{wanted}` is expected")) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth >= MOST_NESTED {
            return Err("it is nested too deeply".to_owned());
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            self.blanks();
            match self.chars.peek() {
                Some('.') => {
                    self.chars.next();
                    steps.push(self.member()?);
                }
                Some('[') => {
                    self.chars.next();
                    steps.push(self.elements()?);
                }
                Some('?') => {
                    self.chars.next();
                    self.expect('(')?;
                    let condition = self.deeper(Self::any)?;
                    self.expect(')')?;
                    steps.push(Step::Filter(condition));
                }
                _ => return Ok(steps),
            }
        }
    }

    fn member(&mut self) -> Result<Step, String> {
        if self.take('.') {
            return Ok(Step::Descendants(self.key()?));
        }
        self.blanks();
        if self.take('*') {
            return Ok(Step::Members);
        }
        let quoted = matches!(self.chars.peek(), Some('"'));
        let key = self.key()?;
        self.blanks();
        if quoted || !self.take('(') {
            return Ok(Step::Member(key));
        }
        self.expect(')')?;
        Ok(Step::Method(match key.as_str() {
            "abs" => Method::Abs,
            "ceiling" => Method::Ceiling,
            "double" => Method::Double,
            "floor" => Method::Floor,
            "size" => Method::Size,
            "type" => Method::Type,
            other => return Err(format!("there is no method `{other}()`")),
        }))
    }

    fn key(&mut self) -> Result<String, String> {
        self.blanks();
        if let Some(quote) = self.chars.next_if(|c| matches!(c, '"' | '\'')) {
            return self.quoted(quote);
        }
        let key = self.word(|c| !c.is_whitespace() && !".[]()?@$*,<>=!&|\"".contains(c));
        if key.is_empty() { Err("a member's name is expected".to_owned()) } else { Ok(key) }
    }

    fn word(&mut self, takes: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(c) = self.chars.next_if(|c| takes(*c)) {
            out.push(c);
        }
        out
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut out = String::new();
        while let Some(c) = self.chars.next() {
            match c {
                c if c == quote => return Ok(out),
                '\\' => out.extend(self.chars.next()),
                c => out.push(c),
            }
        }
        Err("a quotation mark is missing".to_owned())
    }

    fn elements(&mut self) -> Result<Step, String> {
        self.blanks();
        if self.take('*') {
            self.expect(']')?;
            return Ok(Step::Elements(Vec::new()));
        }
        if matches!(self.chars.peek(), Some('"' | '\'')) {
            let key = self.key()?;
            self.expect(']')?;
            return Ok(Step::Member(key));
        }
        let mut out = Vec::new();
        loop {
            let from = self.index()?;
            self.blanks();
            let to = match self.word(char::is_alphabetic).as_str() {
                "" => None,
                "to" => Some(self.index()?),
                other => return Err(format!("`{other}` is not expected there")),
            };
            out.push((from, to));
            self.blanks();
            if !self.take(',') {
                self.expect(']')?;
                return Ok(Step::Elements(out));
            }
        }
    }

    fn index(&mut self) -> Result<Index, String> {
        self.blanks();
        let word = self.word(char::is_alphabetic);
        if word == "last" {
            self.blanks();
            let back = if self.take('-') { self.whole()? } else { 0 };
            return Ok(Index::Last(back));
        }
        let negative = self.take('-');
        match (word.as_str(), self.whole()?) {
            ("", number) => Ok(Index::At(if negative { -number } else { number })),
            (other, _) => Err(format!("`{other}` is no index")),
        }
    }

    fn whole(&mut self) -> Result<i64, String> {
        self.blanks();
        let digits = self.word(|c| c.is_ascii_digit());
        digits.parse().map_err(|_| "a whole number is expected".to_owned())
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.both('|') {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.condition()?];
        while self.both('&') {
            parts.push(self.condition()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn both(&mut self, sign: char) -> bool {
        self.blanks();
        self.take(sign) && self.take(sign)
    }

    fn condition(&mut self) -> Result<Condition, String> {
        self.blanks();
        if self.take('!') {
            let inner = self.deeper(Self::condition)?;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.take('(') {
            let inner = self.deeper(Self::any)?;
            self.expect(')')?;
            return Ok(inner);
        }
        let operand = match self.operand()? {
            Operand::Variable(word) if word == "exists" => {
                self.expect('(')?;
                let inner = self.deeper(Self::operand)?;
                self.expect(')')?;
                return Ok(Condition::Exists(inner));
            }
            operand => operand,
        };
        self.blanks();
        let signs = self.word(|c| "=<>!".contains(c));
        let comparison = match signs.as_str() {
            "==" | "=" => Comparison::Eq,
            "!=" | "<>" => Comparison::Ne,
            "<" => Comparison::Lt,
            "<=" => Comparison::Le,
            ">" => Comparison::Gt,
            ">=" => Comparison::Ge,
            "" => {
                let starts = self.word(char::is_alphabetic);
                self.blanks();
                if (starts.as_str(), self.word(char::is_alphabetic).as_str()) != ("starts", "with") {
                    return Err("a comparison is expected".to_owned());
                }
                return Ok(Condition::StartsWith(operand, self.operand()?));
            }
            other => return Err(format!("`{other}` compares nothing")),
        };
        Ok(Condition::Compare(operand, comparison, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        self.blanks();
        match self.chars.peek().copied() {
            Some('@') => {
                self.chars.next();
                self.deeper(Self::steps).map(Operand::Item)
            }
            Some('$') => {
                self.chars.next();
                let name = self.word(|c| c.is_alphanumeric() || c == '_');
                if name.is_empty() {
                    self.deeper(Self::steps).map(Operand::Root)
                } else {
                    Ok(Operand::Variable(format!("${name}")))
                }
            }
            Some(quote @ ('"' | '\'')) => {
                self.chars.next();
                Ok(Operand::Literal(Value::String(self.quoted(quote)?)))
            }
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let number = self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
                let read = serde_json::from_str(&number).map_err(|_| format!("`{number}` is no number"))?;
                Ok(Operand::Literal(read))
            }
            _ => match self.word(char::is_alphabetic).as_str() {
                "true" => Ok(Operand::Literal(Value::Bool(true))),
                "false" => Ok(Operand::Literal(Value::Bool(false))),
                "null" => Ok(Operand::Literal(Value::Null)),
                "exists" => Ok(Operand::Variable("exists".to_owned())),
                other => Err(format!("a value is expected, not `{other}`")),
            },
        }
    }
}

/// One evaluation.
struct Walk<'a> {
    strict: bool,
    root: &'a Value,
    variables: &'a Variables,
}

impl Walk<'_> {
    fn steps(&self, mut items: Vec<Value>, steps: &[Step]) -> Result<Vec<Value>, String> {
        for step in steps {
            let mut next = Vec::new();
            for item in &items {
                self.step(item, step, &mut next)?;
                if next.len() > MOST_ITEMS {
                    return Err(format!("the path gives more than {MOST_ITEMS} values"));
                }
            }
            items = next;
        }
        Ok(items)
    }

    fn step(&self, item: &Value, step: &Step, out: &mut Vec<Value>) -> Result<(), String> {
        // Lax mode looks into an array where a path does not say so.
        let opens = matches!(step, Step::Member(_) | Step::Members | Step::Filter(_) | Step::Method(_));
        let asks_array = matches!(step, Step::Method(Method::Size | Method::Type));
        if let (Value::Array(inner), true, false) = (item, opens && !self.strict, asks_array) {
            return inner.iter().try_for_each(|item| self.one(item, step, out));
        }
        self.one(item, step, out)
    }

    fn one(&self, item: &Value, step: &Step, out: &mut Vec<Value>) -> Result<(), String> {
        match (step, item) {
            (Step::Member(key), Value::Object(fields)) => match fields.get(key) {
                Some(found) => out.push(found.clone()),
                None => self.absent(|| format!("there is no member `{key}`"))?,
            },
            (Step::Member(key), _) => self.absent(|| format!("`{key}` is asked of what is no object"))?,
            (Step::Members, Value::Object(fields)) => out.extend(fields.values().cloned()),
            (Step::Members, _) => self.absent(|| "members are asked of what is no object".to_owned())?,
            (Step::Elements(wanted), Value::Array(items)) => self.elements(items, wanted, out)?,
            (Step::Elements(wanted), other) => {
                self.absent(|| "elements are asked of what is no array".to_owned())?;
                self.elements(std::slice::from_ref(other), wanted, out)?;
            }
            (Step::Descendants(key), item) => descendants(item, key, out),
            (Step::Filter(condition), item) => {
                if self.holds(condition, item)? == Some(true) {
                    out.push(item.clone());
                }
            }
            (Step::Method(method), item) => out.push(applied(*method, item)?),
        }
        Ok(())
    }

    fn absent(&self, message: impl FnOnce() -> String) -> Result<(), String> {
        if self.strict { Err(message()) } else { Ok(()) }
    }

    fn elements(&self, items: &[Value], wanted: &[(Index, Option<Index>)], out: &mut Vec<Value>) -> Result<(), String> {
        if wanted.is_empty() {
            out.extend(items.iter().cloned());
        }
        let last = items.len() as i64 - 1;
        let place = |index: Index| match index {
            Index::At(at) => at,
            Index::Last(back) => last.saturating_sub(back),
        };
        for (from, to) in wanted {
            let (from, to) = (place(*from), place(to.unwrap_or(*from)));
            if from < 0 || to > last || from > to {
                self.absent(|| format!("there is no element {from}"))?;
            }
            let places = from.max(0)..=to.min(last);
            out.extend(places.filter_map(|at| items.get(usize::try_from(at).ok()?).cloned()));
        }
        Ok(())
    }

    /// Whether a condition holds; none: that can't be said.
    fn holds(&self, condition: &Condition, item: &Value) -> Result<Option<bool>, String> {
        Ok(match condition {
            Condition::All(parts) => {
                let found = parts.iter().map(|part| self.holds(part, item)).collect::<Result<Vec<_>, _>>()?;
                if found.contains(&Some(false)) { Some(false) } else { (!found.contains(&None)).then_some(true) }
            }
            Condition::Any(parts) => {
                let found = parts.iter().map(|part| self.holds(part, item)).collect::<Result<Vec<_>, _>>()?;
                if found.contains(&Some(true)) { Some(true) } else { (!found.contains(&None)).then_some(false) }
            }
            Condition::Not(inner) => self.holds(inner, item)?.map(|truth| !truth),
            Condition::Exists(operand) => self.values(operand, item).ok().map(|found| !found.is_empty()),
            Condition::StartsWith(operand, start) => {
                self.some(operand, start, item, |value, start| Some(value.as_str()?.starts_with(start.as_str()?)))
            }
            Condition::Compare(left, comparison, right) => {
                self.some(left, right, item, |left, right| compared(left, *comparison, right))
            }
        })
    }

    /// Whether the test holds for some pair of values.
    fn some(
        &self,
        left: &Operand,
        right: &Operand,
        item: &Value,
        test: impl Fn(&Value, &Value) -> Option<bool>,
    ) -> Option<bool> {
        let (left, right) = (self.values(left, item).ok()?, self.values(right, item).ok()?);
        let mut unknown = false;
        for a in &left {
            for b in &right {
                match test(a, b) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => unknown = true,
                }
            }
        }
        (!unknown).then_some(false)
    }

    fn values(&self, operand: &Operand, item: &Value) -> Result<Vec<Value>, String> {
        let found = match operand {
            Operand::Literal(value) => vec![value.clone()],
            Operand::Variable(name) => {
                let name = name.trim_start_matches('$');
                let known = self.variables.iter().find(|(known, _)| known == name);
                vec![known.ok_or_else(|| format!("nothing is passed as `{name}`"))?.1.clone()]
            }
            Operand::Item(steps) => self.steps(vec![item.clone()], steps)?,
            Operand::Root(steps) => self.steps(vec![self.root.clone()], steps)?,
        };
        if self.strict {
            return Ok(found);
        }
        Ok(found
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(items) => items,
                other => vec![other],
            })
            .collect())
    }
}

fn descendants(item: &Value, key: &str, out: &mut Vec<Value>) {
    match item {
        Value::Object(fields) => {
            out.extend(fields.get(key).cloned());
            fields.values().for_each(|value| descendants(value, key, out));
        }
        Value::Array(items) => items.iter().for_each(|value| descendants(value, key, out)),
        _ => {}
    }
}

fn compared(left: &Value, comparison: Comparison, right: &Value) -> Option<bool> {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        // A value is not null, and null is no value; other kinds do not compare.
        (Value::Null, _) | (_, Value::Null) => {
            return match comparison {
                Comparison::Eq => Some(false),
                Comparison::Ne => Some(true),
                _ => None,
            };
        }
        _ => None,
    }?;
    Some(match comparison {
        Comparison::Eq => order.is_eq(),
        Comparison::Ne => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    })
}

fn applied(method: Method, item: &Value) -> Result<Value, String> {
    let kind = match item {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let number = |of: fn(f64) -> f64| match item.as_f64() {
        Some(value) => Ok(whole(of(value))),
        None => Err(format!("a number is needed, not {kind}")),
    };
    match method {
        Method::Type => Ok(Value::from(kind)),
        Method::Size => Ok(Value::from(item.as_array().map_or(1, Vec::len))),
        Method::Abs => number(f64::abs),
        Method::Ceiling => number(f64::ceil),
        Method::Floor => number(f64::floor),
        Method::Double => match item {
            Value::String(text) => text.trim().parse::<f64>().map(whole).map_err(|_| format!("`{text}` is no number")),
            _ => number(|value| value),
        },
    }
}

/// A number without a fraction as a whole one.
fn whole(value: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)]
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str) -> Result<Value, String> {
        let root = json!({
            "a": {"b.c": 1, "n": null, "x": ["p", {"y": 2}]},
            "count": 7.5,
            "size": "12",
            "statement": [{"action": ["s3:Get*", "s3:Put*"], "effect": "Allow"}, {"action": "*", "effect": "Deny"}]
        });
        let variables = [("effect".to_owned(), json!("Deny"))];
        Path::parse(path)?.items(&root, &variables).map(Value::Array)
    }

    #[test]
    fn paths() {
        for (path, expected) in [
            (r#"$.a."b.c""#, json!([1])),
            ("lax $.a.x[0]", json!(["p"])),
            ("$.a.x[last].y", json!([2])),
            ("$.a.x[last - 1]", json!(["p"])),
            ("$.a.x[0 to 1].y", json!([2])),
            ("$.a.x[5]", json!([])),
            ("$.a.n", json!([null])),
            ("$.nope.more", json!([])),
            ("$.statement.effect", json!(["Allow", "Deny"])),
            ("$.statement[*].action[0]", json!(["s3:Get*", "*"])),
            ("$..y", json!([2])),
            ("$.a.*", json!([1, null, ["p", {"y": 2}]])),
            ("$.statement.size()", json!([2])),
            ("$.count.floor()", json!([7])),
            ("$.size.double()", json!([12])),
            ("$.a.x.type()", json!(["array"])),
            ("a.x[1].y", json!([2])),
            (r#"$.statement?(@.effect == "Deny").action"#, json!(["*"])),
            ("$.statement?(@.effect == $effect).action", json!(["*"])),
            (r#"$.statement?(@.action starts with "s3:P").effect"#, json!(["Allow"])),
            (r#"$.statement?(exists(@.nope) || !(@.effect == "Deny")).effect"#, json!(["Allow"])),
            ("$.a?(@.n == null && @.\"b.c\" < 2).x[0]", json!(["p"])),
            ("$?(@.count > 7).size", json!(["12"])),
        ] {
            assert_eq!(found(path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn strict_passes_over_nothing() {
        for path in ["strict $.nope", "strict $.statement.effect", "strict $.a.x[5]", "strict $.count[0]", "$.a.abs()"]
        {
            assert!(found(path).is_err(), "{path}");
        }
        assert_eq!(found("strict $.statement[*].effect"), Ok(json!(["Allow", "Deny"])));
    }

    #[test]
    fn mistakes() {
        let deep = format!("$?{}", "(!".repeat(1000));
        for path in ["$.", "$[", "$[a]", "$.a b", "$?(@.a)", "$?(@ == )", "$.x.nope()", "$?(@ === 1)", "$.\"a", &deep] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
