//! `head`: the first rows.

use super::{Command, Grammar, arguments, words};
use crate::{pipeline::Op, spl::statistics::Settings};

pub(super) const COMMAND: Command = Command {
    name: "head",
    aliases: &[],
    syntax: "head [<n>]",
    help: "Keeps the first n rows (10); events come newest first.",
    example: "errorCode=AccessDenied | head 5",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["limit", "null", "keeplast"]);
        let count = match words.first() {
            None => settings.count(lowerer, "limit")?.unwrap_or(10),
            Some(word) => match word.text.parse() {
                Ok(count) => count,
                Err(_) => {
                    let message = "`head` with a condition is not supported yet";
                    let diagnostic = crate::diagnostic::Diagnostic::error("spl.unsupported-syntax", message, word.span)
                        .with_help("write `head 10`");
                    return Err(lowerer.error(diagnostic));
                }
            },
        };
        if !lowerer.settle_order_limited(Some(count)) {
            lowerer.push(Op::Limit { count, skip: 0 });
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn first_rows() {
        check("* | head 5 | stats count", "sort event_time desc limit 5\naggregate 'count' = count()");
        check("* | head | stats count", "sort event_time desc limit 10\naggregate 'count' = count()");
        check(
            "* | stats count by user | sort - count | head limit=3",
            "aggregate 'count' = count() by 'user' = user_name\nsort 'count' desc, 'user' auto limit 10000\nlimit 3",
        );
        assert_eq!(codes("* | head x"), ["spl.unsupported-syntax"]);
    }
}
