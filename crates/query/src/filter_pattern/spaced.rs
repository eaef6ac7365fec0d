//! Reads patterns over space-delimited text: `[ip, user, ..., status = 4* && status != 403, bytes > 1000]`.

use super::{
    ast::{Slot, SlotCondition},
    cursor::Cursor,
    value,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// What ends a value.
const STOPS: &[&str] = &["&&", "||", ",", "]", ")"];
/// Deepest nesting of parentheses.
const DEEPEST: usize = 100;

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Vec<Slot>> {
    let start = cursor.at;
    cursor.bump();
    let mut slots = Vec::new();
    loop {
        slots.push(slot(cursor)?);
        if cursor.eat(",") {
            continue;
        }
        if cursor.eat("]") {
            break;
        }
        return unexpected(cursor, start);
    }
    cursor.skip_space();
    if cursor.at < cursor.text.len() {
        let span = Span::new(cursor.at, cursor.text.len());
        return cursor.error("filter.trailing", "there is text after the closing bracket", span, "");
    }
    check(cursor, &slots)?;
    Some(slots)
}

fn unexpected<T>(cursor: &mut Cursor<'_>, start: usize) -> Option<T> {
    let span = cursor.here();
    if cursor.peek().is_none() {
        let open = Span::new(start, start + 1);
        return cursor.error("filter.unclosed", "this `[` is not closed", open, "");
    }
    let help = "fields are separated by commas: `[ip, user, ..., status=4*]`";
    cursor.error("filter.syntax", "a comma or `]` is expected here", span, help)
}

fn slot(cursor: &mut Cursor<'_>) -> Option<Slot> {
    cursor.skip_space();
    let start = cursor.at;
    if cursor.eat("...") || cursor.eat("…") {
        return Some(Slot::Ellipsis(cursor.span(start)));
    }
    let (name, condition) = match cursor.peek() {
        Some(',' | ']') => (String::new(), None),
        _ => {
            let mut name = String::new();
            let condition = or(cursor, &mut name)?;
            (name, condition)
        }
    };
    let span = Span::new(start, start + cursor.text[start..cursor.at].trim_end().len());
    Some(Slot::Field { name, condition, span })
}

/// A name alone is no condition.
fn or(cursor: &mut Cursor<'_>, name: &mut String) -> Option<Option<SlotCondition>> {
    joined(cursor, name, "||", and, SlotCondition::Or)
}

fn and(cursor: &mut Cursor<'_>, name: &mut String) -> Option<Option<SlotCondition>> {
    joined(cursor, name, "&&", one, SlotCondition::And)
}

type Parse = fn(&mut Cursor<'_>, &mut String) -> Option<Option<SlotCondition>>;

fn joined(
    cursor: &mut Cursor<'_>,
    name: &mut String,
    sign: &str,
    part: Parse,
    join: fn(Vec<SlotCondition>) -> SlotCondition,
) -> Option<Option<SlotCondition>> {
    let mut items = vec![part(cursor, name)?];
    while cursor.eat(sign) {
        items.push(part(cursor, name)?);
    }
    if items.len() == 1 {
        return Some(items.remove(0));
    }
    let given: Vec<SlotCondition> = items.into_iter().flatten().collect();
    Some((!given.is_empty()).then(|| join(given)))
}

fn one(cursor: &mut Cursor<'_>, name: &mut String) -> Option<Option<SlotCondition>> {
    cursor.skip_space();
    let start = cursor.at;
    if cursor.eat("(") {
        cursor.depth += 1;
        if cursor.depth > DEEPEST {
            let message = format!("more than {DEEPEST} parentheses in one another");
            return cursor.error("filter.too-deep", message, cursor.span(start), "");
        }
        let inner = or(cursor, name)?;
        cursor.depth -= 1;
        if !cursor.eat(")") {
            return cursor.error("filter.parenthesis", "this `(` is not closed", Span::new(start, start + 1), "");
        }
        return Some(inner);
    }
    let word = cursor.take_while(|c| !c.is_whitespace() && !",=!<>&|()[]\"%{}".contains(c));
    if word.is_empty() && !cursor.rest().starts_with(['=', '!', '<', '>']) {
        let help = "a field is a name, with a condition if need be: `status=4*`";
        return cursor.error("filter.slot", "a field's name is expected here", cursor.here(), help);
    }
    if name.is_empty() {
        word.clone_into(name);
    } else if !word.is_empty() && !word.eq_ignore_ascii_case(name) {
        let message = format!("`{word}` is not the field `{name}`: a field's conditions are about itself");
        cursor.report(Diagnostic::warning("filter.slot-name", message, cursor.span(start)));
    }
    match value::comparison(cursor, STOPS) {
        Some(compared) => compared.ok().map(|(operator, value)| Some(SlotCondition::Compare(operator, value))),
        None => Some(None),
    }
}

fn check(cursor: &mut Cursor<'_>, slots: &[Slot]) -> Option<()> {
    let mut ellipses = slots.iter().filter_map(|slot| match slot {
        Slot::Ellipsis(span) => Some(*span),
        Slot::Field { .. } => None,
    });
    if let Some(second) = ellipses.nth(1) {
        let message = "one `...` is the most: with two, no field between them has a place";
        return cursor.error("filter.ellipsis", message, second, "");
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut repeated = None;
    for slot in slots {
        let Slot::Field { name, span, .. } = slot else { continue };
        if !name.is_empty() && seen.len() < 200 && seen.contains(&name.as_str()) {
            repeated = Some((name.clone(), *span));
        }
        seen.push(name);
    }
    if let Some((name, span)) = repeated {
        let message = format!("two fields are called `{name}`");
        cursor.report(Diagnostic::warning("filter.slot-name", message, span));
    }
    Some(())
}
