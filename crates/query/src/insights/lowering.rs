//! From tree to pipeline: the state that commands work on, and what holds for a query as a whole: the order of rows, the
//! limit, the columns of the result.

use super::{
    ast::{Ast, Word},
    commands, names, table,
};
use crate::{
    cloudwatch,
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Kind, Lowered},
    pipeline::{Expr, Item, Named, Op, Pipeline, Scan, SortKey, Source, Type},
    schema::Dialect,
    span::Span,
    spl::build,
};

/// Rows that a query gives where it does not say how many.
pub(super) const DEFAULT_LIMIT: u64 = 10_000;
/// Nodes of one expression; past that a query is taken for an attack.
const LARGEST: usize = 20_000;
/// Nobody reads more.
const MOST_DIAGNOSTICS: usize = 60;

/// A field that a command made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub name: String,
    pub ty: Type,
}

/// Which columns the result has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// Nobody has said: time and message of events.
    Default,
    /// Those that `fields` commands have named, one after another.
    Fields(Vec<String>),
    /// Those of the last `display`, whatever `fields` says.
    Display(Vec<String>),
    /// All that `stats` or a join made.
    Made,
}

/// A pipeline in the making.
pub(super) struct Lowerer<'e> {
    pub env: &'e Environment<'e>,
    pub table: String,
    pub scan: Scan,
    pub ops: Vec<Op>,
    pub made: Vec<Made>,
    /// Whether the record's fields are out of reach: after `stats`.
    pub closed: bool,
    pub shown: Shown,
    /// What `stats` grouped by: its rows are ordered by that where nothing else is said.
    pub keys: Vec<Made>,
    /// The order that rows are meant to have: the last `sort`'s; none: the one that they have by themselves.
    pub order: Option<Vec<SortKey>>,
    /// Whether rows are in that order.
    pub sorted: bool,
    /// Whether `limit` has been said.
    pub limited: bool,
    /// All names that the query reads, for joins.
    pub read: std::collections::BTreeSet<String>,
    /// Alias of the rows of the query itself, in a join: `a.x` is `x`.
    pub alias: Option<String>,
    pub diagnostics: Vec<Diagnostic>,
    made_up: usize,
}

/// Lowers a whole query.
pub(super) fn lower(ast: &Ast, env: &Environment<'_>, span: Span) -> Lowered {
    let mut lowerer = Lowerer::new(ast, env, span);
    lowerer.commands(ast);
    let (columns, kind) = lowerer.finish();
    let Lowerer { scan, ops, diagnostics, .. } = lowerer;
    Lowered { pipeline: Pipeline { scan, ops }, diagnostics, columns: Some(columns), kind }
}

impl<'e> Lowerer<'e> {
    fn new(ast: &Ast, env: &'e Environment<'e>, span: Span) -> Self {
        let read = names::read(ast);
        let chosen = table::choose(ast, &names::of_events(ast), env);
        let source = Source::Events { table: chosen.table.clone() };
        let mut lowerer = Self {
            env,
            table: chosen.table,
            scan: Scan { source, earliest: None, latest: None, span },
            ops: Vec::new(),
            made: Vec::new(),
            closed: false,
            shown: Shown::Default,
            keys: Vec::new(),
            order: None,
            sorted: false,
            limited: false,
            read,
            alias: None,
            diagnostics: chosen.diagnostics,
            made_up: 0,
        };
        if let Some(predicate) = chosen.predicate {
            lowerer.ops.push(Op::Filter { predicate });
        }
        lowerer
    }

    fn commands(&mut self, ast: &Ast) {
        for command in &ast.commands {
            if let Some(known) = commands::find(&command.name.text) {
                (known.lower)(self, command);
            }
        }
    }

    /// Lowers a query inside this one, without the order and limit that a shown result gets.
    pub fn nested(&mut self, ast: &Ast, span: Span) -> Lowerer<'e> {
        let mut inner = Self::new(ast, self.env, span);
        inner.commands(ast);
        for diagnostic in std::mem::take(&mut inner.diagnostics) {
            self.report(diagnostic);
        }
        inner
    }

    // -- diagnostics

    pub fn report(&mut self, diagnostic: Diagnostic) {
        let room = self.diagnostics.len() < MOST_DIAGNOSTICS;
        let first = diagnostic.severity == Severity::Error
            && self.diagnostics.iter().all(|known| known.severity != Severity::Error);
        if (room || first) && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub fn error(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.report(Diagnostic::error(code, message, span));
    }

    pub fn warning(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.report(Diagnostic::warning(code, message, span));
    }

    // -- operators

    /// Adds or replaces a field.
    pub fn extend(&mut self, name: &str, expr: Expr) {
        let expr = self.bounded(expr);
        self.make(name, expr.ty);
        let named = Named { name: name.to_owned(), expr };
        match self.ops.last_mut() {
            Some(Op::Extend { fields }) => fields.push(named),
            _ => self.ops.push(Op::Extend { fields: vec![named] }),
        }
    }

    /// Notes that a field is there from now on.
    pub fn make(&mut self, name: &str, ty: Type) {
        self.made.retain(|made| made.name != name);
        self.made.push(Made { name: name.to_owned(), ty });
    }

    pub fn filter(&mut self, predicate: Expr) {
        let predicate = self.bounded(predicate);
        self.ops.push(Op::Filter { predicate });
    }

    /// Exactly these fields; the record is out of reach after it.
    pub fn project(&mut self, fields: Vec<Named>) {
        self.made = fields.iter().map(|named| Made { name: named.name.clone(), ty: named.expr.ty }).collect();
        self.closed = true;
        self.ops.push(Op::Project { items: fields.into_iter().map(Item::Named).collect() });
    }

    /// A name that no query can have typed.
    pub fn made_up(&mut self, stem: &str) -> String {
        self.made_up += 1;
        format!("__{stem}_{}", self.made_up)
    }

    /// An expression that has grown out of measure (functions that use an argument twice, in one another) is an error.
    pub fn bounded(&mut self, expr: Expr) -> Expr {
        if build::is_larger(&expr, LARGEST) {
            self.error("insights.too-complex", "this expression is too large once it is written out", expr.span);
            return Expr { ty: expr.ty, ..build::null(expr.span) };
        }
        expr
    }

    /// An expression that is used several times: a large one becomes a field of its own.
    pub fn settled(&mut self, expr: Expr) -> Expr {
        if !build::is_larger(&expr, 30) {
            return expr;
        }
        let (name, ty, span) = (self.made_up("value"), expr.ty, expr.span);
        self.extend(&name, expr);
        build::field(&name, ty, span)
    }

    // -- order

    /// Events come newest first where nothing else was said, groups by their keys; needed before an operator that goes by
    /// order.
    pub fn settle_order(&mut self) {
        if self.sorted {
            return;
        }
        self.sorted = true;
        if let Some(keys) = self.order.clone() {
            self.ops.push(Op::Sort { keys, limit: None });
            return;
        }
        let ascending = |made: &Made| SortKey {
            expr: build::field(&made.name, made.ty, Span::default()),
            descending: false,
            numeric: false,
        };
        let keys = if self.closed {
            self.keys.iter().filter(|key| self.made.contains(key)).map(ascending).collect()
        } else {
            vec![SortKey { expr: cloudwatch::time(Span::default()), descending: true, numeric: false }]
        };
        if !keys.is_empty() {
            self.ops.push(Op::Sort { keys, limit: None });
        }
    }

    // -- the result

    fn finish(&mut self) -> (Vec<String>, Kind) {
        if !self.limited {
            self.settle_order();
            self.ops.push(Op::Limit { count: DEFAULT_LIMIT, skip: 0 });
        }
        self.settle_order();
        self.shape()
    }

    /// The columns that the query asks for.
    pub fn shape(&mut self) -> (Vec<String>, Kind) {
        let names = match self.shown.clone() {
            Shown::Fields(names) | Shown::Display(names) => names,
            Shown::Made => {
                self.made.iter().map(|made| made.name.clone()).filter(|name| !name.starts_with("__")).collect()
            }
            Shown::Default if self.closed => self.made.iter().map(|made| made.name.clone()).collect(),
            Shown::Default => return self.events(),
        };
        let whole = ["@timestamp", "@message"];
        if !self.closed && !names.is_empty() && names.iter().all(|name| whole.contains(&name.as_str())) {
            return self.events();
        }
        let fields: Vec<Named> = names
            .iter()
            .map(|name| {
                let word = Word { text: name.clone(), span: Span::default() };
                Named { name: name.clone(), expr: names::quietly(self, &word) }
            })
            .collect();
        let unchanged = matches!(self.ops.last(), Some(Op::Project { items }) if items.len() == fields.len());
        let same = fields.iter().map(|field| &field.name).eq(self.made.iter().map(|made| &made.name));
        if !(unchanged && same) {
            self.project(fields);
        }
        (names, Kind::Rows)
    }

    /// Events as they are: what they are about, fields that `parse` and the like made, time and message.
    fn events(&mut self) -> (Vec<String>, Kind) {
        let span = Span::default();
        let mut items = cloudwatch::columns(self.env.schema, &self.table, Dialect::Insights);
        for name in ["@timestamp", "@message"] {
            let word = Word { text: name.to_owned(), span };
            items.push(Named { name: name.to_owned(), expr: names::quietly(self, &word) });
        }
        for made in &self.made {
            if !items.iter().any(|item| item.name == made.name) && !made.name.starts_with("__") {
                items.push(Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) });
            }
        }
        items.push(Named { name: "_raw".to_owned(), expr: cloudwatch::raw(span) });
        let names = items.iter().map(|item| item.name.clone()).collect();
        self.project(items);
        (names, Kind::Events)
    }
}
