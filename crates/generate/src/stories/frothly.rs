//! Story B: a brewery's account in August 2018. One person signs in without MFA, a web server's key is tried in vain, and
//! an administrator makes a key pair. Nothing else in the samples lies in 2018.

use super::Scripted;
use super::event::{self, Event};
use crate::accounts::FROTHLY;
use crate::identity;
use crate::rng::Rng;
use serde_json::{Value, json};

const REGION: &str = "us-west-1";
/// 2018-07-26T21:08:28Z.
const KEY_PAIR_MADE: i64 = 1_532_639_308;
/// 2018-08-13T00:00:00Z.
const MONDAY: i64 = 1_534_118_400;
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/68.0.3440.106 Safari/537.36";
const ELASTIC_WOLF: &str = "ElasticWolf/5.1.6";
const BOTO: &str = "Boto3/1.7.4 Python/2.7.14 Linux/4.9.93-41.60.amzn1.x86_64 Botocore/1.10.4";
const OFFICE: &str = "107.77.212.175";

/// The day (0 is Monday 13 August) and the time of day as seconds.
const fn at(day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    MONDAY + day * 86_400 + hour * 3_600 + minute * 60 + second
}

/// 41 events: 11 sign-ins, the seven denials, the key pair and a week's ordinary work.
pub(super) fn events(seed: u64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let mut list = vec![key_pair(&mut rng)];
    list.extend(denials(&mut rng));
    list.extend(sign_ins().map(|e| e.script(&mut rng)));
    list.extend(work(&mut rng));
    list
}

fn plain(time: i64, source: &'static str, name: &'static str, identity: Value) -> Event {
    Event {
        version: "1.05",
        identity,
        address: OFFICE.to_owned(),
        agent: CHROME.to_owned(),
        ..Event::new(FROTHLY, REGION, time, source, name)
    }
}

fn key_pair(rng: &mut Rng) -> Scripted {
    let key = identity::access_key("ASIA", rng.next());
    let fingerprint = (0..20).map(|_| format!("{:02x}", rng.below(256))).collect::<Vec<_>>().join(":");
    Event {
        agent: "console.ec2.amazonaws.com".to_owned(),
        request: json!({"keyName": "BOTS"}),
        response: json!({
            "requestId": event::uuid(rng), "keyName": "BOTS", "keyFingerprint": fingerprint, "keyMaterial": "<sensitiveDataRemoved>"
        }),
        ..plain(
            KEY_PAIR_MADE,
            "ec2.amazonaws.com",
            "CreateKeyPair",
            event::console_user(FROTHLY, "frothly_admin", &key, KEY_PAIR_MADE - 1_204),
        )
    }
    .script(rng)
}

/// `web_admin`'s seven refusals, and what each asked for.
fn denials(rng: &mut Rng) -> Vec<Scripted> {
    let key = identity::access_key("AKIA", rng.next());
    let tries: [(i64, &'static str, &str, &str, Value); 7] = [
        (at(7, 9, 16, 12), "GetUser", "user web_admin", ELASTIC_WOLF, Value::Null),
        (at(7, 9, 16, 12), "ListAccessKeys", "user web_admin", ELASTIC_WOLF, Value::Null),
        (at(7, 9, 16, 40), "CreateAccessKey", "user nullweb_admin", ELASTIC_WOLF, json!({"userName": "nullweb_admin"})),
        (
            at(7, 9, 27, 7),
            "CreateUser",
            "arn:aws:iam::333344445555:user/nullweb_admin",
            BOTO,
            json!({"userName": "nullweb_admin"}),
        ),
        (at(7, 9, 27, 6), "DeleteAccessKey", "user web_admin", BOTO, Value::Null),
        (at(7, 9, 33, 51), "ListUsers", "arn:aws:iam::333344445555:user/", BOTO, Value::Null),
        (
            at(7, 9, 35, 2),
            "AttachUserPolicy",
            "user web_admin",
            BOTO,
            json!({"userName": "web_admin", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ),
    ];
    let one = |(time, name, resource, agent, request): (i64, &'static str, &str, &str, Value)| {
        let message = format!(
            "User: arn:aws:iam::{FROTHLY}:user/web_admin is not authorized to perform: iam:{name} on resource: {resource}"
        );
        Event {
            region: "us-east-1",
            address: if agent == ELASTIC_WOLF { "139.198.18.205" } else { "35.153.154.221" }.to_owned(),
            agent: agent.to_owned(),
            error: Some(("AccessDenied".to_owned(), message)),
            request,
            ..plain(time, "iam.amazonaws.com", name, event::user(FROTHLY, "web_admin", &key))
        }
        .script(rng)
    };
    tries.into_iter().map(one).collect()
}

fn sign_ins() -> impl Iterator<Item = Event> {
    const TABLE: [(&str, bool, &[i64]); 4] = [
        ("bstoll", false, &[at(1, 15, 2, 41), at(3, 16, 20, 7), at(4, 14, 55, 33), at(7, 9, 4, 58)]),
        ("btun", true, &[at(0, 17, 12, 9), at(2, 16, 41, 50), at(4, 18, 3, 27)]),
        ("frothly_admin", true, &[at(0, 15, 33, 0), at(5, 19, 8, 14)]),
        ("root", true, &[at(0, 15, 1, 22), at(7, 20, 44, 36)]),
    ];
    TABLE.into_iter().flat_map(|(name, mfa, times)| times.iter().map(move |&time| sign_in(name, mfa, time)))
}

fn sign_in(name: &'static str, mfa: bool, time: i64) -> Event {
    let identity = if name == "root" { event::root(FROTHLY) } else { event::signing_in(FROTHLY, name) };
    let device = if name == "root" { "root-account-mfa-device" } else { name };
    Event {
        version: "1.05",
        identity,
        address: OFFICE.to_owned(),
        agent: CHROME.to_owned(),
        additional: Some(event::login_data(FROTHLY, REGION, mfa.then_some(device))),
        ..Event::sign_in(FROTHLY, "us-east-1", time, "ConsoleLogin", "Success")
    }
}

/// A week's ordinary calls: a bucket opened to all by mistake, a look at the instances, a few settings that are not there.
fn work(rng: &mut Rng) -> Vec<Scripted> {
    let key = identity::access_key("ASIA", rng.next());
    let bucket = json!({"bucketName": "frothlywebcode"});
    let bstoll =
        |time, source, name| plain(time, source, name, event::console_user(FROTHLY, "bstoll", &key, time - 900));
    let mut list = vec![
        Event { request: bucket.clone(), ..bstoll(at(7, 12, 58, 10), "s3.amazonaws.com", "GetBucketAcl") },
        Event { request: open_to_all(), ..bstoll(at(7, 13, 1, 46), "s3.amazonaws.com", "PutBucketAcl") },
        Event { request: bucket.clone(), ..bstoll(at(7, 13, 57, 54), "s3.amazonaws.com", "PutBucketAcl") },
    ];
    for (n, (code, name)) in [
        ("NoSuchCORSConfiguration", "GetBucketCors"),
        ("NoSuchCORSConfiguration", "GetBucketCors"),
        ("NoSuchCORSConfiguration", "GetBucketCors"),
        ("NoSuchTagSet", "GetBucketTagging"),
        ("NoSuchTagSet", "GetBucketTagging"),
        ("NoSuchBucketPolicy", "GetBucketPolicy"),
    ]
    .into_iter()
    .enumerate()
    {
        let error = Some((code.to_owned(), "The configuration does not exist".to_owned()));
        list.push(Event {
            request: bucket.clone(),
            error,
            ..bstoll(at(n as i64, 15, 20, n as i64), "s3.amazonaws.com", name)
        });
    }
    for (n, name) in [
        "DescribeInstances",
        "DescribeSecurityGroups",
        "DescribeVolumes",
        "DescribeAddresses",
        "DescribeKeyPairs",
        "DescribeVpcs",
        "DescribeSubnets",
    ]
    .into_iter()
    .enumerate()
    {
        let who = event::console_user(FROTHLY, "btun", &key, at(n as i64, 17, 0, 0));
        list.push(Event {
            request: json!({"filterSet": {}}),
            ..plain(at(n as i64, 17, 30, 5 * n as i64), "ec2.amazonaws.com", name, who)
        });
    }
    for n in 0..6 {
        list.push(web_server(n, rng));
    }
    list.into_iter().map(|e| e.script(rng)).collect()
}

fn open_to_all() -> Value {
    let grant =
        |uri: &str, permission: &str| json!({"Grantee": {"xsi:type": "Group", "URI": uri}, "Permission": permission});
    json!({
        "bucketName": "frothlywebcode",
        "AccessControlPolicy": {"AccessControlList": {"Grant": [
            grant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),
            grant("http://acs.amazonaws.com/groups/global/AllUsers", "WRITE"),
        ]}},
    })
}

fn web_server(day: i64, rng: &mut Rng) -> Event {
    let key = identity::access_key("AKIA", rng.next());
    Event {
        address: "54.67.127.227".to_owned(),
        agent: BOTO.to_owned(),
        request: json!({"bucketName": "frothlywebcode", "prefix": "release/"}),
        ..plain(at(day, 6, 0, 30), "s3.amazonaws.com", "ListObjects", event::user(FROTHLY, "splunk_access", &key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_pair_is_the_one_of_the_post() {
        let first = &events(1)[0];
        let v: Value = serde_json::from_slice(&first.json).expect("JSON");
        let said = [
            &v["eventName"],
            &v["eventTime"],
            &v["userIdentity"]["userName"],
            &v["requestParameters"]["keyName"],
            &v["awsRegion"],
        ];
        assert_eq!(said, ["CreateKeyPair", "2018-07-26T21:08:28Z", "frothly_admin", "BOTS", "us-west-1"]);
    }

    #[test]
    fn the_week_has_as_many_events_as_it_says() {
        assert_eq!(events(1).len(), 41);
    }
}
