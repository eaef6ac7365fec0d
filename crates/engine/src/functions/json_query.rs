//! JSONPath over JSON text, for what a plain path can't say: `[*]`, `..key`, `[1:3]`, `['k.with.dots']`.

use arrow::array::ArrayRef;
use datafusion::common::Result;

use super::{Args, json, map_text};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(i64),
    Each,
    Deep,
    Slice(Option<i64>, Option<i64>),
    Several(Vec<Step>),
}

/// Objects inside one another that `..` goes down.
const MAX_DEPTH: usize = 64;

/// Brackets in brackets of a text that is read at all; a record has 256 levels at most.
const MAX_NESTING: usize = 512;

/// `(json, path)`.
pub(crate) fn query(args: &Args<'_>) -> Result<ArrayRef> {
    let steps = parse(&args.constant(1).unwrap_or_default());
    Ok(map_text(&args.text(0)?, |text| value(text, &steps)))
}

/// Whether brackets stand in one another deeper than a parser should follow; those in strings count too, which errs on the
/// safe side.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_NESTING
    })
}

fn value(text: &str, steps: &[Step]) -> Option<String> {
    if is_too_deep(text) {
        return None;
    }
    let mut found = vec![text.trim().to_owned()];
    for step in steps {
        found = found.iter().flat_map(|raw| walk(raw, step)).collect();
    }
    if steps.iter().all(|step| matches!(step, Step::Key(_) | Step::Index(_))) {
        return json::value_text(found.first()?);
    }
    (!found.is_empty()).then(|| format!("[{}]", found.join(",")))
}

fn items(raw: &str) -> Vec<String> {
    if !raw.starts_with('[') {
        return Vec::new();
    }
    sonic_rs::to_array_iter(raw).map_while(std::result::Result::ok).map(|item| item.as_raw_str().to_owned()).collect()
}

fn members(raw: &str) -> Vec<(String, String)> {
    if !raw.starts_with('{') {
        return Vec::new();
    }
    let members = sonic_rs::to_object_iter(raw).map_while(std::result::Result::ok);
    members.map(|(key, item)| (key.to_string(), item.as_raw_str().to_owned())).collect()
}

fn walk(raw: &str, step: &Step) -> Vec<String> {
    let raw = raw.trim();
    match step {
        Step::Key(key) => {
            members(raw).into_iter().filter(|(name, _)| name == key).map(|(_, item)| item).take(1).collect()
        }
        Step::Index(index) => {
            let all = items(raw);
            place(*index, all.len()).and_then(|at| all.into_iter().nth(at)).into_iter().collect()
        }
        Step::Each if raw.starts_with('{') => members(raw).into_iter().map(|(_, item)| item).collect(),
        Step::Each => items(raw),
        Step::Slice(from, to) => {
            let all = items(raw);
            let bound = |bound: Option<i64>, otherwise: usize| match bound {
                Some(bound) if bound < 0 => all.len().saturating_sub(usize::try_from(-bound).unwrap_or(usize::MAX)),
                Some(bound) => usize::try_from(bound).unwrap_or(usize::MAX).min(all.len()),
                None => otherwise,
            };
            let (from, to) = (bound(*from, 0), bound(*to, all.len()));
            all.iter().take(to).skip(from).cloned().collect()
        }
        Step::Several(steps) => steps.iter().flat_map(|step| walk(raw, step)).collect(),
        Step::Deep => {
            let mut out = Vec::new();
            descend(raw, 0, &mut out);
            out
        }
    }
}

fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { length + index } else { index }).ok()
}

/// The value and everything inside.
fn descend(raw: &str, depth: usize, out: &mut Vec<String>) {
    out.push(raw.to_owned());
    if depth >= MAX_DEPTH {
        return;
    }
    let inside = members(raw).into_iter().map(|(_, item)| item).chain(items(raw));
    for item in inside.filter(|item| item.starts_with(['{', '['])) {
        descend(&item, depth + 1, out);
    }
}

fn parse(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            steps.push(Step::Deep);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after);
            steps.push(inside(&after[..end]));
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
fn closing(text: &str) -> usize {
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

fn inside(text: &str) -> Step {
    let text = text.trim();
    if text == "*" {
        return Step::Each;
    }
    if let Ok(index) = text.parse() {
        return Step::Index(index);
    }
    for quote in ['\'', '"'] {
        let name = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        if let Some(name) = name.filter(|name| !name.contains(quote)) {
            return Step::Key(name.to_owned());
        }
    }
    if let Some((from, to)) = text.split_once(':') {
        return Step::Slice(from.trim().parse().ok(), to.split(':').next().and_then(|to| to.trim().parse().ok()));
    }
    if text.contains(',') {
        return Step::Several(text.split(',').map(inside).collect());
    }
    Step::Key(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_values() {
        let json = r#"{"a":{"k.x":"dot","l":[{"n":1},{"n":"two"},{"m":3}]},"n":0, "e":[], "z":null}"#;
        for (path, want) in [
            ("a['k.x']", Some("dot")),
            ("a.l[*].n", Some(r#"[1,"two"]"#)),
            ("..n", Some(r#"[0,1,"two"]"#)),
            ("a.l[0,2]", Some(r#"[{"n":1},{"m":3}]"#)),
            ("a.l[1:]", Some(r#"[{"n":"two"},{"m":3}]"#)),
            ("a.l[-1].m", Some("3")),
            ("a.*", Some(r#"["dot",[{"n":1},{"n":"two"},{"m":3}]]"#)),
            ("e[*]", None),
            ("z", None),
            ("nothing[*].x", None),
        ] {
            assert_eq!(value(json, &parse(path)).as_deref(), want, "{path}");
        }
        assert_eq!(value("not json", &parse("a[*]")), None);
        assert!(value(&"[".repeat(100_000), &parse("..a")).is_none());
    }
}
