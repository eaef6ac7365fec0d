"""Network Firewall."""

import collections

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .logs import get
from .shared import first_account
from .web_logs import country, grouped, by_bytes, newest, numbers_over_time, total_bytes

panels = Panels()


def event(path):
    return lambda record: get(record, f"event.{path}")


kind, source, target, action = event("event_type"), event("src_ip"), event("dest_ip"), event("alert.action")
size = lambda record: event("netflow.bytes")(record) or 0
region = lambda record: record["availability_zone"][:-1]


def severity(record):
    return {1: "high", 2: "medium", 3: "low"}[event("alert.severity")(record)]


def alerts(logs):
    return [record for record in logs.network_firewall if kind(record) == "alert"]


def flows(logs):
    return [record for record in logs.network_firewall if kind(record) == "netflow"]


panels.of("alerts")(lambda logs: [(len(alerts(logs)),)])
panels.of("blocked")(lambda logs: [(sum(1 for r in alerts(logs) if action(r) == "blocked"),)])
panels.of("bytes")(lambda logs: total_bytes(flows(logs), size))
panels.of("verdicts-over-time")(lambda logs: over_time(logs, "network_firewall", alerts(logs), action))
panels.of("severities")(lambda logs: ranked(alerts(logs), severity))
panels.of("signatures")(
    lambda logs: grouped(alerts(logs), 20, lambda row: -row[-1], event("alert.signature_id"), event("alert.signature"), severity)
)
panels.of("sources")(lambda logs: ranked(alerts(logs), source))
panels.of("destinations")(lambda logs: ranked(alerts(logs), target))
panels.of("destination-map")(lambda logs: located(alerts(logs), target))
panels.of("destination-countries")(lambda logs: by_bytes(flows(logs), country(target), size))
panels.of("bytes-over-time")(lambda logs: numbers_over_time(logs, "network_firewall", flows(logs), bytes=size))
panels.of("protocols")(lambda logs: ranked(flows(logs), lambda r: event("proto")(r).lower()))
panels.of("regions")(lambda logs: ranked(logs.network_firewall, region))
panels.of("accounts")(lambda logs: ranked(logs.network_firewall, first_account))


@panels.of("connections")
def connections(logs):
    found = collections.defaultdict(lambda: [0, 0, 0])
    for record in flows(logs):
        sums = found[source(record), target(record), event("dest_port")(record)]
        for at, number in enumerate((1, event("netflow.pkts")(record), size(record))):
            sums[at] += number
    return Top([(*pair, *sums) for pair, sums in found.items()], 20, lambda row: -row[-1])


@panels.of("recent")
def recent(logs):
    keys = (severity, event("alert.signature"), action, source, target, event("dest_port"), lambda r: r["firewall_name"])
    return newest("network_firewall", alerts(logs), 100, *keys)
