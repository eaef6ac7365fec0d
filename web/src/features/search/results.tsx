/** What a search found: events, a table or a chart, how it went, and the way out as a file. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { QueryRequest, Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatBytes, formatNumber } from "../../i18n/format";
import { useLocation, useSetParams } from "../../router";
import { boundsOf, readRange, writeRange } from "../../state/time-range";
import { Bars, type Pick } from "../charts/bars";
import { categoryModel, timeModel } from "../charts/model";
import { EventList } from "../event/event-list";
import { useFilterActions } from "../filters/actions";
import { isField, useCatalogue } from "../query/catalogue";
import type { Rows } from "../query/use-rows";
import { ResultTable } from "../results/result-table";
import { columnsOf, textOf } from "../results/value";
import { ExportButtons } from "./export-buttons";
import { FieldValues } from "./field-values";
import { Pager, PAGE_SIZE } from "./pager";

const TimeChart = lazy(() => import("../charts/time-chart").then((module) => ({ default: module.TimeChart })));
const Pie = lazy(() => import("../charts/pie").then((module) => ({ default: module.Pie })));

type ResultView = "events" | "table" | "chart";
const VIEWS: readonly ResultView[] = ["events", "table", "chart"];
const RowsMap = lazy(() => import("../map/rows-map"));
const CHARTS = ["column", "line", "bar", "pie", "map"] as const;
type ChartType = (typeof CHARTS)[number];
/** Columns that make a result one of places. */
const COUNTRY = ["Country", "geo_country_name", "geo_country_code"];

export function Results({ rows, request }: { rows: Rows & { cancel: () => void }; request: QueryRequest }) {
  const { m, language } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const columns = useMemo(() => columnsOf(rows.meta?.columns, rows.rows), [rows]);
  const view = viewOf(params.get("view"), rows.meta?.kind);
  return (
    <section className="results" aria-label={m.search.view} aria-busy={rows.state === "loading"}>
      <div className="result-bar">
        <div className="tabs" role="tablist" aria-label={m.search.view}>
          {VIEWS.filter((candidate) => candidate !== "events" || rows.meta?.kind === "events").map((candidate) => (
            <button
              key={candidate}
              type="button"
              role="tab"
              aria-selected={view === candidate}
              onClick={() => setParams((changed) => changed.set("view", candidate), { replace: true })}
            >
              {m.search[candidate]}
            </button>
          ))}
        </div>
        <Progress rows={rows} />
        <ExportButtons columns={columns} rows={rows} request={request} />
      </div>
      {rows.end?.truncated && <p className="banner">{m.search.truncated(formatNumber(rows.rows.length, language))}</p>}
      <Suspense fallback={null}>
        {view === "chart" ? <ChartView columns={columns} rows={rows} /> : <PagedView view={view} columns={columns} rows={rows} />}
      </Suspense>
    </section>
  );
}

function viewOf(asked: string | null, kind: "events" | "rows" | undefined): ResultView {
  const wanted = VIEWS.find((view) => view === asked);
  if (wanted && (wanted !== "events" || kind === "events")) return wanted;
  return kind === "events" ? "events" : "table";
}

function PagedView({ view, columns, rows }: { view: ResultView; columns: readonly string[]; rows: Rows }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const [page, setPage] = useState(0);
  const last = Math.max(0, Math.ceil(rows.rows.length / PAGE_SIZE) - 1);
  const current = Math.min(page, last);
  const shown = useMemo(() => rows.rows.slice(current * PAGE_SIZE, (current + 1) * PAGE_SIZE), [rows.rows, current]);
  useEffect(() => setPage(0), [rows.startedAt]);
  if (rows.rows.length === 0) return rows.state === "done" ? <p className="message">{m.panel.empty}</p> : null;
  const open = (id: string | null) =>
    setParams((changed) => (id === null ? changed.delete("row") : changed.set("row", id)), { replace: true });
  return (
    <>
      {view === "events" ? (
        <div className="events-with-fields">
          <FieldValues rows={rows.rows} />
          <div className="card">
            <EventList rows={shown} open={params.get("row")} onOpen={open} />
          </div>
        </div>
      ) : (
        <div className="card table-card">
          <ResultTable columns={columns} rows={shown} label={m.search.table} />
        </div>
      )}
      {last > 0 && <Pager page={current} count={rows.rows.length} onPage={setPage} />}
    </>
  );
}

function ChartView({ columns, rows }: { columns: readonly string[]; rows: Rows }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const timed = useMemo(() => timeModel(columns, rows.rows) !== null, [columns, rows.rows]);
  const asked = CHARTS.find((type) => type === params.get("chart"));
  const placed = columns.some((column) => COUNTRY.includes(column));
  const able: Record<ChartType, boolean> = { column: timed, line: timed, bar: true, pie: true, map: placed };
  const type: ChartType = asked && able[asked] ? asked : timed ? "column" : placed ? "map" : "bar";
  const range = readRange(params);
  const bounds = useMemo(
    () => boundsOf({ since: range.since, until: range.until }, rows.startedAt || Date.now()),
    [range.since, range.until, rows.startedAt],
  );
  const shared = { columns, rows: rows.rows, label: m.search.chart };
  const pick = usePick(columns, rows.rows, type);
  const zoom = useCallback(
    (from: number, to: number) =>
      setParams((changed) => writeRange(changed, { since: new Date(from).toISOString(), until: new Date(to).toISOString() })),
    [setParams],
  );
  const hasNumbers = columns.some((column) => rows.rows.some((row) => typeof row[column] === "number"));
  return (
    <div className="card chart-card">
      <label className="chart-type">
        {m.search.chartType}
        <select
          className="select"
          value={type}
          onChange={(event) => setParams((changed) => changed.set("chart", event.target.value), { replace: true })}
        >
          {CHARTS.map((candidate) => (
            <option key={candidate} value={candidate} disabled={!able[candidate]}>
              {m.search[candidate]}
            </option>
          ))}
        </select>
      </label>
      <div className="chart-area">
        {!hasNumbers ? (
          <p className="message">{m.search.noChart}</p>
        ) : type === "map" ? (
          <RowsMap {...shared} list="beside" onPick={pick} />
        ) : type === "column" || type === "line" ? (
          <TimeChart {...shared} kind={type === "line" ? "line" : "stacked-column"} bounds={bounds} onPickTime={zoom} />
        ) : type === "pie" ? (
          <Pie {...shared} onPick={pick} />
        ) : (
          <Bars {...shared} stacked onPick={pick} />
        )}
      </div>
    </div>
  );
}

/** A click on a part of a chart is a filter on its category, where that is a field of the events. */
function usePick(columns: readonly string[], rows: readonly Row[], type: ChartType): ((pick: Pick) => void) | undefined {
  const catalogue = useCatalogue();
  const { apply } = useFilterActions();
  const category = type === "map" ? columns.find((column) => COUNTRY.includes(column)) : categoryModel(columns, rows)?.column;
  const field = category === "Country" ? "geo_country_name" : category;
  const known = category !== undefined && field !== undefined && isField(field, catalogue);
  const latest = useRef(apply);
  latest.current = apply;
  const pick = useCallback(
    ({ row }: Pick) => {
      const value = category === undefined ? "" : textOf(row[category]);
      if (field !== undefined && value !== "") latest.current(field, "is", value);
    },
    [category, field],
  );
  return known ? pick : undefined;
}

function Progress({ rows }: { rows: Rows & { cancel: () => void } }) {
  const { m, language } = useSettings();
  const elapsed = useElapsed(rows.state === "loading", rows.startedAt);
  const number = (value: number) => formatNumber(value, language);
  const seconds = (ms: number) =>
    (ms / 1000).toLocaleString(m.locale, { minimumFractionDigits: ms < 1000 ? 2 : 1, maximumFractionDigits: ms < 1000 ? 2 : 1 });
  return (
    <p className="progress" role="status">
      {rows.state === "loading" && (
        <>
          <span className="spinner" aria-hidden="true" /> {m.search.running} ·{" "}
          {m.search.progress(number(rows.stale ? 0 : rows.rows.length), seconds(elapsed))}
        </>
      )}
      {rows.state === "cancelled" && m.search.cancelled}
      {rows.state === "done" &&
        rows.end &&
        m.search.done(
          number(rows.end.rows),
          seconds(rows.end.elapsed_ms),
          number(rows.end.scanned_rows),
          formatBytes(rows.end.scanned_bytes, language),
        )}
    </p>
  );
}

function useElapsed(running: boolean, startedAt: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [running]);
  return Math.max(0, now - startedAt);
}
