/** The alerts that an entity is part of. */
import { getAlerts } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { SeverityBadge, StatusBadge } from "../alerts/badges";
import { useFetched } from "../query/use-fetched";

const SHOWN = 20;

export function RelatedAlerts({ value }: { value: string }) {
  const { m, text, zone } = useSettings();
  const { params } = useLocation();
  const found = useFetched(`alerts of ${value}`, (signal) => getAlerts({ status: "all", q: value, limit: SHOWN }, signal)).value;
  if (!found || found.alerts.length === 0) return null;
  return (
    <section className="card alert-section" aria-labelledby="related-alerts">
      <header className="section-head">
        <h2 id="related-alerts">{m.entity.alerts}</h2>
        <Link to={linkTo("/alerts", params, { conditions: [], own: { status: "all", find: value } })} className="button small end">
          {m.entity.allAlerts}
        </Link>
      </header>
      <ul className="related-alerts">
        {found.alerts.map((alert) => (
          <li key={alert.id}>
            <SeverityBadge severity={alert.severity} />
            <Link to={linkTo(`/alerts/${encodeURIComponent(alert.id)}`, params)}>{text(alert.title)}</Link>
            <StatusBadge alert={alert} />
            <time dateTime={alert.last_seen}>{formatInstant(alert.last_seen, zone)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}
