//! Conditions over documents as OpenSearch thinks of them: what to test, on which field.

use serde::Serialize;

use super::pattern::Pattern;
use crate::span::Span;

/// A field's name as written; `*` in it stands for anything where `glob` is set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Name {
    pub text: String,
    pub glob: bool,
    pub span: Span,
}

impl Name {
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        Self { glob: text.contains('*'), text, span }
    }
}

/// A value as written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Word {
    pub text: String,
    pub span: Span,
}

impl Word {
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), span }
    }
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Bound {
    pub value: Word,
    pub inclusive: bool,
}

/// Values between two ends; a missing end is open.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Range {
    pub from: Option<Bound>,
    pub to: Option<Bound>,
    /// The date format of the ends (`epoch_millis`, `dd/MM/yyyy`), where the query names one.
    pub format: Option<String>,
    /// Where local dates of the ends are.
    #[serde(skip)]
    pub zone: Option<crate::spl::Zone>,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Test {
    /// Has a value.
    Exists,
    /// `term`: the whole value on a keyword field, one of its words on an analysed one.
    Term { word: Word, any_case: bool },
    /// `match`: on an analysed field any (or all, or at least so many) of the words; on others the whole value.
    Match { word: Word, least: Least },
    /// The words one after another, at most `slop` others between; `prefix`: the last one may go on.
    Phrase { word: Word, prefix: bool, slop: u32 },
    /// Begins so.
    Prefix { word: Word, any_case: bool },
    /// `*` and `?`.
    Wildcard { pattern: Pattern, any_case: bool, span: Span },
    /// The whole value against a regular expression.
    Regex { word: Word, any_case: bool },
    /// The value within so many edits.
    Fuzzy { word: Word, edits: Option<u32> },
    /// Between two ends.
    Range(Range),
    /// A place inside a box: top, left, bottom, right.
    Box([f64; 4]),
    /// A place at most so many metres from a point (latitude, longitude).
    Near { lat: f64, lon: f64, metres: f64 },
}

/// How many words of a `match` have to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Least {
    Any,
    All,
    Count(usize),
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Clause {
    All,
    None,
    And(Vec<Clause>),
    Or(Vec<Clause>),
    /// At least so many of them.
    AtLeast(usize, Vec<Clause>),
    /// Holds where the condition is false or can't be told.
    Not(Box<Clause>),
    /// A test of one field, or of any field that a pattern names.
    Field {
        name: Name,
        test: Test,
    },
    /// A test of the whole record's text: no field was named.
    Anywhere {
        test: Test,
        span: Span,
    },
    /// A script's condition.
    Script(Box<super::script::Script>, Span),
}

impl Clause {
    /// Lucene's boolean query: all of `must`, none of `not`, and of `should` as many as `least` says; where it says
    /// nothing, one is needed only if there is no `must`.
    pub fn boolean(must: Vec<Self>, should: Vec<Self>, not: Vec<Self>, least: Option<usize>) -> Self {
        let needed = least.unwrap_or(usize::from(must.is_empty() && !should.is_empty()));
        let mut all = must;
        match needed {
            0 => {}
            _ if needed > should.len() => all.push(Self::None),
            1 => all.push(Self::or(should)),
            _ => all.push(Self::AtLeast(needed, should)),
        }
        all.extend(not.into_iter().map(|clause| Self::Not(Box::new(clause))));
        Self::and(all)
    }

    pub fn and(mut clauses: Vec<Self>) -> Self {
        match clauses.len() {
            0 => Self::All,
            1 => clauses.remove(0),
            _ => Self::And(clauses),
        }
    }

    pub fn or(mut clauses: Vec<Self>) -> Self {
        match clauses.len() {
            0 => Self::None,
            1 => clauses.remove(0),
            _ => Self::Or(clauses),
        }
    }

    pub fn field(name: Name, test: Test) -> Self {
        Self::Field { name, test }
    }

    /// Calls `visit` with every field test and how it stands in the whole.
    pub fn tests<'a>(&'a self, role: Role, visit: &mut dyn FnMut(&'a Name, &'a Test, Role)) {
        match self {
            Self::And(clauses) => clauses.iter().for_each(|clause| clause.tests(role, visit)),
            Self::Or(clauses) | Self::AtLeast(_, clauses) => {
                let role = if role == Role::Needed { Role::Optional } else { role };
                clauses.iter().for_each(|clause| clause.tests(role, visit));
            }
            Self::Not(clause) => clause.tests(Role::Negated, visit),
            Self::Field { name, test } => visit(name, test, role),
            Self::All | Self::None | Self::Anywhere { .. } | Self::Script(..) => {}
        }
    }
}

/// How a test stands in the whole condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It has to hold.
    Needed,
    /// It may hold.
    Optional,
    /// Somewhere under a negation.
    Negated,
}
