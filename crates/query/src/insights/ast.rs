//! The tree of a Logs Insights query.

use serde::Serialize;

use crate::span::Span;

/// A query: commands in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ast {
    /// The commands.
    pub commands: Vec<Command>,
}

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Word {
    /// Its text, without quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A command with what follows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Command {
    /// Its name as typed.
    pub name: Word,
    /// What it says.
    pub verb: Verb,
    /// Where it stands.
    pub span: Span,
}

/// What commands say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `SOURCE`: the log groups named, and time bounds.
    Source {
        /// Words and texts after it.
        groups: Vec<Word>,
        /// `START=`.
        start: Option<Word>,
        /// `END=`.
        end: Option<Word>,
    },
    /// `fields`, `display`.
    Items(Vec<Item>),
    /// `filter`.
    Filter(Expr),
    /// `stats`.
    Stats {
        /// What is computed.
        items: Vec<Item>,
        /// What rows are grouped by.
        by: Vec<Item>,
    },
    /// `sort`.
    Sort(Vec<Key>),
    /// `limit`, `head`, `tail`.
    Limit(u64),
    /// `parse`.
    Parse {
        /// What is looked at; none: the message.
        from: Option<Expr>,
        /// A text with `*`, or a regular expression.
        pattern: Expr,
        /// The fields made.
        names: Vec<Word>,
    },
    /// `dedup`, `filldown`.
    Names(Vec<Word>),
    /// `unnest … into …`.
    Unnest {
        /// The list.
        list: Expr,
        /// The field made.
        into: Word,
    },
    /// `pattern`.
    Pattern(Expr),
    /// `diff`, and the earlier time that it says.
    Diff(Option<Word>),
    /// `join`.
    Join(Box<Join>),
    /// `lookup`.
    Lookup {
        /// The table.
        table: Word,
        /// Pairs of a column and the field it has to equal.
        on: Vec<(Word, Word)>,
        /// Pairs of a column and the field made.
        output: Vec<(Word, Word)>,
    },
    /// `addtotals`.
    Totals {
        /// Sum over each row.
        row: bool,
        /// A row with the sum of each field.
        column: bool,
        /// The field made.
        name: String,
        /// The fields summed; none: all numbers.
        fields: Vec<Word>,
    },
    /// `fillmissing`: values for fields.
    Fill(Vec<(Expr, Word)>),
}

/// `join`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Join {
    /// Whether rows without a partner stay.
    pub left_outer: bool,
    /// Alias of the rows so far.
    pub left: String,
    /// Alias of the other rows.
    pub right: String,
    /// Pairs of names that have to be equal.
    pub on: Vec<(Word, Word)>,
    /// The other rows.
    pub query: Ast,
}

/// An expression with its name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The expression.
    pub expr: Expr,
    /// `as …`.
    pub alias: Option<Word>,
    /// The expression as typed, which names it where there is no alias.
    pub text: String,
}

/// A sort key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Key {
    /// What to sort by.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExprKind {
    /// A field.
    Field(String),
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// `true`, `false`.
    Bool(bool),
    /// `/…/`, its flags in front.
    Regex(String),
    /// `5m`.
    Period(Period),
    /// `*`, in `count(*)`.
    Star,
    /// A function.
    Call {
        /// Its name.
        name: Word,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// All of them.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
    /// Not.
    Not(Box<Expr>),
    /// Minus.
    Neg(Box<Expr>),
    /// Two operands.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `like`, `=~`.
    Like(Box<Expr>, Box<Expr>),
    /// `in […]`.
    In(Box<Expr>, Vec<Expr>),
    /// `in (query)`.
    InQuery(Box<Expr>, Box<Ast>),
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
}

/// A length of time as `bin` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// How many.
    pub count: i64,
    /// Of what.
    pub unit: Unit,
}

/// Units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}
