//! Comparisons. Athena's tables have an event's time as text, CloudTrail Lake as a timestamp, partitions as text in some
//! layout: here it is an instant or a day, and what it is compared with becomes one, so that files are left out by it.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value};

use event::FieldType;

use super::Resolver;
use super::build::{binary, boolean, call, column, literal_number, literal_text, not, null, number, text};
use super::scope::column_of_layout;
use crate::functions::trino::{day_layout, parse_any_instant, parse_day};
use crate::sql::fields::{Sort, Target};

/// Operators of arithmetic.
fn calculates(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(op, Divide | Minus | Modulo | Multiply | Plus)
}

/// Operators that compare.
fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn swapped(op: &BinaryOperator) -> BinaryOperator {
    use BinaryOperator::{Gt, GtEq, Lt, LtEq};
    match op {
        Lt => Gt,
        LtEq => GtEq,
        Gt => Lt,
        GtEq => LtEq,
        other => other.clone(),
    }
}

impl Resolver<'_> {
    /// A chain of operators, its left spine without recursion: filters of thousands of terms exist.
    pub(super) fn binary(&mut self, expr: &mut Expr) {
        let mut spine = Vec::new();
        let mut current = expr;
        while let Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } = current {
            spine.push(right);
            current = left;
        }
        self.operation(current);
        spine.into_iter().rev().for_each(|right| self.expr(right));
    }

    fn operation(&mut self, expr: &mut Expr) {
        let Expr::BinaryOp { left, op, right } = expr else { return self.expr(expr) };
        let op = op.clone();
        let (mut left, mut right) =
            (std::mem::replace(left.as_mut(), null()), std::mem::replace(right.as_mut(), null()));
        *expr = match op {
            op if compares(&op) => self.compared(left, op, right),
            BinaryOperator::StringConcat => {
                self.as_text(&mut left);
                self.as_text(&mut right);
                plain(left, BinaryOperator::StringConcat, right)
            }
            BinaryOperator::Spaceship => {
                self.expr(&mut left);
                self.expr(&mut right);
                Expr::IsNotDistinctFrom(Box::new(left), Box::new(right))
            }
            BinaryOperator::PGRegexNotIMatch => {
                self.expr(&mut left);
                self.expr(&mut right);
                Expr::IsDistinctFrom(Box::new(left), Box::new(right))
            }
            BinaryOperator::Arrow => self.made("__json_get", vec![left, right]),
            BinaryOperator::LongArrow => self.made("__json_get_text", vec![left, right]),
            op @ (BinaryOperator::Divide | BinaryOperator::Modulo) if self.trying > 0 => {
                self.expr(&mut left);
                self.expr(&mut right);
                plain(left, op, call("nullif", vec![right, number("0")]))
            }
            op => {
                let counts = [&left, &right].map(|side| calculates(&op) && self.is_unlisted(side));
                self.expr(&mut left);
                self.expr(&mut right);
                let [left, right] = [(left, counts[0]), (right, counts[1])].map(|(side, counts)| match counts {
                    true => call("__try___cast", vec![side, text("double")]),
                    false => side,
                });
                plain(left, op, right)
            }
        };
    }

    /// Whether a name stands for a place of the record of which no type is known.
    fn is_unlisted(&self, side: &Expr) -> bool {
        let found = Self::parts(side).and_then(|parts| self.find(&parts));
        matches!(found.and_then(|f| f.target), Some((_, Target::Path { ty: FieldType::Text, exact: false, .. })))
    }

    /// `left op right` by what either side is.
    fn compared(&mut self, mut left: Expr, op: BinaryOperator, mut right: Expr) -> Expr {
        let (mine, theirs) = (self.sort(&left), self.sort(&right));
        let special = |s: Sort| matches!(s, Sort::Time | Sort::Day | Sort::Digits | Sort::Bool | Sort::Number);
        if special(mine) && !(theirs == mine && literal_number(&right).is_none()) && !is_literal(&left) {
            return self.against(mine, left, op, right);
        }
        if special(theirs) && theirs != mine && !is_literal(&right) {
            return self.against(theirs, right, swapped(&op), left);
        }
        self.expr(&mut left);
        self.expr(&mut right);
        if let (Some(truth), false) = (literal_truth(&right), mine == Sort::Bool) {
            // JSON's true and false are text here; a condition's are as well, then.
            return plain(call("__varchar", vec![left]), op, text(truth));
        }
        plain(left, op, right)
    }

    /// A column of a special sort against anything.
    fn against(&mut self, sort: Sort, value: Expr, op: BinaryOperator, mut other: Expr) -> Expr {
        match sort {
            Sort::Time => self.instant(value, op, other),
            Sort::Day => self.day(value, op, other),
            Sort::Digits => {
                let mut value = value;
                self.expr(&mut value);
                let numeric = literal_number(&other).is_some();
                self.expr(&mut other);
                if numeric {
                    plain(call("__try___cast", vec![value, text("bigint")]), op, other)
                } else {
                    plain(value, op, other)
                }
            }
            Sort::Bool => {
                let mut value = value;
                self.expr(&mut value);
                let truth = literal_text(&other).map(|t| t.to_lowercase());
                match truth.as_deref() {
                    Some("true") => plain(value, op, boolean(true)),
                    Some("false") => plain(value, op, boolean(false)),
                    Some(_) => plain(call("__varchar", vec![value]), op, other),
                    None => {
                        self.expr(&mut other);
                        plain(value, op, other)
                    }
                }
            }
            _ => {
                let mut value = value;
                self.expr(&mut value);
                match literal_text(&other).map(|t| t.trim().parse::<f64>().ok().map(|_| t.trim().to_owned())) {
                    Some(Some(digits)) => plain(value, op, number(&digits)),
                    Some(None) => plain(call("__varchar", vec![value]), op, other),
                    None => {
                        self.expr(&mut other);
                        plain(value, op, other)
                    }
                }
            }
        }
    }

    /// An instant: a text that is a time becomes one, any other text is compared as text.
    fn instant(&mut self, mut value: Expr, op: BinaryOperator, mut other: Expr) -> Expr {
        self.expr(&mut value);
        if let Some(literal) = literal_text(&other) {
            return if parse_any_instant(literal).is_some() {
                plain(value, op, call("__instant", vec![text(literal)]))
            } else {
                plain(call("__varchar", vec![value]), op, other)
            };
        }
        self.expr(&mut other);
        if matches!(&other, Expr::Value(v) if v.value == Value::Null) {
            return plain(value, op, other);
        }
        plain(value, op, call("__instant", vec![other]))
    }

    /// A day against a day in any of the layouts that partitions have.
    fn day(&mut self, value: Expr, op: BinaryOperator, mut other: Expr) -> Expr {
        let found = Self::parts(&value).and_then(|p| self.find(&p));
        let (stored, as_layout) = match found.and_then(|f| f.target) {
            Some((alias, Target::Layout(layout, _))) => {
                let stored = column(Some(&alias), column_of_layout(layout));
                (stored.clone(), Some(stored))
            }
            Some((alias, Target::Column(name, _))) => {
                let stored = column(Some(&alias), name);
                (stored.clone(), Some(stored))
            }
            _ => {
                let mut value = value;
                self.expr(&mut value);
                (value, None)
            }
        };
        let literal = literal_text(&other).map(str::to_owned).or_else(|| literal_number(&other).map(str::to_owned));
        if let Some(literal) = literal {
            if day_layout(&literal).is_some_and(|_| literal.len() <= 10) && parse_day(&literal).is_some() {
                return plain(stored, op, call("__day", vec![text(&literal)]));
            }
            let Some(stored) = as_layout else { return plain(stored, op, other) };
            let written = call("__day_text", vec![stored, text(layout_like(&literal))]);
            return plain(written, op, text(&literal));
        }
        self.expr(&mut other);
        plain(stored, op, call("__day", vec![other]))
    }

    /// `value [NOT] BETWEEN low AND high`, as two comparisons where one of them needs it.
    pub(super) fn between(&mut self, expr: &mut Expr) {
        let Expr::Between { expr: value, negated, low, high } = std::mem::replace(expr, null()) else { return };
        let sort = self.sort(&value);
        if matches!(sort, Sort::Time | Sort::Day | Sort::Digits | Sort::Bool | Sort::Number) && !is_literal(&value) {
            let above = self.compared((*value).clone(), BinaryOperator::GtEq, *low);
            let below = self.compared(*value, BinaryOperator::LtEq, *high);
            let both = binary(above, BinaryOperator::And, below);
            *expr = if negated { not(both) } else { both };
            return;
        }
        let (mut value, mut low, mut high) = (value, low, high);
        self.expr(&mut value);
        self.expr(&mut low);
        self.expr(&mut high);
        *expr = Expr::Between { expr: value, negated, low, high };
    }

    /// `value [NOT] IN (…)`, as comparisons where they need it.
    pub(super) fn in_list(&mut self, expr: &mut Expr) {
        let Expr::InList { expr: mut value, mut list, negated } = std::mem::replace(expr, null()) else { return };
        let sort = self.sort(&value);
        if matches!(sort, Sort::Time | Sort::Day | Sort::Digits | Sort::Bool | Sort::Number) && !list.is_empty() {
            let mut any: Option<Expr> = None;
            for item in list {
                let one = self.compared((*value).clone(), BinaryOperator::Eq, item);
                any = Some(match any {
                    Some(so_far) => plain(so_far, BinaryOperator::Or, one),
                    None => one,
                });
            }
            let any = Expr::Nested(Box::new(any.unwrap_or_else(|| boolean(false))));
            *expr = if negated { not(any) } else { any };
            return;
        }
        self.expr(&mut value);
        list.iter_mut().for_each(|e| self.expr(e));
        *expr = Expr::InList { expr: value, list, negated };
    }

    /// LIKE sees text, whatever the column is.
    pub(super) fn like(&mut self, expr: &mut Expr) {
        if let Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } = expr {
            let escape = escape_char.take().and_then(|e| e.into_string()).and_then(|e| e.chars().next());
            if let Some(literal) = literal_text(pattern) {
                **pattern = text(&escaped(literal, escape));
            }
        }
        let (Expr::Like { expr: value, pattern, .. }
        | Expr::ILike { expr: value, pattern, .. }
        | Expr::SimilarTo { expr: value, pattern, .. }) = expr
        else {
            return;
        };
        let day = Self::parts(value).and_then(|p| self.find(&p)).and_then(|f| f.target);
        match (day, literal_text(pattern)) {
            (Some((alias, Target::Layout(layout, Sort::Day))), Some(wanted)) => {
                let stored = column(Some(&alias), column_of_layout(layout));
                **value = call("__day_text", vec![stored, text(layout_like(wanted))]);
            }
            _ => {
                let known = self.sort(value) == Sort::Text;
                self.expr(value);
                if !known {
                    let inner = std::mem::replace(value.as_mut(), null());
                    **value = call("__varchar", vec![inner]);
                }
            }
        }
        self.as_text(pattern);
    }
}

/// A pattern of LIKE as the engine reads it: its escape is the backslash, Trino's is none until it is said.
fn escaped(pattern: &str, escape: Option<char>) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            out.push('\\');
            out.extend(chars.next());
        } else {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

fn literal_truth(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Nested(inner) => literal_truth(inner),
        Expr::Value(value) => match value.value {
            Value::Boolean(true) => Some("true"),
            Value::Boolean(false) => Some("false"),
            _ => None,
        },
        _ => None,
    }
}

fn is_literal(expr: &Expr) -> bool {
    literal_text(expr).is_some() || literal_number(expr).is_some()
}

fn plain(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// The layout of days that a text seems to be in.
fn layout_like(text: &str) -> &'static str {
    let bare = text.trim_matches('%');
    if bare.contains('/') {
        "%Y/%m/%d"
    } else if bare.contains('-') {
        "%Y-%m-%d"
    } else if bare.chars().count() <= 2 {
        "%d"
    } else {
        "%Y%m%d"
    }
}
