//! What the statistics commands share: aggregations with their wildcards and default names, and `by` clauses.

use super::{
    ast::{Aggregation, AggregationArgument, Setting, Statistics, Word},
    build,
    lowering::{Lower, Lowerer, Reported},
    scope::Base,
    stats, wildcard,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Aggregate, Expr, Func, Named, Op, Type},
    span::Span,
};

/// The aggregations of one command.
#[derive(Default)]
pub(crate) struct Aggregations {
    pub aggregates: Vec<Aggregate>,
    /// The fields made, in order, with the expression that gives them where an aggregate alone does not.
    pub fields: Vec<(String, Type, Option<Expr>)>,
    /// Whether the order of the rows matters.
    pub ordered: bool,
}

impl Aggregations {
    /// Whether every field is a count, which is 0 rather than null where there are no rows.
    pub fn only_counts(&self) -> bool {
        use crate::pipeline::Agg;
        self.aggregates
            .iter()
            .all(|aggregate| matches!(aggregate.func, Agg::Count | Agg::DistinctCount | Agg::ApproxDistinct))
    }
}

impl Lowerer<'_> {
    /// Lowers aggregations; `by` names fields that wildcards leave out.
    pub fn aggregations(&mut self, aggregations: &[Aggregation], by: &[Word]) -> Lower<Aggregations> {
        let mut out = Aggregations::default();
        let mut failed = false;
        for aggregation in aggregations {
            failed |= self.aggregation(aggregation, by, &mut out).is_err();
        }
        if failed {
            return Err(Reported);
        }
        if let (true, true, Some(first)) = (out.aggregates.is_empty(), by.is_empty(), aggregations.first()) {
            let message = "no field that the wildcard could stand for is known here before there are rows";
            return Err(self.error(
                Diagnostic::error("spl.no-such-field", message, first.span)
                    .with_help("name the fields: `stats sum(a) as a, sum(b) as b`"),
            ));
        }
        Ok(out)
    }

    fn aggregation(&mut self, aggregation: &Aggregation, by: &[Word], out: &mut Aggregations) -> Lower<()> {
        let Some((function, number)) = stats::find(&aggregation.function.text) else {
            let diagnostic = stats::unknown(&aggregation.function.text, aggregation.function.span);
            return Err(self.error(diagnostic));
        };
        if aggregation.argument.is_none() && !function.bare {
            let message = format!("`{}` needs a field in parentheses", aggregation.function.text);
            let help = format!("write `{}`", function.syntax);
            return Err(self.error(Diagnostic::error("spl.arity", message, aggregation.span).with_help(help)));
        }
        let number = self.bar(aggregation)?.unwrap_or(number);
        for (name, arg) in self.targets(aggregation, by)? {
            if by.iter().any(|word| word.text == name) {
                let message = format!("`{name}` is a field that the rows are grouped by already; left out");
                self.warning("spl.duplicate-field", message, aggregation.span);
                continue;
            }
            if out.fields.iter().any(|(known, ..)| *known == name) {
                continue;
            }
            let mut call = stats::Call { lowerer: self, name: name.clone(), arg, number, span: aggregation.span };
            let lowered = (function.lower)(&mut call)?;
            let ty = lowered
                .finish
                .as_ref()
                .map_or_else(|| lowered.aggregates.first().map_or(Type::Any, |first| first.ty), |finish| finish.ty);
            out.fields.push((name, ty, lowered.finish));
            out.aggregates.extend(lowered.aggregates);
            out.ordered |= lowered.ordered;
        }
        Ok(())
    }

    /// The width of a sparkline's bars, microseconds.
    fn bar(&mut self, aggregation: &Aggregation) -> Lower<Option<f64>> {
        let Some(AggregationArgument::Line { width, .. }) = &aggregation.argument else { return Ok(None) };
        let span = match width {
            Some(word) => super::commands::time_span(self, word)?,
            None => super::commands::default_span(self),
        };
        #[allow(clippy::cast_precision_loss)]
        Ok(Some(span.micros().unwrap_or(super::time::DAY) as f64))
    }

    /// The fields that one aggregation makes, with what each aggregates: several where it has a wildcard.
    fn targets(&mut self, aggregation: &Aggregation, by: &[Word]) -> Lower<Vec<(String, Option<Expr>)>> {
        let function = aggregation.function.text.to_ascii_lowercase();
        let named = |text: &str| match &aggregation.name {
            Some(name) => name.text.clone(),
            None => format!("{function}({text})"),
        };
        Ok(match &aggregation.argument {
            None => vec![(aggregation.name.as_ref().map_or(function, |name| name.text.clone()), None)],
            Some(AggregationArgument::Eval(expr)) => {
                let arg = self.expr(expr)?;
                vec![(named(&aggregation.text), Some(arg))]
            }
            Some(AggregationArgument::Line { function: inner, field, .. }) => {
                if !inner.is("count") && !inner.is("c") {
                    let message = format!("a sparkline of `{}` is not supported: only of `count`", inner.text);
                    return self.fail("spl.unsupported-function", message, inner.span);
                }
                let span = aggregation.span;
                let time = build::to_time(self.name("_time", span));
                let arg = match field {
                    None => time,
                    Some(word) => {
                        let present = build::is_not_null(self.field(word));
                        let none = Expr { ty: Type::Time, ..build::null(span) };
                        build::call(Func::If, vec![present, time, none], Type::Time, span)
                    }
                };
                vec![(named(&aggregation.text), Some(arg))]
            }
            Some(AggregationArgument::Field(word)) if word.text.contains('*') => {
                self.wildcard_targets(aggregation, word, by, &function)
            }
            Some(AggregationArgument::Field(word)) => vec![(named(&word.text), Some(self.field(word)))],
        })
    }

    fn wildcard_targets(
        &mut self,
        aggregation: &Aggregation,
        word: &Word,
        by: &[Word],
        function: &str,
    ) -> Vec<(String, Option<Expr>)> {
        let mut targets = Vec::new();
        for name in self.expand(&word.text) {
            if name.starts_with('_') || by.iter().any(|by| by.text == name) {
                continue;
            }
            let captures = wildcard::captures(&word.text, &name);
            let output = match (&aggregation.name, captures) {
                (Some(output), Some(captures)) => wildcard::fill(&output.text, &captures),
                (Some(_), None) => name.clone(),
                (None, _) => format!("{function}({name})"),
            };
            targets.push((output, Some(self.name(&name, word.span))));
        }
        targets
    }

    /// The keys of a `by` clause, under the names as typed.
    pub fn keys(&mut self, by: &[Word]) -> Vec<Named> {
        self.columns(by)
    }

    /// Groups by keys, and finishes what the aggregates leave open.
    pub fn group(&mut self, by: Vec<Named>, aggregations: Aggregations, keep_null: bool) {
        if aggregations.ordered {
            self.settle_order();
        }
        let Aggregations { aggregates, fields, .. } = aggregations;
        let keys: Vec<String> = by.iter().map(|named| named.name.clone()).collect();
        self.aggregate(by, aggregates, keep_null);
        if fields.iter().all(|(.., finish)| finish.is_none()) {
            return;
        }
        let span = Span::default();
        let mut columns: Vec<Named> =
            keys.iter().map(|name| Named { name: name.clone(), expr: self.name(name, span) }).collect();
        columns.extend(fields.into_iter().map(|(name, ty, finish)| {
            let expr = finish.unwrap_or_else(|| build::field(&name, ty, span));
            Named { name, expr }
        }));
        self.project(columns);
    }

    /// Adds aggregates over a window to each row, and finishes what they leave open.
    pub fn window(&mut self, aggregations: Aggregations, by: &[Expr], window: impl FnOnce(Vec<Aggregate>) -> Op) {
        let Aggregations { aggregates, fields, .. } = aggregations;
        // A row without one of the keys is of no group, and gets nothing.
        let keyed = (!by.is_empty() && self.scope.base == Base::Events)
            .then(|| build::all(by.iter().cloned().map(build::is_not_null).collect(), Span::default()));
        let made_up: Vec<String> = aggregates
            .iter()
            .map(|a| a.name.clone())
            .filter(|name| !fields.iter().any(|(field, ..)| field == name))
            .collect();
        self.push(window(aggregates));
        self.unsettle_order();
        for (name, ty, finish) in fields {
            match (finish, &keyed) {
                (None, None) => self.scope.make(&name, ty),
                (finish, keyed) => {
                    let value = finish.unwrap_or_else(|| build::field(&name, ty, Span::default()));
                    let none = Expr { ty: value.ty, ..build::null(value.span) };
                    let value = match keyed {
                        Some(keyed) => {
                            let (ty, span) = (value.ty, value.span);
                            build::call(Func::If, vec![keyed.clone(), value, none], ty, span)
                        }
                        None => value,
                    };
                    self.extend(&name, value);
                }
            }
        }
        if !made_up.is_empty() {
            self.push(Op::Remove { patterns: made_up });
        }
    }
}

/// Options by name; a command names those it knows, the rest get a warning.
pub(crate) struct Settings<'a> {
    settings: &'a [Setting],
}

impl<'a> Settings<'a> {
    pub fn new(lowerer: &mut Lowerer<'_>, settings: &'a [Setting], known: &[&str]) -> Self {
        for setting in settings {
            if !known.iter().any(|name| setting.name.text.eq_ignore_ascii_case(name)) {
                let message = format!("the option `{}` is not known here; ignored", setting.name.text);
                lowerer.warning("spl.ignored-option", message, setting.name.span.to(setting.value.span));
            }
        }
        Self { settings }
    }

    /// The options of a statistics command; clauses that only `tstats` has are pointed at.
    pub fn of(lowerer: &mut Lowerer<'_>, statistics: &'a Statistics, known: &[&str]) -> Self {
        if statistics.filter.is_some() || statistics.from.is_some() {
            let span = statistics
                .by
                .iter()
                .map(|word| word.span)
                .chain(statistics.aggregations.iter().map(|a| a.span))
                .reduce(Span::to);
            let message = "`where` and `from` are not supported in this command; ignored";
            lowerer.warning("spl.ignored-option", message, span.unwrap_or_default());
        }
        Self::new(lowerer, &statistics.settings, known)
    }

    pub fn get(&self, name: &str) -> Option<&'a Word> {
        self.settings
            .iter()
            .rev()
            .find(|setting| setting.name.text.eq_ignore_ascii_case(name))
            .map(|setting| &setting.value)
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).map(|word| word.text.as_str())
    }

    /// A truth value as SPL writes them; none where it is absent.
    pub fn truth(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| matches!(text.to_ascii_lowercase().as_str(), "t" | "true" | "1" | "y" | "yes"))
    }

    pub fn count(&self, lowerer: &mut Lowerer<'_>, name: &str) -> Lower<Option<u64>> {
        let Some(word) = self.get(name) else { return Ok(None) };
        match word.text.parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => lowerer.fail("spl.number", format!("`{}` is not a whole number", word.text), word.span),
        }
    }
}
