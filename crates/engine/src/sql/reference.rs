//! The manual of SQL: what the editor completes and the pages are made of. Every example plans.

use query::language::{Entry, Part};

/// The entries, by part and name.
pub fn reference() -> Vec<Entry> {
    let all = FORMS.iter().map(|e| entry(Part::Form, e));
    let all = all.chain(AGGREGATES.iter().map(|e| entry(Part::Aggregate, e)));
    let mut all: Vec<Entry> = all.chain(FUNCTIONS.iter().map(|e| entry(Part::Function, e))).collect();
    all.sort_by_key(|e| (e.part, e.name));
    all
}

/// Name, syntax, help, example.
type Line = (&'static str, &'static str, &'static str, &'static str);

fn entry(part: Part, (name, syntax, help, example): &Line) -> Entry {
    Entry { part, name, syntax, help, example }
}

/// Statements and clauses.
const FORMS: &[Line] = &[
    (
        "BETWEEN",
        "value BETWEEN low AND high",
        "Both ends included. An event's time may be compared with ISO 8601 text or with '2024-05-01 00:00:00'.",
        "SELECT eventName FROM cloudtrail_logs WHERE eventTime BETWEEN '2024-05-01T00:00:00Z' AND '2024-05-02 00:00:00'",
    ),
    (
        "CASE",
        "CASE WHEN condition THEN value … ELSE value END",
        "The first value whose condition holds; null without ELSE.",
        "SELECT CASE WHEN errorCode IS NULL THEN 'ok' ELSE 'failed' END AS result, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
    ),
    (
        "CAST",
        "CAST(value AS type)",
        "To any of Trino's types, array(…), map(…, …), row(…) and json among them. What can't be cast ends the query; TRY_CAST gives null.",
        "SELECT sum(CAST(additionalEventData.bytesTransferredOut AS bigint)) AS bytes FROM cloudtrail_logs",
    ),
    (
        "CREATE VIEW",
        "CREATE [OR REPLACE] VIEW name AS query",
        "Keeps a query under a name that FROM can read.",
        "CREATE OR REPLACE VIEW root_activity AS SELECT eventTime, eventName FROM cloudtrail_logs WHERE userIdentity.type = 'Root'",
    ),
    (
        "CROSS JOIN UNNEST",
        "FROM table CROSS JOIN UNNEST(array) [WITH ORDINALITY] AS t (name)",
        "One row an element. Rows with an empty array vanish; LEFT JOIN UNNEST(…) ON true keeps them.",
        "SELECT eventName, r.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t (r)",
    ),
    (
        "DESCRIBE",
        "DESCRIBE table",
        "The columns of a table: name, type, path in the record, meaning.",
        "DESCRIBE cloudtrail_logs",
    ),
    ("EXECUTE", "EXECUTE name USING value, …", "Runs a prepared statement with values for its question marks.", ""),
    ("EXPLAIN", "EXPLAIN query", "The plan of a query, a row a line.", "EXPLAIN SELECT count(*) FROM cloudtrail_logs"),
    (
        "FROM",
        "FROM table [AS alias], …",
        "Tables by the names of Athena's guide (cloudtrail_logs, vpc_flow_logs, alb_logs, waf_logs, cloudfront_logs, s3_access_logs, …), with any database before them, event data store ids of CloudTrail Lake, views, subqueries. `all` is every log at once.",
        "SELECT count(*) AS n FROM awsdatacatalog.default.cloudtrail_logs",
    ),
    (
        "GROUP BY",
        "GROUP BY expression | position, … | GROUPING SETS (…) | ROLLUP (…) | CUBE (…)",
        "One row for each combination of values.",
        "SELECT awsRegion, count(*) AS n FROM cloudtrail_logs GROUP BY awsRegion ORDER BY n DESC",
    ),
    (
        "HAVING",
        "HAVING condition",
        "Which groups stay.",
        "SELECT sourceIPAddress, count(*) AS n FROM cloudtrail_logs GROUP BY sourceIPAddress HAVING count(*) > 100",
    ),
    (
        "IN",
        "value [NOT] IN (value, … | query)",
        "Whether a value is among others; null where it is null.",
        "SELECT eventName FROM cloudtrail_logs WHERE eventName IN ('CreateUser', 'CreateAccessKey')",
    ),
    (
        "IS NULL",
        "value IS [NOT] NULL",
        "A field that the record does not have is null.",
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE errorCode IS NOT NULL",
    ),
    (
        "JOIN",
        "[LEFT | RIGHT | FULL | CROSS] JOIN table ON condition",
        "Rows of two tables together.",
        "SELECT c.eventName, v.action FROM cloudtrail_logs c JOIN vpc_flow_logs v ON c.sourceIPAddress = v.srcaddr",
    ),
    (
        "LIKE",
        "text [NOT] LIKE pattern [ESCAPE character]",
        "% stands for any text, _ for one character; case counts.",
        "SELECT eventName FROM cloudtrail_logs WHERE userAgent LIKE 'aws-cli/%'",
    ),
    ("LIMIT", "LIMIT number", "Most rows of the result.", "SELECT eventName FROM cloudtrail_logs LIMIT 10"),
    (
        "ORDER BY",
        "ORDER BY expression | alias | position [ASC | DESC] [NULLS FIRST | LAST]",
        "The order of the result; nulls come last unless it is said.",
        "SELECT eventTime, eventName FROM cloudtrail_logs ORDER BY eventTime DESC LIMIT 10",
    ),
    (
        "OVER",
        "function(…) OVER (PARTITION BY … ORDER BY …)",
        "Window functions: row_number, rank, lag, lead, first_value and every aggregate.",
        "SELECT eventTime, lag(eventTime) OVER (PARTITION BY userIdentity.arn ORDER BY eventTime) AS before FROM cloudtrail_logs",
    ),
    (
        "PREPARE",
        "PREPARE name FROM query",
        "Keeps a query with ? for values that EXECUTE gives.",
        "PREPARE calls FROM SELECT eventName FROM cloudtrail_logs WHERE sourceIPAddress = ?",
    ),
    (
        "SELECT",
        "SELECT [DISTINCT] expression [AS name], … FROM …",
        "The columns of the result. Struct paths such as userIdentity.sessionContext.sessionIssuer.arn are read as in Athena, case aside.",
        "SELECT userIdentity.arn, eventName FROM cloudtrail_logs LIMIT 10",
    ),
    ("SHOW COLUMNS", "SHOW COLUMNS IN table", "The columns of a table.", "SHOW COLUMNS IN vpc_flow_logs"),
    ("SHOW CREATE TABLE", "SHOW CREATE TABLE table", "A table's columns as DDL.", "SHOW CREATE TABLE cloudtrail"),
    (
        "SHOW PARTITIONS",
        "SHOW PARTITIONS table",
        "The days of which a table has events.",
        "SHOW PARTITIONS cloudtrail_logs",
    ),
    ("SHOW TABLES", "SHOW TABLES ['pattern']", "Tables and views.", "SHOW TABLES"),
    (
        "UNION",
        "query UNION [ALL] query",
        "Rows of two queries; without ALL each once. INTERSECT and EXCEPT work alike.",
        "SELECT awsRegion AS region FROM cloudtrail_logs UNION SELECT region FROM vpc_flow_logs",
    ),
    (
        "WHERE",
        "WHERE condition",
        "Which rows. Partition columns of Athena's tables (region, account, year, month, day, date_partition, …) are understood, too.",
        "SELECT eventName FROM cloudtrail_logs WHERE errorCode = 'AccessDenied' AND date_partition >= '2024/05/01'",
    ),
    (
        "WITH",
        "WITH name AS (query), … query",
        "Queries by name, for the query after them.",
        "WITH denied AS (SELECT userIdentity.arn FROM cloudtrail_logs WHERE errorCode = 'AccessDenied') SELECT arn, count(*) AS n FROM denied GROUP BY arn",
    ),
];

/// Functions over the rows of a group.
const AGGREGATES: &[Line] = &[
    (
        "approx_distinct",
        "approx_distinct(x)",
        "About how many different values.",
        "SELECT approx_distinct(sourceIPAddress) AS n FROM cloudtrail_logs",
    ),
    (
        "approx_percentile",
        "approx_percentile(x, share)",
        "The value that a share (0 to 1) of the values lies below; an array of shares gives an array.",
        "SELECT approx_percentile(bytes, 0.95) AS p95 FROM vpc_flow_logs",
    ),
    (
        "arbitrary",
        "arbitrary(x)",
        "Some value that is not null. Also any_value.",
        "SELECT userIdentity.arn, arbitrary(userAgent) AS agent FROM cloudtrail_logs GROUP BY userIdentity.arn",
    ),
    (
        "array_agg",
        "array_agg([DISTINCT] x [ORDER BY …])",
        "All values in an array.",
        "SELECT userIdentity.arn, array_agg(DISTINCT sourceIPAddress) AS sources FROM cloudtrail_logs GROUP BY userIdentity.arn",
    ),
    ("avg", "avg(x)", "The mean.", "SELECT avg(bytes) AS mean FROM vpc_flow_logs"),
    (
        "bool_and",
        "bool_and(condition)",
        "Whether all are true. Also every, bool_or.",
        "SELECT bool_and(readOnly) AS only_looked FROM cloudtrail_logs",
    ),
    (
        "count",
        "count(*) | count([DISTINCT] x)",
        "Rows, or values that are not null. Every aggregate takes FILTER (WHERE …).",
        "SELECT count(*) AS n, count(*) FILTER (WHERE errorCode IS NOT NULL) AS failed FROM cloudtrail_logs",
    ),
    (
        "count_if",
        "count_if(condition)",
        "Rows for which a condition holds.",
        "SELECT count_if(errorCode = 'AccessDenied') AS denied FROM cloudtrail_logs",
    ),
    (
        "histogram",
        "histogram(x)",
        "A map of each value to how often it comes.",
        "SELECT histogram(awsRegion) AS regions FROM cloudtrail_logs",
    ),
    (
        "listagg",
        "listagg(x, separator) WITHIN GROUP (ORDER BY x)",
        "All values in one text.",
        "SELECT listagg(eventName, ', ') WITHIN GROUP (ORDER BY eventName) AS names FROM cloudtrail_logs",
    ),
    (
        "map_agg",
        "map_agg(key, value)",
        "A map of keys to values.",
        "SELECT map_agg(eventName, awsRegion) AS m FROM cloudtrail_logs",
    ),
    (
        "max",
        "max(x[, n])",
        "The greatest value, or the n greatest in an array.",
        "SELECT max(eventTime) AS last FROM cloudtrail_logs",
    ),
    (
        "max_by",
        "max_by(x, y)",
        "The x of the row with the greatest y. Also min_by.",
        "SELECT userIdentity.arn, max_by(eventName, eventTime) AS last FROM cloudtrail_logs GROUP BY userIdentity.arn",
    ),
    (
        "min",
        "min(x[, n])",
        "The least value, or the n least in an array.",
        "SELECT min(eventTime) AS first FROM cloudtrail_logs",
    ),
    (
        "multimap_agg",
        "multimap_agg(key, value)",
        "A map of keys to arrays of values.",
        "SELECT multimap_agg(eventSource, eventName) AS m FROM cloudtrail_logs",
    ),
    ("stddev", "stddev(x)", "The standard deviation of a sample.", "SELECT stddev(bytes) AS s FROM vpc_flow_logs"),
    ("sum", "sum(x)", "The sum.", "SELECT srcaddr, sum(bytes) AS bytes FROM vpc_flow_logs GROUP BY srcaddr"),
];

/// Functions of one row's values.
const FUNCTIONS: &[Line] = &[
    (
        "all_match",
        "all_match(array, x -> condition)",
        "Whether a condition holds for all elements.",
        "SELECT all_match(ARRAY[1, 2], x -> x > 0) AS v",
    ),
    (
        "any_match",
        "any_match(array, x -> condition)",
        "Whether a condition holds for an element.",
        "SELECT any_match(ARRAY[1, 2], x -> x > 1) AS v",
    ),
    ("array_distinct", "array_distinct(array)", "Each element once.", "SELECT array_distinct(ARRAY[1, 1, 2]) AS v"),
    (
        "array_except",
        "array_except(a, b)",
        "Elements of a that b does not have.",
        "SELECT array_except(ARRAY[1, 2], ARRAY[2]) AS v",
    ),
    (
        "array_intersect",
        "array_intersect(a, b)",
        "Elements of both.",
        "SELECT array_intersect(ARRAY[1, 2], ARRAY[2]) AS v",
    ),
    (
        "array_join",
        "array_join(array, separator[, null])",
        "Elements in one text.",
        "SELECT array_join(ARRAY['a', 'b'], '-') AS v",
    ),
    ("array_max", "array_max(array)", "The greatest element. Also array_min.", "SELECT array_max(ARRAY[1, 2]) AS v"),
    (
        "array_position",
        "array_position(array, x)",
        "Where x is, from 1; 0 where it is not.",
        "SELECT array_position(ARRAY['a', 'b'], 'b') AS v",
    ),
    ("array_remove", "array_remove(array, x)", "The array without x.", "SELECT array_remove(ARRAY[1, 2], 2) AS v"),
    ("array_sort", "array_sort(array)", "Elements in order, nulls last.", "SELECT array_sort(ARRAY[2, 1]) AS v"),
    (
        "array_union",
        "array_union(a, b)",
        "Elements of either, each once.",
        "SELECT array_union(ARRAY[1], ARRAY[2]) AS v",
    ),
    (
        "arrays_overlap",
        "arrays_overlap(a, b)",
        "Whether they have an element together.",
        "SELECT arrays_overlap(ARRAY[1], ARRAY[1, 2]) AS v",
    ),
    (
        "at_timezone",
        "at_timezone(time, zone)",
        "The same instant in a zone: hour(…) and date_format(…) of it are local.",
        "SELECT hour(at_timezone(TIMESTAMP '2024-05-01 00:00:00 UTC', 'Asia/Tokyo')) AS v",
    ),
    (
        "bitwise_and",
        "bitwise_and(a, b)",
        "Bits of both. Also bitwise_or, bitwise_xor, bitwise_not, bitwise_left_shift, bitwise_right_shift.",
        "SELECT bitwise_and(tcp_flags, 2) AS syn FROM vpc_flow_logs",
    ),
    (
        "cardinality",
        "cardinality(array | map)",
        "How many elements.",
        "SELECT cardinality(resources) AS n FROM cloudtrail_logs",
    ),
    ("ceil", "ceil(x)", "The next whole number above. Also floor, round, truncate.", "SELECT ceil(1.2) AS v"),
    (
        "coalesce",
        "coalesce(x, …)",
        "The first that is not null.",
        "SELECT coalesce(errorCode, 'none') AS code FROM cloudtrail_logs",
    ),
    ("codepoint", "codepoint(character)", "Its Unicode number; chr is the way back.", "SELECT codepoint('a') AS v"),
    ("concat", "concat(x, …)", "Texts or arrays together; null where one is. Also ||.", "SELECT concat('a', 'b') AS v"),
    (
        "contains",
        "contains(array, x) | contains('10.0.0.0/8', address)",
        "Whether an array has x; whether an address lies in a block.",
        "SELECT sourceIPAddress FROM cloudtrail_logs WHERE contains('198.51.100.0/24', TRY_CAST(sourceIPAddress AS ipaddress))",
    ),
    (
        "current_date",
        "current_date",
        "Today, UTC. Also current_timestamp, now().",
        "SELECT eventName FROM cloudtrail_logs WHERE eventTime > current_date - INTERVAL '7' DAY",
    ),
    (
        "date",
        "date(x)",
        "The day of a time.",
        "SELECT date(eventTime) AS day, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
    ),
    (
        "date_add",
        "date_add(unit, n, time)",
        "A time n units later; units are millisecond to year.",
        "SELECT date_add('day', -7, now()) AS v",
    ),
    (
        "date_diff",
        "date_diff(unit, from, to)",
        "Whole units from one time to another.",
        "SELECT date_diff('hour', TIMESTAMP '2024-05-01 00:00:00', TIMESTAMP '2024-05-02 00:00:00') AS v",
    ),
    (
        "date_format",
        "date_format(time, layout)",
        "A time as text, by MySQL's codes: %Y %m %d %H %i %s.",
        "SELECT date_format(eventTime, '%Y-%m-%d %H:00') AS hour, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
    ),
    (
        "date_parse",
        "date_parse(text, layout)",
        "A text as a time, by MySQL's codes.",
        "SELECT date_parse('2024-05-01', '%Y-%m-%d') AS v",
    ),
    (
        "date_trunc",
        "date_trunc(unit, time)",
        "The beginning of the unit that a time is in.",
        "SELECT date_trunc('hour', from_iso8601_timestamp(eventTime)) AS hour, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
    ),
    (
        "day_of_week",
        "day_of_week(time)",
        "1 for Monday to 7. Also day_of_month, day_of_year, year, quarter, month, week, hour, minute, second.",
        "SELECT day_of_week(eventTime) AS day, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
    ),
    (
        "element_at",
        "element_at(array, n) | element_at(map, key)",
        "An element from 1, or from the end where n is negative; null where there is none.",
        "SELECT element_at(requestParameters, 'bucketName') AS bucket FROM cloudtrail_logs",
    ),
    (
        "filter",
        "filter(array, x -> condition)",
        "Elements for which a condition holds.",
        "SELECT filter(httprequest.headers, x -> lower(x.name) = 'host') AS host FROM waf_logs",
    ),
    ("flatten", "flatten(array)", "Arrays of an array as one.", "SELECT flatten(ARRAY[ARRAY[1], ARRAY[2]]) AS v"),
    (
        "format_datetime",
        "format_datetime(time, layout)",
        "A time as text, by Joda's letters: yyyy-MM-dd HH:mm.",
        "SELECT format_datetime(now(), 'yyyy-MM-dd HH:mm') AS v",
    ),
    (
        "from_base64",
        "from_base64(text)",
        "Bytes of base64; from_utf8 makes text of them.",
        "SELECT from_utf8(from_base64('aGVsbG8=')) AS v",
    ),
    (
        "from_iso8601_timestamp",
        "from_iso8601_timestamp(text)",
        "ISO 8601 text as a time.",
        "SELECT from_iso8601_timestamp('2024-05-01T00:00:00Z') AS v",
    ),
    (
        "from_unixtime",
        "from_unixtime(seconds[, zone])",
        "Seconds since 1970 as a time.",
        "SELECT from_unixtime(start) AS started FROM vpc_flow_logs",
    ),
    ("greatest", "greatest(x, …)", "The greatest; null where one is. Also least.", "SELECT greatest(1, 2) AS v"),
    (
        "if",
        "if(condition, then[, otherwise])",
        "One of two values.",
        "SELECT if(errorCode IS NULL, 'ok', 'failed') AS result FROM cloudtrail_logs",
    ),
    (
        "ip_prefix",
        "ip_prefix(address, bits)",
        "The block that an address is in.",
        "SELECT ip_prefix(sourceIPAddress, 24) AS net FROM cloudtrail_logs",
    ),
    (
        "json_array_contains",
        "json_array_contains(json, x)",
        "Whether a JSON array has x.",
        "SELECT json_array_contains('[1, 2]', 2) AS v",
    ),
    (
        "json_array_get",
        "json_array_get(json, n)",
        "An element of a JSON array, from 0.",
        "SELECT json_array_get('[1, 2]', 0) AS v",
    ),
    (
        "json_array_length",
        "json_array_length(json)",
        "How many elements a JSON array has.",
        "SELECT json_array_length('[1, 2]') AS v",
    ),
    (
        "json_exists",
        "json_exists(json, path [PASSING value AS name, …] [TRUE | FALSE | UNKNOWN | ERROR ON ERROR])",
        "Whether a path of SQL/JSON means something: lax (arrays open by themselves) or strict, with filters `?(@.a == $name)`.",
        r#"SELECT count(*) AS n FROM cloudtrail_logs WHERE json_exists(requestParameters, 'lax $.ipPermissions.items.ipRanges.items?(@.cidrIp == "0.0.0.0/0")')"#,
    ),
    (
        "json_extract",
        "json_extract(json, path)",
        "The JSON at a path.",
        "SELECT json_extract(requestParameters, '$.ipPermissions.items[0]') AS rule FROM cloudtrail_logs",
    ),
    (
        "json_extract_scalar",
        "json_extract_scalar(json, path)",
        "The text of a scalar at a path; null for objects and arrays.",
        "SELECT json_extract_scalar(requestParameters, '$.bucketName') AS bucket FROM cloudtrail_logs",
    ),
    ("json_format", "json_format(json)", "JSON as text.", r#"SELECT json_format(JSON '{"a": 1}') AS v"#),
    (
        "json_parse",
        "json_parse(text)",
        "Text as JSON; an error where it is none.",
        r#"SELECT json_parse('{"a": 1}') AS v"#,
    ),
    (
        "json_query",
        "json_query(json, path [PASSING …] [WITHOUT | WITH [CONDITIONAL] WRAPPER] [OMIT QUOTES] [NULL | ERROR | EMPTY ARRAY | EMPTY OBJECT ON EMPTY] [… ON ERROR])",
        "The JSON text that a path of SQL/JSON means; several values with a wrapper are an array, else null.",
        "SELECT json_query(requestParameters, 'lax $.ipPermissions.items.ipRanges.items.cidrIp' WITH WRAPPER) AS ranges FROM cloudtrail_logs WHERE eventName = 'AuthorizeSecurityGroupIngress'",
    ),
    (
        "json_size",
        "json_size(json, path)",
        "How many members an object or array at a path has.",
        r#"SELECT json_size('{"a": [1, 2]}', '$.a') AS v"#,
    ),
    (
        "json_value",
        "json_value(json, path [PASSING …] [RETURNING type] [NULL | ERROR | DEFAULT value ON EMPTY] [NULL | ERROR | DEFAULT value ON ERROR])",
        "The scalar that a path of SQL/JSON means, as text or as a type; null where there is none, or several.",
        "SELECT json_value(requestParameters, 'lax $.durationSeconds' RETURNING bigint DEFAULT 3600 ON EMPTY) AS seconds FROM cloudtrail_logs WHERE eventName = 'AssumeRole'",
    ),
    ("length", "length(text)", "How many characters.", "SELECT length(userAgent) AS n FROM cloudtrail_logs"),
    (
        "levenshtein_distance",
        "levenshtein_distance(a, b)",
        "How many letters differ.",
        "SELECT levenshtein_distance('kitten', 'sitting') AS v",
    ),
    ("lower", "lower(text)", "In lower case. Also upper.", "SELECT lower(eventName) AS name FROM cloudtrail_logs"),
    ("map", "map(keys, values)", "A map out of two arrays.", "SELECT map(ARRAY['a'], ARRAY[1])['a'] AS v"),
    (
        "map_filter",
        "map_filter(map, (k, v) -> condition)",
        "Entries for which a condition holds.",
        "SELECT map_filter(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1) AS v",
    ),
    (
        "map_keys",
        "map_keys(map)",
        "The keys. Also map_values, map_entries, map_concat, map_from_entries.",
        "SELECT map_keys(requestParameters) AS names FROM cloudtrail_logs",
    ),
    (
        "md5",
        "md5(bytes)",
        "The digest; to_hex shows it. Also sha1, sha256, sha512.",
        "SELECT to_hex(md5(to_utf8('a'))) AS v",
    ),
    (
        "none_match",
        "none_match(array, x -> condition)",
        "Whether a condition holds for no element.",
        "SELECT none_match(ARRAY[1, 2], x -> x > 2) AS v",
    ),
    ("now", "now()", "The instant at which the query began.", "SELECT now() AS v"),
    ("nullif", "nullif(a, b)", "a, or null where it equals b.", "SELECT nullif(1, 0) AS v"),
    (
        "parse_datetime",
        "parse_datetime(text, layout)",
        "A text as a time, by Joda's letters.",
        "SELECT parse_datetime('2024-05-01-10:00:00', 'yyyy-MM-dd-HH:mm:ss') AS v",
    ),
    (
        "policy_access",
        "policy_access(document, own accounts)",
        "The widest access that a policy gives: public, external, conditional (a network or resource that is named), organization or internal. No function of Trino's.",
        "SELECT policy_access(element_at(requestParameters, 'bucketPolicy'), recipientAccountId) AS access FROM cloudtrail_logs WHERE eventName = 'PutBucketPolicy'",
    ),
    (
        "policy_admin",
        "policy_admin(document)",
        "Whether a policy allows everything, or all of IAM, on everything without a condition. No function of Trino's.",
        "SELECT policy_admin(element_at(requestParameters, 'policyDocument')) AS admin FROM cloudtrail_logs WHERE eventName = 'PutUserPolicy'",
    ),
    (
        "policy_principals",
        "policy_principals(document, own accounts)",
        "Whom a policy lets in from outside, an array: *, account ids, canonical ids. No function of Trino's.",
        "SELECT policy_principals(element_at(requestParameters, 'policyDocument'), recipientAccountId) AS who FROM cloudtrail_logs WHERE eventName = 'UpdateAssumeRolePolicy'",
    ),
    (
        "port_name",
        "port_name(port)",
        "The service that IANA has registered for a port; null where none is known. No function of Trino's.",
        "SELECT port_name(dstport) AS service, sum(bytes) AS total FROM vpc_flow_logs GROUP BY 1",
    ),
    (
        "protocol_name",
        "protocol_name(number)",
        "The keyword of an IP protocol; null where none is known. No function of Trino's.",
        "SELECT protocol_name(protocol_number) AS name, count(*) AS flows FROM vpc_flow_logs GROUP BY 1",
    ),
    (
        "reduce",
        "reduce(array, start, (s, x) -> state, s -> result)",
        "Elements folded into one value.",
        "SELECT reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s) AS v",
    ),
    (
        "regexp_count",
        "regexp_count(text, pattern)",
        "How often a pattern is found.",
        "SELECT regexp_count('a1b2', '[0-9]') AS v",
    ),
    (
        "regexp_extract",
        "regexp_extract(text, pattern[, group])",
        "What a pattern finds first. regexp_extract_all gives all.",
        "SELECT regexp_extract(userIdentity.arn, 'role/([^/]+)', 1) AS role FROM cloudtrail_logs",
    ),
    (
        "regexp_like",
        "regexp_like(text, pattern)",
        "Whether a pattern is found anywhere.",
        "SELECT eventName FROM cloudtrail_logs WHERE regexp_like(userAgent, '(?i)kali|parrot')",
    ),
    (
        "regexp_replace",
        "regexp_replace(text, pattern[, with])",
        "Every find replaced; $1 is a group.",
        "SELECT regexp_replace('a1b2', '[0-9]', '') AS v",
    ),
    (
        "regexp_split",
        "regexp_split(text, pattern)",
        "The parts between the finds.",
        "SELECT regexp_split('a1b2c', '[0-9]') AS v",
    ),
    (
        "replace",
        "replace(text, find[, with])",
        "Every occurrence replaced, or left out.",
        "SELECT replace(userIdentity.arn, 'arn:aws:') AS arn FROM cloudtrail_logs",
    ),
    ("reverse", "reverse(text | array)", "The same backwards.", "SELECT reverse('abc') AS v"),
    (
        "row",
        "row(x, …)",
        "Several values as one; CAST names its fields.",
        "SELECT CAST(row('a', 1) AS row(name varchar, n integer)).name AS v",
    ),
    ("sequence", "sequence(from, to[, step])", "Numbers, days or times in an array.", "SELECT sequence(1, 5) AS v"),
    ("slice", "slice(array, start, length)", "A part of an array.", "SELECT slice(ARRAY[1, 2, 3], 2, 2) AS v"),
    (
        "soundex",
        "soundex(text)",
        "A letter and three digits for how a word sounds in English: names that are spelled alike.",
        "SELECT soundex('Robert') AS v",
    ),
    (
        "split",
        "split(text, separator[, most])",
        "The parts of a text in an array.",
        "SELECT split(userIdentity.arn, ':')[5] AS account FROM cloudtrail_logs WHERE userIdentity.arn IS NOT NULL",
    ),
    (
        "split_part",
        "split_part(text, separator, n)",
        "The n-th part, from 1; null where there is none.",
        "SELECT split_part(eventSource, '.', 1) AS service FROM cloudtrail_logs",
    ),
    (
        "split_to_map",
        "split_to_map(text, between, within)",
        "A map of a text such as a=1;b=2.",
        "SELECT split_to_map('a=1;b=2', ';', '=') AS v",
    ),
    (
        "starts_with",
        "starts_with(text, beginning)",
        "Whether a text begins with another.",
        "SELECT eventName FROM cloudtrail_logs WHERE starts_with(eventName, 'Delete')",
    ),
    (
        "strpos",
        "strpos(text, find[, n])",
        "Where a text is in another, from 1; 0 where it is not.",
        "SELECT strpos('abc', 'c') AS v",
    ),
    (
        "substr",
        "substr(text, start[, length])",
        "A part of a text, from 1, or from the end where start is negative.",
        "SELECT substr(eventTime, 1, 10) AS day FROM cloudtrail_logs",
    ),
    (
        "to_hex",
        "to_hex(bytes)",
        "Bytes in hexadecimal digits; from_hex is the way back.",
        "SELECT to_hex(to_utf8('a')) AS v",
    ),
    ("to_iso8601", "to_iso8601(time)", "A time as ISO 8601 text.", "SELECT to_iso8601(from_unixtime(0)) AS v"),
    (
        "to_unixtime",
        "to_unixtime(time)",
        "Seconds since 1970.",
        "SELECT to_unixtime(eventTime) AS seconds FROM cloudtrail_logs",
    ),
    (
        "transform",
        "transform(array, x -> value)",
        "A value for each element.",
        "SELECT transform(ARRAY[1, 2], x -> x * 2) AS v",
    ),
    (
        "transform_values",
        "transform_values(map, (k, v) -> value)",
        "A map with other values. Also transform_keys.",
        "SELECT transform_values(map(ARRAY['a'], ARRAY[1]), (k, v) -> v + 1) AS v",
    ),
    ("trim", "trim(text)", "Without blanks at the ends. Also ltrim, rtrim.", "SELECT trim(' a ') AS v"),
    ("try", "try(expression)", "Null where the expression would fail.", "SELECT try(CAST('x' AS integer)) AS v"),
    ("typeof", "typeof(x)", "The name of a value's type.", "SELECT typeof(now()) AS v"),
    ("unnest", "unnest(array)", "One row an element, beside the other columns.", "SELECT unnest(ARRAY[1, 2]) AS v"),
    ("url_decode", "url_decode(text)", "Without %20 and the like. Also url_encode.", "SELECT url_decode('a%20b') AS v"),
    (
        "url_extract_host",
        "url_extract_host(url)",
        "The host of a URL. Also url_extract_path, _query, _port, _protocol, _fragment.",
        "SELECT url_extract_path(request_url) AS path FROM alb_logs",
    ),
    (
        "url_extract_parameter",
        "url_extract_parameter(url, name)",
        "The value of a parameter of a URL.",
        "SELECT url_extract_parameter('https://x/?a=1', 'a') AS v",
    ),
    (
        "with_timezone",
        "with_timezone(time, zone)",
        "A local time of a zone as an instant.",
        "SELECT with_timezone(TIMESTAMP '2024-05-01 09:00:00', 'Asia/Tokyo') AS v",
    ),
    (
        "zip",
        "zip(a, b, …)",
        "The n-th elements of two to five arrays together, as rows; a shorter array gives nulls.",
        "SELECT zip(ARRAY['a', 'b'], ARRAY[1]) AS v",
    ),
    (
        "zip_with",
        "zip_with(a, b, (x, y) -> value)",
        "A value for each pair of elements.",
        "SELECT zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y) AS v",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_there_once() {
        let all = reference();
        let names: std::collections::BTreeSet<_> = all.iter().map(|e| (e.part, e.name)).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|e| !e.help.is_empty() && !e.syntax.is_empty()));
    }
}
