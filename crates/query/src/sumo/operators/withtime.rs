//! `withtime`: a field with its time, for `most_recent` and `least_recent`.

use super::Operator;

pub(super) const OPERATOR: Operator = Operator {
    name: "withtime",
    aliases: &[],
    syntax: "withtime <field>, …",
    help: "Makes `<field>_withtime` for `most_recent` and `least_recent`, which go by the message's time.",
    example: "* | withtime errorCode | most_recent(errorCode_withtime) by user",
    parses: false,
    lower: |lowerer, cursor| {
        for name in lowerer.names(cursor)? {
            let value = lowerer.field(&name);
            lowerer.extend(&format!("{}_withtime", name.text), value);
        }
        Ok(())
    },
};
