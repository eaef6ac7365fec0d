"""A disk that is full, and one that is read-only, under a server that logs are sent to: it never acknowledges what it can't keep, and
goes on by itself when there is room.

    full_disk.py TRAILHOUND

Needs root, for two small file systems in memory that nobody else sees; without, it says so and is no failure.
"""

import base64
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

TOKEN, KEY = "11111111-1111-1111-1111-111111111111", "an access key"
CHANNEL = "FE0ECFAD-13D5-401B-847D-77833BD77131"
ROOM = "96m"


class Server:
    """The program, with its journal on one file system and its lake on another."""

    def __init__(self, binary: Path, place: Path):
        self.binary, self.place = binary, place
        (place / "trailhound.toml").write_text(
            f'lake = "lake"\nstate = "sqlite:state.db"\n[journal]\nfolder = "disk/journal"\n'
            f'[[source]]\ntype = "hec"\nname = "apps"\ntokens = [{{ name = "app", token = "{TOKEN}" }}]\n'
            f'[[source]]\ntype = "firehose"\nname = "stream"\naccess_key = "{KEY}"\n'
        )
        command = [binary, "serve", "--listen", "127.0.0.1:0"]
        self.log = (place / "log").open("ab")
        self.process = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.address = self.process.stdout.readline().strip().rsplit("http://", 1)[-1]
        self.acknowledged: set[str] = set()

    def _ask(self, method: str, path: str, body: str | None, headers: dict) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def hec(self) -> tuple[int, int]:
        """Sends some events: the status and the protocol's code."""
        events = [record() for _ in range(40)]
        body = "".join(json.dumps({"event": event}) for event in events)
        status, said = self._ask("POST", "/services/collector/event", body, {"Authorization": f"Splunk {TOKEN}"})
        if status == 200:
            self.acknowledged |= {event["eventID"] for event in events}
        return status, said["code"]

    def health(self) -> tuple[int, int]:
        """The collector's health."""
        status, said = self._ask("GET", "/services/collector/health", None, {})
        return status, said["code"]

    def firehose(self) -> tuple[int, bool]:
        """Sends some events: the status, and whether the answer is as Firehose wants it."""
        events, request = [record() for _ in range(40)], str(uuid.uuid4())
        data = [{"data": base64.b64encode(json.dumps(event).encode()).decode()} for event in events]
        body = json.dumps({"requestId": request, "timestamp": int(time.time() * 1000), "records": data})
        headers = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": request,
                   "X-Amz-Firehose-Access-Key": KEY, "Content-Type": "application/json"}
        status, said = self._ask("POST", "/firehose", body, headers)
        if status == 200:
            self.acknowledged |= {event["eventID"] for event in events}
        return status, said.get("requestId") == request and (status == 200) != bool(said.get("errorMessage"))

    def ids(self) -> list[str]:
        """The events in the lake."""
        query = [self.binary, "query", "--format", "csv", "--limit", "1000000", "SELECT event_id FROM cloudtrail"]
        return subprocess.run(query, cwd=self.place, capture_output=True, text=True).stdout.split()[1:]

    def whole(self, what: str) -> None:
        """What was acknowledged comes into the lake, each event once."""
        until(lambda: self.acknowledged <= {*self.ids()}, f"{what}: what was acknowledged is in the lake")
        found = self.ids()
        assert len(found) == len({*found}), f"{what}: {len(found)} rows of {len({*found})} events"

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()


def record() -> dict:
    """An event of some kilobytes."""
    return {"eventVersion": "1.08", "eventTime": "2026-03-01T10:00:00Z", "eventID": str(uuid.uuid4()), "eventName": "PutObject",
            "eventSource": "s3.amazonaws.com", "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "eventType": "AwsApiCall",
            "requestParameters": {"bucketName": "b", "key": os.urandom(1500).hex()}}


def until(condition, what: str, seconds: float = 90) -> None:
    """Waits for it."""
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.3)


def fill(disk: Path) -> None:
    """Leaves no room."""
    with (disk / "filler").open("wb", buffering=0) as out:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                pass


def full(server: Server, disk: Path) -> str:
    """No room for the journal."""
    assert server.hec() == (200, 0) and server.firehose() == (200, True)
    server.whole("before")
    fill(disk)
    # What fits into the file that is open may still be kept.
    until(lambda: server.hec()[0] != 200, "the disk is full")
    for _ in range(5):
        assert (told := server.hec()) == (503, 9), f"HEC answered {told}"
        assert (told := server.firehose()) == (503, True), f"Firehose answered {told}"
    assert (told := server.health()) == (503, 18), f"the health check answered {told}"
    assert server.ids(), "queries go on"
    (disk / "filler").unlink()
    until(lambda: server.hec() == (200, 0), "HEC goes on", 30)
    assert server.firehose() == (200, True) and server.health() == (200, 17)
    server.whole("after the disk was full")
    return "503 code 9 and 18, Firehose 503; then 200 again"


def lake_full(server: Server, lake: Path) -> str:
    """No room for the lake: what is acknowledged waits in the journal."""
    fill(lake)
    before = len(server.ids())
    assert server.hec() == (200, 0) and server.firehose() == (200, True)
    time.sleep(4)
    assert len(server.ids()) == before
    (lake / "filler").unlink()
    server.whole("after the lake was full")
    return "acknowledged, in the lake when there was room again"


def read_only(server: Server, lake: Path) -> str:
    """The lake can't be written: what is acknowledged waits in the journal."""
    subprocess.run(["mount", "-o", "remount,ro", lake], check=True)
    before = len(server.ids())
    assert server.hec() == (200, 0) and server.firehose() == (200, True)
    time.sleep(4)
    assert len(server.ids()) == before
    subprocess.run(["mount", "-o", "remount,rw", lake], check=True)
    server.whole("after the lake was read-only")
    return "acknowledged, in the lake when it could be written again"


def refused(server: Server, disk: Path) -> str:
    """A journal that can't be written: the server does not start as if it could."""
    server.stop()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    command = [server.binary, "serve", "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, cwd=server.place, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "journal" in done.stderr, (done.returncode, done.stderr)
    return done.stderr.strip().splitlines()[-1]


def main() -> int:
    """1 where a promise is broken."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if "TRAILHOUND_OWN_MOUNTS" not in os.environ:
        environment = {**os.environ, "TRAILHOUND_OWN_MOUNTS": "1"}
        able = os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
        if not able:
            print("skipped: full disk (needs root and mount namespaces)")
            return 0
        return subprocess.run(["unshare", "--mount", sys.executable, *sys.argv], env=environment).returncode
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        disk, lake = place / "disk", place / "lake"
        for mount, size in ((disk, ROOM), (lake, "256m")):
            mount.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount], check=True)
        server, failed = Server(Path(sys.argv[1]).resolve(), place), 0
        try:
            for scenario, where in ((full, disk), (lake_full, lake), (read_only, lake), (refused, disk)):
                began = time.time()
                try:
                    said = scenario(server, where)
                    print(f"ok    {scenario.__name__} ({time.time() - began:.1f} s): {said}", flush=True)
                except AssertionError as error:
                    failed += 1
                    print(f"FAIL  {scenario.__name__}: {error}\n{(place / 'log').read_text()[-2000:]}", flush=True)
        finally:
            server.stop()
            for mount in (disk, lake):
                subprocess.run(["umount", mount], check=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
