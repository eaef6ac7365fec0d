//! SPL over a real lake: the quirks that a Splunk user relies on, commands that go row by row, and what searches write.

use engine::{Engine, EngineOptions, Language, QueryRequest, Zone};

use crate::sample::{Sample, sample, sample_with};

/// Runs every case; says all that differ at once.
async fn check(sample: &Sample, zone: Zone, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (text, want) in cases {
        let request = QueryRequest { timezone: zone, ..QueryRequest::new(Language::Spl, *text) };
        let rows = sample.ask(request).await.map(|r| r.lines().map(str::to_owned).collect::<Vec<_>>());
        let want: Vec<String> = want.iter().map(|s| (*s).to_owned()).collect();
        if rows.as_ref().ok() != Some(&want) {
            wrong.push(format!("{text}\n   got {rows:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Commands that tell of the rows as a whole, or compare a row with others.
const WHOLE: &[(&str, &[&str])] = &[
    (
        "eventName=GetObject | fieldsummary maxvals=1 awsRegion, additionalEventData.bytesTransferredOut | table field, count, distinct_count, numeric_count, min, mean, max, values",
        &[
            r#"{"field":"additionalEventData.bytesTransferredOut","count":2,"distinct_count":2,"numeric_count":2,"min":0,"mean":600,"max":1200,"values":"[{\"value\":\"0\",\"count\":1}]"}"#,
            r#"{"field":"awsRegion","count":2,"distinct_count":1,"numeric_count":0,"values":"[{\"value\":\"eu-west-1\",\"count\":2}]"}"#,
        ],
    ),
    (
        "* | fieldsummary | where field=\"eventName\" | table count, distinct_count",
        &[r#"{"count":10,"distinct_count":7}"#],
    ),
    (
        "* | stats count by awsRegion | fieldsummary | table field, count, max",
        &[r#"{"field":"awsRegion","count":3}"#, r#"{"field":"count","count":3,"max":7}"#],
    ),
    (
        "| metadata type=sourcetypes index=* | table sourcetype, totalCount, firstTime",
        &[r#"{"sourcetype":"aws:cloudtrail","totalCount":10,"firstTime":1714557600}"#],
    ),
    ("| metadata type=sources | stats sum(totalCount) as n", &[r#"{"n":10}"#]),
    ("| eventcount index=*", &[r#"{"count":10}"#]),
    ("| eventcount summarize=false", &[r#"{"index":"cloudtrail","count":10}"#]),
    ("* | table eventSource | uniq | stats count", &[r#"{"count":7}"#]),
    ("* | sort eventSource | table eventSource | uniq | stats count", &[r#"{"count":5}"#]),
    (
        "* | bin _time span=6h | stats count by _time | makecontinuous _time span=6h | stats count, count(count) as filled",
        &[r#"{"count":7,"filled":4}"#],
    ),
    (
        "* | bin _time span=1d | stats count by _time, awsRegion | makecontinuous _time span=1d | where awsRegion=\"us-east-1\"",
        &[
            r#"{"_time":"2024-05-01T00:00:00Z","awsRegion":"us-east-1","count":2}"#,
            r#"{"_time":"2024-05-02T00:00:00Z","awsRegion":"us-east-1","count":5}"#,
        ],
    ),
    (
        "userIdentity.userName=alice | cluster field=sourceIPAddress showcount=t | table cluster_label, cluster_count, eventName",
        &[r#"{"cluster_label":"*","cluster_count":3,"eventName":"ListUsers"}"#],
    ),
    ("* | cluster field=eventName labelonly=t | stats dc(cluster_label) as n, count", &[r#"{"n":7,"count":10}"#]),
    (
        "earliest=\"05/01/2024:00:00:00\" latest=\"05/03/2024:00:00:00\" | timechart span=12h count | timewrap 1d",
        &[
            r#"{"_time":"2024-05-02T00:00:00Z","count_1day_before":2,"count_latest_day":5}"#,
            r#"{"_time":"2024-05-02T12:00:00Z","count_1day_before":2,"count_latest_day":1}"#,
        ],
    ),
    // Names of addresses are asked of nobody.
    (
        "eventName=GetObject | lookup dnslookup clientip as src_ip OUTPUT clienthost as src_dns | stats count, count(src_dns) as named",
        &[r#"{"count":2,"named":0}"#],
    ),
];

#[tokio::test]
async fn rows_as_a_whole() {
    check(&sample().await, Zone::UTC, WHOLE).await;
}

/// Case, nulls, wildcards, precedence, quoting.
const CONDITIONS: &[(&str, &[&str])] = &[
    // search ignores case, where and its functions do not
    ("eventName=getobject | stats count", &[r#"{"count":2}"#]),
    ("eventName IN (getobject, LISTUSERS) | stats count", &[r#"{"count":3}"#]),
    ("eventName=CASE(getobject) | stats count", &[r#"{"count":0}"#]),
    ("MALLORY | stats count", &[r#"{"count":1}"#]),
    ("* | where eventName=\"getobject\" | stats count", &[r#"{"count":0}"#]),
    ("* | where in(eventName, \"getobject\") | stats count", &[r#"{"count":0}"#]),
    ("* | where like(eventName, \"get%\") | stats count", &[r#"{"count":0}"#]),
    ("* | where match(eventName, \"(?i)^get\") | stats count", &[r#"{"count":2}"#]),
    ("* | eval k=case(eventName=\"getobject\", 1, true(), 2) | stats values(k) as k", &[r#"{"k":["2"]}"#]),
    // a missing field: != needs it, NOT does not, null is neither true nor false
    ("errorMessage!=x | stats count", &[r#"{"count":2}"#]),
    ("NOT errorMessage=x | stats count", &[r#"{"count":10}"#]),
    ("errorMessage=* | stats count", &[r#"{"count":2}"#]),
    ("NOT errorMessage=* | stats count", &[r#"{"count":8}"#]),
    ("* | where errorMessage!=\"x\" | stats count", &[r#"{"count":2}"#]),
    ("* | where NOT errorMessage=\"x\" | stats count", &[r#"{"count":2}"#]),
    ("* | where isnull(errorMessage) | stats count", &[r#"{"count":8}"#]),
    ("* | eval x=if(errorMessage=\"x\", 1, 0) | stats sum(x) as s", &[r#"{"s":0}"#]),
    ("* | stats count(errorMessage) as some count as all", &[r#"{"some":2,"all":10}"#]),
    ("* | stats count by errorMessage | stats count", &[r#"{"count":2}"#]),
    ("* | fillnull value=none errorMessage | stats count by errorMessage | stats count", &[r#"{"count":3}"#]),
    ("* | fillnull | stats count by errorMessage | where errorMessage=\"0\" | fields count", &[r#"{"count":8}"#]),
    ("* | eval c=coalesce(errorMessage, \"none\") | where c=\"none\" | stats count", &[r#"{"count":8}"#]),
    ("* | eval c=nullif(errorCode, \"success\") | stats count(c) as failed", &[r#"{"failed":2}"#]),
    ("* | stats dc(eval(if(errorCode=\"success\", null(), userName))) as n", &[r#"{"n":2}"#]),
    // the add-on's success
    ("errorCode!=success | stats count", &[r#"{"count":2}"#]),
    ("* | where errorCode!=\"success\" | stats count", &[r#"{"count":2}"#]),
    ("* | where errorCode!=\"AccessDenied\" | stats count", &[r#"{"count":9}"#]),
    ("errorCode!=accessdenied | stats count", &[r#"{"count":9}"#]),
    ("errorCode=accessdenied | stats count", &[r#"{"count":1}"#]),
    ("errorCode=SUCC* OR errorCode=access* | stats count", &[r#"{"count":9}"#]),
    ("NOT errorCode=s* | stats count", &[r#"{"count":2}"#]),
    ("errorCode IN (Success, NoSuchKey) | stats count", &[r#"{"count":9}"#]),
    ("* | where in(errorCode, \"NoSuchKey\", \"x\") | stats count", &[r#"{"count":1}"#]),
    ("* | where NOT in(errorCode, \"NoSuchKey\", \"x\") | stats count", &[r#"{"count":9}"#]),
    ("* | where match(errorCode, \"^suc\") AND NOT like(errorCode, \"Acc%\") | stats count", &[r#"{"count":8}"#]),
    (
        "* | eval d=if(errorCode=\"AccessDenied\", 1, 0), s=if(errorCode=\"success\", 1, 0) | stats sum(d) as d sum(s) as s",
        &[r#"{"d":1,"s":8}"#],
    ),
    (
        "* | stats count(eval(errorCode=\"AccessDenied\")) as d count(eval(errorCode!=\"AccessDenied\")) as other",
        &[r#"{"d":1,"other":9}"#],
    ),
    // wildcards: in search, quoted too; not in where
    ("eventName=\"*Object\" | stats count", &[r#"{"count":2}"#]),
    ("eventName=G*t*t | stats count", &[r#"{"count":2}"#]),
    ("sourceIPAddress=198.51.* | stats count", &[r#"{"count":3}"#]),
    ("* | where eventName=\"Get*\" | stats count", &[r#"{"count":0}"#]),
    ("src_ip=2001:db8::/32 | stats count", &[r#"{"count":1}"#]),
    // OR before AND in search, after it in where; operators in upper case
    ("userName=alice eventName=RunInstances OR eventName=ListUsers | stats count", &[r#"{"count":2}"#]),
    ("* | where userName=\"bob\" OR userName=\"alice\" AND eventName=\"ListUsers\" | stats count", &[r#"{"count":3}"#]),
    ("eventName=RunInstances or eventName=ListUsers | stats count", &[r#"{"count":0}"#]),
    ("* | where eventName=\"GetObject\" XOR userName=\"bob\" | stats count", &[r#"{"count":0}"#]),
    // phrases and terms over the raw text
    ("\"iam:CreateUser\" | stats count", &[r#"{"count":1}"#]),
    ("TERM(203.0.113.9) NOT NoSuchKey | stats count", &[r#"{"count":1}"#]),
    // quoting: a bare dotted name in eval is read as the field, with a warning
    ("eventName=CreateUser | eval n=requestParameters.userName | table n", &[r#"{"n":"mallory"}"#]),
    ("eventName=CreateUser | eval n='requestParameters.userName'.\"!\" | table n", &[r#"{"n":"mallory!"}"#]),
    ("\"requestParameters.userName\"=MALLORY | stats count", &[r#"{"count":1}"#]),
    ("* | stats values(\"requestParameters.userName\") as n", &[r#"{"n":["mallory"]}"#]),
    // broken as published, and meant: a leading bar, names in the wrong case
    ("| eventName=GetObject | stats count", &[r#"{"count":2}"#]),
    ("eventName=ListUsers | table username, awsregion", &[r#"{"username":"alice","awsregion":"us-east-1"}"#]),
    // logs that are not there, and sourcetypes
    ("sourcetype=linux_secure | stats count", &[r#"{"count":0}"#]),
    ("index=* sourcetype=aws:cloudtrail | stats count", &[r#"{"count":10}"#]),
    ("sourcetype=aws:* | stats count", &[r#"{"count":10}"#]),
    (
        "sourcetype=aws:cloudtrail OR sourcetype=aws:elb:accesslogs | stats count by sourcetype",
        &[r#"{"sourcetype":"aws:cloudtrail","count":10}"#],
    ),
    // what a Splunk user asks first
    ("index=* | stats count by sourcetype", &[r#"{"sourcetype":"aws:cloudtrail","count":10}"#]),
    (
        "index=* | stats count by index, sourcetype",
        &[r#"{"index":"cloudtrail","sourcetype":"aws:cloudtrail","count":10}"#],
    ),
    ("| tstats count where index=* by sourcetype", &[r#"{"sourcetype":"aws:cloudtrail","count":10}"#]),
    ("index=aws | top sourcetype", &[r#"{"sourcetype":"aws:cloudtrail","count":10,"percent":100}"#]),
    ("index=* | stats count by host", &[r#"{"host":"trailhound","count":10}"#]),
    ("index=* | stats count by source | stats sum(count) as n", &[r#"{"n":10}"#]),
    (
        "index=* | sort 1 _time | table _time, host, sourcetype, index",
        &[r#"{"_time":"2024-05-01T10:00:00Z","host":"trailhound","sourcetype":"aws:cloudtrail","index":"cloudtrail"}"#],
    ),
    (
        "index=main sourcetype=* | timechart span=1d count by sourcetype | stats sum(\"aws:cloudtrail\") as n",
        &[r#"{"n":10}"#],
    ),
    ("index!=_internal sourcetype!=aws:cloudtrail | stats count", &[r#"{"count":0}"#]),
    (
        "eventName=GetObject | stats count by sourcetype, eventName",
        &[r#"{"sourcetype":"aws:cloudtrail","eventName":"GetObject","count":2}"#],
    ),
    ("sourcetype=aws:elb:accesslogs | stats count", &[r#"{"count":0}"#]),
];

/// Multivalue fields, extraction, time, limits, order.
const VALUES: &[(&str, &[&str])] = &[
    (
        "eventName=RunInstances | eval n=mvcount('requestParameters.instancesSet.items{}.instanceId') | table n",
        &[r#"{"n":2}"#],
    ),
    ("requestParameters.instancesSet.items{0}.instanceId=i-2 | stats count", &[r#"{"count":1}"#]),
    ("* | where 'requestParameters.instancesSet.items{}.instanceId'=\"i-2\" | stats count", &[r#"{"count":2}"#]),
    (
        "eventName=RunInstances | eval x=mvindex('requestParameters.instancesSet.items{}.instanceId', -1) | table x",
        &[r#"{"x":"i-2"}"#],
    ),
    (
        "eventName=RunInstances | eval i='requestParameters.instancesSet.items{}.instanceId', x=mvjoin(i, \"+\"), y=mvjoin(mvzip(i, i), \" \") | table x y",
        &[r#"{"x":"i-1+i-2","y":"i-1,i-1 i-2,i-2"}"#],
    ),
    (
        "eventName=RunInstances | eval i='requestParameters.instancesSet.items{}.instanceId', x=mvfilter(match(i, \"2$\")), y=mvmap(i, upper(i).awsRegion) | table x y",
        &[r#"{"x":["i-2"],"y":["I-1us-east-1","I-2us-east-1"]}"#],
    ),
    (
        "| makeresults | eval x=split(\"b,a,b\", \",\"), d=mvdedup(x), s=mvsort(x), f=mvfind(x, \"^a\"), r=mvrange(1, 4) | table d s f r",
        &[r#"{"d":["b","a"],"s":["a","b","b"],"f":1,"r":["1","2","3"]}"#],
    ),
    (
        "| makeresults | eval x=split(\"a,b\", \",\") | mvexpand x | eval y=x.\"!\" | stats list(y) as y",
        &[r#"{"y":["a!","b!"]}"#],
    ),
    (
        "| makeresults | eval x=\"a b\" | makemv x | mvcombine x | nomv x | eval x=replace(x, \"\\n\", \"|\") | table x",
        &[r#"{"x":"a|b"}"#],
    ),
    // stats: values sorted and distinct, list in order and a hundred at most
    (
        "* | sort 0 _time | stats list(eventName) as l by eventSource | where eventSource=\"s3.amazonaws.com\" | table l",
        &[r#"{"l":["GetObject","GetObject"]}"#],
    ),
    (
        "| makeresults count=150 | streamstats count as n | stats list(n) as l dc(n) as d | eval c=mvcount(l) | table c d",
        &[r#"{"c":100,"d":150}"#],
    ),
    (
        "* | stats earliest(eventName) as e latest(eventName) as l first(eventName) as f last(eventName) as z",
        &[r#"{"e":"RunInstances","l":"ListUsers","f":"ListUsers","z":"RunInstances"}"#],
    ),
    ("* | stats sum(eval(if(readOnly, 1, 0))) as n by nothing", &[]),
    ("eventName=ConsoleLogin | stats sparkline(count, 30m) as s", &[r###"{"s":["##__SPARKLINE__##","1","2"]}"###]),
    // limits: sort 10,000, head and top 10, series 10 + OTHER + NULL
    ("| makeresults count=10050 | streamstats count as n | sort n | stats count", &[r#"{"count":10000}"#]),
    ("| makeresults count=10050 | streamstats count as n | sort 0 n | stats count", &[r#"{"count":10050}"#]),
    ("| makeresults count=12 | head | stats count", &[r#"{"count":10}"#]),
    (
        "| makeresults count=12 | streamstats count as n | top n | stats count sum(percent) as p | eval p=round(p, 2)",
        &[r#"{"count":10,"p":83.33}"#],
    ),
    (
        "| makeresults count=12 | streamstats count as n | eval s=\"s\".n, _time=0 | timechart span=1d count by s",
        &[
            r#"{"_time":"1970-01-01T00:00:00Z","s1":1,"s10":1,"s11":1,"s12":1,"s2":1,"s3":1,"s4":1,"s5":1,"s6":1,"s7":1,"OTHER":2}"#,
        ],
    ),
    // what can be done with the columns of a chart, whose names come with the rows
    (
        "| makeresults count=5 | streamstats count as n | eval u=if(n<4, \"a\", \"1\"), e=\"e\".if(n<3, 1, 2) | chart count over u by e | addtotals row=t col=t labelfield=u",
        &[
            r#"{"u":"1","e1":0,"e2":2,"Total":2}"#,
            r#"{"u":"a","e1":2,"e2":1,"Total":3}"#,
            r#"{"u":"Total","e1":2,"e2":3,"Total":5}"#,
        ],
    ),
    (
        "| makeresults count=5 | streamstats count as n | eval u=if(n<4, \"a\", \"1\"), e=\"e\".if(n<3, 1, 2) | chart count over u by e | untable u event n",
        &[
            r#"{"u":"1","event":"e1","n":"0"}"#,
            r#"{"u":"1","event":"e2","n":"2"}"#,
            r#"{"u":"a","event":"e1","n":"2"}"#,
            r#"{"u":"a","event":"e2","n":"1"}"#,
        ],
    ),
    (
        "| makeresults count=5 | streamstats count as n | eval u=if(n<4, \"a\", \"1\"), e=\"e\".if(n<3, 1, 2) | chart count over u by e | transpose header_field=u",
        &[r#"{"column":"e1","1":"0","a":"2"}"#, r#"{"column":"e2","1":"2","a":"1"}"#],
    ),
    (
        "* | chart count over recipientAccountId by errorMessage | fields recipientAccountId NULL",
        &[r#"{"recipientAccountId":"111111111111","NULL":6}"#, r#"{"recipientAccountId":"222222222222","NULL":2}"#],
    ),
    (
        "* | rare limit=2 eventSource | fields eventSource count",
        &[r#"{"eventSource":"sts.amazonaws.com","count":1}"#, r#"{"eventSource":"ec2.amazonaws.com","count":2}"#],
    ),
    // sorting of mixed values: numbers before texts, the missing last
    (
        "| makeresults count=5 | streamstats count as n | eval v=case(n=1, \"10\", n=2, \"9\", n=3, \"abc\", n=4, \"2\") | sort v | table v",
        &[r#"{"v":"2"}"#, r#"{"v":"9"}"#, r#"{"v":"10"}"#, r#"{"v":"abc"}"#, r#"{}"#],
    ),
    (
        "| makeresults count=4 | streamstats count as n | eval v=case(n=1, \"10\", n=2, \"9\", n=3, \"abc\", n=4, \"2\") | sort - v | table v",
        &[r#"{"v":"abc"}"#, r#"{"v":"10"}"#, r#"{"v":"9"}"#, r#"{"v":"2"}"#],
    ),
    (
        "* | stats count by eventSource | sort - count, eventSource | head 1",
        &[r#"{"eventSource":"signin.amazonaws.com","count":3}"#],
    ),
    ("* | stats count by eventSource | sort nosuch | head 1", &[r#"{"eventSource":"ec2.amazonaws.com","count":2}"#]),
    ("* | dedup eventSource | stats count", &[r#"{"count":5}"#]),
    ("* | dedup 2 eventSource | stats count", &[r#"{"count":9}"#]),
    ("* | dedup errorMessage | stats count", &[r#"{"count":2}"#]),
    ("* | dedup errorMessage keepempty=t | stats count", &[r#"{"count":10}"#]),
    // time
    ("eventName=ListUsers | eval t=relative_time(_time, \"-1d@d+2h\") | table t", &[r#"{"t":"2024-05-01T02:00:00Z"}"#]),
    (
        "eventName=ListUsers | eval t=strftime(_time, \"%Y/%m/%d %H:%M:%S.%3N\") | table t",
        &[r#"{"t":"2024/05/02 23:59:59.000"}"#],
    ),
    (
        "| makeresults | eval t=strptime(\"2024-05-02 01:02\", \"%Y-%m-%d %H:%M\") | table t",
        &[r#"{"t":"2024-05-02T01:02:00Z"}"#],
    ),
    ("eventName=ListUsers | convert timeformat=\"%H:%M\" ctime(_time) as t | table t", &[r#"{"t":"23:59"}"#]),
    ("earliest=05/02/2024:00:00:00 latest=05/02/2024:01:00:00 | stats count", &[r#"{"count":1}"#]),
    ("earliest=0 latest=1714557600 | stats count", &[r#"{"count":0}"#]),
    ("* | bin span=1d _time | stats count by _time | fields count", &[r#"{"count":4}"#, r#"{"count":6}"#]),
    ("* | where date_hour<2 | stats count", &[r#"{"count":3}"#]),
    // extraction
    (
        "eventName=GetObject | rex field=requestParameters.key mode=sed \"s/ /_/g\" | table requestParameters.key",
        &[r#"{"requestParameters.key":"b.txt"}"#, r#"{"requestParameters.key":"a_b.txt"}"#],
    ),
    (
        "eventName=RunInstances | rex field=userIdentity.arn max_match=0 \"(?<d>\\d)\" | eval n=mvcount(d) | table n",
        &[r#"{"n":12}"#],
    ),
    ("* | regex eventName!=\"^(Get|List)\" | stats count", &[r#"{"count":7}"#]),
    (
        "eventName=RunInstances | spath input=requestParameters path=instanceType output=t | table t",
        &[r#"{"t":"t3.micro"}"#],
    ),
    (
        "eventName=RunInstances | spath output=t input=requestParameters instancesSet.items{}.instanceId | eval n=mvcount(t) | table n",
        &[r#"{"n":2}"#],
    ),
    ("eventName=CreateUser | spath input=requestParameters | table userName", &[r#"{"userName":"alice"}"#]),
    (
        "eventName=AssumeRole | iplocation sourceIPAddress | eval e=if(Country=\"\", \"empty\", Country) | table e",
        &[r#"{"e":"empty"}"#],
    ),
    // numbers, texts, JSON
    (
        "| makeresults | eval a=\"5\"+3, b=\"5\".3, c=7%4, d=round(2.5), e=tostring(1234567, \"commas\"), f=tonumber(\"ff\", 16) | table a b c d e f",
        &[r#"{"a":8,"b":"53","c":3,"d":3,"e":"1,234,567","f":255}"#],
    ),
    (
        "| makeresults | eval a=json_object(\"k\", 1, \"s\", \"x\"), b=json_set(a, \"n.m\", 2), c=json_extract(b, \"n.m\"), d=json_keys(a), e=json_valid(\"{\"), f=json_delete(a, \"k\") | table a c d e f",
        &[r#"{"a":"{\"k\":1,\"s\":\"x\"}","c":"2","d":"[\"k\",\"s\"]","e":false,"f":"{\"s\":\"x\"}"}"#],
    ),
    (
        "| makeresults | eval a=bit_and(6, 3), b=bit_shift_left(1, 4), c=hypot(3, 4), d=avg(1, 2, 6), e=mv_to_json_array(split(\"1,x\", \",\"), true()) | table a b c d e",
        &[r#"{"a":2,"b":16,"c":5,"d":3,"e":"[1,\"x\"]"}"#],
    ),
];

/// Subsearches, rows beside rows, rows below rows, and commands that go row by row.
const COMMANDS: &[(&str, &[&str])] = &[
    ("eventName=ListUsers [search eventName=CreateUser | table userName] | stats count", &[r#"{"count":1}"#]),
    ("NOT [search userName=alice | stats count by userName | fields userName] | stats count", &[r#"{"count":7}"#]),
    (
        "[search eventName=CreateUser | eval search=requestParameters.userName | fields search] | stats count",
        &[r#"{"count":1}"#],
    ),
    ("[search eventName=CreateUser | return $userName] | stats count", &[r#"{"count":3}"#]),
    ("[search eventName=CreateUser | return userName] eventName=List* | stats count", &[r#"{"count":1}"#]),
    (
        "* | stats count by userName | join type=left userName [search eventName=ListUsers | stats count as lists by userName] | where userName IN (\"alice\", \"bob\") | table userName lists",
        &[r#"{"userName":"alice","lists":1}"#, r#"{"userName":"bob"}"#],
    ),
    (
        "eventName=ListUsers | stats count | append [search eventName=GetObject | stats count] | stats list(count) as c",
        &[r#"{"c":["1","2"]}"#],
    ),
    (
        "eventName=ListUsers | append [search eventName=GetObject] | stats count by requestParameters.bucketName",
        &[r#"{"requestParameters.bucketName":"logs","count":2}"#],
    ),
    (
        "* | stats count as all | appendcols [search errorCode=AccessDenied | stats count as denied]",
        &[r#"{"all":10,"denied":1}"#],
    ),
    (
        "eventSource=s3* | stats count by eventName | appendpipe [stats sum(count) as count | eval eventName=\"all\"]",
        &[r#"{"eventName":"GetObject","count":2}"#, r#"{"eventName":"all","count":2}"#],
    ),
    (
        "eventSource=s3* | multireport [stats count] [stats dc(eventName) as names]",
        &[r#"{"count":2}"#, r#"{"names":1}"#],
    ),
    (
        "| multisearch [search eventName=CreateUser | eval k=\"c\"] [search eventName=GetObject | eval k=\"g\"] | stats count by k, requestParameters.bucketName",
        &[r#"{"k":"g","requestParameters.bucketName":"logs","count":2}"#],
    ),
    (
        "| set diff [search userName=alice | stats count by eventName | fields eventName] [search eventName=ListUsers | stats count by eventName | fields eventName] | sort eventName",
        &[r#"{"eventName":"CreateUser"}"#, r#"{"eventName":"RunInstances"}"#],
    ),
    ("* | eventstats count as n by userName | where userName=\"bob\" | stats max(n) as n", &[r#"{"n":2}"#]),
    (
        "* | eventstats latest(eventName) as l, perc50(additionalEventData.bytesTransferredOut) as p, values(awsRegion) as r | head 1 | table l p r",
        &[r#"{"l":"ListUsers","p":600,"r":["ap-northeast-1","eu-west-1","us-east-1"]}"#],
    ),
    // transactions
    (
        "eventName=ConsoleLogin | transaction sourceIPAddress maxspan=10m | table sourceIPAddress duration eventcount",
        &[
            r#"{"sourceIPAddress":"192.0.2.34","duration":300,"eventcount":2}"#,
            r#"{"sourceIPAddress":"192.0.2.33","duration":0,"eventcount":1}"#,
        ],
    ),
    ("* | transaction eventSource maxpause=90m | stats count", &[r#"{"count":7}"#]),
    (
        "| makeresults count=5 | streamstats count as n | eval _time=n*60, k=1 | transaction k maxspan=2m | table eventcount",
        &[r#"{"eventcount":2}"#, r#"{"eventcount":3}"#],
    ),
    (
        "* | transaction recipientAccountId startswith=eval(eventName=\"ConsoleLogin\") endswith=\"TerminateInstances\" | table eventcount eventName",
        &[r#"{"eventcount":2,"eventName":["ConsoleLogin","TerminateInstances"]}"#],
    ),
    (
        "* | transaction recipientAccountId maxevents=3 | stats count max(eventcount) as most",
        &[r#"{"count":4,"most":3}"#],
    ),
    // row by row
    (
        "eventName=ConsoleLogin | sort 0 _time | streamstats time_window=10m count as n | stats list(n) as n",
        &[r#"{"n":["1","1","2"]}"#],
    ),
    (
        "eventName=ConsoleLogin | streamstats time_window=10m count as n | stats list(n) as n",
        &[r#"{"n":["1","2","1"]}"#],
    ),
    (
        "* | sort 0 _time | streamstats reset_on_change=t count as n by eventSource | stats list(n) as n",
        &[r#"{"n":["1","1","1","2","1","2","3","1","1","1"]}"#],
    ),
    (
        "* | sort 0 _time | streamstats reset_before=(eventName=\"ConsoleLogin\") count as n | stats list(n) as n",
        &[r#"{"n":["1","2","3","4","1","1","1","2","3","4"]}"#],
    ),
    (
        "* | sort 0 _time | streamstats reset_after=(eventName=\"ConsoleLogin\") count as n | stats list(n) as n",
        &[r#"{"n":["1","2","3","4","5","1","1","1","2","3"]}"#],
    ),
    (
        "* | sort 0 _time | streamstats window=2 current=f last(eventName) as before | stats list(before) as b by eventName | where eventName=\"AssumeRole\" | table b",
        &[r#"{"b":["TerminateInstances"]}"#],
    ),
    (
        "| makeresults count=4 | streamstats count as n | eval n=n*n | delta n as d | accum n as t | autoregress n p=2 | table n d t n_p2",
        &[
            r#"{"n":1,"t":1}"#,
            r#"{"n":4,"d":3,"t":5}"#,
            r#"{"n":9,"d":5,"t":14,"n_p2":1}"#,
            r#"{"n":16,"d":7,"t":30,"n_p2":4}"#,
        ],
    ),
    (
        "| makeresults count=4 | streamstats count as n | trendline sma2(n) as s wma3(n) as w ema3(n) as e | table s w e",
        &[
            r#"{}"#,
            r#"{"s":1.5}"#,
            r#"{"s":2.5,"w":2.3333333333333335,"e":2.25}"#,
            r#"{"s":3.5,"w":3.3333333333333335,"e":3.125}"#,
        ],
    ),
    (
        "| makeresults count=3 | streamstats count as n | eval x=if(n=2, null(), n) | filldown x | stats list(x) as x",
        &[r#"{"x":["1","1","3"]}"#],
    ),
    // shapes
    (
        "* | stats count as n_all dc(userName) as n_users | foreach n_* [eval double_<<MATCHSTR>>='<<FIELD>>'*2] | table double_all double_users",
        &[r#"{"double_all":20,"double_users":10}"#],
    ),
    ("eventName=GetObject | eval k=\"who\" | eval {k}=userName | stats values(who) as w", &[r#"{"w":["bob"]}"#]),
    (
        "eventSource=s3* OR eventSource=sts* | stats count dc(awsRegion) as r by eventSource | transpose 0 header_field=eventSource",
        &[
            r#"{"column":"count","s3.amazonaws.com":"2","sts.amazonaws.com":"1"}"#,
            r#"{"column":"r","s3.amazonaws.com":"1","sts.amazonaws.com":"1"}"#,
        ],
    ),
    (
        "eventSource=s3* | stats count dc(awsRegion) as r by eventSource | untable eventSource k v | xyseries eventSource k v",
        &[r#"{"eventSource":"s3.amazonaws.com","count":"2","r":"1"}"#],
    ),
    (
        "* | stats count by awsRegion | replace us-* with america in awsRegion | where awsRegion=\"america\" | fields count",
        &[r#"{"count":7}"#],
    ),
    ("eventName=ListUsers | strcat userName \"@\" awsRegion who | table who", &[r#"{"who":"alice@us-east-1"}"#]),
    (
        "eventSource=s3* OR eventSource=sts* | stats count by eventSource | addcoltotals labelfield=eventSource label=all",
        &[
            r#"{"eventSource":"s3.amazonaws.com","count":2}"#,
            r#"{"eventSource":"sts.amazonaws.com","count":1}"#,
            r#"{"eventSource":"all","count":3}"#,
        ],
    ),
    (
        "| makeresults count=10 | streamstats count as n | eval v=if(n=10, 1000, n) | outlier action=remove v | stats max(v) as m count",
        &[r#"{"m":9,"count":9}"#],
    ),
    (
        "| makeresults count=20 | streamstats count as n | eval k=if(n=20, \"odd\", \"usual\") | anomalydetection action=annotate k | search probable_cause=* | table n probable_cause",
        &[r#"{"n":20,"probable_cause":"k"}"#],
    ),
    // data models
    (
        "| tstats count from datamodel=Authentication where Authentication.signature=ConsoleLogin by Authentication.src",
        &[r#"{"Authentication.src":"192.0.2.33","count":1}"#, r#"{"Authentication.src":"192.0.2.34","count":2}"#],
    ),
    (
        "| tstats count from datamodel=Change where All_Changes.action=created by All_Changes.object_category | `drop_dm_object_name(\"All_Changes\")`",
        &[r#"{"object_category":"instance","count":1}"#, r#"{"object_category":"user","count":1}"#],
    ),
    (
        "| datamodel Change All_Changes search | search All_Changes.action=deleted | stats count by All_Changes.command",
        &[r#"{"All_Changes.command":"TerminateInstances","count":1}"#],
    ),
    ("| from datamodel:Network_Traffic | stats count", &[r#"{"count":0}"#]),
    ("tag=authentication action=success | stats count", &[r#"{"count":3}"#]),
];

/// Days begin, and times are written, where the user is.
const LOCAL: &[(&str, &[&str])] = &[
    (
        "* | bin _time span=1d | stats count by _time",
        &[
            r#"{"_time":"2024-04-30T15:00:00Z","count":4}"#,
            r#"{"_time":"2024-05-01T15:00:00Z","count":5}"#,
            r#"{"_time":"2024-05-02T15:00:00Z","count":1}"#,
        ],
    ),
    ("* | timechart span=1d count | fields count", &[r#"{"count":4}"#, r#"{"count":5}"#, r#"{"count":1}"#]),
    ("eventName=ListUsers | eval h=strftime(_time, \"%H:%M %z\") | table h", &[r#"{"h":"08:59 +0900"}"#]),
    ("eventName=ListUsers | eval d=relative_time(_time, \"@d\") | table d", &[r#"{"d":"2024-05-02T15:00:00Z"}"#]),
    ("earliest=\"05/02/2024:09:00:00\" latest=\"05/02/2024:10:00:00\" | stats count", &[r#"{"count":1}"#]),
    ("eventName=ListUsers | convert ctime(_time) as t | table t", &[r#"{"t":"05/03/2024 08:59:59"}"#]),
];

#[tokio::test]
async fn conditions_mean_what_they_mean_in_splunk() {
    check(&sample().await, Zone::UTC, CONDITIONS).await;
}

#[tokio::test]
async fn values_mean_what_they_mean_in_splunk() {
    check(&sample().await, Zone::UTC, VALUES).await;
}

#[tokio::test]
async fn commands_do_what_they_do_in_splunk() {
    check(&sample().await, Zone::UTC, COMMANDS).await;
}

#[tokio::test]
async fn days_begin_where_the_user_is() {
    check(&sample().await, Zone::parse("Asia/Tokyo").unwrap(), LOCAL).await;
}

/// Searches with a folder of lookups and a file of macros.
async fn with_knowledge() -> (Sample, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(
        place.path().join("macros.conf"),
        "[iam(1)]\nargs = name\ndefinition = eventSource=iam* eventName=$name$\n",
    )
    .unwrap();
    let options = EngineOptions {
        threads: 2,
        lookups: Some(place.path().join("lookups")),
        macros: Some(place.path().join("macros.conf")),
        ..EngineOptions::default()
    };
    (sample_with(options).await, place)
}

#[tokio::test]
async fn what_was_seen_before_is_kept_in_a_lookup() {
    let (sample, place) = with_knowledge().await;
    // The first run of a baseline: the file is not there yet, and this search makes it.
    let baseline = "eventName=ConsoleLogin | stats min(_time) as first max(_time) as last by userName | inputlookup append=t seen.csv | stats min(first) as first max(last) as last by userName | outputlookup seen.csv";
    let mut stream = sample.engine.query(QueryRequest::new(Language::Spl, baseline)).await.unwrap();
    assert_eq!(stream.diagnostics.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["spl.missing-lookup"]);
    while futures::StreamExt::next(&mut stream.batches).await.is_some() {}
    let written = std::fs::read_to_string(place.path().join("lookups/seen.csv")).unwrap();
    assert_eq!(written, "userName,first,last\ncarol,1714611600,1714611900\nroot,1714609800,1714609800\n");
    check(&sample, Zone::UTC, &[
        ("| inputlookup seen.csv where userName=carol | eval age=last-first | table age", &[r#"{"age":300}"#]),
        ("* | stats count by userName | lookup seen.csv userName OUTPUT first | where isnotnull(first) | table userName", &[r#"{"userName":"carol"}"#, r#"{"userName":"root"}"#]),
        ("eventName=ListUsers | stats min(_time) as first by userName | outputlookup append=t seen.csv | stats count", &[r#"{"count":1}"#]),
        ("| inputlookup seen | stats count", &[r#"{"count":3}"#]),
        ("| makeresults | eval userName=\"root\", first=1 | fields userName first | outputlookup append=t key_field=userName seen.csv | stats count", &[r#"{"count":1}"#]),
        ("| inputlookup seen.csv | search userName=root | table userName first last", &[r#"{"userName":"root","first":"1"}"#]),
        ("eventName=Nothing | stats count by userName | outputlookup override_if_empty=f seen.csv | stats count", &[r#"{"count":0}"#]),
        ("| inputlookup seen.csv | stats count", &[r#"{"count":3}"#]),
        ("| inputlookup seen.csv | where userName!=\"root\" | outputlookup seen.csv | stats count", &[r#"{"count":2}"#]),
        ("| inputlookup append=t seen.csv | stats count", &[r#"{"count":2}"#]),
        ("`iam(CreateUser)` | stats count", &[r#"{"count":1}"#]),
    ])
    .await;
}

#[tokio::test]
async fn explaining_writes_nothing() {
    let (sample, place) = with_knowledge().await;
    sample.engine.explain(QueryRequest::new(Language::Spl, "* | stats count | outputlookup x.csv")).await.unwrap();
    assert!(!place.path().join("lookups").exists());
}

#[tokio::test]
async fn a_lookup_that_is_not_there_is_said() {
    let (sample, _place) = with_knowledge().await;
    for (text, part) in [
        ("| inputlookup nothing.csv", "a search that ends in `| outputlookup nothing.csv` makes it"),
        ("* | stats count | inputlookup append=t nothing.csv", "there is no lookup `nothing.csv`"),
        ("* | lookup nothing userName", "there is no lookup `nothing`"),
        ("* | stats count | outputlookup ../x.csv", "no name of a lookup"),
        ("* | stats count | outputlookup x.exe", "no name of a lookup"),
        ("`nosuch`", "1 error"),
    ] {
        let error =
            sample.ask(QueryRequest::new(Language::Spl, text)).await.err().unwrap_or_else(|| panic!("{text} ran"));
        let said = format!("{} {:?}", error.message, error.diagnostics);
        assert!(
            said.contains(part) || error.diagnostics.iter().any(|d| d.code == "spl.unknown-macro"),
            "{text}: {said}"
        );
    }
}

#[tokio::test]
async fn a_macros_file_that_is_wrong_is_said_with_its_line() {
    let (sample, place) = with_knowledge().await;
    std::fs::write(place.path().join("macros.conf"), "[a]\ndefinition = x\n\n[b\n").unwrap();
    let error = sample.ask(QueryRequest::new(Language::Spl, "`a`")).await.err().unwrap();
    assert!(error.message.contains("line 4"), "{}", error.message);
    // Other languages have no part in it.
    assert_eq!(sample.rows(Language::Sql, "SELECT count(*) AS n FROM cloudtrail").await, [r#"{"n":10}"#]);
    let none = Engine::new(sample.engine.lake().clone(), EngineOptions::default()).unwrap();
    assert!(none.query(QueryRequest::new(Language::Spl, "* | stats count")).await.is_ok());
}
