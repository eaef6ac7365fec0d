//! `eval`: computes fields.

use super::{Command, Grammar};
use crate::spl::ast::Body;

pub(super) const COMMAND: Command = Command {
    name: "eval",
    aliases: &[],
    syntax: "eval <field>=<expression>, …",
    help: "Computes fields; later ones see earlier ones.",
    example: "* | eval who=coalesce(userName, 'userIdentity.arn'), day=strftime(_time, \"%F\")",
    generating: false,
    grammar: Grammar::Assignments,
    lower: |lowerer, command| {
        let Body::Assignments(assignments) = &command.body else { return Ok(()) };
        let mut result = Ok(());
        for assignment in assignments {
            // `eval {key}=value` names the field by another's value: columns are not known before the rows are.
            if assignment.field.text.contains('{') && assignment.field.text.starts_with('{') {
                let message = "a field named by another field's value is not supported yet";
                result = lowerer.fail("spl.unsupported-syntax", message, assignment.field.span);
                continue;
            }
            match lowerer.expr(&assignment.value) {
                Ok(value) => lowerer.extend(&assignment.field.text, value),
                Err(reported) => {
                    lowerer.scope.make(&assignment.field.text, crate::pipeline::Type::Any);
                    result = Err(reported);
                }
            }
        }
        result
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, value};

    #[test]
    fn later_assignments_see_earlier_ones() {
        check("* | eval a=1, b=a+1", "extend 'a' = 1, 'b' = 'a' + 1");
        check("* | eval \"my field\"=1 | eval b='my field'", "extend 'my field' = 1, 'b' = 'my field'");
        check(
            "* | eval eventName=lower(eventName) | where eventName=\"x\"",
            "extend 'eventName' = lower(event_name)\nfilter 'eventName' = \"x\"",
        );
    }

    #[test]
    fn operators() {
        for (expression, expected) in [
            ("1+2*3", "1 + (2 * 3)"),
            ("(1+2)*3", "(1 + 2) * 3"),
            ("-bytesIn", "neg(bytes_in)"),
            ("bytesIn/2", "bytes_in / 2"),
            ("bytesIn%2", "bytes_in % 2"),
            ("awsRegion.\"-\".eventName", "concat(aws_region, \"-\", event_name)"),
            ("awsRegion+\"x\"", "concat(aws_region, \"x\")"),
            ("awsRegion+1", "to_number(aws_region) + 1"),
            (
                "awsRegion+eventName",
                "coalesce(to_text(to_number(aws_region) + to_number(event_name)), concat(aws_region, event_name))",
            ),
            ("_time-60", "to_number(event_time) - 60"),
            ("\"at \"._time", "concat(\"at \", to_text(to_number(event_time)))"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
    }

    #[test]
    fn functions() {
        for (expression, expected) in [
            ("if(isnull(user),\"?\",user)", "if(is_null(user_name), \"?\", user_name)"),
            ("if(eventName=\"a\",1,\"b\")", "if(event_name = \"a\", \"1\", \"b\")"),
            ("case(eventName=\"a\",1,true(),2.5)", "if(event_name = \"a\", 1.0, if(true, 2.5, null))"),
            ("coalesce(user,null())", "coalesce(user_name, null)"),
            ("nullif(user,\"root\")", "null_if(user_name, \"root\")"),
            ("tostring(bytesIn)", "to_text(bytes_in)"),
            ("tostring(eventName=\"a\")", "if(event_name = \"a\", \"True\", \"False\")"),
            ("tostring(bytesIn,\"hex\")", "printf(\"0x%X\", bytes_in)"),
            ("tonumber(awsRegion)", "to_number(aws_region)"),
            ("round(1.255,2)", "round(1.255, 2)"),
            ("round(bytesIn/2)", "to_int(round(bytes_in / 2))"),
            ("min(1,2.5)", "least(1.0, 2.5)"),
            ("max(awsRegion,3)", "greatest(to_number(aws_region), 3.0)"),
            ("len(user)", "length(user_name)"),
            ("substr(user,1,3)", "substr(user_name, 1, 3)"),
            ("replace(user,\"a+\",\"\\1\")", "regex_replace(user_name, \"a+\", \"\\\\1\")"),
            ("split(user,\":\")", "split(user_name, \":\")"),
            ("mvindex(split(user,\":\"),-1)", "list_index(split(user_name, \":\"), -1)"),
            ("mvindex(split(user,\":\"),0,1)", "list_index(split(user_name, \":\"), 0, 1)"),
            ("mvcount('resources{}.ARN')", "list_count($.resources[*].ARN)"),
            ("mvzip(user,awsRegion)", "list_zip(to_list(user_name), to_list(aws_region), \",\")"),
            ("mvappend(user,\"x\")", "list_append(to_list(user_name), to_list(\"x\"))"),
            ("strftime(_time,\"%H\")", "strftime(event_time, \"%H\")"),
            ("strftime(1,\"%H\")", "strftime(to_time(1), \"%H\")"),
            ("strptime(user,\"%Y\")", "strptime(user_name, \"%Y\")"),
            ("relative_time(now(),\"@d\")", "2018-07-26T00:00:00Z"),
            ("relative_time(_time,\"-1h\")", "relative_time(event_time, \"-1h\")"),
            ("now()-_time", "to_number(now()) - to_number(event_time)"),
            ("cidrmatch(\"10.0.0.0/8\",src_ip)", "cidr_match(source_ip_address, \"10.0.0.0/8\")"),
            (
                "searchmatch(\"eventName=a* x\")",
                "is_true(glob_ignore_case(event_name, \"a*\") and contains_ignore_case(raw, \"x\"))",
            ),
            ("spath(_raw,\"a{}.b\")", "json_get(raw, \"a{}.b\")"),
            ("isnum(user)", "is_not_null(to_number(user_name))"),
            ("typeof(user)", "type_of(user_name)"),
            ("IF(true(),1,2)", "if(true, 1, 2)"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
    }

    #[test]
    fn time_stays_an_instant() {
        check("* | eval _time=_time-3600", "extend '_time' = to_time(to_number(event_time) - 3600)");
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | eval x=mvmap(a,1)"), ["spl.unsupported-function"]);
        assert_eq!(codes("* | eval x=lenn(user)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | eval x=if(true(),1)"), ["spl.arity"]);
        assert_eq!(codes("* | eval x=nosuch(1), y=nosuch(2)"), ["spl.unknown-function", "spl.unknown-function"]);
        assert_eq!(codes("* | eval {key}=1"), ["spl.unsupported-syntax"]);
        assert_eq!(codes("* | eval x"), ["spl.syntax"]);
    }
}
