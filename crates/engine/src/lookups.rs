//! The folder of lookup files: CSV with a header line. Searches read them, join them, and write them (`outputlookup`); a name
//! can't leave the folder, a file is replaced whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::error::{ErrorKind, QueryError};

/// Largest file that is written, bytes.
const MOST_BYTES: usize = 128 << 20;

/// The lookup files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lookups {
    folder: Option<PathBuf>,
    /// One writer at a time: adding to a file is reading and replacing it.
    writing: Arc<Mutex<()>>,
}

/// A table of texts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub(crate) append: bool,
    pub(crate) key: Option<&'a str>,
    pub(crate) empty: bool,
}

impl Lookups {
    /// The files of a folder, which need not exist yet.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, writing: Arc::default() }
    }

    /// A file that is there.
    pub(crate) fn find(&self, name: &str) -> Result<PathBuf, QueryError> {
        let folder = self.folder.as_ref().filter(|_| is_plain(name));
        let found = folder.and_then(|folder| {
            [name.to_owned(), format!("{name}.csv")].iter().map(|n| folder.join(n)).find(|p| p.is_file())
        });
        found.ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> QueryError {
        let text = match &self.folder {
            Some(folder) if is_plain(name) => format!(
                "there is no lookup `{name}`; a search that ends in `| outputlookup {name}` makes it, or put a CSV file with \
                 a header line into {}",
                folder.display()
            ),
            Some(_) => format!("`{name}` is no name of a lookup: letters, digits, `.`, `_` and `-` make one"),
            None => format!("there is no lookup `{name}`: no folder of lookup files is set"),
        };
        QueryError::new(ErrorKind::NotFound, text)
    }

    /// Where a lookup is to be written.
    fn target(&self, name: &str) -> Result<PathBuf, QueryError> {
        let Some(folder) = &self.folder else {
            let text = format!("the lookup `{name}` can't be written: no folder of lookup files is set");
            return Err(QueryError::new(ErrorKind::Invalid, text));
        };
        if !is_plain(name) || name.contains('.') && !name.ends_with(".csv") {
            let text =
                format!("`{name}` is no name of a lookup that can be written: letters, digits, `_`, `-`, and `.csv`");
            return Err(QueryError::new(ErrorKind::Invalid, text));
        }
        self.find(name)
            .or_else(|_| Ok(folder.join(if name.contains('.') { name.to_owned() } else { format!("{name}.csv") })))
    }

    /// Writes a table.
    pub(crate) fn write(&self, name: &str, table: Table, how: Writing<'_>) -> Result<(), QueryError> {
        let path = self.target(name)?;
        let _writing = self.writing.lock().map_err(|_| failed(&path, "an earlier write failed"))?;
        let there = path.is_file();
        if table.rows.is_empty() && (how.append || !how.empty) && there {
            return Ok(());
        }
        let table = if how.append && there { merged(read(&path)?, table, how.key) } else { table };
        let text = written(&table);
        if text.len() > MOST_BYTES {
            let text = format!("the lookup `{name}` would be larger than {} MiB; it stays as it was", MOST_BYTES >> 20);
            return Err(QueryError::new(ErrorKind::Memory, text));
        }
        replace(&path, text.as_bytes()).map_err(|error| failed(&path, &error.to_string()))
    }
}

/// A name that is one file of the folder.
fn is_plain(name: &str) -> bool {
    let made_of = |c: char| c.is_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.len() <= 200 && name.chars().all(made_of) && !name.starts_with('.')
}

fn failed(path: &Path, why: &str) -> QueryError {
    QueryError::new(ErrorKind::Internal, format!("{}: {why}", path.display()))
}

/// The whole new file beside the old one, on disk, then in its place.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
    let result = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

/// The names of a file's columns.
pub(crate) fn header(path: &Path) -> Result<Vec<String>, QueryError> {
    use std::io::{BufRead, BufReader};
    let unreadable = |e: std::io::Error| failed(path, &e.to_string());
    let mut reader = BufReader::new(fs::File::open(path).map_err(unreadable)?);
    let mut text = String::new();
    // A quoted name may go over lines; a header longer than this is none.
    while text.matches('"').count() % 2 == 1 || text.is_empty() {
        if reader.read_line(&mut text).map_err(unreadable)? == 0 || text.len() > 1 << 20 {
            break;
        }
    }
    Ok(records(&text).into_iter().next().unwrap_or_default().into_iter().map(|name| name.trim().to_owned()).collect())
}

fn read(path: &Path) -> Result<Table, QueryError> {
    let text = fs::read_to_string(path).map_err(|e| failed(path, &e.to_string()))?;
    let mut rows = records(&text).into_iter();
    Ok(Table { columns: rows.next().unwrap_or_default(), rows: rows.collect() })
}

/// The records of CSV text, quotes resolved; the mark at the beginning of a file falls away.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let (mut record, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                out.push(std::mem::take(&mut record));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        out.push(record);
    }
    out.retain(|record| record.len() > 1 || record.first().is_some_and(|cell| !cell.is_empty()));
    out
}

fn written(table: &Table) -> String {
    let mut out = String::new();
    for record in std::iter::once(&table.columns).chain(&table.rows) {
        for (index, cell) in record.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            let lonely = record.len() == 1 && cell.is_empty();
            if lonely || cell.contains(['"', ',', '\n', '\r']) {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(cell);
            }
        }
        out.push('\n');
    }
    out
}

/// The old rows with the new ones below, by the columns' names; with a key, a new row replaces an old one.
fn merged(old: Table, new: Table, key: Option<&str>) -> Table {
    let mut columns = old.columns.clone();
    columns.extend(new.columns.iter().filter(|name| !old.columns.contains(name)).cloned());
    let placed = |of: &[String], row: &[String]| -> Vec<String> {
        let cell = |name: &String| of.iter().position(|known| known == name).and_then(|at| row.get(at));
        columns.iter().map(|name| cell(name).cloned().unwrap_or_default()).collect()
    };
    let fresh: Vec<Vec<String>> = new.rows.iter().map(|row| placed(&new.columns, row)).collect();
    let key = key.and_then(|key| columns.iter().position(|name| name == key));
    let replaced: std::collections::HashSet<&str> =
        key.map_or_else(Default::default, |at| fresh.iter().map(|row| row[at].as_str()).collect());
    let kept = old.rows.iter().map(|row| placed(&old.columns, row));
    let kept: Vec<_> = kept.filter(|row| key.is_none_or(|at| !replaced.contains(row[at].as_str()))).collect();
    let rows = kept.into_iter().chain(fresh.iter().cloned()).collect();
    Table { columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        Table { columns: texts(columns), rows: rows.iter().map(|row| texts(row)).collect() }
    }

    const PLAIN: Writing<'_> = Writing { append: false, key: None, empty: true };

    #[test]
    fn what_is_written_is_read_again() {
        let place = tempfile::tempdir().unwrap();
        let lookups = Lookups::new(Some(place.path().join("not/yet")));
        let rows: &[&[&str]] = &[&["alice", "a,b"], &["bob", "say \"x\"\nand y"], &["", "東京"]];
        lookups.write("seen", table(&["user", "what, else"], rows), PLAIN).unwrap();
        let path = lookups.find("seen.csv").unwrap();
        assert_eq!(read(&path).unwrap(), table(&["user", "what, else"], rows));
        assert_eq!(header(&path).unwrap(), ["user", "what, else"]);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn rows_are_added_by_name_and_key() {
        let place = tempfile::tempdir().unwrap();
        let lookups = Lookups::new(Some(place.path().to_owned()));
        lookups.write("t.csv", table(&["a", "b"], &[&["1", "x"], &["2", "y"]]), PLAIN).unwrap();
        let add = Writing { append: true, ..PLAIN };
        lookups.write("t.csv", table(&["c", "a"], &[&["new", "3"]]), add).unwrap();
        let path = lookups.find("t.csv").unwrap();
        assert_eq!(read(&path).unwrap().rows.last().unwrap(), &["3", "", "new"]);
        lookups.write("t.csv", table(&["a", "b"], &[&["2", "z"]]), Writing { key: Some("a"), ..add }).unwrap();
        assert_eq!(
            read(&path).unwrap(),
            table(&["a", "b", "c"], &[&["1", "x", ""], &["3", "", "new"], &["2", "z", ""]])
        );
    }

    #[test]
    fn nothing_empties_a_file_only_where_that_is_asked_for() {
        let place = tempfile::tempdir().unwrap();
        let lookups = Lookups::new(Some(place.path().to_owned()));
        lookups.write("t", table(&["a"], &[&["1"]]), PLAIN).unwrap();
        lookups.write("t", table(&["a"], &[]), Writing { empty: false, ..PLAIN }).unwrap();
        assert_eq!(read(&lookups.find("t").unwrap()).unwrap().rows.len(), 1);
        lookups.write("t", table(&["a"], &[]), PLAIN).unwrap();
        assert_eq!(read(&lookups.find("t").unwrap()).unwrap(), table(&["a"], &[]));
    }

    #[test]
    fn a_name_can_not_leave_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let lookups = Lookups::new(Some(place.path().join("in")));
        for name in ["../x.csv", "/tmp/x.csv", "a/b", ".hidden", "", "x.sh", "a\0b", "a b.csv"] {
            assert!(lookups.write(name, table(&["a"], &[&["1"]]), PLAIN).is_err(), "{name}");
        }
        assert!(!place.path().join("in").exists() && lookups.find("../in").is_err());
        assert!(Lookups::default().write("x", table(&["a"], &[]), PLAIN).is_err());
    }
}
