//! Rules to the pipeline. Each rule is a truth of its own over the events; correlations are windows over those truths, one
//! after another, so that a correlation may look at another one. A result row is an event: one that a rule matches, or one
//! at which a correlation's window, which ends with it, fulfils the condition.

use std::collections::HashSet;

use super::{
    ast::{Condition, Correlation, Document, Rule, Search},
    collection::Collection,
    collection::unknown as unknown_rule,
    event,
    field::Field,
    old,
    predicate::Predicates,
    source::{self, Place},
    window,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Kind, Lowered},
    pipeline::{Expr, Func, Named, Op, Pipeline, Scan, Source, Type},
    span::Span,
    spl::build,
};

/// Most rules that correlations may lead through.
const DEEPEST: usize = 16;

/// Rules on their way to one pipeline.
pub(super) struct Lowerer<'a> {
    pub(super) env: &'a Environment<'a>,
    collection: &'a Collection,
    place: Place,
    /// Truths over single events, by the field that holds them. The rows are narrowed to those where one of them holds.
    matches: Vec<(String, Expr)>,
    /// What correlations add, in order.
    pub(super) ops: Vec<Op>,
    /// Entries that are done.
    done: HashSet<usize>,
    /// What correlations show beside the event: name and value.
    pub(super) made: Vec<(String, Expr)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A rule's table and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The table whose rows it is asked of.
    pub table: String,
    /// True for the events that the rule matches.
    pub expr: Expr,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers some of a collection's entries to one pipeline: an event that any of them finds is a row.
pub(super) fn lower_entries(
    collection: &Collection,
    outputs: &[usize],
    env: &Environment<'_>,
) -> Result<Lowered, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let place = common_place(collection, outputs, env, &mut found);
    let mut lowerer = Lowerer {
        env,
        collection,
        place: place.unwrap_or_else(|| Place {
            table: env.default_table.to_owned(),
            log_types: Vec::new(),
            by_category: false,
        }),
        matches: Vec::new(),
        ops: Vec::new(),
        done: HashSet::new(),
        made: Vec::new(),
        diagnostics: found,
    };
    let truths: Vec<(usize, Expr)> = outputs.iter().map(|at| (*at, lowerer.entry(*at, 0))).collect();
    lowerer.diagnostics.dedup();
    if lowerer.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(lowerer.diagnostics);
    }
    Ok(lowerer.finish(&truths))
}

/// The truth of one rule alone, for matching events as they arrive.
///
/// # Errors
/// All that is wrong with the rule; also that it is a correlation or has an aggregation, which no single event fulfils.
pub(super) fn predicate(rule: &Rule, env: &Environment<'_>) -> Result<Predicate, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    if let Some(aggregation) = rule.conditions.iter().find(|condition| condition.aggregation.is_some()) {
        let message = "the rule counts events: no single event fulfils it";
        diagnostics.push(Diagnostic::error("sigma.not-single", message, aggregation.span));
    }
    let place = source::place(env, &rule.logsource, &rule.searches, &mut diagnostics);
    let place = place.ok_or_else(|| diagnostics.clone())?;
    let expr = truth(env, &place, &rule.searches, &rule.conditions, &mut diagnostics);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let expr = within(&place, expr);
    Ok(Predicate { table: place.table, expr, diagnostics })
}

/// A truth over one condition or several.
pub(super) fn truth(
    env: &Environment<'_>,
    place: &Place,
    searches: &[Search],
    conditions: &[Condition],
    diagnostics: &mut Vec<Diagnostic>,
) -> Expr {
    let mut predicates = Predicates::new(env, place, searches);
    let expr = predicates.conditions(conditions);
    diagnostics.append(&mut predicates.diagnostics);
    expr
}

/// A truth, of the log types that the rule is about.
pub(super) fn within(place: &Place, expr: Expr) -> Expr {
    let span = Span::default();
    if place.log_types.is_empty() {
        return expr;
    }
    let column = build::column("log_type", Type::Text, span);
    let types = place.log_types.iter().map(|name| build::text(name.clone(), span));
    let args = std::iter::once(column).chain(types).collect();
    build::all(vec![build::call(Func::In, args, Type::Bool, span), expr], span)
}

/// The table that all rules share: their own where they agree, else the view across all.
fn common_place(
    collection: &Collection,
    outputs: &[usize],
    env: &Environment<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut open: Vec<(usize, usize)> = outputs.iter().map(|at| (*at, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        match &collection.entries[at].document {
            Document::Rule(rule) => places.extend(source::place(env, &rule.logsource, &rule.searches, found)),
            Document::Correlation(correlation) if depth < DEEPEST => {
                open.extend(correlation.rules.iter().filter_map(|(name, _)| Some((collection.find(name)?, depth + 1))));
            }
            _ => {}
        }
    }
    let first = places.first()?.clone();
    if places.iter().all(|place| *place == first) {
        return Some(first);
    }
    if places.iter().all(|place| place.table == first.table) {
        return Some(Place { log_types: Vec::new(), ..first });
    }
    Some(Place { table: "all".to_owned(), log_types: Vec::new(), by_category: false })
}

/// The name of the field that says whether an entry matches.
fn match_name(at: usize) -> String {
    format!("_rule{at}")
}

impl Lowerer<'_> {
    /// The truth of an entry for a row, as a field.
    pub(super) fn entry(&mut self, at: usize, depth: usize) -> Expr {
        let collection = self.collection;
        if !self.done.contains(&at) {
            match &collection.entries[at].document {
                Document::Rule(rule) => {
                    self.done.insert(at);
                    self.rule(at, rule);
                }
                Document::Correlation(correlation) if depth < DEEPEST => {
                    self.correlation(at, correlation, depth);
                    self.done.insert(at);
                }
                Document::Correlation(correlation) => {
                    let message = "correlations lead through each other without end";
                    self.diagnostics.push(Diagnostic::error("sigma.correlation", message, correlation.span));
                }
                Document::Filter(_) => {}
            }
        }
        build::field(&match_name(at), Type::Bool, Span::default())
    }

    fn rule(&mut self, at: usize, rule: &Rule) {
        let mut place = self.place.clone();
        if let Some(own) = source::place(self.env, &rule.logsource, &rule.searches, &mut Vec::new()) {
            let foreign = own.table != place.table && own.log_types.is_empty();
            place.log_types = if foreign { vec![own.table] } else { own.log_types };
            place.by_category = own.by_category;
        }
        if rule.conditions.iter().all(|condition| condition.aggregation.is_none()) {
            let expr = self.narrowed(rule, &place, &rule.conditions);
            self.matches.push((match_name(at), expr));
            return;
        }
        let mut truths = Vec::new();
        for (number, condition) in rule.conditions.iter().enumerate() {
            let name = format!("_rule{at}_{number}");
            let expr = self.narrowed(rule, &place, std::slice::from_ref(condition));
            self.matches.push((name.clone(), expr));
            truths.push(old::lower(self, &name, rule, &place, condition));
        }
        let any = build::any(truths, Span::default());
        self.ops.push(Op::Extend { fields: vec![Named { name: match_name(at), expr: any }] });
    }

    /// The truth of some of a rule's conditions, narrowed by the filters that apply to it.
    fn narrowed(&mut self, rule: &Rule, place: &Place, conditions: &[Condition]) -> Expr {
        let mut parts = vec![truth(self.env, place, &rule.searches, conditions, &mut self.diagnostics)];
        let collection = self.collection;
        for filter in collection.filters_of(rule) {
            parts.push(truth(self.env, place, &filter.searches, &filter.conditions, &mut self.diagnostics));
        }
        within(place, build::all(parts, Span::default()))
    }

    /// A truth over single events, as a field.
    pub(super) fn single(&mut self, name: String, expr: Expr) -> Expr {
        let field = build::field(&name, Type::Bool, Span::default());
        self.matches.push((name, expr));
        field
    }

    fn correlation(&mut self, at: usize, correlation: &Correlation, depth: usize) {
        let mut rules = Vec::new();
        for (name, span) in &correlation.rules {
            match self.collection.find(name) {
                Some(found) => rules.push((name.clone(), self.entry(found, depth + 1))),
                None => self.diagnostics.push(unknown_rule(name, *span, self.collection)),
            }
        }
        if rules.len() == correlation.rules.len() {
            window::correlate(self, &match_name(at), correlation, &rules);
        }
    }

    /// A field of the rows, under the common table's names.
    pub(super) fn field(&self, name: &str, span: Span) -> Field {
        Field::new(self.env, &self.place.table, source::taxonomy(name, self.place.by_category), span)
    }

    /// The table of the rows.
    pub(super) fn table(&self) -> &str {
        &self.place.table
    }

    fn finish(mut self, truths: &[(usize, Expr)]) -> Lowered {
        let span = Span::default();
        let source = Source::Events { table: self.place.table.clone() };
        let scan = Scan { source, earliest: None, latest: None, span };
        let simple = self.ops.is_empty();
        let several = truths.len() > 1;
        let any = build::any(self.matches.iter().map(|(_, expr)| expr.clone()).collect(), span);
        let mut ops = vec![Op::Filter { predicate: any }];
        if !simple || several {
            let fields = std::mem::take(&mut self.matches).into_iter();
            let fields: Vec<Named> = fields.map(|(name, expr)| Named { name, expr: build::is_true(expr) }).collect();
            ops.push(Op::Extend { fields });
        }
        ops.append(&mut self.ops);
        if !simple {
            let any = truths.iter().map(|(_, truth)| truth.clone()).collect();
            ops.push(Op::Filter { predicate: build::any(any, span) });
        }
        if several {
            let titles = self.titles(truths);
            self.made.insert(0, ("rule".to_owned(), titles));
        }
        let fields = truths.iter().flat_map(|(at, _)| &self.collection.entries[*at].document.meta().fields);
        let columns = event::project(&self, fields, &mut ops);
        Lowered {
            pipeline: Pipeline { scan, ops },
            diagnostics: self.diagnostics,
            columns: Some(columns),
            kind: Kind::Events,
        }
    }

    /// The titles of the rules that found a row.
    fn titles(&self, truths: &[(usize, Expr)]) -> Expr {
        let span = Span::default();
        let title = |at: usize| build::text(self.collection.entries[at].document.meta().title.clone(), span);
        let items = truths.iter().map(|(at, truth)| {
            let args = vec![truth.clone(), title(*at), Expr { ty: Type::Text, ..build::null(span) }];
            let one = build::call(Func::If, args, Type::Text, span);
            build::call(Func::ToList, vec![one], Type::List, span)
        });
        let all = build::call(Func::ListAppend, items.collect(), Type::List, span);
        build::call(Func::ListJoin, vec![all, build::text(", ", span)], Type::Text, span)
    }
}
