import { describe, expect, it } from "vitest";

import { categoryModel, timeModel, withEmptyBuckets } from "./model";
import { colourOf, outcomeOf, paletteOf } from "./palette";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const HOUR = 3600e3;

describe("categories", () => {
  it("are the first column that is no number, the numbers are series", () => {
    const model = categoryModel(
      ["count", "user", "errors"],
      [
        { count: 3, user: "a", errors: 1 },
        { count: 2, user: null, errors: 0 },
      ],
    );
    expect(model).toMatchObject({
      column: "user",
      categories: ["a", ""],
      series: [
        { name: "count", values: [3, 2] },
        { name: "errors", values: [1, 0] },
      ],
    });
  });
  it("may be numbers where there is nothing else", () =>
    expect(categoryModel(["port", "count"], [{ port: 22, count: 1 }])).toMatchObject({ column: "port", categories: ["22"] }));
  it.each([
    [[], []],
    [["a"], [{ a: "x" }]],
  ])("need a series: %j", (columns, rows) => expect(categoryModel(columns, rows)).toBeNull());
});

describe("time", () => {
  it("is sorted, and the rest series come last", () => {
    const model = timeModel(
      ["_time", "NULL", "OTHER", "b"],
      [
        { _time: at(3), NULL: 1, OTHER: 2, b: 3 },
        { _time: at(1), NULL: 0, OTHER: 0, b: 5 },
      ],
    );
    expect(model?.times).toEqual([Date.parse(at(1)), Date.parse(at(3))]);
    expect(model?.series).toEqual([
      { name: "b", values: [5, 3] },
      { name: "OTHER", values: [0, 2] },
      { name: "NULL", values: [0, 1] },
    ]);
    expect(model?.stepMs).toBe(2 * HOUR);
  });
  it("has outcomes from good to bad", () => {
    const model = timeModel(["_time", "failure", "success", "unauthorized"], [{ _time: at(1), failure: 1, success: 1, unauthorized: 1 }]);
    expect(model?.series.map(({ name }) => name)).toEqual(["success", "failure", "unauthorized"]);
  });
  it("may be seconds since 1970", () =>
    expect(timeModel(["_time", "count"], [{ _time: 1_800_000_000, count: 1 }])?.times).toEqual([1_800_000_000_000]));
  it("leaves Splunk's inner columns out", () =>
    expect(timeModel(["_time", "_span", "count"], [{ _time: at(0), _span: 3600, count: 1 }])?.series.map(({ name }) => name)).toEqual([
      "count",
    ]));
  it("is needed", () => expect(timeModel(["user", "count"], [{ user: "a", count: 1 }])).toBeNull());
});

describe("empty buckets", () => {
  const model = timeModel(
    ["_time", "count"],
    [
      { _time: at(2), count: 4 },
      { _time: at(5), count: 6 },
    ],
  );
  const fill = (since: number | null, until: number) => (model ? withEmptyBuckets(model, HOUR, { since, until }) : null);
  it("are zero between the rows", () => expect(fill(null, Date.parse(at(5)))?.series[0]?.values).toEqual([4, 0, 0, 6]));
  it("reach out to the ends of the range", () => {
    const filled = fill(Date.parse(at(0)), Date.parse(at(7)) - 1);
    expect(filled?.times).toEqual([0, 1, 2, 3, 4, 5, 6].map((hour) => Date.parse(at(hour))));
    expect(filled?.series[0]?.values).toEqual([0, 0, 4, 0, 0, 6, 0]);
  });
  it("begin with the bucket that the range's start is in", () =>
    expect(fill(Date.parse(at(0)) + 1, Date.parse(at(5)))?.times[0]).toBe(Date.parse(at(0))));
  it("are not a million", () => expect(fill(0, Date.parse(at(5)))?.times).toEqual(model?.times));
});

describe("colours", () => {
  const palette = paletteOf(false);
  it.each([
    ["success", "success"],
    ["Authorized", "success"],
    ["UNAUTHORIZED", "unauthorized"],
    ["failure", "failure"],
    ["CreateUser", null],
  ])("%s", (name, outcome) => expect(outcomeOf(name)).toBe(outcome));
  it("an outcome has its own, wherever it stands", () => expect(colourOf("unauthorized", 0, palette)).toBe(palette.unauthorized));
  it.each(["REJECT", "BLOCK", "blocked", "Denied", "deny", "drop", "dropped"])("of what was refused: %s", (name) =>
    expect(colourOf(name, 0, palette)).toBe(palette.unauthorized),
  );
  it.each(["ACCEPT", "ALLOW", "allowed", "Pass"])("of what was let through: %s", (name) =>
    expect(colourOf(name, 3, palette)).toBe(palette.success),
  );
  it("others go round", () => expect(colourOf("x", palette.series.length, palette)).toBe(palette.series[0]));
});
