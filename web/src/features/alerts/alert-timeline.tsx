/** Alerts over time, above their list; dragging narrows the list to a time. */
import { lazy, Suspense, useCallback, useMemo } from "react";

import type { AlertCounts } from "../../api/detections";
import { useSettings } from "../../i18n";
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
  const { m } = useSettings();
  const setParams = useSetParams();
  const { since, until } = filters;
  const timeline = useMemo(() => {
    const now = Date.now();
    const instant = (bound: string | null) => (bound === null ? null : instantOf(bound, now));
    return timelineOf(counts.over_time, instant(since), instant(until) ?? (since === null ? null : now));
  }, [counts, since, until]);
  const zoom = useCallback(
    (from: number, to: number) =>
      setParams((changed) => {
        changed.set("since", new Date(from).toISOString());
        changed.set("until", new Date(to).toISOString());
      }),
    [setParams],
  );
  if (timeline === null) return null;
  return (
    <div className="card histogram alerts-histogram">
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
