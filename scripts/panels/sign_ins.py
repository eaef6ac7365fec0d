"""Sign-ins."""

import collections
import datetime
import math
import statistics

from .answers import Panels, Rows, Top
from .cloudtrail import called, count, counted, detail, first, grouped, last, newest_first, over_time, places, several
from .logs import actor, get, instant, outcome, source

panels = Panels()


def sign_ins(logs):
    return [e for e in logs.cloudtrail if e.get("eventName") == "ConsoleLogin"]


def result(event):
    return get(event, "responseElements.ConsoleLogin")


def mfa(event):
    return get(event, "additionalEventData.MFAUsed")


def user(event):
    """Who signed in, as Sumo Logic's users write it: the name, else what follows the colon of the principal id."""
    name = get(event, "userIdentity.userName")
    return name if name and name.strip() else (get(event, "userIdentity.principalId") or "").partition(":")[2] or None


def counts(id, condition):
    panels.of(id)(lambda logs: count(sign_ins(logs), condition))


own = lambda e: get(e, "userIdentity.type") in ("IAMUser", "Root")
counts("sign-ins", lambda e: True)
counts("failed", lambda e: result(e) == "Failure")
counts("without-mfa", lambda e: result(e) == "Success" and own(e) and mfa(e) != "Yes")
counts("root", lambda e: get(e, "userIdentity.type") == "Root")


@panels.of("users")
def users(logs):
    return [(len(set(several([e for e in sign_ins(logs) if result(e) == "Success"], actor))),)]


@panels.of("countries")
def countries(logs):
    return [(len(set(several(sign_ins(logs), lambda e: source(e).country))),)]


@panels.of("source-map")
def source_map(logs):
    return places(sign_ins(logs))


@panels.of("by-country")
def by_country(logs):
    found = grouped(sign_ins(logs), lambda e: source(e).country)
    good = lambda events: sum(outcome(e) == "success" for e in events)
    return [(country, good(events), len(events) - good(events)) for country, events in found.items()]


@panels.of("place-users")
def place_users(logs):
    key = lambda e: (actor(e) or "-", e["sourceIPAddress"], source(e).country, outcome(e))
    found = grouped([e for e in sign_ins(logs) if source(e).country], key)
    return [(*key, len(events), first(events), last(events), several(events, mfa)) for key, events in found.items()]


@panels.of("over-time")
def result_over_time(logs):
    return over_time(logs, sign_ins(logs), outcome)


@panels.of("results")
def results(logs):
    return counted(sign_ins(logs), result)


@panels.of("by-user-over-time")
def by_user_over_time(logs):
    return over_time(logs, sign_ins(logs), actor)


@panels.of("day-before")
def day_before(logs):
    """The same range a day earlier; the logs of the day before the range are asked for from outside it."""
    found = collections.Counter(map(result, sign_ins(logs)))
    day = datetime.timedelta(days=1)
    before = collections.Counter(result(e) for e in logs.before(day, "cloudtrail") if e.get("eventName") == "ConsoleLogin")
    return [(name, found[name], before[name] or None) for name in found]


@panels.of("by-country-user")
def by_country_user(logs):
    found = grouped(sign_ins(logs), lambda e: (e["sourceIPAddress"], user(e), result(e)))
    return [(who, *((at.country, at.city)), address, how, len(events)) for (address, who, how), events in found.items() for at in [source(events[0])]]


@panels.of("multiple-addresses")
def multiple_addresses(logs):
    rows = []
    for who, events in grouped(sign_ins(logs), actor).items():
        addresses = several(events, "sourceIPAddress")
        if len(addresses) > 1:
            rows.append((who, len(addresses), len(several(events, lambda e: source(e).country)), len(events), last(events)))
    return rows


@panels.of("no-mfa")
def no_mfa(logs):
    return [(*key, len(events)) for key, events in grouped([e for e in sign_ins(logs) if mfa(e) != "Yes" and mfa(e)], lambda e: (user(e), result(e))).items()]


def apart(one, other):
    """Kilometres between two places, by the haversine."""
    rad = math.radians
    h = math.sin(rad(other.lat - one.lat) / 2) ** 2 + math.cos(rad(one.lat)) * math.cos(rad(other.lat)) * math.sin(rad(other.lon - one.lon) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


@panels.of("impossible-travel")
def impossible_travel(logs):
    rows = []
    good = [e for e in sign_ins(logs) if outcome(e) == "success" and source(e).lat is not None]
    for who, events in grouped(good, actor).items():
        events.sort(key=lambda e: e["eventTime"])
        for before, now in zip(events, events[1:]):
            km = round(apart(source(before), source(now)))
            hours = (instant(now["eventTime"]) - instant(before["eventTime"])).total_seconds() / 3600
            if km > 500 and (hours == 0 or km / hours > 900):
                rows.append((now["eventTime"], who, source(before).country, source(now).country, km, round(hours, 1), now["sourceIPAddress"], now["eventID"]))
    return rows


def expected(logs, wanted):
    """Counts by bucket of all sign-ins, and what the ten buckets before let expect at most."""
    everything = sign_ins(logs)
    buckets = logs.buckets()
    found = collections.Counter(logs.bucket(instant(e["eventTime"])) for e in everything if result(e) == wanted)
    rows = []
    for n, bucket in enumerate(buckets):
        before = [found[b] for b in buckets[max(0, n - 10) : n]]
        spread = statistics.stdev(before) if len(before) > 1 else 0
        rows.append((bucket, found[bucket], round(statistics.mean(before) + 3 * spread + 1e-9, 1) if before else 0))
    return rows


panels.of("failed-outliers")(lambda logs: expected(logs, "Failure"))
panels.of("success-outliers")(lambda logs: expected(logs, "Success"))


@panels.of("switch-role")
def switch_role(logs):
    def key(e):
        role = get(e, "userIdentity.sessionContext.sessionIssuer.userName") or (get(e, "userIdentity.arn") or "//").split("/")[1]
        how = get(e, "responseElements.SwitchRole") or get(e, "responseElements.CheckMfa")
        to = role if e["eventName"] == "SwitchRole" else None
        return e["eventName"], actor(e) or "-", to or "-", e["recipientAccountId"], get(e, "additionalEventData.MfaType") or "-", how

    found = grouped([e for e in logs.cloudtrail if e.get("eventName") in ("SwitchRole", "CheckMfa")], key)
    return [(*key, len(events), last(events)) for key, events in found.items()]


@panels.of("assumed")
def assumed(logs):
    given = {}
    for e in logs.cloudtrail:
        key = get(e, "responseElements.credentials.accessKeyId")
        if e.get("eventName") == "AssumeRole" and get(e, "userIdentity.type") == "IAMUser" and key:
            given.setdefault(key, []).append((actor(e), get(e, "requestParameters.roleArn")))
    given = {key: tuple(map(max, zip(*found))) for key, found in given.items()}
    key = lambda e: (*given[get(e, "userIdentity.accessKeyId")], e["recipientAccountId"], e.get("sourceIPAddress"))
    used = grouped([e for e in logs.cloudtrail if get(e, "userIdentity.accessKeyId") in given], key)
    return [(*key, len(events), len(several(events, "eventName")), first(events), last(events)) for key, events in used.items()]


@panels.of("recent")
def recent(logs):
    found = grouped(sign_ins(logs), lambda e: (actor(e) or "-", e["sourceIPAddress"], outcome(e), e["recipientAccountId"]))
    rows = [(*key, len(events), last(events), several(events, mfa), several(events, "errorMessage")) for key, events in found.items()]
    return newest_first(rows, 100, 5)


def console(logs):
    return [e for e in logs.cloudtrail if e.get("eventName") in ("ConsoleLogin", "SwitchRole", "CheckMfa")]


panels.of("event-details")(lambda logs: detail(console(logs)))
panels.of("event-source")(lambda logs: places(console(logs)))
