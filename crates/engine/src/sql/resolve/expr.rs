//! Expressions: names, struct paths, subscripts, literals, and the forms of the grammar that are functions here.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, DateTimeField, Expr, Ident, Subscript, Value,
};
use query::diagnostic::Diagnostic;

use super::Resolver;
use super::build::{binary, call, literal_text, null, number, text};
use super::scope::{Found, expression, inside};
use crate::functions::trino::TRY;
use crate::sql::diagnose::nearest;
use crate::sql::fields::{self, Sort, Target};

impl Resolver<'_> {
    /// Resolves an expression in place.
    pub(super) fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Identifier(name) => {
                let parts = [name.clone()];
                self.name(expr, &parts);
            }
            Expr::CompoundIdentifier(parts) => {
                let parts = parts.clone();
                self.name(expr, &parts);
            }
            Expr::BinaryOp { .. } => self.binary(expr),
            Expr::Nested(inner) => self.expr(inner),
            Expr::UnaryOp { expr: inner, .. } => self.expr(inner),
            Expr::Like { .. } | Expr::ILike { .. } | Expr::SimilarTo { .. } => self.like(expr),
            Expr::Between { .. } => self.between(expr),
            Expr::InList { .. } => self.in_list(expr),
            Expr::Function(_) => self.function(expr),
            Expr::CompoundFieldAccess { .. } => self.access(expr),
            Expr::Case { operand, conditions, else_result, .. } => {
                operand.iter_mut().for_each(|e| self.expr(e));
                for when in conditions {
                    self.expr(&mut when.condition);
                    self.expr(&mut when.result);
                }
                else_result.iter_mut().for_each(|e| self.expr(e));
            }
            Expr::Subquery(query) | Expr::Exists { subquery: query, .. } => {
                self.query(query, false, &[]);
            }
            Expr::InSubquery { expr: inner, subquery, .. } => {
                self.expr(inner);
                self.query(subquery, false, &[]);
            }
            Expr::IsNull(e)
            | Expr::IsNotNull(e)
            | Expr::IsTrue(e)
            | Expr::IsFalse(e)
            | Expr::IsNotTrue(e)
            | Expr::IsNotFalse(e)
            | Expr::IsUnknown(e)
            | Expr::IsNotUnknown(e) => self.expr(e),
            Expr::IsDistinctFrom(a, b) | Expr::IsNotDistinctFrom(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Expr::Tuple(items) => items.iter_mut().for_each(|e| self.expr(e)),
            Expr::Array(array) => array.elem.iter_mut().for_each(|e| self.expr(e)),
            Expr::AnyOp { left, right, .. } | Expr::AllOp { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            _ => self.form(expr),
        }
    }

    /// Forms of the grammar that are functions here.
    fn form(&mut self, expr: &mut Expr) {
        let whole = std::mem::replace(expr, null());
        *expr = match whole {
            Expr::Cast { kind, expr: inner, data_type, .. } => {
                let trying = matches!(kind, CastKind::TryCast | CastKind::SafeCast) || self.trying > 0;
                let name = if trying { format!("{TRY}__cast") } else { "__cast".to_owned() };
                self.made(&name, vec![*inner, text(&data_type.to_string())])
            }
            Expr::TypedString(typed) => {
                let value = typed.value.into_string().unwrap_or_default();
                match typed.data_type {
                    DataType::JSON => call("__json_literal", vec![text(&value)]),
                    other => call("__cast", vec![text(&value), text(&other.to_string())]),
                }
            }
            Expr::Extract { field, expr: inner, .. } => {
                let name = part_function(&field);
                self.made(name, vec![*inner])
            }
            Expr::Substring { expr: inner, substring_from, substring_for, .. } => {
                let mut args = vec![*inner, substring_from.map_or_else(|| number("1"), |e| *e)];
                args.extend(substring_for.map(|e| *e));
                self.made("substr", args)
            }
            Expr::Position { expr: find, r#in } => self.made("strpos", vec![*r#in, *find]),
            Expr::Ceil { expr: inner, .. } => self.made("ceil", vec![*inner]),
            Expr::Floor { expr: inner, .. } => self.made("floor", vec![*inner]),
            Expr::AtTimeZone { timestamp, time_zone } => self.made("at_timezone", vec![*timestamp, *time_zone]),
            Expr::Trim { expr: mut inner, trim_where, trim_what, trim_characters } => {
                self.as_text(&mut inner);
                Expr::Trim { expr: inner, trim_where, trim_what, trim_characters }
            }
            Expr::Lambda(lambda) => {
                // Outside of a function's arguments the arrow reads JSON, as in DuckDB and PostgreSQL.
                let name = lambda.params.iter().next().map(|p| p.name.clone());
                match name {
                    Some(name) => self.made("__json_get", vec![Expr::Identifier(name), *lambda.body]),
                    None => null(),
                }
            }
            Expr::Interval(mut interval) => {
                if literal_text(&interval.value).is_none() && super::build::literal_number(&interval.value).is_none() {
                    self.expr(&mut interval.value);
                }
                Expr::Interval(interval)
            }
            Expr::Value(value) => match &value.value {
                Value::Placeholder(mark) => {
                    let mark = mark.clone();
                    self.parameter(&mark)
                }
                Value::DoubleQuotedString(name) => Expr::Identifier(Ident::with_quote('"', name.clone())),
                _ => Expr::Value(value),
            },
            Expr::Collate { expr: inner, .. } => {
                let mut inner = *inner;
                self.expr(&mut inner);
                inner
            }
            other => other,
        };
    }

    fn parameter(&mut self, mark: &str) -> Expr {
        let span = query::span::Span::new(0, self.context.source.text.len());
        let span = match self.context.source.text.find(mark) {
            Some(at) => self.context.source.span(at, at + mark.len()),
            None => span,
        };
        let message = format!("the parameter `{mark}` has no value here: nothing equals it");
        if !self.diagnostics.iter().any(|d| d.code == "sql.parameter") {
            self.diagnostics
                .push(Diagnostic::warning("sql.parameter", message, span).with_help("put the value in its place"));
        }
        call("__parameter", vec![text(mark)])
    }

    /// A call made here, resolved.
    pub(super) fn made(&mut self, name: &str, args: Vec<Expr>) -> Expr {
        let mut made = call(name, args);
        self.expr(&mut made);
        made
    }

    /// What a name stands for, in the innermost query that has it.
    pub(super) fn find(&self, parts: &[Ident]) -> Option<Found> {
        self.scopes.iter().rev().find_map(|scope| scope.find(parts))
    }

    /// Parts of a plain name, brackets aside.
    pub(super) fn parts(expr: &Expr) -> Option<Vec<Ident>> {
        match expr {
            Expr::Identifier(name) => Some(vec![name.clone()]),
            Expr::CompoundIdentifier(parts) => Some(parts.clone()),
            Expr::Nested(inner) => Self::parts(inner),
            _ => None,
        }
    }

    /// How an expression compares; looks at names and literals only.
    pub(super) fn sort(&self, expr: &Expr) -> Sort {
        if let Some(parts) = Self::parts(expr) {
            return self.find(&parts).map_or(Sort::Other, |f| f.sort);
        }
        match expr {
            Expr::Nested(inner) => self.sort(inner),
            Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => Sort::Text,
            Expr::Value(value) if matches!(value.value, Value::Number(..)) => Sort::Number,
            _ => Sort::Other,
        }
    }

    /// `useridentity.arn` where the query groups by `useridentity`.
    fn part_of_grouped(&self, parts: &[Ident]) -> Option<Expr> {
        let grouped = &self.scopes.last()?.grouped;
        if grouped.is_empty() {
            return None;
        }
        (1..parts.len()).find_map(|cut| {
            let (head, tail) = parts.split_at(cut);
            let found = self.find(head)?;
            match &found.target {
                Some((_, Target::Section(section))) if grouped.contains(section) => Some(inside(found.expr, tail)),
                _ => None,
            }
        })
    }

    fn name(&mut self, expr: &mut Expr, parts: &[Ident]) {
        if let Some(part) = self.part_of_grouped(parts) {
            *expr = part;
            return;
        }
        if let Some(found) = self.find(parts) {
            if found.through_text {
                self.path_through_text(parts);
            }
            *expr = found.expr;
            return;
        }
        if let [only] = parts
            && only.quote_style.is_none()
            && let Some(call) = bare_function(&only.value)
        {
            *expr = call;
            return;
        }
        if let Some(path) = self.unknown(parts) {
            *expr = path;
        }
    }

    fn path_through_text(&mut self, parts: &[Ident]) {
        if self.diagnostics.iter().any(|d| d.code == "sql.text-path") {
            return;
        }
        let span = self.idents_span(parts);
        let head = parts.iter().rev().nth(1).map_or("", |p| p.value.as_str());
        let message =
            format!("`{head}` is JSON text in Athena and a map in CloudTrail Lake; it is read as a path here");
        self.diagnostics.push(Diagnostic::warning("sql.text-path", message, span));
    }

    /// A name that nothing has: a slip of the keys, or a field of the record that the catalogue does not know.
    fn unknown(&mut self, parts: &[Ident]) -> Option<Expr> {
        let shown = parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".");
        let span = self.idents_span(parts);
        let scope = self.scopes.last()?;
        let logs: Vec<(Ident, String)> =
            scope.relations.iter().filter_map(|r| Some((r.alias.clone(), r.columns.log.clone()?))).collect();
        let derived: Vec<String> =
            scope.relations.iter().flat_map(|r| &r.columns.list).map(|o| o.name.clone()).collect();
        let names: Vec<&str> = logs.iter().flat_map(|(_, log)| fields::names(log)).collect();
        let wanted = self.unqualified(parts);
        let near = nearest(&wanted, names.into_iter().chain(derived.iter().map(String::as_str)));
        let json = logs.iter().find(|(_, log)| fields::is_json(log));
        if let (None, Some((alias, log))) = (near, json)
            && parts.iter().all(|p| p.quote_style != Some('"') || !p.value.contains(' '))
        {
            let message =
                format!("`{shown}` is no field that is known of {log}; it is read from the record where it is there");
            self.diagnostics.push(Diagnostic::warning("sql.unlisted-field", message, span));
            let target = Target::Path { path: wanted, ty: event::FieldType::Text, exact: false };
            return Some(expression(alias, &target));
        }
        let near = near.map(str::to_owned);
        let at = self.error("sql.unknown-column", format!("there is no column `{shown}`"), span);
        let help = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None if derived.is_empty() => "see the field reference for the columns there are".to_owned(),
            None => format!("there are {}", derived.join(", ")),
        };
        let found = self.diagnostics[at].clone().with_help(help);
        self.diagnostics[at] = match near {
            Some(near) => found.with_suggestion(near),
            None => found,
        };
        None
    }

    /// A name without the table before it.
    fn unqualified(&self, parts: &[Ident]) -> String {
        let keys: Vec<&str> =
            self.scopes.last().map(|s| s.relations.iter().map(|r| r.key.as_str()).collect()).unwrap_or_default();
        let start = parts.iter().rposition(|p| keys.contains(&p.value.to_lowercase().as_str())).map_or(0, |i| i + 1);
        let rest = if start < parts.len() { &parts[start..] } else { parts };
        rest.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".")
    }

    /// `a.b[1].c['k']`: what is a name at the front, then step by step.
    fn access(&mut self, expr: &mut Expr) {
        let Expr::CompoundFieldAccess { root, access_chain } = std::mem::replace(expr, null()) else { return };
        let mut steps = access_chain.into_iter().peekable();
        let mut current = *root;
        if let Some(mut parts) = Self::parts(&current) {
            while let Some(AccessExpr::Dot(Expr::Identifier(name))) = steps.peek() {
                parts.push(name.clone());
                steps.next();
            }
            if let Some(AccessExpr::Subscript(Subscript::Index { index })) = steps.peek()
                && let Some(promoted) = literal_text(index).and_then(|key| self.promoted(&parts, key))
            {
                current = promoted;
                steps.next();
            } else {
                self.name(&mut current, &parts.clone());
            }
        } else {
            self.expr(&mut current);
        }
        for step in steps {
            current = match step {
                AccessExpr::Dot(Expr::Identifier(name)) => inside(current, &[name]),
                AccessExpr::Dot(other) => {
                    let span = self.span_of(&other);
                    self.error("sql.unsupported", "only a name can follow a dot", span);
                    current
                }
                AccessExpr::Subscript(Subscript::Index { mut index }) => {
                    self.expr(&mut index);
                    let name = if self.trying > 0 { "element_at" } else { "__subscript" };
                    call(name, vec![current, index])
                }
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, .. }) => {
                    let from = lower_bound.unwrap_or_else(|| number("1"));
                    let to = upper_bound.unwrap_or_else(|| call("cardinality", vec![current.clone()]));
                    let length =
                        binary(binary(to, BinaryOperator::Minus, from.clone()), BinaryOperator::Plus, number("1"));
                    call("slice", vec![current, from, length])
                }
            };
        }
        *expr = current;
    }

    /// The stored column of `requestParameters['bucketName']`, where there is one of text.
    pub(super) fn promoted(&self, parts: &[Ident], path: &str) -> Option<Expr> {
        let found = self.find(parts)?;
        let (alias, Target::Section(section)) = found.target? else { return None };
        if self.scopes.last().is_some_and(|s| s.grouped.contains(&section)) {
            return None;
        }
        let log =
            self.scopes.iter().rev().flat_map(|s| &s.relations).find(|r| r.alias == alias)?.columns.log.clone()?;
        let tail = path.strip_prefix("$.").unwrap_or(path);
        if tail.contains(['[', '$', '"']) {
            return None;
        }
        match fields::target(&log, &format!("{section}.{tail}"))? {
            found @ Target::Column(_, Sort::Text) => Some(expression(&alias, &found)),
            _ => None,
        }
    }

    /// Text of an operand that may be an instant, a number or a truth value.
    pub(super) fn as_text(&mut self, expr: &mut Expr) {
        let sort = self.sort(expr);
        self.expr(expr);
        if matches!(sort, Sort::Time | Sort::Number | Sort::Bool) && literal_text(expr).is_none() {
            let inner = std::mem::replace(expr, null());
            *expr = call("__varchar", vec![inner]);
        }
    }
}

fn part_function(field: &DateTimeField) -> &'static str {
    match field.to_string().to_lowercase().as_str() {
        "year" | "years" => "year",
        "quarter" => "quarter",
        "month" | "months" => "month",
        "week" | "weeks" => "week",
        "day_of_week" | "dow" | "dayofweek" | "isodow" => "day_of_week",
        "day_of_year" | "doy" | "dayofyear" => "day_of_year",
        "year_of_week" | "yow" | "isoyear" => "year_of_week",
        "hour" | "hours" => "hour",
        "minute" | "minutes" => "minute",
        "second" | "seconds" => "second",
        "millisecond" | "milliseconds" => "millisecond",
        "timezone_hour" => "timezone_hour",
        "timezone_minute" => "timezone_minute",
        "epoch" => "to_unixtime",
        _ => "day",
    }
}

/// Functions that are called without brackets.
fn bare_function(name: &str) -> Option<Expr> {
    Some(match name.to_lowercase().as_str() {
        "current_timestamp" | "localtimestamp" => call("now", Vec::new()),
        "current_date" => call("current_date", Vec::new()),
        "current_time" | "localtime" => call("current_time", Vec::new()),
        "current_timezone" => call("current_timezone", Vec::new()),
        "current_user" | "current_catalog" | "current_schema" => text(""),
        _ => return None,
    })
}
