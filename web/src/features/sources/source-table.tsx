/** The sources, a row each: how well logs come, and what does not. */
import type { Source } from "../../api/ingestion";
import { useSettings } from "../../i18n";
import { formatBytes, formatInstant, formatNumber } from "../../i18n/format";
import { duration } from "./duration";

export function SourceTable({ sources }: { sources: readonly Source[] }) {
  const { m } = useSettings();
  const t = m.ingestion.sources;
  const headings = [
    t.name,
    t.state,
    t.lag,
    t.lastEvent,
    t.objects,
    t.records,
    t.added,
    t.duplicates,
    t.rejected,
    t.bytes,
    t.waiting,
    t.inFlight,
    t.dlq,
  ];
  return (
    <div className="card table-scroll" tabIndex={0} role="group" aria-label={t.title}>
      <table className="grid plain-table">
        <thead>
          <tr>
            {headings.map((heading, at) => (
              <th key={heading} scope="col" className={at > 3 || at === 2 ? "number" : undefined}>
                <span>{heading}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={source.name} source={source} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SourceRow({ source }: { source: Source }) {
  const { m, language, zone } = useSettings();
  const number = (value: number | null) => (value === null ? "–" : formatNumber(value, language));
  return (
    <>
      <tr>
        <th scope="row">
          <span className="two-lines">
            <span>{source.name}</span>
            <span className="second">{source.type}</span>
          </span>
        </th>
        <td>
          <span className={`badge source ${source.state}`}>{m.ingestion.sources.states[source.state] ?? source.state}</span>
        </td>
        <td className="number">{source.lag_seconds == null ? "–" : duration(source.lag_seconds, m)}</td>
        <td className="nowrap">{source.last_event ? formatInstant(source.last_event, zone) : "–"}</td>
        <td className="number">{number(source.objects)}</td>
        <td className="number">{number(source.records)}</td>
        <td className="number">{number(source.rows_added)}</td>
        <td className="number">{number(source.duplicates)}</td>
        <td className={source.rejected > 0 ? "number attention" : "number"}>{number(source.rejected)}</td>
        <td className="number">{formatBytes(source.bytes, language)}</td>
        <td className="number">{number(source.waiting ?? null)}</td>
        <td className="number">{number(source.in_flight)}</td>
        <td className={source.dlq_depth ? "number attention" : "number"}>{number(source.dlq_depth ?? null)}</td>
      </tr>
      <SourceTrouble source={source} />
    </>
  );
}

function SourceTrouble({ source }: { source: Source }) {
  const { m, language, zone } = useSettings();
  const t = m.ingestion.sources;
  const listed = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => `${reason} ${formatNumber(count, language)}`)
      .join(", ");
  const rejected = listed(source.rejected_by);
  const passed = listed(source.passed_over);
  const times = [
    source.future > 0 && t.future(formatNumber(source.future, language)),
    source.old > 0 && t.old(formatNumber(source.old, language)),
  ].filter(Boolean);
  if (!source.last_error && !rejected && !passed && times.length === 0 && !source.last_origin) return null;
  return (
    <tr className="detail-row">
      <td colSpan={13}>
        <dl className="inline-facts">
          {source.last_error && (
            <div>
              <dt>
                {t.lastError} ({formatNumber(source.errors, language)})
              </dt>
              <dd className="event-error">{source.last_error}</dd>
            </div>
          )}
          {rejected && (
            <div>
              <dt>{t.rejectedBy}</dt>
              <dd>{rejected}</dd>
            </div>
          )}
          {passed && (
            <div>
              <dt>{t.passedOver}</dt>
              <dd>{passed}</dd>
            </div>
          )}
          {times.length > 0 && (
            <div>
              <dt>{t.times}</dt>
              <dd>{times.join(", ")}</dd>
            </div>
          )}
          {source.last_origin && (
            <div>
              <dt>{t.lastObject}</dt>
              <dd>
                <span className="mono">{source.last_origin}</span> {source.last_object && formatInstant(source.last_object, zone)}
              </dd>
            </div>
          )}
        </dl>
      </td>
    </tr>
  );
}
