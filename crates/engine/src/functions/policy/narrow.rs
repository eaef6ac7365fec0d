//! Which conditions narrow who may call, and to whom.

use std::net::IpAddr;

use super::{
    access::{Own, Scope},
    document::Condition,
};

/// Blocks of addresses wider than these are the internet.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 32;

/// Providers of identities that anyone may have an identity at, and the claims that say whose it is.
const OPEN_PROVIDERS: &[(&str, &[&str])] = &[
    ("accounts.google.com", &["aud", "oaud", "sub"]),
    ("agent.buildkite.com", &["sub"]),
    ("app.terraform.io", &["sub"]),
    ("cognito-identity.amazonaws.com", &["aud", "sub"]),
    ("gitlab.com", &["sub", "project_path", "project_id", "namespace_path", "namespace_id"]),
    ("graph.facebook.com", &["app_id", "id"]),
    (
        "token.actions.githubusercontent.com",
        &["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"],
    ),
    ("www.amazon.com", &["app_id", "user_id"]),
];

/// What subjects of those providers begin with, whoever they are.
const SUBJECT_HEADS: &[&str] = &["repo:", "project_path:", "organization:", "repository_owner:"];

/// Whom a condition of an Allow leaves; none where it does not narrow.
pub(super) fn admitted(condition: &Condition, own: &Own<'_>) -> Option<Scope> {
    let positive = matches!(
        condition.operator.as_str(),
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" | "ipaddress"
    );
    if condition.if_exists || condition.quantifier == "forallvalues" {
        return None;
    }
    match positive {
        true => widest(condition, own),
        false => services_alone(condition, "true"),
    }
}

/// Whom a condition of a Deny spares; none where that is not narrower than everyone.
pub(super) fn spared(condition: &Condition, own: &Own<'_>) -> Option<Scope> {
    let negative = matches!(
        condition.operator.as_str(),
        "stringnotequals"
            | "stringnotequalsignorecase"
            | "stringnotlike"
            | "arnnotequals"
            | "arnnotlike"
            | "notipaddress"
    );
    if condition.quantifier == "foranyvalue" {
        return None;
    }
    match negative {
        true => widest(condition, own),
        false => services_alone(condition, "false"),
    }
}

/// Whether anyone may have an identity at a provider, and no condition says whose it has to be.
pub(super) fn open_provider(provider: &str, conditions: &[Condition]) -> bool {
    let host = provider.split_once("oidc-provider/").map_or(provider, |(_, host)| host);
    let Some((host, claims)) = OPEN_PROVIDERS.iter().find(|(open, _)| host == *open) else { return false };
    !conditions.iter().any(|condition| {
        let claim = condition.key.strip_prefix(host).and_then(|rest| rest.strip_prefix(':'));
        claim.is_some_and(|claim| claims.contains(&claim)) && says_whose(condition)
    })
}

fn says_whose(condition: &Condition) -> bool {
    let positive = matches!(condition.operator.as_str(), "stringequals" | "stringequalsignorecase" | "stringlike");
    positive
        && !condition.if_exists
        && condition.quantifier != "forallvalues"
        && !condition.values.is_empty()
        && condition.values.iter().all(|value| {
            let head = fixed_head(value);
            !SUBJECT_HEADS.iter().fold(head, |head, known| head.strip_prefix(known).unwrap_or(head)).is_empty()
        })
}

/// `aws:PrincipalIsAWSService` leaves services alone.
fn services_alone(condition: &Condition, wanted: &str) -> Option<Scope> {
    let fits = condition.operator == "bool" && condition.key == "aws:principalisawsservice";
    let says = |value: &String| value.eq_ignore_ascii_case(wanted);
    (fits && !condition.values.is_empty() && condition.values.iter().all(says)).then_some(Scope::Internal)
}

/// The widest of what the values admit; none where one of them admits everyone.
fn widest(condition: &Condition, own: &Own<'_>) -> Option<Scope> {
    let scopes = condition.values.iter().map(|value| value_scope(&condition.key, value, own));
    scopes.collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn value_scope(key: &str, value: &str, own: &Own<'_>) -> Option<Scope> {
    match key {
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:vpceaccount"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => account(value, own),
        "aws:resourceaccount" => value.eq_ignore_ascii_case("${aws:PrincipalAccount}").then_some(Scope::Internal),
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" | "s3:dataaccesspointarn" => arn(value, own),
        "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:vpceorgid"
        | "aws:vpceorgpaths" => organization(value),
        "aws:sourceip" | "aws:vpcsourceip" => narrow_block(value).then_some(Scope::Conditional),
        "aws:sourcevpc" | "aws:sourcevpce" => {
            let head = fixed_head(value);
            let id = head.strip_prefix("vpce-").or_else(|| head.strip_prefix("vpc-"));
            id.is_some_and(|id| !id.is_empty()).then_some(Scope::Conditional)
        }
        "aws:userid" => (!fixed_head(value).is_empty()).then_some(Scope::Conditional),
        "aws:principalservicename" | "aws:principalservicenameslist" => Some(Scope::Internal),
        _ => None,
    }
}

fn account(value: &str, own: &Own<'_>) -> Option<Scope> {
    if value.eq_ignore_ascii_case("${aws:ResourceAccount}") {
        return Some(Scope::Internal);
    }
    is_account(value).then(|| own.scope(value))
}

fn arn(value: &str, own: &Own<'_>) -> Option<Scope> {
    let mut parts = value.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next()?, parts.next()?);
    if is_account(account) {
        return Some(own.scope(account));
    }
    let fixed = matches!(account, "" | "*") && !value.contains(":iam:") && !value.contains(":sts:");
    (fixed && !fixed_head(resource).is_empty()).then_some(Scope::Conditional)
}

fn organization(value: &str) -> Option<Scope> {
    let variable = ["${aws:ResourceOrgID}", "${aws:ResourceOrgPaths}"].iter().any(|v| value.eq_ignore_ascii_case(v));
    let named = fixed_head(value).strip_prefix("o-").is_some_and(|id| !id.is_empty());
    (variable || named).then_some(Scope::Organization)
}

/// Whether a block of addresses is narrower than the internet.
fn narrow_block(value: &str) -> bool {
    let (address, bits) = value.split_once('/').map_or((value, None), |(a, b)| (a, Some(b)));
    let widest = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => WIDEST_V4,
        Ok(IpAddr::V6(_)) => WIDEST_V6,
        Err(_) => return false,
    };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits >= widest))
}

/// What stands before the first wildcard or variable.
fn fixed_head(value: &str) -> &str {
    value.find(['*', '?', '$']).map_or(value, |at| &value[..at])
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
