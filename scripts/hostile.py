#!/usr/bin/env python3
"""Objects that were made to break who reads them, among good ones: what can be read is in, the rest is in quarantine with its reason, and
memory stays bounded.

    scripts/hostile.py TRAILHOUND
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

MOST_MIB = 2048
NOW = datetime.now(timezone.utc)


def record(name: str, **more: object) -> dict:
    """A record whose id tells what it is of."""
    return {"eventVersion": "1.08", "eventTime": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
            "awsRegion": "us-east-1", "eventID": name, "eventType": "AwsApiCall", "recipientAccountId": "111122223333", **more}


def log(*records: dict) -> str:
    """An object of a trail."""
    return json.dumps({"Records": records})


def bomb() -> bytes:
    """Ten gigabytes in ten megabytes: a hundred members of a hundred mebibytes."""
    return gzip.compress(b" " * (100 << 20)) * 100


def one_member() -> bytes:
    """A gibibyte of one document in one member."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [packer.compress(b'{"Records":[')]
    parts += [packer.compress(b" " * (64 << 20)) for _ in range(16)]
    return b"".join(parts) + packer.flush()


def zstd_bomb() -> bytes:
    """Ten gigabytes in a third of a megabyte: a frame of blocks that each repeat a byte 128 Ki times."""
    block, end = (1 << 1 | 131_072 << 3).to_bytes(3, "little") + b" ", (1 | 1 << 1 | 1 << 3).to_bytes(3, "little") + b" "
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * 80_000 + end


def days(count: float) -> str:
    """A time that many days from now."""
    return (NOW + timedelta(days=count)).strftime("%Y-%m-%dT%H:%M:%SZ")


DEEP = "[" * 10_000 + "]" * 10_000
SURROGATE = log(record("surrogate", userAgent="HERE")).replace("HERE", "\\ud800 \\u0000 \\udc00")
LATIN = log(record("latin-bad", userAgent="HERE"), record("latin-good")).encode().replace(b"HERE", b"caf\xe9")
# What each object is, the events of it that have to be in, and the reason that has to be told: any for "", none for None.
OBJECTS = {
    "bomb.json.gz": (bomb, [], "too-large"),
    "bomb.json.zst": (zstd_bomb, [], "too-large"),
    "one-member.json.gz": (one_member, [], "too-large"),
    "nested.json.gz": (lambda: gzip.compress(bomb()), [], ""),
    "mebibyte.json": (lambda: log(record("mebibyte", requestParameters={"policy": "x" * (1 << 20)})), ["mebibyte"], None),
    "wide.json": (lambda: log(record("wide", requestParameters={f"key{n}": n for n in range(100_000)})), ["wide"], None),
    "long.json": (lambda: log(record("long", requestParameters={"items": list(range(100_000))})), ["long"], None),
    "deep.json": (lambda: log(record("deep", requestParameters="DEEP"), record("beside-deep")).replace('"DEEP"', DEEP), ["beside-deep"], "too-deep"),
    "open.json": (lambda: '{"a":' * 1_000_000, [], ""),
    "surrogate.json": (lambda: SURROGATE, ["surrogate"], None),
    "nul.json": (lambda: log(record("nul", userAgent="a\0b")), ["nul"], None),
    "latin.json": (lambda: LATIN, ["latin-good"], "invalid-utf8"),
    "times.json": (lambda: log(record("tomorrow", eventTime=days(1)), record("yesterday", eventTime=days(-1)), record("old", eventTime=days(-400)),
                               record("year-9999", eventTime="9999-12-31T23:59:59Z")), ["tomorrow", "yesterday", "old", "year-9999"], None),
    "good.json": (lambda: log(record("good")), ["good"], None),
}


def ids(binary: str, lake: Path) -> list[str]:
    """The events in the lake."""
    query = [binary, "query", "--lake", str(lake), "--format", "csv", "SELECT event_id FROM cloudtrail"]
    return sorted(subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()[1:])


def main() -> int:
    """1 where something is missing, told wrongly, or took too much memory."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary, wrong = sys.argv[1], []
    with tempfile.TemporaryDirectory() as name:
        logs, lake = Path(name) / "logs", Path(name) / "lake"
        logs.mkdir()
        for path, (content, _, _) in OBJECTS.items():
            made = content()
            (logs / path).write_bytes(made if isinstance(made, bytes) else made.encode())
        command = [binary, "ingest", "--lake", str(lake), "--format", "json", str(logs)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = json.loads(process.stdout.read().strip().splitlines()[-1])
        _, status, used = os.wait4(process.pid, 0)
        reasons = {Path(problem["origin"]).name: problem["reason"] for problem in said["problems"]}
        for path, (_, _, reason) in OBJECTS.items():
            found = reasons.get(path)
            if (reason is None and found) or (reason == "" and not found) or (reason and found != reason):
                wrong.append(f"{path}: {found}, not {reason}")
        expected = sorted(event for _, events, _ in OBJECTS.values() for event in events)
        if ids(binary, lake) != expected:
            wrong.append(f"in are {ids(binary, lake)}, not {expected}")
        if os.waitstatus_to_exitcode(status) != 1:
            wrong.append(f"exit code {os.waitstatus_to_exitcode(status)}")
        if used.ru_maxrss >> 10 > MOST_MIB:
            wrong.append(f"{used.ru_maxrss >> 10} MiB of memory, more than {MOST_MIB}")
        print(f"{len(OBJECTS)} hostile objects: {len(expected)} events in, {reasons}; {used.ru_maxrss >> 10} MiB, {used.ru_utime + used.ru_stime:.1f} s "
              "of a processor")
    print("\n".join(f"FAIL  {each}" for each in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
