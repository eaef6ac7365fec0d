//! `cat`: the rows of a lookup table.

use super::{
    super::{lexer::Kind, lowering::Base},
    Operator, lookup,
};
use crate::pipeline::{Scan, Source};

pub(super) const OPERATOR: Operator = Operator {
    name: "cat",
    aliases: &[],
    syntax: "cat <table>",
    help: "The rows of a lookup table, instead of messages.",
    example: "cat /shared/aws/cloudtrail/admin_users | where admin_user matches \"a*\"",
    parses: false,
    lower: |lowerer, cursor| {
        let Some(token) = cursor.next().filter(|token| matches!(token.kind, Kind::Path | Kind::Word | Kind::Text))
        else {
            return lowerer.expected(cursor, "a table");
        };
        let name = lookup::table_name(&token.text);
        lowerer.scan = Scan { source: Source::Lookup { name }, earliest: None, latest: None, span: token.span };
        lowerer.ops.clear();
        lowerer.close(Vec::new());
        lowerer.base = Base::Open;
        lowerer.order.clear();
        lowerer.pending = false;
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn tables() {
        check("cat /shared/x/people | where a=\"b\"", "lookup-file people\nfilter to_text('a') = \"b\"");
    }
}
