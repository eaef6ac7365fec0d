/** The alerts of a list, fetched page by page as one scrolls. */
import { useCallback, useEffect, useRef, useState } from "react";

import type { ApiError } from "../../api/client";
import { getAlerts, type Alert, type AlertPage, type AlertQuery } from "../../api/detections";
import { asApiError, useFetched } from "../query/use-fetched";

const PAGE = 500;
const EVERY_SECONDS = 30;

export interface Alerts {
  /** The first page: total and counts are its. */
  page: AlertPage | null;
  alerts: readonly Alert[];
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
  more: () => void;
}

export function useAlerts(query: AlertQuery): Alerts {
  const key = JSON.stringify(query);
  const first = useFetched(key, (signal) => getAlerts({ ...query, limit: PAGE }, signal), EVERY_SECONDS);
  const [rest, setRest] = useState<{ of: AlertPage | null; alerts: Alert[]; next: string | null }>({ of: null, alerts: [], next: null });
  const [failed, setFailed] = useState<ApiError | null>(null);
  const busy = useRef(false);
  const page = first.value;
  useEffect(() => setFailed(null), [page]);
  const later = rest.of === page ? rest : { of: page, alerts: [], next: page?.next ?? null };

  const more = useCallback(() => {
    if (later.next === null || page === null || busy.current) return;
    busy.current = true;
    getAlerts({ ...query, limit: PAGE, cursor: later.next })
      .then(
        (answer) => setRest({ of: page, alerts: [...later.alerts, ...answer.alerts], next: answer.next ?? null }),
        (error: unknown) => setFailed(asApiError(error)),
      )
      .finally(() => {
        busy.current = false;
      });
    // `query` is a new object at each render; `key` stands for it.
  }, [key, page, later.next, later.alerts.length]);

  return {
    page,
    alerts: page ? merged(page.alerts, later.alerts) : [],
    error: first.error ?? failed,
    loading: first.loading,
    reload: first.reload,
    more,
  };
}

/** An alert that has moved up since its page was fetched is shown once. */
export function merged(first: readonly Alert[], later: readonly Alert[]): Alert[] {
  const seen = new Set(first.map(({ id }) => id));
  return [...first, ...later.filter(({ id }) => !seen.has(id) && seen.add(id))];
}
