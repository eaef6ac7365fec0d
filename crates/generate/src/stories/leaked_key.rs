//! Story A: a leaked access key is tried from Cuba. It lists the users, then is refused the creation of another.

use super::Scripted;
use super::event::{self, Event};
use crate::accounts::{GLOBAL_REGION, SANDBOX};
use crate::identity;
use crate::rng::Rng;
use serde_json::json;

const THIEF: &str = "Test-Splunk-User1";
const WANTED: &str = "Test-Splunk-User2";
/// An address of ETECSA, Cuba's provider.
const HAVANA: &str = "152.206.80.57";
const AGENT: &str =
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.15.0-94-generic exe/x86_64.ubuntu.22 prompt/off command/iam.";

/// Two events, some hours before the end.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let key = identity::access_key("AKIA", rng.next());
    let call = |time, name, command: &str| Event {
        identity: event::user(SANDBOX, THIEF, &key),
        address: HAVANA.to_owned(),
        agent: format!("{AGENT}{command}"),
        ..Event::new(SANDBOX, GLOBAL_REGION, time, "iam.amazonaws.com", name)
    };
    let first = end - 5 * 3_600 - 753;
    let discovery = call(first, "ListUsers", "list-users");
    let resource = format!("arn:aws:iam::{SANDBOX}:user/{WANTED}");
    let refused = Event {
        error: Some((
            "AccessDenied".to_owned(),
            format!(
                "User: arn:aws:iam::{SANDBOX}:user/{THIEF} is not authorized to perform: iam:CreateUser on resource: {resource} \
                 because no identity-based policy allows the iam:CreateUser action"
            ),
        )),
        request: json!({"userName": WANTED}),
        ..call(first + 168, "CreateUser", "create-user")
    };
    vec![discovery.script(&mut rng), refused.script(&mut rng)]
}
