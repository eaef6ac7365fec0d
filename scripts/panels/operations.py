"""Operations."""

import re

from .answers import Panels, Top
from .cloudtrail import by_outcome, called, count, counted, detail, failed, first, grouped, last, newest_first, over_time, places, several, top
from .logs import actor, get, instant, outcome

panels = Panels()
MADE, ENDED = called("Create*", "Run*", "Launch*", "Allocate*"), called("Delete*", "Terminate*", "Release*")


def done(logs, condition):
    return [e for e in logs.cloudtrail if outcome(e) == "success" and condition(e)]


def instances(events, section):
    """How many instances these events name; None where none does."""
    found = [len(get(e, f"{section}.instancesSet.items") or []) for e in events]
    return [(sum(found) or None,)]


def kinds(logs, condition, verbs):
    return top(done(logs, condition), lambda e: (re.match(f"(?:{verbs})(.+)", e["eventName"]) or [None, None])[1], 12)


def good_and_bad(logs, *names):
    found = grouped(filter(called(*names), logs.cloudtrail), actor)
    good = lambda events: sum(outcome(e) == "success" for e in events)
    return Top([(who, good(events), len(events) - good(events)) for who, events in found.items()], 10, lambda row: (-row[2], -row[1]))


panels.of("created")(lambda logs: count(done(logs, MADE)))
panels.of("deleted")(lambda logs: count(done(logs, ENDED)))
panels.of("launched")(lambda logs: instances(done(logs, called("RunInstances", "StartInstances")), "responseElements"))
panels.of("terminated")(lambda logs: instances(done(logs, called("TerminateInstances", "StopInstances")), "requestParameters"))
panels.of("changes")(lambda logs: count(logs.cloudtrail, lambda e: e.get("readOnly") is False))
panels.of("failed-changes")(lambda logs: count(logs.cloudtrail, lambda e: e.get("readOnly") is False and failed(e)))
panels.of("created-types")(lambda logs: kinds(logs, MADE, "Create|Run|Launch|Allocate"))
panels.of("deleted-types")(lambda logs: kinds(logs, ENDED, "Delete|Terminate|Release"))
panels.of("launched-by-user")(lambda logs: good_and_bad(logs, "RunInstances", "StartInstances"))
panels.of("terminated-by-user")(lambda logs: good_and_bad(logs, "TerminateInstances", "StopInstances"))
panels.of("services-over-time")(lambda logs: over_time(logs, [e for e in logs.cloudtrail if e.get("eventSource")], "eventSource"))
panels.of("regions-over-time")(lambda logs: over_time(logs, [e for e in logs.cloudtrail if e.get("awsRegion")], "awsRegion"))
panels.of("resource-timeline")(lambda logs: over_time(logs, logs.cloudtrail, "eventName"))
panels.of("event-details")(lambda logs: detail(logs.cloudtrail))
panels.of("event-source")(lambda logs: places(logs.cloudtrail))


@panels.of("created-deleted")
def created_deleted(logs):
    verb = lambda e: re.match("Create|Run|Delete|Terminate", e.get("eventName") or "")
    return over_time(logs, done(logs, verb), lambda e: f"{verb(e)[0]}*")


@panels.of("reads-writes")
def reads_writes(logs):
    return [("read" if reads else "change", reads, number) for reads, number in counted(logs.cloudtrail, "readOnly")]


# Where events name what they change, the first that is there counts.
NAMED = (
    "requestParameters.instanceId requestParameters.instancesSet.items responseElements.instancesSet.items requestParameters.volumeId "
    "responseElements.volumeId requestParameters.snapshotId responseElements.snapshotId requestParameters.groupId responseElements.groupId "
    "requestParameters.bucketName requestParameters.functionName requestParameters.dBInstanceIdentifier requestParameters.tableName "
    "requestParameters.keyId requestParameters.roleName requestParameters.userName"
).split()


def resource(event):
    for path in NAMED:
        found = get(event, path)
        found = (found[0].get("instanceId") if found else None) if isinstance(found, list) else found
        if found is not None:
            return found
    return None


@panels.of("resources")
def resources(logs):
    changed = [e for e in logs.cloudtrail if e.get("readOnly") is False and e.get("eventName") and not e["eventName"].startswith("AssumeRole")]
    found = grouped([e for e in changed if resource(e) and e.get("eventSource")], lambda e: (resource(e), e["eventSource"]))
    rows = [(*key, len(events), len(several(events, actor)), first(events), last(events), several(events, "eventName")) for key, events in found.items()]
    return newest_first(rows, 100, 5)
