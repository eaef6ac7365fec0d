/** The events behind an alert: each leads to itself, all of them to Search. */
import type { AlertDetail, Evidence } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";

export function EvidenceTable({ evidence, label }: { evidence: readonly Evidence[]; label: string }) {
  const { m, zone } = useSettings();
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={label}>
      <table className="grid evidence">
        <thead>
          <tr>
            {[m.alerts.time, m.alerts.event, m.alerts.actor, m.alerts.address, m.alerts.region, m.alerts.error].map((heading) => (
              <th key={heading} scope="col">
                <span>{heading}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {evidence.map((event, index) => (
            <tr key={`${event.event_id} ${index}`}>
              <td className="nowrap">
                <time dateTime={event.event_time}>{formatInstant(event.event_time, zone)}</time>
              </td>
              <td>
                <span className="two-lines">
                  <EventName event={event} />
                  <span className="second">{event.event_source}</span>
                </span>
              </td>
              <td>{event.actor || "–"}</td>
              <td className="mono">{event.source_address || "–"}</td>
              <td className="nowrap">{event.region || "–"}</td>
              <td className="event-error">{event.error_code}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EventName({ event }: { event: Evidence }) {
  const { params } = useLocation();
  if (!event.event_id) return <code className="row-values">{JSON.stringify(event.row ?? {})}</code>;
  return <Link to={linkTo(`/events/${encodeURIComponent(event.event_id)}`, params)}>{event.event_name || event.log_type}</Link>;
}

export function AlertEvidence({ alert, searchLink }: { alert: AlertDetail; searchLink: string }) {
  const { m, language } = useSettings();
  const shown = alert.evidence.length;
  return (
    <section className="card alert-section" aria-labelledby="evidence-title">
      <header className="section-head">
        <h2 id="evidence-title">{m.alerts.evidence}</h2>
        <span className="none">
          {shown < alert.events
            ? m.alerts.evidenceNewest(shown, formatNumber(alert.events, language))
            : m.alerts.eventCount(formatNumber(alert.events, language))}
        </span>
        <Link to={searchLink} className="button small end">
          {m.alerts.inSearch}
        </Link>
      </header>
      {shown === 0 ? <p className="none">{m.alerts.noEvidence}</p> : <EvidenceTable evidence={alert.evidence} label={m.alerts.evidence} />}
    </section>
  );
}
