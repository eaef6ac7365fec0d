//! `where`: keeps the rows for which an eval condition holds.

use super::{Command, Grammar};
use crate::spl::ast::Body;

pub(super) const COMMAND: Command = Command {
    name: "where",
    aliases: &[],
    syntax: "where <condition>",
    help: "Keeps the rows for which a condition holds; values compare with their case.",
    example: "* | stats count by user | where count > 10 AND like(user, \"admin%\")",
    generating: false,
    grammar: Grammar::Condition,
    lower: |lowerer, command| match &command.body {
        Body::Condition(condition) => {
            let predicate = lowerer.condition(condition)?;
            lowerer.filter(predicate);
            Ok(())
        }
        _ => Ok(()),
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn case_matters_and_and_binds_tighter() {
        check(
            "* | where eventName=\"a\" OR awsRegion=\"b\" and eventSource!=\"c\"",
            "filter (event_name = \"a\") or ((aws_region = \"b\") and (event_source != \"c\"))",
        );
        check("* | where NOT isnull('userIdentity.arn')", "filter not is_null(user_identity_arn)");
        check("* | where eventName IN (\"a\", \"b\")", "filter in(event_name, \"a\", \"b\")");
        check("* | where eventName LIKE \"a%\"", "filter like(event_name, \"a%\")");
        check(
            "* | where match(eventName, \"^a\") XOR true()",
            "filter (is_true(regex(event_name, \"^a\")) and not true) or (not is_true(regex(event_name, \"^a\")) and true)",
        );
    }

    #[test]
    fn numbers_compare_as_numbers() {
        check("* | where 'requestParameters.x' > 5", "filter to_number($.requestParameters.x) > 5");
        check("* | where 'requestParameters.x' > \"5\"", "filter to_number($.requestParameters.x) > 5");
        check("* | where 'requestParameters.x' = \"5\"", "filter $.requestParameters.x = \"5\"");
        check("* | stats count | where count=\"a\"", "aggregate 'count' = count()\nfilter to_text('count') = \"a\"");
        check("* | where _time >= relative_time(now(), \"-1d@d\")", "filter event_time >= 2018-07-25T00:00:00Z");
        check("* | where _time > 5", "filter to_number(event_time) > 5");
        check("* | where readOnly=\"true\"", "filter read_only = true");
    }

    #[test]
    fn lists_match_by_any_element() {
        check("* | where 'resources{}.ARN'=\"x\"", "filter $.resources[*].ARN = \"x\"");
        check("* | where \"x\"='resources{}.ARN'", "filter $.resources[*].ARN = \"x\"");
    }

    #[test]
    fn bare_dots_are_read_as_a_field_with_a_warning() {
        check("* | where isnull(userIdentity.arn)", "filter is_null(user_identity_arn)");
        assert_eq!(codes("* | where isnull(userIdentity.arn)"), ["spl.bare-dots"]);
        check(
            "* | eval a=1, b=2 | where a.b=\"12\"",
            "extend 'a' = 1, 'b' = 2\nfilter concat(to_text('a'), to_text('b')) = \"12\"",
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | where \"a\""), ["spl.condition"]);
        assert_eq!(codes("* | where a ="), ["spl.syntax"]);
        assert_eq!(codes("* | where a = (1"), ["spl.syntax"]);
        assert_eq!(codes("* | where nosuch(1)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | where isnull()"), ["spl.arity"]);
        assert_eq!(codes("* | where match(eventName, \"(\")"), ["spl.regex"]);
    }
}
