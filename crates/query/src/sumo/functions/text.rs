//! Texts: joining, cutting, replacing.

use super::{ANY, Function, first, texts};
use crate::{
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
    spl::build,
    sumo::{
        ast::Expr as Ast,
        compare,
        lowering::{Lower, Lowerer},
        names, value,
    },
};

pub(super) const CONCAT: Function = Function {
    name: "concat",
    aliases: &[],
    syntax: "concat(<value>, <value>, …)",
    help: "The texts of all values one after another; one that is missing counts as empty.",
    args: (1, ANY),
    lower: |_, args, span| {
        if args.iter().all(|arg| matches!(arg.kind, ExprKind::Literal(_))) {
            let parts: Vec<Expr> = args.into_iter().map(names::text).collect();
            let text: String = parts.iter().filter_map(build::literal_text).collect();
            return Ok(build::text(text, span));
        }
        let present = |arg: Expr| match arg.kind {
            ExprKind::Literal(Literal::Text(_)) => arg,
            _ => build::coalesce(vec![names::text(arg), build::text("", span)], Type::Text, span),
        };
        Ok(build::call(Func::Concat, args.into_iter().map(present).collect(), Type::Text, span))
    },
};

pub(super) const CONTAINS: Function = Function {
    name: "contains",
    aliases: &[],
    syntax: "contains(<value>, <part>)",
    help: "True where the value contains the part; case matters. Also written `<value> contains <part>`.",
    args: (2, 2),
    lower: |_, args, span| Ok(texts(Func::Contains, args, Type::Bool, span)),
};

pub(super) const MATCHES: Function = Function {
    name: "matches",
    aliases: &[],
    syntax: "matches(<value>, <pattern>)",
    help: "True where the whole value is the pattern, `*` standing for anything. Also written `<value> matches <pattern>`.",
    args: (2, 2),
    lower: |_, args, span| Ok(texts(Func::Glob, args, Type::Bool, span)),
};

pub(super) const FORMAT: Function = Function {
    name: "format",
    aliases: &[],
    syntax: "format(<format>, <value>, …)",
    help: "The values put into a format as C's printf reads it: `%s`, `%d`, `%.2f`, `%05d`.",
    args: (1, ANY),
    lower: |_, args, span| Ok(texts(Func::Printf, args, Type::Text, span)),
};

pub(super) const LENGTH: Function = Function {
    name: "length",
    aliases: &[],
    syntax: "length(<text>)",
    help: "Number of characters.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Length, args, Type::Int, span)),
};

pub(super) const REPLACE: Function = Function {
    name: "replace",
    aliases: &[],
    syntax: "replace(<text>, <part>, <replacement>)",
    help: "The text with every occurrence of a part (or of a regular expression between slashes) replaced.",
    args: (3, 3),
    lower: |_, args, span| Ok(texts(Func::Replace, args, Type::Text, span)),
};

/// `replace(x, /regex/, "$1")`.
pub(super) fn replace_regex(
    lowerer: &mut Lowerer<'_>,
    args: &[Ast],
    pattern: &str,
    at: Span,
    span: Span,
) -> Lower<Expr> {
    let regex = compare::regex(lowerer, pattern, at)?;
    let (text, with) = (lowerer.value(&args[0])?, lowerer.value(&args[2])?);
    Ok(texts(Func::RegexReplace, vec![text, build::text(regex, at), with], Type::Text, span))
}

pub(super) const SUBSTRING: Function = Function {
    name: "substring",
    aliases: &["substr"],
    syntax: "substring(<text>, <start>[, <end>])",
    help: "The characters from a place to before another, counted from 0.",
    args: (2, 3),
    lower: |_, args, span| {
        let mut args = args.into_iter();
        let text = names::text(args.next().unwrap_or_else(|| build::null(span)));
        let mut place = || args.next().map(|place| build::to_int(value::number(place)));
        let (start, end) = (place(), place());
        let start = start.unwrap_or_else(|| build::int(0, span));
        let plus_one = |expr: Expr| match expr.kind {
            ExprKind::Literal(Literal::Int(value)) => build::int(value.saturating_add(1), span),
            _ => build::call(Func::Add, vec![expr, build::int(1, span)], Type::Int, span),
        };
        let mut parts = vec![text, plus_one(start.clone())];
        parts.extend(end.map(|end| match (&start.kind, &end.kind) {
            (ExprKind::Literal(Literal::Int(from)), ExprKind::Literal(Literal::Int(to))) => {
                build::int(to.saturating_sub(*from), span)
            }
            _ => build::call(Func::Sub, vec![end, start], Type::Int, span),
        }));
        Ok(build::call(Func::Substr, parts, Type::Text, span))
    },
};

fn cased(func: Func, args: Vec<Expr>, span: Span) -> Expr {
    match (&args[..], func) {
        ([arg], Func::Lower) if build::literal_text(arg).is_some() => {
            build::text(build::literal_text(arg).unwrap_or_default().to_lowercase(), span)
        }
        ([arg], _) if build::literal_text(arg).is_some() => {
            build::text(build::literal_text(arg).unwrap_or_default().to_uppercase(), span)
        }
        _ => texts(func, args, Type::Text, span),
    }
}

pub(super) const TO_LOWER_CASE: Function = Function {
    name: "toLowerCase",
    aliases: &["toLower"],
    syntax: "toLowerCase(<text>)",
    help: "The text in small letters.",
    args: (1, 1),
    lower: |_, args, span| Ok(cased(Func::Lower, args, span)),
};

pub(super) const TO_UPPER_CASE: Function = Function {
    name: "toUpperCase",
    aliases: &["toUpper"],
    syntax: "toUpperCase(<text>)",
    help: "The text in capitals.",
    args: (1, 1),
    lower: |_, args, span| Ok(cased(Func::Upper, args, span)),
};

pub(super) const TO_BYTES: Function = Function {
    name: "toBytes",
    aliases: &[],
    syntax: "toBytes(<text>)",
    help: "The number of bytes that a size such as `1.5 KB` or `3Mi` means.",
    args: (1, 1),
    lower: |_, args, span| {
        let text = texts(Func::Upper, args, Type::Text, span);
        let part = |pattern: &str, group: &str| {
            let args = vec![text.clone(), build::text(pattern, span), build::text(group, span)];
            build::call(Func::RegexExtract, args, Type::Text, span)
        };
        let number = build::to_number(part(r"^\s*(?<n>[0-9.]+)", "n"));
        let unit = part(r"^\s*[0-9.]+\s*(?<u>[KMGTP]?)", "u");
        let mut factor = build::float(1.0, span);
        for (letter, power) in [("K", 1), ("M", 2), ("G", 3), ("T", 4), ("P", 5)] {
            let is = build::call(Func::Eq, vec![unit.clone(), build::text(letter, span)], Type::Bool, span);
            let size = build::float(1024_f64.powi(power), span);
            factor = build::call(Func::If, vec![is, size, factor], Type::Float, span);
        }
        Ok(build::call(Func::Mul, vec![number, factor], Type::Float, span))
    },
};

pub(super) const TO_URL: Function = Function {
    name: "tourl",
    aliases: &[],
    syntax: "tourl(<url>, <text>)",
    help: "A link: the address itself.",
    args: (1, 2),
    lower: |_, args, _| Ok(names::text(first(args))),
};

pub(super) const TRIM: Function = Function {
    name: "trim",
    aliases: &[],
    syntax: "trim(<text>)",
    help: "The text without blanks at its ends.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Trim, args, Type::Text, span)),
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::value;

    #[test]
    fn texts() {
        for (expression, expected) in [
            ("concat(\"a\", \"b\", 5)", "\"ab5\""),
            ("concat(\"*\", eventName)", "concat(\"*\", coalesce(event_name, \"\"))"),
            ("toLowerCase(\"AB\")", "\"ab\""),
            ("toUpperCase(eventName)", "upper(event_name)"),
            ("replace(eventName, \"a.b\", \"\")", "replace(event_name, \"a.b\", \"\")"),
            ("replace(eventName, /a(b)/, \"$1\")", "regex_replace(event_name, \"a(b)\", \"$1\")"),
            ("substring(eventName, 2, 5)", "substr(event_name, 3, 3)"),
            ("substring(eventName, 2)", "substr(event_name, 3)"),
            ("format(\"%s-%d\", eventName, 5)", "printf(\"%s-%d\", event_name, \"5\")"),
            ("length(eventName)", "length(event_name)"),
            ("trim(eventName)", "trim(event_name)"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
    }
}
