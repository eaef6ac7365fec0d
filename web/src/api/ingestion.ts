/** Where alerts go: how the sinks do, what they gave up. */
import { getJson, sendJson } from "./client";
import type { Schemas } from "./types";

export type Sink = Schemas["SinkStatus"];

export const getSinks = (signal?: AbortSignal) => getJson<Schemas["SinkList"]>("/sinks", signal);
export const testSink = (name: string) => sendJson<Schemas["SinkTest"]>("POST", `/sinks/${encodeURIComponent(name)}/test`);
export const getDead = (name: string, signal?: AbortSignal) =>
  getJson<Schemas["DeadLetters"]>(`/sinks/${encodeURIComponent(name)}/dead`, signal);
/** Without numbers: all of the sink. */
export const retryDead = (name: string, ids?: readonly number[]) =>
  sendJson<Schemas["Retried"]>("POST", `/sinks/${encodeURIComponent(name)}/dead/retry`, ids ? { ids } : {});
