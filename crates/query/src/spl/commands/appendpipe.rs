//! `appendpipe` and `multireport`: commands that work on the rows there are, and give rows of their own.

use super::{Command, Grammar, append, arguments};
use crate::spl::{
    ast::{self, Argument, Ast},
    lowering::{Lower, Lowerer},
};

pub(super) const APPENDPIPE: Command = Command {
    name: "appendpipe",
    aliases: &[],
    syntax: "appendpipe [run_in_preview=<bool>] [<commands>]",
    help: "Adds below the rows what commands make of them, such as subtotals.",
    example: "* | stats count by user, eventName | appendpipe [stats sum(count) as count by user | eval eventName=\"all\"]",
    generating: false,
    grammar: Grammar::Commands,
    lower: |lowerer, command| {
        let Some(ast) = brackets(command).next() else {
            return lowerer.fail("spl.missing-argument", "`appendpipe` needs commands in brackets", command.span);
        };
        let right = branch(lowerer, ast)?;
        append::union(lowerer, right, ast.span);
        Ok(())
    },
};

pub(super) const MULTIREPORT: Command = Command {
    name: "multireport",
    aliases: &[],
    syntax: "multireport [<commands>] [<commands>] …",
    help: "The rows that several runs of commands make of the same rows, one below the other.",
    example: "* | multireport [stats count by user] [stats count by eventName]",
    generating: false,
    grammar: Grammar::Commands,
    lower: |lowerer, command| {
        let mut parts = Vec::new();
        for ast in brackets(command) {
            parts.push((branch(lowerer, ast)?, ast.span));
        }
        let mut parts = parts.into_iter();
        let Some((first, _)) = parts.next() else {
            return lowerer.fail("spl.missing-argument", "`multireport` needs commands in brackets", command.span);
        };
        (lowerer.scan, lowerer.ops, lowerer.scope) = (first.scan, first.ops, first.scope);
        for (part, span) in parts {
            append::union(lowerer, part, span);
        }
        Ok(())
    },
};

fn brackets(command: &ast::Command) -> impl Iterator<Item = &Ast> {
    arguments(command).iter().filter_map(|argument| match argument {
        Argument::Subsearch(ast) => Some(ast),
        _ => None,
    })
}

/// The rows there are, and what the commands make of them. What a branch writes is written once: by itself.
fn branch<'e>(lowerer: &mut Lowerer<'e>, ast: &Ast) -> Lower<Lowerer<'e>> {
    let mut right = lowerer.branch(ast.span)?;
    let done = right.go_on(ast);
    lowerer.diagnostics.append(&mut right.diagnostics);
    done.map(|()| right)
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn subtotals() {
        check(
            "* | stats count by user | appendpipe [stats sum(count) as count]",
            "aggregate 'count' = count() by 'user' = user_name
             sort 'user' auto
             union
               scan cloudtrail
               aggregate 'count' = count() by 'user' = user_name
               aggregate 'count' = sum('count')",
        );
        assert_eq!(
            columns("* | multireport [stats count by user] [stats count by eventName]"),
            ["user", "count", "eventName"]
        );
        assert_eq!(codes("* | appendpipe"), ["spl.missing-argument"]);
        assert_eq!(codes("* | appendpipe [statz count]"), ["spl.unknown-command"]);
    }

    #[test]
    fn doubling_ends() {
        let query = format!("* | stats count by user {}", "| appendpipe [stats count by user] ".repeat(40));
        assert!(codes(&query).contains(&"spl.too-complex".to_owned()));
    }
}
