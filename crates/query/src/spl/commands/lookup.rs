//! `lookup`: fields from a lookup file.

use super::{Command, Grammar, arguments, required, words};
use crate::{
    pipeline::{Op, Type},
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "lookup",
    aliases: &[],
    syntax: "lookup <name> <column> [as <field>], … [OUTPUT|OUTPUTNEW <column> [as <field>], …]",
    help: "Adds columns of a lookup file whose key columns equal the event's fields.",
    example: "* | lookup identities.csv arn as userIdentity.arn OUTPUT team, owner as contact",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        Settings::new(lowerer, &settings, &["local", "update", "event_time_field"]);
        let table = required(lowerer, words.first(), "the name of a lookup", command)?.text.clone();
        let rest = &words[1..];
        let at = rest.iter().position(|word| word.is("OUTPUT") || word.is("OUTPUTNEW"));
        let (inputs, outputs) = at.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        let only_new = at.is_some_and(|at| rest[at].is("OUTPUTNEW"));
        let on: Vec<_> = pairs(lowerer, inputs)?
            .into_iter()
            .map(|(column, field)| (column.text, build::to_text(lowerer.field(&field))))
            .collect();
        if on.is_empty() {
            return lowerer.fail("spl.missing-argument", "`lookup` needs a column to look up", command.span);
        }
        let output: Vec<_> = match outputs {
            Some(words) => {
                pairs(lowerer, words)?.into_iter().map(|(column, field)| (column.text, field.text)).collect()
            }
            None => Vec::new(),
        };
        before(lowerer, &output, only_new, command.span);
        for (_, field) in &output {
            lowerer.scope.make(field, Type::Text);
        }
        lowerer.scope.loose |= output.is_empty();
        lowerer.push(Op::Lookup { table, on, output, only_new });
        lowerer.unsettle_order();
        Ok(())
    },
};

/// OUTPUTNEW leaves a value that is there alone: one that the event has by that name has to be a field for it.
fn before(lowerer: &mut Lowerer<'_>, output: &[(String, String)], only_new: bool, span: crate::span::Span) {
    for (_, field) in output {
        if only_new && lowerer.scope.made(field).is_none() && lowerer.knows(field) {
            let value = build::to_text(lowerer.name(field, span));
            lowerer.extend(field, value);
        }
    }
}

/// `column [as field]`, repeated.
fn pairs(lowerer: &mut Lowerer<'_>, words: &[Word]) -> Lower<Vec<(Word, Word)>> {
    let mut pairs = Vec::new();
    let mut rest = words;
    while let Some((column, after)) = rest.split_first() {
        match after {
            [keyword, field, more @ ..] if keyword.is("as") => {
                pairs.push((column.clone(), field.clone()));
                rest = more;
            }
            [keyword] if keyword.is("as") => {
                return lowerer.fail("spl.syntax", "a field name is missing after `as`", keyword.span);
            }
            _ => {
                pairs.push((column.clone(), column.clone()));
                rest = after;
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn columns_of_a_file() {
        check(
            "* | lookup ids arn as userIdentity.arn OUTPUT team, owner AS contact | where team=\"x\"",
            "lookup ids on arn = user_identity_arn output team as 'team', owner as 'contact'
             filter 'team' = \"x\"",
        );
        check(
            "* | lookup ids user OUTPUTNEW awsRegion | stats count",
            "extend 'awsRegion' = aws_region
             lookup ids on user = user_name output awsRegion as 'awsRegion' only-new
             aggregate 'count' = count()",
        );
        check(
            "* | lookup ids user | where team=\"x\"",
            "lookup ids on user = user_name output *
             filter coalesce('team', $.team) = \"x\"",
        );
        assert_eq!(codes("* | lookup"), ["spl.missing-argument"]);
        assert_eq!(codes("* | lookup ids"), ["spl.missing-argument"]);
        assert_eq!(codes("* | lookup ids a as"), ["spl.syntax"]);
    }
}
