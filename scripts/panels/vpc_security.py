"""VPC security."""

import collections

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .places import place
from .vpc_traffic import field, flows

panels = Panels()
VERDICTS = {"ACCEPT": "allowed", "REJECT": "blocked"}


def refused(logs):
    return [flow for flow in flows(logs) if flow["action"] == "REJECT"]


@panels.of("rejected")
def rejected(logs):
    return [(len(refused(logs)),)]


@panels.of("rejected-sources")
def rejected_sources(logs):
    return [(len({flow["srcaddr"] for flow in refused(logs)}),)]


@panels.of("remote-admin-accepted")
def remote_admin(logs):
    wanted = ("ACCEPT", "ingress")
    return [(sum(1 for f in flows(logs) if (f["action"], f["flow-direction"]) == wanted and f["dstport"] in ("22", "3389")),)]


@panels.of("over-time")
def verdicts(logs):
    return over_time(logs, "vpc_flow", flows(logs), field("action"))


@panels.of("source-map")
def source_map(logs):
    return located(flows(logs), field("srcaddr"), lambda flow: VERDICTS[flow["action"]])


for panel, key in {
    "rejected-ports": field("dstport"),
    "rejected-source-list": field("srcaddr"),
    "rejected-destination-list": field("dstaddr"),
    "rejected-interfaces": field("interface-id"),
    "rejected-countries": lambda flow: place(flow["srcaddr"]).country,
    "rejected-as": lambda flow: place(flow["srcaddr"]).org,
}.items():
    panels.of(panel)(lambda logs, key=key: ranked(refused(logs), key))


@panels.of("scanners")
def scanners(logs):
    tried = collections.defaultdict(list)
    for flow in refused(logs):
        tried[flow["srcaddr"]].append(flow["dstport"])
    return Top([(address, len(set(ports)), len(ports)) for address, ports in tried.items()], 20, lambda row: (-row[1], -row[2]))
