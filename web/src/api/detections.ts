/** Alerts, rules and sinks: the server's types under the names the page uses, and the calls that read and change them. */
import { getJson, queryString, sendJson } from "./client";
import type { Schemas } from "./types";

export type Severity = Schemas["AlertSeverity"];
export type AlertStatus = Schemas["AlertStatus"];
export type Verdict = Schemas["AlertVerdict"];
export type GroupValue = Schemas["GroupValue"];
export type Alert = Schemas["Alert"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertCounts = Schemas["AlertCounts"];
export type AlertPage = Schemas["AlertList"];
export type AlertChange = Schemas["AlertChange"];
export type Evidence = Schemas["Evidence"];
export type RuleException = Schemas["RuleException"];
export type NewException = Schemas["NewException"];
export type RuleSummary = Schemas["RuleSummary"];
export type RuleList = Schemas["RuleList"];
export type RuleDetail = Schemas["RuleDetail"];
export type RuleTest = Schemas["RuleTestResult"];
export type Tactic = Schemas["AttackTactic"];
export type Technique = Schemas["AttackTechnique"];
export type Replay = Schemas["ReplayAnswer"];
export type ReplayRequest = Schemas["ReplayRequest"];
export type FromSearch = Schemas["SavedSearch"];

export type AlertOrder = "last_seen" | "severity" | "events";

export interface AlertQuery {
  status: AlertStatus | "all";
  /** Several with commas. */
  severity?: string;
  rule?: string | null;
  account?: string | null;
  actor?: string | null;
  q?: string;
  since?: string | null;
  until?: string | null;
  sort?: AlertOrder;
  limit?: number;
  cursor?: string | null;
}

const one = (id: string) => `/alerts/${encodeURIComponent(id)}`;

export const getAlerts = (query: AlertQuery, signal?: AbortSignal) => getJson<AlertPage>(`/alerts${queryString({ ...query })}`, signal);
export const getAlert = (id: string, signal?: AbortSignal) => getJson<AlertDetail>(one(id), signal);
export const changeAlert = (id: string, change: AlertChange) => sendJson<Alert>("PATCH", one(id), change);
export const addNote = (id: string, text: string) => sendJson("POST", `${one(id)}/notes`, { text });
export const changeAlerts = (ids: readonly string[], change: AlertChange) => sendJson("POST", "/alerts/bulk", { ids, ...change });

const rule = (id: string) => `/rules/${encodeURIComponent(id)}`;

export const addException = (ruleId: string, exception: NewException) => sendJson("POST", `${rule(ruleId)}/exceptions`, exception);
export const removeException = (ruleId: string, id: number) => sendJson("DELETE", `${rule(ruleId)}/exceptions/${id}`);

export const getRules = (signal?: AbortSignal) => getJson<RuleList>("/rules", signal);
export const getRule = (id: string, signal?: AbortSignal) => getJson<RuleDetail>(rule(id), signal);
export const getAttack = (signal?: AbortSignal) => getJson<Schemas["AttackMatrix"]>("/attack", signal);
export const changeRule = (id: string, change: Schemas["RuleChange"]) => sendJson("PATCH", rule(id), change);
export const saveRule = (id: string, text: string) => sendJson("PUT", rule(id), { text });
export const createRule = (body: Schemas["NewRule"]) => sendJson<RuleDetail>("POST", "/rules", body);
export const deleteRule = (id: string) => sendJson("DELETE", rule(id));
export const testRule = (id: string) => sendJson<Schemas["RuleTestReport"]>("POST", `${rule(id)}/test`);
export const replayRule = (request: ReplayRequest, signal?: AbortSignal) => sendJson<Replay>("POST", "/rules/replay", request, signal);
