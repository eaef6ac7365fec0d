//! What the operators that go row by row have in common: `smooth x, 5 as y by z` and its like.

use super::{
    super::{
        cursor::{Cursor, Name},
        lowering::{Lower, Lowerer},
    },
    aggregate::numeric_field,
};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Op, SortKey, Type},
    span::Span,
    spl::build,
};

/// The arguments: a field, a length, a name, keys.
pub(super) struct Arguments {
    pub field: Name,
    pub length: Option<u64>,
    pub name: String,
    pub by: Vec<Expr>,
}

/// Longest window.
const MOST: u64 = 1000;

impl Arguments {
    pub fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, default: &str) -> Lower<Self> {
        let field = lowerer.expect_name(cursor, "a field name")?;
        let length = if cursor.punct(",") {
            match cursor.count() {
                Some(length) if (1..=MOST).contains(&length) => Some(length),
                _ => return lowerer.expected(cursor, "a number of rows from 1 to 1000"),
            }
        } else {
            None
        };
        let mut name = lowerer.alias(cursor)?;
        let by = lowerer.by(cursor)?;
        if name.is_none() {
            name = lowerer.alias(cursor)?;
        }
        let by = lowerer.keys(&by).into_iter().map(|key| key.expr).collect();
        Ok(Self { field, length, name: name.map_or_else(|| default.to_owned(), |name| name.text), by })
    }

    /// The field's number.
    pub fn value(&self, lowerer: &mut Lowerer<'_>) -> Expr {
        numeric_field(lowerer, &self.field)
    }
}

/// Rows that a window sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// So many before the present one; none: all of them.
    pub preceding: Option<u64>,
    /// The present one, too.
    pub current: bool,
}

impl Lowerer<'_> {
    /// Adds aggregates over the rows before (and with) each row, in the order of rows.
    pub(super) fn running(&mut self, by: Vec<Expr>, order: Vec<SortKey>, frame: Frame, aggregates: Vec<Aggregate>) {
        let Frame { preceding, current } = frame;
        self.residue();
        self.push(Op::Window { by, order, preceding, range: None, current, aggregates });
        self.unsettle_order();
    }

    /// Adds aggregates over all rows of a key.
    pub(super) fn overall(&mut self, by: Vec<Expr>, aggregates: Vec<Aggregate>) {
        self.running(by, Vec::new(), Frame { preceding: None, current: true }, aggregates);
    }

    /// One running aggregate as a field.
    pub(super) fn running_field(&mut self, arguments: Arguments, func: Agg, frame: Frame, span: Span) {
        let value = arguments.value(self);
        let ty = match func {
            Agg::First => value.ty,
            _ => Type::Float,
        };
        let value = if ty == Type::Float { build::convert(value, Type::Float) } else { value };
        let hidden = self.made_up("window");
        let aggregate = Self::plain_aggregate(&hidden, func, Some(value), ty);
        let order = self.row_order();
        self.settle_order();
        self.running(arguments.by, order, frame, vec![aggregate]);
        self.extend(&arguments.name, build::field(&hidden, ty, span));
    }
}
