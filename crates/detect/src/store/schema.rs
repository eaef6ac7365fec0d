//! The tables, all of them named `detect_…`, in the file that the server's own state is in too. They have a version of their
//! own: the server's counts in `user_version`, these in `detect_meta`, so that either may be brought up to date by itself.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::StoreError;

/// Each step is run once, in order; `detect_meta.version` counts them. Times are microseconds since the epoch. An alert's
/// status is 0 open, 1 acknowledged, 2 closed.
const MIGRATIONS: &[&str] = &["
CREATE TABLE detect_alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, key BLOB NOT NULL, grouped TEXT NOT NULL,
  title_en TEXT NOT NULL, title_ja TEXT NOT NULL, severity INTEGER NOT NULL, attack TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 0, verdict TEXT, owner TEXT,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  told_at INTEGER, events INTEGER NOT NULL,
  account TEXT, actor TEXT, region TEXT, source_address TEXT, country TEXT
) STRICT;
CREATE UNIQUE INDEX detect_alerts_live ON detect_alerts(rule, key) WHERE status < 2;
CREATE INDEX detect_alerts_updated ON detect_alerts(updated_at, id);
CREATE INDEX detect_alerts_status ON detect_alerts(status, severity, updated_at);
CREATE TABLE detect_hits (
  rule TEXT NOT NULL, event BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (rule, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX detect_hits_at ON detect_hits(at);
CREATE TABLE detect_evidence (
  alert INTEGER NOT NULL REFERENCES detect_alerts(id) ON DELETE CASCADE, event_time INTEGER NOT NULL, event_id TEXT NOT NULL,
  facts TEXT NOT NULL, PRIMARY KEY (alert, event_time, event_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE detect_timeline (
  alert INTEGER NOT NULL REFERENCES detect_alerts(id) ON DELETE CASCADE, hour INTEGER NOT NULL, events INTEGER NOT NULL,
  PRIMARY KEY (alert, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE detect_days (
  rule TEXT NOT NULL, day INTEGER NOT NULL, hits INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (rule, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE detect_notes (
  id INTEGER PRIMARY KEY, alert INTEGER NOT NULL REFERENCES detect_alerts(id) ON DELETE CASCADE,
  at INTEGER NOT NULL, by TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX detect_notes_alert ON detect_notes(alert);
CREATE TABLE detect_history (
  id INTEGER PRIMARY KEY, alert INTEGER NOT NULL REFERENCES detect_alerts(id) ON DELETE CASCADE,
  at INTEGER NOT NULL, by TEXT NOT NULL, change TEXT NOT NULL
) STRICT;
CREATE INDEX detect_history_alert ON detect_history(alert);
CREATE TABLE detect_outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, alert INTEGER NOT NULL REFERENCES detect_alerts(id) ON DELETE CASCADE,
  sink TEXT NOT NULL, occasion TEXT NOT NULL, created_at INTEGER NOT NULL, next_at INTEGER NOT NULL, tried_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'pending', error TEXT, notice TEXT NOT NULL
) STRICT;
CREATE INDEX detect_outbox_due ON detect_outbox(sink, state, next_at);
CREATE INDEX detect_outbox_alert ON detect_outbox(alert);
CREATE TABLE detect_rules (
  id TEXT PRIMARY KEY, text TEXT, enabled INTEGER, severity TEXT, changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL
) STRICT;
CREATE TABLE detect_exceptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  reason TEXT NOT NULL, until INTEGER, created_at INTEGER NOT NULL, created_by TEXT NOT NULL
) STRICT;
CREATE INDEX detect_exceptions_rule ON detect_exceptions(rule);
CREATE TABLE detect_schedule (
  rule TEXT PRIMARY KEY, marks TEXT NOT NULL, next_at INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  error TEXT, ran_at INTEGER
) STRICT;
CREATE TABLE detect_noted (
  rule TEXT NOT NULL, key BLOB NOT NULL, event BLOB NOT NULL, step INTEGER NOT NULL, time INTEGER NOT NULL,
  value BLOB NOT NULL, latitude REAL, longitude REAL, evidence TEXT NOT NULL, PRIMARY KEY (rule, key, event, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX detect_noted_time ON detect_noted(rule, time);
CREATE TABLE detect_seen (
  rule TEXT NOT NULL, key BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, event BLOB NOT NULL,
  PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX detect_seen_last ON detect_seen(rule, last);
CREATE TABLE detect_counts (
  rule TEXT NOT NULL, key BLOB NOT NULL, bucket INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (rule, key, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX detect_counts_bucket ON detect_counts(rule, bucket);
CREATE TABLE detect_pending (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, keys BLOB NOT NULL
) STRICT;
CREATE TABLE detect_marks (lake TEXT PRIMARY KEY, mark TEXT NOT NULL) STRICT;
"];

/// Brings the tables up to date.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    step.execute_batch("CREATE TABLE IF NOT EXISTS detect_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")?;
    let found = meta(&step, "version")?.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        step.execute_batch(sql)?;
    }
    set_meta(&step, "version", &known.to_string())?;
    step.execute("INSERT OR IGNORE INTO detect_meta VALUES ('id', lower(hex(randomblob(8))))", [])?;
    step.commit()?;
    Ok(())
}

/// A setting of the tables.
pub(super) fn meta(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let found = db.query_row("SELECT value FROM detect_meta WHERE key = ?", [key], |row| row.get(0));
    Ok(found.optional()?)
}

/// Sets it.
pub(super) fn set_meta(db: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    db.execute("INSERT OR REPLACE INTO detect_meta VALUES (?, ?)", params![key, value])?;
    Ok(())
}

/// Notes that somebody said something of rules.
pub(super) fn changed(db: &Connection) -> Result<(), StoreError> {
    let sql = "INSERT INTO detect_meta VALUES ('rules', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1";
    db.execute(sql, [])?;
    Ok(())
}
