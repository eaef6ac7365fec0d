/** Live tail: the events of the query as they come in, the latest on top. */
import { useMemo, useState } from "react";

import { useSettings } from "../../i18n";
import { formatNumber, zoneName } from "../../i18n/format";
import { useLocation, useSetParams } from "../../router";
import { readConditions } from "../../state/filters";
import { Icon } from "../../ui/icon";
import { EventList } from "../event/event-list";
import { DiagnosticView, ErrorMessage } from "../query/error-message";
import { FieldValues } from "./field-values";
import { Pager, PAGE_SIZE } from "./pager";
import { KEPT } from "./tail";
import { useTail, type Following } from "./use-tail";

/** Events of one look that are sent at most. */
const BURST = 500;

interface LiveProps {
  lang: string;
  query: string;
  /** Another number begins anew. */
  nonce: number;
  onRetry: () => void;
}

export function Live({ lang, query, nonce, onRetry }: LiveProps) {
  const { m, zone } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const filters = readConditions(params).map(({ field, op, values }) => ({ field, op, values }));
  const tail = useTail({ lang, query, filters, burst: BURST, timezone: zoneName(zone) }, nonce);
  const [page, setPage] = useState(0);
  const last = Math.max(0, Math.ceil(tail.rows.length / PAGE_SIZE) - 1);
  const current = Math.min(page, last);
  const shown = useMemo(() => tail.rows.slice(current * PAGE_SIZE, (current + 1) * PAGE_SIZE), [tail.rows, current]);
  const open = (id: string | null) =>
    setParams((changed) => (id === null ? changed.delete("row") : changed.set("row", id)), { replace: true });
  return (
    <section className="results live-tail" aria-label={m.searches.live.title}>
      <LiveBar tail={tail} />
      {tail.diagnostics.map((diagnostic, index) => (
        <DiagnosticView key={index} diagnostic={diagnostic} query={query} />
      ))}
      {tail.error && <ErrorMessage error={tail.error} query={query} onRetry={onRetry} />}
      <Notices tail={tail} />
      {tail.rows.length > 0 ? (
        <>
          <div className="events-with-fields">
            <FieldValues rows={tail.rows} />
            <div className="card">
              <EventList rows={shown} open={params.get("row")} onOpen={open} />
            </div>
          </div>
          {last > 0 && <Pager page={current} count={tail.rows.length} onPage={setPage} />}
        </>
      ) : (
        tail.state !== "failed" && (
          <p className="message">
            <span className="plain">{m.searches.live.empty}</span>
            <span>{m.searches.live.emptyHint}</span>
          </p>
        )
      )}
    </section>
  );
}

function LiveBar({ tail }: { tail: Following }) {
  const { m, language } = useSettings();
  const t = m.searches.live;
  const state = tail.state === "live" && tail.paused ? "paused" : tail.state;
  return (
    <div className="result-bar">
      <p className={`live-state ${state}`} role="status">
        <span className="live-dot" aria-hidden="true" />
        {t.states[state]}
      </p>
      <p className="progress">{t.found(formatNumber(tail.found, language))}</p>
      <span className="export">
        <button type="button" className="button small" disabled={tail.state === "failed"} onClick={() => tail.pause(!tail.paused)}>
          <Icon name={tail.paused ? "play" : "pause"} />
          {tail.paused ? t.resume : t.pause}
        </button>
        <button type="button" className="button small" disabled={tail.found === 0} onClick={tail.clear}>
          <Icon name="close" />
          {t.clear}
        </button>
      </span>
    </div>
  );
}

function Notices({ tail }: { tail: Following }) {
  const { m, language } = useSettings();
  const t = m.searches.live;
  const number = (value: number) => formatNumber(value, language);
  return (
    <>
      {tail.held.length > 0 && (
        <p className="banner">
          {t.held(number(tail.held.length))}
          <button type="button" className="button small" onClick={() => tail.pause(false)}>
            {t.show}
          </button>
        </p>
      )}
      {tail.unsent > 0 && <p className="banner">{t.unsent(number(tail.unsent))}</p>}
      {tail.missed && <p className="banner error">{t.missed}</p>}
      {tail.rows.length >= KEPT && <p className="none">{t.kept(number(KEPT))}</p>}
    </>
  );
}

/** Turns live tail on and off; the address says which, so that a link to it is one. */
export function LiveButton({ query, live }: { query: string; live: boolean }) {
  const { m } = useSettings();
  const setParams = useSetParams();
  const toggle = () =>
    setParams((changed) => {
      changed.set("q", query);
      changed.delete("row");
      if (live) changed.delete("live");
      else changed.set("live", "1");
    });
  return (
    <button
      type="button"
      className="button live-button"
      aria-pressed={live}
      disabled={query.trim() === ""}
      title={m.searches.live.hint}
      onClick={toggle}
    >
      <Icon name="pulse" />
      {m.searches.live.button}
    </button>
  );
}
