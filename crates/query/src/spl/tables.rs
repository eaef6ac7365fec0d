//! Which table a search reads: what its sourcetypes, tags and indexes say. One table is scanned by itself, several through
//! the view across all of them, filtered by `log_type`.

use std::collections::BTreeSet;

use super::{
    ast::{Command, Comparison, Search, Word},
    build, datamodel,
    lowering::Lowerer,
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

/// The table that a pipeline reads, by its first searches.
pub(crate) fn choose(env: &Environment<'_>, commands: &[Command]) -> String {
    choose_by(env, &commands.iter().map_while(Command::as_search).collect::<Vec<_>>())
}

/// The table of events that pass all of these.
pub(crate) fn choose_by(env: &Environment<'_>, searches: &[&Search]) -> String {
    let said = searches.iter().filter_map(|search| selected(env, search)).reduce(common);
    match said {
        Some(tables) if tables.len() > 1 => ACROSS.to_owned(),
        Some(tables) if !tables.is_empty() => tables.into_iter().next().unwrap_or_default(),
        Some(_) => env.default_table.to_owned(),
        None => by_fields(env, searches),
    }
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
        "index" if !value.contains('*') => {
            Some(of_sourcetype(env, value)).filter(|tables| !tables.is_empty() && !tables.contains(ACROSS))
        }
        _ => None,
    }
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

impl Lowerer<'_> {
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
        check("NOT sourcetype=linux_secure", "");
        check("sourcetype!=aws:cloudtrail", "filter false");
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
