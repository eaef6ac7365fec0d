/** Investigation A, clicked from start to end in both languages: from a number on a dashboard to the leaked key. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import iam from "../../dashboards/iam-activity.json";
import overview from "../../dashboards/security-overview.json";
import users from "../../dashboards/user-activity.json";
import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, type Watched } from "./browser";
import { startServer, type Server } from "./server";

const THIEF = "Test-Splunk-User1";
const WANTED = "Test-Splunk-User2";

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

describe.each([
  { language: "en" as const, m: en, cuba: "Cuba", dark: false },
  { language: "ja" as const, m: ja, cuba: "キューバ", dark: true },
])("story A in $language", ({ language, m, cuba, dark }) => {
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    watched = await openPage(browser, server.url, { dark });
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());

  const panel = (id: string): Locator => page.locator(`section#${id}`);
  const figure = (id: string): Locator => panel(id).locator(".figure");
  const shot = (name: string) => picture(page, `${language}-${name}`);
  const query = () => new URL(page.url()).searchParams;
  const panelMenu = (id: string, item: string) =>
    panel(id)
      .locator("header button[aria-haspopup='menu']")
      .click()
      .then(() => page.getByRole("menuitem", { name: item, exact: true }).click());

  it("1. the overview shows one IAM error, one unauthorized call, Cuba, the user and the event", async () => {
    await page.goto(`${server.url}/?lang=${language}`);
    await watched.settled();
    expect(new URL(page.url()).pathname).toBe("/dashboards/security-overview");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(overview.title[language]);
    expect(await figure("iam-errors").textContent()).toBe("1");
    expect(await figure("unauthorized-activity").textContent()).toBe("1");
    const place = panel("source-map").getByRole("button", { name: new RegExp(cuba) });
    expect(await place.textContent()).toContain(m.outcome.unauthorized);
    await panel("source-map").locator("svg text", { hasText: cuba }).first().waitFor();
    expect(await panel("auth-by-user").locator(".bar").first().textContent()).toContain(THIEF);
    expect(await panel("auth-by-event").locator(".bar").first().textContent()).toContain("CreateUser");
    await shot("1-overview");
  });

  it("2. the number leads to IAM Activity with the same filters, which says who tried what", async () => {
    await page.getByRole("button", { name: new RegExp(`^${m.range.label}`) }).click();
    await page.getByRole("button", { name: m.range.presets["-24h"], exact: true }).click();
    await watched.settled();
    expect(query().get("since")).toBe("-24h");
    await panel("iam-errors").getByRole("button", { name: /: 1$/ }).click();
    await watched.settled();
    expect(new URL(page.url()).pathname).toBe("/dashboards/iam-activity");
    expect(query().get("since")).toBe("-24h");
    expect(query().get("lang")).toBe(language);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(iam.title[language]);
    expect(await figure("error-events").textContent()).toBe("1");
    const row = await panel("iam-error-activity")
      .getByRole("row", { name: /CreateUser/ })
      .textContent();
    for (const part of ["AccessDenied", "is not authorized to perform: iam:CreateUser", THIEF, WANTED]) expect(row).toContain(part);
    await shot("2-iam-activity");
  });

  it("3. User Activity, filtered to the user, counts the error and shows the discovery", async () => {
    await page.getByRole("navigation", { name: m.nav.main }).getByRole("link", { name: users.title[language] }).click();
    await watched.settled();
    expect(query().get("since")).toBe("-24h");
    await page
      .locator(".filter-bar")
      .getByRole("button", { name: new RegExp(`^${m.filters.user}`) })
      .click();
    await page.getByRole("searchbox").fill("Test-Splunk");
    await page.getByRole("checkbox", { name: THIEF }).check();
    await shot("3-user-filter");
    await page.getByRole("button", { name: m.filters.apply, exact: true }).click();
    await watched.settled();
    expect(query().getAll("user")).toEqual([THIEF]);
    expect(await figure("active-users").textContent()).toBe("1");
    expect(await figure("total-activities").textContent()).toBe("2");
    expect(await figure("error-activities").textContent()).toBe("1");
    expect(await figure("unauthorized-activities").textContent()).toBe("1");
    const names = await panel("recent-by-event").locator("tbody tr td:first-child").allTextContents();
    expect(names.sort()).toEqual(["CreateUser", "ListUsers"]);
    await shot("3-user-activity");
  });

  it("4. a click on the row shows the raw event, its access key, and the map of where it came from", async () => {
    await panel("recent-by-event")
      .getByRole("row", { name: /ListUsers/ })
      .click();
    await watched.settled();
    const details = panel("event-details");
    await details.getByRole("treeitem", { name: /accessKeyId/ }).waitFor();
    expect(await details.getByRole("treeitem", { name: /eventName/ }).textContent()).toContain('"ListUsers"');
    expect(await details.getByRole("treeitem", { name: /accessKeyId/ }).textContent()).toMatch(/"AKIA[A-Z0-9]{16}"/);
    expect(await panel("event-source").textContent()).toContain(cuba);
    const [left, right] = await Promise.all([details.boundingBox(), panel("event-source").boundingBox()]);
    expect(right?.y).toBe(left?.y);
    expect(right?.x ?? 0).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0));
    await shot("4-raw-event-and-map");
  });

  it("5. the map's query is shown, opens in Search with the filters, and the link shows the same view", async () => {
    await page.getByRole("navigation", { name: m.nav.main }).getByRole("link", { name: overview.title[language] }).click();
    await watched.settled();
    expect(query().getAll("user")).toEqual([THIEF]);
    expect(query().get("since")).toBe("-24h");
    await panelMenu("source-map", m.panel.showQuery);
    expect(await page.getByRole("dialog").textContent()).toContain("| iplocation sourceIPAddress");
    await shot("5-query");
    await page.getByRole("dialog").getByRole("link", { name: m.panel.openInSearch }).click();
    await watched.settled();
    expect(new URL(page.url()).pathname).toBe("/search");
    expect(query().get("q")).toContain("| iplocation sourceIPAddress");
    expect(query().getAll("user")).toEqual([THIEF]);
    await page.locator(".chart-card svg text", { hasText: cuba }).first().waitFor();
    await shot("5-search-map");
    await page.getByRole("tab", { name: m.search.table }).click();
    expect(await page.getByRole("row", { name: new RegExp(cuba) }).count()).toBe(2);
    await shot("5-search");
    const shared = await openPage(browser, server.url, { dark });
    await shared.page.goto(page.url());
    await shared.settled();
    expect(await shared.page.locator(".results table").textContent()).toBe(await page.locator(".results table").textContent());
    expect(await shared.page.locator(".facet.set").allTextContents()).toEqual(await page.locator(".facet.set").allTextContents());
    expect(shared.problems).toEqual([]);
    await shared.page.close();
  });

  it("6. the copied link of a dashboard with its selected row shows the same to somebody else", async () => {
    await page.goto(`${server.url}/dashboards/user-activity?user=${THIEF}&lang=${language}`);
    await watched.settled();
    await panel("recent-by-event")
      .getByRole("row", { name: /CreateUser/ })
      .click();
    await watched.settled();
    await page.getByRole("button", { name: m.panel.copyLink, exact: true }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const shared = await openPage(browser, server.url, { dark });
    await shared.page.goto(link);
    await shared.settled();
    const tree = shared.page.locator("#event-details").getByRole("tree");
    expect(await tree.textContent()).toContain(WANTED);
    expect(await tree.textContent()).toBe(await panel("event-details").getByRole("tree").textContent());
    expect(shared.problems).toEqual([]);
    await shared.page.close();
  });
});
