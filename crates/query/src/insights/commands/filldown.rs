//! `filldown`: the last value before, where a field is not there.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb, Word},
        cursor::Cursor,
        lowering::{Lowerer, Shown},
        names, parser,
    },
    pipeline::{Agg, Aggregate, Op, SortKey, Type},
    span::Span,
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "filldown",
    syntax: "filldown [field, …]",
    help: "Where a field is not there, the last value that it had in a row before. Without fields, for all that are shown.",
    example: "fields @timestamp, eventName, errorCode | sort @timestamp | filldown errorCode",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let mut words = Vec::new();
    while !cursor.at_end() {
        words.push(parser::name(cursor, "filldown")?);
        cursor.eat(",");
    }
    Some(Verb::Names(words))
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Names(words) = &command.verb else { return };
    let span = command.span;
    let words: Vec<Word> = if words.is_empty() { shown(lowerer, span) } else { words.clone() };
    lowerer.settle_order();
    let keys = lowerer.ops.iter().rev().find_map(|op| match op {
        Op::Sort { keys, .. } => Some(keys.clone()),
        _ => None,
    });
    let first = SortKey { expr: build::int(0, span), descending: false, numeric: false };
    let order = keys.unwrap_or_else(|| vec![first]);
    let mut aggregates = Vec::new();
    let mut filled = Vec::new();
    for word in words {
        let value = names::field(lowerer, &word);
        let name = lowerer.made_up("filled");
        let ty = if value.ty == Type::List { Type::Text } else { value.ty };
        filled.push((word.text, name.clone(), ty));
        aggregates.push(Aggregate { name, func: Agg::Last, arg: Some(value), filter: None, order: None, ty });
    }
    lowerer.ops.push(Op::Window { by: Vec::new(), order, preceding: None, range: None, current: true, aggregates });
    for (field, name, ty) in filled {
        lowerer.make(&name, ty);
        lowerer.extend(&field, build::field(&name, ty, span));
    }
    // A window need not keep the order.
    lowerer.sorted = false;
}

/// The fields of the result as far as they are known.
fn shown(lowerer: &Lowerer<'_>, span: Span) -> Vec<Word> {
    let names = match &lowerer.shown {
        Shown::Fields(names) | Shown::Display(names) => names.clone(),
        Shown::Default | Shown::Made => lowerer.made.iter().map(|made| made.name.clone()).collect(),
    };
    names.into_iter().filter(|name| !name.starts_with(['@', '_'])).map(|text| Word { text, span }).collect()
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::rendered;

    #[test]
    fn values_go_down() {
        let text = rendered("sort @timestamp | fields eventName, errorCode | filldown errorCode | limit 3");
        let expected = "scan cloudtrail\nsort event_time\nwindow '__filled_1' = last(error_code) order event_time rows all and current\nextend 'errorCode' = '__filled_1'\nsort event_time\nlimit 3\nproject 'eventName' = event_name, 'errorCode'\n";
        assert_eq!(text, expected);
    }
}
