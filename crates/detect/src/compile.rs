//! From a rule's query, in whatever language, to a truth over single events: where the pipeline is a scan and filters, they
//! are it. Fields made before a filter are folded into it; what only shows rows (columns, order, a limit at the end) does
//! not matter. A pipeline that does more than that, and SQL, is for the scheduler.

use std::collections::HashMap;

use engine::matching::in_table;
use event::LogType;
use query::diagnostic::{Diagnostic, Severity};
use query::language::{Environment, front};
use query::pipeline::{Expr, ExprKind, Func, Item, Literal, Named, Op, Pipeline, Source, Type};
use query::span::Span;

use crate::rule::{Mode, Query, Rule};

/// The view across all log types.
const ACROSS: &str = "all";

/// Largest truth, in nodes: folding repeats what is read twice.
const LARGEST: usize = 50_000;

/// A truth over the rows of one log type.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The log type.
    pub log_type: &'static str,
    /// Conditions that all have to be true, about the log type's own columns.
    pub conjuncts: Vec<Expr>,
}

/// What a query is to a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A truth for each log type that it reads.
    Truths(Vec<Truth>),
    /// More than a truth over single events; why.
    More(String),
}

/// A query that was compiled, with its warnings.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// What it is.
    pub shape: Shape,
    /// Warnings about its text.
    pub warnings: Vec<Diagnostic>,
}

/// A rule that was compiled: each of its queries in order (one, or one a step).
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledRule {
    /// The truths of each query; empty for a scheduled rule.
    pub steps: Vec<Vec<Truth>>,
    /// Warnings about the queries, with spans into their texts.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles a rule's queries. A scheduled rule's query only has to lower.
///
/// # Errors
/// All that is wrong, with spans into the query's text: what its language says, and that a query is more than a truth
/// although the rule's mode looks at single events.
pub fn rule(rule: &Rule) -> Result<CompiledRule, Vec<Diagnostic>> {
    let mut compiled = CompiledRule { steps: Vec::new(), warnings: Vec::new() };
    let scheduled = matches!(rule.mode, Mode::Scheduled { .. });
    for text in rule.queries() {
        if scheduled && text.lang == "sql" {
            continue;
        }
        let found = query(text, &rule.logs)?;
        compiled.warnings.extend(found.warnings);
        match found.shape {
            _ if scheduled => {}
            Shape::Truths(truths) => compiled.steps.push(truths),
            Shape::More(why) => {
                let message = format!("no single event can be matched with this query: {why}");
                let error = Diagnostic::error("rule.not-single", message, Span::new(0, text.text.len()));
                let help = "filter events only, or say `mode: { scheduled: { every: 5m, window: 15m } }`";
                return Err(vec![error.with_help(help)]);
            }
        }
    }
    Ok(compiled)
}

/// Compiles one query for the log types that a rule reads; none named: those that the query itself reads.
///
/// # Errors
/// All that is wrong with the text.
pub fn query(query: &Query, logs: &[String]) -> Result<Compiled, Vec<Diagnostic>> {
    let whole = Span::new(0, query.text.len());
    if query.lang == "sql" {
        let why = "a statement of SQL is planned as it is".to_owned();
        return Ok(Compiled { shape: Shape::More(why), warnings: Vec::new() });
    }
    let Some(front) = front(&query.lang) else {
        let message = format!("there is no language `{}`", query.lang);
        return Err(vec![Diagnostic::error("rule.language", message, whole)]);
    };
    let default = ["cloudtrail".to_owned()];
    let tables = if logs.is_empty() { default.as_slice() } else { logs };
    let (mut truths, mut warnings) = (Vec::new(), Vec::new());
    for table in tables {
        let lowered = (front.lower)(&query.text, &environment(table))?;
        for warning in lowered.diagnostics {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        let (read, conjuncts) = match folded(&lowered.pipeline) {
            Ok(found) => found,
            Err(why) => return Ok(Compiled { shape: Shape::More(why), warnings }),
        };
        truths.extend(
            of_table(&read, &conjuncts, table, logs.is_empty())
                .map_err(|message| vec![Diagnostic::error("rule.logs", message, whole)])?,
        );
    }
    Ok(Compiled { shape: Shape::Truths(truths), warnings })
}

/// What a rule's query depends on besides its text. There is no time range: rules see events as they come.
fn environment(table: &str) -> Environment<'_> {
    Environment { default_table: table, ..Environment::new(&engine::Fields, 0) }
}

/// The truths of a query that reads `read`, in a rule that says `named`.
fn of_table(read: &str, conjuncts: &[Expr], named: &str, any: bool) -> Result<Vec<Truth>, String> {
    let truth = |log_type: &'static LogType| {
        let own = |expr: &Expr| if read == ACROSS { in_table(log_type, expr) } else { expr.clone() };
        Truth { log_type: log_type.id, conjuncts: conjuncts.iter().map(own).collect() }
    };
    let all = || event::log_types().iter().map(|log_type| truth(log_type)).collect();
    match (read, named) {
        (ACROSS, ACROSS) => Ok(all()),
        (ACROSS, _) if any => Ok(all()),
        (ACROSS, one) => Ok(event::log_type(one).map(truth).into_iter().collect()),
        (one, named) if one == named || any || named == ACROSS => match event::log_type(one) {
            Some(log_type) => Ok(vec![truth(log_type)]),
            None => Err(format!("there is no log type `{one}`")),
        },
        (one, named) => Err(format!("the query reads `{one}`, but the rule says `logs: [{named}]`")),
    }
}

/// Fields that a pipeline has made so far.
#[derive(Default)]
struct Fields {
    made: HashMap<String, Expr>,
    /// Whether a projection has taken the stored columns away.
    stored_gone: bool,
}

/// The table that a pipeline reads, and what an event has to fulfil to be one of its rows.
fn folded(pipeline: &Pipeline) -> Result<(String, Vec<Expr>), String> {
    let Source::Events { table } = &pipeline.scan.source else {
        return Err("it does not read a log".to_owned());
    };
    let last = pipeline.ops.iter().rposition(changes_rows).map_or(0, |at| at + 1);
    let mut fields = Fields::default();
    let mut conjuncts = Vec::new();
    for op in &pipeline.ops[..last] {
        match op {
            Op::Filter { predicate } => split(fields.resolved(predicate), &mut conjuncts),
            Op::Extend { fields: made } => made.iter().for_each(|named| fields.make(named)),
            Op::Project { items } => fields.project(items)?,
            Op::Remove { patterns } => {
                fields.made.retain(|name, _| !patterns.iter().any(|pattern| glob(pattern, name)));
            }
            Op::Rename { pairs } => fields.rename(pairs)?,
            Op::Sort { limit: None, .. } => {}
            other => return Err(format!("it {}", what(other))),
        }
        if conjuncts.iter().map(size).sum::<usize>() > LARGEST {
            return Err("its conditions repeat too much".to_owned());
        }
    }
    if conjuncts.iter().any(|conjunct| uses(conjunct, &[Func::Now, Func::Random, Func::RelativeTime])) {
        return Err("it asks what time it is".to_owned());
    }
    Ok((table.clone(), conjuncts))
}

/// Whether the op decides which rows there are; limits and orders at the end are about showing.
fn changes_rows(op: &Op) -> bool {
    !matches!(
        op,
        Op::Extend { .. }
            | Op::Project { .. }
            | Op::Remove { .. }
            | Op::Rename { .. }
            | Op::FillNull { .. }
            | Op::RowTotal(_)
            | Op::Sort { .. }
            | Op::Limit { .. }
            | Op::Tail { .. }
            | Op::Window { .. }
            | Op::Lookup { .. }
    )
}

fn what(op: &Op) -> &'static str {
    match op {
        Op::Aggregate { .. } | Op::Pivot(_) => "groups events",
        Op::Window { .. } => "looks at other events",
        Op::Dedup { .. } => "leaves out repeated events",
        Op::Expand { .. } => "makes several rows of an event",
        Op::Join { .. } | Op::Union { .. } | Op::Lookup { .. } => "brings in other rows",
        Op::Store { .. } => "writes a lookup",
        Op::Limit { .. } | Op::Tail { .. } | Op::Sort { .. } => "limits rows before it filters them",
        _ => "does more than filter events",
    }
}

impl Fields {
    fn make(&mut self, named: &Named) {
        let value = self.resolved(&named.expr);
        self.made.insert(named.name.clone(), value);
    }

    fn project(&mut self, items: &[Item]) -> Result<(), String> {
        let mut kept = HashMap::new();
        for item in items {
            match item {
                Item::Named(named) => {
                    kept.insert(named.name.clone(), self.resolved(&named.expr));
                }
                Item::Matching(pattern) => {
                    let matching = self.made.iter().filter(|(name, _)| glob(pattern, name));
                    for (name, value) in matching {
                        kept.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
            }
        }
        self.made = kept;
        self.stored_gone = true;
        Ok(())
    }

    fn rename(&mut self, pairs: &[(String, String)]) -> Result<(), String> {
        for (from, to) in pairs {
            if from.contains('*') {
                return Err("it renames fields by pattern before it filters".to_owned());
            }
            if let Some(value) = self.made.remove(from) {
                self.made.insert(to.clone(), value);
            }
        }
        Ok(())
    }

    /// An expression with the fields that it reads replaced by what they are.
    fn resolved(&self, expr: &Expr) -> Expr {
        let gone = || null(expr);
        match &expr.kind {
            ExprKind::Field(name) if name == query::pipeline::ELEMENT => expr.clone(),
            ExprKind::Field(name) => match self.made.get(name) {
                Some(made) if made.ty == expr.ty || expr.ty == Type::Any => Expr { span: expr.span, ..made.clone() },
                Some(made) => as_type(made, expr),
                None => gone(),
            },
            ExprKind::Column(_) | ExprKind::Path(_) if self.stored_gone => gone(),
            ExprKind::Call { func, args } => {
                let args = args.iter().map(|arg| self.resolved(arg)).collect();
                Expr { kind: ExprKind::Call { func: *func, args }, ..expr.clone() }
            }
            _ => expr.clone(),
        }
    }
}

/// A value as the type that it is read as.
fn as_type(made: &Expr, read: &Expr) -> Expr {
    let kind = ExprKind::Call { func: Func::Coalesce, args: vec![made.clone()] };
    Expr { kind, ty: read.ty, span: read.span }
}

fn null(expr: &Expr) -> Expr {
    Expr { kind: ExprKind::Literal(Literal::Null), ..expr.clone() }
}

/// The parts of a conjunction: only where all of them are true is it true.
pub(crate) fn split(expr: Expr, out: &mut Vec<Expr>) {
    match expr.kind {
        ExprKind::Call { func: Func::And, args } => args.into_iter().for_each(|arg| split(arg, out)),
        ExprKind::Call { func: Func::IsTrue, mut args } if args.len() == 1 => split(args.remove(0), out),
        ExprKind::Literal(Literal::Bool(true)) => {}
        kind => {
            let conjunct = Expr { kind, ty: expr.ty, span: expr.span };
            if !out.contains(&conjunct) {
                out.push(conjunct);
            }
        }
    }
}

pub(crate) fn size(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Call { args, .. } => 1 + args.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn uses(expr: &Expr, funcs: &[Func]) -> bool {
    match &expr.kind {
        ExprKind::Call { func, args } => funcs.contains(func) || args.iter().any(|arg| uses(arg, funcs)),
        _ => false,
    }
}

/// Whether a name is as a pattern with `*` says.
fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether something is wrong that keeps a rule from running.
#[must_use]
pub fn failed(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use query::pipeline::render_expr;

    fn shape(lang: &str, text: &str, logs: &[&str]) -> String {
        let query = Query { lang: lang.into(), text: text.into(), span: Span::default() };
        let logs: Vec<String> = logs.iter().map(|log| (*log).to_owned()).collect();
        match super::query(&query, &logs) {
            Err(found) => found[0].code.clone(),
            Ok(Compiled { shape: Shape::More(why), .. }) => why,
            Ok(Compiled { shape: Shape::Truths(truths), .. }) => {
                let shown = |truth: &Truth| {
                    let parts: Vec<String> = truth.conjuncts.iter().map(render_expr).collect();
                    format!("{}: {}", truth.log_type, parts.join(" & "))
                };
                truths.iter().map(shown).collect::<Vec<_>>().join(" | ")
            }
        }
    }

    #[test]
    fn filters_are_truths_in_every_language() {
        let check = |lang: &str, text: &str, expected: &str| {
            assert_eq!(shape(lang, text, &["cloudtrail"]), expected, "{text}");
        };
        check(
            "filter",
            "{ $.eventName = a && $.errorCode = b }",
            "cloudtrail: event_name = \"a\" & error_code = \"b\"",
        );
        check("kql", "event.action: \"a\"", "cloudtrail: event_name = \"a\"");
        check("insights", "filter eventName = 'a' | sort @timestamp desc | limit 20", "cloudtrail: event_name = \"a\"");
        check("insights", "fields eventName as n | filter n = 'a'", "cloudtrail: event_name = \"a\"");
        check("insights", "stats count(*) by eventName", "it groups events");
        check("insights", "filter nothing(", "insights.syntax");
        check("sql", "select 1", "a statement of SQL is planned as it is");
        check("nope", "x", "rule.language");
    }

    #[test]
    fn spl_is_folded() {
        let found =
            shape("spl", "index=aws eventName=ConsoleLogin | eval n=lower(user) | where n=\"root\"", &["cloudtrail"]);
        assert!(found.contains("event_name") && found.contains("lower("), "{found}");
        assert!(!found.contains("n ="), "{found}");
        for text in ["eventName=a | dedup user", "eventName=a | stats count by user | where count > 5"] {
            assert!(shape("spl", text, &["cloudtrail"]).starts_with("it "), "{text}");
        }
    }

    #[test]
    fn tables_are_those_that_the_rule_names() {
        let text = "{ $.eventName = a }";
        assert_eq!(shape("filter", text, &["vpc_flow"]), "rule.logs");
        let both = shape("kql", "source.ip: \"1.2.3.4\"", &["cloudtrail", "vpc_flow"]);
        assert!(both.contains("cloudtrail: ") && both.contains(" | vpc_flow: "), "{both}");
        let across = shape("kql", "source.ip: \"1.2.3.4\"", &["all"]);
        assert_eq!(across.matches(" | ").count(), event::log_types().len() - 1, "{across}");
    }
}
