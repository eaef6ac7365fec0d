//! Search expressions as predicates: values compare without regard to case and with wildcards, a bare term is looked
//! for in the record's text, and the fields that only Splunk's indexes have (`index`, `sourcetype`) select the table.

use super::{
    ast::{Comparison, Search, Word},
    build, datamodel, event,
    expr::compare,
    lowering::{Lower, Lowerer},
    scope::Base,
    subsearch, tables,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
};

impl Lowerer<'_> {
    /// Filters by a search expression; time modifiers that hold for all of it become the scan's bounds.
    pub fn search(&mut self, search: &Search) -> Lower<()> {
        let mut predicates = Vec::new();
        let mut joins = Vec::new();
        let mut failed = false;
        let format = conjuncts(search).into_iter().find_map(|term| match term {
            Search::Compare { field, value, .. } if field.text == "timeformat" => Some(value.text.clone()),
            _ => None,
        });
        for term in conjuncts(search) {
            match term {
                Search::Subsearch(ast) => joins.push((ast, true)),
                Search::Not(inner) if matches!(**inner, Search::Subsearch(_)) => {
                    if let Search::Subsearch(ast) = &**inner {
                        joins.push((ast, false));
                    }
                }
                _ if self.take_bound(term, format.as_deref())? => {}
                _ => match self.predicate(term) {
                    Ok(predicate) => predicates.push(predicate),
                    Err(_) => failed = true,
                },
            }
        }
        predicates.retain(|predicate| predicate.kind != ExprKind::Literal(Literal::Bool(true)));
        if !predicates.is_empty() {
            let span = predicates.iter().fold(predicates[0].span, |span, predicate| span.to(predicate.span));
            self.filter(build::all(predicates, span));
        }
        if !self.residue.is_empty() {
            let patterns = std::mem::take(&mut self.residue);
            self.push(crate::pipeline::Op::Remove { patterns });
        }
        for (ast, wanted) in joins {
            subsearch::filter(self, ast, wanted)?;
        }
        if failed { Err(super::lowering::Reported) } else { Ok(()) }
    }

    /// `earliest=` and `latest=`, and the older words for them, where they hold for the whole search.
    fn take_bound(&mut self, term: &Search, format: Option<&str>) -> Lower<bool> {
        let Search::Compare { field, comparison: Comparison::Eq, value, .. } = term else { return Ok(false) };
        if self.scope.base != Base::Events {
            return Ok(false);
        }
        let (from, instant) = match field.text.as_str() {
            "earliest" | "starttime" | "starttimeu" => (true, self.formatted(value, format)?),
            "latest" | "endtime" | "endtimeu" => (false, self.formatted(value, format)?),
            "timeformat" => return Ok(true),
            word => match ago(word) {
                Some((from, unit)) => {
                    let back = Word { text: format!("-{}{unit}", value.text), ..value.clone() };
                    (from, self.instant(&back)?)
                }
                None => return Ok(false),
            },
        };
        let bound = if from { &mut self.scan.earliest } else { &mut self.scan.latest };
        *bound = Some(match *bound {
            Some(known) if from => known.max(instant),
            Some(known) => known.min(instant),
            None => instant,
        });
        Ok(true)
    }

    /// A time in the search's own format, else in one of the usual ones.
    fn formatted(&mut self, value: &Word, format: Option<&str>) -> Lower<i64> {
        let own = format.and_then(|format| super::time::in_format(&value.text, format, self.zone));
        own.map_or_else(|| self.instant(value), Ok)
    }

    /// A search expression as a Bool that is true, false, or null where a field is missing.
    pub fn predicate(&mut self, search: &Search) -> Lower<Expr> {
        match search {
            Search::All => Ok(build::truth(true, Span::default())),
            Search::And(terms) => self.combined(terms, true),
            Search::Or(terms) => self.combined(terms, false),
            Search::Not(inner) => {
                if let Search::Compare { field, comparison: Comparison::Eq, value, .. } = &**inner
                    && let Some(held) = self.held(field, value, true)
                {
                    return Ok(negated(held));
                }
                Ok(negated(self.predicate(inner)?))
            }
            Search::Compare { field, comparison, value, exact } => {
                self.field_compare(field, *comparison, value, *exact)
            }
            Search::CompareExpr { field, comparison, value } => {
                let span = field.span.to(value.span);
                let message = "`search` compares with literal values only; read as an eval expression";
                self.warning("spl.function-in-search", message, value.span);
                let (left, right) = (self.field(field), self.expr(value)?);
                Ok(compare(*comparison, left, right, span))
            }
            Search::In { field, values } => {
                let one = |lowerer: &mut Self, value: &Word| lowerer.field_compare(field, Comparison::Eq, value, false);
                let items = values.iter().map(|value| one(self, value)).collect::<Lower<Vec<_>>>()?;
                Ok(build::any(items, field.span))
            }
            Search::Term { word, exact } => Ok(self.term(word, *exact)),
            Search::Subsearch(ast) => subsearch::mark(self, ast),
        }
    }

    /// All of the terms, or any; those that are known beforehand decide, or fall away.
    fn combined(&mut self, terms: &[Search], all: bool) -> Lower<Expr> {
        let mut items = terms.iter().map(|term| self.predicate(term)).collect::<Lower<Vec<_>>>()?;
        let span = items.iter().map(|item| item.span).reduce(Span::to).unwrap_or_default();
        let is = |item: &Expr, truth: bool| item.kind == ExprKind::Literal(Literal::Bool(truth));
        if items.iter().any(|item| is(item, !all)) {
            return Ok(build::truth(!all, span));
        }
        items.retain(|item| !is(item, all));
        Ok(if all { build::all(items, span) } else { build::any(items, span) })
    }

    fn field_compare(&mut self, field: &Word, comparison: Comparison, value: &Word, exact: bool) -> Lower<Expr> {
        let span = field.span.to(value.span);
        let unlike = comparison == Comparison::Ne;
        let selected = match self.held(field, value, unlike) {
            None if self.of_event(field) => self.metadata(field, value, span)?,
            held => held,
        };
        if let Some(selected) = selected {
            return Ok(if unlike { negated(selected) } else { selected });
        }
        let left = self.field(field);
        Ok(match comparison {
            Comparison::Eq => equals(left, value, exact, span),
            Comparison::Ne if value.text == "*" => build::truth(false, span),
            Comparison::Ne => build::not(equals(left, value, exact, span)),
            _ => ordered(comparison, left, value, span),
        })
    }

    /// Whether a name is the events' own here, not one that a command made.
    fn of_event(&self, field: &Word) -> bool {
        self.scope.base == Base::Events && self.scope.made(&field.text).is_none()
    }

    /// Where Splunk keeps and reads events; most of its names say nothing here, and hold everything or, of `!=` and NOT,
    /// leave everything out of account. None: another field.
    fn held(&mut self, field: &Word, value: &Word, unlike: bool) -> Option<Expr> {
        let span = field.span.to(value.span);
        if !self.of_event(field) {
            return None;
        }
        match field.text.as_str() {
            "index" => Some(self.index(&value.text, unlike, span)),
            "host" | "splunk_server" | "splunk_server_group" if !self.in_schema(&field.text) => {
                Some(build::truth(!unlike || value.text == "*", span))
            }
            "source" if !self.knows(&field.text) => Some(build::truth(!unlike || value.text == "*", span)),
            _ => None,
        }
    }

    /// What Splunk's index-time fields select; none: an ordinary field.
    fn metadata(&mut self, field: &Word, value: &Word, span: Span) -> Lower<Option<Expr>> {
        Ok(match field.text.as_str() {
            "sourcetype" => Some(self.sourcetype(value, span)),
            "eventtype" => Some(self.eventtype(value, span)),
            "tag" => Some(self.tag(value, span)?),
            "earliest" | "latest" | "_index_earliest" | "_index_latest" => {
                let name = if field.text.starts_with('_') { "_indextime" } else { "_time" };
                let instant = self.instant(value)?;
                let func = if field.text.ends_with("earliest") { Func::Ge } else { Func::Lt };
                let time = event::default_field(name, span).unwrap_or_else(|| event::time(span));
                let instant = build::literal(Literal::Time(instant), span);
                Some(build::call(func, vec![time, instant], Type::Bool, span))
            }
            _ => None,
        })
    }

    /// An event type of the add-on says which log an event is of; what else it says is not known here.
    fn eventtype(&mut self, value: &Word, span: Span) -> Expr {
        match tables::of_eventtype(self.env, &value.text) {
            Some(tables) => self.of_tables(&tables, span),
            None => {
                let message = format!("the event type `{}` is not known here; every event passes", value.text);
                self.warning("spl.ignored-field", message, span);
                build::truth(true, span)
            }
        }
    }

    /// A tag of the Common Information Model is the condition of its data model.
    fn tag(&mut self, value: &Word, span: Span) -> Lower<Expr> {
        match datamodel::tagged(&value.text) {
            Some(model) => datamodel::constraint(self, model, span),
            None => {
                let message = format!("the tag `{}` is not known here; every event passes", value.text);
                self.warning("spl.ignored-field", message, span);
                Ok(build::truth(true, span))
            }
        }
    }

    /// A word or phrase anywhere in the record's text.
    fn term(&mut self, word: &Word, exact: bool) -> Expr {
        let span = word.span;
        if self.scope.base != Base::Events && self.scope.made("_raw").is_none() {
            let message = "a bare term searches the raw text, which these rows no longer have: nothing matches";
            self.warning("spl.term-without-raw", message, span);
            return build::truth(false, span);
        }
        if ["and", "or", "not"].iter().any(|operator| word.is(operator)) {
            let message = format!("`{}` is searched for as a word: operators are in upper case", word.text);
            self.warn(
                Diagnostic::warning("spl.lower-case-operator", message, span).with_suggestion(word.text.to_uppercase()),
            );
        }
        let raw = self.name("_raw", span);
        let part = word.text.trim_matches('*');
        if part.is_empty() {
            return build::truth(true, span);
        }
        let (func, text) = match (part.contains('*'), exact) {
            (false, false) => (Func::ContainsIgnoreCase, part.to_owned()),
            (false, true) => (Func::Contains, part.to_owned()),
            (true, false) => (Func::GlobIgnoreCase, format!("*{part}*")),
            (true, true) => (Func::Glob, format!("*{part}*")),
        };
        build::call(func, vec![raw, build::text(text, span)], Type::Bool, span)
    }
}

/// `daysago=2`, `starthoursago=1`, `endminutesago=5`: whether it is where a range begins, and the unit.
fn ago(word: &str) -> Option<(bool, &'static str)> {
    let rest = word.strip_suffix("ago")?;
    let (from, unit) = match rest.strip_prefix("end") {
        Some(unit) => (false, unit),
        None => (true, rest.strip_prefix("start").unwrap_or(rest)),
    };
    let units = [("months", "mon"), ("days", "d"), ("hours", "h"), ("minutes", "m")];
    units.into_iter().find(|(name, _)| *name == unit).map(|(_, unit)| (from, unit))
}

/// The terms that all have to hold.
fn conjuncts(search: &Search) -> Vec<&Search> {
    match search {
        Search::And(terms) => terms.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// NOT holds where the field is missing, too.
fn negated(predicate: Expr) -> Expr {
    match predicate.kind {
        ExprKind::Literal(Literal::Bool(value)) => build::truth(!value, predicate.span),
        _ => build::not(build::is_true(predicate)),
    }
}

/// `field=value`: any case, wildcards, an address block; `*` is any value at all.
fn equals(left: Expr, value: &Word, exact: bool, span: Span) -> Expr {
    let text = value.text.as_str();
    if text == "*" {
        return build::is_not_null(left);
    }
    let literal = || build::text(text, value.span);
    if text.contains('*') {
        let func = if exact { Func::Glob } else { Func::GlobIgnoreCase };
        return build::call(func, vec![build::to_matchable(left), literal()], Type::Bool, span);
    }
    if is_cidr(text) {
        return build::call(Func::CidrMatch, vec![build::to_matchable(left), literal()], Type::Bool, span);
    }
    match (left.ty, build::parse_number(text), text.to_ascii_lowercase().parse::<bool>()) {
        (Type::Int | Type::Float | Type::Time, Some(number), _) => {
            build::call(Func::Eq, vec![build::to_number(left), build::number(number, value.span)], Type::Bool, span)
        }
        (Type::Bool, _, Ok(truth)) => {
            build::call(Func::Eq, vec![left, build::truth(truth, value.span)], Type::Bool, span)
        }
        _ => {
            let func = if exact { Func::Eq } else { Func::EqIgnoreCase };
            build::call(func, vec![build::to_matchable(left), literal()], Type::Bool, span)
        }
    }
}

/// `field<value`: as numbers where the value is one.
fn ordered(comparison: Comparison, left: Expr, value: &Word, span: Span) -> Expr {
    let right = match build::parse_number(&value.text) {
        Some(number) => build::number(number, value.span),
        None => build::text(value.text.clone(), value.span),
    };
    compare(comparison, left, right, span)
}

/// `10.0.0.0/8`, `2001:db8::/32`.
pub(crate) fn is_cidr(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        let most = match address.parse() {
            Ok(std::net::IpAddr::V4(_)) => 32,
            Ok(std::net::IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        length.parse::<u8>().is_ok_and(|length| length <= most)
    })
}
