/** One alert: what happened, what to do first, who and where, the events behind it, and what was done about it. */
import { lazy, Suspense, useEffect, useMemo } from "react";

import { getAlert, type AlertDetail } from "../api/detections";
import { AlertActions } from "../features/alerts/alert-actions";
import { AlertChain, AlertFacts } from "../features/alerts/alert-facts";
import { History, Notes, Notifications, References } from "../features/alerts/alert-log";
import { SeverityBadge, StatusBadge } from "../features/alerts/badges";
import { AlertEvidence } from "../features/alerts/evidence";
import { ExceptionsList } from "../features/alerts/exceptions-list";
import { listState } from "../features/alerts/query";
import { alertSearch } from "../features/alerts/search-link";
import { ErrorMessage } from "../features/query/error-message";
import { useFetched } from "../features/query/use-fetched";
import { ruleQueryOf, useRule } from "../features/rules/use-rules";
import { useSettings } from "../i18n";
import { Link, useLocation } from "../router";
import { linkTo } from "../state/url";
import { Icon } from "../ui/icon";
import { NotFound } from "./dashboard";

const TimeChart = lazy(() => import("../features/charts/time-chart").then((module) => ({ default: module.TimeChart })));

export function AlertView({ id }: { id: string }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const { value: alert, error, loading, reload } = useFetched(`alert ${id}`, (signal) => getAlert(id, signal));
  const rule = useRule(alert?.rule_id ?? null).value;
  const title = alert ? text(alert.title) : "";
  useEffect(() => {
    document.title = `${title || m.alerts.alert} – Trailhound`;
  }, [title, m]);
  if (error && !alert)
    return (
      <div className="view">
        {error.status === 404 ? <NotFound text={m.alerts.notFound} /> : <ErrorMessage error={error} onRetry={reload} />}
      </div>
    );
  if (!alert)
    return (
      <p className="message" role="status">
        {m.states.loading}
      </p>
    );
  return (
    <div className="view alert-view" aria-busy={loading}>
      <Link to={linkTo("/alerts", params, { own: listState(params) })} className="back-link">
        <Icon name="left" size={12} /> {m.alerts.back}
      </Link>
      <header className="alert-header">
        <div className="alert-title">
          <SeverityBadge severity={alert.severity} />
          <h1>{title}</h1>
          <StatusBadge alert={alert} />
        </div>
        <AlertActions alert={alert} ruleTitle={rule ? text(rule.title) : title} onChanged={reload} />
      </header>
      {error && <ErrorMessage error={error} onRetry={reload} />}
      <div className="alert-columns">
        <div>
          <Story alert={alert} />
          <AlertChain alert={alert} />
          <EventsOverTime alert={alert} />
          <AlertEvidence alert={alert} searchLink={alertSearch(alert, ruleQueryOf(rule), params)} />
        </div>
        <div>
          <AlertFacts alert={alert} ruleTitle={rule ? text(rule.title) : alert.rule_id} />
          <Notes alert={alert} onAdded={reload} />
          <Notifications alert={alert} />
          <section className="card alert-section" aria-labelledby="exceptions-title">
            <h2 id="exceptions-title">{m.alerts.exceptions}</h2>
            <ExceptionsList ruleId={alert.rule_id} exceptions={alert.exceptions} onRemoved={reload} />
          </section>
          <History alert={alert} />
          <References links={alert.references} />
        </div>
      </div>
    </div>
  );
}

function Story({ alert }: { alert: AlertDetail }) {
  const { m, text } = useSettings();
  return (
    <section className="card alert-section story" aria-labelledby="what-title">
      <h2 id="what-title">{m.alerts.what}</h2>
      <p>{text(alert.description)}</p>
      {text(alert.advice) !== "" && (
        <>
          <h2>{m.alerts.advice}</h2>
          <p className="advice">{text(alert.advice)}</p>
        </>
      )}
    </section>
  );
}

const COLUMNS = ["_time", "events"];

function EventsOverTime({ alert }: { alert: AlertDetail }) {
  const { m } = useSettings();
  const rows = useMemo(() => alert.timeline.map(({ at, events }) => ({ _time: at, events })), [alert.timeline]);
  const bounds = useMemo(
    () => ({ since: Date.parse(alert.first_seen), until: Date.parse(alert.last_seen) + 1000 }),
    [alert.first_seen, alert.last_seen],
  );
  // One bar says nothing that the figures above do not.
  if (rows.length < 2) return null;
  return (
    <section className="card alert-section" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{m.alerts.timeline}</h2>
      <div className="alert-timeline">
        <Suspense fallback={null}>
          <TimeChart columns={COLUMNS} rows={rows} kind="stacked-column" label={m.alerts.timeline} bounds={bounds} legend={false} />
        </Suspense>
      </div>
    </section>
  );
}
