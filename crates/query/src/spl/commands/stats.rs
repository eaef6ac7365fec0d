//! `stats`: groups rows and aggregates each group.

use super::{Command, Grammar, statistics};
use crate::spl::statistics::Settings;

pub(super) const COMMAND: Command = Command {
    name: "stats",
    aliases: &[],
    syntax: "stats <function>(<field>) [as <name>] … [by <field>, …]",
    help: "Groups rows by fields and aggregates each group.",
    example: "* | stats count dc(user) as users by eventName, awsRegion",
    generating: false,
    grammar: Grammar::Statistics,
    lower: |lowerer, command| {
        let statistics = statistics(command);
        let settings = Settings::of(lowerer, &statistics, &["allnum", "delim", "partitions", "span"]);
        if statistics.aggregations.is_empty() {
            return lowerer.fail("spl.missing-argument", "`stats` needs a function, e.g. `count`", command.span);
        }
        let aggregations = lowerer.aggregations(&statistics.aggregations, &statistics.by);
        let mut by = lowerer.keys(&statistics.by);
        if let (Some(span), Some(time)) = (settings.get("span"), by.iter_mut().find(|key| key.name == "_time")) {
            time.expr = super::bin::binned(lowerer, time.expr.clone(), Some(span), command.span)?;
        }
        let Ok(aggregations) = aggregations else {
            // What follows sees the keys, not a wall of warnings about them.
            lowerer.aggregate(by, Vec::new(), false);
            lowerer.scope.loose = true;
            return Err(crate::spl::lowering::Reported);
        };
        lowerer.group(by, aggregations, false);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn names_are_as_splunk_gives_them() {
        assert_eq!(
            columns(
                "* | stats count, count(user) dc(user) values(userIdentity.arn) AS arns count(eval(errorCode=\"x\")) perc95(bytesIn) Sum(bytesIn) by awsRegion"
            ),
            [
                "awsRegion",
                "count",
                "count(user)",
                "dc(user)",
                "arns",
                "count(eval(errorCode=\"x\"))",
                "perc95(bytesIn)",
                "sum(bytesIn)"
            ],
        );
    }

    #[test]
    fn groups_are_ordered_by_their_keys() {
        check(
            "* | stats count by user",
            "aggregate 'count' = count() by 'user' = user_name
             sort 'user' auto",
        );
        check(
            "sourcetype=aws:cloudtrail | stats count by errorCode | sort - count",
            "aggregate 'count' = count() by 'errorCode' = coalesce(error_code, \"success\")\nsort 'count' desc, 'errorCode' auto limit 10000",
        );
    }

    #[test]
    fn functions() {
        check(
            "* | stats c(user) avg(bytesIn) min(_time) values('resources{}.ARN') earliest(user) latest_time(user)",
            "aggregate 'c(user)' = count(user_name), 'avg(bytesIn)' = avg(bytes_in), 'min(_time)' = min(event_time), \
             'values(resources{}.ARN)' = values($.resources[*].ARN), 'earliest(user)' = earliest(user_name) order event_time, \
             'latest_time(user)' = max(event_time) where is_not_null(user_name)",
        );
        check(
            "* | stats count(eval(errorCode!=\"success\")) as bad",
            "aggregate 'bad' = count() where coalesce(error_code, \"success\") != \"success\"",
        );
        check(
            "* | stats dc(eval(if(readOnly, user, null()))) as n",
            "aggregate 'n' = distinct_count(if(read_only, user_name, null))",
        );
        check(
            "* | stats perc99.9(bytesIn) stdev(bytesIn) median(requestParameters.x) as m",
            "aggregate 'perc99.9(bytesIn)' = percentile 99.9(bytes_in), 'stdev(bytesIn)' = stdev(bytes_in), 'm' = median(to_number($.requestParameters.x))",
        );
    }

    #[test]
    fn times_may_be_binned_in_passing() {
        check(
            "* | stats count by _time span=1h",
            "aggregate 'count' = count() by '_time' = bin_time(event_time, 3600000000)\nsort '_time'",
        );
    }

    #[test]
    fn the_order_of_events_matters_to_some() {
        check("* | stats first(user)", "sort event_time desc\naggregate 'first(user)' = first(user_name)");
        check(
            "* | stats list(user) by awsRegion",
            "sort event_time desc\naggregate 'list(user)' = list(user_name) by 'awsRegion' = aws_region\nsort 'awsRegion' auto",
        );
    }

    #[test]
    fn extremes_of_texts_that_may_be_numbers() {
        check(
            "* | stats max(requestParameters.x) as m by user",
            "aggregate '__number_1' = max(to_number($.requestParameters.x)), '__text_2' = max($.requestParameters.x) by 'user' = user_name
             project 'user', 'm' = coalesce(to_text('__number_1'), '__text_2')
             sort 'user' auto",
        );
    }

    #[test]
    fn wildcards_take_the_fields_there_are() {
        assert_eq!(
            columns("* | stats count min(_time) as first by user | stats values(*) as * by user"),
            ["user", "count", "first"]
        );
        assert!(columns("* | stats values(*) as * by user").contains(&"eventName".to_owned()));
        assert_eq!(columns("* | stats values(additionalEventData.*) as *")[0], "MFAUsed");
        assert_eq!(columns("* | stats dc(eventN*)"), ["dc(eventName)"]);
    }

    #[test]
    fn sparklines() {
        check(
            "* | stats sparkline(count(errorMessage), 1h) as line",
            "aggregate 'line' = sparkline 3600000000(if(is_not_null(error_message), event_time, null))",
        );
        assert_eq!(columns("* | stats sparkline(count) by user"), ["user", "sparkline(count)"]);
    }

    #[test]
    fn story_b() {
        check(
            "|sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by username, additionalEventData.MFAUsed",
            "filter eq_ignore_case(event_name, \"ConsoleLogin\")
             aggregate 'count' = count() by 'username' = user_name, 'additionalEventData.MFAUsed' = mfa_used
             sort 'username' auto, 'additionalEventData.MFAUsed' auto",
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | stats by user"), ["spl.missing-argument"]);
        assert_eq!(codes("* | stats cuont by user"), ["spl.unknown-function"]);
        assert_eq!(codes("* | stats sum by user"), ["spl.arity"]);
        assert_eq!(codes("* | stats sparkline(avg(bytesIn), 1h) by user"), ["spl.unsupported-function"]);
        assert_eq!(codes("* | stats per_hour(bytesIn) by user"), ["spl.arity"]);
        assert_eq!(codes("* | stats count( by user"), ["spl.syntax"]);
        assert_eq!(codes("* | stats count by user | where cuont > 1"), ["spl.no-such-field"]);
        assert_eq!(codes("* | stats values(user) as user by user"), ["spl.duplicate-field"]);
        assert_eq!(codes("| inputlookup x.csv | stats sum(*) as *"), ["spl.no-such-field"]);
        assert_eq!(codes("* | stats count by eventNmae"), ["spl.unknown-field"]);
    }
}
