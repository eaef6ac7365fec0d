"""IAM Activity."""

import collections

from .answers import Panels, Top
from .cloudtrail import count, counted, detail, failed, is_iam, over_time, places, top
from .logs import actor, get, outcome

panels = Panels()


def iam(logs):
    return [event for event in logs.cloudtrail if is_iam(event)]


@panels.of("error-events")
def error_events(logs):
    return count(iam(logs), failed)


@panels.of("unauthorized-events")
def unauthorized_events(logs):
    return count(iam(logs), lambda e: outcome(e) == "unauthorized")


@panels.of("iam-events")
def iam_events(logs):
    return count(iam(logs))


@panels.of("iam-users")
def iam_users(logs):
    return [(len({actor(event) for event in iam(logs)} - {None}),)]


@panels.of("iam-error-activity")
def iam_error_activity(logs):
    times = collections.defaultdict(list)
    for e in filter(failed, iam(logs)):
        asked = [get(e, f"requestParameters.{key}") for key in ("userName", "roleName", "groupName", "policyArn")]
        target = next((value for value in asked if value is not None), "-")
        times[e["errorCode"], e.get("errorMessage") or "-", e["eventName"], actor(e) or "-", target].append(e["eventTime"])
    return [(*key, len(found), min(found), max(found)) for key, found in times.items()]


@panels.of("event-details")
def event_details(logs):
    return detail(iam(logs))


@panels.of("event-source")
def event_source(logs):
    return places(iam(logs))


@panels.of("activity-by-user")
def activity_by_user(logs):
    found = collections.defaultdict(collections.Counter)
    for event in iam(logs):
        if actor(event) is not None:
            found[actor(event)][outcome(event)] += 1
    rows = [(user, n["success"], n["failure"], n["unauthorized"]) for user, n in found.items()]
    return Top(rows, 15, lambda row: (-row[3], -row[2], -row[1]))


@panels.of("iam-actions")
def iam_actions(logs):
    return top(iam(logs), "eventName", 15)


@panels.of("success-failure")
def success_failure(logs):
    return counted(iam(logs), outcome)


@panels.of("iam-actions-over-time")
def iam_actions_over_time(logs):
    return over_time(logs, iam(logs), "eventName", 8)


@panels.of("recent-iam")
def recent_iam(logs):
    groups = collections.defaultdict(list)
    for event in iam(logs):
        groups[event["eventName"], actor(event) or "-", event["recipientAccountId"]].append(event)
    rows = [
        (*key, len(found), min(e["eventTime"] for e in found), max(e["eventTime"] for e in found),
         tuple(sorted({outcome(e) for e in found})), tuple(sorted({e["sourceIPAddress"] for e in found if "sourceIPAddress" in e})))
        for key, found in groups.items()
    ]
    return Top(rows, 100, lambda row: tuple(-ord(letter) for letter in row[5]))
