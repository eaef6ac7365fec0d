//! Who really did it, as far as one record tells.
//!
//! | identity | name | principal | type |
//! | --- | --- | --- | --- |
//! | SwitchRole with `SwitchFrom` | the user who switched | that ARN | by that ARN |
//! | Root | `root` | ARN | Root |
//! | IAMUser | user name | ARN | IAMUser |
//! | AssumedRole, service-linked role | the service | the service | AWSService |
//! | AssumedRole with `onBehalfOf` | session name | Identity Center user id | IdentityCenterUser |
//! | AssumedRole, named session | session name | session ARN | AssumedRole |
//! | AssumedRole, generated session name | role name | role ARN | AssumedRole |
//! | FederatedUser | the user who asked for the token | that ARN | FederatedUser |
//! | SAMLUser, WebIdentityUser | user name | principal id | as it is |
//! | IdentityCenterUser | user name, else user id | user id | IdentityCenterUser |
//! | AWSAccount | what the principal id names, else the account | principal id, else account | AWSAccount |
//! | AWSService, or nothing but `invokedBy` | the service | the service | AWSService |
//! | anything else | user name, ARN's last part, principal id | ARN, else principal id | as it is, else Unknown |
//!
//! A source identity is set by whoever assumed the first role of a chain and can't be changed further down: where a
//! session has one, it is the name and the principal. A session name is a person's or a workload's (an e-mail address, an
//! instance id `i-…`, a function) unless an SDK made it up, which shows by a timestamp, a UUID or a stock word.
//! `HIDDEN_DUE_TO_SECURITY_REASONS` stands where a failed sign-in typed a name that does not exist: it is no name where
//! anything better is there. A service that calls on a user's behalf (`invokedBy`) does not change who the actor is.

/// What CloudTrail writes of a user name that it won't show.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The identity of a record; empty text counts as absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `userIdentity.type`.
    pub kind: Option<&'a str>,
    /// `userIdentity.principalId`.
    pub principal_id: Option<&'a str>,
    /// `userIdentity.arn`.
    pub arn: Option<&'a str>,
    /// `userIdentity.accountId`.
    pub account_id: Option<&'a str>,
    /// `userIdentity.userName`.
    pub user_name: Option<&'a str>,
    /// `userIdentity.invokedBy`.
    pub invoked_by: Option<&'a str>,
    /// `userIdentity.onBehalfOf.userId`.
    pub on_behalf_of: Option<&'a str>,
    /// `sessionIssuer.type`.
    pub issuer_kind: Option<&'a str>,
    /// `sessionIssuer.arn`.
    pub issuer_arn: Option<&'a str>,
    /// `sessionIssuer.userName`.
    pub issuer_name: Option<&'a str>,
    /// `sessionContext.sourceIdentity`.
    pub source_identity: Option<&'a str>,
    /// `additionalEventData.SwitchFrom`.
    pub switch_from: Option<&'a str>,
}

/// The actor behind a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor<'a> {
    /// The person or workload.
    pub name: Option<&'a str>,
    /// Kind of actor, `Unknown` where the record does not say.
    pub kind: &'a str,
    /// Stable id or ARN.
    pub principal: Option<&'a str>,
    /// Name of the role that was worked under.
    pub role: Option<&'a str>,
    /// Role session name, or the name given to a federated session.
    pub session: Option<&'a str>,
    /// User name as the Splunk add-on has it: the user's, else the session issuer's, else `root`.
    pub user_name: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// The actor behind this identity, by the rules of the [module](self).
    pub fn actor(&self) -> Actor<'a> {
        let this = self.without_blanks();
        let mut actor = this.by_kind();
        actor.user_name = this.plain_user_name();
        if let Some(origin) = this.switch_from {
            actor.name = last_part(origin);
            actor.principal = Some(origin);
            actor.kind = kind_of_arn(origin).unwrap_or(actor.kind);
        } else if let Some(source) = this.source_identity {
            actor.name = Some(source);
            actor.principal = Some(source);
        }
        actor
    }

    fn without_blanks(&self) -> Self {
        let filled = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        Self {
            kind: filled(self.kind),
            principal_id: filled(self.principal_id),
            arn: filled(self.arn),
            account_id: filled(self.account_id),
            user_name: filled(self.user_name),
            invoked_by: filled(self.invoked_by),
            on_behalf_of: filled(self.on_behalf_of),
            issuer_kind: filled(self.issuer_kind),
            issuer_arn: filled(self.issuer_arn),
            issuer_name: filled(self.issuer_name),
            source_identity: filled(self.source_identity),
            switch_from: filled(self.switch_from),
        }
    }

    fn by_kind(&self) -> Actor<'a> {
        match self.kind {
            Some(kind @ "Root") => Actor { name: Some("root"), ..self.plain(kind) },
            Some("AssumedRole") => self.assumed_role(),
            Some(kind @ "FederatedUser") => self.federated(kind),
            Some(kind @ ("SAMLUser" | "WebIdentityUser")) => {
                Actor { principal: self.principal_id.or(self.arn), ..self.plain(kind) }
            }
            Some(kind @ "IdentityCenterUser") => self.identity_center(kind),
            Some(kind @ "AWSAccount") => self.account(kind),
            Some("AWSService") => self.service(self.invoked_by.or(self.principal_id)),
            Some(kind) => self.plain(kind),
            None if self.arn.is_none() && self.user_name.is_none() && self.invoked_by.is_some() => {
                self.service(self.invoked_by)
            }
            None => self.plain("Unknown"),
        }
    }

    fn plain(&self, kind: &'a str) -> Actor<'a> {
        let shown = self.user_name.filter(|name| *name != HIDDEN);
        let name = shown.or_else(|| self.arn.and_then(last_part)).or(self.principal_id).or(self.user_name);
        Actor { name, kind, principal: self.arn.or(self.principal_id), role: None, session: None, user_name: None }
    }

    fn service(&self, service: Option<&'a str>) -> Actor<'a> {
        Actor { name: service, kind: "AWSService", principal: service, role: None, session: None, user_name: None }
    }

    fn assumed_role(&self) -> Actor<'a> {
        let session = self.session_name();
        let role = self.role_name();
        let worked_under = Actor { role, session, ..self.plain("AssumedRole") };
        if let Some(service) = self.issuer_arn.and_then(linked_service) {
            return Actor { role, session, ..self.service(Some(service)) };
        }
        if let Some(user) = self.on_behalf_of {
            return Actor {
                name: session.or(Some(user)),
                kind: "IdentityCenterUser",
                principal: Some(user),
                ..worked_under
            };
        }
        match session.filter(|session| !is_generated(session)) {
            Some(named) => Actor { name: Some(named), ..worked_under },
            None => Actor {
                name: role.or(session).or(worked_under.name),
                principal: self.issuer_arn.or(worked_under.principal),
                ..worked_under
            },
        }
    }

    fn federated(&self, kind: &'a str) -> Actor<'a> {
        let session = self.arn.and_then(last_part).or_else(|| self.session_name());
        let asked = self.issuer_name.or(if self.issuer_kind == Some("Root") { Some("root") } else { None });
        Actor {
            name: asked.or(session),
            principal: self.issuer_arn.or(self.arn).or(self.principal_id),
            session,
            ..self.plain(kind)
        }
    }

    fn identity_center(&self, kind: &'a str) -> Actor<'a> {
        let user = self.on_behalf_of.or(self.principal_id);
        Actor { name: self.user_name.filter(|name| *name != HIDDEN).or(user), principal: user, ..self.plain(kind) }
    }

    /// A caller of another account, of which CloudTrail tells the principal id at most.
    fn account(&self, kind: &'a str) -> Actor<'a> {
        let session = self.session_name();
        let named = session.filter(|session| !is_generated(session)).or(self.principal_id);
        let anonymous = (self.account_id == Some("ANONYMOUS_PRINCIPAL")).then_some("anonymous");
        Actor {
            name: anonymous.or(named).or(self.account_id),
            principal: self.arn.or(self.principal_id).or(self.account_id),
            session,
            ..self.plain(kind)
        }
    }

    /// The session name: after the colon of the principal id, else the last part of the session's ARN.
    fn session_name(&self) -> Option<&'a str> {
        let by_id = self.principal_id.and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let by_arn = || self.arn.filter(|arn| arn.contains(":assumed-role/")).and_then(last_part);
        by_id.filter(|name| !name.is_empty()).or_else(by_arn)
    }

    fn role_name(&self) -> Option<&'a str> {
        let by_arn = || self.arn?.split_once(":assumed-role/")?.1.split('/').next();
        self.issuer_name.or_else(|| self.issuer_arn.and_then(last_part)).or_else(by_arn)
    }

    fn plain_user_name(&self) -> Option<&'a str> {
        let root = || (self.kind == Some("Root")).then_some("root");
        self.user_name.or(self.issuer_name).or_else(root)
    }
}

/// What an ARN (or `id/name`, `id:name`) ends with: `arn:aws:iam::1:user/path/alice` → `alice`.
fn last_part(arn: &str) -> Option<&str> {
    arn.rsplit(['/', ':']).next().filter(|part| !part.is_empty())
}

fn kind_of_arn(arn: &str) -> Option<&'static str> {
    let resource = arn.rsplit(':').next()?;
    match resource.split('/').next()? {
        "user" => Some("IAMUser"),
        "assumed-role" => Some("AssumedRole"),
        "federated-user" => Some("FederatedUser"),
        "root" => Some("Root"),
        _ => None,
    }
}

/// The service of a service-linked role: `…:role/aws-service-role/config.amazonaws.com/…`.
fn linked_service(role_arn: &str) -> Option<&str> {
    role_arn.split_once("/aws-service-role/")?.1.split('/').next()
}

/// A session name that a program made up: a stock word, a number, a UUID, or one that ends in a timestamp.
fn is_generated(session: &str) -> bool {
    const STOCK: [&str; 7] = [
        "session",
        "default",
        "awscli-session",
        "rolesession",
        "assumerolesession",
        "assume-role-session",
        "cross-account",
    ];
    let digits = session.bytes().rev().take_while(u8::is_ascii_digit).count();
    let hex = session.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let instance = session.starts_with("i-");
    let stock =
        STOCK.iter().any(|word| session.trim_end_matches(|c: char| c.is_ascii_digit()).eq_ignore_ascii_case(word));
    !instance && (stock || digits >= 10 || digits == session.len() || (hex && session.len() >= 16))
}

#[cfg(test)]
#[path = "actor_tests.rs"]
mod tests;
