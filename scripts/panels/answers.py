"""What a panel should answer, in the forms in which a question leaves something open, and the comparison with what came."""

import collections
import json
import re


def plain(value):
    """One spelling for numbers, instants and lists: engines differ in types where the question does not."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (list, tuple, set)):
        return "\n".join(sorted(str(plain(item)) for item in value)) or None
    if isinstance(value, (int, float)):
        return f"{value:.9f}".rstrip("0").rstrip(".") or "0"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    instant = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.0+)?(?:Z|\+00:00|)", value)
    return f"{instant[1]}T{instant[2]}Z" if instant else value


def rows(found):
    return [tuple(map(plain, row)) for row in found]


class Rows:
    """Exactly these rows, in any order."""

    def __init__(self, expected):
        self.expected = rows(expected)

    def differs(self, columns, got):
        want, have = collections.Counter(self.expected), collections.Counter(got)
        if want == have:
            return None
        return f"{len(got)} rows, {len(self.expected)} expected; missing {list((want - have).elements())[:3]}, too many {list((have - want).elements())[:3]}"


class Top:
    """The first `count` of these rows by the key, in its order; which of equals comes first is open."""

    def __init__(self, candidates, count, key):
        ranked = sorted(candidates, key=key)
        self.all = rows(ranked)
        self.keys = collections.defaultdict(set)
        for row, raw in zip(self.all, ranked):
            self.keys[row].add(key(raw))
        self.best = [key(raw) for raw in ranked[:count]]

    def differs(self, columns, got):
        if len(got) != len(self.best):
            return f"{len(got)} rows, {len(self.best)} expected; first {got[:2]}, expected {self.all[:2]}"
        if len(set(got)) != len(got) and len(set(self.all)) == len(self.all):
            return "a row is there twice"
        for place, (row, best) in enumerate(zip(got, self.best)):
            if best not in self.keys.get(row, ()):
                return f"row {place + 1} is {row}; expected one like {self.all[place]}"
        return None


class Chart:
    """Counts over time by series: the `most` largest series, what is left as OTHER, what has no series as NULL.

    `points` are (bucket, series, number); `buckets` all that the chart spans. Empty buckets count zero.
    """

    def __init__(self, points, buckets, most=10):
        self.buckets, self.most = buckets, most
        self.sums = collections.defaultdict(collections.Counter)
        for bucket, series, number in points:
            self.sums["NULL" if series is None else str(series)][bucket] += number

    def differs(self, columns, got):
        if [row[0] for row in got] != self.buckets:
            return f"buckets {[row[0] for row in got][:3]}…, expected {self.buckets[:3]}… ({len(got)}, {len(self.buckets)} expected)"
        shown = columns[1:]
        totals = {name: sum(counts.values()) for name, counts in self.sums.items() if name != "NULL"}
        best = sorted(totals.values(), reverse=True)[: self.most]
        named = [name for name in shown if name not in ("OTHER", "NULL")]
        if sorted((totals.get(name, 0) for name in named), reverse=True) != best:
            return f"series {shown}, expected the largest of {totals}"
        rest = sum((self.sums[name] for name in totals if name not in named), collections.Counter())
        if ("OTHER" in shown) != bool(rest) or ("NULL" in shown) != ("NULL" in self.sums):
            return f"series {shown}: OTHER or NULL is amiss"
        for place, name in enumerate(shown, start=1):
            want = rest if name == "OTHER" else self.sums[name]
            for row in got:
                if float(row[place] or 0) != want[row[0]]:
                    return f"{name} at {row[0]}: {row[place]}, expected {want[row[0]]}"
        return None


def differs(answer, columns, got):
    """What is wrong with the rows that came, or None. `answer`: rows as tuples, or one of the forms above."""
    form = answer if hasattr(answer, "differs") else Rows(answer)
    return form.differs(columns, rows(got))


# ---- panels ------------------------------------------------------------------------------------------------------------


class Panels:
    """The answers of a dashboard's panels: `@panels.of("panel-id")` before a function from `Logs` to its answer."""

    def __init__(self):
        self.answers, self.unchecked = {}, {}

    def of(self, *ids):
        def keep(answer):
            for id in ids:
                self.answers[id] = answer
            return answer

        return keep

    def skip(self, id, why):
        """A panel that is not computed here, with the reason."""
        self.unchecked[id] = why
