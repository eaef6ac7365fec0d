/** What a live tail has shown so far, and when it may be tried again. */
import type { ApiError } from "../../api/client";
import type { TailMark } from "../../api/tail";
import type { Diagnostic, Row } from "../../api/types";

/** Events kept; older ones fall off the end. */
export const KEPT = 1000;

export interface Tail {
  state: "connecting" | "live" | "waiting" | "failed";
  /** Newest arrival first. */
  rows: readonly Row[];
  /** What came in while it was paused, newest arrival first. */
  held: readonly Row[];
  paused: boolean;
  /** Events that came in since it began. */
  found: number;
  /** Those of them that were too many at once to be sent. */
  unsent: number;
  /** A look took too long, and something may have been passed over. */
  missed: boolean;
  diagnostics: readonly Diagnostic[];
  error: ApiError | null;
}

export const BEGIN: Tail = {
  state: "connecting",
  rows: [],
  held: [],
  paused: false,
  found: 0,
  unsent: 0,
  missed: false,
  diagnostics: [],
  error: null,
};

export function withLook(tail: Tail, arrived: readonly Row[], mark: Pick<TailMark, "found" | "sent" | "missed">): Tail {
  const to = tail.paused ? "held" : "rows";
  return {
    ...tail,
    state: "live",
    [to]: onTop(arrived, tail[to]),
    found: tail.found + mark.found,
    unsent: tail.unsent + mark.found - mark.sent,
    missed: tail.missed || mark.missed,
  };
}

export function withPause(tail: Tail, paused: boolean): Tail {
  if (paused) return { ...tail, paused };
  return { ...tail, paused, rows: [...tail.held, ...tail.rows].slice(0, KEPT), held: [] };
}

/** Nothing shown; what comes in from now on is. */
export function cleared(tail: Tail): Tail {
  return { ...tail, rows: [], held: [], found: 0, unsent: 0, missed: false };
}

function onTop(arrived: readonly Row[], before: readonly Row[]): readonly Row[] {
  return arrived.length === 0 ? before : [...[...arrived].reverse(), ...before].slice(0, KEPT);
}

/** What passes by itself: the server restarts, is out of reach or busy. Anything else is for the reader to see. */
export function passes({ status }: Pick<ApiError, "status">): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 502;
}

/** Milliseconds before try number `tries` + 1. */
export function delayAfter(tries: number): number {
  return Math.min(15_000, 1000 * 2 ** tries);
}
