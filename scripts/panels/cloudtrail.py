"""Answers that several dashboards of CloudTrail's ask for."""

import collections

from .answers import Chart, Top
from .logs import actor, instant, outcome, source


def count(events, condition=lambda event: True):
    return [(sum(1 for event in events if condition(event)),)]


def counted(events, *keys):
    """(key, …, count) of the events that have all keys; a key is a field's name or a function."""
    found = collections.Counter(tuple(key(event) if callable(key) else event.get(key) for key in keys) for event in events)
    return [(*values, number) for values, number in found.items() if None not in values]


def top(events, key, most):
    """The `most` commonest values of a field, commonest first."""
    return Top(counted(events, key), most, lambda row: -row[-1])


def over_time(logs, events, key=None, most=10):
    """Counts by time bucket and series."""
    series = (lambda event: "count") if key is None else key if callable(key) else lambda event: event.get(key)
    instants = [instant(event["eventTime"]) for event in events]
    points = [(logs.bucket(at), series(event), 1) for at, event in zip(instants, events)]
    return Chart(points, logs.buckets(instants), most)


def places(events):
    """What a map asks: events by country, region, city and outcome, with the middle of where they were."""
    found = collections.defaultdict(list)
    for event in events:
        if event.get("sourceIPAddress"):
            at = source(event)
            found[at.country, at.region, at.city, outcome(event)].append(at)
    mean = lambda values: sum(values) / len(values) if values else None
    return [
        (*key, len(group), mean([at.lat for at in group if at.lat is not None]), mean([at.lon for at in group if at.lon is not None]))
        for key, group in found.items()
    ]


def latest(events, most, *columns):
    """The newest events, with these columns: fields or functions."""
    found = [tuple(column(event) if callable(column) else event.get(column) for column in columns) for event in events]
    return Top(found, most, lambda row: tuple(-ord(letter) for letter in row[0]))


def detail(events, most=50):
    """What a panel of events asks for; `_raw` is compared by the caller."""
    return latest(
        events, most, "eventTime", "eventID", "eventName", "eventSource", actor, outcome, code, "sourceIPAddress", "awsRegion"
    )


def code(event):
    """The error code as the Splunk add-on has it: `success` where there is none."""
    return event.get("errorCode") or "success"


def is_iam(event):
    return event.get("eventSource") == "iam.amazonaws.com"


def failed(event):
    return bool(event.get("errorCode"))
