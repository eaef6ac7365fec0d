/** Where a click leads: the panel's drill-down, applied to the row clicked, as a link. */
import type { Row } from "../../api/types";
import { readConditions, withValues, type Condition } from "../../state/filters";
import type { TimeRange } from "../../state/time-range";
import { linkTo } from "../../state/url";
import { outcomeOf } from "../charts/palette";
import { instantMs, textOf } from "../results/value";
import type { Drill, Panel } from "./file";

/** Stands in `set` for the series that was clicked. */
const SERIES = "series";
/** What the queries of the dashboards write for "no value"; there is nothing to filter by. */
const NOTHING = new Set(["", "-", "OTHER", "NULL"]);

export interface Clicked {
  row: Row;
  series?: string | undefined;
}

export function drillLink(panel: Panel, clicked: Clicked, path: string, params: URLSearchParams): string | null {
  const { drill } = panel;
  if (!drill) return null;
  if (drill.select) return selectionLink(drill, drill.select, clicked, path, params);
  if (drill.event) {
    const id = textOf(clicked.row[drill.event]);
    return id === "" ? null : linkTo(`/events/${encodeURIComponent(id)}`, params);
  }
  const set = conditionsOf(drill, clicked);
  if (!drill.dashboard && !drill.search && set.length === 0) return null;
  const conditions = set.reduce<Condition[]>((all, { field, op, values }) => withValues(all, field, op, values), readConditions(params));
  if (drill.dashboard) return linkTo(`/dashboards/${encodeURIComponent(drill.dashboard)}`, params, { conditions });
  if (drill.search)
    return linkTo("/search", params, {
      conditions,
      own: { q: drill.search === true ? panel.query : drill.search, ql: drill.search === true ? panel.lang : (drill.lang ?? "spl") },
    });
  return linkTo(path, params, { conditions });
}

/** The filters that a click sets. */
function conditionsOf(drill: Drill, { row, series }: Clicked): Condition[] {
  const set = Object.entries(drill.set ?? {}).flatMap(([field, from]): Condition[] => {
    const value = typeof from !== "string" ? filledIn(from.value, row) : from === SERIES ? (series ?? "") : textOf(row[from]);
    return NOTHING.has(value) ? [] : [{ field, op: "is", values: value.split("\n") }];
  });
  const used = Object.entries(drill.set ?? {}).some(([field, from]) => from === SERIES || field === OUTCOME);
  return used || drill.select || series === undefined ? set : [...set, ...outcomeCondition(series)];
}

/** The field of the outcome, which series may be named after without the panel saying so. */
const OUTCOME = "action";

function outcomeCondition(series: string): Condition[] {
  // Whatever was not refused, be it a success or a failure.
  if (series.toLowerCase() === "authorized") return [{ field: OUTCOME, op: "is_not", values: ["unauthorized"] }];
  const outcome = outcomeOf(series);
  return outcome === null ? [] : [{ field: OUTCOME, op: "is", values: [outcome] }];
}

/** A constant with the row's values in it; nothing where one of them is missing. */
function filledIn(constant: string, row: Row): string {
  const values = [...constant.matchAll(/\$([^$]+)\$/g)].map(([, column = ""]) => textOf(row[column]));
  if (values.some((value) => NOTHING.has(value))) return "";
  return constant.replace(/\$([^$]+)\$/g, (_, column: string) => textOf(row[column]));
}

/** The row that a dashboard's detail panels show. It is in the URL, so that the link shows the same. */
export interface Selection {
  name: string;
  conditions: Condition[];
  range: TimeRange | null;
}

const SELECTED = "sel";
const PREFIX = "sel.";
const SINCE = "since";
const UNTIL = "until";

function selectionLink(drill: Drill, name: string, clicked: Clicked, path: string, params: URLSearchParams): string {
  const own: Record<string, string> = { [SELECTED]: name };
  for (const { field, values } of conditionsOf(drill, clicked)) own[PREFIX + field] = values[0] ?? "";
  const since = drill.since ? instantMs(clicked.row[drill.since]) : null;
  const until = drill.until ? instantMs(clicked.row[drill.until]) : null;
  if (since !== null) own[PREFIX + SINCE] = seconds(since);
  // The end is exclusive; the last event is to be inside.
  if (until !== null) own[PREFIX + UNTIL] = seconds(until + 1000);
  return linkTo(path, params, { own });
}

function seconds(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

export function readSelection(params: URLSearchParams): Selection | null {
  const name = params.get(SELECTED);
  if (!name) return null;
  const conditions: Condition[] = [];
  for (const [key, value] of params) {
    const field = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
    if (field !== null && field !== SINCE && field !== UNTIL && value !== "") conditions.push({ field, op: "is", values: [value] });
  }
  const since = params.get(PREFIX + SINCE);
  const until = params.get(PREFIX + UNTIL);
  return { name, conditions, range: since !== null || until !== null ? { since, until } : null };
}

export function withoutSelection(params: URLSearchParams): void {
  for (const key of [...params.keys()]) if (key === SELECTED || key.startsWith(PREFIX)) params.delete(key);
}

/** True for the row that the selection came from. */
export function isSelectedRow(panel: Panel, row: Row, selection: Selection | null): boolean {
  const { drill } = panel;
  if (!selection || drill?.select !== selection.name) return false;
  const own = conditionsOf(drill, { row });
  return (
    own.length > 0 &&
    own.every(({ field, values }) =>
      selection.conditions.some((condition) => condition.field === field && condition.values[0] === values[0]),
    )
  );
}
