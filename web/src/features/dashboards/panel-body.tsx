/** What a panel shows of its rows: the chart its file names, or why there is none. */
import { lazy, Suspense, useCallback, useMemo, useRef } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { useSetParams } from "../../router";
import { boundsOf, writeRange } from "../../state/time-range";
import { Bars } from "../charts/bars";
import { useFigures } from "../charts/words";
import { EventList } from "../event/event-list";
import { ErrorMessage } from "../query/error-message";
import type { Rows } from "../query/use-rows";
import { ResultTable } from "../results/result-table";
import { columnsOf, numberOf } from "../results/value";
import { isSelectedRow, type Clicked, type Selection } from "./drill";
import type { Panel } from "./file";
import type { Question } from "./request";

const TimeChart = lazy(() => import("../charts/time-chart").then((module) => ({ default: module.TimeChart })));
const Pie = lazy(() => import("../charts/pie").then((module) => ({ default: module.Pie })));
const RowsMap = lazy(() => import("../map/rows-map"));

interface PanelBodyProps {
  panel: Panel;
  asTable: boolean;
  rows: Rows;
  question: Question;
  selection: Selection | null;
  /** True where the click led somewhere. */
  onDrill: ((clicked: Clicked) => boolean) | undefined;
  onRetry: () => void;
  searchLink: string;
}

export function PanelBody(props: PanelBodyProps) {
  const { m } = useSettings();
  const { panel, rows, onRetry, searchLink } = props;
  if (rows.state === "failed" && rows.error)
    return <ErrorMessage error={rows.error} query={props.question.query} onRetry={onRetry} searchLink={searchLink} />;
  if (rows.meta === null && rows.state !== "done") return <p className="visually-hidden">{m.panel.loading}</p>;
  if (panel.chart === "single" && !props.asTable) return <Single {...props} />;
  if (rows.rows.length === 0 && rows.state === "done") return <p className="message">{m.panel.empty}</p>;
  return (
    <Suspense fallback={null}>
      <Chart {...props} />
    </Suspense>
  );
}

function Chart({ panel, asTable, rows, question, selection, onDrill }: PanelBodyProps) {
  const { text } = useSettings();
  const all = useMemo(() => columnsOf(rows.meta?.columns, rows.rows), [rows]);
  // The id that a row leads to is for the click.
  const columns = useMemo(() => all.filter((column) => column !== panel.drill?.event), [all, panel.drill?.event]);
  const bounds = useStableBounds(question, rows.startedAt);
  const latest = useRef(onDrill);
  latest.current = onDrill;
  const clickable = onDrill !== undefined;
  const pick = useCallback((clicked: Clicked) => void latest.current?.(clicked), []);
  const pickSeries = useCallback((series: string) => latest.current?.({ row: {}, series }) ?? false, []);
  const pickName = useCallback((series: string) => void pickSeries(series), [pickSeries]);
  const zoom = useZoom();
  const label = text(panel.title);
  const shared = { columns, rows: rows.rows, label, unit: panel.unit };
  if (asTable) return <ResultTable {...shared} worded columns={all} fieldOf={(column) => fieldBehind(panel, column)} />;
  switch (panel.chart) {
    case "bar":
    case "stacked-bar":
      return (
        <Bars
          {...shared}
          stacked={panel.chart === "stacked-bar"}
          onPick={clickable ? pick : undefined}
          onPickSeries={clickable ? pickName : undefined}
        />
      );
    case "line":
    case "stacked-column":
      return (
        <TimeChart
          {...shared}
          kind={panel.chart}
          bounds={bounds}
          stepMs={question.stepMs}
          onPickSeries={clickable ? pickSeries : undefined}
          onPickTime={zoom}
        />
      );
    case "pie":
      return <Pie {...shared} onPick={clickable ? pick : undefined} />;
    case "map":
      return (
        <RowsMap
          rows={rows.rows}
          label={label}
          list={panel.width > 5 ? "beside" : "below"}
          onPick={clickable ? pick : undefined}
          onPickSeries={clickable ? pickName : undefined}
        />
      );
    case "events":
      return <EventList rows={rows.rows} map={false} />;
    default:
      return (
        <ResultTable
          {...shared}
          worded
          fieldOf={(column) => fieldBehind(panel, column)}
          onRow={clickable ? (row: Row) => pick({ row }) : undefined}
          isSelected={(row) => isSelectedRow(panel, row, selection)}
        />
      );
  }
}

/** A column that the panel's drill-down sets a filter from stands for that filter's field. */
function fieldBehind(panel: Panel, column: string): string | null {
  return Object.entries(panel.drill?.set ?? {}).find(([, from]) => from === column)?.[0] ?? null;
}

/** The ends of the axis: they move with the clock only when the question is asked again. */
function useStableBounds(question: Question, askedAt: number): { since: number | null; until: number } {
  const { since, until } = question.range;
  return useMemo(() => boundsOf({ since, until }, askedAt === 0 ? Date.now() : askedAt), [since, until, askedAt]);
}

function useZoom(): (from: number, to: number) => void {
  const setParams = useSetParams();
  return useCallback(
    (from, to) => setParams((params) => writeRange(params, { since: new Date(from).toISOString(), until: new Date(to).toISOString() })),
    [setParams],
  );
}

function Single({ panel, rows, onDrill }: PanelBodyProps) {
  const { m, text } = useSettings();
  const { exact, short } = useFigures(panel.unit);
  const row = rows.rows[0] ?? {};
  const value =
    Object.values(row)
      .map(numberOf)
      .find((number) => number !== null) ?? 0;
  const alarming = panel.tone === "bad" && value > 0;
  const content = <span className={alarming ? "figure alarming" : value === 0 ? "figure zero" : "figure"}>{short(value)}</span>;
  if (!onDrill) return content;
  return (
    <button type="button" className="single-button" title={exact(value)} onClick={() => onDrill({ row })}>
      <span className="visually-hidden">{text(panel.title)}: </span>
      {content}
      {value === 0 && panel.tone === "bad" && <span className="single-note">{m.panel.nothingHere}</span>}
    </button>
  );
}
