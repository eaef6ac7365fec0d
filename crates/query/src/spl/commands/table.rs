//! `table`: exactly these columns, in this order.

use super::{Command, Grammar, arguments, words};

pub(super) const COMMAND: Command = Command {
    name: "table",
    aliases: &[],
    syntax: "table <field>, …",
    help: "Makes a table of exactly these fields, in this order; * is a wildcard.",
    example: "eventName=ConsoleLogin | table _time, user, sourceIPAddress, userIdentity.*",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let columns = lowerer.columns(&words);
        if let crate::spl::scope::Base::Fields(_) = lowerer.scope.base {
            super::fields::keep(lowerer, &words);
            return Ok(());
        }
        lowerer.settle_order();
        lowerer.project(columns);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn columns_are_named_as_typed() {
        check(
            "sourcetype=aws:cloudtrail errorCode=AccessDenied | table awsregion, eventName, src_ip _time",
            "filter eq_ignore_case(coalesce(error_code, \"success\"), \"AccessDenied\")
             sort event_time desc
             project 'awsregion' = aws_region, 'eventName' = event_name, 'src_ip' = source_ip_address, '_time' = event_time",
        );
        assert_eq!(codes("* | table awsregion"), ["spl.field-case"]);
        assert_eq!(columns("* | table user user, user"), ["user"]);
    }

    #[test]
    fn wildcards() {
        assert_eq!(columns("* | table userIdentity.t*"), ["userIdentity.type"]);
        assert_eq!(columns("* | table additionalEventData.*"), ["additionalEventData.MFAUsed", "additionalEventData"]);
        assert_eq!(columns("* | stats count as n1 dc(user) as n2 | table n*"), ["n1", "n2"]);
    }

    #[test]
    fn missing_fields_are_empty_columns() {
        check("* | stats count | table nothing", "aggregate 'count' = count()\nproject 'nothing'");
    }
}
