import { describe, expect, it } from "vitest";

import { en } from "../../i18n/en";
import { destinations, fieldsLike, pagesOf, savedOf } from "./destinations";

describe("what a value looks like", () => {
  it.each([
    ["111122223333", ["recipientAccountId"]],
    ["AKIATLQ375OWRVBI2GXA", ["userIdentity.accessKeyId"]],
    ["203.0.113.10", ["sourceIPAddress"]],
    ["2001:db8::1", ["sourceIPAddress"]],
    ["arn:aws:iam::1:user/a", ["userIdentity.arn"]],
    ["daichi.ito", ["user"]],
    ["two words", []],
    ["a", []],
  ])("%s", (text, expected) => expect(fieldsLike(text)).toEqual(expected));
});

describe("the palette", () => {
  const params = new URLSearchParams("lang=ja&user=a");
  const pages = pagesOf(en, [{ id: "iam-activity", label: "IAM Activity" }], params);
  const found = (typed: string) => destinations(typed, pages, en, params).map(({ id }) => id);
  it("offers every page before anything is typed", () => expect(found(" ")).toEqual(pages.map(({ id }) => id)));
  it.each([
    ["iam act", ["/dashboards/iam-activity", "search", "alerts"]],
    ["integ", ["/integrity", "about user", "search", "alerts"]],
    ["203.0.113.10", ["about sourceIPAddress", "search", "alerts"]],
    ["4f4b5722-5c12-4366-bad2-3571792be66d", ["event", "about user", "search", "alerts"]],
  ])("%s", (typed, expected) => expect(found(typed)).toEqual(expected));
  it("searches for the text as it is typed, quoted, under the same filters", () => {
    const to = destinations('say "hi"', pages, en, params).find(({ id }) => id === "search")?.to ?? "";
    const query = new URL(to, "http://x").searchParams;
    expect(query.get("q")).toBe('sourcetype=aws:cloudtrail "say \\"hi\\""');
    expect(query.get("user")).toBe("a");
  });
  it("finds a saved search by its name, and opens it as it was saved", () => {
    const times = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
    const search = {
      id: "a1",
      name: "否認された呼び出し",
      lang: "auto",
      query: "errorCode=*",
      since: "-30d",
      shared: false,
      mine: true,
      ...times,
    };
    const found = destinations("否認", [...pages, ...savedOf([search], params)], en, params)[0];
    expect(found).toMatchObject({ id: "saved a1", to: "/search?since=-30d&q=errorCode%3D*&ql=auto&saved=a1&lang=ja" });
  });
});
