//! The tree of aggregations that a request asks for.

use crate::{
    opensearch::{Clause, script::Script},
    span::Span,
    spl::{Zone, time},
};

/// An aggregation under its name.
#[derive(Debug, Clone)]
pub(in crate::dsl) struct Agg {
    pub name: String,
    /// The column's name where a visualisation gives one.
    pub label: Option<String>,
    pub kind: Kind,
    pub sub: Vec<Agg>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub(in crate::dsl) enum Kind {
    /// Many buckets.
    Bucket(Bucket),
    /// One bucket: of the events that meet the condition.
    Single { clause: Option<Clause>, global: bool },
    /// A number of a bucket, or several.
    Metric(Metric),
    /// A number over the buckets of an aggregation beside it.
    Sibling { func: Over, path: String },
    /// A number of a bucket from those before it.
    Parent(Parent),
}

/// Many buckets.
#[derive(Debug, Clone)]
pub(in crate::dsl) struct Bucket {
    pub keys: Keys,
    /// Most buckets (under each bucket around it).
    pub size: Option<u64>,
    /// Most rows of all, of a `composite`.
    pub total: Option<u64>,
    /// The order of the buckets: by what, and whether the largest come first.
    pub order: Vec<(By, bool)>,
    /// Fewest events of a bucket.
    pub least: u64,
    /// Most events of a bucket (`rare_terms`).
    pub most: Option<u64>,
    pub include: Option<Choice>,
    pub exclude: Option<Choice>,
    /// What the rest is called, where it is one more bucket.
    pub other: Option<String>,
}

impl Bucket {
    pub fn of(keys: Keys) -> Self {
        Self {
            keys,
            size: None,
            total: None,
            order: Vec::new(),
            least: 1,
            most: None,
            include: None,
            exclude: None,
            other: None,
        }
    }
}

/// Which keys are wanted.
#[derive(Debug, Clone)]
pub(in crate::dsl) enum Choice {
    Regex(String, Span),
    Values(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::dsl) enum By {
    Count,
    Key,
    /// A metric's column.
    Metric(String),
}

/// What buckets are made by.
#[derive(Debug, Clone)]
pub(in crate::dsl) enum Keys {
    /// A bucket a value; several sources are one key, joined by `|`.
    Terms(Vec<Source>),
    Dates {
        source: Source,
        width: Width,
        zone: Option<Zone>,
    },
    Numbers {
        source: Source,
        interval: f64,
        offset: f64,
    },
    /// A bucket a condition; an event may be in several.
    Cases {
        cases: Vec<(String, Clause)>,
        other: Option<String>,
    },
    /// Cells of the map, so wide and so high in degrees.
    Cells {
        source: Source,
        width: f64,
        height: f64,
    },
}

#[derive(Debug, Clone, Copy)]
pub(in crate::dsl) enum Width {
    Span(time::Span),
    /// At most so many buckets over the range asked for.
    Auto(i64),
}

/// Where values come from.
#[derive(Debug, Clone, Default)]
pub(in crate::dsl) struct Source {
    pub field: Option<String>,
    pub script: Option<Script>,
    pub missing: Option<String>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub(in crate::dsl) struct Metric {
    pub func: Measure,
    pub source: Source,
}

#[derive(Debug, Clone)]
pub(in crate::dsl) enum Measure {
    /// The number of events.
    Events,
    /// The number of values.
    Count,
    Cardinality,
    Sum,
    Avg,
    Min,
    Max,
    Stats,
    Extended,
    Percentiles(Vec<f64>),
    Ranks(Vec<f64>),
    Weighted(Source),
    /// Fields of the first events by a sort: name and whether descending.
    Hits {
        fields: Vec<String>,
        size: u64,
        sort: Option<(String, bool)>,
    },
    Centroid,
    Bounds,
    /// A visualisation's pipeline metric: over the buckets of its own, a metric of its own.
    Over {
        func: Over,
        bucket: Box<Agg>,
        metric: Box<Agg>,
    },
}

/// A number over buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dsl) enum Over {
    Max,
    Min,
    Avg,
    Sum,
    Stats,
}

/// What is computed along the buckets.
#[derive(Debug, Clone)]
pub(in crate::dsl) enum Parent {
    Cumulative(String),
    Derivative(String),
    /// The value so many buckets before is subtracted.
    Difference(String, u64),
    /// A mean (or another aggregate) over so many buckets; whether the present one is among them.
    Moving {
        path: String,
        window: u64,
        present: bool,
        func: Over,
    },
    Script {
        paths: Vec<(String, String)>,
        script: Script,
    },
    Selector {
        paths: Vec<(String, String)>,
        script: Script,
    },
    Sort {
        keys: Vec<(String, bool)>,
        from: u64,
        size: Option<u64>,
    },
}

impl Agg {
    /// Whether buckets hang below, so that its rows are not one with those beside it.
    pub fn branches(&self) -> bool {
        match self.kind {
            Kind::Bucket(_) => true,
            Kind::Single { global, .. } => global || self.sub.iter().any(Self::branches),
            _ => false,
        }
    }

    /// Calls `visit` with every field that is read.
    pub fn fields(&self, visit: &mut dyn FnMut(&str)) {
        match &self.kind {
            Kind::Bucket(bucket) => bucket.keys.fields(visit),
            Kind::Single { clause: Some(clause), .. } => {
                clause.tests(crate::opensearch::Role::Optional, &mut |name, _, _| visit(&name.text));
            }
            Kind::Metric(metric) => {
                metric.source.fields(visit);
                match &metric.func {
                    Measure::Hits { fields, .. } => fields.iter().for_each(|field| visit(field)),
                    Measure::Over { bucket, metric, .. } => {
                        bucket.fields(visit);
                        metric.fields(visit);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        self.sub.iter().for_each(|sub| sub.fields(visit));
    }
}

impl Keys {
    fn fields(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Terms(sources) => sources.iter().for_each(|source| source.fields(visit)),
            Self::Dates { source, .. } | Self::Numbers { source, .. } => source.fields(visit),
            Self::Cells { .. } => {}
            Self::Cases { cases, .. } => {
                for (_, clause) in cases {
                    clause.tests(crate::opensearch::Role::Optional, &mut |name, _, _| visit(&name.text));
                }
            }
        }
    }
}

impl Source {
    fn fields(&self, visit: &mut dyn FnMut(&str)) {
        self.field.iter().for_each(|field| visit(field));
        self.script.iter().for_each(|script| script.fields(&mut |field| visit(field)));
    }
}
