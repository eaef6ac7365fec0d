//! SQL as Athena means it: nulls, errors, positions, layouts, and the shapes of records.

use engine::{Language, QueryRequest};

use crate::sample::{lake_of, sample};

/// Expression, the value of its only row as JSON (nothing for null).
const VALUES: &[(&str, &str)] = &[
    // arrays count from 1; a subscript out of range fails, element_at gives null
    ("ARRAY['a', 'b'][1]", "\"a\""),
    ("element_at(ARRAY['a', 'b'], -1)", "\"b\""),
    ("element_at(ARRAY['a'], 5)", ""),
    ("try(ARRAY['a'][5])", ""),
    ("split('a:b:c', ':')[3]", "\"c\""),
    ("split_part('a:b', ':', 3)", ""),
    ("substr('hello', -3)", "\"llo\""),
    ("substr('hello', 0)", "\"\""),
    ("strpos('abc', 'z')", "0"),
    // nulls
    ("concat('a', NULL)", ""),
    ("'a' || NULL", ""),
    ("greatest(1, NULL)", ""),
    ("NULL IN (1, 2)", ""),
    ("1 NOT IN (2, NULL)", ""),
    ("coalesce(NOT regexp_like(NULL, 'x'), true)", "true"),
    ("'a' IS DISTINCT FROM NULL", "true"),
    ("contains(ARRAY[1, NULL], 2)", ""),
    ("nullif(1, 1)", ""),
    ("if(NULL, 'a', 'b')", "\"b\""),
    ("cardinality(CAST(NULL AS array(integer)))", ""),
    // numbers
    ("7 / 2", "3"),
    ("-7 / 2", "-3"),
    ("7 / 2.0", "3.5"),
    ("7 % 3", "1"),
    ("try(1 / 0)", ""),
    ("round(2.5)", "3"),
    ("round(1.2345, 2)", "1.23"),
    ("CAST(2.7 AS integer)", "3"),
    // casts
    ("CAST('12' AS integer) + 1", "13"),
    ("try_cast('x' AS integer)", ""),
    ("try(CAST('x' AS integer))", ""),
    ("CAST(1 AS varchar) || 'x'", "\"1x\""),
    ("CAST(true AS varchar)", "\"true\""),
    ("CAST(1.0 AS varchar)", "\"1.0\""),
    ("typeof(CAST(1 AS bigint))", "\"bigint\""),
    ("CAST(row('a', 1) AS row(name varchar, n integer)).name", "\"a\""),
    ("CAST(JSON '{\"a\": 1}' AS map(varchar, integer))['a']", "1"),
    ("CAST(JSON '\"x\"' AS varchar)", "\"x\""),
    ("CAST('x' AS json)", "\"\\\"x\\\"\""),
    ("CAST('abcdef' AS varchar(3))", "\"abc\""),
    // JSON
    ("json_extract('{\"a\": {\"b\": [1, 2]}}', '$.a.b[1]')", "\"2\""),
    ("json_extract('{\"a\": \"x\"}', '$.a')", "\"\\\"x\\\"\""),
    ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')", ""),
    ("json_extract_scalar('{\"a.b\": 1}', '$[\"a.b\"]')", "\"1\""),
    ("json_extract_scalar('{\"A\": 1}', '$.a')", ""),
    ("json_array_length('[1, 2, 3]')", "3"),
    ("json_array_get('[\"a\", 2]', 1)", "\"2\""),
    ("json_format(json_parse('{\"b\": 1, \"a\": 2}'))", "\"{\\\"a\\\":2,\\\"b\\\":1}\""),
    ("json_size('{\"x\": {\"a\": 1, \"b\": 2}}', '$.x')", "2"),
    ("json_array_contains('[1, 2]', 2)", "true"),
    // SQL/JSON: lax and strict paths, what is empty and what fails
    ("json_value('{\"a\": {\"b\": 1}}', 'lax $.a.b')", "\"1\""),
    ("json_value('{\"a\": 7}', '$.a' RETURNING bigint) + 1", "8"),
    ("json_value('{\"a\": [1, 2]}', 'lax $.a')", ""),
    ("json_value('{\"a\": [1, 2]}', 'lax $.a[1]' RETURNING integer)", "2"),
    ("json_value('{}', '$.a' RETURNING bigint DEFAULT 5 ON EMPTY)", "5"),
    ("json_value('{\"a\": \"x\"}', '$.a' RETURNING bigint DEFAULT 1 ON EMPTY DEFAULT 2 ON ERROR)", "2"),
    ("json_value('{\"a\": null}', '$.a' DEFAULT 'no' ON EMPTY)", ""),
    ("json_value('no json', '$.a' DEFAULT 'bad' ON ERROR)", "\"bad\""),
    ("try(json_value('{}', 'strict $.a' NULL ON ERROR))", ""),
    ("json_query('{\"a\": [1, {\"b\": 2}]}', '$.a')", "\"[1,{\\\"b\\\":2}]\""),
    ("json_query('{\"a\": [1, 2]}', '$.a[*]')", ""),
    ("json_query('{\"a\": [1, 2]}', '$.a[*]' WITH ARRAY WRAPPER)", "\"[1,2]\""),
    ("json_query('{\"a\": \"x\"}', '$.a' OMIT QUOTES ON SCALAR STRING)", "\"x\""),
    ("json_query('{}', '$.a' EMPTY ARRAY ON EMPTY)", "\"[]\""),
    ("json_exists('{\"a\": [{\"n\": 1}, {\"n\": 5}]}', '$.a?(@.n > $least)' PASSING 4 AS least)", "true"),
    ("json_exists('{}', 'strict $.a' UNKNOWN ON ERROR)", ""),
    ("json_exists('{}', 'lax $.a')", "false"),
    // text
    ("soundex('Robert')", "\"R163\""),
    ("soundex('Ashcraft')", "\"A261\""),
    ("soundex('Tymczak')", "\"T522\""),
    ("try(soundex('x1'))", ""),
    ("'50%' LIKE '50!%' ESCAPE '!'", "true"),
    ("'abc' LIKE 'A%'", "false"),
    ("regexp_like('xAbc', 'A')", "true"),
    ("regexp_extract('role/admin', 'role/(.*)', 1)", "\"admin\""),
    ("regexp_replace('a1b22', '([0-9]+)', '<$1>')", "\"a<1>b<22>\""),
    ("replace('arn:aws:s3', 'arn:')", "\"aws:s3\""),
    ("array_join(ARRAY['a', NULL, 'c'], ',')", "\"a,c\""),
    ("array_join(ARRAY['a', NULL, 'c'], ',', '-')", "\"a,-,c\""),
    ("to_hex(md5(to_utf8('a')))", "\"0CC175B9C0F1B6A831C399E269772661\""),
    ("from_utf8(from_base64('aGVsbG8='))", "\"hello\""),
    ("url_extract_parameter('https://x/?a=1&b=2', 'b')", "\"2\""),
    ("levenshtein_distance('kitten', 'sitting')", "3"),
    // lambdas, maps
    ("filter(ARRAY[1, 2, 3], x -> x > 1)", "[\"2\",\"3\"]"),
    ("transform(ARRAY[1, 2], x -> x * 2)", "[\"2\",\"4\"]"),
    ("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s)", "6"),
    ("any_match(ARRAY[1, NULL], x -> x > 5)", ""),
    ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
    ("none_match(ARRAY[1, 2], x -> x > 5)", "true"),
    ("zip(ARRAY['a', 'b'], ARRAY[1])[2].field0", "\"b\""),
    ("zip(ARRAY['a', 'b'], ARRAY[1])[2].field1", ""),
    ("cardinality(zip(ARRAY[1, 2], ARRAY[3, 4, 5]))", "3"),
    ("zip(ARRAY[1], CAST(NULL AS array(integer)))", ""),
    ("zip_with(ARRAY[1, 2], ARRAY[3], (x, y) -> coalesce(x, 0) + coalesce(y, 0))", "[\"4\",\"2\"]"),
    ("element_at(map(ARRAY['a', 'b'], ARRAY[1, 2]), 'b')", "2"),
    ("element_at(map(ARRAY['a'], ARRAY[1]), 'z')", ""),
    ("map_keys(map_filter(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1))", "[\"b\"]"),
    ("transform_values(map(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1)['a']", "2"),
    ("array_sort(array_distinct(ARRAY[3, 1, 3]))", "[\"1\",\"3\"]"),
    ("array_union(ARRAY[1], ARRAY[2, 1])", "[\"1\",\"2\"]"),
    ("array_except(ARRAY['a', 'b'], ARRAY['b'])", "[\"a\"]"),
    ("arrays_overlap(ARRAY[1], ARRAY[2])", "false"),
    ("flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[\"1\",\"2\",\"3\"]"),
    ("slice(ARRAY[1, 2, 3], 2, 5)", "[\"2\",\"3\"]"),
    ("sequence(1, 3)", "[\"1\",\"2\",\"3\"]"),
    ("ARRAY[1, 2] || 3", "[\"1\",\"2\",\"3\"]"),
    ("contains('10.0.0.0/8', CAST('10.2.3.4' AS ipaddress))", "true"),
    ("contains('10.0.0.0/8', try_cast('ec2.amazonaws.com' AS ipaddress))", ""),
    ("row('a', 1)", "\"{\\\"field0\\\":\\\"a\\\",\\\"field1\\\":1}\""),
    ("map(ARRAY['a'], ARRAY[1])", "\"{\\\"a\\\":1}\""),
    ("ARRAY[ARRAY[1, 2]]", "[\"[1,2]\"]"),
    ("to_utf8('a')", "\"61\""),
    // times
    ("date_format(TIMESTAMP '2024-05-01 09:08:07', '%Y-%m-%dT%H:%i:%sZ')", "\"2024-05-01T09:08:07Z\""),
    ("format_datetime(from_unixtime(0), 'yyyy-MM-dd HH:mm')", "\"1970-01-01 00:00\""),
    ("date_parse('2024/05/01', '%Y/%m/%d')", "\"2024-05-01T00:00:00Z\""),
    ("parse_datetime('06/Feb/2019:00:00:38 +0000', 'dd/MMM/yyyy:HH:mm:ss Z')", "\"2019-02-06T00:00:38Z\""),
    ("try(date_parse('soon', '%Y'))", ""),
    ("to_iso8601(from_unixtime(1))", "\"1970-01-01T00:00:01.000Z\""),
    ("hour(at_timezone(TIMESTAMP '2024-05-01 00:00:00 UTC', 'Asia/Tokyo'))", "9"),
    ("with_timezone(TIMESTAMP '2024-05-01 09:00:00', 'Asia/Tokyo')", "\"2024-05-01T00:00:00Z\""),
    ("date_diff('day', DATE '2024-02-28', DATE '2024-03-01')", "2"),
    ("date_diff('month', TIMESTAMP '2024-01-31 00:00:00', TIMESTAMP '2024-03-01 00:00:00')", "1"),
    ("date_add('month', 1, DATE '2024-01-31')", "\"2024-02-29\""),
    ("date_trunc('week', TIMESTAMP '2024-05-02 10:00:00')", "\"2024-04-29T00:00:00Z\""),
    ("date_trunc('week', TIMESTAMP '1969-12-28 23:59:59')", "\"1969-12-22T00:00:00Z\""),
    ("date_trunc('hour', TIMESTAMP '1969-12-31 23:30:00')", "\"1969-12-31T23:00:00Z\""),
    ("date_trunc('day', at_timezone(TIMESTAMP '2024-05-01 20:00:00 UTC', 'Asia/Tokyo'))", "\"2024-05-01T15:00:00Z\""),
    ("day_of_week(DATE '2024-05-05')", "7"),
    ("extract(year FROM DATE '2024-05-05')", "2024"),
    ("to_unixtime(TIMESTAMP '1970-01-01 00:01:00 UTC')", "60"),
    ("TIMESTAMP '2024-05-01 00:00:00' + INTERVAL '1' DAY", "\"2024-05-02T00:00:00Z\""),
];

#[tokio::test]
async fn expressions_have_trinos_values() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (expression, want) in VALUES {
        let text = format!("SELECT {expression} AS v");
        let want = if want.is_empty() { "{}".to_owned() } else { format!("{{\"v\":{want}}}") };
        match sample.ask(QueryRequest::new(Language::Sql, &text)).await {
            Ok(rows) if rows.trim() == want => {}
            Ok(rows) => wrong.push(format!("{expression}: {} instead of {want}", rows.trim())),
            Err(error) => wrong.push(format!("{expression}: {error} {:?}", error.diagnostics)),
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), VALUES.len(), wrong.join("\n"));
}

/// Expressions that end a query, by a part of what is said.
#[tokio::test]
async fn what_trino_refuses_is_refused() {
    let sample = sample().await;
    for (expression, said) in [
        ("ARRAY['a'][5]", "element_at"),
        ("map(ARRAY['a'], ARRAY[1])['z']", "no key"),
        ("CAST('x' AS integer)", "try_cast"),
        ("json_parse('nonsense')", "JSON"),
        ("date_parse('soon', '%Y')", "layout"),
        ("CAST(1 AS nonsense)", "no type"),
        ("filter(ARRAY[1])", "lambda"),
    ] {
        let text = format!("SELECT {expression} AS v");
        let error =
            sample.ask(QueryRequest::new(Language::Sql, &text)).await.err().unwrap_or_else(|| panic!("{text} ran"));
        assert!(error.message.contains(said), "{text}: {error}");
    }
}

/// Statement, rows, over the sample of ten events.
const ROWS: &[(&str, &[&str])] = &[
    // names: case, qualified tables, aliases, struct paths at any depth
    ("SELECT COUNT(*) AS n FROM \"AwsDataCatalog\".\"default\".\"CloudTrail_Logs\"", &[r#"{"n":10}"#]),
    ("SELECT count(*) AS n FROM 0123abcd-12ab-34cd-56ef-0123456789ab", &[r#"{"n":10}"#]),
    ("SELECT count(*) AS n FROM <EDS ID>", &[r#"{"n":10}"#]),
    (
        "SELECT t.USERIDENTITY.SessionContext.sessionIssuer.userName AS who FROM cloudtrail_logs t WHERE t.eventName = 'TerminateInstances'",
        &[r#"{"who":"admin"}"#],
    ),
    (
        "SELECT requestparameters['userName'] AS u FROM cloudtrail_logs WHERE eventname = 'CreateUser'",
        &[r#"{"u":"mallory"}"#],
    ),
    (
        "SELECT requestParameters.userName AS u FROM cloudtrail_logs WHERE eventname = 'CreateUser'",
        &[r#"{"u":"mallory"}"#],
    ),
    (
        "SELECT json_extract_scalar(requestparameters, '$.instancesSet.items[1].instanceId') AS i FROM cloudtrail_logs WHERE eventname = 'RunInstances'",
        &[r#"{"i":"i-2"}"#],
    ),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE requestparameters LIKE '%mallory%'", &[r#"{"n":1}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE useridentity.arn NOT LIKE 'x%'", &[r#"{"n":3}"#]),
    // what leaves values out leaves nulls out, however a scan is asked
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE errorcode <> 'AccessDenied'", &[r#"{"n":1}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE errorcode NOT IN ('AccessDenied', 'x')", &[r#"{"n":1}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE errorcode IS NOT NULL AND errorcode <> 'x'", &[r#"{"n":2}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE errorcode IS NOT NULL OR errorcode <> 'x'", &[r#"{"n":2}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE NOT (errorcode <> 'AccessDenied')", &[r#"{"n":1}"#]),
    // times: ISO text, Lake's form, dates, lexical leftovers, functions over them
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE eventTime > '2024-05-02 02:30:00'", &[r#"{"n":2}"#]),
    (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE eventtime BETWEEN '2024-05-01T00:00:00Z' AND '2024-05-01T23:59:59Z'",
        &[r#"{"n":4}"#],
    ),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE eventtime LIKE '2024-05-02T01%'", &[r#"{"n":2}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE eventtime >= 'START_TIME'", &[r#"{"n":0}"#]),
    (
        "SELECT substr(eventtime, 1, 10) AS day, count(*) AS n FROM cloudtrail_logs GROUP BY substr(eventtime, 1, 10) ORDER BY 1",
        &[r#"{"day":"2024-05-01","n":4}"#, r#"{"day":"2024-05-02","n":6}"#],
    ),
    (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE from_iso8601_timestamp(eventtime) > TIMESTAMP '2024-05-02 02:30:00 UTC'",
        &[r#"{"n":2}"#],
    ),
    (
        "SELECT date_diff('minute', min(eventtime), max(eventtime)) AS m FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin'",
        &[r#"{"m":35}"#],
    ),
    (
        "SELECT hour(at_timezone(from_iso8601_timestamp(eventtime), 'Asia/Tokyo')) AS h FROM cloudtrail_logs WHERE eventname = 'RunInstances'",
        &[r#"{"h":19}"#],
    ),
    // partitions
    (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE region = 'eu-west-1' AND account = '222222222222' AND year = '2024' AND month = '05' AND day = '01'",
        &[r#"{"n":2}"#],
    ),
    (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE date_partition >= '2024/05/02' AND region_partition IN ('us-east-1')",
        &[r#"{"n":5}"#],
    ),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE \"timestamp\" = '2024/05/01'", &[r#"{"n":4}"#]),
    (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE p_date BETWEEN date_format(DATE '2024-05-02', '%Y/%m/%d') AND date_format(DATE '2024-05-03', '%Y/%m/%d')",
        &[r#"{"n":6}"#],
    ),
    ("SELECT count(*) AS n FROM cloudtrail_logs WHERE year = 2024 AND month = 5", &[r#"{"n":10}"#]),
    ("SELECT DISTINCT day FROM cloudtrail_logs ORDER BY day", &[r#"{"day":"2024/05/01"}"#, r#"{"day":"2024/05/02"}"#]),
    // nulls last whichever way
    (
        "SELECT DISTINCT errorcode FROM cloudtrail_logs ORDER BY errorcode DESC",
        &[r#"{"errorcode":"NoSuchKey"}"#, r#"{"errorcode":"AccessDenied"}"#, "{}"],
    ),
    // scopes: a column of a subquery is not the table's
    (
        "WITH a AS (SELECT eventname AS region FROM cloudtrail_logs WHERE eventname = 'CreateUser') SELECT region FROM a",
        &[r#"{"region":"CreateUser"}"#],
    ),
    (
        "SELECT arn FROM (SELECT useridentity.arn FROM cloudtrail_logs WHERE useridentity.type = 'Root') x",
        &[r#"{"arn":"arn:aws:iam::111111111111:root"}"#],
    ),
    (
        "WITH a AS (SELECT * FROM cloudtrail_logs) SELECT a.useridentity.username AS u FROM a WHERE a.eventname = 'CreateUser'",
        &[r#"{"u":"alice"}"#],
    ),
    (
        "SELECT u.type AS t FROM (SELECT useridentity AS u FROM cloudtrail_logs WHERE eventname = 'AssumeRole') x",
        &[r#"{"t":"AWSService"}"#],
    ),
    (
        "SELECT a.eventname AS x, b.eventname AS y FROM cloudtrail_logs a JOIN cloudtrail_logs b ON a.requestid IS NOT DISTINCT FROM b.requestid WHERE a.eventname = 'CreateUser' AND b.eventname = 'AssumeRole'",
        &[r#"{"x":"CreateUser","y":"AssumeRole"}"#],
    ),
    (
        "SELECT count(*) AS n FROM cloudtrail_logs a WHERE EXISTS (SELECT 1 FROM cloudtrail_logs b WHERE b.useridentity.username = a.useridentity.username AND b.eventname = 'CreateUser')",
        &[r#"{"n":3}"#],
    ),
    // arrays of the record
    (
        "SELECT i.instanceid AS id FROM cloudtrail_logs CROSS JOIN UNNEST(CAST(json_extract(requestparameters, '$.instancesSet.items') AS array(row(instanceid varchar)))) AS t (i) WHERE eventname = 'RunInstances' ORDER BY 1",
        &[r#"{"id":"i-1"}"#, r#"{"id":"i-2"}"#],
    ),
    (
        "SELECT i.instanceId AS id, n FROM cloudtrail_logs, UNNEST(json_extract(requestparameters, '$.instancesSet.items')) WITH ORDINALITY AS t (i, n) WHERE eventname = 'RunInstances' ORDER BY n",
        &[r#"{"id":"i-1","n":1}"#, r#"{"id":"i-2","n":2}"#],
    ),
    ("SELECT count(*) AS n FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t (r)", &[r#"{"n":0}"#]),
    ("SELECT count(*) AS n FROM cloudtrail_logs LEFT JOIN UNNEST(resources) t (r) ON TRUE", &[r#"{"n":10}"#]),
    (
        "SELECT k, v FROM UNNEST(map(ARRAY['a', 'b'], ARRAY[1, 2])) AS t (k, v) ORDER BY k",
        &[r#"{"k":"a","v":1}"#, r#"{"k":"b","v":2}"#],
    ),
    (
        "SELECT team FROM (VALUES (ARRAY['x', 'y'])) AS m (teams) LATERAL VIEW explode(teams) t AS team ORDER BY 1",
        &[r#"{"team":"x"}"#, r#"{"team":"y"}"#],
    ),
    // aggregates
    (
        "SELECT count_if(errorcode IS NOT NULL) AS n, count(*) FILTER (WHERE readonly) AS r FROM cloudtrail_logs",
        &[r#"{"n":2,"r":0}"#],
    ),
    (
        "SELECT max_by(eventname, eventtime) AS last, min_by(eventname, eventtime) AS first FROM cloudtrail_logs",
        &[r#"{"last":"ListUsers","first":"RunInstances"}"#],
    ),
    (
        "SELECT array_agg(DISTINCT awsregion ORDER BY awsregion) AS r FROM cloudtrail_logs",
        &[r#"{"r":["ap-northeast-1","eu-west-1","us-east-1"]}"#],
    ),
    ("SELECT element_at(histogram(eventname), 'ConsoleLogin') AS n FROM cloudtrail_logs", &[r#"{"n":3}"#]),
    (
        "SELECT element_at(map_agg(eventname, awsregion), 'CreateUser') AS r FROM cloudtrail_logs",
        &[r#"{"r":"us-east-1"}"#],
    ),
    (
        "SELECT listagg(eventname, ',') WITHIN GROUP (ORDER BY eventname) AS names FROM cloudtrail_logs WHERE eventsource = 'iam.amazonaws.com'",
        &[r#"{"names":"CreateUser,ListUsers"}"#],
    ),
    (
        "SELECT awsregion, count(*) AS n FROM cloudtrail_logs GROUP BY ROLLUP (awsregion) ORDER BY n DESC LIMIT 1",
        &[r#"{"n":10}"#],
    ),
    (
        "SELECT eventname, row_number() OVER (PARTITION BY useridentity.username ORDER BY eventtime) AS n FROM cloudtrail_logs WHERE useridentity.username = 'alice' ORDER BY n",
        &[
            r#"{"eventname":"RunInstances","n":1}"#,
            r#"{"eventname":"CreateUser","n":2}"#,
            r#"{"eventname":"ListUsers","n":3}"#,
        ],
    ),
    (
        "SELECT eventname, count(*) AS calls FROM cloudtrail_logs GROUP BY eventname HAVING calls > 2",
        &[r#"{"eventname":"ConsoleLogin","calls":3}"#],
    ),
    (
        "SELECT useridentity.type, count(*) AS n FROM cloudtrail_logs GROUP BY useridentity.type ORDER BY type DESC LIMIT 1",
        &[r#"{"useridentity.type":"Root","n":1}"#],
    ),
    (
        "SELECT element_at(requestparameters, 'bucketName') AS b, count(*) AS n FROM cloudtrail_logs WHERE eventsource = 's3.amazonaws.com' GROUP BY requestparameters ORDER BY n, 1 LIMIT 1",
        &[r#"{"b":"logs","n":1}"#],
    ),
    // parameters and statements
    (
        "CREATE VIEW denied AS SELECT eventname, errorcode FROM cloudtrail_logs WHERE errorcode IS NOT NULL; SELECT count(*) AS n FROM denied",
        &[r#"{"n":2}"#],
    ),
    (
        "PREPARE q FROM SELECT count(*) AS n FROM cloudtrail_logs WHERE eventname = ?; EXECUTE q USING 'ConsoleLogin'",
        &[r#"{"n":3}"#],
    ),
    (
        "SHOW PARTITIONS cloudtrail_logs",
        &[r#"{"partition":"event_date=2024-05-01"}"#, r#"{"partition":"event_date=2024-05-02"}"#],
    ),
    ("SHOW TABLES 'cloudt*'", &[r#"{"tab_name":"cloudtrail"}"#]),
];

#[tokio::test]
async fn statements_give_athenas_rows() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for (text, want) in ROWS {
        match sample.ask(QueryRequest::new(Language::Sql, *text)).await {
            Ok(rows) if rows.lines().eq(want.iter().copied()) => {}
            Ok(rows) => wrong.push(format!("{text}\n   got {:?}\n  want {want:?}", rows.lines().collect::<Vec<_>>())),
            Err(error) => wrong.push(format!("{text}\n   {error} {:?}", error.diagnostics)),
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

#[tokio::test]
async fn struct_arrays_of_records_unnest() {
    let sample = lake_of(
        r#"{"Records":[{"eventTime":"2024-05-01T10:00:00Z","eventName":"Decrypt","eventSource":"kms.amazonaws.com","eventID":"1",
        "resources":[{"ARN":"arn:aws:kms:k1","accountId":"1","type":"AWS::KMS::Key"},{"ARN":"arn:aws:kms:k2","accountId":"2"}]}]}"#,
    )
    .await;
    for (text, want) in [
        (
            "SELECT r.arn, r.accountid FROM cloudtrail_logs t CROSS JOIN UNNEST(t.resources) u (r) WHERE r.ARN LIKE '%k2'",
            r#"{"r.arn":"arn:aws:kms:k2","r.accountid":"2"}"#,
        ),
        ("SELECT resources[1].arn AS a FROM cloudtrail_logs", r#"{"a":"arn:aws:kms:k1"}"#),
        ("SELECT cardinality(resources) AS n FROM cloudtrail_logs", r#"{"n":2}"#),
        ("SELECT any_match(resources, x -> x.accountId = '2') AS foreign FROM cloudtrail_logs", r#"{"foreign":true}"#),
    ] {
        assert_eq!(sample.rows(Language::Sql, text).await, [want], "{text}");
    }
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let sample = sample().await;
    let text = "SELECT eventNmae, cuont(*), lenght(userAgent) FROM cloudtrail_logs GROUP BY eventNmae";
    let error = sample.ask(QueryRequest::new(Language::Sql, text)).await.err().unwrap();
    let found: Vec<_> = error.diagnostics.iter().map(|d| (d.code.as_str(), &text[d.span.start..d.span.end])).collect();
    assert!(found.contains(&("sql.unknown-column", "eventNmae")), "{found:?}");
    assert!(found.contains(&("sql.unknown-function", "cuont")), "{found:?}");
    assert!(found.contains(&("sql.unknown-function", "lenght")), "{found:?}");
}

#[tokio::test]
async fn a_name_without_end_is_refused() {
    let sample = sample().await;
    let asked = |parts: usize| {
        let text = format!("SELECT histogram({}awsRegion) AS regions FROM cloudtrail_logs", "$.".repeat(parts));
        sample.ask(QueryRequest::new(Language::Sql, text))
    };
    let error = asked(500).await.err().unwrap();
    assert_eq!(error.diagnostics[0].code, "sql.too-deep");
    assert!(asked(20).await.is_ok());
    let numbers = "SELECT 1.5 + 2.5 * 3.5, requestparameters.a.b.c.d FROM cloudtrail_logs WHERE eventname = 'a.b.c'";
    sample.ask(QueryRequest::new(Language::Sql, numbers)).await.unwrap();
}

#[tokio::test]
async fn examples_of_the_manual_plan() {
    let sample = sample().await;
    let mut wrong = Vec::new();
    for entry in engine::sql_reference().iter().filter(|e| !e.example.is_empty()) {
        if let Err(error) = sample.engine.explain(QueryRequest::new(Language::Sql, entry.example)).await {
            wrong.push(format!("{}: {}: {error} {:?}", entry.name, entry.example, error.diagnostics));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
