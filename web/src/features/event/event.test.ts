import { describe, expect, it } from "vitest";

import { actorOfRecord } from "./actor";
import { eventOf } from "./event-of";
import { outcomeOfEvent, outcomeOfRecord } from "./outcome";
import { nodesOf, parseRecord, textAt, visibleNodes } from "./record";
import { actorChain, neighboursOf, queryOf, summaryOf } from "./summary";

const denied = {
  eventTime: "2026-11-22T20:56:46Z",
  eventName: "CreateUser",
  eventSource: "iam.amazonaws.com",
  awsRegion: "us-east-1",
  sourceIPAddress: "192.0.2.10",
  errorCode: "AccessDenied",
  errorMessage: "User is not authorized",
  requestParameters: { userName: "Test-Splunk-User2" },
  userIdentity: {
    type: "IAMUser",
    userName: "Test-Splunk-User1",
    accountId: "111122223333",
    accessKeyId: "AKIAEXAMPLE",
    arn: "arn:aws:iam::111122223333:user/Test-Splunk-User1",
  },
};
const assumed = {
  eventTime: "2026-11-22T20:56:46Z",
  eventName: "GetObject",
  userIdentity: {
    type: "AssumedRole",
    arn: "arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com",
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: { sessionIssuer: { type: "Role", userName: "Admin" }, attributes: { mfaAuthenticated: "true" } },
  },
};

describe("a record", () => {
  it.each(["", "[1]", "null", "{", '"text"'])("is none: %s", (raw) => expect(parseRecord(raw)).toBeNull());
  it.each([
    ["userIdentity.accessKeyId", "AKIAEXAMPLE"],
    ["requestParameters.userName", "Test-Splunk-User2"],
    ["requestParameters", ""],
    ["requestParameters.userName.deeper", ""],
    ["nothing.here", ""],
  ])("has %s", (path, expected) => expect(textAt(denied, path)).toBe(expected));
});

describe("the tree", () => {
  const nodes = nodesOf({ a: { b: [{ c: 1 }, 2] }, d: null, e: {} });
  it("names fields as queries do", () =>
    expect(nodes.map(({ field }) => field)).toEqual(["a", "a.b", "a.b{}", "a.b{}.c", "a.b{}", "d", "e"]));
  it("tells the nodes apart", () => expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length));
  it("counts children", () => expect(nodes.map(({ children }) => children)).toEqual([1, 2, 1, null, null, null, 0]));
  it("hides what is inside a closed branch", () =>
    expect(visibleNodes(nodes, new Set(["a/b"])).map(({ id }) => id)).toEqual(["a", "a/b", "d", "e"]));
  it("hides branches in branches", () => expect(visibleNodes(nodes, new Set(["a"])).map(({ id }) => id)).toEqual(["a", "d", "e"]));
});

describe("the summary", () => {
  const values = (facts: readonly { label: string; value: string }[]) =>
    Object.fromEntries(facts.map(({ label, value }) => [label, value]));
  it("of a refused call", () => {
    const summary = summaryOf(denied, { outcome: "unauthorized", geo_country_name: "Cuba", user_name: "Test-Splunk-User1" });
    expect(values(summary.what)).toMatchObject({ eventName: "CreateUser", target: "Test-Splunk-User2" });
    expect(values(summary.who)).toMatchObject({ principal: "Test-Splunk-User1", accessKey: "AKIAEXAMPLE" });
    expect(values(summary.where)).toMatchObject({ sourceAddress: "192.0.2.10", place: "Cuba" });
    expect(values(summary.result)).toEqual({ outcome: "unauthorized", error: "AccessDenied" });
    expect(summary.message).toBe("User is not authorized");
  });
  it("filters on fields that queries know", () => {
    const { who } = summaryOf(denied, { user_name: "Test-Splunk-User1" });
    expect(who.map(({ field }) => field)).toContain("user");
    expect(who.map(({ field }) => field)).toContain("userIdentity.accessKeyId");
  });
  it("of a sign-in shows its own result and MFA", () => {
    const { result, who } = summaryOf(
      { eventName: "ConsoleLogin", responseElements: { ConsoleLogin: "Success" }, additionalEventData: { MFAUsed: "No" } },
      {},
    );
    expect(values(result)).toEqual({ signIn: "Success" });
    expect(values(who)).toEqual({ mfa: "No" });
  });
});

describe("the actor chain", () => {
  const chain = (record: object, columns = {}) => actorChain(record as never, columns).map(({ label, value }) => `${label} ${value}`);
  it("of a user", () => expect(chain(denied)).toEqual(["principal Test-Splunk-User1", "accessKey AKIAEXAMPLE"]));
  it("of root", () => expect(chain({ userIdentity: { type: "Root" } })).toEqual(["principal root"]));
  it("of an assumed role", () => expect(chain(assumed)).toEqual(["role Admin", "session alice@example.com", "accessKey ASIAEXAMPLE"]));
  it("of an assumed role, where the person behind it is known", () => {
    expect(chain(assumed, { actor_name: "alice", actor_role: "Admin", actor_session: "alice@example.com" })).toEqual([
      "principal alice",
      "role Admin",
      "session alice@example.com",
      "accessKey ASIAEXAMPLE",
    ]);
  });
});

describe("the query for events like this one", () => {
  it("names the call and who made it, quoted", () =>
    expect(
      queryOf({ eventSource: "iam.amazonaws.com", eventName: "CreateUser", userIdentity: { arn: 'arn:aws:iam::1:user/a"b' } } as never),
    ).toBe(
      'sourcetype=aws:cloudtrail eventSource="iam.amazonaws.com" eventName="CreateUser" userIdentity.arn="arn:aws:iam::1:user/a\\"b"',
    ));
});

describe("neighbours", () => {
  it("of a user's call have no session", () =>
    expect(neighboursOf(denied, {}).map(({ label }) => label)).toEqual(["sameKey", "sameActor", "sameAddress", "sameTarget"]));
  it("of a session's call have", () => expect(neighboursOf(assumed, {}).map(({ label }) => label)).toEqual(["sameKey", "sameSession"]));
});

describe("a row that is an event", () => {
  it.each([
    [{ _raw: '{"eventID":"x"}' }, { raw: '{"eventID":"x"}', id: "x" }],
    [
      { raw: "{}", event_id: "raw-1" },
      { raw: "{}", id: "raw-1" },
    ],
    [
      { eventID: "y", user: "a" },
      { raw: null, id: "y" },
    ],
    [{ _raw: "no json" }, { raw: "no json", id: null }],
  ])("%j", (row, expected) => expect(eventOf(row)).toEqual(expected));
});

describe("the outcome of an event", () => {
  it.each([
    [{}, "success"],
    [{ errorCode: "AccessDenied" }, "unauthorized"],
    [{ errorCode: "Client.UnauthorizedOperation" }, "unauthorized"],
    [{ errorCode: "KMSAccessDeniedException" }, "unauthorized"],
    [{ errorCode: "Client.AuthFailure" }, "unauthorized"],
    [{ errorCode: "NoSuchKey" }, "failure"],
    [{ errorCode: "UnauthorizedNothing" }, "failure"],
    [{ responseElements: { ConsoleLogin: "Failure" } }, "failure"],
    [{ responseElements: { ConsoleLogin: "Success" } }, "success"],
    [{ errorMessage: "Failed authentication" }, "failure"],
  ])("%j", (record, expected) => expect(outcomeOfRecord(record as never)).toBe(expected));
  it("is the stored one where the row has it", () =>
    expect(outcomeOfEvent({ action: "failure" }, { errorCode: "AccessDenied" })).toBe("failure"));
});

describe("who made a call", () => {
  const session = (name: string) => ({
    type: "AssumedRole",
    arn: `arn:aws:sts::111122223333:assumed-role/payments-task/${name}`,
    sessionContext: { sessionIssuer: { userName: "payments-task" } },
  });
  it.each([
    [{ type: "IAMUser", userName: "alice", arn: "arn:aws:iam::111122223333:user/alice" }, "alice"],
    [{ type: "Root", arn: "arn:aws:iam::111122223333:root" }, "root"],
    [{ type: "AWSService", invokedBy: "lambda.amazonaws.com" }, "lambda.amazonaws.com"],
    [session("alice@example.com"), "alice@example.com"],
    [session("i-0123456789abcdef0"), "i-0123456789abcdef0"],
    [session("botocore-session-1760060175"), "payments-task"],
    [session("7b0c2d7e-5c0f-4a53-9d0e-0f8a3c2b1d4e"), "payments-task"],
    [{ ...session("botocore-session-1760060175"), sessionContext: { sourceIdentity: "alice" } }, "alice"],
    [{}, ""],
  ])("%j", (userIdentity, expected) => expect(actorOfRecord({ userIdentity } as never)).toBe(expected));
});
