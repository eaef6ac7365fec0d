/** Counts over time as columns or lines. A click picks the series; dragging across picks the time. */
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useRef } from "react";

import type { Row } from "../../api/types";
import { useSettings, type Zone } from "../../i18n";
import { formatInstant, formatTick } from "../../i18n/format";
import { dotOf, EChart, escapeHtml, tooltipStyle, type Option } from "./echart";
import { Legend } from "./legend";
import { timeModel, total, withEmptyBuckets, type TimeModel } from "./model";
import { colourOf, paletteOf } from "./palette";
import { useFigures, useSeriesLabel, type Unit } from "./words";

interface TimeChartProps {
  columns: readonly string[];
  rows: readonly Row[];
  kind: "line" | "stacked-column";
  label: string;
  /** The range asked for, so that the axis shows all of it; and the width of a bucket where it is known. */
  bounds: { since: number | null; until: number };
  stepMs?: number | undefined;
  legend?: boolean;
  unit?: Unit | undefined;
  /** True where it led somewhere; else a click chooses the time of what was clicked. */
  onPickSeries?: ((name: string) => boolean) | undefined;
  onPickTime?: ((from: number, to: number) => void) | undefined;
}

export function TimeChart({ columns, rows, kind, label, bounds, stepMs, legend = true, unit, onPickSeries, onPickTime }: TimeChartProps) {
  const { dark, zone } = useSettings();
  const { exact } = useFigures(unit);
  const seriesLabel = useSeriesLabel();
  const { since, until } = bounds;
  const model = useMemo(() => {
    const found = timeModel(columns, rows);
    return found && withEmptyBuckets(found, stepMs ?? found.stepMs, { since, until });
  }, [columns, rows, stepMs, since, until]);
  const option = useMemo<Option | null>(() => {
    if (!model) return null;
    const palette = paletteOf(dark);
    return {
      animation: false,
      textStyle: { fontFamily: "inherit" },
      grid: { left: 8, right: 12, top: 10, bottom: 4, containLabel: true },
      xAxis: {
        type: "category",
        data: model.times.map(String),
        axisLabel: {
          color: palette.muted,
          fontSize: 11,
          hideOverlap: true,
          interval: labelled(model, zone),
          formatter: (value: string) => formatTick(Number(value), zone, model.stepMs),
        },
        axisLine: { lineStyle: { color: palette.grid } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        splitNumber: 4,
        axisLabel: { color: palette.muted, fontSize: 11, formatter: exact },
        splitLine: { lineStyle: { color: palette.grid } },
      },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: kind === "line" ? "line" : "shadow" },
        ...tooltipStyle(palette),
        formatter: (raw: unknown) => tooltipOf(raw, model, (ms) => formatInstant(ms, zone, "minute"), seriesLabel, exact),
      },
      brush: onPickTime
        ? {
            xAxisIndex: 0,
            brushMode: "single",
            transformable: false,
            throttleType: "debounce",
            throttleDelay: 50,
            brushStyle: { color: "rgba(80,140,220,.18)", borderColor: palette.success, borderWidth: 1 },
          }
        : undefined,
      toolbox: { show: false },
      series: model.series.map(({ name, values }, index) => ({
        name,
        data: values,
        color: colourOf(name, index, palette),
        ...(kind === "line"
          ? { type: "line" as const, showSymbol: model.times.length < 3, lineStyle: { width: 1.8 } }
          : {
              type: "bar" as const,
              stack: "all",
              barCategoryGap: "18%",
              barMaxWidth: 36,
              cursor: onPickSeries || onPickTime ? "pointer" : "default",
            }),
      })),
    };
  }, [model, dark, zone, kind, seriesLabel, exact, onPickSeries, onPickTime]);

  const onReady = useReady(model, onPickSeries, onPickTime);
  if (!model || !option) return null;
  return (
    <div className="time-chart">
      {legend && model.series.length > 1 && (
        <Legend names={model.series.map(({ name }) => name)} onPick={onPickSeries ? (name) => void onPickSeries(name) : undefined} />
      )}
      <EChart option={option} label={`${label}: ${summary(model, seriesLabel, exact)}`} onReady={onReady} />
    </div>
  );
}

const DAYS = 3 * 86400e3;

/** Over several days only the days are named, at their midnight; else what fits. */
function labelled(model: TimeModel, zone: Zone): "auto" | ((index: number) => boolean) {
  const span = (model.times[model.times.length - 1] ?? 0) - (model.times[0] ?? 0);
  if (span < DAYS || model.stepMs >= 86400e3) return "auto";
  return (index) => formatInstant(model.times[index] ?? 0, zone, "minute").endsWith("00:00");
}

/** Wires clicks and the time brush; the handlers of the latest render are the ones called. */
function useReady(model: TimeModel | null, onPickSeries: TimeChartProps["onPickSeries"], onPickTime: TimeChartProps["onPickTime"]) {
  const latest = useRef({ model, onPickSeries, onPickTime });
  latest.current = { model, onPickSeries, onPickTime };
  return useCallback((chart: EChartsType) => {
    const arm = () => {
      if (latest.current.onPickTime)
        chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
    };
    chart.on("finished", arm);
    chart.on("click", (event) => {
      if (event.componentType !== "series" || !event.seriesName) return;
      const { model: current, onPickSeries: pickSeries, onPickTime: pickTime } = latest.current;
      if (pickSeries?.(event.seriesName)) return;
      const at = current?.times[event.dataIndex];
      if (current && at !== undefined) pickTime?.(at, at + current.stepMs);
    });
    chart.on("brushEnd", (event: unknown) => {
      const range = (event as { areas?: { coordRange?: unknown }[] }).areas?.[0]?.coordRange;
      const { model: current, onPickTime: pick } = latest.current;
      if (!Array.isArray(range) || !current || !pick) return;
      const from = current.times[Math.max(0, Number(range[0]))];
      const to = current.times[Math.min(current.times.length - 1, Number(range[1]))];
      chart.dispatchAction({ type: "brush", areas: [] });
      if (from !== undefined && to !== undefined && to > from) pick(from, to + current.stepMs);
    });
  }, []);
}

function summary(model: TimeModel, label: (name: string) => string, number: (value: number) => string): string {
  return model.series.map(({ name, values }) => `${label(name)} ${number(total(values))}`).join(", ");
}

function tooltipOf(
  raw: unknown,
  model: TimeModel,
  instant: (ms: number) => string,
  label: (name: string) => string,
  number: (value: number) => string,
): string {
  const items = (Array.isArray(raw) ? raw : [raw]) as { seriesName?: string; value?: number; color?: string; dataIndex?: number }[];
  const at = model.times[items[0]?.dataIndex ?? 0] ?? 0;
  const lines = items
    .filter(({ value }) => (value ?? 0) > 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
    .map(
      ({ seriesName = "", value = 0, color = "" }) =>
        `<div class="tip-line">${dotOf(color)}<span>${escapeHtml(label(seriesName))}</span><b>${escapeHtml(number(value))}</b></div>`,
    );
  return `<div class="tip"><div class="tip-head">${instant(at)}</div>${lines.join("") || number(0)}</div>`;
}
