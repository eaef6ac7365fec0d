//! Operators over whichever fields there are, and what they come to once the fields are known: when a query is lowered, or, after a
//! pivot, when its rows are there.

use serde::{Deserialize, Serialize};

use super::{Expr, Func, Item, Named, Op, Type};
use crate::span::Span;
use crate::spl::build;

/// Between a field's name and its value while both travel in one text; no log holds it.
const SEPARATOR: &str = "\u{1f}";

/// The field that holds both meanwhile.
const CELL: &str = "__cells";

/// A row of each cell: one field repeats, the others' names and values become two fields. Cells without a value make no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpivot {
    /// The field that repeats.
    pub row: String,
    /// Fields that make no rows; those whose names begin with `__` never do.
    pub left_out: Vec<String>,
    /// The field made of the names.
    pub name: String,
    /// The field made of the values, as Text.
    pub value: String,
}

impl Unpivot {
    /// The same over these fields, in operators that name them.
    #[must_use]
    pub fn over(&self, fields: &[(String, Type)]) -> Vec<Op> {
        let span = Span::default();
        let of_row = fields.iter().find(|(name, _)| *name == self.row).map_or(Type::Any, |(_, ty)| *ty);
        let key = || Named { name: self.row.clone(), expr: build::field(&self.row, of_row, span) };
        let cells = fields.iter().filter(|(name, _)| self.turns(name)).map(|(name, ty)| {
            let text = build::to_text(build::field(name, *ty, span));
            let head = build::text(format!("{name}{SEPARATOR}"), span);
            build::to_list(build::call(Func::Concat, vec![head, text], Type::Text, span))
        });
        let cells = build::call(Func::ListAppend, cells.collect(), Type::List, span);
        let both = vec![key(), Named { name: CELL.to_owned(), expr: cells }];
        let apart = vec![
            key(),
            Named { name: self.name.clone(), expr: part("name") },
            Named { name: self.value.clone(), expr: part("value") },
        ];
        vec![
            Op::Project { items: both.into_iter().map(Item::Named).collect() },
            Op::Expand { field: CELL.to_owned(), limit: None },
            Op::Project { items: apart.into_iter().map(Item::Named).collect() },
            Op::Filter { predicate: build::is_not_null(build::field(&self.value, Type::Text, span)) },
        ]
    }

    fn turns(&self, name: &str) -> bool {
        name != self.row && !name.starts_with("__") && !self.left_out.iter().any(|out| out == name)
    }
}

fn part(group: &str) -> Expr {
    let span = Span::default();
    let regex = build::text(format!("(?s)^(?<name>[^{SEPARATOR}]*){SEPARATOR}(?<value>.*)$"), span);
    let args = vec![build::field(CELL, Type::Text, span), regex, build::text(group, span)];
    build::call(Func::RegexExtract, args, Type::Text, span)
}

/// The sum of a row's numbers, of texts that are numbers too; what is none counts as 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTotal {
    /// The field made.
    pub field: String,
    /// Fields that do not count.
    pub left_out: Vec<String>,
}

impl RowTotal {
    /// The same over these fields.
    #[must_use]
    pub fn over(&self, fields: &[(String, Type)]) -> Op {
        let numbers = fields.iter().filter(|(name, ty)| counts(name, *ty, &self.left_out));
        let parts = numbers.map(|(name, ty)| build::field(name, *ty, Span::default())).collect();
        Op::Extend { fields: vec![Named { name: self.field.clone(), expr: sum(parts) }] }
    }
}

/// Whether a field is one that totals count: a number, or a text that may be one.
#[must_use]
pub fn counts(name: &str, ty: Type, left_out: &[String]) -> bool {
    build::is_number(ty) || ty == Type::Text && !name.starts_with('_') && !left_out.iter().any(|out| out == name)
}

/// The sum of the numbers, 0 for what is none.
pub(crate) fn sum(numbers: Vec<Expr>) -> Expr {
    let span = Span::default();
    let zero = || build::int(0, span);
    let parts = numbers.into_iter().map(|expr| {
        let span = expr.span;
        let number = build::to_number(expr);
        let ty = number.ty;
        build::coalesce(vec![number, build::int(0, span)], ty, span)
    });
    let total = parts.reduce(|sum, part| {
        let ty = build::unify(sum.ty, part.ty);
        let span = part.span;
        build::call(Func::Add, vec![sum, part], ty, span)
    });
    total.unwrap_or_else(zero)
}
