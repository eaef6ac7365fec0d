//! `transaction`: events that belong together become one row. Sessions are told by a window in the order of time, then
//! aggregated.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    span::Span,
    spl::{
        ast::{Argument, Search, Setting, Word},
        build,
        lowering::{Lower, Lowerer, Reported},
        parser,
        source::Source,
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &[
    "maxspan",
    "maxpause",
    "maxevents",
    "startswith",
    "endswith",
    "connected",
    "unifyends",
    "keepevicted",
    "keeporphans",
    "mvlist",
    "mvraw",
    "delim",
    "nullstr",
    "maxopentxn",
    "maxopenevents",
];

pub(super) const COMMAND: Command = Command {
    name: "transaction",
    aliases: &["transam"],
    syntax: "transaction [<field>, …] [maxspan=<span>] [maxpause=<span>] [startswith=<condition>] [endswith=<condition>] [keepevicted=<bool>]",
    help: "Joins events with the same fields into one row, with duration, eventcount and closed_txn; other fields hold all their values.",
    example: "* | transaction user maxpause=10m startswith=eval(eventName=\"ConsoleLogin\") | where duration > 600 | table user, duration, eventcount, eventName",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, fields) = read(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        let span = command.span;
        let time = lowerer.name("_time", span);
        if time.ty != Type::Time {
            return lowerer.fail("spl.no-order", "`transaction` needs rows that have a _time", command.name.span);
        }
        let limits = Limits {
            span: micros(lowerer, &settings, "maxspan")?,
            pause: micros(lowerer, &settings, "maxpause")?,
            events: settings.count(lowerer, "maxevents")?.filter(|most| *most > 0).unwrap_or(MOST_EVENTS),
        };
        let starts = boundary(lowerer, &settings, "startswith")?;
        let ends = boundary(lowerer, &settings, "endswith")?;
        let keys = lowerer.keys(&fields);
        let evicted = settings.truth("keepevicted").unwrap_or(false);
        let wanted = values(lowerer, &keys, span);
        let bounded = starts.is_some() || ends.is_some();
        let session = sessions(lowerer, &keys, &time, &limits, starts.as_ref(), ends.as_ref(), span);
        let limited = limits.span.is_some() || limits.pause.is_some() || settings.get("maxevents").is_some();
        let flags = Flags { ends: ends.map(|(_, name)| name), starts: starts.map(|(_, name)| name), limited };
        group(lowerer, keys, wanted, &session, &flags, &time, span);
        if bounded && !evicted {
            let closed = build::field("closed_txn", Type::Int, span);
            lowerer.filter(build::call(Func::Eq, vec![closed, build::int(1, span)], Type::Bool, span));
        }
        // Newest first, as events come.
        let newest = SortKey { expr: build::field("_time", Type::Time, span), descending: true, numeric: false };
        lowerer.scope.order_by(vec![newest], true);
        Ok(())
    },
};

/// Events of one transaction where no number is given.
const MOST_EVENTS: u64 = 1000;

/// How long a transaction may be.
struct Limits {
    span: Option<i64>,
    pause: Option<i64>,
    events: u64,
}

/// The fields that say of each event whether it may begin or end a transaction.
struct Flags {
    starts: Option<String>,
    ends: Option<String>,
    /// Whether anything else ends one.
    limited: bool,
}

/// Options, and fields. `startswith=(…)` and `startswith=eval(…)` are calls or words after the option.
fn read(lowerer: &mut Lowerer<'_>, arguments: &[Argument]) -> Lower<(Vec<Setting>, Vec<Word>)> {
    let (mut settings, mut fields) = (Vec::new(), Vec::new());
    for argument in arguments {
        match argument {
            Argument::Setting(setting) => settings.push(setting.clone()),
            Argument::Word(word) => fields.push(word.clone()),
            other => return lowerer.fail("spl.syntax", "a field name is expected here", other.span()),
        }
    }
    Ok((settings, fields))
}

fn micros(lowerer: &mut Lowerer<'_>, settings: &Settings<'_>, name: &str) -> Lower<Option<i64>> {
    let Some(word) = settings.get(name).filter(|word| word.text != "-1") else { return Ok(None) };
    let span = super::bin::time_span(lowerer, word)?;
    Ok(Some(span.micros().unwrap_or(i64::MAX)))
}

/// A boundary as a field that is 1 where an event is one: a search string, `eval(condition)` or `(condition)`.
fn boundary(lowerer: &mut Lowerer<'_>, settings: &Settings<'_>, option: &str) -> Lower<Option<(Expr, String)>> {
    let Some(word) = settings.get(option) else { return Ok(None) };
    let condition = condition(lowerer, word)?;
    let span = word.span;
    let one = build::call(
        Func::If,
        vec![build::is_true(condition), build::int(1, span), build::int(0, span)],
        Type::Int,
        span,
    );
    let name = lowerer.made_up(option);
    lowerer.extend_hidden(&name, one);
    Ok(Some((build::field(&name, Type::Int, span), name)))
}

fn condition(lowerer: &mut Lowerer<'_>, word: &Word) -> Lower<Expr> {
    let text = word.text.trim();
    let inner = text.strip_prefix("eval").map_or(text, str::trim_start);
    let found = if inner.starts_with('(') && !word.quoted {
        let (ast, found) = parser::parse_expression(&Source::fixed(inner, word.span));
        // A condition in parentheses is one of `eval`, or a search.
        match ast {
            Some(ast) => return lowerer.condition(&ast),
            None if text.starts_with("eval") => found,
            None => Vec::new(),
        }
    } else {
        Vec::new()
    };
    if !found.is_empty() {
        for diagnostic in found {
            lowerer.error(diagnostic);
        }
        return Err(Reported);
    }
    let (search, found) = parser::parse_search(&Source::fixed(text, word.span));
    match search {
        // A text in quotes is looked for as it is, unless it compares a field.
        Some(_) if word.quoted && !text.contains('=') => {
            lowerer.predicate(&Search::Term { word: word.clone(), exact: false })
        }
        Some(search) if found.is_empty() => lowerer.predicate(&search),
        _ => lowerer.fail("spl.syntax", "this condition cannot be read", word.span),
    }
}

/// The values that the joined row shows beside its keys: those that are read later, or the main ones.
fn values(lowerer: &mut Lowerer<'_>, keys: &[Named], span: Span) -> Vec<Named> {
    const OWN: &[&str] = &["duration", "eventcount", "closed_txn", "_time", "linecount"];
    let mut names: Vec<String> = lowerer.expand("*");
    names.extend(lowerer.mentioned.iter().cloned());
    names.push("_raw".to_owned());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| {
        let own = OWN.contains(&name.as_str()) || name.starts_with("__") || (name.starts_with('_') && name != "_raw");
        !own && !keys.iter().any(|key| key.name == *name) && seen.insert(name.clone())
    });
    let said = lowerer.diagnostics.len();
    let values = names.into_iter().map(|name| Named { expr: lowerer.name(&name, span), name }).collect();
    lowerer.diagnostics.truncate(said);
    values
}

/// The field that holds when each event's transaction began.
fn sessions(
    lowerer: &mut Lowerer<'_>,
    keys: &[Named],
    time: &Expr,
    limits: &Limits,
    starts: Option<&(Expr, String)>,
    ends: Option<&(Expr, String)>,
    span: Span,
) -> String {
    let by: Vec<Expr> = keys.iter().map(|key| key.expr.clone()).collect();
    let order = vec![SortKey { expr: time.clone(), descending: false, numeric: false }];
    let window = |lowerer: &mut Lowerer<'_>, aggregates: Vec<Aggregate>| {
        let (by, order) = (by.clone(), order.clone());
        lowerer.push(Op::Window { by, order, preceding: None, range: None, current: true, aggregates });
    };
    let lag = |lowerer: &mut Lowerer<'_>, value: &Expr| {
        let name = lowerer.made_up("before");
        let (func, arg, ty) = (Agg::Lag(1), Some(value.clone()), value.ty);
        let aggregate = Aggregate { name: name.clone(), func, arg, filter: None, order: None, ty };
        (build::field(&name, ty, span), aggregate)
    };
    let mut begins = Vec::new();
    let mut before = Vec::new();
    if let Some(pause) = limits.pause {
        let (last, aggregate) = lag(lowerer, time);
        before.push(aggregate);
        let gap =
            build::call(Func::Sub, vec![build::to_number(time.clone()), build::to_number(last)], Type::Float, span);
        #[allow(clippy::cast_precision_loss)]
        let most = build::float(pause as f64 / 1e6, span);
        begins.push(build::call(Func::Gt, vec![gap, most], Type::Bool, span));
    }
    if let Some((starts, _)) = starts {
        begins.push(build::call(Func::Eq, vec![starts.clone(), build::int(1, span)], Type::Bool, span));
    }
    if let Some((ends, _)) = ends {
        let (last, aggregate) = lag(lowerer, ends);
        before.push(aggregate);
        begins.push(build::call(Func::Eq, vec![last, build::int(1, span)], Type::Bool, span));
    }
    if !before.is_empty() {
        window(lowerer, before);
    }
    let name = lowerer.made_up("session");
    let filter = Some(build::any(begins, span));
    let func = Agg::SessionStart(limits.span.unwrap_or(i64::MAX));
    let began = Aggregate { name: name.clone(), func, arg: Some(time.clone()), filter, order: None, ty: Type::Time };
    window(lowerer, vec![began]);
    parts(lowerer, &by, &name, limits.events, &order, span)
}

/// Cuts sessions of too many events.
fn parts(lowerer: &mut Lowerer<'_>, by: &[Expr], session: &str, most: u64, order: &[SortKey], span: Span) -> String {
    let count = lowerer.made_up("nth");
    let by: Vec<Expr> = by.iter().cloned().chain([build::field(session, Type::Time, span)]).collect();
    let counted =
        Aggregate { name: count.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    let order = order.to_vec();
    lowerer.push(Op::Window { by, order, preceding: None, range: None, current: true, aggregates: vec![counted] });
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let before =
        build::call(Func::Sub, vec![build::field(&count, Type::Int, span), build::int(1, span)], Type::Int, span);
    let part = build::to_int(build::call(Func::Div, vec![before, build::int(most, span)], Type::Float, span));
    let began = build::to_text(build::field(session, Type::Time, span));
    let name = lowerer.made_up("part");
    let parts = vec![began, build::text("/", span), build::to_text(part)];
    lowerer.extend_hidden(&name, build::call(Func::Concat, parts, Type::Text, span));
    name
}

/// One row a session.
fn group(
    lowerer: &mut Lowerer<'_>,
    keys: Vec<Named>,
    values: Vec<Named>,
    session: &str,
    flags: &Flags,
    time: &Expr,
    span: Span,
) {
    let aggregate = |name: &str, func: Agg, arg: Option<Expr>, ty: Type| Aggregate {
        name: name.to_owned(),
        func,
        arg,
        filter: None,
        order: None,
        ty,
    };
    let mut by = keys;
    let session_key = "__transaction".to_owned();
    by.push(Named { name: session_key.clone(), expr: build::field(session, Type::Text, span) });
    let mut aggregates = vec![
        aggregate("_time", Agg::Min, Some(time.clone()), Type::Time),
        aggregate("__last", Agg::Max, Some(time.clone()), Type::Time),
        aggregate("eventcount", Agg::Count, None, Type::Int),
    ];
    for (name, flag) in [("__ended", &flags.ends), ("__started", &flags.starts)] {
        if let Some(flag) = flag {
            aggregates.push(aggregate(name, Agg::Max, Some(build::field(flag, Type::Int, span)), Type::Int));
        }
    }
    for value in &values {
        let func = if value.name == "_raw" { Agg::List } else { Agg::Values };
        aggregates.push(aggregate(&value.name, func, Some(build::to_matchable(value.expr.clone())), Type::List));
    }
    let shown: Vec<(String, Type)> = by[..by.len() - 1]
        .iter()
        .map(|key| (key.name.clone(), if key.expr.ty == Type::List { Type::Text } else { key.expr.ty }))
        .collect();
    if values.iter().any(|value| value.name == "_raw") {
        lowerer.push(Op::Sort {
            keys: vec![SortKey { expr: time.clone(), descending: false, numeric: false }],
            limit: None,
        });
    }
    lowerer.aggregate(by, aggregates, false);
    let number = |name: &str| build::to_number(build::field(name, Type::Time, span));
    let duration = build::call(Func::Sub, vec![number("__last"), number("_time")], Type::Float, span);
    // A transaction is whole where what has to begin and to end it is in it.
    let whole = [("__ended", &flags.ends), ("__started", &flags.starts)].into_iter().filter(|(_, flag)| flag.is_some());
    let whole: Vec<Expr> = whole
        .map(|(name, _)| {
            build::call(Func::Eq, vec![build::field(name, Type::Int, span), build::int(1, span)], Type::Bool, span)
        })
        .collect();
    let closed = match whole.is_empty() {
        true => build::int(i64::from(flags.limited), span),
        false => build::call(
            Func::If,
            vec![build::all(whole, span), build::int(1, span), build::int(0, span)],
            Type::Int,
            span,
        ),
    };
    let mut columns = vec![Named { name: "_time".to_owned(), expr: build::field("_time", Type::Time, span) }];
    columns.extend(shown.into_iter().map(|(name, ty)| Named { expr: build::field(&name, ty, span), name }));
    columns.push(Named { name: "duration".to_owned(), expr: duration });
    columns.push(Named { name: "eventcount".to_owned(), expr: build::field("eventcount", Type::Int, span) });
    columns.push(Named { name: "closed_txn".to_owned(), expr: closed });
    columns.extend(
        values.into_iter().map(|value| Named { expr: build::field(&value.name, Type::List, span), name: value.name }),
    );
    lowerer.project(columns);
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn sessions_are_windows() {
        let ir = rendered("* | transaction user maxspan=10m maxpause=5m | table user, duration, eventcount");
        assert!(
            ir.contains("window '__before_1' = lag 1(event_time) by user_name order event_time rows all and current"),
            "{ir}"
        );
        assert!(
            ir.contains("window '__session_2' = session_start 600000000(event_time) where (to_number(event_time) - to_number('__before_1')) > 300.0 by user_name order event_time"),
            "{ir}"
        );
        let names =
            columns("* | transaction user startswith=\"Login\" endswith=eval(eventName=\"Logout\") | search x=1");
        assert!(
            ["_time", "user", "duration", "eventcount", "closed_txn", "eventName", "x", "_raw"]
                .iter()
                .all(|name| names.contains(&(*name).to_owned())),
            "{names:?}"
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | stats count by user | transaction user"), ["spl.no-such-field", "spl.no-order"]);
        assert_eq!(codes("* | transaction user maxspan=soon"), ["spl.span"]);
        assert_eq!(codes("* | transaction user endswith=eval(a=)"), ["spl.syntax"]);
    }
}
