/** Follows a query for as long as it is shown; goes on from the last mark where the connection ends. */
import { useEffect, useState } from "react";

import { isAbort } from "../../api/client";
import { followQuery, type TailRequest } from "../../api/tail";
import { asApiError } from "../query/use-fetched";
import { BEGIN, cleared, delayAfter, passes, withLook, withPause, type Tail } from "./tail";

type Change = (change: (tail: Tail) => Tail) => void;

export interface Following extends Tail {
  pause: (paused: boolean) => void;
  clear: () => void;
}

/** Another `nonce` begins anew. */
export function useTail(request: TailRequest, nonce: number): Following {
  const [tail, setTail] = useState(BEGIN);
  const key = JSON.stringify(request);
  useEffect(() => {
    const own = new AbortController();
    setTail(BEGIN);
    void follow(JSON.parse(key) as TailRequest, own.signal, (change) => {
      if (!own.signal.aborted) setTail(change);
    });
    return () => own.abort();
  }, [key, nonce]);
  return { ...tail, pause: (paused) => setTail((now) => withPause(now, paused)), clear: () => setTail(cleared) };
}

async function follow(request: TailRequest, signal: AbortSignal, change: Change): Promise<void> {
  let after: string | undefined;
  let tries = 0;
  while (!signal.aborted) {
    try {
      await followQuery(
        after === undefined ? request : { ...request, after },
        {
          onMeta: ({ diagnostics }) => change((tail) => ({ ...tail, state: "live", diagnostics })),
          onLook: (rows, mark) => {
            after = mark.mark;
            tries = 0;
            change((tail) => withLook(tail, rows, mark));
          },
        },
        signal,
      );
    } catch (thrown) {
      if (signal.aborted || isAbort(thrown)) return;
      const error = asApiError(thrown);
      if (!passes(error)) {
        change((tail) => ({ ...tail, state: "failed", error }));
        return;
      }
      change((tail) => ({ ...tail, state: "waiting" }));
    }
    await pause(delayAfter(tries++), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
