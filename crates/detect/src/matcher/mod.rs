//! All streaming rules at once over a batch. Their truths are split into conjuncts, and equal conjuncts of several rules are
//! one. What a truth requires of `event_name` and `event_source` is its place in an index, so that a rule is asked about
//! candidates only; what reads one column of few values is asked once a value; what reads the record comes last, for the rows
//! that are left. All of it is vectorised.

mod frame;
mod index;
mod require;
mod select;

use std::collections::HashMap;

use arrow::array::RecordBatch;
use engine::QueryError;
use engine::matching::{Compiled, Matching};
use event::LogType;
use query::pipeline::{Expr, ExprKind, Type};

pub(crate) use frame::{Codes, Fast, Frame};
use index::Index;
use select::Answers;
pub(crate) use select::taken;

use crate::compile::{Truth, size};

/// The rows of a batch that fulfil a truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The truth, by the number under which it was added.
    pub probe: usize,
    /// Rows of the batch, ascending.
    pub rows: Vec<u32>,
}

/// The truths of many rules, compiled together.
#[derive(Debug, Default)]
pub struct Matcher {
    types: HashMap<&'static str, OfType>,
}

/// The truths over one log type.
#[derive(Debug, Default)]
struct OfType {
    conjuncts: Vec<Conjunct>,
    known: HashMap<String, usize>,
    probes: Vec<Probe>,
    index: Index,
}

/// A condition, perhaps of several truths.
#[derive(Debug)]
struct Conjunct {
    compiled: Compiled,
    cost: Cost,
    /// How many truths it is part of.
    users: usize,
}

/// What asking it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    /// It reads one column of text.
    Value,
    /// It reads columns.
    Columns,
    /// It reads the record.
    Record(usize),
}

/// A truth.
#[derive(Debug)]
struct Probe {
    id: usize,
    /// Its conjuncts, cheapest first.
    conjuncts: Vec<usize>,
}

impl Matcher {
    /// A matcher of truths, each under its number; a number may have several, over different log types.
    ///
    /// # Errors
    /// The number of a truth that can't be made to run, and why.
    pub fn new(matching: &Matching, truths: &[(usize, &Truth)]) -> Result<Self, (usize, QueryError)> {
        let mut matcher = Self::default();
        for (id, truth) in truths {
            matcher.add(matching, *id, truth).map_err(|error| (*id, error))?;
        }
        Ok(matcher)
    }

    fn add(&mut self, matching: &Matching, id: usize, truth: &Truth) -> Result<(), QueryError> {
        let Some(log_type) = event::log_type(truth.log_type) else { return Ok(()) };
        let of_type = self.types.entry(log_type.id).or_default();
        let mut conjuncts = Vec::with_capacity(truth.conjuncts.len());
        for expr in &truth.conjuncts {
            conjuncts.push(of_type.conjunct(matching, log_type, expr)?);
        }
        conjuncts.sort_by_key(|at| of_type.conjuncts[*at].cost);
        conjuncts.dedup();
        of_type.index.add(of_type.probes.len(), &truth.conjuncts);
        of_type.probes.push(Probe { id, conjuncts });
        Ok(())
    }

    /// Whether any truth is about a log type.
    #[must_use]
    pub fn reads(&self, log_type: &LogType) -> bool {
        self.types.contains_key(log_type.id)
    }

    /// The rows of a batch that fulfil each truth; truths without any are left out.
    ///
    /// # Errors
    /// Where an expression fails over the batch: a defect.
    pub fn matches(&self, log_type: &'static LogType, batch: &RecordBatch) -> Result<Vec<Match>, QueryError> {
        self.over(&Frame::new(log_type, vec![batch]))
    }

    pub(crate) fn over(&self, frame: &Frame<'_>) -> Result<Vec<Match>, QueryError> {
        let Some(of_type) = self.types.get(frame.log_type().id) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        let mut answers = Answers::new(frame, &of_type.conjuncts);
        for (rows, probes) in of_type.index.candidates(frame)? {
            for probe in probes {
                let Probe { id, conjuncts } = &of_type.probes[probe];
                let rows = answers.rows_of(rows.as_deref(), conjuncts)?;
                if !rows.is_empty() {
                    out.push(Match { probe: *id, rows });
                }
            }
        }
        out.sort_by_key(|found| found.probe);
        Ok(out)
    }
}

impl OfType {
    fn conjunct(&mut self, matching: &Matching, log_type: &'static LogType, expr: &Expr) -> Result<usize, QueryError> {
        // Spans do not count: the same words may stand in many files.
        let name = format!("{:?}", unplaced(expr));
        if let Some(at) = self.known.get(&name) {
            self.conjuncts[*at].users += 1;
            return Ok(*at);
        }
        let compiled = matching.compile(log_type, expr)?;
        let cost = cost(&compiled, expr);
        self.known.insert(name, self.conjuncts.len());
        self.conjuncts.push(Conjunct { compiled, cost, users: 1 });
        Ok(self.conjuncts.len() - 1)
    }
}

/// An expression without its places.
fn unplaced(expr: &Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::Call { func, args } => ExprKind::Call { func: *func, args: args.iter().map(unplaced).collect() },
        kind => kind.clone(),
    };
    Expr { kind, ty: expr.ty, span: query::span::Span::default() }
}

fn cost(compiled: &Compiled, expr: &Expr) -> Cost {
    match compiled.columns() {
        columns if columns.iter().any(|name| name == "raw") => Cost::Record(size(expr)),
        [one] if reads_text(expr, one) => Cost::Value,
        _ => Cost::Columns,
    }
}

/// Whether the column is read as text.
fn reads_text(expr: &Expr, column: &str) -> bool {
    match &expr.kind {
        ExprKind::Column(name) => name == column && expr.ty == Type::Text,
        ExprKind::Call { args, .. } => args.iter().any(|arg| reads_text(arg, column)),
        _ => false,
    }
}
