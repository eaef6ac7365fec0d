"""Answers that the dashboards of log types other than CloudTrail ask for."""

import collections

from .answers import Chart, Top
from .cloudtrail import count, counted
from .logs import when
from .places import place


def ranked(records, key, most=10):
    """The `most` commonest values of a key, with their counts."""
    return Top(counted(records, key), most, lambda row: -row[-1])


def summed(records, key, number, most=10):
    """The `most` values of a key with the largest sums of a number."""
    sums = collections.Counter()
    for record in records:
        if key(record) is not None:
            sums[key(record)] += number(record)
    return Top(list(sums.items()), most, lambda row: -row[-1])


def over_time(logs, kind, records, series, number=lambda record: 1):
    """Sums by time bucket and series."""
    instants = [when(kind, record) for record in records]
    points = [(logs.bucket(at), series(record), number(record)) for at, record in zip(instants, records)]
    return Chart(points, logs.buckets())


def located(records, address, *more):
    """What a map asks: records by country, region and city of an address, with the middle of where they were."""
    found = collections.defaultdict(list)
    for record in records:
        at = place(address(record))
        found[at.country, at.region, at.city, *(key(record) for key in more)].append(at)
    mean = lambda values: sum(values) / len(values) if values else None
    return [
        (*key, len(group), mean([at.lat for at in group if at.lat is not None]), mean([at.lon for at in group if at.lon is not None]))
        for key, group in found.items()
        if key[0] is not None
    ]


__all__ = ["count", "located", "over_time", "ranked", "summed"]
