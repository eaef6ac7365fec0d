//! Story C, denials: an IDE asks for stacks that its user may not see, over and over; a few others are refused now and then.

use super::event::{self, Event};
use super::{DAY, QUIET_DAYS, Scripted};
use crate::accounts::{BASE, HOME_REGION};
use crate::identity;
use crate::people::{self, BOTO, TERRAFORM};
use crate::rng::{self, Rng};
use serde_json::{Value, json};

/// The IDE's user agent.
pub(super) const IDE: &str =
    "AWS-Toolkit-For-JetBrains/3.30-241 IntelliJ-IDEA-Ultimate/2024.1.4 ClientId/5b2f7a10-6c1e-4f6e-9a83-d9c1f0a5e7b4";

struct Refusals {
    user: &'static str,
    agent: &'static str,
    source: &'static str,
    name: &'static str,
    action: &'static str,
    resource: &'static str,
    request: fn() -> Value,
    count: u64,
}

const TABLE: [Refusals; 5] = [
    Refusals {
        user: "daichi.ito",
        agent: IDE,
        source: "cloudformation.amazonaws.com",
        name: "DescribeStacks",
        action: "cloudformation:DescribeStacks",
        resource: "arn:aws:cloudformation:ap-northeast-1:111122223333:stack/*/*",
        request: || json!({}),
        count: 214,
    },
    Refusals {
        user: "kenji.tanaka",
        agent: TERRAFORM,
        source: "s3.amazonaws.com",
        name: "GetBucketPolicy",
        action: "s3:GetBucketPolicy",
        resource: "arn:aws:s3:::acme-base-cloudtrail-ap-northeast-1",
        request: || json!({"bucketName": "acme-base-cloudtrail-ap-northeast-1", "Host": "acme-base-cloudtrail-ap-northeast-1.s3.ap-northeast-1.amazonaws.com", "policy": ""}),
        count: 6,
    },
    Refusals {
        user: "anna.schmidt",
        agent: people::CLI_LINUX,
        source: "s3.amazonaws.com",
        name: "GetBucketAcl",
        action: "s3:GetBucketAcl",
        resource: "arn:aws:s3:::acme-base-backups-ap-northeast-1",
        request: || json!({"bucketName": "acme-base-backups-ap-northeast-1", "Host": "acme-base-backups-ap-northeast-1.s3.ap-northeast-1.amazonaws.com", "acl": ""}),
        count: 5,
    },
    Refusals {
        user: "mei.kobayashi",
        agent: people::CLI_MAC,
        source: "cloudformation.amazonaws.com",
        name: "ListStacks",
        action: "cloudformation:ListStacks",
        resource: "*",
        request: || json!({"stackStatusFilter": ["CREATE_COMPLETE"]}),
        count: 4,
    },
    Refusals {
        user: "chloe.martin",
        agent: BOTO,
        source: "sqs.amazonaws.com",
        name: "ListQueues",
        action: "sqs:listqueues",
        resource: "arn:aws:sqs:ap-northeast-1:111122223333:",
        request: || json!({"maxResults": 1000}),
        count: 3,
    },
];

/// 232 denials between 20 and 10 days before the end, all with the code `AccessDenied`: 214 of them the IDE's.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let (from, to) = (end - 20 * DAY, end - (QUIET_DAYS + 1) * DAY);
    let mut list = Vec::new();
    for row in &TABLE {
        for _ in 0..row.count {
            let time = from + rng.below((to - from) as u64) as i64;
            list.push(row.event(time).script(&mut rng));
        }
    }
    list
}

impl Refusals {
    fn event(&self, time: i64) -> Event {
        let Self { user, action, resource, .. } = self;
        // The key that the user has in the background traffic too.
        let key = identity::access_key("AKIA", rng::fold(&[rng::fold_str(BASE), rng::fold_str(user)]));
        let message = format!(
            "User: arn:aws:iam::{BASE}:user/{user} is not authorized to perform: {action} on resource: {resource} \
             because no identity-based policy allows the {action} action"
        );
        Event {
            identity: event::user(BASE, user, &key),
            address: people::person(user).addresses[0].to_owned(),
            agent: self.agent.to_owned(),
            error: Some(("AccessDenied".to_owned(), message)),
            request: (self.request)(),
            ..Event::new(BASE, HOME_REGION, time, self.source, self.name)
        }
    }
}
