//! What the parser's grammar lacks of Athena's and CloudTrail Lake's, put into words that it has: names of event data
//! stores, casts to any type, lateral views, templates. Works on tokens, so that comments and strings stay as they are.

use super::json_clauses;
use super::scan::{Kind, Patched, Token, closing, tokens};
use crate::request::Parameters;

/// A statement that the parser can read.
pub(super) fn prepare(source: &str) -> Patched {
    prepared(source, &Parameters::new()).0
}

/// A statement that the parser can read, and the slips of published samples that were put right, with what is said of
/// them. Placeholders that have a value get it.
pub(super) fn prepared(source: &str, parameters: &Parameters) -> (Patched, Vec<(usize, usize, &'static str)>) {
    let tokens = tokens(source);
    let mut edits = Vec::new();
    let scan = Scan { source, tokens: &tokens, parameters };
    scan.numbered(&mut edits);
    let mut at = 0;
    while at < tokens.len() {
        at = scan.step(at, &mut edits).max(at + 1);
    }
    let slips = slips(source, &tokens, &mut edits);
    edits.sort_by_key(|e: &(usize, usize, String)| e.0);
    (Patched::new(source, &edits), slips)
}

/// `eventNameORDER BY x`, `FROM FROM t`, `FROM t AND x = 1`: seen in guides, and clear.
fn slips(source: &str, tokens: &[Token], edits: &mut Edits) -> Vec<(usize, usize, &'static str)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next_is = |word: &str| tokens.get(at + 1).is_some_and(|t| t.is(source, word));
        let text = token.text(source);
        let joined = text.len() > 5 && text.ends_with("ORDER") && token.kind == Kind::Word && next_is("by");
        if joined {
            let cut = token.end - "ORDER".len();
            edits.push((cut, cut, " ".to_owned()));
            found.push((token.start, token.end, "a blank is missing before ORDER BY; it is read as if it were there"));
        }
        if token.is(source, "from") && next_is("from") {
            edits.push((token.start, token.end, String::new()));
            found.push((token.start, token.end, "FROM is there twice; one is left out"));
        }
        let condition = token.is(source, "and") && at >= 2 && tokens[at - 2].is(source, "from");
        if condition && tokens[at - 1].kind == Kind::Word {
            edits.push((token.start, token.end, "WHERE".to_owned()));
            found.push((token.start, token.end, "WHERE is missing; AND is read as WHERE"));
        }
    }
    found
}

type Edits = Vec<(usize, usize, String)>;

/// A parameter's value in SQL: a number as it is, all else as text.
fn literal(value: &str) -> String {
    let number = value.parse::<f64>().is_ok() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    if number { value.to_owned() } else { text(value) }
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Words that begin a form of the grammar, or are one, wherever an expression may stand.
const FORMS: [&str; 26] = [
    "array",
    "case",
    "cast",
    "ceil",
    "current_catalog",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "exists",
    "extract",
    "false",
    "floor",
    "interval",
    "localtime",
    "localtimestamp",
    "map",
    "not",
    "null",
    "position",
    "session_user",
    "struct",
    "substring",
    "trim",
    "true",
    "user",
];

struct Scan<'a> {
    source: &'a str,
    tokens: &'a [Token],
    parameters: &'a Parameters,
}

impl Scan<'_> {
    /// Each `?` is a parameter by its number, from 1; `:name` one by its name.
    fn numbered(&self, edits: &mut Edits) {
        let mut count = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            let sign = token.kind == Kind::Sign;
            if sign && self.is(at, "?") {
                count += 1;
                if let Some(value) = self.parameters.get(&count.to_string()) {
                    edits.push((token.start, token.end, literal(value)));
                }
            }
            let name = self.tokens.get(at + 1).filter(|next| next.kind == Kind::Word && next.start == token.end);
            let apart = at == 0 || self.text(at - 1) != ":";
            if let (true, Some(name)) = (sign && self.is(at, ":") && apart, name)
                && let Some(value) = self.parameters.get(name.text(self.source))
            {
                edits.push((token.start, name.end, literal(value)));
            }
        }
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(self.source, word))
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| t.text(self.source))
    }

    /// Looks at one token; gives the next one to look at.
    fn step(&self, at: usize, edits: &mut Edits) -> usize {
        let token = self.tokens[at];
        if token.kind == Kind::Sign && self.is(at, "{") && self.is(at + 1, "{") {
            return self.template(at, edits);
        }
        if token.kind == Kind::Sign && self.is(at, "$") && self.is(at + 1, "{") {
            return self.template(at, edits);
        }
        if token.kind != Kind::Word {
            return at + 1;
        }
        if self.is_part(at) {
            edits.push((token.start, token.end, format!("\"{}\"", token.text(self.source))));
            return at + 1;
        }
        match token.text(self.source).to_ascii_lowercase().as_str() {
            "from" | "join" => self.relation(at + 1, edits),
            // DuckDB and PostgreSQL take the part of a time as text, too.
            "extract" if self.is(at + 1, "(") && self.is(at + 3, "from") => {
                if let Some(part) = self.tokens.get(at + 2).filter(|part| part.kind == Kind::Text) {
                    edits.push((part.start, part.end, part.text(self.source).trim_matches('\'').to_owned()));
                }
                at + 4
            }
            "cast" | "try_cast" if self.is(at + 1, "(") => self.cast(at, edits),
            "json_exists" | "json_query" | "json_value" => {
                let Some(found) = json_clauses::rewritten(self.source, self.tokens, at, self.parameters) else {
                    return at + 1;
                };
                let (start, end) = found.range;
                edits.retain(|edit: &(usize, usize, String)| edit.0 < start || edit.0 >= end);
                edits.push((start, end, found.text));
                found.next
            }
            "lateral" if self.is(at + 1, "view") => self.lateral_view(at, edits),
            "ipaddress" if self.tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Text) => {
                let text = self.tokens[at + 1];
                edits.push((token.start, text.end, format!("__cast({}, 'ipaddress')", text.text(self.source))));
                at + 2
            }
            // The grammar reads everything that follows as the right side: an operator ends where it should.
            "is" if self.is(at + 1, "distinct") && self.is(at + 2, "from") => {
                edits.push((token.start, self.tokens[at + 2].end, "!~*".to_owned()));
                at + 3
            }
            "is" if self.is(at + 1, "not") && self.is(at + 2, "distinct") && self.is(at + 3, "from") => {
                edits.push((token.start, self.tokens[at + 3].end, "<=>".to_owned()));
                at + 4
            }
            _ => at + 1,
        }
    }

    /// Whether a word is a part of a path (`actor.user.uid`) that the grammar would read as a form of its own.
    fn is_part(&self, at: usize) -> bool {
        let dot = at > 1 && self.is(at - 1, ".") && self.tokens[at - 1].end == self.tokens[at].start;
        dot && !self.is(at + 1, "(") && FORMS.iter().any(|word| self.is(at, word))
    }

    /// `{{name}}` and `${name}` stand for a value: a text of that name.
    fn template(&self, at: usize, edits: &mut Edits) -> usize {
        let Some(end) = (at..self.tokens.len()).find(|i| self.is(*i, "}")) else { return at + 1 };
        let end = if self.is(end + 1, "}") { end + 1 } else { end };
        let (start, stop) = (self.tokens[at].start, self.tokens[end].end);
        let inside = self.source.get(start..stop).unwrap_or_default();
        let name = inside.trim_matches(['{', '}', '$', ' ']);
        let value = self.parameters.get(name).map_or_else(|| text(inside), |value| literal(value));
        edits.push((start, stop, value));
        end + 1
    }

    /// The name of a table: quoted where the grammar would not take it for one.
    fn relation(&self, at: usize, edits: &mut Edits) -> usize {
        let Some(first) = self.tokens.get(at) else { return at };
        if first.is(self.source, "from") {
            return at;
        }
        if first.kind == Kind::Sign && "<${[:%".contains(first.text(self.source)) {
            return self.placeholder(at, edits);
        }
        let mut end = at;
        let mut odd = false;
        while let Some(token) = self.tokens.get(end) {
            let adjacent = end == at || self.tokens[end - 1].end == token.start;
            let dash = token.kind == Kind::Sign && token.is(self.source, "-");
            if !adjacent || !(matches!(token.kind, Kind::Word | Kind::Number) || dash) {
                break;
            }
            let numbered =
                token.kind == Kind::Word && token.text(self.source).starts_with(|c: char| c.is_ascii_digit());
            odd |= dash || (end == at && numbered);
            end += 1;
        }
        if end > at && odd {
            let (start, stop) = (first.start, self.tokens[end - 1].end);
            edits.push((start, stop, format!("\"{}\"", self.source.get(start..stop).unwrap_or_default())));
        }
        let end = end.max(at + usize::from(first.kind == Kind::Quoted));
        // The parts of a qualified name, and further tables after commas.
        if end > at && (self.is(end, ".") || self.is(end, ",")) && !self.is(end + 1, "(") && !self.is(end + 1, "unnest")
        {
            return self.relation(end + 1, edits);
        }
        end
    }

    /// `<event data store ID>`, `$EDS_ID`, `${table}`, `{{table}}`, `[table]`, `:table`, `%s`.
    fn placeholder(&self, at: usize, edits: &mut Edits) -> usize {
        let close = match self.text(at) {
            "<" => ">",
            "[" => "]",
            "{" => "}",
            "$" if self.is(at + 1, "{") => "}",
            _ => "",
        };
        let end = if close.is_empty() {
            at + 1
        } else {
            let near = self.tokens.len().min(at + 12);
            let Some(end) = (at..near).find(|i| self.is(*i, close)) else { return at + 1 };
            if close == "}" && self.is(end + 1, "}") { end + 1 } else { end }
        };
        let Some(last) = self.tokens.get(end) else { return at + 1 };
        let (start, stop) = (self.tokens[at].start, last.end);
        let name = self.source.get(start..stop).unwrap_or_default().replace('"', "");
        edits.push((start, stop, format!("\"{name}\"")));
        end + 1
    }

    /// `CAST(x AS type)` as `__cast(x, 'type')`: the type may be any of Trino's.
    fn cast(&self, at: usize, edits: &mut Edits) -> usize {
        let Some(close) = closing(self.source, self.tokens, at + 1) else { return at + 1 };
        let mut depth = 0_usize;
        let mut found = None;
        for i in at + 2..close {
            match self.text(i) {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                word if depth == 0 && word.eq_ignore_ascii_case("as") => found = Some(i),
                _ => {}
            }
        }
        let Some(word) = found.filter(|i| i + 1 < close) else { return at + 1 };
        let name = if self.is(at, "cast") { "__cast" } else { "__try___cast" };
        let (start, stop) = (self.tokens[word + 1].start, self.tokens[close - 1].end);
        let ty = self.source.get(start..stop).unwrap_or_default().replace('\'', "''");
        let ty = ty.split_whitespace().collect::<Vec<_>>().join(" ");
        edits.push((self.tokens[at].start, self.tokens[at].end, name.to_owned()));
        edits.push((self.tokens[word].start, stop, format!(", '{ty}'")));
        at + 2
    }

    /// Hive's `LATERAL VIEW explode(x) t AS c` as `CROSS JOIN UNNEST(x) AS t (c)`.
    fn lateral_view(&self, at: usize, edits: &mut Edits) -> usize {
        let outer = self.is(at + 2, "outer");
        let function = at + 2 + usize::from(outer);
        let numbered = self.is(function, "posexplode");
        if !(numbered || self.is(function, "explode")) || !self.is(function + 1, "(") {
            return at + 1;
        }
        let Some(close) = closing(self.source, self.tokens, function + 1) else { return at + 1 };
        let mut next = close + 1;
        let mut table = "exploded".to_owned();
        if self.tokens.get(next).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) && !self.is(next, "as") {
            table = self.text(next).to_owned();
            next += 1;
        }
        let mut columns = Vec::new();
        if self.is(next, "as") {
            next += 1;
            while self.tokens.get(next).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) {
                columns.push(self.text(next).to_owned());
                next += 1;
                if !self.is(next, ",") {
                    break;
                }
                next += 1;
            }
        }
        if numbered && columns.len() == 2 {
            columns.swap(0, 1);
        }
        let names = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        let ordinality = if numbered { " WITH ORDINALITY" } else { "" };
        let (join, on) = if outer { ("LEFT JOIN", " ON true") } else { ("CROSS JOIN", "") };
        edits.push((self.tokens[at].start, self.tokens[function].end, format!("{join} UNNEST")));
        edits.push((
            self.tokens[close].end,
            self.tokens[next - 1].end.max(self.tokens[close].end),
            format!("{ordinality} AS {table}{names}{on}"),
        ));
        function + 1
    }
}

#[cfg(test)]
mod tests {
    use super::prepare;

    fn check(source: &str, expected: &str) {
        assert_eq!(prepare(source).text, expected);
    }

    #[test]
    fn names_of_event_data_stores() {
        check("SELECT a FROM <EDS ID> WHERE b", "SELECT a FROM \"<EDS ID>\" WHERE b");
        check("SELECT a FROM $EDS_ID", "SELECT a FROM \"$EDS_ID\"");
        check(
            "FROM 0123abcd-12ab-3456 x JOIN event-data-store-ID y",
            "FROM \"0123abcd-12ab-3456\" x JOIN \"event-data-store-ID\" y",
        );
        check("FROM db.trail_MY-BUCKET_t t", "FROM db.\"trail_MY-BUCKET_t\" t");
        check("FROM {{table}} WHERE a = {{v}}", "FROM \"{{table}}\" WHERE a = '{{v}}'");
        check("FROM a, b WHERE x - y > 1", "FROM a, b WHERE x - y > 1");
        check("EXTRACT(day FROM x) - 1", "EXTRACT(day FROM x) - 1");
        check("SELECT a FROM t WHERE b IS DISTINCT FROM 'x' AND c", "SELECT a FROM t WHERE b !~* 'x' AND c");
        check("FROM FROM <EDS ID> GROUP BY aORDER BY a", " FROM \"<EDS ID>\" GROUP BY a ORDER BY a");
        check("from t and a = 1", "from t WHERE a = 1");
        check("-- FROM <a>\nFROM t", "-- FROM <a>\nFROM t");
    }

    #[test]
    fn parts_of_paths_that_are_words_of_the_grammar() {
        check("SELECT actor.user.uid, a.case FROM t", "SELECT actor.\"user\".uid, a.\"case\" FROM t");
        check("SELECT user, t.cast(x) FROM t", "SELECT user, t.cast(x) FROM t");
        check("SELECT extract('hour' from t.user)", "SELECT extract(hour from t.\"user\")");
        check("SELECT extract(hour from t) FROM x", "SELECT extract(hour from t) FROM x");
    }

    #[test]
    fn casts_to_any_type() {
        check("cast(row('a') as row(name varchar))", "__cast(row('a') , 'row(name varchar)')");
        check("TRY_CAST(a AS IPADDRESS)", "__try___cast(a , 'IPADDRESS')");
        check(
            "CAST(CAST(x AS json) AS array<map<varchar, json>>)",
            "__cast(__cast(x , 'json') , 'array<map<varchar, json>>')",
        );
        check("cast(x", "cast(x");
    }

    #[test]
    fn lateral_views() {
        check("FROM m LATERAL VIEW explode(s) t AS c WHERE 1", "FROM m CROSS JOIN UNNEST(s) AS t (c) WHERE 1");
        check("FROM m LATERAL VIEW OUTER explode(s) t AS k, v", "FROM m LEFT JOIN UNNEST(s) AS t (k, v) ON true");
    }
}
