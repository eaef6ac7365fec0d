//! Whom a policy lets in: the widest scope over what its statements allow, less what its denials take back.

use std::collections::BTreeSet;

use super::{
    document::{Condition, Patterns, Principal, Principals, Statement},
    narrow,
};

/// Most bytes of patterns compared with each other, a document: a hostile one costs no more.
const COMPARED: usize = 20_000_000;

/// Who may call, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// The account itself and services of AWS.
    Internal,
    /// Whoever belongs to an organisation that is named.
    Organization,
    /// Anyone who comes from a network or a resource that is named.
    Conditional,
    /// Accounts or providers outside, by name.
    External,
    /// Anyone.
    Public,
}

impl Scope {
    /// As queries see it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Organization => "organization",
            Self::Conditional => "conditional",
            Self::External => "external",
            Self::Public => "public",
        }
    }

    /// What a further restriction leaves. A network narrows anyone; who is named stays named.
    fn within(self, other: Self) -> Self {
        if other == Self::Conditional && self != Self::Public { self } else { self.min(other) }
    }
}

/// The accounts that are one's own.
pub(super) struct Own<'a> {
    accounts: Vec<&'a str>,
}

impl<'a> Own<'a> {
    /// Ids separated by commas or blanks.
    pub(super) fn new(text: &'a str) -> Self {
        Self { accounts: text.split([',', ' ']).filter(|id| !id.is_empty()).collect() }
    }

    /// What an account is.
    pub(super) fn scope(&self, account: &str) -> Scope {
        if self.accounts.contains(&account) { Scope::Internal } else { Scope::External }
    }
}

/// The widest access that the statements give.
pub(super) fn widest(statements: &[Statement], own: &Own<'_>) -> Scope {
    let mut budget = COMPARED;
    let allowed = statements.iter().filter(|s| s.allow).filter_map(|s| left(s, statements, own, &mut budget));
    allowed.max().unwrap_or(Scope::Internal)
}

/// The outsiders by name.
pub(super) fn outsiders(statements: &[Statement], own: &Own<'_>) -> BTreeSet<String> {
    let mut budget = COMPARED;
    let mut found = BTreeSet::new();
    for statement in statements.iter().filter(|s| s.allow) {
        match left(statement, statements, own, &mut budget) {
            Some(Scope::Public) => {
                found.insert("*".to_owned());
            }
            Some(Scope::External) => found.extend(named_outside(statement, own)),
            _ => {}
        }
    }
    found
}

/// Whether a statement allows everything, or all of IAM, on everything, whatever the circumstances.
pub(super) fn administers(statements: &[Statement]) -> bool {
    statements.iter().any(|s| {
        s.allow
            && s.conditions.is_empty()
            && !s.resources.negated
            && s.resources.values.iter().any(|r| r == "*")
            && all_of_iam(&s.actions)
    })
}

fn all_of_iam(actions: &Patterns) -> bool {
    let covers = |pattern: &String| glob(&pattern.to_ascii_lowercase(), "iam:*");
    let touches = |pattern: &String| pattern.starts_with('*') || pattern.to_ascii_lowercase().starts_with("iam");
    match actions.negated {
        true => !actions.values.is_empty() && !actions.values.iter().any(touches),
        false => actions.values.iter().any(covers),
    }
}

/// What an Allow leaves after its own conditions and the denials; none where it is taken back.
fn left(allow: &Statement, all: &[Statement], own: &Own<'_>, budget: &mut usize) -> Option<Scope> {
    let mut scope = match &allow.principals {
        Principals::AllBut(_) => Scope::Public,
        Principals::Named(list) => named_scope(list, &allow.conditions, own),
    };
    for condition in &allow.conditions {
        if let Some(narrower) = narrow::admitted(condition, own) {
            scope = scope.within(narrower);
        }
    }
    for deny in all.iter().filter(|s| !s.allow) {
        if scope == Scope::Internal || !covers(deny, allow, budget) {
            continue;
        }
        if let Some(spared) = spared(deny, own) {
            scope = scope.within(spared?);
        }
    }
    Some(scope)
}

/// Whom a Deny that speaks of everyone spares: `None` where it narrows nothing, `Some(None)` where it spares nobody.
fn spared(deny: &Statement, own: &Own<'_>) -> Option<Option<Scope>> {
    let by_condition = || deny.conditions.iter().map(|c| narrow::spared(c, own)).collect::<Option<Vec<_>>>();
    match &deny.principals {
        Principals::Named(list) if !list.iter().any(|p| matches!(p, Principal::Anyone)) => None,
        Principals::Named(_) => Some(by_condition()?.into_iter().max()),
        Principals::AllBut(list) => {
            let excepted = named_scope(list, &[], own);
            Some(Some(by_condition()?.into_iter().fold(excepted, Scope::max)))
        }
    }
}

fn named_scope(list: &[Principal], conditions: &[Condition], own: &Own<'_>) -> Scope {
    list.iter().map(|principal| scope_of(principal, conditions, own)).max().unwrap_or(Scope::Internal)
}

fn scope_of(principal: &Principal, conditions: &[Condition], own: &Own<'_>) -> Scope {
    match principal {
        Principal::Anyone => Scope::Public,
        Principal::Service => Scope::Internal,
        Principal::Canonical(_) => Scope::External,
        Principal::Federated(provider) if narrow::open_provider(provider, conditions) => Scope::Public,
        Principal::Federated(provider) => match account_of(provider) {
            Some(account) => own.scope(account),
            None => Scope::Internal,
        },
        Principal::Aws(text) => match account_of(text) {
            Some("*") => Scope::Public,
            Some(account) if narrow::is_account(account) => own.scope(account),
            _ => Scope::Internal,
        },
    }
}

/// The account in an ARN, or the text itself where it is an account's id. Unique ids of users and roles, and the identities
/// of CloudFront, have none.
fn account_of(text: &str) -> Option<&str> {
    if narrow::is_account(text) {
        return Some(text);
    }
    text.strip_prefix("arn:").and_then(|_| text.split(':').nth(4))
}

fn named_outside(statement: &Statement, own: &Own<'_>) -> Vec<String> {
    let outside = |account: &&str| narrow::is_account(account) && own.scope(account) == Scope::External;
    let listed: &[Principal] = match &statement.principals {
        Principals::Named(list) => list,
        Principals::AllBut(_) => &[],
    };
    let by_principal = listed.iter().filter_map(|principal| match principal {
        Principal::Canonical(id) => Some(id.clone()),
        Principal::Aws(text) | Principal::Federated(text) => account_of(text).filter(outside).map(str::to_owned),
        Principal::Anyone | Principal::Service => None,
    });
    let narrowing = statement.conditions.iter().filter(|c| narrow::admitted(c, own) == Some(Scope::External));
    let by_condition = narrowing.flat_map(|c| &c.values).filter_map(|v| account_of(v)).filter(outside);
    by_principal.chain(by_condition.map(str::to_owned)).collect()
}

/// Whether a Deny speaks of all that an Allow does.
fn covers(deny: &Statement, allow: &Statement, budget: &mut usize) -> bool {
    let actions = |p: &Patterns| Patterns {
        values: p.values.iter().map(|v| v.to_ascii_lowercase()).collect(),
        negated: p.negated,
    };
    let bytes = |p: &Patterns| p.values.iter().map(|v| v.len() + 1).sum::<usize>();
    let product = |a: &Patterns, b: &Patterns| bytes(a).saturating_mul(bytes(b));
    let cost = product(&deny.actions, &allow.actions).saturating_add(product(&deny.resources, &allow.resources));
    let Some(rest) = budget.checked_sub(cost.max(1)) else { return false };
    *budget = rest;
    includes(&actions(&deny.actions), &actions(&allow.actions)) && includes(&deny.resources, &allow.resources)
}

/// Whether a set of patterns holds another. What can't be said for sure is no.
fn includes(outer: &Patterns, inner: &Patterns) -> bool {
    match (outer.negated, inner.negated) {
        (false, true) => outer.values.iter().any(|v| v == "*"),
        (true, _) => false,
        (false, false) => inner.values.iter().all(|value| outer.values.iter().any(|pattern| glob(pattern, value))),
    }
}

/// Whether `*` and `?` of a pattern fit the whole text, in no more steps than the product of their lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    back = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}
