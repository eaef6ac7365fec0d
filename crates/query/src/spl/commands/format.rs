//! `format` and `return`: how a subsearch hands its rows to the search around it.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Named, Op},
    spl::{
        ast::{Argument, Word},
        statistics::Settings,
    },
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
        // Its words say how rows and fields are joined; only "any row, all fields" is what selecting does.
        let (settings, words) = super::words(lowerer, arguments(command))?;
        Settings::new(lowerer, &settings, &["maxresults", "emptystr", "mvsep"]);
        let usual = |at: usize, word: &str| words.get(at).is_none_or(|given| given.text.eq_ignore_ascii_case(word));
        if usual(2, "AND") && usual(4, "OR") {
            return Ok(());
        }
        let message = "`format` joins fields by AND and rows by OR; other ways are not supported";
        lowerer.fail("spl.unsupported-syntax", message, command.span)
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
                // The values themselves, as search text.
                Argument::Word(word) if word.text.starts_with('$') => {
                    let field = Word { text: word.text[1..].to_owned(), ..word.clone() };
                    columns.push(Named { name: "search".to_owned(), expr: lowerer.field(&field) });
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
        assert_eq!(codes("[search x | return $user]"), ["spl.subsearch-text"]);
        assert_eq!(
            codes("[search x | stats count by user | fields user | format \"(\" \"(\" \"AND\" \")\" \"OR\" \")\"]"),
            [""; 0]
        );
        assert_eq!(
            codes("[search x | stats count by user | fields user | format \"(\" \"(\" \"OR\" \")\" \"OR\" \")\"]"),
            ["spl.unsupported-syntax"]
        );
        check(
            "a [search x | rename user as search | fields search]",
            "filter contains_ignore_case(raw, \"a\")
             join left on 1 = '__key_2' max 1
               scan cloudtrail
               filter contains_ignore_case(raw, \"x\")
               extend 'search' = user_name
               project '_time' = event_time, 'search', 'eventID' = event_id, '_raw' = raw
               aggregate '__words_1' = values('search')
               extend '__key_2' = 1
             filter is_not_null(list_filter('__words_1', contains_ignore_case(raw, trim('__element', \"\\\"* \"))))
             remove __words_1, __key_2",
        );
    }
}
