"""Threat hunting: all log types at once, by the fields that they share."""

import collections

from .answers import Chart, Panels, Top
from .flows import located, ranked
from .logs import KINDS, iso, when
from .more import LIST, LISTED
from .shared import Shared
from .web_logs import Newest

panels = Panels()


def records(logs):
    return [Shared(kind, when(kind, record), record) for kind in sorted({kind for _, kind in KINDS}) for record in getattr(logs, kind, [])]


panels.of("events")(lambda logs: [(len(records(logs)),)])
panels.of("failures")(lambda logs: [(sum(1 for record in records(logs) if record.outcome in ("failure", "unauthorized")),)])
panels.of("over-time")(lambda logs: Chart([(logs.bucket(record.when), record.log_type, 1) for record in records(logs)], logs.buckets()))
panels.of("source-map")(lambda logs: located(records(logs), lambda record: record.source))

for panel, (key, most) in {
    "types": (lambda record: record.log_type, 15),
    "accounts": (lambda record: record.account, 10),
    "regions": (lambda record: record.region, 10),
    "outcomes": (lambda record: record.outcome, 10),
    "countries": (lambda record: record.place.country, 10),
    "systems": (lambda record: record.place.org, 10),
    "destinations": (lambda record: record.destination, 20),
    "users": (lambda record: record.actor, 20),
}.items():
    panels.of(panel)(lambda logs, key=key, most=most: ranked(records(logs), key, most))


def by_source(logs):
    found = collections.defaultdict(list)
    for record in records(logs):
        if record.source is not None:
            found[record.source].append(record)
    return found


@panels.of("sources")
def sources(logs):
    rows = [(address, len({record.log_type for record in seen}), len(seen)) for address, seen in by_source(logs).items()]
    return Top(rows, 20, lambda row: (-row[1], -row[2]))


@panels.of("listed")
def listed(logs):
    rows = [
        (address, LIST, len(seen), {record.log_type for record in seen}, iso(max(record.when for record in seen)))
        for address, seen in by_source(logs).items()
        if address in LISTED
    ]
    return Top(rows, 50, lambda row: -row[2])


class NewestOfAll(Newest):
    """The newest rows, without an id at the end."""

    def differs(self, columns, got):
        return super().differs(columns, [(*row, at) for at, row in enumerate(got)])


@panels.of("recent")
def recent(logs):
    rows = [
        (found.when, found.log_type, found.account, found.region, found.action, found.outcome, found.actor, found.source, found.destination)
        for found in records(logs)
    ]
    return NewestOfAll(rows, 100)
