//! SQL enters at the engine's own planner. Before that, names as Athena and CloudTrail Lake spell them
//! (`eventName`, `useridentity.type`, `element_at(requestParameters, 'bucketName')`) become stored columns of the same
//! field catalogue that every other language resolves against.

mod diagnose;
mod names;

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

/// A statement that only reads, with names resolved.
pub(crate) struct Parsed {
    statement: Statement,
    /// The statement as it will be planned.
    pub(crate) text: String,
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
    names::resolve(query);
    let text = statement.to_string();
    Ok(Parsed { statement, text })
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
    use super::first_keyword;

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
