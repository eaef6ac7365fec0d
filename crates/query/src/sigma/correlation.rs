//! The head of a correlation: its kind, the rules it looks at, the group, the window and the comparison.

use super::{
    ast::{Compare, Correlation, CorrelationType, Logic, Meta},
    condition,
    document::{Reader, names},
};
use crate::{
    diagnostic::Diagnostic,
    span::Span,
    spl::suggest,
    yaml::{Node, Scalar},
};

/// The kinds by name.
pub(super) const KINDS: &[(&str, CorrelationType)] = &[
    ("event_count", CorrelationType::EventCount),
    ("temporal", CorrelationType::Temporal),
    ("temporal_ordered", CorrelationType::TemporalOrdered),
    ("value_avg", CorrelationType::ValueAvg),
    ("value_count", CorrelationType::ValueCount),
    ("value_median", CorrelationType::ValueMedian),
    ("value_percentile", CorrelationType::ValuePercentile),
    ("value_sum", CorrelationType::ValueSum),
];

impl CorrelationType {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether it asks for rules rather than for a number.
    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Temporal | Self::TemporalOrdered)
    }
}

/// Reads the part under `correlation`.
pub(super) fn read(reader: &mut Reader<'_>, meta: Meta, body: &Node, span: Span) -> Option<Correlation> {
    let kind = kind(reader, body)?;
    let rules = body.get("rules").map(names).unwrap_or_default();
    if rules.is_empty() {
        reader.error("sigma.correlation", "the correlation names no `rules`", body.span);
        return None;
    }
    let Some(window) = body.get("timespan").or_else(|| body.get("timeframe")) else {
        reader.error("sigma.correlation", "the correlation has no `timespan`", body.span);
        return None;
    };
    let timespan = reader.timespan(window)?;
    let mut correlation = Correlation {
        meta,
        kind,
        rules,
        group_by: body.get("group-by").or_else(|| body.get("group_by")).map(names).unwrap_or_default(),
        timespan,
        aliases: body.get("aliases").map(aliases).unwrap_or_default(),
        compare: Vec::new(),
        field: None,
        logic: None,
        generate: body.get("generate").and_then(Node::scalar).and_then(Scalar::truth).unwrap_or(false),
        span,
    };
    compare(reader, body, &mut correlation);
    Some(correlation)
}

fn kind(reader: &mut Reader<'_>, body: &Node) -> Option<CorrelationType> {
    let Some((name, span)) = body.get("type").and_then(|node| Some((node.text()?, node.span))) else {
        reader.error("sigma.correlation", "the correlation has no `type`", body.span);
        return None;
    };
    if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    let all: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    let error = Diagnostic::error("sigma.correlation-type", format!("no type of correlation is called `{name}`"), span);
    reader.diagnostics.push(match suggest::nearest(name, all.iter().copied()) {
        Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
        None => error.with_help(format!("there are: {}", all.join(", "))),
    });
    None
}

fn aliases(node: &Node) -> Vec<(String, Vec<(String, String)>)> {
    let pairs = |node: &Node| {
        let members = node.map().into_iter().flatten();
        members.filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text()?.to_owned()))).collect()
    };
    let members = node.map().into_iter().flatten();
    members.filter_map(|(key, value)| Some((key.text()?.to_owned(), pairs(value)))).collect()
}

/// The condition: comparisons and a field, or, for rules in time, an expression over them.
fn compare(reader: &mut Reader<'_>, body: &Node, correlation: &mut Correlation) {
    let Some(condition) = body.get("condition").filter(|node| !node.is_null()) else {
        if !correlation.kind.is_temporal() {
            reader.error("sigma.correlation", "the correlation has no `condition`", body.span);
        }
        return;
    };
    if let Some(text) = condition.text() {
        correlation.logic = logic(reader, text, condition.span, correlation.kind);
        return;
    }
    for (key, value) in condition.map().into_iter().flatten() {
        let name = key.text().unwrap_or_default();
        match (name, Compare::named(name)) {
            ("field", _) => {
                correlation.field = value.items().first().and_then(|v| Some((v.text()?.to_owned(), v.span)))
            }
            (_, Some(compare)) => {
                match value.scalar().and_then(|v| v.text.parse().ok()).filter(|n: &f64| n.is_finite()) {
                    Some(number) => correlation.compare.push((compare, number)),
                    None => reader.error("sigma.correlation", "a comparison wants a number", value.span),
                }
            }
            _ => {
                let message = format!("`{name}` is no part of a correlation's condition");
                let error = Diagnostic::error("sigma.correlation", message, key.span);
                reader.diagnostics.push(error.with_help("there are: field, gt, gte, lt, lte, eq, neq"));
            }
        }
    }
    wanted(reader, condition.span, correlation);
}

fn wanted(reader: &mut Reader<'_>, span: Span, correlation: &Correlation) {
    let kind = correlation.kind;
    let counts = kind == CorrelationType::EventCount;
    if correlation.compare.is_empty() && !kind.is_temporal() {
        reader.error("sigma.correlation", "the condition compares with nothing: `gte: 10`", span);
    }
    if correlation.field.is_none() && !counts && !kind.is_temporal() {
        reader.error("sigma.correlation", format!("`{}` wants a `field` in its condition", kind.name()), span);
    }
}

fn logic(reader: &mut Reader<'_>, text: &str, span: Span, kind: CorrelationType) -> Option<Logic> {
    if kind != CorrelationType::Temporal {
        let message = format!("the condition of `{}` is a map: `gte: 10`", kind.name());
        reader.error("sigma.correlation", message, span);
        return None;
    }
    condition::parse_logic(text, span, reader.text).map_err(|error| reader.diagnostics.push(error)).ok()
}
