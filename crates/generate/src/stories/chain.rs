//! Story C, who it really was: people sign in to the base account and switch to a role in an account of their own; two of
//! them go on from there to another role. Each session's key is handed out by one event and used by the ones after it.

use super::Scripted;
use super::event::{self, Event};
use super::sign_in::{NEW_YORK, NEW_YORK_DAY, moment};
use crate::accounts::{BASE, HOME_REGION};
use crate::identity::{self, Role};
use crate::people::{self, CLI_LINUX};
use crate::rng::Rng;
use crate::text;
use serde_json::{Value, json};

/// One person's way into an account: the switch and what follows.
struct Way {
    person: &'static str,
    account: &'static str,
    role: &'static str,
    /// Through the console (a `SwitchRole` sign-in event) or with the command line.
    console: bool,
    source_identity: bool,
    days: i64,
    hour: i64,
    /// Instead of the person's usual address.
    address: Option<&'static str>,
    actions: [(&'static str, &'static str); 8],
    /// The account of a second role, assumed from the first.
    onward: Option<&'static str>,
}

const EC2: &str = "ec2.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const LOGS: &str = "logs.amazonaws.com";
const RDS: &str = "rds.amazonaws.com";
const SECRETS: &str = "secretsmanager.amazonaws.com";
const DATA: &str = "555566667777";

/// An ordinary look around.
const LOOK: [(&str, &str); 8] = [
    (EC2, "DescribeInstances"),
    (EC2, "DescribeSecurityGroups"),
    (EC2, "DescribeVolumes"),
    (RDS, "DescribeDBInstances"),
    (LOGS, "DescribeLogGroups"),
    (SECRETS, "ListSecrets"),
    (EC2, "StopInstances"),
    (EC2, "StartInstances"),
];

/// What was done in the night from New York.
const NIGHT: [(&str, &str); 8] = [
    (IAM, "ListUsers"),
    (IAM, "ListRoles"),
    (SECRETS, "ListSecrets"),
    (SECRETS, "GetSecretValue"),
    (SECRETS, "GetSecretValue"),
    (IAM, "CreateAccessKey"),
    (EC2, "DescribeInstances"),
    (EC2, "GetPasswordData"),
];

const fn way(
    person: &'static str,
    account: &'static str,
    role: &'static str,
    console: bool,
    days: i64,
    hour: i64,
) -> Way {
    Way {
        person,
        account,
        role,
        console,
        source_identity: false,
        days,
        hour,
        address: None,
        actions: LOOK,
        onward: None,
    }
}

const WAYS: [Way; 6] = [
    Way { source_identity: true, onward: Some(DATA), ..way("haruka.sato", "444455556666", "Developer", true, 1, 1) },
    way("kenji.tanaka", "222233334444", "Administrator", false, 2, 2),
    Way { source_identity: true, onward: Some(DATA), ..way("anna.schmidt", DATA, "Developer", false, 2, 9) },
    way("yuki.suzuki", "123456789012", "Developer", true, 4, 3),
    way("chloe.martin", DATA, "ReadOnly", true, 5, 10),
    Way {
        address: Some(NEW_YORK),
        actions: NIGHT,
        ..way("daichi.ito", "777788889999", "Administrator", true, NEW_YORK_DAY, 20)
    },
];

/// 75 events of the last six days: six switches (both accounts' records of each), 48 actions, and two steps further.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let mut list = Vec::new();
    for way in &WAYS {
        way.walk(end, &mut rng, &mut list);
    }
    list
}

/// A session in progress: who calls, with which key, since when.
struct Session<'a> {
    role: Role,
    name: &'a str,
    key: String,
    since: i64,
    source_identity: Option<&'a str>,
}

impl Session<'_> {
    fn identity(&self) -> Value {
        event::session(&self.role, self.name, &self.key, self.since, self.source_identity)
    }
}

impl Way {
    fn walk(&self, end: i64, rng: &mut Rng, list: &mut Vec<Scripted>) {
        let start = moment(end, self.days, self.hour) + 1_800 + rng.below(900) as i64;
        let source_identity = self.source_identity.then_some(self.person);
        let caller = self.signed_in(start, rng);
        let session = Session { source_identity, ..self.session(self.account, self.role, start, rng) };
        self.assume(&caller, BASE, &session, rng, list);
        if self.console {
            list.push(self.switch(start + 1).script(rng));
        }
        for (n, (source, name)) in self.actions.into_iter().enumerate() {
            list.push(self.act(&session, start + 60 + n as i64 * 75, source, name).script(rng));
        }
        if let Some(account) = self.onward {
            self.go_on(account, &session, start + 1_200, rng, list);
        }
    }

    /// The person's own session in the base account.
    fn signed_in(&self, start: i64, rng: &mut Rng) -> Value {
        if self.console {
            event::console_user(BASE, self.person, &identity::access_key("ASIA", rng.next()), start - 700)
        } else {
            event::user(BASE, self.person, &identity::access_key("AKIA", rng.next()))
        }
    }

    fn session(&self, account: &str, role: &str, since: i64, rng: &mut Rng) -> Session<'_> {
        let key = identity::access_key("ASIA", rng.next());
        Session { role: Role::new(account, "/", role), name: self.person, key, since, source_identity: None }
    }

    /// The `AssumeRole` that hands out `session`: the caller's record, and the role's account's where it is another.
    fn assume(
        &self,
        caller: &Value,
        from: &'static str,
        session: &Session<'_>,
        rng: &mut Rng,
        list: &mut Vec<Scripted>,
    ) {
        let shared = event::uuid(rng);
        let (request, response) = exchange(session, rng);
        let to = known(&session.role.account);
        let call = Event {
            address: self.address().to_owned(),
            agent: self.agent().to_owned(),
            request,
            response,
            resources: Some(json!([{"accountId": to, "type": "AWS::IAM::Role", "ARN": session.role.arn()}])),
            shared_id: (from != to).then_some(shared),
            ..Event::new(from, HOME_REGION, session.since, "sts.amazonaws.com", "AssumeRole")
        };
        if from != to {
            let outsider = json!({"type": "AWSAccount", "principalId": caller["principalId"], "accountId": from});
            list.push(Event { account: to, identity: outsider, ..call.clone() }.script(rng));
        }
        list.push(Event { identity: caller.clone(), ..call }.script(rng));
    }

    fn switch(&self, time: i64) -> Event {
        let role = Role::new(self.account, "/", self.role);
        Event {
            identity: json!({
                "type": "AssumedRole", "principalId": format!("{}:{}", role.id(), self.person),
                "arn": role.session_arn(self.person), "accountId": self.account,
            }),
            address: self.address().to_owned(),
            agent: people::person(self.person).browser.to_owned(),
            additional: Some(json!({
                "SwitchFrom": format!("arn:aws:iam::{BASE}:user/{}", self.person),
                "RedirectTo": format!("https://{HOME_REGION}.console.aws.amazon.com/console/home?region={HOME_REGION}#"),
            })),
            ..Event::sign_in(self.account, HOME_REGION, time, "SwitchRole", "Success")
        }
    }

    fn act(&self, session: &Session<'_>, time: i64, source: &'static str, name: &'static str) -> Event {
        let region = if source == IAM { "us-east-1" } else { HOME_REGION };
        Event {
            identity: session.identity(),
            address: self.address().to_owned(),
            agent: self.agent().to_owned(),
            request: request(name),
            response: response(name, time),
            console: self.console,
            ..Event::new(known(&session.role.account), region, time, source, name)
        }
    }

    /// Role chaining: from the first session to a second role, and four calls with its key.
    fn go_on(&self, account: &'static str, first: &Session<'_>, start: i64, rng: &mut Rng, list: &mut Vec<Scripted>) {
        let second = Session {
            source_identity: first.source_identity,
            ..self.session(account, "DataPipelineAdmin", start, rng)
        };
        self.assume(&first.identity(), known(&first.role.account), &second, rng, list);
        let calls = [
            ("glue.amazonaws.com", "GetDatabases"),
            ("glue.amazonaws.com", "StartJobRun"),
            ("athena.amazonaws.com", "StartQueryExecution"),
            ("s3.amazonaws.com", "PutBucketTagging"),
        ];
        for (n, (source, name)) in calls.into_iter().enumerate() {
            list.push(self.act(&second, start + 30 + n as i64 * 40, source, name).script(rng));
        }
    }

    fn address(&self) -> &'static str {
        self.address.unwrap_or(people::person(self.person).addresses[0])
    }

    fn agent(&self) -> &'static str {
        if self.console { people::person(self.person).browser } else { CLI_LINUX }
    }
}

/// The account as one of the names that live as long as the program.
fn known(account: &str) -> &'static str {
    crate::accounts::ACCOUNTS.iter().map(|a| a.id).find(|id| *id == account).unwrap_or(BASE)
}

/// Request and response of the call that hands out a session.
fn exchange(session: &Session<'_>, rng: &mut Rng) -> (Value, Value) {
    let mut request = json!({"roleArn": session.role.arn(), "roleSessionName": session.name, "durationSeconds": 3600});
    let mut response = json!({
        "credentials": {
            "accessKeyId": session.key,
            "sessionToken": text::built(|b| { text::put(b, "IQoJb3JpZ2luX2VjE"); text::base64(b, rng, 120) }),
            "expiration": text::built(|b| text::long(b, session.since + 3_600)),
        },
        "assumedRoleUser": {"assumedRoleId": format!("{}:{}", session.role.id(), session.name), "arn": session.role.session_arn(session.name)},
    });
    if let Some(source) = session.source_identity {
        request["sourceIdentity"] = json!(source);
        response["sourceIdentity"] = json!(source);
    }
    (request, response)
}

fn request(name: &str) -> Value {
    match name {
        "StopInstances" | "StartInstances" => {
            json!({"instancesSet": {"items": [{"instanceId": "i-0a4c1e9b7d2f83056"}]}})
        }
        "GetSecretValue" => json!({"secretId": "prod/payments/stripe"}),
        "CreateAccessKey" => json!({"userName": "svc-backup"}),
        "GetPasswordData" => json!({"instanceId": "i-0a4c1e9b7d2f83056"}),
        "StartJobRun" => json!({"jobName": "clickstream-etl"}),
        "StartQueryExecution" => json!({"queryString": "***OMITTED***", "workGroup": "primary"}),
        "PutBucketTagging" => json!({"bucketName": "acme-data-data-raw-ap-northeast-1", "tagging": ""}),
        "ListUsers" | "ListRoles" => Value::Null,
        _ => json!({"maxResults": 100}),
    }
}

fn response(name: &str, time: i64) -> Value {
    match name {
        "CreateAccessKey" => json!({"accessKey": {
            "userName": "svc-backup", "accessKeyId": "AKIA4HQNIGHTSHIFT7Q2", "status": "Active", "createDate": text::built(|b| text::long(b, time))
        }}),
        "StartJobRun" => json!({"jobRunId": format!("jr_{time:064x}")}),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Every session key used was handed out before, to the same session.
    #[test]
    fn each_session_has_its_beginning() {
        let mut handed: HashMap<String, i64> = HashMap::new();
        let list = events(1, 1_790_000_000);
        let parsed: Vec<(i64, Value)> =
            list.iter().map(|s| (s.time, serde_json::from_slice(&s.json).expect("JSON"))).collect();
        for (time, v) in &parsed {
            if let Some(key) = v["responseElements"]["credentials"]["accessKeyId"].as_str() {
                handed.insert(key.to_owned(), *time);
            }
        }
        assert_eq!(handed.len(), 8);
        for (time, v) in
            parsed.iter().filter(|(_, v)| v["userIdentity"]["type"] == "AssumedRole" && v["eventName"] != "SwitchRole")
        {
            let key = v["userIdentity"]["accessKeyId"].as_str().unwrap_or_default();
            assert!(handed.get(key).is_some_and(|since| since < time), "{key} {}", v["eventName"]);
        }
        assert_eq!(list.len(), 75);
    }
}
