//! The IR as text, one line an operator: what `explain` prints and what the languages' tests compare.
//!
//! Columns are bare, paths start with `$`, fields stand in single quotes, text in double quotes.

use super::{
    Aggregate, Expr, ExprKind, Func, Item, JoinKind, Literal, Named, Op, PathStep, Pipeline, Pivot, Scan, SortKey,
    Source,
};

/// Renders a pipeline: a line for the scan, then a line an operator; the right side of a join or union is indented.
#[must_use]
pub fn render(pipeline: &Pipeline) -> String {
    let mut out = String::new();
    render_into(pipeline, 0, &mut out);
    out
}

/// Renders one expression.
#[must_use]
pub fn render_expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Column(name) => name.clone(),
        ExprKind::Path(steps) => path(steps),
        ExprKind::Field(name) => format!("'{name}'"),
        ExprKind::Literal(value) => literal(value),
        ExprKind::Call { func, args } => call(*func, args),
    }
}

fn render_into(pipeline: &Pipeline, depth: usize, out: &mut String) {
    line(depth, &scan(&pipeline.scan), out);
    for op in &pipeline.ops {
        line(depth, &render_op(op), out);
        if let Op::Join { right, .. } | Op::Union { right } = op {
            render_into(right, depth + 1, out);
        }
    }
}

fn line(depth: usize, text: &str, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

fn scan(scan: &Scan) -> String {
    let mut text = match &scan.source {
        Source::Events { table } => format!("scan {table}"),
        Source::Lookup { name } => format!("lookup-file {name}"),
        Source::Generate { rows } => format!("generate {rows}"),
    };
    if let Some(earliest) = scan.earliest {
        text += &format!(" from {}", instant(earliest));
    }
    if let Some(latest) = scan.latest {
        text += &format!(" to {}", instant(latest));
    }
    text
}

fn render_op(op: &Op) -> String {
    match op {
        Op::Filter { predicate } => format!("filter {}", render_expr(predicate)),
        Op::Extend { fields } => format!("extend {}", list(fields, named)),
        Op::Project { items } => format!("project {}", list(items, item)),
        Op::Remove { patterns } => format!("remove {}", patterns.join(", ")),
        Op::Rename { pairs } => format!("rename {}", list(pairs, |(from, to)| format!("{from} -> {to}"))),
        Op::FillNull { fields, value } => fill(fields.as_deref(), value),
        Op::Aggregate { by, aggregates, keep_null } => group(by, aggregates, *keep_null),
        Op::Window { by, order, preceding, range, current, aggregates } => {
            let frame = match range {
                Some(micros) => format!("range {micros}us"),
                None if order.is_empty() && preceding == &Some(u64::MAX) => "rows so far".to_owned(),
                None => preceding.filter(|n| *n != u64::MAX).map_or("rows all".to_owned(), |n| format!("rows {n}")),
            };
            window(by, order, &frame, *current, aggregates)
        }
        Op::Sort { keys, limit } => {
            format!("sort {}{}", list(keys, key), limit.map_or(String::new(), |n| format!(" limit {n}")))
        }
        Op::Limit { count, skip } if *skip == 0 => format!("limit {count}"),
        Op::Limit { count, skip } => format!("limit {count} skip {skip}"),
        Op::Tail { count } => format!("tail {count}"),
        Op::Dedup { keys, count, keep_null } => {
            format!("dedup {count} by {}{}", list(keys, render_expr), if *keep_null { " keep-null" } else { "" })
        }
        Op::Expand { field, limit } => {
            format!("expand '{field}'{}", limit.map_or(String::new(), |n| format!(" limit {n}")))
        }
        Op::Pivot(pivot) => render_pivot(pivot),
        Op::Unpivot(unpivot) => {
            format!("unpivot by '{}' name '{}' value '{}'", unpivot.row, unpivot.name, unpivot.value)
        }
        Op::RowTotal(total) => format!("row-total '{}'", total.field),
        Op::TotalRow { label: None, .. } => "total-row".to_owned(),
        Op::TotalRow { label: Some((field, text)), .. } => format!("total-row '{field}' = \"{text}\""),
        Op::Join { kind, on, max, .. } => join(*kind, on, *max),
        Op::Union { .. } => "union".to_owned(),
        Op::Store { table, append, key, empty, max } => store(table, *append, key.as_deref(), *empty, *max),
        Op::Lookup { table, on, output, only_new } => lookup(table, on, output, *only_new),
    }
}

fn fill(fields: Option<&[String]>, value: &Literal) -> String {
    let fields = fields.map_or("*".to_owned(), |names| names.join(", "));
    format!("fill-null {fields} with {}", literal(value))
}

fn group(by: &[Named], aggregates: &[Aggregate], keep_null: bool) -> String {
    let mut text = format!("aggregate {}", list(aggregates, aggregate));
    if !by.is_empty() {
        text += &format!(" by {}", list(by, named));
    }
    if keep_null {
        text += " keep-null";
    }
    text
}

fn window(by: &[Expr], order: &[SortKey], frame: &str, current: bool, aggregates: &[Aggregate]) -> String {
    let mut text = format!("window {}", list(aggregates, aggregate));
    if !by.is_empty() {
        text += &format!(" by {}", list(by, render_expr));
    }
    if !order.is_empty() {
        text += &format!(" order {}", list(order, key));
    }
    if !order.is_empty() || frame != "rows all" {
        text += &format!(" {frame}");
        text += if current { " and current" } else { " before current" };
    }
    text
}

fn render_pivot(pivot: &Pivot) -> String {
    let mut text = format!("pivot rows {} values {}", pivot.rows.join(", "), pivot.values.join(", "));
    if let Some(column) = &pivot.column {
        text += &format!(" column '{column}'");
    }
    if let Some(limit) = pivot.limit {
        text += &format!(" limit {limit}");
    }
    if let Some(other) = &pivot.other {
        text += &format!(" other {other}");
    }
    if let Some(null) = &pivot.null {
        text += &format!(" null {null}");
    }
    if let Some(grid) = pivot.grid {
        text += &format!(" grid {grid}us");
    }
    if pivot.zero {
        text += " zero";
    }
    text
}

fn join(kind: JoinKind, on: &[(Expr, String)], max: Option<u64>) -> String {
    let kind = match kind {
        JoinKind::Inner => "inner",
        JoinKind::Left => "left",
    };
    let on = list(on, |(left, right)| format!("{} = '{right}'", render_expr(left)));
    format!("join {kind} on {on}{}", max.map_or(String::new(), |n| format!(" max {n}")))
}

fn lookup(table: &str, on: &[(String, Expr)], output: &[(String, String)], only_new: bool) -> String {
    let on = list(on, |(column, expr)| format!("{column} = {}", render_expr(expr)));
    let output = if output.is_empty() {
        "*".to_owned()
    } else {
        list(output, |(column, field)| format!("{column} as '{field}'"))
    };
    format!("lookup {table} on {on} output {output}{}", if only_new { " only-new" } else { "" })
}

fn store(table: &str, append: bool, key: Option<&str>, empty: bool, max: Option<u64>) -> String {
    let mut text = format!("store {table}");
    if append {
        text += " append";
    }
    if let Some(key) = key {
        text += &format!(" key {key}");
    }
    if !empty {
        text += " unless-empty";
    }
    if let Some(max) = max {
        text += &format!(" max {max}");
    }
    text
}

fn named(named: &Named) -> String {
    format!("'{}' = {}", named.name, render_expr(&named.expr))
}

fn item(item: &Item) -> String {
    match item {
        Item::Named(Named { name, expr }) if matches!(&expr.kind, ExprKind::Field(field) if field == name) => {
            format!("'{name}'")
        }
        Item::Named(value) => named(value),
        Item::Matching(glob) => glob.clone(),
    }
}

fn key(key: &SortKey) -> String {
    let mut text = render_expr(&key.expr);
    if key.numeric {
        text += " auto";
    }
    if key.descending {
        text += " desc";
    }
    text
}

fn aggregate(aggregate: &Aggregate) -> String {
    let arg = aggregate.arg.as_ref().map_or(String::new(), render_expr);
    let mut text = format!("'{}' = {}({arg})", aggregate.name, word(&aggregate.func));
    if let Some(filter) = &aggregate.filter {
        text += &format!(" where {}", render_expr(filter));
    }
    if let Some(order) = &aggregate.order {
        text += &format!(" order {}", render_expr(order));
    }
    text
}

/// A unit variant's name as serde writes it; a variant with data as `name value`.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(map)) => map.iter().map(|(name, value)| format!("{name} {value}")).collect(),
        _ => String::new(),
    }
}

fn call(func: Func, args: &[Expr]) -> String {
    match (infix(func), args) {
        (Some(sign), [_, _, ..]) => args.iter().map(operand).collect::<Vec<_>>().join(&format!(" {sign} ")),
        _ if func == Func::Not && args.len() == 1 => format!("not {}", operand(&args[0])),
        _ => format!("{}({})", word(&func), list(args, render_expr)),
    }
}

fn operand(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Call { func, .. } if infix(*func).is_some() => format!("({})", render_expr(expr)),
        _ => render_expr(expr),
    }
}

fn infix(func: Func) -> Option<&'static str> {
    Some(match func {
        Func::And => "and",
        Func::Or => "or",
        Func::Eq => "=",
        Func::Ne => "!=",
        Func::Lt => "<",
        Func::Le => "<=",
        Func::Gt => ">",
        Func::Ge => ">=",
        Func::Add => "+",
        Func::Sub => "-",
        Func::Mul => "*",
        Func::Div => "/",
        Func::Mod => "%",
        _ => return None,
    })
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "null".to_owned(),
        Literal::Text(text) => format!("{text:?}"),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => format!("{number:?}"),
        Literal::Bool(truth) => truth.to_string(),
        Literal::Time(micros) => instant(*micros),
    }
}

fn instant(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros)
        .map_or_else(|| micros.to_string(), |time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

fn path(steps: &[PathStep]) -> String {
    let mut text = "$".to_owned();
    for step in steps {
        match step {
            PathStep::Key(name) => text += &format!(".{name}"),
            PathStep::Index(index) => text += &format!("[{index}]"),
            PathStep::Each => text += "[*]",
            PathStep::Elements => text += "[]",
            PathStep::Any => text += ".*",
        }
    }
    text
}

fn list<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    items.iter().map(one).collect::<Vec<_>>().join(", ")
}
