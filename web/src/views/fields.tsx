/** The field reference: what each field means, and its names elsewhere. */
import { useEffect, useMemo } from "react";

import type { FieldEntry } from "../api/types";
import { namesOf, useFields, useLogTypes } from "../features/query/catalogue";
import { ErrorMessage } from "../features/query/error-message";
import { useSettings } from "../i18n";
import { useLocation, useSetParams } from "../router";

const LOOK = [
  { key: "lookWhat", fields: ["eventName", "eventSource"] },
  { key: "lookWho", fields: ["userIdentity.type", "userIdentity.arn", "userIdentity.userName"] },
  { key: "lookWhen", fields: ["eventTime"] },
  { key: "lookWhere", fields: ["sourceIPAddress", "userAgent"] },
  { key: "lookResult", fields: ["errorCode", "errorMessage", "responseElements.ConsoleLogin"] },
] as const;

export function FieldsView() {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const { value, error } = useFields();
  const logTypes = useLogTypes().value ?? [];
  const wanted = params.get("find") ?? "";
  const table = params.get("table") ?? "cloudtrail";
  const about = logTypes.find(({ id }) => id === table)?.about;
  const find = (text: string) =>
    setParams((changed) => (text === "" ? changed.delete("find") : changed.set("find", text)), { replace: true });
  const choose = (id: string) =>
    setParams((changed) => (id === "cloudtrail" ? changed.delete("table") : changed.set("table", id)), { replace: true });
  const shown = useMemo(() => (value ?? []).filter((entry) => entry.table === table && matches(entry, wanted)), [value, table, wanted]);
  useEffect(() => {
    document.title = `${m.fields.title} – Trailhound`;
  }, [m]);
  return (
    <div className="view fields-view">
      <header className="view-header">
        <h1>{m.fields.title}</h1>
        <p>{m.fields.intro}</p>
      </header>
      <ul className="look" aria-label={m.fields.lookFor}>
        {LOOK.map(({ key, fields }) => (
          <li key={key}>
            <b>{m.fields[key]}</b>
            {fields.map((name) => (
              <button key={name} type="button" className="button quiet small mono" onClick={() => find(name)}>
                {name}
              </button>
            ))}
          </li>
        ))}
      </ul>
      <div className="fields-tools">
        <select className="select" aria-label={m.fields.logType} value={table} onChange={(event) => choose(event.target.value)}>
          {logTypes.map(({ id, title }) => (
            <option key={id} value={id}>
              {text(title)}
            </option>
          ))}
          <option value="all">{m.fields.all}</option>
        </select>
        <input
          className="input"
          type="search"
          placeholder={m.fields.filter}
          aria-label={m.fields.filter}
          value={wanted}
          onChange={(event) => find(event.target.value)}
        />
        <span className="none" role="status">
          {value ? m.fields.count(shown.length) : m.states.loading}
        </span>
      </div>
      {about && table !== "cloudtrail" && <p className="hint">{text(about)}</p>}
      {error && <ErrorMessage error={error} />}
      {value && (shown.length > 0 ? <FieldTable entries={shown} /> : <p className="message">{m.fields.none}</p>)}
    </div>
  );
}

function FieldTable({ entries }: { entries: readonly FieldEntry[] }) {
  const { m, text } = useSettings();
  return (
    <div className="card table-scroll fields-table" tabIndex={0} role="region" aria-label={m.fields.title}>
      <table className="grid">
        <thead>
          <tr>
            {[m.fields.name, m.fields.column, m.fields.meaning, "Splunk", "ECS", "OCSF", "Sumo", m.fields.type].map((heading) => (
              <th key={heading} scope="col">
                <span>{heading}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, index) => (
            <tr key={`${entry.column ?? entry.cloudtrail ?? ""} ${index}`}>
              <th scope="row" className="mono">
                {entry.cloudtrail || "–"}
              </th>
              <td className="mono names">{entry.column || "–"}</td>
              <td className="meaning">{text(entry.meaning)}</td>
              <td className="mono names">
                {entry.splunk?.map((name) => (
                  <div key={name}>{name}</div>
                ))}
              </td>
              <td className="mono names">{entry.ecs || "–"}</td>
              <td className="mono names">{entry.ocsf || "–"}</td>
              <td className="mono names">{entry.sumo || "–"}</td>
              <td>{entry.type}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function matches(entry: FieldEntry, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  return text === "" || [...namesOf(entry), entry.meaning.en, entry.meaning.ja].some((name) => name.toLowerCase().includes(text));
}
