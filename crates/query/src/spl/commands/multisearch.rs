//! `multisearch` and `union`: the events of several searches, as one search's.

use super::{Command, Grammar, append, arguments};
use crate::{
    diagnostic::Diagnostic,
    pipeline::SortKey,
    spl::{
        ast::{self, Argument},
        build,
        lowering::{Lower, Lowerer},
        scope::Kind,
    },
};

pub(super) const MULTISEARCH: Command = Command {
    name: "multisearch",
    aliases: &[],
    syntax: "multisearch [<search>] [<search>] …",
    help: "The events of several searches, newest first.",
    example: "| multisearch [search eventName=CreateUser | eval what=\"made\"] [search eventName=DeleteUser | eval what=\"gone\"] | stats count by what",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        if lowerer.started {
            return lowerer.fail("spl.not-first", "`multisearch` begins a search", command.name.span);
        }
        together(lowerer, command)
    },
};

pub(super) const UNION: Command = Command {
    name: "union",
    aliases: &[],
    syntax: "union [<search>] [<search>] …",
    help: "The rows of several searches; after other commands, also theirs.",
    example: "| union [search eventName=CreateUser] [search eventName=DeleteUser] | stats count by eventName",
    generating: true,
    grammar: Grammar::Arguments,
    lower: together,
};

fn together(lowerer: &mut Lowerer<'_>, command: &ast::Command) -> Lower<()> {
    let mut parts = Vec::new();
    for argument in arguments(command) {
        match argument {
            Argument::Subsearch(ast) => {
                let mut part = lowerer.nested(ast)?;
                part.mentioned.clone_from(&lowerer.mentioned);
                parts.push((part, ast.span));
            }
            Argument::Setting(_) => {}
            other => {
                let diagnostic = Diagnostic::error(
                    "spl.unsupported-syntax",
                    "only searches in brackets can be joined",
                    other.span(),
                )
                .with_help("write `[search …]`, or `[| inputlookup name]` for a lookup");
                return Err(lowerer.error(diagnostic));
            }
        }
    }
    let few = if lowerer.started { 1 } else { 2 };
    if parts.len() < few {
        let message = format!("`{}` needs searches in brackets", command.name.text);
        return lowerer.fail("spl.missing-argument", message, command.span);
    }
    let events = parts.iter().all(|(part, _)| part.scope.kind == Kind::Events);
    let events = events && (!lowerer.started || lowerer.scope.kind == Kind::Events);
    let mut parts = parts.into_iter();
    if !lowerer.started
        && let Some((first, _)) = parts.next()
    {
        (lowerer.scan, lowerer.ops, lowerer.scope, lowerer.table) = (first.scan, first.ops, first.scope, first.table);
    }
    for (part, span) in parts {
        append::union(lowerer, part, span);
    }
    // Events stay events, newest first.
    if let Some(ty) = lowerer.scope.made("_time").filter(|_| events) {
        lowerer.scope.kind = Kind::Events;
        let time = build::field("_time", ty, command.name.span);
        lowerer.scope.order_by(vec![SortKey { expr: time, descending: true, numeric: false }], true);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn fields_that_are_read_later_come_along() {
        let ir = rendered(
            "| multisearch [search eventName=a | eval k=1] [search eventName=b] | stats count by k, userIdentity.arn, requestParameters.x",
        );
        assert!(
            ir.contains("'k' = 'k', 'userIdentity.arn' = user_identity_arn")
                || ir.contains("'k', 'userIdentity.arn' = user_identity_arn"),
            "{ir}"
        );
        assert!(ir.contains("'requestParameters.x' = json_get('_raw', \"requestParameters.x\")"), "{ir}");
        assert!(columns("| multisearch [search a] [search b]").contains(&"_raw".to_owned()));
    }

    #[test]
    fn absent_error_codes_stay_success() {
        let ir = rendered("| multisearch [search eventName=a] [search eventName=b] | search errorCode=success");
        assert!(ir.contains("'errorCode' = coalesce(error_code, \"success\")"), "{ir}");
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("| multisearch [search a]"), ["spl.missing-argument"]);
        assert_eq!(codes("* | multisearch [search a] [search b]"), ["spl.not-first"]);
        assert_eq!(codes("| union a b"), ["spl.unsupported-syntax"]);
    }
}
