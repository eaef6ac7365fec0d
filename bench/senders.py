#!/usr/bin/env python3
"""Sends logs to a server: kills it under its senders, or measures how fast it takes them.

    bench/senders.py TRAILHOUND            kills: what is acknowledged has to be in the lake, each event once
    bench/senders.py TRAILHOUND speed      megabytes of raw JSON a second, and how long until they are searchable

Settings, from the environment: KILLS (200), SECONDS of a life at most (2.5), SENDERS (4), MEGABYTES (1000), RATE in megabytes a second (as
fast as it goes), SEED.
"""

import base64
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from server import ask, rows

KILLS = int(os.environ.get("KILLS", "200"))
SECONDS = float(os.environ.get("SECONDS", "2.5"))
SENDERS = int(os.environ.get("SENDERS", "4"))
MEGABYTES = int(os.environ.get("MEGABYTES", "1000"))
RATE = float(os.environ.get("RATE", "inf"))
TOKEN = "11111111-1111-1111-1111-111111111111"
CHANNEL = "FE0ECFAD-13D5-401B-847D-77833BD77131"
SETTINGS = f"""
lake = "lake"
state = "sqlite:state.db"
[[source]]
type = "hec"
name = "apps"
tokens = [{{ name = "app", token = "{TOKEN}", ack = true }}]
[[source]]
type = "firehose"
name = "stream"
access_key = "a key"
"""


def record(number: int, salt: str) -> dict:
    """A CloudTrail record of about a kilobyte."""
    second = number % 86_400
    return {
        "eventVersion": "1.08", "eventTime": f"2026-03-{1 + number // 86_400 % 28:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
        "eventID": f"{salt}-0000-4000-8000-{number:012x}", "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "awsRegion": "us-east-1",
        "sourceIPAddress": f"198.51.100.{number % 250}", "userAgent": "[aws-cli/2.15.30 Python/3.11.8 Linux/6.1.79 exe/x86_64 prompt/off command/s3api.get-object]",
        "userIdentity": {"type": "AssumedRole", "principalId": f"AROAEXAMPLEID:session-{number % 1000}", "arn": f"arn:aws:sts::111122223333:assumed-role/app/session-{number % 1000}",
                         "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/app"}}},
        "requestParameters": {"bucketName": f"bucket-{number % 50}", "key": f"path/to/object-{number}.json", "Host": "s3.us-east-1.amazonaws.com"},
        "responseElements": None, "requestID": f"{number:016X}", "readOnly": True, "eventType": "AwsApiCall", "managementEvent": False,
        "recipientAccountId": "111122223333", "eventCategory": "Data"}


class Server:
    """A server that can be killed."""

    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder = binary, folder
        (folder / "trailhound.toml").write_text(SETTINGS)
        self.start()

    def start(self) -> None:
        """Starts it and learns its address."""
        command = [self.binary, "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip().rsplit("http://", 1)[-1]

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.kill()
        self.process.wait()

    def ids(self) -> list:
        """The ids in the lake."""
        query = "SELECT event_id FROM cloudtrail"
        done = subprocess.run([self.binary, "query", "--format", "csv", "--limit", "100000000", query], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.split()[1:]

    def count(self) -> int:
        """Rows that a search of this server finds."""
        connection = http.client.HTTPConnection(self.address, timeout=120)
        try:
            [row] = rows(ask(connection, "SELECT count(*) AS n FROM cloudtrail"))
        finally:
            connection.close()
        return row["n"]


def hec(connection: http.client.HTTPConnection, body: bytes) -> bool:
    """Sends envelopes."""
    connection.request("POST", "/services/collector/event", body, {"Authorization": f"Splunk {TOKEN}", "X-Splunk-Request-Channel": CHANNEL})
    answer = connection.getresponse()
    text = answer.read()
    return answer.status == 200 and json.loads(text)["code"] == 0


def firehose(connection: http.client.HTTPConnection, request: str, records: list) -> bool:
    """Sends records as Firehose does."""
    data = [{"data": base64.b64encode(json.dumps(r).encode()).decode()} for r in records]
    body = json.dumps({"requestId": request, "timestamp": 1772359200000, "records": data})
    headers = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": request, "X-Amz-Firehose-Access-Key": "a key", "Content-Type": "application/json"}
    connection.request("POST", "/firehose", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status == 200 and json.loads(text)["requestId"] == request


def sender(number: int, server: Server, acknowledged: set, lock: threading.Lock, stop: threading.Event) -> None:
    """Sends batch after batch; what is not acknowledged is sent again."""
    turn = 0
    while not stop.is_set():
        records = [record(turn * 50 + n, f"{number:08x}") for n in range(50)]
        while not stop.is_set():
            connection = http.client.HTTPConnection(server.address, timeout=30)
            try:
                if number % 2 == 0:
                    taken = hec(connection, "".join(json.dumps({"event": r}) for r in records).encode())
                else:
                    taken = firehose(connection, f"{number}-{turn}", records)
            except (OSError, http.client.HTTPException, ValueError):
                taken = False
            finally:
                connection.close()
            if taken:
                with lock:
                    acknowledged.update(r["eventID"] for r in records)
                break
            time.sleep(0.02)
        turn += 1


def kills(server: Server) -> int:
    """Kills and starts again; then counts."""
    seed = int(os.environ.get("SEED", time.time_ns()))
    dice = random.Random(seed)
    acknowledged, lock, stop = set(), threading.Lock(), threading.Event()
    threads = [threading.Thread(target=sender, args=(n, server, acknowledged, lock, stop)) for n in range(SENDERS)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.05, SECONDS))
        server.kill()
        server.start()
    stop.set()
    for thread in threads:
        thread.join()
    # What waits in the journal is on its way: that no more comes for a minute is the end of it.
    stored, grown = server.ids(), time.monotonic()
    while not acknowledged <= set(stored) and time.monotonic() - grown < 60:
        time.sleep(2)
        before, stored = len(stored), server.ids()
        grown = time.monotonic() if len(stored) > before else grown
    lost, doubled = len(acknowledged - set(stored)), len(stored) - len(set(stored))
    print(f"{KILLS} kills, seed {seed}: {len(acknowledged):,} events acknowledged, {len(stored):,} stored, {lost} lost, {doubled} doubled")
    return 1 if lost or doubled else 0


def speed(server: Server) -> int:
    """Sends as fast as it goes."""
    batches = []
    size, number = 0, 0
    while size < MEGABYTES * 1_000_000:
        body = "".join(json.dumps({"event": record(number + n, "0badc0de")}) for n in range(2000)).encode()
        batches.append(body)
        size += len(body)
        number += 2000
    began = time.monotonic()
    lock, refused, taken, late = threading.Lock(), [0], [], []
    over = threading.Event()

    def run() -> None:
        connection = http.client.HTTPConnection(server.address, timeout=120)
        while True:
            with lock:
                if not batches:
                    return
                body = batches.pop()
                given = size - sum(map(len, batches))
            time.sleep(max(0.0, given / 1e6 / RATE - (time.monotonic() - began)))
            while not hec(connection, body):
                refused[0] += 1
                time.sleep(0.2)
            taken.append(time.monotonic())

    def look() -> None:
        """How long ago the oldest batch was acknowledged that a search does not find."""
        while not over.wait(0.3):
            known = len(taken)
            found, now = server.count() // 2000, time.monotonic()
            late.append(now - taken[found] if found < known else 0.0)

    looking = threading.Thread(target=look)
    looking.start()
    threads = [threading.Thread(target=run) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = time.monotonic() - began
    while server.count() < number:
        time.sleep(0.2)
    searchable = time.monotonic() - began
    over.set()
    looking.join()
    spent = sum(map(int, Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    peak = next(line for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(f"{size / 1e6:.0f} MB in {number:,} events: acknowledged in {sent:.1f} s ({size / 1e6 / sent:.0f} MB/s), searchable after {searchable:.1f} s "
          f"({size / 1e6 / searchable:.0f} MB/s); each at most {max(late, default=0):.1f} s after it was acknowledged; {refused[0]} times told to wait; "
          f"{spent:.0f} s of a processor; peak memory {int(peak.split()[1]) / 1024:.0f} MiB")
    return 0


def main() -> int:
    """One or the other."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        server = Server(Path(sys.argv[1]).resolve(), Path(folder))
        try:
            return speed(server) if sys.argv[2:] == ["speed"] else kills(server)
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
