/** Shares of a whole: a ring, and the figures beside it. */
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useRef } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatNumber, formatShort } from "../../i18n/format";
import type { Pick } from "./bars";
import { dotOf, EChart, escapeHtml, tooltipStyle, type Option } from "./echart";
import { Legend } from "./legend";
import { categoryModel, total } from "./model";
import { colourOf, paletteOf } from "./palette";
import { useFigures, useSeriesLabel, type Unit } from "./words";

const MOST_SLICES = 9;

interface PieProps {
  columns: readonly string[];
  rows: readonly Row[];
  label: string;
  unit?: Unit | undefined;
  onPick?: ((pick: Pick) => void) | undefined;
}

/** Sizes of the total, by its length: it has to stay inside the ring. */
const TOTAL_SIZES = [20, 20, 20, 20, 17, 14, 12, 11];

export function Pie({ columns, rows, label, unit, onPick }: PieProps) {
  const { dark, language } = useSettings();
  const { exact } = useFigures(unit);
  const column = useMemo(() => categoryModel(columns, rows)?.column, [columns, rows]);
  const seriesLabel = useSeriesLabel(column);
  const slices = useMemo(() => slicesOf(columns, rows), [columns, rows]);
  const sum = total(slices.map(({ value }) => value));
  const option = useMemo<Option>(() => {
    const palette = paletteOf(dark);
    const whole = unit === "bytes" ? exact(sum) : formatShort(sum, language);
    return {
      animation: false,
      textStyle: { fontFamily: "inherit" },
      // The library's own text has styles in its markup, which the policy forbids.
      tooltip: {
        trigger: "item",
        ...tooltipStyle(palette),
        formatter: (raw: unknown) => {
          const { name = "", value = 0, color = "" } = raw as { name?: string; value?: number; color?: string };
          const line = `${dotOf(color)}<span>${escapeHtml(name)}</span><b>${escapeHtml(exact(value))}</b>`;
          return `<div class="tip"><div class="tip-line">${line}</div></div>`;
        },
      },
      series: [
        {
          type: "pie",
          radius: ["58%", "86%"],
          label: {
            show: true,
            position: "center",
            formatter: whole,
            fontSize: TOTAL_SIZES[whole.length] ?? 10,
            fontWeight: 600,
            color: palette.text,
          },
          labelLine: { show: false },
          emphasis: { scale: false },
          itemStyle: { borderColor: palette.surface, borderWidth: 2 },
          cursor: onPick ? "pointer" : "default",
          data: slices.map(({ name, value }, index) => ({
            name: seriesLabel(name),
            value,
            itemStyle: { color: colourOf(name, index, palette) },
            // One for all: each slice would write it over the others', and the letters run together.
            label: { show: index === 0 },
          })),
        },
      ],
    };
  }, [slices, sum, dark, language, seriesLabel, unit, exact, onPick]);
  const latest = useRef({ slices, onPick });
  latest.current = { slices, onPick };
  const onReady = useCallback((chart: EChartsType) => {
    chart.on("click", ({ dataIndex }) => {
      const row = latest.current.slices[dataIndex]?.row;
      if (row) latest.current.onPick?.({ row });
    });
  }, []);
  const pickName = (name: string) => {
    const row = slices.find((slice) => slice.name === name)?.row;
    if (row) onPick?.({ row });
  };
  const shares = slices.map(({ value }) => `${formatNumber(sum > 0 ? Math.round((value / sum) * 1000) / 10 : 0, language)}%`);
  return (
    <div className="pie-chart">
      <EChart option={option} label={label} onReady={onReady} />
      <Legend
        list
        column={column}
        names={slices.map(({ name }) => name)}
        values={slices.map(({ value }) => exact(value))}
        shares={shares}
        onPick={onPick ? pickName : undefined}
      />
    </div>
  );
}

interface Slice {
  name: string;
  value: number;
  /** None for what is summed up under OTHER. */
  row: Row | null;
}

function slicesOf(columns: readonly string[], rows: readonly Row[]): Slice[] {
  const model = categoryModel(columns, rows);
  if (!model) return [];
  const all = model.categories
    .map((name, index): Slice => ({ name, value: model.series[0]?.values[index] ?? 0, row: model.rows[index] ?? null }))
    .sort((a, b) => b.value - a.value);
  if (all.length <= MOST_SLICES) return all;
  const rest = all.slice(MOST_SLICES - 1);
  return [...all.slice(0, MOST_SLICES - 1), { name: "OTHER", value: total(rest.map(({ value }) => value)), row: null }];
}
