/** The question a panel asks: its query, over the view's time range and filters, and over the selection where it hangs on one. */
import type { QueryRequest } from "../../api/types";
import { readConditions, type Condition } from "../../state/filters";
import { boundsOf, readRange, spanFor, type TimeRange } from "../../state/time-range";
import type { Panel } from "./file";
import type { Selection } from "./drill";

const ROW_LIMIT = 1000;
const DAY = 86400e3;

export interface Question {
  request: QueryRequest;
  /** The query as it is run, `$span$` filled in: what *Show query* shows. */
  query: string;
  range: TimeRange;
  conditions: Condition[];
  /** Width of a time bucket where the query has `$span$`. */
  stepMs: number | undefined;
}

/** `oldest`: when the first event happened, for the bucket width of an unbounded range. */
export function questionOf(panel: Panel, params: URLSearchParams, selection: Selection | null, oldest: number | null): Question {
  const selected = panel.hidden_until !== undefined && selection?.name === panel.hidden_until ? selection : null;
  const range = selected?.range ?? readRange(params);
  const conditions = merged(readConditions(params), selected?.conditions ?? []);
  const { query, stepMs } = filledIn(panel.query, range, oldest);
  return { request: requestOf(panel.lang, query, range, conditions, ROW_LIMIT), query, range, conditions, stepMs };
}

export function requestOf(lang: string, query: string, range: TimeRange, conditions: readonly Condition[], limit: number): QueryRequest {
  return {
    lang,
    query,
    limit,
    filters: conditions.map(({ field, op, values }) => ({ field, op, values })),
    ...(range.since === null ? {} : { since: range.since }),
    ...(range.until === null ? {} : { until: range.until }),
  };
}

/** The selection's conditions are narrower than the view's on the same field and stand for them. */
function merged(view: readonly Condition[], selection: readonly Condition[]): Condition[] {
  const others = view.filter(({ field, op }) => op !== "is" || !selection.some((condition) => condition.field === field));
  return [...others, ...selection];
}

const SPAN = "$span$";

function filledIn(query: string, range: TimeRange, oldest: number | null): { query: string; stepMs: number | undefined } {
  if (!query.includes(SPAN)) return { query, stepMs: undefined };
  const now = Date.now();
  const { since, until } = boundsOf(range, now);
  const start = since ?? oldest ?? until - 365 * DAY;
  const span = spanFor(Math.max(1000, until - start));
  return { query: query.replaceAll(SPAN, span.text), stepMs: span.ms };
}
