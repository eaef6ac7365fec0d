/** Something the server has one of (status, catalogue, a dashboard file): fetched once, shared by all who show it. */
import { useEffect, useState } from "react";

import { ApiError, isAbort } from "../../api/client";

export interface Resource<T> {
  value: T | null;
  error: ApiError | null;
}

const shared = new Map<string, Promise<unknown>>();
const watching = new Set<(key: string) => void>();

/** `key` null: not wanted (yet). */
export function useResource<T>(key: string | null, load: () => Promise<T>): Resource<T> {
  const [state, setState] = useState<Resource<T> & { key: string | null }>({ key: null, value: null, error: null });
  const [nonce, setNonce] = useState(0);
  useEffect(() => {
    const again = (changed: string) => changed === key && setNonce((before) => before + 1);
    watching.add(again);
    return () => void watching.delete(again);
  }, [key]);
  useEffect(() => {
    if (key === null) return;
    let current = true;
    let promise = shared.get(key) as Promise<T> | undefined;
    if (!promise) {
      promise = load();
      shared.set(key, promise);
      promise.catch(() => shared.delete(key));
    }
    promise.then(
      (value) => current && setState({ key, value, error: null }),
      (error: unknown) => {
        if (current && !isAbort(error))
          setState({ key, value: null, error: error instanceof ApiError ? error : new ApiError(0, "page", String(error)) });
      },
    );
    return () => {
      current = false;
    };
    // `load` is a new closure at each render; `key` says what it loads.
  }, [key, nonce]);
  return state.key === key ? state : { value: null, error: null };
}

/** After a change: whoever shows it asks again. What was shown stays until the answer is there. */
export function refetch(key: string): void {
  shared.delete(key);
  for (const again of watching) again(key);
}

/** After signing in or out, what was fetched before is no longer ours. */
export function forgetResources(): void {
  shared.clear();
}
