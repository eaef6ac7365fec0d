"""Insights: what weakens an account, from CloudTrail, Security Hub and AWS Config."""

import collections

from .answers import Panels, Top
from .cloudtrail import counted, grouped, last, latest, over_time
from .logs import actor, get, instant, outcome
from .security_hub import control, is_open, severity, status

panels = Panels()

# Weakness → severity; what makes an event one is `weakness` below.
SEVERITY = {
    "open-security-group": "high",
    "logging-off": "high",
    "public-access-allowed": "high",
    "root-used": "high",
    "encryption-off": "medium",
    "mfa-removed": "medium",
    "sign-in-without-mfa": "medium",
    "password-policy-changed": "medium",
    "access-key-created": "low",
    "bucket-policy-changed": "low",
}
BEFORE_ROOT = {
    "logging-off": "StopLogging DeleteTrail StopConfigurationRecorder DeleteConfigurationRecorder DeleteFlowLogs DeleteDetector",
    "public-access-allowed": "DeleteBucketPublicAccessBlock DeletePublicAccessBlock DeleteAccountPublicAccessBlock",
}
AFTER_ROOT = {
    "encryption-off": "DisableKey ScheduleKeyDeletion DeleteBucketEncryption DisableEbsEncryptionByDefault",
    "mfa-removed": "DeactivateMFADevice DeleteVirtualMFADevice",
    "password-policy-changed": "DeleteAccountPasswordPolicy UpdateAccountPasswordPolicy",
    "access-key-created": "CreateAccessKey",
    "bucket-policy-changed": "PutBucketPolicy PutBucketAcl",
}


def by_name(event, names):
    return next((weakness for weakness, several in names.items() if event.get("eventName") in several.split()), None)


def opens(event):
    rules = get(event, "requestParameters.ipPermissions.items") or []
    ranges = {r.get("cidrIp") for rule in rules for r in get(rule, "ipRanges.items") or []}
    ranges |= {r.get("cidrIpv6") for rule in rules for r in get(rule, "ipv6Ranges.items") or []}
    ranges.add(get(event, "requestParameters.cidrIp"))
    return event.get("eventName") == "AuthorizeSecurityGroupIngress" and bool(ranges & {"0.0.0.0/0", "::/0"})


def kind(event):
    return get(event, "userIdentity.type")


def is_root(event):
    return kind(event) == "Root" and not get(event, "userIdentity.invokedBy") and event.get("eventType") != "AwsServiceEvent"


def without_mfa(event):
    return event.get("eventName") == "ConsoleLogin" and get(event, "additionalEventData.MFAUsed") == "No"


def weakness(event):
    if outcome(event) != "success":
        return None
    if opens(event):
        return "open-security-group"
    found = by_name(event, BEFORE_ROOT) or ("root-used" if is_root(event) else None)
    if not found and without_mfa(event) and kind(event) == "IAMUser":
        found = "sign-in-without-mfa"
    return found or by_name(event, AFTER_ROOT)


def level(event):
    return SEVERITY[weakness(event)]


def weak(logs):
    return [event for event in logs.cloudtrail if weakness(event)]


for name in ("high", "medium", "low"):
    panels.of(name)(lambda logs, name=name: [(sum(level(event) == name for event in weak(logs)),)])
panels.of("over-time")(lambda logs: over_time(logs, weak(logs), level))
panels.of("by-service")(lambda logs: Top(counted(weak(logs), "eventSource"), 10, lambda row: -row[-1]))


@panels.of("weaknesses")
def weaknesses(logs):
    found = grouped(weak(logs), lambda e: (level(e), weakness(e), e["eventName"]))
    distinct = lambda events, key: len({key(e) for e in events} - {None})
    rows = [(*key, len(es), distinct(es, lambda e: e["recipientAccountId"]), distinct(es, actor), last(es)) for key, es in found.items()]
    return Top(rows, 1000, lambda row: -row[3])


@panels.of("root")
def root(logs):
    found = grouped([e for e in logs.cloudtrail if is_root(e)], lambda e: e.get("recipientAccountId"))
    return Top([(account, len(es), len({e.get("eventName") for e in es} - {None}), last(es)) for account, es in found.items()], 20, lambda row: -row[1])


@panels.of("without-mfa")
def users_without_mfa(logs):
    events = [e for e in logs.cloudtrail if without_mfa(e) and outcome(e) == "success" and kind(e) in ("IAMUser", "Root")]
    found = grouped(events, lambda e: (actor(e), e["recipientAccountId"]) if actor(e) else None)
    return Top([(*key, len(es), last(es)) for key, es in found.items()], 20, lambda row: -row[2])


@panels.of("keys")
def keys(logs):
    key = lambda e: get(e, "userIdentity.accessKeyId") or ""
    found = grouped(logs.cloudtrail, lambda e: (key(e), actor(e)) if key(e).startswith("AKIA") and actor(e) else None)
    rows = []
    for who, events in found.items():
        ends = min(e["eventTime"] for e in events), last(events)
        rows.append((*who, (instant(ends[1]) - instant(ends[0])).days, len(events), *ends))
    return Top(rows, 20, lambda row: (-row[2], -row[3]))


panels.of("recent")(
    lambda logs: latest(weak(logs), 100, "eventTime", level, weakness, "eventName", actor, "sourceIPAddress", "recipientAccountId", "awsRegion", "eventID")
)


def failed(logs):
    return [finding for finding in is_open(logs) if status(finding) == "FAILED"]


panels.of("failed-checks")(lambda logs: [(len({finding["Id"] for finding in failed(logs)}),)])


@panels.of("controls")
def controls(logs):
    found = collections.defaultdict(lambda: (set(), set()))
    for finding in failed(logs):
        ids, accounts = found[control(finding), severity(finding)]
        ids.add(finding["Id"])
        accounts.add(finding["AwsAccountId"])
    return Top([(*key, len(ids), len(accounts)) for key, (ids, accounts) in found.items()], 20, lambda row: -row[2])


@panels.of("config-rules")
def config_rules(logs):
    found = collections.defaultdict(list)
    for told in logs.config_rules:
        if get(told, "newEvaluationResult.complianceType") == "NON_COMPLIANT":
            found[told["configRuleName"], told["resourceType"]].append(told)
    rows = []
    for key, group in found.items():
        newest = max(told["notificationCreationTime"] for told in group)
        rows.append((*key, len({told["resourceId"] for told in group}), len({told["awsAccountId"] for told in group}), newest))
    return Top(rows, 20, lambda row: -row[2])
