//! `geostats`: aggregates on a grid of the map.

use super::{Command, Grammar, chart, statistics};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Named, Pivot, Type},
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &[
    "latfield",
    "longfield",
    "binspanlat",
    "binspanlong",
    "maxzoomlevel",
    "globallimit",
    "locallimit",
    "translatetoxy",
    "outputlatfield",
    "outputlongfield",
];

/// Width of a cell in degrees where none is asked for: cities stay apart, and a marker stays within its city.
const CELL: f64 = 0.1;

pub(super) const COMMAND: Command = Command {
    name: "geostats",
    aliases: &[],
    syntax: "geostats [latfield=<field>] [longfield=<field>] <function>(<field>) [by <field>]",
    help: "Aggregates by place for a map: fields latitude and longitude, a column for each value of a field.",
    example: "* | iplocation sourceIPAddress | geostats latfield=lat longfield=lon count by eventName",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        let settings = Settings::of(lowerer, &statistics, OPTIONS);
        if statistics.aggregations.is_empty() || statistics.by.len() > 1 {
            let message = "`geostats` needs a function and at most one field after `by`";
            return lowerer.fail("spl.missing-argument", message, command.span);
        }
        let latitude = axis(lowerer, &settings, ("latfield", "lat"), "binspanlat", command.name.span)?;
        let longitude = axis(lowerer, &settings, ("longfield", "lon"), "binspanlong", command.name.span)?;
        let names = [
            settings.text("outputlatfield").unwrap_or("latitude"),
            settings.text("outputlongfield").unwrap_or("longitude"),
        ];
        let aggregations = lowerer.aggregations(&statistics.aggregations, &statistics.by)?;
        let mut keys: Vec<Named> = names
            .iter()
            .zip([latitude, longitude])
            .map(|(name, expr)| Named { name: (*name).to_owned(), expr })
            .collect();
        keys.extend(lowerer.keys(&statistics.by));
        let column = statistics.by.first().map(|word| word.text.clone());
        let zero = aggregations.only_counts();
        let values = aggregations.fields.iter().map(|(name, ..)| name.clone()).collect();
        lowerer.group(keys, aggregations, false);
        if column.is_some() {
            let series = chart::series(lowerer, &settings)?;
            let rows = names.iter().map(|&name| name.to_owned()).collect();
            chart::pivot(lowerer, Pivot { rows, column, values, zero, null: None, ..series });
        }
        Ok(())
    },
};

/// The middle of the cell that a coordinate falls into.
fn axis(
    lowerer: &mut Lowerer<'_>,
    settings: &Settings<'_>,
    field: (&str, &str),
    width: &str,
    span: crate::span::Span,
) -> Lower<Expr> {
    let default = Word { text: field.1.to_owned(), span, quoted: false };
    let value = lowerer.field(settings.get(field.0).unwrap_or(&default));
    let width = match settings.get(width) {
        None => CELL,
        Some(word) => match build::parse_number(&word.text).filter(|width| *width > 0.0) {
            Some(width) => width,
            None => {
                return Err(lowerer.error(Diagnostic::error(
                    "spl.number",
                    format!("`{}` is not a number of degrees", word.text),
                    word.span,
                )));
            }
        },
    };
    let start =
        build::call(Func::BinNumber, vec![build::to_number(value), build::float(width, span)], Type::Float, span);
    Ok(build::call(Func::Add, vec![start, build::float(width / 2.0, span)], Type::Float, span))
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, columns};

    #[test]
    fn places() {
        check(
            "* | geostats latfield=geo_lat longfield=geo_lon binspanlat=1 binspanlong=2 count by eventName",
            "aggregate 'count' = count() by 'latitude' = bin_number(geo_latitude, 1.0) + 0.5, 'longitude' = bin_number(geo_longitude, 2.0) + 1.0, 'eventName' = event_name
             pivot rows latitude, longitude values count column 'eventName' limit 10 other OTHER zero
             sort 'latitude', 'longitude'",
        );
        assert_eq!(columns("* | iplocation src_ip | geostats count"), ["latitude", "longitude", "count"]);
    }
}
