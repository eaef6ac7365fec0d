"""Answers that the dashboards of web requests and other lines ask for, beside those of `flows`."""

import collections

from .answers import Chart, Top, plain
from .flows import ranked
from .logs import instant, when
from .places import place


def known(record, name):
    """A field of a line; None where the line has a hyphen."""
    value = record.get(name)
    return None if value in (None, "", "-") else value


def field(name):
    return lambda record: known(record, name)


def number(name):
    return lambda record: int(known(record, name) or 0)


def total_bytes(records, size):
    return [(sum(map(size, records)),)]


def by_bytes(records, key, size, most=10):
    """The `most` values of a key by bytes, as far as records have a size."""
    sums = collections.Counter()
    for record in records:
        if key(record) is not None:
            sums[key(record)] += size(record)
    return Top([(value, found) for value, found in sums.items()], most, lambda row: -round(row[-1], 6))


def grouped(records, most, order, *keys):
    """The first `most` groups: (key, …, count)."""
    found = collections.Counter(tuple(key(record) for key in keys) for record in records)
    return Top([(*values, n) for values, n in found.items() if None not in values], most, order)


def split(records, key, condition, most, order=lambda row: (-row[1], -row[2])):
    """(value, with the condition, without it) of the first `most` values."""
    found = collections.defaultdict(lambda: [0, 0])
    for record in records:
        if key(record) is not None:
            found[key(record)][not condition(record)] += 1
    return Top([(value, *counts) for value, counts in found.items()], most, order)


def numbers_over_time(logs, kind, records, **series):
    """Named sums by time bucket; a function a series."""
    instants = [when(kind, record) for record in records]
    points = [(logs.bucket(at), name, of(record)) for at, record in zip(instants, records) for name, of in series.items()]
    return NamedSums(points, logs.buckets())


class NamedSums(Chart):
    """Named columns of sums, all of which are there."""

    def differs(self, columns, got):
        if [row[0] for row in got] != self.buckets or set(columns[1:]) != set(self.sums):
            return f"{columns} with {len(got)} rows, expected {sorted(self.sums)} with {len(self.buckets)}"
        for at, name in enumerate(columns[1:], start=1):
            for row in got:
                if abs(float(row[at] or 0) - self.sums[name][row[0]]) > 1e-5:
                    return f"{name} at {row[0]}: {row[at]}, expected {self.sums[name][row[0]]}"
        return None


def newest(kind, records, most, *keys):
    """The newest records: their time, and these keys; the id that the program gave stands for whatever it is."""
    rows = [(when(kind, record), *(key(record) for key in keys)) for record in records]
    return Newest(rows, most)


class Newest:
    """The newest rows by their first column, instants; the last column that came, an id, is not compared but must be there once."""

    def __init__(self, rows, most):
        self.by_time = collections.defaultdict(collections.Counter)
        for at, *values in rows:
            self.by_time[round(at.timestamp(), 3)][tuple(plain(value) for value in values)] += 1
        self.times = sorted((round(at.timestamp(), 3) for at, *_ in rows), reverse=True)[:most]

    def differs(self, columns, got):
        ids = [row[-1] for row in got]
        if None in ids or len(set(ids)) != len(ids):
            return "an id is missing or there twice"
        times = [round(instant(row[0]).timestamp(), 3) for row in got]
        if times != self.times:
            return f"times {times[:3]}, expected {self.times[:3]} ({len(times)}, {len(self.times)} expected)"
        for at, row in zip(times, got):
            if row[1:-1] not in self.by_time[at]:
                return f"row {row}; expected one of {list(self.by_time[at])[:3]}"
        return None


def country(key):
    return lambda record: place(key(record)).country


def top_countries(records, address, most=10):
    return ranked(records, country(address), most)
