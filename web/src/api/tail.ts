/** Live tail: the events of a query as they come in. */
import { ApiError, call, errorOf } from "./client";
import { linesOf } from "./ndjson";
import type { QueryMeta, Row, Schemas } from "./types";

export type TailMark = Schemas["TailMark"];
export type TailRequest = Schemas["TailRequest"];

export interface TailListener {
  onMeta: (meta: QueryMeta) => void;
  /** What one look at the lake found, whole; none of it where nothing came in. */
  onLook: (rows: Row[], mark: TailMark) => void;
}

/**
 * Resolves when the server ends the answer in order; the last mark goes on from there. Events of a look that was cut off are
 * not passed on: asked again from the mark before, the server sends them all.
 */
export async function followQuery(request: TailRequest, listener: TailListener, signal: AbortSignal): Promise<void> {
  const response = await call("/tail", { method: "POST", json: request, signal });
  if (!response.body) throw new ApiError(0, "no-body", "The server sent no rows.");
  let rows: Row[] = [];
  for await (const line of linesOf(response.body)) {
    const value = JSON.parse(line) as Row;
    if ("_meta" in value) listener.onMeta(value["_meta"] as unknown as QueryMeta);
    else if ("_error" in value) throw errorOf(200, value["_error"]);
    else if ("_end" in value) return;
    else if ("_tail" in value) {
      listener.onLook(rows, value["_tail"] as unknown as TailMark);
      rows = [];
    } else rows.push(value);
  }
  throw new ApiError(0, "cut-off", "The answer ended before its last line.");
}
