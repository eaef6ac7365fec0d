//! The event catalogue: what AWS services write into CloudTrail, as data (`catalogue/*.jsonl`), compiled for writing.
//!
//! A file is a group of services. A line with `service` opens one (endpoint host, event version, API version); the lines
//! after it are its events: name, weight, who calls it (`class[@principal]:weight …`), the shapes of its sections with
//! placeholders, and the errors it answers with (code, message, percent of calls).

use crate::Error;
use crate::template::Template;
use serde_json::Value;

/// The catalogue's files by group; the group decides how much of it an account does.
const FILES: [(&str, &str); 9] = [
    ("storage", include_str!("../catalogue/storage.jsonl")),
    ("compute", include_str!("../catalogue/compute.jsonl")),
    ("network", include_str!("../catalogue/network.jsonl")),
    ("identity", include_str!("../catalogue/identity.jsonl")),
    ("security", include_str!("../catalogue/security.jsonl")),
    ("data", include_str!("../catalogue/data.jsonl")),
    ("serverless", include_str!("../catalogue/serverless.jsonl")),
    ("containers", include_str!("../catalogue/containers.jsonl")),
    ("operations", include_str!("../catalogue/operations.jsonl")),
];

/// The number of groups; an account's profile has a factor for each.
pub(crate) const GROUPS: usize = FILES.len();

/// Who calls: a kind of identity in `userIdentity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    User,
    Console,
    Sso,
    Switch,
    Instance,
    Lambda,
    Eks,
    Ci,
    /// A session whose call an AWS service makes on its behalf (`invokedBy`).
    OnBehalf,
    /// A service-linked role's session.
    ServiceLinked,
    /// An AWS service under its own name.
    Service,
    /// A service event: no caller but the service.
    Bare,
    Anonymous,
    Unknown,
    /// Another account.
    Cross,
    WebIdentity,
    Saml,
    IdentityCenter,
    Federated,
}

/// One kind of caller of an event and how often it is the one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caller {
    pub(crate) class: Class,
    /// The service's principal, such as `config.amazonaws.com`; empty where none takes part.
    pub(crate) principal: String,
    pub(crate) weight: f64,
}

/// An error that the event may answer with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: Template,
    /// Percent of the calls.
    pub(crate) percent: f64,
    /// An IAM error or a denial: never in the quiet days at the end, where story A has the only one.
    pub(crate) guarded: bool,
}

/// Which sessions an `AssumeRole*` call hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assume {
    Role,
    Web,
    Sso,
}

/// Where an event is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Regional,
    /// A global service: logged in us-east-1.
    Global,
    /// The identity store's own account and region.
    Home,
}

/// An event's category, which decides its folder and its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Management,
    Data,
    NetworkActivity,
}

/// One event of one service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) group: usize,
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) event_type: String,
    pub(crate) category: Category,
    pub(crate) scope: Scope,
    pub(crate) weight: f64,
    pub(crate) callers: Vec<Caller>,
    pub(crate) version: String,
    pub(crate) api_version: Option<String>,
    pub(crate) host: Template,
    pub(crate) read_only: bool,
    pub(crate) s3: bool,
    pub(crate) assume: Option<Assume>,
    pub(crate) request: Option<Template>,
    pub(crate) response: Option<Template>,
    pub(crate) additional: Option<Template>,
    pub(crate) details: Option<Template>,
    pub(crate) resources: Option<Template>,
    pub(crate) failures: Vec<Failure>,
}

/// Reads the whole catalogue. An error is a fault in the embedded files and names the line.
pub(crate) fn load() -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::with_capacity(512);
    for (group, (file, text)) in FILES.iter().enumerate() {
        let mut service = Value::Null;
        for (at, line) in text.lines().enumerate() {
            let fault = |reason: String| Error::Catalogue { file: (*file).to_owned(), line: at + 1, reason };
            let value: Value = serde_json::from_str(line).map_err(|e| fault(e.to_string()))?;
            if value.get("service").is_some() {
                service = value;
            } else {
                entries.push(entry(group, &service, &value).map_err(fault)?);
            }
        }
    }
    Ok(entries)
}

fn entry(group: usize, service: &Value, event: &Value) -> Result<Entry, String> {
    let source = text(event, "source").or_else(|| text(service, "service")).ok_or("no service")?;
    let name = text(event, "event").ok_or("no event name")?;
    Ok(Entry {
        group,
        event_type: text(event, "type").unwrap_or_else(|| default_type(event).to_owned()),
        category: category(event),
        scope: scope(service, event),
        weight: event["w"].as_f64().ok_or("no weight")?,
        callers: callers(event["who"].as_str().unwrap_or_default())?,
        version: text(service, "version").unwrap_or_else(|| "1.08".to_owned()),
        api_version: text(service, "api"),
        host: Template::compile(service["host"].as_str().unwrap_or_default())?,
        read_only: event["ro"].as_bool().unwrap_or_else(|| reads(&name)),
        s3: service["s3"].as_bool().unwrap_or(false),
        assume: assume(event),
        request: section(event, "req")?,
        response: section(event, "resp")?,
        additional: section(event, "add")?,
        details: section(event, "svc")?,
        resources: section(event, "res")?,
        failures: failures(&source, event)?,
        source,
        name,
    })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn default_type(event: &Value) -> &'static str {
    if flag(event, "net") { "AwsVpceEvent" } else { "AwsApiCall" }
}

fn category(event: &Value) -> Category {
    match (flag(event, "data"), flag(event, "net")) {
        (true, _) => Category::Data,
        (_, true) => Category::NetworkActivity,
        _ => Category::Management,
    }
}

fn scope(service: &Value, event: &Value) -> Scope {
    if flag(event, "home") {
        Scope::Home
    } else if flag(service, "global") || flag(event, "global") {
        Scope::Global
    } else {
        Scope::Regional
    }
}

fn assume(event: &Value) -> Option<Assume> {
    match event.get("assume")?.as_str()? {
        "role" => Some(Assume::Role),
        "web" => Some(Assume::Web),
        "sso" => Some(Assume::Sso),
        _ => None,
    }
}

/// Whether AWS marks calls of this name as read-only.
fn reads(name: &str) -> bool {
    ["Get", "List", "Describe", "Head", "Lookup", "BatchGet"].iter().any(|verb| name.starts_with(verb))
}

fn section(event: &Value, key: &str) -> Result<Option<Template>, String> {
    match event.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => Template::compile(&value.to_string()).map(Some),
    }
}

fn failures(source: &str, event: &Value) -> Result<Vec<Failure>, String> {
    let Some(list) = event.get("err").and_then(Value::as_array) else {
        return Ok(Vec::new());
    };
    list.iter().map(|e| failure(source, e)).collect()
}

fn failure(source: &str, value: &Value) -> Result<Failure, String> {
    let code = value[0].as_str().ok_or("an error without a code")?.to_owned();
    // Serialised, the message is already escaped for JSON; its quotes are the record's.
    let quoted = value[1].to_string();
    Ok(Failure {
        guarded: source == "iam.amazonaws.com" || source == "sts.amazonaws.com" || denies(&code),
        message: Template::compile(quoted.trim_matches('"'))?,
        percent: value[2].as_f64().ok_or("an error without a share")?,
        code,
    })
}

/// Whether some product counts this code as unauthorised.
fn denies(code: &str) -> bool {
    [
        "AccessDenied",
        "Unauthorized",
        "NotPermitted",
        "Forbidden",
        "AuthFailure",
        "InvalidAccess",
        "SubscriptionRequired",
    ]
    .iter()
    .any(|part| code.contains(part))
}

fn callers(list: &str) -> Result<Vec<Caller>, String> {
    list.split_whitespace().map(|item| caller(item).ok_or_else(|| format!("unknown caller {item}"))).collect()
}

fn caller(item: &str) -> Option<Caller> {
    let (who, weight) = item.split_once(':')?;
    let (class, principal) = who.split_once('@').unwrap_or((who, ""));
    let principal = if principal.is_empty() { String::new() } else { format!("{principal}.amazonaws.com") };
    Some(Caller { class: class_of(class)?, principal, weight: weight.parse().ok()? })
}

fn class_of(name: &str) -> Option<Class> {
    Some(match name {
        "user" => Class::User,
        "console" => Class::Console,
        "sso" => Class::Sso,
        "switch" => Class::Switch,
        "instance" => Class::Instance,
        "lambda" => Class::Lambda,
        "eks" => Class::Eks,
        "ci" => Class::Ci,
        "onbehalf" => Class::OnBehalf,
        "slr" => Class::ServiceLinked,
        "service" => Class::Service,
        "bare" => Class::Bare,
        "anonymous" => Class::Anonymous,
        "unknown" => Class::Unknown,
        "cross" => Class::Cross,
        "webid" => Class::WebIdentity,
        "saml" => Class::Saml,
        "idc" => Class::IdentityCenter,
        "federated" => Class::Federated,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_catalogue_compiles_and_is_broad() {
        let entries = load().expect("the embedded catalogue");
        let names: HashSet<_> = entries.iter().map(|e| e.name.as_str()).collect();
        assert!(names.len() >= 400, "{} event names", names.len());
        for e in &entries {
            assert!(!e.callers.is_empty() && e.weight > 0.0, "{} has callers and a weight", e.name);
            assert!(e.failures.iter().map(|f| f.percent).sum::<f64>() < 100.0, "{}", e.name);
        }
    }

    /// The stories own these: the background must never add to their counts.
    #[test]
    fn the_background_leaves_the_stories_alone() {
        for e in load().expect("the embedded catalogue") {
            assert_ne!(e.name, "ConsoleLogin");
            assert_ne!(e.name, "SwitchRole");
            assert!(e.failures.iter().all(|f| f.code != "AccessDenied"), "{}", e.name);
        }
    }

    #[test]
    fn denials_and_iam_errors_are_guarded() {
        let check = |source: &str, code: &str, expect| {
            let event = serde_json::json!([code, "m", 1.0]);
            assert_eq!(failure(source, &event).map(|f| f.guarded), Ok(expect), "{source} {code}");
        };
        check("ec2.amazonaws.com", "Client.UnauthorizedOperation", true);
        check("kms.amazonaws.com", "AccessDeniedException", true);
        check("kms.amazonaws.com", "VpceAccessDenied", true);
        check("iam.amazonaws.com", "NoSuchEntityException", true);
        check("s3.amazonaws.com", "NoSuchKey", false);
        check("ec2.amazonaws.com", "Client.OperationNotPermitted", true);
    }
}
