//! `iplocation`: where an address is.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Expr, ExprKind, Func, Type},
    schema::Dialect,
    span::Span,
    spl::{build, lowering::Lowerer, statistics::Settings},
};

/// Fields made: name, the IR's attribute, the column that holds it for the event's own address, whether always made.
const FIELDS: &[(&str, &str, &str, Type)] = &[
    ("City", "city", "geo_city", Type::Text),
    ("Country", "country", "geo_country_name", Type::Text),
    ("Region", "region", "geo_region", Type::Text),
    ("lat", "lat", "geo_latitude", Type::Float),
    ("lon", "lon", "geo_longitude", Type::Float),
];

pub(super) const COMMAND: Command = Command {
    name: "iplocation",
    aliases: &[],
    syntax: "iplocation [prefix=<text>] [allfields=<bool>] <field>",
    help: "Adds City, Country, Region, lat and lon of an address; names are English, empty where not known.",
    example: "eventName=ConsoleLogin | iplocation sourceIPAddress | stats count by Country",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["prefix", "allfields", "lang"]);
        let word = required(lowerer, words.first(), "a field that holds an address", command)?;
        let address = lowerer.field(word);
        let prefix = settings.text("prefix").unwrap_or_default();
        for (name, attribute, column, ty) in FIELDS {
            let value = located(lowerer, &address, attribute, column, *ty, word.span);
            lowerer.extend(&format!("{prefix}{name}"), value);
        }
        if settings.truth("allfields") == Some(true) {
            let message = "Continent, MetroCode and Timezone are not known here; they are empty";
            lowerer.warning("spl.ignored-option", message, command.name.span);
            for name in ["Continent", "MetroCode", "Timezone"] {
                lowerer.extend(&format!("{prefix}{name}"), build::text("", word.span));
            }
        }
        Ok(())
    },
};

/// One attribute: stored with the event for its own address, looked up for any other. Splunk gives empty text where
/// the address is not known, and detections compare with it.
fn located(lowerer: &Lowerer<'_>, address: &Expr, attribute: &str, column: &str, ty: Type, span: Span) -> Expr {
    let own = matches!(&address.kind, ExprKind::Column(name) if name == "source_ip_address");
    let stored = own.then(|| lowerer.env.schema.resolve(&lowerer.table, Dialect::Spl, column)).flatten();
    let value = match stored {
        Some(resolved) => build::column(&resolved.column, resolved.ty, span),
        None => {
            let address =
                build::to_text(if address.ty == Type::List { build::first(address.clone()) } else { address.clone() });
            build::call(Func::Geo, vec![address, build::text(attribute, span)], ty, span)
        }
    };
    if ty == Type::Text { build::coalesce(vec![value, build::text("", span)], Type::Text, span) } else { value }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn places_of_addresses() {
        check(
            "* | iplocation prefix=x_ requestParameters.ip | stats count",
            "extend 'x_City' = coalesce(geo($.requestParameters.ip, \"city\"), \"\"), 'x_Country' = coalesce(geo($.requestParameters.ip, \"country\"), \"\"), \
             'x_Region' = coalesce(geo($.requestParameters.ip, \"region\"), \"\"), 'x_lat' = geo($.requestParameters.ip, \"lat\"), 'x_lon' = geo($.requestParameters.ip, \"lon\")
             aggregate 'count' = count()",
        );
        check(
            "* | iplocation sourceIPAddress | stats count",
            "extend 'City' = coalesce(geo(source_ip_address, \"city\"), \"\"), 'Country' = coalesce(geo_country_name, \"\"), \
             'Region' = coalesce(geo(source_ip_address, \"region\"), \"\"), 'lat' = geo_latitude, 'lon' = geo_longitude
             aggregate 'count' = count()",
        );
        assert_eq!(codes("* | iplocation"), ["spl.missing-argument"]);
        assert_eq!(codes("| iplocation sourceIPAddress"), ["spl.leading-bar"]);
    }
}
