/** What holds on every view: readable by a screen reader, usable from the keyboard, narrow and wide, in light and dark. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { openBrowser, openPage, picture, violations, type Watched } from "./browser";
import { startServer, type Server } from "./server";

const THIEF = "Test-Splunk-User1";
const EVENTS = "/search?q=sourcetype%3Daws:cloudtrail+eventName%3DCreateUser";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe.each(["light", "dark"] as const)("every view in %s", (scheme) => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await openPage(browser, server.url, { dark: scheme === "dark", axe: true });
  });
  // One of them is a query that the server refuses, as it is meant to.
  afterEach(() => expect(watched.problems.splice(0).filter((problem) => !problem.includes("400"))).toEqual([]));
  afterAll(() => watched.page.close());
  it.each([
    "/dashboards/security-overview",
    "/dashboards/iam-activity?lang=ja",
    `/dashboards/user-activity?user=${THIEF}&sel=events&sel.eventName=CreateUser&sel.user=${THIEF}`,
    "/search",
    EVENTS,
    "/search?q=sourcetype%3Daws:cloudtrail+|+stats+count+by+user&view=chart",
    "/search?q=sourcetype%3Daws:cloudtrail+|+statz+count",
    `/entities/user/${THIEF}`,
    "/alerts",
    "/alerts?status=all&lang=ja",
    "/rules",
    "/rules?view=matrix&lang=ja",
    "/rules/new",
    "/fields?lang=ja",
    "/reference/sumo?lang=ja",
    "/dashboards?lang=ja",
    "/dashboards/vpc-traffic",
    "/dashboards/threat-hunting?lang=ja",
    "/entities/address/187.34.100.77?lang=ja",
    "/entities/account/222233334444",
    "/sources",
    "/integrity?lang=ja",
    "/sinks",
    "/start?lang=ja",
    "/nowhere",
  ])("%s can be read by a screen reader", async (path) => {
    await watched.page.goto(server.url + path);
    await watched.settled();
    expect(await violations(watched.page)).toEqual([]);
  });
});

describe("the policy of the page", () => {
  it("allows no script or style but the page's own files, and keeps to it on every view", async () => {
    const answer = await fetch(server.url);
    const policy = answer.headers.get("content-security-policy") ?? "";
    const directives = new Map(policy.split(";").map((part) => [part.trim().split(" ")[0], part.trim().split(" ").slice(1)] as const));
    expect(directives.get("default-src")).toBeDefined();
    for (const name of ["script-src", "style-src"]) expect(directives.get(name) ?? directives.get("default-src"), name).toEqual(["'self'"]);
    expect(policy).not.toMatch(/unsafe|data:[^;]*script|\*/);
    expect(await answer.text()).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/);
  });
});

describe("with the keyboard alone", () => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await openPage(browser, server.url);
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");

  it("one gets past the navigation with one key", async () => {
    await page.goto(server.url);
    await watched.settled();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(en.nav.skip);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  it("a table is walked with the arrows, and a row chosen", async () => {
    await page.goto(`${server.url}/dashboards/user-activity?user=${THIEF}`);
    await watched.settled();
    await page.locator("#recent-by-event td").first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe(THIEF);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowLeft");
    const name = await focused();
    expect(["CreateUser", "ListUsers"]).toContain(name);
    await page.keyboard.press("Enter");
    await watched.settled();
    expect(new URL(page.url()).searchParams.get("sel.eventName")).toBe(name);
  });

  it("the raw event folds, and a field becomes a filter", async () => {
    const tree = page.locator("#event-details").getByRole("tree");
    await tree.getByRole("treeitem", { name: /^userIdentity/ }).focus();
    const before = await tree.getByRole("treeitem").count();
    await page.keyboard.press("ArrowLeft");
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(before);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toContain("type:");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await watched.settled();
    expect(new URL(page.url()).searchParams.get("f.userIdentity.type")).toBe("IAMUser");
  });

  it("a menu opens, closes and gives the focus back", async () => {
    const button = page.locator("#recent-by-event header button[aria-haspopup='menu']");
    await button.focus();
    await page.keyboard.press("Enter");
    expect(await focused()).toBe(en.panel.showQuery);
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe(en.panel.openInSearch);
    await page.keyboard.press("Escape");
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("a query is typed, completed and run", async () => {
    await page.goto(`${server.url}/search`);
    await watched.settled();
    await page.locator(".cm-content").focus();
    await page.keyboard.type("sourcetype=aws:cloudtrail | sta");
    await page.locator(".cm-tooltip-autocomplete").getByText("stats", { exact: true }).waitFor();
    // The editor takes no Enter for a completion within 75 ms of offering it.
    await page.waitForTimeout(200);
    await page.keyboard.press("Enter");
    await page.keyboard.type(" count by errorCode");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Enter");
    await watched.settled();
    expect(new URL(page.url()).searchParams.get("q")).toBe("sourcetype=aws:cloudtrail | stats count by errorCode");
    expect(await page.locator(".results tbody").textContent()).toContain("AccessDenied");
  });
});

describe("what leads on", () => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await openPage(browser, server.url);
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());
  const query = () => new URL(page.url()).searchParams;

  it("a drag across a chart sets the time range", async () => {
    await page.goto(server.url);
    await watched.settled();
    const chart = page.locator("#activity-over-time .echart");
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (!box) throw new Error("the chart has no place");
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4, { steps: 5 });
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.4, { steps: 5 });
    await page.mouse.up();
    await watched.settled();
    const [since, until] = [query().get("since") ?? "", query().get("until") ?? ""];
    expect(Date.parse(until) - Date.parse(since)).toBeGreaterThan(86400e3);
    expect(Date.parse(until) - Date.parse(since)).toBeLessThan(3 * 86400e3);
  });

  it("a bar sets the filter, a chip takes it away", async () => {
    await page.goto(server.url);
    await watched.settled();
    await page.locator("#auth-by-user .bar", { hasText: THIEF }).click();
    await watched.settled();
    expect(query().get("user")).toBe(THIEF);
    expect(await page.locator("#all-events .figure").textContent()).toBe("2");
    await page.getByRole("button", { name: en.filters.clear }).click();
    await watched.settled();
    expect(query().get("user")).toBeNull();
  });

  it("a place on the map leads to who it was", async () => {
    await page.goto(server.url);
    await watched.settled();
    await page.locator("#source-map").getByRole("button", { name: /Cuba/ }).click();
    await watched.settled();
    expect(new URL(page.url()).pathname).toBe("/dashboards/user-activity");
    expect(await page.locator("#active-users .figure").textContent()).toBe("1");
    expect(await page.locator("#recent-by-event tbody").textContent()).toContain(THIEF);
  });

  it("a range without events leads to the newest", async () => {
    await page.goto(`${server.url}/dashboards/iam-activity?since=2001-01-01T00:00:00Z&until=2001-01-02T00:00:00Z`);
    await watched.settled();
    expect(await page.getByText(en.panel.empty, { exact: true }).count()).toBeGreaterThan(4);
    await picture(page, "en-empty");
    await page.getByRole("button", { name: en.states.jump }).click();
    await watched.settled();
    expect(Number((await page.locator("#iam-events .figure").textContent())?.replaceAll(",", ""))).toBeGreaterThan(0);
  });

  it("an event has its own page, and its neighbours are a click away", async () => {
    await page.goto(server.url + EVENTS + `&user=${THIEF}`);
    await watched.settled();
    await page.getByRole("link", { name: en.event.open }).first().click();
    await watched.settled();
    expect(new URL(page.url()).pathname).toMatch(/^\/events\/.+/);
    await picture(page, "en-event");
    await page.getByRole("link", { name: en.event.sameKey }).click();
    await watched.settled();
    const names = await page.locator(".event-name").allTextContents();
    expect(names.sort()).toEqual(["CreateUser", "ListUsers"]);
  });

  it("a wrong query shows the characters meant, and what to do", async () => {
    await page.goto(`${server.url}/search?q=${encodeURIComponent("sourcetype=aws:cloudtrail user=山田 | statz count")}`);
    await watched.settled();
    expect(await page.locator(".diagnostic mark").first().textContent()).toBe("statz");
    await picture(page, "en-wrong-query");
    await page
      .getByRole("button", { name: en.search.didYouMean("stats") })
      .first()
      .click();
    expect(await page.locator(".cm-content").textContent()).toContain("| stats count");
    // The refused request is the point here.
    expect(watched.problems.splice(0).every((problem) => problem.includes("400"))).toBe(true);
  });

  it("SQL answers the same question", async () => {
    await page.goto(
      `${server.url}/search?ql=sql&user=${THIEF}&q=${encodeURIComponent("SELECT eventname, count(*) AS events FROM cloudtrail_logs GROUP BY eventname ORDER BY eventname")}`,
    );
    await watched.settled();
    expect(await page.locator(".results tbody tr td:first-child").allTextContents()).toEqual(["CreateUser", "ListUsers"]);
  });
});

describe("on a telephone", () => {
  it("nothing is wider than the screen", async () => {
    const { page, settled, problems } = await openPage(browser, server.url, { width: 400 });
    for (const path of [
      "/dashboards/security-overview",
      "/dashboards/iam-activity?lang=ja",
      "/search",
      "/start",
      "/dashboards",
      "/fields",
      `/entities/user/${THIEF}`,
    ]) {
      await page.goto(server.url + path);
      await settled();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(400);
    }
    await picture(page, "en-narrow");
    await page.goto(`${server.url}/search?since=-30d&ql=spl&q=${encodeURIComponent("sourcetype=aws:cloudtrail errorCode=AccessDenied")}`);
    await settled();
    const link = await page.locator(".event-line a").first().boundingBox();
    expect((link?.x ?? 400) + (link?.width ?? 0), "the way to an event is in sight").toBeLessThanOrEqual(400);
    expect(problems).toEqual([]);
    await page.close();
  });
});
