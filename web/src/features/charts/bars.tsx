/** Ranked bars, plain or stacked. HTML instead of a canvas: long names stay legible, each bar is a button, the table is the chart. */
import type { MouseEvent } from "react";

import { useSettings } from "../../i18n";
import type { Row } from "../../api/types";
import { categoryModel, total, type CategoryModel } from "./model";
import { colourOf, outcomeOf, paletteOf } from "./palette";
import { Legend } from "./legend";
import { useFigures, useSeriesLabel, useWord, type Unit } from "./words";

export interface Pick {
  row: Row;
  /** The series clicked, where it was one. */
  series?: string;
}

interface BarsProps {
  columns: readonly string[];
  rows: readonly Row[];
  stacked: boolean;
  unit?: Unit | undefined;
  label: string;
  onPick?: ((pick: Pick) => void) | undefined;
  /** A click on a name of the legend. */
  onPickSeries?: ((series: string) => void) | undefined;
}

export function Bars({ columns, rows, stacked, label, unit, onPick, onPickSeries }: BarsProps) {
  const { dark } = useSettings();
  const model = categoryModel(columns, rows);
  if (!model) return null;
  const shown = stacked ? model : { ...model, series: model.series.slice(0, 1) };
  const palette = paletteOf(dark);
  const most = Math.max(1, ...shown.categories.map((_, index) => sumAt(shown, index)));
  return (
    <div className="bars-chart">
      {stacked && <Legend names={shown.series.map(({ name }) => name)} onPick={onPickSeries} />}
      <ul className="bars" aria-label={label} tabIndex={onPick ? undefined : 0}>
        {shown.categories.map((category, index) => (
          <li key={`${category} ${index}`}>
            <Bar
              model={shown}
              index={index}
              most={most}
              unit={unit}
              colours={shown.series.map(({ name }, i) => colourOf(name, i, palette))}
              onPick={onPick}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface BarProps {
  model: CategoryModel;
  index: number;
  most: number;
  unit: Unit | undefined;
  colours: readonly string[];
  onPick?: ((pick: Pick) => void) | undefined;
}

function Bar({ model, index, most, unit, colours, onPick }: BarProps) {
  const { m } = useSettings();
  const { exact } = useFigures(unit);
  const word = useWord(model.column);
  const seriesLabel = useSeriesLabel();
  const sum = sumAt(model, index);
  const row = model.rows[index] ?? {};
  const name = word(model.categories[index] ?? "");
  const parts = model.series.map(({ name: series, values }) => ({ series, value: values[index] ?? 0 }));
  const detail = parts.length > 1 ? parts.map(({ series, value }) => `${seriesLabel(series)} ${exact(value)}`).join(", ") : exact(sum);
  const alarming = parts.find(({ series }) => outcomeOf(series) === "unauthorized")?.value ?? 0;
  return (
    <button type="button" className="bar" title={`${name}: ${detail}`} disabled={!onPick} onClick={(event) => onPick?.(pickOf(event, row))}>
      <span className="bar-name">{name}</span>
      <span className="bar-value">
        {alarming > 0 && (
          <b className="alarming">
            {exact(alarming)}
            <span className="visually-hidden"> {m.outcome.unauthorized}</span>
          </b>
        )}
        {alarming < sum && <span>{exact(sum)}</span>}
      </span>
      <span className="bar-track">
        {parts.map(({ series, value }, i) => (
          // A value that is there is seen: at least two pixels, whatever it is beside.
          <span
            key={series}
            data-series={parts.length > 1 ? series : undefined}
            style={{ flex: `0 0 ${(value / most) * 100}%`, minWidth: value > 0 ? 3 : 0, background: colours[i] }}
          />
        ))}
      </span>
    </button>
  );
}

/** A part of a stacked bar is its series; the rest of the bar is the row alone. */
function pickOf(event: MouseEvent, row: Row): Pick {
  const { series } = (event.target as HTMLElement).dataset;
  return series === undefined ? { row } : { row, series };
}

function sumAt(model: CategoryModel, index: number): number {
  return total(model.series.map(({ values }) => values[index] ?? null));
}
