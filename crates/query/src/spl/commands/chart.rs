//! `chart`: aggregates as a table of rows and columns.

use super::{Command, Grammar, statistics};
use crate::{
    pipeline::{Named, Op, Pivot},
    spl::{
        ast::{Statistics, Word},
        build,
        lowering::{Lower, Lowerer},
        scope::{Base, Kind, Made, Scope},
        statistics::Settings,
    },
};

/// Options of `chart` and `timechart` about the series.
pub(super) const SERIES_OPTIONS: &[&str] = &[
    "limit",
    "useother",
    "usenull",
    "otherstr",
    "nullstr",
    "span",
    "bins",
    "cont",
    "agg",
    "sep",
    "format",
    "partial",
    "fixedrange",
    "minspan",
    "aligntime",
];

pub(super) const COMMAND: Command = Command {
    name: "chart",
    aliases: &[],
    syntax: "chart <function>(<field>) [over <row>] [by <row or column>, <column>]",
    help: "A table of aggregates: a row for each value of one field, a column for each of another.",
    example: "* | chart count over user by eventName",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        let settings = Settings::of(lowerer, &statistics, SERIES_OPTIONS);
        let axes = axes(&statistics);
        if axes.is_empty() || axes.len() > 2 || statistics.aggregations.is_empty() {
            let message = "`chart` needs a function and one or two fields, e.g. `chart count over user by eventName`";
            return lowerer.fail("spl.missing-argument", message, command.span);
        }
        let aggregations = lowerer.aggregations(&statistics.aggregations, &axes)?;
        let mut keys: Vec<Named> =
            axes.iter().map(|word| Named { name: word.text.clone(), expr: lowerer.field(word) }).collect();
        if let (Some(row), Some(span)) = (keys.first_mut(), settings.get("span")) {
            row.expr = super::bin::binned(lowerer, row.expr.clone(), Some(span), command.span)?;
        }
        if let (Some(row), true) = (keys.first(), keys.len() > 1) {
            lowerer.filter(build::is_not_null(row.expr.clone()));
        }
        let zero = aggregations.only_counts();
        let values: Vec<String> = aggregations.fields.iter().map(|(name, ..)| name.clone()).collect();
        let rows = keys.first().map(|key| key.name.clone()).unwrap_or_default();
        let column = keys.get(1).map(|key| key.name.clone());
        let split = column.is_some();
        lowerer.group(keys, aggregations, split);
        if let Some(column) = column {
            let series = series(lowerer, &settings)?;
            pivot(lowerer, Pivot { rows: vec![rows], column: Some(column), values, zero, ..series });
        }
        Ok(())
    },
};

fn axes(statistics: &Statistics) -> Vec<Word> {
    statistics.over.iter().chain(&statistics.by).cloned().collect()
}

/// How many series are kept and what becomes of the rest: ten, OTHER, NULL.
pub(super) fn series(lowerer: &mut Lowerer<'_>, settings: &Settings<'_>) -> Lower<Pivot> {
    let limit = match settings.get("limit") {
        None => Some(10),
        Some(word) => match word.text.trim_start_matches("top").parse::<usize>() {
            Ok(0) => None,
            Ok(limit) => Some(limit),
            Err(_) => {
                return lowerer.fail("spl.number", format!("`{}` is not a number of series", word.text), word.span);
            }
        },
    };
    let other =
        settings.truth("useother").unwrap_or(true).then(|| settings.text("otherstr").unwrap_or("OTHER").to_owned());
    let null = settings.truth("usenull").unwrap_or(true).then(|| settings.text("nullstr").unwrap_or("NULL").to_owned());
    Ok(Pivot { rows: Vec::new(), column: None, values: Vec::new(), limit, other, null, grid: None, zero: false })
}

/// Pivots; after it the columns are what the values were, so any name may exist.
pub(super) fn pivot(lowerer: &mut Lowerer<'_>, pivot: Pivot) {
    let made: Vec<Made> = lowerer.scope.fields.iter().filter(|made| pivot.rows.contains(&made.name)).cloned().collect();
    let values: Vec<Made> =
        lowerer.scope.fields.iter().filter(|made| pivot.values.contains(&made.name)).cloned().collect();
    let ty = values.iter().fold(crate::pipeline::Type::Any, |ty, made| crate::spl::build::unify(ty, made.ty));
    let split = pivot.column.is_some();
    let order = made
        .iter()
        .map(|made| crate::spl::lowering::ascending(&made.name, made.ty, crate::span::Span::default()))
        .collect();
    let fields = made.into_iter().chain(if split { Vec::new() } else { values }).collect();
    lowerer.push(Op::Pivot(pivot));
    let base = if split { Base::Fields(ty) } else { Base::Closed };
    lowerer.scope = Scope { fields, ..Scope::new(base, Kind::Rows) };
    lowerer.scope.order_by(order, true);
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn rows_and_columns() {
        check(
            "* | chart count over user by eventName limit=5 useother=f",
            "filter is_not_null(user_name)
             aggregate 'count' = count() by 'user' = user_name, 'eventName' = event_name keep-null
             pivot rows user values count column 'eventName' limit 5 null NULL zero
             sort 'user' auto",
        );
        check(
            "* | chart avg(bytesIn) by user, eventName usenull=f",
            "filter is_not_null(user_name)
             aggregate 'avg(bytesIn)' = avg(bytes_in) by 'user' = user_name, 'eventName' = event_name keep-null
             pivot rows user values avg(bytesIn) column 'eventName' limit 10 other OTHER
             sort 'user' auto",
        );
        assert_eq!(columns("* | chart count dc(user) by awsRegion"), ["awsRegion", "count", "dc(user)"]);
        assert_eq!(codes("* | chart count"), ["spl.missing-argument"]);
    }

    #[test]
    fn after_a_pivot_any_column_may_exist() {
        check(
            "* | chart count over user by eventName | where ConsoleLogin > 3",
            "filter is_not_null(user_name)
             aggregate 'count' = count() by 'user' = user_name, 'eventName' = event_name keep-null
             pivot rows user values count column 'eventName' limit 10 other OTHER null NULL zero
             filter 'ConsoleLogin' > 3
             sort 'user' auto",
        );
    }
}
