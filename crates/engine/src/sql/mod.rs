//! SQL enters at the engine's own planner. Before that, names as Athena and CloudTrail Lake spell them
//! (`eventName`, `useridentity.type`, `element_at(requestParameters, 'bucketName')`) become stored columns of the same
//! field catalogue that every other language resolves against.

mod diagnose;
mod names;
mod tables;

use datafusion::common::DataFusionError;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SQLOptions;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{SetExpr, Statement as Ast};
use query::diagnostic::Diagnostic;
use query::span::Span;

use crate::error::QueryError;

pub(crate) use diagnose::diagnose;

/// Names under which the CloudTrail table may be asked for.
pub(crate) const CLOUDTRAIL_NAMES: [&str; 2] = ["cloudtrail", "cloudtrail_logs"];

/// The first word of a text, in lower case, comments and brackets left out.
pub(crate) fn first_keyword(text: &str) -> String {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(after) = rest.strip_prefix("--") {
            after.split_once('\n').map_or("", |(_, r)| r).trim_start()
        } else if let Some(after) = rest.strip_prefix("/*") {
            after.split_once("*/").map_or("", |(_, r)| r).trim_start()
        } else if let Some(after) = rest.strip_prefix('(') {
            after.trim_start()
        } else {
            break;
        };
    }
    rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_lowercase()
}

/// Words that begin statements. Those that change something are SQL too: they are refused there, with a reason.
const STATEMENTS: [&str; 12] = [
    "select", "with", "insert", "update", "delete", "drop", "create", "alter", "truncate", "explain", "show",
    "describe",
];

/// Whether a text of unsaid language is SQL: it begins with a statement's word, or a slip of SELECT, and a blank.
pub(crate) fn reads_as_sql(text: &str) -> bool {
    let first = first_keyword(text);
    let blank = text.to_lowercase().split_once(&first).is_some_and(|(_, rest)| rest.starts_with(char::is_whitespace));
    let slip = first.len() >= 5 && strsim::damerau_levenshtein(&first, "select") == 1;
    blank && !first.is_empty() && (slip || STATEMENTS.contains(&first.as_str()))
}

/// A statement that only reads, with names resolved.
pub(crate) struct Parsed {
    statement: Statement,
    /// The statement as it will be planned.
    pub(crate) text: String,
    /// The log tables that it reads: the name in the statement, our table.
    pub(crate) tables: Vec<(String, String)>,
}

/// Reads one statement and resolves its names.
pub(crate) fn parse(text: &str, state: &SessionState) -> Result<Parsed, QueryError> {
    let text = text.trim_end().trim_end_matches(';');
    let mut statement =
        state.sql_to_statement(text, &datafusion::config::Dialect::Generic).map_err(|e| diagnose(text, e))?;
    let Statement::Statement(ast) = &mut statement else { return Err(not_a_query(text)) };
    let Ast::Query(query) = ast.as_mut() else { return Err(not_a_query(text)) };
    if matches!(query.body.as_ref(), SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)) {
        return Err(not_a_query(text));
    }
    let tables = tables::read(query);
    names::resolve(query);
    let text = statement.to_string();
    Ok(Parsed { statement, text, tables })
}

fn not_a_query(text: &str) -> QueryError {
    let first = first_keyword(text);
    let span = Span::new(0, text.len().min(first.len().max(1)));
    let message = "only queries (SELECT, WITH) run here; the lake is never changed by SQL";
    QueryError::invalid(vec![Diagnostic::error("sql.not-a-query", message, span)])
}

/// Plans a statement against the session's tables.
pub(crate) async fn plan(text: &str, parsed: Parsed, state: &SessionState) -> Result<LogicalPlan, QueryError> {
    let plan = state.statement_to_plan(parsed.statement).await.map_err(|e| diagnose(text, e))?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan).map_err(|e: DataFusionError| diagnose(text, e))?;
    Ok(plan)
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
