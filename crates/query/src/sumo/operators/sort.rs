//! `sort`: largest first, unless `asc` or `+` is said.

use super::{
    super::{
        cursor::Cursor,
        lowering::{Lower, Lowerer},
    },
    Operator,
};
use crate::pipeline::{SortKey, Type};

pub(super) const OPERATOR: Operator = Operator {
    name: "sort",
    aliases: &["order"],
    syntax: "sort [by] [+|-]<field> [asc|desc], …",
    help: "Orders rows, largest first unless `asc` (or `+`) is said; texts by their letters.",
    example: "* | count by eventName | sort by _count, eventName asc",
    parses: false,
    lower: |lowerer, cursor| {
        cursor.word("by");
        let keys = keys(lowerer, cursor)?;
        lowerer.order = keys;
        lowerer.pending = true;
        Ok(())
    },
};

/// Sort keys with commas between them.
pub(super) fn keys(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<SortKey>> {
    let mut keys = Vec::new();
    let open = cursor.punct("(");
    loop {
        let ascending = cursor.punct("+");
        let descending = cursor.punct("-");
        let name = lowerer.expect_name(cursor, "a field name")?;
        let ascending = ascending || cursor.word("asc") || cursor.word("ascending");
        let descending = descending || cursor.word("desc") || cursor.word("descending");
        let expr = lowerer.field(&name);
        // What a transposed table holds is not known before.
        let numeric = expr.ty == Type::Any;
        keys.push(SortKey { expr, descending: descending || !ascending, numeric });
        if !cursor.punct(",") {
            break;
        }
    }
    if open {
        lowerer.expect_punct(cursor, ")")?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn orders() {
        for (stage, expected) in [
            ("sort by _count, eventname asc", "sort '_count' desc, 'eventName'"),
            ("sort _count", "sort '_count' desc"),
            ("order by -_count, +eventName", "sort '_count' desc, 'eventName'"),
            ("sort + _count", "sort '_count'"),
            ("sort by (_count desc)", "sort '_count' desc"),
        ] {
            check(
                &format!("* | count by eventName | {stage}"),
                &format!("aggregate '_count' = count() by 'eventName' = event_name keep-null\n{expected}"),
            );
        }
    }
}
