import { describe, expect, it } from "vitest";

import type { HourVerdict, Sink, Trail } from "../../api/ingestion";
import { en } from "../../i18n/en";
import { ja } from "../../i18n/ja";
import { stateOf } from "../../views/sinks";
import { calendarOf, daysOf, tally, worse } from "../integrity/calendar";
import { duration } from "./duration";

describe("how far behind", () => {
  it.each([
    [-3, "0 s"],
    [0.4, "0 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7199, "120 min"],
    [7200, "2 h"],
    [172_800, "2 days"],
  ])("%d s: %s", (seconds, expected) => expect(duration(seconds, en)).toBe(expected));
  it("in Japanese", () => expect(duration(300, ja)).toBe("5 分"));
});

describe("the calendar of a trail", () => {
  const hours = (...all: [string, HourVerdict][]): Trail => ({
    trail: "org",
    account: "111122223333",
    region: "us-east-1",
    backfill: false,
    hours: all.map(([hour, verdict]) => ({ hour: `${hour}:00:00Z`, verdict, files: 1, detail: null })),
  });
  const trail = hours(["2026-02-27T23", "valid"], ["2026-03-02T00", "valid"], ["2026-03-02T01", "missing"], ["2026-03-02T02", "pending"]);
  it("has the worst verdict of a day", () => {
    const { days } = daysOf(trail);
    expect([...days.values()].map(({ day, verdict, hours: own }) => [day, verdict, own.length])).toEqual([
      ["2026-02-27", "valid", 1],
      ["2026-03-02", "missing", 3],
    ]);
  });
  it("has every day between the first and the last", () =>
    expect(calendarOf([daysOf(trail)])).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]));
  it("has no days without hours", () => expect(calendarOf([daysOf(hours())])).toEqual([]));
  it("counts what is wrong, and not what is still to come", () => expect(tally([trail, trail])).toEqual({ hours: 8, bad: 2 }));
  it.each<[HourVerdict, HourVerdict, HourVerdict]>([
    ["valid", "pending", "pending"],
    ["gap", "missing", "missing"],
    ["invalid", "missing", "invalid"],
    ["valid", "valid", "valid"],
  ])("%s and %s are %s", (a, b, expected) => {
    expect(worse(a, b)).toBe(expected);
    expect(worse(b, a)).toBe(expected);
  });
});

describe("a sink", () => {
  const sink: Sink = {
    name: "soc",
    type: "slack",
    enabled: true,
    last_success: "2026-01-01T00:00:00Z",
    last_error: null,
    pending: 0,
    dead: 0,
    quiet_hours: null,
  };
  it.each<[Partial<Sink>, string]>([
    [{}, "working"],
    [{ last_success: null }, "unused"],
    [{ last_error: "refused" }, "failing"],
    [{ dead: 1 }, "failing"],
    [{ enabled: false, dead: 1 }, "off"],
  ])("%j is %s", (change, expected) => expect(stateOf({ ...sink, ...change })).toBe(expected));
});
