/** One event: the summary on top, then the raw record beside the map of where it came from. */
import { lazy, Suspense, useMemo } from "react";

import { getEvent } from "../../api/client";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { around } from "../../state/time-range";
import { linkTo } from "../../state/url";
import { Icon } from "../../ui/icon";
import { ActionList } from "../../ui/menu";
import { useOpen } from "../../ui/popover";
import { useValueActions } from "../filters/value-actions";
import { localCountry } from "../map/countries";
import { useResource } from "../query/use-resource";
import { OutcomeBadge } from "../results/cell";
import { JsonTree } from "./json-tree";
import { OtherEvent } from "./other-event";
import { parseRecord, textAt } from "./record";
import { actorChain, columnText, neighboursOf, summaryOf, type Columns, type Fact, type Summary } from "./summary";

const EventMap = lazy(() => import("./event-map"));

interface EventDetailProps {
  raw: string;
  /** Stored columns where they are known already; else they are fetched by `id`. */
  columns?: Columns | undefined;
  id?: string | undefined;
  /** A panel with a map of its own needs none here. */
  map?: boolean;
}

export function EventDetail({ raw, columns, id, map = true }: EventDetailProps) {
  const { m } = useSettings();
  const fetched = useResource(columns || !id ? null : `event ${id}`, () => getEvent(id ?? ""));
  const record = useMemo(() => parseRecord(raw), [raw]);
  const known = columns ?? fetched.value?.columns ?? {};
  const table = columnText(known, "log_type");
  if (table !== "" && table !== "cloudtrail") return <OtherEvent raw={raw} columns={known} />;
  if (!record) {
    return (
      <div className="event-detail">
        <p className="none">{m.event.notJson}</p>
        <pre className="code-block">{raw}</pre>
      </div>
    );
  }
  return (
    <div className="event-detail">
      <SummaryGrid summary={summaryOf(record, known)} />
      <ActorChain record={record} columns={known} />
      <Neighbours record={record} columns={known} />
      <div className={map ? "event-body with-map" : "event-body"}>
        <JsonTree record={record} raw={raw} />
        {map && (
          <section className="event-map" aria-label={m.event.map}>
            <h3>{m.event.map}</h3>
            <Suspense fallback={null}>
              <EventMap record={record} columns={known} />
            </Suspense>
          </section>
        )}
      </div>
    </div>
  );
}

const SECTIONS = ["what", "who", "when", "where"] as const;

function SummaryGrid({ summary }: { summary: Summary }) {
  const { m } = useSettings();
  return (
    <div className="summary">
      {SECTIONS.filter((section) => summary[section].length > 0).map((section) => (
        <section key={section} aria-label={m.event[section]}>
          <h3>{m.event[section]}</h3>
          <dl>
            {summary[section].map((fact) => (
              <div key={fact.label + fact.field}>
                <dt>{m.event[fact.label]}</dt>
                <dd>
                  <FactValue fact={fact} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <section className="result-line" aria-label={m.event.result}>
        <h3>{m.event.result}</h3>
        {summary.result.map((fact) => (
          <FactValue key={fact.field} fact={fact} />
        ))}
        {summary.message !== "" && <span className="event-message">{summary.message}</span>}
      </section>
    </div>
  );
}

function FactValue({ fact }: { fact: Fact }) {
  const { m, zone, language } = useSettings();
  if (fact.kind === "time") return <time dateTime={fact.value}>{formatInstant(fact.value, zone)}</time>;
  if (fact.kind === "outcome") return <OutcomeBadge value={fact.value} />;
  const boolean = { true: m.event.yes, false: m.event.no, Yes: m.event.yes, No: m.event.no }[fact.value];
  const shown = fact.kind === "country" ? localCountry(fact.value, language) : (boolean ?? fact.value);
  return (
    <ValueButton field={fact.field} value={fact.value} shown={shown} look={fact.kind === "mono" || fact.kind === "long" ? fact.kind : ""} />
  );
}

/** A value that opens the actions on it. */
export function ValueButton({
  field,
  value,
  shown,
  look = "",
}: {
  field: string;
  value: string;
  shown?: string;
  look?: "" | "mono" | "long";
}) {
  const { m } = useSettings();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  const actionsFor = useValueActions();
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={`value-button ${look}`}
        title={look === "long" ? value : undefined}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={toggle}
      >
        {shown ?? value}
      </button>
      {open && (
        <ActionList anchor={anchor} label={m.event.actionsFor(field)} actions={actionsFor(field, value)} onClose={close} align="start">
          <p className="menu-note mono">{field}</p>
        </ActionList>
      )}
    </>
  );
}

function ActorChain({ record, columns }: { record: Parameters<typeof actorChain>[0]; columns: Columns }) {
  const { m } = useSettings();
  const chain = actorChain(record, columns);
  if (chain.length === 0) return null;
  return (
    <section className="chain" aria-label={m.event.actor}>
      <h3>{m.event.actor}</h3>
      <ol>
        {chain.map(({ label, field, value }, index) => (
          <li key={label}>
            {index > 0 && <Icon name="arrow" size={12} />}
            <span className="chain-link">
              <span className="chain-label">{m.event[label]}</span>
              <ValueButton field={field} value={value} look={label === "accessKey" ? "mono" : ""} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const MINUTES = 15;

function Neighbours({ record, columns }: { record: Parameters<typeof neighboursOf>[0]; columns: Columns }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const instant = Date.parse(textAt(record, "eventTime") || columnText(columns, "event_time"));
  if (Number.isNaN(instant)) return null;
  const link = (field: string, value: string) =>
    linkTo("/search", params, {
      range: around(instant, MINUTES),
      conditions: [{ field, op: "is", values: [value] }],
      own: { q: "sourcetype=aws:cloudtrail | sort _time", ql: "spl" },
    });
  return (
    <section className="neighbours" aria-label={m.event.neighbours}>
      <h3>{m.event.neighbours}</h3>
      <ul>
        {neighboursOf(record, columns).map(({ label, field, value }) => (
          <li key={label}>
            <Link to={link(field, value)} className="button small" title={`${field} = ${value}`}>
              {m.event[label]}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
