/** The list of alerts: sorted by a click on a heading, walked and worked off from the keyboard. */
import type { KeyboardEvent } from "react";

import type { Alert, AlertOrder } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatCompact, formatInstant } from "../../i18n/format";
import { Link } from "../../router";
import { useNarrow } from "../../ui/use-narrow";
import { VirtualGrid, type GridColumn } from "../../ui/virtual-grid";
import { localCountry } from "../map/countries";
import { SeverityBadge, StatusBadge } from "./badges";

interface AlertGridProps {
  alerts: readonly Alert[];
  total: number;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], on: boolean) => void;
  link: (id: string) => string;
  onKey: (key: string, alert: Alert) => boolean;
  onNearEnd: () => void;
  order: AlertOrder;
  onOrder: (order: AlertOrder) => void;
}

const ROW = 54;
const NARROW_ROW = 100;

export function AlertGrid({ alerts, total, selected, onSelect, link, onKey, onNearEnd, order, onOrder }: AlertGridProps) {
  const { m, text } = useSettings();
  const narrow = useNarrow();
  const all = alerts.length > 0 && alerts.every(({ id }) => selected.has(id));
  const sortable = (by: AlertOrder, label: string): Pick<GridColumn, "heading" | "sort"> => ({
    sort: by === order ? "descending" : "none",
    heading: (
      <button type="button" className="sort-button" title={m.table.sortBy(label)} onClick={() => onOrder(by)}>
        {label}
        {by === order && <span aria-hidden="true">↓</span>}
      </button>
    ),
  });
  const columns: GridColumn[] = [
    {
      id: "select",
      heading: (
        <input
          type="checkbox"
          aria-label={m.alerts.selectAll}
          title={m.alerts.selectAll}
          checked={all}
          onChange={(event) =>
            onSelect(
              alerts.map(({ id }) => id),
              event.target.checked,
            )
          }
        />
      ),
    },
    { id: "severity", ...sortable("severity", m.alerts.severity) },
    { id: "alert", heading: m.alerts.alert, className: "wide" },
    { id: "actor", heading: m.alerts.actor },
    { id: "where", heading: m.alerts.account },
    { id: "events", ...sortable("events", m.alerts.events), className: "number" },
    { id: "seen", ...sortable("last_seen", m.alerts.lastSeen) },
    { id: "status", heading: m.alerts.status },
  ];
  const handleKey = (event: KeyboardEvent, index: number) => {
    const alert = alerts[index];
    if (!alert || event.metaKey || event.ctrlKey || event.altKey) return false;
    if (event.key === "x" || event.key === " ") {
      onSelect([alert.id], !selected.has(alert.id));
      return true;
    }
    return onKey(event.key, alert);
  };
  const cells = (index: number) => {
    const alert = alerts[index];
    if (!alert) return [];
    return [
      <input
        key="select"
        type="checkbox"
        tabIndex={-1}
        aria-label={m.alerts.select(text(alert.title))}
        checked={selected.has(alert.id)}
        onChange={(event) => onSelect([alert.id], event.target.checked)}
      />,
      <SeverityBadge key="severity" severity={alert.severity} />,
      <Title key="alert" alert={alert} link={link(alert.id)} />,
      <Actor key="actor" alert={alert} />,
      <Place key="where" alert={alert} />,
      <Count key="events" value={alert.events} />,
      <Seen key="seen" alert={alert} />,
      <Status key="status" alert={alert} />,
    ];
  };
  return (
    <VirtualGrid
      label={m.alerts.list}
      className="alert-grid"
      columns={columns}
      count={alerts.length}
      total={total}
      rowHeight={narrow ? NARROW_ROW : ROW}
      rowKey={(index) => alerts[index]?.id ?? String(index)}
      cells={cells}
      link={(index) => link(alerts[index]?.id ?? "")}
      isSelected={(index) => selected.has(alerts[index]?.id ?? "")}
      onKey={handleKey}
      onNearEnd={onNearEnd}
    />
  );
}

function Title({ alert, link }: { alert: Alert; link: string }) {
  const { text } = useSettings();
  const group = alert.group.flatMap(({ value }) => value ?? []);
  return (
    <span className="two-lines">
      <Link to={link} tabIndex={-1} title={text(alert.title)}>
        {text(alert.title)}
      </Link>
      <span className="second" title={group.join(" · ")}>
        {group.join(" · ") || alert.rule_id}
      </span>
    </span>
  );
}

function Actor({ alert }: { alert: Alert }) {
  const { language } = useSettings();
  const from = [alert.source_address, alert.country && localCountry(alert.country, language)].filter(Boolean).join(" · ");
  return (
    <span className="two-lines">
      <span title={alert.actor ?? undefined}>{alert.actor || "–"}</span>
      <span className="second" title={from}>
        {from}
      </span>
    </span>
  );
}

function Place({ alert }: { alert: Alert }) {
  return (
    <span className="two-lines">
      <span className="mono">{alert.account || "–"}</span>
      <span className="second">{alert.region}</span>
    </span>
  );
}

function Count({ value }: { value: number }) {
  const { language } = useSettings();
  return <>{formatCompact(value, language)}</>;
}

function Seen({ alert }: { alert: Alert }) {
  const { zone } = useSettings();
  return <time dateTime={alert.last_seen}>{formatInstant(alert.last_seen, zone, "minute")}</time>;
}

function Status({ alert }: { alert: Alert }) {
  return (
    <span className="two-lines">
      <span>
        <StatusBadge alert={alert} />
      </span>
      {alert.owner && <span className="second">{alert.owner}</span>}
    </span>
  );
}
