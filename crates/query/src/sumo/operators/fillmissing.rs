//! `fillmissing`: rows for time slices and values that no message fell into.

use super::{
    super::{
        cursor::{Cursor, Name},
        expr, lexer,
        lowering::{Base, Lower, Lowerer, Made, ascending},
        names,
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Func, JoinKind, Literal, Named, Op, Pivot, Scan, Source, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "fillmissing",
    aliases: &[],
    syntax: "fillmissing timeslice[(<span>)] [in <field>], values(\"<value>\", …) in <field>, values all in <field> [with <value> for <field>]",
    help: "Adds rows for combinations of time slices and values that have none; their numbers are 0 unless `with` says otherwise.",
    example: "* | timeslice 1h | count by _timeslice | fillmissing timeslice(1h)",
    parses: false,
    lower: |lowerer, cursor| {
        let generators = generators(lowerer, cursor)?;
        let values = constants(lowerer, cursor)?;
        if cursor.word("takelast") {
            let message = "`takeLast` is not supported: missing values are 0";
            lowerer.warn(Diagnostic::warning("sumo.no-effect", message, cursor.span));
        }
        if after_transpose(lowerer, &generators) || lowerer.base == Base::Events {
            return Ok(());
        }
        lowerer.affordable(generators.len().saturating_add(1), cursor.span)?;
        fill(lowerer, &generators, &values, cursor.span);
        Ok(())
    },
};

/// What makes the values of a field that should be there.
enum Generator {
    /// Every slice of a width.
    Slices(String, Option<i64>),
    Values(String, Vec<String>),
    /// All values that the rows have.
    All(String),
}

impl Generator {
    fn field(&self) -> &str {
        match self {
            Self::Slices(field, _) | Self::Values(field, _) | Self::All(field) => field,
        }
    }
}

fn generators(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<Generator>> {
    let mut generators = Vec::new();
    loop {
        if cursor.word("timeslice") {
            generators.push(slices(lowerer, cursor)?);
        } else if cursor.word("values") {
            generators.push(values(lowerer, cursor)?);
        } else {
            return lowerer.expected(cursor, "`timeslice` or `values`");
        }
        if !cursor.punct(",") {
            return Ok(generators);
        }
    }
}

fn slices(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Generator> {
    let mut width = lowerer.slice.as_ref().and_then(|slice| slice.width);
    if cursor.punct("(") {
        let Some(given) = cursor.next().and_then(|token| expr::duration(&token.text)).filter(|width| *width > 0) else {
            return lowerer.expected(cursor, "a time span");
        };
        width = Some(given);
        lowerer.expect_punct(cursor, ")")?;
    }
    let field = if cursor.word("in") { Some(lowerer.expect_name(cursor, "a field name")?.text) } else { None };
    let known = || lowerer.slice.as_ref().map_or_else(|| "_timeslice".to_owned(), |slice| slice.name.clone());
    Ok(Generator::Slices(field.unwrap_or_else(known), width))
}

fn values(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Generator> {
    let mut items = Vec::new();
    let all = cursor.word("all");
    if !all {
        lowerer.expect_punct(cursor, "(")?;
        while let Some(token) = cursor.text() {
            items.push(lexer::unescape(&token.text));
            cursor.punct(",");
        }
        lowerer.expect_punct(cursor, ")")?;
    }
    lowerer.expect_word(cursor, "in")?;
    let field = lowerer.expect_name(cursor, "a field name")?.text;
    Ok(if all { Generator::All(field) } else { Generator::Values(field, items) })
}

/// `with 5 for a, "x" for b`.
fn constants(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<(Name, Expr)>> {
    let mut constants = Vec::new();
    if !cursor.word("with") {
        return Ok(constants);
    }
    loop {
        let value = lowerer.expression(cursor)?;
        let value = lowerer.value(&value)?;
        lowerer.expect_word(cursor, "for")?;
        constants.push((lowerer.expect_name(cursor, "a field name")?, value));
        if !cursor.punct(",") {
            return Ok(constants);
        }
    }
}

/// After `transpose row _timeslice …` the table itself gets a row a slice, empty where there was none.
fn after_transpose(lowerer: &mut Lowerer<'_>, generators: &[Generator]) -> bool {
    if lowerer.base != Base::Open {
        return false;
    }
    let wanted = generators.iter().find_map(|generator| match generator {
        Generator::Slices(field, width) => Some((field.clone(), *width)),
        _ => None,
    });
    if let (Some((field, width)), Some(Op::Pivot(pivot))) = (wanted, lowerer.ops.last_mut())
        && pivot.rows.len() == 1
        && pivot.rows[0].eq_ignore_ascii_case(&field)
    {
        pivot.grid = width;
    }
    true
}

/// What a value is where a row was missing.
fn default(made: &Made, values: &[(Name, Expr)], span: Span) -> Expr {
    if let Some((_, value)) = values.iter().find(|(name, _)| name.text.eq_ignore_ascii_case(&made.name)) {
        return build::convert(value.clone(), made.ty);
    }
    match made.ty {
        Type::Int => build::int(0, span),
        Type::Float => build::float(0.0, span),
        Type::Bool => build::truth(false, span),
        ty => Expr { ty, ..build::literal(Literal::Null, span) },
    }
}

/// The rows, and those of the combinations that they lack.
fn fill(lowerer: &mut Lowerer<'_>, generators: &[Generator], values: &[(Name, Expr)], span: Span) {
    let known: Vec<&Generator> =
        generators.iter().filter(|generator| lowerer.made(generator.field()).is_some()).collect();
    if known.is_empty() {
        return;
    }
    let order = std::mem::take(&mut lowerer.order);
    let mut all: Option<Lowerer<'_>> = None;
    let mut keys: Vec<Made> = Vec::new();
    for generator in known {
        let Some(made) = lowerer.made(generator.field()).cloned() else { continue };
        let one = generated(lowerer, generator, &made, span);
        all = Some(match all {
            None => one,
            Some(rest) => crossed(rest, one, span),
        });
        keys.push(made);
    }
    let Some(mut missing) = all else { return };
    without(lowerer, &mut missing, &keys, span);
    let items = lowerer.fields.iter().map(|made| {
        let is_key = keys.iter().any(|key| key.name == made.name);
        let expr = if is_key {
            build::convert(build::field(&made.name, made.ty, span), made.ty)
        } else {
            default(made, values, span)
        };
        Named { name: made.name.clone(), expr }
    });
    let items = items.collect();
    missing.project(items);
    if lowerer.residue_left() {
        let items = lowerer
            .fields
            .iter()
            .map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) });
        let items = items.collect();
        lowerer.project(items);
    }
    lowerer.push(Op::Union { right: Box::new(missing.into_pipeline()) });
    let by_key = |made: &Made| ascending(&made.name, made.ty, span);
    lowerer.order = if order.is_empty() { keys.iter().map(by_key).collect() } else { order };
    lowerer.pending = true;
}

/// A column of the values that should be there.
fn generated<'e>(lowerer: &Lowerer<'e>, generator: &Generator, made: &Made, span: Span) -> Lowerer<'e> {
    let mut one = lowerer.fork();
    let field = build::field(&made.name, made.ty, span);
    match generator {
        Generator::Values(_, items) => {
            one.scan = Scan { source: Source::Generate { rows: 1 }, earliest: None, latest: None, span };
            one.ops.clear();
            let separator = "\u{1f}";
            let list = vec![build::text(items.join(separator), span), build::text(separator, span)];
            one.extend_hidden(&made.name, build::call(Func::Split, list, Type::List, span));
            one.push(Op::Expand { field: made.name.clone(), limit: None });
            one.project(vec![Named { name: made.name.clone(), expr: build::field(&made.name, Type::Text, span) }]);
        }
        Generator::All(_) | Generator::Slices(..) => {
            let count = Lowerer::plain_aggregate("__rows", Agg::Count, None, Type::Int);
            one.aggregate(vec![Named { name: made.name.clone(), expr: field }], vec![count]);
            one.pending = false;
            if let Generator::Slices(_, Some(width)) = generator {
                grid(&mut one, &made.name, *width);
            }
            one.project(vec![Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) }]);
        }
    }
    one
}

/// Every slice between the first and the last.
fn grid(lowerer: &mut Lowerer<'_>, field: &str, width: i64) {
    lowerer.push(Op::Pivot(Pivot {
        rows: vec![field.to_owned()],
        column: None,
        values: vec!["__rows".to_owned()],
        limit: None,
        other: None,
        null: None,
        grid: Some(width),
        zero: true,
    }));
}

/// Every row of one with every row of the other.
fn crossed<'e>(mut left: Lowerer<'e>, mut right: Lowerer<'e>, span: Span) -> Lowerer<'e> {
    let fields: Vec<Made> = left.fields.iter().chain(&right.fields).cloned().collect();
    right.extend_hidden("__one", build::int(1, span));
    let on = vec![(build::int(1, span), "__one".to_owned())];
    left.push(Op::Join { kind: JoinKind::Inner, right: Box::new(right.into_pipeline()), on, max: None });
    left.close(fields);
    left
}

/// Only combinations that no row has.
fn without(lowerer: &Lowerer<'_>, missing: &mut Lowerer<'_>, keys: &[Made], span: Span) {
    let mut present = lowerer.fork();
    let key = |index: usize| format!("__key_{index}");
    let items = keys
        .iter()
        .enumerate()
        .map(|(index, made)| Named { name: key(index), expr: names::text(build::field(&made.name, made.ty, span)) });
    let mut items: Vec<Named> = items.collect();
    items.push(Named { name: "__present".to_owned(), expr: build::int(1, span) });
    present.pending = false;
    present.project(items);
    let on =
        keys.iter().enumerate().map(|(index, made)| (names::text(build::field(&made.name, made.ty, span)), key(index)));
    let on = on.collect();
    missing.push(Op::Join { kind: JoinKind::Left, right: Box::new(present.into_pipeline()), on, max: Some(1) });
    missing.filter(build::is_null(build::field("__present", Type::Int, span)));
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, columns, errors};

    #[test]
    fn generators() {
        for (stage, expected) in [
            ("timeslice 1h | count by _timeslice | fillmissing timeslice", vec!["_timeslice", "_count"]),
            (
                "timeslice 1h | count by _timeslice, user | fillmissing timeslice(1h), values all in user",
                vec!["_timeslice", "user", "_count"],
            ),
            ("count by user | fillmissing values(\"a\", \"b\") in user with -1 for _count", vec!["user", "_count"]),
            ("count as count | \"x\" as name | fillmissing values(\"x\") in name", vec!["count", "name"]),
        ] {
            assert_eq!(columns(&format!("* | {stage}")), expected, "{stage}");
        }
        assert_eq!(errors("* | count by user | fillmissing"), ["sumo.syntax"]);
        assert_eq!(errors("* | count by user | fillmissing values(\"a\")"), ["sumo.syntax"]);
        check(
            "* | timeslice 1h | count by _timeslice, user | transpose row _timeslice column user | fillmissing timeslice(1h)",
            "extend '_timeslice' = bin_time(event_time, 3600000000)
             aggregate '_count' = count() by '_timeslice' = '_timeslice', 'user' = user_name keep-null
             sort '_timeslice', 'user'
             pivot rows _timeslice values _count column 'user' limit 300 null null grid 3600000000us",
        );
    }
}
