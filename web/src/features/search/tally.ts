/** How often each value of each field occurs among events that are loaded. */
import type { Row } from "../../api/types";
import { eventOf } from "../event/event-of";
import { nodesOf, parseRecord } from "../event/record";
import { textOf } from "../results/value";

export interface FieldTally {
  field: string;
  /** Different values; more than are listed. */
  distinct: number;
  /** The most frequent ones. */
  top: { value: string; count: number }[];
  /** In how many events the field is. */
  events: number;
}

/** What one looks at first stands first. */
const FIRST = [
  "user",
  "eventName",
  "errorCode",
  "sourceIPAddress",
  "awsRegion",
  "eventSource",
  "userIdentity.type",
  "userAgent",
  "recipientAccountId",
  "userIdentity.accessKeyId",
  "userIdentity.arn",
];
/** Of columns that the store adds, the ones that people filter by. */
const COLUMNS = ["user"];
const MOST_VALUES = 8;
const MOST_DISTINCT = 2000;

export function tally(rows: readonly Row[]): FieldTally[] {
  const counts = new Map<string, Map<string, number>>();
  for (const row of rows) {
    for (const column of COLUMNS) add(counts, column, textOf(row[column]));
    const { raw } = eventOf(row);
    const record = raw === null ? null : parseRecord(raw);
    if (record === null) continue;
    for (const { field, value, children } of nodesOf(record)) if (children === null && value !== null) add(counts, field, String(value));
  }
  return [...counts]
    .map(([field, values]) => summarise(field, values))
    .sort((a, b) => rank(a) - rank(b) || b.events - a.events || a.field.localeCompare(b.field));
}

function add(counts: Map<string, Map<string, number>>, field: string, value: string): void {
  if (value === "") return;
  const values = counts.get(field) ?? new Map<string, number>();
  counts.set(field, values);
  if (values.size < MOST_DISTINCT || values.has(value)) values.set(value, (values.get(value) ?? 0) + 1);
}

function summarise(field: string, values: Map<string, number>): FieldTally {
  const sorted = [...values].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const events = sorted.reduce((sum, [, count]) => sum + count, 0);
  return { field, distinct: values.size, events, top: sorted.slice(0, MOST_VALUES).map(([value, count]) => ({ value, count })) };
}

function rank({ field }: FieldTally): number {
  const at = FIRST.indexOf(field);
  return at < 0 ? FIRST.length : at;
}
