"""The 14 CloudWatch controls, verbatim, over the CloudTrail corpora: the program's counts beside those of a plain reading of
each control in Python. The exit code says whether any differs.

Usage: scripts/controls.py path/to/trailhound path/to/shared
Without the corpora it says so and passes.
"""

import glob
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SETS = ("invictus-2023", "stratus-red-team")
# Counts on record over these sets; a change of meaning changes one.
ON_RECORD = [0, 111, 2, 28, 15, 0, 0, 6, 0, 9, 0, 15, 40, 16]


def at(event, path):
    for key in path.split("."):
        event = event.get(key) if isinstance(event, dict) else None
    return event


def names(*found):
    return lambda e: e.get("eventName") in found


def of(source, *found):
    return lambda e: e.get("eventSource") == source and e.get("eventName") in found


def code(e):
    return str(e.get("errorCode") or "")


# What each control says, written down apart from its pattern.
CONTROLS = [
    lambda e: at(e, "userIdentity.type") == "Root" and at(e, "userIdentity.invokedBy") is None and e.get("eventType") != "AwsServiceEvent",
    lambda e: code(e).endswith("UnauthorizedOperation") or code(e).startswith("AccessDenied"),
    lambda e: e.get("eventName") == "ConsoleLogin"
    and at(e, "additionalEventData.MFAUsed") not in ("Yes", None)
    and at(e, "userIdentity.type") == "IAMUser"
    and at(e, "responseElements.ConsoleLogin") == "Success",
    of(
        "iam.amazonaws.com",
        *(f"{verb}{whose}Policy" for verb in ("Delete", "Put", "Attach", "Detach") for whose in ("Group", "Role", "User")),
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
    ),
    names("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    lambda e: e.get("eventName") == "ConsoleLogin" and e.get("errorMessage") == "Failed authentication",
    of("kms.amazonaws.com", "DisableKey", "ScheduleKeyDeletion"),
    of(
        "s3.amazonaws.com",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketCors",
        "PutBucketLifecycle",
        "PutBucketReplication",
        *(f"DeleteBucket{part}" for part in ("Policy", "Cors", "Lifecycle", "Replication")),
    ),
    of(
        "config.amazonaws.com",
        "StopConfigurationRecorder",
        "DeleteDeliveryChannel",
        "PutDeliveryChannel",
        "PutConfigurationRecorder",
    ),
    names(
        *(f"{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")),
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
    ),
    names(
        *(f"{verb}NetworkAcl{part}" for verb in ("Create", "Delete") for part in ("", "Entry")),
        "ReplaceNetworkAclEntry",
        "ReplaceNetworkAclAssociation",
    ),
    names(
        "CreateCustomerGateway",
        "DeleteCustomerGateway",
        *(f"{verb}InternetGateway" for verb in ("Attach", "Create", "Delete", "Detach")),
    ),
    of(
        "ec2.amazonaws.com",
        "CreateRoute",
        "CreateRouteTable",
        "ReplaceRoute",
        "ReplaceRouteTableAssociation",
        "DeleteRouteTable",
        "DeleteRoute",
        "DisassociateRouteTable",
    ),
    names(
        "CreateVpc",
        "DeleteVpc",
        "ModifyVpcAttribute",
        *(f"{verb}VpcPeeringConnection" for verb in ("Accept", "Create", "Delete", "Reject")),
        "AttachClassicLinkVpc",
        "DetachClassicLinkVpc",
        "DisableVpcClassicLink",
        "EnableVpcClassicLink",
    ),
]


def patterns(text):
    """The 14 patterns as the table of the controls has them."""
    rows = re.findall(r"^\| CloudWatch\.(\d+) \|[^|]*\| `(.*)` \|$", text, re.M)
    return [pattern.replace(r"\|", "|") for number, pattern in sorted(rows, key=lambda row: int(row[0]))]


def events(folder):
    seen = {}
    for path in sorted(glob.glob(f"{folder}/**/*.json*", recursive=True)):
        opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
        found = json.load(opened)
        for event in found.get("Records", []) if isinstance(found, dict) else found:
            seen[event["eventID"]] = event
    return seen.values()


def main():
    binary, shared = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    folders = [shared / "corpora/logs/cloudtrail" / name for name in SETS]
    table = shared / "spec/controls.md"
    if not table.exists() or not all(folder.exists() for folder in folders):
        print(f"skipped: {table} or the CloudTrail corpora are not there")
        return 0
    asked = patterns(table.read_text())
    everything = [event for folder in folders for event in events(folder)]
    expected = [sum(map(control, everything)) for control in CONTROLS]
    with tempfile.TemporaryDirectory() as place:
        lake = f"{place}/lake"
        # A corpus may hold what goes to quarantine; the counts tell whether anything is missing.
        subprocess.run([binary, "ingest", "--lake", lake, *map(str, folders)], cwd=place, stdout=subprocess.DEVNULL)
        got = []
        for pattern in asked:
            answer = subprocess.run(
                [binary, "query", "--lake", lake, "--lang", "filter", "--limit", "1000000", "--format", "json", pattern],
                cwd=place,
                capture_output=True,
                text=True,
                check=True,
            )
            got.append(len(answer.stdout.splitlines()))
    print("controls: program ", got)
    print("controls: computed", expected)
    bad = [n + 1 for n in range(14) if not (len(got) == 14 and got[n] == expected[n] == ON_RECORD[n])]
    print(f"controls: {14 - len(bad)} passed, {len(bad)} failed" + (f": CloudWatch.{bad}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
