"""Elastic Load Balancing."""

import collections

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .web_logs import field, grouped, newest, number, numbers_over_time, split, total_bytes

panels = Panels()

status, sent = field("elb_status_code"), number("sent_bytes")


def host_of(name):
    return lambda request: None if request[name] in ("-", "") else request[name].rpartition(":")[0]


client, target = host_of("client"), host_of("target")


def method(request):
    return request["request"].split()[0]


def url(request):
    """Host and path of the request line."""
    address = request["request"].split()[1].split("://", 1)[1]
    host, _, path = address.partition("/")
    return host.rsplit(":", 1)[0], "/" + path.split("?")[0]


failed = lambda request: int(status(request)) >= 400


def kind(request):
    return "alb" if request["type"] in ("http", "https", "h2", "grpcs", "ws", "wss") else "other"


def timed(logs):
    return [request for request in logs.elb if float(request["target_processing_time"]) >= 0]


arn = lambda part: lambda request: request["target_group_arn"].split(":")[part]

panels.of("requests")(lambda logs: [(len(logs.elb),)])
panels.of("client-errors")(lambda logs: [(sum(1 for r in logs.elb if 400 <= int(status(r)) < 500),)])
panels.of("server-errors")(lambda logs: [(sum(1 for r in logs.elb if int(status(r)) >= 500),)])
panels.of("sent")(lambda logs: total_bytes(logs.elb, sent))
panels.of("status-over-time")(lambda logs: over_time(logs, "elb", logs.elb, status))
panels.of("bytes-over-time")(
    lambda logs: numbers_over_time(logs, "elb", logs.elb, sent=sent, received=number("received_bytes"))
)
panels.of("balancers")(lambda logs: split(logs.elb, field("elb"), lambda r: not failed(r), 15, lambda row: (-row[2], -row[1])))
panels.of("targets")(lambda logs: ranked(list(filter(failed, logs.elb)), target))
panels.of("source-map")(lambda logs: located(logs.elb, client))
panels.of("paths")(lambda logs: grouped(logs.elb, 20, lambda row: -row[-1], lambda r: url(r)[0], lambda r: url(r)[1]))

for panel, key in {
    "kinds": kind,
    "sources": client,
    "agents": field("user_agent"),
    "methods": method,
    "tls": field("ssl_protocol"),
    "ciphers": field("ssl_cipher"),
    "accounts": arn(4),
    "regions": arn(3),
}.items():
    panels.of(panel)(lambda logs, key=key: ranked(logs.elb, key))


@panels.of("times")
def times(logs):
    """Means by bucket: sums over counts."""
    found = timed(logs)
    counts = collections.Counter(logs.bucket(at(request)) for request in found)
    share = lambda name: lambda request: float(request[name]) * 1000 / counts[logs.bucket(at(request))]
    names = {"request": "request_processing_time", "target": "target_processing_time", "response": "response_processing_time"}
    return numbers_over_time(logs, "elb", found, **{series: share(name) for series, name in names.items()})


def at(request):
    from .logs import when

    return when("elb", request)


@panels.of("groups")
def groups(logs):
    found = collections.defaultdict(list)
    for request in timed(logs):
        found[request["target_group_arn"]].append(float(request["target_processing_time"]) * 1000)
    return Top([(group, len(all_of), sum(all_of) / len(all_of)) for group, all_of in found.items()], 10, lambda row: -round(row[-1], 6))


@panels.of("recent")
def recent(logs):
    keys = (kind, field("elb"), status, method, lambda r: url(r)[0], lambda r: url(r)[1], client, target)
    return newest("elb", logs.elb, 100, *keys)
