//! Which names a place in a statement can see: tables of logs, whose names come from the catalogues, and derived columns.

use std::collections::HashMap;

use datafusion::sql::sqlparser::ast::{Expr, Ident};

use super::build::{call, column, number, text};
use crate::sql::fields::{self, Sort, Target};

/// A column of a derived table.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// Its name in the plan.
    pub(super) name: String,
    /// The names that it may be called by, in lower case.
    pub(super) called: Vec<String>,
    /// How it compares.
    pub(super) sort: Sort,
}

impl Output {
    /// A column called by its name.
    pub(super) fn named(name: &str, sort: Sort) -> Self {
        Self { name: name.to_owned(), called: vec![name.to_lowercase()], sort }
    }
}

/// The columns of a relation.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// The log table all of whose names are there, too.
    pub(super) log: Option<String>,
    /// Columns by name.
    pub(super) list: Vec<Output>,
    /// Whether any other name is a column, too: of a table that is not looked into.
    pub(super) open: bool,
}

impl Columns {
    /// Those of a table that is not looked into.
    pub(super) fn open() -> Self {
        Self { open: true, ..Self::default() }
    }
}

/// A table, a subquery or a lateral array in FROM.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// What it is called by, in lower case.
    pub(super) key: String,
    /// The database before its name, in lower case.
    pub(super) database: Option<String>,
    /// Its name in the plan.
    pub(super) alias: Ident,
    /// Its columns.
    pub(super) columns: Columns,
    /// Where it stands in FROM: item, and join of the item.
    pub(super) place: (usize, Option<usize>),
}

/// What one query can see.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// FROM's relations.
    pub(super) relations: Vec<Relation>,
    /// Parameters of the lambdas around the place.
    pub(super) parameters: Vec<String>,
    /// The select list's names, for ORDER BY, GROUP BY and HAVING.
    pub(super) outputs: Vec<Output>,
    /// Whether those names come before columns.
    pub(super) outputs_first: bool,
    /// Whether those names are visible at all.
    pub(super) outputs_seen: bool,
    /// Sections of the record that GROUP BY names: their parts are read from them, not from columns of their own.
    pub(super) grouped: Vec<String>,
}

/// Common table expressions by name, the innermost last.
pub(super) type Ctes = Vec<HashMap<String, Columns>>;

/// A name found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) expr: Expr,
    pub(super) sort: Sort,
    /// What it is in a log table.
    pub(super) target: Option<(Ident, Target)>,
    /// Where it was found: the relation's place, if in the innermost query.
    pub(super) place: Option<(usize, Option<usize>)>,
    /// Whether the name is a struct path through a section that is text in Athena.
    pub(super) through_text: bool,
}

impl Found {
    fn plain(expr: Expr, sort: Sort) -> Self {
        Self { expr, sort, target: None, place: None, through_text: false }
    }
}

/// The expression of a target.
pub(super) fn expression(table: &Ident, target: &Target) -> Expr {
    let of = |name: &str| column(Some(table), name);
    match target {
        Target::Column(name, _) => of(name),
        Target::Section(path) => call("__section", vec![of("raw"), text(&format!("$.{path}"))]),
        Target::Path { path, ty, exact } => {
            let function = match (ty, exact) {
                (event::FieldType::Int, _) => "__path_int",
                (event::FieldType::Time, _) => "__path_time",
                (_, true) => "__path",
                (_, false) => "__path_folded",
            };
            call(function, vec![of("raw"), text(&format!("$.{path}"))])
        }
        Target::Layout(layout, _) => call("__day_text", vec![of(column_of_layout(layout)), text(layout)]),
        Target::Epoch(unit) => call("__epoch", vec![of("event_time"), number(&unit.to_string())]),
        Target::Whole => call("concat", vec![text("["), of("raw"), text("]")]),
    }
}

/// Layouts with a time need the instant; the others do with the day, which prunes.
pub(super) fn column_of_layout(layout: &str) -> &'static str {
    if layout.contains("%H") { "event_time" } else { "event_date" }
}

/// `value.a.b` of a derived column.
pub(super) fn inside(value: Expr, names: &[Ident]) -> Expr {
    if names.is_empty() {
        return value;
    }
    let mut args = vec![value];
    args.extend(names.iter().map(|n| text(&n.value)));
    call("__field", args)
}

fn joined(parts: &[Ident]) -> String {
    parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".")
}

impl Relation {
    /// A name in this relation.
    pub(super) fn find(&self, parts: &[Ident]) -> Option<Found> {
        let (first, rest) = parts.split_first()?;
        let wanted = first.value.to_lowercase();
        if let Some(output) = self.columns.list.iter().find(|o| o.called.contains(&wanted)) {
            let expr = inside(column(Some(&self.alias), &output.name), rest);
            let sort = if rest.is_empty() { output.sort } else { Sort::Text };
            return Some(Found { place: Some(self.place), ..Found::plain(expr, sort) });
        }
        if self.columns.open {
            let folded = |p: &Ident| if p.quote_style.is_some() { p.value.clone() } else { p.value.to_lowercase() };
            let name = parts.iter().map(folded).collect::<Vec<_>>().join(".");
            return Some(Found {
                place: Some(self.place),
                ..Found::plain(column(Some(&self.alias), &name), Sort::Other)
            });
        }
        let log = self.columns.log.as_deref()?;
        let name = joined(parts);
        let target = fields::target(log, &name)?;
        Some(Found {
            expr: expression(&self.alias, &target),
            sort: target.sort(),
            target: Some((self.alias.clone(), target)),
            place: Some(self.place),
            through_text: !rest.is_empty() && log == "cloudtrail" && is_text_section(&wanted),
        })
    }

    /// Whether the parts before a name mean this relation.
    fn is_called(&self, qualifier: &[Ident]) -> bool {
        let Some((last, before)) = qualifier.split_last() else { return false };
        if last.value.to_lowercase() != self.key {
            return false;
        }
        match (before.last(), &self.database) {
            (None, _) | (Some(_), None) => true,
            (Some(db), Some(database)) => db.value.to_lowercase() == *database,
        }
    }
}

fn is_text_section(name: &str) -> bool {
    matches!(name, "requestparameters" | "responseelements" | "additionaleventdata" | "serviceeventdetails")
}

impl Scope {
    /// A name, qualified or not.
    pub(super) fn find(&self, parts: &[Ident]) -> Option<Found> {
        let (first, rest) = parts.split_first()?;
        let wanted = first.value.to_lowercase();
        if self.parameters.contains(&wanted) {
            return Some(Found::plain(inside(Expr::Identifier(super::build::ident(&wanted)), rest), Sort::Other));
        }
        if self.outputs_seen
            && self.outputs_first
            && let Some(found) = self.output(&wanted, rest)
        {
            return Some(found);
        }
        for cut in 1..parts.len().min(4) {
            let (qualifier, name) = parts.split_at(cut);
            let found = self.relations.iter().filter(|r| r.is_called(qualifier)).find_map(|r| r.find(name));
            if found.is_some() {
                return found;
            }
        }
        let derived = |r: &&Relation| r.columns.list.iter().any(|o| o.called.contains(&wanted));
        let unqualified = self.relations.iter().find(derived).and_then(|r| r.find(parts));
        let found = unqualified.or_else(|| self.relations.iter().find_map(|r| r.find(parts)));
        if self.outputs_seen && !found.as_ref().is_some_and(certain) {
            return self.output(&wanted, rest).or(found);
        }
        found
    }

    fn output(&self, wanted: &str, rest: &[Ident]) -> Option<Found> {
        if !rest.is_empty() {
            return None;
        }
        let output = self.outputs.iter().find(|o| o.called.iter().any(|c| c == wanted))?;
        Some(Found::plain(Expr::Identifier(super::build::ident(&output.name)), output.sort))
    }
}

/// Whether a name surely means the column, not an alias of the select list.
fn certain(found: &Found) -> bool {
    !matches!(found.target, Some((_, Target::Layout(..) | Target::Path { exact: false, .. })))
}
