import { describe, expect, it } from "vitest";

import {
  inverted,
  readConditions,
  readSwitchedOff,
  valuesOf,
  withoutValue,
  withValue,
  withValues,
  writeConditions,
  writeSwitchedOff,
  type Condition,
} from "./filters";
import { carried, format, linkTo } from "./url";

const read = (query: string) => readConditions(new URLSearchParams(query));
const is = (field: string, ...values: string[]): Condition => ({ field, op: "is", values });
const isNot = (field: string, ...values: string[]): Condition => ({ field, op: "is_not", values });

describe("conditions in the URL", () => {
  const cases: [string, Condition[]][] = [
    ["", []],
    ["user=alice", [is("user", "alice")]],
    ["user=alice&user=bob", [is("user", "alice", "bob")]],
    ["user=alice&user=alice", [is("user", "alice")]],
    ["user!=root", [isNot("user", "root")]],
    ["user%21=root", [isNot("user", "root")]],
    ["account=111122223333&region=ap-northeast-1", [is("recipientAccountId", "111122223333"), is("awsRegion", "ap-northeast-1")]],
    ["event=CreateUser&ip=192.0.2.1", [is("eventName", "CreateUser"), is("sourceIPAddress", "192.0.2.1")]],
    ["f.userIdentity.type=Root", [is("userIdentity.type", "Root")]],
    ["f.resources{}.ARN!=arn:aws:s3:::b", [isNot("resources{}.ARN", "arn:aws:s3:::b")]],
    ["f.errorCode=a%3Db%26c", [is("errorCode", "a=b&c")]],
    ["user=", []],
    ["f.=x&q=error&lang=ja&toString=1", []],
    ["f.user=%E5%B1%B1%E7%94%B0", [is("user", "山田")]],
  ];
  it.each(cases)("%s", (query, expected) => expect(read(query)).toEqual(expected));

  it.each(cases)("%s survives writing and reading", (_, conditions) => {
    const params = new URLSearchParams("q=kept&user=gone");
    writeConditions(params, conditions);
    const again = new URLSearchParams(format(params));
    expect(readConditions(again)).toEqual(conditions);
    expect(again.get("q")).toBe("kept");
  });
});

describe("changing conditions", () => {
  it("adds a value to the condition that is there", () =>
    expect(withValue([is("user", "a")], "user", "is", "b")).toEqual([is("user", "a", "b")]));
  it("adds a value once", () => expect(withValue([is("user", "a")], "user", "is", "a")).toEqual([is("user", "a")]));
  it("takes an included value away when it is excluded", () =>
    expect(withValue([is("user", "a", "b")], "user", "is_not", "a")).toEqual([is("user", "b"), isNot("user", "a")]));
  it("drops the condition with its last value", () => expect(withoutValue([is("user", "a")], "user", "is", "a")).toEqual([]));
  it("leaves the opposite condition alone", () =>
    expect(withoutValue([isNot("user", "a")], "user", "is", "a")).toEqual([isNot("user", "a")]));
  it("replaces the values of one side only", () =>
    expect(withValues([is("user", "a"), isNot("user", "b")], "user", "is", ["c"])).toEqual([isNot("user", "b"), is("user", "c")]));
  it("reads the values of a side", () => expect(valuesOf([is("user", "a"), isNot("user", "b")], "user", "is_not")).toEqual(["b"]));
});

describe("conditions that are switched off", () => {
  const query = "user=a&off.user=b&off.f.errorCode!=x&off.nonsense=1";
  it("are kept apart from those that count", () => {
    expect(read(query)).toEqual([is("user", "a")]);
    expect(readSwitchedOff(new URLSearchParams(query))).toEqual([is("user", "b"), isNot("errorCode", "x")]);
  });
  it("survive writing and reading", () => {
    const params = new URLSearchParams("user=a&off.user=gone");
    writeSwitchedOff(params, [isNot("user", "b"), is("errorCode", "x")]);
    expect(format(params)).toBe("?user=a&off.user!=b&off.f.errorCode=x");
  });
  it("go along from view to view", () =>
    expect(linkTo("/search", new URLSearchParams("off.user=b&lang=ja"))).toBe("/search?off.user=b&lang=ja"));
  it("a condition is inverted value by value", () =>
    expect(inverted([is("user", "a", "b")], "user", "is", "a")).toEqual([is("user", "b"), isNot("user", "a")]));
});

describe("links", () => {
  const here = new URLSearchParams("since=-24h&user=alice&f.errorCode!=success&lang=ja&tz=jst&q=secret&row=7&sel=events");
  it("take filters and settings along, nothing else", () => {
    expect(format(carried(here))).toBe("?since=-24h&user=alice&f.errorCode!=success&lang=ja&tz=jst");
  });
  it("set conditions and parameters of their own", () => {
    const link = linkTo("/search", here, { conditions: [is("eventName", "CreateUser")], own: { q: "a | b", ql: "spl" } });
    expect(link).toBe("/search?since=-24h&event=CreateUser&q=a+%7C+b&ql=spl&lang=ja&tz=jst");
  });
  it("leave the default range out", () => expect(linkTo("/", new URLSearchParams("since=-7d"))).toBe("/"));
  it("keep what a query string may hold as it is", () =>
    expect(format(new URLSearchParams([["k", "a:b/c,d@e$f!g h+i&j=k%"]]))).toBe("?k=a:b/c,d@e$f!g+h%2Bi%26j%3Dk%25"));
});
