/** Changes of a dashboard while it is edited: each makes a new file and leaves the old one as it was. */
import type { ChartKind, DashboardFile, Drill, Language, Panel, Text } from "./file";

const LONGEST_ID = 60;

/** A name for an address: lower-case letters and digits, words joined by hyphens. Titles in Japanese alone give none. */
export function slug(title: string, otherwise: string): string {
  const text = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, LONGEST_ID)
    .replace(/-+$/, "");
  return text === "" ? otherwise : text;
}

/** `base`, or the first of `base-2`, `base-3`, … that is not taken. */
export function freeId(base: string, taken: Iterable<string>): string {
  const all = new Set(taken);
  if (!all.has(base)) return base;
  for (let number = 2; ; number += 1) if (!all.has(`${base}-${number}`)) return `${base}-${number}`;
}

export const said = (text: Text | undefined): string => text?.en?.trim() || text?.ja?.trim() || "";

/** Names of the API below `/dashboards`. */
const TAKEN = ["convert"];
const OWN_ORDER = 100;

export function blankDashboard(title: Text, taken: Iterable<string>): DashboardFile {
  return { id: freeId(slug(said(title), "dashboard"), [...taken, ...TAKEN]), title, description: {}, order: OWN_ORDER, panels: [] };
}

/** A copy under a title of its own; drill-downs to the original lead to the copy. */
export function copyOf(file: DashboardFile, title: Text, taken: Iterable<string>): DashboardFile {
  const id = freeId(slug(said(title), file.id), [...taken, ...TAKEN]);
  const panels = file.panels.map((panel) =>
    panel.drill?.dashboard === file.id ? { ...panel, drill: { ...panel.drill, dashboard: id } } : panel,
  );
  return { ...file, id, title, order: OWN_ORDER, panels };
}

export function newPanel(file: DashboardFile, start: Partial<Panel> = {}): Panel {
  const panel: Panel = {
    id: "",
    title: {},
    description: {},
    lang: "spl",
    query: "sourcetype=aws:cloudtrail | stats count BY eventName | sort - count | head 10",
    chart: "bar",
    width: 6,
    height: 300,
    drill: { set: { eventName: "eventName" } },
    ...start,
  };
  return { ...panel, id: freeId(slug(said(panel.title), "panel"), ids(file)) };
}

const ids = (file: DashboardFile) => file.panels.map(({ id }) => id);

/** `index` past the end adds the panel. */
export function withPanel(file: DashboardFile, index: number, panel: Panel): DashboardFile {
  const others = ids(file).filter((_, at) => at !== index);
  const named = panel.id !== "" && !others.includes(panel.id) ? panel : { ...panel, id: freeId(slug(said(panel.title), "panel"), others) };
  return { ...file, panels: [...file.panels.slice(0, index), named, ...file.panels.slice(index + 1)] };
}

export function withoutPanel(file: DashboardFile, index: number): DashboardFile {
  return { ...file, panels: file.panels.filter((_, at) => at !== index) };
}

export function duplicated(file: DashboardFile, index: number): DashboardFile {
  const panel = file.panels[index];
  if (!panel) return file;
  const copy = { ...panel, id: freeId(panel.id, ids(file)) };
  return { ...file, panels: [...file.panels.slice(0, index + 1), copy, ...file.panels.slice(index + 1)] };
}

/** Moves a panel by so many places; at the ends it stays. */
export function moved(file: DashboardFile, index: number, by: number): DashboardFile {
  const to = index + by;
  const panel = file.panels[index];
  if (!panel || to < 0 || to >= file.panels.length) return file;
  const others = file.panels.filter((_, at) => at !== index);
  return { ...file, panels: [...others.slice(0, to), panel, ...others.slice(to)] };
}

/** What a drill-down does, as one chooses it. */
export const DRILL_KINDS = ["none", "filter", "dashboard", "search", "query", "event", "select"] as const;
export type DrillKind = (typeof DRILL_KINDS)[number];

export function drillKind(drill: Drill | undefined): DrillKind {
  if (!drill) return "none";
  if (drill.select) return "select";
  if (drill.event !== undefined) return "event";
  if (drill.dashboard !== undefined) return "dashboard";
  if (drill.search === true) return "search";
  return drill.search !== undefined ? "query" : "filter";
}

/** The drill-down of another kind, keeping the filters it sets. */
export function ofKind(kind: DrillKind, drill: Drill | undefined, panel: Panel): Drill | undefined {
  const set = drill?.set && Object.keys(drill.set).length > 0 ? { set: drill.set } : {};
  switch (kind) {
    case "none":
      return undefined;
    case "filter":
      return { set: drill?.set ?? {} };
    case "dashboard":
      return { ...set, dashboard: drill?.dashboard ?? "user-activity" };
    case "search":
      return { ...set, search: true };
    case "query":
      return { ...set, search: panel.lang === "spl" ? sourceOf(panel.query) : "sourcetype=aws:cloudtrail" };
    case "event":
      return { event: drill?.event ?? "eventID" };
    case "select":
      return { ...set, select: drill?.select ?? "row" };
  }
}

const TRANSFORMS = /^(stats|timechart|chart|top|rare|table|fields|dedup|sort|head|eventstats|transaction|iplocation|fillnull)\b/i;

/** The search before the first command that makes rows of events: what a number counts. */
export function sourceOf(query: string): string {
  const parts = commandsOf(query);
  const cut = parts.findIndex((part, index) => index > 0 && TRANSFORMS.test(part));
  return (cut < 0 ? parts : parts.slice(0, cut)).join(" | ");
}

/** The commands of SPL; strings and brackets are left whole. */
function commandsOf(query: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = "";
  for (let i = 0; i < query.length; i += 1) {
    const character = query[i] ?? "";
    if (character === '"' && query[i - 1] !== "\\") quoted = !quoted;
    if (!quoted && "([".includes(character)) depth += 1;
    if (!quoted && ")]".includes(character)) depth -= 1;
    if (character === "|" && !quoted && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  return [...parts, part.trim()].filter((text) => text !== "");
}

/** Where a panel made of a search leads: to the events that it counts, narrowed to the value that was clicked where that is a field. */
export function drillFor(lang: string, query: string, chart: ChartKind, field: string | null): Drill | undefined {
  if (chart === "events") return undefined;
  const series = chart === "line" || chart === "stacked-column";
  const set = field === null ? {} : { set: { [field]: series ? "series" : field } };
  if (lang !== "spl") return { ...set, search: true };
  const source = sourceOf(query);
  return { ...set, search: source === query.trim() ? true : source };
}

export function asLanguage(lang: string): Language {
  return lang as Language;
}
