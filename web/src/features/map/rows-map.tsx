/** The map of a query's rows; a chunk of its own, as the world's shapes weigh as much as the rest of the page. */
import { useCallback, useMemo } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import type { Pick } from "../charts/bars";
import { countryRow, placesOf, withoutPlace, type Place } from "./places";
import { WorldMap } from "./world-map";

interface RowsMapProps {
  rows: readonly Row[];
  label: string;
  list: "beside" | "below";
  onPick?: ((pick: Pick) => void) | undefined;
  onPickSeries?: ((series: string) => void) | undefined;
}

export default function RowsMap({ rows, label, list, onPick, onPickSeries }: RowsMapProps) {
  const { m } = useSettings();
  const places = useMemo(() => placesOf(rows), [rows]);
  const pick = useCallback((place: Place) => onPick?.({ row: place.row }), [onPick]);
  const pickCountry = useCallback((place: Place) => onPick?.({ row: countryRow(place) }), [onPick]);
  if (places.length === 0) return <p className="message">{m.panel.noPlaces}</p>;
  return (
    <WorldMap
      places={places}
      unplaced={withoutPlace(rows)}
      label={label}
      list={list}
      onPick={onPick ? pick : undefined}
      onPickCountry={onPick ? pickCountry : undefined}
      onPickSeries={onPickSeries}
    />
  );
}
