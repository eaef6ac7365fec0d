import type { Geometry } from "geojson";
import { describe, expect, it } from "vitest";

import { countryOf, localCountry } from "./countries";
import { countryRow, placesOf, withoutPlace } from "./places";
import { centroid, pointOf, unwrapped, world } from "./world";

const square = (x: number, y: number, side: number) => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];

describe("centroid", () => {
  it("of a square", () => expect(centroid({ type: "Polygon", coordinates: [square(0, 0, 4)] })).toEqual([2, 2]));
  it("of the largest of several", () => {
    const [x, y] = centroid({ type: "MultiPolygon", coordinates: [[square(100, 50, 1)], [square(-10, -10, 6)]] }) ?? [0, 0];
    expect(x).toBeCloseTo(-7);
    expect(y).toBeCloseTo(-7);
  });
  it("whatever the ring's direction", () =>
    expect(centroid({ type: "Polygon", coordinates: [square(0, 0, 4).reverse()] })).toEqual([2, 2]));
  it("of what has no area is none", () => {
    expect(centroid({ type: "Point", coordinates: [1, 2] })).toBeNull();
    expect(
      centroid({
        type: "Polygon",
        coordinates: [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      }),
    ).toBeNull();
  });
});

describe("the 180th meridian", () => {
  it("is crossed without a jump", () => {
    const ring = [
      [179, 60],
      [-179, 60],
      [-179, 61],
      [179, 61],
      [179, 60],
    ];
    const geometry = unwrapped({ type: "Polygon", coordinates: [ring] }) as Geometry & { coordinates: number[][][] };
    expect(geometry.coordinates[0]?.map(([x]) => x)).toEqual([179, 181, 181, 179, 179]);
  });
  it("leaves no country's outline jumping", () => {
    for (const { geometry, properties } of world().features) {
      const rings =
        geometry.type === "Polygon" ? geometry.coordinates : geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
      for (const ring of rings) {
        ring.forEach(([x = 0], i) => expect(Math.abs(x - (ring[i + 1]?.[0] ?? x)), properties.name).toBeLessThan(180));
      }
    }
  });
});

describe("countries", () => {
  it.each([
    ["Cuba", "CU"],
    ["CU", "CU"],
    ["United States", "US"],
    ["United States of America", "US"],
    ["Russian Federation", "RU"],
    ["Korea, Republic of", "KR"],
    ["South Korea", "KR"],
    ["Côte d'Ivoire", "CI"],
    ["Iran (Islamic Republic of)", "IR"],
    ["Saint Lucia", "LC"],
    ["Bosnia and Herzegovina", "BA"],
    ["Türkiye", "TR"],
    ["Turkey", "TR"],
    ["Atlantis", null],
    ["ZZ", null],
    ["", null],
  ])("%s", (name, code) => expect(countryOf(name)).toBe(code));

  it.each([
    ["Cuba", "en", "Cuba"],
    ["Cuba", "ja", "キューバ"],
    ["JP", "en", "Japan"],
    ["JP", "ja", "日本"],
    ["Atlantis", "ja", "Atlantis"],
  ] as const)("%s in %s", (name, language, expected) => expect(localCountry(name, language)).toBe(expected));

  it("every shape on the map has a code", () => {
    const names = world().features.map(({ properties }) => properties.name);
    expect(names.filter((name) => !/^[A-Z]{2}$/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(170);
  });

  it.each([
    ["CU", -79, 22],
    ["JP", 138, 36],
    ["SG", 104, 1],
    ["RU", 97, 62],
    ["US", -98, 40],
  ])("%s is where one looks for it", (code, longitude, latitude) => {
    const [x, y] = pointOf(code) ?? [0, 0];
    expect(Math.abs(x - longitude)).toBeLessThan(4);
    expect(Math.abs(y - latitude)).toBeLessThan(4);
  });
});

describe("places", () => {
  it("sum up the outcomes of a place, the unauthorized first", () => {
    const places = placesOf([
      { Country: "Japan", City: "Tokyo", lat: 35.7, lon: 139.7, action: "success", count: 7 },
      { Country: "Japan", City: "Tokyo", lat: 35.7, lon: 139.7, action: "failure", count: 2 },
      { Country: "Cuba", City: "", action: "unauthorized", count: 1 },
      { Country: "Cuba", City: "", action: "success", count: 3 },
      { Country: "", City: "", action: "success", count: 99 },
    ]);
    expect(places.map(({ country, authorized, unauthorized }) => [country, authorized, unauthorized])).toEqual([
      ["Cuba", 3, 1],
      ["Japan", 9, 0],
    ]);
    expect(places[1]?.point).toEqual([139.7, 35.7]);
    expect(places[0]?.point).toEqual(pointOf("CU"));
  });
  it("are not all", () =>
    expect(
      withoutPlace([
        { Country: "", count: 5 },
        { Country: "Cuba", count: 9 },
        { Country: null, count: 2 },
      ]),
    ).toBe(7));
  it("read the stored columns of an event", () => {
    expect(placesOf([{ geo_country_name: "Cuba", outcome: "unauthorized" }])).toMatchObject([{ country: "Cuba", unauthorized: 1 }]);
  });
  it("without a known country have no point", () => expect(placesOf([{ Country: "Atlantis", count: 1 }])[0]?.point).toBeNull());
});

it("a country is clicked without the city of the row that stands for it", () => {
  const [place] = placesOf([
    { Country: "United States", Region: "New York", City: "New York", lat: 40.8, lon: -74, count: 2, action: "success" },
  ]);
  expect(place && countryRow(place)).toEqual({ Country: "United States", count: 2, action: "success" });
});
