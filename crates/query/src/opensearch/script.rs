//! The part of Painless that queries and visualisations really use: one expression over `doc['field'].value` and
//! `params.name`, with arithmetic, comparisons, logic, `Math` and a few methods of texts. Statements are not run.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

/// Deepest nesting of a script.
const DEEPEST: usize = 60;

/// A script's expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Script {
    Number(f64),
    Text(String),
    Truth(bool),
    Null,
    /// `doc['field'].value`
    Doc(String),
    /// `doc['field'].size()`
    Size(String),
    /// `params.name`
    Param(String),
    /// `_value`
    Value,
    Not(Box<Script>),
    Negative(Box<Script>),
    Binary(&'static str, Box<Script>, Box<Script>),
    If(Box<Script>, Box<Script>, Box<Script>),
    /// `Math.name(…)` or `text.name(…)`, the text first.
    Call(String, Vec<Script>),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// What could not be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
        parser.take("return");
        let script = parser.ternary()?;
        parser.take(";");
        match parser.tokens.get(parser.at) {
            None => Ok(script),
            Some(token) => Err(format!("`{}` is not understood here: scripts are one expression", token.text())),
        }
    }

    /// The script with its parameters filled in, where they are known.
    pub fn with(self, params: &BTreeMap<String, Self>) -> Self {
        let boxed = |inner: Box<Self>| Box::new(inner.with(params));
        match self {
            Self::Param(name) => params.get(&name).cloned().unwrap_or(Self::Param(name)),
            Self::Not(inner) => Self::Not(boxed(inner)),
            Self::Negative(inner) => Self::Negative(boxed(inner)),
            Self::Binary(sign, left, right) => Self::Binary(sign, boxed(left), boxed(right)),
            Self::If(condition, yes, no) => Self::If(boxed(condition), boxed(yes), boxed(no)),
            Self::Call(name, args) => Self::Call(name, args.into_iter().map(|arg| arg.with(params)).collect()),
            other => other,
        }
    }

    /// Calls `visit` with every field that it reads.
    pub fn fields<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Doc(name) | Self::Size(name) => visit(name),
            Self::Not(inner) | Self::Negative(inner) => inner.fields(visit),
            Self::Binary(_, left, right) => {
                left.fields(visit);
                right.fields(visit);
            }
            Self::If(condition, yes, no) => [condition, yes, no].into_iter().for_each(|part| part.fields(visit)),
            Self::Call(_, args) => args.iter().for_each(|arg| arg.fields(visit)),
            Self::Number(_) | Self::Text(_) | Self::Truth(_) | Self::Null | Self::Param(_) | Self::Value => {}
        }
    }
}

/// What a script's names stand for.
pub(crate) struct Scripting<'a> {
    pub doc: &'a dyn Fn(&str) -> Expr,
    pub params: BTreeMap<String, Expr>,
    pub value: Option<Expr>,
    pub span: Span,
}

/// Lowers a script.
///
/// # Errors
/// A name or a method that is not there.
pub(crate) fn lower(script: &Script, names: &Scripting<'_>) -> Result<Expr, String> {
    let span = names.span;
    Ok(match script {
        Script::Number(number) => build::number(*number, span),
        Script::Text(text) => build::text(text.clone(), span),
        Script::Truth(truth) => build::truth(*truth, span),
        Script::Null => build::null(span),
        Script::Doc(name) => super::fields::first((names.doc)(name)),
        Script::Size(name) => {
            let value = (names.doc)(name);
            let count = if value.ty == Type::List {
                build::call(Func::ListCount, vec![value], Type::Int, span)
            } else {
                build::call(
                    Func::If,
                    vec![build::is_not_null(value), build::int(1, span), build::int(0, span)],
                    Type::Int,
                    span,
                )
            };
            build::coalesce(vec![count, build::int(0, span)], Type::Int, span)
        }
        Script::Param(name) => {
            names.params.get(name).cloned().ok_or_else(|| format!("the script has no parameter `{name}`"))?
        }
        Script::Value => names.value.clone().ok_or("`_value` has no field to stand for")?,
        Script::Not(inner) => build::not(build::is_true(truthy(lower(inner, names)?))),
        Script::Negative(inner) => {
            let number = build::to_number(lower(inner, names)?);
            let ty = number.ty;
            build::call(Func::Neg, vec![number], ty, span)
        }
        Script::Binary(sign, left, right) => binary(sign, lower(left, names)?, lower(right, names)?, span),
        Script::If(condition, yes, no) => {
            let condition = build::is_true(truthy(lower(condition, names)?));
            let (yes, no) = (lower(yes, names)?, lower(no, names)?);
            let ty = build::unify(yes.ty, no.ty);
            build::call(Func::If, vec![condition, build::convert(yes, ty), build::convert(no, ty)], ty, span)
        }
        Script::Call(name, args) => {
            let args = args.iter().map(|arg| lower(arg, names)).collect::<Result<Vec<_>, _>>()?;
            call(name, args, span)?
        }
    })
}

/// A condition: what is no truth is true where it is there.
pub(crate) fn truthy(expr: Expr) -> Expr {
    match expr.ty {
        Type::Bool => expr,
        Type::Int | Type::Float => {
            let span = expr.span;
            build::call(Func::Ne, vec![expr, build::int(0, span)], Type::Bool, span)
        }
        _ => build::is_not_null(expr),
    }
}

fn binary(sign: &str, left: Expr, right: Expr, span: Span) -> Expr {
    let arithmetic = |func| {
        let (left, right) = (build::to_number(left.clone()), build::to_number(right.clone()));
        let ty =
            if left.ty == Type::Int && right.ty == Type::Int && func != Func::Div { Type::Int } else { Type::Float };
        build::call(func, vec![left, right], ty, span)
    };
    let compared = |func| {
        let (left, right) = comparable(left.clone(), right.clone());
        build::call(func, vec![left, right], Type::Bool, span)
    };
    match sign {
        "+" if left.ty == Type::Text && right.ty == Type::Text => {
            build::call(Func::Concat, vec![left, right], Type::Text, span)
        }
        "+" => arithmetic(Func::Add),
        "-" => arithmetic(Func::Sub),
        "*" => arithmetic(Func::Mul),
        "/" => arithmetic(Func::Div),
        "%" => arithmetic(Func::Mod),
        "==" if is_null(&right) => build::call(Func::IsNull, vec![left], Type::Bool, span),
        "!=" if is_null(&right) => build::is_not_null(left),
        "==" => compared(Func::Eq),
        "!=" => compared(Func::Ne),
        "<" => compared(Func::Lt),
        "<=" => compared(Func::Le),
        ">" => compared(Func::Gt),
        ">=" => compared(Func::Ge),
        "&&" => build::call(Func::And, vec![truthy(left), truthy(right)], Type::Bool, span),
        _ => build::call(Func::Or, vec![truthy(left), truthy(right)], Type::Bool, span),
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr.kind, crate::pipeline::ExprKind::Literal(crate::pipeline::Literal::Null))
}

fn comparable(left: Expr, right: Expr) -> (Expr, Expr) {
    if build::is_number(left.ty) || build::is_number(right.ty) {
        return (build::to_number(left), build::to_number(right));
    }
    let ty = build::unify(left.ty, right.ty);
    (build::convert(left, ty), build::convert(right, ty))
}

fn call(name: &str, mut args: Vec<Expr>, span: Span) -> Result<Expr, String> {
    let texts = |args: Vec<Expr>| args.into_iter().map(build::to_text).collect::<Vec<_>>();
    let numbers = |args: Vec<Expr>| args.into_iter().map(build::to_number).collect::<Vec<_>>();
    let text = |func, args| build::call(func, texts(args), Type::Text, span);
    let number = |func, args| build::call(func, numbers(args), Type::Float, span);
    let needed = if ["contains", "startsWith", "endsWith", "equals", "indexOf", "max", "min", "pow"].contains(&name) {
        2
    } else {
        1
    };
    if args.len() != needed {
        return Err(format!("`{name}` takes {needed} values"));
    }
    Ok(match name {
        "abs" => number(Func::Abs, args),
        "floor" => number(Func::Floor, args),
        "ceil" => number(Func::Ceil, args),
        "round" => number(Func::Round, args),
        "sqrt" => number(Func::Sqrt, args),
        "log" => number(Func::Ln, args),
        "exp" => number(Func::Exp, args),
        "pow" => number(Func::Pow, args),
        "max" => number(Func::Greatest, args),
        "min" => number(Func::Least, args),
        "toLowerCase" => text(Func::Lower, args),
        "toUpperCase" => text(Func::Upper, args),
        "trim" => text(Func::Trim, args),
        "toString" => text(Func::ToText, args),
        "length" => build::call(Func::Length, texts(args), Type::Int, span),
        "contains" => build::call(Func::Contains, texts(args), Type::Bool, span),
        "equals" => binary("==", args.remove(0), args.remove(0), span),
        "startsWith" | "endsWith" => {
            let Some(part) = build::literal_text(&args[1]).filter(|part| !part.contains('*')) else {
                return Err(format!("`{name}` is understood with a plain text"));
            };
            let glob = if name == "startsWith" { format!("{part}*") } else { format!("*{part}") };
            let value = build::to_text(args.remove(0));
            build::call(Func::Glob, vec![value, build::text(glob, span)], Type::Bool, span)
        }
        "hour" | "getHour" => part("%H", args.remove(0), span),
        "minute" | "getMinute" => part("%M", args.remove(0), span),
        "dayOfMonth" | "getDayOfMonth" => part("%d", args.remove(0), span),
        "monthValue" | "getMonthValue" => part("%m", args.remove(0), span),
        "year" | "getYear" => part("%Y", args.remove(0), span),
        "toEpochMilli" | "millis" => {
            let seconds = build::to_number(build::to_time(args.remove(0)));
            build::call(Func::Mul, vec![seconds, build::int(1000, span)], Type::Float, span)
        }
        _ => return Err(format!("the method `{name}` is not supported in scripts")),
    })
}

fn part(format: &str, time: Expr, span: Span) -> Expr {
    let text = build::call(Func::Strftime, vec![build::to_time(time), build::text(format, span)], Type::Text, span);
    build::to_int(text)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) | Self::Word(text) => text.clone(),
            Self::Sign(sign) => (*sign).to_owned(),
        }
    }
}

const SIGNS: &[&str] = &[
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "(", ")", "[", "]", ".",
    ",", "?", ":", ";",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, used) = match c {
            '"' | '\'' => {
                let end = rest[1..].find(c).ok_or("a text in the script is not closed")?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
                let digits = rest[..end].trim_end_matches(['L', 'l', 'D', 'd', 'F', 'f']);
                (Token::Number(digits.parse().map_err(|_| format!("`{digits}` is no number"))?), end)
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            c => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| format!("`{c}` is not understood in scripts"))?;
                let plain = match *sign {
                    "===" => "==",
                    "!==" => "!=",
                    other => other,
                };
                (Token::Sign(plain), sign.len())
            }
        };
        out.push(token);
        rest = rest[used..].trim_start();
    }
    Ok(out)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

/// Binary signs, loosest first.
const LEVELS: &[&[&str]] = &[&["||"], &["&&"], &["==", "!="], &["<", "<=", ">", ">="], &["+", "-"], &["*", "/", "%"]];

impl Parser<'_> {
    fn take(&mut self, text: &str) -> bool {
        let found = match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) => *sign == text,
            Some(Token::Word(word)) => word == text,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, text: &str) -> Result<(), String> {
        if self.take(text) { Ok(()) } else { Err(format!("the script lacks `{text}`")) }
    }

    fn ternary(&mut self) -> Result<Script, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the script is nested too deeply".into());
        }
        let condition = self.level(0)?;
        let script = if self.take("?") {
            let yes = self.ternary()?;
            self.need(":")?;
            let no = self.ternary()?;
            Script::If(Box::new(condition), Box::new(yes), Box::new(no))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(script)
    }

    fn level(&mut self, level: usize) -> Result<Script, String> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        let mut chain = 0;
        while let Some(sign) = signs.iter().find(|sign| self.take(sign)) {
            chain += 1;
            if chain > 200 {
                return Err("the script is too long".into());
            }
            let right = self.level(level + 1)?;
            left = Script::Binary(sign, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Script, String> {
        let mut signs = Vec::new();
        while let Some(sign) = ["!", "-", "+"].into_iter().find(|sign| self.take(sign)) {
            signs.push(sign);
            if signs.len() > DEEPEST {
                return Err("the script is nested too deeply".into());
            }
        }
        let mut script = self.primary()?;
        for sign in signs.into_iter().rev() {
            script = match sign {
                "!" => Script::Not(Box::new(script)),
                "-" => Script::Negative(Box::new(script)),
                _ => script,
            };
        }
        Ok(script)
    }

    fn primary(&mut self) -> Result<Script, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the script ends too early")?;
        self.at += 1;
        let mut script = match token {
            Token::Number(number) => Script::Number(number),
            Token::Text(text) => Script::Text(text),
            Token::Sign("(") => {
                let inner = self.ternary()?;
                self.need(")")?;
                inner
            }
            Token::Word(word) => match word.as_str() {
                "doc" => return self.doc(),
                "params" => {
                    let name = if self.take("[") { self.bracketed()? } else { self.member()? };
                    Script::Param(name)
                }
                "_value" => Script::Value,
                "true" | "false" => Script::Truth(word == "true"),
                "null" => Script::Null,
                "Math" => {
                    let name = self.member()?;
                    self.need("(")?;
                    let args = self.args()?;
                    Script::Call(name, args)
                }
                _ => return Err(format!("`{word}` is not supported in scripts")),
            },
            Token::Sign(sign) => return Err(format!("`{sign}` is not understood here")),
        };
        self.methods(&mut script)?;
        Ok(script)
    }

    /// `.name(…)` after a value.
    fn methods(&mut self, script: &mut Script) -> Result<(), String> {
        let mut chain = 0;
        while self.take(".") {
            chain += 1;
            let Some(Token::Word(name)) = self.tokens.get(self.at).cloned() else {
                return Err("the script lacks a name after `.`".into());
            };
            self.at += 1;
            let rest = if self.take("(") { self.args()? } else { Vec::new() };
            if chain > 20 {
                return Err("the script is too long".into());
            }
            let receiver = std::mem::replace(script, Script::Null);
            *script = Script::Call(name, std::iter::once(receiver).chain(rest).collect());
        }
        Ok(())
    }

    /// `doc['field']` and what is asked of it.
    fn doc(&mut self) -> Result<Script, String> {
        let name = if self.take("[") { self.bracketed()? } else { self.member()? };
        self.need(".")?;
        let Some(Token::Word(asked)) = self.tokens.get(self.at).cloned() else {
            return Err("`doc[…]` is read with `.value`".into());
        };
        self.at += 1;
        let empty = |name| Script::Binary("==", Box::new(Script::Size(name)), Box::new(Script::Number(0.0)));
        let mut script = match asked.as_str() {
            "value" => Script::Doc(name),
            "size" | "length" => {
                if self.take("(") {
                    self.need(")")?;
                }
                Script::Size(name)
            }
            "empty" => empty(name),
            "isEmpty" => {
                self.need("(")?;
                self.need(")")?;
                empty(name)
            }
            other => return Err(format!("`doc[…].{other}` is not supported in scripts")),
        };
        self.methods(&mut script)?;
        Ok(script)
    }

    fn bracketed(&mut self) -> Result<String, String> {
        let Some(Token::Text(name)) = self.tokens.get(self.at).cloned() else {
            return Err("a name in brackets is quoted".into());
        };
        self.at += 1;
        self.need("]")?;
        Ok(name)
    }

    fn member(&mut self) -> Result<String, String> {
        self.need(".")?;
        let Some(Token::Word(name)) = self.tokens.get(self.at).cloned() else {
            return Err("the script lacks a name after `.`".into());
        };
        self.at += 1;
        Ok(name)
    }

    fn args(&mut self) -> Result<Vec<Script>, String> {
        let mut args = Vec::new();
        if self.take(")") {
            return Ok(args);
        }
        loop {
            args.push(self.ternary()?);
            if self.take(")") {
                return Ok(args);
            }
            self.need(",")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::render_expr;

    fn check(text: &str, expected: &str) {
        let doc = |name: &str| {
            build::column(name, if name.ends_with("bytes") { Type::Int } else { Type::Text }, Span::default())
        };
        let params = [("a", 1), ("b", 2)].map(|(name, value)| (name.to_owned(), build::int(value, Span::default())));
        let names = Scripting { doc: &doc, params: BTreeMap::from(params), value: None, span: Span::default() };
        let found = Script::parse(text).and_then(|script| lower(&script, &names)).map(|expr| render_expr(&expr));
        assert_eq!(found.unwrap_or_else(|error| error), expected, "{text}");
    }

    #[test]
    fn expressions() {
        check("doc['http.bytes'].value / 1024.0 / 1024.0", "(http.bytes / 1024) / 1024");
        check("params.a + params.b * 2", "1 + (2 * 2)");
        check(
            "return doc['user'].value == 'root' && doc['x'].size() > 0;",
            "(user = \"root\") and (coalesce(if(is_not_null(x), 1, 0), 0) > 0)",
        );
        check("doc['name'].value.startsWith('Delete')", "glob(name, \"Delete*\")");
        check("params.a > 0 ? params.b / params.a : 0", "if(is_true(1 > 0), 2 / 1, 0.0)");
        check("Math.round(doc['bytes'].value)", "round(bytes)");
        check("for (x) y", "`for` is not supported in scripts");
        check("doc['a'].value +", "the script ends too early");
        check("params.c", "the script has no parameter `c`");
    }

    #[test]
    fn depth_ends() {
        assert!(Script::parse(&"(".repeat(100_000)).is_err());
        assert!(Script::parse(&"!".repeat(100_000)).is_err());
        assert!(Script::parse(&format!("1{}", "+1".repeat(100_000))).is_err());
    }
}
