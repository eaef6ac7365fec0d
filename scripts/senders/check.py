"""Libraries that were made for Splunk's HTTP Event Collector send here, unchanged: every event has to be in the lake, once.

    check.py TRAILHOUND FOLDER LANGUAGE…

FOLDER has the libraries of each LANGUAGE (`python`, `node`); scripts/real_senders.sh makes it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

EVENTS = 200
PLAIN, ACK = "22222222-2222-4222-8222-222222222222", "11111111-1111-4111-8111-111111111111"
SETTINGS = f"""
lake = "lake"
state = "sqlite:state.db"
[[source]]
type = "hec"
name = "apps"
tokens = [{{ name = "plain", token = "{PLAIN}" }}, {{ name = "ack", token = "{ACK}", ack = true }}]
"""
HERE = Path(__file__).parent
# The senders of a language: each is a process of its own.
SENDERS = {
    "python": ["splunk-handler", "splunk-hec-handler", "splunk-hec-ftf-event", "splunk-hec-ftf-raw"],
    "node": ["splunk-logging", "splunk-bunyan-logger", "winston-splunk-httplogger"],
}


def command(language: str, libraries: Path) -> list[str]:
    """What runs a sender of a language."""
    if language == "python":
        return [str(libraries / "python/bin/python"), str(HERE / "libraries.py")]
    return ["node", str(HERE / "libraries.js")]


def stored(binary: Path, folder: Path) -> Counter:
    """How often each event is in the lake, as `sender/number`."""
    query = [str(binary), "query", "--format", "json", "--limit", "100000", "SELECT raw FROM other"]
    done = subprocess.run(query, cwd=folder, capture_output=True, text=True)
    return Counter(re.findall(r"event-([a-z-]+/\d+)-", done.stdout))


def check(binary: Path, folder: Path, sender: str) -> str:
    """What is wrong with the events of a sender; nothing, where each is there once."""
    expected, deadline = {f"{sender}/{n}" for n in range(EVENTS)}, time.monotonic() + 30
    while True:
        found = {event: count for event, count in stored(binary, folder).items() if event.rsplit("/", 1)[0] == sender}
        if expected <= found.keys() or time.monotonic() > deadline:
            break
        time.sleep(0.3)
    lost, doubled = len(expected - found.keys()), sum(count > 1 for count in found.values())
    return f"{lost} lost, {doubled} doubled" if lost or doubled else ""


def main() -> int:
    """1 where an event of a sender is lost or doubled."""
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    binary, libraries, failed = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "trailhound.toml").write_text(SETTINGS)
        server = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip().rsplit("http://", 1)[-1]
            environment = {**os.environ, "NODE_PATH": str(libraries / "node/node_modules"), "EVENTS": str(EVENTS), "HEC": address,
                           "PLAIN": PLAIN, "ACK": ACK, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
            for language in sys.argv[3:]:
                for sender in SENDERS[language]:
                    began = time.monotonic()
                    done = subprocess.run([*command(language, libraries), sender], env=environment, capture_output=True, text=True, timeout=120)
                    wrong = check(binary, folder, sender) or (f"exit code {done.returncode}" if done.returncode else "")
                    failed += bool(wrong)
                    print(f"{'FAIL ' if wrong else 'ok   '} {sender} ({time.monotonic() - began:.1f} s): {wrong or f'{EVENTS} events, each once'}",
                          flush=True)
                    if wrong:
                        print(done.stdout[-1500:], done.stderr[-1500:])
        finally:
            server.terminate()
            server.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
