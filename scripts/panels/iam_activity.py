"""IAM Activity."""

import collections

from .answers import Panels, Top
from .cloudtrail import called, count, counted, detail, failed, grouped, is_iam, last, over_time, places, several, top
from .logs import actor, get, outcome

panels = Panels()


def iam(logs):
    return [event for event in logs.cloudtrail if is_iam(event)]


@panels.of("error-events")
def error_events(logs):
    return count(iam(logs), failed)


@panels.of("unauthorized-events")
def unauthorized_events(logs):
    return count(iam(logs), lambda e: outcome(e) == "unauthorized")


@panels.of("iam-events")
def iam_events(logs):
    return count(iam(logs))


@panels.of("iam-users")
def iam_users(logs):
    return [(len({actor(event) for event in iam(logs)} - {None}),)]


@panels.of("iam-error-activity")
def iam_error_activity(logs):
    times = collections.defaultdict(list)
    for e in filter(failed, iam(logs)):
        asked = [get(e, f"requestParameters.{key}") for key in ("userName", "roleName", "groupName", "policyArn")]
        target = next((value for value in asked if value is not None), "-")
        times[e["errorCode"], e.get("errorMessage") or "-", e["eventName"], actor(e) or "-", target].append(e["eventTime"])
    return [(*key, len(found), min(found), max(found)) for key, found in times.items()]


@panels.of("event-details")
def event_details(logs):
    return detail(iam(logs))


@panels.of("event-source")
def event_source(logs):
    return places(iam(logs))


@panels.of("activity-by-user")
def activity_by_user(logs):
    found = collections.defaultdict(collections.Counter)
    for event in iam(logs):
        if actor(event) is not None:
            found[actor(event)][outcome(event)] += 1
    rows = [(user, n["success"], n["failure"], n["unauthorized"]) for user, n in found.items()]
    return Top(rows, 15, lambda row: (-row[3], -row[2], -row[1]))


@panels.of("iam-actions")
def iam_actions(logs):
    return top(iam(logs), "eventName", 15)


@panels.of("success-failure")
def success_failure(logs):
    return counted(iam(logs), outcome)


@panels.of("iam-actions-over-time")
def iam_actions_over_time(logs):
    return over_time(logs, iam(logs), "eventName", 8)


@panels.of("recent-iam")
def recent_iam(logs):
    groups = collections.defaultdict(list)
    for event in iam(logs):
        groups[event["eventName"], actor(event) or "-", event["recipientAccountId"]].append(event)
    rows = [
        (*key, len(found), min(e["eventTime"] for e in found), max(e["eventTime"] for e in found),
         tuple(sorted({outcome(e) for e in found})), tuple(sorted({e["sourceIPAddress"] for e in found if "sourceIPAddress" in e})))
        for key, found in groups.items()
    ]
    return Top(rows, 100, lambda row: tuple(-ord(letter) for letter in row[5]))


def asked(key):
    return lambda e: get(e, f"requestParameters.{key}")


def either(*ways):
    return lambda e: next((way(e) for way in ways if way(e) is not None), None)


def changed(id, names, *columns):
    """A table of changes: event, columns, user, how many, when last, how they ended."""

    def answer(logs):
        own = called(*names.split())
        found = grouped(filter(own, iam(logs)), lambda e: (e["eventName"], *(column(e) or "-" for column in columns), actor(e) or "-"))
        return [(*key, len(events), last(events), several(events, outcome)) for key, events in found.items()]

    panels.of(id)(answer)


POLICY = either(asked("policyArn"), asked("policyName"))
changed(
    "policy-changes",
    "CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion SetDefaultPolicyVersion Put*Policy Attach*Policy Detach*Policy "
    "DeleteUserPolicy DeleteRolePolicy DeleteGroupPolicy",
    POLICY,
    either(asked("userName"), asked("roleName"), asked("groupName")),
)
changed(
    "role-changes",
    "CreateRole DeleteRole UpdateRole UpdateAssumeRolePolicy CreateServiceLinkedRole DeleteServiceLinkedRole",
    either(asked("roleName"), asked("aWSServiceName")),
)
changed("user-changes", "CreateUser DeleteUser UpdateUser", asked("userName"))
changed(
    "access-key-changes",
    "CreateAccessKey DeleteAccessKey UpdateAccessKey",
    asked("userName"),
    either(lambda e: get(e, "responseElements.accessKey.accessKeyId"), asked("accessKeyId")),
    either(asked("status"), lambda e: get(e, "responseElements.accessKey.status")),
)
changed("login-profile-changes", "*LoginProfile ChangePassword *MFADevice UpdateAccountPasswordPolicy DeleteAccountPasswordPolicy", asked("userName"))
changed(
    "group-changes",
    "CreateGroup DeleteGroup UpdateGroup AttachGroupPolicy DetachGroupPolicy PutGroupPolicy DeleteGroupPolicy",
    asked("groupName"),
    POLICY,
)
changed("membership-changes", "AddUserToGroup RemoveUserFromGroup", asked("groupName"), asked("userName"))
