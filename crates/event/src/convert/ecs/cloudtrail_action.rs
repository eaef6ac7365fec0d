//! `event.category` and `event.type` of the CloudTrail actions that Elastic's integration classifies; everything else is
//! an `info` without a category there, and so it is here.

use serde_json::{Value, json};

/// Subject, act, and the actions of both. An action without a subject has only the act.
const CLASSES: [(&str, &str, &str, &[&str]); 12] = [
    ("iam", "group", "creation", &["CreateGroup"]),
    ("iam", "group", "deletion", &["DeleteGroup"]),
    ("iam", "user", "creation", &["CreateUser"]),
    ("iam", "user", "deletion", &["DeleteUser"]),
    ("iam", "admin", "creation", &["CreateKeyPair"]),
    (
        "iam",
        "group",
        "change",
        &[
            "AddUserToGroup",
            "AttachGroupPolicy",
            "DeleteGroupPolicy",
            "DetachGroupPolicy",
            "PutGroupPolicy",
            "RemoveUserFromGroup",
            "UpdateGroup",
        ],
    ),
    (
        "iam",
        "user",
        "change",
        &[
            "AttachUserPolicy",
            "ChangePassword",
            "CreateAccessKey",
            "CreateVirtualMFADevice",
            "DeactivateMFADevice",
            "DeleteAccessKey",
            "DeleteSSHPublicKey",
            "DeleteUserPermissionsBoundary",
            "DeleteUserPolicy",
            "DeleteVirtualMFADevice",
            "DetachUserPolicy",
            "EnableMFADevice",
            "PutUserPermissionsBoundary",
            "PutUserPolicy",
            "TagUser",
            "UntagUser",
            "UpdateAccessKey",
            "UpdateLoginProfile",
            "UpdateSSHPublicKey",
            "UpdateUser",
        ],
    ),
    (
        "iam",
        "admin",
        "change",
        &["SetDefaultPolicyVersion", "SetSecurityTokenServicePreferences", "UpdateAccountPasswordPolicy", "UpdateRole"],
    ),
    (
        "iam",
        "group",
        "info",
        &["GetGroup", "GetGroupPolicy", "ListAttachedGroupPolicies", "ListGroupPolicies", "ListGroups"],
    ),
    (
        "iam",
        "user",
        "info",
        &[
            "GetUser",
            "GetUserPolicy",
            "ListAttachedUserPolicies",
            "ListGroupsForUser",
            "ListUserPolicies",
            "ListUserTags",
            "ListUsers",
        ],
    ),
    ("authentication", "", "info", &["AssumeRole", "ConsoleLogin"]),
    ("file", "", "", &["CreateBucket", "DeleteBucket"]),
];

/// Category and types of an action.
pub(super) fn classify(action: &str) -> (Value, Value) {
    let Some((category, subject, act, _)) = CLASSES.iter().find(|class| class.3.contains(&action)) else {
        return (Value::Null, json!(["info"]));
    };
    let act = match (*category, action) {
        ("file", "CreateBucket") => "creation",
        ("file", _) => "deletion",
        _ => act,
    };
    let kinds: Vec<&str> = [*subject, act].into_iter().filter(|kind| !kind.is_empty()).collect();
    (json!([category]), json!(kinds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_their_class() {
        let check =
            |action: &str, category: Value, kinds: Value| assert_eq!(classify(action), (category, kinds), "{action}");
        check("ConsoleLogin", json!(["authentication"]), json!(["info"]));
        check("CreateUser", json!(["iam"]), json!(["user", "creation"]));
        check("AddUserToGroup", json!(["iam"]), json!(["group", "change"]));
        check("DeleteBucket", json!(["file"]), json!(["deletion"]));
        check("RunInstances", Value::Null, json!(["info"]));
    }
}
