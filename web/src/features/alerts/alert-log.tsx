/** What people and the program did about an alert: notes, changes, who was told. */
import { useState, type FormEvent } from "react";

import { addNote, type AlertDetail } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";

export function Notes({ alert, onAdded }: { alert: AlertDetail; onAdded: () => void }) {
  const { m, zone } = useSettings();
  const toast = useToast();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    addNote(alert.id, text.trim())
      .then(
        () => {
          setText("");
          onAdded();
        },
        (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
      )
      .finally(() => setBusy(false));
  };
  return (
    <section className="card alert-section" aria-labelledby="notes-title">
      <h2 id="notes-title">{m.alerts.notes}</h2>
      {alert.notes.length === 0 && <p className="none">{m.alerts.noNotes}</p>}
      <ul className="notes">
        {alert.notes.map(({ at, by, text: note }, index) => (
          <li key={`${at} ${index}`}>
            <p className="none">
              <b>{by}</b> <time dateTime={at}>{formatInstant(at, zone)}</time>
            </p>
            <p className="note-text">{note}</p>
          </li>
        ))}
      </ul>
      <form className="note-form" onSubmit={submit}>
        <textarea
          className="input"
          rows={2}
          aria-label={m.alerts.note}
          placeholder={m.alerts.addNote}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button small" disabled={busy || text.trim() === ""}>
          {m.alerts.addNote}
        </button>
      </form>
    </section>
  );
}

export function History({ alert }: { alert: AlertDetail }) {
  const { m, zone } = useSettings();
  return (
    <section className="card alert-section" aria-labelledby="history-title">
      <h2 id="history-title">{m.alerts.history}</h2>
      <ol className="history">
        {[...alert.history]
          .sort((a, b) => b.at.localeCompare(a.at))
          .map(({ at, by, change }, index) => (
            <li key={`${at} ${index}`}>
              <time dateTime={at}>{formatInstant(at, zone)}</time>
              <span>
                <b>{by}</b> {change}
              </span>
            </li>
          ))}
      </ol>
    </section>
  );
}

export function Notifications({ alert }: { alert: AlertDetail }) {
  const { m, zone } = useSettings();
  return (
    <section className="card alert-section" aria-labelledby="notifications-title">
      <h2 id="notifications-title">{m.alerts.notifications}</h2>
      {alert.notifications.length === 0 && <p className="none">{m.alerts.noNotifications}</p>}
      <ul className="history">
        {alert.notifications.map(({ sink, at, state, error, attempts }, index) => (
          <li key={`${sink} ${index}`}>
            <time dateTime={at}>{formatInstant(at, zone)}</time>
            <span>
              <b>{sink}</b> <span className={`badge sent ${state}`}>{m.alerts.sent[state] ?? state}</span>
              {attempts > 1 && <span className="none"> {m.alerts.attempts(attempts)}</span>}
              {error && <span className="event-error"> {error}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function References({ links }: { links: readonly string[] }) {
  const { m } = useSettings();
  const safe = links.filter((link) => /^https?:\/\//i.test(link));
  if (safe.length === 0) return null;
  return (
    <section className="card alert-section" aria-labelledby="references-title">
      <h2 id="references-title">{m.alerts.references}</h2>
      <ul className="references">
        {safe.map((link) => (
          <li key={link}>
            <a href={link} target="_blank" rel="noreferrer noopener">
              {link}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
