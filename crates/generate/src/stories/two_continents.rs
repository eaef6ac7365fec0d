//! What the demo has beside the stories: a user of the shared services' account signs in from Osaka and within the hour
//! from São Paulo, both times without MFA. What the second session does is throttled, makes a key pair and puts the user
//! into a group; an administrator takes both back the next morning. Nothing of it is denied.

use super::Scripted;
use super::event::{self, Event};
use super::sign_in::moment;
use crate::accounts::{GLOBAL_REGION, HOME_REGION};
use crate::identity::{self, Role};
use crate::people;
use crate::rng::Rng;
use serde_json::{Value, json};

const SHARED: &str = "222233334444";
const USER: &str = "svc-reports";
const GROUP: &str = "operators";
const KEY_PAIR: &str = "reports-2";
const EC2: &str = "ec2.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const OSAKA: &str = "60.56.112.77";
const SAO_PAULO: &str = "187.34.100.77";
/// Days before the end.
const NIGHT: i64 = 2;
/// Calls that are throttled.
const THROTTLED: i64 = 9;

/// 16 events of two days.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let osaka = moment(end, NIGHT, 13);
    let sao_paulo = osaka + 2_900;
    let key = identity::access_key("ASIA", rng.next());
    let intruder = |region, after: i64, source, name| Event {
        identity: without_mfa(event::console_user(SHARED, USER, &key, sao_paulo)),
        address: SAO_PAULO.to_owned(),
        agent: people::person("james.walker").browser.to_owned(),
        console: true,
        ..Event::new(SHARED, region, sao_paulo + after, source, name)
    };
    let mut list = vec![sign_in(osaka, OSAKA), sign_in(sao_paulo, SAO_PAULO)];
    for n in 0..THROTTLED {
        let error = ("Client.RequestLimitExceeded".to_owned(), "Request limit exceeded.".to_owned());
        list.push(Event { error: Some(error), ..intruder(HOME_REGION, 60 + 2 * n, EC2, "DescribeInstances") });
    }
    list.push(Event {
        request: json!({ "keyName": KEY_PAIR, "keyType": "rsa", "keyFormat": "pem" }),
        response: json!({ "keyName": KEY_PAIR, "keyPairId": "key-0a4f1c9b7e2d63580", "keyMaterial": "<sensitiveDataRemoved>" }),
        ..intruder(HOME_REGION, 240, EC2, "CreateKeyPair")
    });
    list.push(Event { request: membership(), ..intruder(GLOBAL_REGION, 330, IAM, "AddUserToGroup") });
    let morning = moment(end, NIGHT - 1, 7);
    list.push(Event {
        request: membership(),
        ..administrator(&mut rng, GLOBAL_REGION, morning, IAM, "RemoveUserFromGroup")
    });
    list.push(Event {
        request: json!({ "keyName": KEY_PAIR }),
        ..administrator(&mut rng, HOME_REGION, morning + 40, EC2, "DeleteKeyPair")
    });
    list.push(Event {
        request: json!({ "userName": USER }),
        ..administrator(&mut rng, GLOBAL_REGION, morning + 75, IAM, "DeleteLoginProfile")
    });
    list.into_iter().map(|event| event.script(&mut rng)).collect()
}

/// The session of a sign-in without MFA says so.
fn without_mfa(mut identity: Value) -> Value {
    identity["sessionContext"]["attributes"]["mfaAuthenticated"] = json!("false");
    identity
}

fn membership() -> Value {
    json!({ "groupName": GROUP, "userName": USER })
}

fn sign_in(time: i64, address: &str) -> Event {
    Event {
        identity: event::signing_in(SHARED, USER),
        address: address.to_owned(),
        agent: people::person("kenji.tanaka").browser.to_owned(),
        additional: Some(event::login_data(SHARED, GLOBAL_REGION, None)),
        ..Event::sign_in(SHARED, GLOBAL_REGION, time, "ConsoleLogin", "Success")
    }
}

fn administrator(rng: &mut Rng, region: &'static str, time: i64, source: &'static str, name: &'static str) -> Event {
    let person = people::person("haruka.sato");
    let key = identity::access_key("ASIA", rng.next());
    let role = Role::new(SHARED, "/", "Administrator");
    Event {
        identity: event::session(&role, person.name, &key, time - 300, Some(person.name)),
        address: person.addresses[0].to_owned(),
        agent: person.tool.to_owned(),
        ..Event::new(SHARED, region, time, source, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::DAY;
    use crate::stories::QUIET_DAYS;

    const END: i64 = 1_790_845_200;

    fn records() -> Vec<Value> {
        events(1, END).iter().map(|e| serde_json::from_slice(&e.json).unwrap_or_default()).collect()
    }

    #[test]
    fn two_sign_ins_within_the_hour_and_what_follows() {
        let list = records();
        let count = |name: &str| list.iter().filter(|r| r["eventName"] == name).count();
        assert_eq!(list.len(), 16);
        assert_eq!((count("ConsoleLogin"), count("AddUserToGroup"), count("RemoveUserFromGroup")), (2, 1, 1));
        assert_eq!((count("CreateKeyPair"), count("DeleteKeyPair")), (1, 1));
        let signed: Vec<_> = events(1, END).iter().take(2).map(|e| e.time).collect();
        assert!(signed[1] - signed[0] < 3_600);
        assert!(list.iter().take(2).all(|r| r["additionalEventData"]["MFAUsed"] == "No"));
        let intruder = list.iter().filter(|r| r["sourceIPAddress"] == SAO_PAULO && r["eventType"] == "AwsApiCall");
        assert!(intruder.clone().count() == 11);
        assert!(
            intruder
                .into_iter()
                .all(|r| r["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "false")
        );
    }

    #[test]
    fn it_lies_in_the_quiet_days_and_breaks_no_count_of_story_a() {
        assert!(events(1, END).iter().all(|e| e.time < END && e.time > END - (QUIET_DAYS - 2) * DAY));
        for record in records() {
            let code = record["errorCode"].as_str().unwrap_or_default();
            assert!(
                code.is_empty() || (code == "Client.RequestLimitExceeded" && record["eventSource"] == EC2),
                "{record}"
            );
        }
    }
}
