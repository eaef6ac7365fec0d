"""The raw log files, as plain Python reads them: no line of Trailhound's code is used."""

import collections
import datetime
import gzip
import json
import re

from .places import place


def get(record, path):
    """The value at a dotted path; None where there is none."""
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def text(value):
    """A value as text, as the engine writes it: booleans in lower case, structures as JSON."""
    if isinstance(value, bool) or isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return None if value is None else str(value)


def instant(written):
    """ISO 8601, epoch seconds or milliseconds, as an aware datetime."""
    if isinstance(written, (int, float)):
        return datetime.datetime.fromtimestamp(written / 1000 if written > 1e11 else written, datetime.timezone.utc)
    return datetime.datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", written.replace("Z", "+00:00")))


def iso(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# What a file is, by a part of its path, and how its records are read.
KINDS = [
    ("/CloudTrail", "cloudtrail"),
    ("/config-rules/", "config_rules"),
    ("/Config/", "config"),
    ("/GuardDuty/", "guardduty"),
    ("/WAFLogs/", "waf"),
    ("/elasticloadbalancing/", "elb"),
    ("/network-firewall/", "network_firewall"),
    ("/vpcdnsquerylogs/", "route53_resolver"),
    ("/vpcflowlogs/", "vpc_flow"),
    ("/SecurityHub/", "security_hub"),
    ("/cloudfront/", "cloudfront"),
    ("/s3-access/", "s3_access"),
]


def table(kind):
    """The table that a kind of file ends in."""
    return "config" if kind == "config_rules" else kind


def records(kind, content):
    """The records of one file: JSON objects as they are, lines of text as objects by the names of their fields."""
    if kind == "cloudtrail":
        return json.loads(content)["Records"]
    if kind == "config":
        return json.loads(content)["configurationItems"]
    lines = [line for line in content.splitlines() if line]
    if kind == "security_hub":
        return [finding for line in lines for finding in json.loads(line)["detail"]["findings"]]
    if kind == "vpc_flow":
        names = lines[0].split()
        return [dict(zip(names, line.split())) for line in lines[1:]]
    if kind == "cloudfront":
        names = next(line for line in lines if line.startswith("#Fields:")).split()[1:]
        return [dict(zip(names, line.split("\t"))) for line in lines if not line.startswith("#")]
    if kind == "elb":
        return [dict(zip(ELB, fields(line))) for line in lines]
    if kind == "s3_access":
        return [dict(zip(S3, fields(line))) for line in lines]
    return list(map(json.loads, lines))


def fields(line):
    """Fields between blanks; quotes and brackets keep blanks inside."""
    return [quoted if plain == "" else plain for plain, quoted in ((m[3] or "", m[1] if m[1] is not None else m[2]) for m in re.finditer(r'"([^"]*)"|\[([^\]]*)\]|(\S+)', line))]


ELB = (
    "type time elb client target request_processing_time target_processing_time response_processing_time elb_status_code target_status_code "
    "received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol target_group_arn trace_id domain_name chosen_cert_arn "
    "matched_rule_priority request_creation_time actions_executed redirect_url error_reason target_list target_status_code_list classification "
    "classification_reason tid"
).split()
S3 = (
    "bucket_owner bucket time remote_ip requester request_id operation key request_uri http_status error_code bytes_sent object_size total_time "
    "turn_around_time referrer user_agent version_id host_id signature_version cipher_suite authentication_type host_header tls_version "
    "access_point_arn acl_required"
).split()


def when(kind, record):
    """When a record's event happened."""
    if kind == "cloudtrail":
        return instant(record["eventTime"])
    if kind == "config":
        return instant(record["configurationItemCaptureTime"])
    if kind == "config_rules":
        return instant(record["notificationCreationTime"])
    if kind == "guardduty":
        return instant(get(record, "service.eventLastSeen") or record["updatedAt"])
    if kind == "security_hub":
        return instant(record["UpdatedAt"])
    if kind == "waf":
        return instant(record["timestamp"])
    if kind == "network_firewall":
        return instant(record["event"]["timestamp"])
    if kind == "route53_resolver":
        return instant(record["query_timestamp"])
    if kind == "vpc_flow":
        return instant(int(record["start"]))
    if kind == "cloudfront":
        return instant(f"{record['date']}T{record['time']}Z")
    if kind == "s3_access":
        return datetime.datetime.strptime(record["time"], "%d/%b/%Y:%H:%M:%S %z")
    return instant(record["time"])


class Record(dict):
    """A record, which knows the file that it is from: its path tells what the record leaves out."""

    def __init__(self, told, file):
        super().__init__(told)
        self.file = file


class File:
    """What went into the lake by one file: its size on disk, its log type, how many records it has, and how many pieces are none."""

    def __init__(self, kind, size, records, rejected):
        self.kind, self.size, self.records, self.rejected = kind, size, records, rejected


class Logs:
    """The records of a folder by log type, within a time range: `logs.cloudtrail`, `logs.vpc_flow`, …

    `since` is inclusive, `until` exclusive. A record that was delivered twice counts once. `span` is the width of the
    buckets of time charts, in seconds. `files` are all files by path, `taken` the first and the last moment of taking them in.
    """

    def __init__(self, by_kind, since, until, span, files=None, taken=None):
        self.since, self.until, self.span, self.by_kind, self.files, self.taken = since, until, span, by_kind, files, taken
        for kind, found in by_kind.items():
            setattr(self, kind, [record for record in found if since <= when(kind, record) < until])

    def before(self, shift, kind):
        """The records of a log type in the range as long as this one that lies so much earlier."""
        return [record for record in self.by_kind[kind] if self.since - shift <= when(kind, record) < self.until - shift]

    def bucket(self, at):
        """Start of the bucket of an instant, as the engine writes it."""
        seconds = int(at.timestamp()) // self.span * self.span
        return iso(datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc))

    def buckets(self):
        """All buckets of the range: charts show those without events, too."""
        first, end = int(self.since.timestamp()) // self.span, -int(-self.until.timestamp() // self.span)
        return [iso(datetime.datetime.fromtimestamp(n * self.span, datetime.timezone.utc)) for n in range(first, end)]


def read(folder):
    """All records of a folder of logs, by log type; and the files, by path."""
    found, files = collections.defaultdict(list), {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        kind = next(kind for part, kind in KINDS if part in str(path))
        data = path.read_bytes()
        pieces = records(kind, (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode())
        good = [Record(piece, str(path)) for piece in pieces if isinstance(piece, dict)]
        found[kind] += good
        files[str(path)] = File(kind, len(data), len(good), len(pieces) - len(good))
    events = {event["eventID"]: event for event in reversed(found["cloudtrail"])}
    return {**found, "cloudtrail": list(events.values())}, files


# ---- what a CloudTrail event means, by the tables of the manual ---------------------------------------------------------

UNAUTHORIZED = re.compile(
    r"(Client\.|Server\.)?(.*AccessDenied.*|.*UnauthorizedOperation|Forbidden.*|AuthFailure|OperationNotPermitted|UnauthorizedException|"
    r"UnauthorizedAccess|Unauthorized|NotAuthorized|NotAuthorizedException)"
)
SIGN_INS = ("ConsoleLogin", "CheckMfa", "SwitchRole")
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def outcome(event):
    code = event.get("errorCode") or ""
    if code:
        return "unauthorized" if UNAUTHORIZED.fullmatch(code) else "failure"
    failed = any((get(event, f"responseElements.{name}") or "").lower() == "failure" for name in SIGN_INS)
    return "failure" if failed or event.get("errorMessage") else "success"


def last(arn):
    return re.split("[/:]", arn)[-1] or None


def made_up(session):
    """A session name that a program made up: a stock word, a number, a UUID, or one that ends in a timestamp."""
    word = re.fullmatch("(session|default|awscli-session|rolesession|assumerolesession|assume-role-session|cross-account)[0-9]*", session, re.I)
    return not session.startswith("i-") and bool(word or re.search("[0-9]{10}$", session) or re.fullmatch("[0-9]+|[0-9a-fA-F-]{16,}", session))


def actor(event):
    """The person or workload behind a call: what SPL calls `user`."""
    who = {key: value for key, value in (event.get("userIdentity") or {}).items() if value != ""}
    origin = get(event, "additionalEventData.SwitchFrom")
    source = get(who, "sessionContext.sourceIdentity")
    if origin or source:
        return last(origin) if origin else source
    kind, name, arn, principal = (who.get(key) for key in ("type", "userName", "arn", "principalId"))
    issuer = get(who, "sessionContext.sessionIssuer") or {}
    session = (principal.partition(":")[2] if principal and ":" in principal else None) or (last(arn) if arn and ":assumed-role/" in arn else None)
    shown = (name if name != HIDDEN else None) or (last(arn) if arn else None) or principal or name
    named = session if session and not made_up(session) else None
    if kind == "Root":
        return "root"
    if kind == "AWSService" or (kind is None and not arn and not name):
        return who.get("invokedBy") or principal
    if kind == "AssumedRole":
        linked = re.search("/aws-service-role/([^/]+)", issuer.get("arn") or "")
        if linked:
            return linked[1]
        if get(who, "onBehalfOf.userId"):
            return session or get(who, "onBehalfOf.userId")
        role = issuer.get("userName") or (last(issuer["arn"]) if issuer.get("arn") else None)
        return named or role or (arn.split(":assumed-role/")[1].split("/")[0] if arn and ":assumed-role/" in arn else None) or session or shown
    if kind == "FederatedUser":
        return issuer.get("userName") or ("root" if issuer.get("type") == "Root" else None) or (last(arn) if arn else session)
    if kind == "IdentityCenterUser":
        return (name if name != HIDDEN else None) or get(who, "onBehalfOf.userId") or principal
    if kind == "AWSAccount":
        return "anonymous" if who.get("accountId") == "ANONYMOUS_PRINCIPAL" else named or principal or who.get("accountId")
    return shown


def user_name(event):
    """`userName` of the Splunk add-on: the user's, else the session issuer's, else `root`."""
    who = event.get("userIdentity") or {}
    return who.get("userName") or get(who, "sessionContext.sessionIssuer.userName") or ("root" if who.get("type") == "Root" else None)


def source(event):
    """Where an event came from."""
    return place(event.get("sourceIPAddress"))
