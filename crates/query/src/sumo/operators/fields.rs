//! `fields`: which fields there are, or which are left out.

use super::{
    super::lowering::{Base, Lowerer},
    Operator,
};
use crate::pipeline::{Named, Op};

pub(super) const OPERATOR: Operator = Operator {
    name: "fields",
    aliases: &[],
    syntax: "fields <field>, … | fields - <field>, …",
    help: "Keeps just these fields, in this order; after `-`, all but these.",
    example: "* | count by eventName, user | fields user, _count",
    parses: false,
    lower: |lowerer, cursor| {
        if cursor.punct("-") || cursor.word("except") {
            let mut names = lowerer.names(cursor)?;
            // `fields -a, -b` is written, too.
            while cursor.punct("-") {
                names.extend(lowerer.names(cursor)?);
            }
            let names: Vec<String> = names.into_iter().map(|name| name.text).collect();
            remove(lowerer, &names);
            return Ok(());
        }
        cursor.punct("+");
        let names = lowerer.names(cursor)?;
        if lowerer.base == Base::Events {
            lowerer.chosen = Some(names.into_iter().map(|name| name.text).collect());
            return Ok(());
        }
        lowerer.settle_order();
        let mut items: Vec<Named> = Vec::new();
        for name in &names {
            let expr = lowerer.field(name);
            if !items.iter().any(|item| item.name.eq_ignore_ascii_case(&name.text)) {
                items.push(Named { name: name.text.clone(), expr });
            }
        }
        lowerer.project(items);
        Ok(())
    },
};

fn remove(lowerer: &mut Lowerer<'_>, names: &[String]) {
    let gone = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if lowerer.base == Base::Open {
        let patterns = names.to_vec();
        lowerer.settle_order();
        lowerer.push(Op::Remove { patterns });
        lowerer.fields.retain(|made| !gone(&made.name));
        return;
    }
    lowerer.fields.retain(|made| !gone(&made.name));
    if let Some(chosen) = &mut lowerer.chosen {
        chosen.retain(|name| !gone(name));
    }
    if lowerer.base == Base::Events {
        lowerer.hidden.extend(names.iter().map(|name| name.to_ascii_lowercase()));
    } else {
        // What is not among the fields any more is left out at the end, but may still order the rows.
        lowerer.residue();
    }
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, columns};

    #[test]
    fn kept_and_left_out() {
        assert_eq!(columns("* | count by eventName, user | fields user, _COUNT"), ["user", "_COUNT"]);
        assert_eq!(columns("* | count by eventName, user | fields -_count, user"), ["eventName"]);
        assert_eq!(columns("* | fields eventName"), ["_time", "eventName", "eventID", "_raw"]);
        assert_eq!(
            columns("* | \"a\" as b | fields eventName | \"c\" as d"),
            ["_time", "eventName", "d", "eventID", "_raw"]
        );
        check(
            "* | count by eventName | sort by _count | fields -_count",
            "aggregate '_count' = count() by 'eventName' = event_name keep-null
             sort '_count' desc
             project 'eventName'",
        );
    }
}
