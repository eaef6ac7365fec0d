/** Alerts counted over time, by when they were last seen: the server's counts of all that match, in steps that suit the time. */
import type { AlertCounts } from "../../api/detections";
import { spanFor } from "../../state/time-range";

export interface Timeline {
  rows: { _time: string; alerts: number }[];
  stepMs: number;
  since: number;
  until: number;
  /** How many alerts were last seen before `since`, and the first of them. */
  earlier: { alerts: number; first: number } | null;
}

const LEAST = 3600e3;
const DAY = 86400e3;
/** Alerts further apart than this are not drawn on one axis unasked: a few old ones would press the others into one bar. */
const LONG = 90 * DAY;
const RECENT = 30 * DAY;

/**
 * `since`, `until` null: from the first of the alerts, to the last; of a long time only its last month, but for `whole`. Null where there
 * is nothing to count.
 */
export function timelineOf(counted: AlertCounts["over_time"], since: number | null, until: number | null, whole = false): Timeline | null {
  const points = counted.map(({ at, alerts }) => ({ time: Date.parse(at), alerts })).filter(({ time }) => !Number.isNaN(time));
  if (points.length === 0) return null;
  const times = points.map(({ time }) => time);
  const [first, last] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, -Infinity]);
  const to = until ?? last ?? 0;
  const begun = since ?? first ?? 0;
  const from = since === null && !whole && to - begun > LONG ? to - RECENT : begun;
  const stepMs = Math.max(LEAST, spanFor(Math.max(1000, to - from)).ms);
  const counts = new Map<number, number>();
  for (const { time, alerts } of points) {
    if (time < from) continue;
    const bucket = Math.floor(time / stepMs) * stepMs;
    counts.set(bucket, (counts.get(bucket) ?? 0) + alerts);
  }
  const rows = [...counts].sort(([a], [b]) => a - b).map(([bucket, alerts]) => ({ _time: new Date(bucket).toISOString(), alerts }));
  const older = points.reduce((sum, { time, alerts }) => (time < from ? sum + alerts : sum), 0);
  const earlier = older > 0 ? { alerts: older, first: begun } : null;
  return { rows, stepMs, since: Math.floor(from / stepMs) * stepMs, until: to, earlier };
}
