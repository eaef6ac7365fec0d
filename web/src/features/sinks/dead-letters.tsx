/** The messages that a sink's receiver would not take: why, and another try. */
import { useState } from "react";

import { getDead, retryDead } from "../../api/ingestion";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { ErrorMessage } from "../query/error-message";
import { asApiError, useFetched } from "../query/use-fetched";

export function DeadLetters({ sink, count, onChanged }: { sink: string; count: number; onChanged: () => void }) {
  const { m, language } = useSettings();
  const [open, setOpen] = useState(false);
  return (
    <details className="dead-letters" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {m.ingestion.sinks.dead}: {formatNumber(count, language)}
      </summary>
      {open && <Letters sink={sink} count={count} onChanged={onChanged} />}
    </details>
  );
}

function Letters({ sink, count, onChanged }: { sink: string; count: number; onChanged: () => void }) {
  const { m, zone } = useSettings();
  const { params } = useLocation();
  const toast = useToast();
  const { value, error, loading, reload } = useFetched(`dead ${sink} ${count}`, (signal) => getDead(sink, signal));
  const retry = (id: number) =>
    void retryDead(sink, [id])
      .then(
        () => toast(m.ingestion.sinks.retried),
        (problem: unknown) => toast(`${m.alerts.failed}: ${asApiError(problem).message}`),
      )
      .finally(() => {
        reload();
        onChanged();
      });
  if (error) return <ErrorMessage error={error} onRetry={reload} />;
  return (
    <ul className="history" aria-busy={loading}>
      {value?.letters.map(({ id, alert, rule, change, attempts, error: why, at }) => (
        <li key={id}>
          <time dateTime={at}>{formatInstant(at, zone)}</time>
          <span>
            <Link to={linkTo(`/alerts/${encodeURIComponent(alert)}`, params)}>
              {m.alerts.alert} {alert}
            </Link>{" "}
            <span className="mono">{rule}</span> {change} <span className="none">{m.alerts.attempts(attempts)}</span>{" "}
            <span className="event-error">{why}</span>
            <button
              type="button"
              className="icon-button"
              aria-label={`${m.panel.retry}: ${m.alerts.alert} ${alert}`}
              title={m.panel.retry}
              onClick={() => retry(id)}
            >
              <Icon name="refresh" size={12} />
            </button>
          </span>
        </li>
      ))}
    </ul>
  );
}
