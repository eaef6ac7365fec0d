//! `sort`: orders rows; numbers as numbers, 10,000 rows unless told.

use super::{Command, Grammar, arguments};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Op, SortKey, Type},
    spl::{
        ast::{Argument, Word},
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
    },
};

/// Rows kept where no number is given.
const LIMIT: u64 = 10_000;

pub(super) const COMMAND: Command = Command {
    name: "sort",
    aliases: &[],
    syntax: "sort [<n>] [+|-]<field>, … [desc]",
    help: "Sorts by fields, - for descending; keeps 10000 rows unless n is given, 0 for all.",
    example: "* | stats count by user | sort 0 -count, +user",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let arguments = arguments(command);
        let (mut keys, limit) = read(lowerer, arguments)?;
        if keys.is_empty() {
            return lowerer.fail("spl.missing-argument", "`sort` needs a field", command.span);
        }
        let mut order: Vec<SortKey> = Vec::new();
        for key in keys.drain(..) {
            order.extend(lower(lowerer, &key));
        }
        if order.is_empty() {
            return Ok(());
        }
        let asked = order.len();
        // Rows that are equal stay in the order they had.
        let before = std::mem::take(&mut lowerer.scope.order);
        order.extend(
            before
                .into_iter()
                .filter(|key| !order.iter().any(|known| known.expr.kind == key.expr.kind))
                .collect::<Vec<_>>(),
        );
        order.truncate(MOST_KEYS.max(asked));
        let limit = (limit != 0).then_some(limit);
        lowerer.push(Op::Sort { keys: order.clone(), limit });
        lowerer.scope.order_by(order, false);
        Ok(())
    },
};

/// Keys kept of the orders before: enough for any tie that matters.
const MOST_KEYS: usize = 8;

/// One field to sort by.
struct Key {
    field: Word,
    descending: bool,
    /// `num`, `str`, `ip` or `auto`.
    by: String,
}

fn read(lowerer: &mut Lowerer<'_>, arguments: &[Argument]) -> Lower<(Vec<Key>, u64)> {
    let mut keys: Vec<Key> = Vec::new();
    let mut limit = LIMIT;
    let mut sign = None;
    for (index, argument) in arguments.iter().enumerate() {
        let (word, by) = match argument {
            Argument::Setting(setting) if setting.name.is("limit") => {
                limit = count(lowerer, &setting.value)?;
                continue;
            }
            Argument::Word(word) => (word.clone(), String::from("auto")),
            Argument::Call { name, args } if args.len() == 1 => {
                let (text, minus) = unsigned(&name.text);
                sign = minus.or(sign);
                (args[0].clone(), text.to_ascii_lowercase())
            }
            other => return lowerer.fail("spl.syntax", "a field to sort by is expected here", other.span()),
        };
        let last = index + 1 == arguments.len() && !keys.is_empty();
        if !word.quoted && word.text.parse::<u64>().is_ok() && keys.is_empty() && sign.is_none() {
            limit = count(lowerer, &word)?;
        } else if !word.quoted && matches!(word.text.as_str(), "-" | "+") {
            sign = Some(word.text == "-");
        } else if last && (word.is("desc") || word.is("d")) {
            keys.iter_mut().for_each(|key| key.descending = !key.descending);
        } else if last && (word.is("asc") || word.is("a")) {
        } else {
            let (text, minus) = if word.quoted { (word.text.as_str(), None) } else { unsigned(&word.text) };
            let descending = minus.or(sign.take()).unwrap_or(false);
            let field = Word { text: text.to_owned(), ..word };
            keys.push(Key { field, descending, by });
        }
    }
    Ok((keys, limit))
}

/// A name without its sign, and whether that was a minus.
fn unsigned(text: &str) -> (&str, Option<bool>) {
    match text.split_at_checked(1) {
        Some(("-", rest)) if !rest.is_empty() => (rest, Some(true)),
        Some(("+", rest)) if !rest.is_empty() => (rest, Some(false)),
        _ => (text, None),
    }
}

fn count(lowerer: &mut Lowerer<'_>, word: &Word) -> Lower<u64> {
    match word.text.parse() {
        Ok(count) => Ok(count),
        Err(_) => lowerer.fail("spl.number", format!("`{}` is not a whole number", word.text), word.span),
    }
}

fn lower(lowerer: &mut Lowerer<'_>, key: &Key) -> Option<SortKey> {
    let name = &key.field.text;
    if lowerer.scope.base == Base::Closed && lowerer.scope.made(name).is_none() && !lowerer.scope.loose {
        let known = lowerer.scope.fields.iter().map(|made| made.name.as_str());
        let near = crate::spl::suggest::nearest(name, known).map(str::to_owned);
        let mut warning =
            Diagnostic::warning("spl.no-such-field", format!("there is no field `{name}` to sort by"), key.field.span);
        if let Some(near) = near {
            warning = warning.with_help(format!("did you mean `{near}`?")).with_suggestion(near);
        }
        lowerer.warn(warning);
        return None;
    }
    let expr = lowerer.field(&key.field);
    let (expr, numeric) = match key.by.as_str() {
        "num" => (build::to_number(expr), false),
        "str" => (build::to_text(expr), false),
        _ => {
            let numeric = matches!(expr.ty, Type::Text | Type::Any | Type::List);
            (expr, numeric)
        }
    };
    Some(SortKey { expr, descending: key.descending, numeric })
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    /// The sort that `sort …` makes after `stats count sum(bytesIn) as bytes by user`.
    fn sorted(arguments: &str, expected: &str) {
        check(
            &format!("* | stats count sum(bytesIn) as bytes by user | sort {arguments}"),
            &format!("aggregate 'count' = count(), 'bytes' = sum(bytes_in) by 'user' = user_name\nsort {expected}"),
        );
    }

    #[test]
    fn all_forms() {
        sorted("count", "'count', 'user' auto limit 10000");
        sorted("- count", "'count' desc, 'user' auto limit 10000");
        sorted("-count", "'count' desc, 'user' auto limit 10000");
        sorted("0 - count", "'count' desc, 'user' auto");
        sorted("5 -count, +bytes", "'count' desc, 'bytes', 'user' auto limit 5");
        sorted("limit=7 count", "'count', 'user' auto limit 7");
        sorted("count desc", "'count' desc, 'user' auto limit 10000");
        sorted("-num(count) str(user)", "'count' desc, 'user' limit 10000");
        sorted("- num(count)", "'count' desc, 'user' auto limit 10000");
        sorted("ip(user)", "'user' auto limit 10000");
        sorted("user", "'user' auto limit 10000");
    }

    #[test]
    fn a_field_that_is_not_there_changes_nothing() {
        sorted("Count", "'user' auto");
        assert_eq!(codes("* | stats count by user | sort - Count"), ["spl.no-such-field"]);
        assert_eq!(codes("* | sort"), ["spl.missing-argument"]);
    }

    #[test]
    fn events() {
        check("* | sort _time | table user", "sort event_time limit 10000\nproject 'user' = user_name");
        check("* | sort user | head 2", "sort user_name auto, event_time desc limit 10000\nlimit 2");
    }
}
