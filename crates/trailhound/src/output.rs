//! What the program prints: logs and messages on standard error, rows and reports on standard output. The only place of
//! the workspace that writes to either.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use engine::{ErrorKind, QueryError};
use query::diagnostic::{Diagnostic, render};
use tracing_subscriber::EnvFilter;
use unicode_width::UnicodeWidthStr;

use crate::EXIT_INVALID;
use crate::cli::LogFormat;

/// Sets up log lines on standard error; `RUST_LOG` refines them.
pub(crate) fn logging(verbose: u8, format: LogFormat) {
    let level = match verbose {
        0 => "warn",
        // The table format's libraries print whole schemas at every commit: they speak up when something is wrong.
        1 => "info,buoyant_kernel=warn,buoyant_kernel_engine=warn,deltalake_core=warn",
        _ => "debug,buoyant_kernel=info,buoyant_kernel_engine=info,deltalake_core=info,hyper_util=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let done = match format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if let Err(error) = done {
        note(&format!("logging is off: {error}"));
    }
}

/// A line on standard error.
pub(crate) fn note(text: &str) {
    // Nothing is left to tell where standard error is gone.
    let _ = writeln!(io::stderr(), "{text}");
}

/// A line on standard output.
///
/// # Errors
/// Where standard output is closed.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// An error that ends the program.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    if let Some(io) = error.downcast_ref::<io::Error>()
        && io.kind() == io::ErrorKind::BrokenPipe
    {
        return ExitCode::SUCCESS;
    }
    note(&format!("trailhound: {error:#}"));
    ExitCode::FAILURE
}

/// A failed query: its diagnostics under the characters meant, and the code that says whose fault it is.
pub(crate) fn query_failed(text: &str, error: &QueryError) -> ExitCode {
    if error.diagnostics.is_empty() {
        note(&format!("trailhound: {}", error.message));
    } else {
        diagnostics(text, &error.diagnostics);
    }
    if error.kind == ErrorKind::Invalid { ExitCode::from(EXIT_INVALID) } else { ExitCode::FAILURE }
}

/// Diagnostics on standard error.
pub(crate) fn diagnostics(text: &str, found: &[Diagnostic]) {
    if !found.is_empty() {
        note(render(text, found).trim_end());
    }
}

/// Rows as a table whose columns are as wide as their first rows need.
pub(crate) struct Table<W: Write> {
    out: W,
    names: Vec<String>,
    held: Vec<Vec<Option<String>>>,
    widths: Option<Vec<usize>>,
}

/// Rows looked at before the widths are settled.
const SAMPLE: usize = 500;
/// Widest column; longer texts overflow it.
const WIDEST: usize = 80;

impl<W: Write> Table<W> {
    /// A table with a header line.
    pub(crate) fn new(out: W, names: Vec<String>) -> Self {
        Self { out, names, held: Vec::new(), widths: None }
    }

    /// Adds rows.
    pub(crate) fn rows(&mut self, rows: Vec<Vec<Option<String>>>) -> io::Result<()> {
        for row in rows {
            self.held.push(row);
            if self.widths.is_some() || self.held.len() >= SAMPLE {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.widths.is_none() {
            let widths = self.settle();
            let header: Vec<Option<String>> = self.names.iter().cloned().map(Some).collect();
            write_row(&mut self.out, &header, &widths)?;
            let rule: Vec<Option<String>> = widths.iter().map(|w| Some("-".repeat(*w))).collect();
            write_row(&mut self.out, &rule, &widths)?;
            self.widths = Some(widths);
        }
        let widths = self.widths.clone().unwrap_or_default();
        for row in std::mem::take(&mut self.held) {
            write_row(&mut self.out, &row, &widths)?;
        }
        Ok(())
    }

    fn settle(&self) -> Vec<usize> {
        let cell =
            |row: &Vec<Option<String>>, i: usize| row.get(i).and_then(Option::as_deref).map_or(0, |t| plain(t).width());
        let widest = |i: usize| self.held.iter().map(|r| cell(r, i)).max().unwrap_or(0).min(WIDEST);
        self.names.iter().enumerate().map(|(i, name)| widest(i).max(name.width())).collect()
    }

    /// Writes what is held; more rows may follow, in columns of the widths that were settled.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        if !self.held.is_empty() {
            self.flush()?;
        }
        self.out.flush()
    }

    /// Writes what is held.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.out.flush()
    }
}

/// Without control characters: a user agent must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn write_row(out: &mut impl Write, row: &[Option<String>], widths: &[usize]) -> io::Result<()> {
    for (index, width) in widths.iter().enumerate() {
        let text = row.get(index).and_then(Option::as_deref).map(plain).unwrap_or_default();
        let last = index + 1 == widths.len();
        let fill = if last { 0 } else { width.saturating_sub(text.width()) + 2 };
        write!(out, "{text}{}", " ".repeat(fill))?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up_and_stay_plain() -> io::Result<()> {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, vec!["name".into(), "n".into()]);
        table.rows(vec![vec![Some("日本".into()), Some("1".into())], vec![None, Some("\u{1b}[31m2".into())]])?;
        table.finish()?;
        assert_eq!(String::from_utf8_lossy(&out), "name  n\n----  ------\n日本  1\n       [31m2\n");
        Ok(())
    }
}
