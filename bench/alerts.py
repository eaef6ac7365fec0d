#!/usr/bin/env python3
"""Alerts under load, told to a webhook that keeps a ledger.

    bench/alerts.py TRAILHOUND             kills: the server is killed under its senders; no alert is lost or opened twice, and each
                                           is told, under one id
    bench/alerts.py TRAILHOUND groups      one rule, many groups: an alert for each, told once each
    bench/alerts.py TRAILHOUND delay       from the acknowledgement of an event to the call of the webhook, under load

Settings, from the environment: KILLS (60), SECONDS of a life at most (4), GROUPS (10000), RATE of events a second (5000), FOR so many
seconds (60), SEED.
"""

import collections
import http.client
import http.server
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

KILLS = int(os.environ.get("KILLS", "60"))
SECONDS = float(os.environ.get("SECONDS", "4"))
GROUPS = int(os.environ.get("GROUPS", "10000"))
RATE = int(os.environ.get("RATE", "5000"))
FOR = int(os.environ.get("FOR", "60"))
TOKEN = "11111111-1111-1111-1111-111111111111"
RULE = """id: bench-marked
title: A marked call
severity: high
query: { lang: filter, text: '{ $.eventName = MarkedCall }' }
group_by: [actor_name]
tests:
  match: [{ eventName: MarkedCall }, { eventName: MarkedCall, readOnly: true }]
  no_match: [{ eventName: UnmarkedCall }, { eventName: GetObject }]
"""
SETTINGS = """
lake = "lake"
state = "sqlite:state.db"
[rules]
folders = ["rules"]
[[source]]
type = "hec"
name = "apps"
tokens = [{{ name = "app", token = "{token}" }}]
[[sink]]
name = "ledger"
type = "webhook"
url = "http://127.0.0.1:{port}/"
allow = ["127.0.0.0/8"]
rules = ["bench-marked"]
attempts = 100
"""


class Ledger:
    """A webhook's receiver: what came, when, under which id."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls = collections.defaultdict(list)
        ledger = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Takes a message."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802, the library's name
                """Writes it down, then answers."""
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with ledger.lock:
                    ledger.calls[self.headers["Trailhound-Id"]].append((time.time(), body["alert"]["actor"], body["change"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> dict:
        """The ids under which each actor's alert was told as opened."""
        ids = collections.defaultdict(set)
        with self.lock:
            for name, calls in self.calls.items():
                for _, actor, change in calls:
                    if change == "opened":
                        ids[actor].add(name)
        return ids

    def wait(self, actors: set, seconds: float) -> None:
        """Until all have been told, or nothing new has been for so long."""
        known, end = 0, time.time() + seconds
        while time.time() < end:
            told = set(self.told())
            if actors <= told:
                return
            if len(told) > known:
                known, end = len(told), time.time() + seconds
            time.sleep(0.5)


class Server:
    """A server that can be killed."""

    def __init__(self, binary: Path, folder: Path, port: int):
        self.binary, self.folder = binary, folder
        (folder / "rules").mkdir()
        (folder / "rules" / "bench-marked.yml").write_text(RULE)
        (folder / "trailhound.toml").write_text(SETTINGS.format(token=TOKEN, port=port))
        self.start()

    def start(self) -> None:
        """Starts it and learns its address."""
        self.log = open(self.folder / "log", "a", encoding="utf-8")
        command = [self.binary, "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.address = self.process.stdout.readline().strip().rsplit("http://", 1)[-1]

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def alerts(self) -> dict:
        """The alerts of each actor."""
        with sqlite3.connect(f"file:{self.folder / 'state.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT actor, count(*) FROM detect_alerts WHERE rule = 'bench-marked' GROUP BY actor")
            return dict(rows.fetchall())


def record(name: str, actor: str, number: int, salt: str) -> dict:
    """A CloudTrail record of now."""
    return {
        "eventVersion": "1.08", "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "eventID": f"{salt}-0000-4000-8000-{number:012x}",
        "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": f"198.51.100.{number % 250}",
        "userAgent": "[aws-cli/2.15.30 Python/3.11.8 Linux/6.1.79 exe/x86_64 prompt/off command/s3api.get-object]",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::111122223333:user/{actor}", "accountId": "111122223333", "userName": actor},
        "requestParameters": {"bucketName": f"bucket-{number % 50}", "key": f"path/to/object-{number}.json"}, "responseElements": None,
        "requestID": f"{number:016X}", "readOnly": True, "eventType": "AwsApiCall", "managementEvent": False,
        "recipientAccountId": "111122223333", "eventCategory": "Data"}


def send(server: Server, records: list) -> bool:
    """Whether the server acknowledges them."""
    connection = http.client.HTTPConnection(server.address, timeout=60)
    try:
        body = "".join(json.dumps({"event": one}) for one in records).encode()
        connection.request("POST", "/services/collector/event", body, {"Authorization": f"Splunk {TOKEN}"})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status == 200 and json.loads(text)["code"] == 0
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def judged(what: str, server: Server, ledger: Ledger, actors: set) -> int:
    """Compares what had to be told with the alerts and the ledger."""
    ledger.wait(actors, 180)
    alerts, told = server.alerts(), ledger.told()
    lost = len(actors - set(alerts)) + len(actors - set(told))
    twice = sum(number - 1 for number in alerts.values()) + sum(len(ids) - 1 for ids in told.values())
    with ledger.lock:
        again = sum(len(calls) - 1 for calls in ledger.calls.values())
    print(f"{what}: {len(actors)} groups, {len(alerts)} alerts, {len(told)} told; {lost} lost, {twice} twice, {again} calls repeated under their id")
    return 0 if lost == 0 and twice == 0 and len(alerts) >= len(actors) else 1


def kills(server: Server, ledger: Ledger) -> int:
    """Kills and starts again while events come in; every batch is sent until it is acknowledged, so some come several times."""
    dice = random.Random(int(os.environ.get("SEED", time.time_ns())))
    actors, stop = set(), threading.Event()

    def sender(number: int) -> None:
        turn = 0
        while not stop.is_set():
            batch = [record("MarkedCall", f"actor-{number}-{turn}-{n}", turn * 10 + n, f"{number:08x}") for n in range(3)]
            batch += [record("GetObject", "reader", turn * 10 + n, f"{number:08x}") for n in range(3, 10)]
            while not send(server, batch):
                if stop.is_set():
                    return
                time.sleep(0.02)
            actors.update(one["userIdentity"]["userName"] for one in batch[:3])
            turn += 1
            # What is measured is what is lost, not how much is taken in.
            time.sleep(0.1)

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.1, SECONDS))
        server.kill()
        server.start()
    stop.set()
    for thread in threads:
        thread.join()
    return judged(f"{KILLS} kills", server, ledger, actors)


def groups(server: Server, ledger: Ledger) -> int:
    """Two events of each group, in batches."""
    actors = [f"actor-{number}" for number in range(GROUPS)]
    for salt in ("00000001", "00000002"):
        for start in range(0, GROUPS, 1000):
            batch = [record("MarkedCall", actor, start + n, salt) for n, actor in enumerate(actors[start:start + 1000])]
            while not send(server, batch):
                time.sleep(0.1)
    return judged("groups", server, ledger, set(actors))


def delay(server: Server, ledger: Ledger) -> int:
    """A marked event a second among so many others."""
    sent, acknowledged, begin = 0, {}, time.time()
    while time.time() - begin < FOR:
        number = len(acknowledged)
        batch = [record("GetObject", "reader", sent + n, "00000003") for n in range(RATE // 4 - 1)]
        batch.append(record("MarkedCall", f"actor-{number}", sent + RATE // 4, "00000003"))
        sent += RATE // 4
        while not send(server, batch):
            time.sleep(0.02)
        acknowledged[f"actor-{number}"] = time.time()
        time.sleep(max(0.0, begin + sent / RATE - time.time()))
    rate = sent / (time.time() - begin)
    ledger.wait(set(acknowledged), 120)
    with ledger.lock:
        first = {actor: at for calls in ledger.calls.values() for at, actor, _ in calls[:1]}
    delays = [max(0.0, first[actor] - at) for actor, at in acknowledged.items() if actor in first]
    late = statistics.median(delays) if delays else float("inf")
    print(f"delay: {rate:.0f} events/s, {len(delays)} of {len(acknowledged)} told, median {late:.2f} s, longest {max(delays, default=0):.2f} s")
    return 0 if len(delays) == len(acknowledged) and late <= 10 else 1


def main() -> int:
    """Runs what is asked for."""
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 2
    what = {"kills": kills, "groups": groups, "delay": delay}[sys.argv[2] if len(sys.argv) == 3 else "kills"]
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger()
        server = Server(Path(sys.argv[1]).resolve(), Path(folder), ledger.port)
        try:
            return what(server, ledger)
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
