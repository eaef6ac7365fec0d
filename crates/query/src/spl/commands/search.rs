//! `search`: keeps the events that match; the implied first command.

use super::{Command, Grammar};
use crate::spl::ast::Body;

pub(super) const COMMAND: Command = Command {
    name: "search",
    aliases: &[],
    syntax: "search <field>=<value> … <term> … NOT … OR …",
    help: "Keeps events by field values (any case, * as wildcard) and by words of the raw text.",
    example: "search eventName=Describe* NOT errorCode=* earliest=-24h",
    generating: true,
    grammar: Grammar::Search,
    lower: |lowerer, command| match &command.body {
        Body::Search(search) => lowerer.search(search),
        _ => Ok(()),
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn values_ignore_case_and_take_wildcards() {
        check("eventName=RunInstances", "filter eq_ignore_case(event_name, \"RunInstances\")");
        check("eventName=\"*SecurityGroup*\"", "filter glob_ignore_case(event_name, \"*SecurityGroup*\")");
        check("eventName=*", "filter is_not_null(event_name)");
        check("eventName!=*", "filter false");
        check("eventName=CASE(RunInstances)", "filter event_name = \"RunInstances\"");
        check("requestParameters.x=1", "filter eq_ignore_case($.requestParameters.x, \"1\")");
        check("resources{}.ARN=*bucket", "filter glob_ignore_case($.resources[*].ARN, \"*bucket\")");
        check("readOnly=false", "filter read_only = false");
        check("bytesIn=5", "filter bytes_in = 5");
        check("\"userIdentity.type\"=Root", "filter eq_ignore_case(user_identity_type, \"Root\")");
    }

    #[test]
    fn or_binds_tighter_than_and() {
        check(
            "eventName=a eventSource=b OR awsRegion=c",
            "filter eq_ignore_case(event_name, \"a\") and (eq_ignore_case(event_source, \"b\") or eq_ignore_case(aws_region, \"c\"))",
        );
        check(
            "eventName=a OR eventName=b AND eventSource=c",
            "filter (eq_ignore_case(event_name, \"a\") or eq_ignore_case(event_name, \"b\")) and eq_ignore_case(event_source, \"c\")",
        );
        check(
            "(eventName=a eventSource=b) OR awsRegion=c",
            "filter (eq_ignore_case(event_name, \"a\") and eq_ignore_case(event_source, \"b\")) or eq_ignore_case(aws_region, \"c\")",
        );
        check("or", "filter contains_ignore_case(raw, \"or\")");
    }

    #[test]
    fn unequal_needs_the_field_and_not_does_not() {
        check("awsRegion!=a*", "filter not glob_ignore_case(aws_region, \"a*\")");
        check("NOT awsRegion=a", "filter not is_true(eq_ignore_case(aws_region, \"a\"))");
        check("NOT awsRegion!=a", "filter not is_true(not eq_ignore_case(aws_region, \"a\"))");
        check("NOT awsRegion=*", "filter not is_not_null(aws_region)");
    }

    #[test]
    fn absent_error_codes_are_success() {
        check("errorCode=success", "filter eq_ignore_case(coalesce(error_code, \"success\"), \"success\")");
        check("errorCode!=success", "filter not eq_ignore_case(coalesce(error_code, \"success\"), \"success\")");
    }

    #[test]
    fn terms_search_the_raw_text() {
        check("StartInstances", "filter contains_ignore_case(raw, \"StartInstances\")");
        check("\"Failed authentication\"", "filter contains_ignore_case(raw, \"Failed authentication\")");
        check(
            "\"\\\"errorCode\\\":\\\"AccessDenied\\\"\"",
            "filter contains_ignore_case(raw, \"\\\"errorCode\\\":\\\"AccessDenied\\\"\")",
        );
        check("*Denied*", "filter contains_ignore_case(raw, \"Denied\")");
        check("a*b", "filter glob_ignore_case(raw, \"*a*b*\")");
        check("TERM(10.0.0.1)", "filter contains_ignore_case(raw, \"10.0.0.1\")");
        check("CASE(Root)", "filter contains(raw, \"Root\")");
        check("*", "");
        check("search *", "");
    }

    #[test]
    fn lists_blocks_and_numbers() {
        check(
            "eventName IN (a, \"b*\")",
            "filter eq_ignore_case(event_name, \"a\") or glob_ignore_case(event_name, \"b*\")",
        );
        check(
            "eventName=(a OR b*) awsRegion!=(c OR d)",
            "filter ((eq_ignore_case(event_name, \"a\") or glob_ignore_case(event_name, \"b*\")) and not eq_ignore_case(aws_region, \"c\")) and not eq_ignore_case(aws_region, \"d\")",
        );
        check("src_ip=10.0.0.0/8", "filter cidr_match(source_ip_address, \"10.0.0.0/8\")");
        check("src_ip!=2001:db8::/32", "filter not cidr_match(source_ip_address, \"2001:db8::/32\")");
        check("requestParameters.x>=10", "filter to_number($.requestParameters.x) >= 10");
        check("date_hour<8", "filter to_int(strftime(event_time, \"%H\")) < 8");
    }

    #[test]
    fn splunks_own_fields_choose_the_table() {
        check("index=* sourcetype=aws:cloudtrail eventName=a", "filter eq_ignore_case(event_name, \"a\")");
        check("sourcetype=* eventName=a host=y", "filter eq_ignore_case(event_name, \"a\")");
        check("sourcetype=aws:cloudwatchlogs:vpcflow", "scan vpc_flow");
        assert_eq!(codes("sourcetype=corp:cloudtrail:raw"), ["spl.sourcetype"]);
        check("sourcetype!=aws:cloudtrail", "scan all\nfilter not is_true(log_type = \"cloudtrail\")");
    }

    #[test]
    fn times_bound_the_scan() {
        check(
            "earliest=-1d@d latest=@d x",
            "scan cloudtrail from 2018-07-25T00:00:00Z to 2018-07-26T00:00:00Z\nfilter contains_ignore_case(raw, \"x\")",
        );
        check("earliest=0", "scan cloudtrail from 1970-01-01T00:00:00Z");
        check("earliest=@w1 latest=+1d@d", "scan cloudtrail from 2018-07-23T00:00:00Z to 2018-07-27T00:00:00Z");
        check(
            "starthoursago=2 endminutesago=30",
            "scan cloudtrail from 2018-07-26T19:08:28.500Z to 2018-07-26T20:38:28.500Z",
        );
        check("timeformat=%Y-%m-%d earliest=2018-07-01", "scan cloudtrail from 2018-07-01T00:00:00Z");
        check(
            "earliest=\"07/01/2018:12:30:00\" latest=1532639308",
            "scan cloudtrail from 2018-07-01T12:30:00Z to 2018-07-26T21:08:28Z",
        );
        check("earliest=rt-5m latest=rt", "scan cloudtrail from 2018-07-26T21:03:28.500Z to 2018-07-26T21:08:28.500Z");
        assert_eq!(codes("earliest=rt-5m"), ["spl.real-time"]);
        check("x OR earliest=0", "filter contains_ignore_case(raw, \"x\") or (event_time >= 1970-01-01T00:00:00Z)");
        assert_eq!(codes("earliest=tomorrow"), ["spl.time"]);
    }

    #[test]
    fn spelling_is_watched() {
        assert_eq!(codes("eventNmae=x"), ["spl.unknown-field"]);
        assert_eq!(codes("username=x"), ["spl.field-case"]);
        assert_eq!(codes("requestParameters.eventNmae=x somethingElse=y"), [""; 0]);
        assert_eq!(codes("| eventName=x"), ["spl.leading-bar"]);
        assert_eq!(codes("a and b"), ["spl.lower-case-operator"]);
        check(
            "|sourcetype=aws:cloudtrail eventName=ConsoleLogin",
            "filter eq_ignore_case(event_name, \"ConsoleLogin\")",
        );
    }

    #[test]
    fn subsearches_select() {
        check(
            "eventName=a [search eventName=b | fields user, awsRegion | fields - _time, _raw, eventID]",
            "filter eq_ignore_case(event_name, \"a\")
             join inner on lower(user_name) = '__key_2', lower(aws_region) = '__key_3' max 1
               scan cloudtrail
               filter eq_ignore_case(event_name, \"b\")
               project '_time' = event_time, 'user' = user_name, 'awsRegion' = aws_region, 'eventID' = event_id, '_raw' = raw
               sort '_time' desc
               project 'user', 'awsRegion'
               aggregate  by '__key_2' = lower('user'), '__key_3' = lower('awsRegion')
               extend '__selected_1' = true
             remove __key_2, __key_3, __selected_1",
        );
        check(
            "NOT [| inputlookup ok.csv | fields user]",
            "join left on lower(user_name) = '__key_2' max 1
               lookup-file ok.csv
               project 'user'
               aggregate  by '__key_2' = lower('user')
               extend '__selected_1' = true
             filter is_null('__selected_1')
             remove __key_2, __selected_1",
        );
        assert_eq!(codes("[search x]"), ["spl.subsearch-fields"]);
        assert_eq!(codes("[| inputlookup x]"), ["spl.subsearch-fields"]);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("a ("), ["spl.syntax"]);
        assert_eq!(codes("a OR"), ["spl.syntax"]);
        assert_eq!(codes("a=\"b"), ["spl.unclosed"]);
        assert_eq!(codes("a [search b"), ["spl.unclosed"]);
        assert_eq!(codes("a]"), ["spl.unopened"]);
        assert_eq!(codes("a | | b"), ["spl.empty-command", "spl.unknown-command"]);
        assert_eq!(codes(""), ["spl.empty"]);
        assert_eq!(codes("user="), ["spl.syntax"]);
    }
}
