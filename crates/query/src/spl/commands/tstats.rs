//! `tstats`: `stats` over an accelerated data model; here over the events that the model is made of.

use super::{Command, Grammar, statistics};
use crate::{
    diagnostic::Diagnostic,
    pipeline::Named,
    spl::{
        ast::{AggregationArgument, Search, Statistics, Word},
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
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

/// Data models that CloudTrail events are part of: name, the event names of its events as a search (none: all).
const MODELS: &[(&str, Option<&[&str]>)] = &[
    (
        "Authentication",
        Some(&[
            "ConsoleLogin",
            "AssumeRole*",
            "GetSessionToken",
            "GetFederationToken",
            "SwitchRole",
            "ExitRole",
            "RenewRole",
        ]),
    ),
    ("Change", None),
];

pub(super) const COMMAND: Command = Command {
    name: "tstats",
    aliases: &[],
    syntax: "tstats <function>(<field>) … from datamodel=<name> [where <search>] [by <field>, … [span=<width>]]",
    help: "Statistics over the data models Authentication and Change, computed from the events.",
    example: "| tstats count from datamodel=Authentication where Authentication.action=failure by Authentication.user, _time span=1h",
    generating: true,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let mut statistics = statistics(command);
        let settings_of = statistics.clone();
        let settings = Settings::new(lowerer, &settings_of.settings, OPTIONS);
        if lowerer.started || settings.truth("prestats") == Some(true) {
            return lowerer.fail(
                "spl.unsupported-option",
                "`tstats` begins a search, without `prestats`",
                command.name.span,
            );
        }
        model(lowerer, &statistics, command.name.span)?;
        if let Some(filter) = statistics.filter.take() {
            lowerer.search(&renamed(filter))?;
        }
        let outputs: Vec<Word> = statistics.by.clone();
        for aggregation in &mut statistics.aggregations {
            if let Some(AggregationArgument::Field(word)) = &mut aggregation.argument {
                word.text = bare(&word.text).to_owned();
            }
        }
        let aggregations = lowerer.aggregations(&statistics.aggregations, &[])?;
        let mut keys = Vec::new();
        for word in &outputs {
            let read = Word { text: bare(&word.text).to_owned(), ..word.clone() };
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

/// Checks the data model, and keeps its events.
fn model(lowerer: &mut Lowerer<'_>, statistics: &Statistics, span: crate::span::Span) -> Lower<()> {
    let Some(from) = &statistics.from else { return Ok(()) };
    let name = from.value.text.split('.').next().unwrap_or_default();
    let Some((_, events)) = MODELS.iter().find(|(model, _)| model.eq_ignore_ascii_case(name)) else {
        let message = format!("the data model `{name}` is not supported yet");
        let diagnostic = Diagnostic::error("spl.unsupported-datamodel", message, from.value.span)
            .with_help("`Authentication` and `Change` are");
        return Err(lowerer.error(diagnostic));
    };
    match events {
        Some(events) => {
            let field = Word { text: "eventName".to_owned(), span, quoted: false };
            let values = events.iter().map(|text| Word { text: (*text).to_owned(), span, quoted: false }).collect();
            lowerer.search(&Search::In { field, values })
        }
        None => {
            // Changes are what is not read-only.
            let read_only = lowerer.name("readOnly", span);
            let changes = build::not(build::is_true(crate::spl::expr::compare(
                crate::spl::ast::Comparison::Eq,
                read_only,
                build::text("true", span),
                span,
            )));
            lowerer.filter(changes);
            Ok(())
        }
    }
}

/// A model's field as the events name it: `All_Changes.Instance_Changes.image_id` is `image_id`.
fn bare(name: &str) -> &str {
    let mut rest = name;
    while let Some((head, tail)) = rest.split_once('.') {
        let object = head == "Authentication"
            || head.starts_with("All_")
            || head.ends_with("_Changes")
            || head.ends_with("_Authentication");
        if !object {
            break;
        }
        rest = tail;
    }
    rest
}

fn renamed(search: Search) -> Search {
    let rename = |field: Word| Word { text: bare(&field.text).to_owned(), ..field };
    match search {
        Search::And(terms) => Search::And(terms.into_iter().map(renamed).collect()),
        Search::Or(terms) => Search::Or(terms.into_iter().map(renamed).collect()),
        Search::Not(inner) => Search::Not(Box::new(renamed(*inner))),
        Search::Compare { field, comparison, value, exact } => {
            Search::Compare { field: rename(field), comparison, value, exact }
        }
        Search::In { field, values } => Search::In { field: rename(field), values },
        other => other,
    }
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
        assert_eq!(
            codes("| tstats count from datamodel=Network_Traffic by All_Traffic.src"),
            ["spl.unsupported-datamodel"]
        );
        assert_eq!(columns("| tstats count where index=* by awsRegion"), ["awsRegion", "count"]);
    }
}
