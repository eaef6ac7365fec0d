"""S3: data events of CloudTrail and server access logs."""

import urllib.parse

from .answers import Panels
from .cloudtrail import count, failed, latest, over_time as events_over_time, places
from .flows import over_time, ranked
from .logs import actor, get, outcome
from .security_overview import allowed_and_not
from .web_logs import field, grouped, known, by_bytes, newest, number

panels = Panels()
CHANGES = (
    "PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutObjectAcl PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock "
    "PutAccountPublicAccessBlock DeleteAccountPublicAccessBlock PutBucketWebsite PutBucketReplication"
).split()

bucket = lambda event: get(event, "requestParameters.bucketName")
key = lambda event: get(event, "requestParameters.key")
bytes_in = lambda event: get(event, "additionalEventData.bytesTransferredIn") or 0
bytes_out = lambda event: get(event, "additionalEventData.bytesTransferredOut") or 0
source = lambda event: event.get("sourceIPAddress")
agent = lambda event: event.get("userAgent")
refused = lambda request: known(request, "http_status") == "403"


def data(logs):
    return [e for e in logs.cloudtrail if e.get("eventSource") == "s3.amazonaws.com" and e.get("eventCategory") == "Data"]


def object_of(request):
    written = known(request, "key")
    return written and urllib.parse.unquote(written)


panels.of("data-events")(lambda logs: count(data(logs)))
panels.of("errors")(lambda logs: count(data(logs), failed))
panels.of("requests")(lambda logs: [(len(logs.s3_access),)])
panels.of("refused")(lambda logs: count(logs.s3_access, refused))
panels.of("events-over-time")(lambda logs: events_over_time(logs, data(logs), "eventName"))
panels.of("read-write")(lambda logs: ranked(data(logs), lambda e: "read" if e.get("readOnly") else "write"))
panels.of("buckets")(lambda logs: ranked(data(logs), bucket))
panels.of("users")(lambda logs: allowed_and_not(data(logs), actor))
panels.of("objects")(lambda logs: grouped(data(logs), 20, lambda row: -row[-1], bucket, key))
panels.of("downloaded")(lambda logs: by_bytes(data(logs), bucket, bytes_out))
panels.of("uploaded")(lambda logs: by_bytes(data(logs), bucket, bytes_in))
panels.of("downloaded-by-source")(lambda logs: by_bytes(data(logs), source, bytes_out))
panels.of("source-map")(lambda logs: places(data(logs)))
panels.of("agents")(lambda logs: ranked(data(logs), agent))


@panels.of("public-changes")
def public_changes(logs):
    found = [e for e in logs.cloudtrail if e.get("eventSource") == "s3.amazonaws.com" and e.get("eventName") in CHANGES]
    return latest(found, 100, "eventTime", "eventName", actor, bucket, outcome, "sourceIPAddress", "awsRegion", "eventID")


panels.of("requests-over-time")(lambda logs: over_time(logs, "s3_access", logs.s3_access, field("operation")))
panels.of("sent")(lambda logs: by_bytes(logs.s3_access, field("bucket"), number("bytes_sent")))
panels.of("request-objects")(lambda logs: ranked(logs.s3_access, object_of, 20))
for panel, of in {
    "error-codes": field("error_code"),
    "request-buckets": field("bucket"),
    "requesters": field("requester"),
    "request-sources": field("remote_ip"),
}.items():
    panels.of(panel)(lambda logs, of=of: ranked(logs.s3_access, of))


@panels.of("recent")
def recent(logs):
    keys = [field(name) for name in ("bucket", "operation")] + [object_of] + [field(name) for name in ("http_status", "error_code", "requester", "remote_ip")]
    return newest("s3_access", logs.s3_access, 100, *keys)
