"""Security Overview."""

import collections

from .answers import Panels, Top
from .cloudtrail import count, failed, is_iam, over_time, places, top
from .logs import actor, get, outcome

panels = Panels()


@panels.of("iam-errors")
def iam_errors(logs):
    return count(logs.cloudtrail, lambda e: is_iam(e) and failed(e))


@panels.of("unauthorized-activity")
def unauthorized(logs):
    return count(logs.cloudtrail, lambda e: outcome(e) == "unauthorized")


@panels.of("sign-in-failures")
def sign_in_failures(logs):
    return count(logs.cloudtrail, lambda e: e.get("eventName") == "ConsoleLogin" and get(e, "responseElements.ConsoleLogin") == "Failure")


@panels.of("root-use")
def root_use(logs):
    own = lambda e: get(e, "userIdentity.type") == "Root" and get(e, "userIdentity.invokedBy") is None
    return count(logs.cloudtrail, lambda e: own(e) and e.get("eventType") != "AwsServiceEvent")


@panels.of("sign-ins-without-mfa")
def without_mfa(logs):
    signed_in = lambda e: e.get("eventName") == "ConsoleLogin" and get(e, "responseElements.ConsoleLogin") == "Success"
    user = lambda e: get(e, "userIdentity.type") == "IAMUser" and get(e, "additionalEventData.MFAUsed") != "Yes"
    return count(logs.cloudtrail, lambda e: signed_in(e) and user(e))


@panels.of("all-events")
def all_events(logs):
    return count(logs.cloudtrail)


@panels.of("source-map")
def source_map(logs):
    return [(country, region, city, result, *rest) for (country, region, city, result, *rest) in places(logs.cloudtrail)]


def allowed_and_not(events, key):
    """(value, authorized, unauthorized) of the fifteen that were refused most often."""
    found = collections.defaultdict(lambda: [0, 0])
    for event in events:
        if key(event) is not None:
            found[key(event)][outcome(event) == "unauthorized"] += 1
    return Top([(value, *counts) for value, counts in found.items()], 15, lambda row: (-row[2], -row[1]))


@panels.of("auth-by-user")
def auth_by_user(logs):
    return allowed_and_not(logs.cloudtrail, actor)


@panels.of("auth-by-event")
def auth_by_event(logs):
    return allowed_and_not(logs.cloudtrail, lambda e: e.get("eventName"))


@panels.of("activity-over-time")
def activity_over_time(logs):
    return over_time(logs, logs.cloudtrail, outcome)


@panels.of("top-accounts")
def top_accounts(logs):
    return top(logs.cloudtrail, "recipientAccountId", 10)


@panels.of("top-regions")
def top_regions(logs):
    return top(logs.cloudtrail, "awsRegion", 10)


@panels.of("top-errors")
def top_errors(logs):
    return top([e for e in logs.cloudtrail if failed(e)], "errorCode", 10)
