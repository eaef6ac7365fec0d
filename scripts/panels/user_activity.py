"""User Activity."""

import collections
import re
import statistics

from .answers import Panels, Top
from .cloudtrail import by_outcome, count, counted, detail, failed, first, grouped, last, over_time, places, top
from .cloudtrail import several as values
from .cloudtrail_summary import program
from .logs import actor, get, instant, outcome, source

panels = Panels()


@panels.of("active-users")
def active_users(logs):
    pairs = {(actor(event), event.get("recipientAccountId")) for event in logs.cloudtrail}
    return [(sum(1 for pair in pairs if None not in pair),)]


@panels.of("total-activities")
def total(logs):
    return count(logs.cloudtrail)


@panels.of("error-activities")
def errors(logs):
    return count(logs.cloudtrail, failed)


@panels.of("unauthorized-activities")
def unauthorized(logs):
    return count(logs.cloudtrail, lambda e: outcome(e) == "unauthorized")


@panels.of("by-event-over-time")
def by_event_over_time(logs):
    return over_time(logs, logs.cloudtrail, "eventName", 8)


@panels.of("by-user-over-time")
def by_user_over_time(logs):
    return over_time(logs, logs.cloudtrail, actor, 8)


@panels.of("recent-by-event")
def recent_by_event(logs):
    groups = collections.defaultdict(list)
    for event in sorted(logs.cloudtrail, key=lambda e: e["eventTime"], reverse=True)[:10_000]:
        if event.get("eventName"):
            groups[event["eventName"], actor(event) or "-", event["recipientAccountId"]].append(event)
    several = lambda found, key: tuple(sorted({key(e) for e in found} - {None}))
    rows = [
        (*key, len(found), min(e["eventTime"] for e in found), max(e["eventTime"] for e in found), several(found, outcome),
         several(found, lambda e: e.get("awsRegion")), several(found, lambda e: get(e, "userIdentity.arn")))
        for key, found in groups.items()
    ]
    return Top(rows, 100, lambda row: tuple(-ord(letter) for letter in row[5]))


@panels.of("event-details")
def event_details(logs):
    return detail(logs.cloudtrail)


@panels.of("event-source")
def event_source(logs):
    return places(logs.cloudtrail)


@panels.of("verbs")
def verbs(logs):
    return top(logs.cloudtrail, lambda e: (re.match("[A-Z][a-z]+", e.get("eventName") or "") or [None])[0], 9)


@panels.of("created-deleted")
def created_deleted(logs):
    verb = lambda e: re.match("Create|Run|Delete|Terminate", e.get("eventName") or "")
    return over_time(logs, [e for e in logs.cloudtrail if outcome(e) == "success" and verb(e)], lambda e: f"{verb(e)[0]}*")


@panels.of("active-users-over-time")
def active_users_over_time(logs):
    found = grouped(logs.cloudtrail, lambda e: logs.bucket(instant(e["eventTime"])))
    return [(bucket, len(values(found.get(bucket, []), actor))) for bucket in logs.buckets()]


@panels.of("top-users")
def top_users(logs):
    everybody = by_outcome(logs.cloudtrail, actor, 10**6)
    return Top([(row[0], *map(int, row[1:])) for row in everybody.all], 10, lambda row: -sum(row[1:]))


@panels.of("outliers")
def outliers(logs):
    rows = []
    for who, events in grouped(logs.cloudtrail, actor).items():
        buckets = grouped(events, lambda e: logs.bucket(instant(e["eventTime"])))
        numbers = [len(found) for found in buckets.values()]
        if len(numbers) > 5:
            usual, spread = statistics.mean(numbers), statistics.stdev(numbers)
            rows += [
                (who, len(found), round(usual + 1e-9, 1), round((len(found) - usual) / spread, 1), first(found), last(found))
                for found in buckets.values()
                if len(found) > usual + 3 * spread
            ]
    return Top(rows, 20, lambda row: -row[3])


@panels.of("identity-types")
def identity_types(logs):
    return counted(logs.cloudtrail, lambda e: get(e, "userIdentity.type"))


# The kind of a client program, by the manual of enrichment: the first that its user agent fits.
AGENT_KINDS = [
    ("console", r"s3console|signin\.amazonaws\.com|console\.amazonaws\.com|console\.ec2|aws-console|awsconsole|aws console"),
    ("infrastructure", "terraform|cloudformation|pulumi|aws-cdk|ansible|crossplane|opentofu|serverless"),
    ("cli", r"(^|[\s\[(])aws-cli/"),
    ("sdk", r"(^|[\s\[(])(boto3|botocore|aws-sdk-[a-z0-9-]+)/"),
    ("browser", "mozilla/"),
    ("service", r"\.amazonaws\.com$|^aws internal"),
]


def agent_kind(event):
    found = (event.get("userAgent") or "").lower()
    return next((kind for kind, pattern in AGENT_KINDS if re.search(pattern, found)), "other") if found else None


@panels.of("agents")
def agents(logs):
    found = grouped([e for e in logs.cloudtrail if e.get("userAgent")], lambda e: (agent_kind(e), program(e)))
    return Top([(*key, len(events), len(values(events, actor)), last(events)) for key, events in found.items()], 20, lambda row: -row[2])


@panels.of("addresses")
def addresses(logs):
    numeric = [e for e in logs.cloudtrail if re.fullmatch(r"[\d.]+|[0-9a-fA-F:]+:[0-9a-fA-F:.]+", e.get("sourceIPAddress") or "")]
    found = grouped(numeric, lambda e: (e["sourceIPAddress"], source(e).country or "-"))
    return Top([(*key, len(events), len(values(events, actor)), last(events)) for key, events in found.items()], 20, lambda row: -row[2])
