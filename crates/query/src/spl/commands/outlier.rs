//! `outlier` and `anomalydetection`: rows that stand out from the others, by quartiles.

use super::{Command, Grammar, arguments, words};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, Expr, Func, Op, Type},
    span::Span,
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
        statistics::Settings,
    },
};

pub(super) const OUTLIER: Command = Command {
    name: "outlier",
    aliases: &["outlierfilter"],
    syntax: "outlier [action=transform|remove] [param=<number>] [uselower=<bool>] <field>, …",
    help: "Cuts numbers that lie further than param (2.5) times the distance of the quartiles from the median, or removes their rows.",
    example: "* | timechart span=1h count | outlier action=remove count",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, mut words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["action", "param", "uselower", "mark", "type"]);
        let factor = match settings.get("param") {
            None => 2.5,
            Some(word) => match build::parse_number(&word.text) {
                Some(factor) => factor,
                None => return lowerer.fail("spl.number", format!("`{}` is not a number", word.text), word.span),
            },
        };
        let remove = settings.text("action").is_some_and(|action| matches!(action, "remove" | "rm"));
        let lower = settings.truth("uselower").unwrap_or(false);
        if words.is_empty() {
            words = numbers(lowerer, command.span)?;
        }
        for word in words {
            let value = build::to_number(lowerer.field(&word));
            let (low, high) = fences(lowerer, &value, factor, word.span);
            let low = if lower { low } else { build::float(f64::MIN, word.span) };
            if remove {
                let above = build::call(Func::Gt, vec![value.clone(), high], Type::Bool, word.span);
                let below = build::call(Func::Lt, vec![value, low], Type::Bool, word.span);
                lowerer.filter(build::not(build::is_true(build::any(vec![above, below], word.span))));
            } else {
                let ty = Type::Float;
                let cut = build::call(Func::Least, vec![build::convert(value.clone(), ty), high], ty, word.span);
                let cut = build::call(Func::Greatest, vec![cut, low], ty, word.span);
                let none = Expr { ty, ..build::null(word.span) };
                let shown = build::call(Func::If, vec![build::is_not_null(value), cut, none], ty, word.span);
                lowerer.extend(&word.text, shown);
            }
        }
        Ok(())
    },
};

pub(super) const ANOMALYDETECTION: Command = Command {
    name: "anomalydetection",
    aliases: &[],
    syntax: "anomalydetection [action=filter|annotate] [pthresh=<number>] [<field>, …]",
    help: "Finds rows whose values are rare together: adds log_event_prob, probable_cause and probable_cause_freq, and keeps those rows, or with annotate all.",
    example: "* | stats count by user, awsRegion | anomalydetection action=annotate user awsRegion | search probable_cause=*",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["action", "method", "pthresh", "cutoff"]);
        if let Some(method) = settings.get("method").filter(|method| !method.is("histogram")) {
            let message = format!("`anomalydetection method={}` is not supported", method.text);
            let help = "leave it out (histogram), or use `eventstats` with avg and stdev";
            return Err(
                lowerer.error(Diagnostic::error("spl.unsupported-option", message, method.span).with_help(help))
            );
        }
        let threshold = match settings.get("pthresh") {
            None => None,
            Some(word) => match build::parse_number(&word.text).filter(|number| *number > 0.0) {
                Some(number) => Some(number.ln()),
                None => return lowerer.fail("spl.number", format!("`{}` is not a probability", word.text), word.span),
            },
        };
        let annotate = settings.text("action").is_some_and(|action| action.eq_ignore_ascii_case("annotate"));
        let fields = if words.is_empty() { all(lowerer, command.span)? } else { words };
        anomalies(lowerer, &fields, threshold, annotate, command.span);
        Ok(())
    },
};

fn numbers(lowerer: &mut Lowerer<'_>, span: Span) -> Lower<Vec<Word>> {
    let words = all(lowerer, span)?;
    Ok(words.into_iter().filter(|word| lowerer.scope.made(&word.text).is_some_and(build::is_number)).collect())
}

/// All fields there are; not known after a chart or over events.
fn all(lowerer: &mut Lowerer<'_>, span: Span) -> Lower<Vec<Word>> {
    if lowerer.scope.base != Base::Closed {
        return lowerer.fail("spl.missing-argument", "which fields there are is not known here: name them", span);
    }
    let names = lowerer.scope.fields.iter().filter(|made| !made.name.starts_with('_'));
    Ok(names.map(|made| Word { text: made.name.clone(), span, quoted: false }).collect())
}

/// An aggregate of all rows beside each; its field.
fn beside(lowerer: &mut Lowerer<'_>, func: Agg, arg: Option<Expr>, by: Vec<Expr>, span: Span) -> Expr {
    let name = lowerer.made_up("all");
    let ty = if func == Agg::Count { Type::Int } else { Type::Float };
    let aggregate = Aggregate { name: name.clone(), func, arg, filter: None, order: None, ty };
    let aggregates = vec![aggregate];
    lowerer.push(Op::Window { by, order: Vec::new(), preceding: None, range: None, current: true, aggregates });
    lowerer.unsettle_order();
    build::field(&name, ty, span)
}

/// The numbers beyond which a value stands out: the median, less and more so many times the quartiles' distance.
fn fences(lowerer: &mut Lowerer<'_>, value: &Expr, factor: f64, span: Span) -> (Expr, Expr) {
    let quartile = |lowerer: &mut Lowerer<'_>, percent| {
        beside(lowerer, Agg::Percentile(percent), Some(value.clone()), Vec::new(), span)
    };
    let [first, median, third] = [25.0, 50.0, 75.0].map(|percent| quartile(lowerer, percent));
    let of = |func, a: Expr, b: Expr| build::call(func, vec![a, b], Type::Float, span);
    let reach = of(Func::Mul, of(Func::Sub, third, first), build::float(factor, span));
    (of(Func::Sub, median.clone(), reach.clone()), of(Func::Add, median, reach))
}

/// The probability of a row is the product of its values' frequencies; a row stands out where its logarithm lies further
/// below the first quartile than 1.5 times the quartiles' distance. The rarest of its values is the probable cause.
fn anomalies(lowerer: &mut Lowerer<'_>, fields: &[Word], threshold: Option<f64>, annotate: bool, span: Span) {
    let rows = beside(lowerer, Agg::Count, None, Vec::new(), span);
    let mut shares = Vec::new();
    for word in fields {
        let value = lowerer.field(word);
        let value = if value.ty == Type::List { build::first(value) } else { build::to_text(value) };
        let same = beside(lowerer, Agg::Count, None, vec![value], span);
        let share = build::call(Func::Div, vec![same, rows.clone()], Type::Float, span);
        shares.push((word.text.clone(), share));
    }
    let log = |share: &Expr| build::call(Func::Ln, vec![share.clone()], Type::Float, span);
    let sum =
        shares.iter().map(|(_, share)| log(share)).reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Float, span));
    lowerer.extend("log_event_prob", sum.unwrap_or_else(|| build::float(0.0, span)));
    let rarest = match shares.len() {
        1 => shares[0].1.clone(),
        _ => build::call(Func::Least, shares.iter().map(|(_, share)| share.clone()).collect(), Type::Float, span),
    };
    let held = lowerer.made_up("rarest");
    lowerer.extend_hidden(&held, rarest);
    let rarest = build::field(&held, Type::Float, span);
    let mut cause = Expr { ty: Type::Text, ..build::null(span) };
    for (name, share) in shares.iter().rev() {
        let this = build::call(Func::Eq, vec![share.clone(), rarest.clone()], Type::Bool, span);
        cause = build::call(Func::If, vec![this, build::text(name.clone(), span), cause], Type::Text, span);
    }
    let probability = build::field("log_event_prob", Type::Float, span);
    let limit = match threshold {
        Some(limit) => build::float(limit, span),
        None => lower_fence(lowerer, &probability, span),
    };
    let stands_out = build::call(Func::Lt, vec![probability, limit], Type::Bool, span);
    let shown = |value: Expr| {
        let none = Expr { ty: value.ty, ..build::null(span) };
        let ty = value.ty;
        build::call(Func::If, vec![build::is_true(stands_out.clone()), value, none], ty, span)
    };
    let (cause, frequency) = (shown(cause), shown(rarest));
    lowerer.extend("probable_cause", cause);
    lowerer.extend("probable_cause_freq", frequency);
    if !annotate {
        lowerer.filter(build::is_not_null(build::field("probable_cause", Type::Text, span)));
    }
}

fn lower_fence(lowerer: &mut Lowerer<'_>, value: &Expr, span: Span) -> Expr {
    let first = beside(lowerer, Agg::Percentile(25.0), Some(value.clone()), Vec::new(), span);
    let third = beside(lowerer, Agg::Percentile(75.0), Some(value.clone()), Vec::new(), span);
    let of = |func, a: Expr, b: Expr| build::call(func, vec![a, b], Type::Float, span);
    let reach = of(Func::Mul, of(Func::Sub, third, first.clone()), build::float(1.5, span));
    of(Func::Sub, first, reach)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn fences_are_set_by_quartiles() {
        let ir = rendered("* | stats count by user | outlier action=remove param=3 count");
        assert!(ir.contains("window '__all_1' = percentile 25.0('count')"), "{ir}");
        assert!(ir.contains("'__all_2' + (('__all_3' - '__all_1') * 3.0)"), "{ir}");
        assert_eq!(codes("* | outlier"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats count | outlier param=x count"), ["spl.number"]);
    }

    #[test]
    fn rare_rows_have_a_cause() {
        let names = columns("* | stats count by user, awsRegion | anomalydetection action=annotate user awsRegion");
        assert!(
            names.ends_with(&["log_event_prob".into(), "probable_cause".into(), "probable_cause_freq".into()]),
            "{names:?}"
        );
        assert_eq!(codes("* | stats count | anomalydetection method=zscore count"), ["spl.unsupported-option"]);
    }
}
