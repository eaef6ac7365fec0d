//! Identifiers of a statement to stored columns. A name that the catalogue does not know stays as it is: it may be an
//! alias, a column of a subquery, or wrong, which the planner then says.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, OrderByKind, Query, SelectItem, SetExpr,
    Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::parser::Parser;
use event::{Naming, catalogue};

/// Rewrites a query in place.
pub(super) fn resolve(query: &mut Query) {
    label(query);
    let mut visitor = Names;
    let _: ControlFlow<()> = query.visit(&mut visitor);
}

/// The outermost columns keep the names that the user typed.
fn label(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) = item
            && let Some(name) = typed_name(expr)
        {
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', name) };
        }
    }
}

/// The text of a plain name that will be rewritten; none for others, whose own label is right already.
fn typed_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) if ident.quote_style.is_none() => {
            let found = plain_target(&ident.value)?;
            (!matches!(found, Target::Column(c) if c == ident.value)).then(|| ident.value.clone())
        }
        Expr::CompoundIdentifier(parts) => {
            let name = parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".");
            target(parts).map(|_| name)
        }
        _ => None,
    }
}

/// The stored column of a name, or nothing.
fn column(name: &str) -> Option<&'static str> {
    crate::catalogue::named("cloudtrail", Naming::Sql, name)?.field.column
}

/// Whether a name is a part of the record that is read out of its text, such as `requestParameters`.
fn section(name: &str) -> Option<&'static str> {
    let found = catalogue().resolve(Naming::Sql, name)?;
    if found.field.column.is_some() { None } else { found.field.path }
}

/// What a dotted name stands for: a column, or a path into the record; with the table's alias in front, if any.
fn target(parts: &[Ident]) -> Option<(Option<Ident>, Target)> {
    let joined = |parts: &[Ident]| parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".");
    if let Some(found) = plain_target(&joined(parts)) {
        return Some((None, found));
    }
    let (first, rest) = parts.split_first()?;
    if rest.is_empty() { None } else { plain_target(&joined(rest)).map(|t| (Some(first.clone()), t)) }
}

enum Target {
    Column(&'static str),
    Path(String),
}

fn plain_target(name: &str) -> Option<Target> {
    if let Some(column) = column(name) {
        return Some(Target::Column(column));
    }
    let (head, tail) = name.split_once('.').map_or((name, ""), |(h, t)| (h, t));
    let known = section(name)
        .map(str::to_owned)
        .or_else(|| section(head).map(|s| if tail.is_empty() { s.to_owned() } else { format!("{s}.{tail}") }));
    known.map(Target::Path)
}

fn expression(table: Option<Ident>, target: &Target) -> Expr {
    let qualified = |column: &str| match &table {
        Some(t) => Expr::CompoundIdentifier(vec![t.clone(), Ident::new(column)]),
        None => Expr::Identifier(Ident::new(column)),
    };
    match target {
        Target::Column(c) => qualified(c),
        Target::Path(path) => call("json_extract", qualified("raw"), &format!("$.{path}")),
    }
}

fn call(name: &str, value: Expr, path: &str) -> Expr {
    let text = format!("{name}(x, '{}')", path.replace('\'', "''"));
    let parsed = Parser::new(&datafusion::sql::sqlparser::dialect::GenericDialect {})
        .try_with_sql(&text)
        .and_then(|mut p| p.parse_expr());
    match parsed {
        Ok(Expr::Function(mut function)) => {
            if let FunctionArguments::List(list) = &mut function.args
                && let Some(first) = list.args.first_mut()
            {
                *first = FunctionArg::Unnamed(FunctionArgExpr::Expr(value));
            }
            Expr::Function(function)
        }
        _ => value,
    }
}

struct Names;

impl VisitorMut for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        protect_aliases(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let replaced = match &*expr {
            Expr::Identifier(ident) if ident.quote_style.is_none() => plain_target(&ident.value)
                .filter(|t| !matches!(t, Target::Column(c) if *c == ident.value))
                .map(|t| expression(None, &t)),
            Expr::CompoundIdentifier(parts) => match target(parts) {
                Some((None, Target::Column(c))) if parts.len() == 1 && parts[0].value == c => None,
                Some((table, found)) => Some(expression(table, &found)),
                None => None,
            },
            Expr::Function(function) => promoted(function),
            _ => None,
        };
        if let Some(new) = replaced {
            *expr = new;
        }
        ControlFlow::Continue(())
    }
}

/// `element_at(requestParameters, 'bucketName')` and `json_extract_scalar(requestParameters, '$.bucketName')` read the
/// promoted column where there is one.
fn promoted(function: &Function) -> Option<Expr> {
    let name = function.name.to_string().to_lowercase();
    if !matches!(name.as_str(), "element_at" | "json_extract_scalar") {
        return None;
    }
    let FunctionArguments::List(list) = &function.args else { return None };
    let [
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)),
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(key))),
    ] = list.args.as_slice()
    else {
        return None;
    };
    let (Value::SingleQuotedString(key), Expr::Identifier(ident)) = (&key.value, value) else { return None };
    let head = section(&ident.value)?;
    let tail = key.strip_prefix("$.").unwrap_or(key);
    column(&format!("{head}.{tail}")).map(|c| Expr::Identifier(Ident::new(c)))
}

/// ORDER BY may name an alias that reads like a field: it means the alias.
fn protect_aliases(query: &mut Query) {
    let aliases: Vec<String> = match query.body.as_ref() {
        SetExpr::Select(select) => select
            .projection
            .iter()
            .filter_map(|item| match item {
                SelectItem::ExprWithAlias { alias, .. } if alias.quote_style.is_none() => {
                    Some(alias.value.to_lowercase())
                }
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let Some(order) = &mut query.order_by else { return };
    let OrderByKind::Expressions(items) = &mut order.kind else { return };
    for item in items {
        if let Expr::Identifier(ident) = &mut item.expr
            && aliases.contains(&ident.value.to_lowercase())
        {
            *ident = Ident::with_quote('"', ident.value.to_lowercase());
        }
    }
}
