"""Network and security changes."""

import json
import re

from .answers import Panels, Top
from .cloudtrail import by_outcome, called, count, detail, failed, first, grouped, last, newest_first, over_time, places, several
from .logs import actor, get, instant, outcome

panels = Panels()
KINDS = {
    "vpc-changes": "CreateVpc DeleteVpc ModifyVpcAttribute *VpcPeeringConnection CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint CreateSubnet DeleteSubnet ModifySubnetAttribute *tachClassicLinkVpc *ableVpcClassicLink",
    "security-group-changes": "CreateSecurityGroup DeleteSecurityGroup AuthorizeSecurityGroup* RevokeSecurityGroup* ModifySecurityGroupRules",
    "network-acl-changes": "CreateNetworkAcl* DeleteNetworkAcl* ReplaceNetworkAcl*",
    "gateway-changes": "CreateInternetGateway DeleteInternetGateway AttachInternetGateway DetachInternetGateway CreateNatGateway DeleteNatGateway CreateCustomerGateway DeleteCustomerGateway CreateVpn* DeleteVpn* CreateTransitGateway* DeleteTransitGateway*",
    "route-table-changes": "CreateRoute DeleteRoute ReplaceRoute CreateRouteTable DeleteRouteTable AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation",
    "key-pair-changes": "CreateKeyPair ImportKeyPair DeleteKeyPair",
}


def ec2(logs, *names):
    own = called(*names)
    return [e for e in logs.cloudtrail if e.get("eventSource") == "ec2.amazonaws.com" and own(e)]


def changes(logs):
    return ec2(logs, *" ".join(KINDS.values()).split())


for id, names in KINDS.items():
    panels.of(id)(lambda logs, names=names: count(ec2(logs, *names.split())))
panels.of("over-time")(lambda logs: over_time(logs, changes(logs), "eventName"))
panels.of("by-user")(lambda logs: by_outcome(changes(logs), actor, 15))
panels.of("event-details")(lambda logs: detail(ec2(logs, "*")))
panels.of("event-source")(lambda logs: places(ec2(logs, "*")))


@panels.of("open-groups")
def open_groups(logs):
    rows = []
    for e in ec2(logs, "AuthorizeSecurityGroupIngress"):
        rules = get(e, "requestParameters.ipPermissions.items") or []
        ranges = [r["cidrIp"] for rule in rules for r in get(rule, "ipRanges.items") or []]
        ranges += [r["cidrIpv6"] for rule in rules for r in get(rule, "ipv6Ranges.items") or []]
        if {"0.0.0.0/0", "::/0"} & set(ranges):
            of = lambda key: next((rule[key] for rule in rules if key in rule), "-")
            group = get(e, "requestParameters.groupId") or get(e, "requestParameters.groupName")
            rows.append((e["eventTime"], group, of("ipProtocol"), of("fromPort"), of("toPort"), ranges, actor(e) or "-", outcome(e), e["recipientAccountId"], e["awsRegion"], e["eventID"]))
    return rows


@panels.of("open-acls")
def open_acls(logs):
    rows = []
    for e in ec2(logs, "CreateNetworkAclEntry", "ReplaceNetworkAclEntry"):
        asked = e.get("requestParameters") or {}
        if asked.get("ruleAction") == "allow" and asked.get("egress") is False and "0.0.0.0/0" == asked.get("cidrBlock"):
            rows.append((e["eventTime"], asked.get("networkAclId"), asked.get("ruleNumber"), asked.get("aclProtocol"), actor(e) or "-", outcome(e), e["eventID"]))
    return rows


@panels.of("key-pairs")
def key_pairs(logs):
    found = grouped(ec2(logs, "*KeyPair"), lambda e: (e["eventName"], get(e, "requestParameters.keyName") or "-", actor(e) or "-"))
    return [(*key, len(events), last(events), several(events, outcome)) for key, events in found.items()]


@panels.of("short-lived")
def short_lived(logs):
    target = lambda e: get(e, "requestParameters.groupId") or get(e, "responseElements.groupId") or get(e, "requestParameters.keyName")
    names = called("AuthorizeSecurityGroup*", "RevokeSecurityGroup*", "CreateSecurityGroup", "DeleteSecurityGroup", "CreateKeyPair", "ImportKeyPair", "DeleteKeyPair")
    rows = []
    for what, events in grouped([e for e in logs.cloudtrail if outcome(e) == "success" and names(e)], target).items():
        opened = [e for e in events if re.match("Authorize|Create|Import", e["eventName"])]
        closed = [e for e in events if re.match("Revoke|Delete", e["eventName"])]
        if opened and closed:
            minutes = (instant(last(closed)) - instant(first(opened))).total_seconds() / 60
            if 0 <= round(minutes, 1) <= 60:
                rows.append((what, several(events, "eventName"), several(events, actor), round(minutes, 1), first(opened), last(closed)))
    return rows


@panels.of("recent")
def recent(logs):
    found = grouped(changes(logs), lambda e: (e["eventName"], actor(e) or "-", e["recipientAccountId"]))
    rows = [(*key, len(events), first(events), last(events), several(events, outcome), several(events, "awsRegion")) for key, events in found.items()]
    return newest_first(rows, 100, 5)


@panels.of("errors")
def errors(logs):
    found = grouped(filter(failed, changes(logs)), lambda e: (e["eventName"], e["errorCode"], e.get("errorMessage") or "-", actor(e) or "-"))
    return [(*key, len(events), last(events)) for key, events in found.items()]
