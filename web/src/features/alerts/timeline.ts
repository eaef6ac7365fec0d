/** Alerts counted over time, by when they were last seen: the server's counts of all that match, in steps that suit the time. */
import type { AlertCounts } from "../../api/detections";
import { spanFor } from "../../state/time-range";

export interface Timeline {
  rows: { _time: string; alerts: number }[];
  stepMs: number;
  since: number;
  until: number;
}

const LEAST = 3600e3;

/** `since`, `until` null: from the first of the alerts, to the last. Null where there is nothing to count. */
export function timelineOf(counted: AlertCounts["over_time"], since: number | null, until: number | null): Timeline | null {
  const points = counted.map(({ at, alerts }) => ({ time: Date.parse(at), alerts })).filter(({ time }) => !Number.isNaN(time));
  if (points.length === 0) return null;
  const times = points.map(({ time }) => time);
  const [first, last] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, -Infinity]);
  const from = since ?? first ?? 0;
  const to = until ?? last ?? 0;
  const stepMs = Math.max(LEAST, spanFor(Math.max(1000, to - from)).ms);
  const counts = new Map<number, number>();
  for (const { time, alerts } of points) {
    const bucket = Math.floor(time / stepMs) * stepMs;
    counts.set(bucket, (counts.get(bucket) ?? 0) + alerts);
  }
  const rows = [...counts].sort(([a], [b]) => a - b).map(([bucket, alerts]) => ({ _time: new Date(bucket).toISOString(), alerts }));
  return { rows, stepMs, since: Math.floor(from / stepMs) * stepMs, until: to };
}
