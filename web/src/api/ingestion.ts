/** Where alerts go: how the sinks do, what they gave up. */
import { getJson, sendJson } from "./client";

export interface Sink {
  name: string;
  type: string;
  enabled: boolean;
  last_success: string | null;
  last_error: string | null;
  pending: number;
  dead: number;
  quiet_hours: string | null;
}

/** A message that was given up. */
export interface DeadLetter {
  id: number;
  alert: string;
  rule: string;
  /** What it tells of: `opened`, `closed`, … */
  change: string;
  attempts: number;
  error: string;
  at: string;
}

export const getSinks = (signal?: AbortSignal) => getJson<{ sinks: Sink[] }>("/sinks", signal);
export const testSink = (name: string) =>
  sendJson<{ delivered: boolean; error: string | null }>("POST", `/sinks/${encodeURIComponent(name)}/test`);
export const getDead = (name: string, signal?: AbortSignal) =>
  getJson<{ letters: DeadLetter[] }>(`/sinks/${encodeURIComponent(name)}/dead`, signal);
/** Without numbers: all of the sink. */
export const retryDead = (name: string, ids?: readonly number[]) =>
  sendJson<{ messages: number }>("POST", `/sinks/${encodeURIComponent(name)}/dead/retry`, ids ? { ids } : {});
