"""Security Overview."""

import collections

from .answers import Panels, Top
from .cloudtrail import count, failed, is_iam, over_time, places, top
from .logs import actor, get, outcome

panels = Panels()


@panels.of("iam-errors")
def iam_errors(logs):
    return count(logs.cloudtrail, lambda e: is_iam(e) and failed(e))


@panels.of("unauthorized-activity")
def unauthorized(logs):
    return count(logs.cloudtrail, lambda e: outcome(e) == "unauthorized")


@panels.of("sign-in-failures")
def sign_in_failures(logs):
    return count(logs.cloudtrail, lambda e: e.get("eventName") == "ConsoleLogin" and get(e, "responseElements.ConsoleLogin") == "Failure")


@panels.of("root-use")
def root_use(logs):
    own = lambda e: get(e, "userIdentity.type") == "Root" and get(e, "userIdentity.invokedBy") is None
    return count(logs.cloudtrail, lambda e: own(e) and e.get("eventType") != "AwsServiceEvent")


@panels.of("sign-ins-without-mfa")
def without_mfa(logs):
    signed_in = lambda e: e.get("eventName") == "ConsoleLogin" and get(e, "responseElements.ConsoleLogin") == "Success"
    user = lambda e: get(e, "userIdentity.type") == "IAMUser" and get(e, "additionalEventData.MFAUsed") != "Yes"
    return count(logs.cloudtrail, lambda e: signed_in(e) and user(e))


@panels.of("all-events")
def all_events(logs):
    return count(logs.cloudtrail)


@panels.of("source-map")
def source_map(logs):
    return [(country, region, city, result, *rest) for (country, region, city, result, *rest) in places(logs.cloudtrail)]


def allowed_and_not(events, key):
    """(value, authorized, unauthorized) of the fifteen that were refused most often."""
    found = collections.defaultdict(lambda: [0, 0])
    for event in events:
        if key(event) is not None:
            found[key(event)][outcome(event) == "unauthorized"] += 1
    return Top([(value, *counts) for value, counts in found.items()], 15, lambda row: (-row[2], -row[1]))


@panels.of("auth-by-user")
def auth_by_user(logs):
    return allowed_and_not(logs.cloudtrail, actor)


@panels.of("auth-by-event")
def auth_by_event(logs):
    return allowed_and_not(logs.cloudtrail, lambda e: e.get("eventName"))


@panels.of("activity-over-time")
def activity_over_time(logs):
    return over_time(logs, logs.cloudtrail, outcome)


@panels.of("top-accounts")
def top_accounts(logs):
    return top(logs.cloudtrail, "recipientAccountId", 10)


@panels.of("top-regions")
def top_regions(logs):
    return top(logs.cloudtrail, "awsRegion", 10)


@panels.of("top-errors")
def top_errors(logs):
    return top([e for e in logs.cloudtrail if failed(e)], "errorCode", 10)


def called(source, *names):
    """How often these events were, of one service where it is named."""
    return lambda logs: count(logs.cloudtrail, lambda e: e.get("eventName") in names and (source is None or e.get("eventSource") == f"{source}.amazonaws.com"))


def written(verbs, *nouns):
    return [f"{verb}{noun}" for noun in nouns for verb in verbs.split()]


@panels.of("unauthorized-calls")
def unauthorized_calls(logs):
    code = lambda e: e.get("errorCode") or ""
    return count(logs.cloudtrail, lambda e: code(e).endswith("UnauthorizedOperation") or code(e).startswith("AccessDenied"))


@panels.of("console-auth-failures")
def console_auth_failures(logs):
    return count(logs.cloudtrail, lambda e: e.get("eventName") == "ConsoleLogin" and e.get("errorMessage") == "Failed authentication")


OF_IDENTITY = written("Attach Detach Delete Put", "GroupPolicy", "RolePolicy", "UserPolicy")
panels.of("iam-policy-changes")(called("iam", *OF_IDENTITY, *written("Create Delete", "Policy", "PolicyVersion")))
panels.of("trail-changes")(called(None, *written("Create Update Delete", "Trail"), "StartLogging", "StopLogging"))
panels.of("cmk-changes")(called("kms", "DisableKey", "ScheduleKeyDeletion"))
panels.of("bucket-policy-changes")(called("s3", "PutBucketAcl", *written("Put Delete", "BucketPolicy", "BucketCors", "BucketLifecycle", "BucketReplication")))
panels.of("config-changes")(called("config", "StopConfigurationRecorder", "DeleteDeliveryChannel", *written("Put", "DeliveryChannel", "ConfigurationRecorder")))
panels.of("security-group-changes")(
    called(None, *written("Authorize Revoke", "SecurityGroupIngress", "SecurityGroupEgress"), *written("Create Delete", "SecurityGroup"))
)
panels.of("network-acl-changes")(
    called(None, *written("Create Delete", "NetworkAcl", "NetworkAclEntry"), *written("Replace", "NetworkAclEntry", "NetworkAclAssociation"))
)
panels.of("gateway-changes")(called(None, *written("Create Delete", "CustomerGateway"), *written("Create Delete Attach Detach", "InternetGateway")))
panels.of("route-table-changes")(
    called("ec2", *written("Create Replace Delete", "Route"), *written("Create Delete Disassociate", "RouteTable"), "ReplaceRouteTableAssociation")
)
PEERINGS = written("Accept Create Delete Reject", "VpcPeeringConnection")
panels.of("vpc-changes")(
    called(None, *written("Create Delete", "Vpc"), "ModifyVpcAttribute", *PEERINGS, *written("Attach Detach", "ClassicLinkVpc"), *written("Disable Enable", "VpcClassicLink"))
)
