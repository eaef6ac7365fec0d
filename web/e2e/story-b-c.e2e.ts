/** Stories B and C: queries typed as people have published them, what they show, and the way on: an alert, an event. Both languages. */
import { describe, expect, it } from "vitest";

import { inBoth, openSite, openView } from "./opening";
import { cellsOf, deleteRule, makeRule, replay, rewrite } from "./parts";

/** The year of story B's events. */
const THEN = "since=2018-01-01T00:00:00Z&until=2019-01-01T00:00:00Z";
const LAST_DAYS = "since=-30d";

const SIGN_INS = `_sourceCategory = cm-core/cloudtrail  "ConsoleLogin"
| parse "\\"eventName\\":\\"*\\"" as eventName nodrop
| where eventName="ConsoleLogin"
| json "sourceIPAddress"
| parse "\\"userName\\":\\"*\\"" as user_name nodrop
| json field=_raw "userIdentity.principalId" as principal_id nodrop
| parse regex field = principal_id ":(?<user_principal>.+)" nodrop
| if (user_name="", user_principal, user_name) as user
| json field=_raw "responseElements.ConsoleLogin" as loginResult nodrop
| parse "\\"MFAUsed\\":\\"*\\"" as mfaUsed nodrop
| count by sourceIPAddress, user, loginresult
| lookup latitude, longitude, country_code, country_name, region, city, postal_code from geo://location on ip = sourceIPAddress
| fields user, country_code, loginresult, _count
`;
const BY_COUNT = "| sort by _count, country_code asc, user, loginresult";
const DENIED = `_sourceCategory = cm-core/cloudtrail  "\\"errorCode\\":\\"AccessDenied\\""`;

const site = openSite();

describe.each(inBoth("en"))("in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });

  /** Types the query into an empty editor and runs it; which language it is in, the page tells. */
  const run = async (range: string, query: string) => {
    await view.open(`/search?${range}`);
    await rewrite(view.page.locator(".cm-content"), query);
    await view.press("Escape", "Control+Enter");
    await view.settled();
    expect(view.query().get("q")).toBe(query);
    expect(await view.page.locator(".error-message").allTextContents()).toEqual([]);
  };
  const headings = () => view.page.locator(".results thead th").allTextContents();
  const table = () => cellsOf(view.page.locator(".results tbody tr"));

  it("B 1. who signs in without MFA: bstoll, four times; root never", async () => {
    await run(THEN, "|sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by username, additionalEventData.MFAUsed");
    expect(await headings()).toEqual(["username", "additionalEventData.MFAUsed", "count"]);
    const rows = await table();
    expect(rows.filter(([, mfa]) => mfa === "No")).toEqual([["bstoll", "No", "4"]]);
    expect(rows).toContainEqual(["root", "Yes", "2"]);
    await view.picture("story-b-mfa");
  });

  it("becomes an alert, which would have fired", async () => {
    await run(LAST_DAYS, "eventName=ConsoleLogin additionalEventData.MFAUsed=No action=success");
    await makeRule(view, m, `No MFA ${language}`);
    const [, findings] = await replay(view);
    expect(findings).toBe(5);
    await deleteRule(view, m);
  });

  it("B 2, 3. what fails: seven calls are denied, all of web_admin", async () => {
    await run(THEN, "sourcetype=aws:cloudtrail | stats count by errorCode | sort - count");
    expect((await table()).slice(0, 2)).toEqual([
      ["success", "28"],
      ["AccessDenied", "7"],
    ]);
    await run(
      THEN,
      "sourcetype=aws:cloudtrail errorCode=AccessDenied | table awsregion, eventName, userName, src_ip, userAgent, errorMessage",
    );
    const at = (await headings()).indexOf("userName");
    expect((await table()).map((row) => row[at])).toEqual(Array.from({ length: 7 }, () => "web_admin"));
  });

  it("B, the event: the key pair that was made, with its raw record", async () => {
    await run(THEN, "eventName=CreateKeyPair requestParameters.keyName=BOTS");
    const link = view.page.locator(".results .event-line a");
    expect(await link.count()).toBe(1);
    await view.click(link);
    expect(view.path()).toMatch(/^\/events\//);
    const text = (await view.page.locator("main").textContent()) ?? "";
    for (const part of ["frothly_admin", "us-west-1", "2018-07-26 21:08:28", "BOTS"]) expect(text).toContain(part);
    await view.picture("story-b-event");
  });

  it("C 1, 2. console sign-ins by country, and the failed ones of them", async () => {
    await run(LAST_DAYS, SIGN_INS + BY_COUNT);
    const all = await table();
    expect(await headings()).toEqual(["user", "country_code", "loginresult", "_count"]);
    expect(new Set(all.map(([, country]) => country))).toEqual(
      new Set(["JP", "DE", "FR", "GB", "IN", "IT", "SE", "US", "VN", "RU", "NL", "BR"]),
    );
    await run(LAST_DAYS, `${SIGN_INS}| where loginResult == "Failure"\n${BY_COUNT}`);
    const failed = await table();
    expect(failed.map(([, , result]) => result)).toEqual(failed.map(() => "Failure"));
    expect(failed.reduce((sum, row) => sum + Number(row[3]), 0)).toBe(14);
    await view.picture("story-c-failed");
  });

  it("C 3, 4, 5. one program is denied most, with one message, for one user", async () => {
    await run(LAST_DAYS, `${DENIED} | json "userAgent" | count by userAgent`);
    const programs = (await table()).map(([agent = "", count]) => ({ agent, count: Number(count) })).sort((a, b) => b.count - a.count);
    expect(programs[0]?.agent).toContain("IntelliJ");
    expect(programs[0]?.count).toBe(214);
    expect(programs[1]?.count).toBeLessThan(10);
    await run(LAST_DAYS, `${DENIED} | json "userAgent","errorMessage" | where userAgent contains "IntelliJ" | count by errorMessage`);
    const messages = await table();
    expect(messages).toHaveLength(1);
    expect(messages[0]?.[0]).toContain("arn:aws:iam::111122223333:user/daichi.ito");
    await run(
      LAST_DAYS,
      `${DENIED} | json "userAgent","errorMessage" | json "userIdentity.userName" as user_name | where userAgent contains "IntelliJ" | count by user_name`,
    );
    expect(await table()).toEqual([["daichi.ito", "214"]]);
  });
});
