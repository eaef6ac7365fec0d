//! Live tail: a query of any language cut down to the events that it looks at. What finds events row by row stays; what
//! orders, counts, groups or shapes them falls away, since it would say something about each handful of arrivals only.

use query::diagnostic::Diagnostic;
use query::pipeline::{Expr, ExprKind, Item, Named, Op, Pipeline, Source, Type};
use query::span::Span;

use crate::catalogue;
use crate::error::QueryError;

/// Columns of an event as a tail shows it: name, stored column.
const SHOWN: [(&str, &str, Type); 6] = [
    ("_time", "event_time", Type::Time),
    ("eventName", "event_name", Type::Text),
    ("action", "outcome", Type::Text),
    ("user", "actor_name", Type::Text),
    ("eventID", "event_id", Type::Text),
    ("_raw", "raw", Type::Text),
];

/// Makes the pipeline one of events; warns where something that tells events apart had to be left out.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`] where the query reads no events.
pub(crate) fn over(pipeline: &mut Pipeline, text: &str) -> Result<Vec<Diagnostic>, QueryError> {
    let Source::Events { table } = &pipeline.scan.source else { return Err(no_events(text)) };
    let (kept, left_out) = cut(std::mem::take(&mut pipeline.ops));
    let has = |column: &str| catalogue::of(table).is_none_or(|all| all.column(column).is_some());
    let span = pipeline.scan.span;
    let shown = SHOWN.iter().filter(|(_, column, _)| *column == "raw" || has(column)).map(|(name, column, ty)| {
        let expr = Expr { kind: ExprKind::Column((*column).to_owned()), ty: *ty, span };
        Item::Named(Named { name: (*name).to_owned(), expr })
    });
    let items = shown.collect();
    pipeline.ops = kept;
    pipeline.ops.push(Op::Project { items });
    Ok(left_out.map(|what| warning(what, text)).into_iter().collect())
}

/// Statements of SQL are planned as they are: there is no pipeline to cut.
pub(crate) fn not_sql(text: &str) -> QueryError {
    let message = "live tail follows a search; a statement of SQL is run as a whole";
    let found = Diagnostic::error("tail.sql", message, Span::new(0, text.len()));
    QueryError::invalid(vec![found.with_help("write the condition in another language, such as SPL or KQL")])
}

fn no_events(text: &str) -> QueryError {
    let message = "live tail shows events as they come in; this query reads none";
    QueryError::invalid(vec![Diagnostic::error("tail.no-events", message, Span::new(0, text.len()))])
}

/// What comes before the first operator that looks at more than one row, and what that one does, where it or anything
/// after it tells rows apart.
fn cut(ops: Vec<Op>) -> (Vec<Op>, Option<&'static str>) {
    let mut kept = Vec::new();
    let mut left_out = None;
    for op in ops {
        match op {
            _ if left_out.is_some() => {}
            // Which rows come first is nothing that an endless stream has.
            Op::Sort { .. } | Op::Limit { .. } => {}
            Op::Filter { .. } | Op::Extend { .. } | Op::FillNull { .. } | Op::Rename { .. } | Op::Lookup { .. } => {
                kept.push(op);
            }
            // Only for show, unless something reads what it made.
            Op::Project { .. } | Op::Remove { .. } => kept.push(op),
            other => left_out = Some(name(&other)),
        }
    }
    let shaped = kept.iter().position(|op| matches!(op, Op::Project { .. } | Op::Remove { .. }));
    if let Some(at) = shaped {
        let read = kept[at..].iter().any(|op| matches!(op, Op::Filter { .. }));
        kept.truncate(at);
        if read {
            left_out = Some("conditions on what was made of the events");
        }
    }
    (kept, left_out)
}

fn name(op: &Op) -> &'static str {
    match op {
        Op::Aggregate { .. } | Op::Pivot(_) | Op::Window { .. } | Op::TotalRow { .. } => "counting and grouping",
        Op::Dedup { .. } | Op::Tail { .. } => "keeping some rows of many",
        Op::Join { .. } | Op::Union { .. } => "the other search",
        Op::Store { .. } => "writing a lookup",
        _ => "what is made of the events",
    }
}

fn warning(what: &str, text: &str) -> Diagnostic {
    let message =
        format!("live tail shows the events that the query begins with; {what}, and all that follows, is left out");
    Diagnostic::warning("tail.left-out", message, Span::new(0, text.len()))
}
