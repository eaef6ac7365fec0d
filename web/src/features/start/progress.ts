/** How far an installation is, from what the server says of itself. */
import type { RuleSummary } from "../../api/detections";
import type { Status } from "../../api/types";

export const STEPS = ["point", "arrive", "controls", "sinks", "look"] as const;
export type Step = (typeof STEPS)[number];

export interface Progress {
  /** Events in the lake, and the tables that have some. */
  events: number;
  tables: Status["tables"];
  controls: readonly RuleSummary[];
  /** Those of the controls that are off. */
  off: readonly RuleSummary[];
  sinks: number;
}

/** The 14 controls are the rules that say so of themselves. */
const CONTROL = /^CloudWatch\.(\d+)$/;

const numberOf = (rule: RuleSummary): number => Math.min(...rule.covers.map((name) => Number(CONTROL.exec(name)?.[1] ?? Infinity)));

export function controlsOf(rules: readonly RuleSummary[]): RuleSummary[] {
  return rules.filter((rule) => rule.covers.some((name) => CONTROL.test(name))).sort((a, b) => numberOf(a) - numberOf(b));
}

/** The log types that have events. Tables about the lake itself have no time. */
export function tablesOfEvents(status: Status | null): Status["tables"] {
  return (status?.tables ?? []).filter(({ rows, newest }) => rows > 0 && newest);
}

export function progressOf(status: Status | null, rules: readonly RuleSummary[], sinks: number): Progress {
  const tables = tablesOfEvents(status);
  const controls = controlsOf(rules);
  return {
    events: tables.reduce((sum, { rows }) => sum + rows, 0),
    tables,
    controls,
    off: controls.filter(({ enabled }) => !enabled),
    sinks,
  };
}

export function isDone(step: Step, { events, controls, off, sinks }: Progress): boolean {
  switch (step) {
    case "point":
    case "arrive":
      return events > 0;
    case "controls":
      return controls.length > 0 && off.length === 0;
    case "sinks":
      return sinks > 0;
    case "look":
      return false;
  }
}

/** Where to go on: sinks can be done without. */
export function currentStep(progress: Progress): Step {
  return STEPS.find((step) => step !== "sinks" && !isDone(step, progress)) ?? "look";
}

/** The lake as the command line takes it. */
export function lakeArgument(lake: string): string {
  const path = lake.startsWith("file://") ? decodeURIComponent(lake.slice("file://".length)) : lake;
  const short = path.length > 1 ? path.replace(/\/$/, "") : path;
  return /^[\w@%+=:,./-]+$/.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`;
}
