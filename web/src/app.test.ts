import { describe, expect, it } from "vitest";

import { broken } from "./features/dashboards/query-dialog";
import { nextOf } from "./next";

describe("where to go after signing in", () => {
  it.each([
    ["/dashboards/iam-activity?user=a", "/dashboards/iam-activity?user=a"],
    ["", "/"],
    ["https://evil.example/", "/"],
    ["//evil.example/", "/"],
    ["/\\evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["/login?next=/login", "/"],
  ])("%s", (next, expected) => expect(nextOf(new URLSearchParams({ next }))).toBe(expected));
});

describe("a query broken into lines", () => {
  it.each([
    ["a=1 | stats count", "a=1\n| stats count"],
    ['x="a|b" | rex "(?<y>a|b)" | head 5', 'x="a|b"\n| rex "(?<y>a|b)"\n| head 5'],
    ["a [search b | fields c] | head", "a [search b | fields c]\n| head"],
    ["| tstats count", "| tstats count"],
  ])("%s", (query, expected) => expect(broken(query, "spl")).toBe(expected));
  it("leaves SQL as it is", () => expect(broken("SELECT a || b", "sql")).toBe("SELECT a || b"));
});
