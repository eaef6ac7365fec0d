import { describe, expect, it } from "vitest";

import type { Alert, AlertDetail } from "../../api/detections";
import { format } from "../../state/url";
import { exceptionOf, isCidr, kindFor, problemsOf, suggestionsOf, type Draft } from "./exception";
import { alertQuery, clearFilters, isFiltered, listState, readAlertFilters, toggleSeverity } from "./query";
import { alertSearch } from "./search-link";
import { timelineOf } from "./timeline";
import { merged } from "./use-alerts";

const read = (query: string) => readAlertFilters(new URLSearchParams(query));

export const ALERT: Alert = {
  id: "a-1",
  rule_id: "trail-stopped",
  title: { en: "CloudTrail stopped", ja: "CloudTrail の停止" },
  severity: "high",
  status: "open",
  verdict: null,
  owner: null,
  group: [
    { field: "recipient_account_id", value: "111122223333" },
    { field: "actor_name", value: "<b>alice</b>" },
  ],
  first_seen: "2026-01-15T03:04:05.250Z",
  last_seen: "2026-01-15T03:06:00.900Z",
  created_at: "2026-01-15T03:04:07Z",
  updated_at: "2026-01-15T03:06:01Z",
  events: 2,
  attack: ["TA0005", "T1562.008"],
  account: "111122223333",
  actor: "<b>alice</b>",
  region: "ap-northeast-1",
  source_address: "203.0.113.10",
  country: "JP",
};

describe("what the list of alerts shows", () => {
  it.each([
    ["", { status: "open", severity: [], rule: null, accounts: [], actors: [], find: "", since: null, until: null, sort: "last_seen" }],
    ["sort=severity", { sort: "severity" }],
    ["sort=<b>", { sort: "last_seen" }],
    ["status=all&severity=low,critical", { status: "all", severity: ["critical", "low"] }],
    ["status=<b>&severity=worst", { status: "open", severity: [] }],
    ["account=1&account=2&user=alice", { accounts: ["1", "2"], actors: ["alice"] }],
    ["since=-24h&until=now", { since: "-24h", until: null }],
    ["since=all", { since: null }],
    ["since=2026-01-01T00:00:00Z&until=rubbish", { since: "2026-01-01T00:00:00Z", until: null }],
  ])("%s", (query, expected) => expect(read(query)).toMatchObject(expected));

  it("is asked of the server without blanks", () =>
    expect(alertQuery(read("find=+stop+&rule=r&severity=high"))).toMatchObject({
      status: "open",
      q: "stop",
      rule: "r",
      severity: "high",
    }));

  it.each([
    ["", false],
    ["status=closed", false],
    ["find=+", false],
    ["find=x", true],
    ["account=1", true],
    ["since=-1h", true],
  ])("%s is narrowed: %s", (query, expected) => expect(isFiltered(read(query))).toBe(expected));

  it("loses its filters at once, and keeps its tab", () => {
    const params = new URLSearchParams("status=closed&severity=low&rule=r&find=x&account=1&user=u&since=-1h&lang=ja");
    clearFilters(params);
    expect(params.toString()).toBe("status=closed&lang=ja");
  });

  it("keeps severities in one parameter, worst first", () => {
    const params = new URLSearchParams("severity=low");
    toggleSeverity(params, "critical");
    expect(params.get("severity")).toBe("critical,low");
    toggleSeverity(params, "low");
    toggleSeverity(params, "critical");
    expect(params.has("severity")).toBe(false);
  });

  it("is taken along to an alert and back", () =>
    expect(listState(new URLSearchParams("status=all&severity=low&q=secret"))).toEqual({
      status: "all",
      severity: "low",
      rule: null,
      find: null,
      sort: null,
    }));

  it("has each alert once, though it moved up between two pages", () => {
    const [a, b, c] = ["a", "b", "c"].map((id) => ({ ...ALERT, id }));
    expect(merged([a!, b!], [b!, c!, c!]).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });
});

describe("alerts over time", () => {
  const at = (time: string, alerts = 1) => ({ at: time, alerts });
  it("are counted by when they were last seen, in steps that suit the time", () => {
    const found = timelineOf([at("2026-01-15T03:00:00Z", 2), at("2026-01-17T00:00:00Z")], null, null);
    expect(found?.stepMs).toBe(3600e3);
    expect(found?.rows).toEqual([
      { _time: "2026-01-15T03:00:00.000Z", alerts: 2 },
      { _time: "2026-01-17T00:00:00.000Z", alerts: 1 },
    ]);
    expect(new Date(found?.since ?? 0).toISOString()).toBe("2026-01-15T03:00:00.000Z");
  });
  it("fill the range that was asked for", () =>
    expect(timelineOf([at("2026-01-15T03:00:00Z")], Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 31))?.stepMs).toBe(86400e3));
  it("of a long time are those of its last month, unless all are asked for", () => {
    const points = [at("2018-08-20T10:00:00Z", 5), at("2026-01-14T03:00:00Z", 2), at("2026-01-15T03:00:00Z")];
    const found = timelineOf(points, null, null);
    expect(found?.rows.map(({ alerts }) => alerts)).toEqual([2, 1]);
    expect(found?.earlier).toEqual({ alerts: 5, first: Date.UTC(2018, 7, 20, 10) });
    const whole = timelineOf(points, null, null, true);
    expect(whole?.rows.map(({ alerts }) => alerts)).toEqual([5, 3]);
    expect(whole?.earlier).toBeNull();
  });
  it("are none where there are none", () => expect(timelineOf([], null, null)).toBeNull());
});

describe("from an alert to its events", () => {
  it("the rule's query over its group and time", () => {
    const link = alertSearch(ALERT, { lang: "filter", text: '{ $.eventName = "StopLogging" }' }, new URLSearchParams("since=-1h&lang=ja"));
    const params = new URL(link, "http://x").searchParams;
    expect(params.get("since")).toBe("2026-01-15T03:04:05Z");
    expect(params.get("until")).toBe("2026-01-15T03:06:01Z");
    expect(params.get("f.recipient_account_id")).toBe("111122223333");
    expect(params.get("f.actor_name")).toBe("<b>alice</b>");
    expect(params.get("ql")).toBe("filter");
    expect(params.get("lang")).toBe("ja");
  });
  it("a rule of several queries leads to the events of the group", () =>
    expect(format(new URL(alertSearch(ALERT, null, new URLSearchParams()), "http://x").searchParams)).toContain("ql=spl"));
});

describe("an exception", () => {
  const now = Date.UTC(2026, 0, 1);
  const draft: Draft = { field: "source_ip_address", kind: "cidr", what: " 10.0.0.0/8 ", reason: " office ", until: "7", date: "" };
  it.each([
    ["10.0.0.0/8", true],
    ["203.0.113.7", true],
    ["2001:db8::/32", true],
    ["10.0.0.0/33", false],
    ["256.0.0.1", false],
    ["10.0.0", false],
    ["a::b::c", false],
    ["example.com", false],
    ["10.0.0.0/8/8", false],
  ])("%s is a range: %s", (text, expected) => expect(isCidr(text)).toBe(expected));
  it("is sent with its end", () =>
    expect(exceptionOf(draft, now)).toEqual({
      field: "source_ip_address",
      cidr: "10.0.0.0/8",
      reason: "office",
      until: "2026-01-08T00:00:00Z",
    }));
  it("may have no end, or one on a day", () => {
    expect(exceptionOf({ ...draft, until: "never" }, now)).not.toHaveProperty("until");
    expect(exceptionOf({ ...draft, until: "date", date: "2026-03-01" }, now).until).toBe("2026-03-01T00:00:00Z");
  });
  it.each<[Partial<Draft>, string[]]>([
    [{}, []],
    [{ what: " " }, ["what"]],
    [{ field: "" }, ["what"]],
    [{ what: "ten" }, ["cidr"]],
    [{ reason: "" }, ["reason"]],
    [{ until: "date", date: "" }, ["date"]],
    [{ until: "date", date: "2025-12-31" }, ["date"]],
  ])("%j lacks %j", (change, expected) => expect(problemsOf({ ...draft, ...change }, now)).toEqual(expected));
  it.each([
    ["source_ip_address", "10.0.0.0/8", "cidr"],
    ["actor_name", "ci-*", "glob"],
    ["actor_name", "a/b", "value"],
  ])("%s %s is compared as %s", (field, value, kind) => expect(kindFor(field, value)).toBe(kind));
  it("is offered on what the alert is about, each field once", () => {
    const detail = { ...ALERT, evidence: [{ event_name: "StopLogging" }, { event_name: "StopLogging" }] } as unknown as AlertDetail;
    const offered = suggestionsOf(detail);
    expect(offered.map(({ field }) => field)).toEqual([
      "recipient_account_id",
      "actor_name",
      "source_ip_address",
      "aws_region",
      "event_name",
      "user_agent",
    ]);
    expect(offered.find(({ field }) => field === "event_name")?.value).toBe("StopLogging");
  });
});
