//! `transpose`: values become columns.

use super::{
    super::{
        cursor::{Cursor, Name},
        lowering::{Base, Lower, Lowerer, made},
        names,
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Func, Item, Named, Op, Pivot, Type},
    spl::build,
};

/// Most columns that a transposed table gets.
const MOST_COLUMNS: usize = 300;

pub(super) const OPERATOR: Operator = Operator {
    name: "transpose",
    aliases: &[],
    syntax: "transpose row <field>, … column <field>, … [as <name>, …[, *]]",
    help: "Turns aggregated rows into a table: a row for each value of the row fields, a column for each of the column fields, in the order of the alphabet, or of the names given.",
    example: "* | timeslice 1h | count by _timeslice, eventName | transpose row _timeslice column eventName",
    parses: false,
    lower: |lowerer, cursor| {
        lowerer.expect_word(cursor, "row")?;
        let rows = lowerer.names(cursor)?;
        lowerer.expect_word(cursor, "column")?;
        let columns = lowerer.names(cursor)?;
        let shown = if cursor.word("as") { outputs(lowerer, cursor)? } else { (Vec::new(), true) };
        if lowerer.base == Base::Events {
            let diagnostic = Diagnostic::error("sumo.no-aggregate", "`transpose` needs aggregated rows", cursor.span);
            return Err(lowerer.error(diagnostic.with_help("put an aggregate such as `count by` before it")));
        }
        turn(lowerer, &rows, &columns, cursor)?;
        show(lowerer, &rows, shown);
        Ok(())
    },
};

/// The columns to show by name, and whether the others are, too.
fn outputs(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<(Vec<Name>, bool)> {
    let (mut names, mut rest) = (Vec::new(), false);
    let open = cursor.punct("[") || cursor.punct("(");
    loop {
        if cursor.punct("*") {
            rest = true;
        } else {
            names.push(lowerer.expect_name(cursor, "a column's name")?);
        }
        if !cursor.punct(",") {
            break;
        }
    }
    if open && !(cursor.punct("]") || cursor.punct(")")) {
        return lowerer.expected(cursor, "`]`");
    }
    Ok((names, rest))
}

fn turn(lowerer: &mut Lowerer<'_>, rows: &[Name], columns: &[Name], cursor: &Cursor<'_>) -> Lower<()> {
    let own = |lowerer: &Lowerer<'_>, name: &Name| {
        lowerer.made(&name.text).map_or_else(|| name.text.clone(), |made| made.name.clone())
    };
    let row_names: Vec<String> = rows.iter().map(|name| own(lowerer, name)).collect();
    let column_names: Vec<String> = columns.iter().map(|name| own(lowerer, name)).collect();
    for (name, field) in rows.iter().zip(&row_names).chain(columns.iter().zip(&column_names)) {
        if lowerer.base == Base::Closed && lowerer.made(field).is_none() {
            return lowerer.fail(
                "sumo.no-such-field",
                format!("there is no field `{}` to transpose by", name.text),
                name.span,
            );
        }
    }
    let values: Vec<String> = lowerer
        .fields
        .iter()
        .map(|made| made.name.clone())
        .filter(|name| !row_names.contains(name) && !column_names.contains(name))
        .collect();
    if values.is_empty() {
        return lowerer.fail("sumo.no-value", "no field is left to fill the transposed table with", cursor.span);
    }
    let column = match &column_names[..] {
        [one] => one.clone(),
        _ => together(lowerer, columns, cursor),
    };
    lowerer.settle_order();
    lowerer.push(Op::Pivot(Pivot {
        rows: row_names.clone(),
        column: Some(column),
        values,
        limit: Some(MOST_COLUMNS),
        other: None,
        null: Some("null".to_owned()),
        grid: None,
        zero: false,
    }));
    let fields = row_names
        .iter()
        .zip(rows)
        .map(|(name, typed)| {
            let ty = lowerer.made(name).map_or(Type::Any, |made| made.ty);
            super::super::lowering::Made { shown: typed.text.clone(), ..made(name, ty) }
        })
        .collect();
    lowerer.close(fields);
    lowerer.base = Base::Open;
    lowerer.order.clear();
    lowerer.pending = false;
    Ok(())
}

/// Several column fields as one.
fn together(lowerer: &mut Lowerer<'_>, columns: &[Name], cursor: &Cursor<'_>) -> String {
    let span = cursor.span;
    let mut parts = Vec::new();
    for (index, name) in columns.iter().enumerate() {
        if index > 0 {
            parts.push(build::text(", ", span));
        }
        let text = names::text(lowerer.field(name));
        parts.push(build::coalesce(vec![text, build::text("null", span)], Type::Text, span));
    }
    let hidden = lowerer.made_up("column");
    lowerer.extend_hidden(&hidden, build::call(Func::Concat, parts, Type::Text, span));
    hidden
}

/// The named columns first; only they, where no star says otherwise.
fn show(lowerer: &mut Lowerer<'_>, rows: &[Name], (names, rest): (Vec<Name>, bool)) {
    if names.is_empty() {
        return;
    }
    let mut items = Vec::new();
    for name in rows.iter().chain(&names) {
        let expr = lowerer.field(name);
        if let crate::pipeline::ExprKind::Field(field) = &expr.kind {
            items.push(Named { name: field.clone(), expr: expr.clone() });
        }
    }
    let mut fields = lowerer.fields.clone();
    fields.extend(names.iter().map(|name| made(&name.text, Type::Any)));
    let mut projected: Vec<Item> = items.into_iter().map(Item::Named).collect();
    if rest {
        projected.push(Item::Matching("*".to_owned()));
    }
    lowerer.push(Op::Project { items: projected });
    lowerer.fields = fields;
    lowerer.base = if rest { Base::Open } else { Base::Closed };
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn tables() {
        check(
            "* | count by user, eventName | transpose row USER column eventname",
            "aggregate '_count' = count() by 'user' = user_name, 'eventName' = event_name keep-null
             sort 'user', 'eventName'
             pivot rows user values _count column 'eventName' limit 300 null null",
        );
        assert_eq!(errors("* | transpose row a column b"), ["sumo.no-aggregate"]);
        assert_eq!(errors("* | count by user | transpose row user column x"), ["sumo.no-such-field"]);
        assert_eq!(
            errors(
                "* | count as user by eventName, user | fields user, eventName | transpose row user column eventName"
            ),
            ["sumo.no-value"]
        );
        assert_eq!(
            errors(
                "* | count by user, eventName | transpose row user column eventName as %\"a\", b, * | a + b as c | sort c"
            ),
            Vec::<String>::new()
        );
    }
}
