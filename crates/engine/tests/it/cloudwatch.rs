//! What CloudWatch's two languages mean, on records made for their quirks: case, null, what is not there, wildcards, arrays,
//! numbers, precedence, limits, the order of mixed values, buckets of time.

use engine::{Language, QueryRequest};

use crate::sample::{Sample, lake_of};

/// Fourteen records; the last two digits of `eventID` name them in the cases.
const RECORDS: &str = r#"{"Records":[
{"eventTime":"2024-05-01T10:00:00Z","eventID":"e0000000-0000-0000-0000-000000000001","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"Mozilla/5.0","userIdentity":{"type":"IAMUser","userName":"alice"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MobileVersion":"No"},"eventType":"AwsConsoleSignIn"},
{"eventTime":"2024-05-01T10:04:59Z","eventID":"e0000000-0000-0000-0000-000000000002","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.8","userAgent":"Mozilla/5.0","userIdentity":{"type":"IAMUser","userName":"bob"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"eventType":"AwsConsoleSignIn"},
{"eventTime":"2024-05-01T10:05:00Z","eventID":"e0000000-0000-0000-0000-000000000003","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","userAgent":"Mozilla/5.0","userIdentity":{"type":"IAMUser","userName":"carol"},"errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"Yes"},"eventType":"AwsConsoleSignIn"},
{"eventTime":"2024-05-01T11:00:00Z","eventID":"e0000000-0000-0000-0000-000000000004","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.1","userIdentity":{"type":"IAMUser","userName":"alice"},"requestParameters":{"minCount":5,"maxCount":"10","instancesSet":{"items":[{"imageId":"ami-1"},{"imageId":"ami-2","n":7}]}},"readOnly":false,"eventType":"AwsApiCall"},
{"eventTime":"2024-05-01T11:30:00Z","eventID":"e0000000-0000-0000-0000-000000000005","eventSource":"ec2.amazonaws.com","eventName":"runinstances","awsRegion":"eu-west-1","sourceIPAddress":"2001:db8::5","userAgent":"aws-cli/2.1","errorCode":"Client.UnauthorizedOperation","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/dev/x"},"requestParameters":{"minCount":50},"readOnly":false,"eventType":"AwsApiCall"},
{"eventTime":"2024-05-01T12:00:00Z","eventID":"e0000000-0000-0000-0000-000000000006","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"cloudformation.amazonaws.com","userAgent":"[S3Console/0.4]","errorCode":"AccessDenied","userIdentity":{"type":"AWSService","invokedBy":"cloudformation.amazonaws.com"},"requestParameters":{"bucketName":"logs","key":"a b.txt","size":1000.0},"readOnly":true,"eventType":"AwsApiCall"},
{"eventTime":"2024-05-01T12:30:00Z","eventID":"e0000000-0000-0000-0000-000000000007","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"","userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root"},"requestParameters":{"userName":"mallory","tags":["x","y"]},"readOnly":false,"eventType":"AwsApiCall"},
{"eventTime":"2024-05-01T13:00:00Z","eventID":"e0000000-0000-0000-0000-000000000008","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.2","userAgent":"aws-cli/1.0","userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root","invokedBy":null},"requestParameters":{"userName":"Mallory","tags":[]},"readOnly":false,"eventType":"AwsServiceEvent"},
{"eventTime":"2024-05-02T00:00:00Z","eventID":"e0000000-0000-0000-0000-000000000009","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.1","userIdentity":{"type":"IAMUser","userName":"alice"},"requestParameters":null,"readOnly":true,"eventType":"AwsApiCall"},
{"eventTime":"2024-05-02T00:00:01Z","eventID":"e0000000-0000-0000-0000-000000000010","eventSource":"kms.amazonaws.com","eventName":"DisableKey","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.1","userAgent":"x","userIdentity":{"type":"IAMUser","userName":"dave"},"requestParameters":{"keyId":"k-1","size":"1e3","flag":true,"nested":{"a.b":"dot","0":"zero"}},"eventType":"AwsApiCall"},
{"eventTime":"2024-05-02T00:00:02Z","eventID":"e0000000-0000-0000-0000-000000000011","eventSource":"kms.amazonaws.com","eventName":"DisableKey","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.2","userAgent":"x","userIdentity":{"type":"IAMUser","userName":"dave"},"requestParameters":{"keyId":["k-2"],"size":"many","flag":"true","nested":{"a":{"b":"deep"}}},"eventType":"AwsApiCall"},
{"eventTime":"2024-05-02T00:00:03Z","eventID":"e0000000-0000-0000-0000-000000000012","eventSource":"kms.amazonaws.com","eventName":"DisableKey","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.3","userAgent":"user=eve, method:PUT, latency := 17","userIdentity":{"type":"IAMUser","userName":"dave"},"requestParameters":{"keyId":{"id":"k-3"},"size":-3,"flag":false},"eventType":"AwsApiCall"}
]}"#;

async fn sample() -> Sample {
    lake_of(RECORDS).await
}

/// The numbers of the records that a query gives, in order of their ids.
async fn found(sample: &Sample, lang: Language, text: &str) -> Result<Vec<u32>, String> {
    let rows = sample.ask(QueryRequest::new(lang, text)).await.map_err(|error| format!("{error}"))?;
    let mut ids: Vec<u32> = rows
        .lines()
        .filter_map(|line| {
            line.split("\"eventID\":\"e0000000-0000-0000-0000-0000000000").nth(1)?.get(..2)?.parse().ok()
        })
        .collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Filter patterns: pattern, records that match.
const PATTERNS: &[(&str, &[u32])] = &[
    // case, quotation marks, wildcards
    ("{ $.eventName = RunInstances }", &[4]),
    (r#"{ $.eventName = "RunInstances" }"#, &[4]),
    ("{ $.eventname = RunInstances }", &[]),
    ("{ $.eventName = *nstances }", &[4, 5]),
    (r#"{ $.eventName = "*un*nces" }"#, &[4, 5]),
    ("{ $.eventSource = iam.amazonaws.com }", &[7, 8, 9]),
    (r#"{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }"#, &[5, 6]),
    (r#"{ $.requestParameters.key = "a b.txt" }"#, &[6]),
    (r#"{ $.userAgent = "[S3*" }"#, &[6]),
    (r#"{ $.userAgent = "" }"#, &[7]),
    // what is not there, null, and what has a value
    ("{ $.errorCode NOT EXISTS }", &[1, 2, 3, 4, 7, 8, 9, 10, 11, 12]),
    ("{ $.errorCode = * }", &[5, 6]),
    ("{ $.errorCode IS NULL }", &[]),
    ("{ $.userIdentity.invokedBy IS NULL }", &[8]),
    ("{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }", &[7]),
    ("{ $.requestParameters IS NULL }", &[9]),
    ("{ $.requestParameters NOT EXISTS }", &[1, 2, 3]),
    // != wants a value
    ("{ $.errorCode != AccessDenied }", &[5]),
    (r#"{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes" }"#, &[2]),
    ("{ $.userIdentity.invokedBy != x }", &[6]),
    ("{ $.sourceIPAddress != 198.51.* && $.eventName = ConsoleLogin }", &[3]),
    ("{ $.userAgent != x* && $.eventSource = s3.amazonaws.com }", &[6]),
    // objects, arrays and truth values are no values
    ("{ $.requestParameters.keyId = * }", &[10]),
    ("{ $.requestParameters.keyId != k-9 }", &[10]),
    ("{ $.requestParameters.keyId = *k-* }", &[10]),
    (r#"{ $.requestParameters.flag = "true" }"#, &[11]),
    ("{ $.requestParameters.flag IS TRUE }", &[10]),
    ("{ $.requestParameters.flag IS FALSE }", &[12]),
    ("{ $.readOnly IS FALSE }", &[4, 5, 7, 8]),
    ("{ $.requestParameters.flag != x }", &[11]),
    // numbers
    ("{ $.requestParameters.minCount = 5 }", &[4]),
    (r#"{ $.requestParameters.minCount = "5" }"#, &[4]),
    (r#"{ $.requestParameters.minCount = 5* }"#, &[4, 5]),
    ("{ $.requestParameters.minCount > 5 }", &[5]),
    ("{ $.requestParameters.minCount >= 5 && $.requestParameters.minCount < 6.5 }", &[4]),
    ("{ $.requestParameters.maxCount >= 9 }", &[4]),
    ("{ $.requestParameters.size = 1e3 }", &[6, 10]),
    ("{ $.requestParameters.size = 1000 }", &[6, 10]),
    ("{ $.requestParameters.size != 1000 }", &[11, 12]),
    ("{ $.requestParameters.size < +1 }", &[12]),
    ("{ $.requestParameters.size > -4 }", &[6, 10, 12]),
    // arrays, members with odd names
    ("{ $.requestParameters.instancesSet.items[0].imageId = ami-1 }", &[4]),
    ("{ $.requestParameters.instancesSet.items[0].imageId = ami-2 }", &[]),
    ("{ $.requestParameters.instancesSet.items[*].imageId = ami-2 }", &[4]),
    ("{ $.requestParameters.instancesSet.items[*].n > 6 }", &[4]),
    ("{ $.requestParameters.tags[1] = y }", &[7]),
    ("{ $.requestParameters.tags[*] = z }", &[]),
    ("{ $.requestParameters.tags[*] != x }", &[7]),
    (r#"{ $.requestParameters.nested["a.b"] = dot }"#, &[10]),
    ("{ $.requestParameters.nested.a.b = deep }", &[11]),
    ("{ $.requestParameters.* = mallory }", &[7]),
    ("{ $.*.ConsoleLogin = Failure }", &[3]),
    // precedence
    ("{ $.eventName = ListUsers || $.eventName = CreateUser && $.eventType = AwsServiceEvent }", &[8, 9]),
    ("{ ($.eventName = ListUsers || $.eventName = CreateUser) && $.eventType = AwsServiceEvent }", &[8]),
    // regular expressions
    ("{ $.eventName = %^(?i)% }", &[]),
    ("{ $.eventName = %[Rr]un[Ii]nst% }", &[4, 5]),
    ("{ $.eventName != %^[CDGLR]% }", &[5]),
    (r"{ $.sourceIPAddress = %^10\.0\.0\.[12]$% }", &[10, 11]),
    // terms
    ("mallory", &[7]),
    ("\"Failed authentication\"", &[3]),
    ("ConsoleLogin -Success", &[3]),
    ("ConsoleLogin Success", &[1, 2]),
    ("?mallory ?Mallory", &[7, 8]),
    ("%[Mm]allory%", &[7, 8]),
];

#[tokio::test]
async fn filter_patterns_match_what_cloudwatch_matches() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (pattern, want) in PATTERNS {
        // The one pattern with a group is there for its error.
        let got = found(&sample, Language::Filter, pattern).await;
        let refused = pattern.contains('%') && pattern.contains("(?") && got.is_err();
        if !refused && got.as_deref() != Ok(*want) {
            wrong.push(format!("{pattern}\n   got {got:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), PATTERNS.len(), wrong.join("\n"));
}

/// Logs Insights: query, rows.
const QUERIES: &[(&str, &[&str])] = &[
    // case
    ("filter eventName = \"RunInstances\" | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter eventName like \"nstances\" | stats count(*) as n", &[r#"{"n":2}"#]),
    ("filter eventName like \"Instances\" | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter eventName like /(?i)RUNINSTANCES/ | stats count(*) as n", &[r#"{"n":2}"#]),
    ("filter eventName =~ /^run/ | stats count(*) as n", &[r#"{"n":1}"#]),
    // what is not there
    ("filter errorCode != \"AccessDenied\" | stats count(*) as n", &[r#"{"n":11}"#]),
    ("filter not errorCode = \"AccessDenied\" | stats count(*) as n", &[r#"{"n":11}"#]),
    ("filter errorCode = \"\" | stats count(*) as n", &[r#"{"n":0}"#]),
    ("filter ispresent(errorCode) | stats count(*) as n", &[r#"{"n":2}"#]),
    ("filter !ispresent(errorCode) | stats count(*) as n", &[r#"{"n":10}"#]),
    ("filter isempty(userAgent) | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter isempty(errorCode) | stats count(*) as n", &[r#"{"n":10}"#]),
    ("filter errorCode not like /Denied/ | stats count(*) as n", &[r#"{"n":11}"#]),
    ("filter errorCode not in [\"AccessDenied\"] | stats count(*) as n", &[r#"{"n":11}"#]),
    ("filter requestParameters.size < 5 | stats count(*) as n", &[r#"{"n":1}"#]),
    // the same name in two groups, and a group of those without the field
    (
        "stats count(*) as n by errorCode | sort n desc, errorCode",
        &[
            r#"{"n":10}"#,
            r#"{"errorCode":"AccessDenied","n":1}"#,
            r#"{"errorCode":"Client.UnauthorizedOperation","n":1}"#,
        ],
    ),
    // precedence, sets, numbers
    (
        "filter eventName = \"ListUsers\" or eventName = \"CreateUser\" and eventType = \"AwsServiceEvent\" | stats count(*) as n",
        &[r#"{"n":2}"#],
    ),
    ("filter eventName in [\"ListUsers\", 'DisableKey'] | stats count(*) as n", &[r#"{"n":4}"#]),
    ("filter requestParameters.minCount > 9 | fields requestParameters.minCount as c", &[r#"{"c":"50"}"#]),
    ("filter requestParameters.minCount in [5, 6] | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter requestParameters.size = 1000 | stats count(*) as n", &[r#"{"n":2}"#]),
    ("filter readOnly = \"true\" | stats count(*) as n", &[r#"{"n":2}"#]),
    ("filter readOnly = 0 | stats count(*) as n", &[r#"{"n":4}"#]),
    ("filter eventTime >= \"2024-05-02T00:00:01Z\" | stats count(*) as n", &[r#"{"n":3}"#]),
    ("filter @timestamp < 1714561200000 | stats count(*) as n", &[r#"{"n":3}"#]),
    ("filter @timestamp > toMillis(fromMillis(1714608002000)) | stats count(*) as n", &[r#"{"n":1}"#]),
    // arrays and members
    ("filter requestParameters.instancesSet.items.1.imageId = \"ami-2\" | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter requestParameters.instancesSet.items[0].imageId = \"ami-1\" | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter requestParameters.nested.0 = \"zero\" | stats count(*) as n", &[r#"{"n":1}"#]),
    (
        "filter eventName = \"RunInstances\" | fields jsonParse(@message) as m | unnest m.requestParameters.instancesSet.items into i | display i.imageId",
        &[r#"{"i.imageId":"ami-1"}"#, r#"{"i.imageId":"ami-2"}"#],
    ),
    (
        "fields jsonParse(@message) as m | unnest m.requestParameters.tags into tag | filter ispresent(tag) | display tag",
        &[r#"{"tag":"x"}"#, r#"{"tag":"y"}"#],
    ),
    // parse
    (
        "parse userAgent \"user=*, method:*, latency := *\" as user, method, latency | filter ispresent(user) | display user, method, latency + 1 as l",
        &[r#"{"user":"eve","method":"PUT","l":18}"#],
    ),
    (
        "parse userAgent /^(?<tool>[a-z-]+)\\/(?<version>[\\d.]+)/ | filter tool = \"aws-cli\" | stats count(*) as n by version",
        &[r#"{"version":"1.0","n":1}"#, r#"{"version":"2.1","n":3}"#],
    ),
    ("parse '\"eventName\":\"*\"' as name | filter name = \"GetObject\" | display name", &[r#"{"name":"GetObject"}"#]),
    // columns
    (
        "filter eventName = \"GetObject\" | fields @timestamp, eventName",
        &[r#"{"@timestamp":"2024-05-01T12:00:00Z","eventName":"GetObject"}"#],
    ),
    (
        "filter eventName = \"GetObject\" | fields @log as log, @ptr as ptr",
        &[r#"{"log":":cloudtrail","ptr":"e0000000-0000-0000-0000-000000000006"}"#],
    ),
    (
        "filter eventName = \"GetObject\" | fields eventName | fields awsRegion",
        &[r#"{"eventName":"GetObject","awsRegion":"us-east-1"}"#],
    ),
    ("filter eventName = \"GetObject\" | fields eventName | display awsRegion", &[r#"{"awsRegion":"us-east-1"}"#]),
    (
        "filter eventName = \"GetObject\" | display eventName = \"GetObject\" as same, eventName = \"x\" as other",
        &[r#"{"same":1,"other":0}"#],
    ),
    ("filter eventName = \"GetObject\" | fields nothing, eventName", &[r#"{"eventName":"GetObject"}"#]),
    // order and limits: newest first, texts before numbers, nothing last
    ("fields eventName | limit 1", &[r#"{"eventName":"DisableKey"}"#]),
    ("sort @timestamp | fields userIdentity.userName as who | limit 2", &[r#"{"who":"alice"}"#, r#"{"who":"bob"}"#]),
    (
        "filter eventName in [\"GetObject\", \"DisableKey\", \"ListUsers\"] | sort requestParameters.size | fields requestParameters.size as s",
        &[r#"{"s":"many"}"#, r#"{"s":"-3"}"#, r#"{"s":"1000.0"}"#, r#"{"s":"1e3"}"#, "{}"],
    ),
    (
        "filter eventName in [\"GetObject\", \"DisableKey\"] | sort requestParameters.size desc | fields requestParameters.size as s | limit 2",
        &[r#"{"s":"1e3"}"#, r#"{"s":"1000.0"}"#],
    ),
    ("limit 4 | filter eventName = \"ListUsers\" | stats count(*) as n", &[r#"{"n":1}"#]),
    (
        "filter eventSource = \"signin.amazonaws.com\" | sort @timestamp asc | dedup eventName | fields userIdentity.userName as who",
        &[r#"{"who":"alice"}"#],
    ),
    ("dedup errorCode | stats count(*) as n", &[r#"{"n":12}"#]),
    // buckets of time
    (
        "filter eventName = \"ConsoleLogin\" | stats count(*) as n by bin(5m) as t | sort t",
        &[r#"{"t":"2024-05-01T10:00:00Z","n":2}"#, r#"{"t":"2024-05-01T10:05:00Z","n":1}"#],
    ),
    (
        "stats count(*) as n by bin(1d)",
        &[r#"{"bin(1d)":"2024-05-01T00:00:00Z","n":8}"#, r#"{"bin(1d)":"2024-05-02T00:00:00Z","n":4}"#],
    ),
    ("stats count(*) as n by bin(1mo) as m", &[r#"{"m":"2024-05-01T00:00:00Z","n":12}"#]),
    ("stats count(*) as n by bin(1w) as w", &[r#"{"w":"2024-04-29T00:00:00Z","n":12}"#]),
    (
        "filter eventName = \"GetObject\" | fields dateceil(@timestamp, 1d) as c, datefloor(@timestamp, 6h) as f",
        &[r#"{"c":"2024-05-02T00:00:00Z","f":"2024-05-01T12:00:00Z"}"#],
    ),
    (
        "filter eventName = \"ConsoleLogin\" or eventName = \"RunInstances\" | stats count(*) as n by bin(30m) as t | fillmissing with 0 for n",
        &[
            r#"{"t":"2024-05-01T10:00:00Z","n":3}"#,
            r#"{"t":"2024-05-01T10:30:00Z","n":0}"#,
            r#"{"t":"2024-05-01T11:00:00Z","n":1}"#,
        ],
    ),
    // aggregates
    (
        "stats sum(requestParameters.minCount) as s, avg(requestParameters.minCount) as a, max(requestParameters.minCount) as m, count(requestParameters.minCount) as c",
        &[r#"{"s":55,"a":27.5,"m":50,"c":2}"#],
    ),
    ("stats max(requestParameters.minCount) / 2 as half, half + 1 as more", &[r#"{"half":25,"more":26}"#]),
    (
        "filter userIdentity.userName = \"alice\" | stats earliest(eventName) as first, latest(eventName) as last, count_distinct(awsRegion) as r",
        &[r#"{"first":"ConsoleLogin","last":"ListUsers","r":2}"#],
    ),
    ("stats sortsFirst(eventName) as a, sortsLast(eventName) as z", &[r#"{"a":"ConsoleLogin","z":"runinstances"}"#]),
    ("stats count(*) as n by awsRegion | stats sum(n) as total, count(*) as groups", &[r#"{"total":12,"groups":2}"#]),
    ("stats count(*) as n by awsRegion | filter n > 5", &[r#"{"awsRegion":"us-east-1","n":10}"#]),
    ("stats count(*) as n by ispresent(errorCode) as failed", &[r#"{"failed":0,"n":10}"#, r#"{"failed":1,"n":2}"#]),
    ("stats count(*) as n by awsRegion | filter stream = \"stderr\"", &[]),
    (
        "stats count(*) as a, count(*) as b by awsRegion | addtotals | filter awsRegion = \"eu-west-1\"",
        &[r#"{"awsRegion":"eu-west-1","a":2,"b":2,"Total":4}"#],
    ),
    (
        "stats count(*) as n by awsRegion | addtotals row=false col=true | filter not ispresent(awsRegion)",
        &[r#"{"n":12}"#],
    ),
    // functions
    (
        "filter eventName = \"GetObject\" | fields concat(awsRegion, \"/\", errorMessage, eventName) as c, replace(eventSource, \".amazonaws.com\", \"\") as s, strlen(eventName) as l, substr(eventName, 3) as u, substr(eventName, 0, 3) as g, toupper(eventName) as t, strcontains(eventName, \"Obj\") as o",
        &[r#"{"c":"us-east-1/GetObject","s":"s3","l":9,"u":"Object","g":"Get","t":"GETOBJECT","o":1}"#],
    ),
    (
        "filter eventName = \"GetObject\" | fields trim(userAgent, \"[]\") as t, ltrim(userAgent, \"[\") as l, rtrim(userAgent, \"]\") as r",
        &[r#"{"t":"S3Console/0.4","l":"S3Console/0.4]","r":"[S3Console/0.4"}"#],
    ),
    (
        "filter eventName = \"ListUsers\" | fields abs(-2) as a, ceil(1.2) as c, floor(-1.2) as f, greatest(1, 3, 2) as g, least(4, 2) as l, 2 ^ 3 as p, 10 % 3 as m, sqrt(9) as s, 7 / 2 as d, 1 / 0 as z",
        &[r#"{"a":2,"c":2,"f":-2,"g":3,"l":2,"p":8,"m":1,"s":3,"d":3.5}"#],
    ),
    ("filter isIpv4InSubnet(sourceIPAddress, \"198.51.100.0/24\") | stats count(*) as n", &[r#"{"n":4}"#]),
    ("filter isIpInSubnet(sourceIPAddress, \"2001:db8::/32\") | stats count(*) as n", &[r#"{"n":1}"#]),
    ("filter isIpv4InSubnet(sourceIPAddress, \"2001:db8::/32\") | stats count(*) as n", &[r#"{"n":0}"#]),
    (
        "filter not isValidIp(sourceIPAddress) | fields sourceIPAddress",
        &[r#"{"sourceIPAddress":"cloudformation.amazonaws.com"}"#],
    ),
    ("filter isValidIpV6(sourceIPAddress) | stats count(*) as n", &[r#"{"n":1}"#]),
    (
        "stats count(*) as n by case(errorCode like \"Denied\", \"denied\", ispresent(errorCode), \"failed\", \"done\") as outcome | sort n desc, outcome",
        &[r#"{"outcome":"done","n":10}"#, r#"{"outcome":"denied","n":1}"#, r#"{"outcome":"failed","n":1}"#],
    ),
    (
        "filter eventName = \"CreateUser\" | fields coalesce(userIdentity.userName, requestParameters.userName) as who | sort who",
        &[r#"{"who":"Mallory"}"#, r#"{"who":"mallory"}"#],
    ),
    // other queries
    (
        "filter sourceIPAddress in (filter eventName = \"RunInstances\" | fields sourceIPAddress) | stats count(*) as n",
        &[r#"{"n":3}"#],
    ),
    (
        "filter sourceIPAddress not in (filter eventName = \"RunInstances\" | fields sourceIPAddress) | stats count(*) as n",
        &[r#"{"n":9}"#],
    ),
    (
        "filter eventName = \"RunInstances\" | join left=a right=b where a.sourceIPAddress = b.sourceIPAddress (filter eventName = \"ListUsers\") | fields a.eventName, b.eventName, b.userIdentity.userName",
        &[r#"{"a.eventName":"RunInstances","b.eventName":"ListUsers","b.userIdentity.userName":"alice"}"#],
    ),
    (
        "filter ispresent(errorCode) or eventName = \"CreateUser\" | sort @timestamp | fields eventName, errorCode | filldown errorCode | filter eventName != \"CreateUser\" or ispresent(errorCode) | dedup eventName",
        &[
            r#"{"eventName":"runinstances","errorCode":"Client.UnauthorizedOperation"}"#,
            r#"{"eventName":"GetObject","errorCode":"AccessDenied"}"#,
            r#"{"eventName":"CreateUser","errorCode":"AccessDenied"}"#,
        ],
    ),
    (
        "filter eventName = \"DisableKey\" | pattern sourceIPAddress",
        &[r#"{"@pattern":"<*>","@sampleCount":3,"@ratio":1,"@severityLabel":"None"}"#],
    ),
    ("# all of them\nstats count(*) as n // at once", &[r#"{"n":12}"#]),
];

#[tokio::test]
async fn insights_means_what_it_means_in_cloudwatch() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (text, want) in QUERIES {
        let rows = sample.ask(QueryRequest::new(Language::Insights, *text)).await;
        let rows = rows
            .map(|rows| rows.lines().map(str::to_owned).collect::<Vec<_>>())
            .map_err(|error| format!("{error} {:?}", error.diagnostics));
        let wanted: Vec<String> = want.iter().map(|row| (*row).to_owned()).collect();
        if rows.as_ref() != Ok(&wanted) {
            wrong.push(format!("{text}\n   got {rows:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), QUERIES.len(), wrong.join("\n"));
}

#[tokio::test]
async fn events_without_fields_are_whole() {
    let sample = sample().await;
    let rows = sample.rows(Language::Insights, "filter eventName = \"GetObject\"").await;
    assert_eq!(rows.len(), 1);
    for part in [
        "\"_time\":\"2024-05-01T12:00:00Z\"",
        "\"eventID\":\"e0",
        "\"_raw\":\"{",
        "\"@message\":\"{",
        "\"@timestamp\":\"2024-05-01T12",
    ] {
        assert!(rows[0].contains(part), "{part} in {}", rows[0]);
    }
}
