/** An event of a log that is not CloudTrail's: what its log type shares with the others on top, then every field with its meaning. */
import { useMemo } from "react";

import type { FieldEntry } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { useFields, useLogTypes } from "../query/catalogue";
import { OutcomeBadge } from "../results/cell";
import { ValueButton } from "./event-detail";
import { columnText, type Columns } from "./summary";

/** The shared fields, in the order in which an event is read. */
const SECTIONS = {
  what: ["action", "resource", "severity", "protocol", "bytes"],
  who: ["actor_name", "account_id", "user_agent"],
  when: ["event_time", "ingest_time"],
  where: [
    "source_address",
    "source_port",
    "destination_address",
    "destination_port",
    "geo_city",
    "geo_country_name",
    "geo_as_org",
    "region",
  ],
} as const;
const HIDDEN = new Set(["raw", "log_type", "event_date"]);

export function OtherEvent({ raw, columns }: { raw: string; columns: Columns }) {
  const { m, text } = useSettings();
  const table = columnText(columns, "log_type");
  const fields = useFields().value;
  const title = useLogTypes().value?.find(({ id }) => id === table)?.title;
  const entries = useMemo(() => (fields ?? []).filter((entry) => entry.table === table), [fields, table]);
  const shared = (common: string) => entries.find((entry) => entry.common === common && columnText(columns, entry.column ?? "") !== "");
  return (
    <div className="event-detail">
      <div className="summary">
        {(Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]).map((section) => (
          <section key={section} aria-label={m.event[section]}>
            <h3>{m.event[section]}</h3>
            <dl>
              {section === "what" && title && (
                <div>
                  <dt>{m.fields.logType}</dt>
                  <dd>{text(title)}</dd>
                </div>
              )}
              {SECTIONS[section]
                .map(shared)
                .filter((entry) => entry !== undefined)
                .map((entry) => (
                  <div key={entry.column}>
                    <dt title={text(entry.meaning)}>{entry.cloudtrail || entry.column}</dt>
                    <dd>
                      <Shown entry={entry} columns={columns} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section className="result-line" aria-label={m.event.result}>
          <h3>{m.event.result}</h3>
          <OutcomeBadge value={columnText(columns, "outcome")} />
          {shared("message") && <span className="event-message">{columnText(columns, shared("message")?.column ?? "")}</span>}
        </section>
      </div>
      <AllFields entries={entries} columns={columns} />
      <h3>{m.event.raw}</h3>
      <pre className="code-block raw-text">{pretty(raw)}</pre>
    </div>
  );
}

function Shown({ entry, columns }: { entry: FieldEntry; columns: Columns }) {
  const { zone } = useSettings();
  const column = entry.column ?? "";
  const value = columnText(columns, column);
  if (entry.type === "time") return <time dateTime={value}>{formatInstant(value, zone)}</time>;
  return <ValueButton field={column} value={value} look={entry.type === "int" || /address/.test(column) ? "mono" : ""} />;
}

function AllFields({ entries, columns }: { entries: readonly FieldEntry[]; columns: Columns }) {
  const { m, text } = useSettings();
  const present = entries.filter((entry) => entry.column && !HIDDEN.has(entry.column) && columnText(columns, entry.column) !== "");
  return (
    <div className="table-scroll fields-table" tabIndex={0} role="region" aria-label={m.fields.title}>
      <table className="grid">
        <thead>
          <tr>
            {[m.fields.name, m.filters.value, m.fields.meaning].map((heading) => (
              <th key={heading} scope="col">
                <span>{heading}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {present.map((entry) => (
            <tr key={entry.column}>
              <th scope="row" className="mono">
                {entry.cloudtrail || entry.column}
              </th>
              <td className="mono">
                <Shown entry={entry} columns={columns} />
              </td>
              <td className="meaning">{text(entry.meaning)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** JSON with line breaks; lines as they came. */
function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
