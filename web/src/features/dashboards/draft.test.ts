import { describe, expect, it } from "vitest";

import {
  blankDashboard,
  copyOf,
  drillFor,
  drillKind,
  duplicated,
  freeId,
  moved,
  newPanel,
  ofKind,
  slug,
  sourceOf,
  withoutPanel,
  withPanel,
} from "./draft";
import type { DashboardFile, Drill } from "./file";

const file: DashboardFile = {
  ...blankDashboard({ en: "Key use" }, []),
  panels: ["a", "b", "c"].map((id) => ({ ...newPanel(blankDashboard({ en: "x" }, [])), id, title: { en: id } })),
};
const order = (changed: DashboardFile) => changed.panels.map(({ id }) => id).join("");

describe("names", () => {
  it.each([
    ["Key use", "key-use"],
    ["  S3: Größe & more ", "s3-gro-e-more"],
    ["鍵の利用", "dashboard"],
    ["-", "dashboard"],
  ])("%s", (title, id) => expect(slug(title, "dashboard")).toBe(id));
  it("are never longer than the server takes", () => expect(slug("x ".repeat(100), "d").length).toBeLessThanOrEqual(60));
  it("are free", () => expect([freeId("a", []), freeId("a", ["a"]), freeId("a", ["a", "a-2"])]).toEqual(["a", "a-2", "a-3"]));
  it("are no address of the API", () => expect(blankDashboard({ en: "Convert" }, []).id).toBe("convert-2"));
});

describe("panels", () => {
  it("are moved, and stay inside", () => {
    expect(order(moved(file, 0, 1))).toBe("bac");
    expect(order(moved(file, 2, -1))).toBe("acb");
    expect(order(moved(file, 0, -1))).toBe("abc");
    expect(order(moved(file, 2, 1))).toBe("abc");
  });
  it("are removed and doubled", () => {
    expect(order(withoutPanel(file, 1))).toBe("ac");
    expect(order(duplicated(file, 1))).toBe("abb-2c");
    expect(order(file)).toBe("abc");
  });
  it("are replaced in their place, or added, under an id of their own", () => {
    const added = newPanel(file, { title: { en: "A" } });
    expect(added.id).toBe("a-2");
    expect(order(withPanel(file, 3, added))).toBe("abca-2");
    expect(order(withPanel(file, 1, { ...added, id: "c" }))).toBe("aa-2c");
    expect(order(withPanel(file, 1, { ...added, id: "b" }))).toBe("abc");
  });
});

it("a copy's drill-downs to the original lead to the copy", () => {
  const original = withPanel(file, 0, { ...newPanel(file), id: "a", drill: { dashboard: "key-use" } });
  const copy = copyOf(original, { en: "Key use (copy)" }, ["key-use"]);
  expect([copy.id, copy.panels[0]?.drill?.dashboard, original.panels[0]?.drill?.dashboard]).toEqual([
    "key-use-copy",
    "key-use-copy",
    "key-use",
  ]);
});

describe("the search before the counting", () => {
  it.each([
    ["sourcetype=aws:cloudtrail errorCode=* | stats count BY user", "sourcetype=aws:cloudtrail errorCode=*"],
    ["a | where x>1 | eval y=1 | timechart count", "a | where x>1 | eval y=1"],
    ['a "| stats" [ search b | stats count ] | stats count', 'a "| stats" [ search b | stats count ]'],
    ["a=1", "a=1"],
    ["| a=1 | top user", "a=1"],
  ])("%s", (query, source) => expect(sourceOf(query)).toBe(source));
  it("is where a number leads", () => {
    expect(drillFor("spl", "a | stats count BY user", "bar", "user")).toEqual({ set: { user: "user" }, search: "a" });
    expect(drillFor("spl", "a | timechart count BY user", "line", "user")).toEqual({ set: { user: "series" }, search: "a" });
    expect(drillFor("sql", "SELECT 1", "single", null)).toEqual({ search: true });
    expect(drillFor("spl", "a", "events", null)).toBeUndefined();
  });
});

describe("kinds of drill-downs", () => {
  const panel = newPanel(file);
  it.each<[string, Drill | undefined]>([
    ["none", undefined],
    ["filter", { set: { user: "user" } }],
    ["dashboard", { dashboard: "x", set: { user: "user" } }],
    ["search", { search: true }],
    ["query", { search: "a" }],
    ["event", { event: "eventID" }],
    ["select", { select: "row" }],
  ])("%s", (kind, drill) => {
    expect(drillKind(drill)).toBe(kind);
    expect(drillKind(ofKind(drillKind(drill), drill, panel))).toBe(kind);
  });
  it("keep their filters when one chooses another", () =>
    expect(ofKind("dashboard", { set: { user: "user" } }, panel)).toEqual({ set: { user: "user" }, dashboard: "user-activity" }));
});
