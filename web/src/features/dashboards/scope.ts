/** Conditions that a page puts on all its panels, beside those of the filter bar: what the page is about. */
import { createContext, useContext, useMemo } from "react";

import { readConditions, writeConditions, type Condition } from "../../state/filters";

export const ScopeContext = createContext<readonly Condition[]>([]);

/** The parameters as the panels of this page read them. */
export function useScoped(params: URLSearchParams): URLSearchParams {
  const scope = useContext(ScopeContext);
  return useMemo(() => scoped(params, scope), [params, scope]);
}

export function scoped(params: URLSearchParams, scope: readonly Condition[]): URLSearchParams {
  if (scope.length === 0) return params;
  const both = new URLSearchParams(params);
  const others = readConditions(params).filter(({ field, op }) => !scope.some((own) => own.field === field && own.op === op));
  writeConditions(both, [...others, ...scope]);
  return both;
}
