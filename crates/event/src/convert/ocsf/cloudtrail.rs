//! CloudTrail: sign-ins and assumed roles are Authentication, changes of IAM users and roles Account Change, everything
//! else API Activity.

use serde_json::{Value, json};

use super::{
    ACCOUNT_CHANGE, API_ACTIVITY, AUTHENTICATION, account, api, classify, endpoint, millis, product, profile, status,
    unmapped_rest,
};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::record::{Record, at, scalar};

/// What finds a place in the event.
const MAPPED: [&str; 34] = [
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventCategory",
    "eventVersion",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestID",
    "apiVersion",
    "recipientAccountId",
    "sharedEventID",
    "requestParameters",
    "responseElements",
    "resources",
    "vpcEndpointId",
    "userIdentity.type",
    "userIdentity.principalId",
    "userIdentity.arn",
    "userIdentity.accountId",
    "userIdentity.accessKeyId",
    "userIdentity.userName",
    "userIdentity.invokedBy",
    "userIdentity.identityProvider",
    "userIdentity.sessionContext.attributes.creationDate",
    "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.sessionContext.sessionIssuer.principalId",
    "additionalEventData.MFAUsed",
];

/// Actions that sign somebody in.
const SIGN_INS: [&str; 12] = [
    "ConsoleLogin",
    "CheckMfa",
    "SwitchRole",
    "CredentialVerification",
    "CredentialChallenge",
    "UserAuthentication",
    "Authenticate",
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "GetFederationToken",
    "GetSessionToken",
];
/// Actions that sign somebody out.
const SIGN_OUTS: [&str; 4] = ["ExitRole", "Logout", "ConsoleLogout", "UserLogout"];

/// Changes of IAM users and roles, by OCSF's number and name of the activity.
const ACCOUNT_CHANGES: [(i64, &str, &[&str]); 10] = [
    (1, "Create", &["CreateUser", "CreateRole", "CreateServiceLinkedRole"]),
    (2, "Enable", &["CreateLoginProfile"]),
    (3, "Password Change", &["ChangePassword"]),
    (4, "Password Reset", &["UpdateLoginProfile"]),
    (5, "Disable", &["DeleteLoginProfile"]),
    (6, "Delete", &["DeleteUser", "DeleteRole", "DeleteServiceLinkedRole"]),
    (7, "Attach Policy", &["AttachUserPolicy", "AttachRolePolicy", "PutUserPolicy", "PutRolePolicy"]),
    (8, "Detach Policy", &["DetachUserPolicy", "DetachRolePolicy", "DeleteUserPolicy", "DeleteRolePolicy"]),
    (10, "MFA Factor Enable", &["EnableMFADevice"]),
    (11, "MFA Factor Disable", &["DeactivateMFADevice"]),
];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    let text = |path: &str| at(json, path).and_then(scalar);
    let action = text("eventName").unwrap_or_else(|| "Unknown".into());
    let source = text("eventSource").unwrap_or_default();
    let change = ACCOUNT_CHANGES.iter().find(|(_, _, names)| names.contains(&action.as_str()));
    if SIGN_INS.contains(&action.as_str()) {
        classify(document, AUTHENTICATION, 1, "Logon");
        authentication(json, document);
    } else if SIGN_OUTS.contains(&action.as_str()) && source.starts_with("signin.") {
        classify(document, AUTHENTICATION, 2, "Logoff");
        authentication(json, document);
    } else if let Some((activity, name, _)) = change.filter(|_| source == "iam.amazonaws.com") {
        classify(document, ACCOUNT_CHANGE, *activity, name);
        changed_user(json, &action, document);
    } else {
        let (activity, name) = api::activity(&action, at(json, "readOnly").and_then(Value::as_bool));
        classify(document, API_ACTIVITY, activity, name);
        document.set("resources", resources(json));
    }
    frame(record, document);
    actor(json, document);
    call(json, &action, &source, document);
    source_endpoint(json, &source, document, lookup);
    document.set_some("http_request.user_agent", text("userAgent"));
    if document.get("class_uid") == Some(&json!(ACCOUNT_CHANGE.uid)) {
        document.set_some("message", text("errorMessage"));
    }
    unmapped_rest(record, document, &MAPPED);
}

fn frame(record: &Record<'_>, document: &mut Document) {
    let json = &record.json;
    let text = |path: &str| at(json, path).and_then(scalar);
    product(document, "CloudTrail");
    document.set_some("metadata.product.version", text("eventVersion"));
    document.set_some("metadata.product.feature.name", text("eventCategory"));
    document.set_some("metadata.event_code", text("eventType"));
    document.set_some("metadata.log_name", text("eventCategory"));
    document.set_some("metadata.correlation_uid", text("sharedEventID"));
    document.set_some("metadata.original_time", text("eventTime"));
    document.set("cloud.provider", "AWS");
    document.set_some("cloud.region", text("awsRegion"));
    let owner = text("recipientAccountId").or_else(|| text("userIdentity.accountId"));
    account(document, "cloud.account", owner.as_deref());
    let said = ["responseElements.ConsoleLogin", "responseElements.CheckMfa", "responseElements.SwitchRole"];
    let refused = said.iter().filter_map(|path| text(path)).any(|result| result.eq_ignore_ascii_case("failure"));
    let failed = text("errorCode").is_some() || text("errorMessage").is_some() || refused;
    status(document, !failed);
    document.set_some("status_code", text("errorCode"));
    document.set_some("status_detail", text("errorMessage"));
}

/// The caller, as OCSF's user.
fn user(json: &Value, path: &str, document: &mut Document) {
    let text = |field: &str| at(json, &format!("userIdentity.{field}")).and_then(scalar);
    let kind = text("type");
    let name =
        text("userName").or_else(|| text("sessionContext.sessionIssuer.userName")).or_else(|| match kind.as_deref() {
            Some("Root") => Some("root".into()),
            _ => None,
        });
    document.set_some(&format!("{path}.name"), name);
    document.set_some(&format!("{path}.uid"), text("principalId").or_else(|| text("arn")));
    document.set_some(&format!("{path}.uid_alt"), text("arn"));
    document.set_some(&format!("{path}.credential_uid"), text("accessKeyId"));
    account(document, &format!("{path}.account"), text("accountId").as_deref());
    if document.get(path).is_some()
        && let Some(kind) = kind
    {
        let id = match kind.as_str() {
            "Root" => 2,
            "AWSService" => 3,
            "IAMUser" | "AssumedRole" | "FederatedUser" | "SAMLUser" | "WebIdentityUser" | "IdentityCenterUser"
            | "Role" => 1,
            _ => 99,
        };
        document.set(&format!("{path}.type_id"), id);
        document.set(&format!("{path}.type"), kind);
    }
}

fn actor(json: &Value, document: &mut Document) {
    let text = |field: &str| at(json, &format!("userIdentity.{field}")).and_then(scalar);
    user(json, "actor.user", document);
    session(json, "actor.session", document);
    document.set_some("actor.idp.name", text("identityProvider"));
    document.set_some("actor.invoked_by", text("invokedBy"));
    if document.get("actor").is_none() {
        // Somebody acted, though the record does not say who.
        document.set("actor.app_name", text("type").unwrap_or_else(|| "Unknown".into()));
    }
}

fn session(json: &Value, path: &str, document: &mut Document) {
    let text = |field: &str| at(json, &format!("userIdentity.sessionContext.{field}")).and_then(scalar);
    document.set_some(&format!("{path}.issuer"), text("sessionIssuer.arn"));
    document.set_some(&format!("{path}.uid"), text("sessionIssuer.principalId"));
    document.set_some(&format!("{path}.created_time"), text("attributes.creationDate").and_then(|time| millis(&time)));
    document.set_some(&format!("{path}.is_mfa"), text("attributes.mfaAuthenticated").map(|said| said == "true"));
}

fn call(json: &Value, action: &str, source: &str, document: &mut Document) {
    let text = |path: &str| at(json, path).and_then(scalar);
    document.set("api.operation", action);
    document.set("api.service.name", source);
    document.set_some("api.version", text("apiVersion"));
    let request = text("requestID").or_else(|| text("eventID"));
    if let Some(uid) = request {
        document.set("api.request.uid", uid);
        document.set_some("api.request.data", at(json, "requestParameters").cloned());
    }
    document.set_some("api.response.error", text("errorCode"));
    document.set_some("api.response.error_message", text("errorMessage"));
    document.set_some("api.response.data", at(json, "responseElements").cloned());
}

fn source_endpoint(json: &Value, source: &str, document: &mut Document, lookup: &dyn Lookup) {
    let text = |path: &str| at(json, path).and_then(scalar);
    endpoint(document, "src_endpoint", text("sourceIPAddress").as_deref(), lookup);
    if document.get("src_endpoint").is_none() {
        // The class asks for a source: the service that acted for itself.
        let service = text("userIdentity.invokedBy").unwrap_or_else(|| source.to_owned());
        document.set("src_endpoint.svc_name", if service.is_empty() { "Unknown".to_owned() } else { service });
    }
    document.set_some("src_endpoint.uid", text("vpcEndpointId"));
}

fn resources(json: &Value) -> Value {
    let Some(Value::Array(list)) = at(json, "resources") else { return Value::Null };
    let written = list.iter().map(|resource| {
        let mut out = Document::default();
        out.set_some("uid", at(resource, "ARN").or_else(|| at(resource, "ARNPrefix")).and_then(scalar));
        out.set_some("type", at(resource, "type").and_then(scalar));
        account(&mut out, "owner.account", at(resource, "accountId").and_then(scalar).as_deref());
        out.finish()
    });
    written.filter(|resource| resource.as_object().is_some_and(|map| !map.is_empty())).collect()
}

/// Who signed in: the role that was assumed, or the caller.
fn authentication(json: &Value, document: &mut Document) {
    let text = |path: &str| at(json, path).and_then(scalar);
    let action = text("eventName").unwrap_or_default();
    if action.starts_with("AssumeRole") {
        document.set_some(
            "user.uid",
            text("responseElements.assumedRoleUser.arn").or_else(|| text("requestParameters.roleArn")),
        );
        document.set_some("user.uid_alt", text("responseElements.assumedRoleUser.assumedRoleId"));
        document.set_some("user.name", text("requestParameters.roleSessionName"));
        document.set_some("session.credential_uid", text("responseElements.credentials.accessKeyId"));
        document.set_some("session.issuer", text("requestParameters.roleArn"));
    }
    if document.get("user").is_none() {
        user(json, "user", document);
    }
    if document.get("user").is_none() {
        document.set("user.name", text("userIdentity.invokedBy").unwrap_or_else(|| "Unknown".into()));
    }
    let protocol = match action.as_str() {
        "AssumeRoleWithSAML" => Some((5, "SAML")),
        "AssumeRoleWithWebIdentity" => Some((4, "OpenID")),
        _ => None,
    };
    if let Some((id, name)) = protocol {
        document.set("auth_protocol_id", id);
        document.set("auth_protocol", name);
    }
    let mfa = text("additionalEventData.MFAUsed").map(|said| said == "Yes");
    document.set_some(
        "is_mfa",
        mfa.or_else(|| text("userIdentity.sessionContext.attributes.mfaAuthenticated").map(|said| said == "true")),
    );
    let service = text("eventSource").unwrap_or_else(|| "Unknown".into());
    document.set("service.name", service.as_str());
    document.set("dst_endpoint.svc_name", service);
    profile(document, "cloud");
}

/// The user or role that was changed.
fn changed_user(json: &Value, action: &str, document: &mut Document) {
    let text = |path: &str| at(json, path).and_then(scalar);
    let names = ["userName", "roleName", "aWSServiceName"];
    let name = names.iter().find_map(|name| text(&format!("requestParameters.{name}")));
    let role = action.contains("Role");
    document.set_some("user.name", name);
    for kind in ["user", "role"] {
        document.set_some("user.uid", text(&format!("responseElements.{kind}.{kind}Id")));
        document.set_some("user.uid_alt", text(&format!("responseElements.{kind}.arn")));
    }
    if document.get("user").is_none() {
        user(json, "user", document);
    }
    document.set_default("user.name", "Unknown");
    if role {
        document.set("user.type", "Role");
        document.set("user.type_id", 99);
    }
    let policy = text("requestParameters.policyArn");
    if policy.is_some() || text("requestParameters.policyName").is_some() {
        let mut out = Document::default();
        out.set_some("uid", policy);
        out.set_some("name", text("requestParameters.policyName"));
        document.set("policies", json!([out.finish()]));
    }
}
