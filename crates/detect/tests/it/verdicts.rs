//! The rules that come with the product beside those of others: what they say of the same events, and what they find at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detect::rule::{File, Mode, load};
use detect::{Attack, Detector, Held, Rule};
use engine::matching::Matching;
use enrich::Enricher;
use event::{Batcher, Decoded, Limits};
use serde_json::Value;

/// Verdicts of others that our rules have to agree with, of a hundred.
const AGREE: usize = 95;

/// Fewest verdicts that are compared.
const LEAST: usize = 130;

/// A rule of others, and ours of the same meaning.
const SAME_MEANING: &[(&str, &[&str])] = &[
    ("AWS.Bedrock.GuardrailUpdateDelete", &["guardrail-weakened"]),
    ("AWS.CloudTrail.Created", &["trail-changed"]),
    ("AWS.CloudTrail.DNSLogsDeleted", &["dns-query-logs-deleted"]),
    ("AWS.CloudTrail.EventSelectorsDisabled", &["event-selectors-narrowed"]),
    ("AWS.CloudTrail.IAMAssumeRoleBlacklistIgnored", &["admin-role-assumed-by-user"]),
    ("AWS.CloudTrail.IAMCompromisedKeyQuarantine", &["compromised-key-quarantined"]),
    (
        "AWS.CloudTrail.LoginProfileCreatedOrModified",
        &["login-profile-created", "login-profile-updated-for-another-user"],
    ),
    ("AWS.CloudTrail.NetworkACLPermissiveEntry", &["network-acl-open-to-world"]),
    ("AWS.CloudTrail.RootAccessKeyCreated", &["root-access-key-created"]),
    ("AWS.CloudTrail.ShortLifecycle", &["s3-lifecycle-rapid-expiration"]),
    ("AWS.CloudTrail.UnauthorizedAPICall", &["access-denied-burst"]),
    ("AWS.ConfigService.DisabledDeleted", &["config-stopped"]),
    ("AWS.Console.LoginWithoutSAML", &["console-login-without-saml"]),
    ("AWS.Console.RootLogin", &["root-console-login"]),
    ("AWS.Console.Sign-In", &["identity-center-sign-in"]),
    ("AWS.DNS.Crypto.Domain", &["dns-crypto-domain"]),
    ("AWS.EC2.DownloadInstanceUserData", &["user-data-downloaded"]),
    ("AWS.EC2.GatewayModified", &["network-gateway-changed"]),
    ("AWS.EC2.LaunchUnusualEC2Instances", &["gpu-instance-launched"]),
    ("AWS.EC2.ManyPasswordReadAttempts", &["password-data-sweep"]),
    ("AWS.EC2.Monitoring", &["image-copied-by-hand"]),
    ("AWS.EC2.MultiInstanceConnect", &["ssh-key-pushed"]),
    ("AWS.EC2.SecurityGroupModified", &["security-group-changed"]),
    ("AWS.GuardDuty.HighSeverityFinding", &["guardduty-high-finding"]),
    ("AWS.GuardDuty.LowSeverityFinding", &["guardduty-low-finding"]),
    ("AWS.IAM.CreateUser", &["user-created"]),
    ("AWS.IAM.CredentialsUpdated", &["credentials-changed"]),
    ("AWS.IAM.PolicyModified", &["iam-policy-changed"]),
    ("AWS.IAMUser.ReconAccessDenied", &["iam-recon-denied"]),
    ("AWS.KMS.CustomerManagedKeyLoss", &["kms-key-lost"]),
    ("AWS.Modify.Cloud.Compute.Infrastructure", &["compute-changed-by-hand"]),
    ("AWS.RDS.ActivityStreamStopped", &["rds-activity-stream-stopped"]),
    ("AWS.RDS.DeletionProtectionDisabled", &["rds-deletion-protection-off"]),
    ("AWS.RDS.SnapshotDeleted", &["rds-snapshot-deleted"]),
    ("AWS.RDS.SnapshotShared", &["rds-snapshot-shared"]),
    ("AWS.Root.Activity", &["root-credential-usage"]),
    ("AWS.S3.BucketPolicyModified", &["s3-bucket-settings-changed"]),
    ("AWS.S3.CopyObject.CrossAccount.Encryption.KMS", &["s3-copied-under-foreign-key"]),
    ("AWS.S3.CopyObjectWithClientSideEncryption", &["s3-objects-reencrypted"]),
    ("AWS.S3.DeletePublicAccessBlock", &["s3-bucket-block-public-access-off"]),
    ("AWS.S3.DisableBucketLogging", &["s3-access-logging-off"]),
    ("AWS.S3.DisableMfaDelete", &["s3-mfa-delete-off"]),
    ("AWS.SSM.DistributedCommand", &["ssm-command-to-many"]),
    ("AWS.SecretsManager.BatchRetrieveSecrets", &["secrets-read-in-batch"]),
    ("AWS.VPCFlow.LogsDeleted", &["flow-logs-deleted"]),
    ("AWS.WAF.Managed.KnownBadInputs", &["waf-known-bad-input"]),
];

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join(part);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn rules() -> Vec<Rule> {
    let file = |(path, text): (&str, &str)| File { name: path.to_owned(), text: text.to_owned(), builtin: true };
    let files: Vec<File> = assets::rules().map(file).collect();
    load(&files, &Attack::parse(assets::attack())).rules.into_iter().map(|entry| entry.rule).collect()
}

/// Decoded and enriched as an ingest would; nothing where it is no log as AWS writes it.
fn decoded(bytes: &[u8], name: &str) -> Vec<Decoded> {
    let mut batcher = Batcher::new(Limits::default()).keeping_unknown();
    if batcher.push_object(bytes, name, 0).is_err() {
        return Vec::new();
    }
    let enricher = Enricher::new(None);
    let mut out = Vec::new();
    while let Some(Decoded { log_type, batch }) = batcher.take_batch().expect("a batch") {
        out.push(Decoded { log_type, batch: enricher.enrich_as(log_type, batch).expect("enriched") });
    }
    out
}

/// The rules that raise over a history.
fn raised(rules: &[Arc<Rule>], matching: &Matching, batches: &[Decoded]) -> BTreeSet<String> {
    let (mut detector, broken) = Detector::new(rules, &HashMap::new(), matching).expect("rules that run");
    assert!(broken.is_empty(), "{}", broken.iter().map(|b| b.rule.as_str()).collect::<Vec<_>>().join(", "));
    let findings = detector.observe(batches, &mut Held::default(), i64::MAX).expect("observed");
    findings.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn verdicts_of_others_agree() {
    let Some(path) = shared("corpora/rules/rule_events.jsonl") else { return };
    let rules: HashMap<String, Rule> = rules().into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    let matching = Matching::new(None, 0);
    let text = fs::read_to_string(path).expect("a file");
    let mut by_rule: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        by_rule.entry(row["rule"].as_str().unwrap_or_default().to_owned()).or_default().push(row);
    }
    let (mut same, mut all, mut differ) = (0, 0, Vec::new());
    for (theirs, rows) in by_rule {
        let Some((_, ours)) = SAME_MEANING.iter().find(|(known, _)| *known == theirs) else { continue };
        // An event by itself: what others count up to is their own threshold.
        let single = |id: &&str| Rule { mode: Mode::Each, ..rules.get(*id).expect("a rule of that id").clone() };
        let ours: Vec<Arc<Rule>> = ours.iter().map(single).map(Arc::new).collect();
        // Verdicts that hang on what was remembered before say nothing of one event.
        for row in rows.iter().filter(|row| row["mocks"] != Value::Bool(true)) {
            all += 1;
            let got = !raised(&ours, &matching, &decoded(whole(&row["log"]).as_bytes(), "verdict")).is_empty();
            match Some(got) == row["expected"].as_bool() {
                true => same += 1,
                false => differ.push(format!("{theirs}: {} (we say {got})", row["test"])),
            }
        }
    }
    eprintln!("verdicts of others: {same} of {all} agree");
    assert!(all >= LEAST, "only {all} verdicts are compared");
    assert!(same * 100 >= all * AGREE, "{same} of {all} agree; others:\n{}", differ.join("\n"));
}

/// An event with what an excerpt leaves out and every record has.
fn whole(log: &Value) -> String {
    let mut log = log.clone();
    if let Some(record) = log.as_object_mut().filter(|record| record.contains_key("eventName")) {
        record.entry("eventTime").or_insert_with(|| "2026-01-15T03:04:05Z".into());
        record.entry("eventID").or_insert_with(|| "00000000-0000-4000-8000-000000000001".into());
    }
    log.to_string()
}

/// What GuardDuty finds in CloudTrail alone, and the signals of its custom detection rules: each has a rule that says so.
const GUARDDUTY: &str = "
    AttackSequence:IAM/CompromisedCredentials AttackSequence:S3/CompromisedData
    CredentialAccess:IAMUser/AnomalousBehavior CredentialAccess:IAMUser/CompromisedCredentials
    DefenseEvasion:IAMUser/AnomalousBehavior DefenseEvasion:IAMUser/BedrockLoggingDisabled
    Discovery:IAMUser/AnomalousBehavior Discovery:S3/AnomalousBehavior Discovery:S3/MaliciousIPCaller
    Discovery:S3/MaliciousIPCaller.Custom Discovery:S3/TorIPCaller Exfiltration:IAMUser/AnomalousBehavior
    Exfiltration:S3/AnomalousBehavior Exfiltration:S3/MaliciousIPCaller Impact:IAMUser/AnomalousBehavior
    Impact:S3/AnomalousBehavior.Delete Impact:S3/AnomalousBehavior.Permission Impact:S3/AnomalousBehavior.Write
    Impact:S3/MaliciousIPCaller InitialAccess:IAMUser/AnomalousBehavior PenTest:IAMUser/KaliLinux
    PenTest:IAMUser/ParrotLinux PenTest:IAMUser/PentooLinux PenTest:S3/KaliLinux PenTest:S3/ParrotLinux
    PenTest:S3/PentooLinux Persistence:IAMUser/AnomalousBehavior Policy:IAMUser/RootCredentialUsage
    Policy:IAMUser/ShortTermRootCredentialUsage Policy:S3/AccountBlockPublicAccessDisabled
    Policy:S3/BucketAnonymousAccessGranted Policy:S3/BucketBlockPublicAccessDisabled Policy:S3/BucketPublicAccessGranted
    PrivilegeEscalation:IAMUser/AnomalousBehavior Recon:IAMUser/MaliciousIPCaller Recon:IAMUser/MaliciousIPCaller.Custom
    Recon:IAMUser/TorIPCaller Stealth:IAMUser/CloudTrailLoggingDisabled Stealth:IAMUser/PasswordPolicyChange
    Stealth:S3/ServerAccessLoggingDisabled UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B
    UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS
    UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS UnauthorizedAccess:IAMUser/MaliciousIPCaller
    UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom
    UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS UnauthorizedAccess:IAMUser/TorIPCaller
    UnauthorizedAccess:S3/MaliciousIPCaller.Custom UnauthorizedAccess:S3/TorIPCaller
    AMIExternalAccess AdminPolicyAttachedToRole AdminPolicyAttachedToUser BedrockServiceCredentialCreated
    ConsoleLoginWithoutMFA DNSQueryLogsDeleted EBSSnapshotExternalAccess EC2InstanceSSHKeyPushed EC2PasswordDataRetrieved
    EC2SecurityGroupPublicSSH EC2TerminationProtectionEnabled EC2UserDataModified IAMAccessKeyCreated
    IAMRoleTrustPolicyModified IAMUserLoginProfileCreated IAMUserLoginProfileUpdated LambdaFunctionPublicAccess
    LambdaFunctionUrlPublicAccess OrganizationLeaveAttempt OrganizationPolicyDisabled RDSIAMAuthDisabled
    RDSMasterPasswordReset RDSPubliclyAccessible RDSSnapshotPubliclyShared RolesAnywhereTrustAnchorCreated
    S3BucketPolicyExternalAccess S3CustomerProvidedKeysEnabled S3LifecycleRapidExpiration SESAccountSendingEnabled
    SESDomainIdentityVerified SESFullAccessPolicyAttachedToRole SESFullAccessPolicyAttachedToUser
    SESProductionAccessEnabled SageMakerLifecycleConfigModified VPCFlowLogsDeleted
";

#[test]
fn what_others_find_has_a_rule() {
    let covered: BTreeSet<String> = rules().into_iter().flat_map(|rule| rule.covers).collect();
    let controls = (1..=14).map(|n| format!("CloudWatch.{n}"));
    let wanted = GUARDDUTY.split_whitespace().map(str::to_owned).chain(controls);
    let missing: Vec<String> = wanted.filter(|name| !covered.contains(name)).collect();
    assert!(missing.is_empty(), "{}", missing.join(", "));
}
