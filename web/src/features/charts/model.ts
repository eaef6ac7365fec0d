/** From rows to what a chart draws: which column is the category, which are numbers, which is time. */
import type { Row } from "../../api/types";
import { instantMs, isTimeColumn, numberOf, textOf } from "../results/value";
import { outcomeOf, SEVERITIES, severityOf } from "./palette";

export interface Series {
  name: string;
  values: (number | null)[];
}

export interface CategoryModel {
  /** The column whose values are the categories. */
  column: string;
  categories: string[];
  series: Series[];
  rows: readonly Row[];
}

export interface TimeModel {
  column: string;
  times: number[];
  series: Series[];
  stepMs: number;
}

/** First column that is not a number in every row, then all columns of numbers. */
export function categoryModel(columns: readonly string[], rows: readonly Row[]): CategoryModel | null {
  const numeric = columns.filter((column) => isNumeric(column, rows));
  const column = columns.find((name) => !numeric.includes(name)) ?? columns[0];
  if (column === undefined) return null;
  const series = numeric.filter((name) => name !== column).map((name) => seriesOf(name, rows));
  if (series.length === 0) return null;
  return { column, categories: rows.map((row) => textOf(row[column])), series, rows };
}

function isNumeric(column: string, rows: readonly Row[]): boolean {
  const present = rows.filter((row) => row[column] !== null && row[column] !== undefined);
  return present.length > 0 && present.every((row) => typeof row[column] === "number");
}

function seriesOf(name: string, rows: readonly Row[]): Series {
  return { name, values: rows.map((row) => numberOf(row[name])) };
}

/** A time column and one series a further column of numbers; rows without a time are left out. */
export function timeModel(columns: readonly string[], rows: readonly Row[]): TimeModel | null {
  const column = columns.find((name) => isTimeColumn(name) && rows.some((row) => instantMs(row[name]) !== null));
  if (column === undefined) return null;
  const timed = rows
    .map((row) => ({ row, at: instantMs(row[column]) }))
    .filter((item): item is { row: Row; at: number } => item.at !== null)
    .sort((a, b) => a.at - b.at);
  const names = columns.filter((name) => name !== column && !name.startsWith("_") && timed.some(({ row }) => numberOf(row[name]) !== null));
  if (names.length === 0) return null;
  const times = timed.map(({ at }) => at);
  return {
    column,
    times,
    series: ordered(
      names.map((name) =>
        seriesOf(
          name,
          timed.map(({ row }) => row),
        ),
      ),
    ),
    stepMs: stepOf(times),
  };
}

const OUTCOMES = ["success", "failure", "unauthorized"];
const REST = ["OTHER", "NULL"];

/** Outcomes from good to bad, severities from worst to least, whatever the alphabet; the rest last, on top of the stack and at the end of the legend. */
function ordered(series: Series[]): Series[] {
  const rank = ({ name }: Series) => {
    const outcome = outcomeOf(name);
    const severity = severityOf(name);
    if (severity) return SEVERITIES.indexOf(severity) - SEVERITIES.length;
    return outcome ? OUTCOMES.indexOf(outcome) : OUTCOMES.length + REST.indexOf(name) + 1;
  };
  return [...series].sort((a, b) => rank(a) - rank(b));
}

function stepOf(times: readonly number[]): number {
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i += 1) {
    const gap = (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (gap > 0) step = Math.min(step, gap);
  }
  return Number.isFinite(step) ? step : 3600e3;
}

const MOST_BUCKETS = 1000;

/** Empty buckets between the rows, and out to the ends of the range, drawn as zero: a gap in the log is not a gap in the axis. */
export function withEmptyBuckets(model: TimeModel, stepMs: number, bounds: { since: number | null; until: number }): TimeModel {
  const first = model.times[0];
  const last = model.times[model.times.length - 1];
  if (first === undefined || last === undefined || stepMs <= 0) return model;
  const from = bounds.since === null ? first : first - Math.ceil(Math.max(0, first - bounds.since) / stepMs - 1e-9) * stepMs;
  const to = last + Math.floor(Math.max(0, bounds.until - last) / stepMs) * stepMs;
  const count = Math.round((to - from) / stepMs) + 1;
  if (count > MOST_BUCKETS) return model;
  const at = new Map(model.times.map((time, index) => [time, index]));
  const times = [...new Set([...Array.from({ length: count }, (_, index) => from + index * stepMs), ...model.times])].sort((a, b) => a - b);
  const series = model.series.map(({ name, values }) => ({
    name,
    values: times.map((time) => {
      const index = at.get(time);
      return index === undefined ? 0 : (values[index] ?? 0);
    }),
  }));
  return { ...model, times, series, stepMs };
}

export function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
