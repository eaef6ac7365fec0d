//! SPL's own syntax tree. Every node carries the characters it came from, in the text as the user typed it (what a
//! macro expands to carries the macro call's characters). Five shapes of command bodies cover all commands; what a
//! body means is the business of the command's own file.

use serde::Serialize;

use crate::span::Span;

/// A search pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ast {
    /// The commands, the implied first `search` included.
    pub commands: Vec<Command>,
    /// All of it.
    pub span: Span,
}

/// One command with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Command {
    /// Its name, in lower case; the span is empty where it is implied.
    pub name: Word,
    /// Its arguments.
    pub body: Body,
    /// Name and arguments.
    pub span: Span,
}

impl Command {
    /// Its search expression, where it has one.
    #[must_use]
    pub fn as_search(&self) -> Option<&Search> {
        match &self.body {
            Body::Search(search) => Some(search),
            _ => None,
        }
    }
}

/// The shapes of arguments.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A search expression.
    Search(Search),
    /// A condition (`where`).
    Condition(Expr),
    /// Assignments (`eval`).
    Assignments(Vec<Assignment>),
    /// Aggregations with their clauses (`stats`, `timechart`, …).
    Statistics(Box<Statistics>),
    /// Words, options, calls and subsearches (everything else).
    Arguments(Vec<Argument>),
}

/// A word or a quoted string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// Its text without the quotes and their escapes.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it was quoted.
    pub quoted: bool,
}

impl Word {
    /// Whether it is this keyword: unquoted, in any case.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparison {
    /// `=`, `==`
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

/// A search expression: OR binds tighter than AND.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// Everything.
    All,
    /// All of them.
    And(Vec<Search>),
    /// Any of them.
    Or(Vec<Search>),
    /// Not this.
    Not(Box<Search>),
    /// `field=value`.
    Compare {
        /// The field.
        field: Word,
        /// How.
        comparison: Comparison,
        /// The value, with its wildcards.
        value: Word,
        /// `CASE(value)`: in this case only.
        exact: bool,
    },
    /// `field=function(…)`: not SPL, but published queries do it in `search`.
    CompareExpr {
        /// The field.
        field: Word,
        /// How.
        comparison: Comparison,
        /// The value.
        value: Expr,
    },
    /// `field IN (value, …)`.
    In {
        /// The field.
        field: Word,
        /// The values, with their wildcards.
        values: Vec<Word>,
    },
    /// A word or phrase in the raw text.
    Term {
        /// The word.
        word: Word,
        /// `CASE(word)`: in this case only.
        exact: bool,
    },
    /// `[search …]`: rows that its rows select.
    Subsearch(Ast),
}

/// `field=expression`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assignment {
    /// The field that is made.
    pub field: Word,
    /// Its value.
    pub value: Expr,
}

/// An eval expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an eval expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExprKind {
    /// A field; `quoted` by single quotes.
    Field(Word),
    /// A string.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// `-x`, `NOT x`.
    Unary(Unary, Box<Expr>),
    /// `a + b` and the like.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `a < b` and the like.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `a AND b AND …`
    And(Vec<Expr>),
    /// `a OR b OR …`
    Or(Vec<Expr>),
    /// `x IN (a, b)`
    In(Box<Expr>, Vec<Expr>),
    /// `name(argument, …)`
    Call {
        /// The function's name as typed.
        name: Word,
        /// Its arguments.
        args: Vec<Expr>,
    },
}

/// Operators with one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unary {
    /// `-x`
    Neg,
    /// `NOT x`
    Not,
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `.`
    Concat,
    /// `XOR`
    Xor,
    /// `LIKE`
    Like,
}

/// `name=value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The name, as typed.
    pub name: Word,
    /// The value.
    pub value: Word,
    /// `!=` stood between (`regex field!=…`).
    pub negated: bool,
}

/// Arguments of the statistics commands.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Statistics {
    /// Options, wherever they stood.
    pub settings: Vec<Setting>,
    /// The aggregations.
    pub aggregations: Vec<Aggregation>,
    /// Fields after `over`.
    pub over: Option<Word>,
    /// Fields after `by`.
    pub by: Vec<Word>,
    /// What stands after `from` (`tstats`).
    pub from: Option<Setting>,
    /// What stands after `where` (`tstats`).
    pub filter: Option<Search>,
}

/// `function(argument) as name`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aggregation {
    /// The function's name as typed.
    pub function: Word,
    /// What is aggregated.
    pub argument: Option<AggregationArgument>,
    /// Text of the argument, for the default name.
    pub text: String,
    /// The name after `as`.
    pub name: Option<Word>,
    /// Function and argument.
    pub span: Span,
}

/// The argument of an aggregation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregationArgument {
    /// A field or a wildcard over fields.
    Field(Word),
    /// `eval(…)`.
    Eval(Expr),
    /// `count(field), 1h` of a sparkline.
    Line {
        /// What is drawn.
        function: Word,
        /// Its field.
        field: Option<Word>,
        /// The width of a bar.
        width: Option<Word>,
    },
}

/// One argument of a command without a grammar of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// A word or a quoted string.
    Word(Word),
    /// `name=value`.
    Setting(Setting),
    /// `name(word, …)`.
    Call {
        /// Its name.
        name: Word,
        /// Words inside the parentheses.
        args: Vec<Word>,
    },
    /// `[…]`.
    Subsearch(Ast),
    /// `[…]` whose text is filled in before it is read.
    Template(Word),
    /// What follows `where` (`inputlookup`).
    Where(Search),
}

impl Argument {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Word(word) | Self::Template(word) => word.span,
            Self::Setting(setting) => setting.name.span.to(setting.value.span),
            Self::Call { name, args } => args.iter().fold(name.span, |span, arg| span.to(arg.span)),
            Self::Subsearch(ast) => ast.span,
            Self::Where(_) => Span::default(),
        }
    }
}
