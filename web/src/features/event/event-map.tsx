/** The map beside an event; a chunk of its own, as most of the page needs no world. */
import { useMemo } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { placesOf } from "../map/places";
import { WorldMap } from "../map/world-map";
import { localCountry } from "../map/countries";
import type { Json } from "./record";
import { textAt } from "./record";
import { columnText, type Columns } from "./summary";

export default function EventMap({ record, columns }: { record: Json; columns: Columns }) {
  const { m, language } = useSettings();
  const places = useMemo(() => placesOf([columns as Row]), [columns]);
  const place = places[0];
  if (!place) {
    const kind = columnText(columns, "source_kind");
    const why = kind === "private" ? m.event.noPlacePrivate : kind.startsWith("aws") ? m.event.noPlaceService : m.event.noPlace;
    return <p className="message">{why}</p>;
  }
  const network = [columnText(columns, "geo_asn") && `AS${columnText(columns, "geo_asn")}`, columnText(columns, "geo_as_org")]
    .filter(Boolean)
    .join(" ");
  return (
    <>
      <div className="event-map-chart">
        <WorldMap places={places} label={m.event.map} list={null} />
      </div>
      <dl className="place-facts">
        <div>
          <dt>{m.event.place}</dt>
          <dd>{[place.city, localCountry(place.country, language)].filter(Boolean).join(", ")}</dd>
        </div>
        <div>
          <dt>{m.event.sourceAddress}</dt>
          <dd className="mono">{textAt(record, "sourceIPAddress")}</dd>
        </div>
        {network && (
          <div>
            <dt>{m.event.network}</dt>
            <dd>{network}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
