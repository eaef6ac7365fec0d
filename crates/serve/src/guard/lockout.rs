//! Slowing down who guesses passwords. Failures are counted for a name at an address, and for an address whatever the name;
//! past a few, each further one doubles the time in which no password is looked at. Kept in memory: a restart forgives.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// Failures that cost nothing: people mistype.
const FREE_BY_NAME: u32 = 5;
/// The same for an address: many people may sit behind one.
const FREE_BY_ADDRESS: u32 = 50;
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 15 * 60;
/// Without a failure for so long, all is forgotten.
const FORGOTTEN: i64 = 3600;
const MOST_ENTRIES: usize = 20_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Name([u8; 32], IpAddr),
    Address(IpAddr),
}

#[derive(Clone, Copy, Default)]
struct Entry {
    failures: u32,
    last: i64,
    until: i64,
}

/// The failures in mind. Times are seconds since the epoch.
#[derive(Default)]
pub(crate) struct Lockout {
    entries: Mutex<HashMap<Key, Entry>>,
}

impl Lockout {
    /// Asks leave to check a password, or says for how many seconds not. The attempt counts as failed until
    /// [`Lockout::succeeded`] takes it back, so that attempts in parallel are no way round.
    pub(crate) fn attempt(&self, name: &str, address: IpAddr, now: i64) -> Result<(), u64> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(name, address);
        let wait =
            keys.iter().filter_map(|(key, _)| entries.get(key)).map(|entry| entry.until - now).max().unwrap_or(0);
        if let Ok(wait @ 1..) = u64::try_from(wait) {
            return Err(wait);
        }
        make_room(&mut entries, now);
        for (key, free) in keys {
            let entry = entries.entry(key).or_default();
            if now - entry.last >= FORGOTTEN {
                *entry = Entry::default();
            }
            entry.failures = entry.failures.saturating_add(1);
            entry.last = now;
            entry.until = now + wait_after(entry.failures, free);
        }
        Ok(())
    }

    /// The password was right: the name is forgiven, the address gets this one attempt back.
    pub(crate) fn succeeded(&self, name: &str, address: IpAddr) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in keys(name, address) {
            match (key, entries.get_mut(&key)) {
                (Key::Address(_), Some(entry)) => {
                    entry.failures = entry.failures.saturating_sub(1);
                    entry.until = 0;
                }
                _ => {
                    entries.remove(&key);
                }
            }
        }
    }
}

fn keys(name: &str, address: IpAddr) -> [(Key, u32); 2] {
    let address = network(address);
    [
        (Key::Name(Sha256::digest(name.as_bytes()).into(), address), FREE_BY_NAME),
        (Key::Address(address), FREE_BY_ADDRESS),
    ]
}

/// Whoever has one IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

fn wait_after(failures: u32, free: u32) -> i64 {
    failures.checked_sub(free).map_or(0, |over| FIRST_WAIT.saturating_mul(1 << over.min(20)).min(LONGEST_WAIT))
}

fn make_room(entries: &mut HashMap<Key, Entry>, now: i64) {
    if entries.len() < MOST_ENTRIES {
        return;
    }
    entries.retain(|_, entry| now - entry.last < FORGOTTEN);
    if entries.len() >= MOST_ENTRIES {
        let mut ages: Vec<i64> = entries.values().map(|entry| entry.last).collect();
        ages.sort_unstable();
        let oldest = ages.get(ages.len() / 2).copied().unwrap_or(now);
        entries.retain(|_, entry| entry.last > oldest || entry.until > now);
    }
    if entries.len() >= MOST_ENTRIES {
        entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let lockout = Lockout::default();
        let mut now = 1000;
        let mut waits = Vec::new();
        for _ in 0..16 {
            assert_eq!(lockout.attempt("ann", HERE, now), Ok(()));
            match lockout.attempt("ann", HERE, now) {
                Ok(()) => waits.push(0),
                Err(wait) => {
                    waits.push(wait);
                    now += i64::try_from(wait).unwrap();
                }
            }
        }
        assert_eq!(waits, [0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900, 900, 900]);
    }

    #[test]
    fn others_are_not_locked_out() {
        let lockout = Lockout::default();
        for _ in 0..FREE_BY_NAME {
            lockout.attempt("ann", HERE, 0).unwrap();
        }
        assert!(lockout.attempt("ann", HERE, 0).is_err());
        assert!(lockout.attempt("ann", THERE, 0).is_ok(), "ann from elsewhere");
        assert!(lockout.attempt("bob", HERE, 0).is_ok(), "bob from here");
        assert!(lockout.attempt("ann", HERE, 5).is_ok(), "ann after the wait");
    }

    #[test]
    fn success_and_time_forgive() {
        let lockout = Lockout::default();
        for _ in 0..3 {
            for _ in 0..FREE_BY_NAME - 1 {
                lockout.attempt("ann", HERE, 0).unwrap();
            }
            lockout.attempt("ann", HERE, 0).unwrap();
            lockout.succeeded("ann", HERE);
        }
        for _ in 0..FREE_BY_NAME {
            lockout.attempt("ann", HERE, 10).unwrap();
        }
        assert!(lockout.attempt("ann", HERE, 10).is_err());
        for _ in 0..FREE_BY_NAME {
            lockout.attempt("ann", HERE, 10 + FORGOTTEN).unwrap();
        }
    }

    #[test]
    fn many_names_from_one_network_are_one_guesser() {
        for (first, second) in
            [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.1", "192.0.2.1")]
        {
            let lockout = Lockout::default();
            for guess in 0..FREE_BY_ADDRESS {
                lockout.attempt(&format!("user{guess}"), first.parse().unwrap(), 0).unwrap();
            }
            assert!(lockout.attempt("another", second.parse().unwrap(), 0).is_err(), "{first}");
            assert!(lockout.attempt("another", "2001:db8:0:1::1".parse().unwrap(), 0).is_ok());
        }
    }

    #[test]
    fn memory_is_bounded() {
        let lockout = Lockout::default();
        for n in 0..MOST_ENTRIES as u32 {
            let address = IpAddr::V6(Ipv6Addr::from_bits(u128::from(n) << 64));
            lockout.attempt("ann", address, i64::from(n / 1000)).unwrap();
        }
        assert!(lockout.entries.lock().unwrap().len() <= MOST_ENTRIES + 2);
    }
}
