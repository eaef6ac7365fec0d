//! What buckets are made by, as expressions: a value, the start of a stretch of time or numbers, the names of the cases
//! that an event falls into.

use super::{
    plan::Planner,
    tree::{Agg, Bucket, Choice, Keys, Source, Width},
};
use crate::{
    opensearch::{
        fields::{self, Field, Mapping},
        pattern,
        script::{self, Scripting},
    },
    pipeline::{Expr, Func, Op, Type},
    span::Span,
    spl::{build, time},
};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Widths from which an automatic one is taken, in microseconds.
const WIDTHS: &[i64] = &[
    SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    60 * SECOND,
    300 * SECOND,
    600 * SECOND,
    1800 * SECOND,
    3600 * SECOND,
    3 * 3600 * SECOND,
    12 * 3600 * SECOND,
    DAY,
    7 * DAY,
    30 * DAY,
    365 * DAY,
];

/// A level of buckets with the column of its key.
#[derive(Clone)]
pub(super) struct Level<'t> {
    pub bucket: &'t Bucket,
    /// The key's column.
    pub column: String,
    /// The key of an event.
    pub expr: Expr,
    /// The key's type once grouped.
    pub ty: Type,
    /// The width of time buckets where all have one.
    pub grid: Option<i64>,
    pub span: Span,
}

impl Level<'_> {
    /// An event may have several keys.
    pub fn several(&self) -> bool {
        self.expr.ty == Type::List
    }

    pub fn field(&self) -> Expr {
        build::field(&self.column, self.ty, self.span)
    }
}

impl Planner<'_, '_> {
    /// The level of an aggregation of many buckets.
    pub(super) fn level<'t>(&mut self, agg: &'t Agg, bucket: &'t Bucket, used: &mut Vec<String>) -> Level<'t> {
        let span = agg.span;
        let (expr, grid) = match &bucket.keys {
            Keys::Terms(sources) => (self.terms(sources, span), None),
            Keys::Dates { source, width, zone } => self.dates(source, *width, *zone, span),
            Keys::Numbers { source, interval, offset } => {
                let number = self.number(source);
                let moved =
                    |func, value: Expr| build::call(func, vec![value, build::number(*offset, span)], Type::Float, span);
                let number = if *offset == 0.0 { number } else { moved(Func::Sub, number) };
                let bin = build::call(Func::BinNumber, vec![number, build::number(*interval, span)], Type::Float, span);
                (if *offset == 0.0 { bin } else { moved(Func::Add, bin) }, None)
            }
            Keys::Cases { cases, other } => (self.cases(cases, other.as_deref(), span), None),
            Keys::Cells { source, width, height } => (self.cell(source, *width, *height, span), None),
        };
        let ty = if expr.ty == Type::List { Type::Text } else { expr.ty };
        let column = unique(&column_name(agg, bucket), &agg.name, used);
        Level { bucket, column, expr, ty, grid, span }
    }

    fn terms(&mut self, sources: &[Source], span: Span) -> Expr {
        if let [source] = sources {
            return self.term(source);
        }
        let mut parts = Vec::new();
        for source in sources {
            if !parts.is_empty() {
                parts.push(build::text("|", span));
            }
            parts.push(build::to_text(fields::first(self.term(source))));
        }
        build::call(Func::Concat, parts, Type::Text, span)
    }

    fn term(&mut self, source: &Source) -> Expr {
        let span = source.span;
        let value = self.value(source).expr;
        let value = match value.ty {
            Type::Bool => build::to_text(value),
            Type::List => build::call(Func::ListDedup, vec![value], Type::List, span),
            _ => value,
        };
        match &source.missing {
            None => value,
            Some(missing) if value.ty == Type::List => {
                let missing = build::to_list(build::text(missing.clone(), span));
                build::coalesce(vec![value, missing], Type::List, span)
            }
            Some(missing) => match (build::is_number(value.ty), build::parse_number(missing)) {
                (true, Some(number)) => {
                    let ty = value.ty;
                    let number = build::convert(build::number(number, span), ty);
                    build::coalesce(vec![value, number], ty, span)
                }
                _ => build::coalesce(vec![build::to_text(value), build::text(missing.clone(), span)], Type::Text, span),
            },
        }
    }

    /// What a source reads of an event.
    pub(super) fn value(&mut self, source: &Source) -> Field {
        let fields = self.search.fields();
        let named = source.field.as_ref().map(|name| fields.get(name, source.span));
        let Some(script) = &source.script else {
            return named.unwrap_or(Field { expr: build::null(source.span), mapping: Mapping::Keyword });
        };
        let doc = |name: &str| fields.get(name, source.span).expr;
        let value = named.as_ref().map(|field| fields::first(field.expr.clone()));
        let names = Scripting { doc: &doc, params: Default::default(), value, span: source.span };
        let lowered = script::lower(script, &names);
        match lowered {
            Ok(expr) => Field { expr, mapping: Mapping::Keyword },
            Err(why) => {
                let expr = self.search.unsupported(format!("the script is not supported: {why}"), source.span);
                Field { expr, mapping: Mapping::Keyword }
            }
        }
    }

    /// The same as a number.
    pub(super) fn number(&mut self, source: &Source) -> Expr {
        let number = build::to_number(fields::first(self.value(source).expr));
        match source.missing.as_deref().and_then(build::parse_number) {
            Some(missing) => {
                let ty = number.ty;
                let missing = build::convert(build::number(missing, source.span), ty);
                build::coalesce(vec![number, missing], ty, source.span)
            }
            None => number,
        }
    }

    fn dates(
        &mut self,
        source: &Source,
        width: Width,
        zone: Option<crate::spl::Zone>,
        span: Span,
    ) -> (Expr, Option<i64>) {
        let zone = zone.unwrap_or(self.search.env.timezone);
        let width = match width {
            Width::Span(span) => span,
            Width::Auto(most) => self.automatic(most),
        };
        let time = build::to_time(fields::first(self.value(source).expr));
        let grid = width.micros();
        (time::bin(time, width, zone, self.search.env.now, span), grid)
    }

    /// The narrowest width with at most so many buckets over the range asked for; a day where no range is.
    fn automatic(&self, most: i64) -> time::Span {
        let env = self.search.env;
        let from = self.search.scan.earliest.or(env.earliest).filter(|from| *from > 0);
        let to = self.search.scan.latest.or(env.latest).unwrap_or(env.now);
        let micros = from.map_or(DAY, |from| {
            let range = to.saturating_sub(from);
            WIDTHS.iter().copied().find(|width| range / width <= most.max(1)).unwrap_or(365 * DAY)
        });
        match micros / DAY {
            30 => time::Span { count: 1, unit: time::Unit::Month, weekday: None },
            365 => time::Span { count: 1, unit: time::Unit::Year, weekday: None },
            7 => time::Span { count: 1, unit: time::Unit::Week, weekday: Some(1) },
            1 => time::Span { count: 1, unit: time::Unit::Day, weekday: None },
            _ => time::Span { count: micros, unit: time::Unit::Fixed(1), weekday: None },
        }
    }

    /// The names of all cases that hold.
    fn cases(&mut self, cases: &[(String, crate::opensearch::Clause)], other: Option<&str>, span: Span) -> Expr {
        let holds: Vec<Expr> = cases.iter().map(|(_, clause)| build::is_true(self.search.predicate(clause))).collect();
        let named = |condition: Expr, name: &str| {
            let (name, nothing) = (build::text(name, span), Expr { ty: Type::Text, ..build::null(span) });
            build::call(Func::If, vec![condition, name, nothing], Type::Text, span)
        };
        let mut items: Vec<Expr> =
            cases.iter().zip(&holds).map(|((name, _), condition)| named(condition.clone(), name)).collect();
        items.extend(other.map(|other| named(build::not(build::any(holds, span)), other)));
        let lists = items.into_iter().map(build::to_list).collect();
        build::call(Func::ListAppend, lists, Type::List, span)
    }

    /// `latitude,longitude` of the cell's south-west corner.
    fn cell(&mut self, source: &Source, width: f64, height: f64, span: Span) -> Expr {
        let name = source.field.clone().unwrap_or_default();
        let (lat, lon) = self.search.fields().place(&name, source.span);
        let corner = |value: Expr, step: f64| {
            let bin = build::call(Func::BinNumber, vec![value, build::float(step, span)], Type::Float, span);
            build::to_text(build::call(Func::Round, vec![bin, build::int(6, span)], Type::Float, span))
        };
        let parts = vec![corner(lat, height), build::text(",", span), corner(lon, width)];
        build::call(Func::Concat, parts, Type::Text, span)
    }

    /// The filters of the keys that are wanted.
    pub(super) fn chosen(&mut self, level: &Level<'_>) -> Vec<Op> {
        let mut ops = Vec::new();
        let wanted = level.bucket.include.as_ref().and_then(|choice| self.choice(level, choice));
        let unwanted = level.bucket.exclude.as_ref().and_then(|choice| self.choice(level, choice));
        ops.extend(wanted.map(|predicate| Op::Filter { predicate }));
        ops.extend(unwanted.map(|predicate| Op::Filter { predicate: build::not(build::is_true(predicate)) }));
        ops
    }

    fn choice(&mut self, level: &Level<'_>, choice: &Choice) -> Option<Expr> {
        let key = build::to_text(level.field());
        match choice {
            Choice::Regex(regex, span) => match pattern::lucene_regex(regex, false) {
                Ok(regex) => Some(build::call(Func::Regex, vec![key, build::text(regex, *span)], Type::Bool, *span)),
                Err(why) => {
                    self.search.unsupported(format!("the regular expression can't be used: {why}"), *span);
                    None
                }
            },
            Choice::Values(values) => {
                let values = values.iter().map(|value| build::text(value.clone(), level.span));
                let args = std::iter::once(key).chain(values).collect();
                Some(build::call(Func::In, args, Type::Bool, level.span))
            }
        }
    }
}

/// The field's name where there is one field, the aggregation's where not.
fn column_name(agg: &Agg, bucket: &Bucket) -> String {
    if let Some(label) = &agg.label {
        return label.clone();
    }
    let field = match &bucket.keys {
        Keys::Terms(sources) => match sources.as_slice() {
            [source] => source.field.clone(),
            _ => None,
        },
        Keys::Dates { source, .. } | Keys::Numbers { source, .. } => source.field.clone(),
        Keys::Cases { .. } | Keys::Cells { .. } => None,
    };
    field.map_or_else(|| agg.name.clone(), |field| fields::bare(&field).to_owned())
}

/// A name that is not used yet: the first, else the second, else numbered.
pub(super) fn unique(name: &str, second: &str, used: &mut Vec<String>) -> String {
    let mut found = name.to_owned();
    if used.contains(&found) && !second.is_empty() {
        found = second.to_owned();
    }
    let mut number = 2;
    while used.contains(&found) {
        found = format!("{name} {number}");
        number += 1;
    }
    used.push(found.clone());
    found
}
