import { describe, expect, it } from "vitest";

import { tally } from "./tally";

const event = (record: object, columns = {}) => ({ _raw: JSON.stringify(record), ...columns });

describe("the values of loaded events", () => {
  const fields = tally([
    event({ eventName: "GetObject", a: { b: [1, 2] }, gone: null }, { user: "alice" }),
    event({ eventName: "PutObject", a: { b: [2] } }, { user: "bob" }),
    event({ eventName: "GetObject" }, { user: "alice" }),
    { _raw: "no record", user: "carol" },
  ]);
  it("stand in the order in which one looks", () => expect(fields.map(({ field }) => field)).toEqual(["user", "eventName", "a.b{}"]));
  it("are counted, the most frequent first", () =>
    expect(fields[1]).toEqual({
      field: "eventName",
      distinct: 2,
      events: 3,
      top: [
        { value: "GetObject", count: 2 },
        { value: "PutObject", count: 1 },
      ],
    }));
  it("are those of lists, too", () =>
    expect(fields[2]?.top).toEqual([
      { value: "2", count: 2 },
      { value: "1", count: 1 },
    ]));
  it("are none where there are no events", () => expect(tally([])).toEqual([]));
});
