//! `makecontinuous`: a row for each bucket between the first and the last, also where there was none.

use super::{Command, Grammar, arguments, bin, chart, timechart, words};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, JoinKind, Named, Op, Pivot, Type},
    spl::{
        ast::Word,
        build,
        lowering::ascending,
        scope::{Base, Made},
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "makecontinuous",
    aliases: &[],
    syntax: "makecontinuous [_time] [span=<width>]",
    help: "Puts times into buckets and adds a row, empty but for its time, where a bucket has none.",
    example: "* | bin _time span=1h | stats count by _time | makecontinuous _time span=1h | fillnull count",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["span", "bins", "start", "end", "aligntime"]);
        let span = command.span;
        let time = Word { text: "_time".to_owned(), span: command.name.span, quoted: false };
        let field = words.first().unwrap_or(&time).clone();
        if lowerer.scope.base != Base::Closed {
            let message = "`makecontinuous` needs a table: put `stats` or `table` before it";
            return lowerer.fail("spl.unsupported-syntax", message, span);
        }
        let value = lowerer.field(&field);
        if value.ty != Type::Time {
            let diagnostic =
                Diagnostic::error("spl.unsupported-syntax", "only times are made continuous here", field.span);
            return Err(lowerer.error(diagnostic.with_help("`bin` puts numbers into buckets")));
        }
        let width = match settings.get("span") {
            Some(word) => bin::time_span(lowerer, word)?,
            None => timechart::default_span(lowerer),
        };
        let Some(grid) = width.micros() else {
            let message = "buckets of months are not made continuous here: name a width in weeks, days or less";
            return lowerer.fail("spl.unsupported-option", message, span);
        };
        lowerer.settle_order();
        let bucket = lowerer.bin_time(value, width, span);
        lowerer.extend(&field.text, bucket);
        let fields = lowerer.scope.fields.clone();
        let rows = lowerer.branch(span)?;
        let count = lowerer.made_up("rows");
        let counted =
            Aggregate { name: count.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
        let key = Named { name: field.text.clone(), expr: build::field(&field.text, Type::Time, span) };
        lowerer.aggregate(vec![key.clone()], vec![counted], false);
        let (rows_of, values) = (vec![field.text.clone()], vec![count]);
        let (limit, other, null, zero) = (None, None, None, false);
        chart::pivot(
            lowerer,
            Pivot { rows: rows_of, column: None, values, limit, other, null, grid: Some(grid), zero },
        );
        lowerer.project(vec![key.clone()]);
        let right = Box::new(rows.into_pipeline());
        lowerer.push(Op::Join { kind: JoinKind::Left, right, on: vec![(key.expr, field.text.clone())], max: None });
        let others = fields.into_iter().filter(|made| made.name != field.text);
        let own = Made { name: field.text.clone(), ty: Type::Time };
        lowerer.scope.fields = std::iter::once(own).chain(others).collect();
        lowerer.scope.order_by(vec![ascending(&field.text, Type::Time, span)], true);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn gaps_become_rows() {
        let query = "* | bin _time span=1h | stats count by _time user | makecontinuous _time span=1h";
        assert_eq!(columns(query), ["_time", "user", "count"]);
        let ir = rendered(query);
        assert!(ir.contains("pivot rows _time values __rows_1 grid 3600000000us"), "{ir}");
        assert!(ir.contains("join left"), "{ir}");
        for (query, code) in [
            ("* | makecontinuous", "spl.unsupported-syntax"),
            ("* | stats count by user | makecontinuous user span=1h", "spl.unsupported-syntax"),
            ("* | stats max(_time) as t by user | makecontinuous t span=1mon", "spl.unsupported-option"),
            ("* | stats max(_time) as t by user | makecontinuous t span=x", "spl.span"),
        ] {
            assert_eq!(codes(query), [code], "{query}");
        }
    }
}
