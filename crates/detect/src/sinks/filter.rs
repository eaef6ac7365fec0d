//! Which notices a sink wants.

use serde::Deserialize;

use super::{Change, Notice, Severity};

/// The keys of a filter.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct FilterKeys {
    /// Least severity.
    min_severity: Option<Severity>,
    /// Globs over the ids of rules; all where none is given.
    #[serde(default)]
    rules: Vec<String>,
    /// Rules that are left out all the same.
    #[serde(default)]
    except_rules: Vec<String>,
    /// Kinds of change; new and reopened alerts where none is given.
    changes: Option<Vec<Change>>,
}

/// A filter, read.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    min: Severity,
    rules: Vec<String>,
    except: Vec<String>,
    changes: Vec<Change>,
}

impl Filter {
    pub(crate) fn new(keys: FilterKeys) -> Result<Self, String> {
        let changes = keys.changes.unwrap_or_else(|| vec![Change::Opened, Change::Reopened]);
        if changes.is_empty() {
            return Err("`changes` is empty: nothing would be sent; `enabled = false` says that".to_owned());
        }
        let min = keys.min_severity.unwrap_or(Severity::Informational);
        Ok(Self { min, rules: keys.rules, except: keys.except_rules, changes })
    }

    fn wants(&self, notice: &Notice) -> bool {
        let rule = &notice.alert.rule_id;
        let any = |globs: &[String]| globs.iter().any(|pattern| glob(pattern.as_bytes(), rule.as_bytes()));
        self.changes.contains(&notice.change)
            && notice.alert.severity >= self.min
            && (self.rules.is_empty() || any(&self.rules))
            && !any(&self.except)
    }
}

/// `*` stands for any text, `?` for one character.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// Who wants which notice.
#[derive(Debug, Clone, Default)]
pub struct Routes(Vec<(String, Filter)>);

impl Routes {
    pub(crate) fn new(sinks: impl Iterator<Item = (String, Filter)>) -> Self {
        Self(sinks.collect())
    }

    /// The names of the sinks that want a notice.
    #[must_use]
    pub fn wanted(&self, notice: &Notice) -> Vec<String> {
        self.0.iter().filter(|(_, filter)| filter.wants(notice)).map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn filters_choose() {
        let check = |keys: &str, severity: Severity, rule: &str, change: Change, wanted: bool| {
            let filter = Filter::new(toml::from_str(keys).unwrap()).unwrap();
            let mut notice = Notice::sample("x", Utc::now());
            (notice.alert.severity, notice.alert.rule_id, notice.change) = (severity, rule.to_owned(), change);
            assert_eq!(filter.wants(&notice), wanted, "{keys} {severity:?} {rule} {change:?}");
        };
        use {Change::*, Severity::*};
        check("", Informational, "a", Opened, true);
        check("", Informational, "a", Reopened, true);
        check("", Critical, "a", More, false);
        check("", Critical, "a", Closed, false);
        check("min_severity = 'high'", Medium, "a", Opened, false);
        check("min_severity = 'high'", High, "a", Opened, true);
        check("rules = ['trail-*', 'root-use']", Low, "trail-stopped", Opened, true);
        check("rules = ['trail-*', 'root-use']", Low, "root-used", Opened, false);
        check("except_rules = ['*-test']", Low, "a-test", Opened, false);
        check("changes = ['closed']", Low, "a", Closed, true);
        check("changes = ['closed']", Low, "a", Opened, false);
        assert!(Filter::new(toml::from_str("changes = []").unwrap()).is_err());
        assert!(toml::from_str::<FilterKeys>("min_severity = 'urgent'").is_err());
    }

    #[test]
    fn globs_match() {
        let check = |p: &str, t: &str, hit: bool| assert_eq!(glob(p.as_bytes(), t.as_bytes()), hit, "{p} {t}");
        check("*", "", true);
        check("a*c", "abbbc", true);
        check("a*c*e", "abcde", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("", "a", false);
        check(&"*a".repeat(30), &"a".repeat(29), false);
    }
}
