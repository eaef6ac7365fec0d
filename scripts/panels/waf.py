"""AWS WAF."""

import collections

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .logs import get
from .web_logs import newest, split, top_countries

panels = Panels()


def at(path):
    return lambda request: get(request, path) or None


def header(name):
    return lambda request: next((h["value"] for h in get(request, "httpRequest.headers") if h["name"].lower() == name), None)


def acl(part):
    return lambda request: request["webaclId"].split(":")[part]


def name_of_acl(request):
    return request["webaclId"].split("/webacl/")[1].split("/")[0]


action, rule, client, uri = at("action"), at("terminatingRuleId"), at("httpRequest.clientIp"), at("httpRequest.uri")
is_blocked = lambda request: action(request) == "BLOCK"
blocked = lambda logs: list(filter(is_blocked, logs.waf))

panels.of("requests")(lambda logs: [(len(logs.waf),)])
panels.of("blocked")(lambda logs: [(len(blocked(logs)),)])
panels.of("clients")(lambda logs: [(len(set(map(client, logs.waf))),)])
panels.of("blocked-clients")(lambda logs: [(len(set(map(client, blocked(logs)))),)])
panels.of("over-time")(lambda logs: over_time(logs, "waf", logs.waf, action))
panels.of("rules")(lambda logs: split(logs.waf, rule, is_blocked, 15))
panels.of("rule-types")(lambda logs: ranked(blocked(logs), at("terminatingRuleType")))
panels.of("source-map")(lambda logs: located(blocked(logs), client))
panels.of("countries")(lambda logs: top_countries(logs.waf, client))
panels.of("sources")(lambda logs: ranked(blocked(logs), client))

for panel, key in {
    "actions": action,
    "agents": header("user-agent"),
    "methods": at("httpRequest.httpMethod"),
    "versions": at("httpRequest.httpVersion"),
    "hosts": header("host"),
    "acls": name_of_acl,
    "accounts": acl(4),
    "regions": acl(3),
}.items():
    panels.of(panel)(lambda logs, key=key: ranked(logs.waf, key))


@panels.of("uris")
def uris(logs):
    all_of, refused = collections.Counter(map(uri, logs.waf)), collections.Counter(map(uri, blocked(logs)))
    return Top([(path, refused[path], n) for path, n in all_of.items()], 20, lambda row: (-row[1], -row[2]))


@panels.of("recent")
def recent(logs):
    from .places import place

    country = lambda request: place(client(request)).country
    return newest("waf", logs.waf, 100, action, rule, name_of_acl, at("httpRequest.httpMethod"), header("host"), uri, client, country)
