/** A user, role, session, address, access key, account or bucket: first and last seen, what it did, from where, its alerts. */
import { useEffect, useMemo } from "react";

import type { Value } from "../api/types";
import { panelsOf, SEEN } from "../features/entity/panels";
import { conditionOf, type Kind } from "../features/entity/kinds";
import { RelatedAlerts } from "../features/entity/related-alerts";
import { requestOf } from "../features/dashboards/request";
import { Panel } from "../features/dashboards/panel";
import { ScopeContext } from "../features/dashboards/scope";
import { FilterBar } from "../features/filters/filter-bar";
import { ErrorMessage } from "../features/query/error-message";
import { RangeBanner, useExtent } from "../features/query/range-banner";
import { useRows } from "../features/query/use-rows";
import { instantMs, numberOf } from "../features/results/value";
import { useSettings } from "../i18n";
import { formatInstant, formatNumber } from "../i18n/format";
import { Link, useLocation } from "../router";
import { readConditions, withValues } from "../state/filters";
import { linkTo } from "../state/url";

export function EntityView({ kind, value }: { kind: Kind; value: string }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const extent = useExtent();
  const scope = useMemo(() => [conditionOf(kind, value)], [kind, value]);
  useEffect(() => {
    document.title = `${value} – Trailhound`;
  }, [value]);
  const [own] = scope;
  const search = own
    ? linkTo("/search", params, {
        conditions: withValues(readConditions(params), own.field, "is", own.values),
        own: { q: "sourcetype=aws:cloudtrail", ql: "spl" },
      })
    : null;
  return (
    <>
      <FilterBar />
      <div className="view">
        <header className="view-header entity-header">
          <p>{m.entity.kinds[kind]}</p>
          <h1 className="mono">{value}</h1>
          {search && (
            <span className="view-tools">
              <Link to={search} className="button small">
                {m.panel.openInSearch}
              </Link>
            </span>
          )}
        </header>
        <Seen kind={kind} value={value} />
        <RangeBanner />
        <RelatedAlerts value={value} />
        <ScopeContext value={scope}>
          <div className="dashboard">
            {panelsOf(kind).map((panel) => (
              <Panel key={panel.id} panel={panel} refreshed={0} oldest={extent?.oldest ?? null} />
            ))}
          </div>
        </ScopeContext>
      </div>
    </>
  );
}

/** Over all time, whatever the filters: when it came up first is what one asks of something new. */
function Seen({ kind, value }: { kind: Kind; value: string }) {
  const { m, zone, language } = useSettings();
  const rows = useRows(requestOf("spl", SEEN, { since: null, until: null }, [conditionOf(kind, value)], 1));
  const row = rows.rows[0];
  if (rows.error) return <ErrorMessage error={rows.error} />;
  const number = (cell: Value | undefined) => formatNumber(numberOf(cell) ?? 0, language);
  const instant = (cell: Value | undefined) => {
    const ms = instantMs(cell);
    return ms === null ? "–" : formatInstant(ms, zone);
  };
  if (rows.state === "done" && (numberOf(row?.["count"]) ?? 0) === 0) return <p className="banner">{m.entity.never}</p>;
  return (
    <dl className="entity-facts card" aria-busy={rows.state === "loading"}>
      {[
        [m.alerts.firstSeen, instant(row?.["first"])],
        [m.alerts.lastSeen, instant(row?.["last"])],
        [m.entity.events, number(row?.["count"])],
        [m.entity.errors, number(row?.["errors"])],
        [m.entity.calls, number(row?.["calls"])],
        [m.entity.addresses, number(row?.["addresses"])],
      ].map(([label, shown]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{shown}</dd>
        </div>
      ))}
    </dl>
  );
}
