/** ECharts in React: made once, given options, told of size changes. Only the parts in use are bundled; SVG, so that it is sharp and selectable. */
import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { BrushComponent, GeoComponent, GridComponent, ToolboxComponent, TooltipComponent } from "echarts/components";
import { init, use, type ComposeOption, type EChartsType } from "echarts/core";
import type { BarSeriesOption, LineSeriesOption, PieSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { BrushComponentOption, GeoComponentOption, GridComponentOption, TooltipComponentOption } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([
  BarChart,
  LineChart,
  PieChart,
  ScatterChart,
  GridComponent,
  TooltipComponent,
  GeoComponent,
  BrushComponent,
  ToolboxComponent,
  SVGRenderer,
]);

export type Option = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | PieSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | TooltipComponentOption
  | GeoComponentOption
  | BrushComponentOption
>;

interface EChartProps {
  option: Option;
  /** What a screen reader says; the same numbers are in the panel's table. */
  label: string;
  /** Called with the chart when it is there; returns what undoes it. */
  onReady?: (chart: EChartsType) => (() => void) | void;
  className?: string;
}

export function EChart({ option, label, onReady, className = "" }: EChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const ready = useRef(onReady);
  ready.current = onReady;

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const made = init(element, null, { renderer: "svg" });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    const undo = ready.current?.(made);
    return () => {
      undo?.();
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);

  return <div ref={container} className={`echart ${className}`} role="img" aria-label={label} />;
}

/** The tooltip's look, the same on every chart. */
export function tooltipStyle(palette: { surface: string; grid: string; text: string }) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.grid,
    padding: [6, 10] as [number, number],
    textStyle: { color: palette.text, fontSize: 12, fontFamily: "inherit" },
    confine: true,
  };
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
