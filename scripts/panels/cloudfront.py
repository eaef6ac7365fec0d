"""CloudFront."""

import collections
import urllib.parse

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .shared import first_account
from .web_logs import country, field, grouped, known, newest, number, numbers_over_time, total_bytes

panels = Panels()

status, client, result = field("sc-status"), field("c-ip"), field("x-edge-result-type")
sent = number("sc-bytes")


def agent(request):
    written = known(request, "cs(User-Agent)")
    return written and urllib.parse.unquote(written)


def seconds(request):
    return float(request["time-taken"])


panels.of("requests")(lambda logs: [(len(logs.cloudfront),)])
panels.of("errors")(lambda logs: [(sum(1 for r in logs.cloudfront if int(status(r)) >= 400),)])
panels.of("viewers")(lambda logs: [(len(set(map(client, logs.cloudfront))),)])
panels.of("sent")(lambda logs: total_bytes(logs.cloudfront, sent))
panels.of("status-over-time")(lambda logs: over_time(logs, "cloudfront", logs.cloudfront, status))
panels.of("bytes-over-time")(
    lambda logs: numbers_over_time(
        logs, "cloudfront", logs.cloudfront, sent=sent, received=number("cs-bytes")
    )
)
panels.of("source-map")(lambda logs: located(logs.cloudfront, client))
panels.of("paths")(
    lambda logs: grouped(logs.cloudfront, 20, lambda row: -row[-1], field("cs-method"), field("x-host-header"), field("cs-uri-stem"))
)

for panel, (key, most) in {
    "statuses": (status, 20),
    "results": (result, 10),
    "edges": (field("x-edge-location"), 10),
    "agents": (agent, 10),
    "sources": (client, 10),
    "schemes": (field("cs-protocol"), 10),
    "tls": (field("ssl-protocol"), 10),
}.items():
    panels.of(panel)(lambda logs, key=key, most=most: ranked(logs.cloudfront, key, most))
# The lines name neither: the file does, `cloudfront/ACCOUNT/DISTRIBUTION.DATE.…`.
panels.of("distributions")(lambda logs: ranked(logs.cloudfront, lambda request: request.file.split("/")[-1].split(".")[0]))
panels.of("accounts")(lambda logs: ranked(logs.cloudfront, first_account))


@panels.of("speed")
def speed(logs):
    found = collections.defaultdict(list)
    for request in logs.cloudfront:
        found[result(request)].append(seconds(request))
    rows = [(kind, len(times), sum(times) / len(times), max(times)) for kind, times in found.items()]
    return Top(rows, len(rows), lambda row: -round(row[2], 6))


@panels.of("country-speed")
def country_speed(logs):
    found = collections.defaultdict(float)
    for request in logs.cloudfront:
        if country(client)(request):
            found[country(client)(request)] = max(found[country(client)(request)], seconds(request))
    return Top(list(found.items()), 10, lambda row: -row[1])


@panels.of("recent")
def recent(logs):
    keys = [field(name) for name in ("x-host-header", "cs-method", "cs-uri-stem", "sc-status", "x-edge-result-type", "c-ip")]
    return newest("cloudfront", logs.cloudfront, 100, *keys, country(client))
