"""Kills ingestion and runs it again: nothing may be lost, nothing doubled.

    bench/crash.py TRAILHOUND

Each round takes the same logs into a new lake. The process is killed (SIGKILL) at a random moment, up to three times, and then
run to its end; after that the lake must hold each event exactly once. Settings, from the environment: ROUNDS (20), EVENTS
(40000), SEED of the moments (the time by default; it is printed).
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "20"))
EVENTS = int(os.environ.get("EVENTS", "40000"))


def start(command: list) -> subprocess.Popen:
    """A program without a voice."""
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def counts(binary: Path, lake: Path) -> tuple[int, int]:
    """The events in the lake, and how many of them are different."""
    query = "SELECT count(*) AS events, count(DISTINCT event_id) AS ids FROM cloudtrail"
    command = [binary, "query", "--lake", lake, "--lang", "sql", "--format", "json", query]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True)
    row = json.loads(done.stdout.strip().splitlines()[-1])
    return row["events"], row["ids"]


def round_of(binary: Path, logs: Path, lake: Path, whole: float, dice: random.Random) -> str:
    """One lake: kills, then a run to the end. Says when it was killed."""
    shutil.rmtree(lake, ignore_errors=True)
    command = [binary, "ingest", "--lake", lake, logs]
    moments = []
    for _ in range(dice.randint(1, 3)):
        process = start(command)
        moment = dice.uniform(0, whole)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            moments.append(f"{moment:.2f} s")
    if start(command).wait() != 0:
        raise SystemExit(f"the run after the kills ({', '.join(moments)}) failed")
    return ", ".join(moments) or "too late"


def main() -> int:
    """All rounds; 1 if one of them lost or doubled an event."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    seed = int(os.environ.get("SEED", time.time_ns()))
    dice = random.Random(seed)
    print(f"{ROUNDS} rounds of {EVENTS:,} events, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        logs, lake = Path(folder) / "logs", Path(folder) / "lake"
        subprocess.run([binary, "generate", "--events", str(EVENTS), "--out", logs, "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        if start([binary, "ingest", "--lake", lake, logs]).wait() != 0:
            sys.exit("ingest fails even undisturbed")
        whole = time.monotonic() - began
        wrong = 0
        for number in range(1, ROUNDS + 1):
            killed = round_of(binary, logs, lake, whole, dice)
            events, ids = counts(binary, lake)
            right = events == ids == EVENTS
            wrong += not right
            print(f"{number:3}: killed at {killed}: {events:,} events, {ids:,} different{'' if right else '  WRONG'}", flush=True)
    print(f"{ROUNDS - wrong} of {ROUNDS} rounds exact")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
