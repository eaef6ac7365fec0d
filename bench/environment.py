"""A Python of the benches' own, with DuckDB in it; made on first use, outside the project."""

import os
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ["duckdb", "pytz"]


def folder() -> Path:
    """Where the environment lies."""
    return Path(os.environ.get("TRAILHOUND_BENCH_VENV", Path.home() / ".cache" / "trailhound" / "bench-venv"))


def enter() -> None:
    """Goes on in the environment's Python, which is made where it is missing."""
    python = folder() / "bin" / "python"
    if Path(sys.prefix).resolve() == folder().resolve():
        return
    if not python.exists():
        venv.create(folder(), with_pip=True)
    if subprocess.run([python, "-c", "import duckdb, pytz"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    os.execv(python, [str(python), *sys.argv])
