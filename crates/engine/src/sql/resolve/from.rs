//! FROM: tables by whatever name they have, subqueries, joins, and arrays that are unnested beside a table. The engine
//! unnests in a select list: `t CROSS JOIN UNNEST(t.a) AS u(x)` becomes `(SELECT t.*, unnest(t.a) AS x FROM t) AS t`.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select,
    SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableAlias, TableFactor, TableWithJoins,
    WildcardAdditionalOptions,
};
use query::diagnostic::Diagnostic;
use query::span::Span;

use super::Resolver;
use super::build::{call, ident, listed};
use super::scope::{Columns, Output, Relation};
use crate::sql::fields::Sort;
use crate::sql::tables;

type Place = (usize, Option<usize>);

/// An array to unnest: its expressions, its alias, its kind of join.
struct Lateral {
    arrays: Vec<Expr>,
    alias: Option<TableAlias>,
    numbered: bool,
    outer: bool,
}

impl Resolver<'_> {
    /// Resolves FROM; the relations go into the innermost scope.
    pub(super) fn from(&mut self, from: &mut Vec<TableWithJoins>) {
        let old = std::mem::take(from);
        for item in old {
            let TableWithJoins { relation, joins } = item;
            match relation {
                TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } if !from.is_empty() => {
                    let lateral = Lateral { arrays: array_exprs, alias, numbered: with_ordinality, outer: false };
                    self.lateral(lateral, from);
                }
                mut relation => {
                    let place = (from.len(), None);
                    self.factor(&mut relation, place);
                    from.push(TableWithJoins { relation, joins: Vec::new() });
                }
            }
            for join in joins {
                self.join(join, from);
            }
        }
    }

    fn join(&mut self, mut join: Join, from: &mut Vec<TableWithJoins>) {
        let item = from.len().saturating_sub(1);
        if let TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } = join.relation {
            use JoinOperator::{Left, LeftOuter};
            let outer = matches!(join.join_operator, Left(_) | LeftOuter(_));
            self.lateral(Lateral { arrays: array_exprs, alias, numbered: with_ordinality, outer }, from);
            return;
        }
        let place = (item, Some(from.get(item).map_or(0, |f| f.joins.len())));
        self.factor(&mut join.relation, place);
        self.constraint(&mut join.join_operator, place);
        if let Some(item) = from.get_mut(item) {
            item.joins.push(join);
        }
    }

    fn constraint(&mut self, operator: &mut JoinOperator, place: Place) {
        use JoinOperator::{
            Anti, CrossJoin, FullOuter, Inner, Join as Plain, Left, LeftAnti, LeftOuter, LeftSemi, Right, RightAnti,
            RightOuter, RightSemi, Semi,
        };
        let constraint = match operator {
            Plain(c) | Inner(c) | Left(c) | LeftOuter(c) | Right(c) | RightOuter(c) | FullOuter(c) | CrossJoin(c)
            | Semi(c) | LeftSemi(c) | RightSemi(c) | Anti(c) | LeftAnti(c) | RightAnti(c) => c,
            _ => return,
        };
        match constraint {
            JoinConstraint::On(condition) => self.expr(condition),
            JoinConstraint::Using(names) => {
                let mut all: Option<Expr> = None;
                for name in names.iter().filter_map(|n| n.0.last().and_then(|p| p.as_ident())) {
                    let Some(equal) = self.using(name, place) else { continue };
                    all = Some(match all {
                        Some(so_far) => super::build::binary(so_far, BinaryOperator::And, equal),
                        None => equal,
                    });
                }
                if let Some(all) = all {
                    *constraint = JoinConstraint::On(all);
                }
            }
            _ => {}
        }
    }

    /// `USING (name)` as an equality of the joined relation's column and an earlier one's.
    fn using(&mut self, name: &Ident, place: Place) -> Option<Expr> {
        let parts = [name.clone()];
        let scope = self.scopes.last()?;
        let right = scope.relations.iter().filter(|r| r.place == place).find_map(|r| r.find(&parts));
        let left = scope.relations.iter().filter(|r| r.place != place).find_map(|r| r.find(&parts));
        match (left, right) {
            (Some(left), Some(right)) => Some(super::build::binary(left.expr, BinaryOperator::Eq, right.expr)),
            _ => {
                let span = self.place(name.span);
                self.error("sql.unknown-column", format!("`{}` is not a column of both tables", name.value), span);
                None
            }
        }
    }

    /// One table, subquery or bracketed join.
    fn factor(&mut self, factor: &mut TableFactor, place: Place) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let (name, alias) = (name.clone(), alias.take());
                self.table(factor, &name, alias, place);
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let renamed: Vec<Ident> =
                    alias.as_ref().map(|a| a.columns.iter().map(|c| c.name.clone()).collect()).unwrap_or_default();
                let columns = self.query(subquery, false, &renamed);
                let given = alias.take();
                let key = given.as_ref().map_or_else(
                    || format!("subquery{}", place.0 + place.1.unwrap_or(0)),
                    |a| a.name.value.to_lowercase(),
                );
                *alias = Some(renaming(&key, given));
                self.relate(&key, None, columns, place);
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                let mut inner = vec![std::mem::replace(
                    table_with_joins.as_mut(),
                    TableWithJoins { relation: empty(), joins: Vec::new() },
                )];
                self.nested_tables(&mut inner, place);
                if let Some(joined) = inner.pop() {
                    **table_with_joins = joined;
                }
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                let lateral = Lateral {
                    arrays: std::mem::take(array_exprs),
                    alias: alias.take(),
                    numbered: *with_ordinality,
                    outer: false,
                };
                *factor = self.constant_unnest(lateral, place);
            }
            other => {
                let shown = other.to_string();
                let what = shown.split_whitespace().next().unwrap_or_default().to_owned();
                let span = self.span_of(&*other);
                self.error("sql.unsupported", format!("`{what} …` can't be read from here"), span);
            }
        }
    }

    /// A bracketed join: its relations are those of its place.
    fn nested_tables(&mut self, from: &mut Vec<TableWithJoins>, place: Place) {
        let before = self.scopes.last().map_or(0, |s| s.relations.len());
        self.from(from);
        if let Some(scope) = self.here() {
            scope.relations[before..].iter_mut().for_each(|r| r.place = place);
        }
    }

    fn relate(&mut self, key: &str, database: Option<String>, columns: Columns, place: Place) {
        if let Some(scope) = self.here() {
            scope.relations.push(Relation { key: key.to_owned(), database, alias: ident(key), columns, place });
        }
    }

    fn table(&mut self, factor: &mut TableFactor, name: &ObjectName, alias: Option<TableAlias>, place: Place) {
        let parts: Vec<Ident> = name.0.iter().filter_map(|p| p.as_ident().cloned()).collect();
        // Hive allows a qualified name in one pair of backticks.
        let parts: Vec<String> = match parts.as_slice() {
            [one] if one.quote_style == Some('`') => one.value.split('.').map(str::to_owned).collect(),
            many => many.iter().map(|p| p.value.clone()).collect(),
        };
        let Some(last) = parts.last() else { return };
        let lower = last.to_lowercase();
        let key = alias.as_ref().map_or_else(|| lower.clone(), |a| a.name.value.to_lowercase());
        let database = alias.is_none().then(|| parts.len().checked_sub(2).map(|i| parts[i].to_lowercase())).flatten();
        let cte = if parts.len() == 1 { self.ctes.iter().rev().find_map(|c| c.get(&lower)).cloned() } else { None };
        if let Some(mut columns) = cte {
            let renamed = alias.as_ref().map(|a| a.columns.clone()).unwrap_or_default();
            for (output, name) in columns.list.iter_mut().zip(&renamed) {
                *output = Output::named(&name.name.value, output.sort);
            }
            *factor = plain_table(&lower, renaming(&key, alias));
            self.relate(&key, None, columns, place);
            return;
        }
        if let Some(mut view) = (self.context.view)(&lower).filter(|_| self.depth < super::DEEPEST) {
            // A view sees its own names only.
            let (scopes, ctes) = (std::mem::take(&mut self.scopes), std::mem::take(&mut self.ctes));
            let columns = self.query(&mut view, false, &[]);
            (self.scopes, self.ctes) = (scopes, ctes);
            *factor = derived(view, renaming(&key, alias));
            self.relate(&key, database, columns, place);
            return;
        }
        let span = self.span_of(name);
        let Some(log) = self.log_table(&parts, span) else {
            self.relate(&key, database, Columns::open(), place);
            return;
        };
        self.tables.insert(log.clone());
        *factor = plain_table(&log, TableAlias { explicit: true, name: ident(&key), columns: Vec::new(), at: None });
        let columns = if tables::own(&log) || crate::views::view(&log).is_some() {
            Columns::open()
        } else {
            Columns { log: Some(log), ..Columns::default() }
        };
        self.relate(&key, database, columns, place);
    }

    fn log_table(&mut self, parts: &[String], span: Span) -> Option<String> {
        match tables::meant(parts) {
            Some(found) => {
                if let tables::Meant::Guessed(table) = &found {
                    let shown = parts.last().map_or("", String::as_str);
                    let message = format!("there is no table `{shown}` here; it is read as `{table}`");
                    self.diagnostics.push(Diagnostic::warning("sql.table-by-name", message, span));
                }
                Some(found.table())
            }
            None => {
                self.diagnostics.push(tables::unknown(parts, span));
                // Its columns would all be wrong, too: one error is enough.
                None
            }
        }
    }

    /// UNNEST of what no table has: the engine's own table function.
    fn constant_unnest(&mut self, mut lateral: Lateral, place: Place) -> TableFactor {
        let mut select = empty_select();
        let (key, outputs) = self.unnested(&mut lateral, &Columns::default(), &mut select.projection);
        let alias = TableAlias { explicit: true, name: ident(&key), columns: Vec::new(), at: None };
        self.relate(&key, None, Columns { list: outputs, ..Columns::default() }, place);
        derived(query_of(select), alias)
    }

    /// Puts an array's elements beside the relation that the array is of.
    fn lateral(&mut self, mut lateral: Lateral, from: &mut Vec<TableWithJoins>) {
        let places: Vec<Place> = {
            let mut found = Vec::new();
            for array in &lateral.arrays {
                self.places(array, &mut found);
            }
            found.sort_unstable();
            found.dedup();
            found
        };
        let Some(place) = places.first().copied() else {
            let place = (from.len(), None);
            let relation = self.constant_unnest(lateral, place);
            from.push(TableWithJoins { relation, joins: Vec::new() });
            return;
        };
        if places.len() > 1 {
            let span = lateral.arrays.first().map_or(Span::new(0, 0), |a| self.span_of(a));
            self.error("sql.unsupported", "UNNEST takes arrays of one table at a time", span);
            return;
        }
        let mut inside = Columns::default();
        let mut alias = None;
        for relation in self.scopes.last().map(|s| s.relations.as_slice()).unwrap_or_default() {
            if relation.place == place {
                inside.log = inside.log.or_else(|| relation.columns.log.clone());
                inside.list.extend(relation.columns.list.iter().cloned());
                alias.get_or_insert_with(|| relation.alias.clone());
            }
        }
        let Some(alias) = alias else { return };
        let mut select = empty_select();
        let wildcard = SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![alias.clone()]));
        select.projection.push(SelectItem::QualifiedWildcard(wildcard, WildcardAdditionalOptions::default()));
        let (key, outputs) = self.unnested(&mut lateral, &inside, &mut select.projection);
        let Some(target) = factor_at(from, place) else { return };
        let table = std::mem::replace(target, empty());
        select.from = vec![TableWithJoins { relation: table, joins: Vec::new() }];
        *target = derived(
            query_of(select),
            TableAlias { explicit: true, name: alias.clone(), columns: Vec::new(), at: None },
        );
        if let Some(scope) = self.here() {
            let columns = Columns { list: outputs, ..Columns::default() };
            scope.relations.push(Relation { key, database: None, alias, columns, place });
        }
    }

    /// The select items of the elements; the relation's name and columns.
    fn unnested(
        &mut self,
        lateral: &mut Lateral,
        beside: &Columns,
        items: &mut Vec<SelectItem>,
    ) -> (String, Vec<Output>) {
        let alias = lateral.alias.take();
        let key = alias.as_ref().map_or_else(|| "unnest".to_owned(), |a| a.name.value.to_lowercase());
        let mut names: Vec<String> =
            alias.map(|a| a.columns.into_iter().map(|c| c.name.value).collect()).unwrap_or_default();
        let ordinal = if lateral.numbered { names.pop().or(Some("ordinality".to_owned())) } else { None };
        let mut outputs = Vec::new();
        let unnest = if lateral.outer { "unnest_outer" } else { "unnest" };
        let pairs = names.len() == lateral.arrays.len() * 2 && !names.is_empty();
        let mut names = names.into_iter();
        let mut first = None;
        let mut add = |name: String, list: Expr, sort: Sort| {
            let stored =
                |n: &str| beside.log.as_deref().and_then(crate::catalogue::of).is_some_and(|c| c.column(n).is_some());
            let taken = beside.list.iter().any(|o| o.name == name) || stored(&name);
            let physical = if taken { format!("{key}.{name}") } else { name.clone() };
            let expr = call(unnest, vec![list]);
            items.push(SelectItem::ExprWithAlias { expr, alias: ident(&physical) });
            outputs.push(Output { name: physical, called: vec![name.to_lowercase()], sort });
        };
        for (n, mut array) in lateral.arrays.drain(..).enumerate() {
            self.expr(&mut array);
            first.get_or_insert_with(|| array.clone());
            if pairs {
                add(names.next().unwrap_or_default(), call("__keys_or_list", vec![array.clone()]), Sort::Other);
                add(names.next().unwrap_or_default(), call("__values", vec![array]), Sort::Other);
            } else {
                let name = names.next().unwrap_or_else(|| if n == 0 { key.clone() } else { format!("_col{n}") });
                add(name, listed(array), Sort::Other);
            }
        }
        if let (Some(name), Some(array)) = (ordinal, first) {
            add(name, call("__ordinals", vec![array]), Sort::Number);
        }
        (key, outputs)
    }

    /// The places of the relations that an expression reads.
    fn places(&self, expr: &Expr, found: &mut Vec<Place>) {
        use datafusion::sql::sqlparser::ast::visit_expressions;
        use std::ops::ControlFlow;
        let Some(scope) = self.scopes.last() else { return };
        let _: ControlFlow<()> = visit_expressions(expr, |e: &Expr| {
            let hit = match e {
                Expr::Identifier(name) => scope.find(std::slice::from_ref(name)),
                Expr::CompoundIdentifier(parts) => scope.find(parts),
                _ => None,
            };
            found.extend(hit.and_then(|f| f.place));
            ControlFlow::Continue(())
        });
    }
}

fn factor_at(from: &mut [TableWithJoins], (item, join): Place) -> Option<&mut TableFactor> {
    let item = from.get_mut(item)?;
    match join {
        None => Some(&mut item.relation),
        Some(join) => item.joins.get_mut(join).map(|j| &mut j.relation),
    }
}

/// An alias under a name that is spelled as the plan has it.
fn renaming(key: &str, given: Option<TableAlias>) -> TableAlias {
    let mut columns = given.map(|a| a.columns).unwrap_or_default();
    for column in &mut columns {
        column.name = ident(&column.name.value);
    }
    TableAlias { explicit: true, name: ident(key), columns, at: None }
}

fn plain_table(name: &str, alias: TableAlias) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(vec![ident(name)]),
        alias: Some(alias),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

fn empty() -> TableFactor {
    plain_table("", TableAlias { explicit: true, name: ident(""), columns: Vec::new(), at: None })
}

fn derived(query: Query, alias: TableAlias) -> TableFactor {
    TableFactor::Derived { lateral: false, subquery: Box::new(query), alias: Some(alias), sample: None }
}

fn query_of(select: Select) -> Query {
    Query {
        with: None,
        body: Box::new(SetExpr::Select(Box::new(select))),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

fn empty_select() -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: Vec::new(),
        exclude: None,
        into: None,
        from: Vec::new(),
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole() {
        assert_eq!(derived(query_of(empty_select()), renaming("t", None)).to_string(), "(SELECT) AS \"t\"");
    }
}
