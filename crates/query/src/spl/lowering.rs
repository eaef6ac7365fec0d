//! From AST to IR: the state that commands work on. A command's file says what it means; what all of them need (names,
//! order of rows, diagnostics, the pipeline so far) is here.

use super::{
    Environment, Lowered, Zone,
    ast::{Ast, Command, Word},
    build, commands, event, mentions,
    scope::{Base, Kind, Made, Scope},
    tables,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    pipeline::{Aggregate, Expr, Item, Named, Op, Pipeline, Scan, SortKey, Source, Type},
    span::Span,
};

/// Stands for a diagnostic that has been recorded.
#[derive(Debug)]
pub(crate) struct Reported;

pub(crate) type Lower<T> = Result<T, Reported>;

/// Nobody reads more.
const MOST_DIAGNOSTICS: usize = 100;

/// A pipeline in the making.
pub(crate) struct Lowerer<'e> {
    pub env: &'e Environment<'e>,
    /// The table that events come from.
    pub table: String,
    pub zone: Zone,
    pub scan: Scan,
    pub ops: Vec<Op>,
    pub scope: Scope,
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a command has said where rows come from.
    pub started: bool,
    /// Fields that a condition's subsearches left behind; removed after the filter.
    pub residue: Vec<String>,
    /// Names that the commands after this one read; only while it has wildcards to expand.
    pub mentioned: std::collections::BTreeSet<String>,
    /// Names that are read after a nested pipeline's rows have joined others.
    pub mentioned_after: std::collections::BTreeSet<String>,
    made_up: usize,
    /// The width of the buckets that `timechart` is aggregating, microseconds.
    pub bucket: Option<i64>,
    /// Templates inside templates.
    pub depth: usize,
}

/// Most operators of a pipeline that is used twice: each time doubles what is before it.
const MOST_BRANCHED: usize = 2000;

/// All operators, those of joins and unions included.
fn size(ops: &[Op]) -> usize {
    let inner = |op: &Op| match op {
        Op::Join { right, .. } | Op::Union { right } => size(&right.ops),
        _ => 0,
    };
    ops.iter().map(|op| 1 + inner(op)).sum()
}

/// Lowers a whole query.
pub(crate) fn lower(ast: &Ast, env: &Environment<'_>) -> Lowered {
    let mut lowerer = Lowerer::new(env, ast.span);
    lowerer.commands(&ast.commands);
    lowerer.finish();
    Lowered {
        columns: lowerer.scope.columns(),
        kind: lowerer.scope.kind,
        pipeline: Pipeline { scan: lowerer.scan, ops: lowerer.ops },
        diagnostics: lowerer.diagnostics,
    }
}

impl<'e> Lowerer<'e> {
    fn new(env: &'e Environment<'e>, span: Span) -> Self {
        let source = Source::Events { table: env.default_table.to_owned() };
        let mut lowerer = Self {
            env,
            table: env.default_table.to_owned(),
            zone: env.timezone,
            scan: Scan { source, earliest: None, latest: None, span },
            ops: Vec::new(),
            scope: Scope::new(Base::Events, Kind::Events),
            diagnostics: Vec::new(),
            started: false,
            residue: Vec::new(),
            mentioned: std::collections::BTreeSet::new(),
            mentioned_after: std::collections::BTreeSet::new(),
            made_up: 0,
            bucket: None,
            depth: 0,
        };
        // Events come newest first.
        let time = SortKey { expr: event::time(Span::default()), descending: true, numeric: false };
        lowerer.scope.order_by(vec![time], true);
        lowerer
    }

    pub fn commands(&mut self, commands: &[Command]) {
        if !self.started {
            self.read(tables::choose(self.env, commands));
        }
        for (index, command) in commands.iter().enumerate() {
            let matter = mentions::matter_to(command);
            let mut mentioned = if matter { mentions::names(&commands[index + 1..]) } else { Default::default() };
            mentioned.extend(self.mentioned_after.iter().cloned());
            self.mentioned = mentioned;
            if let Some(known) = commands::find(&command.name.text) {
                // A failed command has said so; the next ones are lowered for their own mistakes.
                let _ = (known.lower)(self, command);
                self.started = true;
            }
        }
    }

    /// Reads events of another table.
    pub fn read(&mut self, table: String) {
        if let Source::Events { table: read } = &mut self.scan.source {
            read.clone_from(&table);
        }
        self.table = table;
    }

    /// Lowers a subsearch to a pipeline of its own, without the shape that a shown result gets.
    pub fn nested(&mut self, ast: &Ast) -> Lower<Lowerer<'e>> {
        let mut inner = Self::new(self.env, ast.span);
        inner.commands(&ast.commands);
        let failed = inner.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        self.diagnostics.append(&mut inner.diagnostics);
        if failed { Err(Reported) } else { Ok(inner) }
    }

    /// The pipeline so far by itself, for a second use of its rows. What it writes is not written again.
    pub fn branch(&mut self, span: Span) -> Lower<Lowerer<'e>> {
        if size(&self.ops) > MOST_BRANCHED {
            return self.fail("spl.too-complex", "these commands work on the same rows too often", span);
        }
        let mut ops = self.ops.clone();
        ops.retain(|op| !matches!(op, Op::Store { .. }));
        Ok(Self {
            table: self.table.clone(),
            scan: self.scan.clone(),
            ops,
            scope: self.scope.clone(),
            started: true,
            mentioned_after: self.mentioned.clone(),
            made_up: self.made_up,
            depth: self.depth,
            ..Self::new(self.env, span)
        })
    }

    /// Lowers more commands on the rows there are; their diagnostics are the outer pipeline's.
    pub fn go_on(&mut self, ast: &Ast) -> Lower<()> {
        let before = self.diagnostics.len();
        self.commands(&ast.commands);
        let failed = self.diagnostics[before..].iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if failed { Err(Reported) } else { Ok(()) }
    }

    pub fn into_pipeline(self) -> Pipeline {
        Pipeline { scan: self.scan, ops: self.ops }
    }

    /// Starts over from another source of rows (`inputlookup`, `makeresults`).
    pub fn start(&mut self, source: Source, scope: Scope, span: Span) {
        self.scan = Scan { source, earliest: None, latest: None, span };
        self.ops.clear();
        self.scope = scope;
    }

    /// The order, and for events the columns, that a reader expects.
    fn finish(&mut self) {
        self.settle_order();
        if self.scope.base == Base::Events {
            event::project(self);
        }
    }

    // -- diagnostics

    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        if self.diagnostics.len() < MOST_DIAGNOSTICS
            || self.diagnostics.iter().all(|known| known.severity != Severity::Error)
        {
            self.diagnostics.push(diagnostic);
        }
        Reported
    }

    pub fn fail<T>(&mut self, code: &str, message: impl Into<String>, span: Span) -> Lower<T> {
        Err(self.error(Diagnostic::error(code, message, span)))
    }

    /// Records a warning, once.
    pub fn warn(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub fn warning(&mut self, code: &str, message: impl Into<String>, span: Span) {
        self.warn(Diagnostic::warning(code, message, span));
    }

    // -- operators

    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    pub fn filter(&mut self, predicate: Expr) {
        self.push(Op::Filter { predicate });
    }

    /// Adds or replaces a field.
    pub fn extend(&mut self, name: &str, expr: Expr) {
        // Epoch seconds put into `_time` are an instant: what follows bins and sorts by it.
        let expr = if name == "_time" && build::is_number(expr.ty) { build::to_time(expr) } else { expr };
        self.forget_order_by(name);
        self.scope.make(name, expr.ty);
        self.extend_hidden(name, expr);
    }

    /// Adds a field that no later command can name.
    pub fn extend_hidden(&mut self, name: &str, expr: Expr) {
        let named = Named { name: name.to_owned(), expr };
        match self.ops.last_mut() {
            Some(Op::Extend { fields }) => fields.push(named),
            _ => self.push(Op::Extend { fields: vec![named] }),
        }
    }

    /// A field name that no user can have typed.
    pub fn made_up(&mut self, stem: &str) -> String {
        self.made_up += 1;
        format!("__{stem}_{}", self.made_up)
    }

    /// Exactly these fields; the rows become a table.
    pub fn project(&mut self, fields: Vec<Named>) {
        let made = fields.iter().map(|named| Made { name: named.name.clone(), ty: named.expr.ty }).collect();
        // An order that is still to be made, by a field that goes, has to be made now.
        if !self.scope.order.iter().all(|key| carried(key.clone(), &fields).is_some()) {
            self.settle_order();
        }
        let order = std::mem::take(&mut self.scope.order);
        let pending = self.scope.pending;
        let order = order.into_iter().map_while(|key| carried(key, &fields)).collect();
        self.push(Op::Project { items: fields.into_iter().map(Item::Named).collect() });
        self.scope.close(made);
        self.scope.order_by(order, pending);
    }

    /// Groups; the result is a table of the keys and the aggregates, ordered by the keys.
    pub fn aggregate(&mut self, by: Vec<Named>, aggregates: Vec<Aggregate>, keep_null: bool) {
        let keys = by.iter().map(|named| (named.name.clone(), grouped(named.expr.ty)));
        let values = aggregates.iter().map(|aggregate| (aggregate.name.clone(), aggregate.ty));
        let made: Vec<_> = keys.chain(values).map(|(name, ty)| Made { name, ty }).collect();
        let order = by.iter().map(|named| ascending(&named.name, grouped(named.expr.ty), named.expr.span)).collect();
        self.push(Op::Aggregate { by, aggregates, keep_null });
        self.scope.close(made);
        self.scope.order_by(order, true);
    }

    // -- order

    /// Makes the order that rows are meant to have, before an operator that depends on it.
    pub fn settle_order(&mut self) {
        self.settle_order_limited(None);
    }

    /// The same, keeping only the first rows. Returns whether a sort was made.
    pub fn settle_order_limited(&mut self, limit: Option<u64>) -> bool {
        let pending = std::mem::replace(&mut self.scope.pending, false);
        if pending {
            self.push(Op::Sort { keys: self.scope.order.clone(), limit });
        }
        pending
    }

    /// After an operator that may mix rows up: their order has to be made again.
    pub fn unsettle_order(&mut self) {
        self.scope.pending = !self.scope.order.is_empty();
    }

    /// A field that rows were sorted by is about to change: the order stays, but can't be made again by it.
    fn forget_order_by(&mut self, name: &str) {
        if !self.scope.pending {
            let by = |key: &SortKey| matches!(&key.expr.kind, crate::pipeline::ExprKind::Field(field) if field == name);
            let kept = self.scope.order.iter().position(by).unwrap_or(self.scope.order.len());
            self.scope.order.truncate(kept);
        }
    }

    // -- time

    /// The bucket's start for each instant.
    pub fn bin_time(&mut self, time: Expr, width: super::time::Span, span: Span) -> Expr {
        super::time::bin(time, width, self.zone, self.env.now, span)
    }

    /// A time modifier as an instant.
    pub fn instant(&mut self, word: &Word) -> Lower<i64> {
        if word.text.starts_with("rt") {
            let message = "searches here end; a real-time range is read as the range before now";
            self.warning("spl.real-time", message, word.span);
        }
        match super::time::instant(&word.text, self.env.now, self.zone) {
            Some(instant) => Ok(instant),
            None => {
                let message = format!("`{}` is not a time", word.text);
                let help = "write `-24h`, `-7d@d`, `now`, epoch seconds, or %m/%d/%Y:%H:%M:%S";
                Err(self.error(Diagnostic::error("spl.time", message, word.span).with_help(help)))
            }
        }
    }
}

/// Grouping takes a list's elements one by one.
fn grouped(ty: Type) -> Type {
    if ty == Type::List { Type::Text } else { ty }
}

/// Sorts by a field as SPL does: numbers as numbers, the rest as text.
pub(crate) fn ascending(name: &str, ty: Type, span: Span) -> SortKey {
    SortKey { expr: build::field(name, ty, span), descending: false, numeric: matches!(ty, Type::Text | Type::Any) }
}

/// A sort key after a projection, where one of the projected fields is what it sorts by.
fn carried(key: SortKey, fields: &[Named]) -> Option<SortKey> {
    let field = fields.iter().find(|named| named.expr.kind == key.expr.kind)?;
    Some(SortKey { expr: build::field(&field.name, key.expr.ty, key.expr.span), ..key })
}
