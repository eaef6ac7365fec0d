//! `lookup`: columns of a lookup file beside the rows, by a column that equals a field.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb, Word},
        cursor::Cursor,
        expr::text,
        lowering::Lowerer,
        names, parser,
    },
    pipeline::{Op, Type},
};

pub(super) const COMMAND: Command = Command {
    name: "lookup",
    syntax: "lookup table column [as field], … OUTPUT column [as name], …",
    help: "Columns of a lookup file beside the rows whose field equals a column of it.",
    example: "lookup accounts account_id as recipientAccountId OUTPUT name as account | stats count(*) by account",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let table = parser::name(cursor, "lookup")?;
    let on = pairs(cursor, "the table")?;
    if !cursor.eat_keyword("output") {
        let span = cursor.next_word();
        return cursor.error("insights.lookup", "`OUTPUT` is expected, and the columns that are wanted", span, "");
    }
    let output = pairs(cursor, "OUTPUT")?;
    Some(Verb::Lookup { table, on, output })
}

fn pairs(cursor: &mut Cursor<'_>, after: &str) -> Option<Vec<(Word, Word)>> {
    let mut pairs = Vec::new();
    loop {
        let column = parser::name(cursor, after)?;
        let other = if cursor.eat_keyword("as") { parser::name(cursor, "as")? } else { column.clone() };
        pairs.push((column, other));
        if !cursor.eat(",") {
            return Some(pairs);
        }
    }
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Lookup { table, on, output } = &command.verb else { return };
    let on = on.iter().map(|(column, field)| (column.text.clone(), text(names::field(lowerer, field)))).collect();
    let pairs: Vec<(String, String)> =
        output.iter().map(|(column, name)| (column.text.clone(), name.text.clone())).collect();
    for (_, name) in &pairs {
        lowerer.make(name, Type::Text);
    }
    lowerer.ops.push(Op::Lookup { table: table.text.clone(), on, output: pairs, only_new: false });
    lowerer.sorted = false;
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes};

    #[test]
    fn columns_are_added() {
        check(
            "lookup accounts id as recipientAccountId OUTPUT name as account, owner",
            "lookup accounts on id = $.recipientAccountId output name as 'account', owner as 'owner'",
        );
        assert_eq!(codes("lookup accounts id"), ["insights.lookup"]);
    }
}
