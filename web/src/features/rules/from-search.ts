/** A search as the rule that it becomes. */
import type { FromSearch, Severity } from "../../api/detections";
import type { Condition } from "../../state/filters";

export type When = "auto" | "each" | "threshold" | "distinct" | "scheduled";

export interface AlertDraft {
  title: string;
  severity: Severity;
  when: When;
  count: number;
  window: string;
  field: string;
  every: string;
  groupBy: string;
}

export const DRAFT: AlertDraft = {
  title: "",
  severity: "medium",
  when: "each",
  count: 5,
  window: "10m",
  field: "eventName",
  every: "5m",
  groupBy: "recipient_account_id, actor_name",
};

/** Undefined where the server is to tell from the query: the next event that a query would count, or a schedule where it does more. */
export function modeOf({ when, count, window, field, every }: AlertDraft): unknown {
  switch (when) {
    case "auto":
      return undefined;
    case "each":
      return "each";
    case "threshold":
      return { threshold: { window, count } };
    case "distinct":
      return { threshold: { window, count, distinct: field.trim() } };
    case "scheduled":
      return { scheduled: { every, window } };
  }
}

/** The filters of the search become part of the rule. */
export function ruleOf(draft: AlertDraft, lang: string, query: string, conditions: readonly Condition[]): FromSearch {
  const groupBy = valuesIn(draft.groupBy);
  const mode = modeOf(draft);
  return {
    lang,
    query,
    title: draft.title.trim(),
    severity: draft.severity,
    ...(mode === undefined ? {} : { mode }),
    ...(conditions.length > 0 ? { filters: conditions.map(({ field, op, values }) => ({ field, op, values })) } : {}),
    ...(groupBy.length > 0 ? { group_by: groupBy } : {}),
  };
}

/** Names parted by commas, each once. */
export function valuesIn(typed: string): string[] {
  return [...new Set(typed.split(",").map((value) => value.trim()))].filter((value) => value !== "");
}

export const isComplete = ({ title, when, count, field }: AlertDraft): boolean =>
  title.trim() !== "" && (when !== "distinct" || field.trim() !== "") && Number.isInteger(count) && count >= 1;
