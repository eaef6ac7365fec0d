/** What a value is about: from an event to the page of its access key, and from the palette to a user. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, type Watched } from "./browser";
import { startServer, type Server } from "./server";

const THIEF = "Test-Splunk-User1";

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
  { language: "en" as const, m: en, dark: true },
  { language: "ja" as const, m: ja, dark: false },
])("entities in $language", ({ language, m, dark }) => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await openPage(browser, server.url, { dark });
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());
  const path = () => decodeURIComponent(new URL(page.url()).pathname);
  const query = () => new URL(page.url()).searchParams;
  const fact = (name: string) => page.locator(".entity-facts div", { has: page.getByText(name, { exact: true }) }).locator("dd");

  it("the palette finds a user, whose page counts what it did", async () => {
    await page.goto(`${server.url}/?lang=${language}`);
    await watched.settled();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: m.nav.palette }).fill(THIEF);
    await picture(page, `${language}-palette`);
    await page.getByRole("option", { name: m.entity.about(THIEF) }).click();
    await watched.settled();
    expect(path()).toBe(`/entities/user/${THIEF}`);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(THIEF);
    expect(await fact(m.entity.events).textContent()).toBe("2");
    expect(await fact(m.entity.errors).textContent()).toBe("1");
    const calls = await page.locator("#entity-did tbody tr td:first-child").allTextContents();
    expect(calls.sort()).toEqual(["CreateUser", "ListUsers"]);
    await picture(page, `${language}-entity`);
  });

  it("its access key has a page too, two clicks away", async () => {
    await page.locator("#entity-recent .value-button.mono", { hasText: /^AKIA/ }).first().click();
    await page
      .getByRole("menuitem", { name: m.entity.about("AKIA") })
      .or(page.locator("[role='menuitem'][href^='/entities/key/']"))
      .click();
    await watched.settled();
    expect(path()).toMatch(/^\/entities\/key\/AKIA/);
    expect(await fact(m.entity.events).textContent()).toBe("2");
  });

  it("a row of it leads to the events in Search, with the key as filter", async () => {
    await page.locator("#entity-errors tbody tr").first().click();
    await watched.settled();
    expect(path()).toBe("/search");
    expect(query().get("f.userIdentity.accessKeyId")).toMatch(/^AKIA/);
    expect(await page.locator(".event-name").allTextContents()).toEqual(["CreateUser"]);
  });

  it("a chip is inverted, switched off and on again", async () => {
    const chip = page.locator(".chip", { hasText: "errorCode" });
    await chip.getByRole("button", { name: m.filters.excludeInstead("errorCode AccessDenied") }).click();
    await watched.settled();
    expect(await page.locator(".event-name").allTextContents()).toEqual([]);
    await chip.getByRole("button", { name: m.filters.switchOff("errorCode AccessDenied") }).click();
    await watched.settled();
    expect(query().get("off.f.errorCode!")).toBe("AccessDenied");
    expect(await page.locator(".event-name").allTextContents()).toEqual(["CreateUser"]);
    await chip.getByRole("button", { name: m.filters.switchOn("errorCode AccessDenied") }).click();
    await watched.settled();
    expect(query().has("off.f.errorCode!")).toBe(false);
  });

  it("the time range is doubled", async () => {
    await page.getByRole("button", { name: m.range.zoomOut }).click();
    await watched.settled();
    expect(query().get("since")).toBe("-14d");
  });

  it("a value that never was says so", async () => {
    await page.goto(`${server.url}/entities/address/${encodeURIComponent("<b>nowhere</b>")}?lang=${language}`);
    await watched.settled();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("<b>nowhere</b>");
    await page.getByText(m.entity.never).waitFor();
  });
});
