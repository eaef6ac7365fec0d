#!/usr/bin/env python3
"""What planning a query costs, by language: python3 bench/planning.py TRAILHOUND [--slow N] [--lake LAKE]

Asks `explain` over HTTP for each query of the corpora beside the project (TRAILHOUND_SHARED, else ../shared) and prints Markdown: the
processor time that the server spends on each, in milliseconds, its JSON included; the least of three rounds, since other work on the
machine only adds. `--slow N` lists the N dearest queries of each language. Without `--lake` a lake of sample events is made for the run.
Part of bench/run.py.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import server

ROUNDS = 3

# File, and a row's language; None leaves it out.
CORPORA = {
    "spl": ("spl.jsonl", lambda row: "spl"),
    "sumo": ("sumo.jsonl", lambda row: "sumo"),
    "sql": ("sql.jsonl", lambda row: "sql" if row["dialect"] in ("athena", "cloudtrail-lake") else None),
    "insights": ("insights.jsonl", lambda row: "insights"),
    "filter": ("filter_pattern.jsonl", lambda row: "filter"),
    "kql": ("opensearch.jsonl", lambda row: "kql" if row["language"] == "kuery" else None),
    "dsl": ("opensearch.jsonl", lambda row: "dsl" if row["language"] in ("dsl", "vis-aggs") else None),
    "sigma": ("sigma.jsonl", lambda row: "sigma"),
}

HEAD = ["", "queries", "median", "95 %", "longest"]


def queries(name: str) -> list[tuple[str, str]]:
    """Language and text of a corpus's queries; none where it is not there."""
    shared = Path(os.environ.get("TRAILHOUND_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    file, language = CORPORA[name]
    path = shared / "corpora" / "queries" / file
    out = []
    for line in path.read_text().splitlines() if path.exists() else []:
        row = json.loads(line)
        text = row.get("expanded") or row.get("filled") or row["query"]
        if language(row):
            out.append((language(row), text if isinstance(text, str) else json.dumps(text)))
    return out


def processor(pid: int) -> float:
    """Processor time that a process has used, seconds. The number of the clock is made as clock_getcpuclockid(3) makes it."""
    return time.clock_gettime((~pid << 3) | 2)


def settled(running: server.Server) -> None:
    """Returns when the server is at rest: after its start the rules look through what the lake holds."""
    quiet = 0
    while quiet < 3:
        start = processor(running.process.pid)
        time.sleep(1)
        quiet = quiet + 1 if processor(running.process.pid) - start < 0.02 else 0


def explain(connection: http.client.HTTPConnection, lang: str, text: str) -> int:
    """Plans a query; the status of the answer."""
    connection.request("POST", "/api/v1/explain", json.dumps({"lang": lang, "query": text}), {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def costs(running: server.Server, name: str) -> list[tuple[float, str]]:
    """Milliseconds and text of each query that plans."""
    connection, out = running.connect(), []
    for lang, text in queries(name):
        taken = []
        for _ in range(ROUNDS):
            start = processor(running.process.pid)
            if explain(connection, lang, text) == 200:
                taken.append((processor(running.process.pid) - start) * 1000)
        if taken:
            out.append((min(taken), text))
    return sorted(out)


def row(name: str, found: list[tuple[float, str]]) -> list[str]:
    """A language's row under HEAD."""
    times = [cost for cost, _ in found]
    return [name, str(len(times)), f"{statistics.median(times):.2f}", f"{times[int(len(times) * 0.95)]:.2f}", f"{times[-1]:.1f}"]


def table(running: server.Server) -> list[list[str]]:
    """A row a language whose corpus is there."""
    settled(running)
    found = ((name, costs(running, name)) for name in CORPORA)
    return [row(name, times) for name, times in found if times]


def samples(binary: Path, folder: Path) -> Path:
    """A lake of sample events."""
    made, lake = folder / "logs", folder / "lake"
    subprocess.run([binary, "generate", "--events", "20000", "--seed", "1", "--out", made], check=True, capture_output=True)
    subprocess.run([binary, "ingest", "--lake", lake, made], check=True, capture_output=True)
    return lake


def main() -> None:
    """The table, and the dearest queries where they are asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("--slow", type=int, default=0)
    arguments.add_argument("--lake", type=Path)
    arguments.add_argument("--only", choices=CORPORA, action="append")
    given = arguments.parse_args()
    binary = given.binary.resolve()
    with tempfile.TemporaryDirectory() as folder:
        lake = given.lake or samples(binary, Path(folder))
        with server.Server(binary, lake) as running:
            settled(running)
            print("| " + " | ".join(HEAD) + " |\n| --- | ---: | ---: | ---: | ---: |", flush=True)
            for name in given.only or CORPORA:
                found = costs(running, name)
                if found:
                    print("| " + " | ".join(row(name, found)) + " |", flush=True)
                for cost, text in found[::-1][: given.slow]:
                    print(f"    {cost:.2f}  {' '.join(text.split())[:300]}")


if __name__ == "__main__":
    main()
