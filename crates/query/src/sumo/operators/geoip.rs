//! `geoip`: all that is known of an address's place.

use super::{super::cursor::Name, Operator, lookup};

/// Columns that `geoip` adds where none is named.
const COLUMNS: &[&str] = &["latitude", "longitude", "country_code", "country_name", "region", "city"];

pub(super) const OPERATOR: Operator = Operator {
    name: "geoip",
    aliases: &[],
    syntax: "geoip <field> [keys \"<column>\", … [as <name>, …]]",
    help: "Adds the place of an address: latitude, longitude, country_code, country_name, region, city.",
    example: "* | count by sourceIPAddress | geoip sourceIPAddress",
    parses: false,
    lower: |lowerer, cursor| {
        let field = lowerer.expect_name(cursor, "a field name")?;
        let mut columns: Vec<Name> = Vec::new();
        if cursor.word("keys") {
            while let Some(token) = cursor.text() {
                columns.push(Name { text: token.text.clone(), span: token.span });
                cursor.punct(",");
            }
        }
        if columns.is_empty() {
            columns.extend(COLUMNS.iter().map(|&column| Name { text: column.to_owned(), span: field.span }));
        }
        let named = if cursor.word("as") { lowerer.names(cursor)? } else { columns.clone() };
        if named.len() != columns.len() {
            let message = format!("{} columns are read, but {} are named", columns.len(), named.len());
            return lowerer.fail("sumo.alias-count", message, cursor.span);
        }
        let address = lowerer.field(&field);
        let outputs: Vec<(Name, Name)> = columns.into_iter().zip(named).collect();
        lookup::places(lowerer, &outputs, &address);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::columns;

    #[test]
    fn places() {
        assert_eq!(
            columns("* | count by sourceIPAddress | geoip sourceIPAddress keys \"city\", \"country_name\" as a, b"),
            ["sourceIPAddress", "_count", "a", "b"]
        );
    }
}
