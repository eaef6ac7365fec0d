//! Times. An instant counts milliseconds in arithmetic; formats are Java's.

use super::{Function, first};
use crate::{
    pipeline::{Expr, Func, Literal, Type},
    span::Span,
    spl::{Zone, build, time as spl_time},
    sumo::{
        lowering::{Lower, Lowerer},
        names, value,
    },
};

/// What `formatDate` writes where no format is given.
const DEFAULT: &str = "MM-dd-yyyy HH:mm:ss";

/// A text argument that has to be known when the query is read.
fn literal(lowerer: &mut Lowerer<'_>, expr: &Expr, what: &str) -> Lower<String> {
    match build::literal_text(expr) {
        Some(text) => Ok(text.to_owned()),
        None => lowerer.fail("sumo.argument", format!("{what} has to be a text in quotes"), expr.span),
    }
}

fn zone(lowerer: &mut Lowerer<'_>, expr: Option<&Expr>) -> Lower<Zone> {
    let Some(expr) = expr else { return Ok(lowerer.env.timezone) };
    let text = literal(lowerer, expr, "the time zone")?;
    match Zone::parse(&text) {
        Some(zone) => Ok(zone),
        None => lowerer.fail("sumo.argument", format!("`{text}` is not a time zone"), expr.span),
    }
}

fn format(lowerer: &mut Lowerer<'_>, expr: Option<&Expr>, default: &str) -> Lower<String> {
    let Some(expr) = expr else { return Ok(java_format(default).unwrap_or_default()) };
    let text = literal(lowerer, expr, "the format")?;
    match java_format(&text) {
        Some(format) => Ok(format),
        None => lowerer.fail("sumo.argument", format!("`{text}` is not a date format that is understood"), expr.span),
    }
}

/// An instant moved by a zone's distance from UTC, so that it reads as local time.
fn shifted(lowerer: &Lowerer<'_>, time: Expr, zone: Zone, sign: i64, span: Span) -> Expr {
    let offset = zone.offset_at(lowerer.env.now) * sign;
    if offset == 0 {
        return time;
    }
    let modifier = build::text(format!("{offset:+}s"), span);
    build::call(Func::RelativeTime, vec![time, modifier], Type::Time, span)
}

pub(super) const FORMAT_DATE: Function = Function {
    name: "formatDate",
    aliases: &[],
    syntax: "formatDate(<time>[, <format>[, <time zone>]])",
    help: "A time (or its milliseconds) in a format with Java's letters: `yyyy-MM-dd HH:mm:ss`.",
    args: (1, 3),
    lower: |lowerer, args, span| {
        let format = format(lowerer, args.get(1), DEFAULT)?;
        let zone = zone(lowerer, args.get(2))?;
        let time = value::instant(first(args));
        let time = shifted(lowerer, time, zone, 1, span);
        Ok(build::call(Func::Strftime, vec![time, build::text(format, span)], Type::Text, span))
    },
};

pub(super) const PARSE_DATE: Function = Function {
    name: "parseDate",
    aliases: &[],
    syntax: "parseDate(<text>, <format>[, <time zone>])",
    help: "The time that a text in a format (with Java's letters) means.",
    args: (2, 3),
    lower: |lowerer, args, span| {
        let format = format(lowerer, args.get(1), DEFAULT)?;
        let zone = zone(lowerer, args.get(2))?;
        let text = names::text(first(args));
        let time = build::call(Func::Strptime, vec![text, build::text(format, span)], Type::Time, span);
        Ok(shifted(lowerer, time, zone, -1, span))
    },
};

pub(super) const NOW: Function = Function {
    name: "now",
    aliases: &[],
    syntax: "now()",
    help: "The time at which the query began.",
    args: (0, 0),
    lower: |_, _, span| Ok(build::call(Func::Now, Vec::new(), Type::Time, span)),
};

fn bound(micros: Option<i64>, otherwise: i64, span: Span) -> Expr {
    build::literal(Literal::Time(micros.unwrap_or(otherwise)), span)
}

pub(super) const QUERY_START_TIME: Function = Function {
    name: "queryStartTime",
    aliases: &[],
    syntax: "queryStartTime()",
    help: "The beginning of the query's time range.",
    args: (0, 0),
    lower: |lowerer, _, span| Ok(bound(lowerer.env.earliest, 0, span)),
};

pub(super) const QUERY_END_TIME: Function = Function {
    name: "queryEndTime",
    aliases: &[],
    syntax: "queryEndTime()",
    help: "The end of the query's time range.",
    args: (0, 0),
    lower: |lowerer, _, span| Ok(bound(lowerer.env.latest, lowerer.env.now, span)),
};

pub(super) const QUERY_TIME_RANGE: Function = Function {
    name: "queryTimeRange",
    aliases: &[],
    syntax: "queryTimeRange()",
    help: "Milliseconds of the query's time range.",
    args: (0, 0),
    lower: |lowerer, _, span| {
        let end = lowerer.env.latest.unwrap_or(lowerer.env.now);
        let start = lowerer.env.earliest.unwrap_or(0);
        Ok(build::int(end.saturating_sub(start) / 1000, span))
    },
};

pub(super) const FROM_MILLIS: Function = Function {
    name: "fromMillis",
    aliases: &[],
    syntax: "fromMillis(<number>)",
    help: "The time that milliseconds since 1970 mean.",
    args: (1, 1),
    lower: |_, args, _| Ok(value::instant(value::number(first(args)))),
};

pub(super) const FROM_SECONDS: Function = Function {
    name: "fromSeconds",
    aliases: &[],
    syntax: "fromSeconds(<number>)",
    help: "The time that seconds since 1970 mean.",
    args: (1, 1),
    lower: |_, args, span| {
        let seconds = value::number(first(args));
        Ok(build::call(Func::ToTime, vec![seconds], Type::Time, span))
    },
};

pub(super) const TO_MILLIS: Function = Function {
    name: "toMillis",
    aliases: &[],
    syntax: "toMillis(<time>)",
    help: "Milliseconds since 1970.",
    args: (1, 1),
    lower: |_, args, _| Ok(value::number(first(args))),
};

pub(super) const TO_SECONDS: Function = Function {
    name: "toSeconds",
    aliases: &[],
    syntax: "toSeconds(<time>)",
    help: "Seconds since 1970.",
    args: (1, 1),
    lower: |_, args, span| {
        let time = value::instant(first(args));
        Ok(build::call(Func::ToNumber, vec![time], Type::Float, span))
    },
};

/// A format with the letters of Java's `SimpleDateFormat` as one with C's; none where a letter has no counterpart.
pub(crate) fn java_format(format: &str) -> Option<String> {
    let mut out = String::with_capacity(format.len());
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if c == '\'' {
            at = quoted(&chars, at, &mut out);
            continue;
        }
        let count = chars[at..].iter().take_while(|other| **other == c).count();
        match (c, count) {
            ('%', _) => out.push_str(&"%%".repeat(count)),
            (c, _) if !c.is_ascii_alphabetic() => out.extend(std::iter::repeat_n(c, count)),
            _ => out.push_str(letter(c, count)?),
        }
        at += count;
    }
    Some(out)
}

/// Text between single quotes stands for itself, two of them for one.
fn quoted(chars: &[char], start: usize, out: &mut String) -> usize {
    let mut at = start + 1;
    if chars.get(at) == Some(&'\'') {
        out.push('\'');
        return at + 1;
    }
    while let Some(c) = chars.get(at) {
        match (c, chars.get(at + 1)) {
            ('\'', Some('\'')) => {
                out.push('\'');
                at += 1;
            }
            ('\'', _) => return at + 1,
            ('%', _) => out.push_str("%%"),
            (c, _) => out.push(*c),
        }
        at += 1;
    }
    at
}

fn letter(c: char, count: usize) -> Option<&'static str> {
    Some(match (c, count) {
        ('y' | 'Y' | 'u', 2) => "%y",
        ('y' | 'Y', _) => "%Y",
        ('M' | 'L', 1) => "%-m",
        ('M' | 'L', 2) => "%m",
        ('M' | 'L', 3) => "%b",
        ('M' | 'L', _) => "%B",
        ('d', 1) => "%-d",
        ('d', _) => "%d",
        ('D', _) => "%j",
        ('H', 1) => "%-H",
        ('H', _) => "%H",
        ('k', _) => "%-H",
        ('h' | 'K', 1) => "%-I",
        ('h' | 'K', _) => "%I",
        ('m', 1) => "%-M",
        ('m', _) => "%M",
        ('s', 1) => "%-S",
        ('s', _) => "%S",
        ('S', 1..=3) => "%3N",
        ('S', 4..=6) => "%6N",
        ('S', _) => "%9N",
        ('a', _) => "%p",
        ('E', 1..=3) => "%a",
        ('E', _) => "%A",
        ('u', _) => "%u",
        ('w', _) => "%V",
        ('z', _) => "%Z",
        ('Z', _) => "%z",
        ('X', _) => "%:z",
        ('G', _) => "AD",
        _ => return None,
    })
}

/// A time slice's start, by the zone's days.
pub(crate) fn bin(lowerer: &Lowerer<'_>, time: Expr, micros: i64, span: Span) -> Expr {
    let local =
        if micros >= spl_time::DAY { -lowerer.env.timezone.offset_at(lowerer.env.now) * spl_time::SECOND } else { 0 };
    let mut args = vec![time, build::int(micros, span)];
    if local != 0 {
        args.push(build::int(local, span));
    }
    build::call(Func::BinTime, args, Type::Time, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing::{errors, value};

    #[test]
    fn formats_are_javas() {
        for (java, c) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSS", Some("%Y-%m-%dT%H:%M:%S.%3N")),
            ("dd/MMM/yyyy h:mm a", Some("%d/%b/%Y %-I:%M %p")),
            ("EEE", Some("%a")),
            ("'o''clock' 100%", Some("o'clock 100%%")),
            ("bb", None),
        ] {
            assert_eq!(java_format(java).as_deref(), c, "{java}");
        }
    }

    #[test]
    fn times() {
        for (expression, expected) in [
            ("formatDate(_messagetime, \"yyyy\")", "strftime(event_time, \"%Y\")"),
            ("formatDate(fromSeconds(bytesIn), \"EEE\")", "strftime(to_time(bytes_in), \"%a\")"),
            ("formatDate(_messagetime, \"HH\", \"+02:00\")", "strftime(relative_time(event_time, \"+7200s\"), \"%H\")"),
            ("parseDate(eventName, \"yyyy-MM-dd\")", "strptime(event_name, \"%Y-%m-%d\")"),
            ("toMillis(now())", "to_number(now()) * 1000"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
        assert_eq!(errors("* | formatDate(_messagetime, \"QQ\") as x"), ["sumo.argument"]);
        assert_eq!(errors("* | formatDate(_messagetime, \"HH\", \"Nowhere/Else\") as x"), ["sumo.argument"]);
    }
}
