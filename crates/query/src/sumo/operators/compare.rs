//! `compare`: the same aggregate of earlier times beside this one's.

use super::{
    super::{
        cursor::Cursor,
        expr,
        lexer::Kind,
        lowering::{Base, Lower, Lowerer, Made},
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Expr, Func, Named, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "compare",
    aliases: &[],
    syntax: "compare [with] timeshift <span> [<n> [avg|min|max]] [as <name>], …",
    help: "Runs the query again over earlier times and puts their aggregates beside: `_count_1d` for the day before. With a number over so many times, with avg, min or max over all of them in one.",
    example: "* | timeslice 1h | count by _timeslice | compare with timeshift 1d 3 avg as usual",
    parses: false,
    lower: |lowerer, cursor| {
        cursor.word("with");
        let mut shifts = vec![Shift::read(lowerer, cursor)?];
        while cursor.punct(",") {
            cursor.word("with");
            shifts.push(Shift::read(lowerer, cursor)?);
        }
        if lowerer.base == Base::Events {
            let diagnostic = Diagnostic::error("sumo.no-aggregate", "`compare` needs aggregated rows", cursor.span);
            return Err(lowerer.error(diagnostic.with_help("put an aggregate such as `count by` before it")));
        }
        if lowerer.base == Base::Open {
            let message = "`compare` after `transpose` is not supported";
            let diagnostic = Diagnostic::error("sumo.unsupported", message, cursor.span);
            return Err(lowerer.error(diagnostic.with_help("put it before `transpose`")));
        }
        let queries: u64 = shifts.iter().map(|shift| shift.times).sum();
        if queries > MOST_QUERIES {
            let message = format!("at most {MOST_QUERIES} earlier times can be compared with, not {queries}");
            return lowerer.fail("sumo.argument", message, cursor.span);
        }
        lowerer.affordable(usize::try_from(queries).unwrap_or(usize::MAX - 1), cursor.span)?;
        beside(lowerer, &shifts, cursor.span);
        Ok(())
    },
};

/// As many as Sumo Logic runs.
const MOST_QUERIES: u64 = 7;

struct Shift {
    /// As typed: part of the columns' names.
    text: String,
    micros: i64,
    times: u64,
    /// All times in one.
    over: Option<Agg>,
    name: Option<String>,
}

impl Shift {
    fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Self> {
        lowerer.expect_word(cursor, "timeshift")?;
        cursor.punct("-");
        let token = cursor.peek().filter(|token| token.kind == Kind::Number).cloned();
        let Some((token, micros)) = token.and_then(|token| expr::duration(&token.text).map(|micros| (token, micros)))
        else {
            return lowerer.expected(cursor, "a time span");
        };
        cursor.next();
        let counted = cursor.count();
        let over = [("avg", Agg::Avg), ("min", Agg::Min), ("max", Agg::Max)];
        let over = over.into_iter().find(|(word, _)| cursor.word(word)).map(|(_, agg)| agg);
        let name = lowerer.alias(cursor)?.map(|name| name.text);
        Ok(Self { text: token.text, micros, times: counted.unwrap_or(1).max(1), over, name })
    }

    /// What the column of the nth time is called.
    fn column(&self, value: &str, nth: u64) -> String {
        let over = match self.over {
            Some(Agg::Avg) => "_avg",
            Some(Agg::Min) => "_min",
            Some(Agg::Max) => "_max",
            _ => "",
        };
        match (&self.name, self.over.is_some() || self.times == 1) {
            (Some(name), true) => format!("{value}_{name}"),
            (Some(name), false) => format!("{value}_{name}_{nth}"),
            (None, true) if self.times == 1 => format!("{value}_{}", self.text),
            (None, true) => format!("{value}_{}_{}{over}", self.times, self.text),
            (None, false) => format!("{value}_{}", shifted(&self.text, nth)),
        }
    }
}

/// `1d` the third time is `3d`.
fn shifted(text: &str, nth: u64) -> String {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    match text[..at].parse::<u64>() {
        Ok(count) => format!("{}{}", count.saturating_mul(nth), &text[at..]),
        Err(_) => format!("{text}_{nth}"),
    }
}

/// The rows of all times, each with its values in columns of its own, and then one row a key.
fn beside(lowerer: &mut Lowerer<'_>, shifts: &[Shift], span: Span) {
    let (keys, values) = parts(lowerer);
    let order = lowerer.order.clone();
    let mut columns: Vec<(String, Type, Option<Agg>)> =
        values.iter().map(|made| (made.name.clone(), made.ty, None)).collect();
    let mut others = Vec::new();
    for shift in shifts {
        for nth in 1..=shift.times {
            let names: Vec<String> = values.iter().map(|made| shift.column(&made.name, nth)).collect();
            for (made, name) in values.iter().zip(&names) {
                if !columns.iter().any(|(known, ..)| known == name) {
                    columns.push((name.clone(), made.ty, shift.over));
                }
            }
            others.push((
                earlier(lowerer, &keys, &values, &names, shift.micros.saturating_mul(i64::try_from(nth).unwrap_or(1))),
                names,
            ));
        }
    }
    for (other, _) in others {
        lowerer.push(Op::Union { right: Box::new(other.into_pipeline()) });
    }
    let by = keys.iter().map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) });
    let by: Vec<Named> = by.collect();
    let aggregates = columns.into_iter().map(|(name, ty, over)| {
        let value = build::field(&name, ty, span);
        match over {
            Some(Agg::Avg) => Lowerer::plain_aggregate(&name, Agg::Avg, Some(value), Type::Float),
            Some(over) => Lowerer::plain_aggregate(&name, over, Some(value), ty),
            // One row has it.
            None if build::is_number(ty) => Lowerer::plain_aggregate(&name, Agg::Max, Some(value), ty),
            None => Lowerer::plain_aggregate(&name, Agg::First, Some(value), ty),
        }
    });
    let aggregates = aggregates.collect();
    lowerer.pending = false;
    lowerer.aggregate(by, aggregates);
    let known = |key: &crate::pipeline::SortKey| matches!(&key.expr.kind, crate::pipeline::ExprKind::Field(name) if lowerer.made(name).is_some());
    if !order.is_empty() && order.iter().all(known) {
        lowerer.order = order;
        lowerer.pending = true;
    }
}

/// The keys of the last aggregate, and its values.
fn parts(lowerer: &Lowerer<'_>) -> (Vec<Made>, Vec<Made>) {
    let by = lowerer.ops.iter().rev().find_map(|op| match op {
        Op::Aggregate { by, .. } => Some(by.iter().map(|named| named.name.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    let by = by.unwrap_or_default();
    lowerer.fields.clone().into_iter().partition(|made| by.iter().any(|name| name.eq_ignore_ascii_case(&made.name)))
}

/// The query over an earlier time: its time slices moved to now, its values under names of their own.
fn earlier<'e>(lowerer: &Lowerer<'e>, keys: &[Made], values: &[Made], names: &[String], micros: i64) -> Lowerer<'e> {
    let span = Span::default();
    let mut other = lowerer.fork();
    let env = lowerer.env;
    let back = |bound: i64| bound.saturating_sub(micros);
    other.scan.earliest = other.scan.earliest.or(env.earliest).map(back);
    other.scan.latest = Some(back(other.scan.latest.or(env.latest).unwrap_or(env.now)));
    #[allow(clippy::cast_precision_loss)]
    let seconds = build::float(micros as f64 / 1e6, span);
    let keyed = keys.iter().map(|made| {
        let field = build::field(&made.name, made.ty, span);
        let expr = if made.ty == Type::Time { moved(field, &seconds, span) } else { field };
        Named { name: made.name.clone(), expr }
    });
    let valued = values
        .iter()
        .zip(names)
        .map(|(made, name)| Named { name: name.clone(), expr: build::field(&made.name, made.ty, span) });
    let items = keyed.chain(valued).collect();
    other.project(items);
    other
}

fn moved(time: Expr, seconds: &Expr, span: Span) -> Expr {
    let since = build::call(Func::ToNumber, vec![time], Type::Float, span);
    let later = build::call(Func::Add, vec![since, seconds.clone()], Type::Float, span);
    build::call(Func::ToTime, vec![later], Type::Time, span)
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn columns_of_other_times() {
        for (stage, expected) in [
            ("compare with timeshift 1d", vec!["_count_1d"]),
            ("compare timeshift 1d 2", vec!["_count_1d", "_count_2d"]),
            ("compare timeshift 1d 3 avg", vec!["_count_3_1d_avg"]),
            (
                "compare with timeshift 1d as yesterday, timeshift 1w 2 max as weeks",
                vec!["_count_yesterday", "_count_weeks"],
            ),
        ] {
            let mut all = vec!["_timeslice", "_count"];
            all.extend(expected);
            assert_eq!(columns(&format!("* | timeslice 1h | count by _timeslice | {stage}")), all, "{stage}");
        }
        assert_eq!(errors("* | compare with timeshift 1d"), ["sumo.no-aggregate"]);
        assert_eq!(errors("* | count | compare with timeshift 1d 14"), ["sumo.argument"]);
        assert_eq!(errors("* | count | compare with timeshift x"), ["sumo.syntax"]);
    }
}
