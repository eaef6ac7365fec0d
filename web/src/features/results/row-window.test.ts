import { expect, it } from "vitest";

import { chunksOf } from "./row-window";

it.each([0, 1, 150, 151, 200, 1000])("%i rows are each in one chunk", (count) => {
  const rows = chunksOf(count).flatMap(({ first, last }) => Array.from({ length: last - first }, (_, offset) => first + offset));
  expect(rows).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(chunksOf(count).length).toBe(count <= 150 ? 1 : Math.ceil(count / 50));
});
