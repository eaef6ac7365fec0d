//! What users say of rules: rules of their own, other texts for built-in ones, switched on or off, another severity. And how
//! often each found something.

use std::collections::BTreeMap;

use rusqlite::params;

use super::schema::{changed, meta};
use super::{Store, StoreError, known};
use crate::rule::Severity;

const DAY: i64 = 86_400_000_000;

/// What users say of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSetting {
    /// Its text: a rule of the user's own, or instead of the built-in one.
    pub text: Option<String>,
    /// Switched on or off; none: as the text says.
    pub enabled: Option<bool>,
    /// Another severity than the text says.
    pub severity: Option<Severity>,
    /// When that was last changed, microseconds since the epoch.
    pub changed_at: i64,
    /// By whom.
    pub changed_by: String,
}

/// What a rule found lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleActivity {
    /// Findings of the last 30 days.
    pub hits: u64,
    /// When the last was made, microseconds since the epoch.
    pub last: Option<i64>,
    /// Alerts that are not closed.
    pub open: u64,
}

impl Store {
    /// Counts what anybody said of rules: another number means that they have to be made anew.
    ///
    /// # Errors
    /// The database's.
    pub fn rules_version(&self) -> Result<i64, StoreError> {
        Ok(meta(&self.reader(), "rules")?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// What users say of rules, by id.
    ///
    /// # Errors
    /// The database's.
    pub fn rule_settings(&self) -> Result<BTreeMap<String, RuleSetting>, StoreError> {
        let sql = "SELECT id, text, enabled, severity, changed_at, changed_by FROM detect_rules";
        let rows = self.rows(sql, &[], |row| {
            let severity: Option<String> = row.get(3)?;
            let setting = RuleSetting {
                text: row.get(1)?,
                enabled: row.get(2)?,
                severity: severity.as_deref().and_then(Severity::named),
                changed_at: row.get(4)?,
                changed_by: row.get(5)?,
            };
            Ok((row.get(0)?, setting))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Keeps the text of a user's rule.
    ///
    /// # Errors
    /// The database's.
    pub fn set_rule_text(&self, id: &str, by: &str, text: &str) -> Result<(), StoreError> {
        let now = self.now();
        self.change(|change| {
            change.execute(
                "INSERT INTO detect_rules (id, text, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (id) DO UPDATE SET text = ?2, changed_at = ?3, changed_by = ?4",
                params![id, text, now, by],
            )?;
            changed(change)
        })
    }

    /// Switches a rule on or off, or gives it another severity; what is none stays.
    ///
    /// # Errors
    /// The database's.
    pub fn set_rule(
        &self,
        id: &str,
        by: &str,
        enabled: Option<bool>,
        severity: Option<Severity>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        self.change(|change| {
            change.execute(
                "INSERT INTO detect_rules (id, enabled, severity, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (id) DO UPDATE SET enabled = coalesce(?2, enabled), severity = coalesce(?3, severity), \
                 changed_at = ?4, changed_by = ?5",
                params![id, enabled, severity.map(Severity::as_str), now, by],
            )?;
            changed(change)
        })
    }

    /// Takes back what users say of a rule. Of a rule that is nobody's then (`whole`), exceptions, memory and schedule go too;
    /// its alerts stay. False where nothing was said.
    ///
    /// # Errors
    /// The database's.
    pub fn forget_rule(&self, id: &str, whole: bool) -> Result<bool, StoreError> {
        self.change(|change| {
            let gone = change.execute("DELETE FROM detect_rules WHERE id = ?", [id])? > 0;
            if whole {
                for table in ["detect_exceptions", "detect_schedule", "detect_noted", "detect_seen", "detect_counts"] {
                    change.execute(&format!("DELETE FROM {table} WHERE rule = ?"), [id])?;
                }
                known::touch(change)?;
            }
            changed(change)?;
            Ok(gone)
        })
    }

    /// What the rules found lately, by id.
    ///
    /// # Errors
    /// The database's.
    pub fn activity(&self) -> Result<BTreeMap<String, RuleActivity>, StoreError> {
        let since = self.now().div_euclid(DAY) - 29;
        let mut all: BTreeMap<String, RuleActivity> = BTreeMap::new();
        let days =
            "SELECT rule, sum(CASE WHEN day >= ? THEN hits ELSE 0 END), max(last) FROM detect_days GROUP BY rule";
        for (rule, hits, last) in
            self.rows(days, &[&since], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?)))?
        {
            let activity = all.entry(rule).or_default();
            (activity.hits, activity.last) = (hits.unsigned_abs(), last);
        }
        let open = "SELECT rule, count(*) FROM detect_alerts WHERE status < 2 GROUP BY rule";
        for (rule, open) in self.rows(open, &[], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
            all.entry(rule).or_default().open = open.unsigned_abs();
        }
        Ok(all)
    }
}
