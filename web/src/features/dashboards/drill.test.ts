import { describe, expect, it } from "vitest";

import { drillLink, isSelectedRow, readSelection, withoutSelection } from "./drill";
import type { Drill, Panel } from "./file";
import { questionOf } from "./request";

const panel = (drill?: Drill, more: Partial<Panel> = {}): Panel => ({
  id: "p",
  title: { en: "P", ja: "P" },
  description: { en: "", ja: "" },
  lang: "spl",
  query: "sourcetype=aws:cloudtrail | stats count BY user",
  chart: "table",
  width: 12,
  height: 200,
  ...(drill ? { drill } : {}),
  ...more,
});
const HERE = "/dashboards/here";
const params = new URLSearchParams("since=-24h&account=111122223333&sel=old&lang=ja");
const link = (drill: Drill | undefined, row = {}, series?: string) => drillLink(panel(drill), { row, series }, HERE, params);

describe("where a click leads", () => {
  it("nowhere without a drill-down", () => expect(link(undefined)).toBeNull());
  it("to a dashboard with the same filters", () =>
    expect(link({ dashboard: "iam-activity" })).toBe("/dashboards/iam-activity?since=-24h&account=111122223333&lang=ja"));
  it("to a dashboard with one filter more", () =>
    expect(link({ dashboard: "d", set: { user: "who" } }, { who: "alice" })).toBe(
      "/dashboards/d?since=-24h&account=111122223333&user=alice&lang=ja",
    ));
  it("to a filter on the dashboard itself", () =>
    expect(link({ set: { eventName: "eventName" } }, { eventName: "CreateUser" })).toBe(
      `${HERE}?since=-24h&account=111122223333&event=CreateUser&lang=ja`,
    ));
  it("to a constant filter", () =>
    expect(link({ dashboard: "d", set: { action: { value: "unauthorized" } } })).toContain("f.action=unauthorized"));
  it("to the series clicked", () => expect(link({ set: { eventName: "series" } }, {}, "ListUsers")).toContain("event=ListUsers"));
  it.each(["OTHER", "NULL"])("not to the rest series %s", (series) =>
    expect(link({ set: { eventName: "series" } }, {}, series)).toBeNull(),
  );
  it.each([null, "", "-", undefined])("not to a filter on nothing (%j)", (value) =>
    expect(link({ set: { user: "user" } }, { user: value as never })).toBeNull(),
  );
  it.each([
    ["Unauthorized", "f.action=unauthorized"],
    ["failure", "f.action=failure"],
    ["Authorized", "f.action!=unauthorized"],
  ])("to the outcome that the series %s is named after", (series, filter) =>
    expect(link({ set: { user: "user" } }, { user: "alice" }, series)).toBe(
      `${HERE}?since=-24h&account=111122223333&user=alice&${filter}&lang=ja`,
    ),
  );
  it("to no outcome of its own where the panel says what a series is", () =>
    expect(link({ set: { action: { value: "failure" } } }, {}, "Unauthorized")).toContain("f.action=failure&"));
  it("replaces the filter's value", () => expect(link({ set: { recipientAccountId: "a" } }, { a: "9" })).toContain("account=9&"));
  it("to a search", () =>
    expect(link({ search: "a=1 | head 5" })).toBe("/search?since=-24h&account=111122223333&q=a%3D1+%7C+head+5&ql=spl&lang=ja"));
  it("to the panel's own query", () =>
    expect(link({ search: true })).toContain("q=sourcetype%3Daws:cloudtrail+%7C+stats+count+BY+user&ql=spl"));
  it("to an event", () =>
    expect(link({ event: "eventID" }, { eventID: "a/b" })).toBe("/events/a%2Fb?since=-24h&account=111122223333&lang=ja"));
  it("to all of a list's values", () => expect(link({ set: { user: "user" } }, { user: ["a", "b"] })).toContain("user=a&user=b"));
});

describe("a selected row", () => {
  const drill: Drill = { select: "events", set: { eventName: "eventName", user: "user" }, since: "first", until: "last" };
  const row = { eventName: "ListUsers", user: "Test-Splunk-User1", first: "2026-11-22T20:55:46.123456Z", last: "2026-11-22T20:55:50Z" };
  const url = link(drill, row) ?? "";
  const selected = new URLSearchParams(url.split("?")[1]);

  it("is in the URL", () =>
    expect(readSelection(selected)).toEqual({
      name: "events",
      conditions: [
        { field: "eventName", op: "is", values: ["ListUsers"] },
        { field: "user", op: "is", values: ["Test-Splunk-User1"] },
      ],
      range: { since: "2026-11-22T20:55:46Z", until: "2026-11-22T20:55:51Z" },
    }));
  it("is recognised among the rows", () => {
    const selection = readSelection(selected);
    expect(isSelectedRow(panel(drill), row, selection)).toBe(true);
    expect(isSelectedRow(panel(drill), { ...row, user: "other" }, selection)).toBe(false);
    expect(isSelectedRow(panel(drill), row, null)).toBe(false);
  });
  it("takes seconds since 1970 for times", () => {
    const other = link(drill, { ...row, first: 1_800_000_000, last: 1_800_000_000.5 }) ?? "";
    expect(readSelection(new URLSearchParams(other.split("?")[1]))?.range).toEqual({
      since: "2027-01-15T08:00:00Z",
      until: "2027-01-15T08:00:01Z",
    });
  });
  it("narrows the panels that hang on it, and only those", () => {
    const selection = readSelection(selected);
    const detail = questionOf(panel(undefined, { hidden_until: "events" }), selected, selection, null);
    expect(detail.request).toMatchObject({ since: "2026-11-22T20:55:46Z", until: "2026-11-22T20:55:51Z" });
    expect(detail.request.filters?.map(({ field }) => field)).toEqual(["recipientAccountId", "eventName", "user"]);
    expect(questionOf(panel(), selected, selection, null).request).toMatchObject({ since: "-24h" });
  });
  it("goes without a trace", () => {
    const cleared = new URLSearchParams(selected);
    withoutSelection(cleared);
    expect([...cleared.keys()]).toEqual(["since", "account", "lang"]);
  });
});

describe("the bucket width of a panel", () => {
  const timed = panel(undefined, { query: "x | timechart span=$span$ count" });
  it.each([
    ["since=-24h", null, "1h"],
    ["", null, "4h"],
    ["since=all", Date.now() - 60 * 86400e3, "1d"],
    ["since=2023-07-10T00:00:00Z&until=2023-07-10T00:30:00Z", null, "1m"],
  ])("%s", (query, oldest, span) =>
    expect(questionOf(timed, new URLSearchParams(query), null, oldest).query).toBe(`x | timechart span=${span} count`),
  );
});
