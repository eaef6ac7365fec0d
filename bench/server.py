"""A Trailhound server on loopback, and its query route."""

import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path


class Refused(Exception):
    """The server answered a query with an error."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`trailhound serve` over a lake, as a context manager."""

    def __init__(self, binary: Path, lake: Path):
        self.port = free_port()
        self.home = tempfile.TemporaryDirectory()
        command = [binary, "serve", "--lake", lake, "--listen", f"127.0.0.1:{self.port}", "--state", f"sqlite:{self.home.name}/state.db"]
        self.log = open(Path(self.home.name) / "log", "w+b")
        self.process = subprocess.Popen([str(c) for c in command], stdout=self.log, stderr=self.log, cwd=self.home.name)

    def __enter__(self) -> "Server":
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                connection = self.connect()
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        self.log.seek(0)
        raise Refused(f"the server did not come up:\n{self.log.read().decode()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.home.cleanup()

    def connect(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)


def ask(connection: http.client.HTTPConnection, query: str, lang: str = "sql") -> bytes:
    """The answer to a query, as it came: a JSON object a line."""
    body = json.dumps({"lang": lang, "query": query, "limit": 1_000_000})
    connection.request("POST", "/api/v1/query", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200 or b'{"_error"' in answer:
        raise Refused(f"{query}\n{response.status}: {answer[-1000:].decode()}")
    return answer


def rows(answer: bytes) -> list[dict]:
    """The rows of an answer; nulls are absent."""
    return [json.loads(line) for line in answer.splitlines() if line]
