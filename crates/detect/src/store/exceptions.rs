//! Users' exceptions: what a rule is to pass over, with a reason, and for how long.

use rusqlite::{Row, params};

use super::schema::changed;
use super::{Store, StoreError};
use crate::rule::{Excepted, Exception, is_block};

/// Most exceptions of a rule.
const MOST: i64 = 1_000;
/// Longest field, value and reason, characters.
const LONGEST: usize = 2_000;

/// How an exception compares.
pub type ExceptionTest = Excepted;

/// An exception to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewException {
    /// A field of the catalogue, or a path into the record.
    pub field: String,
    /// What it is.
    pub is: Excepted,
    /// Why.
    pub reason: String,
    /// Until when, microseconds since the epoch; none: for good.
    pub until: Option<i64>,
}

/// A user's exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredException {
    /// Its number.
    pub id: i64,
    /// The rule.
    pub rule: String,
    /// What it passes over, why and until when.
    pub exception: Exception,
    /// When it was made, microseconds since the epoch.
    pub created_at: i64,
    /// Who made it.
    pub created_by: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredException> {
    let (kind, value): (String, String) = (row.get(3)?, row.get(4)?);
    let is = match kind.as_str() {
        "cidr" => Excepted::Cidr(value),
        "glob" => Excepted::Glob(value),
        _ => Excepted::Value(value),
    };
    Ok(StoredException {
        id: row.get(0)?,
        rule: row.get(1)?,
        exception: Exception { field: row.get(2)?, is, reason: row.get(5)?, until: row.get(6)? },
        created_at: row.get(7)?,
        created_by: row.get(8)?,
    })
}

const COLUMNS: &str = "id, rule, field, kind, value, reason, until, created_at, created_by";

impl Store {
    /// The users' exceptions of a rule, oldest first, expired ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn exceptions(&self, rule: &str) -> Result<Vec<StoredException>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM detect_exceptions WHERE rule = ? ORDER BY id");
        self.rows(&sql, &[&rule], read)
    }

    /// The exceptions of all rules.
    ///
    /// # Errors
    /// The database's.
    pub fn all_exceptions(&self) -> Result<Vec<StoredException>, StoreError> {
        self.rows(&format!("SELECT {COLUMNS} FROM detect_exceptions ORDER BY rule, id"), &[], read)
    }

    /// Makes an exception; it counts from the next commit on.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a field, value or reason that is empty or overlong, a network that is none, an end that is
    /// past, or one exception too many; and the database's.
    pub fn add_exception(&self, rule: &str, by: &str, new: &NewException) -> Result<StoredException, StoreError> {
        let now = self.now();
        check(new, now)?;
        let (kind, value) = match &new.is {
            Excepted::Value(value) => ("value", value),
            Excepted::Cidr(value) => ("cidr", value),
            Excepted::Glob(value) => ("glob", value),
        };
        let id = self.change(|change| -> Result<i64, StoreError> {
            let there: i64 =
                change.query_row("SELECT count(*) FROM detect_exceptions WHERE rule = ?", [rule], |row| row.get(0))?;
            if there >= MOST {
                return Err(StoreError::Invalid(format!("a rule has at most {MOST} exceptions")));
            }
            change.execute(
                "INSERT INTO detect_exceptions (rule, field, kind, value, reason, until, created_at, created_by) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![rule, new.field, kind, value, new.reason, new.until, now, by],
            )?;
            let id = change.last_insert_rowid();
            changed(change)?;
            Ok(id)
        })?;
        let NewException { field, is, reason, until } = new.clone();
        let exception = Exception { field, is, reason, until };
        Ok(StoredException { id, rule: rule.to_owned(), exception, created_at: now, created_by: by.to_owned() })
    }

    /// Takes an exception away; false where the rule has none of that number.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_exception(&self, rule: &str, id: i64) -> Result<bool, StoreError> {
        self.change(|change| {
            let gone =
                change.execute("DELETE FROM detect_exceptions WHERE rule = ? AND id = ?", params![rule, id])? > 0;
            changed(change)?;
            Ok(gone)
        })
    }
}

fn check(new: &NewException, now: i64) -> Result<(), StoreError> {
    let (Excepted::Value(value) | Excepted::Cidr(value) | Excepted::Glob(value)) = &new.is;
    for (what, text) in [("field", &new.field), ("value", value), ("reason", &new.reason)] {
        if text.trim().is_empty() || text.chars().count() > LONGEST {
            return Err(StoreError::Invalid(format!("an exception's {what} has 1 to {LONGEST} characters")));
        }
    }
    if matches!(&new.is, Excepted::Cidr(block) if !is_block(block)) {
        return Err(StoreError::Invalid(format!("`{value}` is no block of addresses; write it as 10.0.0.0/8")));
    }
    if matches!(&new.is, Excepted::Glob(glob) if glob.chars().all(|c| c == '*')) {
        return Err(StoreError::Invalid("an exception for everything is no exception; switch the rule off".to_owned()));
    }
    if new.until.is_some_and(|until| until <= now) {
        return Err(StoreError::Invalid("the exception's end is past".to_owned()));
    }
    Ok(())
}
