//! Statements by their first words: what is a query, what is answered from the catalogue, what has nothing to do here,
//! and what would change something and is refused.

use query::diagnostic::Diagnostic;
use query::span::Span;

use super::scan::{Kind, Token, tokens};

/// What a statement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Rows.
    Query,
    /// The plan of the query that begins there.
    Explain(usize),
    /// `CREATE VIEW name AS` the query that begins there.
    View { name: String, query: usize },
    /// `PREPARE name FROM` the statement that begins there.
    Prepare { name: String, query: usize },
    /// `EXECUTE name USING` values.
    Execute { name: String, values: Vec<String> },
    /// SHOW and DESCRIBE.
    Show(Show),
    /// A statement about storage, of which there is nothing to do here.
    Nothing { what: String, name: String },
    /// `DROP VIEW name`, `DEALLOCATE PREPARE name`.
    Forget(String),
}

/// What SHOW or DESCRIBE is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Show {
    Tables(Option<String>),
    Views,
    Databases,
    Catalogs,
    Functions,
    Columns(Vec<String>),
    Partitions(Vec<String>),
    CreateTable(Vec<String>),
    CreateView(String),
    Properties(Vec<String>),
}

/// One statement of a text, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The statements of a text, by their semicolons.
pub(super) fn pieces(source: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut start = None;
    let mut end = 0;
    for token in tokens(source) {
        if token.is(source, ";") {
            out.extend(start.take().map(|start| Piece { start, end }));
            continue;
        }
        start.get_or_insert(token.start);
        end = token.end;
    }
    out.extend(start.map(|start| Piece { start, end }));
    out
}

struct Words<'a> {
    source: &'a str,
    tokens: &'a [Token],
}

impl Words<'_> {
    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(self.source, word))
    }

    fn text(&self, at: usize) -> String {
        self.tokens.get(at).map_or("", |t| t.text(self.source)).to_owned()
    }

    fn start(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(self.source.len(), |t| t.start)
    }

    /// Skips words that may be there.
    fn skip(&self, mut at: usize, words: &[&str]) -> usize {
        while words.iter().any(|w| self.is(at, w)) {
            at += 1;
        }
        at
    }

    /// A name, qualified or not, and what comes after it.
    fn name(&self, mut at: usize) -> (Vec<String>, usize) {
        let mut parts = Vec::new();
        while let Some(token) = self.tokens.get(at).filter(|t| t.kind != Kind::Sign && t.kind != Kind::Text) {
            let mut text = token.text(self.source).trim_matches(['"', '`']).to_owned();
            at += 1;
            while self.is(at, "-") && self.tokens.get(at).is_some_and(|t| t.start == self.tokens[at - 1].end) {
                text.push('-');
                text.push_str(&self.text(at + 1));
                at += 2;
            }
            parts.extend(text.split('.').map(str::to_owned));
            if !self.is(at, ".") {
                break;
            }
            at += 1;
        }
        (parts, at)
    }

    fn find(&self, from: usize, word: &str) -> Option<usize> {
        (from..self.tokens.len()).find(|at| self.is(*at, word))
    }
}

/// Classifies a statement; the error is why it is not run.
pub(super) fn ask(source: &str) -> Result<Ask, Diagnostic> {
    let all = tokens(source);
    let words = Words { source, tokens: &all };
    let first = words.skip(0, &["("]);
    let Some(token) = all.get(first) else {
        return Err(Diagnostic::error("sql.empty", "there is no statement here", Span::new(0, source.len())));
    };
    let keyword = token.text(source).to_lowercase();
    Ok(match keyword.as_str() {
        "explain" => explain(&words, first + 1),
        "create" => return create(&words, first + 1, *token),
        "prepare" => {
            let (name, next) = words.name(first + 1);
            let after = words.skip(next, &["from", "as"]);
            Ask::Prepare { name: name.join("."), query: words.start(after) }
        }
        "execute" => execute(&words, first + 1),
        "show" => return show(&words, first + 1, *token),
        "describe" | "desc" => {
            let at = words.skip(first + 1, &["formatted", "extended", "table", "view"]);
            Ask::Show(Show::Columns(words.name(at).0))
        }
        "drop" | "deallocate" => drop_of(&words, first + 1, &keyword),
        "msck" | "alter" | "refresh" | "analyze" | "use" | "set" | "reset" | "comment" => {
            let at = words
                .skip(first + 1, &["repair", "table", "database", "schema", "view", "if", "exists", "session", "on"]);
            Ask::Nothing { what: keyword.to_uppercase(), name: words.name(at).0.join(".") }
        }
        "insert" | "update" | "delete" | "merge" | "unload" | "truncate" | "vacuum" | "optimize" | "grant"
        | "revoke" | "copy" | "call" | "start" | "commit" | "rollback" => return Err(refused(&keyword, *token)),
        _ => Ask::Query,
    })
}

fn refused(keyword: &str, token: Token) -> Diagnostic {
    let message = "only queries run here; the lake is never changed by SQL";
    let help = match keyword {
        "unload" | "insert" | "copy" | "create" => "take a query's rows out with --format parquet, csv or json",
        "delete" | "truncate" | "vacuum" | "optimize" => "old events go by the retention of the settings",
        _ => "logs come in with `trailhound ingest`",
    };
    Diagnostic::error("sql.not-a-query", message, Span::new(token.start, token.end)).with_help(help)
}

fn explain(words: &Words<'_>, at: usize) -> Ask {
    let mut at = words.skip(at, &["analyze", "verbose"]);
    if words.is(at, "(")
        && let Some(close) = super::scan::closing(words.source, words.tokens, at)
        && words.tokens.get(at + 1).is_some_and(|t| ["format", "type"].iter().any(|w| t.is(words.source, w)))
    {
        at = close + 1;
    }
    Ask::Explain(words.start(at))
}

fn create(words: &Words<'_>, at: usize, token: Token) -> Result<Ask, Diagnostic> {
    let at = words.skip(at, &["or", "replace", "external", "temporary", "temp", "protected", "multi", "dialect"]);
    let what = words.text(at).to_lowercase();
    let name_at = words.skip(at + 1, &["if", "not", "exists"]);
    let (parts, next) = words.name(name_at);
    let name = parts.join(".");
    match what.as_str() {
        "view" => match words.find(next, "as") {
            Some(found) => {
                Ok(Ask::View { name: parts.last().cloned().unwrap_or_default(), query: words.start(found + 1) })
            }
            None => {
                Err(Diagnostic::error("sql.syntax", "a view needs AS and a query", Span::new(token.start, token.end)))
            }
        },
        "table" => {
            // CREATE TABLE … AS SELECT writes; a table's description does not.
            let selects = words.find(next, "select").or_else(|| {
                words.find(next, "with").filter(|w| !words.is(w + 1, "(") && !words.is(w + 1, "serdeproperties"))
            });
            if selects.is_some() && words.find(next, "as").is_some() {
                Err(refused("create", token))
            } else {
                Ok(Ask::Nothing { what: "CREATE TABLE".into(), name })
            }
        }
        "database" | "schema" | "function" | "capacity" | "data" => {
            Ok(Ask::Nothing { what: format!("CREATE {}", what.to_uppercase()), name })
        }
        _ => Err(Diagnostic::error(
            "sql.syntax",
            "CREATE is of a TABLE, a VIEW or a DATABASE",
            Span::new(token.start, token.end),
        )),
    }
}

fn execute(words: &Words<'_>, at: usize) -> Ask {
    let (name, next) = words.name(at);
    let mut values = Vec::new();
    if words.is(next, "using") {
        let mut start = None;
        let mut end = 0;
        let mut depth = 0_usize;
        for token in &words.tokens[next + 1..] {
            match token.text(words.source) {
                "," if depth == 0 => {
                    values.extend(start.take().and_then(|s| words.source.get(s..end)).map(str::to_owned));
                    continue;
                }
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            start.get_or_insert(token.start);
            end = token.end;
        }
        values.extend(start.and_then(|s| words.source.get(s..end)).map(str::to_owned));
    }
    Ask::Execute { name: name.join("."), values }
}

fn show(words: &Words<'_>, at: usize, token: Token) -> Result<Ask, Diagnostic> {
    let what = words.text(at).to_lowercase();
    let of = |at: usize| words.name(words.skip(at, &["in", "from", "formatted", "extended"])).0;
    Ok(Ask::Show(match what.as_str() {
        "tables" => {
            let pattern = words.tokens[at..].iter().find(|t| t.kind == Kind::Text);
            Show::Tables(pattern.map(|t| t.text(words.source).trim_matches('\'').to_owned()))
        }
        "views" => Show::Views,
        "databases" | "schemas" => Show::Databases,
        "catalogs" => Show::Catalogs,
        "functions" => Show::Functions,
        "columns" => Show::Columns(of(at + 1)),
        "partitions" => Show::Partitions(of(at + 1)),
        "tblproperties" => Show::Properties(of(at + 1)),
        "create" if words.is(at + 1, "view") => Show::CreateView(of(at + 2).pop().unwrap_or_default()),
        "create" => Show::CreateTable(of(at + 2)),
        _ => {
            let message =
                "SHOW is of TABLES, VIEWS, DATABASES, COLUMNS, PARTITIONS, CREATE TABLE, CREATE VIEW or FUNCTIONS";
            return Err(Diagnostic::error("sql.syntax", message, Span::new(token.start, words.source.len())));
        }
    }))
}

fn drop_of(words: &Words<'_>, at: usize, keyword: &str) -> Ask {
    let what = words.text(at).to_lowercase();
    let at = words.skip(at + 1, &["if", "exists"]);
    let (parts, _) = words.name(at);
    match what.as_str() {
        "view" | "prepare" => Ask::Forget(parts.last().cloned().unwrap_or_default()),
        _ => {
            Ask::Nothing { what: format!("{} {}", keyword.to_uppercase(), what.to_uppercase()), name: parts.join(".") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let found = match ask(source) {
            Ok(ask) => format!("{ask:?}"),
            Err(diagnostic) => diagnostic.code,
        };
        assert!(found.starts_with(expected), "{source}: {found}");
    }

    #[test]
    fn statements_by_their_first_words() {
        check("(SELECT 1)", "Query");
        check("-- c\nWITH a AS (SELECT 1) SELECT 1", "Query");
        check("EXPLAIN ANALYZE SELECT 1", "Explain(16)");
        check("EXPLAIN (FORMAT TEXT) SELECT 1", "Explain(22)");
        check("CREATE OR REPLACE VIEW \"v\" AS SELECT 1", "View { name: \"v\", query: 30 }");
        check("PREPARE p FROM SELECT 1", "Prepare { name: \"p\", query: 15 }");
        check("EXECUTE p USING 'a,b', f(1, 2)", "Execute { name: \"p\", values: [\"'a,b'\", \"f(1, 2)\"] }");
        check("SHOW COLUMNS IN db.t", "Show(Columns([\"db\", \"t\"]))");
        check("SHOW TABLES '.*trail.*'", "Show(Tables(Some(\".*trail.*\")))");
        check("DESCRIBE FORMATTED t", "Show(Columns([\"t\"]))");
        check("SHOW PARTITIONS t", "Show(Partitions([\"t\"]))");
        check(
            "CREATE EXTERNAL TABLE IF NOT EXISTS `a.b` (c string)",
            "Nothing { what: \"CREATE TABLE\", name: \"a.b\" }",
        );
        check("CREATE TABLE a WITH (format = 'ORC') AS SELECT 1", "sql.not-a-query");
        check("create database s3_access_logs_db", "Nothing { what: \"CREATE DATABASE\"");
        check("MSCK REPAIR TABLE t", "Nothing { what: \"MSCK\", name: \"t\" }");
        check("ALTER TABLE t ADD PARTITION (a='b')", "Nothing { what: \"ALTER\", name: \"t\" }");
        check("DROP VIEW IF EXISTS v", "Forget(\"v\")");
        check("DROP TABLE t", "Nothing { what: \"DROP TABLE\", name: \"t\" }");
        check("UNLOAD (SELECT 1) TO 's3://x'", "sql.not-a-query");
        check("", "sql.empty");
    }

    #[test]
    fn texts_are_cut_at_semicolons_outside_of_strings() {
        let source = "SELECT ';'; -- ;\n SELECT 2 ;;";
        let found: Vec<_> = pieces(source).iter().map(|p| &source[p.start..p.end]).collect();
        assert_eq!(found, ["SELECT ';'", "SELECT 2"]);
    }
}
