//! One question, several languages, one answer; and the operators one by one.

use engine::{Condition, Language, QueryRequest};

use crate::sample::sample;

/// The same question in SPL and SQL.
const SAME: &[(&str, &str, &[&str])] = &[
    ("sourcetype=aws:cloudtrail | stats count", "SELECT count(*) AS count FROM cloudtrail_logs", &[r#"{"count":10}"#]),
    (
        "eventSource=s3.amazonaws.com | stats count by eventName, awsRegion",
        "SELECT eventName, awsRegion, count(*) AS count FROM cloudtrail_logs WHERE eventSource = 's3.amazonaws.com' GROUP BY eventName, awsRegion",
        &[r#"{"eventName":"GetObject","awsRegion":"eu-west-1","count":2}"#],
    ),
    (
        "eventName=CreateUser | table userIdentity.userName, requestParameters.userName",
        "SELECT useridentity.userName, element_at(requestParameters, 'userName') AS \"requestParameters.userName\" FROM cloudtrail_logs WHERE eventname = 'CreateUser'",
        &[r#"{"userIdentity.userName":"alice","requestParameters.userName":"mallory"}"#],
    ),
    (
        "eventName=RunInstances | table requestParameters.instanceType",
        "SELECT json_extract_scalar(requestParameters, '$.instanceType') AS \"requestParameters.instanceType\" FROM cloudtrail WHERE eventName = 'RunInstances'",
        &[r#"{"requestParameters.instanceType":"t3.micro"}"#],
    ),
    (
        "eventName=ConsoleLogin additionalEventData.MFAUsed=No | stats dc(userName) as users",
        "SELECT count(DISTINCT user_name) AS users FROM cloudtrail WHERE event_name = 'ConsoleLogin' AND mfa_used = 'No'",
        &[r#"{"users":1}"#],
    ),
    (
        "* | stats min(_time) as first max(_time) as last",
        "SELECT min(eventTime) AS first, max(eventTime) AS last FROM cloudtrail_logs",
        &[r#"{"first":"2024-05-01T10:00:00Z","last":"2024-05-02T23:59:59Z"}"#],
    ),
];

#[tokio::test]
async fn the_same_question_gives_the_same_rows() {
    let sample = sample().await;
    for (spl, sql, want) in SAME {
        let fold = |rows: Vec<String>| {
            rows.iter().map(|r| r.replace("useridentity.userName", "userIdentity.userName")).collect::<Vec<_>>()
        };
        assert_eq!(fold(sample.rows(Language::Spl, spl).await), *want, "{spl}");
        assert_eq!(fold(sample.rows(Language::Sql, sql).await), *want, "{sql}");
    }
}

/// SPL by operator: query, rows.
const SPL: &[(&str, &[&str])] = &[
    // search: case-insensitive values, wildcards, OR before AND, NOT against !=, IN, phrases over the raw text
    ("eventName=runinstances | stats count", &[r#"{"count":1}"#]),
    ("eventName=*Instances | stats count", &[r#"{"count":2}"#]),
    ("eventSource=iam* eventName=CreateUser OR eventName=ListUsers | stats count", &[r#"{"count":2}"#]),
    ("NOT errorCode=AccessDenied | stats count", &[r#"{"count":9}"#]),
    ("errorMessage!=x* | stats count", &[r#"{"count":2}"#]),
    ("NOT errorMessage=x* | stats count", &[r#"{"count":10}"#]),
    ("eventName IN (CreateUser, ListUsers) | stats count", &[r#"{"count":2}"#]),
    ("\"not authorized\" | stats count", &[r#"{"count":1}"#]),
    ("mallory | stats count", &[r#"{"count":1}"#]),
    ("src_ip=192.0.2.0/24 | stats count", &[r#"{"count":3}"#]),
    // the add-on's success where there is no error
    ("errorCode=success | stats count", &[r#"{"count":8}"#]),
    (
        "* | stats count by errorCode | sort - count, errorCode",
        &[
            r#"{"errorCode":"success","count":8}"#,
            r#"{"errorCode":"AccessDenied","count":1}"#,
            r#"{"errorCode":"NoSuchKey","count":1}"#,
        ],
    ),
    // multivalue paths
    ("requestParameters.instancesSet.items{}.instanceId=i-2 | stats count", &[r#"{"count":2}"#]),
    (
        "* | stats count by requestParameters.instancesSet.items{}.instanceId | sort requestParameters.instancesSet.items{}.instanceId",
        &[
            r#"{"requestParameters.instancesSet.items{}.instanceId":"i-1","count":1}"#,
            r#"{"requestParameters.instancesSet.items{}.instanceId":"i-2","count":2}"#,
        ],
    ),
    (
        "eventName=RunInstances | eval ids='requestParameters.instancesSet.items{}.instanceId' | mvexpand ids | sort ids | table ids",
        &[r#"{"ids":"i-1"}"#, r#"{"ids":"i-2"}"#],
    ),
    // eval, where, if, arithmetic, concatenation
    (
        "eventName=GetObject | eval mb=additionalEventData.bytesTransferredOut/1200, big=if(mb>=1,\"yes\",\"no\") | stats sum(mb) as mb count by big | sort big",
        &[r#"{"big":"no","mb":0,"count":1}"#, r#"{"big":"yes","mb":1,"count":1}"#],
    ),
    ("* | where like(eventName, \"%User%\") AND isnotnull(userName) | stats count", &[r#"{"count":2}"#]),
    ("eventName=CreateUser | eval who=userName.\"@\".awsRegion | table who", &[r#"{"who":"alice@us-east-1"}"#]),
    // policy documents
    (
        r#"eventName=CreateUser | eval own="111122223333", statement="{\"Effect\":\"Allow\",\"Principal\":\"999988887777\"}" | eval access=policy_access(statement, own), whom=policy_principals(statement, null()), none=coalesce(policy_access(requestParameters, own), "none") | table access whom none"#,
        &[r#"{"access":"external","whom":["999988887777"],"none":"none"}"#],
    ),
    // names of ports and protocols
    (
        r#"* | head 1 | eval port=port_name(22), text=port_name("443"), none=coalesce(port_name(49152), "none"), proto=protocol_name(6) | table port text none proto"#,
        &[r#"{"port":"ssh","text":"https","none":"none","proto":"tcp"}"#],
    ),
    // order and limits
    ("* | head 2 | table eventName", &[r#"{"eventName":"ListUsers"}"#, r#"{"eventName":"AssumeRole"}"#]),
    ("* | tail 1 | table eventName", &[r#"{"eventName":"RunInstances"}"#]),
    (
        "eventName=ConsoleLogin | dedup userName | table userName",
        &[r#"{"userName":"carol"}"#, r#"{"userName":"root"}"#],
    ),
    ("* | top limit=1 eventName", &[r#"{"eventName":"ConsoleLogin","count":3,"percent":30}"#]),
    ("userName=alice | rare limit=1 eventName | fields eventName", &[r#"{"eventName":"CreateUser"}"#]),
    // time
    (
        "* | timechart span=1d count",
        &[r#"{"_time":"2024-05-01T00:00:00Z","count":4}"#, r#"{"_time":"2024-05-02T00:00:00Z","count":6}"#],
    ),
    (
        "eventName=ConsoleLogin | timechart span=1h count by userName",
        &[
            r#"{"_time":"2024-05-02T00:00:00Z","carol":0,"root":1}"#,
            r#"{"_time":"2024-05-02T01:00:00Z","carol":2,"root":0}"#,
        ],
    ),
    ("earliest=2024-05-02T00:00:00Z latest=2024-05-02T01:00:00Z | stats count", &[r#"{"count":1}"#]),
    (
        "* | bin _time span=1d | stats dc(eventName) as names by _time | sort _time | fields names",
        &[r#"{"names":3}"#, r#"{"names":4}"#],
    ),
    // extraction
    ("eventName=CreateUser | rex field=errorMessage \"User: (?<who>\\w+) is\" | table who", &[r#"{"who":"alice"}"#]),
    (
        "eventName=CreateUser | spath path=requestParameters.userName output=target | table target",
        &[r#"{"target":"mallory"}"#],
    ),
    // shape
    (
        "eventName=GetObject | stats count by errorCode | fillnull value=0 | rename errorCode as code | fields code | sort code",
        &[r#"{"code":"NoSuchKey"}"#, r#"{"code":"success"}"#],
    ),
    (
        "* | stats values(awsRegion) as regions by recipientAccountId | sort recipientAccountId",
        &[
            r#"{"recipientAccountId":"111111111111","regions":["ap-northeast-1","us-east-1"]}"#,
            r#"{"recipientAccountId":"222222222222","regions":["eu-west-1"]}"#,
        ],
    ),
    (
        "* | stats latest(eventName) as last earliest(eventName) as first by userName | where userName=\"alice\" | table first last",
        &[r#"{"first":"RunInstances","last":"ListUsers"}"#],
    ),
    ("* | eventstats count as total | head 1 | table total", &[r#"{"total":10}"#]),
    ("eventSource=s3* | sort _time | streamstats count as n | table n", &[r#"{"n":1}"#, r#"{"n":2}"#]),
    // story B as typed: the leading pipe and the odd spelling run, with a warning
    (
        "|sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by username, additionalEventData.MFAUsed | sort username",
        &[
            r#"{"username":"carol","additionalEventData.MFAUsed":"No","count":2}"#,
            r#"{"username":"root","additionalEventData.MFAUsed":"Yes","count":1}"#,
        ],
    ),
];

#[tokio::test]
async fn spl_means_what_it_means_in_splunk() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (text, want) in SPL {
        let rows = sample.ask(QueryRequest::new(Language::Spl, *text)).await;
        let rows = rows.map(|r| r.lines().map(str::to_owned).collect::<Vec<_>>());
        if rows.as_ref().map(Vec::as_slice).ok() != Some(&want.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..])
        {
            wrong.push(format!("{text}\n   got {rows:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), SPL.len(), wrong.join("\n"));
}

/// SQL by feature: statement, rows.
const SQL: &[(&str, &[&str])] = &[
    (
        "select useridentity.type as t, count(*) as n from cloudtrail_logs group by 1 order by n desc, t limit 1",
        &[r#"{"t":"IAMUser","n":7}"#],
    ),
    (
        "SELECT eventName FROM cloudtrail_logs WHERE eventTime >= '2024-05-02T23:00:00Z'",
        &[r#"{"eventName":"ListUsers"}"#],
    ),
    (
        "SELECT c.eventName FROM cloudtrail_logs c WHERE c.useridentity.sessioncontext.sessionissuer.username = 'admin'",
        &[r#"{"c.eventName":"TerminateInstances"}"#],
    ),
    (
        "WITH denied AS (SELECT eventName, errorCode FROM cloudtrail WHERE errorCode IS NOT NULL) SELECT eventName FROM denied ORDER BY eventName",
        &[r#"{"eventName":"CreateUser"}"#, r#"{"eventName":"GetObject"}"#],
    ),
    (
        "SELECT count(*) AS n FROM cloudtrail WHERE eventTime > from_iso8601_timestamp('2024-05-02T02:30:00Z')",
        &[r#"{"n":2}"#],
    ),
    (
        r#"SELECT policy_access('{"Effect":"Allow","Principal":"*"}', '1') AS a, policy_admin('{"Effect":"Allow","Action":"*","Resource":"*"}') AS b, policy_principals('{"Effect":"Allow","Principal":"999988887777"}', NULL) AS c"#,
        &[r#"{"a":"public","b":true,"c":["999988887777"]}"#],
    ),
    (
        "SELECT port_name(22) AS a, coalesce(port_name('x'), 'none') AS b, protocol_name(17) AS c",
        &[r#"{"a":"ssh","b":"none","c":"udp"}"#],
    ),
    (
        "SELECT requestParameters FROM cloudtrail WHERE eventName = 'CreateUser'",
        &[r#"{"requestParameters":"{\"userName\":\"mallory\"}"}"#],
    ),
];

#[tokio::test]
async fn sql_reads_athena_and_lake_spelling() {
    let sample = sample().await;
    for (text, want) in SQL {
        assert_eq!(sample.rows(Language::Sql, text).await, *want, "{text}");
    }
}

#[tokio::test]
async fn conditions_and_bounds_apply_to_every_language() {
    let sample = sample().await;
    for (lang, text) in
        [(Language::Spl, "* | stats count as n"), (Language::Sql, "SELECT count(*) AS n FROM cloudtrail")]
    {
        let mut request = QueryRequest::new(lang, text);
        request.filters =
            vec![Condition { field: "userName".into(), negated: false, values: vec!["alice".into(), "bob".into()] }];
        request.filters.push(Condition { field: "errorCode".into(), negated: true, values: vec!["success".into()] });
        assert_eq!(sample.ask(request.clone()).await.unwrap().trim(), r#"{"n":2}"#, "{text}");
        request.filters.push(Condition {
            field: "requestParameters.key".into(),
            negated: false,
            values: vec!["b.*".into()],
        });
        assert_eq!(sample.ask(request.clone()).await.unwrap().trim(), r#"{"n":1}"#, "{text}");
        request.filters.clear();
        request.since = engine::parse_time("2024-05-02T00:00:00Z", 0);
        request.until = engine::parse_time("2024-05-02T01:00:00Z", 0);
        assert_eq!(sample.ask(request).await.unwrap().trim(), r#"{"n":1}"#, "{text}");
    }
}

#[tokio::test]
async fn an_event_is_found_whole() {
    let sample = sample().await;
    let found = sample.engine.event("00000000-0000-0000-0000-000000000002").await.unwrap().unwrap();
    assert!(crate::sample::RECORDS.contains(&found.raw), "the raw record, byte for byte");
    assert_eq!(found.columns.get("error_code").and_then(|v| v.as_str()), Some("AccessDenied"));
    assert!(sample.engine.event("' OR 1=1 --").await.unwrap().is_none());
}

#[tokio::test]
async fn tables_answer_under_the_names_of_ecs_and_ocsf() {
    let sample = sample().await;
    for (sql, want) in [
        (
            "SELECT \"event.action\", count(*) AS n FROM cloudtrail_ecs WHERE \"event.provider\" = 's3.amazonaws.com' GROUP BY 1",
            r#"{"event.action":"GetObject","n":2}"#,
        ),
        (
            "SELECT \"api.operation\", count(*) AS n FROM cloudtrail_ocsf WHERE \"api.service.name\" = 's3.amazonaws.com' GROUP BY 1",
            r#"{"api.operation":"GetObject","n":2}"#,
        ),
        ("SELECT count(*) AS n FROM vpc_flow_ecs WHERE \"source.ip\" = '10.0.0.1'", r#"{"n":0}"#),
    ] {
        assert_eq!(sample.rows(Language::Sql, sql).await, [want], "{sql}");
    }
}
