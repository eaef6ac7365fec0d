"""The fields that all log types share, read from each type's own records as its page in `docs/logs` says."""

import re

from .logs import actor, get, outcome, table
from .web_logs import known
from .places import place


def first_account(record):
    """The account in the path of a record's file."""
    return re.search(r"/(\d{12})/", record.file)[1]


def part(path, at):
    """A part of an ARN."""
    return lambda record: get(record, path).split(":")[at]


def at(path):
    return lambda record: get(record, path) or None


def of(name):
    return lambda record: known(record, name)


def host(request):
    """The Host header of a web request, whatever the case of its name."""
    return next((header["value"] for header in get(request, "httpRequest.headers") if header["name"].lower() == "host"), None)


def without_port(name):
    return lambda record: known(record, name) and record[name].rsplit(":", 1)[0]


def s3_region(record):
    """The region of a bucket, from the endpoint that was asked."""
    return re.search(r"\.s3[.-]([a-z0-9-]+)\.amazonaws\.com$", record["host_header"])[1]


def s3_actor(record):
    requester = known(record, "requester")
    return requester and re.split("[/:]", requester)[-1]


GUARDDUTY_IP = at("service.action.awsApiCallAction.remoteIpDetails.ipAddressV4")

ACCOUNT = {
    "cloudtrail": at("recipientAccountId"),
    "cloudfront": first_account,
    "config": at("awsAccountId"),
    "config_rules": at("awsAccountId"),
    "elb": part("target_group_arn", 4),
    "guardduty": at("accountId"),
    "network_firewall": first_account,
    "route53_resolver": at("account_id"),
    "s3_access": first_account,
    "security_hub": at("AwsAccountId"),
    "vpc_flow": of("account-id"),
    "waf": part("webaclId", 4),
}
REGION = {
    "cloudtrail": at("awsRegion"),
    "cloudfront": lambda record: "global",
    "config": at("awsRegion"),
    "config_rules": at("awsRegion"),
    "elb": part("target_group_arn", 3),
    "guardduty": at("region"),
    "network_firewall": lambda record: record["availability_zone"][:-1],
    "route53_resolver": at("region"),
    "s3_access": s3_region,
    "security_hub": at("Region"),
    "vpc_flow": of("region"),
    "waf": part("webaclId", 3),
}
ACTION = {
    "cloudtrail": at("eventName"),
    "cloudfront": of("cs-method"),
    "config": lambda record: "ConfigurationItem",
    "config_rules": at("messageType"),
    "elb": lambda record: record["request"].split()[0],
    "guardduty": at("type"),
    "network_firewall": at("event.alert.action"),
    "route53_resolver": at("query_type"),
    "s3_access": of("operation"),
    "security_hub": lambda record: ",".join(record["Types"]),
    "vpc_flow": of("action"),
    "waf": at("action"),
}
ACTOR = {"cloudtrail": actor, "guardduty": at("resource.accessKeyDetails.userName"), "s3_access": s3_actor}
SOURCE = {
    "cloudtrail": at("sourceIPAddress"),
    "cloudfront": of("c-ip"),
    "elb": without_port("client"),
    "guardduty": GUARDDUTY_IP,
    "network_firewall": at("event.src_ip"),
    "route53_resolver": at("srcaddr"),
    "s3_access": of("remote_ip"),
    "vpc_flow": of("srcaddr"),
    "waf": at("httpRequest.clientIp"),
}
DESTINATION = {
    "cloudfront": of("x-host-header"),
    "elb": without_port("target"),
    "network_firewall": at("event.dest_ip"),
    "route53_resolver": lambda record: record["query_name"].rstrip("."),
    "s3_access": of("host_header"),
    "vpc_flow": of("dstaddr"),
    "waf": host,
}


def failure(told):
    """`failure` where so, else `success`."""
    return "failure" if told else "success"


OUTCOME = {
    "cloudtrail": outcome,
    "cloudfront": lambda record: failure(int(record["sc-status"]) >= 400 or record["sc-status"] == "000"),
    "config": lambda record: "success",
    "config_rules": lambda record: failure(get(record, "newEvaluationResult.complianceType") == "NON_COMPLIANT"),
    "elb": lambda record: failure(int(record["elb_status_code"]) >= 400),
    "guardduty": lambda record: failure(get(record, "service.action.awsApiCallAction.errorCode")),
    "network_firewall": lambda record: failure(get(record, "event.alert.action") == "blocked"),
    "route53_resolver": lambda record: failure(record["rcode"] != "NOERROR"),
    "s3_access": lambda record: "unauthorized" if record["http_status"] in ("401", "403") else failure(int(record["http_status"]) >= 400),
    "security_hub": lambda record: {"FAILED": "failure", "PASSED": "success"}.get(get(record, "Compliance.Status")),
    "vpc_flow": lambda record: {"ACCEPT": "success", "REJECT": "failure"}.get(record["action"]),
    "waf": lambda record: failure(record["action"] == "BLOCK"),
}
NONE = lambda record: None


class Shared:
    """A record by the fields that all log types share; what a type does not say is None."""

    def __init__(self, kind, when, record):
        self.log_type, self.when = table(kind), when
        self.account, self.region, self.action = ACCOUNT[kind](record), REGION[kind](record), ACTION[kind](record)
        self.outcome, self.actor = OUTCOME[kind](record), ACTOR.get(kind, NONE)(record)
        self.source, self.destination = SOURCE.get(kind, NONE)(record), DESTINATION.get(kind, NONE)(record)
        self.place = place(self.source)
