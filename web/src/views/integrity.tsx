/** Whether the logs are as AWS signed them: a strip of days a trail and region, and the hours of the day chosen. */
import { useEffect, useMemo } from "react";

import { getIntegrity } from "../api/ingestion";
import { RangePicker } from "../features/filters/range-picker";
import { calendarOf, daysOf, tally, VERDICTS, type Day, type TrailDays } from "../features/integrity/calendar";
import { ErrorMessage } from "../features/query/error-message";
import { useFetched } from "../features/query/use-fetched";
import { useSettings } from "../i18n";
import { formatNumber } from "../i18n/format";
import { useLocation, useSetParams } from "../router";
import { instantOf, readRange, writeRange, type TimeRange } from "../state/time-range";

export function IntegrityView() {
  const { m, language } = useSettings();
  const t = m.ingestion.integrity;
  const { params } = useLocation();
  const setParams = useSetParams();
  const range = readRange(params);
  const { value, error, loading, reload } = useFetched(JSON.stringify(range), (signal) => getIntegrity(absolute(range), signal));
  const trails = useMemo(() => (value?.trails ?? []).map(daysOf), [value]);
  const { hours, bad } = tally(value?.trails ?? []);
  useEffect(() => {
    document.title = `${t.title} – Trailhound`;
  }, [t]);
  return (
    <div className="view integrity-view" aria-busy={loading}>
      <header className="view-header">
        <h1>{t.title}</h1>
        <p>{t.intro}</p>
      </header>
      <div className="alert-filters">
        <RangePicker range={range} onChange={(next) => setParams((changed) => writeRange(changed, next))} />
        {value && trails.length > 0 && (
          <span className={bad > 0 ? "integrity-summary problem" : "integrity-summary"} role="status">
            {t.summary(formatNumber(hours, language), formatNumber(bad, language))}
          </span>
        )}
      </div>
      {error && <ErrorMessage error={error} onRetry={reload} />}
      {!value && !error && (
        <p className="message" role="status">
          {m.states.loading}
        </p>
      )}
      {value && trails.length === 0 && (
        <div className="message card">
          <strong>{t.none}</strong>
          <p>{t.noneHelp}</p>
        </div>
      )}
      {trails.length > 0 && (
        <>
          <Legend />
          <Strips trails={trails} />
          <Hours trails={trails} />
        </>
      )}
    </div>
  );
}

/** Both ends as instants. */
function absolute(range: TimeRange): { since: string | null; until: string | null } {
  const now = Date.now();
  const iso = (bound: string | null) => {
    const ms = bound === null ? null : instantOf(bound, now);
    return ms === null ? null : new Date(ms).toISOString();
  };
  return { since: iso(range.since), until: iso(range.until) };
}

/** Not by colour alone: each verdict has its sign. */
const SIGNS = { valid: "✓", invalid: "✕", missing: "–", gap: "○", pending: "…" } as const;

function Legend() {
  const { m } = useSettings();
  const t = m.ingestion.integrity;
  return (
    <ul className="integrity-legend" aria-label={t.legend}>
      {[...VERDICTS].reverse().map((verdict) => (
        <li key={verdict}>
          <span className={`hour-cell ${verdict}`} aria-hidden="true">
            {SIGNS[verdict]}
          </span>
          <b>{t.verdicts[verdict]}</b> <span className="none">{t.verdictHelp[verdict]}</span>
        </li>
      ))}
    </ul>
  );
}

function Strips({ trails }: { trails: readonly TrailDays[] }) {
  const { m } = useSettings();
  const t = m.ingestion.integrity;
  const calendar = calendarOf(trails);
  return (
    <div className="card table-scroll strips" tabIndex={0} role="group" aria-label={t.days}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.trail}</th>
            {calendar.map((day, at) => (
              <th key={day} scope="col" className="strip-day">
                {at === 0 || day.endsWith("-01") ? day.slice(5) : day.slice(8)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trails.map((trail) => (
            <tr key={trail.key}>
              <th scope="row">
                <span className="two-lines">
                  <span>{trail.trail}</span>
                  <span className="second mono">
                    {trail.account} · {trail.region}
                    {trail.backfill && ` · ${t.backfill}`}
                  </span>
                </span>
              </th>
              {calendar.map((day) => (
                <td key={day}>
                  <DayCell trail={trail} day={trail.days.get(day)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DayCell({ trail, day }: { trail: TrailDays; day: Day | undefined }) {
  const { m } = useSettings();
  const t = m.ingestion.integrity;
  const { params } = useLocation();
  const setParams = useSetParams();
  if (!day) return <span className="hour-cell empty" aria-hidden="true" />;
  const label = t.day(day.day, t.verdicts[day.verdict]);
  const chosen = params.get("trail") === trail.key && params.get("day") === day.day;
  return (
    <button
      type="button"
      className={`hour-cell ${day.verdict}`}
      aria-label={label}
      aria-pressed={chosen}
      title={label}
      onClick={() =>
        setParams((changed) => {
          changed.set("trail", trail.key);
          changed.set("day", day.day);
        })
      }
    >
      {SIGNS[day.verdict]}
    </button>
  );
}

function Hours({ trails }: { trails: readonly TrailDays[] }) {
  const { m } = useSettings();
  const t = m.ingestion.integrity;
  const { params } = useLocation();
  const trail = trails.find(({ key }) => key === params.get("trail"));
  const day = trail?.days.get(params.get("day") ?? "");
  if (!trail || !day) return <p className="none">{t.choose}</p>;
  return (
    <section className="card alert-section" aria-labelledby="hours-title">
      <h2 id="hours-title">{t.hoursOf(`${trail.trail} (${trail.region})`, day.day)}</h2>
      <ul className="hours">
        {[...day.hours]
          .sort((a, b) => a.hour.localeCompare(b.hour))
          .map(({ hour, verdict, files, detail }) => (
            <li key={hour}>
              <span className={`hour-cell ${verdict}`} aria-hidden="true">
                {SIGNS[verdict]}
              </span>
              <span className="mono">{hour.slice(11, 16)}</span>
              <b>{t.verdicts[verdict]}</b>
              <span className="none">{t.files(files)}</span>
              {detail && <span className="hour-detail">{detail}</span>}
            </li>
          ))}
      </ul>
    </section>
  );
}
