import { describe, expect, it } from "vitest";

import type { RuleSummary, Tactic } from "../../api/detections";
import { heat, matrixOf } from "./attack-matrix";
import { choices, clearRuleFilters, matches, readRuleFilters, sortRules } from "./filters";
import { DRAFT, isComplete, ruleOf, valuesIn, type AlertDraft } from "./from-search";
import { attackName } from "./use-rules";

const RULE: RuleSummary = {
  id: "trail-stopped",
  title: { en: "CloudTrail stopped", ja: "CloudTrail の停止" },
  description: { en: "Somebody stopped the record.", ja: "記録が止められました。" },
  severity: "high",
  enabled: true,
  builtin: true,
  overridden: false,
  mode: "each",
  attack: ["TA0005", "T1562.008"],
  covers: ["Stealth:IAMUser/CloudTrailLoggingDisabled"],
  logs: ["cloudtrail"],
  lang: "filter",
  hits_30d: 3,
  last_hit: "2026-01-15T03:04:05Z",
  alerts_open: 1,
  error: null,
};
const OTHER: RuleSummary = {
  ...RULE,
  id: "new-country",
  title: { en: "A new country", ja: "新しい国" },
  severity: "low",
  enabled: false,
  builtin: false,
  attack: ["T1078"],
  logs: ["vpc_flow"],
  hits_30d: 90,
  last_hit: null,
  alerts_open: 0,
  covers: [],
};

describe("the catalogue", () => {
  it.each([
    ["", ["trail-stopped", "new-country"]],
    ["severity=low", ["new-country"]],
    ["severity=worst", ["trail-stopped", "new-country"]],
    ["log=vpc_flow", ["new-country"]],
    ["attack=T1562", ["trail-stopped"]],
    ["attack=T1562.008", ["trail-stopped"]],
    ["attack=T15", []],
    ["state=on", ["trail-stopped"]],
    ["state=off", ["new-country"]],
    ["state=alerts", ["trail-stopped"]],
    ["state=own", ["new-country"]],
    ["state=broken", []],
    ["find=STOP+trail", ["trail-stopped"]],
    ["find=guardduty", []],
    ["find=LoggingDisabled", ["trail-stopped"]],
    ["find=新しい", ["new-country"]],
  ])("%s", (query, expected) => {
    const filters = readRuleFilters(new URLSearchParams(query));
    expect([RULE, OTHER].filter((rule) => matches(rule, filters)).map(({ id }) => id)).toEqual(expected);
  });
  it("in the order asked for", () => {
    const ids = (sort: "severity" | "hits" | "last" | "title") =>
      sortRules([OTHER, RULE], sort, (text) => text.en ?? "", "en").map(({ id }) => id);
    expect(ids("severity")).toEqual(["trail-stopped", "new-country"]);
    expect(ids("hits")).toEqual(["new-country", "trail-stopped"]);
    expect(ids("last")).toEqual(["trail-stopped", "new-country"]);
    expect(ids("title")).toEqual(["new-country", "trail-stopped"]);
  });
  it("offers what occurs", () => expect(choices([RULE, OTHER, RULE], ({ logs }) => logs)).toEqual(["cloudtrail", "vpc_flow"]));
  it("forgets its filters and keeps its view", () => {
    const params = new URLSearchParams("view=matrix&sort=hits&find=b&attack=c&state=on&log=d&severity=low");
    clearRuleFilters(params);
    expect(params.toString()).toBe("view=matrix&sort=hits");
  });
});

describe("the matrix", () => {
  const tactics: Tactic[] = [
    {
      id: "TA0005",
      name: { en: "Defense Evasion", ja: "防御の回避" },
      rules: [],
      techniques: [
        { id: "T1562.008", name: { en: "Disable Cloud Logs", ja: "クラウドログの無効化" }, rules: ["trail-stopped", "gone"], hits_30d: 99 },
        { id: "T1070", name: { en: "Indicator Removal", ja: "痕跡の削除" }, rules: [], hits_30d: 0 },
      ],
    },
    { id: "TA0001", name: { en: "Initial Access", ja: "初期アクセス" }, rules: [], techniques: [] },
  ];
  it("has the techniques that shown rules look for, with these rules' hits", () => {
    const columns = matrixOf(tactics, new Map([[RULE.id, RULE]]));
    expect(
      columns.map(({ tactic, cells }) => [tactic.id, cells.map(({ technique, own, hits }) => [technique.id, own.length, hits])]),
    ).toEqual([["TA0005", [["T1562.008", 1, 3]]]]);
  });
  it.each([
    ["TA0005", "Defense Evasion"],
    ["T1562.008", "Disable Cloud Logs"],
    ["T1070", "Indicator Removal"],
    ["T9999", ""],
  ])("%s is called %s", (id, name) => expect(attackName(id, tactics, (text) => text.en ?? "")).toBe(name));
  it.each([
    [0, 10, 0],
    [1, 1, 4],
    [1, 1_000_000, 1],
    [1_000_000, 1_000_000, 4],
  ])("heat of %d where the most is %d", (hits, most, expected) => expect(heat(hits, most)).toBe(expected));
});

describe("a search saved as alert", () => {
  it.each<[Partial<AlertDraft>, unknown]>([
    [{ when: "auto" }, undefined],
    [{ when: "each" }, "each"],
    [{ when: "threshold", count: 3, window: "1h" }, { threshold: { window: "1h", count: 3 } }],
    [{ when: "distinct", field: " eventName " }, { threshold: { window: "10m", count: 5, distinct: "eventName" } }],
    [{ when: "scheduled" }, { scheduled: { every: "5m", window: "10m" } }],
  ])("%j", (change, mode) => expect(ruleOf({ ...DRAFT, ...change }, "spl", "x", []).mode).toEqual(mode));
  it("has the fields that it is grouped by", () =>
    expect(ruleOf({ ...DRAFT, title: " T ", groupBy: "a, b" }, "sql", "q", [])).toMatchObject({
      title: "T",
      lang: "sql",
      query: "q",
      group_by: ["a", "b"],
    }));
  it("has the filters of the search", () =>
    expect(ruleOf(DRAFT, "sql", "q", [{ field: "user", op: "is_not", values: ["ci"] }]).filters).toEqual([
      { field: "user", op: "is_not", values: ["ci"] },
    ]));
  it.each([
    ["", []],
    [" a , b ,, a", ["a", "b"]],
  ])("fields typed as %j", (typed, expected) => expect(valuesIn(typed)).toEqual(expected));
  it("is grouped as rules are where none are given", () =>
    expect(ruleOf({ ...DRAFT, groupBy: " " }, "sql", "q", [])).not.toHaveProperty("group_by"));
  it.each<[Partial<AlertDraft>, boolean]>([
    [{}, false],
    [{ title: "x" }, true],
    [{ title: "x", count: 0 }, false],
    [{ title: "x", when: "distinct", field: "" }, false],
  ])("%j can be saved: %s", (change, expected) => expect(isComplete({ ...DRAFT, ...change })).toBe(expected));
});
