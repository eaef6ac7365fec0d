"""`aws cloudtrail validate-logs` and `trailhound verify`, over the same bucket: both have to say the same of the chain of digests
of the corpora, whole and tampered with in five ways.

    validate.py TRAILHOUND CHAIN

CHAIN is the folder `digest-chain`. S3 is moto's; ListPublicKeys and DescribeTrails are answered here, from the chain's own keys, since no
server that can be had has them: a key a page, only those that were valid in the time that is asked for, and only to who signs for it. The AWS
CLI reads the same answers.
"""

import gzip
import hashlib
import hmac
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import boto3

from stage import free_port

ACCOUNT, REGION, BUCKET = "218007301253", "us-east-1", "example-trail"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/trail"
LOG = "20230710T1240Z_C1qUFaqvZS64BcIN"
DIGEST = "20230710T121500Z"


def is_signed(headers, path: str, body: bytes) -> bool:
    """Whether a request is signed (Signature Version 4) with the key `test` for CloudTrail in the region."""
    given = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=test/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
                         headers.get("Authorization", ""))
    if not given or given[2] != REGION or given[3] != "cloudtrail" or not {"host", "x-amz-date", "x-amz-target"} <= {*given[4].split(";")}:
        return False
    sha = lambda text: hashlib.sha256(text).hexdigest()
    lines = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in given[4].split(";"))
    canonical = f"POST\n{path}\n\n{lines}\n{given[4]}\n{sha(body)}"
    scope = f"{given[1]}/{given[2]}/{given[3]}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{headers['X-Amz-Date']}\n{scope}\n{sha(canonical.encode())}"
    secret = b"AWS4test"
    for part in scope.split("/"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return hmac.digest(secret, text.encode(), "sha256").hex() == given[5]


class CloudTrail(http.server.BaseHTTPRequestHandler):
    """The two calls that the validation makes."""

    keys: list = []
    asked, refused = 0, 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        prefix, _, call = self.headers.get("X-Amz-Target", "").rpartition(".")
        assert prefix == "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", prefix
        if not is_signed(self.headers, self.path, body):
            CloudTrail.refused += 1
            self.answer(400, {"__type": "IncompleteSignatureException", "message": "the signature does not match"})
        elif call == "ListPublicKeys":
            CloudTrail.asked += 1
            self.answer(200, self.page(json.loads(body)))
        else:
            trail = {"Name": "trail", "TrailARN": TRAIL, "S3BucketName": BUCKET, "HomeRegion": REGION, "IsOrganizationTrail": False}
            self.answer(200, {"trailList": [trail]})

    def page(self, asked: dict) -> dict:
        """A key, and how to ask for the next."""
        within = [key for key in self.keys if key["ValidityEndTime"] >= asked["StartTime"] and key["ValidityStartTime"] <= asked["EndTime"]]
        at = int(asked.get("NextToken", "0"))
        return {"PublicKeyList": within[at:at + 1], **({"NextToken": str(at + 1)} if at + 1 < len(within) else {})}

    def answer(self, status: int, answer: dict) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        pass


def changed(body: bytes) -> bytes:
    return gzip.compress(gzip.decompress(body) + b" ")


def forgetful(body: bytes) -> bytes:
    digest = json.loads(gzip.decompress(body))
    digest["logFiles"].pop()
    return gzip.compress(json.dumps(digest).encode())


# What is done to the object whose key has that part: new bytes, or None to remove it.
CASES = {
    "whole": ("", lambda body: body),
    "a log file is changed": (LOG, changed),
    "a log file is gone": (LOG, lambda body: None),
    "a log file is cut off": (LOG, lambda body: body[: len(body) // 2]),
    "a digest forgets a log file": (DIGEST, forgetful),
    "a digest is gone": (DIGEST, lambda body: None),
}


def fill(s3, chain: Path, part: str, tamper) -> None:
    """The bucket, made anew."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    metadata = json.loads((chain / "object-metadata.json").read_text())
    root = chain / "bucket"
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        key, body = path.relative_to(root).as_posix(), path.read_bytes()
        if part and part in key:
            body = tamper(body)
        if body is not None:
            s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata.get(key, {}))


def by_aws(environment: dict) -> dict:
    """What awscli counts."""
    command = [Path(sys.executable).with_name("aws"), "cloudtrail", "validate-logs", "--trail-arn", TRAIL, "--start-time", "2023-07-10T11:00:00Z",
               "--end-time", "2023-07-10T13:30:00Z", "--verbose", "--region", REGION]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    text = done.stdout
    if "Results" not in text:
        raise SystemExit(f"awscli failed: {done.stderr}{text}")
    count = lambda what: int(match.group(1)) if (match := re.search(rf"(\d+)/\d+ {what}", text)) else 0
    return {"digests": count("digest files valid"), "logs": count("log files valid"), "bad": "INVALID" in text}


def by_us(found: dict) -> dict:
    """The same of `trailhound verify --format json`, of the digests that follow from the newest as awscli walks."""
    digests = [digest for chain in found["chains"] for digest in chain["digests"]]
    valid = [digest for digest in digests if digest["verdict"] == "valid"]
    bad = any(d["verdict"] not in ("valid", "pending") or any(log["verdict"] != "pending" for log in d["log_problems"]) for d in digests)
    return {"digests": len(valid), "logs": sum(digest["logs_valid"] for digest in digests), "bad": bad}


def main() -> int:
    """1 where they differ."""
    binary, chain = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    CloudTrail.keys = [
        {**key, "ValidityStartTime": 1672531200, "ValidityEndTime": 1704067200}
        for key in json.loads((chain / "public-keys.json").read_text())["PublicKeyList"]
    ]
    # Another key of the time, on a page that awscli does not turn to, and one of years after.
    other = {**CloudTrail.keys[0], "Fingerprint": "00" * 16}
    CloudTrail.keys = [*CloudTrail.keys, other, {**other, "ValidityStartTime": 1893456000, "ValidityEndTime": 1924992000}]
    trail = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CloudTrail)
    threading.Thread(target=trail.serve_forever, daemon=True).start()
    port = free_port()
    moto = subprocess.Popen([Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    s3_url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL_S3": s3_url, "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_CLOUDTRAIL": f"http://127.0.0.1:{trail.server_port}", "TRAILHOUND_AWS_ENDPOINT_URL": s3_url, "TRAILHOUND_AWS_REGION": REGION,
    }
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(s3_url, timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        s3 = boto3.client("s3", endpoint_url=s3_url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        s3.create_bucket(Bucket=BUCKET)
        wrong = 0
        for name, (part, tamper) in CASES.items():
            fill(s3, chain, part, tamper)
            wrong += not compare(name, binary, chain, environment)
    finally:
        moto.kill()
        moto.wait()
        trail.shutdown()
    print("they agree" if not wrong else f"{wrong} of {len(CASES)} differ")
    return 1 if wrong else 0


def compare(name: str, binary: Path, chain: Path, environment: dict) -> bool:
    """One state of the bucket, asked in several ways: awscli, the bucket verified by us, the bucket taken in and proven from the lake with
    keys of a file, with keys that are asked for (ListPublicKeys), and with those that were kept."""
    theirs = by_aws(environment)
    keys = ["--keys", chain / "public-keys.json", "--format", "json"]
    run = lambda *command: subprocess.run([binary, *command], env=environment, cwd=place, capture_output=True, text=True, timeout=300)
    with tempfile.TemporaryDirectory() as place:
        straight = run("verify", f"s3://{BUCKET}/", *keys)
        run("ingest", "--lake", "lake", f"s3://{BUCKET}/")
        taken_in = run("verify", "--lake", "lake", *keys)
        Path(place, "trailhound.toml").write_text(
            f'[integrity]\nkeys_from = "trail"\n[[source]]\nname = "trail"\ntype = "s3-sqs"\nqueue_url = "http://localhost/1/q"\n'
            f'region = "{REGION}"\nendpoint_url = "{environment["AWS_ENDPOINT_URL_CLOUDTRAIL"]}"\n'
        )
        before = CloudTrail.asked
        asked = run("verify", "--lake", "lake", "--format", "json")
        # A page a key, and the one of years after is not asked for; then what was kept is enough.
        pages = CloudTrail.asked - before
        kept = json.loads(Path(place, "data/public-keys.json").read_text())["PublicKeyList"]
        again = run("verify", "--lake", "lake", "--format", "json")
        if (pages, len(kept), CloudTrail.asked, CloudTrail.refused) != (2, 2, before + pages, 0):
            raise SystemExit(f"{name}: {pages} pages, {len(kept)} keys kept, {CloudTrail.refused} refused: {asked.stderr}{again.stderr}")
    found = []
    for done in (straight, taken_in, asked, again):
        try:
            found.append(by_us(json.loads(done.stdout)))
        except ValueError:
            raise SystemExit(f"{name}: trailhound failed: {done.stderr}") from None
    same = all(theirs[what] == ours[what] for ours in found for what in ("logs", "bad"))
    same &= all(theirs["digests"] == ours["digests"] for ours in found)
    print(f"{'ok   ' if same else 'DIFFER'} {name}: awscli {theirs}, bucket {found[0]}, lake {found[1]}, with keys that were asked for {found[2]}", flush=True)
    return same


if __name__ == "__main__":
    sys.exit(main())
