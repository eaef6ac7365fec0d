"""CloudTrail's LookupEvents with pages, its limit of two requests a second, and events that appear late."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class History:
    """The server. `events` may grow while it runs."""

    def __init__(self):
        self.events: list[dict] = []
        self.asked: list[float] = []
        self.throttled = 0
        history = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = history.answer(self.headers, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/x-amz-json-1.1")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, headers, body: dict) -> tuple[int, dict]:
        """One page, or no."""
        if not headers.get("x-amz-target", "").endswith(".LookupEvents") or "AWS4-HMAC-SHA256" not in headers.get(
            "authorization", ""
        ):
            return 403, {"__type": "AccessDeniedException", "message": "unsigned"}
        now = time.time()
        recent = [at for at in self.asked if now - at < 1]
        self.asked.append(now)
        if len(recent) >= 2:
            self.throttled += 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        start, end = body["StartTime"], body["EndTime"]
        found = [event for event in self.events if start <= event["at"] <= end]
        found.sort(key=lambda event: -event["at"])
        first = int(body.get("NextToken") or 0)
        size = min(body.get("MaxResults", 50), 50)
        page = [
            {"EventId": event["record"]["eventID"], "EventTime": event["at"], "CloudTrailEvent": json.dumps(event["record"])}
            for event in found[first : first + size]
        ]
        answer = {"Events": page}
        if first + size < len(found):
            answer["NextToken"] = str(first + size)
        return 200, answer
