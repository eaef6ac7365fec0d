//! SQL as Athena and CloudTrail Lake users write it. A text is cut into statements and patched where the parser's grammar
//! falls short (`prepare`); names and Trino's shapes are resolved against the field catalogues (`resolve`); what remains
//! is planned by the engine's own planner over the same tables and functions as every language.

mod diagnose;
mod dialect;
mod fields;
mod json_clauses;
mod operators;
mod prepare;
mod reference;
mod resolve;
mod scan;
mod setup;
mod show;
mod statement;
mod tables;
mod views;

use std::collections::BTreeSet;

use datafusion::common::DataFusionError;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SQLOptions;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as Ast};
use datafusion::sql::sqlparser::parser::Parser;
use query::diagnostic::{Diagnostic, Severity};
use query::span::Span;

use crate::error::QueryError;
use crate::functions::trino;
use crate::request::Parameters;
use scan::Patched;
use statement::{Ask, Show};

pub use reference::reference;
pub(crate) use setup::{Setup, operators, rows_of_text};
use views::Views;

/// The first word of a text, in lower case, comments and brackets left out.
pub(crate) fn first_keyword(text: &str) -> String {
    let all = scan::tokens(text);
    let first = all.iter().find(|t| !t.is(text, "("));
    first.filter(|t| t.kind == scan::Kind::Word).map(|t| t.text(text).to_lowercase()).unwrap_or_default()
}

/// Words that begin statements. Those that change something are SQL too: they are refused there, with a reason.
const STATEMENTS: [&str; 20] = [
    "select",
    "with",
    "insert",
    "update",
    "delete",
    "drop",
    "create",
    "alter",
    "truncate",
    "explain",
    "show",
    "describe",
    "msck",
    "prepare",
    "execute",
    "unload",
    "merge",
    "deallocate",
    "desc",
    "values",
];

/// Whether a text of unsaid language is SQL: it begins with a statement's word, or a slip of SELECT, and a blank.
pub(crate) fn reads_as_sql(text: &str) -> bool {
    let first = first_keyword(text);
    let blank = text.to_lowercase().split_once(&first).is_some_and(|(_, rest)| rest.starts_with(char::is_whitespace));
    let slip = first.len() >= 5 && strsim::damerau_levenshtein(&first, "select") == 1;
    blank && !first.is_empty() && (slip || STATEMENTS.contains(&first.as_str()))
}

/// A text that was read.
pub(crate) struct Parsed {
    /// What to answer with.
    pub(crate) answer: Answer,
    /// The statement as it will be planned, or what it is.
    pub(crate) text: String,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// How a text is answered.
pub(crate) enum Answer {
    /// A query's rows.
    Rows(Reading),
    /// A query's plan, as rows.
    Plan(Reading),
    /// Rows that are known already: names of columns, and rows of text.
    Known(Vec<&'static str>, Vec<Vec<String>>),
}

/// A query with names resolved.
pub(crate) struct Reading {
    statement: Statement,
    source: Patched,
    /// The tables that it reads, by our names.
    pub(crate) tables: BTreeSet<String>,
}

/// Reads a text: its last statement is answered, views before it are there for it.
pub(crate) fn parse(
    text: &str,
    parameters: &Parameters,
    state: &SessionState,
    views: &Views,
) -> Result<Parsed, QueryError> {
    let pieces = statement::pieces(text);
    let reader = Reader { text, parameters, state, views, execute: true };
    let mut last = None;
    for piece in &pieces {
        last = Some(reader.statement(piece.start, piece.end)?);
    }
    last.ok_or_else(|| {
        QueryError::invalid(vec![Diagnostic::error(
            "sql.empty",
            "there is no statement here",
            Span::new(0, text.len()),
        )])
    })
}

struct Reader<'a> {
    text: &'a str,
    parameters: &'a Parameters,
    state: &'a SessionState,
    views: &'a Views,
    /// Whether EXECUTE may be followed: a prepared statement does not execute another one.
    execute: bool,
}

impl Reader<'_> {
    fn statement(&self, start: usize, end: usize) -> Result<Parsed, QueryError> {
        let piece = self.text.get(start..end).unwrap_or_default();
        let ask = statement::ask(piece).map_err(|d| QueryError::invalid(vec![moved(d, start)]))?;
        match ask {
            Ask::Query => self.query(start, end, Answer::Rows),
            Ask::Explain(at) => self.query(start + at, end, Answer::Plan),
            Ask::View { name, query } => self.view(&name, start + query, end),
            Ask::Prepare { name, query } => {
                let inner = self.query(start + query, end, Answer::Rows)?;
                let body = self.text.get(start + query..end).unwrap_or_default();
                self.views.prepare(&name.to_lowercase(), body);
                let notice = known("result", format!("`{name}` is prepared; EXECUTE {name} runs it"));
                // Its parameters have values only when it runs.
                let diagnostics = inner.diagnostics.into_iter().filter(|d| d.code != "sql.parameter").collect();
                Ok(Parsed { answer: notice, text: inner.text, diagnostics })
            }
            Ask::Execute { name, values } => self.execute(&name, &values, start, end),
            Ask::Show(Show::Partitions(name)) => self.partitions(&name, start, end),
            Ask::Show(what) => {
                let (columns, rows) = show::answer(&what, self.views, self.state)
                    .map_err(|message| refused("sql.unknown-table", &message, start, end))?;
                Ok(Parsed { answer: Answer::Known(columns, rows), text: piece.to_owned(), diagnostics: Vec::new() })
            }
            Ask::Nothing { what, name } => {
                Ok(Parsed { answer: show::nothing(&what, &name), text: piece.to_owned(), diagnostics: Vec::new() })
            }
            Ask::Forget(name) => {
                let there = self.views.forget(&name.to_lowercase());
                let said =
                    if there { format!("`{name}` is gone") } else { format!("there was no `{name}`: nothing to do") };
                Ok(Parsed { answer: known("result", said), text: piece.to_owned(), diagnostics: Vec::new() })
            }
        }
    }

    fn view(&self, name: &str, query: usize, end: usize) -> Result<Parsed, QueryError> {
        let inner = self.query(query, end, Answer::Rows)?;
        let lower = name.to_lowercase();
        if tables::own(&lower) || matches!(tables::meant(std::slice::from_ref(&lower)), Some(tables::Meant::Named(_))) {
            let message = format!("`{name}` is the name of a table here; a view needs another one");
            return Err(refused("sql.taken-name", &message, query, end));
        }
        let body = self.text.get(query..end).unwrap_or_default();
        self.views.keep(&lower, body).map_err(|message| refused("sql.invalid", &message, query, end))?;
        let notice = known("result", format!("the view `{name}` is kept; SELECT … FROM {name} reads it"));
        Ok(Parsed { answer: notice, text: inner.text, diagnostics: inner.diagnostics })
    }

    fn execute(&self, name: &str, values: &[String], start: usize, end: usize) -> Result<Parsed, QueryError> {
        let body = self.views.prepared(&name.to_lowercase()).filter(|_| self.execute);
        let Some(body) = body else {
            let message = format!("there is no prepared statement `{name}`");
            return Err(refused("sql.unknown-statement", &message, start, end));
        };
        let filled = show::filled(&body, values);
        let reader =
            Reader { text: &filled, parameters: self.parameters, state: self.state, views: self.views, execute: false };
        reader.statement(0, filled.len())
    }

    fn partitions(&self, name: &[String], start: usize, end: usize) -> Result<Parsed, QueryError> {
        let Some(found) = tables::meant(name) else {
            let span = Span::new(start, end);
            return Err(QueryError::invalid(vec![tables::unknown(name, span)]));
        };
        let text = format!(
            "SELECT DISTINCT concat('event_date=', CAST(event_date AS varchar)) AS partition FROM {} ORDER BY 1",
            found.table()
        );
        let reader =
            Reader { text: &text, parameters: self.parameters, state: self.state, views: self.views, execute: false };
        reader.query(0, text.len(), Answer::Rows)
    }

    fn query(&self, start: usize, end: usize, answer: fn(Reading) -> Answer) -> Result<Parsed, QueryError> {
        let piece = self.text.get(start..end).unwrap_or_default();
        let (source, slips) = prepare::prepared(piece, self.parameters);
        let source = source.moved(start);
        let mut query = read(&source, self.text)?;
        let known = |name: &str| {
            self.state.udf(name).is_ok()
                || self.state.udaf(name).is_ok()
                || self.state.udwf(name).is_ok()
                || self.state.higher_order_functions().contains_key(name)
                || matches!(name, "unnest" | "grouping" | "make_array")
        };
        let view = |name: &str| {
            let text = self.views.get(name)?;
            read(&prepare::prepare(&text), &text).ok()
        };
        let context = resolve::Context { source: &source, known_function: &known, view: &view };
        let mut resolved = resolve::resolve(&mut query, &context);
        let slip = |(from, to, said): (usize, usize, &str)| {
            Diagnostic::warning("sql.slip", said, Span::new(start + from, start + to))
        };
        resolved.diagnostics.extend(slips.into_iter().map(slip));
        if resolved.diagnostics.iter().any(|d| d.severity == Severity::Error) {
            return Err(QueryError::invalid(resolved.diagnostics));
        }
        let text = query.to_string();
        let statement = Statement::Statement(Box::new(Ast::Query(Box::new(query))));
        let reading = Reading { statement, source, tables: resolved.tables };
        Ok(Parsed { answer: answer(reading), text, diagnostics: resolved.diagnostics })
    }
}

fn known(column: &'static str, text: String) -> Answer {
    Answer::Known(vec![column], vec![vec![text]])
}

fn refused(code: &str, message: &str, start: usize, end: usize) -> QueryError {
    QueryError::invalid(vec![Diagnostic::error(code, message, Span::new(start, end))])
}

fn moved(mut diagnostic: Diagnostic, by: usize) -> Diagnostic {
    diagnostic.span = Span::new(diagnostic.span.start + by, diagnostic.span.end + by);
    diagnostic
}

/// How deep expressions nest.
const DEPTH: usize = 64;

/// Where a name of more than [`DEPTH`] parts stands: the planner's time grows with the cube of their number.
fn endless(text: &str) -> Option<(usize, usize)> {
    let tokens = scan::tokens(text);
    let dots = tokens.iter().enumerate().filter(|(_, token)| token.text(text) == ".").map(|(at, _)| at);
    let (mut parts, mut last, mut from) = (0, usize::MAX, 0);
    for at in dots {
        if last == usize::MAX || at - last > 2 {
            (parts, from) = (0, at);
        }
        (parts, last) = (parts + 1, at);
        if parts > DEPTH {
            return Some((tokens[from].start, tokens[at].end));
        }
    }
    None
}

/// Reads one query.
fn read(source: &Patched, whole: &str) -> Result<Query, QueryError> {
    if let Some((start, end)) = endless(&source.text) {
        let message = format!("a name has more than {DEPTH} parts");
        return Err(QueryError::invalid(vec![Diagnostic::error("sql.too-deep", message, source.span(start, end))]));
    }
    let parser = Parser::new(&dialect::Trino).with_recursion_limit(DEPTH).try_with_sql(&source.text);
    let parsed = parser.and_then(|mut parser| {
        let statement = parser.parse_statement()?;
        parser.expect_token(&datafusion::sql::sqlparser::tokenizer::Token::EOF)?;
        Ok(statement)
    });
    match parsed {
        Ok(Ast::Query(query)) => match query.body.as_ref() {
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(not_a_query(source))
            }
            _ => Ok(*query),
        },
        Ok(_) => Err(not_a_query(source)),
        Err(error) => Err(QueryError::invalid(vec![diagnose::syntax(source, whole, &error.to_string())])),
    }
}

fn not_a_query(source: &Patched) -> QueryError {
    let message = "only queries (SELECT, WITH) run here; the lake is never changed by SQL";
    QueryError::invalid(vec![Diagnostic::error("sql.not-a-query", message, source.span(0, source.text.len()))])
}

/// Plans a query against the session's tables.
pub(crate) async fn plan(reading: Reading, state: &SessionState) -> Result<LogicalPlan, QueryError> {
    let Reading { statement, source, .. } = reading;
    let wrong = |e: DataFusionError| diagnose::diagnose(&source, e);
    let plan = state.statement_to_plan(statement).await.map_err(wrong)?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan).map_err(wrong)?;
    // Types are checked here, so that what does not fit together is said before the query runs.
    let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {}).map_err(wrong)?;
    Ok(shown(plan, state)?)
}

/// Rows, maps and arrays of them leave as JSON.
fn shown(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan, DataFusionError> {
    use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
    if !plan.schema().fields().iter().any(|f| trino::shown_as_json(f.data_type())) {
        return Ok(plan);
    }
    let function = state.udf("__shown")?;
    let column = |(qualifier, field): (Option<&_>, &arrow::datatypes::FieldRef)| {
        let column = Expr::Column((qualifier, field).into());
        if trino::shown_as_json(field.data_type()) { function.call(vec![column]).alias(field.name()) } else { column }
    };
    let columns: Vec<Expr> = plan.schema().iter().map(column).collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

#[cfg(test)]
mod tests {
    use super::{first_keyword, reads_as_sql};

    #[test]
    fn statements_are_told_from_searches() {
        for (text, want) in [
            ("select 1", true),
            ("SELEC * FROM cloudtrail", true),
            ("DROP TABLE x", true),
            ("with x as (select 1) select * from x", true),
            ("create=1 | stats count", false),
            ("eventName=Select*", false),
            ("* | stats count", false),
        ] {
            assert_eq!(reads_as_sql(text), want, "{text}");
        }
    }

    #[test]
    fn the_first_word_tells_sql() {
        for (text, want) in [
            ("SELECT 1", "select"),
            ("  -- a comment\n(with x as", "with"),
            ("/* c */ Select", "select"),
            ("eventName=ConsoleLogin", "eventname"),
            ("| stats count", ""),
        ] {
            assert_eq!(first_keyword(text), want, "{text}");
        }
    }
}
