#!/usr/bin/env python3
"""How long a dashboard takes over many events: each panel asked for as the page does, six at a time (as many connections as a browser opens to
one server): by a server that was just started, then again, then over a time that was not asked for before, then with filters that were not set
before.

    bench/dashboards.py TRAILHOUND [DASHBOARD[:PANELS] …]

Settings, from the environment: EVENTS (10000000), ROUNDS (5; the median counts), BENCH_DIR (where logs and lakes lie;
~/.cache/trailhound/bench). Without names: every dashboard that asks CloudTrail's table; `security-overview:12` is its first twelve panels
alone. Prints Markdown.
"""

import http.client
import json
import os
import shutil
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

import measure
import planning
import server

EVENTS = int(os.environ.get("EVENTS", "10000000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
FOLDER = Path(os.environ.get("BENCH_DIR", Path.home() / ".cache" / "trailhound" / "bench"))
CONNECTIONS = 6
# The samples end at a fixed time; the page cuts a month into days.
RANGE = {"since": "2026-09-02T00:00:00Z", "until": "2026-10-02T00:00:00Z"}
SPAN = "1d"
# Other ends of the same month: no answer is at hand, the files are warm.
TIMES = [{"since": f"2026-09-02T00:{minute:02}:00Z", "until": f"2026-10-02T00:{minute:02}:00Z"} for minute in range(5, 60, 5)]
# Values of a filter that the samples have; each is set once, so that no answer is at hand.
FILTERS = {
    "awsRegion": ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "eu-central-1", "ap-southeast-1", "us-east-2"],
    "user": ["svc-grafana", "svc-jenkins", "svc-backup", "mailer-smtp", "lukas.weber", "daichi.ito", "lambda-orders"],
}


def lake_of(binary: Path) -> Path:
    """A lake of so many events, merged as the server's upkeep does it; made once."""
    lake = FOLDER / f"dashboards-{EVENTS}"
    if not lake.exists():
        logs, part = FOLDER / f"dashboards-{EVENTS}.logs", FOLDER / f"dashboards-{EVENTS}.part"
        for folder in (logs, part):
            shutil.rmtree(folder, ignore_errors=True)
        measure.run([binary, "generate", "--events", EVENTS, "--out", logs, "--seed", 1])
        measure.run([binary, "ingest", "--lake", part, logs])
        shutil.rmtree(logs)
        measure.run([binary, "maintain", "compact", "--lake", part])
        part.rename(lake)
    return lake


class Page:
    """What asks the server, over connections that stay open."""

    def __init__(self, at: server.Server):
        self.server, self.own = at, local()
        self.threads = ThreadPoolExecutor(CONNECTIONS)

    def call(self, method: str, path: str, body: dict | None = None) -> bytes:
        """An answer; a refusal raises."""
        text = None if body is None else json.dumps(body)
        try:
            response = self.send(method, path, text)
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server closes connections that were idle for long.
            del self.own.connection
            response = self.send(method, path, text)
        answer = response.read()
        if response.status != 200 or b'{"_error"' in answer:
            raise server.Refused(f"{path} {text}\n{response.status}: {answer[-1000:].decode()}")
        return answer

    def send(self, method: str, path: str, text: str | None) -> http.client.HTTPResponse:
        """Asks over this thread's connection."""
        if not hasattr(self.own, "connection"):
            self.own.connection = self.server.connect()
        self.own.connection.request(method, path, text, {"Content-Type": "application/json"})
        return self.own.connection.getresponse()

    def panel(self, panel: dict, filters: list[dict], between: dict) -> float:
        """Seconds until a panel's rows are there, from now."""
        started = time.monotonic()
        query = panel["query"].replace("$span$", SPAN)
        limit = 100 if panel["chart"] == "events" else 1000
        self.call("POST", "/api/v1/query", {"lang": panel["lang"], "query": query, "filters": filters, "limit": limit, "meta": True, **between})
        return time.monotonic() - started

    def dashboard(self, panels: list[dict], filters: list[dict], between: dict = RANGE) -> tuple[float, dict[str, float]]:
        """Seconds until all panels are there, and each one's."""
        started = time.monotonic()
        took = list(self.threads.map(lambda panel: self.panel(panel, filters, between), panels))
        return time.monotonic() - started, {panel["id"]: seconds for panel, seconds in zip(panels, took)}


def main() -> None:
    binary = Path(sys.argv[1]).resolve()
    named = {name: int(most or 0) or None for name, _, most in (argument.partition(":") for argument in sys.argv[2:])}
    lake = lake_of(binary)
    print(f"## Dashboards over {EVENTS:,} events\n\n| | panels | first | again | new time | new region | new user | slowest panel |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |", flush=True)
    with server.Server(binary, lake) as at:
        # A new server's rules look through what the lake holds.
        planning.settled(at)
        page = Page(at)
        for entry in json.loads(page.call("GET", "/api/v1/dashboards")):
            if named and entry["id"] not in named:
                continue
            panels = json.loads(page.call("GET", f"/api/v1/dashboards/{entry['id']}"))["panels"][: named.get(entry["id"])]
            if not named and not any("cloudtrail" in panel["query"].lower() for panel in panels):
                continue
            first, _ = page.dashboard(panels, [])
            whole = [page.dashboard(panels, []) for _ in range(ROUNDS)]
            moved = [page.dashboard(panels, [], between) for between in TIMES[:ROUNDS]]
            narrow = [
                [page.dashboard(panels, [{"field": field, "op": "is", "values": [value]}]) for value in values[:ROUNDS]]
                for field, values in FILTERS.items()
            ]
            each = {panel["id"]: statistics.median(took[panel["id"]] for _, took in moved) for panel in panels}
            slowest = max(each, key=each.get)
            figures = [first, *(statistics.median(seconds for seconds, _ in some) for some in (whole, moved, *narrow))]
            print(f"| {entry['id']} | {len(panels)} | {' | '.join(f'{seconds:.2f}' for seconds in figures)} | {slowest}, {each[slowest]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
