"""User Activity."""

import collections

from .answers import Panels, Top
from .cloudtrail import count, detail, failed, over_time, places
from .logs import actor, get, outcome

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
    for event in logs.cloudtrail:
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
