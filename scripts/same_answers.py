"""The same question in every language gives the same rows, and they are those that plain Python finds in the same files.

Usage: same_answers.py path/to/trailhound
Makes sample logs, adds a few events that languages trip over, takes them in, asks a server over HTTP, and compares with
answers computed here from the JSON, without any of Trailhound's code.
"""

import collections
import fnmatch
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

BIN = sys.argv[1]
VERBOSE = "-v" in sys.argv
EVENTS = 4000
MOST = 100_000


# ---- the events -----------------------------------------------------------------------------------------------------

def odd_events():
    """What spec-conforming languages must agree on: missing fields, nulls, case, arrays, booleans, host names."""
    base = {
        "eventVersion": "1.11", "eventTime": "2026-09-20T01:02:03Z", "eventSource": "odd.amazonaws.com", "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "odd", "recipientAccountId": "999900001111", "eventType": "AwsApiCall",
        "managementEvent": True, "eventCategory": "Management",
    }
    made = []

    def add(n, **more):
        made.append({**base, "eventID": f"00000000-0000-4000-8000-{n:012d}", "userIdentity": {"type": "IAMUser", "userName": "odd"}, **more})

    add(1, eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"})
    add(2, eventName="ConsoleLogin", additionalEventData={"MFAUsed": "No"}, responseElements={"ConsoleLogin": "Success"})
    add(3, eventName="OddCall", errorCode="AccessDenied", errorMessage="you are not authorized")
    add(4, eventName="OddCall", errorCode=None)
    add(5, eventName="OddCall", requestParameters={"bucketName": "alpha", "items": [{"id": "i-1"}, {"id": "i-2"}], "count": 3})
    add(6, eventName="OddCall", requestParameters={"bucketName": "alphabet", "items": [{"id": "i-3"}], "count": 12})
    add(7, eventName="OddCall", sourceIPAddress="config.amazonaws.com", userIdentity={"type": "AWSService", "invokedBy": "config.amazonaws.com"})
    add(8, eventName="OddCall", readOnly=True, requestParameters={"force": True, "note": "a \"quoted\" word"})
    add(9, eventName="OddCall", readOnly=False, requestParameters={"note": "日本語の値", "count": 100})
    return made


def read(folder):
    events = []
    for path in sorted(folder.rglob("*.json*")):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        events.extend(json.loads(data)["Records"])
    seen = {}
    for event in events:
        seen.setdefault(event["eventID"], event)
    return list(seen.values())


def get(event, path):
    value = event
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


# ---- conditions, as a small tree that is evaluated here and written in each language -----------------------------------

class Test:
    def __init__(self, op, field=None, value=None, parts=()):
        self.op, self.field, self.value, self.parts = op, field, value, parts


def eq(field, value): return Test("eq", field, value)
def glob(field, value): return Test("glob", field, value)
def has(field): return Test("has", field)
def lacks(field): return Test("lacks", field)
def among(field, *values): return Test("among", field, values)
def above(field, value): return Test("above", field, value)
def both(*parts): return Test("and", parts=parts)
def either(*parts): return Test("or", parts=parts)
def no(part): return Test("not", parts=(part,))


def holds(test, event):
    if test.op == "and":
        return all(holds(p, event) for p in test.parts)
    if test.op == "or":
        return any(holds(p, event) for p in test.parts)
    if test.op == "not":
        return not holds(test.parts[0], event)
    value = get(event, test.field)
    if test.op == "has":
        return value is not None
    if test.op == "lacks":
        return value is None
    if value is None:
        return False
    if test.op == "above":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value > test.value
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    if test.op == "eq":
        return text == test.value
    if test.op == "among":
        return text in test.value
    return fnmatch.fnmatchcase(text, test.value)


def fields_of(test):
    found = [test.field] if test.field else []
    for part in test.parts:
        found += [f for f in fields_of(part) if f not in found]
    return found


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spl(t):
    o = {"eq": lambda: f"{t.field}={quoted(t.value)}", "glob": lambda: f"{t.field}={quoted(t.value)}", "above": lambda: f"{t.field}>{t.value}",
         # Splunk's add-on says `success` where there is no error code.
         "has": lambda: "NOT errorCode=success" if t.field == "errorCode" else f"{t.field}=*",
         "lacks": lambda: "errorCode=success" if t.field == "errorCode" else f"NOT {t.field}=*",
         "among": lambda: f"{t.field} IN ({', '.join(map(quoted, t.value))})",
         "and": lambda: "(" + " ".join(map(spl, t.parts)) + ")", "or": lambda: "(" + " OR ".join(map(spl, t.parts)) + ")",
         "not": lambda: f"NOT ({spl(t.parts[0])})"}
    return o[t.op]()


def sumo(t, names):
    n = names.get(t.field)
    o = {"eq": lambda: f"{n} = {quoted(t.value)}", "glob": lambda: f"{n} matches {quoted(t.value)}", "above": lambda: f"{n} > {t.value}",
         "has": lambda: f"!isNull({n})", "lacks": lambda: f"isNull({n})", "among": lambda: f"{n} in ({', '.join(map(quoted, t.value))})",
         "and": lambda: "(" + " and ".join(sumo(p, names) for p in t.parts) + ")",
         "or": lambda: "(" + " or ".join(sumo(p, names) for p in t.parts) + ")", "not": lambda: f"!({sumo(t.parts[0], names)})"}
    return o[t.op]()


def insights(t):
    pattern = lambda: re.escape(t.value).replace(r"\*", ".*").replace("/", r"\/")
    o = {"eq": lambda: f"{t.field} = {quoted(t.value)}", "glob": lambda: f"{t.field} like /^{pattern()}$/", "above": lambda: f"{t.field} > {t.value}",
         "has": lambda: f"ispresent({t.field})", "lacks": lambda: f"not ispresent({t.field})",
         "among": lambda: f"{t.field} in [{', '.join(map(quoted, t.value))}]",
         "and": lambda: "(" + " and ".join(map(insights, t.parts)) + ")", "or": lambda: "(" + " or ".join(map(insights, t.parts)) + ")",
         "not": lambda: f"not ({insights(t.parts[0])})"}
    return o[t.op]()


def pattern(t, negated=False):
    """Filter patterns have no general NOT: it is pushed down to the comparisons, and `!=` leaves out missing fields."""
    f = f"$.{t.field}"
    if t.op == "not":
        return pattern(t.parts[0], not negated)
    if t.op in ("and", "or"):
        word = " && " if (t.op == "and") != negated else " || "
        return "(" + word.join(pattern(p, negated) for p in t.parts) + ")"
    if t.op in ("has", "lacks"):
        return f"({f} = *)" if (t.op == "has") != negated else f"(({f} NOT EXISTS) || ({f} IS NULL))"
    if t.op == "above":
        return f"(({f} <= {t.value}) || ({f} NOT EXISTS))" if negated else f"({f} > {t.value})"
    values = t.value if t.op == "among" else (t.value,)
    if t.value in ("true", "false"):
        word = t.value.upper()
        # A boolean of the record, or its word as text: both are found in CloudTrail.
        return f"(({f} IS {'FALSE' if word == 'TRUE' else 'TRUE'}) || ({f} NOT EXISTS))" if negated else f"(({f} IS {word}) || ({f} = {quoted(t.value)}))"
    if negated:
        return "(" + " && ".join(f"(({f} != {quoted(v)}) || ({f} NOT EXISTS) || ({f} IS NULL))" for v in values) + ")"
    return "(" + " || ".join(f"({f} = {quoted(v)})" for v in values) + ")"


def escaped(text):
    return re.sub(r'([+\-!(){}\[\]^"~?:\\/ ]|&&|\|\|)', r"\\\1", text)


def lucene(t):
    o = {"eq": lambda: f"{t.field}:{quoted(t.value)}", "glob": lambda: f"{t.field}:{escaped(t.value)}", "above": lambda: f"{t.field}:>{t.value}",
         "has": lambda: f"_exists_:{t.field}", "lacks": lambda: f"(*:* AND NOT _exists_:{t.field})",
         "among": lambda: f"{t.field}:({' OR '.join(map(quoted, t.value))})",
         "and": lambda: "(" + " AND ".join(map(lucene, t.parts)) + ")", "or": lambda: "(" + " OR ".join(map(lucene, t.parts)) + ")",
         "not": lambda: f"(*:* AND NOT {lucene(t.parts[0])})"}
    return o[t.op]()


def kql_escaped(text):
    return re.sub(r"([(){}<>:])", r"\\\1", text)


def kql(t):
    o = {"eq": lambda: f"{t.field}: {quoted(t.value)}", "glob": lambda: f"{t.field}: {kql_escaped(t.value)}",
         "above": lambda: f"{t.field} > {t.value}", "has": lambda: f"{t.field}: *", "lacks": lambda: f"not {t.field}: *",
         "among": lambda: f"{t.field}: ({' or '.join(map(quoted, t.value))})",
         "and": lambda: "(" + " and ".join(map(kql, t.parts)) + ")", "or": lambda: "(" + " or ".join(map(kql, t.parts)) + ")",
         "not": lambda: f"not ({kql(t.parts[0])})"}
    return o[t.op]()


def dsl(t):
    o = {"eq": lambda: {"term": {t.field: t.value}}, "glob": lambda: {"wildcard": {t.field: {"value": t.value}}},
         "above": lambda: {"range": {t.field: {"gt": t.value}}}, "has": lambda: {"exists": {"field": t.field}},
         "lacks": lambda: {"bool": {"must_not": [{"exists": {"field": t.field}}]}}, "among": lambda: {"terms": {t.field: list(t.value)}},
         "and": lambda: {"bool": {"filter": [dsl(p) for p in t.parts]}},
         "or": lambda: {"bool": {"should": [dsl(p) for p in t.parts], "minimum_should_match": 1}},
         "not": lambda: {"bool": {"must_not": [dsl(t.parts[0])]}}}
    return o[t.op]()


def sigma(t):
    selections = []

    def leaf(t):
        single = lambda text: "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
        body = {"eq": lambda: f"{t.field}: {single(t.value)}", "glob": lambda: f"{t.field}: {single(t.value)}",
                "above": lambda: f"{t.field}|gt: {t.value}", "has": lambda: f"{t.field}|exists: true", "lacks": lambda: f"{t.field}: null",
                "among": lambda: f"{t.field}: [{', '.join(map(single, t.value))}]"}[t.op]()
        selections.append(body)
        return f"s{len(selections)}"

    def walk(t):
        if t.op in ("and", "or"):
            return "(" + f" {t.op} ".join(map(walk, t.parts)) + ")"
        return f"not ({walk(t.parts[0])})" if t.op == "not" else leaf(t)

    condition = walk(t)
    body = "".join(f"  s{n + 1}:\n    {text}\n" for n, text in enumerate(selections))
    return f"title: question\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n{body}  condition: {condition}\n"


def sql(t):
    text = lambda v: "'" + v.replace("'", "''") + "'"
    like = lambda: text(t.value.replace("_", r"\_").replace("*", "%")) + r" ESCAPE '\'"
    o = {"eq": lambda: f"{t.field} = {t.value}" if t.value in ("true", "false") else f"{t.field} = {text(t.value)}",
         "glob": lambda: f"{t.field} LIKE {like()}", "above": lambda: f"CAST({t.field} AS double) > {t.value}",
         "has": lambda: f"{t.field} IS NOT NULL", "lacks": lambda: f"{t.field} IS NULL",
         "among": lambda: f"{t.field} IN ({', '.join(map(text, t.value))})",
         "and": lambda: "(" + " AND ".join(map(sql, t.parts)) + ")", "or": lambda: "(" + " OR ".join(map(sql, t.parts)) + ")",
         "not": lambda: f"(({sql(t.parts[0])}) IS NOT TRUE)"}
    return o[t.op]()


def written(test):
    """The question in all nine languages."""
    fields = fields_of(test)
    names = {field: f"f{n}" for n, field in enumerate(fields)}
    keys, aliases = ", ".join(map(quoted, fields)), ", ".join(names.values())
    return {
        "spl": f"sourcetype=aws:cloudtrail {spl(test)}",
        "sumo": f"_sourceCategory=*cloudtrail* | json {keys} as {aliases} nodrop | where {sumo(test, names)}",
        "insights": f"fields eventID | filter {insights(test)} | limit 10000",
        "filter": "{ " + pattern(test) + " }",
        "lucene": lucene(test),
        "kql": kql(test),
        "dsl": json.dumps({"size": 10000, "query": dsl(test)}),
        "sigma": sigma(test),
        "sql": f"SELECT eventID FROM cloudtrail_logs WHERE {sql(test)}",
    }


CONDITIONS = {
    "one event name": eq("eventName", "ConsoleLogin"),
    "one user": eq("userIdentity.userName", "Test-Splunk-User1"),
    "one region": eq("awsRegion", "eu-central-1"),
    "one address": eq("sourceIPAddress", "152.206.80.57"),
    "a host name as source": eq("sourceIPAddress", "config.amazonaws.com"),
    "prefix": glob("errorCode", "AccessDenied*"),
    "suffix": glob("errorCode", "*UnauthorizedOperation"),
    "infix": glob("eventName", "*SecurityGroup*"),
    "inner wildcard": glob("eventName", "Create*Key"),
    "a value that begins another": eq("requestParameters.bucketName", "alpha"),
    "wildcard over a path": glob("requestParameters.bucketName", "alpha*"),
    "Japanese": eq("requestParameters.note", "日本語の値"),
    "quotes in a value": eq("requestParameters.note", 'a "quoted" word'),
    "has an error": has("errorCode"),
    "has no error": lacks("errorCode"),
    "null counts as absent": both(eq("eventName", "OddCall"), lacks("errorCode")),
    "has a path": has("requestParameters.bucketName"),
    "lacks a path": both(eq("eventSource", "s3.amazonaws.com"), lacks("requestParameters.bucketName")),
    "lacks invokedBy": both(eq("eventSource", "odd.amazonaws.com"), lacks("userIdentity.invokedBy")),
    "any of several names": among("eventName", "CreateUser", "DeleteUser", "AttachUserPolicy", "CreateAccessKey"),
    "none of several names": both(eq("eventSource", "iam.amazonaws.com"), no(among("eventName", "ListUsers", "GetUser", "ListRoles"))),
    "not a value, missing included": both(eq("eventName", "ConsoleLogin"), no(eq("additionalEventData.MFAUsed", "Yes"))),
    "not a value, missing left out": both(eq("eventName", "ConsoleLogin"), has("additionalEventData.MFAUsed"), no(eq("additionalEventData.MFAUsed", "Yes"))),
    "both": both(eq("eventSource", "ec2.amazonaws.com"), glob("eventName", "Authorize*")),
    "either": either(eq("eventName", "StopLogging"), eq("eventName", "DeleteTrail")),
    "and before or, made plain": either(both(eq("eventName", "ConsoleLogin"), eq("awsRegion", "us-east-1")), eq("eventName", "CheckMfa")),
    "or within and": both(either(eq("awsRegion", "us-east-1"), eq("awsRegion", "eu-west-1")), has("errorCode")),
    "not of an or": both(eq("eventSource", "sts.amazonaws.com"), no(either(eq("awsRegion", "us-east-1"), has("errorCode")))),
    "not of an and": both(eq("eventName", "OddCall"), no(both(has("requestParameters.count"), has("requestParameters.bucketName")))),
    "number above": above("requestParameters.count", 3),
    "number above as number, not text": above("requestParameters.count", 11),
    "a boolean of a column": both(eq("eventSource", "odd.amazonaws.com"), eq("readOnly", "true")),
    "a false boolean of a column": both(eq("eventSource", "odd.amazonaws.com"), eq("readOnly", "false")),
    "root without a service": both(eq("userIdentity.type", "Root"), lacks("userIdentity.invokedBy"), no(eq("eventType", "AwsServiceEvent"))),
    "sign-in without MFA": both(eq("eventName", "ConsoleLogin"), no(eq("additionalEventData.MFAUsed", "Yes")), eq("userIdentity.type", "IAMUser"), eq("responseElements.ConsoleLogin", "Success")),
    "failed sign-ins": both(eq("eventName", "ConsoleLogin"), eq("responseElements.ConsoleLogin", "Failure")),
    "bucket changes": both(eq("eventSource", "s3.amazonaws.com"), among("eventName", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "DeleteBucketPolicy")),
    "key deletion": both(eq("eventSource", "kms.amazonaws.com"), among("eventName", "DisableKey", "ScheduleKeyDeletion")),
    "service callers": eq("userIdentity.type", "AWSService"),
    "an agent by its beginning": both(glob("userAgent", "aws-cli/*"), has("errorCode")),
    "three levels deep": eq("userIdentity.sessionContext.attributes.mfaAuthenticated", "true"),
    "role by issuer": glob("userIdentity.sessionContext.sessionIssuer.arn", "*:role/*"),
}


# ---- counts, sums and so on, by hand ------------------------------------------------------------------------------------

def counted(events, *paths, where=lambda e: True, top=None):
    groups = collections.Counter()
    for event in events:
        key = tuple(get(event, path) for path in paths)
        if where(event) and None not in key:
            groups[key] += 1
    return [(*key, n) for key, n in groups.items()]


def hour(event): return event["eventTime"][:13]


SUMO = "_sourceCategory=*cloudtrail*"
AGGREGATES = {
    "events": (lambda es: [(len(es),)], {
        "spl": "sourcetype=aws:cloudtrail | stats count", "sumo": f"{SUMO} | count", "insights": "stats count(*)",
        "sql": "SELECT count(*) FROM cloudtrail_logs", "dsl": {"size": 0, "aggs": {"n": {"value_count": {"field": "eventID"}}}}}),
    "by name": (lambda es: counted(es, "eventName"), {
        "spl": "sourcetype=aws:cloudtrail | stats count by eventName", "sumo": f'{SUMO} | json "eventName" | count by eventName | fields eventName, _count',
        "insights": "filter ispresent(eventName) | stats count(*) by eventName", "sql": "SELECT eventName, count(*) FROM cloudtrail_logs WHERE eventName IS NOT NULL GROUP BY eventName",
        "dsl": {"size": 0, "aggs": {"a": {"terms": {"field": "eventName", "size": 10000}}}}}),
    "by region": (lambda es: counted(es, "awsRegion"), {
        "spl": "sourcetype=aws:cloudtrail | stats count by awsRegion", "sumo": f'{SUMO} | json "awsRegion" as r | count by r | fields r, _count',
        "insights": "stats count(*) as n by awsRegion", "sql": "SELECT awsregion, count(*) AS n FROM cloudtrail_logs GROUP BY 1",
        "dsl": {"size": 0, "aggs": {"a": {"terms": {"field": "awsRegion", "size": 10000}}}}}),
    "by account and region": (lambda es: counted(es, "recipientAccountId", "awsRegion"), {
        "spl": "sourcetype=aws:cloudtrail | stats count by recipientAccountId, awsRegion",
        "sumo": f'{SUMO} | json "recipientAccountId", "awsRegion" as a, r | count by a, r | fields a, r, _count',
        "insights": "stats count(*) by recipientAccountId, awsRegion",
        "sql": "SELECT recipientAccountId, awsRegion, count(*) FROM cloudtrail_logs GROUP BY recipientAccountId, awsRegion",
        "dsl": {"size": 0, "aggs": {"a": {"terms": {"field": "recipientAccountId", "size": 1000}, "aggs": {"r": {"terms": {"field": "awsRegion", "size": 1000}}}}}}}),
    "errors by code": (lambda es: counted(es, "errorCode"), {
        "spl": "sourcetype=aws:cloudtrail errorCode!=success | stats count by errorCode", "sumo": f'{SUMO} | json "errorCode" | count by errorCode | fields errorCode, _count',
        "insights": "filter ispresent(errorCode) | stats count(*) by errorCode",
        "sql": "SELECT errorCode, count(*) FROM cloudtrail_logs WHERE errorCode IS NOT NULL GROUP BY errorCode",
        "dsl": {"size": 0, "aggs": {"a": {"terms": {"field": "errorCode", "size": 1000}}}}}),
    "distinct names by service": (lambda es: distinct(es, "eventSource", "eventName"), {
        "spl": "sourcetype=aws:cloudtrail | stats dc(eventName) by eventSource",
        "sumo": f'{SUMO} | json "eventSource", "eventName" as s, n | count_distinct(n) by s | fields s, _count_distinct',
        "insights": "filter ispresent(eventSource) | stats count_distinct(eventName) by eventSource",
        "sql": "SELECT eventSource, count(DISTINCT eventName) FROM cloudtrail_logs WHERE eventSource IS NOT NULL GROUP BY eventSource",
        "dsl": {"size": 0, "aggs": {"s": {"terms": {"field": "eventSource", "size": 1000}, "aggs": {"n": {"cardinality": {"field": "eventName"}}}}}}}),
    "first and last of a user": (lambda es: [(u, min(t), max(t)) for u, t in times_by_user(es).items()], {
        "spl": "sourcetype=aws:cloudtrail userIdentity.userName=* | stats min(eventTime) max(eventTime) by userIdentity.userName",
        "sumo": f'{SUMO} | json "userIdentity.userName", "eventTime" as u, t | min(t) as a, max(t) as b by u | fields u, a, b',
        "sql": "SELECT userIdentity.userName, min(eventTime), max(eventTime) FROM cloudtrail_logs WHERE userIdentity.userName IS NOT NULL GROUP BY 1"}),
    "by hour": (lambda es: [(h, n) for h, n in collections.Counter(map(hour, es)).items()], {
        "spl": "sourcetype=aws:cloudtrail | bin _time span=1h | stats count by _time", "sumo": f"{SUMO} | timeslice 1h | count by _timeslice | fields _timeslice, _count",
        "insights": "stats count(*) by bin(1h)", "sql": "SELECT date_trunc('hour', eventTime), count(*) FROM cloudtrail_logs GROUP BY 1",
        "dsl": {"size": 0, "aggs": {"h": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1h", "min_doc_count": 1}}}}}),
    "sum over a path": (lambda es: [(12 + 100,)], {
        "spl": "eventName=OddCall requestParameters.count>3 | stats sum(requestParameters.count)",
        "sumo": f'{SUMO} OddCall | json "requestParameters.count" as n | where n > 3 | sum(n) | fields _sum',
        "insights": 'filter eventName = "OddCall" and requestParameters.count > 3 | stats sum(requestParameters.count)',
        "sql": "SELECT sum(CAST(requestParameters.count AS bigint)) FROM cloudtrail_logs WHERE eventName = 'OddCall' AND CAST(requestParameters.count AS bigint) > 3"}),
    "average over a path": (lambda es: [((3 + 12 + 100) / 3,)], {
        "spl": "eventName=OddCall requestParameters.count=* | stats avg(requestParameters.count)",
        "sumo": f'{SUMO} OddCall | json "requestParameters.count" as n | avg(n) | fields _avg',
        "insights": 'filter eventName = "OddCall" | stats avg(requestParameters.count)',
        "sql": "SELECT avg(CAST(requestParameters.count AS double)) FROM cloudtrail_logs WHERE eventName = 'OddCall'"}),
    "counting what is there": (lambda es: [(len(es), sum(get(e, "errorCode") is not None for e in es))], {
        "sumo": f'{SUMO} | json "errorCode" nodrop | if (isNull(errorCode), 0, 1) as bad | count, sum(bad) | fields _count, _sum',
        "insights": "stats count(*), count(errorCode)", "sql": "SELECT count(*), count(errorCode) FROM cloudtrail_logs",
        "spl": 'sourcetype=aws:cloudtrail | stats count count(eval(errorCode!="success"))'}),
    "top five names": (lambda es: top(counted(es, "eventName"), 5), {
        "spl": "sourcetype=aws:cloudtrail | stats count by eventName | sort - count, eventName | head 5",
        "sumo": f'{SUMO} | json "eventName" | count by eventName | sort _count, eventName asc | limit 5 | fields eventName, _count',
        "insights": "stats count(*) as n by eventName | sort n desc, eventName asc | limit 5",
        "sql": "SELECT eventName, count(*) AS n FROM cloudtrail_logs GROUP BY eventName ORDER BY n DESC, eventName LIMIT 5"}),
    "names seen more than fifty times": (lambda es: [r for r in counted(es, "eventName") if r[1] > 50], {
        "spl": "sourcetype=aws:cloudtrail | stats count by eventName | where count > 50",
        "sumo": f'{SUMO} | json "eventName" | count by eventName | where _count > 50 | fields eventName, _count',
        "insights": "stats count(*) as n by eventName | filter n > 50",
        "sql": "SELECT eventName, count(*) FROM cloudtrail_logs GROUP BY eventName HAVING count(*) > 50",
        "dsl": {"size": 0, "aggs": {"a": {"terms": {"field": "eventName", "size": 1000, "min_doc_count": 51}}}}}),
    "denied calls by user": (lambda es: counted(es, "userIdentity.userName", "eventName", where=lambda e: (get(e, "errorCode") or "").startswith("AccessDenied")), {
        "spl": "errorCode=AccessDenied* userIdentity.userName=* | stats count by userIdentity.userName, eventName",
        "sumo": f'{SUMO} | json "errorCode", "userIdentity.userName", "eventName" as c, u, n | where c matches "AccessDenied*" | count by u, n | fields u, n, _count',
        "insights": 'filter errorCode like /^AccessDenied/ and ispresent(userIdentity.userName) | stats count(*) by userIdentity.userName, eventName',
        "sql": "SELECT userIdentity.userName, eventName, count(*) FROM cloudtrail_logs WHERE errorCode LIKE 'AccessDenied%' AND userIdentity.userName IS NOT NULL GROUP BY 1, 2"}),
    "sign-ins by result": (lambda es: counted(es, "responseElements.ConsoleLogin", where=lambda e: e.get("eventName") == "ConsoleLogin"), {
        "spl": "eventName=ConsoleLogin | stats count by responseElements.ConsoleLogin",
        "sumo": f'{SUMO} "ConsoleLogin" | json "eventName", "responseElements.ConsoleLogin" as n, r | where n = "ConsoleLogin" | count by r | fields r, _count',
        "insights": 'filter eventName = "ConsoleLogin" | stats count(*) by responseElements.ConsoleLogin',
        "sql": "SELECT json_extract_scalar(responseElements, '$.ConsoleLogin'), count(*) FROM cloudtrail_logs WHERE eventName = 'ConsoleLogin' GROUP BY 1",
        "dsl": {"size": 0, "query": {"term": {"eventName": "ConsoleLogin"}}, "aggs": {"a": {"terms": {"field": "responseElements.ConsoleLogin"}}}}}),
    "a condition as a value": (lambda es: [(k, n) for k, n in collections.Counter("bad" if get(e, "errorCode") else "good" for e in es).items()], {
        "spl": 'sourcetype=aws:cloudtrail | eval k=if(errorCode="success","good","bad") | stats count by k',
        "sumo": f'{SUMO} | json "errorCode" as c nodrop | if (isNull(c), "good", "bad") as k | count by k | fields k, _count',
        "sql": "SELECT CASE WHEN errorCode IS NULL THEN 'good' ELSE 'bad' END, count(*) FROM cloudtrail_logs GROUP BY 1"}),
    "part of a text": (lambda es: [(k, n) for k, n in collections.Counter(e["eventSource"].split(".")[0] for e in es if "eventSource" in e).items()], {
        "spl": 'sourcetype=aws:cloudtrail | rex field=eventSource "^(?<service>[^.]+)" | stats count by service',
        "sumo": f'{SUMO} | json "eventSource" as s | parse field=s "*.amazonaws.com" as service | count by service | fields service, _count',
        "insights": 'filter ispresent(eventSource) | parse eventSource "*.amazonaws.com" as service | stats count(*) by service',
        "sql": "SELECT split_part(eventSource, '.', 1), count(*) FROM cloudtrail_logs WHERE eventSource IS NOT NULL GROUP BY 1"}),
    "upper case": (lambda es: [(k, n) for k, n in collections.Counter(e["awsRegion"].upper() for e in es).items()], {
        "spl": "sourcetype=aws:cloudtrail | eval r=upper(awsRegion) | stats count by r",
        "sumo": f'{SUMO} | json "awsRegion" as r | toUpperCase(r) as r | count by r | fields r, _count',
        "insights": "fields toupper(awsRegion) as r | stats count(*) by r", "sql": "SELECT upper(awsRegion), count(*) FROM cloudtrail_logs GROUP BY 1"}),
    "length": (lambda es: [(k, n) for k, n in collections.Counter(len(e["eventName"]) for e in es if "eventName" in e).items()], {
        "spl": "sourcetype=aws:cloudtrail | eval l=len(eventName) | stats count by l",
        "sumo": f'{SUMO} | json "eventName" as n | length(n) as l | count by l | fields l, _count',
        "insights": "filter ispresent(eventName) | fields strlen(eventName) as l | stats count(*) by l", "sql": "SELECT length(eventName), count(*) FROM cloudtrail_logs WHERE eventName IS NOT NULL GROUP BY 1"}),
    "in a block of addresses": (lambda es: [(sum(e.get("sourceIPAddress", "").startswith("152.206.") for e in es),)], {
        "spl": 'sourcetype=aws:cloudtrail | where cidrmatch("152.206.0.0/16", sourceIPAddress) | stats count',
        "sumo": f'{SUMO} | json "sourceIPAddress" as a | where compareCIDRPrefix("152.206.0.0", a, toInt(16)) | count',
        "insights": 'filter isIpv4InSubnet(sourceIPAddress, "152.206.0.0/16") | stats count(*)',
        "dsl": {"size": 0, "query": {"term": {"source.ip": "152.206.0.0/16"}}, "aggs": {"n": {"value_count": {"field": "eventID"}}}}}),
    "events of a day": (lambda es: [(sum("2026-09-20" == e["eventTime"][:10] for e in es),)], {
        "spl": "earliest=09/20/2026:00:00:00 latest=09/21/2026:00:00:00 sourcetype=aws:cloudtrail | stats count",
        "sql": "SELECT count(*) FROM cloudtrail_logs WHERE eventTime >= '2026-09-20 00:00:00' AND eventTime < '2026-09-21 00:00:00'",
        "dsl": {"size": 0, "query": {"range": {"@timestamp": {"gte": "2026-09-20T00:00:00Z", "lt": "2026-09-21T00:00:00Z"}}}, "aggs": {"n": {"value_count": {"field": "eventID"}}}}}),
    "distinct values of two": (lambda es: [(len({(e["awsRegion"], e["eventSource"]) for e in es if "eventSource" in e}),)], {
        "spl": "sourcetype=aws:cloudtrail | stats count by awsRegion, eventSource | stats count",
        "sumo": f'{SUMO} | json "awsRegion", "eventSource" as r, s | count by r, s | count',
        "insights": "filter ispresent(eventSource) | stats count(*) by awsRegion, eventSource | stats count(*)",
        "sql": "SELECT count(*) FROM (SELECT DISTINCT awsRegion, eventSource FROM cloudtrail_logs WHERE eventSource IS NOT NULL)"}),
    "array elements": (lambda es: [(i["id"], 1) for e in es if e.get("eventName") == "OddCall" for i in (get(e, "requestParameters.items") or [])], {
        "spl": "eventName=OddCall | stats count by requestParameters.items{}.id",
        "sql": "SELECT id, count(*) FROM cloudtrail_logs CROSS JOIN UNNEST(CAST(json_extract(requestParameters, '$.items[*].id') AS array(varchar))) AS t(id) WHERE eventName = 'OddCall' GROUP BY id"}),
}


def distinct(events, by, of):
    values = collections.defaultdict(set)
    for event in events:
        if event.get(by) is not None:
            values[event[by]] |= {event.get(of)} - {None}
    return [(key, len(found)) for key, found in values.items()]


def times_by_user(events):
    times = collections.defaultdict(list)
    for event in events:
        if get(event, "userIdentity.userName") is not None:
            times[get(event, "userIdentity.userName")].append(event["eventTime"])
    return times


def top(rows, count):
    return sorted(rows, key=lambda row: (-row[-1], row[0]))[:count]


# ---- asking ------------------------------------------------------------------------------------------------------------

def plain(value):
    """One spelling for a number, an instant and a text: engines differ in types where the question does not."""
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)) or (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)):
        number = float(value)
        if number > 1e12:  # epoch milliseconds
            number /= 1000
        if 1.4e9 < number < 2.2e9:
            import datetime
            return datetime.datetime.fromtimestamp(number, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{number:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}", value):
            return f"{value}:00:00Z"
        instant = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.0+)?(Z|\+00:00|)", value)
        return f"{instant[1]}T{instant[2]}Z" if instant else value
    return json.dumps(value)


def ask(address, lang, query):
    body = json.dumps({"lang": lang, "query": query, "limit": MOST}).encode()
    request = urllib.request.Request(f"{address}/api/v1/query", body, {"content-type": "application/json", "origin": address})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return [json.loads(line) for line in answer.read().decode().splitlines() if line], None
    except urllib.error.HTTPError as error:
        return None, error.read().decode()[:600]


def rows_of(found, width):
    """The first `width` columns; a document count stands between keys and metrics in DSL rows."""
    return sorted(tuple(plain(v) for v in list(row.values())[:width]) for row in found)


def metric_rows(found, width):
    """DSL: keys, doc_count, metrics. Keys and the last metric, or the document count where there is none."""
    return sorted(tuple(plain(v) for v in [*list(row.values())[: width - 1], list(row.values())[-1]]) for row in found)


def verdict(name, lang, query, got, want):
    if got == want:
        if VERBOSE:
            print(f"ok   {lang:9} {name}")
        return True
    missing = [r for r in want if r not in got][:3]
    extra = [r for r in got if r not in want][:3]
    print(f"FAIL {lang:9} {name}: {len(got)} rows, {len(want)} expected; missing {missing}, too many {extra}\n     {query}")
    return False


def run(address, events):
    passed = failed = 0
    questions = collections.Counter()

    def check(name, lang, query, shape, want):
        nonlocal passed, failed
        found, error = ask(address, lang, query)
        if error is not None:
            print(f"FAIL {lang:9} {name}: {error}\n     {query}")
            good = False
        else:
            good = verdict(name, lang, query, shape(found), want)
        questions[name] += 1
        passed, failed = passed + good, failed + (not good)

    for name, test in CONDITIONS.items():
        want = sorted(e["eventID"] for e in events if holds(test, e))
        for lang, query in written(test).items():
            ids = lambda found: sorted(str(row.get("eventID") or row.get("event_id")) for row in found)
            check(name, lang, query, ids, want)
    for name, (answer, texts) in AGGREGATES.items():
        want = sorted(tuple(plain(v) for v in row) for row in answer(events))
        width = len(want[0]) if want else 1
        for lang, query in texts.items():
            if query is None:
                continue
            text = query if isinstance(query, str) else json.dumps(query)
            shape = metric_rows if lang == "dsl" else rows_of
            check(name, lang, text, lambda found, shape=shape: shape(found, width), want)
    print(f"same answers: {len(questions)} questions, {passed + failed} queries")
    print(f"{passed} passed, {failed} failed")
    return failed


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        logs, lake = folder / "logs", folder / "lake"
        subprocess.run([BIN, "generate", "--events", str(EVENTS), "--out", logs, "--seed", "11"], check=True, stdout=subprocess.DEVNULL)
        (logs / "odd.json").write_text(json.dumps({"Records": odd_events()}, ensure_ascii=False, separators=(",", ":")))
        events = read(logs)
        subprocess.run([BIN, "ingest", "--lake", lake, logs], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [BIN, "serve", "--lake", lake, "--state", f"sqlite:{folder}/state.db", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            for line in server.stdout:
                found = re.search(r"http://\S+", line)
                if found:
                    break
            failures = run(found[0].rstrip("/"), events)
        finally:
            server.terminate()
    sys.exit(bool(failures))


main()
