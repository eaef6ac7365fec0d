//! Times. An instant becomes epoch seconds where a number is asked for.

use super::Function;
use crate::{
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    spl::{build, time},
};

pub(super) const NOW: Function = Function {
    name: "now",
    aliases: &[],
    syntax: "now()",
    help: "When the search was started.",
    example: "* | eval age=now()-_time",
    arity: (0, 0),
    lower: |call| call.make(Func::Now, Vec::new(), Type::Time),
};

pub(super) const RELATIVE_TIME: Function = Function {
    name: "relative_time",
    aliases: &[],
    syntax: "relative_time(<time>, <modifier>)",
    help: "A time moved by a modifier such as \"-1d@d\".",
    example: "* | where _time >= relative_time(now(), \"-7d@d\")",
    arity: (2, 2),
    lower: |call| {
        let (from, modifier) = (call.time(0)?, call.text(1)?);
        if let Some(text) = build::literal_text(&modifier) {
            let moved = time::instant(text, call.lowerer.env.now, call.lowerer.zone);
            let Some(moved) = moved else {
                return call.lowerer.fail("spl.time", format!("`{text}` is not a time modifier"), modifier.span);
            };
            // The search's start is known already, and so is midnight in the user's zone.
            if matches!(from.kind, ExprKind::Call { func: Func::Now, .. }) {
                return Ok(build::literal(Literal::Time(moved), call.span));
            }
        }
        Ok(time::relative(from, modifier, call.lowerer.zone, call.lowerer.env.now, call.span))
    },
};

pub(super) const STRFTIME: Function = Function {
    name: "strftime",
    aliases: &[],
    syntax: "strftime(<time>, <format>)",
    help: "A time as text, e.g. \"%Y-%m-%d %H:%M:%S\".",
    example: "* | eval day=strftime(_time, \"%Y-%m-%d\") | stats count by day",
    arity: (2, 2),
    lower: |call| {
        let (time, format) = (call.time(0)?, call.text(1)?);
        Ok(local_text(call.lowerer.zone, call.lowerer.env.now, time, format, call.span))
    },
};

pub(super) const STRPTIME: Function = Function {
    name: "strptime",
    aliases: &[],
    syntax: "strptime(<text>, <format>)",
    help: "The time that a text says in a format.",
    example: "* | eval made=strptime('userIdentity.sessionContext.attributes.creationDate', \"%Y-%m-%dT%H:%M:%SZ\")",
    arity: (2, 2),
    lower: |call| {
        // A value that is a time already (eventTime) reads the same in any format.
        let value = call.any(0)?;
        if value.ty == Type::Time {
            return Ok(value);
        }
        let args = vec![build::to_text(value), call.text(1)?];
        call.make(Func::Strptime, args, Type::Time)
    },
};

pub(super) const TIME: Function = Function {
    name: "time",
    aliases: &[],
    syntax: "time()",
    help: "The time at which the row is worked on; here the search's start.",
    example: "* | eval x=time()",
    arity: (0, 0),
    lower: |call| call.make(Func::Now, Vec::new(), Type::Time),
};

/// A time as text in the user's zone. The IR's Strftime speaks UTC: the instant is shifted by the zone's offset now,
/// and the offset itself is written into the format.
pub(crate) fn local_text(zone: crate::spl::Zone, now: i64, time: Expr, format: Expr, span: crate::span::Span) -> Expr {
    let offset = zone.offset_at(now);
    if offset == 0 {
        return build::call(Func::Strftime, vec![time, format], Type::Text, span);
    }
    let seconds = build::call(Func::Add, vec![build::to_number(time), build::int(offset, span)], Type::Float, span);
    let format = match build::literal_text(&format) {
        Some(text) => build::text(with_offset(text, offset), format.span),
        None => format,
    };
    build::call(Func::Strftime, vec![build::to_time(seconds), format], Type::Text, span)
}

fn with_offset(format: &str, offset: i64) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    let colon = format!("{sign}{hours:02}:{minutes:02}");
    let plain = format!("{sign}{hours:02}{minutes:02}");
    format.replace("%:z", &colon).replace("%z", &plain).replace("%Z", &colon)
}
