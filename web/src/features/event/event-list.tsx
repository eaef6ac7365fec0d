/** Events one below another, each opening into its detail. */
import { useState } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Icon } from "../../ui/icon";
import { OutcomeBadge } from "../results/cell";
import { instantMs, textOf } from "../results/value";
import { actorOfRecord } from "./actor";
import { EventDetail } from "./event-detail";
import { eventOf } from "./event-of";
import { outcomeOfEvent } from "./outcome";
import { parseRecord, textAt } from "./record";

/** What an event is called: the API call, else what another kind of log says was done, asked for or found. */
const NAMES = ["eventName", "event_name", "action", "event.action", "signature", "rule.name", "query", "dns.question.name", "http_method"];

interface EventListProps {
  rows: readonly Row[];
  /** Ids of the events that are open, where the URL keeps them; otherwise the first one is. */
  open?: string | null | undefined;
  onOpen?: ((id: string | null) => void) | undefined;
  map?: boolean;
}

export function EventList({ rows, open, onOpen, map = true }: EventListProps) {
  const [own, setOwn] = useState<string | null | undefined>(undefined);
  const first = rows[0] ? keyOf(rows[0], 0) : null;
  const shown = onOpen ? open : own === undefined ? first : own;
  const placeOf = numbered();
  const toggle = (key: string) => (onOpen ?? setOwn)(shown === key ? null : key);
  return (
    <ul className="events">
      {rows.map((row, index) => {
        const key = keyOf(row, index);
        return (
          <li key={placeOf(key)} className={shown === key ? "event open" : "event"}>
            <EventLine row={row} open={shown === key} onToggle={() => toggle(key)} />
            {shown === key && <EventBody row={row} map={map} />}
          </li>
        );
      })}
    </ul>
  );
}

const keyOf = (row: Row, index: number) => eventOf(row).id ?? String(index);

/** A key of its own for each row, which it keeps when others come above it; one event may be there several times. */
function numbered(): (key: string) => string {
  const times = new Map<string, number>();
  return (key) => {
    const nth = times.get(key) ?? 0;
    times.set(key, nth + 1);
    return `${key} ${nth}`;
  };
}

function EventBody({ row, map }: { row: Row; map: boolean }) {
  const { raw, id } = eventOf(row);
  const columns = "geo_country_code" in row ? row : undefined;
  return <EventDetail raw={raw ?? JSON.stringify(row, null, 2)} id={id ?? undefined} columns={columns} map={map} />;
}

function EventLine({ row, open, onToggle }: { row: Row; open: boolean; onToggle: () => void }) {
  const { m, zone } = useSettings();
  const { params } = useLocation();
  const { raw, id } = eventOf(row);
  const record = raw === null ? undefined : (parseRecord(raw) ?? undefined);
  const field = (names: readonly string[], path: string) =>
    textOf(names.map((name) => row[name]).find((value) => value !== null && value !== undefined && value !== "")) ||
    (path === "" ? "" : textAt(record, path));
  const other = field(["eventName", "event_name"], "eventName") === "";
  const destination = field(["dest_ip", "destination.ip", "destination_address"], "");
  const time = instantMs(row["_time"]) ?? instantMs(row["event_time"]) ?? instantMs(textAt(record, "eventTime"));
  return (
    <div className="event-line">
      <button type="button" className={other ? "event-toggle other" : "event-toggle"} aria-expanded={open} onClick={onToggle}>
        <Icon name={open ? "down" : "right"} size={12} />
        <time>{time === null ? "–" : formatInstant(time, zone)}</time>
        <b className="event-name">{field(NAMES, "eventName")}</b>
        {other ? <span /> : <OutcomeBadge value={outcomeOfEvent(row, record)} />}
        <span>
          {field(["user", "user_name", "user.name", "actor_name"], "") ||
            actorOfRecord(record) ||
            (other ? field(["sourcetype", "log_type", "@log_type"], "") : "")}
        </span>
        <span className="mono">
          {field(["sourceIPAddress", "source_ip_address", "src_ip", "source.ip", "source_address"], "sourceIPAddress")}
          {other && destination !== "" ? ` → ${destination}` : ""}
        </span>
        <span>{field(["awsRegion", "aws_region", "region", "cloud.region"], "awsRegion")}</span>
        <span className="event-error">{field(["errorCode", "error_code"], "errorCode").replace(/^success$/, "")}</span>
      </button>
      {id && (
        <Link
          to={linkTo(`/events/${encodeURIComponent(id)}`, params)}
          className="icon-button"
          title={m.event.open}
          aria-label={m.event.open}
        >
          <Icon name="open" />
        </Link>
      )}
    </div>
  );
}
