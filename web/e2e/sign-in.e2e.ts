/** A server with users: who is not signed in sees nothing, who signs in goes on where the link led. Needs TRAILHOUND_BIN. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, type Watched } from "./browser";
import { BINARY, startLocked, type Server } from "./server";

const NAME = "tester";
const PASSWORD = "correct horse battery staple";

describe.skipIf(!BINARY)("signing in", () => {
  let server: Server;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    server = await startLocked(NAME, PASSWORD);
    browser = await openBrowser();
    watched = await openPage(browser, server.url);
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0).filter((problem) => !problem.includes("401"))).toEqual([]));
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  const location = () => new URL(page.url()).pathname + new URL(page.url()).search;

  it("is asked for, in the language of the link", async () => {
    await page.goto(`${server.url}/dashboards/iam-activity?user=alice&lang=ja`);
    await page.getByRole("form", { name: ja.login.title }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
    await picture(page, "ja-login");
  });

  it("is refused with the wrong password, and says so", async () => {
    await page.getByLabel(ja.login.name).fill(NAME);
    await page.getByLabel(ja.login.password).fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText(ja.login.wrong).waitFor();
  });

  it("leads on to where the link led; an empty lake says that it is empty", async () => {
    await page.getByLabel(ja.login.password).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await watched.settled();
    expect(location()).toBe("/dashboards/iam-activity?user=alice&lang=ja");
    await page.getByText(ja.states.emptyLake).waitFor();
    await picture(page, "ja-empty-lake");
  });

  it("lasts over a reload", async () => {
    await page.reload();
    await page.getByText(NAME).waitFor();
  });

  it("lets a query through, with its token", async () => {
    await page.goto(`${server.url}/search?q=${encodeURIComponent("sourcetype=aws:cloudtrail | stats count")}&lang=en`);
    await watched.settled();
    await page.locator(".results").getByText("0", { exact: true }).waitFor();
  });

  it("ends with signing out", async () => {
    await page.getByRole("button", { name: en.settings.signOut }).click();
    await page.getByRole("form", { name: en.login.title }).waitFor();
    await page.goto(`${server.url}/search`);
    await page.getByRole("form", { name: en.login.title }).waitFor();
  });
});
