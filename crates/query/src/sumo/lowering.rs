//! From stages to IR: the state that operators work on. An operator's file says what it means; what all of them need
//! (names, order of rows, diagnostics, the pipeline so far) is here.

use super::{
    ast::{Query, Stage},
    cursor::Cursor,
    event, operators, parser, tables,
    template::Template,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Kind, Lowered},
    pipeline::{Aggregate, Expr, ExprKind, Item, Named, Op, Pipeline, Scan, SortKey, Source, Type},
    span::Span,
    spl::build,
};

/// Stands for a diagnostic that has been recorded.
#[derive(Debug)]
pub(crate) struct Reported;

pub(crate) type Lower<T> = Result<T, Reported>;

/// Nobody reads more.
const MOST_DIAGNOSTICS: usize = 100;
/// Operators of a query; each costs the planner.
const MOST_STAGES: usize = 1000;

/// What a name that no operator made stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// A column of the log table or a path inside its record.
    Events,
    /// A field that may be there: after `transpose`, or from a lookup table.
    Open,
    /// Nothing.
    Closed,
}

/// A field that the query made. Names ignore case: the first spelling is the field's, the last one is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    pub name: String,
    pub shown: String,
    pub ty: Type,
    /// What it stands for while rows are events and it is just another name for a stored value.
    pub stands_for: Option<Expr>,
}

/// The width of the time slices that `timeslice` cut.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slice {
    pub name: String,
    /// Microseconds; none: the whole range is one.
    pub width: Option<i64>,
}

/// A pipeline in the making.
#[derive(Clone)]
pub(crate) struct Lowerer<'e> {
    pub env: &'e Environment<'e>,
    /// The query's text, into which spans point.
    pub text: &'e str,
    pub table: String,
    pub scan: Scan,
    pub ops: Vec<Op>,
    pub base: Base,
    pub fields: Vec<Made>,
    /// Names removed while rows are events, lower case.
    pub hidden: Vec<String>,
    /// Which fields `fields` chose to show, while rows are events.
    pub chosen: Option<Vec<String>>,
    /// Fields holding JSON whose members can be read by their own names (`json auto field=x`).
    pub documents: Vec<Expr>,
    /// In which order the rows are meant to come.
    pub order: Vec<SortKey>,
    /// The order is meant, but no operator has made it yet.
    pub pending: bool,
    /// What the `nodrop` parsers right before this stage found: a row that one of them matched survives the next.
    pub matched: Vec<Expr>,
    pub slice: Option<Slice>,
    /// What `compose` hands to the query around a subquery.
    pub composed: Option<Vec<super::cursor::Name>>,
    /// Whether what it hands over is looked for anywhere in a message (`keywords`).
    pub anywhere: bool,
    pub diagnostics: Vec<Diagnostic>,
    /// The stages after the present one.
    pub later: Vec<Stage>,
    made_up: usize,
    /// Whether rows have fields that nobody asked for.
    residue: bool,
    nesting: usize,
}

/// Operators of a pipeline, those of its branches included.
const MOST_OPERATORS: usize = 2000;
/// Subqueries inside one another.
const MOST_NESTED: usize = 8;

/// Lowers a whole query.
pub(crate) fn lower(query: &Query, text: &str, env: &Environment<'_>) -> Lowered {
    let mut lowerer = Lowerer::new(env, text, query.span);
    lowerer.query(query);
    lowerer.finish();
    Lowered {
        columns: lowerer.columns(),
        kind: if lowerer.base == Base::Events { Kind::Events } else { Kind::Rows },
        pipeline: Pipeline { scan: lowerer.scan, ops: lowerer.ops },
        diagnostics: lowerer.diagnostics,
    }
}

impl<'e> Lowerer<'e> {
    pub(super) fn new(env: &'e Environment<'e>, text: &'e str, span: Span) -> Self {
        let source = Source::Events { table: env.default_table.to_owned() };
        // Events come newest first.
        let time = SortKey { expr: event::time(Span::default()), descending: true, numeric: false };
        Self {
            env,
            text,
            table: env.default_table.to_owned(),
            scan: Scan { source, earliest: None, latest: None, span },
            ops: Vec::new(),
            base: Base::Events,
            fields: Vec::new(),
            hidden: Vec::new(),
            chosen: None,
            documents: Vec::new(),
            order: vec![time],
            pending: true,
            matched: Vec::new(),
            slice: None,
            composed: None,
            anywhere: false,
            diagnostics: Vec::new(),
            later: Vec::new(),
            made_up: 0,
            residue: false,
            nesting: 0,
        }
    }

    fn query(&mut self, query: &Query) {
        tables::scope(self, query);
        self.stages(&query.stages);
    }

    /// Lowers stages after one another.
    pub fn stages(&mut self, stages: &[Stage]) {
        if stages.len() > MOST_STAGES {
            let span = stages[MOST_STAGES].span;
            self.error(Diagnostic::error(
                "sumo.too-long",
                format!("a query has at most {MOST_STAGES} operators"),
                span,
            ));
            return;
        }
        for (index, stage) in stages.iter().enumerate() {
            self.later = stages[index + 1..].to_vec();
            let mut cursor = Cursor::new(&stage.tokens, stage.span);
            // A failed stage has said so; the next ones are lowered for their own mistakes.
            if operators::lower(self, &mut cursor).is_ok() && !cursor.done() {
                let token = cursor.peek().map(|token| token.text.clone()).unwrap_or_default();
                let message = format!("`{token}` is not expected here; is a pipe missing before it?");
                self.error(Diagnostic::error("sumo.syntax", message, cursor.here()));
            }
        }
    }

    /// Lowers `text[span]` as a query of its own (a subquery).
    pub fn nested(&mut self, span: Span) -> Lower<Lowerer<'e>> {
        if self.nesting >= MOST_NESTED || span.end > self.text.len() || span.start > span.end {
            return self.fail("sumo.too-deep", "subqueries are nested too deeply", span);
        }
        let template = Template::new(self.env.parameters);
        let (query, diagnostics) = parser::parse(self.text, span, &template);
        let mut inner = Self::new(self.env, self.text, span);
        inner.nesting = self.nesting + 1;
        inner.diagnostics = diagnostics;
        inner.query(&query);
        let failed = inner.failed();
        self.diagnostics.append(&mut inner.diagnostics);
        if failed { Err(Reported) } else { Ok(inner) }
    }

    /// Whether the rows so far may be made so many times more: each time costs all operators again, and doubling doubles.
    pub fn affordable(&mut self, times: usize, span: Span) -> Lower<()> {
        if size(&self.ops).saturating_mul(times + 1) <= MOST_OPERATORS {
            return Ok(());
        }
        self.fail("sumo.too-long", "this reads the same rows too many times over", span)
    }

    /// The same rows once more, for an operator that looks at them twice.
    pub fn fork(&self) -> Lowerer<'e> {
        Lowerer { diagnostics: Vec::new(), later: Vec::new(), ..self.clone() }
    }

    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub fn into_pipeline(self) -> Pipeline {
        Pipeline { scan: self.scan, ops: self.ops }
    }

    /// The order, and the columns that a reader expects.
    fn finish(&mut self) {
        self.settle_order();
        match self.base {
            Base::Events => event::project(self),
            Base::Closed => self.spell(),
            Base::Open if self.residue => self.push(Op::Remove { patterns: vec!["__*".to_owned()] }),
            Base::Open => {}
        }
    }

    /// Fields under the spelling last used, where that is not the first one.
    pub fn spell(&mut self) {
        if self.base != Base::Closed || !self.residue && self.fields.iter().all(|made| made.name == made.shown) {
            return;
        }
        let span = Span::default();
        let items = self.fields.iter().map(|made| {
            let expr = build::field(&made.name, made.ty, span);
            Item::Named(Named { name: made.shown.clone(), expr })
        });
        let items = items.collect();
        self.ops.push(Op::Project { items });
        for made in &mut self.fields {
            made.name.clone_from(&made.shown);
        }
        self.residue = false;
    }

    /// Names of the result's columns, where all are known.
    fn columns(&self) -> Option<Vec<String>> {
        (self.base != Base::Open).then(|| self.fields.iter().map(|made| made.shown.clone()).collect())
    }

    // -- diagnostics

    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        if self.diagnostics.len() < MOST_DIAGNOSTICS || !self.failed() {
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

    /// Keeps rows where the predicate is true; one that always is needs no operator.
    pub fn filter(&mut self, predicate: Expr) {
        if !matches!(predicate.kind, ExprKind::Literal(crate::pipeline::Literal::Bool(true))) {
            self.push(Op::Filter { predicate });
        }
    }

    /// A field by its name in any case.
    pub fn made(&self, name: &str) -> Option<&Made> {
        self.fields.iter().find(|made| made.name.eq_ignore_ascii_case(name))
    }

    /// Adds or replaces a field, under the spelling that it was first given.
    pub fn extend(&mut self, name: &str, expr: Expr) {
        let stored = matches!(expr.kind, ExprKind::Column(_) | ExprKind::Path(_)) && self.base == Base::Events;
        let (name, ty) = (self.register(name, expr.ty), expr.ty);
        self.forget_order_by(&name);
        if stored {
            if let Some(made) = self.fields.iter_mut().find(|made| made.name == name) {
                (made.ty, made.stands_for) = (ty, Some(expr));
            }
            return;
        }
        self.extend_hidden(&name, expr);
    }

    /// Makes a name known; gives the field's own spelling.
    pub fn register(&mut self, name: &str, ty: Type) -> String {
        self.hidden.retain(|hidden| !hidden.eq_ignore_ascii_case(name));
        if let Some(chosen) = &mut self.chosen
            && !chosen.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            chosen.push(name.to_owned());
        }
        match self.fields.iter_mut().find(|made| made.name.eq_ignore_ascii_case(name)) {
            Some(made) => {
                (made.ty, made.stands_for, made.shown) = (ty, None, name.to_owned());
                made.name.clone()
            }
            None => {
                self.fields.push(made(name, ty));
                name.to_owned()
            }
        }
    }

    /// Adds a field that no later operator can name.
    pub fn extend_hidden(&mut self, name: &str, expr: Expr) {
        self.residue |= name.starts_with("__");
        let named = Named { name: name.to_owned(), expr };
        match self.ops.last_mut() {
            Some(Op::Extend { fields }) => fields.push(named),
            _ => self.push(Op::Extend { fields: vec![named] }),
        }
    }

    /// Notes that an operator has made a field that nobody asked for.
    pub fn residue(&mut self) {
        self.residue = true;
    }

    /// Whether there are fields that nobody asked for.
    pub fn residue_left(&self) -> bool {
        self.residue
    }

    /// A field name that no user can have typed.
    pub fn made_up(&mut self, stem: &str) -> String {
        self.made_up += 1;
        format!("__{stem}_{}", self.made_up)
    }

    /// The rows become a table of exactly these fields.
    pub fn close(&mut self, fields: Vec<Made>) {
        self.base = Base::Closed;
        self.residue = false;
        self.fields = fields;
        self.hidden.clear();
        self.chosen = None;
        self.documents.clear();
    }

    /// Exactly these fields, in this order.
    pub fn project(&mut self, items: Vec<Named>) {
        let fields = items.iter().map(|named| made(&named.name, named.expr.ty)).collect();
        let order = std::mem::take(&mut self.order);
        self.order = order.into_iter().map_while(|key| carried(key, &items)).collect();
        self.push(Op::Project { items: items.into_iter().map(Item::Named).collect() });
        self.close(fields);
    }

    /// Groups; the result is a table of the keys and the aggregates, ordered by the keys.
    pub fn aggregate(&mut self, by: Vec<Named>, aggregates: Vec<Aggregate>) {
        if aggregates.iter().any(|a| matches!(a.func, crate::pipeline::Agg::First | crate::pipeline::Agg::Last)) {
            self.settle_order();
        }
        let keys = by.iter().map(|named| made(&named.name, named.expr.ty));
        let values = aggregates.iter().map(|aggregate| made(&aggregate.name, aggregate.ty));
        let fields = keys.chain(values).collect();
        self.order = by.iter().map(|named| ascending(&named.name, named.expr.ty, named.expr.span)).collect();
        self.pending = !self.order.is_empty();
        let keep_null = !by.is_empty();
        self.push(Op::Aggregate { by, aggregates, keep_null });
        self.close(fields);
    }

    // -- order

    /// Makes the order that rows are meant to have, before an operator that depends on it.
    pub fn settle_order(&mut self) {
        if std::mem::replace(&mut self.pending, false) && !self.order.is_empty() {
            self.push(Op::Sort { keys: self.order.clone(), limit: None });
        }
    }

    /// After an operator that may mix rows up: their order has to be made again.
    pub fn unsettle_order(&mut self) {
        self.pending = !self.order.is_empty();
    }

    /// The order for an operator that goes row by row; any, where there is none.
    pub fn row_order(&self) -> Vec<SortKey> {
        if !self.order.is_empty() {
            return self.order.clone();
        }
        vec![SortKey { expr: build::int(0, Span::default()), descending: false, numeric: false }]
    }

    /// A field that rows were sorted by is about to change: the order stays, but can't be made again by it.
    fn forget_order_by(&mut self, name: &str) {
        let by = |key: &SortKey| matches!(&key.expr.kind, ExprKind::Field(field) if field == name);
        if self.order.iter().any(by) {
            self.settle_order();
            let kept = self.order.iter().position(by).unwrap_or(self.order.len());
            self.order.truncate(kept);
        }
    }
}

/// Operators of a pipeline, those of its branches included.
fn size(ops: &[Op]) -> usize {
    ops.iter()
        .map(|op| match op {
            Op::Join { right, .. } | Op::Union { right } => 1 + size(&right.ops),
            _ => 1,
        })
        .sum()
}

/// A field that is what it is called.
pub(crate) fn made(name: &str, ty: Type) -> Made {
    Made { name: name.to_owned(), shown: name.to_owned(), ty, stands_for: None }
}

/// Sorts by a field, smallest first.
pub(crate) fn ascending(name: &str, ty: Type, span: Span) -> SortKey {
    SortKey { expr: build::field(name, ty, span), descending: false, numeric: false }
}

/// A sort key after a projection, where one of the projected fields is what it sorts by.
fn carried(key: SortKey, fields: &[Named]) -> Option<SortKey> {
    let field = fields.iter().find(|named| named.expr.kind == key.expr.kind)?;
    Some(SortKey { expr: build::field(&field.name, key.expr.ty, key.expr.span), ..key })
}
