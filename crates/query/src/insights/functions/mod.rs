//! The functions, in one sorted list. A function's entry says how it is written, what it gives, and how it is lowered.

mod conditional;
mod math;
mod network;
mod text;
mod time;

use super::{
    ast::{Expr as Tree, ExprKind as Form, Word},
    lowering::Lowerer,
};
use crate::{
    diagnostic::Diagnostic,
    language::{Entry, Part},
    pipeline::Expr,
    span::Span,
    spl::{build, suggest},
};

/// What a function's lowering gets.
pub(super) struct Call<'a, 'e> {
    pub lowerer: &'a mut Lowerer<'e>,
    pub args: &'a [Tree],
    pub span: Span,
}

impl Call<'_, '_> {
    /// An argument, lowered.
    pub fn arg(&mut self, index: usize) -> Expr {
        match self.args.get(index) {
            Some(tree) => self.lowerer.expr(tree),
            None => build::null(self.span),
        }
    }

    /// All arguments, lowered.
    pub fn all(&mut self) -> Vec<Expr> {
        (0..self.args.len()).map(|index| self.arg(index)).collect()
    }

    /// An argument that has to be a text.
    pub fn literal(&mut self, index: usize) -> Option<String> {
        match &self.args.get(index)?.kind {
            Form::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

/// A function.
pub(super) struct Function {
    pub name: &'static str,
    /// Names that people use for it elsewhere; each gets a warning.
    pub aliases: &'static [&'static str],
    /// Least and most arguments.
    pub arity: (usize, usize),
    pub syntax: &'static str,
    pub help: &'static str,
    pub example: &'static str,
    pub lower: fn(&mut Call<'_, '_>) -> Expr,
}

/// Sorted by name, whatever its case.
const FUNCTIONS: &[Function] = &[
    math::ABS,
    time::BIN,
    conditional::CASE,
    math::CEIL,
    conditional::COALESCE,
    text::CONCAT,
    time::DATECEIL,
    time::DATEFLOOR,
    math::FLOOR,
    time::FROMMILLIS,
    math::GREATEST,
    time::HOUR,
    conditional::IF,
    conditional::ISBLANK,
    conditional::ISEMPTY,
    network::ISIPINSUBNET,
    network::ISIPV4INSUBNET,
    network::ISIPV6INSUBNET,
    conditional::ISPRESENT,
    network::ISVALIDIP,
    network::ISVALIDIPV4,
    network::ISVALIDIPV6,
    conditional::JSONPARSE,
    conditional::JSONSTRINGIFY,
    math::LEAST,
    math::LOG,
    text::LTRIM,
    time::NOW,
    text::REPLACE,
    text::RTRIM,
    math::SQRT,
    text::STRCONTAINS,
    text::STRLEN,
    text::SUBSTR,
    text::TOLOWER,
    time::TOMILLIS,
    text::TOUPPER,
    text::TRIM,
    conditional::UNMASK,
];

fn find(name: &str) -> Option<&'static Function> {
    let known = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    FUNCTIONS.iter().find(|function| known(&[function.name]) || known(function.aliases))
}

/// Lowers a call; aggregates are none of these.
pub(super) fn lower(lowerer: &mut Lowerer<'_>, name: &Word, args: &[Tree], span: Span) -> Expr {
    let Some(function) = find(&name.text) else {
        if let Some(column) = column(lowerer, name, args, span) {
            return column;
        }
        unknown(lowerer, name);
        for arg in args.iter().filter(|arg| arg.kind != Form::Star) {
            lowerer.expr(arg);
        }
        return build::null(span);
    };
    if !function.name.eq_ignore_ascii_case(&name.text) {
        let message = format!("CloudWatch calls `{}` `{}`", name.text, function.name);
        lowerer.report(
            Diagnostic::warning("insights.foreign-function", message, name.span).with_suggestion(function.name),
        );
    }
    let (least, most) = function.arity;
    if args.len() < least || args.len() > most {
        let message = format!("`{}` has another number of arguments", function.name);
        let help = format!("write `{}`", function.syntax);
        lowerer.report(Diagnostic::error("insights.arity", message, span).with_help(help));
        return build::null(span);
    }
    let lowered = (function.lower)(&mut Call { lowerer, args, span });
    lowerer.bounded(lowered)
}

/// The column that `stats` made of the same aggregate without a name of its own: `sort count(*) desc`.
fn column(lowerer: &Lowerer<'_>, name: &Word, args: &[Tree], span: Span) -> Option<Expr> {
    if !super::aggregates::is_aggregate(&name.text) {
        return None;
    }
    let written = |arg: &Tree| match &arg.kind {
        Form::Star => Some("*".to_owned()),
        Form::Field(field) => Some(field.clone()),
        Form::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let args = args.iter().map(written).collect::<Option<Vec<_>>>()?.join(",");
    let asked = format!("{}({})", name.text.to_ascii_lowercase(), args.trim_start_matches('*'));
    let same = |made: &str| {
        let made: String = made.chars().filter(|c| !c.is_whitespace()).collect();
        let (function, rest) = made.split_once('(').unwrap_or((&made, ""));
        format!("{}({}", function.to_ascii_lowercase(), rest.trim_start_matches('*')) == asked
    };
    let found = lowerer.made.iter().find(|made| same(&made.name))?;
    Some(build::field(&found.name, found.ty, span))
}

fn unknown(lowerer: &mut Lowerer<'_>, name: &Word) {
    if super::aggregates::is_aggregate(&name.text) {
        let message = format!("`{}` summarises rows: it stands in `stats`", name.text);
        return lowerer.error("insights.misplaced-aggregate", message, name.span);
    }
    let mut found =
        Diagnostic::error("insights.unknown-function", format!("there is no function `{}`", name.text), name.span);
    let known = FUNCTIONS.iter().map(|function| function.name).chain(super::aggregates::names());
    if let Some(near) = suggest::nearest(&name.text, known) {
        found = found.with_suggestion(near);
    }
    lowerer.report(found);
}

/// The reference of the functions.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    FUNCTIONS.iter().map(|function| Entry {
        part: Part::Function,
        name: function.name,
        syntax: function.syntax,
        help: function.help,
        example: function.example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name.to_ascii_lowercase()));
    }
}
