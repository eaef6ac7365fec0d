/** The rows of a query, kept up with as they arrive. */
import { useEffect, useRef, useState } from "react";

import { ApiError, isAbort, runQuery } from "../../api/client";
import type { QueryEnd, QueryMeta, QueryRequest, Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { zoneName } from "../../i18n/format";
import { inTurn } from "./queue";
import { askOnce } from "./shared";

export interface Rows {
  /** `stale`: the rows of the previous question are shown while the new ones are on their way. */
  state: "idle" | "loading" | "done" | "failed" | "cancelled";
  stale: boolean;
  meta: QueryMeta | null;
  rows: readonly Row[];
  end: QueryEnd | null;
  error: ApiError | null;
  startedAt: number;
}

const IDLE: Rows = { state: "idle", stale: false, meta: null, rows: [], end: null, error: null, startedAt: 0 };

interface Options {
  /** Another number asks the same question again. */
  nonce?: number;
  /** Shows rows while they arrive, not only when all are there. */
  progressive?: boolean;
}

/** Answers that were complete a moment ago are used again when one comes back to a view. */
const kept = new Map<string, { at: number; rows: Rows }>();
const KEPT_MS = 30_000;
const KEPT_MOST = 60;

export function useRows(request: QueryRequest | null, { nonce = 0, progressive = false }: Options = {}): Rows & { cancel: () => void } {
  const { zone } = useSettings();
  // Days begin where the reader's clock says so.
  const key = request === null ? null : JSON.stringify({ timezone: zoneName(zone), ...request });
  const [rows, setRows] = useState<Rows>(() => (key === null ? IDLE : (lookUp(key) ?? IDLE)));
  const controller = useRef<AbortController>(null);
  const answered = useRef<{ key: string | null; nonce: number }>({ key: rows.state === "done" ? key : null, nonce });

  useEffect(() => {
    if (key === null) {
      setRows(IDLE);
      return;
    }
    if (answered.current.key === key && answered.current.nonce === nonce) return;
    const own = new AbortController();
    controller.current = own;
    setRows((before) => ({ ...before, state: "loading", stale: before.rows.length > 0, error: null, startedAt: Date.now() }));
    const asked = JSON.parse(key) as QueryRequest;
    // Panels of a dashboard may have the same query; a progressive answer is another way of asking.
    const ask = (signal: AbortSignal, show: (rows: Rows) => void) =>
      inTurn(() => collect(asked, signal, progressive ? show : null), signal);
    askOnce(`${progressive} ${key}`, ask, own.signal, progressive ? setRows : null)
      .then((done) => {
        answered.current = { key, nonce };
        keep(key, done);
        setRows(done);
      })
      .catch((error: unknown) => {
        if (!own.signal.aborted && !isAbort(error))
          setRows((before) => ({ ...before, state: "failed", stale: false, error: asApiError(error) }));
      });
    return () => {
      answered.current = { key: null, nonce: -1 };
      own.abort();
    };
  }, [key, nonce, progressive]);

  const cancel = () => {
    controller.current?.abort();
    setRows((before) => (before.state === "loading" ? { ...before, state: "cancelled", stale: false } : before));
  };
  return { ...rows, cancel };
}

async function collect(request: QueryRequest, signal: AbortSignal, show: ((rows: Rows) => void) | null): Promise<Rows> {
  const startedAt = Date.now();
  const rows: Row[] = [];
  let meta: QueryMeta | null = null;
  const now = (): Rows => ({ state: "loading", stale: false, meta, rows: [...rows], end: null, error: null, startedAt });
  const end = await runQuery(
    request,
    {
      onMeta: (arrived) => {
        meta = arrived;
        if (!signal.aborted) show?.(now());
      },
      onRows: (batch) => {
        rows.push(...batch);
        if (!signal.aborted) show?.(now());
      },
    },
    signal,
  );
  return { ...now(), state: "done", rows, end };
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "page", error instanceof Error ? error.message : String(error));
}

function lookUp(key: string): Rows | null {
  const found = kept.get(key);
  return found && Date.now() - found.at < KEPT_MS ? found.rows : null;
}

function keep(key: string, rows: Rows): void {
  kept.delete(key);
  kept.set(key, { at: Date.now(), rows });
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MOST && !oldest.done) kept.delete(oldest.value);
}
