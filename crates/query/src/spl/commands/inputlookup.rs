//! `inputlookup`: a lookup file's rows.

use super::{Command, Grammar, append, arguments, required};
use crate::{
    pipeline::{Op, Source, Type},
    spl::{
        ast::{Argument, Word},
        scope::{Base, Kind, Scope},
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "inputlookup",
    aliases: &["inputcsv"],
    syntax: "inputlookup [append=<bool>] [start=<n>] [max=<n>] <name> [where <search>]",
    help: "Rows of a lookup file; with append=t below the rows there are.",
    example: "| inputlookup identities.csv where team=security | table user",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let arguments = arguments(command);
        let settings: Vec<_> = arguments
            .iter()
            .filter_map(|a| if let Argument::Setting(s) = a { Some(s.clone()) } else { None })
            .collect();
        let settings = Settings::new(lowerer, &settings, &["append", "start", "max", "strict"]);
        let name: Option<&Word> =
            arguments.iter().find_map(|a| if let Argument::Word(word) = a { Some(word) } else { None });
        let name = required(lowerer, name, "the name of a lookup", command)?;
        let append = settings.truth("append").unwrap_or(false);
        if lowerer.started && !append {
            let message = "`inputlookup` begins a search; with `append=t` it adds rows";
            return lowerer.fail("spl.not-first", message, command.name.span);
        }
        let rows = crate::spl::ast::Ast { commands: Vec::new(), span: command.span };
        let mut inner = lowerer.nested(&rows)?;
        inner.start(
            Source::Lookup { name: name.text.clone() },
            Scope::new(Base::Fields(Type::Text), Kind::Rows),
            command.span,
        );
        for argument in arguments {
            if let Argument::Where(search) = argument {
                inner.search(search)?;
            }
        }
        let (skip, count) = (settings.count(lowerer, "start")?.unwrap_or(0), settings.count(lowerer, "max")?);
        if skip > 0 || count.is_some() {
            inner.push(Op::Limit { count: count.unwrap_or(u64::MAX), skip });
        }
        if lowerer.started {
            append::union(lowerer, inner, command.span);
        } else {
            lowerer.diagnostics.append(&mut inner.diagnostics);
            (lowerer.scan, lowerer.ops, lowerer.scope) = (inner.scan, inner.ops, inner.scope);
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn begins_a_search() {
        check(
            "| inputlookup a.csv where team=x | where n > 3",
            "lookup-file a.csv\nfilter eq_ignore_case('team', \"x\")\nfilter to_number('n') > 3",
        );
        check("| inputlookup start=2 max=5 a.csv", "lookup-file a.csv\nlimit 5 skip 2");
        assert_eq!(codes("* | inputlookup a.csv"), ["spl.not-first"]);
        assert_eq!(codes("| inputlookup"), ["spl.missing-argument"]);
    }

    #[test]
    fn adds_rows_whose_types_are_read_as_those_there() {
        check(
            "* | stats min(_time) as first by user | inputlookup append=t seen.csv | stats min(first) as first by user",
            "aggregate 'first' = min(event_time) by 'user' = user_name
             sort 'user' auto
             union
               lookup-file seen.csv
               extend 'first' = coalesce(to_time(to_number('first')), to_time('first'))
             aggregate 'first' = min('first') by 'user' = 'user'
             sort 'user' auto",
        );
    }

    #[test]
    fn wildcards_take_what_is_read_later() {
        check(
            "* | stats count as now by user | inputlookup base append=t | stats values(*) as * by user | where now > mean",
            "aggregate 'now' = count() by 'user' = user_name
             sort 'user' auto
             union
               lookup-file base
               extend 'now' = to_int('now')
             aggregate 'now' = values(to_text('now')), 'mean' = values('mean') by 'user' = 'user'
             filter coalesce(to_number(list_index('now', 0)) > to_number(list_index('mean', 0)), list_index('now', 0) > list_index('mean', 0))
             sort 'user' auto",
        );
    }
}
