"""Security Hub."""

import collections

from .answers import Panels, Top
from .flows import over_time, ranked
from .logs import get
from .web_logs import newest

panels = Panels()


def at(path):
    return lambda finding: get(finding, path)


severity, status, workflow, control = at("Severity.Label"), at("Compliance.Status"), at("Workflow.Status"), at("Compliance.SecurityControlId")
types = lambda finding: ",".join(finding["Types"])
resource = lambda name: lambda finding: finding["Resources"][0][name]


def is_open(logs):
    return [f for f in logs.security_hub if workflow(f) in ("NEW", "NOTIFIED") and f["RecordState"] == "ACTIVE"]


def findings(records, most, *keys):
    """Different findings by keys, most first."""
    found = collections.defaultdict(set)
    for finding in records:
        found[tuple(key(finding) for key in keys)].add(finding["Id"])
    return Top([(*values, len(ids)) for values, ids in found.items()], most, lambda row: -row[-1])


for label in ("CRITICAL", "HIGH", "MEDIUM", "LOW"):
    panels.of(label.lower())(lambda logs, label=label: [(len({f["Id"] for f in is_open(logs) if severity(f) == label}),)])
panels.of("over-time")(lambda logs: over_time(logs, "security_hub", logs.security_hub, severity))
panels.of("products")(lambda logs: findings(is_open(logs), 10, at("ProductName")))
panels.of("compliance-over-time")(lambda logs: over_time(logs, "security_hub", [f for f in logs.security_hub if status(f)], status))
panels.of("types")(lambda logs: findings(is_open(logs), 20, types, severity))
panels.of("resources")(lambda logs: findings(is_open(logs), 20, resource("Type"), resource("Id")))

for panel, key in {
    "compliance": status,
    "workflow": workflow,
    "states": at("RecordState"),
    "accounts": at("AwsAccountId"),
    "regions": at("Region"),
}.items():
    panels.of(panel)(lambda logs, key=key: ranked(logs.security_hub, key))


@panels.of("failed-controls")
def failed_controls(logs):
    found = collections.defaultdict(lambda: (set(), set()))
    for finding in logs.security_hub:
        if status(finding) == "FAILED":
            found[control(finding)][0].add(finding["Id"])
            found[control(finding)][1].add(finding["AwsAccountId"])
    return Top([(name, len(ids), len(accounts)) for name, (ids, accounts) in found.items()], 20, lambda row: -row[1])


@panels.of("recent")
def recent(logs):
    keys = (severity, at("ProductName"), at("Title"), at("AwsAccountId"), at("Region"), resource("Type"), resource("Id"), workflow)
    return newest("security_hub", logs.security_hub, 100, *keys)
