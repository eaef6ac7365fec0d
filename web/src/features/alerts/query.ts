/** Which alerts the list shows: kept in the URL, and as the server is asked. */
import type { AlertOrder, AlertQuery, AlertStatus, Severity } from "../../api/detections";
import { NAMED, readConditions, valuesOf } from "../../state/filters";
import { isBound } from "../../state/time-range";

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "informational"];
/** What the list may be sorted by, the largest first; the first is the usual one. */
export const ORDERS: readonly AlertOrder[] = ["last_seen", "severity", "events"];
export const TABS = ["open", "acknowledged", "closed", "all"] as const;
export type Tab = (typeof TABS)[number];

/** Account and actor are those of the filter bar, so that they come along from the dashboards and go back there. */
export interface AlertFilters {
  status: Tab;
  severity: Severity[];
  rule: string | null;
  accounts: string[];
  actors: string[];
  find: string;
  since: string | null;
  until: string | null;
  sort: AlertOrder;
}

const OWN = ["status", "severity", "rule", "find", "sort"] as const;

export function readAlertFilters(params: URLSearchParams): AlertFilters {
  const conditions = readConditions(params);
  const bound = (name: string) => {
    const text = params.get(name);
    return isBound(text) && text !== "now" ? text : null;
  };
  return {
    status: TABS.find((tab) => tab === params.get("status")) ?? "open",
    severity: readSeverities(params),
    rule: params.get("rule") || null,
    accounts: valuesOf(conditions, NAMED.account, "is"),
    actors: valuesOf(conditions, NAMED.user, "is"),
    find: params.get("find") ?? "",
    // An inbox forgets nothing: without a range it shows all alerts, not those of the last week.
    since: bound("since"),
    until: bound("until"),
    sort: ORDERS.find((order) => order === params.get("sort")) ?? "last_seen",
  };
}

export function alertQuery(filters: AlertFilters): AlertQuery {
  const { status, severity, rule, accounts, actors, find, since, until, sort } = filters;
  return {
    status: status satisfies AlertStatus | "all",
    severity: severity.join(","),
    rule,
    account: accounts[0] ?? null,
    actor: actors[0] ?? null,
    q: find.trim(),
    since,
    until,
    sort,
  };
}

/** What a link to an alert takes along beside the common filters, so that one comes back to the same list. */
export function listState(params: URLSearchParams): Record<string, string | null> {
  return Object.fromEntries(OWN.map((name) => [name, params.get(name)]));
}

export const isFiltered = (filters: AlertFilters): boolean =>
  filters.severity.length + filters.accounts.length + filters.actors.length > 0 ||
  [filters.rule, filters.since, filters.until].some((value) => value !== null) ||
  filters.find.trim() !== "";

/** Takes all filters away but the tab. */
export function clearFilters(params: URLSearchParams): void {
  for (const name of ["severity", "rule", "find", "since", "until", "account", "user"]) params.delete(name);
}

export function readSeverities(params: URLSearchParams): Severity[] {
  const asked = (params.get("severity") ?? "").split(",");
  return SEVERITIES.filter((severity) => asked.includes(severity));
}

export function toggleSeverity(params: URLSearchParams, severity: Severity): void {
  const asked = readSeverities(params);
  const next = SEVERITIES.filter((each) => asked.includes(each) !== (each === severity));
  if (next.length === 0) params.delete("severity");
  else params.set("severity", next.join(","));
}
