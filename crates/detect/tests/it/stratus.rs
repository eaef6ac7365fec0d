//! Recorded attack techniques: each raises a rule that names what was done.

use std::collections::BTreeSet;

use super::watch::{self, Watch};

/// A technique, by the name of its file, and the rules that say what it is.
const TECHNIQUES: &[(&str, &[&str])] = &[
    ("aws.credential-access.ec2-get-password-data", &["password-data-read", "password-data-sweep"]),
    (
        "aws.credential-access.ec2-steal-instance-credentials",
        &["instance-credentials-with-tool", "ssm-command-by-user-key"],
    ),
    ("aws.credential-access.secretsmanager-batch-retrieve-secrets", &["secrets-read-in-batch"]),
    ("aws.credential-access.secretsmanager-retrieve-secrets", &["secrets-read-in-bulk", "secrets-read-by-user"]),
    ("aws.credential-access.ssm-retrieve-securestring-parameters", &["parameters-read-in-bulk"]),
    ("aws.defense-evasion.cloudtrail-delete", &["trail-deleted"]),
    ("aws.defense-evasion.cloudtrail-event-selectors", &["event-selectors-narrowed"]),
    ("aws.defense-evasion.cloudtrail-stop", &["trail-stopped"]),
    ("aws.defense-evasion.dns-delete-logs", &["dns-query-logs-deleted"]),
    ("aws.defense-evasion.organizations-leave", &["organization-left"]),
    ("aws.defense-evasion.vpc-remove-flow-logs", &["flow-logs-deleted"]),
    ("aws.discovery.ec2-download-user-data", &["user-data-downloaded"]),
    ("aws.execution.ec2-launch-unusual-instances", &["gpu-instance-launched"]),
    ("aws.execution.ec2-user-data", &["user-data-swapped", "user-data-changed"]),
    ("aws.execution.ssm-send-command", &["ssm-command-to-many"]),
    ("aws.execution.ssm-start-session", &["ssm-sessions-burst"]),
    ("aws.exfiltration.ec2-security-group-open-port-22-ingress", &["ssh-open-to-world"]),
    ("aws.exfiltration.ec2-share-ami", &["ami-shared-externally"]),
    ("aws.exfiltration.ec2-share-ebs-snapshot", &["ebs-snapshot-shared-externally"]),
    ("aws.exfiltration.rds-share-snapshot", &["rds-snapshot-shared"]),
    ("aws.impact.bedrock-invoke-model", &["model-access-agreed"]),
    ("aws.initial-access.console-login-without-mfa", &["user-login-without-mfa"]),
    ("aws.lateral-movement.ec2-instance-connect", &["instance-connect-to-many", "ssh-key-pushed"]),
    ("aws.lateral-movement.ec2-serial-console-send-ssh-public-key", &["serial-console-key-pushed"]),
    ("aws.persistence.iam-backdoor-role", &["role-trust-external"]),
    ("aws.persistence.iam-backdoor-user", &["access-key-for-another-user"]),
    ("aws.persistence.iam-create-admin-user", &["user-created-and-made-admin", "admin-policy-attached-to-user"]),
    ("aws.persistence.iam-create-backdoor-role", &["admin-policy-attached-to-role", "role-trust-external"]),
    ("aws.persistence.iam-create-user-login-profile", &["login-profile-created"]),
    ("aws.persistence.lambda-backdoor-function", &["lambda-public"]),
    ("aws.persistence.lambda-layer-extension", &["lambda-layer-attached"]),
    ("aws.persistence.lambda-overwrite-code", &["lambda-code-by-user-key"]),
    ("aws.persistence.rolesanywhere-create-trust-anchor", &["trust-anchor-created"]),
    ("aws.persistence.sts-federation-token", &["federation-token-issued"]),
    ("aws.privilege-escalation.iam-update-user-login-profile", &["login-profile-updated-for-another-user"]),
];

#[test]
fn every_technique_raises_a_rule_that_names_it() {
    let Some(folder) = watch::corpus("logs/cloudtrail/stratus-red-team") else { return };
    let mut watch = Watch::new(&watch::enabled(), None);
    let mut missed = Vec::new();
    for (technique, wanted) in TECHNIQUES {
        let file = folder.join(format!("{technique}.json"));
        let raised = watch.alerts(&[file]);
        let raised: BTreeSet<&str> = raised.keys().map(|(rule, _)| rule.as_str()).collect();
        if !wanted.iter().any(|rule| raised.contains(rule)) {
            missed.push(format!("{technique}: {raised:?}"));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), TECHNIQUES.len(), missed.join("\n"));
}

#[test]
fn the_table_is_about_rules_that_there_are() {
    let rules = watch::enabled();
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    for (technique, wanted) in TECHNIQUES {
        let unknown: Vec<&&str> = wanted.iter().filter(|rule| !known.contains(**rule)).collect();
        assert!(unknown.is_empty(), "{technique}: {unknown:?}");
    }
}
