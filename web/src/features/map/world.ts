/** The world's countries as shapes, decoded once from TopoJSON, and the middle of each. */
import type { Feature, FeatureCollection, Geometry, MultiPolygon, Polygon, Position } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";

import { countryOf, handPlaced, type CountryCode, type Point } from "./countries";

type CountryFeature = Feature<Geometry, { name: string }>;
export type World = FeatureCollection<Geometry, { name: string }>;

const ANTARCTICA = "AQ";
let decoded: World | null = null;

/** Features named by country code; without Antarctica, where nobody signs in and a fifth of the picture would go. */
export function world(): World {
  decoded ??= decode(atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>);
  return decoded;
}

function decode(topology: Topology<{ countries: GeometryCollection<{ name: string }> }>): World {
  const { features } = feature(topology, topology.objects.countries);
  const named = features.map((country): CountryFeature => {
    const name = countryOf(country.properties.name) ?? country.properties.name;
    return { type: "Feature", properties: { name }, geometry: unwrapped(country.geometry) };
  });
  return { type: "FeatureCollection", features: named.filter(({ properties }) => properties.name !== ANTARCTICA) };
}

/** Rings that cross the 180th meridian go on past it instead of across the whole map. */
export function unwrapped(geometry: Geometry): Geometry {
  if (geometry.type === "Polygon") return { ...geometry, coordinates: geometry.coordinates.map(unwrappedRing) };
  if (geometry.type === "MultiPolygon")
    return { ...geometry, coordinates: geometry.coordinates.map((polygon) => polygon.map(unwrappedRing)) };
  return geometry;
}

function unwrappedRing(ring: Position[]): Position[] {
  const crosses = ring.some(([longitude = 0], index) => Math.abs(longitude - (ring[index + 1]?.[0] ?? longitude)) > 180);
  return crosses ? ring.map(([longitude = 0, ...rest]) => [longitude < 0 ? longitude + 360 : longitude, ...rest]) : ring;
}

const points = new Map<CountryCode, Point | null>();

/** Where a marker for the whole country goes: the middle of its largest piece of land. */
export function pointOf(code: CountryCode): Point | null {
  const known = points.get(code);
  if (known !== undefined) return known;
  const shape = world().features.find(({ properties }) => properties.name === code);
  const point = handPlaced(code) ?? (shape ? centroid(shape.geometry) : null);
  points.set(code, point);
  return point;
}

/** The centre of mass of the largest outer ring, on the plane of longitude and latitude. */
export function centroid(geometry: Geometry): Point | null {
  const rings = outerRings(geometry).map(massOf);
  const largest = rings.reduce<Mass | null>((best, ring) => (best === null || ring.area > best.area ? ring : best), null);
  return largest && largest.area > 0 ? largest.centre : null;
}

function outerRings(geometry: Geometry): Position[][] {
  const polygons =
    geometry.type === "Polygon"
      ? [(geometry as Polygon).coordinates]
      : geometry.type === "MultiPolygon"
        ? (geometry as MultiPolygon).coordinates
        : [];
  return polygons.flatMap(([outer]) => (outer ? [outer] : []));
}

interface Mass {
  area: number;
  centre: Point;
}

/** The shoelace formula. */
function massOf(ring: readonly Position[]): Mass {
  let twice = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [x0 = 0, y0 = 0] = ring[i] ?? [];
    const [x1 = 0, y1 = 0] = ring[(i + 1) % ring.length] ?? [];
    const cross = x0 * y1 - x1 * y0;
    twice += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  }
  return { area: Math.abs(twice) / 2, centre: twice === 0 ? [0, 0] : [x / (3 * twice), y / (3 * twice)] };
}
