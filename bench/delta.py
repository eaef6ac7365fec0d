"""The active files of a Delta table, read from its log: what any other engine may read."""

import json
from pathlib import Path
from urllib.parse import unquote

import duckdb


def active_files(table: Path) -> list[str]:
    """The paths of the files of the newest version."""
    log = table / "_delta_log"
    active: set[str] = set()
    start = 0
    last = log / "_last_checkpoint"
    if last.exists():
        version = json.loads(last.read_text())["version"]
        for part in sorted(log.glob(f"{version:020d}.checkpoint*.parquet")):
            rows = duckdb.sql(f"SELECT add.path FROM read_parquet('{part}') WHERE add.path IS NOT NULL").fetchall()
            active.update(path for (path,) in rows)
        start = version + 1
    for commit in sorted(log.glob("*.json")):
        if commit.stem.isdigit() and int(commit.stem) >= start:
            _apply(commit, active)
    return [str(table / unquote(path)) for path in sorted(active)]


def _apply(commit: Path, active: set[str]) -> None:
    for line in commit.read_text().splitlines():
        action = json.loads(line)
        if "remove" in action:
            active.discard(action["remove"]["path"])
        if "add" in action:
            active.add(action["add"]["path"])
