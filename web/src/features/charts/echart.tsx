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

/**
 * The served policy forbids style attributes, which the renderer gives its elements; the same styles as properties are no attributes. Only
 * SVG elements are concerned.
 */
const { setAttribute } = Element.prototype;
SVGElement.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

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

/** The dot before a series' name in a tooltip; a shape with its colour as attribute, since the policy forbids styles in markup. */
export function dotOf(colour: string): string {
  return `<svg class="tip-dot" width="10" height="10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${escapeHtml(colour)}"/></svg>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
