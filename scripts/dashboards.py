"""Every panel of every dashboard over sample logs: it must have rows, and they must be those that plain Python finds in the same
files (`scripts/panels/<dashboard>.py`, a function a panel), once over everything and once with a filter of the page.

Usage: scripts/dashboards.py path/to/trailhound [-v] [DASHBOARD[#PANEL] …]
"""

import concurrent.futures
import datetime
import importlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from panels import answers, logs, more, places

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent / "dashboards"
EVENTS, RECORDS = 6000, 600
# The samples end at a fixed time; the range is their last 30 days, for which the page cuts buckets of a day.
SINCE, UNTIL = "2026-09-02T00:00:00Z", "2026-10-02T00:00:00Z"
SPAN, SECONDS = "1d", 86400
LIMIT = 1000
# Column of the narrowing filter in every table, and its value.
FILTER = ("awsRegion", "us-east-1")


class Server:
    def __init__(self, binary, folder, lake):
        self.process = subprocess.Popen(
            [binary, "serve", "--config", folder / "trailhound.toml", "--lake", lake, "--state", f"sqlite:{folder}/state.db", "--listen", "127.0.0.1:0"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.address = None
        for line in self.process.stdout:
            found = re.search(r"http://\S+", line)
            if found:
                self.address = found[0].rstrip("/")
                break

    def ask(self, lang, query, filters=()):
        """Columns and rows, in the order of the columns."""
        body = {"lang": lang, "query": query, "since": SINCE, "until": UNTIL, "limit": LIMIT, "meta": True}
        body["filters"] = [{"field": field, "op": "is", "values": [value]} for field, value in filters]
        request = urllib.request.Request(
            f"{self.address}/api/v1/query", json.dumps(body).encode(), {"content-type": "application/json", "origin": self.address}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            lines = [json.loads(line) for line in answer.read().decode().splitlines() if line]
        if "_error" in lines[-1]:
            raise ValueError(lines[-1]["_error"])
        columns = [column["name"] for column in lines[0]["_meta"]["columns"]]
        return columns, [[row.get(column) for column in columns] for row in lines[1:-1]]


def without_raw(columns, rows, kept):
    """Rows without `_raw`, after a look whether each is a record of the files."""
    if "_raw" not in columns:
        return columns, rows
    at = columns.index("_raw")
    strange = [row[at] for row in rows if not kept.has(row[at])]
    if strange:
        raise ValueError(f"_raw is not in the files: {strange[0][:200]}")
    return columns[:at] + columns[at + 1 :], [row[:at] + row[at + 1 :] for row in rows]


class Kept:
    """The records of the files, to tell whether a `_raw` is one of them."""

    def __init__(self, by_kind):
        self.known = {json.dumps(record, sort_keys=True) for found in by_kind.values() for record in found}

    def has(self, raw):
        try:
            return json.dumps(json.loads(raw), sort_keys=True) in self.known
        except ValueError:
            return True


def problem(server, panel, answer, told, kept, filters):
    """What is wrong with a panel, or None."""
    query = panel["query"].replace("$span$", SPAN)
    try:
        columns, rows = without_raw(*server.ask(panel["lang"], query, filters), kept)
    except urllib.error.HTTPError as error:
        return error.read().decode()[:600]
    except ValueError as error:
        return str(error)
    if not filters and (not rows or (panel["chart"] == "single" and rows == [[0]])):
        return "no rows"
    return None if answer is None else answers.differs(answer(told), columns, rows)


def checks(wanted):
    """(dashboard#panel, panel, answer or None, reason of its absence) of all files."""
    for path in sorted(FOLDER.glob("*.json")):
        file = json.loads(path.read_text())
        try:
            known = importlib.import_module(f"panels.{file['id'].replace('-', '_')}").panels
        except ModuleNotFoundError:
            known = answers.Panels()
        for panel in file["panels"]:
            name = f"{file['id']}#{panel['id']}"
            if not wanted or file["id"] in wanted or name in wanted:
                yield name, panel, known.answers.get(panel["id"]), known.unchecked.get(panel["id"])


def ingest(binary, folder, where, quarantined=0):
    """Takes in what the lake does not have yet; so many files have a piece that is no record."""
    command = [binary, "ingest", "--config", folder / "trailhound.toml", "--lake", folder / "lake", where]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    expected = f"\n{quarantined} objects with something in quarantine" in done.stdout if quarantined else done.returncode == 0
    if not expected:
        sys.exit(f"ingest: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def prepare(binary, folder):
    """Sample logs, what they lack, and a lake of both: records, files, and when they were taken in."""
    where = folder / "logs"
    subprocess.run(
        [binary, "generate", "--events", str(EVENTS), "--logs", str(RECORDS), "--out", where, "--seed", "7"], check=True, stdout=subprocess.DEVNULL
    )
    more.write(where)
    places.write(folder)
    (folder / "trailhound.toml").write_text(more.SETTINGS)
    started = datetime.datetime.now(datetime.timezone.utc)
    ingest(binary, folder, where)
    # Files are read side by side: which of two brings an event first is certain only if one is taken in after the other.
    more.repeat(where)
    ingest(binary, folder, where, quarantined=1)
    return *logs.read(where), (started, datetime.datetime.now(datetime.timezone.utc))


def run(server, prepared, wanted, verbose):
    by_kind, files, taken = prepared
    everything = logs.Logs(by_kind, logs.instant(SINCE), logs.instant(UNTIL), SECONDS, files, taken)
    field, value = FILTER
    narrowed = logs.Logs({"cloudtrail": [e for e in by_kind["cloudtrail"] if e.get(field) == value]}, everything.since, everything.until, SECONDS)
    kept = Kept(by_kind)

    def check(item):
        name, panel, answer, why = item
        if answer is None and why is None:
            return name, "it has no function in scripts/panels"
        found = problem(server, panel, answer, everything, kept, ())
        if found is None and answer is not None and reads_cloudtrail(answer, everything):
            found = problem(server, panel, answer, narrowed, kept, (FILTER,))
            found = found and f"with {field}={value}: {found}"
        return name, found

    passed, failed, left_out = 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        items = list(checks(wanted))
        left_out = [f"{name} ({why})" for name, _, answer, why in items if answer is None and why]
        for name, found in pool.map(check, items):
            passed, failed = passed + (found is None), failed + (found is not None)
            if found or verbose:
                print(f"FAIL {name}: {found}" if found else f"ok   {name}")
    if left_out:
        print(f"dashboards: rows, but no answer to compare with: {', '.join(left_out)}")
    print(f"dashboards: {passed} passed, {failed} failed")
    return failed


class Told:
    """Notes which logs an answer looks at."""

    def __init__(self, logs):
        self.logs, self.kinds = logs, set()

    def __getattr__(self, name):
        if isinstance(getattr(self.logs, name), list):
            self.kinds.add(name)
        return getattr(self.logs, name)


def reads_cloudtrail(answer, everything):
    """Whether the answer is from CloudTrail alone, so that the filter's meaning is plain."""
    told = Told(everything)
    answer(told)
    return told.kinds == {"cloudtrail"}


def main():
    binary, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        binary = str(pathlib.Path(binary).resolve())
        started = datetime.datetime.now()
        prepared = prepare(binary, folder)
        server = Server(binary, folder, folder / "lake")
        try:
            failed = run(server, prepared, [word for word in rest if word != "-v"], "-v" in rest)
        finally:
            server.process.terminate()
        print(f"dashboards: {(datetime.datetime.now() - started).seconds} s")
    sys.exit(1 if failed else 0)


main()
