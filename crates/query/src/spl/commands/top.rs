//! `top` and `rare`: the most and the least common values, with their share.

use super::{Command, Grammar, arguments, split_at, words};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    span::Span,
    spl::{
        ast, build,
        lowering::{Lower, Lowerer, ascending},
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &["limit", "showcount", "showperc", "countfield", "percentfield", "useother", "otherstr"];

pub(super) const TOP: Command = Command {
    name: "top",
    aliases: &[],
    syntax: "top [limit=<n>] <field>, … [by <field>, …]",
    help: "The ten (n, 0 for all) most common values with count and percent.",
    example: "errorCode=AccessDenied | top limit=5 user by awsRegion",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| common(lowerer, command, true),
};

pub(super) const RARE: Command = Command {
    name: "rare",
    aliases: &[],
    syntax: "rare [limit=<n>] <field>, … [by <field>, …]",
    help: "The ten (n, 0 for all) least common values with count and percent.",
    example: "* | rare userAgent",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| common(lowerer, command, false),
};

fn common(lowerer: &mut Lowerer<'_>, command: &ast::Command, most: bool) -> Lower<()> {
    let span = command.name.span;
    let (settings, words) = words(lowerer, arguments(command))?;
    let settings = Settings::new(lowerer, &settings, OPTIONS);
    let (fields, by) = split_at(&words, "by");
    let (fields, number) = match fields.split_first() {
        Some((first, rest)) if !first.quoted => {
            first.text.parse::<u64>().map_or((fields, None), |number| (rest, Some(number)))
        }
        _ => (fields, None),
    };
    if fields.is_empty() {
        return lowerer.fail("spl.missing-argument", format!("`{}` needs a field", command.name.text), command.span);
    }
    if settings.truth("useother") == Some(true) {
        lowerer.warning("spl.ignored-option", "`useother` is not supported yet; ignored", span);
    }
    let limit = settings.count(lowerer, "limit")?.or(number).unwrap_or(10);
    let count = settings.text("countfield").unwrap_or("count").to_owned();
    let percent = settings.text("percentfield").unwrap_or("percent").to_owned();
    let groups = lowerer.columns(by);
    let values = lowerer.columns(fields);
    let keys = groups.iter().chain(&values).cloned().collect();
    let counted =
        Aggregate { name: count.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    lowerer.aggregate(keys, vec![counted], false);
    let groups: Vec<Expr> = groups.iter().map(|named| lowerer.name(&named.name, span)).collect();
    let share = settings.truth("showperc").unwrap_or(true);
    if share {
        add_share(lowerer, &count, &percent, groups.clone(), span);
    }
    cut(lowerer, &count, groups, limit, most, span);
    let shown = settings.truth("showcount").unwrap_or(true);
    let columns =
        lowerer.scope.fields.iter().filter(|made| (shown || made.name != count) && !made.name.starts_with("__"));
    let columns: Vec<Named> =
        columns.map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) }).collect();
    if share || !shown {
        lowerer.project(columns);
    }
    Ok(())
}

/// The share of all rows (of the group), in percent.
fn add_share(lowerer: &mut Lowerer<'_>, count: &str, percent: &str, by: Vec<Expr>, span: Span) {
    let total = lowerer.made_up("total");
    let counted = build::field(count, Type::Int, span);
    let sum = Aggregate {
        name: total.clone(),
        func: Agg::Sum,
        arg: Some(counted.clone()),
        filter: None,
        order: None,
        ty: Type::Int,
    };
    lowerer.push(Op::Window {
        by,
        order: Vec::new(),
        preceding: None,
        range: None,
        current: true,
        aggregates: vec![sum],
    });
    let hundred = build::call(Func::Mul, vec![counted, build::float(100.0, span)], Type::Float, span);
    let share = build::call(Func::Div, vec![hundred, build::field(&total, Type::Int, span)], Type::Float, span);
    let rounded = build::call(Func::Round, vec![share, build::int(6, span)], Type::Float, span);
    lowerer.extend(percent, rounded);
}

/// The first so many by count, of each group.
fn cut(lowerer: &mut Lowerer<'_>, count: &str, groups: Vec<Expr>, limit: u64, most: bool, span: Span) {
    let by_count = SortKey { descending: most, ..ascending(count, Type::Int, span) };
    let natural = std::mem::take(&mut lowerer.scope.order);
    let (of_groups, of_values) = natural.split_at(groups.len().min(natural.len()));
    let keys: Vec<SortKey> = of_groups.iter().cloned().chain([by_count]).chain(of_values.iter().cloned()).collect();
    let whole = (limit > 0 && groups.is_empty()).then_some(limit);
    lowerer.push(Op::Sort { keys: keys.clone(), limit: whole });
    if limit > 0 && !groups.is_empty() {
        lowerer.push(Op::Dedup { keys: groups, count: limit, keep_null: true });
    }
    lowerer.scope.order_by(keys, limit > 0 && whole.is_none());
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn values_with_their_share() {
        check(
            "* | top limit=5 user",
            "aggregate 'count' = count() by 'user' = user_name
             window '__total_1' = sum('count')
             extend 'percent' = round(('count' * 100.0) / '__total_1', 6)
             sort 'count' desc, 'user' auto limit 5
             project 'user', 'count', 'percent'",
        );
        check(
            "* | rare 3 user by awsRegion showperc=f",
            "aggregate 'count' = count() by 'awsRegion' = aws_region, 'user' = user_name
             sort 'awsRegion' auto, 'count', 'user' auto
             dedup 3 by 'awsRegion' keep-null
             sort 'awsRegion' auto, 'count', 'user' auto",
        );
        assert_eq!(
            columns("* | top user, awsRegion countfield=n percentfield=p by eventName"),
            ["eventName", "user", "awsRegion", "n", "p"]
        );
        assert_eq!(columns("* | top user showcount=f"), ["user", "percent"]);
        assert_eq!(codes("* | top"), ["spl.missing-argument"]);
    }
}
