"""Errors."""

import re

from .answers import Panels, Top
from .cloudtrail import code, count, detail, failed, grouped, last, over_time, places, several, top
from .logs import actor, get, instant, outcome

panels = Panels()


def errors(logs):
    return list(filter(failed, logs.cloudtrail))


panels.of("errors")(lambda logs: count(logs.cloudtrail, failed))
panels.of("unauthorized")(lambda logs: count(logs.cloudtrail, lambda e: outcome(e) == "unauthorized"))
panels.of("over-time")(lambda logs: over_time(logs, errors(logs), "errorCode"))
panels.of("top-codes")(lambda logs: top(errors(logs), "errorCode", 12))
panels.of("event-details")(lambda logs: detail(errors(logs)))
panels.of("event-source")(lambda logs: places(errors(logs)))


@panels.of("rate")
def rate(logs):
    return [(round(100 * len(errors(logs)) / len(logs.cloudtrail), 1),)]


@panels.of("throttled")
def throttled(logs):
    words = "Throttl|LimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded"
    return count(errors(logs), lambda e: re.search(words, e["errorCode"]))


@panels.of("codes")
def codes(logs):
    return [(len(several(errors(logs), "errorCode")),)]


@panels.of("users")
def users(logs):
    return [(len(several(errors(logs), actor)),)]


@panels.of("rate-over-time")
def rate_over_time(logs):
    found = grouped(logs.cloudtrail, lambda e: logs.bucket(instant(e["eventTime"])))
    share = lambda events: round(100 * sum(map(failed, events)) / len(events), 2) if events else 0
    return [(bucket, share(found.get(bucket, []))) for bucket in logs.buckets()]


def refused(logs, key):
    found = grouped(errors(logs), key)
    how = lambda events, what: sum(outcome(e) == what for e in events)
    rows = [(value, how(events, "failure"), how(events, "unauthorized")) for value, events in found.items()]
    return Top(rows, 12, lambda row: (-row[2], -row[1]))


panels.of("by-user")(lambda logs: refused(logs, actor))
panels.of("by-service")(lambda logs: refused(logs, lambda e: e.get("eventSource")))


@panels.of("by-user-agent")
def by_user_agent(logs):
    found = grouped(errors(logs), lambda e: e.get("userAgent") or None)
    rows = [(agent, len(events), len(several(events, "errorCode")), len(several(events, "userIdentity.arn"))) for agent, events in found.items()]
    return Top(rows, 50, lambda row: (-row[1], row[0]))


@panels.of("by-event")
def by_event(logs):
    found = grouped([e for e in logs.cloudtrail if e.get("eventName")], lambda e: (e.get("eventSource"), e["eventName"]))
    bad = {key: sum(map(failed, events)) for key, events in found.items()}
    rows = [(*key, bad[key], len(events), round(100 * bad[key] / len(events) + 1e-9, 1)) for key, events in found.items() if bad[key]]
    return Top(rows, 50, lambda row: (-row[2], row[1]))


@panels.of("by-message")
def by_message(logs):
    found = grouped(errors(logs), lambda e: (e["errorCode"], "-" if e.get("errorMessage") is None else e["errorMessage"], actor(e) or "-"))
    rows = [(*key, len(events), len(several(events, "sourceIPAddress")), last(events)) for key, events in found.items()]
    return Top(rows, 100, lambda row: -row[3])
