"""The program under a clock that is a day wrong, both ways: nothing may be lost, nothing doubled, nobody locked out.

    clock.py TRAILHOUND

The servers' clocks are right, and refuse what is signed more than a quarter of an hour off, as AWS does. After each part the clock
is put right and the program started again. Events have times of the real now, and so are up to a day ahead of a clock that is late.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import uuid
from datetime import datetime, timezone
from pathlib import Path

from faults import Faults, error
from stage import Server, Stage, record

TOKEN, CHANNEL = str(uuid.uuid4()), str(uuid.uuid4())
PASSWORD = "a long pass phrase"
SETTINGS = f"""
lake = "lake"
state = "sqlite:state.db"
[[source]]
type = "hec"
name = "apps"
tokens = [{{ name = "app", token = "{TOKEN}", ack = true }}]
"""


class Strict(Faults):
    """Refuses what is signed at another time; `refused` counts it."""

    refused = 0

    def _is_late(self, handler) -> bool:
        at = datetime.strptime(handler.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        if abs(time.time() - at.timestamp()) < 900:
            return False
        with self._lock:
            self.refused += 1
        return True

    def get(self, handler) -> None:
        if self._is_late(handler):
            return self._answer(handler, 403, [("content-type", "application/xml")], error("RequestTimeTooSkewed", "too large"))
        return self._answer(handler, *self._pass(handler))

    def post(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        if self._is_late(handler):
            text = b'{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired: too old"}'
            return self._answer(handler, 403, [("content-type", "application/x-amz-json-1.0")], text)
        return self._answer(handler, *self._pass(handler, body))


def faked(skew: str) -> dict:
    """What makes a program's clock wrong: the time of day, not how long things take."""
    found = subprocess.run(["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": found, "FAKETIME": skew, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}


def queue(server: Server, binary: Path, skew: str) -> str:
    """S3 and SQS with a wrong clock, then the same objects told of again with the right one."""
    stage, strict = Stage(server, binary, "clock", receives=20), Strict(server.url)
    names = [stage.put(number) for number in range(30)]
    stage.settings(endpoint=strict.url)
    said = stage.run(environment=faked(skew))
    stage.once()
    assert said["rows_added"] == 150 and strict.refused > 0, (said, strict.refused)
    refused = strict.refused
    for name in names:
        stage.send({"s3Bucket": stage.bucket, "s3ObjectKey": [name]})
    names = [stage.put(number) for number in range(30, 40)]
    said = stage.run()
    stage.once()
    strict.close()
    assert stage.depth(stage.queue) == 0 and said["rows_added"] == 50 and strict.refused == refused, said
    return f"{len(stage.written)} events, {refused} calls were refused and signed anew"


class Service:
    """`trailhound serve` in a folder."""

    def __init__(self, binary: Path, place: Path, environment: dict):
        self.process = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], cwd=place, env={**os.environ, **environment},
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.address = urllib.parse.urlparse("http://" + line.strip().rsplit("http://", 1)[-1]).netloc
        assert self.address, f"the server does not start: {line}"

    def call(self, method: str, path: str, body=None, **headers) -> tuple[int, dict, dict]:
        """Status, headers and body of an answer."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, text, given)
        answer = connection.getresponse()
        content = answer.read()
        try:
            return answer.status, dict(answer.getheaders()), json.loads(content or b"{}")
        except ValueError:
            return answer.status, dict(answer.getheaders()), {}

    def send(self, records: list[dict]) -> None:
        """Sends events, and waits until they are acknowledged."""
        given = {"Authorization": f"Splunk {TOKEN}", "X_Splunk_Request_Channel": CHANNEL}
        status, _, said = self.call("POST", "/services/collector/event", "".join(json.dumps({"event": one}) for one in records), **given)
        assert status == 200, said
        number = said["ackId"]
        deadline = time.time() + 30
        while time.time() < deadline:
            _, _, said = self.call("POST", "/services/collector/ack", {"acks": [number]}, **given)
            if said["acks"][str(number)]:
                return
            time.sleep(0.1)
        raise AssertionError("what was sent is not acknowledged")

    def end(self, number: int) -> None:
        """Ends it, by a signal."""
        self.process.send_signal(number)
        self.process.wait(60)


def served(binary: Path, place: Path, skew: str) -> str:
    """HEC, sign-in, tokens and alerts under a wrong clock, killed, and again under the right one."""
    place.mkdir()
    (place / "trailhound.toml").write_text(SETTINGS)
    wrong = {**faked(skew), "TRAILHOUND_PASSWORD": PASSWORD}
    run = lambda environment, *command: subprocess.run([binary, *command], cwd=place, env={**os.environ, **environment}, capture_output=True, text=True, input=PASSWORD + "\n" + PASSWORD + "\n")
    added = run(wrong, "user", "add", "alice")
    assert added.returncode == 0, added.stderr
    made = run(wrong, "token", "add", "t", "--user", "alice", "--days", "90")
    assert made.returncode == 0, made.stderr
    token = {"Authorization": f"Bearer {made.stdout.strip()}"}
    written, raised = [], []

    def deliver(service: Service) -> None:
        records = [record(time.time() - n) for n in range(50)]
        root = {**record(time.time()), "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
                "userIdentity": {"type": "Root", "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:root"},
                "responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "No"}}
        service.send([*records, root])
        written.extend(one["eventID"] for one in [*records, root])

    def alerts(service: Service) -> int:
        deadline = time.time() + 30
        while time.time() < deadline:
            status, _, said = service.call("GET", "/api/v1/alerts", **token)
            assert status == 200, f"the token is refused: {status}"
            if said["alerts"]:
                return len(said["alerts"])
            time.sleep(0.3)
        raise AssertionError("no alert was raised")

    service = Service(binary, place, wrong)
    status, headers, said = service.call("POST", "/api/v1/session", {"name": "alice", "password": PASSWORD})
    assert status in (200, 201), (status, said)
    cookie = {"Cookie": headers.get("set-cookie", headers.get("Set-Cookie", "")).split(";")[0]}
    deliver(service)
    before = alerts(service)
    service.end(signal.SIGKILL)
    service = Service(binary, place, {})
    status, _, said = service.call("GET", "/api/v1/alerts", **cookie)
    # Put a day ahead, the clock says that the session was idle for a day: it ends after twelve hours of that. Tokens go on.
    assert status == (401 if skew.startswith("-") else 200), f"the session: {status} {said}"
    assert service.call("GET", "/api/v1/alerts")[0] == 401, "alerts are open to all"
    deliver(service)
    service.send([{**record(time.time() - 7_200), "eventID": written[0]}])
    assert alerts(service) >= before
    status, _, said = service.call("POST", "/api/v1/session", {"name": "alice", "password": PASSWORD})
    assert status in (200, 201), (status, said)
    service.end(signal.SIGINT)
    asked = run({}, "query", "--lang", "sql", "--format", "json", "SELECT event_id FROM cloudtrail")
    found = [json.loads(line)["event_id"] for line in asked.stdout.splitlines() if line.startswith("{")]
    # The same id in another hour is another event.
    assert sorted(found) == sorted([*written, written[0]]), f"{len(written)} acknowledged, {len(found)} rows, {len(set(found))} different"
    return f"{len(found)} events, {before} alerts"


def main() -> int:
    """1 where something fails."""
    binary = Path(sys.argv[1]).resolve()
    server, failed = Server(), 0
    try:
        for skew in ("+1d", "-1d"):
            for name, part in (("queue", lambda: queue(server, binary, skew)),
                               ("served", lambda: served(binary, Path(os.environ.get("TMPDIR", "/tmp"), f"clock-{uuid.uuid4().hex[:8]}"), skew))):
                try:
                    print(f"ok    {name} at {skew}: {part()}", flush=True)
                except (AssertionError, KeyError, ValueError, OSError, subprocess.SubprocessError) as wrong:
                    failed += 1
                    print(f"FAIL  {name} at {skew}: {type(wrong).__name__} {wrong}", flush=True)
    finally:
        server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
