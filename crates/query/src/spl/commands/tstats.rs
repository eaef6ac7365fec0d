//! `tstats`: `stats` over an accelerated data model; here over the events that the model is made of.

use std::collections::BTreeSet;

use super::{Command, Grammar, statistics};
use crate::{
    pipeline::Named,
    spl::{
        ast::{AggregationArgument, Search, Statistics, Word},
        datamodel::{self, Model},
        lowering::{Lower, Lowerer},
        mentions,
        statistics::Settings,
        tables,
    },
};

const OPTIONS: &[&str] = &[
    "summariesonly",
    "allow_old_summaries",
    "fillnull_value",
    "prestats",
    "span",
    "chunk_size",
    "include_reduced_buckets",
];

pub(super) const COMMAND: Command = Command {
    name: "tstats",
    aliases: &[],
    syntax: "tstats <function>(<field>) … from datamodel=<name> [where <search>] [by <field>, … [span=<width>]]",
    help: "Statistics over the data models of the Common Information Model, computed from the events.",
    example: "| tstats count from datamodel=Authentication where Authentication.action=failure by Authentication.user, _time span=1h",
    generating: true,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let mut statistics = statistics(command);
        let settings_of = statistics.clone();
        let settings = Settings::new(lowerer, &settings_of.settings, OPTIONS);
        if lowerer.started {
            return lowerer.fail("spl.not-first", "`tstats` begins a search", command.name.span);
        }
        let model = match &statistics.from {
            Some(from) => Some(datamodel::find(lowerer, &from.value.text, from.value.span)?),
            None => None,
        };
        let filter = statistics.filter.take().map(|filter| datamodel::renamed(model, filter));
        match model {
            Some(model) => {
                datamodel::read(lowerer, model, command.name.span)?;
                let used = used(model, &statistics, filter.as_ref());
                datamodel::compute(lowerer, model, |name| used.contains(name), command.name.span)?;
            }
            None => {
                let searches: Vec<&Search> = filter.iter().collect();
                lowerer.read(tables::choose_by(lowerer.env, &searches, || mentions::of_statistics(&statistics)));
            }
        }
        if let Some(filter) = &filter {
            lowerer.search(filter)?;
        }
        if settings.truth("prestats") == Some(true) {
            return before_statistics(lowerer, model, &statistics, command.name.span);
        }
        for aggregation in &mut statistics.aggregations {
            if let Some(AggregationArgument::Field(word)) = &mut aggregation.argument {
                let name = format!("{}({})", aggregation.function.text.to_ascii_lowercase(), word.text);
                aggregation.name.get_or_insert(Word { text: name, ..word.clone() });
                word.text = datamodel::bare(model, &word.text).to_owned();
            }
        }
        let aggregations = lowerer.aggregations(&statistics.aggregations, &[])?;
        let mut keys = Vec::new();
        for word in &statistics.by {
            let read = Word { text: datamodel::bare(model, &word.text).to_owned(), ..word.clone() };
            let mut expr = lowerer.field(&read);
            if read.text == "_time" {
                expr = super::bin::binned(lowerer, expr, settings.get("span"), word.span)?;
            } else if let Some(filling) = settings.text("fillnull_value") {
                expr = super::fillnull::fill(expr, filling);
            }
            keys.push(Named { name: word.text.clone(), expr });
        }
        lowerer.group(keys, aggregations, false);
        Ok(())
    },
};

/// The events' own names of all fields that the command names.
fn used(model: &Model, statistics: &Statistics, filter: Option<&Search>) -> BTreeSet<String> {
    let mut words: Vec<String> = statistics.by.iter().map(|word| word.text.clone()).collect();
    for aggregation in &statistics.aggregations {
        if let Some(AggregationArgument::Field(word)) = &aggregation.argument {
            words.push(word.text.clone());
        }
    }
    words.extend(filter.map(mentions::of).unwrap_or_default());
    words.iter().map(|word| datamodel::bare(Some(model), word).to_owned()).collect()
}

/// `prestats=t` leaves the aggregation to the `stats`, `chart` or `timechart` that follows: it gets the events, with the
/// model's names for their fields.
fn before_statistics(
    lowerer: &mut Lowerer<'_>,
    model: Option<&Model>,
    statistics: &Statistics,
    span: crate::span::Span,
) -> Lower<()> {
    let Some(model) = model else { return Ok(()) };
    let arguments = statistics.aggregations.iter().filter_map(|aggregation| match &aggregation.argument {
        Some(AggregationArgument::Field(word)) => Some(word.text.clone()),
        _ => None,
    });
    let names: Vec<String> = statistics.by.iter().map(|word| word.text.clone()).chain(arguments).collect();
    datamodel::prefix(lowerer, model, names, span);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn models_are_read_from_events() {
        let query = "| tstats summariesonly=false fillnull_value=null count min(_time) as first from datamodel=Change where All_Changes.user=a by All_Changes.user _time span=1h | `drop_dm_object_name(\"All_Changes\")`";
        assert_eq!(columns(query), ["user", "_time", "count", "first"]);
        let ir = rendered(query);
        assert!(ir.contains("filter eq_ignore_case(user_name, \"a\")"), "{ir}");
        assert!(
            ir.contains(
                "by 'All_Changes.user' = coalesce(user_name, \"null\"), '_time' = bin_time(event_time, 3600000000)"
            ),
            "{ir}"
        );
        assert_eq!(codes("| tstats count from datamodel=Endpoint by Processes.user"), ["spl.unsupported-datamodel"]);
        assert_eq!(codes("| tstats count from datamodel=Chnage by x"), ["spl.unsupported-datamodel"]);
        assert_eq!(columns("| tstats values(All_Changes.src) from datamodel=Change"), ["values(All_Changes.src)"]);
        let ir =
            rendered("| tstats count from datamodel=Network_Traffic where All_Traffic.dest_port=22 by All_Traffic.src");
        assert!(ir.starts_with("scan vpc_flow\nfilter destination_port = 22"), "{ir}");
        assert_eq!(columns("| tstats count where index=* by awsRegion"), ["awsRegion", "count"]);
        assert!(rendered("| tstats count where sourcetype=aws:elb:accesslogs").starts_with("scan elb"));
    }

    #[test]
    fn what_the_model_computes_is_computed() {
        let ir =
            rendered("| tstats count from datamodel=Change where All_Changes.action=created by All_Changes.object_id");
        assert!(ir.contains("extend 'action' = if(regex(event_name, \"^(Create|"), "{ir}");
        assert!(ir.contains("filter eq_ignore_case('action', \"created\")"), "{ir}");
    }

    #[test]
    fn the_next_command_may_aggregate() {
        let query = "| tstats prestats=t count from datamodel=Authentication by _time Authentication.user span=1h | timechart span=1h count by Authentication.user";
        let ir = rendered(query);
        assert!(ir.contains("extend 'Authentication.user' = user_name"), "{ir}");
        assert!(
            ir.contains(
                "aggregate 'count' = count() by '_time' = bin_time(event_time, 3600000000), 'Authentication.user'"
            ),
            "{ir}"
        );
    }
}
