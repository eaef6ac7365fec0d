"""Threat hunting: all log types at once. What is the same in every record is computed here; the shared fields are not, as each log
type has its own rules for them, which the dashboards of the types are tested for.
"""

import collections

from .answers import Chart, Panels, Top
from .logs import KINDS, get, iso, table, when
from .more import LIST, LISTED

panels = Panels()


def records(logs):
    return [(kind, record) for kind in sorted({kind for _, kind in KINDS}) for record in getattr(logs, kind, [])]


@panels.of("events")
def events(logs):
    return [(len(records(logs)),)]


@panels.of("over-time")
def over_time(logs):
    found = [(when(kind, record), table(kind)) for kind, record in records(logs)]
    return Chart([(logs.bucket(at), kind, 1) for at, kind in found], logs.buckets())


@panels.of("types")
def types(logs):
    counts = collections.Counter(table(kind) for kind, _ in records(logs))
    return Top(list(counts.items()), 15, lambda row: -row[1])


# Where a record says who asked.
SOURCE = {
    "cloudtrail": "sourceIPAddress",
    "vpc_flow": "srcaddr",
    "cloudfront": "c-ip",
    "s3_access": "remote_ip",
    "waf": "httpRequest.clientIp",
    "network_firewall": "event.src_ip",
    "route53_resolver": "srcaddr",
    "guardduty": "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4",
}


def source(kind, record):
    if kind == "elb":
        return record["client"].rsplit(":", 1)[0]
    return get(record, SOURCE[kind]) if kind in SOURCE else None


@panels.of("listed")
def listed(logs):
    found = collections.defaultdict(list)
    for kind, record in records(logs):
        if source(kind, record) in LISTED:
            found[source(kind, record)].append((table(kind), iso(when(kind, record))))
    rows = [(address, LIST, len(seen), {kind for kind, _ in seen}, max(at for _, at in seen)) for address, seen in found.items()]
    return Top(rows, 50, lambda row: -row[2])


for panel in (
    "failures accounts regions outcomes source-map countries sources destinations systems users recent".split()
):
    panels.skip(panel, "shared field")
