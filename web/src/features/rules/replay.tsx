/** A rule over the past: how often it would have fired, on whom, with which events - before it is switched on. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";

import type { ApiError } from "../../api/client";
import { replayRule, type Replay, type ReplayRequest } from "../../api/detections";
import { isAbort } from "../../api/client";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { Link, useLocation, useSetParams } from "../../router";
import { boundsOf, readRange, writeRange, type TimeRange } from "../../state/time-range";
import { linkTo } from "../../state/url";
import { Icon } from "../../ui/icon";
import { EvidenceTable } from "../alerts/evidence";
import { conditionsOf, type RuleQuery } from "../alerts/search-link";
import { RangePicker } from "../filters/range-picker";
import { DiagnosticView, ErrorMessage } from "../query/error-message";
import { asApiError } from "../query/use-fetched";

const TimeChart = lazy(() => import("../charts/time-chart").then((module) => ({ default: module.TimeChart })));
const COLUMNS = ["_time", "findings"];
const EVENTS_SHOWN = 100;

interface ReplayPanelProps {
  /** What is replayed: a rule as it is, or a text that is being edited. */
  what: { id: string } | { text: string };
  query: RuleQuery | null;
}

export function ReplayPanel({ what, query }: ReplayPanelProps) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const range = readRange(params);
  const { replay, error, busy, run, cancel } = useReplay();
  return (
    <section className="card alert-section replay" aria-labelledby="replay-title" aria-busy={busy}>
      <header className="section-head">
        <h2 id="replay-title">{m.rules.replay}</h2>
        <span className="none">{m.rules.replayHelp}</span>
      </header>
      <div className="replay-controls">
        <RangePicker range={range} onChange={(next) => setParams((changed) => writeRange(changed, next), { replace: true })} />
        {busy ? (
          <button type="button" className="button" onClick={cancel}>
            <Icon name="stop" />
            {m.search.cancel}
          </button>
        ) : (
          <button type="button" className="button primary" onClick={() => run(requestOf(what, range), range)}>
            <Icon name="play" />
            {m.rules.runReplay}
          </button>
        )}
        {busy && (
          <span className="progress" role="status">
            <span className="spinner" aria-hidden="true" /> {m.search.running}
          </span>
        )}
      </div>
      {error && "text" in what && error.diagnostics.length > 0 && (
        <div className="findings" role="alert">
          {error.diagnostics.map((diagnostic, index) => (
            <DiagnosticView key={index} diagnostic={diagnostic} query={what.text} />
          ))}
        </div>
      )}
      {error && !("text" in what && error.diagnostics.length > 0) && <ErrorMessage error={error} />}
      {replay && <ReplayResult result={replay.result} range={replay.range} query={query} />}
    </section>
  );
}

function requestOf(what: ReplayPanelProps["what"], range: TimeRange): ReplayRequest {
  return {
    ...what,
    ...(range.since === null ? {} : { since: range.since }),
    ...(range.until === null ? {} : { until: range.until }),
    limit: EVENTS_SHOWN,
  };
}

function useReplay() {
  const [replay, setReplay] = useState<{ result: Replay; range: TimeRange } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const own = useRef<AbortController>(null);
  useEffect(() => () => own.current?.abort(), []);
  const run = (request: ReplayRequest, range: TimeRange) => {
    const controller = new AbortController();
    own.current = controller;
    setBusy(true);
    setError(null);
    setReplay(null);
    replayRule(request, controller.signal).then(
      (result) => {
        if (controller.signal.aborted) return;
        setBusy(false);
        if (result) setReplay({ result, range });
      },
      (problem: unknown) => {
        if (controller.signal.aborted || isAbort(problem)) return;
        setBusy(false);
        setError(asApiError(problem));
      },
    );
  };
  const cancel = () => {
    own.current?.abort();
    setBusy(false);
  };
  return { replay, error, busy, run, cancel };
}

function ReplayResult({ result, range, query }: { result: Replay; range: TimeRange; query: RuleQuery | null }) {
  const { m, language } = useSettings();
  const number = (value: number) => formatNumber(value, language);
  const rows = useMemo(() => result.timeline.map(({ at, count }) => ({ _time: at, findings: count })), [result.timeline]);
  const bounds = useMemo(() => boundsOf(range, Date.now()), [range]);
  return (
    <>
      <div className="replay-figures" role="status">
        <Figure value={number(result.alerts_would_open)} label={m.rules.wouldOpen} />
        <Figure value={number(result.findings)} label={m.rules.findings} />
        <Figure value={number(result.scanned_events)} label={m.rules.scanned} />
      </div>
      {(result.excepted ?? 0) > 0 && <p className="none">{m.rules.excepted(number(result.excepted ?? 0))}</p>}
      {result.findings === 0 && <p className="none">{m.rules.neverFired}</p>}
      {rows.length > 0 && (
        <div className="alert-timeline">
          <Suspense fallback={null}>
            <TimeChart columns={COLUMNS} rows={rows} kind="stacked-column" label={m.rules.findings} bounds={bounds} legend={false} />
          </Suspense>
        </div>
      )}
      {result.by_group.length > 0 && <Groups result={result} query={query} />}
      {result.events.length > 0 && (
        <>
          <h3>{m.rules.replayEvents}</h3>
          <EvidenceTable evidence={result.events} label={m.rules.replayEvents} />
        </>
      )}
    </>
  );
}

function Figure({ value, label }: { value: string; label: string }) {
  return (
    <div>
      <b>{value}</b>
      <span>{label}</span>
    </div>
  );
}

function Groups({ result, query }: { result: Replay; query: RuleQuery | null }) {
  const { m, zone, language } = useSettings();
  const { params } = useLocation();
  return (
    <>
      <h3>{m.rules.onWhom}</h3>
      <div className="table-scroll" tabIndex={0} role="group" aria-label={m.rules.onWhom}>
        <table className="grid evidence">
          <thead>
            <tr>
              {[m.alerts.group, m.alerts.events, m.alerts.firstSeen, m.alerts.lastSeen].map((heading) => (
                <th key={heading} scope="col" className={heading === m.alerts.events ? "number" : undefined}>
                  <span>{heading}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {result.by_group.map(({ group, events, first, last }, index) => (
              <tr key={index}>
                <td>
                  <Link
                    to={linkTo("/search", params, {
                      conditions: conditionsOf(group),
                      own: { q: query?.text ?? "sourcetype=aws:cloudtrail | sort _time", ql: query?.lang ?? "spl" },
                    })}
                  >
                    {group
                      .map(({ value }) => value)
                      .filter(Boolean)
                      .join(" · ") || "–"}
                  </Link>
                </td>
                <td className="number">{formatNumber(events, language)}</td>
                <td className="nowrap">{formatInstant(first, zone)}</td>
                <td className="nowrap">{formatInstant(last, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
