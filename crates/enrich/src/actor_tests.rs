//! Identities as they occur in real logs, and the actor behind each.

use super::*;

/// Name, kind, principal, role, session, user name.
type Expected<'a> = (Option<&'a str>, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn check(identity: Identity<'_>, expected: Expected<'_>) {
    let actor = identity.actor();
    let found = (actor.name, actor.kind, actor.principal, actor.role, actor.session, actor.user_name);
    assert_eq!(found, expected, "{identity:?}");
}

const ALICE: &str = "arn:aws:iam::111122223333:user/people/alice";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com";
const ADMIN: &str = "arn:aws:iam::111122223333:role/team/Admin";

fn assumed<'a>(principal_id: &'a str, arn: &'a str) -> Identity<'a> {
    Identity {
        kind: Some("AssumedRole"),
        principal_id: Some(principal_id),
        arn: Some(arn),
        issuer_kind: Some("Role"),
        issuer_arn: Some(ADMIN),
        issuer_name: Some("Admin"),
        ..Identity::default()
    }
}

#[test]
fn users() {
    let alice = Identity {
        kind: Some("IAMUser"),
        principal_id: Some("AIDA1"),
        arn: Some(ALICE),
        user_name: Some("alice"),
        ..Identity::default()
    };
    let expected = (Some("alice"), "IAMUser", Some(ALICE), None, None, Some("alice"));
    check(alice, expected);
    check(Identity { invoked_by: Some("cloudformation.amazonaws.com"), ..alice }, expected);
    check(Identity { user_name: None, ..alice }, (Some("alice"), "IAMUser", Some(ALICE), None, None, None));
    check(Identity { arn: Some(""), ..alice }, (Some("alice"), "IAMUser", Some("AIDA1"), None, None, Some("alice")));
}

#[test]
fn hidden_user_names() {
    let hidden =
        Identity { kind: Some("IAMUser"), user_name: Some(HIDDEN), account_id: Some("1"), ..Identity::default() };
    check(hidden, (Some(HIDDEN), "IAMUser", None, None, None, Some(HIDDEN)));
    let with_id = Identity { principal_id: Some("AIDA1"), ..hidden };
    check(with_id, (Some("AIDA1"), "IAMUser", Some("AIDA1"), None, None, Some(HIDDEN)));
}

#[test]
fn root() {
    let arn = "arn:aws:iam::111122223333:root";
    let root =
        Identity { kind: Some("Root"), principal_id: Some("111122223333"), arn: Some(arn), ..Identity::default() };
    check(root, (Some("root"), "Root", Some(arn), None, None, Some("root")));
    let alias = Identity { user_name: Some("my-company"), ..root };
    check(alias, (Some("root"), "Root", Some(arn), None, None, Some("my-company")));
    let taken = Identity { source_identity: Some("bob"), ..root };
    check(taken, (Some("bob"), "Root", Some("bob"), None, None, Some("root")));
}

#[test]
fn sessions_named_after_somebody() {
    let session = assumed("AROA1:alice@example.com", SESSION);
    check(
        session,
        (
            Some("alice@example.com"),
            "AssumedRole",
            Some(SESSION),
            Some("Admin"),
            Some("alice@example.com"),
            Some("Admin"),
        ),
    );
    let instance = "arn:aws:sts::111122223333:assumed-role/Admin/i-0123456789abcdef0";
    let on_instance = assumed("AROA1:i-0123456789abcdef0", instance);
    let id = Some("i-0123456789abcdef0");
    check(on_instance, (id, "AssumedRole", Some(instance), Some("Admin"), id, Some("Admin")));
    let bare = Identity { kind: Some("AssumedRole"), arn: Some(SESSION), ..Identity::default() };
    check(
        bare,
        (Some("alice@example.com"), "AssumedRole", Some(SESSION), Some("Admin"), Some("alice@example.com"), None),
    );
}

#[test]
fn sessions_that_a_program_named() {
    for name in [
        "aws-go-sdk-1722511821294449000",
        "botocore-session-1690000000",
        "AWSCLI-Session",
        "AssumeRoleSession1",
        "123e4567-e89b-12d3-a456-426614174000",
        "0123456789abcdef0123",
        "1690000000",
        "42",
        "session",
    ] {
        let principal = format!("AROA1:{name}");
        let arn = format!("arn:aws:sts::111122223333:assumed-role/Admin/{name}");
        check(
            assumed(&principal, &arn),
            (Some("Admin"), "AssumedRole", Some(ADMIN), Some("Admin"), Some(name), Some("Admin")),
        );
    }
    for name in [
        "deploy-bot",
        "ken",
        "my-function",
        "GitHubActions",
        "i-0123456789abcdef0",
        "user1",
        "christophe.tafanidereeper",
    ] {
        assert!(!is_generated(name), "{name}");
    }
}

#[test]
fn the_source_identity_outlives_the_chain() {
    let session = Identity { source_identity: Some("alice"), ..assumed("AROA1:botocore-session-1690000000", SESSION) };
    check(
        session,
        (
            Some("alice"),
            "AssumedRole",
            Some("alice"),
            Some("Admin"),
            Some("botocore-session-1690000000"),
            Some("Admin"),
        ),
    );
}

#[test]
fn switched_roles_lead_back_to_the_user() {
    let session = Identity { switch_from: Some(ALICE), ..assumed("AROA1:alice", SESSION) };
    check(session, (Some("alice"), "IAMUser", Some(ALICE), Some("Admin"), Some("alice"), Some("Admin")));
    let from_role = "arn:aws:sts::444455556666:assumed-role/Base/carol";
    let chained = Identity { switch_from: Some(from_role), ..assumed("AROA1:carol", SESSION) };
    check(chained, (Some("carol"), "AssumedRole", Some(from_role), Some("Admin"), Some("carol"), Some("Admin")));
}

#[test]
fn service_linked_roles_are_the_service() {
    let role = "arn:aws:iam::1:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let linked = Identity {
        issuer_arn: Some(role),
        issuer_name: Some("AWSServiceRoleForConfig"),
        invoked_by: Some("config.amazonaws.com"),
        ..assumed(
            "AROA1:DescribeHandlerSession",
            "arn:aws:sts::1:assumed-role/AWSServiceRoleForConfig/DescribeHandlerSession",
        )
    };
    let service = Some("config.amazonaws.com");
    let role = Some("AWSServiceRoleForConfig");
    check(linked, (service, "AWSService", service, role, Some("DescribeHandlerSession"), role));
}

#[test]
fn services() {
    let service = Identity { kind: Some("AWSService"), invoked_by: Some("rds.amazonaws.com"), ..Identity::default() };
    check(service, (Some("rds.amazonaws.com"), "AWSService", Some("rds.amazonaws.com"), None, None, None));
    check(
        Identity { kind: None, ..service },
        (Some("rds.amazonaws.com"), "AWSService", Some("rds.amazonaws.com"), None, None, None),
    );
    let by_id = Identity { kind: Some("AWSService"), principal_id: Some("logs.amazonaws.com"), ..Identity::default() };
    check(by_id, (Some("logs.amazonaws.com"), "AWSService", Some("logs.amazonaws.com"), None, None, None));
}

#[test]
fn federated_sessions_lead_back_to_who_asked() {
    let arn = "arn:aws:sts::111122223333:federated-user/backdoor";
    let federated = Identity {
        kind: Some("FederatedUser"),
        principal_id: Some("111122223333:backdoor"),
        arn: Some(arn),
        issuer_kind: Some("IAMUser"),
        issuer_arn: Some(ALICE),
        issuer_name: Some("alice"),
        ..Identity::default()
    };
    check(federated, (Some("alice"), "FederatedUser", Some(ALICE), None, Some("backdoor"), Some("alice")));
    let unissued = Identity { issuer_kind: None, issuer_arn: None, issuer_name: None, ..federated };
    check(unissued, (Some("backdoor"), "FederatedUser", Some(arn), None, Some("backdoor"), None));
    let by_root = Identity { issuer_kind: Some("Root"), issuer_arn: Some("arn:aws:iam::1:root"), ..unissued };
    check(by_root, (Some("root"), "FederatedUser", Some("arn:aws:iam::1:root"), None, Some("backdoor"), None));
}

#[test]
fn people_from_identity_providers() {
    let saml = Identity {
        kind: Some("SAMLUser"),
        principal_id: Some("UkH1i4=:alice@example.com"),
        user_name: Some("alice@example.com"),
        ..Identity::default()
    };
    let name = Some("alice@example.com");
    check(saml, (name, "SAMLUser", Some("UkH1i4=:alice@example.com"), None, None, name));
    let web = Identity { kind: Some("WebIdentityUser"), user_name: Some("repo:org/app:ref:refs/heads/main"), ..saml };
    let repo = Some("repo:org/app:ref:refs/heads/main");
    check(web, (repo, "WebIdentityUser", saml.principal_id, None, None, repo));
    let person = Identity { on_behalf_of: Some("94482488-3041-7064"), ..assumed("AROA1:alice@example.com", SESSION) };
    check(person, (name, "IdentityCenterUser", Some("94482488-3041-7064"), Some("Admin"), name, Some("Admin")));
    let portal = Identity { kind: Some("IdentityCenterUser"), on_behalf_of: Some("94482488"), ..Identity::default() };
    check(portal, (Some("94482488"), "IdentityCenterUser", Some("94482488"), None, None, None));
}

#[test]
fn callers_of_other_accounts() {
    let caller = Identity {
        kind: Some("AWSAccount"),
        principal_id: Some("AROA1:my-function"),
        account_id: Some("444455556666"),
        ..Identity::default()
    };
    check(caller, (Some("my-function"), "AWSAccount", Some("AROA1:my-function"), None, Some("my-function"), None));
    let user = Identity { principal_id: Some("AIDA9"), ..caller };
    check(user, (Some("AIDA9"), "AWSAccount", Some("AIDA9"), None, None, None));
    let bare = Identity { principal_id: None, ..caller };
    check(bare, (Some("444455556666"), "AWSAccount", Some("444455556666"), None, None, None));
    let anonymous = Identity { principal_id: Some(""), account_id: Some("ANONYMOUS_PRINCIPAL"), ..caller };
    check(anonymous, (Some("anonymous"), "AWSAccount", Some("ANONYMOUS_PRINCIPAL"), None, None, None));
}

#[test]
fn nothing_to_go_by() {
    check(Identity::default(), (None, "Unknown", None, None, None, None));
    check(Identity { kind: Some(""), ..Identity::default() }, (None, "Unknown", None, None, None, None));
    let odd = Identity { kind: Some("Directory"), principal_id: Some("d-1"), ..Identity::default() };
    check(odd, (Some("d-1"), "Directory", Some("d-1"), None, None, None));
    check(assumed(":", "x"), (Some("Admin"), "AssumedRole", Some(ADMIN), Some("Admin"), None, Some("Admin")));
    check(
        Identity { kind: Some("AssumedRole"), arn: Some("///:::"), ..Identity::default() },
        (None, "AssumedRole", Some("///:::"), None, None, None),
    );
}
