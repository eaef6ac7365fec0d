"""Answers that several dashboards of CloudTrail's ask for."""

import collections
import fnmatch

from .answers import Chart, Top
from .logs import actor, get, instant, outcome, source


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
    return Chart(points, logs.buckets(), most)


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


def called(*names):
    """Whether an event is one of these; `*` stands for anything, case does not matter."""
    return lambda event: any(fnmatch.fnmatchcase((event.get("eventName") or "").lower(), name.lower()) for name in names)


def by_outcome(events, key, most):
    """(value, success, failure, unauthorized) of a field, those refused most often first."""
    found = collections.defaultdict(collections.Counter)
    for event in events:
        if key(event) is not None:
            found[key(event)][outcome(event)] += 1
    rows = [(value, n["success"], n["failure"], n["unauthorized"]) for value, n in found.items()]
    return Top(rows, most, lambda row: (-row[3], -row[2], -row[1]))


def grouped(events, key):
    """Events by key; those without one are left out where the key is None."""
    found = collections.defaultdict(list)
    for event in events:
        if key(event) is not None:
            found[key(event)].append(event)
    return found


def several(events, key):
    """The distinct values of a field, in order."""
    return tuple(sorted({key(event) if callable(key) else get(event, key) for event in events} - {None}))


def first(events):
    return min(event["eventTime"] for event in events)


def last(events):
    return max(event["eventTime"] for event in events)


def newest_first(rows, most, at):
    """The newest rows by the time in a column."""
    return Top(rows, most, lambda row: tuple(-ord(letter) for letter in row[at]))


def is_iam(event):
    return event.get("eventSource") == "iam.amazonaws.com"


def failed(event):
    return bool(event.get("errorCode"))
