"""A server before another one: it passes requests on, and does to some of them what S3 and SQS do on bad days.

What happens to an object is told by the first word of its key's last part, such as `slowdown-0.json.gz`; to calls of SQS, by their number.
"""

import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# How often a fault that passes happens to an object.
TIMES = 2
KMS = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/k"


def error(code: str, message: str = "") -> bytes:
    """An error as S3 says it."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode()


class Faults:
    """The server. `happened` counts what was done."""

    def __init__(self, to: str):
        self.to, self.happened = to, Counter()
        self._seen, self._lock = Counter(), threading.Lock()
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                faults.get(self)

            def do_HEAD(self):
                faults.get(self)

            def do_POST(self):
                faults.post(self)

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                """Whoever asked is gone: a part of the play."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """No more."""
        self.server.shutdown()
        self.server.server_close()

    def _again(self, what: str) -> int:
        with self._lock:
            self._seen[what] += 1
            return self._seen[what]

    def _pass(self, handler, body: bytes | None = None) -> tuple[int, list, bytes]:
        """What the server behind says."""
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in ("connection", "accept-encoding")}
        request = urllib.request.Request(self.to + handler.path, body, headers, method=handler.command)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.getheaders(), answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, list(answer.headers.items()), answer.read()

    @staticmethod
    def _answer(handler, status: int, headers: list, body: bytes, send=None) -> None:
        """Answers; `send` writes the body where it is not to be written at once."""
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if send:
            send(handler.wfile, body)
        elif handler.command != "HEAD":
            handler.wfile.write(body)

    def get(self, handler) -> None:
        """An object, or what keeps it away."""
        name = handler.path.split("?")[0].rsplit("/", 1)[-1]
        fault = re.match(r"[a-z]+\d*", name)
        fault = fault.group(0) if fault else ""
        refused = self._refusal(fault, name, handler)
        if refused:
            with self._lock:
                self.happened[fault] += 1
            status, headers, body = refused
            return self._answer(handler, status, [("content-type", "application/xml"), *headers], body)
        status, headers, body = self._pass(handler)
        if status == 200 and fault in ("cut", "slow") and (fault == "slow" or self._again(name) <= TIMES):
            with self._lock:
                self.happened[fault] += 1
            handler.close_connection = True
            return self._answer(handler, status, headers, body, self._cut if fault == "cut" else self._slow)
        return self._answer(handler, status, headers, body)

    def _refusal(self, fault: str, name: str, handler) -> tuple[int, list, bytes] | None:
        passing = {"s500": (500, "InternalError"), "s503": (503, "ServiceUnavailable"), "slowdown": (503, "SlowDown"), "timeout": (400, "RequestTimeout")}
        if fault in passing:
            status, code = passing[fault]
            return (status, [], error(code)) if self._again(name) <= TIMES else None
        if fault == "denied":
            return 403, [], error("AccessDenied", "Access Denied")
        if fault == "kms":
            return 403, [], error("AccessDenied", KMS)
        if fault == "gone":
            return 404, [], error("NoSuchKey", "The specified key does not exist.")
        if fault == "payer" and handler.headers.get("x-amz-request-payer") != "requester":
            return 403, [], error("AccessDenied", "Access Denied")
        return None

    @staticmethod
    def _cut(out, body: bytes) -> None:
        out.write(body[: len(body) // 2])

    @staticmethod
    def _slow(out, body: bytes) -> None:
        for at in range(0, len(body), len(body) // 5 + 1):
            out.write(body[at : at + len(body) // 5 + 1])
            out.flush()
            time.sleep(0.4)

    def post(self, handler) -> None:
        """A call of SQS; every third one is one too many."""
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        call = handler.headers.get("x-amz-target", "").rsplit(".", 1)[-1] or "query"
        if self._again(call) % 3 == 1:
            with self._lock:
                self.happened[f"throttled {call}"] += 1
            text = b'{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"}'
            return self._answer(handler, 400, [("content-type", "application/x-amz-json-1.0")], text)
        status, headers, answer = self._pass(handler, body)
        return self._answer(handler, status, headers, answer)
