//! Calls: Trino's functions that are others here, aggregates that are made of several, and arguments that need help.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments, Ident, ObjectName,
    ObjectNamePart, OrderByExpr, OrderByOptions, WindowType,
};

use super::Resolver;
use super::build::{
    argument, arguments, binary, call, case, function, ident, listed, literal_text, not, null, number, take_arguments,
    text,
};
use super::higher;
use crate::functions::trino::{self, TRY};
use crate::sql::diagnose::nearest;
use crate::sql::fields::{self, Sort};

/// Functions by another name here, that mean the same.
const RENAMED: &[(&str, &str)] = &[
    ("any_value", "min"),
    ("arbitrary", "min"),
    ("array_average", "array_avg"),
    ("bitwise_and_agg", "bit_and"),
    ("bitwise_or_agg", "bit_or"),
    ("bitwise_xor_agg", "bit_xor"),
    ("char_length", "character_length"),
    ("every", "bool_and"),
    ("from_json", "json_parse"),
    ("json", "json_parse"),
    ("json_extract_path_text", "__json_get_text"),
    ("jsonb", "json_parse"),
    ("jsonb_array_length", "json_array_length"),
    ("jsonb_pretty", "json_format"),
    ("json_extract_string", "json_extract_scalar"),
    ("len", "length"),
    ("list", "array_agg"),
    ("list_contains", "contains"),
    ("list_distinct", "array_distinct"),
    ("localtimestamp", "now"),
    ("current_timestamp", "now"),
    ("map", "__map"),
    ("median", "median"),
    ("regexp_matches", "regexp_like"),
    ("regexp_substr", "regexp_extract"),
    ("row", "__row"),
    ("set_agg", "array_agg"),
    ("string_split", "split"),
    ("string_to_array", "split"),
    ("variance", "var_samp"),
];

/// DataFusion's own text functions, which take nothing but text.
const TAKES_TEXT: [&str; 18] = [
    "lower",
    "upper",
    "length",
    "character_length",
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "lpad",
    "rpad",
    "concat_ws",
    "ends_with",
    "initcap",
    "translate",
    "left",
    "right",
    "octet_length",
    "ascii",
];

impl Resolver<'_> {
    /// Resolves a call in place.
    pub(super) fn function(&mut self, expr: &mut Expr) {
        let Expr::Function(mut called) = std::mem::replace(expr, null()) else { return };
        let name = name_of(&called);
        if matches!(called.args, FunctionArguments::None)
            && let Some(found) =
                called.name.0.last().and_then(|p| p.as_ident()).and_then(|i| self.find(std::slice::from_ref(i)))
        {
            // `user` and the like are functions to the grammar.
            *expr = found.expr;
            return;
        }
        *expr = match name.as_str() {
            "try" => self.tried(called),
            "if" | "iff" => self.conditional(called),
            "nullif" | "coalesce" => self.ordinary(called, &name),
            "greatest" | "least" => self.extreme(called, &name),
            "unnest" => {
                let mut args = take_arguments(&mut called);
                args.iter_mut().for_each(|a| self.expr(a));
                call("unnest", args.into_iter().take(1).map(listed).collect())
            }
            "date_part" => {
                let mut args = take_arguments(&mut called);
                let unit = args.first().and_then(literal_text).map(str::to_lowercase);
                match (unit, args.len()) {
                    (Some(unit), 2) if trino::has(&unit) => {
                        let value = args.remove(1);
                        self.made(&unit, vec![value])
                    }
                    _ => {
                        args.iter_mut().for_each(|a| self.expr(a));
                        call("date_part", args)
                    }
                }
            }
            "md5" => {
                let inner = self.ordinary(called, "md5");
                call("from_hex", vec![inner])
            }
            "json_extract" | "json_extract_scalar" | "element_at" => self.by_key(called, &name),
            "__cast" | "__try___cast" => self.cast(called, &name),
            "count" | "sum" | "avg" => self.ordinary(called, &name),
            _ if called.over.is_none() && is_composed(&name) => self.composed(called, &name),
            _ if higher::is_higher(&name) => self.higher(called, &name),
            _ => self.ordinary(called, &name),
        };
    }

    /// A call whose arguments are resolved and whose name is ours.
    fn ordinary(&mut self, mut called: Function, name: &str) -> Expr {
        let renamed = RENAMED.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| to);
        let mut final_name = renamed.to_owned();
        if self.trying > 0 && trino::has(renamed) {
            final_name = format!("{TRY}{renamed}");
        }
        self.check_known(&called, renamed);
        if name == "set_agg"
            && let FunctionArguments::List(list) = &mut called.args
        {
            list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
        }
        if matches!(name, "current_timestamp" | "localtimestamp") {
            called.args = function("now", Vec::new()).args;
        }
        if name == "approx_distinct"
            && let FunctionArguments::List(list) = &mut called.args
        {
            list.args.truncate(1);
        }
        let as_text = TAKES_TEXT.contains(&renamed);
        for arg in arguments(&mut called) {
            if as_text { self.as_text(arg) } else { self.expr(arg) }
        }
        self.rest_of(&mut called);
        called.name = ObjectName(vec![ObjectNamePart::Identifier(ident(&final_name))]);
        Expr::Function(called)
    }

    /// FILTER, OVER, WITHIN GROUP and the clauses inside the brackets.
    fn rest_of(&mut self, called: &mut Function) {
        called.filter.iter_mut().for_each(|f| self.expr(f));
        called.within_group.iter_mut().for_each(|o| self.expr(&mut o.expr));
        if let Some(WindowType::WindowSpec(spec)) = &mut called.over {
            self.window(spec);
        }
        if let FunctionArguments::List(list) = &mut called.args {
            for clause in &mut list.clauses {
                if let FunctionArgumentClause::OrderBy(keys) = clause {
                    keys.iter_mut().for_each(|k| self.expr(&mut k.expr));
                }
            }
        }
    }

    fn check_known(&mut self, called: &Function, name: &str) {
        if name.starts_with("__") || trino::has(name) || (self.context.known_function)(name) {
            return;
        }
        let shown = called.name.to_string();
        let span = self.span_of(&called.name);
        let at = self.error("sql.unknown-function", format!("there is no function `{shown}`"), span);
        let candidates = crate::sql::diagnose::functions().chain(trino::names());
        if let Some(near) = nearest(name, candidates) {
            let found = self.diagnostics[at].clone();
            self.diagnostics[at] = found.with_help(format!("did you mean `{near}`?")).with_suggestion(near);
        }
    }

    /// `TRY(x)`: x, with functions that give null where they would fail.
    fn tried(&mut self, mut called: Function) -> Expr {
        self.trying += 1;
        let mut args = take_arguments(&mut called);
        args.iter_mut().for_each(|a| self.expr(a));
        self.trying -= 1;
        args.into_iter().next().unwrap_or_else(null)
    }

    fn conditional(&mut self, mut called: Function) -> Expr {
        let mut args = take_arguments(&mut called);
        args.iter_mut().for_each(|a| self.expr(a));
        let mut args = args.into_iter();
        case(args.next().unwrap_or_else(null), args.next().unwrap_or_else(null), args.next())
    }

    /// Null where any argument is, unlike the engine's own.
    fn extreme(&mut self, mut called: Function, name: &str) -> Expr {
        let mut args = take_arguments(&mut called);
        args.iter_mut().for_each(|a| self.expr(a));
        let absent = args.iter().cloned().map(|a| Expr::IsNull(Box::new(a)));
        let Some(any) = absent.reduce(|a, b| binary(a, BinaryOperator::Or, b)) else { return null() };
        case(not(any), call(name, args), None)
    }

    /// `json_extract(section, '$.path')` and `element_at(section, 'key')`: the stored column where there is one.
    fn by_key(&mut self, mut called: Function, name: &str) -> Expr {
        let mut args = take_arguments(&mut called);
        let [value, key] = args.as_mut_slice() else {
            let wrong = function(name, args);
            return self.ordinary(wrong, name);
        };
        let parts = Self::parts(value);
        if name != "json_extract"
            && let (Some(parts), Some(key)) = (&parts, literal_text(key))
            && let Some(promoted) = self.promoted(parts, key)
        {
            return promoted;
        }
        // Athena's tables of the other logs have lower-cased keys.
        let log = parts.as_ref().and_then(|p| self.find(p)).and_then(|f| f.target).map(|(alias, _)| alias);
        let folded =
            log.and_then(|alias| self.log_of(&alias)).is_some_and(|log| log != "cloudtrail" && fields::is_json(&log));
        self.expr(value);
        self.expr(key);
        let name = match (name, folded) {
            ("json_extract", true) => "__json_extract_folded",
            ("json_extract_scalar", true) => "__json_extract_scalar_folded",
            (name, _) => name,
        };
        call(name, args)
    }

    fn log_of(&self, alias: &Ident) -> Option<String> {
        self.scopes.iter().rev().flat_map(|s| &s.relations).find(|r| r.alias == *alias)?.columns.log.clone()
    }

    fn cast(&mut self, mut called: Function, name: &str) -> Expr {
        let mut args = take_arguments(&mut called);
        let ty = args.get(1).and_then(literal_text).unwrap_or_default().to_lowercase();
        let time = args.first().is_some_and(|a| self.sort(a) == Sort::Time);
        args.iter_mut().for_each(|a| self.expr(a));
        let text_of_time = time && (ty.starts_with("varchar") || ty == "string" || ty == "text");
        if text_of_time {
            return call("__varchar", args.into_iter().take(1).collect());
        }
        let name = if self.trying > 0 { "__try___cast" } else { name };
        call(name, args)
    }

    fn higher(&mut self, mut called: Function, name: &str) -> Expr {
        let args = take_arguments(&mut called);
        if !args.iter().any(|a| matches!(a, Expr::Lambda(_))) {
            let span = self.span_of(&called.name);
            self.error("sql.invalid", format!("`{name}` needs a lambda, such as x -> x > 1"), span);
            return null();
        }
        let args: Vec<Expr> = args
            .into_iter()
            .enumerate()
            .map(|(position, arg)| match arg {
                Expr::Lambda(lambda) => Expr::Lambda(self.lambda(lambda)),
                mut value => {
                    self.expr(&mut value);
                    match higher::wrapper(name, position) {
                        Some("__list") => listed(value),
                        Some(wrapper) => call(wrapper, vec![value]),
                        None => value,
                    }
                }
            })
            .collect();
        call(name, args)
    }

    /// Aggregates that are others put together.
    fn composed(&mut self, mut called: Function, name: &str) -> Expr {
        let filter = called.filter.take();
        let distinct = matches!(&called.args, FunctionArguments::List(l) if l.duplicate_treatment == Some(DuplicateTreatment::Distinct));
        let mut within = std::mem::take(&mut called.within_group);
        let mut args = take_arguments(&mut called);
        args.iter_mut().for_each(|a| self.expr(a));
        within.iter_mut().for_each(|o| self.expr(&mut o.expr));
        let filter = filter.map(|mut f| {
            self.expr(&mut f);
            *f
        });
        let of = Aggregates { filter, distinct };
        match (name, args.as_slice()) {
            ("count_if", [condition]) => of.make("count", vec![case(condition.clone(), number("1"), None)], Vec::new()),
            ("approx_percentile", [value, share]) => of.percentile(value, share),
            ("approx_percentile", [value, _, share]) => of.percentile(value, share),
            ("max_by", [value, by]) => of.by(value, by, false),
            ("min_by", [value, by]) => of.by(value, by, true),
            ("max_by" | "min_by", [value, by, count]) => {
                let all = of.gathered(value, Some((by, name == "min_by")), Some(by));
                call("slice", vec![all, number("1"), count.clone()])
            }
            ("max" | "min", [value, count]) => {
                let all = of.gathered(value, Some((value, name == "min")), Some(value));
                call("slice", vec![all, number("1"), count.clone()])
            }
            ("max" | "min", [value]) => of.make(name, vec![value.clone()], Vec::new()),
            ("map_agg", [key, value]) => {
                call("__map_agg", vec![of.gathered(key, None, Some(key)), of.gathered(value, None, Some(key))])
            }
            ("multimap_agg", [key, value]) => {
                call("__multimap", vec![of.gathered(key, None, Some(key)), of.gathered(value, None, Some(key))])
            }
            ("histogram", [value]) => call("__histogram", vec![of.gathered(value, None, Some(value))]),
            ("approx_most_frequent", [_, value, ..]) => {
                call("__histogram", vec![of.gathered(value, None, Some(value))])
            }
            ("geometric_mean", [value]) => {
                call("exp", vec![of.make("avg", vec![call("ln", vec![value.clone()])], Vec::new())])
            }
            ("listagg", [value, ..]) => {
                let by = args.get(1).cloned().unwrap_or_else(|| text(""));
                of.make("string_agg", vec![value.clone(), by], within)
            }
            _ => {
                let span = self.span_of(&called.name);
                self.error("sql.invalid", format!("`{name}` takes other arguments"), span);
                null()
            }
        }
    }
}

fn is_composed(name: &str) -> bool {
    matches!(
        name,
        "count_if"
            | "approx_percentile"
            | "max_by"
            | "min_by"
            | "max"
            | "min"
            | "map_agg"
            | "multimap_agg"
            | "histogram"
            | "approx_most_frequent"
            | "geometric_mean"
            | "listagg"
    )
}

/// Makes aggregates with one filter.
struct Aggregates {
    filter: Option<Expr>,
    distinct: bool,
}

impl Aggregates {
    fn make(&self, name: &str, args: Vec<Expr>, order: Vec<OrderByExpr>) -> Expr {
        self.filtered(name, args, order, None)
    }

    fn filtered(&self, name: &str, args: Vec<Expr>, order: Vec<OrderByExpr>, also: Option<Expr>) -> Expr {
        let mut made = function(name, Vec::new());
        if let FunctionArguments::List(list) = &mut made.args {
            list.args = args.into_iter().map(argument).collect();
            if self.distinct {
                list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
            }
            if !order.is_empty() {
                list.clauses.push(FunctionArgumentClause::OrderBy(order));
            }
        }
        let filter = match (self.filter.clone(), also) {
            (Some(a), Some(b)) => Some(binary(a, BinaryOperator::And, b)),
            (a, b) => a.or(b),
        };
        made.filter = filter.map(Box::new);
        Expr::Function(made)
    }

    fn percentile(&self, value: &Expr, share: &Expr) -> Expr {
        if let Expr::Array(shares) = share {
            let each = shares.elem.iter().map(|s| self.percentile(value, s)).collect();
            return call("make_array", each);
        }
        let mut made = function("approx_percentile_cont", vec![share.clone()]);
        made.within_group = vec![key(value.clone(), true)];
        made.filter = self.filter.clone().map(Box::new);
        Expr::Function(made)
    }

    /// The value of the row whose key is the first.
    fn by(&self, value: &Expr, by: &Expr, ascending: bool) -> Expr {
        let order = vec![key(by.clone(), ascending)];
        self.filtered("first_value", vec![value.clone()], order, Some(Expr::IsNotNull(Box::new(by.clone()))))
    }

    /// All values in an array.
    fn gathered(&self, value: &Expr, order: Option<(&Expr, bool)>, there: Option<&Expr>) -> Expr {
        let order = order.map(|(by, ascending)| vec![key(by.clone(), ascending)]).unwrap_or_default();
        let there = there.map(|e| Expr::IsNotNull(Box::new(e.clone())));
        self.filtered("array_agg", vec![value.clone()], order, there)
    }
}

fn key(expr: Expr, ascending: bool) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc: Some(ascending), nulls_first: Some(false) }, with_fill: None }
}

/// A function's name, whatever its quotes and case.
fn name_of(called: &Function) -> String {
    called.name.0.last().and_then(|p| p.as_ident()).map_or_else(String::new, |i| i.value.to_lowercase())
}
