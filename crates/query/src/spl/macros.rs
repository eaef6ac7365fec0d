//! Search macros: a call's name and arguments, the definitions that every installation of the add-on and of the
//! security content has, and substitution.

/// A search macro's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Names of its arguments.
    pub parameters: Vec<String>,
    /// What it stands for, with `$name$` for an argument.
    pub definition: String,
}

impl Macro {
    /// A macro of these parameters and this definition.
    #[must_use]
    pub fn new(parameters: &[&str], definition: &str) -> Self {
        Self { parameters: parameters.iter().map(|&name| name.to_owned()).collect(), definition: definition.to_owned() }
    }
}

/// Macros that published CloudTrail searches take for granted: name, parameters, definition. A user's own wins.
const BUILT_IN: &[(&str, &[&str], &str)] = &[
    ("cloudtrail", &[], "sourcetype=aws:cloudtrail"),
    ("comment", &["text"], ""),
    ("drop_dm_object_name", &["object_name"], "rename \"$object_name$.*\" as \"*\""),
    ("security_content_ctime", &["field"], "convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime($field$)"),
    ("security_content_summariesonly", &[], "summariesonly=false allow_old_summaries=true fillnull_value=null"),
];

/// Expands one call, without its backticks; the error is a sentence for the user.
pub(super) fn expand(call: &str, lookup: &dyn Fn(&str, usize) -> Option<Macro>) -> Result<String, String> {
    let (name, args) = parse(call)?;
    let found = lookup(name, args.len()).or_else(|| built_in(name, args.len()));
    let Some(Macro { parameters, definition }) = found else {
        return Err(match args.len() {
            0 => format!("there is no macro `{name}`"),
            n => format!("there is no macro `{name}` with {n} argument{}", if n == 1 { "" } else { "s" }),
        });
    };
    Ok(substitute(&definition, &parameters, &args))
}

fn built_in(name: &str, arity: usize) -> Option<Macro> {
    let found = BUILT_IN.iter().find(|(known, parameters, _)| *known == name && parameters.len() == arity);
    found.map(|(_, parameters, definition)| Macro::new(parameters, definition)).or_else(|| {
        // Each detection of Splunk's security content ends in an empty filter macro of its own, for its user to fill.
        (arity == 0 && name.ends_with("_filter")).then(|| Macro::new(&[], "search *"))
    })
}

/// One pass, so that an argument's text is never searched for parameters again.
fn substitute(definition: &str, parameters: &[String], args: &[String]) -> String {
    let mut out = String::with_capacity(definition.len());
    let mut rest = definition;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let hit = rest[1..].find('$').and_then(|end| {
            let index = parameters.iter().position(|parameter| *parameter == rest[1..=end])?;
            Some((args.get(index)?, end + 2))
        });
        match hit {
            Some((arg, length)) => {
                out.push_str(arg);
                rest = &rest[length..];
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn parse(call: &str) -> Result<(&str, Vec<String>), String> {
    let call = call.trim();
    let Some(open) = call.find('(') else { return Ok((call, Vec::new())) };
    let name = call[..open].trim();
    match call[open + 1..].strip_suffix(')') {
        Some(inside) => Ok((name, arguments(inside))),
        None => Err(format!("the arguments of the macro `{name}` are not closed")),
    }
}

/// Splits at commas outside of quotes and parentheses; surrounding quotes fall away, `\"` inside them is a quote.
fn arguments(inside: &str) -> Vec<String> {
    let mut args = vec![String::new()];
    let (mut quoted, mut depth) = (false, 0_usize);
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        let Some(arg) = args.last_mut() else { break };
        match c {
            '\\' if quoted => match chars.next() {
                Some(escaped @ ('"' | '\\')) => arg.push(escaped),
                other => arg.extend(std::iter::once('\\').chain(other)),
            },
            '"' if quoted || arg.trim().is_empty() => quoted = !quoted,
            ',' if !quoted && depth == 0 => args.push(String::new()),
            _ => {
                depth = match c {
                    '(' if !quoted => depth + 1,
                    ')' if !quoted => depth.saturating_sub(1),
                    _ => depth,
                };
                arg.push(c);
            }
        }
    }
    args.iter().map(|arg| arg.trim().to_owned()).collect()
}
