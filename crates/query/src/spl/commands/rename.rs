//! `rename`: gives fields other names, one by one or by wildcard.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Named, Op},
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
        wildcard,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "rename",
    aliases: &[],
    syntax: "rename <field> as <name>, …",
    help: "Renames fields; `rename userIdentity.* as *` renames many.",
    example: "* | rename userIdentity.arn as arn, requestParameters.* as *",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let pairs = pairs(lowerer, &words)?;
        match lowerer.scope.base {
            Base::Events => pairs.iter().for_each(|(from, to)| rename_in_event(lowerer, from, to)),
            Base::Closed => rename_in_table(lowerer, &pairs),
            Base::Fields(_) => rename_unknown(lowerer, &pairs),
        }
        Ok(())
    },
};

fn pairs(lowerer: &mut Lowerer<'_>, words: &[Word]) -> Lower<Vec<(Word, Word)>> {
    let mut pairs = Vec::new();
    for chunk in words.chunks(3) {
        match chunk {
            [from, keyword, to] if keyword.is("as") => {
                let stars = |word: &Word| word.text.matches('*').count();
                if stars(from) != stars(to) {
                    return lowerer.fail("spl.rename-wildcards", "both names need as many `*`", from.span.to(to.span));
                }
                pairs.push((from.clone(), to.clone()));
            }
            _ => {
                let span = chunk.iter().map(|word| word.span).reduce(crate::span::Span::to).unwrap_or_default();
                return lowerer.fail("spl.syntax", "`rename` takes pairs: `field as name`", span);
            }
        }
    }
    Ok(pairs)
}

/// While rows are events, a renamed field is a new one, and the old name is gone.
fn rename_in_event(lowerer: &mut Lowerer<'_>, from: &Word, to: &Word) {
    if from.text == to.text {
        return;
    }
    if !from.text.contains('*') {
        let value = lowerer.field(from);
        lowerer.extend(&to.text, value);
        lowerer.scope.forget(&from.text);
        return;
    }
    let made: Vec<String> = lowerer.scope.fields.iter().map(|made| made.name.clone()).collect();
    for name in made {
        if let Some(captures) = wildcard::captures(&from.text, &name) {
            let value = lowerer.name(&name, from.span);
            lowerer.extend(&wildcard::fill(&to.text, &captures), value);
            lowerer.scope.forget(&name);
        }
    }
    // `prefix.* as *`: the record's names below the prefix can be read without it from here on.
    match (from.text.strip_suffix('*'), to.text.as_str()) {
        (Some(prefix), "*") if !prefix.contains('*') => lowerer.scope.prefixes.push(prefix.to_owned()),
        _ => {
            for name in lowerer.expand(&from.text) {
                if let Some(captures) = wildcard::captures(&from.text, &name) {
                    let value = lowerer.name(&name, from.span);
                    lowerer.extend(&wildcard::fill(&to.text, &captures), value);
                }
            }
        }
    }
}

/// A table's fields are known: the renaming is a projection.
fn rename_in_table(lowerer: &mut Lowerer<'_>, pairs: &[(Word, Word)]) {
    let kind = lowerer.scope.kind;
    let span = pairs.iter().map(|(from, to)| from.span.to(to.span)).reduce(crate::span::Span::to).unwrap_or_default();
    let fields = lowerer.scope.fields.iter();
    let mut columns: Vec<Named> =
        fields.map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) }).collect();
    for (from, to) in pairs {
        let mut hit = false;
        for column in &mut columns {
            let new = wildcard::captures(&from.text, &column.name).map(|captures| wildcard::fill(&to.text, &captures));
            hit |= new.is_some();
            column.name = new.unwrap_or_else(|| std::mem::take(&mut column.name));
        }
        if !hit && !from.text.contains('*') {
            let expr = lowerer.field(from);
            columns.push(Named { name: to.text.clone(), expr });
        }
    }
    // The last one renamed to a name takes it.
    let mut kept: Vec<Named> = Vec::new();
    for column in columns {
        let renamed = !matches!(&column.expr.kind, crate::pipeline::ExprKind::Field(name) if *name == column.name);
        match kept.iter_mut().find(|known| known.name == column.name) {
            Some(known) if renamed => *known = column,
            Some(_) => {}
            None => kept.push(column),
        }
    }
    lowerer.project(kept);
    lowerer.scope.kind = kind;
}

/// After a pivot or over a lookup file any name may exist.
fn rename_unknown(lowerer: &mut Lowerer<'_>, pairs: &[(Word, Word)]) {
    for (from, to) in pairs {
        for made in &mut lowerer.scope.fields {
            if let Some(captures) = wildcard::captures(&from.text, &made.name) {
                made.name = wildcard::fill(&to.text, &captures);
            }
        }
    }
    let pairs = pairs.iter().map(|(from, to)| (from.text.clone(), to.text.clone())).collect();
    lowerer.push(Op::Rename { pairs });
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn events() {
        check(
            "* | rename requestParameters.x as x, userIdentity.arn AS \"the arn\" | stats count by x, \"the arn\"",
            "extend 'x' = $.requestParameters.x, 'the arn' = user_identity_arn
             aggregate 'count' = count() by 'x' = 'x', 'the arn' = 'the arn'
             sort 'x' auto, 'the arn' auto",
        );
        check(
            "* | rename requestParameters.* as * | stats count by bucketName",
            "aggregate 'count' = count() by 'bucketName' = coalesce(request_bucket_name, $.bucketName)
             sort 'bucketName' auto",
        );
        assert_eq!(
            codes("* | rename userIdentity.arn as arn | stats count by userIdentity.arn"),
            ["spl.no-such-field"]
        );
    }

    #[test]
    fn tables() {
        assert_eq!(
            columns("* | stats count as c max(_time) as last by user | rename c as Count, last as user"),
            ["user", "Count"]
        );
        check(
            "* | stats count by user | rename count as n, user as who | where n > 1",
            "aggregate 'count' = count() by 'user' = user_name
             project 'who' = 'user', 'n' = 'count'
             filter 'n' > 1
             sort 'who' auto",
        );
        assert_eq!(
            columns("* | stats count by userIdentity.type, userIdentity.arn | rename userIdentity.* as *"),
            ["type", "arn", "count"]
        );
        assert_eq!(codes("* | stats count | rename nothing as x"), ["spl.no-such-field"]);
    }

    #[test]
    fn unknown_columns() {
        check("| inputlookup x | rename a.* as *", "lookup-file x\nrename a.* -> *");
        assert_eq!(codes("* | rename a.* as b"), ["spl.rename-wildcards"]);
        assert_eq!(codes("* | rename a b"), ["spl.syntax"]);
    }
}
