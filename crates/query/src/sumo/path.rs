//! JSONPath as `json` reads it: `a.b[0].c`, `x[*].y`, `['key.with.dots']`, `..key`, `[1:3]`, a leading `$`.

use crate::{
    pipeline::{Expr, Func, PathStep, Type},
    span::Span,
    spl::build,
};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(i64),
    Each,
    /// `..`: the value itself and everything inside.
    Deep,
    /// `[1:3]`, `[0,2]`, `['a','b']`: as it stands between the brackets.
    Several(String),
}

/// Reads a path.
pub(crate) fn parse(text: &str) -> Vec<Step> {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            steps.push(Step::Deep);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = bracket(after);
            steps.extend(inside(&after[..end]));
            rest = after.get(end + 1..).unwrap_or("");
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(if &rest[..end] == "*" { Step::Each } else { Step::Key(rest[..end].to_owned()) });
            rest = &rest[end..];
        }
    }
    steps
}

/// Where a bracket closes, outside of quotes.
fn bracket(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (']', None) => return at,
            _ => {}
        }
    }
    text.len()
}

fn inside(text: &str) -> Option<Step> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text == "*" {
        return Some(Step::Each);
    }
    if let Ok(index) = text.parse() {
        return Some(Step::Index(index));
    }
    let quoted = |quote: char| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then(|| Step::Key(inner.to_owned()))
    };
    let named = quoted('\'').or_else(|| quoted('"'));
    let several = text.contains([':', ',']);
    Some(named.unwrap_or_else(|| if several { Step::Several(text.to_owned()) } else { Step::Key(text.to_owned()) }))
}

/// The path as one that yields one value, where it is one.
pub(crate) fn plain(steps: &[Step]) -> Option<Vec<PathStep>> {
    let plain: Option<Vec<PathStep>> = steps
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(PathStep::Key(key.clone())),
            Step::Index(index) => Some(PathStep::Index(*index)),
            Step::Each | Step::Deep | Step::Several(_) => None,
        })
        .collect();
    plain.filter(|steps| !steps.is_empty())
}

/// The path's name in the catalogue, where it is just keys.
pub(crate) fn dotted(steps: &[Step]) -> Option<String> {
    let keys: Option<Vec<&str>> = steps
        .iter()
        .map(|step| match step {
            Step::Key(key) if !key.contains('.') => Some(key.as_str()),
            _ => None,
        })
        .collect();
    keys.filter(|keys| !keys.is_empty()).map(|keys| keys.join("."))
}

/// A value inside JSON text; where the path yields several, their JSON array.
pub(crate) fn member(document: Expr, path: &str, span: Span) -> Expr {
    let steps = parse(path);
    let simple = steps.iter().all(|step| match step {
        Step::Key(key) => !key.is_empty() && !key.contains(['.', '[', ']', '{', '}', '\'', '"']),
        Step::Index(_) => true,
        _ => false,
    });
    let func = if simple && !steps.is_empty() { Func::JsonGet } else { Func::JsonQuery };
    build::call(func, vec![document, build::text(render(&steps), span)], Type::Text, span)
}

/// The path as the engine's functions read it.
fn render(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '\'', '"', '{', '}']) => {
                out += &format!("['{key}']");
            }
            Step::Key(key) => {
                if !out.is_empty() && !out.ends_with("..") {
                    out.push('.');
                }
                out += key;
            }
            Step::Index(index) => out += &format!("[{index}]"),
            Step::Each => out += "[*]",
            Step::Deep => out += "..",
            Step::Several(inside) => out += &format!("[{inside}]"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (text, back) in [
            ("a.b", "a.b"),
            ("$.a[0].b", "a[0].b"),
            ("a[*].b", "a[*].b"),
            ("['k.x'].y", "['k.x'].y"),
            ("a['b']", "a.b"),
            ("..userName", "..userName"),
            ("a[1:3]", "a[1:3]"),
            ("a.*", "a[*]"),
            ("[", ""),
        ] {
            assert_eq!(render(&parse(text)), back, "{text}");
        }
        assert_eq!(dotted(&parse("a.b")).as_deref(), Some("a.b"));
        assert_eq!(dotted(&parse("a[0]")), None);
        assert_eq!(plain(&parse("a..b")), None);
    }
}
