//! Names to values: a field made before (in any case), a metadata field, what the log table knows by that name, else a
//! path inside the record.

use super::{
    cursor::Name,
    event,
    lowering::{Base, Lowerer},
    path,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Named, Type},
    schema::Dialect,
    span::Span,
    spl::{build, suggest},
};

impl Lowerer<'_> {
    /// What a name stands for here. Never fails: an unknown name is null, with a warning.
    pub fn field(&mut self, name: &Name) -> Expr {
        self.named(&name.text, name.span)
    }

    pub fn named(&mut self, name: &str, span: Span) -> Expr {
        if let Some(made) = self.made(name) {
            return match &made.stands_for {
                Some(expr) => Expr { span, ..expr.clone() },
                None => build::field(&made.name, made.ty, span),
            };
        }
        match self.base {
            Base::Events if self.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(name)) => {
                self.absent(name, span)
            }
            Base::Events => self.event_name(name, span),
            Base::Open => build::field(name, Type::Any, span),
            Base::Closed => match self.in_documents(name, span) {
                Some(member) => member,
                None => self.absent(name, span),
            },
        }
    }

    /// A field with the name that it is to have, for a list of keys.
    pub fn key(&mut self, name: &Name) -> Named {
        let expr = self.field(name);
        // A list is one value to Sumo Logic.
        let expr = if expr.ty == Type::List { build::to_text(expr) } else { expr };
        Named { name: name.text.clone(), expr }
    }

    pub fn keys(&mut self, names: &[Name]) -> Vec<Named> {
        let mut keys: Vec<Named> = Vec::new();
        for name in names {
            if !keys.iter().any(|key| key.name.eq_ignore_ascii_case(&name.text)) {
                let key = self.key(name);
                keys.push(key);
            }
        }
        keys
    }

    fn event_name(&mut self, name: &str, span: Span) -> Expr {
        if let Some(expr) = event::metadata(self, name, span) {
            return expr;
        }
        if let Some(member) = self.in_documents(name, span) {
            return member;
        }
        if let Some(resolved) = self.env.schema.resolve(&self.table, Dialect::Sumo, name) {
            return build::column(&resolved.column, resolved.ty, span);
        }
        let full = self.env.schema.path(&self.table, Dialect::Sumo, name);
        let steps = path::parse(full.as_deref().unwrap_or(name));
        match path::plain(&steps) {
            Some(steps) => build::path(steps, span),
            None => build::null(span),
        }
    }

    /// `json auto field=x` lets the members of x be read by their own names.
    fn in_documents(&self, name: &str, span: Span) -> Option<Expr> {
        let document = self.documents.last()?.clone();
        Some(path::member(build::to_text(document), name, span))
    }

    /// A field that cannot be there: null, and said so.
    fn absent(&mut self, name: &str, span: Span) -> Expr {
        let near = suggest::nearest(name, self.fields.iter().map(|made| made.shown.as_str())).map(str::to_owned);
        let message = format!("there is no field `{name}` at this point; it is empty");
        let mut warning = Diagnostic::warning("sumo.no-such-field", message, span);
        if let Some(near) = near {
            warning = warning.with_help(format!("did you mean `{near}`?")).with_suggestion(near);
        }
        self.warn(warning);
        build::field(name, Type::Any, span)
    }
}

/// A field as text; a list of several is the JSON array that Sumo Logic would show.
pub(crate) fn text(expr: Expr) -> Expr {
    let span = expr.span;
    if expr.ty == Type::List {
        build::call(Func::ListToJson, vec![expr, build::truth(false, span)], Type::Text, span)
    } else {
        build::to_text(expr)
    }
}
