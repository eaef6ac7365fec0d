//! Which table a search reads: what its sourcetypes, tags and indexes say. One table is scanned by itself, several through
//! the view across all of them, filtered by `log_type`.

use std::collections::BTreeSet;

use super::{
    ast::{Command, Comparison, Search, Word},
    build, datamodel, event,
    lowering::Lowerer,
    mentions,
};
use crate::{
    diagnostic::Diagnostic,
    language::Environment,
    pipeline::{Expr, Func, Type},
    schema::Dialect,
    span::Span,
};

/// The view across the log types.
pub(crate) const ACROSS: &str = "all";

type Tables = BTreeSet<String>;

/// The table that a pipeline reads, by its first searches, and by what the rest of it asks of the events.
pub(crate) fn choose(env: &Environment<'_>, commands: &[Command]) -> String {
    let searches: Vec<&Search> = commands.iter().map_while(Command::as_search).collect();
    let rest = &commands[searches.len()..];
    choose_by(env, &searches, || mentions::names(rest))
}

/// The table of events that pass all of these, of which fields of these names are read.
pub(crate) fn choose_by(env: &Environment<'_>, searches: &[&Search], read: impl FnOnce() -> Tables) -> String {
    let said = searches.iter().filter_map(|search| selected(env, search)).reduce(common);
    match said {
        Some(tables) if tables.len() > 1 => ACROSS.to_owned(),
        Some(tables) if !tables.is_empty() => tables.into_iter().next().unwrap_or_default(),
        Some(_) => env.default_table.to_owned(),
        None if spans(env, searches, read) => ACROSS.to_owned(),
        None => by_fields(env, searches),
    }
}

/// Names by which a pipeline asks which log, object or machine its events are of.
const WHICH: &[&str] = &["sourcetype", "index", "source", "host"];

/// Whether a search that names no log is about all of them: it says so (`index=*`, `sourcetype!=x`), or asks which log an
/// event is of, and speaks of nothing that the logs do not share. What speaks of one log's own fields reads that log alone,
/// which gives the same rows sooner.
fn spans(env: &Environment<'_>, searches: &[&Search], read: impl FnOnce() -> Tables) -> bool {
    if !env.schema.tables().iter().any(|table| table == ACROSS) {
        return false;
    }
    let read = read();
    let asked = WHICH.iter().any(|name| read.contains(*name)) || searches.iter().any(|search| says_all(search, false));
    let mut fields = Vec::new();
    searches.iter().for_each(|search| compared(search, &mut fields));
    asked && fields.into_iter().chain(read.iter().map(String::as_str)).all(|name| shared_by_all(env, name))
}

/// `index=*`, `sourcetype=*`, or a log that is left out.
fn says_all(search: &Search, negated: bool) -> bool {
    match search {
        Search::And(terms) | Search::Or(terms) => terms.iter().any(|term| says_all(term, negated)),
        Search::Not(inner) => says_all(inner, !negated),
        Search::Compare { field, comparison, value, .. } => match field.text.as_str() {
            "index" if *comparison == Comparison::Eq && !negated => value.text == "*",
            "sourcetype" => (*comparison == Comparison::Ne) != negated || value.text == "*",
            _ => false,
        },
        Search::In { field, .. } => negated && field.text == "sourcetype",
        Search::All | Search::CompareExpr { .. } | Search::Term { .. } | Search::Subsearch(_) => false,
    }
}

/// Whether a name means the same in all logs, or nothing in any.
fn shared_by_all(env: &Environment<'_>, name: &str) -> bool {
    if WHICH.contains(&name) || name.starts_with('_') || event::default_field(name, Span::default()).is_some() {
        return true;
    }
    if name.contains(['.', '{']) || event::ROOTS.contains(&name) {
        return false;
    }
    let schema = env.schema;
    if schema.resolve(env.default_table, Dialect::Spl, name).is_some() {
        return schema.shared(env.default_table, Dialect::Spl, name);
    }
    let known = |table: &String| schema.resolve(table, Dialect::Spl, name).is_some();
    schema.resolve(ACROSS, Dialect::Spl, name).is_some()
        || (schema.path(env.default_table, Dialect::Spl, name).is_none() && !schema.tables().iter().any(known))
}

fn common(a: Tables, b: Tables) -> Tables {
    a.intersection(&b).cloned().collect()
}

/// The tables whose events can match; none where any table's may.
fn selected(env: &Environment<'_>, search: &Search) -> Option<Tables> {
    match search {
        Search::And(terms) => terms.iter().filter_map(|term| selected(env, term)).reduce(common),
        Search::Or(terms) => {
            let each: Option<Vec<Tables>> = terms.iter().map(|term| selected(env, term)).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        Search::Compare { field, comparison: Comparison::Eq, value, .. } => named_by(env, &field.text, &value.text),
        Search::In { field, values } => {
            let each: Option<Vec<Tables>> =
                values.iter().map(|value| named_by(env, &field.text, &value.text)).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn named_by(env: &Environment<'_>, field: &str, value: &str) -> Option<Tables> {
    match field {
        "sourcetype" if value != "*" => Some(of_sourcetype(env, value)),
        "tag" => datamodel::tagged(value).map(|model| model.tables.iter().map(|&table| table.to_owned()).collect()),
        "eventtype" => of_eventtype(env, value),
        // An index may be named after what it holds; most names say nothing.
        "index" => of_index(env, value),
        _ => None,
    }
}

/// The tables that an index is named after; none where its name says nothing.
pub(crate) fn of_index(env: &Environment<'_>, value: &str) -> Option<Tables> {
    let said = (!value.contains('*')).then(|| of_sourcetype(env, value))?;
    Some(said).filter(|tables| !tables.is_empty() && !tables.contains(ACROSS))
}

/// The tables that hold a sourcetype, which may have wildcards. Sites name their own inputs after the add-on's.
pub(crate) fn of_sourcetype(env: &Environment<'_>, value: &str) -> Tables {
    let known: Tables = env.schema.tables_named(Dialect::Spl, value).into_iter().collect();
    if known.is_empty() && value.to_ascii_lowercase().contains("cloudtrail") {
        return Tables::from(["cloudtrail".to_owned()]);
    }
    known
}

/// The add-on's event types begin with the source's name: `aws_cloudtrail_iam_change`, `aws_vpcflow_traffic`.
pub(crate) fn of_eventtype(env: &Environment<'_>, value: &str) -> Option<Tables> {
    let rest = value.strip_prefix("aws_").or_else(|| value.strip_prefix("aws-"))?;
    let source = rest.split(['_', '-', '*']).next().filter(|source| !source.is_empty())?;
    let words = [format!("aws:{source}"), format!("aws:cloudwatchlogs:{source}"), source.to_owned()];
    let tables = words.iter().map(|word| of_sourcetype(env, word)).find(|tables| !tables.is_empty())?;
    Some(tables)
}

/// Without a sourcetype: the default, unless it knows none of the fields that are searched by, and another table does.
fn by_fields(env: &Environment<'_>, searches: &[&Search]) -> String {
    let mut fields = Vec::new();
    searches.iter().for_each(|search| compared(search, &mut fields));
    let known = |table: &str| fields.iter().any(|field| env.schema.resolve(table, Dialect::Spl, field).is_some());
    if fields.is_empty() || fields.iter().any(|field| field.contains(['.', '{'])) || known(env.default_table) {
        return env.default_table.to_owned();
    }
    crate::schema::table_knowing(env.schema, Dialect::Spl, fields, env.default_table)
}

/// The fields that a search compares, but for those of every index.
fn compared<'s>(search: &'s Search, fields: &mut Vec<&'s str>) {
    match search {
        Search::And(terms) | Search::Or(terms) => terms.iter().for_each(|term| compared(term, fields)),
        Search::Not(inner) => compared(inner, fields),
        Search::Compare { field, .. } | Search::In { field, .. } | Search::CompareExpr { field, .. } => {
            let every = ["index", "source", "host", "earliest", "latest", "eventtype", "tag"];
            if !every.contains(&field.text.as_str()) && !field.text.starts_with('_') {
                fields.push(&field.text);
            }
        }
        Search::All | Search::Term { .. } | Search::Subsearch(_) => {}
    }
}

/// What is said of every event's machine: the logs of AWS name none, and this program took them in.
const HOST: &str = "trailhound";

/// What every event has in Splunk beside its record: which log it is of, under the add-on's name (`sourcetype`) and under
/// our own (`index`), and what took it in (`host`).
pub(crate) fn which(lowerer: &Lowerer<'_>, name: &str, span: Span) -> Option<Expr> {
    let across = lowerer.table == ACROSS;
    match name {
        "sourcetype" | "index" if across => None,
        "sourcetype" => lowerer.env.schema.sourcetype(&lowerer.table).map(|sourcetype| build::text(sourcetype, span)),
        "index" => Some(build::text(lowerer.table.clone(), span)),
        "host" | "splunk_server" => Some(build::text(HOST, span)),
        _ => None,
    }
}

impl Lowerer<'_> {
    /// `index=value` as a condition: an index that is named after a log is that log, Splunk's own (`_internal`) hold nothing,
    /// and any other name holds everything. `unlike`: of `!=` and NOT, which such a name leaves everything to.
    pub fn index(&mut self, value: &str, unlike: bool, span: Span) -> Expr {
        if value.starts_with('_') {
            return build::truth(false, span);
        }
        match of_index(self.env, value) {
            Some(tables) if unlike || self.table == ACROSS => self.of_tables(&tables, span),
            Some(_) => build::truth(true, span),
            None => build::truth(!unlike || value == "*", span),
        }
    }

    /// `sourcetype=value` as a condition over the table that is read.
    pub fn sourcetype(&mut self, value: &Word, span: Span) -> Expr {
        if value.text == "*" {
            return build::truth(true, span);
        }
        let tables = of_sourcetype(self.env, &value.text);
        if tables.is_empty() {
            let message = format!("no table holds the sourcetype `{}`: nothing matches", value.text);
            let known = "tables are named by the sourcetypes of the Splunk Add-on for AWS, such as `aws:cloudtrail`";
            self.warn(Diagnostic::warning("spl.sourcetype", message, span).with_help(known));
        } else if self.env.schema.tables_named(Dialect::Spl, &value.text).is_empty() {
            let message = format!("the sourcetype `{}` is read as aws:cloudtrail", value.text);
            self.warning("spl.sourcetype", message, span);
        }
        self.of_tables(&tables, span)
    }

    /// Whether an event is of one of these tables.
    pub fn of_tables(&mut self, tables: &Tables, span: Span) -> Expr {
        if self.table != ACROSS || tables.contains(ACROSS) {
            return build::truth(tables.contains(&self.table) || tables.contains(ACROSS), span);
        }
        let log_type = build::column("log_type", Type::Text, span);
        let names: Vec<Expr> = tables.iter().map(|table| build::text(table.clone(), span)).collect();
        match names.len() {
            0 => build::truth(false, span),
            1 => build::call(Func::Eq, std::iter::once(log_type).chain(names).collect(), Type::Bool, span),
            _ => build::call(Func::In, std::iter::once(log_type).chain(names).collect(), Type::Bool, span),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, rendered};

    #[test]
    fn a_sourcetype_chooses_the_table() {
        check(
            "sourcetype=aws:cloudwatchlogs:vpcflow action=REJECT",
            "scan vpc_flow\nfilter eq_ignore_case(action, \"REJECT\")",
        );
        check("index=main sourcetype=aws:cloudtrail", "");
        check("search index=x | search sourcetype=\"aws:elb:accesslogs\"", "scan elb");
        check("sourcetype=aws:cloudtrail:custom", "");
        check("index=vpc_flow", "scan vpc_flow");
        check("eventtype=aws_vpcflow_traffic", "scan vpc_flow");
        assert_eq!(codes("sourcetype=my_cloudtrail"), ["spl.sourcetype"]);
    }

    #[test]
    fn several_read_the_view_across() {
        check(
            "sourcetype IN (aws:cloudtrail, aws:elb:accesslogs) src_ip=192.0.2.1",
            "scan all\nfilter ((log_type = \"cloudtrail\") or (log_type = \"elb\")) and eq_ignore_case(source_address, \"192.0.2.1\")",
        );
        check(
            "(sourcetype=aws:cloudtrail eventName=a) OR sourcetype=aws:elb:accesslogs",
            "scan all\nfilter ((log_type = \"cloudtrail\") and eq_ignore_case($.eventName, \"a\")) or (log_type = \"elb\")",
        );
        check(
            "sourcetype=aws:* src_ip=x",
            "scan all\nfilter in(log_type, \"cloudtrail\", \"elb\", \"vpc_flow\") and eq_ignore_case(source_address, \"x\")",
        );
    }

    #[test]
    fn an_unknown_one_matches_nothing() {
        check("sourcetype=linux_secure", "filter false");
        assert_eq!(codes("sourcetype=linux_secure"), ["spl.sourcetype"]);
        check(
            "NOT sourcetype=linux_secure errorCode=x",
            "filter eq_ignore_case(coalesce(error_code, \"success\"), \"x\")",
        );
        assert!(rendered("sourcetype!=aws:cloudtrail errorCode=x").starts_with("scan cloudtrail\nfilter false"));
    }

    #[test]
    fn what_names_no_log_and_asks_which_reads_them_all() {
        let count = |by: &str| format!("scan all\naggregate 'count' = count() by '{by}'\nsort '{by}' auto");
        let by =
            |by: &str, column: &str| count(by).replacen(&format!("by '{by}'"), &format!("by '{by}' = {column}"), 1);
        for search in ["index=*", "index=main", "*", "sourcetype=*", "index=* OR index=_*"] {
            check(&format!("{search} | stats count by sourcetype"), &by("sourcetype", "sourcetype"));
        }
        check("index=* | stats count by index", &by("index", "log_type"));
        check("index=* | stats count by source", &by("source", "origin"));
        check("index=* | stats count by host", &by("host", "\"trailhound\""));
        check("| tstats count where index=* by sourcetype", &by("sourcetype", "sourcetype"));
        check("index=* | stats count", "scan all\naggregate 'count' = count()");
        check("index=* src_ip=x", "scan all\nfilter eq_ignore_case(source_address, \"x\")");
        check(
            "src_ip=x | stats count by sourcetype",
            "scan all\nfilter eq_ignore_case(source_address, \"x\")\naggregate 'count' = count() by 'sourcetype' = sourcetype\nsort 'sourcetype' auto",
        );
        check("index=* sourcetype!=aws:cloudtrail", "scan all\nfilter not is_true(log_type = \"cloudtrail\")");
        check("NOT sourcetype=aws:cloudtrail", "scan all\nfilter not is_true(log_type = \"cloudtrail\")");
        check(
            "index=* index!=vpc_flow | table index",
            "scan all\nfilter not is_true(log_type = \"vpc_flow\")\nsort event_time desc\nproject 'index' = log_type",
        );
    }

    #[test]
    fn what_speaks_of_one_logs_fields_reads_that_one() {
        for query in [
            "index=* eventName=a",
            "index=* requestParameters.x=1",
            "index=main a",
            "user=a | stats count by source",
            "* | stats count",
        ] {
            assert!(rendered(query).starts_with("scan cloudtrail"), "{query}");
        }
        assert!(rendered("index=* dest_port=22 src=x | stats count by sourcetype").starts_with("scan vpc_flow"));
        let one = "aggregate 'count' = count() by 'sourcetype' = \"aws:cloudtrail\", 'eventName' = event_name\nsort 'sourcetype' auto, 'eventName' auto";
        check("index=* | stats count by sourcetype, eventName", one);
        check(
            "sourcetype=aws:cloudtrail | table sourcetype, index",
            "sort event_time desc\nproject 'sourcetype' = \"aws:cloudtrail\", 'index' = \"cloudtrail\"",
        );
        check(
            "* | eval sourcetype=\"x\", n=eventName | stats count by sourcetype",
            "extend 'sourcetype' = \"x\", 'n' = event_name\naggregate 'count' = count() by 'sourcetype' = 'sourcetype'\nsort 'sourcetype' auto",
        );
    }

    #[test]
    fn indexes_and_hosts_that_say_nothing_leave_nothing_out() {
        check("index!=other_site", "");
        check("NOT index=other_site", "");
        check("index!=_internal", "");
        check(
            "index=_internal errorCode=x",
            "filter false and eq_ignore_case(coalesce(error_code, \"success\"), \"x\")",
        );
        check("host!=web01 splunk_server!=x", "");
        check("index!=* eventName=a", "filter false and eq_ignore_case(event_name, \"a\")");
    }

    #[test]
    fn fields_may_tell_without_one() {
        check("dest_port=22", "scan vpc_flow\nfilter destination_port = 22");
        check(
            "eventName=a dest_port=22",
            "filter eq_ignore_case(event_name, \"a\") and eq_ignore_case($.dest_port, \"22\")",
        );
    }

    #[test]
    fn other_tables_show_columns_of_their_own() {
        let ir = rendered("sourcetype=aws:cloudwatchlogs:vpcflow");
        assert!(ir.contains("project '_time' = event_time, 'action' = action, 'src_ip' = source_address"), "{ir}");
        assert!(ir.contains("'eventID' = event_id"), "{ir}");
    }
}
