//! Sumo Logic's quirks as rows: what keywords find, what `nodrop` keeps, what null equals, which order is the default.

use engine::{Language, QueryRequest};

use crate::sample::sample;

/// Query, rows.
const CASES: &[(&str, &[&str])] = &[
    // scope: whole words, case aside; NOT before AND before OR; wildcards stay in a word
    ("consolelogin | count", &[r#"{"_count":3}"#]),
    ("console | count", &[r#"{"_count":1}"#]),
    ("Console* | count", &[r#"{"_count":4}"#]),
    ("*Users | count by eventName", &[r#"{"eventName":"ListUsers","_count":1}"#]),
    ("ConsoleLogin !Failure | count", &[r#"{"_count":2}"#]),
    ("ConsoleLogin NOT Failure AND carol | count", &[r#"{"_count":1}"#]),
    ("CreateUser or ListUsers alice | count", &[r#"{"_count":2}"#]),
    ("(CreateUser or GetObject) and errorCode | count", &[r#"{"_count":2}"#]),
    ("\"\\\"errorCode\\\":\\\"AccessDenied\\\"\" | count", &[r#"{"_count":1}"#]),
    ("\"\\\"errorCode\\\": \\\"accessdenied\\\"\" | count", &[r#"{"_count":1}"#]),
    ("\"Failed   authentication\" | count", &[r#"{"_count":1}"#]),
    ("\"not authorized to perform\" | count", &[r#"{"_count":1}"#]),
    ("ec2.amazonaws.com | count", &[r#"{"_count":2}"#]),
    ("_sourceCategory = cm-core/cloudtrail  bob | count", &[r#"{"_count":2}"#]),
    ("_sourceCategory={{trail}} region=eu-west-1 | count", &[r#"{"_count":2}"#]),
    ("account=222222222222 | count", &[r#"{"_count":2}"#]),
    ("namespace=aws/s3 | count", &[r#"{"_count":2}"#]),
    // parse: the first match in the text; drops without nodrop, which is or
    (
        "CreateUser | parse \"\\\"userName\\\":\\\"*\\\"\" as who | fields who | count by who",
        &[r#"{"who":"alice","_count":1}"#],
    ),
    (
        "* | parse \"\\\"errorCode\\\":\\\"*\\\"\" as code | count by code | sort by code asc",
        &[r#"{"code":"AccessDenied","_count":1}"#, r#"{"code":"NoSuchKey","_count":1}"#],
    ),
    ("* | parse \"\\\"errorCode\\\":\\\"*\\\"\" as code nodrop | where isNull(code) | count", &[r#"{"_count":8}"#]),
    (
        "* | parse \"\\\"errorCode\\\":\\\"*\\\"\" as code nodrop | parse \"\\\"MFAUsed\\\":\\\"*\\\"\" as mfa | count",
        &[r#"{"_count":5}"#],
    ),
    (
        "* | parse \"\\\"errorCode\\\":\\\"*\\\"\" as code | parse \"\\\"MFAUsed\\\":\\\"*\\\"\" as mfa | count",
        &[r#"{"_count":0}"#],
    ),
    (
        "GetObject | parse \"\\\"bucketName\\\":\\\"*\\\",\\\"key\\\":\\\"*\\\"\" as bucket, key | count by bucket, key | sort by key asc",
        &[r#"{"bucket":"logs","key":"a b.txt","_count":1}"#, r#"{"bucket":"logs","key":"b.txt","_count":1}"#],
    ),
    (
        "TerminateInstances | json \"userIdentity.arn\" as arn | parse field=arn \"assumed-role/*/*\" as role, who | count by role, who",
        &[r#"{"role":"admin","who":"dave@example.com","_count":1}"#],
    ),
    (
        "RunInstances | parse regex \"\\\"instanceId\\\":\\\"(?<id>[^\\\"]+)\\\"\" multi | count by id | sort by id asc",
        &[r#"{"id":"i-1","_count":1}"#, r#"{"id":"i-2","_count":1}"#],
    ),
    (
        "* | parse regex field = eventName \"^(?<verb>[A-Z][a-z]+)\" | count by verb | sort by _count, verb asc | limit 2",
        &[r#"{"verb":"Console","_count":3}"#, r#"{"verb":"Get","_count":2}"#],
    ),
    // json: keys by case, arrays as JSON text, what is not there drops
    ("* | json \"errorcode\" as c | count", &[r#"{"_count":0}"#]),
    ("* | json \"errorCode\" as c | count", &[r#"{"_count":2}"#]),
    (
        "RunInstances | json \"requestParameters.instancesSet.items[*].instanceId\" as ids | count by ids",
        &[r#"{"ids":"[\"i-1\",\"i-2\"]","_count":1}"#],
    ),
    (
        "RunInstances | json \"requestParameters.instancesSet.items[1].instanceId\" as id | count by id",
        &[r#"{"id":"i-2","_count":1}"#],
    ),
    ("TerminateInstances | json \"..userName\" as names | count by names", &[r#"{"names":"[\"admin\"]","_count":1}"#]),
    (
        "* | json \"requestParameters\" as p nodrop | json field=p \"bucketName\" as b | count by b",
        &[r#"{"b":"logs","_count":2}"#, r#"{"_count":4}"#],
    ),
    (
        "bob | json auto | count by requestParameters.bucketName",
        &[r#"{"requestParameters.bucketName":"logs","_count":2}"#],
    ),
    // null equals the empty text, and nothing else
    ("* | json \"errorCode\" as c nodrop | where c = \"\" | count", &[r#"{"_count":8}"#]),
    ("* | json \"errorCode\" as c nodrop | where c != \"AccessDenied\" | count", &[r#"{"_count":1}"#]),
    ("* | json \"errorCode\" as c nodrop | where !(c = \"AccessDenied\") | count", &[r#"{"_count":9}"#]),
    ("* | json \"errorCode\" as c nodrop | where c matches \"*\" | count", &[r#"{"_count":2}"#]),
    (
        "* | json \"errorCode\" as c nodrop | if(isBlank(c), \"ok\", c) as c | count by c | sort by c asc",
        &[r#"{"c":"AccessDenied","_count":1}"#, r#"{"c":"NoSuchKey","_count":1}"#, r#"{"c":"ok","_count":8}"#],
    ),
    // comparison: case counts, numbers in texts count as numbers with numbers
    ("* | where eventName = \"consolelogin\" | count", &[r#"{"_count":0}"#]),
    ("* | where eventName matches \"*login\" | count", &[r#"{"_count":0}"#]),
    ("* | where eventName matches \"*Login\" | count", &[r#"{"_count":3}"#]),
    ("* | where eventName matches /(?i)login$/ | count", &[r#"{"_count":3}"#]),
    ("* | json \"userAgent\" | where userAgent contains \"Boto3\" | count", &[r#"{"_count":2}"#]),
    ("* | json \"additionalEventData.bytesTransferredOut\" as b | where b > 900 | count", &[r#"{"_count":1}"#]),
    (
        "* | json \"eventName\" as e | where E in (\"GetObject\", \"ListUsers\") | count by E | sort by e asc",
        &[r#"{"E":"GetObject","_count":2}"#, r#"{"E":"ListUsers","_count":1}"#],
    ),
    ("* | where awsRegion = eventName or eventName = eventName | count", &[r#"{"_count":10}"#]),
    // sort is largest first; names of aggregates
    (
        "* | count by awsRegion | sort by _count, awsRegion asc",
        &[
            r#"{"awsRegion":"us-east-1","_count":7}"#,
            r#"{"awsRegion":"eu-west-1","_count":2}"#,
            r#"{"awsRegion":"ap-northeast-1","_count":1}"#,
        ],
    ),
    ("* | count awsRegion | top 1 awsRegion by _count", &[r#"{"awsRegion":"us-east-1","_count":7}"#]),
    (
        "* | count_distinct(eventName), count by awsRegion | sort _count_distinct | limit 1",
        &[r#"{"awsRegion":"us-east-1","_count_distinct":5,"_count":7}"#],
    ),
    (
        "* | count by awsRegion, eventName | topk(1, _count) by awsRegion | fields awsRegion, eventName, _rank",
        &[
            r#"{"awsRegion":"ap-northeast-1","eventName":"TerminateInstances","_rank":1}"#,
            r#"{"awsRegion":"eu-west-1","eventName":"GetObject","_rank":1}"#,
            r#"{"awsRegion":"us-east-1","eventName":"ConsoleLogin","_rank":1}"#,
        ],
    ),
    (
        "carol | first(errorMessage) as f, last(errorMessage) as l",
        &[r#"{"f":"Failed authentication","l":"Failed authentication"}"#],
    ),
    (
        "carol | withtime eventID | most_recent(eventID_withtime) as m",
        &[r#"{"m":"00000000-0000-0000-0000-000000000007"}"#],
    ),
    ("bob | values(eventName)", &[r#"{"_values":["GetObject"]}"#]),
    // time
    (
        "ConsoleLogin | timeslice 1h | count by _timeslice",
        &[r#"{"_timeslice":"2024-05-02T00:00:00Z","_count":1}"#, r#"{"_timeslice":"2024-05-02T01:00:00Z","_count":2}"#],
    ),
    (
        "* | timeslice 1d | count by _timeslice | formatDate(_timeslice, \"dd/MM\") as d | fields d, _count",
        &[r#"{"d":"01/05","_count":4}"#, r#"{"d":"02/05","_count":6}"#],
    ),
    (
        "ListUsers | formatDate(_messagetime, \"HH:mm\", \"Asia/Tokyo\") as t | count by t",
        &[r#"{"t":"08:59","_count":1}"#],
    ),
    (
        "ConsoleLogin | timeslice 1h | count by _timeslice, user | transpose row _timeslice column user",
        &[r#"{"_timeslice":"2024-05-02T00:00:00Z","root":1}"#, r#"{"_timeslice":"2024-05-02T01:00:00Z","carol":2}"#],
    ),
    (
        "alice | timeslice 1h | where eventSource=\"iam.amazonaws.com\" or eventName=\"RunInstances\" | count by _timeslice | limit 2 | fillmissing timeslice | accum _count as n | fields n",
        &[r#"{"n":1}"#, r#"{"n":2}"#],
    ),
    (
        "s3.amazonaws.com | timeslice 30m | count by _timeslice | fillmissing timeslice(30m) | fields _count",
        &[r#"{"_count":1}"#, r#"{"_count":0}"#, r#"{"_count":1}"#],
    ),
    (
        "bob | count by eventName | fillmissing values(\"GetObject\", \"PutObject\") in eventName",
        &[r#"{"eventName":"GetObject","_count":2}"#, r#"{"eventName":"PutObject","_count":0}"#],
    ),
    // rows beside rows
    (
        "* | count by awsRegion | sort + _count | backshift _count as b | diff _count as d | total _count as t | fields b, d, t",
        &[r#"{"t":10}"#, r#"{"b":1,"d":1,"t":10}"#, r#"{"b":2,"d":5,"t":10}"#],
    ),
    (
        "* | count by awsRegion | sort + _count | smooth _count, 2 as s | fields s",
        &[r#"{"s":1}"#, r#"{"s":1.5}"#, r#"{"s":4.5}"#],
    ),
    ("* | dedup by awsRegion | count", &[r#"{"_count":3}"#]),
    (
        "* | join (where eventName=\"CreateUser\") as t1, (where eventName=\"ListUsers\") as t2 on t1.user = t2.user | fields t1_user, t2_eventName",
        &[r#"{"t1_user":"alice","t2_eventName":"ListUsers"}"#],
    ),
    ("* [subquery: AccessDenied | compose sourceIPAddress] | count", &[r#"{"_count":3}"#]),
    // keywords are looked for anywhere in a message
    (
        "* [subquery: AccessDenied | count by userIdentity.userName | compose userIdentity.userName keywords] | count",
        &[r#"{"_count":3}"#],
    ),
    (
        "* [subquery: nobody | count by userIdentity.userName | compose userIdentity.userName keywords] | count",
        &[r#"{"_count":0}"#],
    ),
    (
        "errorMessage | logreduce field=errorMessage",
        &[
            r#"{"_count":1,"_signature":"Failed authentication"}"#,
            r#"{"_count":1,"_signature":"User: alice is not authorized to perform: iam:CreateUser"}"#,
        ],
    ),
    ("* | logreduce field=sourceIPAddress | limit 1", &[r#"{"_count":8,"_signature":"*"}"#]),
    ("* | where sourceIPAddress in [subquery: AccessDenied | compose sourceIPAddress] | count", &[r#"{"_count":3}"#]),
    ("* | where [subquery: AccessDenied | compose sourceIPAddress] | count", &[r#"{"_count":3}"#]),
    ("* | where [subquery: AccessDenied | compose sourceIPAddress, eventName] | count", &[r#"{"_count":1}"#]),
    ("* | where ![subquery: AccessDenied | compose sourceIPAddress] | count", &[r#"{"_count":7}"#]),
    (
        "* | where [subquery: AccessDenied | compose sourceIPAddress] or eventName=\"GetObject\" | count",
        &[r#"{"_count":5}"#],
    ),
    // functions
    (
        "ListUsers | isPublicIP(sourceIPAddress) as p | isPrivateIP(\"10.1.2.3\") as q | ipv4ToNumber(sourceIPAddress) as n | count by p, q, n",
        &[r#"{"p":true,"q":true,"n":3325256711,"_count":1}"#],
    ),
    (
        "ListUsers | compareCIDRPrefix(sourceIPAddress, \"198.51.0.0\", toInt(16)) as c | getCIDRPrefix(sourceIPAddress, 24) as g | maskFromCIDR(20) as m | count by c, g, m",
        &[r#"{"c":true,"g":"198.51.100.0","m":"255.255.240.0","_count":1}"#],
    ),
    (
        "ListUsers | floor(haversine(39.04380, -76.49180, 39.04380, 77.48)) as km | base64Decode(base64Encode(\"東\")) as b | hexToDec(\"0xff\") as h | luhn(\"4111111111111111\") as l | count by km, b, h, l",
        &[r#"{"km":10936,"b":"東","h":255,"l":true,"_count":1}"#],
    ),
    (
        "ListUsers | substring(eventName, 4, 9) as s | replace(eventName, \"List\", \"\") as r | replace(eventName, /[a-z]+/, \"_\") as x | concat(awsRegion, \":\", eventName) as c | count by s, r, x, c",
        &[r#"{"s":"Users","r":"Users","x":"L_U_","c":"us-east-1:ListUsers","_count":1}"#],
    ),
    (
        "ListUsers | toLowerCase(eventName) | \"x\" as tag | 1Ki as k | 7 % 4 as m | eventname as e | count by e, tag, k, m",
        &[r#"{"e":"listusers","tag":"x","k":1024,"m":3,"_count":1}"#],
    ),
    (
        "ListUsers | csv sourceIPAddress extract 1 as a | split sourceIPAddress delim='.' extract 1 as p, 4 as q | count by a, p, q",
        &[r#"{"a":"198.51.100.7","p":"198","q":"7","_count":1}"#],
    ),
    (
        "CreateUser | keyvalue \"eventName\", \"awsRegion\" as e, r | count by e, r",
        &[r#"{"e":"CreateUser","r":"us-east-1","_count":1}"#],
    ),
    (
        "ListUsers | if (\"{{name}}\" = \"*\", true, eventName matches \"{{name}}\") as shown | where shown | count",
        &[r#"{"_count":1}"#],
    ),
    ("ListUsers // a comment | with a pipe\n| /* another */ count", &[r#"{"_count":1}"#]),
];

#[tokio::test]
async fn queries_mean_what_they_mean_in_sumo_logic() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (text, want) in CASES {
        let rows = sample.ask(QueryRequest::new(Language::Sumo, *text)).await;
        let rows = rows.map(|rows| rows.lines().map(str::to_owned).collect::<Vec<_>>());
        let want: Vec<String> = want.iter().map(|&row| row.to_owned()).collect();
        if rows.as_ref().ok() != Some(&want) {
            wrong.push(format!("{text}\n   got {rows:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Queries that add to the rows' shape what depends on numbers: they run, and give these columns.
#[tokio::test]
async fn series_are_watched_compared_and_continued() {
    let sample = sample().await;
    for (text, rows, part) in [
        ("* | timeslice 1h | count by _timeslice | outlier _count window=3, threshold=1", 9, "\"_count_violation\":"),
        ("* | timeslice 1h | count by _timeslice | predict _count by 1h forecast=2", 11, "\"_count_predicted\":"),
        (
            "* | timeslice 1h | count by _timeslice | predict _count by 1h model=ar, forecast=2",
            11,
            "\"_count_linear\":",
        ),
        (
            "* | timeslice 1h | count by _timeslice, awsRegion | fillmissing timeslice, values all in awsRegion",
            114,
            "\"_count\":0",
        ),
        (
            "* | count by sourceIPAddress | lookup country_name, latitude from geo://location on ip=sourceIPAddress",
            6,
            "\"sourceIPAddress\":",
        ),
    ] {
        let found = sample.rows(Language::Sumo, text).await;
        assert_eq!(found.len(), rows, "{text}\n{}", found.join("\n"));
        assert!(found.iter().any(|row| row.contains(part)), "{text}: {}", found[0]);
    }
    let mut request = QueryRequest::new(Language::Sumo, "* | count by awsRegion | compare with timeshift 1d");
    request.since = engine::parse_time("2024-05-02T00:00:00Z", 0);
    request.until = engine::parse_time("2024-05-03T00:00:00Z", 0);
    let rows = sample.ask(request).await.unwrap();
    let want = [
        r#"{"awsRegion":"ap-northeast-1","_count":1}"#,
        r#"{"awsRegion":"eu-west-1","_count_1d":2}"#,
        r#"{"awsRegion":"us-east-1","_count":5,"_count_1d":2}"#,
    ];
    assert_eq!(rows.lines().collect::<Vec<_>>(), want);
    // Neither day has a file.
    let mut request = QueryRequest::new(Language::Sumo, "* | count by awsRegion | compare with timeshift 1d");
    request.since = engine::parse_time("2035-05-02T00:00:00Z", 0);
    request.until = engine::parse_time("2035-05-03T00:00:00Z", 0);
    assert_eq!(sample.ask(request.clone()).await.unwrap(), "");
    // An order by what a condition makes a constant.
    let travel = "user=mallory | sort 0 user, _time | streamstats current=f last(_time) AS before BY user | table user, before | sort - before";
    let asked = QueryRequest { since: request.since, until: request.until, ..QueryRequest::new(Language::Spl, travel) };
    assert_eq!(sample.ask(asked).await.unwrap(), "");
}
