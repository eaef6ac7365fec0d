/** What holds on every view: readable by a screen reader, usable from the keyboard, narrow and wide, in light and dark. */
import { describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { violations } from "./browser";
import { openSite, openView } from "./opening";
import { contentWidth, numberOf, THIEF } from "./parts";

const EVENTS = "/search?q=sourcetype%3Daws:cloudtrail+eventName%3DCreateUser";

const site = openSite();

describe.each(["light", "dark"] as const)("every view in %s", (scheme) => {
  // One of them is a query that the server refuses, as it is meant to.
  const view = openView(site, { dark: scheme === "dark", axe: true, refused: [400] });
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
    await view.open(path);
    expect(await violations(view.page)).toEqual([]);
  });
});

describe("the policy of the page", () => {
  it("allows no script or style but the page's own files, and keeps to it on every view", async () => {
    const answer = await fetch(site.url);
    const policy = answer.headers.get("content-security-policy") ?? "";
    const directives = new Map(policy.split(";").map((part) => [part.trim().split(" ")[0], part.trim().split(" ").slice(1)] as const));
    expect(directives.get("default-src")).toBeDefined();
    for (const name of ["script-src", "style-src"]) expect(directives.get(name) ?? directives.get("default-src"), name).toEqual(["'self'"]);
    expect(policy).not.toMatch(/unsafe|data:[^;]*script|\*/);
    expect(await answer.text()).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/);
  });
});

describe("with the keyboard alone", () => {
  const view = openView(site);
  const focused = () => view.page.evaluate(() => document.activeElement?.textContent ?? "");

  it("one gets past the navigation with one key", async () => {
    await view.open("/");
    await view.press("Tab");
    expect(await focused()).toBe(en.nav.skip);
    await view.press("Enter");
    expect(await view.page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  it("a table is walked with the arrows, and a row chosen", async () => {
    await view.open(`/dashboards/user-activity?user=${THIEF}`);
    await view.page.locator("#recent-by-event td").first().focus();
    await view.press("ArrowRight");
    expect(await focused()).toBe(THIEF);
    await view.press("ArrowDown", "ArrowLeft");
    const name = await focused();
    expect(["CreateUser", "ListUsers"]).toContain(name);
    await view.press("Enter");
    await view.settled();
    expect(view.query().get("sel.eventName")).toBe(name);
  });

  it("the raw event folds, and a field becomes a filter", async () => {
    const tree = view.page.locator("#event-details").getByRole("tree");
    await tree.getByRole("treeitem", { name: /^userIdentity/ }).focus();
    const before = await tree.getByRole("treeitem").count();
    await view.press("ArrowLeft");
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(before);
    await view.press("ArrowRight", "ArrowRight");
    expect(await focused()).toContain("type:");
    await view.press("Enter", "Enter");
    await view.settled();
    expect(view.query().get("f.userIdentity.type")).toBe("IAMUser");
  });

  it("a menu opens, closes and gives the focus back", async () => {
    const button = view.page.locator("#recent-by-event header button[aria-haspopup='menu']");
    await button.focus();
    await view.press("Enter");
    expect(await focused()).toBe(en.panel.showQuery);
    await view.press("ArrowDown");
    expect(await focused()).toBe(en.panel.openInSearch);
    await view.press("Escape");
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("a query is typed, completed and run", async () => {
    await view.open("/search");
    await view.page.locator(".cm-content").focus();
    await view.page.keyboard.type("sourcetype=aws:cloudtrail | sta");
    await view.page.locator(".cm-tooltip-autocomplete").getByText("stats", { exact: true }).waitFor();
    // The editor takes no Enter for a completion within 75 ms of offering it.
    await view.page.waitForTimeout(200);
    await view.press("Enter");
    await view.page.keyboard.type(" count by errorC");
    await view.page.locator(".cm-tooltip-autocomplete").getByText("errorCode", { exact: true }).waitFor();
    await view.page.keyboard.type("ode");
    await view.press("Control+Enter");
    await view.settled();
    expect(await view.page.locator(".cm-tooltip-autocomplete").count()).toBe(0);
    expect(view.query().get("q")).toBe("sourcetype=aws:cloudtrail | stats count by errorCode");
    expect(await view.page.locator(".results tbody").textContent()).toContain("AccessDenied");
  });
});

describe("what leads on", () => {
  const view = openView(site);

  it("a drag across a chart sets the time range", async () => {
    await view.open("/");
    const chart = view.page.locator("#activity-over-time .echart");
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (!box) throw new Error("the chart has no place");
    await view.page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
    await view.page.mouse.down();
    await view.page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4, { steps: 5 });
    await view.page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.4, { steps: 5 });
    await view.page.mouse.up();
    await view.settled();
    const [since, until] = [view.query().get("since") ?? "", view.query().get("until") ?? ""];
    expect(Date.parse(until) - Date.parse(since)).toBeGreaterThan(86400e3);
    expect(Date.parse(until) - Date.parse(since)).toBeLessThan(3 * 86400e3);
  });

  it("a bar sets the filter, a chip takes it away", async () => {
    await view.open("/");
    await view.click(view.page.locator("#auth-by-user .bar", { hasText: THIEF }));
    expect(view.query().get("user")).toBe(THIEF);
    expect(await view.page.locator("#all-events .figure").textContent()).toBe("2");
    await view.click(view.page.getByRole("button", { name: en.filters.clear }));
    expect(view.query().get("user")).toBeNull();
  });

  it("a place on the map leads to who it was", async () => {
    await view.open("/");
    await view.click(view.page.locator("#source-map").getByRole("button", { name: /Cuba/ }));
    expect(view.path()).toBe("/dashboards/user-activity");
    expect(await view.page.locator("#active-users .figure").textContent()).toBe("1");
    expect(await view.page.locator("#recent-by-event tbody").textContent()).toContain(THIEF);
  });

  it("a range without events leads to the newest", async () => {
    await view.open("/dashboards/iam-activity?since=2001-01-01T00:00:00Z&until=2001-01-02T00:00:00Z");
    expect(await view.page.getByText(en.panel.empty, { exact: true }).count()).toBeGreaterThan(4);
    await view.picture("empty");
    await view.click(view.page.getByRole("button", { name: en.states.jump }));
    expect(numberOf(await view.page.locator("#iam-events .figure").textContent())).toBeGreaterThan(0);
  });

  it("an event has its own page, and its neighbours are a click away", async () => {
    await view.open(`${EVENTS}&user=${THIEF}`);
    await view.click(view.page.getByRole("link", { name: en.event.open }).first());
    expect(view.path()).toMatch(/^\/events\/.+/);
    await view.picture("event");
    await view.click(view.page.getByRole("link", { name: en.event.sameKey }));
    const names = await view.page.locator(".event-name").allTextContents();
    expect(names.sort()).toEqual(["CreateUser", "ListUsers"]);
  });

  it("a wrong query shows the characters meant, and what to do", async () => {
    await view.open(`/search?q=${encodeURIComponent("sourcetype=aws:cloudtrail user=山田 | statz count")}`);
    expect(await view.page.locator(".diagnostic mark").first().textContent()).toBe("statz");
    await view.picture("wrong-query");
    await view.page
      .getByRole("button", { name: en.search.didYouMean("stats") })
      .first()
      .click();
    expect(await view.page.locator(".cm-content").textContent()).toContain("| stats count");
    // The refused request is the point here.
    view.onlyRefused(400);
  });

  it("SQL answers the same question", async () => {
    const query = "SELECT eventname, count(*) AS events FROM cloudtrail_logs GROUP BY eventname ORDER BY eventname";
    await view.open(`/search?ql=sql&user=${THIEF}&q=${encodeURIComponent(query)}`);
    expect(await view.page.locator(".results tbody tr td:first-child").allTextContents()).toEqual(["CreateUser", "ListUsers"]);
  });
});

describe("on a telephone", () => {
  const view = openView(site, { width: 400 });

  it("nothing is wider than the screen", async () => {
    for (const path of [
      "/dashboards/security-overview",
      "/dashboards/iam-activity?lang=ja",
      "/search",
      "/start",
      "/dashboards",
      "/fields",
      `/entities/user/${THIEF}`,
    ]) {
      await view.open(path);
      expect(await contentWidth(view.page), path).toBeLessThanOrEqual(400);
    }
    await view.picture("narrow");
    await view.open(`/search?since=-30d&ql=spl&q=${encodeURIComponent("sourcetype=aws:cloudtrail errorCode=AccessDenied")}`);
    const link = await view.page.locator(".event-line a").first().boundingBox();
    expect((link?.x ?? 400) + (link?.width ?? 0), "the way to an event is in sight").toBeLessThanOrEqual(400);
  });
});
