import { describe, expect, it } from "vitest";

import {
  around,
  boundsOf,
  fromPreset,
  instantOf,
  presetOf,
  PRESETS,
  readRange,
  spanFor,
  writeRange,
  zoomedOut,
  type TimeRange,
} from "./time-range";

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const DAY = 86400e3;

describe("the range in the URL", () => {
  const cases: [string, TimeRange][] = [
    ["", { since: "-7d", until: null }],
    ["since=all", { since: null, until: null }],
    ["since=-24h", { since: "-24h", until: null }],
    ["since=-24h&until=now", { since: "-24h", until: null }],
    ["since=2023-07-10T00:00:00Z&until=2023-07-11T00:00:00Z", { since: "2023-07-10T00:00:00Z", until: "2023-07-11T00:00:00Z" }],
    ["since=yesterday&until=%3Cscript%3E", { since: "-7d", until: null }],
    ["since=-5x", { since: "-7d", until: null }],
  ];
  it.each(cases)("%s", (query, expected) => expect(readRange(new URLSearchParams(query))).toEqual(expected));
  it.each(cases)("%s survives writing and reading", (_, range) => {
    const params = new URLSearchParams();
    writeRange(params, range);
    expect(readRange(params)).toEqual(range);
  });
  it.each(PRESETS)("preset %s is recognised again", (preset) => expect(presetOf(fromPreset(preset))).toBe(preset));
});

describe("instants", () => {
  it.each([
    ["now", NOW],
    ["-15m", NOW - 15 * 60e3],
    ["-2w", NOW - 14 * DAY],
    ["2026-06-15T12:00:00Z", NOW],
    ["2026-06-15T21:00:00+09:00", NOW],
    ["", null],
    ["12", null],
    ["-d", null],
  ])("%s", (text, expected) => expect(instantOf(text, NOW)).toBe(expected));

  it("an open range has no start and ends now", () =>
    expect(boundsOf({ since: null, until: null }, NOW)).toEqual({ since: null, until: NOW }));
  it("the neighbourhood of an instant", () =>
    expect(around(NOW, 15)).toEqual({ since: "2026-06-15T11:45:00.000Z", until: "2026-06-15T12:15:00.000Z" }));
});

describe("zooming out", () => {
  it.each<[TimeRange, TimeRange]>([
    [
      { since: "-24h", until: null },
      { since: "-48h", until: null },
    ],
    [
      { since: "2026-06-10T00:00:00Z", until: "2026-06-11T00:00:00Z" },
      { since: "2026-06-09T12:00:00Z", until: "2026-06-11T12:00:00Z" },
    ],
    [
      { since: "2026-06-14T12:00:00Z", until: "2026-06-15T11:00:00Z" },
      { since: "2026-06-14T00:30:00Z", until: "2026-06-15T12:00:00Z" },
    ],
    [
      { since: "2026-06-14T12:00:00Z", until: null },
      { since: "2026-06-14T00:00:00Z", until: null },
    ],
    [
      { since: null, until: null },
      { since: null, until: null },
    ],
  ])("%j", (range, expected) => expect(zoomedOut(range, NOW)).toEqual(expected));
});

describe("bucket widths", () => {
  it.each([
    [15 * 60e3, "1m"],
    [3600e3, "1m"],
    [DAY, "1h"],
    [7 * DAY, "4h"],
    [30 * DAY, "1d"],
    [365 * DAY, "7d"],
    [20 * 365 * DAY, "30d"],
  ])("%d ms", (length, expected) => expect(spanFor(length).text).toBe(expected));
});
