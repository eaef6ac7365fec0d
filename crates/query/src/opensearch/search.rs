//! A condition becomes a pipeline: which table is read, the bounds of time, the filter, and for events their columns.

use super::{
    clause::{Clause, Name, Role, Test},
    event,
    fields::Fields,
    tables,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Lowered},
    pipeline::{ExprKind, Literal, Op, Pipeline, Scan, SortKey, Source, Type},
    span::Span,
    spl::{Kind, build},
};

/// The lowering of one query.
pub(crate) struct Search<'a> {
    /// The language's id: codes of diagnostics begin with it.
    pub lang: &'static str,
    pub env: &'a Environment<'a>,
    /// The table that is read.
    pub table: String,
    /// Of the view across the tables, only these.
    pub among: Vec<String>,
    pub scan: Scan,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Search<'a> {
    /// A search over the table that the condition, the index patterns around it or the fields beside it mean.
    pub fn new(
        lang: &'static str,
        env: &'a Environment<'a>,
        clause: &Clause,
        indices: &[String],
        beside: &[String],
        span: Span,
    ) -> Self {
        let named = tables::named(env, clause, indices);
        let (table, among) = match named.as_slice() {
            [] => (by_fields(env, clause, beside), Vec::new()),
            [one] => (one.clone(), Vec::new()),
            _ => (tables::ACROSS.to_owned(), named),
        };
        let scan = Scan { source: Source::Events { table: table.clone() }, earliest: None, latest: None, span };
        Self { lang, env, table, among, scan, diagnostics: Vec::new() }
    }

    pub fn fields(&self) -> Fields<'_> {
        Fields { env: self.env, table: &self.table }
    }

    /// A diagnostic's code.
    pub fn code(&self, name: &str) -> String {
        format!("{}.{name}", self.lang)
    }

    /// The filter of a condition; ranges of the event's time that have to hold become the scan's bounds.
    pub fn filter(&mut self, clause: &Clause) -> Vec<Op> {
        let mut kept = Vec::new();
        for part in conjuncts(clause) {
            if !self.take_bound(part) {
                kept.push(self.predicate(part));
            }
        }
        if !self.among.is_empty() && self.table == tables::ACROSS {
            let own = build::column("log_type", Type::Text, Span::default());
            let tables = self.among.iter().map(|table| build::text(table.clone(), Span::default()));
            let args = std::iter::once(own).chain(tables).collect();
            kept.insert(0, build::call(crate::pipeline::Func::In, args, Type::Bool, Span::default()));
        }
        kept.retain(|predicate| predicate.kind != ExprKind::Literal(Literal::Bool(true)));
        if kept.is_empty() {
            return Vec::new();
        }
        let span = kept.iter().map(|predicate| predicate.span).reduce(Span::to).unwrap_or_default();
        vec![Op::Filter { predicate: build::all(kept, span) }]
    }

    /// Narrows the scan where the clause is a range of the event's time.
    fn take_bound(&mut self, clause: &Clause) -> bool {
        let Clause::Field { name, test: Test::Range(range) } = clause else { return false };
        if name.glob || !self.is_time(name) {
            return false;
        }
        let (from, to) = self.instants(range);
        if let Some(from) = from {
            self.scan.earliest = Some(self.scan.earliest.map_or(from, |known| known.max(from)));
        }
        if let Some(to) = to {
            self.scan.latest = Some(self.scan.latest.map_or(to, |known| known.min(to)));
        }
        true
    }

    fn is_time(&self, name: &Name) -> bool {
        matches!(self.fields().get(&name.text, name.span).expr.kind, ExprKind::Column(column) if column == "event_time")
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

fn by_fields(env: &Environment<'_>, clause: &Clause, beside: &[String]) -> String {
    let mut mentioned: Vec<&str> = beside.iter().map(String::as_str).collect();
    clause.tests(Role::Needed, &mut |name, _, _| {
        if !name.glob && !tables::names_a_table(&name.text) {
            mentioned.push(&name.text);
        }
    });
    tables::by_fields(env, mentioned)
}

/// The clauses that all have to hold.
fn conjuncts(clause: &Clause) -> Vec<&Clause> {
    match clause {
        Clause::And(clauses) => clauses.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// Newest first.
pub(crate) fn newest_first(span: Span) -> SortKey {
    SortKey { expr: build::column("event_time", Type::Time, span), descending: true, numeric: false }
}

/// Lowers a condition to the events that meet it, newest first.
///
/// # Errors
/// All that is wrong with the query.
pub(crate) fn events(
    lang: &'static str,
    env: &Environment<'_>,
    clause: &Clause,
    span: Span,
    found: Vec<Diagnostic>,
) -> Result<Lowered, Vec<Diagnostic>> {
    let mut search = Search::new(lang, env, clause, &[], &[], span);
    search.diagnostics = found;
    let mut ops = search.filter(clause);
    if search.has_errors() {
        return Err(search.diagnostics);
    }
    ops.push(Op::Sort { keys: vec![newest_first(span)], limit: None });
    let (project, columns) = event::columns(search.fields(), &[], span);
    ops.push(project);
    let pipeline = Pipeline { scan: search.scan, ops };
    Ok(Lowered { pipeline, diagnostics: search.diagnostics, columns: Some(columns), kind: Kind::Events })
}
