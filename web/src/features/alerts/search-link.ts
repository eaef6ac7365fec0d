/** From an alert to its events in Search: the rule's query over the alert's group and time. */
import type { Alert, GroupValue } from "../../api/detections";
import type { Condition } from "../../state/filters";
import { linkTo } from "../../state/url";

export interface RuleQuery {
  lang: string;
  text: string;
}

const ANY = { lang: "spl", text: "sourcetype=aws:cloudtrail | sort _time" };

/** `query` null: the rule has none of its own (a correlation has one a step) and the group's events are shown. */
export function alertSearch(alert: Alert, query: RuleQuery | null, params: URLSearchParams): string {
  const { text, lang } = query ?? ANY;
  const since = new Date(Math.floor(Date.parse(alert.first_seen) / 1000) * 1000);
  // The end is exclusive; the last event is to be inside.
  const until = new Date(Math.floor(Date.parse(alert.last_seen) / 1000) * 1000 + 1000);
  return linkTo("/search", params, {
    range: { since: iso(since), until: iso(until) },
    conditions: conditionsOf(alert.group),
    own: { q: text, ql: lang },
  });
}

/** A group as filters; what an event does not have can't be filtered by. */
export function conditionsOf(group: readonly GroupValue[]): Condition[] {
  return group.flatMap(({ field, value }) => (value ? [{ field, op: "is" as const, values: [value] }] : []));
}

const iso = (date: Date) => date.toISOString().replace(".000Z", "Z");
