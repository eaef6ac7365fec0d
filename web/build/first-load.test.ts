/** What a browser fetches before the page stands: what index.html names, and what that imports. Charts and the map come on demand. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const DIST = path.resolve(import.meta.dirname, "../dist");
const MOST_BYTES = 500_000;

/** Files that a built module imports at once; `import("…")` waits until somebody asks. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(/(?:\bimport|\bfrom)\s*["'](\.{1,2}\/[^"']+)["']/g)].map(([, file]) => file ?? "");
}

/** Files of the page that its first document fetches: scripts, styles, what is preloaded. */
export function namedBy(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, file]) => file ?? "");
}

function firstLoad(): string[] {
  const found = new Set(["index.html"]);
  const waiting = namedBy(readFileSync(path.join(DIST, "index.html"), "utf8"));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    if (!file.endsWith(".js")) continue;
    const imports = importsOf(readFileSync(path.join(DIST, file), "utf8"));
    waiting.push(...imports.map((name) => path.posix.join(path.posix.dirname(file), name)));
  }
  return [...found];
}

describe("what is read of built files", () => {
  it("follows imports and leaves what is loaded on demand", () => {
    const code = `import{a as b}from"./one.js";import"./two.js";export*from'../three.js';const x=()=>import("./later.js")`;
    expect(importsOf(code)).toEqual(["./one.js", "./two.js", "../three.js"]);
  });
  it("finds what the document names", () => {
    const html = `<script type="module" src="/assets/a.js"></script><link rel="stylesheet" href="/assets/b.css"><a href="https://x.example/">x</a>`;
    expect(namedBy(html)).toEqual(["assets/a.js", "assets/b.css"]);
  });
});

// `make web` builds the page before these tests; without it there is nothing to weigh.
describe.skipIf(!existsSync(path.join(DIST, "index.html")))("the first load", () => {
  const files = existsSync(path.join(DIST, "index.html")) ? firstLoad() : [];
  it("is small", () => {
    const sizes = files.map((file) => ({ file, bytes: gzipSync(readFileSync(path.join(DIST, file))).length }));
    const whole = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    console.info(`first load: ${whole} bytes compressed in ${sizes.length} files`);
    expect(whole, JSON.stringify(sizes)).toBeLessThanOrEqual(MOST_BYTES);
    expect(sizes.some(({ file }) => file.endsWith(".js"))).toBe(true);
  });
  it("has neither charts nor the map", () => {
    expect(files.filter((file) => /\/(echart|world-map|rows-map|time-chart|pie)-/.test(file))).toEqual([]);
    const code = files.filter((file) => file.endsWith(".js")).map((file) => readFileSync(path.join(DIST, file), "utf8"));
    // A name that stays in the library however it is packed.
    expect(code.some((text) => text.includes("ec-polyline"))).toBe(false);
  });
});
