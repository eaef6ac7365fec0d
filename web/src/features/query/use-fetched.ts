/** Something that changes while one looks at it (alerts, the state of sources): fetched again on demand, the last answer stays till then. */
import { useCallback, useEffect, useState } from "react";

import { ApiError, isAbort } from "../../api/client";

export interface Fetched<T> {
  value: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
  /** Puts in what a change has answered, without asking again. */
  set: (change: (value: T) => T) => void;
}

interface State<T> {
  value: T | null;
  error: ApiError | null;
  /** Of the answer that is shown. */
  key: string | null;
}

/** `key` says what is asked; null: nothing (yet). `everySeconds` 0: only on demand. */
export function useFetched<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, everySeconds = 0): Fetched<T> {
  const [state, setState] = useState<State<T>>({ value: null, error: null, key: null });
  const [nonce, setNonce] = useState(0);
  const wanted = key === null ? null : `${nonce} ${key}`;
  useEffect(() => {
    if (wanted === null) return;
    const own = new AbortController();
    load(own.signal).then(
      (value) => !own.signal.aborted && setState({ value, error: null, key: wanted }),
      (error: unknown) => {
        if (!own.signal.aborted && !isAbort(error)) setState((before) => ({ ...before, error: asApiError(error), key: wanted }));
      },
    );
    return () => own.abort();
    // `load` is a new closure at each render; `key` says what it loads.
  }, [wanted]);
  const reload = useCallback(() => setNonce((before) => before + 1), []);
  useEffect(() => {
    if (everySeconds === 0) return;
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds, reload]);
  const set = useCallback(
    (change: (value: T) => T) => setState((before) => (before.value === null ? before : { ...before, value: change(before.value) })),
    [],
  );
  return { value: state.value, error: state.error, loading: wanted !== null && state.key !== wanted, reload, set };
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "page", error instanceof Error ? error.message : String(error));
}
