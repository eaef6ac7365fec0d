/** An exception as one fills it in, and as the server takes it. */
import type { AlertDetail, NewException } from "../../api/detections";

export type Kind = "value" | "cidr" | "glob";

export interface Draft {
  field: string;
  kind: Kind;
  what: string;
  reason: string;
  /** Days from now, `never`, or a date as an input of that type has it. */
  until: string;
  date: string;
}

export const NEVER = "never";
export const ON_DATE = "date";
export const DAYS = [7, 30, 90];

export interface Suggestion {
  field: string;
  value: string;
}

/** What the alert is about, most telling first: its group, then who and where. */
export function suggestionsOf(alert: AlertDetail): Suggestion[] {
  const about: Suggestion[] = [
    ...alert.group.map(({ field, value }) => ({ field, value: value ?? "" })),
    { field: "actor_name", value: alert.actor ?? "" },
    { field: "source_ip_address", value: alert.source_address ?? "" },
    { field: "recipient_account_id", value: alert.account ?? "" },
    { field: "aws_region", value: alert.region ?? "" },
    { field: "event_name", value: onlyOne(alert.evidence.map(({ event_name: name }) => name)) },
    { field: "user_agent", value: "" },
  ];
  const seen = new Set<string>();
  return about.filter(({ field }) => !seen.has(field) && seen.add(field));
}

function onlyOne(values: readonly (string | null | undefined)[]): string {
  const found = new Set(values);
  const [first] = found;
  return found.size === 1 ? (first ?? "") : "";
}

export function kindFor(field: string, value: string): Kind {
  if (value.includes("*") || value.includes("?")) return "glob";
  return /address|_ip$/i.test(field) && value.includes("/") ? "cidr" : "value";
}

/** `203.0.113.0/24`, `2001:db8::/32`, or an address by itself. */
export function isCidr(text: string): boolean {
  const [address = "", prefix, ...more] = text.trim().split("/");
  if (more.length > 0) return false;
  const octets = address.split(".");
  const v4 = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256);
  const v6 = !v4 && /^[0-9a-f:]+$/i.test(address) && address.includes(":") && address.split("::").length <= 2;
  if (!v4 && !v6) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (v4 ? 32 : 128));
}

export type Problem = "what" | "cidr" | "reason" | "date";

export function problemsOf(draft: Draft, now: number): Problem[] {
  const problems: Problem[] = [];
  if (draft.what.trim() === "" || draft.field.trim() === "") problems.push("what");
  else if (draft.kind === "cidr" && !isCidr(draft.what)) problems.push("cidr");
  if (draft.reason.trim() === "") problems.push("reason");
  if (draft.until === ON_DATE && !(Date.parse(`${draft.date}T00:00:00Z`) > now)) problems.push("date");
  return problems;
}

export function exceptionOf(draft: Draft, now: number): NewException {
  const until = untilOf(draft, now);
  return {
    field: draft.field.trim(),
    [draft.kind]: draft.what.trim(),
    reason: draft.reason.trim(),
    ...(until === null ? {} : { until }),
  };
}

function untilOf(draft: Draft, now: number): string | null {
  if (draft.until === NEVER) return null;
  if (draft.until === ON_DATE) return `${draft.date}T00:00:00Z`;
  return new Date(Math.floor(now / 1000) * 1000 + Number(draft.until) * 86400e3).toISOString().replace(".000Z", "Z");
}
