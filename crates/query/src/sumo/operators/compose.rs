//! `compose`: what a subquery hands to the query around it.

use super::Operator;
use crate::diagnostic::Diagnostic;

pub(super) const OPERATOR: Operator = Operator {
    name: "compose",
    aliases: &[],
    syntax: "compose <field>, … [keywords]",
    help: "Ends a subquery: rows of the query around it have the values of these fields; with `keywords`, messages of it hold one of the values anywhere.",
    example: "* [subquery: AccessDenied | count by sourceIPAddress | compose sourceIPAddress] | count by eventName",
    parses: false,
    lower: |lowerer, cursor| {
        let names = lowerer.names(cursor)?;
        if cursor.word("maxresults") {
            let message = "`maxresults` of a subquery is not supported";
            let diagnostic = Diagnostic::error("sumo.unsupported", message, cursor.span);
            return Err(lowerer.error(diagnostic.with_help("put `limit` before `compose`")));
        }
        lowerer.anywhere = cursor.word("keywords");
        lowerer.composed = Some(names);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn subqueries() {
        let query =
            "* [subquery: AccessDenied | count by sourceIPAddress | compose sourceIPAddress] | count by eventName";
        assert_eq!(columns(query), ["eventName", "_count"]);
        let query = "* | where sourceIPAddress in [subquery: x | compose sourceIPAddress] | count by eventName";
        assert_eq!(columns(query), ["eventName", "_count"]);
        let query = "* | where ![subquery: x | compose sourceIPAddress, user] or eventName=\"a\" | count by eventName";
        assert_eq!(columns(query), ["eventName", "_count"]);
        let query = "* [subquery: AccessDenied | count by sourceIPAddress | compose sourceIPAddress keywords] | count by eventName";
        assert_eq!(columns(query), ["eventName", "_count"]);
        for (query, code) in [
            ("* [subquery: x | count]", "sumo.syntax"),
            ("* | where [subquery: x | count]", "sumo.syntax"),
            ("* [subquery: x | compose a maxresults=5]", "sumo.unsupported"),
            ("* | where a in [subquery: x | compose a keywords]", "sumo.unsupported"),
            ("a or [subquery: x | compose a]", "sumo.unsupported"),
            ("* [subquery: x | wher a | compose b]", "sumo.unknown-operator"),
        ] {
            assert_eq!(errors(query), [code], "{query}");
        }
    }
}
