/** A step of the build: the licences of all that is bundled go beside the page. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Plugin } from "vite";

import { AS_PACKAGE, COUNTRY_PACKAGE } from "./geo-databases.ts";

const FILE = "licences.txt";
const HEAD = "Trailhound's page contains the following works of others.\n";

/** Data that is copied or read rather than imported as a module. */
const ALSO = [COUNTRY_PACKAGE, AS_PACKAGE, "world-atlas"];

/** Writes the licences of everything that went into the page beside it, as those licences ask for. */
export function licences(): Plugin {
  let root = ".";
  return {
    name: "trailhound:licences",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    async generateBundle() {
      const folders = new Set([...this.getModuleIds()].map(packageFolder).filter((folder) => folder !== null));
      for (const name of ALSO) folders.add(path.join(root, "node_modules", name));
      const texts = await Promise.all([...folders].sort().map(describe));
      this.emitFile({ type: "asset", fileName: FILE, source: [HEAD, ...texts].join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

/** Whether a package's file tells a licence or what it asks for: `LICENSE`, `notice.md`, `DBIP-LICENSE`, `MODIFICATIONS`. */
export function tellsLicence(file: string): boolean {
  return /^((.+[-_])?licen[cs]e|notice|copying|modifications)(\.(md|txt))?$/i.test(file);
}

/** The folder of the package that a module belongs to; null for our own. */
export function packageFolder(moduleId: string): string | null {
  const found = /^(?:\0)?(.*node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\?]+)/.exec(moduleId);
  return found?.[1] ?? null;
}

async function describe(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(folder)).filter(tellsLicence).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
  return (
    [`${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})`, ...texts.map((text) => text.trim())].join("\n\n") + "\n"
  );
}
