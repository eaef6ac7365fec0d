import { describe, expect, it } from "vitest";

import { atValue } from "./completion";

describe("where a value is being written", () => {
  it.each([
    ["spl", "userIdentity.type=", true],
    ["spl", "|sourcetype=aws:cloudtrail eventName=", true],
    ["spl", 'eventName="', true],
    ["spl", "eventName IN (ConsoleLogin,", true],
    ["spl", "index=main | search count>", true],
    ["spl", "index=main ", false],
    ["spl", "index=main eventName IN (a)", false],
    ["spl", "index=main | eval address=", false],
    ["spl", "index=main | where a=", false],
    ["kql", "event.action:", true],
    ["lucene", "count:>", true],
    ["kql", "event.action: a and", false],
    ["sql", "SELECT * FROM logs WHERE a =", false],
    ["sumo", "* | where a=", false],
  ])("%s: %s", (id, before, expected) => expect(atValue(id, before)).toBe(expected));
});
