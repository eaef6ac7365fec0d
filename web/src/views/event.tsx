/** One event by its id. */
import { useEffect } from "react";

import { getEvent } from "../api/client";
import { EventDetail } from "../features/event/event-detail";
import { parseRecord, textAt } from "../features/event/record";
import { ErrorMessage } from "../features/query/error-message";
import { useLogTypes } from "../features/query/catalogue";
import { useResource } from "../features/query/use-resource";
import { useSettings } from "../i18n";
import { NotFound } from "./dashboard";

export function EventView({ id }: { id: string }) {
  const { m, text } = useSettings();
  const { value, error } = useResource(`event ${id}`, () => getEvent(id));
  const logTypes = useLogTypes().value;
  const own = value ? textAt(parseRecord(value.raw) ?? undefined, "eventName") : "";
  const title = logTypes?.find((logType) => logType.id === value?.columns["log_type"])?.title;
  const name = own || (title ? text(title) : "");
  useEffect(() => {
    document.title = `${name || m.event.title} – Trailhound`;
  }, [name, m]);
  if (error)
    return <div className="view">{error.status === 404 ? <NotFound text={m.states.notFoundEvent} /> : <ErrorMessage error={error} />}</div>;
  if (!value)
    return (
      <p className="message" role="status">
        {m.states.loading}
      </p>
    );
  return (
    <div className="view">
      <header className="view-header">
        <h1>{name || m.event.title}</h1>
        <p className="mono">{id}</p>
      </header>
      <div className="card event-card">
        <h2 className="visually-hidden">{m.event.title}</h2>
        <EventDetail raw={value.raw} columns={value.columns} id={id} />
      </div>
    </div>
  );
}
