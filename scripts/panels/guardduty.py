"""GuardDuty."""

from .answers import Panels, Top
from .flows import located, over_time, ranked
from .logs import get, iso, when

panels = Panels()


def field(path):
    return lambda finding: get(finding, path)


def severity(finding):
    score = finding["severity"]
    return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"


def remote(finding):
    return get(finding, "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4")


for level in ("critical", "high", "medium", "low"):
    panels.of(level)(lambda logs, level=level: [(sum(1 for f in logs.guardduty if severity(f) == level),)])


@panels.of("over-time")
def findings_over_time(logs):
    return over_time(logs, "guardduty", logs.guardduty, severity)


for panel, (key, most) in {
    "archived": (lambda f: "archived" if get(f, "service.archived") else "active", 10),
    "types": (field("type"), 50),
    "purposes": (lambda f: f["type"].split(":")[0], 30),
    "sources": (remote, 20),
    "accounts": (field("accountId"), 10),
    "regions": (field("region"), 10),
    "resource-types": (field("resource.resourceType"), 10),
    "users": (field("resource.accessKeyDetails.userName"), 10),
}.items():
    panels.of(panel)(lambda logs, key=key, most=most: ranked(logs.guardduty, key, most))


@panels.of("source-map")
def source_map(logs):
    return located([f for f in logs.guardduty if remote(f)], remote)


@panels.of("recent")
def recent(logs):
    rows = [
        (iso(when("guardduty", f)), severity(f), f["severity"], f["type"], f["accountId"], f["region"], remote(f), get(f, "service.count"),
         get(f, "service.archived"), True if f["title"].startswith("[SAMPLE]") or get(f, "service.additionalInfo.sample") else None)
        for f in logs.guardduty
    ]
    return Top(rows, 100, lambda row: tuple(-ord(letter) for letter in row[0]))
