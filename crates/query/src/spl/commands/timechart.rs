//! `timechart`: aggregates over time, a column a series, no gaps.

use super::{Command, Grammar, bin, chart, statistics};
use crate::{
    pipeline::{Agg, Literal, Named, Op, Pivot},
    spl::{
        ast::Word,
        lowering::Lowerer,
        statistics::Settings,
        time::{DAY, SECOND, Span, Unit},
    },
};

/// The widest range (microseconds) that each default bucket serves.
const DEFAULT_SPANS: &[(i64, Span)] = &[
    (15 * 60 * SECOND, seconds(10)),
    (3600 * SECOND, seconds(60)),
    (4 * 3600 * SECOND, seconds(300)),
    (DAY, seconds(1800)),
    (30 * DAY, days(1)),
    (100 * DAY, days(1)),
];

const fn seconds(count: i64) -> Span {
    Span { count, unit: Unit::Fixed(SECOND), weekday: None }
}

const fn days(count: i64) -> Span {
    Span { count, unit: Unit::Day, weekday: None }
}

pub(super) const COMMAND: Command = Command {
    name: "timechart",
    aliases: &[],
    syntax: "timechart [span=<width>] [limit=<n>] <function>(<field>) … [by <field>]",
    help: "Aggregates over time buckets, a column for each value of a field; empty buckets are there too.",
    example: "* | timechart span=1h count by eventName limit=5",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        let settings = Settings::of(lowerer, &statistics, chart::SERIES_OPTIONS);
        if statistics.aggregations.is_empty() || statistics.by.len() > 1 {
            let message = "`timechart` needs a function and at most one field after `by`";
            return lowerer.fail("spl.missing-argument", message, command.span);
        }
        let width = match settings.get("span") {
            Some(word) => bin::time_span(lowerer, word)?,
            None => default_span(lowerer),
        };
        lowerer.bucket = width.micros();
        let aggregations = lowerer.aggregations(&statistics.aggregations, &statistics.by);
        lowerer.bucket = None;
        let aggregations = aggregations?;
        let time = Word { text: "_time".to_owned(), span: command.name.span, quoted: false };
        let instant = crate::spl::build::to_time(lowerer.field(&time));
        let bucket = lowerer.bin_time(instant, width, command.name.span);
        let mut keys = vec![Named { name: time.text.clone(), expr: bucket }];
        keys.extend(lowerer.keys(&statistics.by));
        let column = statistics.by.first().map(|word| word.text.clone());
        let zero = aggregations.only_counts();
        let values: Vec<String> = aggregations.fields.iter().map(|(name, ..)| name.clone()).collect();
        let counts: Vec<String> = aggregations
            .aggregates
            .iter()
            .filter(|aggregate| matches!(aggregate.func, Agg::Count | Agg::DistinctCount))
            .map(|aggregate| aggregate.name.clone())
            .collect();
        let split = column.is_some();
        lowerer.group(keys, aggregations, split);
        let continuous = settings.truth("cont").unwrap_or(true);
        let grid = width.micros().filter(|_| continuous);
        let series = chart::series(lowerer, &settings)?;
        let series = if split { series } else { Pivot { limit: None, other: None, null: None, ..series } };
        chart::pivot(lowerer, Pivot { rows: vec![time.text], column, values, grid, zero, ..series });
        if !split && !zero && !counts.is_empty() {
            lowerer.push(Op::FillNull { fields: Some(counts), value: Literal::Int(0) });
        }
        Ok(())
    },
};

/// The bucket that suits the search's range, as Splunk chooses it; a day where the range is not known.
pub(crate) fn default_span(lowerer: &Lowerer<'_>) -> Span {
    let earliest = lowerer.scan.earliest.or(lowerer.env.earliest);
    let latest = lowerer.scan.latest.or(lowerer.env.latest).unwrap_or(lowerer.env.now);
    let Some(range) = earliest.filter(|earliest| *earliest > 0).map(|earliest| latest.saturating_sub(earliest)) else {
        return days(1);
    };
    let fitting = DEFAULT_SPANS.iter().find(|(widest, _)| range <= *widest);
    fitting.map_or(Span { count: 1, unit: Unit::Month, weekday: None }, |(_, span)| *span)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn one_series_is_a_column() {
        check(
            "* | timechart span=1h count",
            "aggregate 'count' = count() by '_time' = bin_time(event_time, 3600000000)
             pivot rows _time values count grid 3600000000us zero
             sort '_time'",
        );
        assert_eq!(columns("* | timechart count dc(user) as users"), ["_time", "count", "users"]);
    }

    #[test]
    fn a_field_gives_its_values_columns() {
        check(
            "* | timechart span=5m count by eventName limit=3 otherstr=rest",
            "aggregate 'count' = count() by '_time' = bin_time(event_time, 300000000), 'eventName' = event_name keep-null
             pivot rows _time values count column 'eventName' limit 3 other rest null NULL grid 300000000us zero
             sort '_time'",
        );
    }

    #[test]
    fn gaps_of_counts_are_zero() {
        check(
            "* | timechart span=1d count avg(bytesIn) as size",
            "aggregate 'count' = count(), 'size' = avg(bytes_in) by '_time' = bin_time(event_time, 86400000000)
             pivot rows _time values count, size grid 86400000000us
             fill-null count with 0
             sort '_time'",
        );
    }

    #[test]
    fn the_default_span_follows_the_range() {
        for (bounds, expected) in [
            ("*", "86400000000"),
            ("earliest=-15m", "10000000"),
            ("earliest=-60m", "60000000"),
            ("earliest=-4h", "300000000"),
            ("earliest=-24h", "1800000000"),
            ("earliest=-30d", "86400000000"),
            ("earliest=0", "86400000000"),
        ] {
            let rendered = crate::spl::testing::rendered(&format!("{bounds} | timechart count"));
            assert!(rendered.contains(&format!("bin_time(event_time, {expected})")), "{bounds}: {rendered}");
        }
        assert!(
            crate::spl::testing::rendered("earliest=-1y | timechart count")
                .contains("relative_time(event_time, \"@mon\")")
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | timechart by user"), ["spl.missing-argument"]);
        assert_eq!(codes("* | timechart count by user, eventName"), ["spl.missing-argument"]);
        assert_eq!(codes("* | timechart span=x count"), ["spl.span"]);
        assert_eq!(codes("* | timechart count by user where count in top5"), ["spl.ignored-option"]);
    }
}
