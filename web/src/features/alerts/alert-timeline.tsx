/** Alerts over time, above their list; dragging narrows the list to a time. */
import { lazy, Suspense, useCallback, useMemo, useState } from "react";

import type { AlertCounts } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { useSetParams } from "../../router";
import { instantOf } from "../../state/time-range";
import type { AlertFilters } from "./query";
import { timelineOf } from "./timeline";

const TimeChart = lazy(() => import("../charts/time-chart").then((module) => ({ default: module.TimeChart })));
const COLUMNS = ["_time", "alerts"];

interface AlertTimelineProps {
  counts: AlertCounts;
  filters: AlertFilters;
}

export function AlertTimeline({ counts, filters }: AlertTimelineProps) {
  const { m, zone, language } = useSettings();
  const [whole, setWhole] = useState(false);
  const setParams = useSetParams();
  const { since, until } = filters;
  const timeline = useMemo(() => {
    const now = Date.now();
    const instant = (bound: string | null) => (bound === null ? null : instantOf(bound, now));
    return timelineOf(counts.over_time, instant(since), instant(until) ?? (since === null ? null : now), whole);
  }, [counts, since, until, whole]);
  const zoom = useCallback(
    (from: number, to: number) =>
      setParams((changed) => {
        changed.set("since", new Date(from).toISOString());
        changed.set("until", new Date(to).toISOString());
      }),
    [setParams],
  );
  if (timeline === null) return null;
  const { earlier } = timeline;
  return (
    <div className="card histogram alerts-histogram">
      {earlier && (
        <p className="earlier">
          {m.alerts.earlier(formatNumber(earlier.alerts, language), formatInstant(earlier.first, zone, "minute").slice(0, 10))}{" "}
          <button type="button" className="link-button" onClick={() => setWhole(true)}>
            {m.alerts.showEarlier}
          </button>
        </p>
      )}
      <Suspense fallback={null}>
        <TimeChart
          columns={COLUMNS}
          rows={timeline.rows}
          kind="stacked-column"
          label={m.alerts.overTime}
          bounds={timeline}
          stepMs={timeline.stepMs}
          legend={false}
          onPickTime={zoom}
        />
      </Suspense>
    </div>
  );
}
