/** What span of time a view looks at, and how it is written in a URL, for the server and for a person. */

/** Bounds as the URL has them: relative (`-7d`), ISO 8601, `now`; null on the left: from the first event on. */
export interface TimeRange {
  since: string | null;
  until: string | null;
}

export const DEFAULT_SINCE = "-7d";
const ALL = "all";

/** Offered in the picker, shortest first. `all` stands for no bound. */
export const PRESETS = ["-15m", "-1h", "-4h", "-24h", "-7d", "-30d", "-90d", "-365d", ALL] as const;
export type Preset = (typeof PRESETS)[number];

const UNIT_MS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

export function isPreset(text: string): text is Preset {
  return (PRESETS as readonly string[]).includes(text);
}

export function readRange(params: URLSearchParams): TimeRange {
  const since = params.get("since");
  const until = params.get("until");
  return {
    since: since === ALL ? null : isBound(since) ? since : DEFAULT_SINCE,
    until: until !== null && until !== "now" && isBound(until) ? until : null,
  };
}

export function writeRange(params: URLSearchParams, range: TimeRange): void {
  params.delete("since");
  params.delete("until");
  if (range.since === null) params.set("since", ALL);
  else if (range.since !== DEFAULT_SINCE || range.until !== null) params.set("since", range.since);
  if (range.until !== null) params.set("until", range.until);
}

/** The preset a range is, if it is one. */
export function presetOf(range: TimeRange): Preset | null {
  if (range.until !== null) return null;
  const text = range.since ?? ALL;
  return isPreset(text) ? text : null;
}

export function fromPreset(preset: Preset): TimeRange {
  return { since: preset === ALL ? null : preset, until: null };
}

/** A bound that the server will understand: relative, `now`, or a parseable instant. */
export function isBound(text: string | null): text is string {
  return text !== null && instantOf(text, 0) !== null;
}

/** Milliseconds since the epoch; relative bounds are counted from `now`. Null where the text is neither. */
export function instantOf(text: string, now: number): number | null {
  if (text === "now") return now;
  const relative = /^-(\d+)([smhdw])$/.exec(text);
  if (relative) return now - Number(relative[1]) * (UNIT_MS[relative[2] ?? ""] ?? 0);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Both ends in milliseconds; an open start is null. */
export function boundsOf(range: TimeRange, now: number): { since: number | null; until: number } {
  const since = range.since === null ? null : instantOf(range.since, now);
  const until = range.until === null ? now : (instantOf(range.until, now) ?? now);
  return { since, until };
}

/** Bucket widths that a time chart may have, in SPL's spelling. */
const SPANS: readonly [number, string][] = [
  [10e3, "10s"],
  [60e3, "1m"],
  [300e3, "5m"],
  [900e3, "15m"],
  [3600e3, "1h"],
  [4 * 3600e3, "4h"],
  [86400e3, "1d"],
  [7 * 86400e3, "7d"],
  [30 * 86400e3, "30d"],
];
const MOST_BUCKETS = 72;

/** The narrowest bucket that cuts `milliseconds` into at most 72. */
export function spanFor(milliseconds: number): { text: string; ms: number } {
  const last: [number, string] = [30 * 86400e3, "30d"];
  const [ms, text] = SPANS.find(([width]) => milliseconds / width <= MOST_BUCKETS) ?? last;
  return { ms, text };
}

/** Twice as much time around the same middle, no further than to now; a relative range stays relative. */
export function zoomedOut(range: TimeRange, now: number): TimeRange {
  const relative = /^-(\d+)([smhdw])$/.exec(range.since ?? "");
  if (relative && range.until === null) return { since: `-${2 * Number(relative[1])}${relative[2] ?? ""}`, until: null };
  const { since, until } = boundsOf(range, now);
  if (since === null) return range;
  const half = (until - since) / 2;
  const end = range.until === null ? null : Math.min(until + half, Math.max(now, until));
  const iso = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return { since: iso(since - half), until: end === null ? null : iso(end) };
}

/** A range around an instant, as the events next to one another are looked at. */
export function around(instant: number, minutes: number): TimeRange {
  const half = minutes * 60e3;
  return { since: new Date(instant - half).toISOString(), until: new Date(instant + half).toISOString() };
}
