//! The whole query: its scope, and its stages between pipes.

use super::{
    ast::{Query, Stage},
    lexer::{self, Token},
    scope,
    template::Template,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Longest query.
const MAX_BYTES: usize = 1 << 20;

/// Reads `text[start..end]` as a query; spans are offsets into `text`.
pub(crate) fn parse(text: &str, part: Span, template: &Template<'_>) -> (Query, Vec<Diagnostic>) {
    let whole = Span::new(part.start, part.end);
    let text = &text[..part.end];
    if part.end - part.start > MAX_BYTES {
        let diagnostic = Diagnostic::error("sumo.too-long", "the query is longer than 1 MB", Span::new(0, 0));
        return (
            Query { scope: super::ast::Scope::And(Vec::new()), stages: Vec::new(), span: whole },
            vec![diagnostic],
        );
    }
    let (scope, end, mut diagnostics) = match reading_from_a_table(text, part.start) {
        true => (super::ast::Scope::And(Vec::new()), part.start, Vec::new()),
        false => scope::parse(text, part.start, template),
    };
    let (tokens, found) = lexer::lex(text, end, template);
    diagnostics.extend(found);
    let stages = stages(tokens);
    (Query { scope, stages, span: whole }, diagnostics)
}

/// `cat path` begins with an operator instead of a scope.
fn reading_from_a_table(text: &str, start: usize) -> bool {
    let rest = text[start..].trim_start();
    let after = rest.get(..3).filter(|word| word.eq_ignore_ascii_case("cat")).map(|_| &rest[3..]);
    after.is_some_and(|rest| rest.trim_start().starts_with("path://") || rest.trim_start().starts_with("/shared"))
}

/// Cuts tokens at the pipes that stand in no brackets.
pub(crate) fn stages(tokens: Vec<Token>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut current: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    for token in tokens {
        match token.text.as_str() {
            "(" if token.is_punct("(") => depth += 1,
            ")" if token.is_punct(")") => depth = depth.saturating_sub(1),
            "|" if depth == 0 && token.is_punct("|") => {
                close(&mut stages, &mut current);
                continue;
            }
            _ => {}
        }
        current.push(token);
    }
    close(&mut stages, &mut current);
    stages
}

/// An empty stage, as two pipes or a pipe at the end leave one, is none.
fn close(stages: &mut Vec<Stage>, tokens: &mut Vec<Token>) {
    if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
        let span = first.span.to(last.span);
        stages.push(Stage { tokens: std::mem::take(tokens), span });
    }
}
