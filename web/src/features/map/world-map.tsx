/** The world with a marker for each place that calls came from, and the same places as a list beside it. */
import { registerMap, type EChartsType } from "echarts/core";
import { useCallback, useMemo, useRef } from "react";

import { useSettings } from "../../i18n";
import { formatCompact, formatNumber } from "../../i18n/format";
import { EChart, escapeHtml, tooltipStyle, type Option } from "../charts/echart";
import { Legend } from "../charts/legend";
import { paletteOf, type Palette } from "../charts/palette";
import { countryOf, localCountry } from "./countries";
import type { Place } from "./places";
import { world } from "./world";

const MAP = "world";
/** That many places are all named on the map; of more, those with unauthorized calls. */
const FEW = 3;
let registered = false;

interface WorldMapProps {
  places: readonly Place[];
  label: string;
  /** Events that are on no map. */
  unplaced?: number;
  /** Where the list of the places goes; a small map does without. */
  list?: "beside" | "below" | null;
  onPick?: ((place: Place) => void) | undefined;
  /** A click on a country, beside its markers; `place` is one of those in it. */
  onPickCountry?: ((place: Place) => void) | undefined;
  /** A click on a name of the legend. */
  onPickSeries?: ((series: string) => void) | undefined;
}

export function WorldMap({ places, label, unplaced = 0, list = "beside", onPick, onPickCountry, onPickSeries }: WorldMapProps) {
  const { m, language, dark } = useSettings();
  if (!registered) {
    registerMap(MAP, world() as Parameters<typeof registerMap>[1]);
    registered = true;
  }
  const nameOf = useCallback((place: Place) => [place.city, localCountry(place.country, language)].filter(Boolean).join(", "), [language]);
  const drawn = useMemo(() => [...places].filter(({ point }) => point !== null).reverse(), [places]);
  const option = useMemo(
    () =>
      mapOption(
        drawn,
        paletteOf(dark),
        nameOf,
        (place) => tooltipOf(place, nameOf(place), m.outcome, (n) => formatNumber(n, language)),
        onPick !== undefined,
        onPickCountry !== undefined,
      ),
    [drawn, dark, nameOf, m, language, onPick, onPickCountry],
  );

  const latest = useRef({ drawn, onPick, onPickCountry });
  latest.current = { drawn, onPick, onPickCountry };
  const onReady = useCallback((chart: EChartsType) => {
    chart.on("click", ({ componentType, dataIndex, name }) => {
      const { drawn: shown, onPick: pick, onPickCountry: pickCountry } = latest.current;
      if (componentType === "geo") {
        const inside = shown.find(({ country }) => countryOf(country) === name);
        if (inside) pickCountry?.(inside);
        return;
      }
      const place = componentType === "series" ? shown[dataIndex] : undefined;
      if (place) pick?.(place);
    });
  }, []);

  return (
    <div className={list ? `map-with-list ${list}` : "map-alone"}>
      <EChart
        option={option}
        label={`${label}: ${places
          .slice(0, 12)
          .map((place) => nameOf(place))
          .join(", ")}`}
        onReady={onReady}
        className="map"
      />
      {list && (
        <div className="places">
          <Legend names={["Authorized", "Unauthorized"]} onPick={onPickSeries} />
          <ul aria-label={m.panel.places}>
            {places.slice(0, 60).map((place) => (
              <li key={place.key}>
                <PlaceRow place={place} name={nameOf(place)} onPick={onPick} />
              </li>
            ))}
          </ul>
          {unplaced > 0 && (
            <p className="none unplaced" title={m.panel.unplacedWhy}>
              {m.panel.unplaced(formatCompact(unplaced, language))}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

function PlaceRow({ place, name, onPick }: { place: Place; name: string; onPick?: ((place: Place) => void) | undefined }) {
  const { m, language } = useSettings();
  return (
    <button type="button" className="place" disabled={!onPick} onClick={() => onPick?.(place)}>
      <span className={place.unauthorized > 0 ? "place-dot unauthorized" : "place-dot"} />
      <span className="place-name">{name}</span>
      {place.unauthorized > 0 && (
        <span className="badge unauthorized">
          {m.outcome.unauthorized} {formatCompact(place.unauthorized, language)}
        </span>
      )}
      {place.authorized > 0 && <span className="place-count">{formatCompact(place.authorized, language)}</span>}
    </button>
  );
}

function mapOption(
  places: readonly Place[],
  palette: Palette,
  nameOf: (place: Place) => string,
  tooltip: (place: Place) => string,
  clickable: boolean,
  countries: boolean,
): Option {
  const codes = [...new Set(places.map(({ country }) => countryOf(country)))].filter((code) => code !== null);
  const few = places.length <= FEW;
  const most = Math.max(1, ...places.map(({ authorized, unauthorized }) => authorized + unauthorized));
  return {
    animation: false,
    textStyle: { fontFamily: "inherit" },
    geo: {
      map: MAP,
      roam: true,
      scaleLimit: { min: 1, max: 12 },
      left: 4,
      right: 4,
      top: 4,
      bottom: 4,
      preserveAspect: true,
      itemStyle: { areaColor: palette.land, borderColor: palette.landBorder, borderWidth: 0.6 },
      emphasis: { disabled: true },
      tooltip: { show: false },
      silent: !countries,
      // Countries that something came from: they can be clicked as their markers can.
      regions: countries ? codes.map((name) => ({ name, itemStyle: { areaColor: palette.landSeen } })) : [],
    },
    tooltip: {
      ...tooltipStyle(palette),
      formatter: (item: unknown) => {
        const place = places[(item as { dataIndex: number }).dataIndex];
        return place ? tooltip(place) : "";
      },
    },
    series: [
      {
        type: "scatter",
        coordinateSystem: "geo",
        cursor: clickable ? "pointer" : "default",
        data: places.map((place) => {
          const bad = place.unauthorized > 0;
          return {
            name: nameOf(place),
            value: place.point ?? [0, 0],
            // Area grows with the count, and even one call is seen.
            symbolSize: 7 + 21 * Math.sqrt((place.authorized + place.unauthorized) / most),
            itemStyle: {
              color: bad ? palette.unauthorized : palette.success,
              opacity: bad ? 0.92 : 0.72,
              borderColor: palette.surface,
              borderWidth: 1,
            },
            label: {
              show: bad || few,
              formatter: "{b}",
              position: "right" as const,
              color: bad ? palette.unauthorized : palette.text,
              fontWeight: 600,
              fontSize: 12,
              textBorderColor: palette.surface,
              textBorderWidth: 3,
            },
          };
        }),
        labelLayout: { moveOverlap: "shiftY" },
      },
    ],
  };
}

function tooltipOf(
  place: Place,
  name: string,
  outcome: { authorized: string; unauthorized: string },
  number: (value: number) => string,
): string {
  const line = (label: string, value: number) =>
    value > 0 ? `<div class="tip-line"><span></span><span>${escapeHtml(label)}</span><b>${number(value)}</b></div>` : "";
  return `<div class="tip"><div class="tip-head">${escapeHtml(name)}</div>${line(outcome.unauthorized, place.unauthorized)}${line(outcome.authorized, place.authorized)}</div>`;
}
