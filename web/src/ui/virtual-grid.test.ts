import { describe, expect, it } from "vitest";

import { stepOf, windowOf } from "./virtual-grid";

describe("the rows in sight", () => {
  it.each([
    [0, 500, 0, { first: 0, last: 0 }],
    [0, 500, 5, { first: 0, last: 5 }],
    [0, 500, 10_000, { first: 0, last: 18 }],
    [50_000, 500, 10_000, { first: 992, last: 1018 }],
    [499_500, 500, 10_000, { first: 9982, last: 10_000 }],
    [499_500, 500, 3, { first: 0, last: 3 }],
  ])("at %d, %d high, of %d", (top, height, count, expected) => {
    const { first, last } = windowOf(top, height, count, 50);
    expect({ first, last }).toEqual(expected);
  });
});

describe("a key", () => {
  it.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 9, 9],
    ["j", 3, 4],
    ["ArrowUp", 0, 0],
    ["k", 5, 4],
    ["PageDown", 2, 9],
    ["End", 2, 9],
    ["Home", 2, 0],
    ["a", 2, null],
  ])("%s from %d of ten leads to %s", (key, from, expected) => expect(stepOf(key, from, 10)).toBe(expected));
});
