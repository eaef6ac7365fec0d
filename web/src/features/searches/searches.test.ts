import { describe, expect, it } from "vitest";

import type { SavedSearch } from "../../api/searches";
import { askedAt, MOST_RUNS, parseRuns, withEnd, withRun, type Run } from "./history";
import { differs, draftOf, linkOf, matching } from "./saved";

const at = (search: string) => new URLSearchParams(search);

function stored(change: Partial<SavedSearch> = {}): SavedSearch {
  const times = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
  return { id: "a1", name: "Denied", lang: "spl", query: "errorCode=AccessDenied", shared: false, mine: true, ...times, ...change };
}

describe("a saved search", () => {
  const params = at("?since=-24h&region=us-east-1&f.errorCode!=Throttling&q=x&ql=spl&lang=ja&off.user=bob&view=chart");
  it("is what the address asks", () =>
    expect(draftOf("Denied", true, "spl", "errorCode=*", params)).toEqual({
      name: "Denied",
      shared: true,
      lang: "spl",
      query: "errorCode=*",
      since: "-24h",
      filters: [
        { field: "awsRegion", op: "is", values: ["us-east-1"] },
        { field: "errorCode", op: "is_not", values: ["Throttling"] },
      ],
    }));
  it("opens with its own range and filters, under the settings of the view one comes from", () =>
    expect(
      linkOf(stored({ since: "2026-01-01T00:00:00Z", until: "-1h", filters: [{ field: "user", op: "is_not", values: ["a b"] }] }), params),
    ).toBe("/search?since=2026-01-01T00:00:00Z&until=-1h&user!=a+b&q=errorCode%3DAccessDenied&ql=spl&saved=a1&lang=ja"));
  it("without a range opens over all events", () => expect(linkOf(stored(), at(""))).toContain("since=all"));
  it("comes back from its address as it was saved", () => {
    const draft = draftOf("Denied", false, "spl", "errorCode=*", params);
    const search = stored({ ...draft });
    expect(differs(search, "spl", "errorCode=*", at(linkOf(search, at("")).split("?")[1] ?? ""))).toBe(false);
  });
  it.each([
    ["spl", "errorCode=AccessDenied", "?since=all", false],
    ["spl", "errorCode=AccessDenied ", "?since=all&view=table", false],
    ["spl", "errorCode=*", "?since=all", true],
    ["sql", "errorCode=AccessDenied", "?since=all", true],
    ["spl", "errorCode=AccessDenied", "?since=-1h", true],
    ["spl", "errorCode=AccessDenied", "", true],
    ["spl", "errorCode=AccessDenied", "?since=all&user=bob", true],
  ])("in %s, %s at %s differs: %s", (lang, query, search, expected) => expect(differs(stored(), lang, query, at(search))).toBe(expected));
  it("is found by all words of its name, owner and text", () => {
    const searches = [stored(), stored({ id: "b2", name: "ルートの操作", owner: "bob", query: "userIdentity.type=Root" })];
    const ids = (typed: string) => matching(searches, typed).map(({ id }) => id);
    expect([ids(""), ids("BOB root"), ids("denied bob"), ids("ルート")]).toEqual([["a1", "b2"], ["b2"], [], ["b2"]]);
  });
});

describe("the history", () => {
  const run = (search: string): Run => ({ search, query: search, lang: "spl", at: 1 });
  it("has the same question once, on top", () =>
    expect(withRun([run("a"), run("b")], { ...run("b"), at: 2 })).toEqual([{ ...run("b"), at: 2 }, run("a")]));
  it("keeps a hundred", () => {
    const many = Array.from({ length: 150 }, (_, index) => run(String(index))).reduce(withRun, [] as Run[]);
    expect(many.length).toBe(MOST_RUNS);
    expect([many[0]?.search, many[99]?.search]).toEqual(["149", "50"]);
  });
  it("keeps no book", () => expect(withRun([run("a")], run("x".repeat(20_001)))).toEqual([run("a")]));
  it("says how a run ended", () =>
    expect(withEnd([run("a"), run("b")], "b", { rows: 7, ms: 12 })).toEqual([run("a"), { ...run("b"), end: { rows: 7, ms: 12 } }]));
  it.each([[null], [""], ["{"], ["7"], ["null"], ['[{"search":1}]'], ['[null, "x"]']])("of %j is empty", (text) =>
    expect(parseRuns(text)).toEqual([]),
  );
  it("goes by what is asked, not by how one looks at it", () =>
    expect(askedAt(at("?q=a&ql=spl&since=-1h&user=b&view=chart&chart=bar&row=7&saved=1&lang=ja&tz=jst"))).toBe(
      "?q=a&ql=spl&since=-1h&user=b",
    ));
});
