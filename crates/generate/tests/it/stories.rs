//! The counts of `docs/investigations.md`, found in the files, with little background and with more.

use crate::MUCH;
use crate::samples::Samples;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn unauthorised(record: &&Value) -> bool {
    let code = text(record, "/errorCode");
    ["AccessDenied", "Unauthorized", "AuthFailure", "NotPermitted", "Forbidden"].iter().any(|part| code.contains(part))
}

fn count_by<'a>(
    records: impl Iterator<Item = &'a Value>,
    key: impl Fn(&'a Value) -> String,
) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for record in records {
        *out.entry(key(record)).or_default() += 1;
    }
    out
}

fn expect(rows: &[(&str, usize)]) -> BTreeMap<String, usize> {
    rows.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect()
}

/// Runs a test over samples with no background, with a little, and with thirty times as much as there is story.
fn with_little_and_much(check: impl Fn(&Samples)) {
    for events in [generate::scripted_events(), 1_000, MUCH] {
        check(Samples::shared(events));
    }
}

#[test]
fn story_a_a_leaked_key() {
    with_little_and_much(|samples| {
        for days in [7, 8, 9] {
            let iam_errors =
                samples.last(days).filter(|r| r["eventSource"] == "iam.amazonaws.com" && r.get("errorCode").is_some());
            let denied: Vec<_> = samples.last(days).filter(unauthorised).collect();
            assert_eq!(iam_errors.count(), 1, "{days} days");
            assert_eq!(denied.len(), 1, "{days} days");
            assert_eq!((text(denied[0], "/eventName"), text(denied[0], "/errorCode")), ("CreateUser", "AccessDenied"));
            assert_eq!(text(denied[0], "/requestParameters/userName"), "Test-Splunk-User2");
        }
        let own: Vec<_> =
            samples.last(1).filter(|r| text(r, "/userIdentity/userName") == "Test-Splunk-User1").collect();
        let names: Vec<_> = own.iter().map(|r| text(r, "/eventName")).collect();
        assert_eq!(names, ["ListUsers", "CreateUser"]);
        assert!(own.iter().all(|r| text(r, "/sourceIPAddress") == "152.206.80.57"
            && text(r, "/userIdentity/accessKeyId").starts_with("AKIA")));
    });
}

#[test]
fn story_b_a_habit() {
    with_little_and_much(|samples| {
        let year: Vec<_> = samples.records.iter().filter(|r| text(r, "/eventTime").starts_with("2018")).collect();
        assert_eq!(year.len(), 41);
        assert!(
            year.iter().all(|r| r["recipientAccountId"] == "333344445555"),
            "the story's account has 2018 for itself"
        );
        let logins = year.iter().copied().filter(|r| r["eventName"] == "ConsoleLogin");
        let by_user = |r: &Value| {
            let user = if r["userIdentity"]["type"] == "Root" { "root" } else { text(r, "/userIdentity/userName") };
            format!("{user} {}", text(r, "/additionalEventData/MFAUsed"))
        };
        assert_eq!(
            count_by(logins, by_user),
            expect(&[("bstoll No", 4), ("btun Yes", 3), ("frothly_admin Yes", 2), ("root Yes", 2)])
        );
        let codes = count_by(year.iter().copied().filter(|r| r.get("errorCode").is_some()), |r| {
            text(r, "/errorCode").to_owned()
        });
        assert_eq!(
            codes,
            expect(&[
                ("AccessDenied", 7),
                ("NoSuchBucketPolicy", 1),
                ("NoSuchCORSConfiguration", 3),
                ("NoSuchTagSet", 2)
            ])
        );
        assert!(
            year.iter()
                .filter(|r| r["errorCode"] == "AccessDenied")
                .all(|r| text(r, "/userIdentity/userName") == "web_admin")
        );
        let pairs: Vec<_> = year.iter().filter(|r| r["eventName"] == "CreateKeyPair").collect();
        assert_eq!(pairs.len(), 1);
        assert_eq!(
            (text(pairs[0], "/eventTime"), text(pairs[0], "/requestParameters/keyName"), text(pairs[0], "/awsRegion")),
            ("2018-07-26T21:08:28Z", "BOTS", "us-west-1")
        );
    });
}

#[test]
fn only_bstoll_signs_in_without_mfa_and_root_never_does() {
    with_little_and_much(|samples| {
        let plain = samples.records.iter().filter(|r| {
            r["eventName"] == "ConsoleLogin"
                && r["userIdentity"]["type"] == "IAMUser"
                && text(r, "/responseElements/ConsoleLogin") == "Success"
                && text(r, "/additionalEventData/MFAUsed") != "Yes"
        });
        assert_eq!(count_by(plain, |r| text(r, "/userIdentity/userName").to_owned()), expect(&[("bstoll", 4)]));
        let root =
            samples.records.iter().filter(|r| r["eventName"] == "ConsoleLogin" && r["userIdentity"]["type"] == "Root");
        assert_eq!(count_by(root, |r| text(r, "/additionalEventData/MFAUsed").to_owned()), expect(&[("Yes", 4)]));
    });
}

#[test]
fn story_c_sign_ins() {
    with_little_and_much(|samples| {
        let logins: Vec<_> = samples.last(30).filter(|r| r["eventName"] == "ConsoleLogin").collect();
        assert!(
            logins.iter().all(|r| r["recipientAccountId"] == "111122223333"),
            "everybody signs in to the base account"
        );
        let results = count_by(logins.iter().copied(), |r| text(r, "/responseElements/ConsoleLogin").to_owned());
        assert_eq!(results, expect(&[("Failure", 14), ("Success", 47)]));
        let messages = count_by(logins.iter().copied().filter(|r| r.get("errorMessage").is_some()), |r| {
            text(r, "/errorMessage").to_owned()
        });
        assert_eq!(messages, expect(&[("Failed authentication", 8), ("No username found in supplied account", 6)]));
        let new_york: Vec<_> = logins.iter().filter(|r| text(r, "/sourceIPAddress") == "128.59.105.24").collect();
        assert_eq!(new_york.len(), 1);
        assert_eq!(text(new_york[0], "/userIdentity/userName"), "daichi.ito");
    });
}

#[test]
fn story_c_the_ide_leads_the_denials() {
    with_little_and_much(|samples| {
        let denied: Vec<_> = samples.last(30).filter(|r| r["errorCode"] == "AccessDenied").collect();
        let mut agents: Vec<_> =
            count_by(denied.iter().copied(), |r| text(r, "/userAgent").to_owned()).into_iter().collect();
        agents.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let counts: Vec<_> = agents.iter().map(|(_, n)| *n).collect();
        assert!(agents[0].0.contains("IntelliJ"), "{agents:?}");
        assert_eq!(counts, [214, 6, 5, 4, 3, 1], "the last is story A's");
        let ide = || denied.iter().copied().filter(|r| text(r, "/userAgent").contains("IntelliJ"));
        let messages = count_by(ide(), |r| text(r, "/errorMessage").to_owned());
        assert_eq!(messages.len(), 1, "one message: {messages:?}");
        assert!(messages.keys().all(|m| m.contains("arn:aws:iam::111122223333:user/daichi.ito")));
        assert_eq!(count_by(ide(), |r| text(r, "/userIdentity/userName").to_owned()), expect(&[("daichi.ito", 214)]));
    });
}

/// The query of the story is a search for this text.
#[test]
fn story_c_denials_are_found_by_their_text() {
    let samples = Samples::shared(MUCH);
    let found = samples.records.iter().filter(|r| r.to_string().contains(r#""errorCode":"AccessDenied""#)).count();
    assert_eq!(found, 232 + 7 + 1, "story C's, B's and A's");
}

#[test]
fn story_c_switched_sessions_lead_back_to_a_person() {
    with_little_and_much(|samples| {
        let mut handed: HashMap<&str, &Value> = HashMap::new();
        for record in samples
            .records
            .iter()
            .filter(|r| r["eventName"] == "AssumeRole" && r["userIdentity"]["type"] != "AWSAccount")
        {
            handed.insert(text(record, "/responseElements/credentials/accessKeyId"), record);
        }
        let night: Vec<_> = samples
            .last(7)
            .filter(|r| {
                text(r, "/sourceIPAddress") == "128.59.105.24"
                    && r["userIdentity"]["type"] == "AssumedRole"
                    && r["eventName"] != "SwitchRole"
            })
            .collect();
        assert_eq!(night.len(), 8);
        for record in night {
            let first =
                handed.get(text(record, "/userIdentity/accessKeyId")).expect("the switch that began the session");
            assert_eq!(
                (text(first, "/userIdentity/userName"), text(first, "/recipientAccountId")),
                ("daichi.ito", "111122223333")
            );
        }
        let chained: Vec<_> = samples
            .records
            .iter()
            .filter(|r| text(r, "/userIdentity/sessionContext/sessionIssuer/userName") == "DataPipelineAdmin")
            .collect();
        assert_eq!(chained.len(), 8);
        for record in chained {
            let second = handed.get(text(record, "/userIdentity/accessKeyId")).expect("the second step");
            let first = handed.get(text(second, "/userIdentity/accessKeyId")).expect("the first step");
            assert_eq!(first["userIdentity"]["type"], "IAMUser");
            assert_eq!(
                text(first, "/userIdentity/userName"),
                text(record, "/userIdentity/sessionContext/sourceIdentity")
            );
        }
        assert_eq!(samples.last(30).filter(|r| r["eventName"] == "SwitchRole").count(), 4);
    });
}

#[test]
fn every_event_that_the_controls_watch_is_there() {
    let samples = Samples::shared(generate::scripted_events());
    let has = |name: &str| samples.last(9).any(|r| r["eventName"] == name && r.get("errorCode").is_none());
    for name in [
        "PutGroupPolicy",
        "DeleteUserPolicy",
        "AttachRolePolicy",
        "DetachGroupPolicy",
        "DeletePolicyVersion",
        "CreateTrail",
        "StopLogging",
        "DisableKey",
        "ScheduleKeyDeletion",
        "PutBucketAcl",
        "DeleteBucketReplication",
        "PutDeliveryChannel",
        "StopConfigurationRecorder",
        "AuthorizeSecurityGroupIngress",
        "DeleteSecurityGroup",
        "ReplaceNetworkAclAssociation",
        "CreateCustomerGateway",
        "DetachInternetGateway",
        "ReplaceRouteTableAssociation",
        "DisassociateRouteTable",
        "ModifyVpcAttribute",
        "RejectVpcPeeringConnection",
        "EnableVpcClassicLink",
    ] {
        assert!(has(name), "{name}");
    }
    let root =
        samples.last(9).filter(|r| r["userIdentity"]["type"] == "Root" && r["eventType"] == "AwsApiCall").count();
    assert_eq!(root, 1);
    let insights = samples.records.iter().filter(|r| r["eventCategory"] == "Insight").count();
    assert_eq!(insights, 4);
}
