import { describe, expect, it } from "vitest";

import type { Row } from "../../api/types";
import { BEGIN, cleared, delayAfter, KEPT, passes, withLook, withPause, type Tail } from "./tail";

const rows = (...ids: readonly number[]): Row[] => ids.map((id) => ({ eventID: String(id) }));
const ids = (list: readonly Row[]) => list.map((row) => row["eventID"]).join(" ");
const look = (tail: Tail, ...came: readonly number[]) =>
  withLook(tail, rows(...came), { found: came.length, sent: came.length, missed: false });

describe("a live tail", () => {
  it("has the latest on top", () => {
    const tail = look(look(BEGIN, 1, 2), 3);
    expect(ids(tail.rows)).toBe("3 2 1");
    expect(tail).toMatchObject({ state: "live", found: 3, unsent: 0, missed: false });
  });
  it("keeps a bounded number", () => {
    const many = Array.from({ length: KEPT }, (_, index) => index);
    const tail = look(look(BEGIN, ...many), 5000, 5001);
    expect(tail.rows).toHaveLength(KEPT);
    expect(ids(tail.rows.slice(0, 3))).toBe(`5001 5000 ${KEPT - 1}`);
    expect(tail.found).toBe(KEPT + 2);
  });
  it("holds back what comes in while it is paused, and shows it afterwards", () => {
    const paused = look(look(withPause(look(BEGIN, 1), true), 2), 3);
    expect([ids(paused.rows), ids(paused.held), paused.found]).toEqual(["1", "3 2", 3]);
    const resumed = withPause(paused, false);
    expect([ids(resumed.rows), ids(resumed.held)]).toEqual(["3 2 1", ""]);
  });
  it("holds back no more than it keeps", () => {
    const many = Array.from({ length: KEPT + 5 }, (_, index) => index);
    const paused = look(withPause(look(BEGIN, 9999), true), ...many);
    expect(paused.held).toHaveLength(KEPT);
    expect(withPause(paused, false).rows).toHaveLength(KEPT);
  });
  it("tells what was not sent, and stays told of what was passed over", () => {
    const tail = look(withLook(BEGIN, rows(1), { found: 7, sent: 1, missed: true }), 2);
    expect(tail).toMatchObject({ found: 8, unsent: 6, missed: true });
    expect(cleared(tail)).toMatchObject({ rows: [], held: [], found: 0, unsent: 0, missed: false, state: "live" });
  });
  it("stays the same list where nothing came in", () => {
    const tail = look(BEGIN, 1);
    expect(look(tail).rows).toBe(tail.rows);
  });
  it("tries again what passes by itself only", () => {
    const tried = [0, 200, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504].filter((status) => passes({ status }));
    expect(tried).toEqual([0, 408, 429, 502, 503, 504]);
    expect([0, 1, 2, 3, 4, 20].map(delayAfter)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
  });
});
