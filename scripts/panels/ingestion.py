"""Ingestion health: files by what is on the disk, records by what is in them, times of taking in by when it began and ended."""

import collections

from .answers import Panels, plain
from .logs import KINDS, instant, table, when

panels = Panels()
SECOND = 1.0
# Medians of many are estimated: how far from the middle, as a share of all, the engine may take its own.
NEAR = 0.02
kinds = lambda logs: sorted({kind for _, kind in KINDS if getattr(logs, kind, [])})

panels.of("records")(lambda logs: [(sum(len(getattr(logs, kind)) for kind in kinds(logs)),)])
panels.of("types-count")(lambda logs: [(len({table(kind) for kind in kinds(logs)}),)])
panels.of("files")(lambda logs: [(len(logs.files),)])
panels.of("bytes")(lambda logs: [(sum(file.size for file in logs.files.values()),)])


def status(file):
    return "partial" if file.rejected else "done"


@panels.of("status")
def by_status(logs):
    found = collections.defaultdict(lambda: [0, 0, 0])
    for file in logs.files.values():
        for at, number in enumerate((1, file.records, file.rejected)):
            found[status(file)][at] += number
    # What came twice came first in another file: `more.repeat`.
    repeated = sum(file.records for file in logs.files.values()) - sum(map(len, logs.by_kind.values()))
    return [(name, *sums, repeated if name == "partial" else 0) for name, sums in found.items()]


def by_table(logs):
    """The records of the range by table."""
    found = collections.defaultdict(list)
    for kind in kinds(logs):
        found[table(kind)] += [(when(kind, record), record) for record in getattr(logs, kind)]
    return found


class TakenIn:
    """Rows of which the columns at `open` are moments of taking in, which only their bounds are known of."""

    def __init__(self, rows, open, taken, count=None):
        self.rows = [tuple(map(plain, row)) for row in rows]
        self.open, self.taken, self.count = open, [at.timestamp() for at in taken], len(rows) if count is None else count

    def differs(self, columns, got):
        shown = [tuple(value for at, value in enumerate(row) if at != self.open) for row in got]
        strange = [row for row in shown if row not in self.rows]
        if strange or len(set(shown)) != len(shown) or len(got) != self.count:
            return f"{len(got)} rows, {self.count} expected; not expected {strange[:2]}; expected such as {self.rows[:2]}"
        first, last = self.taken
        for row in got:
            if not first - SECOND <= instant(row[self.open]).timestamp() <= last + SECOND:
                return f"{row}: it was not taken in then"
        return None


@panels.of("types")
def types(logs):
    newest = lambda found: max(at for at, _ in found).isoformat(timespec="microseconds").replace("+00:00", "Z")
    rows = [(kind, len(found), len({record.file for _, record in found}), newest(found)) for kind, found in by_table(logs).items()]
    return TakenIn(rows, 4, logs.taken)


class Between:
    """(name, number) of each name, the number between two, the largest first."""

    def __init__(self, bounds):
        self.bounds = bounds

    def differs(self, columns, got):
        if {name for name, _ in got} != set(self.bounds) or len(got) != len(self.bounds):
            return f"{[name for name, _ in got]}, expected {sorted(self.bounds)}"
        numbers = [float(number) for _, number in got]
        if numbers != sorted(numbers, reverse=True):
            return f"not in order: {got}"
        for name, number in got:
            low, high = self.bounds[name]
            if not low <= float(number) <= high:
                return f"{name}: {number}, expected {low} to {high}"
        return None


@panels.of("lag")
def lag(logs):
    first, last = (at.timestamp() for at in logs.taken)
    found = {}
    for kind, records in by_table(logs).items():
        times = sorted(at.timestamp() for at, _ in records)
        low, high = (times[min(len(times) - 1, max(0, round(len(times) * (0.5 + side))))] for side in (-NEAR, NEAR))
        found[kind] = ((first - SECOND - high) / 60, (last + SECOND - low) / 60)
    return Between(found)


@panels.of("recent")
def recent(logs):
    repeated = lambda file: file.records if file.rejected else 0
    rows = [
        (path, status(file), file.size, file.records, file.records - repeated(file), repeated(file), file.rejected)
        for path, file in logs.files.items()
    ]
    return NewestTaken(rows, 7, logs.taken, min(100, len(rows)))


class NewestTaken(TakenIn):
    """The same, the last that was taken in first."""

    def differs(self, columns, got):
        times = [instant(row[self.open]) for row in got]
        return super().differs(columns, got) or (None if times == sorted(times, reverse=True) else "not in order of time")
