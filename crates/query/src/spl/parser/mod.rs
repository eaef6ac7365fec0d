//! Text to [`Ast`]. The pipeline is cut at its bars first, so that one command's mistake does not hide another's;
//! then each command's body is read by the grammar that its own file names.

mod arguments;
mod expr;
mod search;
mod statistics;

use arguments::Brackets;

use super::{
    ast::{Ast, Body, Command, Expr, Search, Word},
    commands::{self, Grammar},
    lexer::{Kind, Lexer, Mode, Token},
    source::Source,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Parentheses, brackets and operators inside one another.
const MAX_DEPTH: usize = 200;
/// What one subsearch counts for: its frames hold a whole pipeline.
const SUBSEARCH_DEPTH: usize = 12;

/// Stands for a diagnostic that has been recorded.
#[derive(Debug)]
pub(crate) struct Reported;

pub(crate) type Parse<T> = Result<T, Reported>;

/// Parses a whole query.
pub(crate) fn parse(source: &Source) -> (Ast, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let ast = pipeline(source, (0, source.text.len()), Place::First, 0, &mut diagnostics);
    (ast, diagnostics)
}

/// Parses commands for rows that there are already (`foreach`).
pub(crate) fn parse_commands(source: &Source) -> (Ast, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let ast = pipeline(source, (0, source.text.len()), Place::Later, 0, &mut diagnostics);
    (ast, diagnostics)
}

/// Parses a search expression by itself (`searchmatch`).
pub(crate) fn parse_search(source: &Source) -> (Option<Search>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let lexer = Lexer::new(source, 0, source.text.len());
    let search = Parser { lexer, depth: 0, diagnostics: &mut diagnostics }.search_body().ok();
    (search, diagnostics)
}

/// Parses an eval expression by itself.
pub(crate) fn parse_expression(source: &Source) -> (Option<Expr>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let lexer = Lexer::new(source, 0, source.text.len());
    let expr = Parser { lexer, depth: 0, diagnostics: &mut diagnostics }.whole_expression().ok();
    (expr, diagnostics)
}

/// Parses the pipeline in `range`; `first` is where its first command stands, `depth` what surrounds it.
fn pipeline(
    source: &Source,
    range: (usize, usize),
    first: Place,
    depth: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Ast {
    let mut ast = Ast { commands: Vec::new(), span: source.span(range.0, range.1) };
    let segments = match split(source, range) {
        Ok(segments) => segments,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return ast;
        }
    };
    let leading_bar = segments.len() > 1 && segments.first().is_some_and(|&(start, end)| blank(source, start, end));
    for (index, &(start, end)) in segments.iter().enumerate().skip(usize::from(leading_bar)) {
        let place = match (index, leading_bar) {
            (0, _) => first,
            (1, true) if first != Place::Later => Place::AfterLeadingBar,
            _ => Place::Later,
        };
        if blank(source, start, end) {
            let span = source.span(start.saturating_sub(1), end);
            match (place, index + 1 == segments.len()) {
                (Place::First | Place::Subsearch, _) | (_, true) => {}
                _ => diagnostics.push(Diagnostic::error(
                    "spl.empty-command",
                    "a command is missing between two `|`",
                    span,
                )),
            }
            continue;
        }
        let mut parser = Parser { lexer: Lexer::new(source, start, end), depth, diagnostics };
        if let Ok(command) = parser.command(place) {
            ast.commands.push(command);
        }
    }
    ast
}

fn blank(source: &Source, start: usize, end: usize) -> bool {
    source.text[start..end].trim().is_empty()
}

/// Cuts at the bars that stand outside of strings and brackets.
fn split(source: &Source, range: (usize, usize)) -> Result<Vec<(usize, usize)>, Diagnostic> {
    let bytes = source.text.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let mut segments = Vec::new();
    let (mut start, mut at) = (range.0, range.0);
    while at < range.1 {
        match bytes[at] {
            b'"' => at = string_end(source, at, range.1)?,
            b'[' => open.push(at),
            b']' if open.pop().is_none() => {
                return Err(Diagnostic::error("spl.unopened", "this bracket closes nothing", source.span(at, at + 1)));
            }
            b'|' if open.is_empty() => {
                segments.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if let Some(&at) = open.last() {
        return Err(Diagnostic::error("spl.unclosed", "this subsearch is not closed", source.span(at, at + 1))
            .with_help("end it with `]`"));
    }
    segments.push((start, range.1));
    Ok(segments)
}

/// The offset of the closing quote.
fn string_end(source: &Source, open: usize, end: usize) -> Result<usize, Diagnostic> {
    let bytes = source.text.as_bytes();
    let mut at = open + 1;
    while at < end {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return Ok(at),
            _ => {}
        }
        at += 1;
    }
    Err(Diagnostic::error("spl.unclosed", "this string is not closed", source.span(open, open + 1))
        .with_help("end it with \""))
}

/// Where a command stands: the first of a search is `search` unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    AfterLeadingBar,
    Subsearch,
    Later,
}

/// Reads one command.
pub(crate) struct Parser<'s, 'd> {
    lexer: Lexer<'s>,
    depth: usize,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Parser<'_, '_> {
    fn command(&mut self, place: Place) -> Parse<Command> {
        let start = self.lexer.at();
        let token = self.lexer.next(Mode::Arguments);
        let span = self.lexer.span(&token);
        let found = if token.kind == Kind::Word { commands::find(&token.text) } else { None };
        let comparison = self.lexer.peek(Mode::Search).sign().is_some_and(|sign| sign != "(" && sign != "[");
        let named = match place {
            Place::First => token.is("search") && !comparison,
            Place::Subsearch => found.is_some_and(|found| found.generating) && !comparison,
            Place::AfterLeadingBar => !self.is_bare_search(&token, found.is_some(), comparison),
            Place::Later => true,
        };
        if named {
            let Some(found) = found else { return Err(self.unknown_command(&token, span)) };
            if place == Place::AfterLeadingBar && !found.generating {
                let message = format!("`{}` does not begin a search; it runs over all events", found.name);
                self.diagnostics.push(Diagnostic::warning("spl.leading-bar", message, span));
            }
            let name = Word { text: found.name.to_owned(), span, quoted: false };
            return self.body(found.grammar, name);
        }
        if place == Place::AfterLeadingBar {
            let message = "a search does not begin with `|`; read as if it did not";
            self.diagnostics.push(Diagnostic::warning(
                "spl.leading-bar",
                message,
                self.lexer.source().span(start.saturating_sub(1), start),
            ));
        } else if found.is_some_and(|found| found.name != "search") && !comparison {
            let message =
                format!("`{}` is searched for as a word here: the first command of a search is `search`", token.text);
            let help = format!("write `* | {}` to run the command over all events", token.text);
            self.diagnostics.push(Diagnostic::warning("spl.command-as-term", message, span).with_help(help));
        }
        self.lexer.seek(start);
        self.lexer.skip_space();
        let at = self.lexer.at();
        let name = Word { text: "search".to_owned(), span: self.lexer.source().span(at, at), quoted: false };
        self.body(Grammar::Search, name)
    }

    /// After a leading bar: does a search follow (`|sourcetype=…`) rather than a command?
    fn is_bare_search(&mut self, token: &Token, known: bool, comparison: bool) -> bool {
        let term = token.kind != Kind::Word || token.text.contains('*');
        term || (comparison && self.lexer.peek(Mode::Search).sign() != Some("|") && !known)
    }

    fn unknown_command(&mut self, token: &Token, span: Span) -> Reported {
        if let Some(command) = commands::unsupported(&token.text) {
            let message = format!("the command `{}` is not supported yet", token.text);
            let diagnostic = Diagnostic::error("spl.unsupported-command", message, span).with_help(command.1);
            return self.report(diagnostic);
        }
        let mut diagnostic =
            Diagnostic::error("spl.unknown-command", format!("there is no command `{}`", token.text), span);
        if let Some(near) = super::suggest::nearest(&token.text, commands::names()) {
            diagnostic = diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near);
        }
        self.report(diagnostic)
    }

    fn body(&mut self, grammar: Grammar, name: Word) -> Parse<Command> {
        let body = match grammar {
            Grammar::Search => Body::Search(self.search_body()?),
            Grammar::Condition => Body::Condition(self.whole_expression()?),
            Grammar::Assignments => Body::Assignments(self.assignments()?),
            Grammar::Statistics => Body::Statistics(Box::new(self.statistics()?)),
            Grammar::Arguments => Body::Arguments(self.arguments(false, Brackets::Search)?),
            Grammar::Pattern => Body::Arguments(self.arguments(true, Brackets::Search)?),
            Grammar::Commands => Body::Arguments(self.arguments(false, Brackets::Commands)?),
            Grammar::Template => Body::Arguments(self.arguments(false, Brackets::Template)?),
        };
        self.lexer.skip_space();
        let end = self.lexer.source().span(self.lexer.at(), self.lexer.at());
        let span = name.span.to(Span::new(name.span.end.max(end.start), name.span.end.max(end.start)));
        Ok(Command { name, body, span })
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.diagnostics.push(diagnostic);
        Reported
    }

    /// "expected X", pointing at `token` (or behind the last character, at the end).
    fn expected(&mut self, what: &str, token: &Token) -> Reported {
        let found = if token.kind == Kind::End { "the end".to_owned() } else { format!("`{}`", token.text) };
        let span = self.lexer.span(token);
        self.report(Diagnostic::error("spl.syntax", format!("expected {what}, found {found}"), span))
    }

    /// One level deeper; an error at the limit.
    fn deeper(&mut self, by: usize) -> Parse<()> {
        self.depth += by;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        let at = self.lexer.at();
        let span = self.lexer.source().span(at, (at + 1).min(self.lexer.end()));
        Err(self.report(Diagnostic::error("spl.too-deep", "the query is nested too deeply", span)))
    }

    fn word(&self, token: &Token) -> Word {
        let quoted = matches!(token.kind, Kind::Quoted | Kind::Single);
        Word { text: token.text.clone(), span: self.lexer.span(token), quoted }
    }

    /// A subsearch whose opening bracket has been read.
    fn subsearch(&mut self, open: &Token, first: Place) -> Parse<Ast> {
        let end = self.closing_bracket(open)?;
        self.deeper(SUBSEARCH_DEPTH)?;
        let mut ast = pipeline(self.lexer.source(), (open.end, end), first, self.depth, self.diagnostics);
        ast.span = self.lexer.source().span(open.start, end + 1);
        self.depth -= SUBSEARCH_DEPTH;
        self.lexer.seek(end + 1);
        Ok(ast)
    }

    /// What stands in brackets, as it is.
    fn template(&mut self, open: &Token) -> Parse<Word> {
        let end = self.closing_bracket(open)?;
        let source = self.lexer.source();
        let text = source.text[open.end..end].to_owned();
        self.lexer.seek(end + 1);
        Ok(Word { text, span: source.span(open.end, end), quoted: true })
    }

    fn closing_bracket(&mut self, open: &Token) -> Parse<usize> {
        let bytes = self.lexer.source().text.as_bytes();
        let (mut at, mut depth) = (open.end, 1_usize);
        while at < self.lexer.end() {
            match bytes[at] {
                b'"' => match string_end(self.lexer.source(), at, self.lexer.end()) {
                    Ok(end) => at = end,
                    Err(diagnostic) => return Err(self.report(diagnostic)),
                },
                b'[' => depth += 1,
                b']' if depth == 1 => return Ok(at),
                b']' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        Err(self.expected("`]`", open))
    }
}
