/** Writes what is run in Search into the history, and how it ended. */
import { useEffect } from "react";

import type { Rows } from "../query/use-rows";
import { askedAt, useHistory } from "./history";

export function useRecorded(query: string | null, lang: string, params: URLSearchParams, rows: Rows): void {
  const { begin, end } = useHistory();
  const search = query === null ? null : askedAt(params);
  const { state, startedAt } = rows;
  const found = rows.end?.rows ?? 0;
  const took = rows.end?.elapsed_ms ?? 0;
  useEffect(() => {
    if (search === null || query === null || state !== "loading") return;
    begin({ search, query, lang, at: startedAt });
  }, [search, query, lang, state, startedAt, begin]);
  useEffect(() => {
    if (search === null) return;
    if (state === "done") end(search, { rows: found, ms: took });
    else if (state === "failed" || state === "cancelled") end(search, state);
  }, [search, state, found, took, end]);
}
