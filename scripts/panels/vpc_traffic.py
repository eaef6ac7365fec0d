"""VPC traffic."""

from .answers import Panels
from .flows import over_time, ranked, summed
from .places import place

panels = Panels()
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}


def flows(logs):
    return [flow for flow in logs.vpc_flow if flow["log-status"] == "OK"]


def field(name):
    return lambda flow: flow[name]


def number(name):
    return lambda flow: int(flow[name])


@panels.of("flows")
def all_flows(logs):
    return [(len(flows(logs)),)]


@panels.of("bytes")
def total_bytes(logs):
    return [(sum(map(number("bytes"), flows(logs))),)]


@panels.of("packets")
def total_packets(logs):
    return [(sum(map(number("packets"), flows(logs))),)]


@panels.of("bytes-over-time")
def bytes_over_time(logs):
    return over_time(logs, "vpc_flow", flows(logs), field("action"), number("bytes"))


@panels.of("packets-over-time")
def packets_over_time(logs):
    return over_time(logs, "vpc_flow", flows(logs), field("action"), number("packets"))


for panel, key in {
    "top-destination-ports": field("dstport"),
    "top-sources": field("srcaddr"),
    "top-destinations": field("dstaddr"),
    "by-protocol": lambda flow: PROTOCOLS[flow["protocol"]],
    "by-interface": field("interface-id"),
    "source-countries": lambda flow: place(flow["srcaddr"]).country,
    "destination-countries": lambda flow: place(flow["dstaddr"]).country,
}.items():
    panels.of(panel)(lambda logs, key=key: summed(flows(logs), key, number("bytes")))

for panel, name in {"by-direction": "flow-direction", "by-account": "account-id", "by-region": "region"}.items():
    panels.of(panel)(lambda logs, name=name: ranked(flows(logs), field(name)))
