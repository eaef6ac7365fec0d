//! Search macros: a call's name and arguments, the definitions that every installation of the add-on and of the
//! security content has, and substitution.

use std::collections::BTreeMap;

use super::constant::{self, Value};

/// A search macro's definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Macro {
    /// Names of its arguments.
    pub parameters: Vec<String>,
    /// What it stands for, with `$name$` for an argument.
    pub definition: String,
    /// Whether the definition is an eval expression that gives the text (`iseval`).
    pub computed: bool,
    /// An eval expression that has to hold for the arguments, and what is said where it does not.
    pub validation: Option<(String, String)>,
}

impl Macro {
    /// A macro of these parameters and this definition.
    #[must_use]
    pub fn new(parameters: &[&str], definition: &str) -> Self {
        let parameters = parameters.iter().map(|&name| name.to_owned()).collect();
        Self { parameters, definition: definition.to_owned(), ..Self::default() }
    }
}

/// Why a macro call could not be expanded: a stable code, and a sentence for the user.
pub(super) struct Failed {
    pub code: &'static str,
    pub message: String,
}

impl Failed {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Macros by name and number of arguments.
pub type Macros = BTreeMap<(String, usize), Macro>;

/// Macros that published CloudTrail searches take for granted, and `weaknesses` of the dashboard Insights: name, parameters,
/// definition. A user's own wins.
const BUILT_IN: &[(&str, &[&str], &str)] = &[
    ("amazon_security_lake", &[], "sourcetype=aws:cloudtrail:lake"),
    ("aws_cloudwatchlogs_eks", &[], "sourcetype=aws:cloudwatchlogs:eks"),
    ("aws_config", &[], "sourcetype=aws:config"),
    ("aws_s3_accesslogs", &[], "sourcetype=aws:s3:accesslogs"),
    ("aws_securityhub_finding", &[], "sourcetype=aws:securityhub:finding"),
    ("aws_securityhub_firehose", &[], "sourcetype=aws:securityhub:firehose"),
    ("cloudtrail", &[], "sourcetype=aws:cloudtrail"),
    ("cloudwatchlogs_vpcflow", &[], "sourcetype=aws:cloudwatchlogs:vpcflow"),
    ("comment", &["text"], ""),
    ("drop_dm_object_name", &["object_name"], "rename \"$object_name$.*\" as \"*\""),
    ("security_content_ctime", &["field"], "convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime($field$)"),
    ("fillnull_config", &[], "null"),
    ("network_acl_events", &[], "(eventName=*NetworkAcl* NOT eventName=Describe*)"),
    ("oldsummaries_config", &[], "true"),
    ("previously_unseen_cloud_provisioning_activity_window", &[], "\"-70m@m\""),
    ("security_group_api_calls", &[], "(eventName=*SecurityGroup*)"),
    ("summariesonly_config", &[], "false"),
    ("weaknesses", &[], include_str!("weaknesses.spl")),
    ("security_content_summariesonly", &[], "summariesonly=false allow_old_summaries=true fillnull_value=null"),
];

/// Expands one call, without its backticks.
pub(super) fn expand(call: &str, lookup: &dyn Fn(&str, usize) -> Option<Macro>) -> Result<String, Failed> {
    let (name, args) = parse(call).map_err(|message| Failed::new("spl.unknown-macro", message))?;
    let found = lookup(name, args.len()).or_else(|| built_in(name, args.len()));
    let Some(found) = found else {
        let message = match args.len() {
            0 => format!("there is no macro `{name}`"),
            n => format!("there is no macro `{name}` with {n} argument{}", if n == 1 { "" } else { "s" }),
        };
        return Err(Failed::new("spl.unknown-macro", message));
    };
    if let Some((test, otherwise)) = &found.validation {
        validate(name, &substitute(test, &found.parameters, &args), otherwise)?;
    }
    let text = substitute(&found.definition, &found.parameters, &args);
    if found.computed { computed(name, &text) } else { Ok(text) }
}

/// Checks the arguments by the macro's own test: it is false, or a text that says what is wrong.
fn validate(name: &str, test: &str, otherwise: &str) -> Result<(), Failed> {
    let wrong = match constant::evaluate(test) {
        Ok(Value::Bool(true) | Value::Null) => return Ok(()),
        Ok(Value::Bool(false) | Value::Number(_)) => otherwise.to_owned(),
        Ok(Value::Text(message)) => message,
        Err(message) => {
            let message = format!("the validation of the macro `{name}` cannot be computed: {message}");
            return Err(Failed::new("spl.macro-definition", message));
        }
    };
    Err(Failed::new("spl.macro-argument", format!("the macro `{name}` says: {wrong}")))
}

/// A macro whose definition is an expression: its text is the expression's value.
fn computed(name: &str, expression: &str) -> Result<String, Failed> {
    match constant::evaluate(expression) {
        Ok(Value::Text(text)) => Ok(text),
        Ok(_) => {
            let message = format!("the macro `{name}` is computed (iseval), and its expression does not give a text");
            Err(Failed::new("spl.macro-definition", message))
        }
        Err(reason) => {
            let message = format!("the macro `{name}` is computed (iseval): {reason}");
            Err(Failed::new("spl.macro-definition", message))
        }
    }
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
