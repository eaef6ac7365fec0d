//! `smooth` and `rollingstd`: mean and deviation of the last rows.

use super::{
    Operator,
    window::{Arguments, Frame},
};
use crate::pipeline::Agg;

/// Rows of a window that says nothing.
const LENGTH: u64 = 10;

pub(super) const SMOOTH: Operator = Operator {
    name: "smooth",
    aliases: &[],
    syntax: "smooth <field>[, <n>] [as <name>] [by <field>, …]",
    help: "Adds the mean of the last n rows (10 by default), this one included; `_smooth` unless it is named.",
    example: "* | timeslice 1h | count by _timeslice | sort + _timeslice | smooth _count, 5 as mean",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_smooth")?;
        let frame = Frame { preceding: Some(arguments.length.unwrap_or(LENGTH) - 1), current: true };
        lowerer.running_field(arguments, Agg::Avg, frame, cursor.span);
        Ok(())
    },
};

pub(super) const ROLLINGSTD: Operator = Operator {
    name: "rollingstd",
    aliases: &[],
    syntax: "rollingstd <field>[, <n>] [as <name>] [by <field>, …]",
    help: "Adds the standard deviation of the last n rows (10 by default), this one included; `_rollingstd` unless it is named.",
    example: "* | timeslice 1h | count by _timeslice | sort + _timeslice | rollingstd _count, 5 as deviation",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_rollingstd")?;
        let frame = Frame { preceding: Some(arguments.length.unwrap_or(LENGTH) - 1), current: true };
        lowerer.running_field(arguments, Agg::StdevPop, frame, cursor.span);
        Ok(())
    },
};
