import { Reader, type Response } from "mmdb-lib";
import { describe, expect, it } from "vitest";

import { asDatabase, parseLine } from "./as-database.ts";
import { MmdbWriter, type Record32 } from "./mmdb.ts";

const ABOUT = { type: "Test", description: "a test", buildEpoch: 1_781_654_400 };

type Range = readonly [from: bigint, to: bigint, family: 4 | 6, record: Record32];

function reader(ranges: readonly Range[]): Reader<Response> {
  const writer = new MmdbWriter();
  ranges.forEach((range) => writer.add(...range));
  return new Reader(writer.finish(ABOUT));
}

const ipv4 = (address: string) => address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
const shown = (address: bigint) => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");

describe("a written database", () => {
  it("says what it is", () => {
    const { metadata } = reader([[1n, 1n, 4, { n: 1 }]]);
    expect(metadata).toMatchObject({ databaseType: "Test", description: { en: "a test" }, ipVersion: 6, binaryFormatMajorVersion: 2 });
    expect(metadata.buildEpoch.toISOString()).toBe("2026-06-17T00:00:00.000Z");
  });

  it("answers within its ranges and nowhere else", () => {
    const found = reader([
      [ipv4("1.0.0.3"), ipv4("1.0.0.17"), 4, { n: 1 }],
      [ipv4("1.0.0.18"), ipv4("1.0.2.255"), 4, { n: 2 }],
      [0x2001_0db8n << 96n, (0x2001_0db9n << 96n) - 1n, 6, { n: 3 }],
    ]);
    const number = (address: string) => (found.get(address) as { n: number } | null)?.n ?? null;
    expect(["1.0.0.2", "1.0.0.3", "1.0.0.17", "1.0.0.18", "1.0.2.255", "1.0.3.0"].map(number)).toEqual([null, 1, 1, 2, 2, null]);
    expect(["2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::ffff", "2001:db9::"].map(number)).toEqual([null, 3, 3, null]);
  });

  it.each([0, 1, 28, 29, 284, 285, 3000])("keeps a text of %i bytes", (length) => {
    const record = { text: "é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2) };
    expect(reader([[5n, 5n, 4, record]]).get("0.0.0.5")).toEqual(record);
  });

  it.each([0, 1, 255, 256, 65_536, 4_294_967_295])("keeps the number %i", (n) =>
    expect(reader([[5n, 5n, 4, { n }]]).get("0.0.0.5")).toEqual({ n }),
  );

  it("joins neighbours that say the same", () => {
    const halves = reader([
      [ipv4("8.0.0.0"), ipv4("8.127.255.255"), 4, { n: 1 }],
      [ipv4("8.128.0.0"), ipv4("8.255.255.255"), 4, { n: 1 }],
    ]);
    expect(halves.metadata.nodeCount).toBe(reader([[ipv4("8.0.0.0"), ipv4("8.255.255.255"), 4, { n: 1 }]]).metadata.nodeCount);
  });

  it("of a range within another keeps both", () => {
    const found = reader([
      [ipv4("8.0.0.0"), ipv4("8.255.255.255"), 4, { n: 1 }],
      [ipv4("8.8.8.0"), ipv4("8.8.8.255"), 4, { n: 2 }],
    ]);
    expect(["8.8.7.255", "8.8.8.8", "8.8.9.0"].map((address) => found.get(address))).toEqual([{ n: 1 }, { n: 2 }, { n: 1 }]);
  });

  it("agrees with a search through random ranges", () => {
    let state = 0x2545f491;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    const ranges: Range[] = [];
    for (let at = ipv4("3.0.0.0"); ranges.length < 2000;) {
      const from = at + BigInt(random(3) * random(3000));
      const to = from + BigInt(random(70_000));
      ranges.push([from, to, 4, { n: random(50) }]);
      at = to + 1n;
    }
    const found = reader(ranges);
    const wanted = (address: bigint) => ranges.find(([from, to]) => from <= address && address <= to)?.[3] ?? null;
    const probes = ranges.flatMap(([from, to]) => [from - 1n, from, to, to + 1n, (from + to) / 2n]);
    const wrong = probes.filter((address) => JSON.stringify(found.get(shown(address))) !== JSON.stringify(wanted(address)));
    expect(wrong.map(shown)).toEqual([]);
  });

  it.each([
    [5n, 4n, 4],
    [0n, 1n << 32n, 4],
    [0n, 1n << 128n, 6],
  ] as const)("refuses the range %d-%d of IPv%d", (from, to, family) =>
    expect(() => new MmdbWriter().add(from, to, family, {})).toThrow(RangeError),
  );
});

describe("a line of the CSV", () => {
  it.each([
    ["1,9,13335,Cloudflare", "Cloudflare"],
    ['1,9,13335,"Cloudflare, Inc."', "Cloudflare, Inc."],
    ['1,9,13335,"a ""quoted"" name"', 'a "quoted" name'],
    ["1,9,13335,", ""],
  ])("%s", (line, organization) => expect(parseLine(line)).toEqual({ from: 1n, to: 9n, number: 13335, organization }));
  it.each(["", "1,9,AS1,x", "1.0.0.0,1.0.0.9,1,x", '1,9,1,a"b'])("is refused: %j", (line) =>
    expect(() => parseLine(line)).toThrow("no range"),
  );
});

describe("the database of autonomous systems", () => {
  it("has the shape of GeoLite2-ASN", () => {
    const found = new Reader<Response>(asDatabase('16777216,16777471,13335,"Cloudflare, Inc."\n', "", "2026-06-17"));
    expect(found.metadata.databaseType).toContain("ASN");
    expect(found.get("1.0.0.1")).toEqual({ autonomous_system_number: 13335, autonomous_system_organization: "Cloudflare, Inc." });
  });
});
