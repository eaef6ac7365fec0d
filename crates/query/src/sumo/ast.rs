//! Sumo Logic's own tree: the scope before the first pipe, the stages after it, and expressions.

use super::lexer::Token;
use crate::span::Span;

/// A whole query.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Query {
    pub scope: Scope,
    pub stages: Vec<Stage>,
    pub span: Span,
}

/// What stands before the first pipe.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// All of them; none: everything.
    And(Vec<Scope>),
    Or(Vec<Scope>),
    Not(Box<Scope>),
    Keyword(Keyword),
    Metadata(Metadata),
    /// `[subquery: …]`, by its place in the query.
    Subquery(Span),
}

/// A keyword or a phrase in quotes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Keyword {
    pub text: String,
    pub quoted: bool,
    pub span: Span,
}

/// `_sourceCategory=x`, `account=y`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Metadata {
    pub name: String,
    /// Any of them.
    pub values: Vec<String>,
    pub negated: bool,
    /// The template variable without a value that the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    pub span: Span,
}

/// An operator with its arguments.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Stage {
    pub tokens: Vec<Token>,
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub node: Node,
    pub span: Span,
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Arithmetic of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
    Field(String),
    Regex(String),
    /// What an unset template variable leaves of a condition: nothing to hold against it.
    Open,
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Neg(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Matches(Box<Expr>, Box<Expr>),
    Contains(Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>, bool),
    InSubquery(Box<Expr>, Span, bool),
    /// `[subquery: …]` as a condition.
    Subquery(Span),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}
