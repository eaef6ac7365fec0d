import { describe, expect, it } from "vitest";

import { en } from "./en";
import { formatBytes, formatCompact, formatInstant, formatTick, fromInput, isInstant, toInput } from "./format";
import { ja } from "./ja";

type Tree = { [key: string]: unknown };

function leaves(tree: Tree, path = ""): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? leaves(value as Tree, `${path}${key}.`) : [[path + key, value] as [string, unknown]],
  );
}

describe("the messages", () => {
  const japanese = new Map(leaves(ja));
  const same = leaves(en)
    .filter(([key, value]) => typeof value === "string" && value === japanese.get(key) && /[a-z]{3}/.test(value))
    .map(([key]) => key);
  it("have the same keys in both languages", () =>
    expect([...japanese.keys()].sort()).toEqual(
      leaves(en)
        .map(([key]) => key)
        .sort(),
    ));
  it("are translated, but for names", () => expect(same).toEqual(["brandTagline", "search.runHint", "rules.groups.bedrock"]));
  it("put their parameters into the sentence", () => {
    for (const [key, value] of [...leaves(en), ...leaves(ja)]) {
      if (typeof value !== "function") continue;
      // Numbers, as some sentences reckon with theirs.
      const parameters = Array.from({ length: value.length }, (_, index) => String(17 + index));
      for (const parameter of parameters) expect((value as (...all: string[]) => string)(...parameters), key).toContain(parameter);
    }
  });
});

describe("instants", () => {
  it.each([
    ["2026-11-22T20:56:46Z", "utc", "2026-11-22 20:56:46"],
    ["2026-11-22T20:56:46.123456Z", "jst", "2026-11-23 05:56:46"],
    ["2026-01-01T00:00:00+09:00", "utc", "2025-12-31 15:00:00"],
    ["rubbish", "utc", "rubbish"],
  ] as const)("%s in %s", (text, zone, expected) => expect(formatInstant(text, zone)).toBe(expected));
  it.each([
    ["2026-11-22T20:56:46Z", true],
    ["2026-11-22T20:56:46.123456Z", true],
    ["2026-11-22", false],
    ["T", false],
    [17, false],
  ])("%j is one: %s", (value, expected) => expect(isInstant(value)).toBe(expected));
  it("come back from an input in their zone", () => {
    const instant = Date.UTC(2026, 10, 22, 20, 56);
    for (const zone of ["utc", "jst", "local"] as const) expect(fromInput(toInput(instant, zone), zone)).toBe("2026-11-22T20:56:00Z");
  });
  it("on an axis are days at midnight, else times", () => {
    expect(formatTick(Date.UTC(2026, 0, 2), "utc", 3600e3)).toBe("01-02");
    expect(formatTick(Date.UTC(2026, 0, 2, 5), "utc", 3600e3)).toBe("05:00");
    expect(formatTick(Date.UTC(2026, 0, 1, 15), "jst", 3600e3)).toBe("01-02");
    expect(formatTick(Date.UTC(2018, 6, 26), "utc", 7 * 86400e3)).toBe("2018-07-26");
  });
});

describe("numbers", () => {
  it.each([
    [0, "0"],
    [12_345, "12,345"],
    [1_234_567, "1.2M"],
  ])("%d", (value, expected) => expect(formatCompact(value, "en")).toBe(expected));
  it("are counted in ten thousands in Japanese", () => expect(formatCompact(1_234_567, "ja")).toBe("123.5万"));
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 kB"],
    [12_345_678, "12 MB"],
  ])("%d bytes", (value, expected) => expect(formatBytes(value, "en")).toBe(expected));
});
