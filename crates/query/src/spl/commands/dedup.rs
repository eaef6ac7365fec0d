//! `dedup`: the first rows of each combination of values.

use super::{Command, Grammar, appendcols, arguments};
use crate::{
    pipeline::{Func, Op, SortKey, Type},
    spl::{
        ast::{Argument, Word},
        build,
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "dedup",
    aliases: &[],
    syntax: "dedup [<n>] <field>, … [keepempty=<bool>] [sortby [+|-]<field>, …]",
    help: "Keeps the first (n) rows of each combination of values; events come newest first.",
    example: "* | dedup user sortby -_time | table user, _time",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (mut settings, mut words) = (Vec::new(), Vec::new());
        for argument in arguments(command) {
            match argument {
                Argument::Setting(setting) => settings.push(setting.clone()),
                Argument::Word(word) => words.push(word.clone()),
                Argument::Call { args, .. } => words.extend(args.iter().cloned()),
                other => return lowerer.fail("spl.syntax", "a field name is expected here", other.span()),
            }
        }
        let settings = Settings::new(lowerer, &settings, &["keepempty", "keepevents", "consecutive"]);
        for option in ["keepevents", "consecutive"] {
            if settings.truth(option) == Some(true) {
                return lowerer.fail(
                    "spl.unsupported-option",
                    format!("`{option}=true` is not supported yet"),
                    command.span,
                );
            }
        }
        let (fields, sort) = super::split_at(&words, "sortby");
        let (fields, count) = match fields.split_first() {
            Some((first, rest)) if !first.quoted && !rest.is_empty() => {
                first.text.parse().map_or((fields, 1), |count: u64| (rest, count.max(1)))
            }
            _ => (fields, 1),
        };
        if fields.is_empty() {
            return lowerer.fail("spl.missing-argument", "`dedup` needs a field", command.span);
        }
        let keys: Vec<_> = fields.iter().map(|word| lowerer.field(word)).collect();
        let order: Vec<SortKey> = sort
            .iter()
            .filter(|word| !matches!(word.text.as_str(), "-" | "+"))
            .map(|word| sort_key(lowerer, word, sort))
            .collect();
        if !order.is_empty() {
            lowerer.scope.order_by(order, true);
        }
        lowerer.settle_order();
        let keep_null = settings.truth("keepempty").unwrap_or(false);
        let (mut keys, mut row) = (keys, None);
        if keep_null {
            // A row without a value is like no other.
            let number = appendcols::number(lowerer);
            let missing = build::any(keys.iter().cloned().map(build::is_null).collect(), command.span);
            let own = vec![missing, build::field(&number, Type::Int, command.span), build::int(0, command.span)];
            keys.push(build::call(Func::If, own, Type::Int, command.span));
            row = Some(number);
        }
        lowerer.push(Op::Dedup { keys, count, keep_null });
        if let Some(row) = row {
            lowerer.push(Op::Remove { patterns: vec![row] });
        }
        lowerer.unsettle_order();
        Ok(())
    },
};

/// A `sortby` field, whose sign may stand before it by itself.
fn sort_key(lowerer: &mut crate::spl::lowering::Lowerer<'_>, word: &Word, all: &[Word]) -> SortKey {
    let at = all.iter().position(|other| std::ptr::eq(other, word)).unwrap_or(0);
    let alone = at.checked_sub(1).and_then(|before| all.get(before)).is_some_and(|before| before.text == "-");
    let descending = alone || word.text.starts_with('-');
    let name = word.text.trim_start_matches(['-', '+']);
    let expr = lowerer.name(name, word.span);
    SortKey { numeric: matches!(expr.ty, Type::Text | Type::Any), expr, descending }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn keeps_the_first() {
        check(
            "* | dedup user | table user",
            "sort event_time desc\ndedup 1 by user_name\nsort event_time desc\nproject 'user' = user_name",
        );
        check(
            "* | dedup 3 user, awsRegion keepempty=t | stats count",
            "sort event_time desc
             window '__row_1' = count() order event_time desc rows all and current
             dedup 3 by user_name, aws_region, if(is_null(user_name) or is_null(aws_region), '__row_1', 0) keep-null
             remove __row_1
             aggregate 'count' = count()",
        );
        check(
            "* | dedup user sortby _time | stats count",
            "sort event_time\ndedup 1 by user_name\naggregate 'count' = count()",
        );
        check(
            "* | dedup user sortby - _time | stats count",
            "sort event_time desc\ndedup 1 by user_name\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | dedup"), ["spl.missing-argument"]);
        assert_eq!(codes("* | dedup user consecutive=true"), ["spl.unsupported-option"]);
    }
}
