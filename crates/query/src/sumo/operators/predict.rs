//! `predict`: a line (or an autoregression of first order) through a series, and its continuation.

use super::{
    super::{
        cursor::{Cursor, Name},
        expr,
        lexer::Kind,
        lowering::{Base, Lower, Lowerer, Made},
    },
    Operator,
    aggregate::numeric_field,
    outlier,
    window::Frame,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Func, Named, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "predict",
    aliases: &[],
    syntax: "predict <field> by <span> [model=ar] [ar.window=<n>] [forecast=<n>]",
    help: "Fits a line through a series of time slices and adds `<field>_predicted` and `<field>_error`, and rows for the slices to come. `model=ar` fits an autoregression of first order instead, with the line as `<field>_linear`.",
    example: "* | timeslice 1h | count by _timeslice | predict _count by 1h forecast=5",
    parses: false,
    lower: |lowerer, cursor| {
        let field = lowerer.expect_name(cursor, "a field name")?;
        let options = Options::read(lowerer, cursor)?;
        let time = lowerer.slice.as_ref().map_or_else(|| "_timeslice".to_owned(), |slice| slice.name.clone());
        if lowerer.base == Base::Events || lowerer.made(&time).is_none() {
            let diagnostic = Diagnostic::error("sumo.no-aggregate", "`predict` needs rows by time slice", cursor.span);
            return Err(lowerer.error(diagnostic.with_help("put `timeslice` and `count by _timeslice` before it")));
        }
        lowerer.affordable(1, cursor.span)?;
        let series = Series::of(lowerer, &field, &time, &options, cursor.span);
        line(lowerer, &series);
        if options.autoregressive {
            autoregression(lowerer, &series);
        }
        finish(lowerer, &series, &options);
        Ok(())
    },
};

struct Options {
    width: Option<i64>,
    forecast: u64,
    autoregressive: bool,
}

/// Most slices to come.
const MOST_FORECAST: u64 = 100;

impl Options {
    fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Self> {
        let mut options = Self { width: None, forecast: 0, autoregressive: false };
        while let Some(token) = cursor.peek() {
            let value = |cursor: &mut Cursor<'_>| cursor.next().map(|token| token.text.clone()).unwrap_or_default();
            if cursor.word("by") {
                options.width = cursor
                    .peek()
                    .filter(|token| token.kind == Kind::Number)
                    .and_then(|token| expr::duration(&token.text));
                if options.width.is_none() {
                    return lowerer.expected(cursor, "a time span");
                }
                cursor.next();
            } else if cursor.setting("forecast") {
                let text = value(cursor);
                let rows = text.parse::<u64>().ok();
                let span = expr::duration(&text)
                    .zip(options.width)
                    .and_then(|(long, width)| u64::try_from(long / width.max(1)).ok());
                match rows.or(span) {
                    Some(rows) => options.forecast = rows.min(MOST_FORECAST),
                    None => {
                        return lowerer.fail(
                            "sumo.argument",
                            format!("`{text}` is not a number of slices"),
                            token.span,
                        );
                    }
                }
            } else if cursor.setting("model") {
                options.autoregressive = match value(cursor).to_ascii_lowercase().as_str() {
                    "ar" => true,
                    "linear" | "lr" => false,
                    other => return lowerer.fail("sumo.argument", format!("there is no model `{other}`"), token.span),
                };
            } else if cursor.setting("ar.window") {
                value(cursor);
            } else if !cursor.punct(",") {
                break;
            }
        }
        if options.autoregressive && options.forecast == 0 {
            options.forecast = 3;
        }
        Ok(options)
    }
}

/// The numbers of a series that a line is fitted to.
struct Series {
    field: String,
    value: Expr,
    time: Made,
    /// Slices since 1970.
    place: Expr,
    width: i64,
    span: Span,
}

impl Series {
    fn of(lowerer: &mut Lowerer<'_>, field: &Name, time: &str, options: &Options, span: Span) -> Self {
        let value = build::convert(numeric_field(lowerer, field), Type::Float);
        let time = lowerer.made(time).cloned().unwrap_or_else(|| super::super::lowering::made(time, Type::Time));
        let width =
            options.width.or_else(|| lowerer.slice.as_ref().and_then(|slice| slice.width)).unwrap_or(60_000_000);
        let seconds = build::call(Func::ToNumber, vec![build::field(&time.name, time.ty, span)], Type::Float, span);
        #[allow(clippy::cast_precision_loss)]
        let place = build::call(Func::Div, vec![seconds, build::float(width as f64 / 1e6, span)], Type::Float, span);
        let hidden = lowerer.made_up("place");
        lowerer.extend_hidden(&hidden, place);
        Self { field: field.text.clone(), value, time, place: build::field(&hidden, Type::Float, span), width, span }
    }

    fn number(&self, func: Func, a: &Expr, b: &Expr) -> Expr {
        build::call(func, vec![a.clone(), b.clone()], Type::Float, self.span)
    }

    fn name(&self, suffix: &str) -> String {
        format!("{}_{suffix}", self.field)
    }
}

/// Least squares of y over x: makes fields of the means and of the slope.
fn slope(lowerer: &mut Lowerer<'_>, series: &Series, x: &Expr, y: &Expr) -> [Expr; 3] {
    let span = series.span;
    let field = |lowerer: &mut Lowerer<'_>, stem: &str| build::field(&lowerer.made_up(stem), Type::Float, span);
    let both = build::all(vec![build::is_not_null(x.clone()), build::is_not_null(y.clone())], span);
    let only = |expr: &Expr| {
        let none = Expr { ty: Type::Float, ..build::null(span) };
        build::call(Func::If, vec![both.clone(), expr.clone(), none], Type::Float, span)
    };
    let (mean_x, mean_y) = (field(lowerer, "mean"), field(lowerer, "mean"));
    let aggregate = |target: &Expr, func, arg: Expr| {
        let crate::pipeline::ExprKind::Field(name) = &target.kind else { return None };
        Some(Lowerer::plain_aggregate(name, func, Some(arg), Type::Float))
    };
    let means = [aggregate(&mean_x, Agg::Avg, only(x)), aggregate(&mean_y, Agg::Avg, only(y))];
    lowerer.overall(Vec::new(), means.into_iter().flatten().collect());
    let (dx, dy) = (series.number(Func::Sub, x, &mean_x), series.number(Func::Sub, y, &mean_y));
    let (sum_xy, sum_xx) = (field(lowerer, "sum"), field(lowerer, "sum"));
    let products = [
        aggregate(&sum_xy, Agg::Sum, only(&series.number(Func::Mul, &dx, &dy))),
        aggregate(&sum_xx, Agg::Sum, only(&series.number(Func::Mul, &dx, &dx))),
    ];
    lowerer.overall(Vec::new(), products.into_iter().flatten().collect());
    let zero = build::float(0.0, span);
    let slope = build::coalesce(vec![series.number(Func::Div, &sum_xy, &sum_xx), zero], Type::Float, span);
    let hidden = lowerer.made_up("slope");
    lowerer.extend_hidden(&hidden, slope);
    [mean_x, mean_y, build::field(&hidden, Type::Float, span)]
}

/// The line through the series: `_linear`, which is the prediction where no other model is asked for.
fn line(lowerer: &mut Lowerer<'_>, series: &Series) {
    let (x, y) = (series.place.clone(), series.value.clone());
    let [mean_x, mean_y, slope] = slope(lowerer, series, &x, &y);
    let along = series.number(Func::Mul, &slope, &series.number(Func::Sub, &x, &mean_x));
    lowerer.extend(&series.name("linear"), series.number(Func::Add, &mean_y, &along));
    for (suffix, expr) in [("slope", slope), ("mean", mean_x), ("level", mean_y)] {
        lowerer.extend_hidden(&format!("__predict_{suffix}"), expr);
    }
}

/// Each value by the one before it.
fn autoregression(lowerer: &mut Lowerer<'_>, series: &Series) {
    let span = series.span;
    let before = lowerer.made_up("before");
    let order = outlier::by_time(lowerer);
    let first = Lowerer::plain_aggregate(&before, Agg::First, Some(series.value.clone()), Type::Float);
    lowerer.running(Vec::new(), order, Frame { preceding: Some(1), current: false }, vec![first]);
    let before = build::field(&before, Type::Float, span);
    let [mean_x, mean_y, factor] = slope(lowerer, series, &before, &series.value);
    let along = series.number(Func::Mul, &factor, &series.number(Func::Sub, &before, &mean_x));
    lowerer.extend(&series.name("predicted"), series.number(Func::Add, &mean_y, &along));
    for (suffix, expr) in [("factor", factor), ("from", mean_x), ("to", mean_y)] {
        lowerer.extend_hidden(&format!("__predict_{suffix}"), expr);
    }
    let message = "the autoregression is of first order: each value is predicted by the one before it";
    lowerer.warn(Diagnostic::warning("sumo.approximation", message, span));
}

/// The error, and the slices to come.
fn finish(lowerer: &mut Lowerer<'_>, series: &Series, options: &Options) {
    let span = series.span;
    let linear = lowerer.named(&series.name("linear"), span);
    if !options.autoregressive {
        lowerer.extend(&series.name("predicted"), linear);
        let name = series.name("linear");
        lowerer.fields.retain(|made| made.name != name);
    }
    let predicted = lowerer.named(&series.name("predicted"), span);
    lowerer.extend(&series.name("error"), series.number(Func::Sub, &predicted, &series.value));
    if options.forecast > 0 {
        forecast(lowerer, series, options);
    }
    lowerer.residue();
    lowerer.order = vec![super::super::lowering::ascending(&series.time.name, series.time.ty, span)];
    lowerer.pending = true;
}

/// The last row, continued.
fn forecast(lowerer: &mut Lowerer<'_>, series: &Series, options: &Options) {
    let span = series.span;
    let mut future = lowerer.fork();
    let order = super::super::lowering::ascending(&series.time.name, series.time.ty, span);
    future.push(Op::Sort { keys: vec![order], limit: None });
    future.push(Op::Tail { count: 1 });
    let steps: Vec<String> = (1..=options.forecast).map(|step| step.to_string()).collect();
    let list =
        build::call(Func::Split, vec![build::text(steps.join(","), span), build::text(",", span)], Type::List, span);
    future.extend_hidden("__step", list);
    future.push(Op::Expand { field: "__step".to_owned(), limit: None });
    let field = |name: &str| build::field(name, Type::Float, span);
    future.extend_hidden("__steps", build::to_number(build::field("__step", Type::Text, span)));
    let steps = field("__steps");
    let ahead = series.number(Func::Add, &series.place, &steps);
    let away = series.number(Func::Sub, &ahead, &field("__predict_mean"));
    let linear = series.number(
        Func::Add,
        &field("__predict_level"),
        &series.number(Func::Mul, &field("__predict_slope"), &away),
    );
    let last = series.value.clone();
    let predicted = if options.autoregressive {
        // x(n+k) = m + f^k (x(n) - m), with m where the recursion rests.
        let power = series.number(Func::Pow, &field("__predict_factor"), &steps);
        let distance = series.number(Func::Sub, &last, &field("__predict_from"));
        series.number(Func::Add, &field("__predict_to"), &series.number(Func::Mul, &power, &distance))
    } else {
        linear.clone()
    };
    #[allow(clippy::cast_precision_loss)]
    let seconds = series.number(Func::Mul, &ahead, &build::float(series.width as f64 / 1e6, span));
    let time = build::call(Func::ToTime, vec![seconds], Type::Time, span);
    let none = |ty| Expr { ty, ..build::null(span) };
    let items = lowerer.fields.iter().map(|made| {
        let expr = match &made.name {
            name if *name == series.time.name => time.clone(),
            name if *name == series.name("predicted") => predicted.clone(),
            name if *name == series.name("linear") => linear.clone(),
            _ => none(made.ty),
        };
        Named { name: made.name.clone(), expr }
    });
    let items = items.collect();
    future.project(items);
    lowerer.push(Op::Union { right: Box::new(future.into_pipeline()) });
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn series() {
        let query = "* | timeslice 1h | count by _timeslice | predict _count by 1h";
        assert_eq!(columns(query), ["_timeslice", "_count", "_count_predicted", "_count_error"]);
        assert_eq!(
            columns(&format!("{query} forecast=5")),
            ["_timeslice", "_count", "_count_predicted", "_count_error"]
        );
        assert_eq!(
            columns(&format!("{query} model=ar, ar.window=5, forecast=2h")),
            ["_timeslice", "_count", "_count_linear", "_count_predicted", "_count_error"]
        );
        assert_eq!(errors("* | predict a by 1h"), ["sumo.no-aggregate"]);
        assert_eq!(errors(&format!("{query} model=x")), ["sumo.argument"]);
    }
}
