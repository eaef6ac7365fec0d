//! `threatlookup` and `threatip`: what is known against an address, a domain, a hash.

use super::{
    super::{lexer::Kind, names},
    Operator, lookup,
};
use crate::{
    pipeline::{Expr, Op, Type},
    spl::build,
};

/// What the fields are called after.
const PREFIX: &str = "_threatlookup.";
/// Columns that are there even where nothing reads them.
const ALWAYS: &[&str] = &["type", "confidence", "source"];

pub(super) const OPERATOR: Operator = Operator {
    name: "threatlookup",
    aliases: &["threatip"],
    syntax: "threatlookup [singleIndicator] <field>, …",
    help: "Looks values up in the lookup `threat`; its columns become fields `_threatlookup.<column>`.",
    example: "* | threatlookup singleIndicator sourceIPAddress | where !isNull(_threatlookup.confidence)",
    parses: false,
    lower: |lowerer, cursor| {
        cursor.word("singleIndicator");
        let fields = lowerer.names(cursor)?;
        // Options such as `include="active"` choose among sources that there is one of.
        while !cursor.done() {
            cursor.next();
        }
        let mut columns: Vec<String> = ALWAYS.iter().map(|&column| column.to_owned()).collect();
        for token in lowerer.later.iter().flat_map(|stage| &stage.tokens) {
            let named = matches!(token.kind, Kind::Word | Kind::Field);
            let column = token.text.get(..PREFIX.len()).filter(|head| named && head.eq_ignore_ascii_case(PREFIX));
            if column.is_some() && !columns.iter().any(|known| known.eq_ignore_ascii_case(&token.text[PREFIX.len()..]))
            {
                columns.push(token.text[PREFIX.len()..].to_owned());
            }
        }
        lowerer.settle_order();
        let mut found: Vec<Vec<Expr>> = vec![Vec::new(); columns.len()];
        for field in &fields {
            let value = names::text(lowerer.field(field));
            let output: Vec<(String, String)> =
                columns.iter().map(|column| (column.clone(), lowerer.made_up("threat"))).collect();
            for (column, (_, name)) in found.iter_mut().zip(&output) {
                column.push(build::field(name, Type::Text, field.span));
            }
            let on = vec![("threat".to_owned(), value)];
            lowerer.push(Op::Lookup { table: lookup::THREAT.to_owned(), on, output, only_new: false });
        }
        lowerer.residue();
        lowerer.unsettle_order();
        for (column, mut values) in columns.iter().zip(found) {
            let value =
                if values.len() == 1 { values.remove(0) } else { build::coalesce(values, Type::Text, cursor.span) };
            lowerer.extend(&format!("{PREFIX}{column}"), value);
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::columns;

    #[test]
    fn columns_that_are_read() {
        assert_eq!(
            columns(
                "* | threatlookup singleIndicator sourceIPAddress | where _threatlookup.actors=\"x\" | count by _threatlookup.type"
            ),
            ["_threatlookup.type", "_count"]
        );
    }
}
