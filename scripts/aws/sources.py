"""Takes logs in from servers on loopback, and counts what is in the lake: nothing may be lost, nothing doubled.

    sources.py TRAILHOUND [SCENARIO…]

`scripts/aws-servers.sh` makes the environment that this runs in. SEED picks the random choices (the time by default; printed);
KILLS (6) is the number of kills of the scenario `kills`.
"""

import gzip
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, unquote_plus

from faults import Faults
from history import History
from stage import REGION, Relay, Server, Stage, key, log, record

KILLS = int(os.environ.get("KILLS", "6"))


def end_to_end(stage: Stage) -> str:
    """A bucket tells a queue, the queue is drained, every event is in."""
    for number in range(60):
        stage.put(number)
    stage.settings()
    said = stage.run()
    stage.once()
    assert said["objects"] == 60 and said["rows_added"] == 300 and said["state"] == "ok", said
    assert stage.depth(stage.queue) == 0
    return f"{said['objects']} objects"


def moto(stage: Stage) -> str:
    """The same against another server."""
    server = Server(moto=True)
    try:
        return end_to_end(Stage(server, stage.binary, "moto"))
    finally:
        server.stop()


def shapes(stage: Stage) -> str:
    """Five shapes of messages, odd keys, and the same object told of by several."""
    names = [stage.put(n, at=at) for n, at in enumerate(["plain.json.gz", "a b+c/é=1&2.json.gz", "100%/x.json.gz"])]
    encoded = "a+b%2Bc/%C3%A9%3D1%262.json.gz"
    direct = {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                           "s3": {"bucket": {"name": stage.bucket}, "object": {"key": encoded}}}]}
    bridge = {"version": "0", "source": "aws.s3", "detail-type": "Object Created",
              "detail": {"bucket": {"name": stage.bucket}, "object": {"key": names[2]}}}
    stage.send(direct)
    stage.send({"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(direct)})
    stage.send(bridge)
    stage.send({"s3Bucket": stage.bucket, "s3ObjectKey": names})
    stage.send({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": stage.bucket})
    removed = json.loads(json.dumps(direct))
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    stage.send(removed)
    stage.settings()
    said = stage.run()
    stage.once()
    assert said["passed_over"].get("test", 0) >= 1 and said["passed_over"].get("other-event") == 1, said
    assert said["objects"] == 3 and said["passed_over"].get("known", 0) >= 3, said
    return f"passed over: {said['passed_over']}"


def repeated(stage: Stage) -> str:
    """Messages five times and in any order; the second run finds everything known."""
    names = [stage.put(number) for number in range(20)]
    told = names * 5
    random.shuffle(told)
    for name in told:
        stage.send({"s3Bucket": stage.bucket, "s3ObjectKey": [name]})
    stage.settings()
    said = stage.run()
    stage.once()
    assert said["objects"] == 20 and said["duplicates"] == 0, said
    for name in names:
        stage.send({"s3Bucket": stage.bucket, "s3ObjectKey": [name]})
    said = stage.run()
    stage.once()
    assert said["rows_added"] == 0, said
    return "100 messages for 20 objects"


def poison(stage: Stage) -> str:
    """What can't be read ends in the dead letters, and keeps nobody waiting."""
    put = lambda name, content: stage.s3.put_object(Bucket=stage.bucket, Key=name, Body=content)
    whole, _ = log(5)
    put("cut.json.gz", whole[: len(whole) // 2])
    put("empty.json.gz", b"")
    put("tail.json.gz", whole + b"garbage behind it")
    first, more = log(3)
    second, rest = log(4)
    put("members.json.gz", first + second)
    stage.written += more + rest
    stage.send("hello")
    stage.send({"Records": []})
    stage.send({"s3Bucket": stage.bucket, "s3ObjectKey": ["gone.json.gz"]})
    stage.send({"s3Bucket": "no-such-bucket-anywhere", "s3ObjectKey": ["x.json.gz"]})
    for number in range(30):
        stage.put(number)
    stage.settings()
    process = stage.start(drain=False)
    try:
        stage.until(lambda: stage.depth(stage.queue) == 0, 60, "the queue is empty")
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    said = json.loads(out.strip().splitlines()[-1])
    dead = stage.depth(stage.dead)
    assert dead == 7, f"{dead} dead letters, {said}\n{err[-3000:]}"
    events, ids = stage.rows()
    assert events == ids and {*stage.written} == stage.ids(), f"{len(stage.written)} written, {events} rows"
    reasons = said["rejected_by"]
    assert reasons == {"unreadable-message": 2, "not-found": 2, "damaged": 2, "empty": 1}, said
    assert process.returncode != 0, "what was rejected shows in the exit code"
    return f"rejected: {reasons}"


def elsewhere(stage: Stage) -> None:
    """Objects of a bucket in another region, which the server refuses (301) to serve from here; the queue is told of them."""
    s3 = stage.server.client("s3", region="eu-west-1")
    bucket = f"{stage.bucket}-eu"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    names = [f"AWSLogs/1/there-{number}.json.gz" for number in range(3)]
    for name in names:
        content, ids = log(5)
        s3.put_object(Bucket=bucket, Key=name, Body=content)
        stage.written += ids
    stage.send({"s3Bucket": bucket, "s3ObjectKey": names})


def faults(stage: Stage) -> str:
    """S3 and SQS on a bad day: what passes is waited for, what lasts ends in the dead letters, others proceed meanwhile."""
    server = Faults(stage.server.url)
    passing = ["s500", "s503", "slowdown", "timeout", "cut", "slow", "payer", "fine"]
    for fault in passing:
        for number in range(3):
            stage.put(number, at=f"AWSLogs/1/{fault}-{number}.json.gz")
    taken = len(stage.written)
    for fault in ("denied", "kms", "gone"):
        stage.put(0, at=f"AWSLogs/1/{fault}-0.json.gz")
    del stage.written[taken:]
    elsewhere(stage)
    stage.settings(endpoint=server.url, requester_pays=True)
    process = stage.start(drain=False)
    try:
        stage.until(lambda: stage.depth(stage.queue) == 0, 120, "the queue is empty")
    except AssertionError as failed:
        raise AssertionError(f"{failed}; {stage.depth(stage.queue)} messages wait, {len(stage.ids())} events of {len(stage.written)}, {server.happened}") from None
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        server.close()
    said = json.loads(out.strip().splitlines()[-1])
    assert stage.depth(stage.dead) == 3, f"{stage.depth(stage.dead)} dead letters, {said}\n{err[-3000:]}"
    stage.once()
    assert said["rejected_by"] == {"denied": 1, "kms-denied": 1, "not-found": 1}, said
    missing = {"s500", "s503", "slowdown", "timeout", "cut", "slow"} - {*server.happened}
    assert not missing, f"did not happen: {missing}"
    return f"{dict(server.happened)}"


def kills(stage: Stage) -> str:
    """Killed at random moments while objects come."""
    moments, number = [], 0
    for _ in range(KILLS):
        for _ in range(40):
            stage.put(number)
            number += 1
        stage.settings(visibility="10s")
        process = stage.start(drain=False, out=subprocess.DEVNULL)
        moment = random.uniform(0.2, 3.5)
        time.sleep(moment)
        process.kill()
        process.wait()
        moments.append(f"{moment:.2f}")
    deleted = len(stage.written) - 5 * stage.depth(stage.queue)
    held = len(stage.ids())
    assert held >= deleted, f"{deleted} events were acknowledged, {held} are in the lake"
    stage.until(lambda: visible(stage) == stage.depth(stage.queue), 20, "messages are seen again")
    stage.run()
    stage.once()
    return f"{KILLS} kills after {', '.join(moments[:8])}… s; {len(stage.written)} events"


def visible(stage: Stage) -> int:
    """Messages that wait."""
    names = ["ApproximateNumberOfMessages"]
    found = stage.sqs.get_queue_attributes(QueueUrl=stage.queue, AttributeNames=names)["Attributes"]
    return int(found[names[0]])


def paused(stage: Stage) -> str:
    """Stopped for longer than messages stay unseen, and woken again."""
    for number in range(150):
        stage.put(number)
    stage.settings(visibility="10s")
    process = stage.start(drain=False, out=subprocess.DEVNULL)
    stage.until(lambda: visible(stage) < 150, 30, "work has begun")
    process.send_signal(signal.SIGSTOP)
    time.sleep(12)
    left = visible(stage)
    process.send_signal(signal.SIGCONT)
    stage.until(lambda: stage.depth(stage.queue) == 0, 60, "the queue is empty")
    process.send_signal(signal.SIGINT)
    process.wait(60)
    stage.once()
    return f"{left} messages were seen again meanwhile"


def slow(stage: Stage) -> str:
    """Work that takes longer than messages stay unseen: they are kept, and nobody else gets them."""
    for number in range(20):
        stage.put(number)
    # Many requests at once make the server slow; one place for fetching makes the work last.
    stage.settings(visibility="10s", fetches=1)
    relay = Relay(stage.server.port)
    stage.settings(endpoint=f"http://127.0.0.1:{relay.port}", visibility="10s", fetches=1)
    process = stage.start(drain=False, out=subprocess.DEVNULL)
    stage.until(lambda: stage.depth(stage.queue) == 0, 60, "the queue is empty")
    process.send_signal(signal.SIGINT)
    process.wait(60)
    stage.once()
    return "20 objects one by one"


def unreachable(stage: Stage) -> str:
    """The servers can't be reached for a while."""
    relay = Relay(stage.server.port)
    stage.settings(endpoint=f"http://127.0.0.1:{relay.port}")
    for number in range(40):
        stage.put(number)
    process = stage.start(drain=False, out=subprocess.DEVNULL)
    stage.until(lambda: stage.rows()[0] > 0, 60, "the first events are in")
    relay.close()
    for number in range(40, 80):
        stage.put(number)
    time.sleep(8)
    assert process.poll() is None, "it goes on"
    relay.open = True
    stage.until(lambda: stage.depth(stage.queue) == 0, 90, "the queue is empty")
    process.send_signal(signal.SIGINT)
    process.wait(60)
    stage.once()
    return "8 s without servers"


def listing(stage: Stage) -> str:
    """A bucket that tells nobody: the last days, and back to the first."""
    today = time.strftime("%Y/%m/%d", time.gmtime())
    days = [today, "2025/12/31", "2025/11/02", "2024/02/29"]
    for number in range(80):
        stage.put(number, day=days[number % 4])
    stage.put(0, at="elsewhere/undated.json.gz")
    stage.s3.put_object(Bucket=stage.bucket, Key="AWSLogs/1/CloudTrail-Digest/r/2026/01/15/d.json.gz", Body=b"x")
    listed = {"type": "s3-list", "bucket": stage.bucket, "queue_url": None, "visibility": None, "retry": None}
    stage.settings(**listed)
    for _ in range(3):
        process = stage.start(out=subprocess.DEVNULL)
        time.sleep(random.uniform(0.3, 1.5))
        process.kill()
        process.wait()
    stage.run()
    stage.once()
    checkpoint = json.loads((stage.place / "sources" / "trail.json").read_text())
    # Digests have days of their own: they are read beside the logs.
    assert {*checkpoint} == {f"AWSLogs/111122223333/CloudTrail/{REGION}/", "AWSLogs/1/CloudTrail-Digest/r/"}, checkpoint
    stage.put(99, day=today)
    said = stage.run()
    stage.once()
    assert said["objects"] == 1, said
    return f"{len(stage.written)} events of 4 days, killed three times"


def history(stage: Stage) -> str:
    """The event history, page by page, no faster than is allowed; what appears late is found, what was seen is not doubled."""
    server, now = History(), time.time()
    def happened(ago: float) -> None:
        event = record(now - ago)
        server.events.append({"at": int(now - ago), "record": event})
        stage.written.append(event["eventID"])
    for number in range(230):
        happened(random.uniform(60, 5 * 3600))
    settings = {"type": "lookup-events", "regions": [REGION], "queue_url": None, "visibility": None, "retry": None, "days": 1}
    stage.settings(endpoint=server.url, **settings)
    process = stage.start(out=subprocess.DEVNULL)
    time.sleep(3)
    process.kill()
    process.wait()
    stage.run()
    stage.once()
    span = json.loads((stage.place / "sources" / "trail.json").read_text())[REGION]
    assert span["to"] - span["from"] > 23 * 3600, span
    # Half an hour late, and new.
    happened(1800)
    happened(30)
    asked = len(server.asked)
    said = stage.run()
    stage.once()
    assert said["rows_added"] == 2, said
    gaps = [b - a for a, b in zip(server.asked, server.asked[2:])]
    return f"{len(server.asked)} requests, {len(server.asked) - asked} of the last run, throttled {server.throttled}, two at least {min(gaps):.2f} s apart"


def briefly(stage: Stage, environment: dict | None = None) -> dict:
    """Runs for a few seconds; what it says of the source."""
    process = stage.start(drain=False, environment=environment)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    return json.loads(out.strip().splitlines()[-1])


def role(stage: Stage) -> str:
    """A role of another account, with an external id; signatures and policies are checked by the server."""
    server = Server(auth=True)
    try:
        inner = Stage(server, stage.binary, "role")
        iam = server.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"},
                 "Condition": {"StringEquals": {"sts:ExternalId": "for-trailhound"}}}]}
        arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        allowed = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Resource": "*", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
                                                            "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]},
            {"Effect": "Allow", "Resource": f"arn:aws:s3:::{inner.bucket}/*", "Action": "s3:GetObject"}]}
        iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=json.dumps(allowed))
        for number in range(10):
            inner.put(number)
        inner.settings(role_arn=arn, external_id="for-trailhound")
        inner.run()
        inner.once()
        inner.put(11)
        inner.settings(role_arn=arn, external_id="for-somebody-else")
        said = briefly(inner)
        assert said["state"] == "failing" and said["objects"] == 0, said
        # A user's key: the server knows its secret, and checks what it signed.
        iam.create_user(UserName="reader")
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=json.dumps(allowed))
        made = iam.create_access_key(UserName="reader")["AccessKey"]
        inner.settings()
        wrong = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": "A" * 40}
        said = briefly(inner, wrong)
        assert said["state"] == "failing" and "ignature" in said["last_error"], said
        inner.run(environment={**wrong, "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]})
        inner.once()
        return "assumed with the external id, refused without; a signature by a wrong secret is refused"
    finally:
        server.stop()


def tables(stage: Stage) -> str:
    """Security Lake's Iceberg tables: what was only rewritten is not taken, and metadata is no log."""
    try:
        import pyarrow
        from pyiceberg.catalog.sql import SqlCatalog
    except ImportError:
        return "skipped: pyiceberg is not there"
    warehouse = stage.place / "warehouse"
    warehouse.mkdir()
    catalog = SqlCatalog("c", uri=f"sqlite:///{stage.place}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("lake")

    def rows(count: int):
        found = [record() for _ in range(count)]
        ids = [one["eventID"] for one in found]
        return ids, pyarrow.table({name: [one[name] for one in found] for name in
                                   ("eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "eventID", "eventType")})

    ids, first = rows(20)
    stage.written += ids
    table = catalog.create_table("lake.trail", schema=first.schema, location=f"file://{warehouse}/aws/TRAIL/2.0")
    table.append(first)
    ids, second = rows(30)
    stage.written += ids
    table.append(second)
    # Another 10, whose file the table no longer names after the next commit.
    _, gone = rows(10)
    table.append(gone)
    table.delete(f"eventID in ({', '.join(repr(one) for one in gone['eventID'].to_pylist())})")
    table.overwrite(table.scan().to_arrow())
    root = warehouse / "aws/TRAIL/2.0"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lake = stage.place / "folder"
    command = [str(stage.binary), "ingest", "--lake", str(lake), "--format", "json", str(warehouse)]
    done = subprocess.run(command, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["rows_added"] == 50 and said["duplicates"] == 0, (said, done.stderr)
    assert set(said["by_type"]) == {"cloudtrail"}, said
    for path in files:
        stage.s3.upload_file(str(path), stage.bucket, f"aws/TRAIL/2.0/{path.relative_to(root)}")
    bucket = f"s3://{stage.bucket}/aws/TRAIL/2.0/"
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    command = [str(stage.binary), "ingest", "--lake", str(stage.place / "bucket"), "--aws-endpoint-url", stage.server.url,
               "--aws-region", REGION, "--format", "json", bucket]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **keys})
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["rows_added"] == 50 and set(said["by_type"]) == {"cloudtrail"}, (said, done.stderr)
    # The queue was told of every file, the metadata too. Deleted rows were new once, and are taken; rewritten ones are not.
    stage.written += gone["eventID"].to_pylist()
    stage.settings(type="security-lake")
    said = stage.run()
    stage.once()
    assert said["passed_over"].get("metadata", 0) > 3, said
    return f"{len(files)} files; passed over: {said['passed_over']}; duplicates {said['duplicates']}"


def alone(stage: Stage, names: list[str]) -> tuple[float, float]:
    """Objects a second that the server gives, messages received and deleted with them, to a client that does nothing more (its requests
    for objects are not even signed); and the part of that time in which the server's processor was busy. The queue is as the other: as
    deep, with dead letters, and messages of the same shape and length."""
    host = f"127.0.0.1:{stage.server.port}"
    policy = stage.sqs.get_queue_attributes(QueueUrl=stage.queue, AttributeNames=["RedrivePolicy"])["Attributes"]
    queue = stage.sqs.create_queue(QueueName=f"{stage.bucket}-alone", Attributes=policy)["QueueUrl"]
    waiting = stage.sqs.receive_message(QueueUrl=stage.queue, VisibilityTimeout=0, MaxNumberOfMessages=10)["Messages"]
    # The first of them tells of no object: the bucket tries out the way.
    told = next(message["Body"] for message in waiting if "s3:TestEvent" not in message["Body"])
    first = json.loads(told)["Records"][0]["s3"]["object"]["key"]
    for at in range(0, len(names), 10):
        entries = [{"Id": str(n), "MessageBody": told.replace(first, quote(name, safe=""))} for n, name in enumerate(names[at : at + 10])]
        stage.sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    def some(share: int) -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        while found := stage.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                name = json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"]
                connection.request("GET", f"/{stage.bucket}/{unquote_plus(name)}")
                assert connection.getresponse().read()
            entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(found)]
            stage.sqs.delete_message_batch(QueueUrl=queue, Entries=entries)

    start, before = time.time(), processor(stage.server.process.pid)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(some, range(16)))
    took = time.time() - start
    return len(names) / took, (processor(stage.server.process.pid) - before) / took


def processor(group: int) -> float:
    """Seconds of a processor that a group of processes has taken."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def many(stage: Stage) -> str:
    """MANY (50000) objects of two kilobytes, all told of before the start: how many a second, beside what the server can do at
    all. Only where it is named."""
    count = int(os.environ.get("MANY", "50000"))
    names = [key(number) for number in range(count)]

    def put(name: str) -> int:
        content, ids = log(24)
        stage.s3.put_object(Bucket=stage.bucket, Key=name, Body=content)
        stage.written += ids
        return len(content)

    with ThreadPoolExecutor(16) as threads:
        size = sum(threads.map(put, names)) // count
    # With as many messages in the queue: the server searches through all of them at every call.
    limit, busy = alone(stage, names)
    stage.settings(visibility="5m", fetches=64, in_flight=8000)
    process, peak, spent, before, started = stage.start(), 0, 0, processor(stage.server.process.pid), time.time()
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
            spent = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
        except (OSError, IndexError, ValueError):
            pass
        time.sleep(0.5)
    seconds = time.time() - started
    servers, ours = processor(stage.server.process.pid) - before, spent / os.sysconf("SC_CLK_TCK")
    said = json.loads(process.communicate()[0].strip().splitlines()[-1])
    stage.once()
    taken = said["objects"] + said["passed_over"].get("known", 0)
    assert taken == count, said
    return (f"{count} objects of {size} bytes in {seconds:.1f} s: {count / seconds:.0f} a second; {peak >> 10} MiB; "
            f"processor: ours {ours:.1f} s ({count / ours:.0f} objects a second of it), the server's {servers:.1f} s, {servers / seconds:.0%} of "
            f"the time; the server with a client that does nothing: {limit:.0f} a second, busy {busy:.0%} of the time")


SCENARIOS = [end_to_end, moto, shapes, repeated, poison, faults, slow, kills, paused, unreachable, listing, history, role, tables, many]
# These tell the queue themselves, or use none.
SILENT = {repeated, listing, history}


def main() -> int:
    """All scenarios, or those that are named; 1 if one fails."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}", flush=True)
    named = sys.argv[2:] or [scenario.__name__ for scenario in SCENARIOS if scenario is not many]
    wanted = [scenario for scenario in SCENARIOS if scenario.__name__ in named]
    server, failed = Server(), 0
    try:
        for scenario in wanted:
            random.seed(f"{seed}{scenario.__name__}")
            started = time.time()
            receives = {poison: 2, faults: 4}.get(scenario, 20)
            stage = Stage(server, Path(sys.argv[1]), scenario.__name__.replace("_", "-"), receives, scenario not in SILENT)
            try:
                result = scenario(stage)
                print(f"ok    {scenario.__name__} ({time.time() - started:.1f} s): {result}", flush=True)
                subprocess.run(["rm", "-rf", str(stage.place)], check=True)
            except (AssertionError, KeyError, ValueError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAIL  {scenario.__name__} ({stage.place}): {error}", flush=True)
    finally:
        server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
