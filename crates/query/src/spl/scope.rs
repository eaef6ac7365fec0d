//! Which names exist at a point of the pipeline, what they stand for, and in which order the rows come.

use std::collections::BTreeSet;

use crate::pipeline::{Expr, ExprKind, SortKey, Type};

/// What a name that no command made stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// A column of the log table or a path inside its record.
    Events,
    /// A field that may be there: after a pivot (Any) or from a lookup file (Text).
    Fields(Type),
    /// Nothing.
    Closed,
}

/// Whether rows still are events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Log events, shown with their time and raw text.
    Events,
    /// Rows of a table.
    Rows,
}

/// A field that the pipeline made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    pub name: String,
    pub ty: Type,
}

/// The names and the order of rows at a point of the pipeline.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub base: Base,
    pub kind: Kind,
    /// Fields made so far, in the order in which they would be shown.
    pub fields: Vec<Made>,
    /// Names that were renamed away or removed while the rows were still events; may hold `*`.
    pub hidden: BTreeSet<String>,
    /// Fields holding JSON whose members can be read by their own names (`spath input=x`).
    pub documents: Vec<Expr>,
    /// Path prefixes that a `rename prefix.* as *` took away.
    pub prefixes: Vec<String>,
    /// A lookup added columns whose names are not known: unknown names may be one of them.
    pub loose: bool,
    /// `fillnull` without fields, while rows are events: what every name that is read is filled with.
    pub filled: Option<String>,
    /// In which order the rows are meant to come.
    pub order: Vec<SortKey>,
    /// The order is meant, but no operator has made it yet.
    pub pending: bool,
}

impl Scope {
    pub fn new(base: Base, kind: Kind) -> Self {
        Self {
            base,
            kind,
            fields: Vec::new(),
            hidden: BTreeSet::new(),
            documents: Vec::new(),
            prefixes: Vec::new(),
            loose: false,
            filled: None,
            order: Vec::new(),
            pending: false,
        }
    }

    /// The type of a field made before.
    pub fn made(&self, name: &str) -> Option<Type> {
        self.fields.iter().find(|made| made.name == name).map(|made| made.ty)
    }

    /// Records that a field now exists; a field made again keeps its place.
    pub fn make(&mut self, name: &str, ty: Type) {
        self.hidden.remove(name);
        match self.fields.iter_mut().find(|made| made.name == name) {
            Some(made) => made.ty = ty,
            None => self.fields.push(Made { name: name.to_owned(), ty }),
        }
    }

    /// Forgets a field; while rows are events the name stays hidden.
    pub fn forget(&mut self, name: &str) {
        self.fields.retain(|made| made.name != name);
        if self.base == Base::Events {
            self.hidden.insert(name.to_owned());
        }
    }

    pub fn is_hidden(&self, name: &str) -> bool {
        self.hidden.iter().any(|pattern| super::wildcard::matches(pattern, name))
    }

    /// The rows become a table of exactly these fields.
    pub fn close(&mut self, fields: Vec<Made>) {
        // Of the JSON that members are read from, what is not among the fields is gone.
        let mut documents = std::mem::take(&mut self.documents);
        documents.retain(
            |document| matches!(&document.kind, ExprKind::Field(name) if fields.iter().any(|made| made.name == *name)),
        );
        *self = Self { fields, documents, ..Self::new(Base::Closed, Kind::Rows) };
    }

    /// Names of the fields, where all are known.
    pub fn columns(&self) -> Option<Vec<String>> {
        let known = self.base == Base::Closed && !self.loose;
        known.then(|| self.fields.iter().map(|made| made.name.clone()).collect())
    }

    /// Sets the order that rows are meant to have from here on.
    pub fn order_by(&mut self, keys: Vec<SortKey>, pending: bool) {
        self.pending = pending && !keys.is_empty();
        self.order = keys;
    }
}
