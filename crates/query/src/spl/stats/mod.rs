//! The statistics functions: one entry each in a sorted table, with what help and completion say of them.

mod counting;
mod numeric;
mod ordering;

use super::lowering::{Lower, Lowerer};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, Expr, Type},
    span::Span,
};

/// A function of `stats`, `chart`, `timechart`, `eventstats` and `streamstats`.
pub struct StatsFunction {
    /// Its name; `perc<N>` stands for the whole family.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub syntax: &'static str,
    /// What it gives, in one line.
    pub help: &'static str,
    /// A query that uses it.
    pub example: &'static str,
    /// Whether it can be written without an argument.
    pub(crate) bare: bool,
    pub(crate) lower: fn(&mut Call<'_, '_>) -> Lower<Lowered>,
}

/// One use of a function.
pub(crate) struct Call<'l, 'e> {
    pub lowerer: &'l mut Lowerer<'e>,
    /// The field that it makes.
    pub name: String,
    /// What is aggregated; none: rows.
    pub arg: Option<Expr>,
    /// The number in the function's name (`perc95`).
    pub number: f64,
    pub span: Span,
}

/// What a function lowers to: aggregates, and where these do not give the field itself, the expression that does.
pub(crate) struct Lowered {
    pub aggregates: Vec<Aggregate>,
    pub finish: Option<Expr>,
    /// Whether the input's order matters.
    pub ordered: bool,
}

impl Call<'_, '_> {
    /// The argument; only functions with `bare` may lack it.
    pub fn argument(&mut self) -> Lower<Expr> {
        match self.arg.take() {
            Some(arg) => Ok(arg),
            None => self.lowerer.fail("spl.arity", "this function needs a field in parentheses", self.span),
        }
    }

    /// An aggregate that makes the field.
    pub fn aggregate(&self, func: Agg, arg: Option<Expr>, ty: Type) -> Lowered {
        let aggregate = Aggregate { name: self.name.clone(), func, arg, filter: None, order: None, ty };
        Lowered { aggregates: vec![aggregate], finish: None, ordered: false }
    }
}

static FUNCTIONS: &[StatsFunction] = &[
    numeric::AVG,
    counting::COUNT,
    counting::DC,
    ordering::EARLIEST,
    ordering::EARLIEST_TIME,
    counting::ESTDC,
    ordering::FIRST,
    ordering::LAST,
    ordering::LATEST,
    ordering::LATEST_TIME,
    counting::LIST,
    numeric::MAX,
    numeric::MEDIAN,
    numeric::MIN,
    counting::MODE,
    numeric::PER_DAY,
    numeric::PER_HOUR,
    numeric::PER_MINUTE,
    numeric::PER_SECOND,
    numeric::PERC,
    numeric::RANGE,
    counting::SPARKLINE,
    numeric::STDEV,
    numeric::STDEVP,
    numeric::SUM,
    numeric::SUMSQ,
    counting::VALUES,
    numeric::VAR,
    numeric::VARP,
];

/// Functions that SPL has and this does not, yet.
const UNSUPPORTED: &[&str] = &["rate", "rate_avg", "rate_sum", "estdc_error"];

/// All statistics functions, sorted by name.
#[must_use]
pub fn all() -> &'static [StatsFunction] {
    FUNCTIONS
}

/// The function of this name in any case, with the number in the name (`perc95` is `perc` and 95).
pub(crate) fn find(name: &str) -> Option<(&'static StatsFunction, f64)> {
    let name = name.to_ascii_lowercase();
    let plain = FUNCTIONS.iter().find(|function| function.name == name || function.aliases.contains(&name.as_str()));
    plain.map(|function| (function, 0.0)).or_else(|| {
        let prefixes = ["exactperc", "upperperc", "perc", "p"];
        let number = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)?.parse::<f64>().ok());
        number.filter(|number| (0.0..=100.0).contains(number)).map(|number| (&numeric::PERC, number))
    })
}

/// The error for a name that is no function.
pub(crate) fn unknown(name: &str, span: Span) -> Diagnostic {
    if UNSUPPORTED.contains(&name.to_ascii_lowercase().as_str()) {
        return Diagnostic::error(
            "spl.unsupported-function",
            format!("the statistics function `{name}` is not supported yet"),
            span,
        );
    }
    let names =
        FUNCTIONS.iter().flat_map(|function| std::iter::once(function.name).chain(function.aliases.iter().copied()));
    let diagnostic =
        Diagnostic::error("spl.unknown-function", format!("there is no statistics function `{name}`"), span);
    match super::suggest::nearest(name, names) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_lowers() {
        for function in FUNCTIONS {
            let codes = crate::spl::testing::errors(function.example);
            assert!(codes.is_empty(), "{}: {codes:?}", function.example);
        }
    }

    #[test]
    fn sorted_and_described() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
        for function in FUNCTIONS {
            assert!(!function.help.is_empty() && function.syntax.contains('('), "{}", function.name);
        }
    }

    #[test]
    fn percentiles_carry_their_number() {
        let number = |name| find(name).map(|(function, number)| (function.name, number));
        assert_eq!(number("perc95"), Some(("perc<N>", 95.0)));
        assert_eq!(number("p99.9"), Some(("perc<N>", 99.9)));
        assert_eq!(number("Exactperc50"), Some(("perc<N>", 50.0)));
        assert_eq!(number("perc101"), None);
        assert_eq!(number("DC"), Some(("dc", 0.0)));
    }
}
