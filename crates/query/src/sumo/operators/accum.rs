//! `accum`: the running sum.

use super::{
    Operator,
    window::{Arguments, Frame},
};
use crate::pipeline::Agg;

pub(super) const OPERATOR: Operator = Operator {
    name: "accum",
    aliases: &[],
    syntax: "accum <field> [as <name>] [by <field>, …]",
    help: "Adds the running sum of a field, in the order of rows; `_accum` unless it is named.",
    example: "* | timeslice 1h | count by _timeslice | sort + _timeslice | accum _count as total",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_accum")?;
        lowerer.running_field(arguments, Agg::Sum, Frame { preceding: None, current: true }, cursor.span);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn runs_in_order() {
        check(
            "* | count by eventName | sort + _count | accum _count",
            "aggregate '_count' = count() by 'eventName' = event_name keep-null
             sort '_count'
             window '__window_1' = sum(to_number('_count')) order '_count' rows all and current
             extend '_accum' = '__window_1'
             sort '_count'
             project 'eventName', '_count', '_accum'",
        );
    }
}
