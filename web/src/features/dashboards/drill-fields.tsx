/** Where a click leads: to a filter, a dashboard, a search, an event, or the panels below. */
import { useId } from "react";

import { useSettings } from "../../i18n";
import { getDashboards } from "../../api/client";
import { Icon } from "../../ui/icon";
import { useCatalogue } from "../query/catalogue";
import { useResource } from "../query/use-resource";
import { DRILL_KINDS, drillKind, ofKind, type DrillKind } from "./draft";
import type { DashboardFile, Drill, Panel } from "./file";

interface DrillFieldsProps {
  panel: Panel;
  file: DashboardFile;
  /** The columns of the panel's rows, where they are known. */
  columns: readonly string[];
  onChange: (drill: Drill | undefined) => void;
}

export function DrillFields({ panel, file, columns, onChange }: DrillFieldsProps) {
  const { m, text } = useSettings();
  const t = m.boards.drill;
  const list = useId();
  const { drill } = panel;
  const kind = drillKind(drill);
  const all = useResource("dashboards", getDashboards).value ?? [];
  const targets = all.some(({ id }) => id === file.id) ? all : [...all, { id: file.id, title: file.title }];
  const kinds = DRILL_KINDS.filter((each) => each !== "select" || kind === "select" || file.panels.some((other) => other.hidden_until));
  return (
    <fieldset className="choices drill-fields">
      <legend>{t.title}</legend>
      <datalist id={list}>
        {columns.map((column) => (
          <option key={column} value={column} />
        ))}
      </datalist>
      <div className="form-row">
        <label className="field">
          {t.kind}
          <select className="select" value={kind} onChange={(event) => onChange(ofKind(event.target.value as DrillKind, drill, panel))}>
            {kinds.map((each) => (
              <option key={each} value={each}>
                {t.kinds[each]}
              </option>
            ))}
          </select>
        </label>
        {kind === "dashboard" && drill && (
          <label className="field">
            {t.dashboard}
            <select className="select" value={drill.dashboard} onChange={(event) => onChange({ ...drill, dashboard: event.target.value })}>
              {targets.map(({ id, title }) => (
                <option key={id} value={id}>
                  {text(title)}
                </option>
              ))}
            </select>
          </label>
        )}
        {kind === "event" && drill && (
          <Column label={t.eventColumn} list={list} value={drill.event ?? ""} onChange={(event) => onChange({ ...drill, event })} />
        )}
        {kind === "select" && drill && (
          <label className="field">
            {t.selection}
            <input
              className="input mono"
              value={drill.select ?? ""}
              onChange={(event) => onChange({ ...drill, select: event.target.value })}
            />
          </label>
        )}
      </div>
      {kind === "query" && drill && (
        <label className="field">
          {t.query}
          <textarea
            className="input mono"
            rows={2}
            value={typeof drill.search === "string" ? drill.search : ""}
            onChange={(event) => onChange({ ...drill, search: event.target.value })}
          />
        </label>
      )}
      {kind !== "none" && kind !== "event" && drill && <Settings drill={drill} columns={columns} list={list} onChange={onChange} />}
    </fieldset>
  );
}

/** The filters that a click sets, and where their values come from. */
function Settings({
  drill,
  columns,
  list,
  onChange,
}: {
  drill: Drill;
  columns: readonly string[];
  list: string;
  onChange: (drill: Drill) => void;
}) {
  const { m } = useSettings();
  const t = m.boards.drill;
  const fields = useId();
  const catalogue = useCatalogue();
  const set = Object.entries(drill.set ?? {});
  const put = (entries: typeof set) => onChange({ ...drill, set: Object.fromEntries(entries) });
  const replace = (at: number, field: string, from: string | { value: string }) =>
    put(set.map((entry, index) => (index === at ? [field, from] : entry)));
  const free = columns.find((column) => catalogue.find(column) && !set.some(([field]) => field === column));
  return (
    <>
      <datalist id={fields}>
        {catalogue.entries.map(({ cloudtrail, column, table }, index) => (
          <option key={`${table} ${index}`} value={cloudtrail ?? column ?? ""} />
        ))}
      </datalist>
      <ul className="drill-settings">
        {set.map(([field, from], at) => (
          <li key={at}>
            <label className="field">
              {t.field}
              <input className="input mono" list={fields} value={field} onChange={(event) => replace(at, event.target.value, from)} />
            </label>
            <label className="field">
              {t.from}
              <select
                className="select"
                value={typeof from === "string" ? "column" : "value"}
                onChange={(event) => replace(at, field, event.target.value === "column" ? field : { value: "" })}
              >
                <option value="column">{t.column}</option>
                <option value="value">{t.constant}</option>
              </select>
            </label>
            {typeof from === "string" ? (
              <Column label={t.column} list={list} value={from} onChange={(column) => replace(at, field, column)} />
            ) : (
              <label className="field">
                {t.constant}
                <input className="input" value={from.value} onChange={(event) => replace(at, field, { value: event.target.value })} />
              </label>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label={t.remove(field)}
              title={t.remove(field)}
              onClick={() => put(set.filter((_, index) => index !== at))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="button small drill-add" onClick={() => put([...set, [free ?? "eventName", free ?? "eventName"]])}>
        <Icon name="plus" size={12} />
        {t.add}
      </button>
      <p className="none">{t.help}</p>
    </>
  );
}

function Column({ label, list, value, onChange }: { label: string; list: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="field">
      {label}
      <input className="input mono" list={list} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
