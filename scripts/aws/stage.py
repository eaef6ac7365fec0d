"""A stage for tests of sources: servers on loopback, logs to deliver, and the program that takes them in."""

import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "us-east-1"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """ministack: S3, SQS, SNS, STS, IAM, CloudTrail. With `auth` it checks signatures and policies. Or moto, which does not."""

    def __init__(self, auth: bool = False, moto: bool = False):
        self.account = "123456789012" if moto else "000000000000"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true" if auth else "false",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "CLOUDTRAIL_RECORDING": "1",
            "LOG_LEVEL": "ERROR",
            "SERVICES": "s3,sqs,sns,sts,iam,cloudtrail",
        }
        command = ["moto_server", "-H", "127.0.0.1", "-p", str(self.port)] if moto else ["ministack"]
        command[0] = str(Path(sys.executable).with_name(command[0]))
        health = f"{self.url}/moto-api/data.json" if moto else f"{self.url}/_ministack/health"
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.time() + 60
        while True:
            try:
                urllib.request.urlopen(health, timeout=2).close()
                return
            except OSError:
                if time.time() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{command[0]} does not start")
                time.sleep(0.2)

    def client(self, service: str, endpoint: str | None = None, region: str = REGION):
        """A client of AWS's own SDK."""
        return boto3.client(
            service,
            endpoint_url=endpoint or self.url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 3}, max_pool_connections=64),
        )

    def stop(self) -> None:
        """Ends it and what it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
                return
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


class Relay:
    """A way to a server that can be closed."""

    def __init__(self, to: int):
        self.to, self.port, self.open = to, free_port(), True
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.open:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            self.pairs += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    @staticmethod
    def _pump(a: socket.socket, b: socket.socket) -> None:
        try:
            while piece := a.recv(65536):
                b.sendall(piece)
        except OSError:
            pass
        for end in (a, b):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        """Breaks what is under way, and refuses what comes."""
        self.open = False
        for end in self.pairs:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.pairs.clear()


def record(at: float | None = None) -> dict:
    """An event with an id of its own."""
    moment = time.gmtime(at or time.time() - random.uniform(0, 86_400))
    return {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice",
                         "accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
        "eventSource": "s3.amazonaws.com",
        "eventName": random.choice(["ListBuckets", "GetObject", "PutObject"]),
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"bucketName": "b"},
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    }


def log(count: int) -> tuple[bytes, list[str]]:
    """An object of a trail, and the ids in it."""
    records = [record() for _ in range(count)]
    return gzip.compress(json.dumps({"Records": records}).encode(), 1), [r["eventID"] for r in records]


def key(number: int, day: str = "2026/01/15") -> str:
    """The key of a trail's object."""
    stamp = day.replace("/", "") + f"T{number // 60 % 24:02}{number % 60:02}Z"
    name = f"111122223333_CloudTrail_{REGION}_{stamp}_{uuid.uuid4().hex[:16]}.json.gz"
    return f"AWSLogs/111122223333/CloudTrail/{REGION}/{day}/{name}"


class Stage:
    """A bucket that tells a queue, and a lake."""

    def __init__(self, server: Server, binary: Path, name: str, receives: int = 5, notify: bool = True):
        self.server, self.binary = server, binary
        self.s3, self.sqs = server.client("s3"), server.client("sqs")
        self.place = Path(tempfile.mkdtemp(prefix="sources-"))
        self.lake = self.place / "lake"
        self.bucket, self.written = f"logs-{name}-{uuid.uuid4().hex[:8]}", []
        self.s3.create_bucket(Bucket=self.bucket)
        self.dead = self.sqs.create_queue(QueueName=f"{self.bucket}-dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": str(receives)})
        allowed = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
                   "Resource": f"arn:aws:sqs:{REGION}:{server.account}:{self.bucket}"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self.queue = self.sqs.create_queue(
            QueueName=self.bucket,
            Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "30", "Policy": policy},
        )["QueueUrl"]
        if notify:
            self.notify()

    def notify(self) -> None:
        """The bucket tells the queue of new objects."""
        arn = f"arn:aws:sqs:{REGION}:{self.server.account}:{self.bucket}"
        configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration=configuration
        )

    def put(self, number: int, records: int = 5, at: str | None = None, day: str = "2026/01/15") -> str:
        """Puts an object of a trail into the bucket."""
        content, ids = log(records)
        name = at or key(number, day)
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=content)
        self.written += ids
        return name

    def send(self, body: dict | str) -> None:
        """Sends a message."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=text)

    def settings(self, text: str = "", endpoint: str | None = None, **source) -> Path:
        """Writes trailhound.toml with one source; `None` leaves a setting out."""
        given = {"type": "s3-sqs", "name": "trail", "queue_url": self.queue, "visibility": "30s", "retry": "1s", **source}
        given = {name: value for name, value in given.items() if value is not None}
        lines = [f"lake = {json.dumps(str(self.lake))}", f"checkpoints = {json.dumps(str(self.place / 'sources'))}",
                 text, "[aws]", f"endpoint_url = {json.dumps(endpoint or self.server.url)}", f'region = "{REGION}"',
                 "[[source]]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in given.items()]
        path = self.place / "trailhound.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self, drain: bool = True, environment: dict | None = None, out=subprocess.PIPE) -> subprocess.Popen:
        """Starts the program on the source."""
        command = [str(self.binary), "--config", str(self.place / "trailhound.toml"), "ingest", "--source", "trail",
                   "--format", "json"] + (["--drain"] if drain else [])
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        return subprocess.Popen(command, env={**os.environ, **keys, **(environment or {})}, stdout=out,
                                stderr=subprocess.DEVNULL if out == subprocess.DEVNULL else subprocess.PIPE, text=True)

    def run(self, expect: int | None = 0, environment: dict | None = None, timeout: float = 120) -> dict:
        """Runs the program until the source is drained; what it says of the source."""
        process = self.start(environment=environment)
        out, err = process.communicate(timeout=timeout)
        if expect is not None and process.returncode != expect:
            raise AssertionError(f"exit code {process.returncode}: {err[-3000:]}")
        return json.loads(out.strip().splitlines()[-1]) if out.strip() else {"stderr": err}

    def rows(self) -> tuple[int, int]:
        """Events in the lake, and how many of them are different."""
        return self.ask("SELECT count(*) AS events, count(DISTINCT event_id) AS ids FROM cloudtrail")

    def ask(self, query: str) -> tuple[int, int]:
        """Two numbers of the lake."""
        command = [str(self.binary), "query", "--lake", str(self.lake), "--lang", "sql", "--format", "json", query]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            return 0, 0
        row = json.loads(done.stdout.strip().splitlines()[-1])
        return row["events"], row["ids"]

    def ids(self) -> set[str]:
        """The events in the lake."""
        command = [str(self.binary), "query", "--lake", str(self.lake), "--lang", "sql", "--format", "json",
                   "SELECT event_id FROM cloudtrail"]
        done = subprocess.run(command, capture_output=True, text=True)
        return {json.loads(line)["event_id"] for line in done.stdout.splitlines() if line.startswith("{")}

    def once(self) -> None:
        """Every event that was written is in the lake, once."""
        events, ids = self.rows()
        assert events == ids == len(self.written), f"{len(self.written)} written, {events} rows, {ids} different"

    def depth(self, queue: str) -> int:
        """Messages in a queue, those in work included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def until(self, condition, seconds: float, what: str) -> None:
        """Waits for a condition."""
        deadline = time.time() + seconds
        while not condition():
            if time.time() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s")
            time.sleep(0.3)
