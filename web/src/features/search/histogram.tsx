/** The events of a search over time, above its list; dragging narrows the range. */
import { lazy, Suspense, useCallback, useMemo } from "react";

import { useSettings } from "../../i18n";
import { useLocation, useSetParams } from "../../router";
import { readConditions } from "../../state/filters";
import { boundsOf, readRange, spanFor, writeRange } from "../../state/time-range";
import { requestOf } from "../dashboards/request";
import { useExtent } from "../query/range-banner";
import { useRows } from "../query/use-rows";
import { columnsOf } from "../results/value";

const TimeChart = lazy(() => import("../charts/time-chart").then((module) => ({ default: module.TimeChart })));
const YEAR = 365 * 86400e3;

/** `query` finds events, in whatever language: the server counts them over time. */
export function Histogram({ lang, query, nonce }: { lang: string; query: string; nonce: number }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const extent = useExtent();
  const range = readRange(params);
  const bounds = useMemo(() => boundsOf({ since: range.since, until: range.until }, Date.now()), [range.since, range.until, nonce]);
  const span = spanFor(Math.max(1000, bounds.until - (bounds.since ?? extent?.oldest ?? bounds.until - YEAR)));
  const asked = requestOf(lang, query, range, readConditions(params), 5000);
  const rows = useRows({ ...asked, timeline: Math.max(1, Math.round(span.ms / 1000)) }, { nonce });
  const zoom = useCallback(
    (from: number, to: number) =>
      setParams((changed) => writeRange(changed, { since: new Date(from).toISOString(), until: new Date(to).toISOString() })),
    [setParams],
  );
  const columns = useMemo(() => columnsOf(rows.meta?.columns, rows.rows), [rows]);
  // A query whose events cannot be counted (after `head`, say, without times) simply has no histogram.
  if (rows.state === "failed") return null;
  return (
    <div className="card histogram" aria-busy={rows.state === "loading"}>
      <Suspense fallback={null}>
        <TimeChart
          columns={columns}
          rows={rows.rows}
          kind="stacked-column"
          label={m.search.histogram}
          bounds={bounds}
          stepMs={span.ms}
          legend={false}
          onPickTime={zoom}
        />
      </Suspense>
    </div>
  );
}
