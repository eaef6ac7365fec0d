//! A statement as its author wrote it to one over our tables: each name by the relations that its place can see, Trino's
//! functions and shapes by those that the engine has. Everything that is wrong is found in one walk.

mod build;
mod calls;
mod compare;
mod expr;
mod from;
mod higher;
mod scope;

use std::collections::{BTreeSet, HashMap};

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, LimitClause, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Spanned, WindowSpec,
};
use query::diagnostic::Diagnostic;
use query::span::Span;

use super::fields::Sort;
use super::scan::Patched;
use build::ident;
use scope::{Columns, Ctes, Output, Scope};

/// What a statement needs that is not in it.
pub(super) struct Context<'a> {
    /// The user's text and its changes.
    pub(super) source: &'a Patched,
    /// Whether the planner has a function of that name.
    pub(super) known_function: &'a dyn Fn(&str) -> bool,
    /// The statement of a stored view.
    pub(super) view: &'a dyn Fn(&str) -> Option<Query>,
}

/// A statement resolved.
pub(super) struct Resolved {
    /// Tables of logs and of the lake that it reads, by our names.
    pub(super) tables: BTreeSet<String>,
    /// Errors and warnings.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Resolves a query in place.
pub(super) fn resolve(query: &mut Query, context: &Context<'_>) -> Resolved {
    let mut resolver = Resolver {
        context,
        scopes: Vec::new(),
        ctes: Vec::new(),
        tables: BTreeSet::new(),
        diagnostics: Vec::new(),
        trying: 0,
        depth: 0,
        text: None,
    };
    resolver.query(query, true, &[]);
    Resolved { tables: resolver.tables, diagnostics: resolver.diagnostics }
}

struct Resolver<'a> {
    context: &'a Context<'a>,
    scopes: Vec<Scope>,
    ctes: Ctes,
    tables: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
    /// How many TRYs are around.
    trying: usize,
    /// How deep in queries and views.
    depth: usize,
    /// Starts of the lines of the changed text, once somebody asked.
    text: Option<Vec<usize>>,
}

/// Queries and views nest no deeper than this.
const DEEPEST: usize = 24;

impl Resolver<'_> {
    fn error(&mut self, code: &str, message: impl Into<String>, span: Span) -> usize {
        self.diagnostics.push(Diagnostic::error(code, message, span));
        self.diagnostics.len() - 1
    }

    /// The user's characters of a piece of the tree.
    fn span_of(&mut self, piece: &impl Spanned) -> Span {
        self.place(piece.span())
    }

    fn place(&mut self, span: datafusion::sql::sqlparser::tokenizer::Span) -> Span {
        let text = &self.context.source.text;
        let lines = self
            .text
            .get_or_insert_with(|| std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect());
        let offset = |line: u64, column: u64| -> Option<usize> {
            let start = *lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
            let rest = text.get(start..)?;
            let within = usize::try_from(column).ok()?.checked_sub(1)?;
            Some(start + rest.char_indices().nth(within).map_or(rest.len(), |(at, _)| at))
        };
        match (offset(span.start.line, span.start.column), offset(span.end.line, span.end.column)) {
            (Some(start), Some(end)) if end > start => self.context.source.span(start, end),
            _ => self.context.source.span(0, text.len()),
        }
    }

    fn idents_span(&mut self, parts: &[Ident]) -> Span {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Span::new(0, 0) };
        let (from, to) = (self.place(first.span), self.place(last.span));
        Span::new(from.start.min(to.start), to.end.max(from.end))
    }

    fn here(&mut self) -> Option<&mut Scope> {
        self.scopes.last_mut()
    }

    /// Resolves a query; gives its columns.
    fn query(&mut self, query: &mut Query, outermost: bool, renamed: &[Ident]) -> Columns {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.error("sql.too-deep", "the query's subqueries nest too deep", Span::new(0, 0));
            self.depth -= 1;
            return Columns::default();
        }
        self.ctes.push(HashMap::new());
        self.with(query);
        let pushed = self.scopes.len();
        let mut columns = self.body(&mut query.body, outermost);
        self.order(query);
        self.limit(query);
        self.scopes.truncate(pushed);
        self.ctes.pop();
        self.depth -= 1;
        for (output, name) in columns.list.iter_mut().zip(renamed) {
            output.called = vec![name.value.to_lowercase()];
            output.name.clone_from(&name.value);
        }
        columns
    }

    fn with(&mut self, query: &mut Query) {
        let Some(with) = &mut query.with else { return };
        let recursive = with.recursive;
        for cte in &mut with.cte_tables {
            let names: Vec<Ident> = cte.alias.columns.iter().map(|c| c.name.clone()).collect();
            let key = cte.alias.name.value.to_lowercase();
            if recursive {
                let own = names.iter().map(|n| Output::named(&n.value, Sort::Other)).collect();
                self.define(&key, Columns { list: own, ..Columns::default() });
            }
            let columns = self.query(&mut cte.query, false, &names);
            cte.alias.name = ident(&key);
            for (column, name) in cte.alias.columns.iter_mut().zip(&names) {
                column.name = ident(&name.value);
            }
            self.define(&key, columns);
        }
    }

    fn define(&mut self, name: &str, columns: Columns) {
        if let Some(innermost) = self.ctes.last_mut() {
            innermost.insert(name.to_owned(), columns);
        }
    }

    /// Resolves a body and leaves its scope for ORDER BY.
    fn body(&mut self, body: &mut SetExpr, outermost: bool) -> Columns {
        match body {
            SetExpr::Select(select) => self.select(select, outermost),
            SetExpr::Query(query) => {
                let columns = self.query(query, outermost, &[]);
                self.outputs_only(&columns);
                columns
            }
            SetExpr::SetOperation { left, right, .. } => {
                let start = self.scopes.len();
                let columns = self.body(left, outermost);
                self.scopes.truncate(start);
                self.body(right, false);
                self.scopes.truncate(start);
                self.outputs_only(&columns);
                columns
            }
            SetExpr::Values(values) => {
                self.scopes.push(Scope::default());
                values.rows.iter_mut().for_each(|row| row.content.iter_mut().for_each(|e| self.expr(e)));
                let width = values.rows.first().map_or(0, |row| row.content.len());
                let list = (1..=width).map(|i| Output::named(&format!("column{i}"), Sort::Other)).collect();
                Columns { list, ..Columns::default() }
            }
            _ => Columns::default(),
        }
    }

    fn outputs_only(&mut self, columns: &Columns) {
        let outputs = columns.list.clone();
        self.scopes.push(Scope { outputs, outputs_first: true, outputs_seen: true, ..Scope::default() });
    }

    fn select(&mut self, select: &mut Select, outermost: bool) -> Columns {
        self.scopes.push(Scope::default());
        self.from(&mut select.from);
        self.note_grouped(&select.group_by);
        let columns = self.projection(select, outermost);
        if let Some(filter) = &mut select.selection {
            self.expr(filter);
        }
        if let Some(Distinct::On(keys)) = &mut select.distinct {
            keys.iter_mut().for_each(|k| self.expr(k));
        }
        if let Some(scope) = self.here() {
            scope.outputs.clone_from(&columns.list);
            scope.outputs_seen = true;
        }
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
            keys.iter_mut().for_each(|k| self.group_key(k));
        }
        if let Some(having) = &mut select.having {
            self.expr(having);
        }
        if let Some(qualify) = &mut select.qualify {
            self.expr(qualify);
        }
        for window in &mut select.named_window {
            if let datafusion::sql::sqlparser::ast::NamedWindowExpr::WindowSpec(spec) = &mut window.1 {
                self.window(spec);
            }
        }
        columns
    }

    /// Sections that are grouped by: `GROUP BY requestParameters`.
    fn note_grouped(&mut self, keys: &GroupByExpr) {
        let GroupByExpr::Expressions(keys, _) = keys else { return };
        let found = keys.iter().filter_map(|key| self.find(&Self::parts(key)?)?.target);
        let sections: Vec<String> = found
            .filter_map(|(_, target)| match target {
                super::fields::Target::Section(path) => Some(path),
                _ => None,
            })
            .collect();
        if let Some(scope) = self.here() {
            scope.grouped = sections;
        }
    }

    fn group_key(&mut self, key: &mut Expr) {
        match key {
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                sets.iter_mut().flatten().for_each(|e| self.expr(e));
            }
            Expr::Tuple(items) => items.iter_mut().for_each(|e| self.expr(e)),
            other => self.expr(other),
        }
    }

    fn window(&mut self, spec: &mut WindowSpec) {
        spec.partition_by.iter_mut().for_each(|e| self.expr(e));
        spec.order_by.iter_mut().for_each(|o| self.expr(&mut o.expr));
    }

    fn projection(&mut self, select: &mut Select, outermost: bool) -> Columns {
        let mut columns = Columns::default();
        for (position, item) in select.projection.iter_mut().enumerate() {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let output = self.label(expr, position, outermost, &columns);
                    let resolved = std::mem::replace(expr, build::null());
                    let alias = ident(&output.name);
                    columns.list.push(output);
                    *item = SelectItem::ExprWithAlias { expr: resolved, alias };
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let sort = self.sort_after(expr);
                    let mut output = Output::named(&alias.value, sort);
                    output.name = apart(&alias.value, &columns);
                    *alias = ident(&output.name);
                    columns.list.push(output);
                }
                SelectItem::Wildcard(_) => {
                    self.all(&mut columns, None);
                }
                SelectItem::QualifiedWildcard(kind, _) => {
                    if let SelectItemQualifiedWildcardKind::ObjectName(name) = kind {
                        let key = name.0.last().and_then(|p| p.as_ident()).map(|i| i.value.to_lowercase());
                        let alias = self.all(&mut columns, key.as_deref());
                        if let Some(alias) = alias {
                            *name = datafusion::sql::sqlparser::ast::ObjectName::from(vec![alias]);
                        }
                    }
                }
                SelectItem::ExprWithAliases { expr, .. } => self.expr(expr),
            }
        }
        columns
    }

    /// The columns of `*`.
    fn all(&mut self, columns: &mut Columns, of: Option<&str>) -> Option<Ident> {
        let scope = self.scopes.last()?;
        let mut alias = None;
        for relation in scope.relations.iter().filter(|r| of.is_none_or(|key| r.key == key)) {
            columns.list.extend(relation.columns.list.iter().cloned());
            if columns.log.is_none() {
                columns.log.clone_from(&relation.columns.log);
            }
            columns.open |= relation.columns.open;
            alias = Some(relation.alias.clone());
        }
        alias
    }

    fn sort_after(&mut self, expr: &mut Expr) -> Sort {
        let sort = self.sort(expr);
        self.expr(expr);
        match sort {
            // Only a plain column keeps what is special about it.
            Sort::Day | Sort::Digits => Sort::Text,
            other => other,
        }
    }

    /// Names an expression that has no alias: as typed where it is shown, by Trino's rule inside.
    fn label(&mut self, expr: &mut Expr, position: usize, outermost: bool, so_far: &Columns) -> Output {
        let typed = typed_name(expr);
        let last = last_name(expr);
        let shown = expr.to_string();
        let sort = self.sort_after(expr);
        let nth = format!("_col{position}");
        let name = match (&typed, outermost) {
            (Some(typed), true) => typed.clone(),
            (Some(_), false) => last.clone().unwrap_or_else(|| nth.clone()),
            (None, true) if !shown.contains("__") && shown.len() <= 120 => shown,
            (None, _) => nth.clone(),
        };
        let mut called = vec![nth.to_lowercase(), name.to_lowercase()];
        called.extend(last.map(|l| l.to_lowercase()));
        Output { name: apart(&name, so_far), called, sort }
    }

    fn order(&mut self, query: &mut Query) {
        if let Some(scope) = self.here() {
            scope.outputs_first = true;
            scope.outputs_seen = true;
        }
        let Some(order) = &mut query.order_by else { return };
        let OrderByKind::Expressions(items) = &mut order.kind else { return };
        for item in items {
            // Inside an expression, a name means the column.
            let plain = matches!(item.expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
            if let Some(scope) = self.here() {
                scope.outputs_first = plain;
            }
            if let Expr::CompoundIdentifier(parts) = &item.expr {
                let shown = parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".").to_lowercase();
                let output = self.scopes.last().and_then(|s| s.outputs.iter().find(|o| o.called.contains(&shown)));
                if let Some(output) = output {
                    item.expr = Expr::Identifier(ident(&output.name));
                    continue;
                }
            }
            self.expr(&mut item.expr);
        }
    }

    fn limit(&mut self, query: &mut Query) {
        match &mut query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                if let Some(limit) = limit {
                    self.expr(limit);
                }
                if let Some(offset) = offset {
                    self.expr(&mut offset.value);
                }
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.expr(offset);
                self.expr(limit);
            }
            None => {}
        }
    }
}

/// A name that no column has yet.
fn apart(name: &str, so_far: &Columns) -> String {
    let taken = |name: &str| so_far.list.iter().any(|o| o.name == name);
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    std::iter::once(name.to_owned()).chain(numbered.take(1_000)).find(|n| !taken(n)).unwrap_or_else(|| name.to_owned())
}

/// The text of a plain name.
fn typed_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => Some(parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".")),
        Expr::Nested(inner) => typed_name(inner),
        _ => None,
    }
}

/// The last part of a name, by which Trino calls the column.
fn last_name(expr: &Expr) -> Option<String> {
    use datafusion::sql::sqlparser::ast::AccessExpr;
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|p| p.value.clone()),
        Expr::Nested(inner) => last_name(inner),
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(ident))) => Some(ident.value.clone()),
            _ => None,
        },
        _ => None,
    }
}
