/** Where logs come from and alerts go to: sources, what could not be read, the trails' integrity, sinks. */
import { getJson, queryString, sendJson } from "./client";
import type { Schemas } from "./types";

export type Source = Schemas["SourceEntry"];
export type SourceState = Schemas["SourceState"];
export type Piece = Schemas["QuarantinePiece"];
export type Quarantine = Schemas["QuarantineList"];
export type QuarantineReplay = Schemas["QuarantineReplayed"];
export type Trail = Schemas["IntegrityTrail"];
export type TrailHour = Schemas["IntegrityHour"];
export type HourVerdict = TrailHour["verdict"];
export type Sink = Schemas["SinkStatus"];

export interface QuarantineQuery {
  reason?: string | null;
  origin?: string | null;
  /** 1000 at the most. */
  limit?: number;
}

export const getSources = (signal?: AbortSignal) => getJson<Schemas["SourceList"]>("/sources", signal);
export const getQuarantine = (query: QuarantineQuery, signal?: AbortSignal) =>
  getJson<Quarantine>(`/quarantine${queryString({ ...query })}`, signal);
export const replayQuarantine = (what: Partial<Schemas["QuarantineReplay"]>) =>
  sendJson<QuarantineReplay>("POST", "/quarantine/replay", what);
export const getIntegrity = (range: { since?: string | null; until?: string | null }, signal?: AbortSignal) =>
  getJson<Schemas["IntegrityAnswer"]>(`/integrity${queryString(range)}`, signal);
export const getSinks = (signal?: AbortSignal) => getJson<Schemas["SinkList"]>("/sinks", signal);
export const testSink = (name: string) => sendJson<Schemas["SinkTest"]>("POST", `/sinks/${encodeURIComponent(name)}/test`);
export const getDead = (name: string, signal?: AbortSignal) =>
  getJson<Schemas["DeadLetters"]>(`/sinks/${encodeURIComponent(name)}/dead`, signal);
/** Without numbers: all of the sink. */
export const retryDead = (name: string, ids?: readonly number[]) =>
  sendJson<Schemas["Retried"]>("POST", `/sinks/${encodeURIComponent(name)}/dead/retry`, ids ? { ids } : {});
