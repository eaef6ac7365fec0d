/** What could not be read: why, from where, how it begins, and another try. */
import { useState } from "react";

import { getQuarantine, replayQuarantine, type Piece } from "../../api/ingestion";
import { useSettings } from "../../i18n";
import { formatBytes, formatInstant, formatNumber } from "../../i18n/format";
import { useLocation, useSetParams } from "../../router";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { ErrorMessage } from "../query/error-message";
import { asApiError, useFetched } from "../query/use-fetched";

const PAGE = 50;
/** More are not given at once. */
const MOST = 1000;

export function QuarantineSection() {
  const { m, language } = useSettings();
  const t = m.ingestion.quarantine;
  const { params } = useLocation();
  const setParams = useSetParams();
  const reason = params.get("reason");
  const [limit, setLimit] = useState(PAGE);
  const { value, error, loading, reload } = useFetched(`${reason ?? ""} ${limit}`, (signal) => getQuarantine({ reason, limit }, signal));
  const replay = useReplay(reload);
  const reasons = Object.entries(value?.by_reason ?? {}).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const choose = (next: string | null) =>
    setParams((changed) => (next === null ? changed.delete("reason") : changed.set("reason", next)), { replace: true });
  const total = value?.total ?? 0;
  return (
    <section className="quarantine" aria-labelledby="quarantine-title" aria-busy={loading}>
      <header className="section-head">
        <h2 id="quarantine-title">{t.title}</h2>
        <span className="none">{value ? t.count(formatNumber(total, language)) : m.states.loading}</span>
        <span className="none">{t.intro}</span>
        {total > 0 && reason !== null && (
          <button type="button" className="button small end" onClick={() => replay({ reason })}>
            <Icon name="refresh" />
            {t.replayReason(reason)}
          </button>
        )}
      </header>
      {reasons.length > 0 && (
        <div className="toggles" role="group" aria-label={t.reasons}>
          <button type="button" className="button small toggle" aria-pressed={reason === null} onClick={() => choose(null)}>
            {t.all}
          </button>
          {reasons.map(([each, count]) => (
            <button key={each} type="button" className="button small toggle" aria-pressed={reason === each} onClick={() => choose(each)}>
              {each} <span className="none">{formatNumber(count, language)}</span>
            </button>
          ))}
        </div>
      )}
      {error && <ErrorMessage error={error} onRetry={reload} />}
      {value && value.pieces.length === 0 && <p className="message card">{reason === null ? t.none : t.noneMatch}</p>}
      {value && value.pieces.length > 0 && (
        <ul className="pieces card">
          {value.pieces.map((piece) => (
            <PieceItem key={piece.id} piece={piece} onReplay={() => replay({ ids: [piece.id] })} />
          ))}
        </ul>
      )}
      {value && value.pieces.length < total && value.pieces.length >= limit && limit < MOST && (
        <button type="button" className="button more-button" onClick={() => setLimit(Math.min(MOST, 2 * limit))}>
          {t.more}
        </button>
      )}
    </section>
  );
}

function useReplay(reload: () => void) {
  const { m } = useSettings();
  const toast = useToast();
  return (what: Parameters<typeof replayQuarantine>[0]) =>
    void replayQuarantine(what)
      .then(
        (answer) => answer && toast(m.ingestion.quarantine.replayed(answer.done, answer.pieces)),
        (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
      )
      .finally(reload);
}

function PieceItem({ piece, onReplay }: { piece: Piece; onReplay: () => void }) {
  const { m, zone, language } = useSettings();
  const t = m.ingestion.quarantine;
  return (
    <li>
      <div className="piece-head">
        <span className="badge">{piece.reason}</span>
        <span>{piece.message}</span>
        <button type="button" className="button small end" onClick={onReplay}>
          <Icon name="refresh" />
          {t.replay}
        </button>
      </div>
      <p className="second">
        <span className="mono">{piece.origin}</span>
        {` · ${t.position} ${piece.position} · `}
        {formatBytes(piece.bytes, language)} · {t.at} {formatInstant(piece.at, zone)}
      </p>
      {piece.excerpt !== "" && (
        <details>
          <summary>{t.excerpt}</summary>
          <pre className="code-block">{piece.excerpt}</pre>
        </details>
      )}
    </li>
  );
}
