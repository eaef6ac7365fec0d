//! Conditions on the fields of a space-delimited event. Fields count from the start of the line, or from its end after
//! `...`; without `...` a line has to have exactly as many.

use super::{
    ast::{Form, Operator, Slot, SlotCondition, Value},
    value,
};
use crate::{
    cloudwatch,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

pub(super) fn lower(slots: &[Slot], span: Span) -> Expr {
    let words = build::call(Func::Words, vec![cloudwatch::raw(span)], Type::List, span);
    let ellipsis = slots.iter().position(|slot| matches!(slot, Slot::Ellipsis(_)));
    let fields = slots.len() - usize::from(ellipsis.is_some());
    let mut all = Vec::new();
    if ellipsis.is_none() || fields > 0 {
        let func = if ellipsis.is_some() { Func::Ge } else { Func::Eq };
        let count = build::call(Func::ListCount, vec![words.clone()], Type::Int, span);
        all.push(build::call(func, vec![count, build::int(signed(fields), span)], Type::Bool, span));
    }
    for (at, slot) in slots.iter().enumerate() {
        let Slot::Field { condition: Some(condition), span, .. } = slot else { continue };
        let index = match ellipsis {
            Some(gap) if at > gap => signed(at) - signed(slots.len()),
            _ => signed(at),
        };
        let args = vec![words.clone(), build::int(index, *span)];
        let word = build::call(Func::ListIndex, args, Type::Text, *span);
        all.push(condition_on(&word, condition, *span));
    }
    build::all(all, span)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn condition_on(word: &Expr, condition: &SlotCondition, span: Span) -> Expr {
    let several = |items: &[SlotCondition]| items.iter().map(|item| condition_on(word, item, span)).collect();
    match condition {
        SlotCondition::And(items) => build::all(several(items), span),
        SlotCondition::Or(items) => build::any(several(items), span),
        SlotCondition::Compare(operator, value) => compare(word.clone(), *operator, value, span),
    }
}

fn compare(word: Expr, operator: Operator, value: &Value, span: Span) -> Expr {
    let func = match operator {
        Operator::Eq => return equals(word, value, span),
        // Older guides write `w1=!ERROR`; here a field is always there.
        Operator::Ne => return build::not(build::is_true(equals(word, value, span))),
        Operator::Lt => Func::Lt,
        Operator::Le => Func::Le,
        Operator::Gt => Func::Gt,
        Operator::Ge => Func::Ge,
    };
    let number = build::number(value::ordering_number(value).unwrap_or_default(), value.span);
    build::call(func, vec![build::to_number(word), number], Type::Bool, span)
}

fn equals(word: Expr, value: &Value, span: Span) -> Expr {
    if let Some(number) = value::number(value) {
        let number = build::number(number, value.span);
        return build::call(Func::Eq, vec![build::to_number(word), number], Type::Bool, span);
    }
    let func = match value.form {
        Form::Regex => Func::Regex,
        _ if value.text.contains('*') => Func::Glob,
        _ => Func::Eq,
    };
    build::call(func, vec![word, build::text(value.text.clone(), value.span)], Type::Bool, span)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, codes};

    #[test]
    fn fields_have_places() {
        for (pattern, expected) in [
            ("[a, b]", "list_count(words(raw)) = 2"),
            ("[...]", "true"),
            ("[a, ...]", "list_count(words(raw)) >= 1"),
            ("[w1=ERROR, w2]", r#"(list_count(words(raw)) = 2) and (list_index(words(raw), 0) = "ERROR")"#),
            (
                "[..., status=4*, size > 1000]",
                r#"((list_count(words(raw)) >= 2) and glob(list_index(words(raw), -2), "4*")) and (to_number(list_index(words(raw), -1)) > 1000)"#,
            ),
            (
                "[w1=ERROR || W1=WARN, ...]",
                r#"(list_count(words(raw)) >= 1) and ((list_index(words(raw), 0) = "ERROR") or (list_index(words(raw), 0) = "WARN"))"#,
            ),
            (
                "[s=4* && s!=403]",
                r#"(list_count(words(raw)) = 1) and (glob(list_index(words(raw), 0), "4*") and not is_true(to_number(list_index(words(raw), 0)) = 403))"#,
            ),
            ("[..., x=\"a, b\",]", r#"(list_count(words(raw)) >= 2) and (list_index(words(raw), -2) = "a, b")"#),
        ] {
            check(pattern, expected);
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (pattern, expected) in [
            ("[a, b", &["filter.unclosed"][..]),
            ("[... x=\"y\" ...]", &["filter.syntax"]),
            ("[..., a, ...]", &["filter.ellipsis"]),
            ("[a b]", &["filter.syntax"]),
            ("[a=b c]", &["filter.unquoted-value"]),
            ("[a > b]", &["filter.number"]),
            ("[a, b] c", &["filter.trailing"]),
            ("[a, \"x\"]", &["filter.slot"]),
        ] {
            assert_eq!(codes(pattern), expected, "{pattern}");
        }
    }
}
