//! `fields`: keeps or removes fields; rows that are events stay events.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Item, Named, Op},
    spl::{
        ast::Word,
        build,
        lowering::Lowerer,
        scope::{Base, Kind, Made},
        wildcard,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "fields",
    aliases: &[],
    syntax: "fields [+|-] <field>, …",
    help: "Keeps the fields, or with - removes them; * is a wildcard.",
    example: "* | fields user, eventName | fields - _raw",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, mut words) = words(lowerer, arguments(command))?;
        let remove = sign(&mut words) == Some('-');
        if words.is_empty() {
            return lowerer.fail("spl.missing-argument", "`fields` needs a field", command.span);
        }
        match (remove, lowerer.scope.base) {
            (true, _) => self::remove(lowerer, &words),
            (false, Base::Events) => keep_of_event(lowerer, &words),
            (false, _) => keep(lowerer, &words),
        }
        Ok(())
    },
};

/// Takes a leading `+` or `-`, alone or before the first name.
fn sign(words: &mut Vec<Word>) -> Option<char> {
    let first = words.first_mut().filter(|word| !word.quoted)?;
    let sign = first.text.chars().next().filter(|c| matches!(c, '+' | '-'))?;
    first.text.remove(0);
    if first.text.is_empty() {
        words.remove(0);
    }
    Some(sign)
}

/// Keeps fields of a table; names from before a pivot or lookup may be any.
pub(super) fn keep(lowerer: &mut Lowerer<'_>, words: &[Word]) {
    let Base::Fields(ty) = lowerer.scope.base else {
        let kind = lowerer.scope.kind;
        let mut words = words.to_vec();
        if kind == Kind::Events {
            words.extend(
                ["_time", "_raw", "eventID"]
                    .iter()
                    .filter(|name| lowerer.scope.made(name).is_some())
                    .map(|name| word(name)),
            );
        }
        let columns = lowerer.columns(&words);
        lowerer.project(columns);
        lowerer.scope.kind = kind;
        return;
    };
    let item = |word: &Word| match word.text.contains('*') {
        true => Item::Matching(word.text.clone()),
        false => {
            let ty = lowerer.scope.made(&word.text).unwrap_or(ty);
            Item::Named(Named { name: word.text.clone(), expr: build::field(&word.text, ty, word.span) })
        }
    };
    let items = words.iter().map(item).collect();
    lowerer.settle_order();
    lowerer.push(Op::Project { items });
    if words.iter().all(|word| !word.text.contains('*')) {
        let fields = words
            .iter()
            .map(|word| Made { name: word.text.clone(), ty: lowerer.scope.made(&word.text).unwrap_or(ty) })
            .collect();
        lowerer.scope.close(fields);
    }
}

/// Events keep their time, their raw text and their id.
fn keep_of_event(lowerer: &mut Lowerer<'_>, words: &[Word]) {
    if words.iter().any(|word| word.text == "*") {
        return;
    }
    let mut wanted = vec![word("_time")];
    wanted.extend(words.iter().cloned());
    wanted.extend(["eventID", "_raw"].iter().map(|name| word(name)));
    wanted.retain(|word| word.span != crate::span::Span::default() || !lowerer.scope.is_hidden(&word.text));
    let columns = lowerer.columns(&wanted);
    lowerer.project(columns);
    lowerer.scope.kind = Kind::Events;
}

fn word(name: &str) -> Word {
    Word { text: name.to_owned(), span: crate::span::Span::default(), quoted: false }
}

fn remove(lowerer: &mut Lowerer<'_>, words: &[Word]) {
    let matches = |name: &str| words.iter().any(|word| wildcard::matches(&word.text, name));
    match lowerer.scope.base {
        Base::Closed => {
            let kind = lowerer.scope.kind;
            let span = words.first().map(|word| word.span).unwrap_or_default();
            let kept = lowerer.scope.fields.iter().filter(|made| !matches(&made.name));
            let kept = kept
                .map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) })
                .collect();
            if drops_order(lowerer, words) {
                lowerer.settle_order();
            }
            lowerer.project(kept);
            lowerer.scope.kind = kind;
        }
        Base::Fields(_) => {
            lowerer.scope.fields.retain(|made| !matches(&made.name));
            lowerer.push(Op::Remove { patterns: words.iter().map(|word| word.text.clone()).collect() });
        }
        Base::Events => {
            let gone: Vec<String> =
                lowerer.scope.fields.iter().map(|made| made.name.clone()).filter(|name| matches(name)).collect();
            for name in &gone {
                lowerer.scope.forget(name);
            }
            lowerer.scope.hidden.extend(words.iter().map(|word| word.text.clone()));
            if !gone.is_empty() {
                lowerer.push(Op::Remove { patterns: gone });
            }
        }
    }
}

/// Whether a field goes by which the rows have yet to be sorted.
fn drops_order(lowerer: &Lowerer<'_>, words: &[Word]) -> bool {
    lowerer.scope.order.iter().any(|key| match &key.expr.kind {
        crate::pipeline::ExprKind::Field(name) => words.iter().any(|word| wildcard::matches(&word.text, name)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, columns};

    #[test]
    fn events_stay_events() {
        assert_eq!(columns("* | fields user, eventName"), ["_time", "user", "eventName", "eventID", "_raw"]);
        assert_eq!(columns("* | fields + user"), ["_time", "user", "eventID", "_raw"]);
        assert_eq!(columns("* | fields user | fields - _raw, eventID"), ["_time", "user"]);
        assert!(!columns("* | fields - _raw user").iter().any(|name| name == "_raw" || name == "user"));
        assert!(columns("* | fields *").contains(&"eventName".to_owned()));
        check("* | eval a=1 | fields - a | stats count", "extend 'a' = 1\nremove a\naggregate 'count' = count()");
    }

    #[test]
    fn tables() {
        assert_eq!(columns("* | stats count dc(user) by awsRegion | fields awsRegion count"), ["awsRegion", "count"]);
        assert_eq!(columns("* | stats count dc(user) by awsRegion | fields - dc*"), ["awsRegion", "count"]);
        assert_eq!(columns("* | stats count dc(user) by awsRegion | fields -count"), ["awsRegion", "dc(user)"]);
        check(
            "| inputlookup x.csv | fields a, b | fields - b",
            "lookup-file x.csv
             project 'a', 'b'
             project 'a'",
        );
        check("| inputlookup x.csv | fields - b | where a=\"1\"", "lookup-file x.csv\nremove b\nfilter 'a' = \"1\"");
    }
}
