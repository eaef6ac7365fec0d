//! A rule's field names as expressions. Names are those of the record, exactly; a stored column answers where it holds what
//! the record holds at that place, and the record itself everywhere else: through nested objects and arrays, each element of
//! which is a value of its own.

use crate::{
    language::Environment,
    pipeline::{Expr, Func, PathStep, Type},
    schema::{Dialect, Resolved},
    span::Span,
    spl::build,
};

/// Parts of a CloudTrail record whose members may be anything, an array too.
const POLYMORPHIC: &[&str] =
    &["requestParameters.", "responseElements.", "additionalEventData.", "serviceEventDetails."];

/// What is at hand for a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Access {
    /// A stored text: the value, or null.
    Text(Expr),
    /// A stored text that is the JSON text of an array where the record has one: the column, and all values.
    Either(Expr, Expr),
    /// A stored value of another type, and the record's own texts.
    Typed(Expr, Expr),
    /// The record's texts at that place.
    Values(Expr),
}

/// A field of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    access: Access,
    /// Where it stands in the record.
    path: String,
    /// Whether a stored column is the record's own value.
    copied: bool,
    span: Span,
}

/// The raw text of a record.
pub(super) fn raw(span: Span) -> Expr {
    build::column("raw", Type::Text, span)
}

/// The values at a place of the record.
pub(super) fn values(path: &str, span: Span) -> Expr {
    let steps = path.split('.').flat_map(|key| [PathStep::Key(key.to_owned()), PathStep::Elements]);
    build::path(steps.collect(), span)
}

impl Field {
    /// The field that a rule calls `name`.
    pub(super) fn new(env: &Environment<'_>, table: &str, name: &str, span: Span) -> Self {
        // Sigma's names differ in case where the fields differ.
        let found = env.schema.resolve(table, Dialect::Sigma, name).filter(|found| found.spelled.is_none());
        let copied = found.as_ref().is_none_or(|found| {
            env.schema.path_of(table, &found.column).map_or_else(|| is_path(name), |path| path == name)
        });
        let access = match found {
            Some(found) => stored(name, found, copied, span),
            None => Access::Values(values(name, span)),
        };
        Self { access, path: name.to_owned(), copied, span }
    }

    /// Every value of the event.
    pub(super) fn anything(span: Span) -> Self {
        let leaves = build::call(Func::JsonLeaves, vec![raw(span)], Type::List, span);
        Self { access: Access::Values(leaves), path: String::new(), copied: false, span }
    }

    /// Whether a value passes a test of text; null where there is none.
    pub(super) fn passes(&self, test: impl Fn(Expr) -> Expr) -> Expr {
        match &self.access {
            Access::Text(text) => test(text.clone()),
            Access::Values(values) | Access::Typed(_, values) => test(values.clone()),
            Access::Either(text, values) => {
                let array =
                    build::call(Func::Glob, vec![text.clone(), build::text("[*", self.span)], Type::Bool, self.span);
                let each = build::call(Func::And, vec![array, test(values.clone())], Type::Bool, self.span);
                build::call(Func::Or, vec![test(text.clone()), each], Type::Bool, self.span)
            }
        }
    }

    /// Equal to true or false, where the field is stored as such.
    pub(super) fn is_truth(&self, truth: bool) -> Option<Expr> {
        match &self.access {
            Access::Typed(column, _) if column.ty == Type::Bool => {
                let literal = build::truth(truth, self.span);
                Some(build::call(Func::Eq, vec![column.clone(), literal], Type::Bool, self.span))
            }
            _ => None,
        }
    }

    /// The field is there.
    pub(super) fn exists(&self) -> Expr {
        match &self.access {
            Access::Text(text) | Access::Either(text, _) => build::is_not_null(text.clone()),
            Access::Typed(column, _) if !self.copied => build::is_not_null(column.clone()),
            Access::Values(_) | Access::Typed(..) => build::is_not_null(self.types()),
        }
    }

    /// The field is not there, or null.
    pub(super) fn is_null(&self) -> Expr {
        match &self.access {
            Access::Text(text) | Access::Either(text, _) => build::is_null(text.clone()),
            Access::Typed(column, _) if !self.copied => build::is_null(column.clone()),
            Access::Values(_) | Access::Typed(..) => {
                let null =
                    build::call(Func::Eq, vec![self.types(), build::text("null", self.span)], Type::Bool, self.span);
                build::any(vec![build::is_null(self.types()), null], self.span)
            }
        }
    }

    /// The JSON types of the values at the field's place.
    fn types(&self) -> Expr {
        let path = build::text(self.path.clone(), self.span);
        build::call(Func::JsonTypes, vec![raw(self.span), path], Type::List, self.span)
    }

    /// The largest (smallest) number that the field holds, for `gt` (`lt`): an array passes if an element does.
    pub(super) fn number(&self, largest: bool) -> Expr {
        match &self.access {
            Access::Typed(column, _) if build::is_number(column.ty) => column.clone(),
            Access::Text(text) => build::call(Func::ToNumber, vec![text.clone()], Type::Float, self.span),
            Access::Values(values) | Access::Either(_, values) | Access::Typed(_, values) => {
                let func = if largest { Func::ListMax } else { Func::ListMin };
                build::call(func, vec![values.clone()], Type::Float, self.span)
            }
        }
    }

    /// The field as an instant.
    pub(super) fn time(&self) -> Expr {
        match &self.access {
            Access::Typed(column, _) if column.ty == Type::Time => column.clone(),
            _ => build::call(Func::ToTime, vec![self.first()], Type::Time, self.span),
        }
    }

    /// One text: the value, or the first of several.
    pub(super) fn first(&self) -> Expr {
        match &self.access {
            Access::Text(text) | Access::Either(text, _) => text.clone(),
            Access::Values(values) | Access::Typed(_, values) => {
                build::call(Func::ListIndex, vec![values.clone(), build::int(0, self.span)], Type::Text, self.span)
            }
        }
    }

    /// The field for a column of the result, and as the key of a group.
    pub(super) fn shown(&self) -> Expr {
        match &self.access {
            Access::Text(column) | Access::Either(column, _) | Access::Typed(column, _) => column.clone(),
            Access::Values(values) => {
                build::call(Func::ListJoin, vec![values.clone(), build::text(", ", self.span)], Type::Text, self.span)
            }
        }
    }
}

/// A stored column. One that is no copy of the record's value (a place, the actor) is read as text.
fn stored(name: &str, found: Resolved, copied: bool, span: Span) -> Access {
    let column = build::column(&found.column, found.ty, span);
    match found.ty {
        Type::Text if copied && POLYMORPHIC.iter().any(|part| name.starts_with(part)) => {
            Access::Either(column, values(name, span))
        }
        Type::Text => Access::Text(column),
        _ if copied => Access::Typed(column, values(name, span)),
        _ => {
            let text = build::call(Func::ToText, vec![column.clone()], Type::Text, span);
            let values = build::call(Func::ToList, vec![text], Type::List, span);
            Access::Typed(column, values)
        }
    }
}

/// Whether a name could stand in a CloudTrail record, whose members are in camel case.
fn is_path(name: &str) -> bool {
    name.chars().any(char::is_uppercase)
}
