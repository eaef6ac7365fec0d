import { describe, expect, it } from "vitest";

import { scoped } from "../dashboards/scope";
import { conditionOf, entityLink, isKind, KINDS, kindOf } from "./kinds";
import { panelsOf } from "./panels";

describe("what has a page of its own", () => {
  it.each([
    ["actor_name", "actor"],
    ["user", "user"],
    ["sourceIPAddress", "address"],
    ["src_ip", "address"],
    ["userIdentity.accessKeyId", "key"],
    ["aws_account_id", "account"],
    ["requestParameters.bucketName", "resource"],
    ["eventName", null],
  ])("%s: %s", (field, kind) => expect(kindOf(field)).toBe(kind));
  it("is filtered by a field that leads back to it", () => {
    for (const kind of KINDS) expect(kindOf(conditionOf(kind, "x").field)).toBe(kind);
  });
  it("is linked with its value whole, and without the filters of the page before", () =>
    expect(entityLink("userIdentity.arn", "arn:aws:iam::1:user/a b?", new URLSearchParams("user=b&since=-1h&lang=ja"))).toBe(
      "/entities/session/arn%3Aaws%3Aiam%3A%3A1%3Auser%2Fa%20b%3F?since=-1h&lang=ja",
    ));
  it.each([
    ["eventName", "x"],
    ["user", " "],
  ])("%s = %j has none", (field, value) => expect(entityLink(field, value, new URLSearchParams())).toBeNull());
  it.each([
    ["key", true],
    ["toString", false],
  ])("%s is a kind: %s", (text, expected) => expect(isKind(text)).toBe(expected));
});

describe("its panels", () => {
  it.each(KINDS)("of %s fill rows of twelve, and lead on", (kind) => {
    const panels = panelsOf(kind);
    let column = 0;
    for (const { width } of panels) column = (column + width) % 12 === 0 ? 0 : column + width;
    expect(column).toBe(0);
    expect(panels.filter(({ chart, drill }) => chart !== "events" && !drill?.search)).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
  it("look at the entity, and at what the filter bar leaves of it", () => {
    const params = scoped(new URLSearchParams("user=b&account=1&since=-1h"), [conditionOf("user", "a")]);
    expect(params.toString()).toBe("since=-1h&account=1&user=a");
  });
});
