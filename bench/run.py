"""Trailhound beside DuckDB: the same files, the same machine, one run. What counts is the ratio of the two.

    bench/run.py TRAILHOUND

Settings, from the environment: EVENTS (1000000), ROUNDS (7, timings of a query; the median counts), BENCH_DIR (where logs and
lakes lie; ~/.cache/trailhound/bench). Prints Markdown; exits with 1 if two answers differ.
"""

import math
import os
import platform
import re
import shutil
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.enter()

import delta
import duck
import duckdb
import languages
import measure
import planning
import server
from measure import mb
from questions import QUESTIONS, Question

EVENTS = int(os.environ.get("EVENTS", "1000000"))
ROUNDS = max(5, int(os.environ.get("ROUNDS", "7")))
FOLDER = Path(os.environ.get("BENCH_DIR", Path.home() / ".cache" / "trailhound" / "bench"))


def say(line: str = "") -> None:
    """A line of the report, at once."""
    print(line, flush=True)


def table(head: list[str], body: list[list[str]]) -> None:
    """A Markdown table; all columns but the first are figures."""
    say("| " + " | ".join(head) + " |")
    say("| --- |" + " ---: |" * (len(head) - 1))
    for row in body:
        say("| " + " | ".join(row) + " |")
    say()


def samples(binary: Path, events: int, seed: int = 1) -> Path:
    """The logs of this size and seed; made once."""
    logs = FOLDER / f"logs-{events}-{seed}"
    if not (logs / "AWSLogs").exists():
        part = FOLDER / f"logs-{events}-{seed}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        measure.run([binary, "generate", "--events", events, "--out", part, "--seed", seed])
        part.rename(logs)
    return logs


def fresh(path: Path) -> Path:
    """A path with nothing at it, in a folder that is there."""
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def ingest(binary: Path, logs: Path, lake: Path, raw: int, longest: int) -> None:
    """All three ways in, and what they take."""
    program = Path(duck.__file__)
    ways = {
        "Trailhound: columns, location, actor and the record's text": [binary, "ingest", "--lake", fresh(lake), logs],
        "DuckDB, automatic schema, without the text": [sys.executable, program, "automatic", logs, fresh(FOLDER / "automatic.parquet"), longest],
        "DuckDB, 28 columns by path and the text": [sys.executable, program, "typed", logs, fresh(FOLDER / "typed.parquet"), longest],
    }
    body, notes = [], []
    for name, command in ways.items():
        took = measure.run(command)
        notes += [f"{name}: {line}" for line in took.output.splitlines() if "schema" in line]
        body.append([
            name,
            f"{took.wall:.1f}",
            f"{took.cpu:.1f}",
            f"{EVENTS / took.wall:,.0f}",
            f"{raw / 1e6 / took.cpu:.1f}",
            mb(took.peak),
        ])
    say("## Ingest\n")
    table(["", "seconds", "CPU seconds", "events/s", "raw MB per CPU second", "peak MB"], body)
    for note in notes:
        say(f"- {note}")
    say()


def matching(binary: Path, logs: Path) -> None:
    """What the rules cost: beside the ingest of the same logs, and within an ingest that watches, in turns."""
    example = binary.parent / "examples" / "matching"
    took: dict[bool, list[float]] = {False: [], True: []}
    for watched in (False, True) * 3:
        lake, state = fresh(FOLDER / "matching-lake"), fresh(FOLDER / "matching-state" / "state.db")
        watching = ["--state", f"sqlite:{state}"] if watched else []
        took[watched].append(measure.run([binary, "ingest", "--lake", lake, *watching, logs]).cpu)
        shutil.rmtree(lake, ignore_errors=True)
        shutil.rmtree(state.parent, ignore_errors=True)
    bare, whole = (statistics.median(took[watched]) for watched in (False, True))
    rules = measure.run([example, logs])
    say("## Rules\n")
    say(f"The ingest of these logs took {bare:.1f} CPU seconds without rules, {whole:.1f} with the built-in set and its memory")
    say(f"in the state database (median of 3 each, in turns): the rules cost {whole / bare - 1:.0%} of the ingest.\n")
    for line in rules.output.splitlines():
        seconds = re.search(r": ([0-9.]+) CPU s", line)
        share = f", {float(seconds[1]) / bare:.0%} of the ingest's" if seconds else ""
        say(f"- {line}{share}")
    say()


def storage(lake: Path, raw: int, gz: int, when: str) -> list[str]:
    """What the lake's table of events weighs."""
    active = sum(Path(f).stat().st_size for f in delta.active_files(lake / "cloudtrail"))
    count = len(delta.active_files(lake / "cloudtrail"))
    return [when, str(count), mb(active), f"{active / raw:.3f}", f"{active / gz:.2f}"]


def view(files: list[str]) -> duckdb.DuckDBPyConnection:
    """DuckDB over the lake's own Parquet files."""
    connection = duck.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    listed = ", ".join(f"'{f}'" for f in files)
    connection.execute(f"CREATE VIEW cloudtrail AS SELECT * FROM read_parquet([{listed}], hive_partitioning = true, union_by_name = true)")
    return connection


def blanks(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """A user with many events and a key with few."""
    users = "SELECT user_name FROM cloudtrail WHERE user_name IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    keys = (
        "SELECT user_identity_access_key_id FROM cloudtrail WHERE user_identity_access_key_id LIKE 'ASIA%' "
        "GROUP BY 1 HAVING count(*) BETWEEN 3 AND 30 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    return {"user": connection.execute(users).fetchone()[0], "key": connection.execute(keys).fetchone()[0]}


def plain(value: object) -> object:
    """A value as both engines would say it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str) and len(value) >= 20 and value[4] == "-" and value[10] == "T" and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return value


def same(question: Question, ours: list[dict], theirs: list[dict]) -> bool:
    """Whether two answers hold the same rows; says the first difference."""
    def key(row: dict) -> tuple:
        return tuple(repr(row[name]) for name in sorted(row))

    left, right = ([{k: plain(v) for k, v in row.items() if v is not None} for row in rows] for rows in (ours, theirs))
    left.sort(key=key)
    right.sort(key=key)
    if left == right:
        return True
    differing = next(((a, b) for a, b in zip(left, right) if a != b), None)
    say(f"**{question.name}**: answers differ ({len(left)} rows and {len(right)}): {differing}")
    return False


def median(run: object) -> float:
    """Milliseconds: the median of the rounds, after one to warm up."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def queries(binary: Path, lake: Path) -> bool:
    """Each question to both, answers compared; whether all were the same."""
    connection = view(delta.active_files(lake / "cloudtrail"))
    values = blanks(connection)
    body, ratios, equal = [], [], True
    with server.Server(binary, lake) as running:
        http = running.connect()
        for question in QUESTIONS:
            sql = question.sql.format(**values)
            ours = server.rows(server.ask(http, sql))
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            theirs = [dict(zip(names, row)) for row in cursor.fetchall()]
            equal &= same(question, ours, theirs)
            # The table keeps DuckDB from counting the time that Python takes to make objects of the rows.
            mine = median(lambda: server.ask(http, sql))
            its = median(lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}"))
            ratios.append(mine / its)
            body.append([question.name, str(len(ours)), f"{mine:.1f}", f"{its:.1f}", f"{mine / its:.2f}"])
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    body.append(["**geometric mean**", "", "", "", f"**{mean:.2f}**"])
    say("## Queries\n")
    say(f"Warm, milliseconds, median of {ROUNDS}. Trailhound over HTTP, with its JSON; DuckDB in process, over the same Parquet files.\n")
    table(["", "rows", "Trailhound", "DuckDB", "ratio"], body)
    say("All answers are the same." if equal else "**Not all answers are the same.**")
    return equal


def tongues(binary: Path, lake: Path) -> None:
    """What a question costs in each language, and what planning costs."""
    with server.Server(binary, lake) as running:
        connection = running.connect()
        say("## Languages\n")
        say(f"The same question, warm, over HTTP, median of {ROUNDS}: SQL in milliseconds, the others as a multiple of it.\n")
        table(["", "sql", "spl", "sumo", "insights", "dsl"], languages.costs(connection, ROUNDS))
        planned = planning.table(running)
        if planned:
            say("Planning (`explain` over HTTP) of the corpora's queries, milliseconds of processor time of the server.\n")
            table(planning.HEAD, planned)


def main() -> int:
    """The whole run."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    FOLDER.mkdir(parents=True, exist_ok=True)
    logs = samples(binary, EVENTS)
    files = sorted(logs.rglob("*.json.gz"))
    lengths = measure.raw_bytes(files)
    raw, gz = sum(lengths), measure.size(logs, "*.json.gz")
    load = os.getloadavg()[0]
    say(f"# Trailhound beside DuckDB {duckdb.__version__}\n")
    say(f"{EVENTS:,} events, {len(files):,} objects, {mb(raw)} MB of JSON, {mb(gz)} MB compressed; {platform.machine()}, "
        f"{os.cpu_count()} processors, load {load:.1f} at the start.\n")
    lake = FOLDER / f"lake-{EVENTS}"
    ingest(binary, logs, lake, raw, longest=max(lengths) + 1_000_000)
    matching(binary, logs)
    before = storage(lake, raw, gz, "as ingested")
    took = measure.run([binary, "maintain", "compact", "--lake", lake])
    say("## Storage\n")
    table(["", "files", "MB", "per raw byte", "per .gz byte"], [before, storage(lake, raw, gz, "compacted")])
    say(f"Compaction: {took.wall:.1f} s, {took.cpu:.1f} CPU s, peak {mb(took.peak)} MB.\n")
    equal = queries(binary, lake)
    tongues(binary, lake)
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
