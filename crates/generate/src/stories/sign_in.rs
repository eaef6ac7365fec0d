//! Story C, sign-ins: everybody signs in to the base account, from their own country; some fail; one comes from New York.

use super::event::{self, Event};
use super::{DAY, Scripted};
use crate::accounts::{BASE, GLOBAL_REGION, HOME_REGION};
use crate::identity::Role;
use crate::people::{self, Zone};
use crate::rng::Rng;
use serde_json::{Value, json};

/// Whom the sign-in page shows, and how they fare.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// An IAM user with MFA.
    Success,
    Failure,
    /// A name that the account does not have; CloudTrail hides it.
    NoSuchUser,
    Root,
    /// A federated session of the identity store.
    Federated,
}

/// `count` sign-ins of one person from one address.
struct SignIns {
    name: &'static str,
    address: &'static str,
    kind: Kind,
    count: i64,
    /// Days before the end of the latest one; they go back from there a day or two at a time.
    latest: i64,
    /// Hour of the day, UTC.
    hour: i64,
}

const fn row(name: &'static str, address: &'static str, kind: Kind, count: i64, latest: i64, hour: i64) -> SignIns {
    SignIns { name, address, kind, count, latest, hour }
}

/// New York: an address of a university there.
pub(super) const NEW_YORK: &str = "128.59.105.24";
/// Days before the end of the sign-in from New York.
pub(super) const NEW_YORK_DAY: i64 = 3;

const TABLE: [SignIns; 20] = [
    row("haruka.sato", "153.240.3.130", Kind::Success, 6, 1, 0),
    row("kenji.tanaka", "60.56.112.77", Kind::Success, 5, 1, 1),
    row("yuki.suzuki", "202.247.51.63", Kind::Success, 4, 2, 0),
    row("mei.kobayashi", "124.144.16.52", Kind::Success, 3, 2, 2),
    row("daichi.ito", "153.240.3.130", Kind::Success, 4, 4, 1),
    row("daichi.ito", NEW_YORK, Kind::Success, 1, NEW_YORK_DAY, 19),
    row("anna.schmidt", "91.64.120.18", Kind::Success, 5, 1, 8),
    row("lukas.weber", "91.64.120.18", Kind::Success, 3, 1, 7),
    row("chloe.martin", "86.245.12.90", Kind::Success, 4, 2, 8),
    row("james.walker", "81.2.69.142", Kind::Success, 3, 3, 9),
    row("sofia.rossi", "93.40.120.7", Kind::Success, 2, 4, 10),
    row("oskar.lindqvist", "89.160.20.115", Kind::Success, 2, 5, 9),
    row("root", "153.240.3.130", Kind::Root, 2, 6, 3),
    row("priya.nair", "122.167.40.31", Kind::Federated, 3, 2, 5),
    row("anna.schmidt", "91.64.120.18", Kind::Failure, 2, 2, 7),
    row("daichi.ito", "153.240.3.130", Kind::Failure, 1, 4, 0),
    row("james.walker", "84.83.40.61", Kind::Failure, 2, 5, 21),
    row("kenji.tanaka", "95.24.60.88", Kind::Failure, 3, 6, 23),
    row("HIDDEN_DUE_TO_SECURITY_REASONS", "113.161.70.15", Kind::NoSuchUser, 4, 4, 17),
    row("HIDDEN_DUE_TO_SECURITY_REASONS", "187.34.100.23", Kind::NoSuchUser, 2, 8, 16),
];

/// 61 sign-ins of the last two weeks: 47 succeed, 14 fail.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let mut list = Vec::new();
    for row in &TABLE {
        for n in 0..row.count {
            let time = moment(end, row.latest + n * 2 + n % 2, row.hour) + rng.below(2_700) as i64;
            list.push(row.event(time).script(&mut rng));
        }
    }
    list
}

/// `days` before the midnight that precedes the end, at this hour (UTC).
pub(super) fn moment(end: i64, days: i64, hour: i64) -> i64 {
    end - end.rem_euclid(DAY) - days * DAY + hour * 3_600
}

/// The region that takes the sign-ins of people there.
fn sign_in_region(zone: Zone) -> &'static str {
    if zone == Zone::Tokyo { HOME_REGION } else { GLOBAL_REGION }
}

impl SignIns {
    fn event(&self, time: i64) -> Event {
        let person = people::person(self.name);
        let region = if self.kind == Kind::Root { GLOBAL_REGION } else { sign_in_region(person.zone) };
        let failed = matches!(self.kind, Kind::Failure | Kind::NoSuchUser);
        let mfa = matches!(self.kind, Kind::Success | Kind::Root).then_some(if self.kind == Kind::Root {
            "root-account-mfa-device"
        } else {
            self.name
        });
        Event {
            identity: self.identity(),
            address: self.address.to_owned(),
            agent: person.browser.to_owned(),
            error: self.message().map(|m| (String::new(), m.to_owned())),
            additional: Some(event::login_data(BASE, region, mfa)),
            ..Event::sign_in(BASE, region, time, "ConsoleLogin", if failed { "Failure" } else { "Success" })
        }
    }

    fn message(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Failure => Some("Failed authentication"),
            Kind::NoSuchUser => Some("No username found in supplied account"),
            _ => None,
        }
    }

    fn identity(&self) -> Value {
        match self.kind {
            Kind::Success | Kind::Failure => event::signing_in(BASE, self.name),
            Kind::NoSuchUser => json!({"type": "IAMUser", "accountId": BASE, "accessKeyId": "", "userName": self.name}),
            Kind::Root => event::root(BASE),
            Kind::Federated => {
                let role = Role::new(
                    BASE,
                    "/aws-reserved/sso.amazonaws.com/ap-northeast-1/",
                    "AWSReservedSSO_DeveloperAccess_5f1c9a7be0d24c68",
                );
                let session = format!("{}@example.com", self.name);
                json!({
                    "type": "AssumedRole", "principalId": format!("{}:{session}", role.id()),
                    "arn": role.session_arn(&session), "accountId": BASE,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_adds_up() {
        let sum = |failed: bool| {
            TABLE
                .iter()
                .filter(|r| matches!(r.kind, Kind::Failure | Kind::NoSuchUser) == failed)
                .map(|r| r.count)
                .sum::<i64>()
        };
        assert_eq!((sum(false), sum(true)), (47, 14));
    }
}
