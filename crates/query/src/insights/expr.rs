//! Expressions as typed ones. Nothing is typed in Logs Insights: values compare as numbers where both are numbers, as texts
//! otherwise; a comparison with a field that is not there is false, and its negation true.

use super::{
    ast::{Expr as Tree, ExprKind as Form, Operator, Word},
    functions,
    lowering::Lowerer,
    names, subquery, time,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
    spl::{build, pattern},
};

impl Lowerer<'_> {
    /// An expression.
    pub(super) fn expr(&mut self, tree: &Tree) -> Expr {
        let span = tree.span;
        match &tree.kind {
            Form::Field(name) => names::field(self, &Word { text: name.clone(), span }),
            Form::Text(text) => build::text(text.clone(), span),
            Form::Number(number) => build::number(*number, span),
            Form::Bool(truth) => build::truth(*truth, span),
            Form::Call { name, args } => functions::lower(self, name, args, span),
            Form::And(items) => build::all(items.iter().map(|item| self.condition(item)).collect(), span),
            Form::Or(items) => build::any(items.iter().map(|item| self.condition(item)).collect(), span),
            Form::Not(inner) => {
                let inner = self.condition(inner);
                Expr { span, ..build::not(build::is_true(inner)) }
            }
            Form::Neg(inner) => {
                let inner = self.expr(inner);
                build::call(Func::Neg, vec![number(inner)], Type::Float, span)
            }
            Form::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Form::Like(value, pattern) => self.like(value, pattern, span),
            Form::In(value, items) => self.member(value, items, span),
            Form::InQuery(value, query) => subquery::member(self, value, query, span),
            Form::Regex(_) | Form::Period(_) | Form::Star => {
                self.error("insights.syntax", "this can't stand here", span);
                build::null(span)
            }
        }
    }

    /// An expression as a condition: numbers hold where they are not 0, texts where they say true.
    pub(super) fn condition(&mut self, tree: &Tree) -> Expr {
        let value = self.expr(tree);
        self.truth(value, tree.span)
    }

    fn truth(&mut self, value: Expr, span: Span) -> Expr {
        match value.ty {
            Type::Bool => value,
            _ if value.kind == ExprKind::Literal(Literal::Null) => build::truth(false, span),
            Type::Int | Type::Float => build::call(Func::Ne, vec![value, build::int(0, span)], Type::Bool, span),
            _ => {
                let message = "this is a value, not a condition: it holds where it says true or 1";
                let help = "to ask whether a field is there, write `ispresent(field)`";
                self.report(Diagnostic::warning("insights.value-as-condition", message, span).with_help(help));
                let words = ["true", "1"].map(|word| build::text(word, span));
                let args = std::iter::once(build::to_text(value)).chain(words).collect();
                build::call(Func::In, args, Type::Bool, span)
            }
        }
    }

    fn binary(&mut self, operator: Operator, left: &Tree, right: &Tree, span: Span) -> Expr {
        let (a, b) = (self.expr(left), self.expr(right));
        match operator {
            Operator::Eq => equal(a, b, span),
            Operator::Ne => build::not(build::is_true(equal(a, b, span))),
            Operator::Lt => ordered(Func::Lt, a, b, span),
            Operator::Le => ordered(Func::Le, a, b, span),
            Operator::Gt => ordered(Func::Gt, a, b, span),
            Operator::Ge => ordered(Func::Ge, a, b, span),
            Operator::Add => arithmetic(Func::Add, a, b, span),
            Operator::Sub => arithmetic(Func::Sub, a, b, span),
            Operator::Mul => arithmetic(Func::Mul, a, b, span),
            Operator::Div => arithmetic(Func::Div, a, b, span),
            Operator::Mod => arithmetic(Func::Mod, a, b, span),
            Operator::Pow => arithmetic(Func::Pow, a, b, span),
        }
    }

    fn like(&mut self, value: &Tree, pattern: &Tree, span: Span) -> Expr {
        let subject = self.expr(value);
        let subject = text(subject);
        match &pattern.kind {
            Form::Regex(regex) => {
                let regex = self.regex(regex, pattern.span);
                build::call(Func::Regex, vec![subject, build::text(regex, pattern.span)], Type::Bool, span)
            }
            Form::Text(part) => {
                if part.len() > 1 && (part.starts_with('%') || part.ends_with('%')) {
                    let message = "`%` stands for itself: `like` with a text looks for the text anywhere";
                    let plain = format!("\"{}\"", part.trim_matches('%'));
                    let found = Diagnostic::warning("insights.like-percent", message, pattern.span);
                    self.report(found.with_suggestion(plain));
                }
                build::call(Func::Contains, vec![subject, build::text(part.clone(), pattern.span)], Type::Bool, span)
            }
            _ => {
                let part = self.expr(pattern);
                build::call(Func::Contains, vec![subject, text(part)], Type::Bool, span)
            }
        }
    }

    /// A regular expression in the engine's dialect; one that can't be run is an error.
    pub(super) fn regex(&mut self, java: &str, span: Span) -> String {
        let translated = pattern::translate(java);
        if let Err(error) = regex::RegexBuilder::new(&translated).size_limit(4 << 20).build() {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.error("insights.invalid-regex", format!("the regular expression can't be used: {reason}"), span);
            return String::new();
        }
        translated
    }

    fn member(&mut self, value: &Tree, items: &[Tree], span: Span) -> Expr {
        let subject = self.expr(value);
        let subject = self.settled(subject);
        let items: Vec<Expr> = items.iter().map(|item| self.expr(item)).collect();
        if items.is_empty() {
            self.warning("insights.empty-set", "nothing is in an empty list", span);
            return build::truth(false, span);
        }
        let texts = items.iter().all(|item| matches!(&item.kind, ExprKind::Literal(Literal::Text(_))));
        if texts && subject.ty == Type::Text {
            return build::call(Func::In, std::iter::once(subject).chain(items).collect(), Type::Bool, span);
        }
        build::any(items.into_iter().map(|item| equal(subject.clone(), item, span)).collect(), span)
    }
}

/// As a number: an instant is its milliseconds since the epoch, true is 1.
pub(super) fn number(expr: Expr) -> Expr {
    let span = expr.span;
    if expr.ty == Type::Time {
        let seconds = build::to_number(expr);
        return build::call(Func::Mul, vec![seconds, build::int(1000, span)], Type::Float, span);
    }
    build::to_number(expr)
}

/// As a text: an instant is ISO 8601.
pub(super) fn text(expr: Expr) -> Expr {
    build::to_text(expr)
}

/// As a column of a result: conditions are 1 and 0, as CloudWatch shows them.
pub(super) fn shown(expr: Expr) -> Expr {
    let span = expr.span;
    match (&expr.kind, expr.ty) {
        (ExprKind::Call { .. } | ExprKind::Literal(_), Type::Bool) => {
            build::call(Func::If, vec![expr, build::int(1, span), build::int(0, span)], Type::Int, span)
        }
        _ => expr,
    }
}

fn arithmetic(func: Func, a: Expr, b: Expr, span: Span) -> Expr {
    let (a, b) = (number(a), number(b));
    let whole = a.ty == Type::Int && b.ty == Type::Int && matches!(func, Func::Add | Func::Sub | Func::Mul);
    build::call(func, vec![a, b], if whole { Type::Int } else { Type::Float }, span)
}

fn equal(a: Expr, b: Expr, span: Span) -> Expr {
    let (a, b) = if is_literal(&a) && !is_literal(&b) { (b, a) } else { (a, b) };
    if [&a, &b].iter().any(|side| matches!(side.kind, ExprKind::Literal(Literal::Null))) {
        return build::truth(false, span);
    }
    let eq = |a: Expr, b: Expr| build::call(Func::Eq, vec![a, b], Type::Bool, span);
    if let (Type::Bool, Some(truth)) = (a.ty, literal_truth(&b)) {
        return eq(a, build::truth(truth, span));
    }
    if a.ty == Type::Bool || b.ty == Type::Bool {
        return eq(text(a), text(b));
    }
    match (a.ty, literal(&b)) {
        (Type::Time, Some(Literal::Text(iso))) => match time::iso(iso) {
            Some(instant) => eq(a, build::literal(Literal::Time(instant), span)),
            None => eq(text(a), b),
        },
        (Type::Int | Type::Float | Type::Time, Some(_)) => match build::literal_number(&b) {
            Some(value) => eq(number(a), build::number(value, span)),
            None => eq(text(a), text(b)),
        },
        // A text that looks like a number compares as one only with a number that is not quoted: ids stay ids.
        (_, Some(Literal::Text(_))) => eq(text(a), b),
        (_, Some(Literal::Int(_) | Literal::Float(_))) => eq(number(a), b),
        _ if is_numeric(a.ty) || is_numeric(b.ty) => eq(number(a), number(b)),
        _ => eq(text(a), text(b)),
    }
}

fn ordered(func: Func, a: Expr, b: Expr, span: Span) -> Expr {
    let compare = |a: Expr, b: Expr| build::call(func, vec![a, b], Type::Bool, span);
    match view(&a, &b).or_else(|| view(&b, &a)) {
        Some(View::Instants) => compare(as_instant(a), as_instant(b)),
        Some(View::Texts) => compare(text(a), text(b)),
        Some(View::Numbers) => compare(number(a), number(b)),
        None if build::is_larger(&a, 50) || build::is_larger(&b, 50) => compare(number(a), number(b)),
        None => {
            let (x, y) = (number(a.clone()), number(b.clone()));
            let both = build::all(vec![build::is_not_null(x.clone()), build::is_not_null(y.clone())], span);
            build::call(Func::If, vec![both, compare(x, y), compare(text(a), text(b))], Type::Bool, span)
        }
    }
}

/// As what two values compare.
enum View {
    Instants,
    Numbers,
    Texts,
}

/// What one side says of the other; none: that is only known with the rows.
fn view(side: &Expr, other: &Expr) -> Option<View> {
    match (side.ty, literal(other)) {
        (Type::Time, Some(Literal::Text(iso))) if time::iso(iso).is_some() => Some(View::Instants),
        (_, Some(Literal::Text(word))) if build::parse_number(word).is_none() => Some(View::Texts),
        _ if is_numeric(side.ty) || is_literal(side) => Some(View::Numbers),
        _ => None,
    }
}

fn as_instant(expr: Expr) -> Expr {
    let instant = match literal(&expr) {
        Some(Literal::Text(iso)) => time::iso(iso),
        _ => None,
    };
    instant.map_or_else(|| expr.clone(), |instant| build::literal(Literal::Time(instant), expr.span))
}

fn is_numeric(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Float | Type::Time)
}

fn literal(expr: &Expr) -> Option<&Literal> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}

fn is_literal(expr: &Expr) -> bool {
    literal(expr).is_some()
}

/// True and false as people write them.
fn literal_truth(expr: &Expr) -> Option<bool> {
    match literal(expr)? {
        Literal::Bool(truth) => Some(*truth),
        Literal::Int(1) => Some(true),
        Literal::Int(0) => Some(false),
        Literal::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
