//! The field catalogue as the query languages ask for it.

use std::collections::BTreeSet;

use event::{FieldType, Match, Naming, catalogue};
use query::pipeline::Type;
use query::schema::{Dialect, Resolved, Schema};

/// Answers names from the catalogue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields;

/// The IR's type of a catalogue type.
pub(crate) fn ir_type(ty: FieldType) -> Type {
    match ty {
        FieldType::Text => Type::Text,
        FieldType::Int => Type::Int,
        FieldType::Float => Type::Float,
        FieldType::Bool => Type::Bool,
        FieldType::Time | FieldType::Date => Type::Time,
    }
}

fn naming(dialect: Dialect) -> Naming {
    match dialect {
        Dialect::Spl => Naming::Splunk,
        Dialect::Sql => Naming::Sql,
    }
}

/// What a name stands for: the language's own names first, then, for dotted names, those of ECS and OCSF as they are
/// spelled there.
pub(crate) fn named(naming: Naming, name: &str) -> Option<Match> {
    let own = catalogue().resolve(naming, name);
    let other = |naming| catalogue().resolve(naming, name).filter(|m| m.exact && m.field.column.is_some());
    own.or_else(|| name.contains('.').then(|| other(Naming::Ecs).or_else(|| other(Naming::Ocsf))).flatten())
}

impl Schema for Fields {
    fn resolve(&self, _table: &str, dialect: Dialect, name: &str) -> Option<Resolved> {
        let found = named(naming(dialect), name)?;
        let column = found.field.column?;
        let default = found.field.splunk_default.filter(|_| dialect == Dialect::Spl);
        Some(Resolved {
            column: column.to_owned(),
            ty: ir_type(found.field.ty),
            default: default.map(str::to_owned),
            spelled: (!found.exact).then(|| found.name.to_owned()),
        })
    }

    fn names(&self, _table: &str, dialect: Dialect) -> Vec<String> {
        catalogue().names(naming(dialect)).into_iter().map(str::to_owned).collect()
    }
}

/// Every name of the catalogue in one naming, for completion.
#[must_use]
pub fn completions() -> Vec<&'static str> {
    let mut all = BTreeSet::new();
    for naming in [Naming::Splunk, Naming::Sql] {
        all.extend(catalogue().names(naming));
    }
    all.into_iter().collect()
}
