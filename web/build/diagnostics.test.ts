import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { diagnosticsJa } from "../src/i18n/diagnostics.ja.ts";

const TABLE = path.join(import.meta.dirname, "../../crates/query/src/diagnostic/codes.tsv");
const codes = readFileSync(TABLE, "utf8")
  .split("\n")
  .flatMap((line) => (line.includes("\t") && !line.startsWith("#") ? [line.split("\t")[0] ?? ""] : []));

describe("what is wrong with a query", () => {
  it("is said in Japanese too, whatever the server finds", () => {
    expect(codes.length).toBeGreaterThan(200);
    expect(codes.filter((code) => !(code in diagnosticsJa))).toEqual([]);
  });
  // Live tail's come from the program around the languages, and are in no table of theirs.
  it("and nothing else is", () =>
    expect(Object.keys(diagnosticsJa).filter((code) => !code.startsWith("tail.") && !codes.includes(code))).toEqual([]));
});
