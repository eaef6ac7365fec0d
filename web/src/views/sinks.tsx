/** Where alerts are told: whether it works, what waits, what was given up. */
import { useEffect, useState } from "react";

import { getSinks, retryDead, testSink, type Sink } from "../api/ingestion";
import { DeadLetters } from "../features/sinks/dead-letters";
import { ErrorMessage } from "../features/query/error-message";
import { asApiError, useFetched } from "../features/query/use-fetched";
import { useSettings } from "../i18n";
import { formatInstant, formatNumber } from "../i18n/format";
import { Icon } from "../ui/icon";
import { useToast } from "../ui/toast";

const EVERY_SECONDS = 10;

export function SinksView() {
  const { m } = useSettings();
  const t = m.ingestion.sinks;
  const { value, error, loading, reload } = useFetched("sinks", getSinks, EVERY_SECONDS);
  useEffect(() => {
    document.title = `${t.title} – Trailhound`;
  }, [t]);
  return (
    <div className="view sinks-view" aria-busy={loading && value === null}>
      <header className="view-header">
        <h1>{t.title}</h1>
        <p>{t.intro}</p>
      </header>
      {error && <ErrorMessage error={error} onRetry={reload} />}
      {!value && !error && (
        <p className="message" role="status">
          {m.states.loading}
        </p>
      )}
      {value && value.sinks.length === 0 && (
        <div className="message card">
          <strong>{t.none}</strong>
          <p>{t.noneHelp}</p>
        </div>
      )}
      <ul className="sinks">
        {value?.sinks.map((sink) => (
          <SinkCard key={sink.name} sink={sink} onChanged={reload} />
        ))}
      </ul>
    </div>
  );
}

/** Words and colour of how a sink does. */
export function stateOf(sink: Sink): "off" | "failing" | "working" | "unused" {
  if (!sink.enabled) return "off";
  if (sink.last_error || sink.dead > 0) return "failing";
  return sink.last_success ? "working" : "unused";
}

function SinkCard({ sink, onChanged }: { sink: Sink; onChanged: () => void }) {
  const { m, zone, language } = useSettings();
  const t = m.ingestion.sinks;
  const state = stateOf(sink);
  return (
    <li className="card alert-section">
      <header className="section-head">
        <h2>{sink.name}</h2>
        <span className="none">{sink.type}</span>
        <span className={`badge sink ${state}`}>{t[state]}</span>
        <SinkButtons sink={sink} onChanged={onChanged} />
      </header>
      <dl className="inline-facts">
        <Fact label={t.lastSuccess} value={sink.last_success ? formatInstant(sink.last_success, zone) : "–"} />
        <Fact label={t.pending} value={formatNumber(sink.pending, language)} />
        {sink.quiet_hours && <Fact label={t.quiet} value={sink.quiet_hours} />}
        {sink.last_error && (
          <div>
            <dt>{t.lastError}</dt>
            <dd className="event-error">{sink.last_error}</dd>
          </div>
        )}
      </dl>
      {sink.dead > 0 && <DeadLetters sink={sink.name} count={sink.dead} onChanged={onChanged} />}
    </li>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function SinkButtons({ sink, onChanged }: { sink: Sink; onChanged: () => void }) {
  const { m } = useSettings();
  const t = m.ingestion.sinks;
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ ok: boolean; text: string } | null>(null);
  const test = () => {
    setBusy(true);
    setResult(null);
    testSink(sink.name)
      .then(
        (answer) =>
          setResult(
            answer?.delivered
              ? { ok: true, text: t.delivered(sink.name) }
              : { ok: false, text: t.notDelivered(sink.name, answer?.error ?? "–") },
          ),
        (error: unknown) => setResult({ ok: false, text: t.notDelivered(sink.name, asApiError(error).message) }),
      )
      .finally(() => {
        setBusy(false);
        onChanged();
      });
  };
  const retry = () =>
    void retryDead(sink.name)
      .then(
        () => toast(t.retried),
        (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
      )
      .finally(onChanged);
  return (
    <span className="end section-buttons">
      {result && (
        <span className={result.ok ? "test-result" : "test-result problem"} role="status">
          {result.text}
        </span>
      )}
      {sink.dead > 0 && (
        <button type="button" className="button small" aria-label={t.retryOf(sink.name)} onClick={retry}>
          <Icon name="refresh" />
          {t.retry}
        </button>
      )}
      <button type="button" className="button small" aria-label={t.testOf(sink.name)} disabled={busy} onClick={test}>
        <Icon name="send" />
        {busy ? t.testing : t.test}
      </button>
    </span>
  );
}
