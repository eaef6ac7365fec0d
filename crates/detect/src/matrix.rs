//! Which tactics and techniques of ATT&CK rules are for.

use std::collections::{BTreeMap, BTreeSet};

use crate::attack::Attack;
use crate::rule::{Rule, Text};

/// A technique with the rules that are for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// `T1078.004`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The rules, by id.
    pub rules: Vec<String>,
}

/// A tactic with its techniques.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `TA0003`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its techniques that a rule is for, by id.
    pub techniques: Vec<Cell>,
    /// Rules that name the tactic and no technique of it.
    pub rules: Vec<String>,
}

/// The matrix of rules: every tactic, in the order of an attack. A technique that serves several tactics stands in those that
/// the rule names too, or in all where it names none of them.
pub fn matrix<'a>(attack: &Attack, rules: impl Iterator<Item = &'a Rule>) -> Vec<Row> {
    let mut cells: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut alone: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules {
        let named: Vec<&str> = rule.attack.iter().filter_map(|id| Some(attack.tactic(id)?.id.as_str())).collect();
        let mut served: BTreeSet<&str> = BTreeSet::new();
        for technique in rule.attack.iter().filter_map(|id| attack.technique(id)) {
            let all: Vec<&str> = technique.tactics.iter().map(String::as_str).collect();
            let both: Vec<&str> = all.iter().copied().filter(|id| named.contains(id)).collect();
            for tactic in if both.is_empty() { all } else { both } {
                cells.entry((tactic, &technique.id)).or_default().insert(&rule.id);
                served.insert(tactic);
            }
        }
        for tactic in named.into_iter().filter(|id| !served.contains(id)) {
            alone.entry(tactic).or_default().insert(&rule.id);
        }
    }
    let texts = |ids: &BTreeSet<&str>| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let row = |tactic: &crate::attack::Tactic| Row {
        id: tactic.id.clone(),
        name: tactic.name.clone(),
        techniques: cells
            .iter()
            .filter(|((of, _), _)| *of == tactic.id)
            .filter_map(|((_, id), rules)| {
                let name = attack.technique(id)?.name.clone();
                Some(Cell { id: (*id).to_owned(), name, rules: texts(rules) })
            })
            .collect(),
        rules: alone.get(tactic.id.as_str()).map(texts).unwrap_or_default(),
    };
    attack.tactics().iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::read;

    #[test]
    fn rules_stand_where_they_say() {
        let attack = Attack::parse(assets::attack());
        let rule = |id: &str, named: &str| {
            let text =
                format!("id: {id}\ntitle: t\nattack: [{named}]\nquery: {{ lang: filter, text: '{{ $.a = b }}' }}\n");
            read(&text, &attack).0.unwrap()
        };
        // T1078 serves four tactics.
        let rules =
            [rule("one", "TA0003, T1078"), rule("all", "T1078"), rule("bare", "TA0003"), rule("old", "T1562.008")];
        let rows = matrix(&attack, rules.iter());
        let row = |id: &str| rows.iter().find(|row| row.id == id).unwrap();
        let of = |tactic: &str, id: &str| {
            let cell = row(tactic).techniques.iter().find(|cell| cell.id == id);
            cell.map(|cell| cell.rules.join(" ")).unwrap_or_default()
        };
        assert_eq!(of("TA0003", "T1078"), "all one");
        assert_eq!(of("TA0001", "T1078"), "all");
        assert_eq!(row("TA0003").rules, ["bare"]);
        assert_eq!(rows.iter().flat_map(|row| &row.techniques).filter(|cell| cell.id == "T1685.002").count(), 1);
        assert_eq!(rows.len(), attack.tactics().len());
    }
}
