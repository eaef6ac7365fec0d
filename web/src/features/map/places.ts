/** From the rows of an `iplocation` query to the places on the map. */
import type { Row } from "../../api/types";
import { outcomeOf } from "../charts/palette";
import { numberOf, textOf } from "../results/value";
import { countryOf, type Point } from "./countries";
import { pointOf } from "./world";

export interface Place {
  key: string;
  country: string;
  city: string;
  /** None where neither coordinates nor a known country are given. */
  point: Point | null;
  authorized: number;
  unauthorized: number;
  /** One of the rows it came from, for drilling down. */
  row: Row;
}

/** The columns by the names that `iplocation` and the store give them. */
const COUNTRY = ["Country", "country", "geo_country_name", "country_name", "geo_country_code", "country_code"];
const CITY = ["City", "city", "geo_city"];
const LAT = ["lat", "latitude", "geo_latitude"];
const LON = ["lon", "longitude", "geo_longitude"];
/** What says more than the country: regions, cities, and what else was counted by. */
const NARROWER = new Set([
  ...CITY,
  ...LAT,
  ...LON,
  "Region",
  "region",
  "geo_region",
  "postal_code",
  "sourceIPAddress",
  "source_ip_address",
  "src_ip",
]);
const ACTION = ["action", "access", "outcome", "status"];
const COUNT = ["count", "events", "_count", "count(*)"];

/** One place a country and city, unauthorized ones first, then by size. Rows without a country (private addresses, services) have none. */
export function placesOf(rows: readonly Row[]): Place[] {
  const places = new Map<string, Place>();
  for (const row of rows) {
    if (!hasPlace(row)) continue;
    const country = textOf(pick(row, COUNTRY));
    const city = textOf(pick(row, CITY));
    const key = `${country}|${city}`;
    const place = places.get(key) ?? { key, country, city, point: pointFor(row, country), authorized: 0, unauthorized: 0, row };
    const count = numberOf(pick(row, COUNT)) ?? 1;
    if (outcomeOf(textOf(pick(row, ACTION))) === "unauthorized") {
      place.unauthorized += count;
      place.row = row;
    } else place.authorized += count;
    places.set(key, place);
  }
  return [...places.values()].sort((a, b) => b.unauthorized - a.unauthorized || b.authorized - a.authorized);
}

/** A row of a place as one of its whole country: what is narrower is left out. */
export function countryRow({ row }: Place): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !NARROWER.has(column)));
}

/** How many of the events have no place: calls of AWS services, private addresses. */
export function withoutPlace(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (hasPlace(row) ? 0 : (numberOf(pick(row, COUNT)) ?? 1)), 0);
}

function hasPlace(row: Row): boolean {
  const country = textOf(pick(row, COUNTRY));
  return country !== "" && country !== "-";
}

function pick(row: Row, names: readonly string[]) {
  const name = names.find((candidate) => row[candidate] !== undefined && row[candidate] !== null);
  return name === undefined ? null : row[name];
}

function pointFor(row: Row, country: string): Point | null {
  const lat = numberOf(pick(row, LAT));
  const lon = numberOf(pick(row, LON));
  if (lat !== null && lon !== null && (lat !== 0 || lon !== 0)) return [lon, lat];
  const code = countryOf(country);
  return code === null ? null : pointOf(code);
}
