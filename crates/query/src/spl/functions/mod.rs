//! The functions of `eval` and `where`: one entry each in a sorted table, with what help and completion say of them.
//! The files group them by theme.

mod conditional;
mod conversion;
mod json;
mod math;
mod multivalue;
mod network;
mod policy;
mod text;
mod time;

pub(crate) use time::local_text;

use super::{
    ast::{Expr as Ast, ExprKind, Word},
    build,
    lowering::{Lower, Lowerer},
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    span::Span,
};

/// Most arguments of a function that takes any number.
const ANY: usize = usize::MAX;

/// A function of `eval` and `where`.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub syntax: &'static str,
    /// What it gives, in one line.
    pub help: &'static str,
    /// A query that uses it.
    pub example: &'static str,
    /// Fewest and most arguments.
    pub(crate) arity: (usize, usize),
    pub(crate) lower: fn(&mut Call<'_, '_>) -> Lower<Expr>,
}

/// One call of a function.
pub(crate) struct Call<'l, 'e> {
    pub lowerer: &'l mut Lowerer<'e>,
    pub args: &'l [Ast],
    pub span: Span,
}

impl Call<'_, '_> {
    /// An argument as it is; null where there is none.
    pub fn any(&mut self, index: usize) -> Lower<Expr> {
        match self.args.get(index) {
            Some(arg) => self.lowerer.expr(arg),
            None => Ok(build::null(self.span)),
        }
    }

    /// An argument as text; an instant is its epoch seconds.
    pub fn text(&mut self, index: usize) -> Lower<Expr> {
        let value = self.any(index)?;
        Ok(match value.ty {
            Type::Time => build::to_text(build::to_number(value)),
            Type::List => build::first(value),
            _ => build::to_text(value),
        })
    }

    /// An argument as text or as a list of texts: what the matching functions take.
    pub fn matchable(&mut self, index: usize) -> Lower<Expr> {
        let value = self.any(index)?;
        Ok(if value.ty == Type::List { value } else { build::to_text(value) })
    }

    pub fn number(&mut self, index: usize) -> Lower<Expr> {
        Ok(build::to_number(self.any(index)?))
    }

    pub fn int(&mut self, index: usize) -> Lower<Expr> {
        Ok(build::to_int(self.any(index)?))
    }

    pub fn time(&mut self, index: usize) -> Lower<Expr> {
        Ok(build::to_time(self.any(index)?))
    }

    pub fn list(&mut self, index: usize) -> Lower<Expr> {
        Ok(build::to_list(self.any(index)?))
    }

    pub fn condition(&mut self, index: usize) -> Lower<Expr> {
        match self.args.get(index) {
            Some(arg) => self.lowerer.condition(arg),
            None => Ok(build::truth(false, self.span)),
        }
    }

    /// An argument that has to be written out as a string.
    pub fn literal(&mut self, index: usize) -> Lower<String> {
        match self.args.get(index) {
            Some(Ast { kind: ExprKind::Text(text), .. }) => Ok(text.clone()),
            other => {
                let span = other.map_or(self.span, |arg| arg.span);
                self.lowerer.fail("spl.literal", "a string in double quotes is needed here", span)
            }
        }
    }

    /// A regular expression written out as a string, checked.
    pub fn regex(&mut self, index: usize) -> Lower<Expr> {
        let pattern = self.any(index)?;
        if let Some(text) = build::literal_text(&pattern) {
            let regex = super::commands::check_regex(self.lowerer, text, pattern.span)?;
            return Ok(build::text(regex.as_str(), pattern.span));
        }
        Ok(build::to_text(pattern))
    }

    /// A call of the IR.
    pub fn make(&self, func: Func, args: Vec<Expr>, ty: Type) -> Lower<Expr> {
        Ok(build::call(func, args, ty, self.span))
    }

    /// Values brought to one type.
    pub fn unified(&mut self, values: Vec<Expr>) -> (Vec<Expr>, Type) {
        let ty = values.iter().fold(Type::Any, |ty, value| build::unify(ty, value.ty));
        (values.into_iter().map(|value| build::convert(value, ty)).collect(), ty)
    }
}

static FUNCTIONS: &[Function] = &[
    math::ABS,
    math::ACOS,
    math::ASIN,
    math::ATAN,
    math::ATAN2,
    math::AVG,
    math::BIT_AND,
    math::BIT_OR,
    math::BIT_SHIFT_LEFT,
    math::BIT_SHIFT_RIGHT,
    math::BIT_XOR,
    conditional::CASE,
    math::CEILING,
    conditional::CIDRMATCH,
    conditional::COALESCE,
    math::COS,
    math::EXACT,
    math::EXP,
    conditional::FALSE,
    math::FLOOR,
    math::HYPOT,
    conditional::IF,
    conditional::IN,
    conditional::ISBOOL,
    conditional::ISINT,
    conditional::ISNOTNULL,
    conditional::ISNULL,
    conditional::ISNUM,
    conditional::ISSTR,
    json::JSON_ARRAY,
    json::JSON_ARRAY_TO_MV,
    json::JSON_DELETE,
    conversion::JSON_EXTRACT,
    json::JSON_KEYS,
    json::JSON_OBJECT,
    json::JSON_SET,
    json::JSON_VALID,
    text::LEN,
    conditional::LIKE,
    math::LN,
    math::LOG,
    text::LOWER,
    text::LTRIM,
    conditional::MATCH,
    math::MAX,
    text::MD5,
    math::MIN,
    json::MV_TO_JSON_ARRAY,
    multivalue::MVAPPEND,
    multivalue::MVCOUNT,
    multivalue::MVDEDUP,
    multivalue::MVFILTER,
    multivalue::MVFIND,
    multivalue::MVINDEX,
    multivalue::MVJOIN,
    multivalue::MVMAP,
    multivalue::MVRANGE,
    multivalue::MVSORT,
    multivalue::MVZIP,
    time::NOW,
    conditional::NULL,
    conditional::NULLIF,
    math::PI,
    policy::POLICY_ACCESS,
    policy::POLICY_ADMIN,
    policy::POLICY_PRINCIPALS,
    network::PORT_NAME,
    math::POW,
    conversion::PRINTF,
    network::PROTOCOL_NAME,
    math::RANDOM,
    time::RELATIVE_TIME,
    text::REPLACE,
    math::ROUND,
    text::RTRIM,
    conditional::SEARCHMATCH,
    text::SHA1,
    text::SHA256,
    text::SHA512,
    math::SIGFIG,
    math::SIN,
    conversion::SPATH,
    multivalue::SPLIT,
    math::SQRT,
    time::STRFTIME,
    time::STRPTIME,
    text::SUBSTR,
    math::SUM,
    math::TAN,
    time::TIME,
    conversion::TONUMBER,
    conversion::TOSTRING,
    text::TRIM,
    conditional::TRUE,
    conversion::TYPEOF,
    text::UPPER,
    text::URLDECODE,
    conditional::VALIDATE,
];

/// Functions that SPL has and this does not, yet.
const UNSUPPORTED: &[&str] = &[
    "acosh",
    "asinh",
    "atanh",
    "bit_not",
    "commands",
    "cosh",
    "getfields",
    "ipmask",
    "isarray",
    "isdouble",
    "ismv",
    "isobject",
    "json",
    "json_append",
    "json_entries",
    "json_extend",
    "json_has_key_exact",
    "lookup",
    "sinh",
    "tanh",
    "toarray",
    "tobool",
    "todouble",
    "toint",
    "tojson",
    "tomv",
    "toobject",
    "trendline",
];

/// All eval functions, sorted by name.
#[must_use]
pub fn all() -> &'static [Function] {
    FUNCTIONS
}

/// Lowers a call by name.
pub(super) fn lower(lowerer: &mut Lowerer<'_>, name: &Word, args: &[Ast], span: Span) -> Lower<Expr> {
    let Some(function) =
        FUNCTIONS.iter().find(|function| function.name == name.text || function.aliases.contains(&name.text.as_str()))
    else {
        return Err(lowerer.error(unknown(&name.text, name.span)));
    };
    let (fewest, most) = function.arity;
    if args.len() < fewest || args.len() > most {
        let message = format!("`{}` takes {}, not {}", name.text, arity(fewest, most), args.len());
        let diagnostic =
            Diagnostic::error("spl.arity", message, span).with_help(format!("write `{}`", function.syntax));
        return Err(lowerer.error(diagnostic));
    }
    (function.lower)(&mut Call { lowerer, args, span })
}

fn arity(fewest: usize, most: usize) -> String {
    let plural = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
    match most {
        ANY => format!("at least {}", plural(fewest)),
        _ if fewest == most => plural(fewest),
        _ => format!("{fewest} to {}", plural(most)),
    }
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    if UNSUPPORTED.contains(&name) {
        return Diagnostic::error(
            "spl.unsupported-function",
            format!("the function `{name}` is not supported yet"),
            span,
        );
    }
    let names =
        FUNCTIONS.iter().flat_map(|function| std::iter::once(function.name).chain(function.aliases.iter().copied()));
    let diagnostic = Diagnostic::error("spl.unknown-function", format!("there is no function `{name}`"), span);
    match super::suggest::nearest(name, names) {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_lowers_and_uses_its_function() {
        for function in FUNCTIONS {
            let codes = crate::spl::testing::errors(function.example);
            assert!(codes.is_empty(), "{}: {codes:?}", function.example);
            assert!(function.example.contains(&format!("{}(", function.name)), "{}", function.example);
        }
    }

    #[test]
    fn sorted_and_described() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
        for function in FUNCTIONS {
            assert!(!function.help.is_empty() && function.syntax.starts_with(function.name), "{}", function.name);
            assert!(!UNSUPPORTED.contains(&function.name));
        }
    }
}
