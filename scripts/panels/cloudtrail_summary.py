"""CloudTrail Summary."""

import re

from .answers import Panels, Top
from .cloudtrail import called, count, counted, detail, failed, first, grouped, last, over_time, places, top
from .logs import actor, get, source
from .more import LISTED

panels = Panels()


def terms(id, key, most):
    panels.of(id)(lambda logs: top(logs.cloudtrail, key, most))


def metric(id, condition):
    panels.of(id)(lambda logs: count(logs.cloudtrail, condition))


def changes(id, service, *names):
    own = called(*names)
    metric(id, lambda e: own(e) and (service is None or e.get("eventSource") == f"{service}.amazonaws.com"))


terms("accounts", "recipientAccountId", 10)
terms("regions", "awsRegion", 10)
terms("source-countries", lambda e: source(e).country, 10)
terms("source-as", lambda e: source(e).org, 10)
terms("event-names", "eventName", 10)
terms("event-types", "eventType", 10)
terms("error-codes", "errorCode", 10)
terms("event-sources", "eventSource", 10)
terms("tls-versions", lambda e: get(e, "tlsDetails.tlsVersion"), 5)
panels.of("event-names-over-time")(lambda logs: over_time(logs, [e for e in logs.cloudtrail if e.get("eventName")], "eventName"))
panels.of("event-types-over-time")(lambda logs: over_time(logs, [e for e in logs.cloudtrail if e.get("eventType")], "eventType", 5))
panels.of("error-codes-over-time")(lambda logs: over_time(logs, list(filter(failed, logs.cloudtrail)), "errorCode"))
panels.of("event-sources-over-time")(lambda logs: over_time(logs, [e for e in logs.cloudtrail if e.get("eventSource")], "eventSource"))

metric("login-failed", lambda e: get(e, "responseElements.ConsoleLogin") == "Failure")
metric("root-login", lambda e: get(e, "userIdentity.type") == "Root" and not get(e, "userIdentity.invokedBy") and e.get("eventType") != "AwsServiceEvent")
metric("unauthorized-api-calls", lambda e: re.search("^AccessDenied|UnauthorizedOperation$", e.get("errorCode") or ""))
changes("s3-bucket-changed", "s3", "PutBucketAcl", *(f"{verb}Bucket{part}" for verb in ("Put", "Delete") for part in ("Policy", "Cors", "Lifecycle", "Replication")))
changes("kms-key-changed", "kms", "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy")
changes("vpc-changed", None, "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "*VpcPeeringConnection", "*tachClassicLinkVpc", "*ableVpcClassicLink")
changes("security-group-changed", None, "*eSecurityGroupIngress", "*eSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup")
changes("nacl-changed", None, "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation")
changes("gateway-changed", None, "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway")
changes("route-table-changed", "ec2", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable")


@panels.of("source-ips")
def source_ips(logs):
    address = lambda e: e.get("sourceIPAddress") if re.fullmatch(r"[\d.]+|[0-9a-fA-F:]+:[0-9a-fA-F:.]+", e.get("sourceIPAddress") or "") else None
    return top(logs.cloudtrail, address, 10)


@panels.of("source-map")
def source_map(logs):
    return places(logs.cloudtrail)


@panels.of("identities")
def identities(logs):
    rows = []
    for arn, found in grouped(logs.cloudtrail, lambda e: get(e, "userIdentity.arn")).items():
        who = max(filter(None, map(actor, found)), default=None)
        countries = {source(e).country for e in found} - {None}
        rows.append((arn, who, len(found), sum(map(failed, found)), len(countries), last(found)))
    return Top(rows, 10, lambda row: -row[2])


# Client programs as the manual of enrichment names them, by what their user agents hold.
PROGRAMS = [
    (r"(?:^|[\s\[(])aws-cli/", "aws-cli"),
    (r"(?:^|[\s\[(])Boto3/", "Boto3"),
    (r"(?:^|[\s\[(])(aws-sdk-[a-z0-9-]+)/", None),
    (r"(?:^|[\s\[(])Botocore/", "Botocore"),
    (r"(?:^|[\s\[(])curl/", "curl"),
    (r"(?:^|[\s\[(])python-requests/", "Python Requests"),
    (r"Edg/", "Edge"),
    (r"Firefox/", "Firefox"),
    (r"Chrome/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
]


def program(event):
    """The name of the client program; the first token of AWS's tools counts, then browsers."""
    text = event.get("userAgent")
    if text is None:
        return None
    tools = [(match.start(), name or match[1]) for pattern, name in PROGRAMS[:6] if (match := re.search(pattern, text, re.I))]
    if tools:
        return min(tools)[1]
    return next((name for pattern, name in PROGRAMS[6:] if re.search(pattern, text)), "Other")


terms("user-agents", program, 15)


@panels.of("matched-ioc")
def matched_ioc(logs):
    found = [e for e in logs.cloudtrail if e.get("sourceIPAddress") in LISTED]
    return [("threat-test", len(found), len({e["sourceIPAddress"] for e in found}), last(found))] if found else []


@panels.of("events")
def events(logs):
    return detail(logs.cloudtrail)
