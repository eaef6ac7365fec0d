//! The tree of a filter pattern.

use serde::Serialize;

use crate::{pipeline::PathStep, span::Span};

/// A pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Terms in the text of an event.
    Terms(Terms),
    /// A condition on a JSON event.
    Json(Condition),
    /// Fields of a space-delimited event.
    Spaced(Vec<Slot>),
}

/// Terms, all case-sensitive. None at all: every event.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Terms {
    /// All of them have to occur.
    pub required: Vec<Term>,
    /// One of them has to occur; left out of account where there are required ones.
    pub optional: Vec<Term>,
    /// None of them may occur.
    pub excluded: Vec<Term>,
}

/// A word, phrase or regular expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// Its text, without quotes or percent signs.
    pub text: String,
    /// Whether it is a regular expression.
    pub regex: bool,
    /// Where it stands.
    pub span: Span,
}

/// A condition on a JSON event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
    /// A comparison of what a selector points at.
    Test(Test),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Test {
    /// What it looks at.
    pub selector: Selector,
    /// What has to hold.
    pub check: Check,
    /// Where it stands.
    pub span: Span,
}

/// `$.a.b[0]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Selector {
    /// The way from the root.
    pub steps: Vec<PathStep>,
    /// Where it stands.
    pub span: Span,
}

/// What has to hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// `IS NULL`.
    IsNull,
    /// `IS TRUE`, `IS FALSE`.
    Is(bool),
    /// `NOT EXISTS`.
    NotExists,
    /// A comparison with a constant.
    Compare(Operator, Value),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Operator {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// Its text, without quotes or percent signs.
    pub text: String,
    /// How it was written.
    pub form: Form,
    /// Where it stands.
    pub span: Span,
}

/// How a constant was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `"…"`; `*` is a wildcard here too.
    Quoted,
    /// Without quotes.
    Bare,
    /// `%…%`.
    Regex,
}

/// A field of a space-delimited event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// `...`: any number of fields.
    Ellipsis(Span),
    /// One field, with its name and what has to hold of it.
    Field {
        /// Its name; empty where none was given.
        name: String,
        /// What has to hold; none: anything goes.
        condition: Option<SlotCondition>,
        /// Where it stands.
        span: Span,
    },
}

/// What has to hold of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotCondition {
    /// All of them.
    And(Vec<SlotCondition>),
    /// Any of them.
    Or(Vec<SlotCondition>),
    /// A comparison.
    Compare(Operator, Value),
}
