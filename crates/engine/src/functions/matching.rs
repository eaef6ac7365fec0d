//! Text against a pattern: glob, regex, equality without case. The pattern is compiled once a query where it is a
//! constant; repeated values of a batch are tested once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use regex::{Regex, RegexBuilder};

use super::{Args, any_text};

/// Largest compiled program: evil patterns end here.
const REGEX_BYTES: usize = 4 << 20;

/// How a pattern is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The whole text equals the pattern, case aside.
    EqualIgnoreCase,
    /// The whole text equals the pattern.
    Equal,
    /// `*` stands for any characters; whole text.
    Glob,
    /// The same, case aside.
    GlobIgnoreCase,
    /// Found anywhere.
    Regex,
    /// The text contains the pattern, case aside.
    ContainsIgnoreCase,
    /// The text contains the pattern.
    Contains,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Equal(String),
    EqualIgnoreCase(String),
    Contains(Box<memchr::memmem::Finder<'static>>),
    Regex(Regex),
}

impl Matcher {
    /// Compiles a pattern; a regex that is not one, or too large, is an error that names it.
    pub(crate) fn new(kind: Kind, pattern: &str) -> Result<Self> {
        let escaped = || regex::escape(pattern);
        Ok(match kind {
            Kind::Equal => Self::Equal(pattern.to_owned()),
            Kind::EqualIgnoreCase => Self::EqualIgnoreCase(pattern.to_owned()),
            Kind::Glob if !pattern.contains('*') => Self::Equal(pattern.to_owned()),
            Kind::GlobIgnoreCase if !pattern.contains('*') => Self::EqualIgnoreCase(pattern.to_owned()),
            Kind::Glob => Self::Regex(compile(&glob_regex(pattern), false)?),
            Kind::GlobIgnoreCase => Self::Regex(compile(&glob_regex(pattern), true)?),
            Kind::Regex => Self::Regex(compile(pattern, false)?),
            Kind::ContainsIgnoreCase => Self::Regex(compile(&escaped(), true)?),
            Kind::Contains => Self::Contains(Box::new(memchr::memmem::Finder::new(pattern.as_bytes()).into_owned())),
        })
    }

    /// Whether a text passes.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equal(p) => p == text,
            Self::EqualIgnoreCase(p) => equal_ignore_case(p, text),
            Self::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Each text against an ASCII one, case aside: a text of another length is another text, and its length stands in its view.
fn equals(texts: &StringViewArray, pattern: &str) -> BooleanArray {
    let answers = BooleanBuffer::collect_bool(texts.len(), |row| {
        let length = texts.views()[row] as u32;
        length as usize == pattern.len() && texts.value(row).eq_ignore_ascii_case(pattern)
    });
    BooleanArray::new(answers, texts.nulls().cloned())
}

fn equal_ignore_case(a: &str, b: &str) -> bool {
    if a.is_ascii() || b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.to_lowercase() == b.to_lowercase()
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Regex> {
    RegexBuilder::new(&posix_names(pattern))
        .case_insensitive(ignore_case)
        .size_limit(REGEX_BYTES)
        .build()
        .map_err(|e| DataFusionError::Execution(format!("the regular expression can't be used: {e}")))
}

/// PCRE's `(?<name>…)` is understood by the regex crate; possessive and atomic forms are not and stay errors.
fn posix_names(pattern: &str) -> String {
    pattern.replace("\\/", "/")
}

/// A regex that means the same as a glob with `*`.
pub(crate) fn glob_regex(glob: &str) -> String {
    let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
    format!("(?s)^{}$", parts.join(".*"))
}

/// Compiles a regular expression for extraction.
pub(crate) fn regex(pattern: &str) -> Result<Regex> {
    compile(pattern, false)
}

/// `value MATCHES pattern` with a constant pattern.
#[derive(Debug)]
struct Match {
    kind: Kind,
    pattern: String,
    matcher: Matcher,
    signature: Signature,
}

impl PartialEq for Match {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.pattern) == (other.kind, &other.pattern)
    }
}

impl Eq for Match {}

impl Hash for Match {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.pattern).hash(state);
    }
}

impl ScalarUDFImpl for Match {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Equal => "equals_any",
            Kind::EqualIgnoreCase => "equals_ignore_case",
            Kind::Glob => "glob",
            Kind::GlobIgnoreCase => "glob_ignore_case",
            Kind::Regex => "regex_match",
            Kind::Contains => "contains_text",
            Kind::ContainsIgnoreCase => "contains_ignore_case",
        }
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let value = args.first().map(ToString::to_string).unwrap_or_default();
        Ok(format!("{}({value}, {:?})", self.name(), self.pattern))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array = args.args[0].to_array(args.number_rows)?;
        let answers = match (&self.matcher, array.as_string_view_opt()) {
            (Matcher::EqualIgnoreCase(pattern), Some(texts)) if pattern.is_ascii() => equals(texts, pattern),
            _ => any_text(&array, |text| self.matcher.matches(text))?,
        };
        Ok(ColumnarValue::Array(Arc::new(answers)))
    }
}

/// `value` against a constant pattern.
pub(crate) fn against(kind: Kind, value: Expr, pattern: &str) -> Result<Expr> {
    let matcher = Matcher::new(kind, pattern)?;
    let signature = Signature::any(1, Volatility::Immutable);
    Ok(ScalarUDF::from(Match { kind, pattern: pattern.to_owned(), matcher, signature }).call(vec![value]))
}

/// `value` against a pattern that differs by row.
pub(crate) fn against_each(kind: Kind, value: Expr, pattern: Expr) -> Expr {
    let body: super::Body = match kind {
        Kind::Equal => |a| each(a, Kind::Equal),
        Kind::EqualIgnoreCase => |a| each(a, Kind::EqualIgnoreCase),
        Kind::Glob => |a| each(a, Kind::Glob),
        Kind::GlobIgnoreCase => |a| each(a, Kind::GlobIgnoreCase),
        Kind::Regex => |a| each(a, Kind::Regex),
        Kind::Contains => |a| each(a, Kind::Contains),
        Kind::ContainsIgnoreCase => |a| each(a, Kind::ContainsIgnoreCase),
    };
    let name = match kind {
        Kind::Equal => "equals_each",
        Kind::EqualIgnoreCase => "equals_ignore_case_each",
        Kind::Glob => "glob_each",
        Kind::GlobIgnoreCase => "glob_ignore_case_each",
        Kind::Regex => "regex_match_each",
        Kind::Contains => "contains_each",
        Kind::ContainsIgnoreCase => "contains_ignore_case_each",
    };
    super::call(name, DataType::Boolean, body, vec![value, pattern])
}

fn each(args: &Args<'_>, kind: Kind) -> Result<ArrayRef> {
    let values = args.lists(0)?;
    let patterns = args.text(1)?;
    let mut cache: HashMap<&str, Matcher> = HashMap::new();
    let mut rows = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        let items = super::lists::elements(&values, row);
        let (Some(items), false) = (items, patterns.is_null(row)) else {
            rows.push(None);
            continue;
        };
        let pattern = patterns.value(row);
        if !cache.contains_key(pattern) {
            cache.insert(pattern, Matcher::new(kind, pattern)?);
        }
        rows.push(cache.get(pattern).map(|m| items.into_iter().any(|i| m.matches(i))));
    }
    Ok(Arc::new(BooleanArray::from(rows)))
}

/// Answers of a batch by string view: the rows of a dictionary-encoded page share their views, so a value that repeats
/// is tested once. Views are only compared within one array, where equal views mean equal text.
#[derive(Default)]
pub(crate) struct Memo {
    seen: HashMap<u128, bool, BuildHasherDefault<ViewHasher>>,
    misses: usize,
}

impl Memo {
    /// The answer for a row, remembered.
    pub(crate) fn get(&mut self, view: &StringViewArray, row: usize, test: impl Fn(&str) -> bool) -> bool {
        // A column of unlike values gains nothing from the table: stop after a while.
        if self.misses > 1024 {
            return test(view.value(row));
        }
        let key = view.views()[row];
        if let Some(known) = self.seen.get(&key) {
            return *known;
        }
        self.misses += 1;
        let answer = test(view.value(row));
        self.seen.insert(key, answer);
        answer
    }
}

/// Views are offsets and prefixes: folding them is hash enough.
#[derive(Default)]
pub(crate) struct ViewHasher(u64);

impl Hasher for ViewHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(u64::from(*b));
        }
    }

    fn write_u128(&mut self, v: u128) {
        let folded = (v as u64) ^ ((v >> 64) as u64).rotate_left(32);
        self.0 = folded.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_equal_but_for_case() {
        let texts: StringViewArray = [
            Some("AccessDenied"),
            Some("accessDENIED"),
            Some("AccessDenies"),
            Some("Client.UnauthorizedOperation"),
            Some("AccessDenie\u{212a}"),
            Some(""),
            None,
        ]
        .into_iter()
        .collect();
        let found: Vec<_> = equals(&texts, "accessdenied").iter().collect();
        assert_eq!(
            found,
            [true, true, false, false, false, false].map(Some).into_iter().chain([None]).collect::<Vec<_>>()
        );
        let long: Vec<_> = equals(&texts, "client.unauthorizedoperation").iter().collect();
        assert_eq!(long[3], Some(true));
        // What the matcher says of each text by itself.
        let matcher = Matcher::new(Kind::EqualIgnoreCase, "accessdenied").unwrap();
        let alone: Vec<_> = texts.iter().map(|text| text.map(|text| matcher.matches(text))).collect();
        assert_eq!(found, alone);
    }
}
