/** Which rules the catalogue shows, and in which order: parameters of the URL. */
import type { RuleSummary, Severity } from "../../api/detections";
import type { Text } from "../dashboards/file";
import { SEVERITIES } from "../alerts/query";

export const STATES = ["on", "off", "hits", "alerts", "own", "broken"] as const;
export type RuleState = (typeof STATES)[number];
export const SORTS = ["severity", "hits", "last", "title"] as const;
export type RuleSort = (typeof SORTS)[number];

export interface RuleFilters {
  severity: Severity | null;
  group: string | null;
  log: string | null;
  attack: string | null;
  state: RuleState | null;
  find: string;
  sort: RuleSort;
}

const OWN = ["severity", "group", "log", "attack", "state", "find", "sort", "view"];

export function readRuleFilters(params: URLSearchParams): RuleFilters {
  return {
    severity: SEVERITIES.find((severity) => severity === params.get("severity")) ?? null,
    group: params.get("group") || null,
    log: params.get("log") || null,
    attack: params.get("attack") || null,
    state: STATES.find((state) => state === params.get("state")) ?? null,
    find: params.get("find") ?? "",
    sort: SORTS.find((sort) => sort === params.get("sort")) ?? "severity",
  };
}

/** What a link to a rule takes along, so that one comes back to the same list. */
export function catalogueState(params: URLSearchParams): Record<string, string | null> {
  return Object.fromEntries(OWN.map((name) => [name, params.get(name)]));
}

export function clearRuleFilters(params: URLSearchParams): void {
  for (const name of OWN) if (name !== "sort" && name !== "view") params.delete(name);
}

export const isFiltered = ({ severity, group, log, attack, state, find }: RuleFilters): boolean =>
  [severity, group, log, attack, state].some((value) => value !== null) || find.trim() !== "";

export function matches(rule: RuleSummary, filters: RuleFilters): boolean {
  const { severity, group, log, attack, state, find } = filters;
  return (
    (severity === null || rule.severity === severity) &&
    (group === null || rule.group === group) &&
    (log === null || rule.logs.includes(log)) &&
    (attack === null || rule.attack.some((id) => id === attack || id.startsWith(`${attack}.`))) &&
    (state === null || inState(rule, state)) &&
    mentions(rule, find)
  );
}

function inState(rule: RuleSummary, state: RuleState): boolean {
  switch (state) {
    case "on":
      return rule.enabled;
    case "off":
      return !rule.enabled;
    case "hits":
      return rule.hits_30d > 0;
    case "alerts":
      return rule.alerts_open > 0;
    case "own":
      return !rule.builtin;
    case "broken":
      return rule.error !== null;
  }
}

/** Every word is somewhere in what the rule says of itself. */
function mentions(rule: RuleSummary, find: string): boolean {
  const words = find.trim().toLowerCase().split(/\s+/);
  const said = [rule.id, ...texts(rule.title), ...texts(rule.description), ...rule.covers, ...rule.attack, ...rule.logs]
    .join("\n")
    .toLowerCase();
  return words.every((word) => said.includes(word));
}

const texts = ({ en, ja }: Text) => [en, ja];

export function sortRules(rules: readonly RuleSummary[], sort: RuleSort, text: (text: Text) => string, locale: string): RuleSummary[] {
  const byTitle = (a: RuleSummary, b: RuleSummary) => text(a.title).localeCompare(text(b.title), locale);
  const order: Record<RuleSort, (a: RuleSummary, b: RuleSummary) => number> = {
    title: byTitle,
    severity: (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
    hits: (a, b) => b.hits_30d - a.hits_30d,
    last: (a, b) => (b.last_hit ?? "").localeCompare(a.last_hit ?? ""),
  };
  return [...rules].sort((a, b) => order[sort](a, b) || byTitle(a, b));
}

/** The values of a property that occur, for a list to choose from. */
export function choices(rules: readonly RuleSummary[], of: (rule: RuleSummary) => readonly (string | null | undefined)[]): string[] {
  return [...new Set(rules.flatMap((rule) => of(rule)))].filter((value): value is string => Boolean(value)).sort();
}
