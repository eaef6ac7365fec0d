//! Searches and conditions as one truth over an event: maps are conjunctions, lists alternatives, and a negation holds where
//! a field is missing.

use std::collections::HashMap;

use super::{
    ast::{Compare, Condition, Item, Logic, Search, Test, Value},
    field::Field,
    modifier::{self, Form, Mode, Plan},
    pattern::Pattern,
    source::{self, Place},
};
use crate::{
    diagnostic::Diagnostic,
    language::Environment,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::{build, pattern, suggest},
};

/// Most nodes of a rule's predicate.
const LARGEST: usize = 200_000;

/// Makes predicates of one rule.
pub(super) struct Predicates<'a> {
    env: &'a Environment<'a>,
    place: &'a Place,
    searches: HashMap<&'a str, (Expr, usize)>,
    names: Vec<&'a str>,
    size: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Predicates<'a> {
    /// Reads all searches, so that what is wrong with one that no condition names is said too.
    pub(super) fn new(env: &'a Environment<'a>, place: &'a Place, searches: &'a [Search]) -> Self {
        let mut predicates =
            Self { env, place, searches: HashMap::new(), names: Vec::new(), size: 0, diagnostics: Vec::new() };
        for search in searches {
            let expr = predicates.test(&search.test);
            let size = size(&expr);
            predicates.searches.insert(&search.name, (expr, size));
            predicates.names.push(&search.name);
        }
        predicates
    }

    /// The truth of a rule's conditions: any of them.
    pub(super) fn conditions(&mut self, conditions: &[Condition]) -> Expr {
        let span = conditions.first().map(|condition| condition.span).unwrap_or_default();
        let parts = conditions.iter().map(|condition| self.logic(&condition.expr)).collect();
        build::any(parts, span)
    }

    pub(super) fn logic(&mut self, logic: &Logic) -> Expr {
        match logic {
            Logic::Name(name, span) => self.search(name, *span),
            Logic::Of { least, pattern, span } => self.of(*least, pattern.as_deref(), *span),
            Logic::And(parts) => {
                let parts = parts.iter().map(|part| self.logic(part)).collect();
                build::all(parts, Span::default())
            }
            Logic::Or(parts) => {
                let parts = parts.iter().map(|part| self.logic(part)).collect();
                build::any(parts, Span::default())
            }
            Logic::Not(inner) => build::not(build::is_true(self.logic(inner))),
        }
    }

    fn search(&mut self, name: &str, span: Span) -> Expr {
        let Some((expr, size)) = self.searches.get(name) else {
            if name.contains('*') {
                return self.of(Some(1), Some(name), span);
            }
            let error = Diagnostic::error("sigma.unknown-search", format!("no search is called `{name}`"), span);
            self.diagnostics.push(match suggest::nearest(name, self.names.iter().copied()) {
                Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
                None => error.with_help(format!("there are: {}", self.names.join(", "))),
            });
            return build::truth(false, span);
        };
        self.size += size;
        if self.size > LARGEST {
            if self.size - size <= LARGEST {
                let message = "the condition repeats too much: name each search once";
                self.diagnostics.push(Diagnostic::error("sigma.too-large", message, span));
            }
            return build::truth(false, span);
        }
        expr.clone()
    }

    /// `1 of`, `all of`, `N of` the searches whose names match.
    fn of(&mut self, least: Option<usize>, pattern: Option<&str>, span: Span) -> Expr {
        let hidden = |name: &str| name.starts_with('_') && !pattern.is_some_and(|p| p.starts_with('_'));
        let names: Vec<&str> = self
            .names
            .iter()
            .copied()
            .filter(|name| !hidden(name) && pattern.is_none_or(|pattern| glob(pattern.as_bytes(), name.as_bytes())))
            .collect();
        if names.is_empty() {
            let message = format!("no search is called `{}`", pattern.unwrap_or("them"));
            self.diagnostics.push(
                Diagnostic::error("sigma.unknown-search", message, span)
                    .with_help(format!("there are: {}", self.names.join(", "))),
            );
        }
        let parts: Vec<Expr> = names.into_iter().map(|name| self.search(name, span)).collect();
        match least {
            None => build::all(parts, span),
            Some(1) => build::any(parts, span),
            Some(least) => at_least(least, parts, span),
        }
    }

    fn test(&mut self, test: &Test) -> Expr {
        match test {
            Test::All(tests) => {
                let parts = tests.iter().map(|test| self.test(test)).collect();
                build::all(parts, Span::default())
            }
            Test::Any(tests) => {
                let parts = tests.iter().map(|test| self.test(test)).collect();
                build::any(parts, Span::default())
            }
            Test::Item(item) => self.item(item),
        }
    }

    fn item(&mut self, item: &Item) -> Expr {
        if item.values.is_empty() {
            self.diagnostics.push(Diagnostic::error("sigma.value", "there are no values to compare with", item.span));
        }
        let plan = modifier::plan(item, self.env.parameters, &mut self.diagnostics);
        let field = match &item.field {
            Some(name) => self.field(name, item.span),
            None => Field::anything(item.span),
        };
        let keyword = item.field.is_none();
        let tests: Vec<Expr> = plan
            .values
            .iter()
            .map(|(form, text, span)| self.value(&field, &plan, keyword, (form, text, *span)))
            .collect();
        let missing = plan.all && tests.len() < item.values.len();
        let truth = match plan.all {
            _ if missing => build::truth(false, item.span),
            true => build::all(tests, item.span),
            false => build::any(tests, item.span),
        };
        if plan.negated { build::not(build::is_true(truth)) } else { truth }
    }

    fn field(&mut self, name: &str, span: Span) -> Field {
        let (env, table) = (self.env, self.place.table.as_str());
        let name = source::taxonomy(name, self.place.by_category);
        let field = Field::new(env, table, name, span);
        if let Some(found) = env.schema.resolve(table, crate::schema::Dialect::Sigma, name)
            && let Some(spelled) = found.spelled
        {
            let message = format!("`{name}` is another field than `{spelled}`: names differ where case does");
            let warning = Diagnostic::warning("sigma.field-case", message, span);
            self.diagnostics.push(warning.with_help(format!("did you mean `{spelled}`?")).with_suggestion(spelled));
        }
        field
    }

    fn value(&mut self, field: &Field, plan: &Plan, keyword: bool, (form, text, span): (&Form, &str, Span)) -> Expr {
        if let Some(format) = plan.part {
            return self.part_of_time(field, plan, format, (text, span));
        }
        match plan.mode {
            Mode::Text => self.text(field, plan, keyword, form, (text, span)),
            Mode::Regex => self.regex(field, plan, text, span),
            Mode::Cidr => self.cidr(field, text, span),
            Mode::FieldRef => self.reference(field, plan, text, span),
            Mode::Exists => match form {
                Form::Other(Value::Bool(truth)) if *truth => field.exists(),
                Form::Other(Value::Bool(_)) => build::not(field.exists()),
                _ => match text.to_ascii_lowercase().as_str() {
                    "true" | "yes" => field.exists(),
                    "false" | "no" => build::not(field.exists()),
                    _ => self.wrong("`exists` wants true or false", span),
                },
            },
            Mode::Number(compare) => match number(form, text) {
                Some(number) => compared(field.number(is_lower_bound(compare)), compare, number, span),
                None => self.wrong("a comparison wants a number", span),
            },
        }
    }

    fn wrong(&mut self, message: &str, span: Span) -> Expr {
        self.diagnostics.push(Diagnostic::error("sigma.value", message, span));
        build::truth(false, span)
    }

    fn text(&mut self, field: &Field, plan: &Plan, keyword: bool, form: &Form, (text, span): (&str, Span)) -> Expr {
        let pattern = match form {
            Form::Other(Value::Null) if keyword => return self.wrong("null is no keyword", span),
            Form::Other(Value::Null) => return field.is_null(),
            Form::Other(Value::Bool(truth)) if !keyword => {
                return field.is_truth(*truth).unwrap_or_else(|| same(field, &truth.to_string(), false, span));
            }
            Form::Other(Value::Number(number, text)) if !keyword => return equal_number(field, *number, text, span),
            Form::Other(_) => Pattern::plain(text),
            Form::Bytes(bytes) => match modifier::bytes_text(bytes) {
                Ok(pattern) => pattern,
                Err(message) => return self.wrong(&message, span),
            },
            Form::Text(pattern) => pattern.clone(),
        };
        if keyword {
            let mut pattern = pattern;
            pattern.open_start();
            pattern.open_end();
            return field.passes(|value| pattern.test(value, plan.cased, span));
        }
        let truth = pattern.as_plain().and_then(|plain| match plain.to_ascii_lowercase().as_str() {
            "true" => field.is_truth(true),
            "false" => field.is_truth(false),
            _ => None,
        });
        truth.unwrap_or_else(|| field.passes(|value| pattern.test(value, plan.cased, span)))
    }

    fn regex(&mut self, field: &Field, plan: &Plan, text: &str, span: Span) -> Expr {
        let mut regex = pattern::translate(text);
        if plan.open != (false, false) && plan.open != (true, true) {
            let (start, end) = (if plan.open.1 { "^" } else { "" }, if plan.open.0 { "$" } else { "" });
            regex = format!("{start}(?:{regex}){end}");
        }
        if !plan.flags.is_empty() {
            regex = format!("(?{}){regex}", plan.flags);
        }
        if let Err(error) = regex::RegexBuilder::new(&regex).size_limit(1 << 22).build() {
            let around = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|sign| text.contains(sign));
            let reason = match error {
                _ if around => "look-around is not supported: expressions run in linear time".to_owned(),
                regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                other => other.to_string().lines().last().unwrap_or_default().trim().to_owned(),
            };
            let message = format!("the regular expression can't be used: {reason}");
            self.diagnostics.push(Diagnostic::error("sigma.regex", message, span));
        }
        field.passes(|value| build::call(Func::Regex, vec![value, build::text(regex.clone(), span)], Type::Bool, span))
    }

    fn cidr(&mut self, field: &Field, text: &str, span: Span) -> Expr {
        if !is_block(text) {
            return self.wrong("`cidr` wants a block of addresses: 10.0.0.0/8", span);
        }
        field.passes(|value| build::call(Func::CidrMatch, vec![value, build::text(text, span)], Type::Bool, span))
    }

    fn reference(&mut self, field: &Field, plan: &Plan, name: &str, span: Span) -> Expr {
        let other = self.field(name, span).first();
        let text = |func, args| build::call(func, args, Type::Text, span);
        let fold = |value: Expr| if plan.cased { value } else { text(Func::Lower, vec![value]) };
        match plan.open {
            (false, false) => {
                let func = if plan.cased { Func::Eq } else { Func::EqIgnoreCase };
                field.passes(|value| build::call(func, vec![value, other.clone()], Type::Bool, span))
            }
            (true, true) => {
                let func = if plan.cased { Func::Contains } else { Func::ContainsIgnoreCase };
                field.passes(|value| build::call(func, vec![value, other.clone()], Type::Bool, span))
            }
            (start, _) => {
                let length = build::call(Func::Length, vec![other.clone()], Type::Int, span);
                let from = if start {
                    build::call(Func::Neg, vec![length.clone()], Type::Int, span)
                } else {
                    build::int(1, span)
                };
                let part = text(Func::Substr, vec![fold(field.first()), from, length]);
                build::call(Func::Eq, vec![part, fold(other)], Type::Bool, span)
            }
        }
    }

    fn part_of_time(&mut self, field: &Field, plan: &Plan, format: &str, (text, span): (&str, Span)) -> Expr {
        let Ok(number) = text.trim().parse::<f64>() else {
            return self.wrong("a part of a time is compared with a number", span);
        };
        let compare = match plan.mode {
            Mode::Text => Compare::Eq,
            Mode::Number(compare) => compare,
            _ => return self.wrong("a part of a time is compared with a number", span),
        };
        let part = build::call(Func::Strftime, vec![field.time(), build::text(format, span)], Type::Text, span);
        compared(build::call(Func::ToInt, vec![part], Type::Int, span), compare, number, span)
    }
}

/// The text, whatever its case unless it matters.
fn same(field: &Field, text: &str, cased: bool, span: Span) -> Expr {
    field.passes(|value| Pattern::plain(text).test(value, cased, span))
}

/// A number equals its digits, as a rule and a record may write them.
fn equal_number(field: &Field, number: f64, text: &str, span: Span) -> Expr {
    let mut ways = vec![text.to_owned()];
    for way in [number.to_string(), format!("{number:.1}")] {
        if !ways.contains(&way) && way.parse() == Ok(number) {
            ways.push(way);
        }
    }
    build::any(ways.iter().map(|way| same(field, way, false, span)).collect(), span)
}

fn number(form: &Form, text: &str) -> Option<f64> {
    match form {
        Form::Other(Value::Number(number, _)) => Some(*number),
        _ => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn is_lower_bound(compare: Compare) -> bool {
    matches!(compare, Compare::Gt | Compare::Gte | Compare::Eq | Compare::Neq)
}

/// A number against a literal.
pub(super) fn compared(value: Expr, compare: Compare, number: f64, span: Span) -> Expr {
    let func = match compare {
        Compare::Eq => Func::Eq,
        Compare::Neq => Func::Ne,
        Compare::Lt => Func::Lt,
        Compare::Lte => Func::Le,
        Compare::Gt => Func::Gt,
        Compare::Gte => Func::Ge,
    };
    build::call(func, vec![value, build::number(number, span)], Type::Bool, span)
}

/// At least so many of them are true.
fn at_least(least: usize, parts: Vec<Expr>, span: Span) -> Expr {
    let one = |truth| {
        let args = vec![truth, build::int(1, span), build::int(0, span)];
        build::call(Func::If, args, Type::Int, span)
    };
    let sum = parts.into_iter().map(one).reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Int, span));
    let least = i64::try_from(least).unwrap_or(i64::MAX);
    let sum = sum.unwrap_or_else(|| build::int(0, span));
    build::call(Func::Ge, vec![sum, build::int(least, span)], Type::Bool, span)
}

fn is_block(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    let width = match address.trim().parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.trim().parse::<u32>().is_ok_and(|prefix| prefix <= width)
}

fn size(expr: &Expr) -> usize {
    match &expr.kind {
        crate::pipeline::ExprKind::Call { args, .. } => 1 + args.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Whether `text` is what `pattern`, with `*` and `?`, means. Linear in the pattern for each star.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p + 1, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == text[t] || pattern[p] == b'?') {
            p += 1;
            t += 1;
        } else if let Some((after, from)) = star {
            p = after;
            t = from + 1;
            star = Some((after, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}
