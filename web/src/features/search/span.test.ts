import { describe, expect, it } from "vitest";

import { positionOf, toUtf16 } from "./span";

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe("byte spans as UTF-16 ranges", () => {
  it.each([
    ["stats count", "count"],
    ["user=山田 | statz", "statz"],
    ["user=山田 | statz", "山田"],
    ["é= 𝕏 | 🦊fox x", "fox"],
    ["🦊🦊🦊", "🦊"],
  ])("%s: %s", (text, part) => {
    const at = text.indexOf(part);
    const start = bytes(text.slice(0, at));
    const { from, to } = toUtf16(text, { start, end: start + bytes(part) });
    expect(text.slice(from, to)).toBe(part);
  });

  it("goes to a character's start from inside it", () => expect(toUtf16("a山b", { start: 2, end: 3 })).toEqual({ from: 1, to: 1 }));
  it("stops at the end of the text", () => expect(toUtf16("ab", { start: 1, end: 99 })).toEqual({ from: 1, to: 2 }));
  it("never runs backwards", () => expect(toUtf16("abc", { start: 2, end: 1 })).toEqual({ from: 2, to: 2 }));
  it("counts the end of the query as a place", () => expect(toUtf16("日本", { start: 6, end: 6 })).toEqual({ from: 2, to: 2 }));
});

describe("line and column", () => {
  it.each([
    ["abc", 0, 1, 1],
    ["abc\ndef", 5, 2, 2],
    ["🦊x", 2, 1, 2],
  ])("%j at %d", (text, at, line, column) => expect(positionOf(text, at)).toEqual({ line, column }));
});
