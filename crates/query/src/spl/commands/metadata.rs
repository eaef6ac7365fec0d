//! `metadata` and `eventcount`: which logs there are, since when and how many events they hold.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Named, Type},
    span::Span,
    spl::{
        ast::{self, Word},
        build, event,
        lowering::{Lower, Lowerer},
        statistics::Settings,
        tables,
    },
};

pub(super) const METADATA: Command = Command {
    name: "metadata",
    aliases: &[],
    syntax: "metadata type=sourcetypes|sources|hosts [index=<name>]",
    help: "The logs (sourcetypes), the objects they came from (sources), or what took them in (hosts: this program), with the first, the last and the most recently stored event's time and how many there are.",
    example: "| metadata type=sourcetypes index=* | convert ctime(lastTime) | table sourcetype, totalCount, lastTime",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, _) = words(lowerer, arguments(command))?;
        let settings =
            Settings::new(lowerer, &settings, &["type", "index", "splunk_server", "splunk_server_group", "datatype"]);
        begins(lowerer, command)?;
        let span = command.span;
        let kind = settings.get("type").cloned();
        let name = match kind.as_ref().map(|word| (word, word.text.to_ascii_lowercase())) {
            Some((_, kind)) if kind == "sourcetypes" => "sourcetype",
            Some((_, kind)) if kind == "sources" => "source",
            Some((_, kind)) if kind == "hosts" => "host",
            Some((word, _)) => {
                let message = format!("`metadata` has no type `{}`: sourcetypes, sources and hosts are", word.text);
                return lowerer.fail("spl.option", message, word.span);
            }
            None => return lowerer.fail("spl.missing-argument", "`metadata` needs `type=sourcetypes`", span),
        };
        all_logs(lowerer, settings.get("index"), span);
        let key = lowerer.name(name, span);
        let stored = build::column("ingest_time", Type::Time, span);
        let aggregates = vec![
            aggregate("firstTime", Agg::Min, Some(event::time(span)), Type::Time),
            aggregate("lastTime", Agg::Max, Some(event::time(span)), Type::Time),
            aggregate("recentTime", Agg::Max, Some(stored), Type::Time),
            aggregate("totalCount", Agg::Count, None, Type::Int),
        ];
        lowerer.aggregate(vec![Named { name: name.to_owned(), expr: key }], aggregates, false);
        let mut columns: Vec<Named> = Vec::new();
        for time in ["firstTime", "lastTime", "recentTime"] {
            let seconds = build::to_number(build::field(time, Type::Time, span));
            columns.push(Named { name: time.to_owned(), expr: seconds });
        }
        columns.push(Named { name: name.to_owned(), expr: build::field(name, Type::Text, span) });
        columns.push(Named { name: "totalCount".to_owned(), expr: build::field("totalCount", Type::Int, span) });
        columns.push(Named { name: "type".to_owned(), expr: build::text(format!("{name}s"), span) });
        lowerer.project(columns);
        Ok(())
    },
};

pub(super) const EVENTCOUNT: Command = Command {
    name: "eventcount",
    aliases: &[],
    syntax: "eventcount [summarize=<bool>] [index=<name>]",
    help: "How many events are stored: of all logs together, or with summarize=false of each, under the name by which `index=` chooses it.",
    example: "| eventcount summarize=false index=* | sort - count",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, _) = words(lowerer, arguments(command))?;
        let settings = Settings::new(
            lowerer,
            &settings,
            &["summarize", "index", "report_size", "list_vix", "list_federated_remote"],
        );
        begins(lowerer, command)?;
        let span = command.span;
        all_logs(lowerer, settings.get("index"), span);
        let by = match settings.truth("summarize").unwrap_or(true) {
            true => Vec::new(),
            false => vec![Named { name: "index".to_owned(), expr: build::column("log_type", Type::Text, span) }],
        };
        lowerer.aggregate(by, vec![aggregate("count", Agg::Count, None, Type::Int)], false);
        Ok(())
    },
};

fn begins(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<()> {
    if lowerer.started {
        let message = format!("`{}` begins a search", command.name.text);
        return lowerer.fail("spl.not-first", message, command.name.span);
    }
    Ok(())
}

/// Reads the view across all logs; an index that is named after a log leaves the others out.
fn all_logs(lowerer: &mut Lowerer<'_>, index: Option<&Word>, span: Span) {
    lowerer.read(tables::ACROSS.to_owned());
    let named = index.filter(|word| word.text != "*").map(|word| tables::of_sourcetype(lowerer.env, &word.text));
    if let Some(tables) = named.filter(|tables| !tables.is_empty()) {
        let one = lowerer.of_tables(&tables, span);
        lowerer.filter(one);
    }
}

fn aggregate(name: &str, func: Agg, arg: Option<Expr>, ty: Type) -> Aggregate {
    Aggregate { name: name.to_owned(), func, arg, filter: None, order: None, ty }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn which_logs_there_are() {
        check(
            "| metadata type=sourcetypes index=vpc_flow",
            "scan all
             filter log_type = \"vpc_flow\"
             aggregate 'firstTime' = min(event_time), 'lastTime' = max(event_time), 'recentTime' = max(ingest_time), 'totalCount' = count() by 'sourcetype' = sourcetype
             project 'firstTime' = to_number('firstTime'), 'lastTime' = to_number('lastTime'), 'recentTime' = to_number('recentTime'), 'sourcetype', 'totalCount', 'type' = \"sourcetypes\"
             sort 'sourcetype' auto",
        );
        assert_eq!(
            columns("| metadata type=sources"),
            ["firstTime", "lastTime", "recentTime", "source", "totalCount", "type"]
        );
        assert_eq!(
            columns("| metadata type=hosts"),
            ["firstTime", "lastTime", "recentTime", "host", "totalCount", "type"]
        );
        assert_eq!(columns("| eventcount index=*"), ["count"]);
        check(
            "| eventcount summarize=f",
            "scan all\naggregate 'count' = count() by 'index' = log_type\nsort 'index' auto",
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (query, code) in [
            ("| metadata type=x", "spl.option"),
            ("| metadata", "spl.missing-argument"),
            ("* | metadata type=sources", "spl.not-first"),
            ("* | eventcount", "spl.not-first"),
        ] {
            assert_eq!(codes(query), [code], "{query}");
        }
    }
}
