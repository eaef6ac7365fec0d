/** Colours of the charts. Outcomes have theirs everywhere; other series take the hues in order. */

export type Severity = "critical" | "high" | "medium" | "low" | "informational";

/** From worst to least. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "informational"];

export interface Palette {
  text: string;
  muted: string;
  grid: string;
  surface: string;
  land: string;
  landBorder: string;
  /** A country that something came from. */
  landSeen: string;
  success: string;
  failure: string;
  unauthorized: string;
  other: string;
  /** From worst to least. */
  severity: Record<Severity, string>;
  series: readonly string[];
}

const LIGHT: Palette = {
  text: "#18202c",
  muted: "#566172",
  grid: "#e6e9ee",
  surface: "#ffffff",
  land: "#e4e8ee",
  landBorder: "#ffffff",
  landSeen: "#d3dce8",
  success: "#4a86c5",
  failure: "#d9962a",
  unauthorized: "#d23a50",
  other: "#a9b2bf",
  severity: { critical: "#a3173a", high: "#d9483b", medium: "#d9962a", low: "#4a86c5", informational: "#8b97a8" },
  series: ["#3f7fc1", "#2f9e8f", "#8a63c4", "#d98a2b", "#5b8c3a", "#c2568f", "#4e6a96", "#b0763f", "#2f8fb5", "#8c8f3a"],
};

const DARK: Palette = {
  text: "#e1e7ef",
  muted: "#97a3b3",
  grid: "#262e3a",
  surface: "#151a22",
  land: "#2a323e",
  landBorder: "#151a22",
  landSeen: "#37424f",
  success: "#5b97d8",
  failure: "#dfab45",
  unauthorized: "#f2606f",
  other: "#667182",
  severity: { critical: "#ff5c7c", high: "#f0806a", medium: "#dfab45", low: "#5b97d8", informational: "#8592a3" },
  series: ["#5b9be0", "#46b8a8", "#a684de", "#e5a04c", "#7fb35c", "#dd7bb0", "#7f9bcb", "#cb9560", "#51acd1", "#b0b356"],
};

export const paletteOf = (dark: boolean): Palette => (dark ? DARK : LIGHT);

/** The outcome that a series' or a value's name stands for. */
export function outcomeOf(name: string): "success" | "failure" | "unauthorized" | null {
  switch (name.toLowerCase()) {
    case "success":
    case "authorized":
      return "success";
    case "failure":
      return "failure";
    case "unauthorized":
      return "unauthorized";
    default:
      return null;
  }
}

/** The severity that a series' or a value's name stands for, as any of the logs writes it. */
export function severityOf(name: string): Severity | null {
  const lower = name.toLowerCase();
  return SEVERITIES.find((severity) => severity === lower) ?? null;
}

const LET_THROUGH = /^(accept|allow|pass)(ed)?$/i;
const REFUSED = /^(reject|block|den(y|ied)|dropp?)(ed)?$/i;

export function colourOf(name: string, index: number, palette: Palette): string {
  const outcome = outcomeOf(name);
  if (outcome) return palette[outcome];
  const severity = severityOf(name);
  if (severity) return palette.severity[severity];
  // What firewalls did has the colours of outcomes, and keeps its own names.
  if (LET_THROUGH.test(name)) return palette.success;
  if (REFUSED.test(name)) return palette.unauthorized;
  if (name === "OTHER" || name === "NULL") return palette.other;
  return palette.series[index % palette.series.length] ?? palette.other;
}
