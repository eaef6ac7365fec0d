//! Conditions as predicates of the IR. What a test means hangs on the field's mapping: a keyword compares whole, an
//! analysed text by words, a number as a number, a date by its instants; an array passes where any element does.

use std::collections::BTreeMap;

use super::{
    clause::{Clause, Least, Name, Range, Test, Word},
    dates::{self, Fill, Reading},
    fields::{self, Field, Mapping},
    pattern::{self, Pattern},
    script::{self, Scripting},
    search::Search,
    tables,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
    spl::build,
};

/// Metres of a degree of latitude.
const DEGREE: f64 = 111_195.0;

impl Search<'_> {
    /// A condition as a Bool that is true, false, or null where a field is missing.
    pub fn predicate(&mut self, clause: &Clause) -> Expr {
        match clause {
            Clause::All => build::truth(true, Span::default()),
            Clause::None => build::truth(false, Span::default()),
            Clause::And(clauses) => {
                let all = self.each(clauses);
                build::all(all, Span::default())
            }
            Clause::Or(clauses) => self.any(clauses),
            Clause::AtLeast(least, clauses) => {
                let one =
                    |expr: Expr| build::call(Func::If, vec![expr, count(1), count(0)], Type::Int, Span::default());
                let ones = self.each(clauses).into_iter().map(one);
                let sum = ones.reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Int, Span::default()));
                let least = count(i64::try_from(*least).unwrap_or(i64::MAX));
                build::call(Func::Ge, vec![sum.unwrap_or_else(|| count(0)), least], Type::Bool, Span::default())
            }
            Clause::Not(clause) => negated(self.predicate(clause)),
            Clause::Field { name, test } => self.field(name, test),
            Clause::Anywhere { test, span } => self.anywhere(test, *span),
            Clause::Script(script, span) => {
                let fields = self.fields();
                let doc = |name: &str| fields.get(name, *span).expr;
                let names = Scripting { doc: &doc, params: BTreeMap::new(), value: None, span: *span };
                match script::lower(script, &names) {
                    Ok(expr) => script::truthy(expr),
                    Err(message) => self.unsupported(message, *span),
                }
            }
        }
    }

    fn each(&mut self, clauses: &[Clause]) -> Vec<Expr> {
        clauses.iter().map(|clause| self.predicate(clause)).collect()
    }

    /// Alternatives; equalities of one keyword field become one membership test.
    fn any(&mut self, clauses: &[Clause]) -> Expr {
        let mut items: Vec<Expr> = Vec::new();
        for clause in clauses {
            let item = self.predicate(clause);
            match (items.last_mut(), equality(&item)) {
                (Some(last), Some((value, literal))) if joins(last, value) => add(last, literal.clone()),
                _ => items.push(item),
            }
        }
        build::any(items, Span::default())
    }

    fn field(&mut self, name: &Name, test: &Test) -> Expr {
        if name.glob {
            if name.text == "*" {
                return self.anywhere(test, name.span);
            }
            let fields = self.fields().matching(&name.text, name.span);
            let any = fields.iter().map(|field| build::is_true(self.test(field, test, name))).collect();
            return build::any(any, name.span);
        }
        if let Some(selected) = self.table_test(name, test) {
            return selected;
        }
        if let Test::Box(_) | Test::Near { .. } = test {
            return self.place(name, test);
        }
        let field = self.fields().get(&name.text, name.span);
        self.test(&field, test, name)
    }

    /// A test of what kind of log a record is, where the value names kinds that we know.
    fn table_test(&mut self, name: &Name, test: &Test) -> Option<Expr> {
        if !tables::names_a_table(&name.text) {
            return None;
        }
        let word = tables::word_of(test)?;
        if name.text == "event.module" && word == "aws" {
            return Some(build::truth(true, name.span));
        }
        let meant = tables::meant(self.env, &word);
        if meant.is_empty() {
            let known =
                word.chars().all(|c| matches!(c, '*' | '-')) || word.starts_with("log-aws-*") || word == "logs-*";
            return known.then(|| build::truth(true, name.span));
        }
        if self.table != tables::ACROSS {
            return Some(build::truth(meant.contains(&self.table), name.span));
        }
        let own = build::column("log_type", Type::Text, name.span);
        let args = std::iter::once(own).chain(meant.into_iter().map(|table| build::text(table, name.span))).collect();
        Some(build::call(Func::In, args, Type::Bool, name.span))
    }

    fn test(&mut self, field: &Field, test: &Test, name: &Name) -> Expr {
        let span = name.span;
        if *test == Test::Exists {
            return build::is_not_null(field.expr.clone());
        }
        if let Test::Range(range) = test {
            return self.range(field, range, name);
        }
        match field.mapping {
            Mapping::Text => self.in_text(&field.expr, test, span),
            Mapping::Keyword => self.whole(&field.expr, test, span),
            Mapping::Number | Mapping::Bool | Mapping::Date => self.typed(field, test, span),
        }
    }

    /// Numbers, truths and dates: equal to what the value reads as; patterns see the value's text.
    fn typed(&mut self, field: &Field, test: &Test, span: Span) -> Expr {
        let (Test::Term { word, .. } | Test::Match { word, .. } | Test::Phrase { word, .. }) = test else {
            return self.whole(&build::to_text(field.expr.clone()), test, span);
        };
        let value = field.expr.clone();
        let nothing = build::truth(false, span);
        match field.mapping {
            Mapping::Number => match build::parse_number(word.text.trim()) {
                Some(number) => build::call(Func::Eq, vec![value, build::number(number, word.span)], Type::Bool, span),
                None => nothing,
            },
            Mapping::Bool => match word.text.trim().to_ascii_lowercase().parse::<bool>() {
                Ok(truth) => build::call(Func::Eq, vec![value, build::truth(truth, word.span)], Type::Bool, span),
                Err(_) => nothing,
            },
            _ => self.on_day(value, word, span),
        }
    }

    /// `@timestamp: 2024-05-01` is the whole day.
    fn on_day(&mut self, value: Expr, word: &Word, span: Span) -> Expr {
        let start = Reading { now: self.env.now, zone: self.env.timezone, format: None, fill: Fill::Start };
        let found = dates::parse(&word.text, start).zip(dates::parse(&word.text, Reading { fill: Fill::End, ..start }));
        let Some((from, to)) = found else {
            return self.not_a_date(word);
        };
        let bound = |func, at| {
            build::call(func, vec![value.clone(), build::literal(Literal::Time(at), word.span)], Type::Bool, span)
        };
        build::all(vec![bound(Func::Ge, from), bound(Func::Lt, to)], span)
    }

    fn not_a_date(&mut self, word: &Word) -> Expr {
        let message = format!("`{}` is not a date", word.text);
        let help = "write ISO 8601 (`2024-05-01T10:00:00Z`), epoch milliseconds, or date mathematics (`now-1d/d`)";
        self.diagnostics.push(Diagnostic::error(&self.code("date"), message, word.span).with_help(help));
        build::truth(false, word.span)
    }

    /// A keyword: the whole value.
    fn whole(&mut self, value: &Expr, test: &Test, span: Span) -> Expr {
        match test {
            Test::Term { word, any_case } => equals(value, word, *any_case, span),
            Test::Match { word, .. } | Test::Phrase { word, prefix: false, .. } => equals(value, word, false, span),
            Test::Prefix { word, any_case } => self.wildcard(value, &starting(word), *any_case, span),
            Test::Phrase { word, .. } => self.wildcard(value, &starting(word), false, span),
            Test::Wildcard { pattern, any_case, .. } => self.wildcard(value, pattern, *any_case, span),
            Test::Regex { word, any_case } => match pattern::lucene_regex(&word.text, *any_case) {
                Ok(regex) => matches(value, regex, span),
                Err(why) => self.bad_regex(word, &why),
            },
            Test::Fuzzy { word, edits } => match fuzzy(word, *edits) {
                Some(body) => matches(value, pattern::anchored(&body), span),
                None => self.unsupported(TOO_LONG.to_owned(), word.span),
            },
            Test::Exists | Test::Range(_) | Test::Box(_) | Test::Near { .. } => build::is_not_null(value.clone()),
        }
    }

    fn wildcard(&mut self, value: &Expr, pattern: &Pattern, any_case: bool, span: Span) -> Expr {
        if pattern.is_anything() {
            return build::is_not_null(value.clone());
        }
        if pattern.is_plain() {
            return equals(value, &Word::new(pattern.text(), span), any_case, span);
        }
        let func = if any_case { Func::GlobIgnoreCase } else { Func::Glob };
        match pattern.glob() {
            Some(glob) => build::call(func, vec![value.clone(), build::text(glob, span)], Type::Bool, span),
            None => matches(value, pattern.regex(any_case), span),
        }
    }

    /// An analysed text: by words, in any case.
    fn in_text(&mut self, value: &Expr, test: &Test, span: Span) -> Expr {
        match test {
            Test::Term { word, .. } => phrase(value, &word.text, 0, false, span),
            Test::Match { word, least } => by_words(value, word, *least, span),
            Test::Phrase { word, prefix, slop } => phrase(value, &word.text, *slop, *prefix, span),
            Test::Prefix { word, .. } => phrase(value, &word.text, 0, true, span),
            Test::Wildcard { pattern, .. } if pattern.is_anything() => build::is_not_null(value.clone()),
            Test::Wildcard { pattern, .. } if pattern.text().contains(' ') => matches(value, pattern.regex(true), span),
            Test::Wildcard { pattern, .. } => matches(value, pattern.word(), span),
            Test::Regex { word, .. } => match pattern::lucene_regex(&word.text, true) {
                Ok(_) => matches(value, format!(r"(?si)(?:^|\b)(?:{})(?:\b|$)", word.text), span),
                Err(why) => self.bad_regex(word, &why),
            },
            Test::Fuzzy { word, edits } => match fuzzy(word, *edits) {
                Some(body) => matches(value, format!(r"(?i)\b(?:{})\b", body.replace('.', r"[\pL\pN]")), span),
                None => self.unsupported(TOO_LONG.to_owned(), word.span),
            },
            Test::Exists | Test::Range(_) | Test::Box(_) | Test::Near { .. } => build::is_not_null(value.clone()),
        }
    }

    /// No field was named: the record's text.
    fn anywhere(&mut self, test: &Test, span: Span) -> Expr {
        let raw = build::column("raw", Type::Text, span);
        match test {
            Test::Exists => build::truth(true, span),
            Test::Wildcard { pattern, .. } if pattern.is_anything() => build::truth(true, span),
            Test::Range(_) => {
                let message = "a range needs a field: nothing is compared".to_owned();
                self.unsupported(message, span)
            }
            _ => self.in_text(&raw, test, span),
        }
    }

    fn range(&mut self, field: &Field, range: &Range, name: &Name) -> Expr {
        let span = name.span;
        let ends = || range.from.iter().chain(&range.to).map(|bound| bound.value.text.trim());
        let numbers = ends().all(|end| build::parse_number(end).is_some());
        match field.mapping {
            Mapping::Date => self.of_dates(&field.expr, range, span),
            Mapping::Number if numbers => of_numbers(field.expr.clone(), range, span),
            Mapping::Number => {
                let message = format!("`{}` is a number, and the range's end is none", name.text);
                self.diagnostics.push(Diagnostic::error(&self.code("range"), message, span));
                build::truth(false, span)
            }
            _ if numbers => of_numbers(build::to_number(fields::first(field.expr.clone())), range, span),
            _ if ends().all(|end| end.parse::<std::net::IpAddr>().is_ok()) => of_addresses(&field.expr, range, span),
            _ if range.format.is_some() || ends().all(dates::is_date) => {
                let time = build::to_time(fields::first(field.expr.clone()));
                self.of_dates(&time, range, span)
            }
            _ => of_texts(&build::to_text(fields::first(field.expr.clone())), range, span),
        }
    }

    fn of_dates(&mut self, value: &Expr, range: &Range, span: Span) -> Expr {
        let (from, to) = self.instants(range);
        let bound = |func, at: Option<i64>| {
            let at = build::literal(Literal::Time(at?), span);
            Some(build::call(func, vec![value.clone(), at], Type::Bool, span))
        };
        let both: Vec<Expr> = bound(Func::Ge, from).into_iter().chain(bound(Func::Lt, to)).collect();
        if both.is_empty() { build::is_not_null(value.clone()) } else { build::all(both, span) }
    }

    /// The instants of a range: from, and before. An end that is no date is an error.
    pub fn instants(&mut self, range: &Range) -> (Option<i64>, Option<i64>) {
        let zone = range.zone.unwrap_or(self.env.timezone);
        let reading = |fill| Reading { now: self.env.now, zone, format: range.format.as_deref(), fill };
        let from = range.from.as_ref().map(|bound| {
            let fill = if bound.inclusive { Fill::Start } else { Fill::End };
            (&bound.value, dates::parse(&bound.value.text, reading(fill)))
        });
        let to = range.to.as_ref().map(|bound| {
            let fill = if bound.inclusive { Fill::End } else { Fill::Start };
            (&bound.value, dates::parse(&bound.value.text, reading(fill)))
        });
        for (word, found) in from.iter().chain(&to) {
            if found.is_none() {
                let word = (*word).clone();
                self.not_a_date(&word);
            }
        }
        (from.and_then(|(_, at)| at), to.and_then(|(_, at)| at))
    }

    fn place(&mut self, name: &Name, test: &Test) -> Expr {
        let span = name.span;
        let (lat, lon) = self.fields().place(&name.text, span);
        let within = |value: &Expr, least: f64, most: f64| {
            let bound = |func, end| build::call(func, vec![value.clone(), build::float(end, span)], Type::Bool, span);
            vec![bound(Func::Ge, least), bound(Func::Le, most)]
        };
        match test {
            Test::Box([top, left, bottom, right]) if left <= right => {
                build::all([within(&lat, *bottom, *top), within(&lon, *left, *right)].concat(), span)
            }
            Test::Box([top, left, bottom, right]) => {
                // The box crosses the date line.
                let sides = [within(&lon, *left, 180.0), within(&lon, -180.0, *right)];
                let side = build::any(sides.map(|side| build::all(side, span)).to_vec(), span);
                build::all([within(&lat, *bottom, *top), vec![side]].concat(), span)
            }
            Test::Near { lat: at, lon: on, metres } => {
                let message = "distances are measured on a plane through the point: far away they are off by a little";
                self.diagnostics.push(Diagnostic::warning(&self.code("approximate"), message, span));
                let squared = |value: &Expr, from: f64, degree: f64| {
                    let apart =
                        build::call(Func::Sub, vec![value.clone(), build::float(from, span)], Type::Float, span);
                    let metres = build::call(Func::Mul, vec![apart, build::float(degree, span)], Type::Float, span);
                    build::call(Func::Mul, vec![metres.clone(), metres], Type::Float, span)
                };
                let sum = vec![squared(&lat, *at, DEGREE), squared(&lon, *on, DEGREE * at.to_radians().cos())];
                let sum = build::call(Func::Add, sum, Type::Float, span);
                build::call(Func::Le, vec![sum, build::float(metres * metres, span)], Type::Bool, span)
            }
            _ => build::truth(false, span),
        }
    }

    fn bad_regex(&mut self, word: &Word, why: &str) -> Expr {
        let message = format!("the regular expression can't be used: {why}");
        self.diagnostics.push(Diagnostic::error(&self.code("regex"), message, word.span));
        build::truth(false, word.span)
    }

    /// Something that is known, and not done here.
    pub fn unsupported(&mut self, message: String, span: Span) -> Expr {
        self.diagnostics.push(Diagnostic::error(&self.code("unsupported"), message, span));
        build::truth(false, span)
    }
}

const TOO_LONG: &str = "a word of this length is not searched with edits";

fn count(number: i64) -> Expr {
    build::int(number, Span::default())
}

/// A negation holds where the field is missing, too.
fn negated(predicate: Expr) -> Expr {
    match predicate.kind {
        ExprKind::Literal(Literal::Bool(value)) => build::truth(!value, predicate.span),
        _ => build::not(build::is_true(predicate)),
    }
}

/// `value = literal` of texts.
fn equality(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match &expr.kind {
        ExprKind::Call { func: Func::Eq, args } => match args.as_slice() {
            [value, literal] if build::literal_text(literal).is_some() => Some((value, literal)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether this is a test of the same value that one more literal can be added to.
fn joins(expr: &Expr, value: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { func: Func::In, args } => args.first().is_some_and(|first| first.kind == value.kind),
        _ => equality(expr).is_some_and(|(known, _)| known.kind == value.kind),
    }
}

fn add(expr: &mut Expr, literal: Expr) {
    if let ExprKind::Call { func, args } = &mut expr.kind {
        *func = Func::In;
        expr.span = expr.span.to(literal.span);
        args.push(literal);
    }
}

/// The whole value, or an address within a block.
fn equals(value: &Expr, word: &Word, any_case: bool, span: Span) -> Expr {
    let value = build::to_matchable(value.clone());
    let literal = build::text(word.text.clone(), word.span);
    if crate::spl::is_cidr(&word.text) {
        return build::call(Func::CidrMatch, vec![value, literal], Type::Bool, span);
    }
    let func = if any_case { Func::EqIgnoreCase } else { Func::Eq };
    build::call(func, vec![value, literal], Type::Bool, span)
}

fn matches(value: &Expr, regex: String, span: Span) -> Expr {
    build::call(Func::Regex, vec![value.clone(), build::text(regex, span)], Type::Bool, span)
}

fn starting(word: &Word) -> Pattern {
    let mut pattern = Pattern::default();
    word.text.chars().for_each(|c| pattern.push(c));
    pattern.many();
    pattern
}

fn fuzzy(word: &Word, edits: Option<u32>) -> Option<String> {
    pattern::fuzzy(&word.text, edits.unwrap_or_else(|| pattern::automatic_edits(&word.text)))
}

fn phrase(value: &Expr, text: &str, slop: u32, prefix: bool, span: Span) -> Expr {
    let words = pattern::words(text);
    if words.is_empty() {
        let text = build::text(text, span);
        return build::call(Func::ContainsIgnoreCase, vec![value.clone(), text], Type::Bool, span);
    }
    matches(value, pattern::phrase(&words, slop, prefix), span)
}

/// A `match`: each stretch without blanks is a word (or a phrase, where the analyser would cut it).
fn by_words(value: &Expr, word: &Word, least: Least, span: Span) -> Expr {
    let words: Vec<Expr> = word.text.split_whitespace().map(|part| phrase(value, part, 0, false, span)).collect();
    match least {
        Least::All => build::all(words, span),
        Least::Count(count) if count >= words.len() => build::all(words, span),
        Least::Count(least) if least > 1 => {
            let one = |expr: Expr| build::call(Func::If, vec![expr, count(1), count(0)], Type::Int, span);
            let sum = words.into_iter().map(one).reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Int, span));
            let least = count(i64::try_from(least).unwrap_or(i64::MAX));
            build::call(Func::Ge, vec![sum.unwrap_or_else(|| count(0)), least], Type::Bool, span)
        }
        Least::Any | Least::Count(_) => build::any(words, span),
    }
}

fn ordered(value: &Expr, range: &Range, span: Span, literal: impl Fn(&Word) -> Expr) -> Expr {
    let from = range.from.as_ref().map(|bound| (if bound.inclusive { Func::Ge } else { Func::Gt }, &bound.value));
    let to = range.to.as_ref().map(|bound| (if bound.inclusive { Func::Le } else { Func::Lt }, &bound.value));
    let both: Vec<Expr> = from
        .into_iter()
        .chain(to)
        .map(|(func, word)| build::call(func, vec![value.clone(), literal(word)], Type::Bool, span))
        .collect();
    if both.is_empty() { build::is_not_null(value.clone()) } else { build::all(both, span) }
}

fn of_numbers(value: Expr, range: &Range, span: Span) -> Expr {
    ordered(&value, range, span, |word| {
        build::number(build::parse_number(word.text.trim()).unwrap_or_default(), word.span)
    })
}

fn of_texts(value: &Expr, range: &Range, span: Span) -> Expr {
    ordered(value, range, span, |word| build::text(word.text.clone(), word.span))
}

/// Addresses between two: the blocks that make up the range.
fn of_addresses(value: &Expr, range: &Range, span: Span) -> Expr {
    let end = |bound: &super::clause::Bound| bound.value.text.trim().parse::<std::net::IpAddr>().ok();
    let from = range.from.as_ref().and_then(|bound| Some((end(bound)?, bound.inclusive)));
    let to = range.to.as_ref().and_then(|bound| Some((end(bound)?, bound.inclusive)));
    let blocks = super::pattern::blocks(from, to);
    let value = build::to_matchable(value.clone());
    let one =
        |block: String| build::call(Func::CidrMatch, vec![value.clone(), build::text(block, span)], Type::Bool, span);
    build::any(blocks.into_iter().map(one).collect(), span)
}
