/** Autonomous systems: the CSV of ip-location-db becomes one MaxMind DB in GeoLite2-ASN's shape. */
import { MmdbWriter } from "./mmdb.ts";

/** One range of addresses and who runs it. */
export interface AsRange {
  from: bigint;
  to: bigint;
  number: number;
  organization: string;
}

/** A line `from,to,number,organization`: ends as decimal numbers, the organisation quoted where it holds a comma. */
export function parseLine(line: string): AsRange {
  const match = /^(\d+),(\d+),(\d+),(?:"((?:[^"]|"")*)"|([^"]*))$/.exec(line);
  if (!match) throw new Error(`no range of an autonomous system: ${line}`);
  const [, from = "", to = "", number = "", quoted, plain = ""] = match;
  return { from: BigInt(from), to: BigInt(to), number: Number(number), organization: quoted?.replaceAll('""', '"') ?? plain };
}

/** The database of both address families. `date` is the day of the data, YYYY-MM-DD. */
export function asDatabase(ipv4: string, ipv6: string, date: string): Buffer {
  const writer = new MmdbWriter();
  for (const [csv, family] of [
    [ipv4, 4],
    [ipv6, 6],
  ] as const) {
    for (const line of csv.split("\n")) {
      if (line === "") continue;
      const { from, to, number, organization } = parseLine(line);
      writer.add(from, to, family, { autonomous_system_number: number, autonomous_system_organization: organization });
    }
  }
  return writer.finish({
    type: "ip-location-db-ASN",
    description: "Autonomous systems: RouteViews, NRO and IP to ASN Lite by DB-IP (db-ip.com), CC BY 4.0, converted",
    buildEpoch: Date.parse(`${date}T00:00:00Z`) / 1000,
  });
}
