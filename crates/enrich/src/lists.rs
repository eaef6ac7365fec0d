//! Lists of addresses, ranges and domains that somebody keeps: the exits of Tor, a feed of known-bad hosts, one's own
//! offices. A text file, one entry a line; what stands behind `#` or `;` is a comment.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use crate::ranges::{cidr, masked};
use crate::source::parse_address;

/// One list.
#[derive(Debug, Default)]
pub struct NamedList {
    name: String,
    /// Prefixes by family and length.
    ranges: HashMap<(bool, u32), HashSet<u128>>,
    /// Domains, in lower case; each stands for what is below it too.
    domains: HashSet<String>,
    /// Lines that are neither.
    ignored: usize,
}

impl NamedList {
    /// Reads a list. Understands bare addresses and domains, CIDR ranges, the exit list of the Tor project
    /// (`ExitAddress 192.0.2.1 …`), hosts files (`0.0.0.0 bad.example`) and CSV whose first cell is the entry.
    pub fn parse(name: &str, text: &str) -> Self {
        let mut list = Self { name: name.to_owned(), ..Self::default() };
        for line in text.lines() {
            let line = line.split(['#', ';']).next().unwrap_or_default().trim();
            if !line.is_empty() {
                list.add(line);
            }
        }
        list
    }

    fn add(&mut self, line: &str) {
        let mut words = line.split([' ', '\t', ',']).map(|word| word.trim_matches('"')).filter(|word| !word.is_empty());
        let entry = match (words.next(), words.next()) {
            (Some("ExitAddress" | "0.0.0.0" | "127.0.0.1"), Some(second)) => second,
            // Other lines of Tor's file.
            (Some("ExitNode" | "Published" | "LastStatus"), _) => return,
            (Some(first), _) => first,
            (None, _) => return,
        };
        if let Some((address, length)) = cidr(entry) {
            let address = if length == 128 { address.to_canonical() } else { address };
            let length = if address.is_ipv4() { length.min(32) } else { length };
            self.ranges.entry((address.is_ipv4(), length)).or_default().insert(masked(address, length));
        } else if is_domain(entry) {
            self.domains.insert(entry.trim_start_matches("*.").trim_end_matches('.').to_ascii_lowercase());
        } else {
            self.ignored += 1;
        }
    }

    /// What the list is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Entries of the list.
    pub fn len(&self) -> usize {
        self.domains.len() + self.ranges.values().map(HashSet::len).sum::<usize>()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lines that were not understood.
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// Whether an address, or a domain or one above it, is on the list.
    pub fn holds(&self, value: &str) -> bool {
        match parse_address(value.trim()) {
            Some(address) => self.holds_address(address),
            None => self.holds_domain(value),
        }
    }

    fn holds_address(&self, address: IpAddr) -> bool {
        let v4 = address.is_ipv4();
        self.ranges.iter().any(|((family, length), ranges)| *family == v4 && ranges.contains(&masked(address, *length)))
    }

    fn holds_domain(&self, value: &str) -> bool {
        if self.domains.is_empty() {
            return false;
        }
        let folded = value.trim().trim_end_matches('.').to_ascii_lowercase();
        let mut rest = folded.as_str();
        loop {
            if self.domains.contains(rest) {
                return true;
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => return false,
            }
        }
    }
}

fn is_domain(text: &str) -> bool {
    let name = text.trim_start_matches("*.").trim_end_matches('.');
    name.contains('.')
        && name.len() <= 253
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') || byte >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_every_form() {
        let text = "# comment\n203.0.113.7\n198.51.100.0/24 ; a network\n2001:db8::/32\nevil.example\n*.bad.example\n\
            ExitNode 0011\nPublished 2023-01-01\nExitAddress 192.0.2.55 2023-01-01 00:00:00\n0.0.0.0 ads.example\n\
            \"192.0.2.99\",\"x\"\nnot an entry!\n";
        let list = NamedList::parse("bad", text);
        let check = |value: &str, expected: bool| assert_eq!(list.holds(value), expected, "{value}");
        for held in ["203.0.113.7", "::ffff:203.0.113.7", "198.51.100.200", "2001:db8:1::1", "192.0.2.55", "192.0.2.99"]
        {
            check(held, true);
        }
        for held in ["evil.example", "a.b.EVIL.example.", "x.bad.example", "bad.example", "ads.example"] {
            check(held, true);
        }
        for free in ["203.0.113.8", "2001:db9::1", "example", "notevil.example", "", "0.0.0.0"] {
            check(free, false);
        }
        assert_eq!((list.len(), list.ignored()), (8, 1));
    }
}
