//! `save`: writes the rows to a lookup table, and passes them on.

use super::{
    super::{event, lexer::Kind, lowering::Base},
    Operator, lookup,
};
use crate::pipeline::Op;

pub(super) const OPERATOR: Operator = Operator {
    name: "save",
    aliases: &[],
    syntax: "save [append] <table>",
    help: "Writes the rows to the lookup of the table's last name, in place of the old rows or (`append`) below them, and passes them on.",
    example: "* | count by user | save /shared/users",
    parses: false,
    lower: |lowerer, cursor| {
        let append = cursor.word("append") || cursor.word("merge");
        cursor.word("create");
        let Some(token) = cursor.next().filter(|token| matches!(token.kind, Kind::Path | Kind::Word | Kind::Text))
        else {
            return lowerer.expected(cursor, "a table");
        };
        lowerer.settle_order();
        match lowerer.base {
            Base::Events => event::project(lowerer),
            _ => lowerer.spell(),
        }
        let table = lookup::table_name(&token.text);
        lowerer.push(Op::Store { table, append, key: None, empty: true, max: None });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn rows_are_written() {
        check(
            "* | count by user | save append /shared/a/users",
            "aggregate '_count' = count() by 'user' = user_name keep-null
             sort 'user'
             store users append",
        );
        assert_eq!(errors("* | count by user | save"), ["sumo.syntax"]);
    }
}
