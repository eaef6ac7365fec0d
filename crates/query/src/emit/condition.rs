//! A predicate of the IR as a tree that languages can write: tests of fields, joined by and, or, not. Three-valued logic is
//! resolved on the way: a `not` here holds where a field is missing, and one that does not says that the field is there.

use super::Notes;
use crate::pipeline::{Expr, ExprKind, Func, Literal, PathStep, Type};

/// A condition of two values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cond {
    /// All of them; none: true.
    And(Vec<Cond>),
    /// Any of them; none: false.
    Or(Vec<Cond>),
    /// Not, also where a field is missing.
    Not(Box<Cond>),
    /// A test of a field; false where it is missing.
    Test(Test),
}

/// A test of a field against one of several values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    /// The field.
    pub(super) field: Field,
    /// What is asked.
    pub(super) ask: Ask,
    /// Whether case matters.
    pub(super) cased: bool,
}

/// A field as the pipeline names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// A stored column.
    Column(String),
    /// A place in the record.
    Path(Vec<PathStep>),
    /// A field that the query made.
    Made(String),
    /// The whole record.
    Record,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask {
    /// It is there.
    Present,
    /// Equals one of the texts.
    Equals(Vec<String>),
    /// Matches one of the globs with `*`.
    Glob(Vec<String>),
    /// Contains one of the texts.
    Contains(Vec<String>),
    /// A regular expression is found in it.
    Regex(String),
    /// An address inside a block.
    Cidr(String),
    /// A number against another: `=`, `!=`, `<`, `<=`, `>`, `>=`.
    Number(&'static str, f64),
    /// True, or false.
    Truth(bool),
    /// Equals another field.
    Same(Field),
}

impl Cond {
    fn truth(truth: bool) -> Self {
        if truth { Self::And(Vec::new()) } else { Self::Or(Vec::new()) }
    }

    fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

/// The note on values that are arrays.
const ARRAYS: &str = "where the value is an array, its elements are not looked at";

/// The text of a predicate that has no such tree, for the reason.
type Wrong = String;

/// Where a predicate is true.
pub(super) fn read(expr: &Expr, notes: &Notes) -> Result<Cond, Wrong> {
    Ok(simplify(holds(expr, notes)?))
}

fn holds(expr: &Expr, notes: &Notes) -> Result<Cond, Wrong> {
    let ExprKind::Call { func, args } = &expr.kind else { return bare(expr) };
    match (func, args.as_slice()) {
        (Func::And, parts) => parts.iter().map(|part| holds(part, notes)).collect::<Result<_, _>>().map(Cond::And),
        (Func::Or, [first, second]) if is_array_side(second, first) => {
            notes.add(ARRAYS);
            holds(first, notes)
        }
        (Func::Or, [missing, null]) if is_type_null(missing, null) => {
            notes.add("a null inside an array is not told from what is missing");
            holds(missing, notes)
        }
        (Func::Or, parts) => parts.iter().map(|part| holds(part, notes)).collect::<Result<_, _>>().map(Cond::Or),
        (Func::IsTrue, [inner]) => holds(inner, notes),
        (Func::Not, [inner]) => fails(inner, notes),
        _ => test(*func, args, expr, notes),
    }
}

fn bare(expr: &Expr) -> Result<Cond, Wrong> {
    match &expr.kind {
        ExprKind::Literal(Literal::Bool(truth)) => Ok(Cond::truth(*truth)),
        _ if expr.ty == Type::Bool => Ok(one(field(expr)?, Ask::Truth(true), true)),
        _ => Err(unsaid(expr)),
    }
}

/// Where a predicate is false, rather than null.
fn fails(expr: &Expr, notes: &Notes) -> Result<Cond, Wrong> {
    let ExprKind::Call { func, args } = &expr.kind else { return Ok(holds(expr, notes)?.not()) };
    Ok(match (func, args.as_slice()) {
        // The two-valued ones: where they are not true they are false.
        (Func::IsTrue, [inner]) => holds(inner, notes)?.not(),
        (Func::IsNull | Func::IsNotNull, _) => holds(expr, notes)?.not(),
        (Func::Not, [inner]) => holds(inner, notes)?,
        (Func::And, parts) => Cond::Or(parts.iter().map(|part| fails(part, notes)).collect::<Result<_, _>>()?),
        (Func::Or, [first, second]) if is_array_side(second, first) => {
            notes.add(ARRAYS);
            fails(first, notes)?
        }
        (Func::Or, [missing, null]) if is_type_null(missing, null) => fails(missing, notes)?,
        (Func::Or, parts) => Cond::And(parts.iter().map(|part| fails(part, notes)).collect::<Result<_, _>>()?),
        _ => match args.first().map(|value| default_of(value)) {
            // A field with a value for "absent" is never null.
            Some(Some(_)) => holds(expr, notes)?.not(),
            _ => {
                let there = args.first().ok_or_else(|| unsaid(expr)).and_then(field)?;
                Cond::And(vec![one(there, Ask::Present, true), holds(expr, notes)?.not()])
            }
        },
    })
}

/// Sigma's second look at a column that may be the text of an array: no language but ours stores it so.
fn is_array_side(second: &Expr, first: &Expr) -> bool {
    let column = |expr: &Expr| match &expr.kind {
        ExprKind::Call { args, .. } => args.first().and_then(|value| match &value.kind {
            ExprKind::Column(name) => Some(name.clone()),
            _ => None,
        }),
        _ => None,
    };
    let ExprKind::Call { func: Func::And, args } = &second.kind else { return false };
    let [glob, _] = args.as_slice() else { return false };
    let array = matches!(&glob.kind, ExprKind::Call { func: Func::Glob, args }
        if args.get(1).and_then(literal).as_deref() == Some("[*"));
    array && column(glob).is_some() && column(glob) == column(first)
}

/// Sigma's null: nothing there, or a null.
fn is_type_null(missing: &Expr, null: &Expr) -> bool {
    let types = |expr: &Expr, wanted: Func| match &expr.kind {
        ExprKind::Call { func, args } if *func == wanted => {
            matches!(args.first().map(|value| &value.kind), Some(ExprKind::Call { func: Func::JsonTypes, .. }))
        }
        _ => false,
    };
    types(missing, Func::IsNull) && types(null, Func::Eq)
}

/// What a translation may miss by the way in which a value is read.
fn shades(func: Func, value: &Expr, texts: &[String], notes: &Notes) {
    let quotes = texts.iter().any(|text| text.contains(['"', '\\']));
    let matching = !matches!(func, Func::Regex | Func::CidrMatch);
    match &value.kind {
        ExprKind::Call { func: Func::JsonTypes, .. } if func == Func::IsNotNull => {
            notes.add("a field that is null counts as there in Sigma");
        }
        ExprKind::Call { func: Func::ListMax | Func::ListMin, .. } => {
            notes.add("where the field is an array, one of its elements has to pass");
        }
        ExprKind::Call { func: Func::JsonLeaves, .. } if quotes => {
            notes.add("in the text of a record, quotes and backslashes inside values are escaped");
        }
        ExprKind::Path(_) if quotes && matching => {
            notes.add("the text of an object is compared as the record lays it out");
        }
        _ => {}
    }
}

fn one(field: Field, ask: Ask, cased: bool) -> Cond {
    Cond::Test(Test { field, ask, cased })
}

fn unsaid(expr: &Expr) -> Wrong {
    let text = crate::pipeline::render_expr(expr);
    let short: String = text.chars().take(120).collect();
    format!("`{short}` has no counterpart")
}

fn test(func: Func, args: &[Expr], expr: &Expr, notes: &Notes) -> Result<Cond, Wrong> {
    let [value, rest @ ..] = args else { return Err(unsaid(expr)) };
    if let Some((inner, default)) = default_of(value) {
        return with_default(func, inner, &default, rest, (expr, notes));
    }
    shades(func, value, &rest.iter().filter_map(literal).collect::<Vec<_>>(), notes);
    let wanted = || rest.first().and_then(literal).ok_or_else(|| unsaid(expr));
    let ask = match func {
        Func::IsNotNull => Ask::Present,
        Func::IsNull => return Ok(one(field(value)?, Ask::Present, true).not()),
        Func::EqIgnoreCase | Func::Eq | Func::Ne if is_field(rest.first()) && is_field(Some(value)) => {
            Ask::Same(field(rest.first().ok_or_else(|| unsaid(expr))?)?)
        }
        Func::EqIgnoreCase => Ask::Equals(vec![wanted()?]),
        Func::In => Ask::Equals(rest.iter().map(literal).collect::<Option<_>>().ok_or_else(|| unsaid(expr))?),
        Func::Glob | Func::GlobIgnoreCase => Ask::Glob(vec![wanted()?]),
        Func::Contains | Func::ContainsIgnoreCase => Ask::Contains(vec![wanted()?]),
        Func::Regex => return regex(field(value)?, wanted()?),
        Func::Like => Ask::Glob(vec![like(&wanted()?).ok_or_else(|| unsaid(expr))?]),
        Func::CidrMatch => Ask::Cidr(wanted()?),
        Func::Eq | Func::Ne | Func::Lt | Func::Le | Func::Gt | Func::Ge => compare(func, rest, expr)?,
        _ => return Err(unsaid(expr)),
    };
    let cased = !matches!(func, Func::EqIgnoreCase | Func::GlobIgnoreCase | Func::ContainsIgnoreCase);
    let field = field(value)?;
    // `!=` is true only where the field is there.
    if func == Func::Ne && !matches!(ask, Ask::Number(..)) {
        return Ok(Cond::And(vec![one(field.clone(), Ask::Present, true), one(field, ask, cased).not()]));
    }
    Ok(one(field, ask, cased))
}

/// A regular expression that is no more than a text of Sigma's with `?` stays one.
fn regex(field: Field, pattern: String) -> Result<Cond, Wrong> {
    Ok(one(field, Ask::Regex(pattern), true))
}

fn compare(func: Func, rest: &[Expr], expr: &Expr) -> Result<Ask, Wrong> {
    let sign = match func {
        Func::Eq => "=",
        Func::Ne => "!=",
        Func::Lt => "<",
        Func::Le => "<=",
        Func::Gt => ">",
        _ => ">=",
    };
    match rest.first().map(|value| &value.kind) {
        Some(ExprKind::Literal(Literal::Bool(truth))) if matches!(func, Func::Eq | Func::Ne) => Ok(Ask::Truth(*truth)),
        #[allow(clippy::cast_precision_loss)]
        Some(ExprKind::Literal(Literal::Int(number))) => Ok(Ask::Number(sign, *number as f64)),
        Some(ExprKind::Literal(Literal::Float(number))) => Ok(Ask::Number(sign, *number)),
        Some(ExprKind::Literal(Literal::Text(text))) if matches!(func, Func::Eq | Func::Ne) => {
            Ok(Ask::Equals(vec![text.clone()]))
        }
        _ => Err(unsaid(expr)),
    }
}

/// A test of a field that is `default` where it is absent.
fn with_default(
    func: Func,
    inner: &Expr,
    default: &str,
    rest: &[Expr],
    (expr, notes): (&Expr, &Notes),
) -> Result<Cond, Wrong> {
    let mut args = vec![inner.clone()];
    args.extend(rest.iter().cloned());
    let absent = one(field(inner)?, Ask::Present, true).not();
    if func == Func::IsNotNull {
        return Ok(Cond::truth(true));
    }
    let there = test(func, &args, expr, notes)?;
    let texts: Vec<String> = rest.iter().filter_map(literal).collect();
    let passes = match func {
        Func::EqIgnoreCase => texts.iter().any(|text| text.eq_ignore_ascii_case(default)),
        Func::Eq | Func::In => texts.iter().any(|text| text == default),
        Func::Ne => texts.iter().any(|text| text != default),
        Func::Glob | Func::GlobIgnoreCase => texts.iter().any(|glob| {
            let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
            regex::Regex::new(&format!("(?is)^{}$", parts.join(".*"))).is_ok_and(|r| r.is_match(default))
        }),
        Func::Contains | Func::ContainsIgnoreCase => {
            texts.iter().any(|text| default.to_lowercase().contains(&text.to_lowercase()))
        }
        Func::Regex => texts.iter().any(|text| regex::Regex::new(text).is_ok_and(|r| r.is_match(default))),
        _ => return Err(unsaid(expr)),
    };
    Ok(if passes { Cond::Or(vec![absent, there]) } else { there })
}

/// A field with its language's value for "absent": `coalesce(field, "success")`.
fn default_of(expr: &Expr) -> Option<(&Expr, String)> {
    match &expr.kind {
        ExprKind::Call { func: Func::Coalesce, args } => match args.as_slice() {
            [inner, default] => Some((inner, literal(default)?)),
            _ => None,
        },
        _ => None,
    }
}

fn is_field(expr: Option<&Expr>) -> bool {
    expr.is_some_and(|expr| matches!(expr.kind, ExprKind::Column(_) | ExprKind::Path(_) | ExprKind::Field(_)))
}

/// The field that an expression reads, conversions aside.
pub(super) fn field(expr: &Expr) -> Result<Field, Wrong> {
    match &expr.kind {
        ExprKind::Column(name) if name == "raw" => Ok(Field::Record),
        ExprKind::Column(name) => Ok(Field::Column(name.clone())),
        ExprKind::Path(steps) => Ok(Field::Path(steps.clone())),
        ExprKind::Field(name) => Ok(Field::Made(name.clone())),
        ExprKind::Call { func, args } => match (func, args.as_slice()) {
            (Func::ToText | Func::ToNumber | Func::ToInt | Func::ToList | Func::ListMax | Func::ListMin, [inner]) => {
                field(inner)
            }
            (Func::ListIndex | Func::ListJoin, [inner, _]) => field(inner),
            (Func::Coalesce, [inner, default]) if literal(default).is_some() => field(inner),
            (Func::JsonLeaves, [_]) => Ok(Field::Record),
            (Func::JsonTypes, [_, path]) => {
                let path = literal(path).ok_or_else(|| unsaid(expr))?;
                Ok(Field::Path(path.split('.').map(|key| PathStep::Key(key.to_owned())).collect()))
            }
            _ => Err(unsaid(expr)),
        },
        ExprKind::Literal(_) => Err(unsaid(expr)),
    }
}

/// The text of a literal.
pub(super) fn literal(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text.clone()),
        ExprKind::Literal(Literal::Int(number)) => Some(number.to_string()),
        ExprKind::Literal(Literal::Float(number)) => Some(number.to_string()),
        ExprKind::Literal(Literal::Bool(truth)) => Some(truth.to_string()),
        _ => None,
    }
}

/// `%` as `*`, where neither `_` nor a star would lose its meaning.
fn like(pattern: &str) -> Option<String> {
    let plain = !pattern.contains(['_', '*', '\\']);
    plain.then(|| pattern.replace('%', "*"))
}

/// Flattens, and joins tests of one field to one test of several values.
fn simplify(cond: Cond) -> Cond {
    match cond {
        Cond::And(parts) => {
            let mut out = Vec::new();
            for part in parts.into_iter().map(simplify) {
                match part {
                    Cond::And(inner) => out.extend(inner),
                    other => out.push(other),
                }
            }
            // `not f=x` of a field that another test has is there anyway: the test says so.
            let there: Vec<Field> = out.iter().filter_map(says_present).collect();
            let mut seen = false;
            out.retain(|part| match part {
                Cond::Test(Test { field, ask: Ask::Present, .. }) if there.contains(field) => false,
                Cond::Or(parts) if parts.is_empty() => {
                    seen = true;
                    true
                }
                _ => true,
            });
            out.dedup();
            if seen { Cond::truth(false) } else { single(out, Cond::And) }
        }
        Cond::Or(parts) => {
            let mut out: Vec<Cond> = Vec::new();
            for part in parts.into_iter().map(simplify) {
                match part {
                    Cond::Or(inner) => inner.into_iter().for_each(|one| join(&mut out, one)),
                    Cond::And(inner) if inner.is_empty() => return Cond::truth(true),
                    other => join(&mut out, other),
                }
            }
            single(out, Cond::Or)
        }
        Cond::Not(inner) => simplify(*inner).not(),
        Cond::Test(test) => Cond::Test(test),
    }
}

fn says_present(part: &Cond) -> Option<Field> {
    match part {
        Cond::Test(Test { field, ask, .. }) if *ask != Ask::Present => Some(field.clone()),
        _ => None,
    }
}

fn single(mut parts: Vec<Cond>, join: fn(Vec<Cond>) -> Cond) -> Cond {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

fn join(out: &mut Vec<Cond>, part: Cond) {
    if let (Some(Cond::Test(last)), Cond::Test(test)) = (out.last_mut(), &part)
        && last.field == test.field
        && last.cased == test.cased
    {
        match (&mut last.ask, &test.ask) {
            (Ask::Equals(known), Ask::Equals(new))
            | (Ask::Glob(known), Ask::Glob(new))
            | (Ask::Contains(known), Ask::Contains(new)) => {
                known.extend(new.iter().filter(|text| !known.contains(text)).cloned().collect::<Vec<_>>());
                return;
            }
            _ => {}
        }
    }
    out.push(part);
}
