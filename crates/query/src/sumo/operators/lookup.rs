//! `lookup`: fields from a table of places, of networks, of threats, or of the user's own.

use super::{
    super::{
        cursor::{Cursor, Name},
        lexer::Kind,
        lowering::{Lower, Lowerer},
        names,
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "lookup",
    aliases: &[],
    syntax: "lookup <column> [as <name>], … from <table> on <column>=<field> [and …]",
    help: "Adds columns of a table where its key columns equal fields: `geo://location` (places of addresses), `asn://default` (networks), `sumo://threat/cs` (threats, the lookup `threat`), `/shared/…` or an address of a CSV file (the lookup of the last part's name).",
    example: "* | count by sourceIPAddress | lookup country_name, city from geo://location on ip = sourceIPAddress",
    parses: false,
    lower: |lowerer, cursor| {
        let outputs = outputs(lowerer, cursor)?;
        lowerer.expect_word(cursor, "from")?;
        let Some(token) = cursor.next().filter(|token| matches!(token.kind, Kind::Path | Kind::Word | Kind::Text))
        else {
            return lowerer.expected(cursor, "a table");
        };
        lowerer.expect_word(cursor, "on")?;
        let on = conditions(lowerer, cursor)?;
        match Table::of(&token.text) {
            Table::Geo => geo(lowerer, &outputs, &on, cursor.span),
            Table::Named(name) if name.is_empty() => lowerer.fail("sumo.syntax", "this names no table", token.span),
            Table::Threat => {
                let on = turned(lowerer, on, "threat");
                look_up(lowerer, THREAT, &outputs, on, cursor.span);
                Ok(())
            }
            Table::Named(name) => {
                look_up(lowerer, &name, &outputs, on, cursor.span);
                Ok(())
            }
        }
    },
};

/// Our lookup of known threats.
pub(super) const THREAT: &str = "threat";

enum Table {
    Geo,
    Threat,
    Named(String),
}

impl Table {
    fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("geo:") || lower.starts_with("asn:") {
            return Self::Geo;
        }
        if lower.starts_with("sumo://threat") {
            return Self::Threat;
        }
        Self::Named(table_name(text))
    }
}

/// The lookup that a path or address means: its last part, in letters that a file's name may have.
pub(super) fn table_name(path: &str) -> String {
    let path = path.trim_matches('"').trim_end_matches(['/', '"']);
    let last = path.rsplit('/').next().unwrap_or(path);
    let last = last.split(['?', '#']).next().unwrap_or(last);
    last.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect()
}

/// A column and the field that it becomes.
type Output = (Name, Name);

fn outputs(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<Output>> {
    let mut outputs = Vec::new();
    if cursor.punct("*") {
        return Ok(outputs);
    }
    loop {
        let column = lowerer.expect_name(cursor, "a column's name")?;
        let name = lowerer.alias(cursor)?.unwrap_or_else(|| column.clone());
        outputs.push((column, name));
        if !cursor.punct(",") {
            return Ok(outputs);
        }
    }
}

/// `column = field`, with commas or `and` between them.
fn conditions(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<Output>> {
    let mut on = Vec::new();
    let open = cursor.punct("(");
    loop {
        let left = lowerer.expect_name(cursor, "a column's name")?;
        let right = if cursor.punct("=") || cursor.punct("==") {
            lowerer.expect_name(cursor, "a field name")?
        } else {
            left.clone()
        };
        on.push((left, right));
        if !(cursor.punct(",") || cursor.word("and")) {
            break;
        }
    }
    if open {
        lowerer.expect_punct(cursor, ")")?;
    }
    Ok(on)
}

/// Conditions with the table's column on the left, where it was written on the right.
fn turned(lowerer: &Lowerer<'_>, on: Vec<Output>, column: &str) -> Vec<Output> {
    let is = |name: &Name| name.text.eq_ignore_ascii_case(column);
    on.into_iter()
        .map(|(left, right)| {
            let swapped = is(&right) && !is(&left) && lowerer.made(&left.text).is_some();
            if swapped { (right, left) } else { (left, right) }
        })
        .collect()
}

/// Places and networks of addresses.
fn geo(lowerer: &mut Lowerer<'_>, outputs: &[Output], on: &[Output], span: Span) -> Lower<()> {
    let on = turned(lowerer, on.to_vec(), "ip");
    let [(_, field)] = &on[..] else {
        return lowerer.fail("sumo.syntax", "places are looked up by one address: `on ip = <field>`", span);
    };
    let address = lowerer.field(field);
    places(lowerer, outputs, &address);
    Ok(())
}

/// Adds attributes of an address.
pub(super) fn places(lowerer: &mut Lowerer<'_>, outputs: &[Output], address: &Expr) {
    let address = names::text(address.clone());
    let values: Vec<(String, Expr)> =
        outputs.iter().map(|(column, name)| (name.text.clone(), place(lowerer, column, &address))).collect();
    for (name, value) in values {
        lowerer.extend(&name, value);
    }
}

fn place(lowerer: &mut Lowerer<'_>, column: &Name, address: &Expr) -> Expr {
    let (attribute, ty) = match column.text.to_ascii_lowercase().as_str() {
        "latitude" => ("lat", Type::Float),
        "longitude" => ("lon", Type::Float),
        "country_code" | "countrycode" => ("country_code", Type::Text),
        "country_name" | "country" => ("country", Type::Text),
        "region" | "state" | "region_name" => ("region", Type::Text),
        "city" => ("city", Type::Text),
        "asn" | "as_number" => ("asn", Type::Text),
        "organization" | "as_org" | "as_name" | "asn_organization" | "organisation" | "isp" => ("as_org", Type::Text),
        "ip" => return address.clone(),
        other => {
            if !KNOWN_ABSENT.contains(&other) {
                let message = format!("places have no `{}`; it is empty", column.text);
                lowerer.warn(Diagnostic::warning("sumo.no-such-field", message, column.span));
            }
            return Expr { ty: Type::Text, ..build::null(column.span) };
        }
    };
    let args = vec![address.clone(), build::text(attribute, column.span)];
    build::call(Func::Geo, args, ty, column.span)
}

/// Columns of Sumo Logic's tables that the databases here do not have.
const KNOWN_ABSENT: &[&str] = &["postal_code", "area_code", "metro_code", "continent", "timezone", "connection_type"];

fn look_up(lowerer: &mut Lowerer<'_>, table: &str, outputs: &[Output], on: Vec<Output>, span: Span) {
    let on: Vec<(String, Expr)> =
        on.into_iter().map(|(column, field)| (column.text, names::text(lowerer.field(&field)))).collect();
    // A column that a lookup finds nothing for is null, whatever the field of that name was before.
    let taken: Vec<(String, String)> = outputs
        .iter()
        .map(|(column, name)| {
            (column.text.clone(), lowerer.made(&name.text).map_or_else(|| name.text.clone(), |made| made.name.clone()))
        })
        .collect();
    let hidden: Vec<(String, String)> =
        taken.iter().map(|(column, _)| (column.clone(), lowerer.made_up("found"))).collect();
    lowerer.settle_order();
    lowerer.push(Op::Lookup { table: table.to_owned(), on, output: hidden.clone(), only_new: false });
    lowerer.residue();
    lowerer.unsettle_order();
    for ((_, field), (_, name)) in hidden.iter().zip(&taken) {
        lowerer.extend(name, build::field(field, Type::Text, span));
    }
    if outputs.is_empty() && lowerer.base == super::super::lowering::Base::Closed {
        lowerer.base = super::super::lowering::Base::Open;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing::{check, columns};

    #[test]
    fn tables() {
        for (path, name) in [
            ("/shared/aws/cloudtrail/admin_users", "admin_users"),
            ("https://s3.amazonaws.com/data/protocol-numbers.csv?x=1", "protocol-numbers.csv"),
            ("path://\"/Library/Users/me/My table\"", "My_table"),
        ] {
            assert_eq!(table_name(path), name);
        }
        check(
            "* | json \"sourceIPAddress\" as ip | lookup country_code, postal_code from geo://location on ip=ip | count by country_code, postal_code",
            "filter is_not_null(source_ip_address)
             extend 'country_code' = geo(source_ip_address, \"country_code\"), 'postal_code' = null
             aggregate '_count' = count() by 'country_code' = 'country_code', 'postal_code' = 'postal_code' keep-null
             sort 'country_code', 'postal_code'",
        );
        assert_eq!(
            columns("* | count by user | lookup team as t from /shared/people on name=user, x=user | where !isNull(t)"),
            ["user", "_count", "t"]
        );
        assert_eq!(
            columns("* | count by user | lookup type, actor from sumo://threat/cs on user=threat"),
            ["user", "_count", "type", "actor"]
        );
    }
}
