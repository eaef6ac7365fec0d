//! `join`: rows of several tables made of the same messages, put together by equal fields.

use super::{
    super::{
        cursor::{Cursor, Name},
        expr,
        lexer::{Kind, Token},
        lowering::{Lower, Lowerer},
        parser, value,
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, JoinKind, Named, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "join",
    aliases: &[],
    syntax: "join (<operators>) as <t1>, (<operators>) as <t2>, … on <t1>.<field> = <t2>.<field> [and …] [timewindow <span>]",
    help: "Makes tables of the rows and puts together those whose fields are equal; afterwards a field `a` of `t1` is `t1_a`.",
    example: "* | join (where eventName=\"CreateUser\") as t1, (where eventName=\"DeleteUser\") as t2 on t1.user = t2.user | count by t1_user",
    parses: false,
    lower: |lowerer, cursor| {
        let tables = tables(lowerer, cursor)?;
        lowerer.expect_word(cursor, "on")?;
        let conditions = conditions(lowerer, cursor)?;
        let window = window(lowerer, cursor)?;
        lowerer.affordable(tables.len(), cursor.span)?;
        let made = tables
            .iter()
            .map(|table| made(lowerer, table, &conditions, window.is_some()))
            .collect::<Lower<Vec<_>>>()?;
        together(lowerer, &tables, made, &conditions, cursor.span)?;
        if let Some(micros) = window {
            near(lowerer, &tables, micros, cursor.span);
        }
        Ok(())
    },
};

struct Table<'t> {
    name: Name,
    tokens: &'t [Token],
}

fn tables<'t>(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'t>) -> Lower<Vec<Table<'t>>> {
    let mut tables = Vec::new();
    loop {
        let Some(tokens) = cursor.parenthesised() else { return lowerer.expected(cursor, "operators in brackets") };
        lowerer.expect_word(cursor, "as")?;
        tables.push(Table { name: lowerer.expect_name(cursor, "a table's name")?, tokens });
        if !cursor.punct(",") {
            break;
        }
    }
    if tables.len() < 2 {
        return lowerer.expected(cursor, "a second table");
    }
    Ok(tables)
}

/// A field of a table.
#[derive(Debug, Clone)]
struct Side {
    table: String,
    field: Name,
}

fn conditions(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<(Side, Side)>> {
    let mut conditions = Vec::new();
    loop {
        let left = side(lowerer, cursor)?;
        if !(cursor.punct("=") || cursor.punct("==")) {
            return lowerer.expected(cursor, "`=`");
        }
        conditions.push((left, side(lowerer, cursor)?));
        if !cursor.word("and") {
            return Ok(conditions);
        }
    }
}

fn side(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Side> {
    let name = lowerer.expect_name(cursor, "a table's field, as in `t1.a`")?;
    match name.text.split_once('.') {
        Some((table, field)) => {
            Ok(Side { table: table.to_owned(), field: Name { text: field.to_owned(), span: name.span } })
        }
        None => lowerer.fail("sumo.syntax", format!("`{}` does not say which table it is of", name.text), name.span),
    }
}

fn window(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Option<i64>> {
    if !cursor.word("timewindow") {
        return Ok(None);
    }
    match cursor.next().and_then(|token| expr::duration(&token.text)) {
        Some(micros) => Ok(Some(micros)),
        None => lowerer.expected(cursor, "a time span"),
    }
}

/// Names of a table's fields that the rest of the query reads: `t1_a` is `a` of t1.
fn mentioned(lowerer: &Lowerer<'_>, table: &str) -> Vec<String> {
    let prefix = format!("{table}_");
    let tokens = lowerer.later.iter().flat_map(|stage| &stage.tokens);
    tokens
        .filter(|token| matches!(token.kind, Kind::Word | Kind::Field))
        .filter_map(|token| {
            let head = token.text.get(..prefix.len())?;
            head.eq_ignore_ascii_case(&prefix).then(|| token.text[prefix.len()..].to_owned())
        })
        .collect()
}

/// A table: the rows so far, with its operators, its fields under names of their own.
fn made<'e>(
    lowerer: &mut Lowerer<'e>,
    table: &Table<'_>,
    conditions: &[(Side, Side)],
    timed: bool,
) -> Lower<Lowerer<'e>> {
    let mut one = lowerer.fork();
    let stages = parser::stages(table.tokens.to_vec());
    one.stages(&stages);
    let failed = one.failed();
    lowerer.diagnostics.append(&mut one.diagnostics);
    if failed {
        return Err(super::super::lowering::Reported);
    }
    let mut names: Vec<Name> =
        one.fields.iter().map(|made| Name { text: made.shown.clone(), span: table.name.span }).collect();
    let sides = conditions.iter().flat_map(|(left, right)| [left, right]);
    names.extend(sides.filter(|side| side.table.eq_ignore_ascii_case(&table.name.text)).map(|side| side.field.clone()));
    names.extend(mentioned(lowerer, &table.name.text).into_iter().map(|text| Name { text, span: table.name.span }));
    if timed {
        names.push(Name { text: "_messagetime".to_owned(), span: table.name.span });
    }
    let mut items: Vec<Named> = Vec::new();
    for key in one.keys(&names) {
        items.push(Named { name: format!("{}_{}", table.name.text, key.name), expr: key.expr });
    }
    one.diagnostics.clear();
    one.pending = false;
    one.order.clear();
    one.project(items);
    Ok(one)
}

/// The tables joined, one after another.
fn together<'e>(
    lowerer: &mut Lowerer<'e>,
    tables: &[Table<'_>],
    made: Vec<Lowerer<'e>>,
    conditions: &[(Side, Side)],
    span: Span,
) -> Lower<()> {
    let mut joined: Vec<&str> = Vec::new();
    for (table, one) in tables.iter().zip(made) {
        let name = table.name.text.as_str();
        if joined.is_empty() {
            (lowerer.scan, lowerer.ops, lowerer.fields) = (one.scan, one.ops, one.fields);
            let fields = std::mem::take(&mut lowerer.fields);
            lowerer.close(fields);
            (lowerer.order, lowerer.pending) = (Vec::new(), false);
            joined.push(name);
            continue;
        }
        let on = on(lowerer, &joined, name, conditions);
        if on.is_empty() {
            let message = format!("no condition joins `{name}` to the tables before it");
            return Err(lowerer.error(Diagnostic::error("sumo.syntax", message, table.name.span)));
        }
        let fields = [lowerer.fields.clone(), one.fields.clone()].concat();
        lowerer.push(Op::Join { kind: JoinKind::Inner, right: Box::new(one.into_pipeline()), on, max: None });
        lowerer.fields = fields;
        joined.push(name);
    }
    debug_assert!(span.end >= span.start);
    Ok(())
}

/// The pairs of a condition between the tables so far and a new one.
fn on(lowerer: &mut Lowerer<'_>, joined: &[&str], name: &str, conditions: &[(Side, Side)]) -> Vec<(Expr, String)> {
    let is = |side: &Side, name: &str| side.table.eq_ignore_ascii_case(name);
    let mut on = Vec::new();
    for (left, right) in conditions {
        let (mine, theirs) = if is(right, name) { (right, left) } else { (left, right) };
        let Some(other) = joined.iter().find(|joined| is(theirs, joined)).filter(|_| is(mine, name)) else { continue };
        let value = lowerer.named(&format!("{other}_{}", theirs.field.text), theirs.field.span);
        on.push((build::to_text(value), format!("{name}_{}", mine.field.text)));
    }
    on
}

/// Only rows whose messages are not too far apart.
fn near(lowerer: &mut Lowerer<'_>, tables: &[Table<'_>], micros: i64, span: Span) {
    #[allow(clippy::cast_precision_loss)]
    let most = build::float(micros as f64 / 1000.0, span);
    let times: Vec<Expr> = tables
        .iter()
        .map(|table| value::number(lowerer.named(&format!("{}__messagetime", table.name.text), span)))
        .collect();
    let tests = times.windows(2).map(|pair| {
        let apart = build::call(Func::Sub, vec![pair[0].clone(), pair[1].clone()], Type::Float, span);
        let apart = build::call(Func::Abs, vec![apart], Type::Float, span);
        build::call(Func::Le, vec![apart, most.clone()], Type::Bool, span)
    });
    let tests = tests.collect();
    lowerer.filter(build::all(tests, span));
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn tables() {
        let join =
            "join (where eventName=\"a\") as t1, (where eventName=\"b\" | \"x\" as tag) as t2 on t1.user = t2.user";
        assert_eq!(columns(&format!("* | {join} | fields t1_user, T2_eventName")), ["t1_user", "T2_eventName"]);
        assert_eq!(
            columns(&format!("* | {join} and t1.awsRegion=t2.awsRegion timewindow 5m | count by t2_tag")),
            ["t2_tag", "_count"]
        );
        for (query, code) in [
            ("* | join (where a=1) as t1 on t1.a=t1.b", "sumo.syntax"),
            ("* | join (where a=1) as t1, (where b=1) as t2 on a=b", "sumo.syntax"),
            ("* | join (where a=1) as t1, (wher b=1) as t2 on t1.a=t2.b", "sumo.unknown-operator"),
            ("* | join (where a=1) as t1, (where b=1) as t2 on t1.a=t3.b", "sumo.syntax"),
        ] {
            assert_eq!(errors(query), [code], "{query}");
        }
    }
}
