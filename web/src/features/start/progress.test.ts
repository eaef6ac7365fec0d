import { describe, expect, it } from "vitest";

import type { RuleSummary } from "../../api/detections";
import type { Status } from "../../api/types";
import { controlsOf, currentStep, isDone, lakeArgument, progressOf } from "./progress";

const rule = (id: string, covers: string[], enabled = true) => ({ id, covers, enabled }) as RuleSummary;
const RULES = [rule("ten", ["CloudWatch.10"]), rule("two", ["PCI.1", "CloudWatch.2"]), rule("other", ["Recon:IAMUser/X"], false)];
const newest = "2026-11-26T08:00:00Z";
const table = (name: string, rows: number, at: string | null) => ({ name, rows, newest: at });
const status = (rows: number) =>
  ({ tables: [table("cloudtrail", rows, newest), table("waf", 0, null), table("objects", 2, null)] }) as Status;

it("knows the controls by what they cover, in their order", () => expect(controlsOf(RULES).map(({ id }) => id)).toEqual(["two", "ten"]));

describe("goes on", () => {
  const off = [rule("ten", ["CloudWatch.10"], false)];
  it.each([
    ["with logs to point at", progressOf(null, RULES, 0), "point"],
    ["still with logs", progressOf(status(0), RULES, 1), "point"],
    ["to the controls that are off", progressOf(status(5), off, 0), "controls"],
    ["to the overview, sink or not", progressOf(status(5), RULES, 0), "look"],
  ] as const)("%s", (_, progress, step) => expect(currentStep(progress)).toBe(step));
  it("counts events of tables that have some", () => {
    const progress = progressOf(status(5), RULES, 1);
    expect([progress.events, progress.tables.length, isDone("arrive", progress), isDone("sinks", progress)]).toEqual([5, 1, true, true]);
  });
});

it.each([
  ["file:///data/lake/", "/data/lake"],
  ["file:///data/my%20lake", "'/data/my lake'"],
  ["s3://bucket/lake", "s3://bucket/lake"],
  ["file:///it's", "'/it'\\''s'"],
])("%s is what the shell takes", (lake, argument) => expect(lakeArgument(lake)).toBe(argument));
