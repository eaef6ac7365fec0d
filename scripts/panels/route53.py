"""Route 53 Resolver."""

import collections

from .answers import Panels, Top
from .flows import over_time, ranked
from .logs import get

panels = Panels()


def name(query):
    return query["query_name"].rstrip(".")


def field(path):
    return lambda query: get(query, path)


def unanswered(logs):
    return [query for query in logs.route53_resolver if query["rcode"] != "NOERROR"]


@panels.of("queries")
def queries(logs):
    return [(len(logs.route53_resolver),)]


@panels.of("domains")
def domains(logs):
    return [(len(set(map(name, logs.route53_resolver))),)]


@panels.of("failed")
def failed(logs):
    return [(len(unanswered(logs)),)]


@panels.of("over-time")
def queries_over_time(logs):
    return over_time(logs, "route53_resolver", logs.route53_resolver, field("rcode"))


@panels.of("failed-names")
def failed_names(logs):
    return ranked(unanswered(logs), name, 20)


for panel, (key, most) in {
    "rcodes": (field("rcode"), 10),
    "top-names": (name, 20),
    "sources": (field("srcaddr"), 10),
    "instances": (field("srcids.instance"), 10),
    "record-types": (field("query_type"), 10),
    "accounts": (field("account_id"), 10),
    "regions": (field("region"), 10),
}.items():
    panels.of(panel)(lambda logs, key=key, most=most: ranked(logs.route53_resolver, key, most))


@panels.of("rare-names")
def rare_names(logs):
    asked = collections.defaultdict(list)
    for query in logs.route53_resolver:
        asked[name(query)].append(get(query, "srcids.instance"))
    return Top([(key, len(set(found)), len(found)) for key, found in asked.items()], 20, lambda row: row[1:])
