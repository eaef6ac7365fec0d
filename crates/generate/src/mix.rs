//! Which event comes next in a stream, and who calls it: the catalogue's weights under an account's profile.

use crate::accounts::Account;
use crate::catalogue::{Caller, Category, Class, Entry, Scope};
use crate::rng::Rng;
use crate::roster::Roster;

/// Positions of an event and of one of its callers in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Choice {
    pub(crate) entry: usize,
    pub(crate) caller: usize,
}

/// A weighted table of choices.
#[derive(Debug, Default)]
struct Table {
    choices: Vec<Choice>,
    /// The sum of the weights up to and with each choice.
    upto: Vec<f64>,
}

impl Table {
    fn push(&mut self, choice: Choice, weight: f64) {
        self.choices.push(choice);
        self.upto.push(self.total() + weight);
    }

    fn total(&self) -> f64 {
        self.upto.last().copied().unwrap_or(0.0)
    }

    fn draw(&self, rng: &mut Rng) -> Option<Choice> {
        let at = rng.unit() * self.total();
        let position = self.upto.partition_point(|&sum| sum <= at);
        self.choices.get(position).or(self.choices.last()).copied()
    }
}

/// The weighted choices of one stream.
#[derive(Debug)]
pub(crate) struct Mix {
    all: Table,
    /// Only what machines call: for the hours when the people sleep.
    machines: Table,
}

/// What decides whether an event can happen in a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// Global services are logged here.
    pub(crate) global: bool,
    /// The identity store is here.
    pub(crate) home: bool,
    /// The stream holds network activity and nothing else.
    pub(crate) network: bool,
}

impl Mix {
    pub(crate) fn new(entries: &[Entry], account: &Account, roster: &Roster, site: Site) -> Self {
        let mut mix = Self { all: Table::default(), machines: Table::default() };
        for (position, entry) in entries.iter().enumerate().filter(|(_, e)| possible(e, site)) {
            let sum: f64 = entry.callers.iter().map(|c| c.weight).sum();
            for (number, caller) in entry.callers.iter().enumerate().filter(|(_, c)| present(c, roster)) {
                let weight = entry.weight * account.profile[entry.group] * caller.weight / sum;
                mix.push(Choice { entry: position, caller: number }, caller.class, weight);
            }
        }
        mix
    }

    fn push(&mut self, choice: Choice, class: Class, weight: f64) {
        self.all.push(choice, weight);
        if !human(class) {
            self.machines.push(choice, weight);
        }
    }

    pub(crate) fn any(&self, rng: &mut Rng) -> Option<Choice> {
        self.all.draw(rng)
    }

    pub(crate) fn machine(&self, rng: &mut Rng) -> Option<Choice> {
        self.machines.draw(rng).or_else(|| self.all.draw(rng))
    }
}

fn possible(entry: &Entry, site: Site) -> bool {
    let here = match entry.scope {
        Scope::Regional => true,
        Scope::Global => site.global,
        Scope::Home => site.home,
    };
    here && (entry.category == Category::NetworkActivity) == site.network
}

/// Whether the stream has such a caller. A console user is replaced by a switched role where there is none.
fn present(caller: &Caller, roster: &Roster) -> bool {
    match caller.class {
        Class::ServiceLinked => roster.linked(&caller.principal).is_some(),
        _ => true,
    }
}

/// Classes whose callers keep office hours.
pub(crate) fn human(class: Class) -> bool {
    matches!(class, Class::Console | Class::Sso | Class::Switch | Class::IdentityCenter | Class::Saml)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{ACCOUNTS, REGIONS};
    use crate::catalogue;

    #[test]
    fn a_stream_draws_only_what_can_happen_there() {
        let entries = catalogue::load().expect("the embedded catalogue");
        let roster = Roster::new(&ACCOUNTS[1], &REGIONS[3], 0.1);
        let site = Site { global: false, home: false, network: false };
        let mix = Mix::new(&entries, &ACCOUNTS[1], &roster, site);
        let mut rng = Rng::new(1);
        for _ in 0..5_000 {
            let choice = mix.any(&mut rng).expect("a choice");
            assert_eq!(entries[choice.entry].scope, Scope::Regional);
            let machine = mix.machine(&mut rng).expect("a choice");
            assert!(!human(entries[machine.entry].callers[machine.caller].class));
        }
    }

    /// A misspelt service would silently lose its events.
    #[test]
    fn every_service_linked_caller_has_a_role() {
        let roster = Roster::new(&ACCOUNTS[0], &REGIONS[0], 0.4);
        for entry in catalogue::load().expect("the embedded catalogue") {
            assert!(entry.callers.iter().all(|c| present(c, &roster)), "{} {:?}", entry.name, entry.callers);
        }
    }
}
