import { describe, expect, it } from "vitest";

import type { Value } from "../../api/types";
import { csvFile, toCsv } from "./csv";

describe("a cell", () => {
  it.each<[Value, string]>([
    ["plain", "plain"],
    [null, ""],
    [12, "12"],
    [-3.5, "-3.5"],
    [true, "true"],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    [["a", "b"], '"a\nb"'],
    [{ a: 1 }, '"{""a"":1}"'],
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ["+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["  =1", "'  =1"],
    ["-42", "-42"],
    ["+81", "+81"],
    ["1e5", "1e5"],
    ["日本語", "日本語"],
  ])("%j", (value, expected) => expect(toCsv(["c"], [{ c: value }])).toBe(`c\r\n${expected}\r\n`));
});

describe("a file", () => {
  it("has the columns in order and blanks for what a row lacks", () =>
    expect(toCsv(["b", "a"], [{ a: 1 }, { b: 2, a: 3 }])).toBe("b,a\r\n,1\r\n2,3\r\n"));
  it("guards the headings too", () => expect(toCsv(["=x"], [])).toBe("'=x\r\n"));
  it("begins with a byte order mark", () => expect(csvFile(["a"], []).codePointAt(0)).toBe(0xfeff));
});
