"""Runs a program and says what it took: seconds on the clock, seconds of processor, the most memory it held."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """The program ended with another status than 0."""


@dataclass
class Run:
    """What a program took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of it and of what it started."""
    peak: int
    """Bytes, resident."""
    output: str


def run(command: list, env: dict | None = None) -> Run:
    """Runs a program to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode:
            err.seek(0)
            raise Failed(f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{err.read().decode()[-4000:]}")
        # Linux counts ru_maxrss in kilobytes.
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read().decode())


def size(folder: Path, pattern: str = "*") -> int:
    """The bytes of the files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob(pattern) if f.is_file())


def raw_bytes(files: list[Path]) -> list[int]:
    """The length of each gzip file's content: the last four bytes of the file say it."""
    lengths = []
    for file in files:
        with file.open("rb") as f:
            f.seek(-4, os.SEEK_END)
            lengths.append(int.from_bytes(f.read(4), "little"))
    return lengths


def mb(n: float) -> str:
    """Bytes as megabytes, for the tables."""
    return f"{n / 1e6:,.0f}"
