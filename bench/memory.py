"""Whether memory stays bounded: the peak of an ingest, of little and of ten times as much.

    bench/memory.py TRAILHOUND

Settings, from the environment: SMALL (100000), LARGE (1000000) events, BENCH_DIR. Exits with 1 if the large run needs more than half
as much again as the small one.
"""

import os
import sys
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.enter()

import measure
import run

SIZES = [int(os.environ.get("SMALL", "100000")), int(os.environ.get("LARGE", "1000000"))]
MOST = 1.5


def main() -> int:
    """Both runs, and their ratio."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    run.FOLDER.mkdir(parents=True, exist_ok=True)
    body, peaks = [], []
    for events in SIZES:
        logs = run.samples(binary, events)
        raw = sum(measure.raw_bytes(sorted(logs.rglob("*.json.gz"))))
        took = measure.run([binary, "ingest", "--lake", run.fresh(run.FOLDER / "lake-memory"), logs])
        peaks.append(took.peak)
        body.append([f"{events:,}", measure.mb(raw), measure.mb(took.peak), f"{took.wall:.1f}"])
    run.say("## Memory of an ingest\n")
    run.table(["events", "raw MB", "peak MB", "seconds"], body)
    ratio = peaks[-1] / peaks[0]
    run.say(f"{SIZES[-1] / SIZES[0]:.0f} times the events take {ratio:.2f} times the memory (at most {MOST}).")
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
