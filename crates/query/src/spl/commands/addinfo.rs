//! `addinfo`: adds the search's own time bounds to each row.

use super::{Command, Grammar};
use crate::{
    pipeline::Literal,
    spl::{build, lowering::Lowerer},
};

pub(super) const COMMAND: Command = Command {
    name: "addinfo",
    aliases: &[],
    syntax: "addinfo",
    help: "Adds info_min_time, info_max_time, info_search_time and info_sid.",
    example: "* | addinfo | eval age=info_max_time-_time",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let bounds = (lowerer.scan.earliest.or(lowerer.env.earliest), lowerer.scan.latest.or(lowerer.env.latest));
        let (from, to) = (bounds.0.unwrap_or(0), bounds.1.unwrap_or(lowerer.env.now));
        let add = |lowerer: &mut Lowerer<'_>, name: &str, at: i64| {
            lowerer.extend(name, build::literal(Literal::Time(at), command.span));
        };
        add(lowerer, "info_min_time", from);
        add(lowerer, "info_max_time", to);
        add(lowerer, "info_search_time", lowerer.env.now);
        lowerer.extend("info_sid", build::text("search", command.span));
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::check;

    #[test]
    fn bounds_become_fields() {
        check(
            "earliest=0 | addinfo | table info_min_time",
            "scan cloudtrail from 1970-01-01T00:00:00Z
             extend 'info_min_time' = 1970-01-01T00:00:00Z, 'info_max_time' = 2018-07-26T21:08:28.500Z, 'info_search_time' = 2018-07-26T21:08:28.500Z, 'info_sid' = \"search\"
             sort event_time desc
             project 'info_min_time'",
        );
    }
}
