//! `eval`: computes fields.

use super::{Command, Grammar};
use crate::{
    pipeline::{Func, Op, Type},
    spl::{
        ast::{Assignment, Body},
        build,
        lowering::{Lower, Lowerer},
    },
};

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
            if assignment.field.text.contains('{') && !assignment.field.text.contains("{}") {
                result = named_by_value(lowerer, assignment);
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

/// `eval {key}=value` names the field by another's value. Of the fields that may come of it, those matter that are read
/// later: each takes the value where the name is its own.
fn named_by_value(lowerer: &mut Lowerer<'_>, assignment: &Assignment) -> Lower<()> {
    let (field, span) = (&assignment.field, assignment.field.span);
    let mut parts = Vec::new();
    let mut rest = field.text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, more)) = after.split_once('}') else {
            return lowerer.fail("spl.syntax", "this brace is not closed", span);
        };
        parts.extend((!before.is_empty()).then(|| build::text(before, span)));
        let value = lowerer.name(name, span);
        parts.push(if value.ty == Type::List { build::first(value) } else { build::to_text(value) });
        rest = more;
    }
    parts.extend((!rest.is_empty()).then(|| build::text(rest, span)));
    let value = lowerer.expr(&assignment.value)?;
    // Each field asks for the name and the value: once, not by their expressions.
    let (name, held) = (lowerer.made_up("name"), lowerer.made_up("value"));
    let ty = if value.ty == Type::Any { Type::Text } else { value.ty };
    let named =
        if parts.len() == 1 { parts.swap_remove(0) } else { build::call(Func::Concat, parts, Type::Text, span) };
    lowerer.extend_hidden(&name, named);
    lowerer.extend_hidden(&held, build::convert(value, ty));
    let said = lowerer.diagnostics.len();
    for wanted in lowerer.mentioned.clone() {
        let same = vec![build::field(&name, Type::Text, span), build::text(wanted.clone(), span)];
        let same = build::call(Func::Eq, same, Type::Bool, span);
        let before = lowerer.name(&wanted, span);
        let either = build::unify(before.ty, ty);
        let choice = vec![same, build::convert(build::field(&held, ty, span), either), build::convert(before, either)];
        lowerer.extend(&wanted, build::call(Func::If, choice, either, span));
    }
    lowerer.diagnostics.truncate(said);
    lowerer.push(Op::Remove { patterns: vec![name, held] });
    let message = "fields named by a value are made as far as the rest of the query names them";
    lowerer.warning("spl.named-by-value", message, span);
    Ok(())
}

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
            ("awsRegion.5", "concat(aws_region, \"5\")"),
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
            (
                "mvfilter(match(split(user,\",\"),\"a\"))",
                "list_filter(to_list(user_name), regex(split('__element', \",\"), \"a\"))",
            ),
            ("mvfilter(user!=\"a\")", "list_filter(to_list(user_name), '__element' != \"a\")"),
            (
                "mvmap(user, user.\"@\".awsRegion)",
                "list_map(to_list(user_name), concat('__element', \"@\", aws_region))",
            ),
            ("mvrange(1, 5)", "list_range(1, 5, 1)"),
            ("tonumber(user, 16)", "parse_int(user_name, 16)"),
            ("json_object(\"a\", 1)", "json_object(\"a\", \"1\")"),
            ("hypot(3, 4)", "sqrt((3 * 3) + (4 * 4))"),
            ("bit_and(6, 3)", "bit_and(6, 3)"),
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
    fn fields_named_by_a_value() {
        check(
            "* | eval k=awsRegion | eval {k}=eventName | stats count by eu | fields count",
            "extend 'k' = aws_region, '__name_1' = 'k', '__value_2' = event_name, 'eu' = if('__name_1' = \"eu\", '__value_2', $.eu)
             remove __name_1, __value_2
             aggregate 'count' = count() by 'eu' = 'eu'
             sort 'eu' auto
             project 'count'",
        );
        assert_eq!(codes("* | eval x_{k}=1"), ["spl.named-by-value"]);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | eval x=commands(a)"), ["spl.unsupported-function"]);
        assert_eq!(codes("* | eval x=lenn(user)"), ["spl.unknown-function"]);
        assert_eq!(codes("* | eval x=if(true(),1)"), ["spl.arity"]);
        assert_eq!(codes("* | eval x=nosuch(1), y=nosuch(2)"), ["spl.unknown-function", "spl.unknown-function"]);
        assert_eq!(codes("* | eval x"), ["spl.syntax"]);
    }
}
