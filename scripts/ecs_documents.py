"""Compares `convert --to ecs` with a second writing of the mapping that docs/convert.md describes, record by record over the
public corpora, and says how many fields of how many agree for each log. Where an address is and which program a user agent
is are left out: they depend on databases."""

import collections
import datetime
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

BIN, SHARED = sys.argv[1], pathlib.Path(sys.argv[2])
LOGS = SHARED / "corpora/logs"
FOLDERS = ["cloudtrail", "opensearch-catalog", "security-lake"]
# Fields of the mapping that agree, per mille, on record; never fewer.
ON_RECORD = dict.fromkeys(
    ["cloudtrail", "vpcflow", "elb_logs", "s3access", "waf", "route53_resolver_logs", "guardduty"], 1000
)
LONGEST = 32766


def at(value, path):
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def empty(value):
    return value is None or value == "" or isinstance(value, (dict, list)) and not value


def pruned(value):
    if isinstance(value, dict):
        return {key: inner for key, inner in ((key, pruned(inner)) for key, inner in value.items()) if not empty(inner)}
    if isinstance(value, list):
        return [inner for inner in map(pruned, value) if not empty(inner)]
    return value


def iso(millis):
    moment = datetime.datetime.fromtimestamp(millis // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03}Z"


def moment(text):
    told = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return iso(int(told.replace(microsecond=0).timestamp()) * 1000 + told.microsecond // 1000)


def is_address(text):
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def each(value, path):
    """The texts at a path; a list on the way is each of its elements."""
    if isinstance(value, list):
        return [found for inner in value for found in each(inner, path)]
    if not path:
        return [] if empty(value) else [value if isinstance(value, str) else json.dumps(value)]
    key, _, rest = path.partition(".")
    return each(value[key], rest) if isinstance(value, dict) and key in value else []


# How Java prints a hash map.


def bucket(key):
    hashed = 0
    for unit in memoryview(key.encode("utf-16-le")).cast("H"):
        hashed = (hashed * 31 + unit) & 0xFFFFFFFF
    return hashed ^ hashed >> 16


def by_hash(keys, size):
    buckets = 16
    while size > buckets * 3 // 4:
        buckets *= 2
    return sorted(keys, key=lambda key: bucket(key) & (buckets - 1))


def java(value):
    if isinstance(value, dict):
        said = [key for key in by_hash(value, len(value)) if not empty(pruned(value[key]))]
        return "{" + ", ".join(f"{key}={java(value[key])}" for key in said) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(java(inner) for inner in value if not empty(pruned(inner))) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not (value == 0 or 1e-3 <= abs(value) < 1e7):
        exponent = int(f"{value:e}".split("e")[1])
        digits = repr(value).split("e")[0].replace(".", "").lstrip("-0").rstrip("0") or "0"
        return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{exponent}"
    return str(value)


ENTITIES = {
    "signin": "additionalEventData.MFAIdentifier",
    "sts": "requestParameters.roleArn sourceIdentity additionalEventData.MFAIdentifier responseElements.assumedRoleUser.arn "
    "requestParameters.roleSessionName responseElements.accessKeyId",
    "iam": "requestParameters.userName requestParameters.accessKeyId requestParameters.policyArn requestParameters.roleName "
    "requestParameters.policyName responseElements.accessKey.userName responseElements.accessKey.accessKeyId "
    "responseElements.user.arn responseElements.user.userName responseElements.userId responseElements.role.arn",
    "ec2": "requestParameters.groupId requestParameters.groupName requestParameters.roleName requestParameters.subnetId "
    "requestParameters.volumeId requestParameters.networkInterfaceId requestParameters.vpcId requestParameters.snapshotId "
    "requestParameters.groupSet.items.groupId requestParameters.instancesSet.items.instanceId responseElements.groupId "
    "responseElements.reservationId responseElements.vpc.vpcId responseElements.vpc.dhcpOptionsId responseElements.snapshotId "
    "responseElements.volumeId responseElements.groupSet.items.groupId responseElements.securityGroupRuleSet.items.groupId "
    "responseElements.securityGroupRuleSet.items.referencedGroupInfo.groupId "
    "responseElements.securityGroupRuleSet.items.securityGroupRuleId responseElements.instancesSet.items.subnetId "
    "responseElements.instancesSet.items.vpcId responseElements.instancesSet.items.instanceId "
    "responseElements.instancesSet.items.imageId responseElements.instancesSet.items.iamInstanceProfile.arn "
    "responseElements.revokedSecurityGroupRuleSet.items.groupId "
    "responseElements.revokedSecurityGroupRuleSet.items.securityGroupRuleId",
    "s3": "requestParameters.bucketName",
    "cloudtrail": "requestParameters.name requestParameters.s3BucketName responseElements.cloudWatchLogsLogGroupArn "
    "responseElements.cloudWatchLogsRoleArn responseElements.kmsKeyId responseElements.snsTopicARN responseElements.trailARN "
    "responseElements.name",
    "kms": "requestParameters.keyId responseElements.keyId responseElements.keyMetadata.arn responseElements.keyMetadata.keyId",
    "config": "requestParameters.configurationRecorderName",
    "lambda": "requestParameters.functionName responseElements.functionArn responseElements.functionName responseElements.role "
    "responseElements.vpcConfig.securityGroupIds responseElements.vpcConfig.subnetIds",
    "rds": "requestParameters.dBInstanceArn requestParameters.dBInstanceIdentifier responseElements.dBInstanceIdentifier "
    "responseElements.dbInstanceArn responseElements.dBSubnetGroup.vpcId responseElements.vpcSecurityGroups.vpcSecurityGroupId "
    "responseElements.dBSubnetGroup.subnets.subnetIdentifier",
}
CALLER = (
    "userIdentity.arn userIdentity.identityProvider userIdentity.principalId userIdentity.sessionContext.sessionIssuer.arn "
    "userIdentity.sessionContext.sessionIssuer.userName userIdentity.sessionContext.webIdFederationData.federatedProvider "
    "userIdentity.userName resources.ARN"
)
IDENTITY = {
    "type": "type",
    "arn": "arn",
    "accessKeyId": "access_key_id",
    "invokedBy": "invoked_by",
    "sessionContext.attributes.mfaAuthenticated": "session_context.mfa_authenticated",
    "sessionContext.sessionIssuer.type": "session_context.session_issuer.type",
    "sessionContext.sessionIssuer.principalId": "session_context.session_issuer.principal_id",
    "sessionContext.sessionIssuer.arn": "session_context.session_issuer.arn",
    "sessionContext.sessionIssuer.accountId": "session_context.session_issuer.account_id",
}
OWN = {
    "eventVersion": "event_version",
    "eventCategory": "event_category",
    "eventType": "event_type",
    "apiVersion": "api_version",
    "requestID": "request_id",
    "managementEvent": "management_event",
    "readOnly": "read_only",
    "errorCode": "error_code",
    "errorMessage": "error_message",
    "recipientAccountId": "recipient_account_id",
    "vpcEndpointId": "vpc_endpoint_id",
}
SHARED_NAMES = {
    "userIdentity.principalId": "user.id",
    "userIdentity.accountId": "cloud.account.id",
    "eventSource": "event.provider",
    "eventName": "event.action",
    "eventID": "event.id",
    "awsRegion": "cloud.region",
    "sourceIPAddress": "source.address",
    "tlsDetails.cipherSuite": "tls.cipher",
    "tlsDetails.clientProvidedHostHeader": "tls.client.server_name",
    "responseElements.group.groupId": "group.id",
    "responseElements.user.userId": "user.target.id",
    "requestParameters.newUserName": "user.changes.name",
    "requestParameters.groupName": "group.name",
    "requestParameters.userName": "user.target.name",
    "userAgent": "user_agent.original",
}
SECTIONS = {
    "requestParameters": "request_parameters",
    "responseElements": "response_elements",
    "additionalEventData": "additional_eventdata",
    "serviceEventDetails": "service_event_details",
}


def cloudtrail(raw):
    json_record, own = pruned(raw), "aws.cloudtrail."
    wanted = {"event.kind": "event"}

    def move(source, target):
        value = at(json_record, source)
        if value is not None:
            wanted.setdefault(target, value)

    for source, target in IDENTITY.items():
        move(f"userIdentity.{source}", f"{own}user_identity.{target}")
    for source, target in OWN.items():
        move(source, own + target)
    for source, target in SHARED_NAMES.items():
        move(source, target)
    move("userIdentity.userName", "user.name")
    move("userIdentity.sessionContext.sessionIssuer.userName", "user.name")
    move("insightDetails", own + "flattened.insight_details")
    if created := at(json_record, "userIdentity.sessionContext.attributes.creationDate"):
        wanted[own + "user_identity.session_context.creation_date"] = moment(created)
    if told := at(json_record, "eventTime"):
        wanted["@timestamp"] = moment(told)
    if is_address(wanted.get("source.address", "")):
        wanted["source.ip"] = wanted["source.address"]
    for source, target in SECTIONS.items():
        if (value := at(json_record, source)) is not None:
            wanted[own + target] = java(raw[source])
            if len(wanted[own + target]) < LONGEST:
                wanted[f"{own}flattened.{target}"] = value
    if isinstance(resources := at(json_record, "resources"), list):
        names = {"ARN": "arn", "accountId": "account_id"}
        kept = {}
        for resource in resources:
            resource = {names.get(key, key): value for key, value in resource.items()}
            kept["_".join(str(resource.get(key, "")) for key in ("arn", "account_id", "type"))] = resource
        wanted[own + "resources"] = [kept[key] for key in by_hash(kept, len(kept))]
    users = [at(json_record, path) for path in ("userIdentity.userName", "requestParameters.userName", "requestParameters.newUserName")]
    wanted["related.user"] = list(dict.fromkeys(user for user in users if user))
    service = (at(json_record, "eventSource") or "").removesuffix(".amazonaws.com")
    entities = [found for path in f"{CALLER} {ENTITIES.get(service, '')}".split() for found in each(json_record, path)]
    wanted["related.entity"] = sorted(set(entities))
    failed = own + "error_code" in wanted or own + "error_message" in wanted
    wanted["event.outcome"] = "failure" if failed else "success"
    if at(json_record, "eventName") == "ConsoleLogin":
        if said := at(json_record, "responseElements.ConsoleLogin"):
            wanted["event.outcome"] = said.lower()
        data = at(json_record, "additionalEventData") or {}
        for source, target in (("MobileVersion", "mobile_version"), ("MFAUsed", "mfa_used")):
            if source in data:
                wanted[f"{own}console_login.additional_eventdata.{target}"] = data[source] != "No"
        if "LoginTo" in data:
            wanted[own + "console_login.additional_eventdata.login_to"] = data["LoginTo"]
    return wanted | tls(at(json_record, "tlsDetails.tlsVersion"))


def tls(text):
    if not text or "v" not in text.lower():
        return {}
    protocol, version = text.lower().split("v", 1)
    return {"tls.version_protocol": protocol, "tls.version": version if "." in version else f"{version[:1]}.{version[1:]}"}


FLOW = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status".split()
PROTOCOLS = {
    "0": "hopopt",
    "1": "icmp",
    "2": "igmp",
    "6": "tcp",
    "8": "egp",
    "17": "udp",
    "47": "gre",
    "50": "esp",
    "58": "ipv6-icmp",
    "112": "vrrp",
    "132": "sctp",
}


def vpcflow(line):
    words = line.split()
    if len(words) != len(FLOW) or not words[0].isdigit():
        return None
    said = {name: word for name, word in zip(FLOW, words) if word != "-"}
    wanted = {f"aws.vpcflow.{name}": said.get(name) for name in ("version", "account_id", "interface_id", "action", "log_status")}
    wanted |= {
        "cloud.provider": "aws",
        "cloud.account.id": said.get("account_id"),
        "event.kind": "event",
        "event.type": ["connection"],
        "event.category": ["network"],
    }
    wanted |= {
        "@timestamp": iso(int(said["end"]) * 1000),
        "event.end": iso(int(said["end"]) * 1000),
        "event.start": iso(int(said["start"]) * 1000),
    }
    wanted["event.outcome"] = {"ACCEPT": "success", "REJECT": "failure"}.get(said.get("action"))
    for name, end in (("src", "source"), ("dst", "destination")):
        wanted[f"{end}.address"] = wanted[f"{end}.ip"] = said.get(f"{name}addr")
        wanted[f"{end}.port"] = int(said[f"{name}port"]) if f"{name}port" in said else None
    for name in ("packets", "bytes"):
        wanted[f"source.{name}"] = wanted[f"network.{name}"] = int(said[name]) if name in said else None
    if "protocol" in said:
        wanted |= {"network.iana_number": said["protocol"], "network.transport": PROTOCOLS.get(said["protocol"])}
    if "srcaddr" in said:
        wanted["network.type"] = "ipv6" if ":" in said["srcaddr"] else "ipv4"
        wanted["related.ip"] = [said["srcaddr"], said["dstaddr"]]
    return wanted


FIELD = re.compile(r'"((?:[^"\\]|\\.|"(?! |$))*)"|\[([^\]]*)\]|(\S+)')


def fields(line, brackets):
    pattern = FIELD if brackets else re.compile(r'"((?:[^"\\]|\\.|"(?! |$))*)"()|(\S+)')
    return [next(part for part in found if part) if any(found) else "" for found in pattern.findall(line)]


def url(original, path_only=False):
    legal = not re.search(r'[\x00-\x20"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})', original)
    decode = urllib.parse.unquote if legal else (lambda text: text)
    wanted = {"url.original": original}
    rest = original
    if found := None if path_only else re.match(r"([A-Za-z][\w+.-]*)://([^/?#]*)", original):
        # A request that a load balancer could not read ends in a dash.
        authority = re.sub(r"(:\d+)-$", r"\1", found[2])
        host, _, port = authority.rpartition(":") if re.search(r":\d+$", authority) else (authority, "", "")
        wanted |= {"url.scheme": found[1], "url.domain": host, "url.port": int(port) if port else None}
        rest = original[found.end() :]
    path, mark, query = rest.partition("?")
    wanted |= {"url.path": decode(path), "url.query": decode(query) if mark else None}
    last = path.rsplit("/", 1)[-1]
    wanted["url.extension"] = last.rsplit(".", 1)[1] if "." in last else None
    return wanted


ELB = (
    "type time elb client target request_time target_time response_time status target_status received sent request agent "
    "cipher protocol group trace domain certificate priority created actions redirect error targets target_statuses "
    "classification reason"
).split()


def elb_logs(line):
    words = fields(line, False)
    if len(words) < len(ELB) or words[0] not in ("http", "https", "h2", "ws", "wss", "grpcs"):
        return None
    said = {name: word for name, word in zip(ELB, words) if word not in ("-", "")}
    own, wanted = "aws.elb.", {"event.kind": "event", "cloud.provider": "aws", "event.category": ["web"], "aws.elb.protocol": "http"}
    client, _, port = said["client"].rpartition(":")
    wanted |= {"source.address": client, "source.ip": client, "source.port": int(port)}
    if "target" in said:
        wanted[own + "backend.ip"], _, wanted[own + "backend.port"] = said["target"].rpartition(":")
    for name, part in (("request", "request_time"), ("backend", "target_time"), ("response", "response_time")):
        wanted[f"{own}{name}_processing_time.sec"] = float(said[part]) if not said[part].startswith("-1") else None
    method, original, version = said["request"].split(" ", 2)
    wanted |= {"http.request.method": method, "http.version": version.removeprefix("HTTP/"), **url(original)}
    wanted |= {
        "http.response.status_code": int(said["status"]),
        "http.request.body.bytes": int(said["received"]),
        "http.response.body.bytes": int(said["sent"]),
    }
    wanted[own + "backend.http.response.status_code"] = int(said["target_status"]) if "target_status" in said else None
    wanted["event.outcome"] = "success" if int(said["status"]) < 400 else "failure"
    wanted |= {
        own + "type": said["type"],
        own + "name": said["elb"],
        own + "target_group.arn": said.get("group"),
        "destination.domain": said.get("domain"),
    }
    wanted |= {own + "trace_id": said.get("trace"), "trace.id": said.get("trace"), own + "chosen_cert.arn": said.get("certificate")}
    wanted |= {
        own + "ssl_cipher": said.get("cipher"),
        "tls.cipher": said.get("cipher"),
        own + "ssl_protocol": said.get("protocol"),
        **tls(said.get("protocol")),
    }
    wanted[own + "matched_rule_priority"] = said["priority"] if said["priority"] != "-1" else None
    wanted |= {
        own + "redirect_url": said.get("redirect"),
        own + "error.reason": said.get("error"),
        own + "classification": said.get("classification"),
    }
    for name, part, by in (
        ("action_executed", "actions", ","),
        ("target_port", "targets", " "),
        ("target_status_code", "target_statuses", " "),
    ):
        wanted[own + name] = said[part].split(by) if part in said else None
    wanted |= {"@timestamp": moment(said["time"]), "event.end": moment(said["time"]), "event.start": said.get("created")}
    wanted["user_agent.original"] = said.get("agent", "-")
    return wanted


S3 = (
    "bucket_owner bucket time remote_ip requester request_id operation key request_uri http_status error_code bytes_sent "
    "object_size total_time turn_around_time referrer user_agent version_id host_id signature_version cipher_suite "
    "authentication_type host_header tls_version access_point_arn aclrequired source_region"
).split()
NUMBERS = {"http_status", "bytes_sent", "object_size", "total_time", "turn_around_time"}


def s3access(line):
    words = fields(line, True)
    said = {name: int(word) if name in NUMBERS else word for name, word in zip(S3, words) if word not in ("-", "")}
    wanted = {f"aws.s3access.{name}": value for name, value in said.items() if name not in ("time",)}
    # Keys and names that the log has encoded are decoded in a column; the document has them as a person reads them.
    wanted.pop("aws.s3access.key", None)
    wanted |= {"event.kind": "event", "event.category": ["web"], "event.type": ["access"], "cloud.provider": "aws"}
    minute, second, zone = re.match(r"(.*):(\d\d) (\S+)$", said["time"]).groups()
    wanted["@timestamp"] = iso(int(datetime.datetime.strptime(f"{minute} {zone}", "%d/%b/%Y:%H:%M %z").timestamp() + int(second)) * 1000)
    for target, name in (
        ("client.ip", "remote_ip"),
        ("client.address", "remote_ip"),
        ("client.user.id", "requester"),
        ("event.id", "request_id"),
        ("event.action", "operation"),
        ("event.code", "error_code"),
        ("http.response.status_code", "http_status"),
        ("http.response.body.bytes", "bytes_sent"),
        ("http.request.referrer", "referrer"),
        ("tls.cipher", "cipher_suite"),
        ("user_agent.original", "user_agent"),
    ):
        wanted[target] = said.get(name)
    wanted["event.outcome"] = "failure" if "error_code" in said else "success"
    wanted["event.duration"] = said["total_time"] * 1_000_000 if "total_time" in said else None
    wanted |= {
        "related.user": [said["bucket_owner"]],
        "related.ip": [said["remote_ip"]] if "remote_ip" in said else None,
        **tls(said.get("tls_version")),
    }
    if found := re.match(r"(\S+) (\S+) HTTP/(\S+)$", said.get("request_uri", "")):
        wanted |= {"http.request.method": found[1], "http.version": found[3], **url(found[2], path_only=True)}
    if found := re.match(r"(?:.*\.)?s3\.([a-z]{2}-[^.]+)\.", said.get("host_header", "")):
        wanted["cloud.region"] = found[1]
    return wanted


def said_only(value):
    """Objects without what says nothing; elements of lists stay."""
    if isinstance(value, dict):
        return {key: inner for key, inner in ((key, said_only(inner)) for key, inner in value.items()) if not empty(inner) and inner != "-"}
    return [said_only(inner) for inner in value] if isinstance(value, list) else value


WAF = {
    "httpRequest.clientIp": "source.ip",
    "httpRequest.fragment": "url.fragment",
    "httpRequest.host": "host.domain",
    "httpRequest.requestId": "http.request.id",
    "httpRequest.scheme": "url.scheme",
    "httpRequest.httpMethod": "http.request.method",
    "httpRequest.args": "url.query",
    "httpRequest.uri": "url.path",
    "ja3Fingerprint": "tls.client.ja3",
    "ja4Fingerprint": "aws.waf.ja4_fingerprint",
    "labels": "aws.waf.labels",
    "oversizeFields": "aws.waf.oversize_fields",
    "terminatingRuleMatchDetails": "aws.waf.terminating_rule_match_details",
    "ruleGroupList": "aws.waf.rule_group_list",
    "rateBasedRuleList": "aws.waf.rate_based_rule_list",
    "nonTerminatingMatchingRules": "aws.waf.non_terminating_matching_rules",
    "action": "event.action",
    "webaclId": "aws.waf.arn",
    "terminatingRuleId": "rule.id",
    "terminatingRuleType": "rule.ruleset",
    "httpSourceName": "aws.waf.source.name",
    "httpSourceId": "aws.waf.source.id",
    "requestBodySize": "aws.waf.request_body_size",
    "requestBodySizeInspectedByWAF": "aws.waf.request_body_size_inspected_by_waf",
    "responseCodeSent": "aws.waf.response_code_sent",
    "httpRequest.country": "source.geo.country_iso_code",
}


def waf(raw):
    record = said_only(raw)
    wanted = {target: at(record, source) for source, target in WAF.items()}
    wanted |= {
        "event.kind": "alert",
        "event.category": ["web", "network"],
        "cloud.provider": "aws",
        "aws.waf.format_version": str(record["formatVersion"]),
    }
    wanted["event.type"] = ["access", *{"ALLOW": ["allowed"], "BLOCK": ["denied"]}.get(record.get("action"), [])]
    wanted["related.ip"] = [record["httpRequest"]["clientIp"]]
    if "timestamp" in record:
        wanted["@timestamp"] = iso(record["timestamp"])
    if version := at(record, "httpRequest.httpVersion"):
        protocol, _, number = version.partition("/")
        wanted |= {"network.protocol": protocol.lower(), "http.version": number, "network.transport": "tcp" if protocol == "HTTP" else None}
    for header in at(record, "httpRequest.headers") or []:
        wanted[("aws.waf.request.headers", header["name"])] = header.get("value")
    if found := re.match(r"arn:[^:]*:([^:]*):([^:]*):([^:]*):(.*)", record.get("webaclId", "")):
        wanted |= dict(zip(("cloud.service.name", "cloud.region", "cloud.account.id", "aws.waf.id"), found.groups()))
    return wanted


def route53_resolver_logs(raw):
    name, kind = raw["query_name"].removesuffix("."), raw.get("query_type")
    wanted = {
        "event.kind": "event",
        "event.category": ["network"],
        "event.type": ["protocol"],
        "cloud.provider": "aws",
        "network.protocol": "dns",
    }
    for source, target in (
        ("account_id", "cloud.account.id"),
        ("region", "cloud.region"),
        ("vpc_id", "aws.vpc_id"),
        ("srcids.instance", "aws.instance_id"),
        ("srcids.instance", "cloud.instance.id"),
        ("query_class", "dns.question.class"),
        ("query_type", "dns.question.type"),
        ("rcode", "dns.response_code"),
        ("srcaddr", "source.address"),
        ("srcaddr", "source.ip"),
        ("firewall_rule_action", "aws.route53.firewall.action"),
        ("firewall_rule_group_id", "aws.route53.firewall.rule_group.id"),
        ("firewall_domain_list_id", "aws.route53.firewall.domain_list.id"),
    ):
        wanted[target] = at(raw, source)
    wanted |= {"dns.question.name": name, "@timestamp": moment(raw["query_timestamp"])}
    wanted["event.outcome"] = "success" if raw.get("rcode") == "NOERROR" else "failure"
    wanted |= {
        "network.transport": raw["transport"].lower(),
        "network.iana_number": {"udp": "17", "tcp": "6"}.get(raw["transport"].lower()),
    }
    wanted |= {"source.port": int(raw["srcport"]), "network.type": "ipv6" if ":" in raw["srcaddr"] else "ipv4"}
    addresses, hosts, answers = [], [], []
    for answer in raw.get("answers") or []:
        data = answer.get("Rdata", "").removesuffix(".")
        answers.append(
            {key: value for key, value in (("class", answer.get("Class")), ("type", answer.get("Type")), ("data", data)) if value}
        )
        if answer.get("Type") == "CNAME":
            answers[-1]["name"] = data
        addresses += [data] if answer.get("Type") in ("A", "AAAA") else []
        hosts += [data] if answer.get("Type") in ("CNAME", "PTR") else []
    if kind != "PTR":
        hosts.append(name)
    reverse = (
        [".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))] if kind == "PTR" and name.endswith(".in-addr.arpa") else []
    )
    wanted |= {
        "dns.answers": answers,
        "related.ip": list(dict.fromkeys([*addresses, raw["srcaddr"], *reverse])),
        "related.hosts": list(dict.fromkeys(hosts)),
    }
    return wanted


# Names of GuardDuty's keys that are not their snake case, by the end of their path.
GUARDDUTY = {
    "accessKeyDetails.accessKeyId": "accesskey_id",
    "accessKeyDetails.userName": "user.name",
    "accessKeyDetails.userType": "user.type",
    "instanceDetails.instanceId": "instance.id",
    "instanceDetails.instanceType": "instance.type",
    "instanceDetails.instanceState": "instance.state",
    "instanceDetails.imageId": "image.id",
    "instanceDetails.imageDescription": "image.description",
    "instanceDetails.iamInstanceProfile": "iaminstance_profile",
    "city.cityName": "name",
    "country.countryName": "name",
    "country.countryCode": "code",
    "organization.asnOrg": "asnorg",
    "localPortDetails.port": "port.value",
    "localPortDetails.portName": "port.name",
    "remotePortDetails.port": "port.value",
    "remotePortDetails.portName": "port.name",
    "networkConnectionAction.protocol": "transport",
    "action.actionType": "type",
    "resource.resourceType": "type",
    "service.eventFirstSeen": "event.first_seen",
    "service.eventLastSeen": "event.last_seen",
}
TIMES = {"createdAt", "updatedAt", "eventFirstSeen", "eventLastSeen", "launchTime"}


def guardduty(raw):
    raw = pruned(raw.get("detail", raw))
    own = {}

    def walk(value, path, before):
        for key, inner in value.items():
            name = GUARDDUTY.get(f"{before}.{key}") or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
            if isinstance(inner, dict) and key not in ("additionalInfo", "affectedResources"):
                walk(inner, f"{path}.{name}", key)
            elif not isinstance(inner, (list, dict)):
                own[f"{path}.{name}"] = moment(inner) if key in TIMES else inner

    walk({key: value for key, value in raw.items() if key != "severity"}, "aws.guardduty", "")
    severity = raw["severity"]
    wanted = own | {
        "aws.guardduty.severity.code": severity,
        "event.severity": int(severity),
        "event.kind": ["alert"],
        "event.type": ["info"],
    }
    for source, target in (
        ("updated_at", "@timestamp"),
        ("description", "message"),
        ("account_id", "cloud.account.id"),
        ("partition", "cloud.provider"),
        ("region", "cloud.region"),
        ("service.service_name", "cloud.service.name"),
        ("service.action.type", "event.action"),
        ("created_at", "event.created"),
        ("service.event.first_seen", "event.start"),
        ("service.event.last_seen", "event.end"),
        ("id", "event.id"),
        ("resource.instance_details.instance.id", "cloud.instance.id"),
        ("type", "rule.name"),
        ("resource.instance_details.instance.id", "host.id"),
        ("resource.instance_details.instance.type", "host.type"),
        ("service.action.aws_api_call_action.service_name", "event.provider"),
    ):
        wanted[target] = own.get(f"aws.guardduty.{source}")
    wanted["rule.ruleset"] = re.match(r"\w+:\w+", raw["type"])[0]
    wanted["rule.category"] = raw["type"].partition(":")[0]
    return wanted


MAPPINGS = {
    "cloudtrail": cloudtrail,
    "vpcflow": vpcflow,
    "elb_logs": elb_logs,
    "s3access": s3access,
    "waf": waf,
    "route53_resolver_logs": route53_resolver_logs,
    "guardduty": guardduty,
}


def found_at(document, path):
    if isinstance(path, tuple):
        return (at(document, path[0]) or {}).get(path[1])
    return at(document, path)


def main():
    if not LOGS.is_dir():
        print(f"ecs_documents: skipped, {LOGS} is not there")
        return 0
    agreed, total, differ = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for folder in FOLDERS:
        done = subprocess.run([BIN, "convert", "--to", "ecs", LOGS / folder], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            document = json.loads(line)
            log = document["event"]["dataset"].removeprefix("aws.")
            original = document["event"].get("original", "")
            # What Security Lake has turned into OCSF is another record than the log's own.
            if log not in MAPPINGS or document["log"]["file"]["path"].endswith(".parquet"):
                continue
            record = json.loads(original) if original.lstrip().startswith("{") else original
            for path, value in (MAPPINGS[log](record) or {}).items():
                if empty(value):
                    continue
                total[log] += 1
                if found_at(document, path) == value:
                    agreed[log] += 1
                else:
                    differ[log, path].append((value, found_at(document, path)))
    failed = 0
    for log in MAPPINGS:
        share = agreed[log] * 1000 // max(1, total[log])
        good = total[log] > 0 and share >= ON_RECORD[log]
        failed += not good
        print(
            f"{'ok  ' if good else 'FAIL'} ECS, {log}: {agreed[log]} of {total[log]} fields agree (on record: >= {ON_RECORD[log] / 10} %)"
        )
    for (log, path), cases in sorted(differ.items(), key=lambda entry: -len(entry[1])):
        print(f"     {log} {path}: {len(cases)} times, the mapping says {str(cases[0][0])[:200]}, the document {str(cases[0][1])[:200]}")
    return failed > 0


sys.exit(main())
