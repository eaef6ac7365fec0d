"""Threat hunting: all log types at once. What is the same in every record is computed here; the shared fields are not, as each log
type has its own rules for them, which the dashboards of the types are tested for.
"""

import collections

from .answers import Chart, Panels, Top
from .logs import KINDS, table, when

panels = Panels()


def records(logs):
    return [(kind, record) for kind in sorted({kind for _, kind in KINDS}) for record in getattr(logs, kind, [])]


@panels.of("events")
def events(logs):
    return [(len(records(logs)),)]


@panels.of("over-time")
def over_time(logs):
    found = [(when(kind, record), table(kind)) for kind, record in records(logs)]
    return Chart([(logs.bucket(at), kind, 1) for at, kind in found], logs.buckets())


@panels.of("types")
def types(logs):
    counts = collections.Counter(table(kind) for kind, _ in records(logs))
    return Top(list(counts.items()), 15, lambda row: -row[1])


for panel in (
    "failures accounts regions outcomes source-map countries sources destinations systems users recent".split()
):
    panels.skip(panel, "shared field")
