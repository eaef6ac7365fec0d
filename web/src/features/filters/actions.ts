/** Setting filters from wherever a value is shown. */
import { useMemo } from "react";

import { navigate, useLocation } from "../../router";
import { readConditions, withValue, type Op } from "../../state/filters";
import { linkTo } from "../../state/url";

export interface FilterActions {
  /** The link to the current view with one more condition. */
  link: (field: string, op: Op, value: string) => string;
  apply: (field: string, op: Op, value: string) => void;
}

/** Parameters of the view itself that outlive a change of filters: the query and how its result is shown. */
const KEPT = ["q", "ql", "view", "chart"];

/** Views that are about one thing, or about no events, have nothing to filter: their values lead to Search. */
const ABOUT_ONE = ["/events/", "/alerts", "/rules", "/entities/", "/sources", "/integrity", "/sinks"];

export function useFilterActions(): FilterActions {
  const { path, params } = useLocation();
  return useMemo(() => {
    const link = (field: string, op: Op, value: string) => {
      const own = Object.fromEntries(KEPT.flatMap((key) => (params.has(key) ? [[key, params.get(key)]] : [])));
      const target = ABOUT_ONE.some((prefix) => path.startsWith(prefix)) ? "/search" : path;
      return linkTo(target, params, { conditions: withValue(readConditions(params), field, op, value), own });
    };
    return { link, apply: (field, op, value) => navigate(link(field, op, value)) };
  }, [path, params]);
}
