//! `format` and `return`: how a subsearch hands its rows to the search around it.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Named, Op},
    spl::ast::{Argument, Word},
};

pub(super) const COMMAND: Command = Command {
    name: "format",
    aliases: &[],
    syntax: "format",
    help: "Ends a subsearch whose rows select; it is what happens without it, too.",
    example: "* [search errorCode=AccessDenied | stats count by user | fields user | format]",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let plain = arguments(command).is_empty();
        if plain {
            Ok(())
        } else {
            lowerer.fail("spl.unsupported-syntax", "`format` with arguments is not supported yet", command.span)
        }
    },
};

pub(super) const RETURN: Command = Command {
    name: "return",
    aliases: &[],
    syntax: "return [<n>] <field> …",
    help: "Ends a subsearch: its first (n) rows select by these fields; `return a=b` names b a.",
    example: "* [search errorCode=AccessDenied | top user | return 5 user]",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let mut count = 1;
        let mut columns = Vec::new();
        for argument in arguments(command) {
            match argument {
                Argument::Word(word) if columns.is_empty() && word.text.parse::<u64>().is_ok() => {
                    count = word.text.parse().unwrap_or(1)
                }
                Argument::Word(Word { text, span, .. }) if text.starts_with('$') => {
                    return lowerer.fail(
                        "spl.unsupported-subsearch",
                        "`return $field` (values as search text) is not supported yet",
                        *span,
                    );
                }
                Argument::Word(word) => columns.push(Named { name: word.text.clone(), expr: lowerer.field(word) }),
                Argument::Setting(setting) => {
                    columns.push(Named { name: setting.name.text.clone(), expr: lowerer.field(&setting.value) })
                }
                other => return lowerer.fail("spl.syntax", "a field name is expected here", other.span()),
            }
        }
        if columns.is_empty() {
            return lowerer.fail("spl.missing-argument", "`return` needs a field", command.span);
        }
        if !lowerer.settle_order_limited(Some(count)) {
            lowerer.push(Op::Limit { count, skip: 0 });
        }
        lowerer.project(columns);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn returned_fields_select() {
        check(
            "[search x | return 2 who=user]",
            "join inner on lower($.who) = '__key_2' max 1
               scan cloudtrail
               filter contains_ignore_case(raw, \"x\")
               sort event_time desc limit 2
               project 'who' = user_name
               aggregate  by '__key_2' = lower('who')
               extend '__selected_1' = true
             remove __key_2, __selected_1",
        );
        assert_eq!(codes("[search x | return $user]"), ["spl.unsupported-subsearch"]);
    }
}
