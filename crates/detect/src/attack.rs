//! MITRE ATT&CK as data: the tactics and techniques that rules name, from `rules/attack.tsv`.

use std::collections::HashMap;

use serde::Serialize;

use crate::rule::Text;

/// A tactic: what an attacker wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tactic {
    /// `TA0007`.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// A technique, or a part of one: how it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Technique {
    /// `T1580`, `T1685.002`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The tactics that it serves.
    pub tactics: Vec<String>,
    /// The technique that took its place where ATT&CK has withdrawn it.
    pub now: Option<String>,
}

/// The table of tactics and techniques.
#[derive(Debug, Clone, Default)]
pub struct Attack {
    tactics: Vec<Tactic>,
    techniques: Vec<Technique>,
    places: HashMap<String, usize>,
}

impl Attack {
    /// Reads the table: tab-separated, a row a tactic or technique. Rows that are none are passed over.
    #[must_use]
    pub fn parse(table: &str) -> Self {
        let mut attack = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let &[id, tactics, en, ja, now] = cells.as_slice() else { continue };
            let name = Text { en: en.to_owned(), ja: ja.to_owned() };
            if id.starts_with("TA") {
                attack.tactics.push(Tactic { id: id.to_owned(), name });
            } else if id.starts_with('T') {
                let tactics = tactics.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
                let now = (!now.is_empty()).then(|| now.to_owned());
                attack.places.insert(id.to_owned(), attack.techniques.len());
                attack.techniques.push(Technique { id: id.to_owned(), name, tactics, now });
            }
        }
        attack
    }

    /// The tactics, in the order of the matrix.
    #[must_use]
    pub fn tactics(&self) -> &[Tactic] {
        &self.tactics
    }

    /// The techniques, by id.
    #[must_use]
    pub fn techniques(&self) -> &[Technique] {
        &self.techniques
    }

    /// The tactic of an id.
    #[must_use]
    pub fn tactic(&self, id: &str) -> Option<&Tactic> {
        self.tactics.iter().find(|tactic| tactic.id == id)
    }

    /// The technique of an id, as ATT&CK has it today: of a withdrawn one, what took its place.
    #[must_use]
    pub fn technique(&self, id: &str) -> Option<&Technique> {
        let found = &self.techniques[*self.places.get(id)?];
        match found.now.as_deref().and_then(|now| self.places.get(now)) {
            Some(now) => Some(&self.techniques[*now]),
            None => Some(found),
        }
    }

    /// Whether rules may name it.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.places.contains_key(id) || self.tactic(id).is_some()
    }

    /// Every id, for "did you mean".
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let tactics = self.tactics.iter().map(|tactic| tactic.id.as_str());
        tactics.chain(self.techniques.iter().map(|technique| technique.id.as_str()))
    }

    /// The tactic of a Sigma tag: `defense_evasion`, `privilege-escalation`.
    #[must_use]
    pub fn tactic_tagged(&self, tag: &str) -> Option<&Tactic> {
        let plain = tag.replace(['_', '-'], " ");
        // What ATT&CK called it until 2026.
        let plain = if plain == "defense evasion" { "stealth" } else { plain.as_str() };
        self.tactics.iter().find(|tactic| tactic.name.en.eq_ignore_ascii_case(plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let attack = Attack::parse(assets::attack());
        assert_eq!(attack.tactics().len(), 15);
        assert!(attack.techniques().len() > 150);
        for technique in attack.techniques() {
            assert!(!technique.name.en.is_empty() && !technique.name.ja.is_empty(), "{}", technique.id);
            assert!(!technique.tactics.is_empty(), "{}", technique.id);
            assert!(technique.tactics.iter().all(|id| attack.tactic(id).is_some()), "{}", technique.id);
            assert!(technique.now.as_deref().is_none_or(|now| attack.knows(now)), "{}", technique.id);
        }
        assert!(attack.techniques().is_sorted_by_key(|technique| &technique.id));
    }

    #[test]
    fn withdrawn_techniques_lead_to_what_took_their_place() {
        let attack = Attack::parse(assets::attack());
        let check = |id: &str, now: Option<&str>| {
            assert_eq!(attack.technique(id).map(|technique| technique.id.as_str()), now, "{id}");
        };
        check("T1562.008", Some("T1685.002"));
        check("T1078.004", Some("T1078.004"));
        check("T9999", None);
        let tagged = |tag: &str| attack.tactic_tagged(tag).map(|tactic| tactic.id.as_str());
        assert_eq!(tagged("defense_evasion"), Some("TA0005"));
        assert_eq!(tagged("defense-impairment"), Some("TA0112"));
        assert_eq!(tagged("nothing"), None);
    }
}
