//! `userIdentity` as text: each kind of caller, cut where the access key and the session's date go in.

use crate::rng::{self, Rng};
use crate::text;

/// The JSON of a `userIdentity` around its two changing values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Identity {
    /// Up to the value of `accessKeyId` (or the whole, where there is none).
    pub(crate) head: String,
    /// From behind the key up to the value of `creationDate`; with it, all the rest where there is no session.
    pub(crate) middle: String,
    /// From behind the date to the closing brace; empty where there is no session.
    pub(crate) tail: String,
}

/// A role, and the ARN of its sessions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Role {
    pub(crate) account: String,
    /// Ends with a slash: `/` for most.
    pub(crate) path: String,
    pub(crate) name: String,
}

impl Role {
    pub(crate) fn new(account: &str, path: &str, name: &str) -> Self {
        Self { account: account.to_owned(), path: path.to_owned(), name: name.to_owned() }
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.account, self.path, self.name)
    }

    pub(crate) fn id(&self) -> String {
        principal_id("AROA", &self.account, &self.name)
    }

    pub(crate) fn session_arn(&self, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{session}", self.account, self.name)
    }
}

/// What a role session's context says beside issuer and date.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SessionTraits<'a> {
    pub(crate) mfa: bool,
    /// The web identity provider, as `webIdFederationData` names it.
    pub(crate) provider: Option<&'a str>,
    pub(crate) source_identity: Option<&'a str>,
    pub(crate) on_instance: bool,
}

/// A principal's unique id: the prefix of its kind and 17 characters that follow from account and name.
pub(crate) fn principal_id(prefix: &str, account: &str, name: &str) -> String {
    let mut own = Rng::new(rng::fold(&[rng::fold_str(prefix), rng::fold_str(account), rng::fold_str(name)]));
    prefix.to_owned() + &text::built(|buf| text::base32(buf, &mut own, 17))
}

/// An access key id: `AKIA` for a user's own, `ASIA` for a session's; follows from the seed.
pub(crate) fn access_key(prefix: &str, seed: u64) -> String {
    let mut own = Rng::new(seed);
    prefix.to_owned() + &text::built(|buf| text::base32(buf, &mut own, 16))
}

fn user_head(account: &str, name: &str) -> String {
    format!(
        r#"{{"type":"IAMUser","principalId":"{id}","arn":"arn:aws:iam::{account}:user/{name}","accountId":"{account}","accessKeyId":""#,
        id = principal_id("AIDA", account, name)
    )
}

/// An IAM user with an access key of its own.
pub(crate) fn user(account: &str, name: &str) -> Identity {
    Identity { head: user_head(account, name), middle: format!(r#"","userName":"{name}"}}"#), tail: String::new() }
}

/// An IAM user in a console session with MFA.
pub(crate) fn console_user(account: &str, name: &str) -> Identity {
    Identity {
        head: user_head(account, name),
        middle: format!(r#"","userName":"{name}","sessionContext":{{"attributes":{{"creationDate":""#),
        tail: r#"","mfaAuthenticated":"true"}}}"#.to_owned(),
    }
}

/// A session of a role.
pub(crate) fn role_session(role: &Role, session: &str, traits: SessionTraits<'_>) -> Identity {
    let (account, id, name) = (&role.account, role.id(), &role.name);
    let head = format!(
        r#"{{"type":"AssumedRole","principalId":"{id}:{session}","arn":"{arn}","accountId":"{account}","accessKeyId":""#,
        arn = role.session_arn(session)
    );
    let federation = traits
        .provider
        .map(|p| format!(r#""webIdFederationData":{{"federatedProvider":"{p}","attributes":{{}}}},"#))
        .unwrap_or_default();
    let middle = format!(
        r#"","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"{arn}","accountId":"{account}","userName":"{name}"}},{federation}"attributes":{{"creationDate":""#,
        arn = role.arn()
    );
    let mut tail = format!(r#"","mfaAuthenticated":"{}"}}"#, traits.mfa);
    if let Some(source) = traits.source_identity {
        tail += &format!(r#","sourceIdentity":"{source}""#);
    }
    if traits.on_instance {
        tail += r#","ec2RoleDelivery":"2.0""#;
    }
    Identity { head, middle, tail: tail + "}}" }
}

/// A user that a broker federated with `GetFederationToken`.
pub(crate) fn federated_user(account: &str, broker: &str) -> Identity {
    let issuer = format!(
        r#"{{"type":"IAMUser","principalId":"{id}","arn":"arn:aws:iam::{account}:user/{broker}","accountId":"{account}","userName":"{broker}"}}"#,
        id = principal_id("AIDA", account, broker)
    );
    Identity {
        head: format!(
            r#"{{"type":"FederatedUser","principalId":"{account}:{broker}","arn":"arn:aws:sts::{account}:federated-user/{broker}","accountId":"{account}","accessKeyId":""#
        ),
        middle: format!(r#"","sessionContext":{{"sessionIssuer":{issuer},"attributes":{{"creationDate":""#),
        tail: r#"","mfaAuthenticated":"false"}}}"#.to_owned(),
    }
}

/// A user of the identity store.
pub(crate) fn identity_center_user(account: &str, region: &str, name: &str) -> Identity {
    let mut own = Rng::new(rng::fold(&[rng::fold_str("idc"), rng::fold_str(name)]));
    let user_id = text::built(|buf| text::uuid(buf, &mut own));
    let credential = text::built(|buf| text::uuid(buf, &mut own));
    Identity {
        head: format!(
            r#"{{"type":"IdentityCenterUser","accountId":"{account}","onBehalfOf":{{"userId":"{user_id}","identityStoreArn":"arn:aws:identitystore::{account}:identitystore/d-9567{}"}},"credentialId":"{credential}"}}"#,
            if region == "ap-northeast-1" { "2a61f0" } else { "08b1c4" }
        ),
        ..Identity::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn joined(identity: &Identity) -> Value {
        let text = format!("{}KEY{}DATE{}", identity.head, identity.middle, identity.tail);
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn sessions_are_json_with_their_issuer() {
        let role = Role::new("111122223333", "/", "Developer");
        let traits =
            SessionTraits { mfa: true, source_identity: Some("anna"), provider: Some("idp"), on_instance: true };
        let v = joined(&role_session(&role, "anna", traits));
        assert_eq!(v["accessKeyId"], "KEY");
        assert_eq!(v["arn"], "arn:aws:sts::111122223333:assumed-role/Developer/anna");
        let context = &v["sessionContext"];
        assert_eq!(context["attributes"]["creationDate"], "DATE");
        assert_eq!(context["attributes"]["mfaAuthenticated"], "true");
        assert_eq!(context["sourceIdentity"], "anna");
        assert_eq!(context["ec2RoleDelivery"], "2.0");
        assert_eq!(
            v["principalId"],
            format!("{}:anna", context["sessionIssuer"]["principalId"].as_str().unwrap_or(""))
        );
    }

    #[test]
    fn users_and_federated_users_are_json() {
        let check = |identity: &Identity, kind| assert_eq!(joined(identity)["type"], kind);
        check(&console_user("111122223333", "anna"), "IAMUser");
        check(&federated_user("111122223333", "broker"), "FederatedUser");
        let plain = user("111122223333", "anna");
        let text = format!("{}KEY{}", plain.head, plain.middle);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["accessKeyId"], "KEY");
        let center = identity_center_user("111122223333", "ap-northeast-1", "anna").head;
        assert_eq!(serde_json::from_str::<Value>(&center).expect("JSON")["type"], "IdentityCenterUser");
    }
}
