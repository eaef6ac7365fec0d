/** From an alert to its events, worked off, tuned and closed; rules tried, switched and made. Both languages, the real server. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, violations, type Watched } from "./browser";
import { startServer, type Server } from "./server";

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

interface Counts {
  open: number;
  acknowledged: number;
  closed: number;
}

/** What the server itself says, to hold the page against. */
async function countsOf(page: Page): Promise<Counts> {
  return page.evaluate(async () => {
    const answer = await fetch("/api/v1/alerts?status=all&limit=1");
    return ((await answer.json()) as { counts: Counts }).counts;
  });
}

describe.each([
  { language: "en" as const, m: en, dark: false },
  { language: "ja" as const, m: ja, dark: true },
])("alerts in $language", ({ language, m, dark }) => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await openPage(browser, server.url, { dark });
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());

  const open = async (path: string) => {
    await page.goto(`${server.url}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
    await watched.settled();
  };
  const query = () => new URL(page.url()).searchParams;
  const path = () => new URL(page.url()).pathname;
  const rows = () => page.locator(".vgrid-body [role='row']");
  const badge = async () => Number((await page.locator(".nav-badge > [aria-hidden]").textContent())?.replaceAll(",", ""));
  const tab = (name: string) => page.locator(".alert-tabs .tabs").getByRole("button", { name: new RegExp(`^${name}`) });
  const section = (name: string) => page.getByRole("region", { name, exact: true });

  it("the navigation counts the open ones, the list shows them", async () => {
    await open("/");
    const { open: count } = await countsOf(page);
    expect(count).toBeGreaterThan(2);
    expect(await badge()).toBe(count);
    await page.getByRole("navigation").getByRole("link", { name: m.alerts.title }).click();
    await watched.settled();
    expect(path()).toBe("/alerts");
    expect(await page.getByRole("grid", { name: m.alerts.list }).getAttribute("aria-rowcount")).toBe(String(count + 1));
    expect(await rows().count()).toBeGreaterThan(2);
    await picture(page, `${language}-alerts`);
  });

  it("severity, text and tab are in the address, and hold over a reload", async () => {
    const all = await rows().count();
    await page
      .locator(".toggles")
      .getByRole("button", { name: new RegExp(`^${m.alerts.severities.high}`) })
      .click();
    await watched.settled();
    expect(query().get("severity")).toBe("high");
    const words = await rows().locator(".badge.severity").allTextContents();
    expect(new Set(words)).toEqual(new Set([m.alerts.severities.high]));
    await page.reload();
    await watched.settled();
    expect(await rows().count()).toBe(words.length);
    await page.getByRole("button", { name: m.alerts.clearFilters }).click();
    await watched.settled();
    expect(await rows().count()).toBe(all);
    await page.getByRole("searchbox", { name: m.alerts.find }).fill("nothing has this text");
    await watched.settled();
    await page.getByText(m.alerts.noneMatch).waitFor();
    await page.getByRole("button", { name: m.alerts.clearFilters }).first().click();
    await watched.settled();
  });

  it("is walked with the keys: the second is opened", async () => {
    await rows().first().focus();
    const second = await rows().nth(1).locator("a").textContent();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await watched.settled();
    expect(path()).toMatch(/^\/alerts\/.+/);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(second);
  });

  it("an alert says what happened and what to do, in the reader's language, with its events", async () => {
    const story = (await section(m.alerts.what).textContent()) ?? "";
    expect(story).toContain(m.alerts.advice);
    expect(/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(story)).toBe(language === "ja");
    expect(await section(m.alerts.evidence).locator("tbody tr").count()).toBeGreaterThan(0);
    await picture(page, `${language}-alert`);
  });

  it("its evidence leads to the event, and to Search", async () => {
    const address = page.url();
    await section(m.alerts.evidence).locator("tbody a").first().click();
    await watched.settled();
    expect(path()).toMatch(/^\/events\/.+/);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).not.toBe("");
    await page.goto(address);
    await watched.settled();
    await section(m.alerts.evidence).getByRole("link", { name: m.alerts.inSearch }).click();
    await watched.settled();
    expect(path()).toBe("/search");
    expect(await page.locator(".results .event, .results tbody tr").count()).toBeGreaterThan(0);
    await page.goto(address);
    await watched.settled();
  });

  it("a note is text, whatever it looks like", async () => {
    const note = `<img src=x onerror="document.title='gone'"> {{7*7}} ${language}`;
    await page.getByRole("textbox", { name: m.alerts.note }).fill(note);
    await page.getByRole("button", { name: m.alerts.addNote }).click();
    await watched.settled();
    expect(await page.locator(".note-text").last().textContent()).toBe(note);
    expect(await page.title()).not.toBe("gone");
  });

  it("is taken and closed with a verdict; the counts follow", async () => {
    const before = await countsOf(page);
    await page.getByRole("button", { name: m.alerts.acknowledge, exact: true }).click();
    await watched.settled();
    expect(await page.locator(".alert-title .badge.status").textContent()).toBe(m.alerts.statuses.acknowledged);
    await expect.poll(badge).toBe(before.open - 1);
    await page.getByRole("button", { name: m.alerts.closeAs }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(m.alerts.verdicts.benign).click();
    await picture(page, `${language}-alert-close`);
    // The dialog's own button to close it has the same name in English, and is the first.
    await dialog.getByRole("button", { name: m.alerts.close, exact: true }).last().click();
    await watched.settled();
    expect(await page.locator(".alert-title .badge.status").textContent()).toBe(
      `${m.alerts.statuses.closed} · ${m.alerts.verdicts.benign}`,
    );
    const after = await countsOf(page);
    expect([after.open, after.closed]).toEqual([before.open - 1, before.closed + 1]);
    expect(await section(m.alerts.history).locator("li").count()).toBeGreaterThan(1);
  });

  it("an exception is made from it, shows at the rule, and is taken back", async () => {
    await page.getByRole("button", { name: m.alerts.makeException }).click();
    const dialog = page.getByRole("dialog");
    const save = dialog.getByRole("button", { name: m.alerts.exception.save });
    expect(await save.isDisabled()).toBe(true);
    const reason = `<b>night job</b> ${language}`;
    await dialog.getByLabel(m.alerts.exception.reason).fill(reason);
    await picture(page, `${language}-exception`);
    await save.click();
    await watched.settled();
    await section(m.alerts.exceptions).getByText(reason).waitFor();
    await page.locator(".alert-section .facts a[href^='/rules/']").first().click();
    await watched.settled();
    expect(path()).toMatch(/^\/rules\/.+/);
    const own = section(m.rules.exceptions).locator("li", { hasText: reason });
    await own.getByRole("button").click();
    await watched.settled();
    expect(await own.count()).toBe(0);
  });

  it("several are taken at once", async () => {
    await open("/alerts");
    const before = await countsOf(page);
    await rows().first().focus();
    await page.keyboard.press("x");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("x");
    await page.getByText(m.alerts.selected(2)).waitFor();
    await page.keyboard.press("a");
    await expect.poll(async () => (await countsOf(page)).acknowledged).toBe(before.acknowledged + 2);
    await tab(m.alerts.statuses.acknowledged).click();
    await watched.settled();
    expect(await rows().count()).toBeGreaterThanOrEqual(2);
    // As it was, for the other language.
    await page.getByRole("checkbox", { name: m.alerts.selectAll }).check();
    await page.getByRole("button", { name: m.alerts.reopen }).click();
    await expect.poll(async () => (await countsOf(page)).acknowledged).toBe(0);
    await watched.settled();
  });
});

describe.each(["light", "dark"] as const)("one alert and one rule in %s", (scheme) => {
  it.each(["alerts", "rules"] as const)("%s: each can be read by a screen reader, wide and narrow", async (kind) => {
    const { page, settled } = await openPage(browser, server.url, { dark: scheme === "dark", axe: true });
    const id = await firstOf(page, kind);
    for (const tab of kind === "rules" ? ["overview", "edit", "replay"] : [""]) {
      await page.goto(`${server.url}/${kind}/${encodeURIComponent(id)}${tab === "" ? "" : `?tab=${tab}`}`);
      await settled();
      expect(await violations(page), tab).toEqual([]);
      await page.setViewportSize({ width: 400, height: 900 });
      await settled();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBeLessThanOrEqual(400);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.close();
  });
});

/** The first alert or rule that the server lists. */
async function firstOf(page: Page, kind: "alerts" | "rules"): Promise<string> {
  await page.goto(server.url);
  return page.evaluate(async (what) => {
    const answer = await fetch(`/api/v1/${what}${what === "alerts" ? "?status=all&limit=1" : ""}`);
    return ((await answer.json()) as Record<string, { id: string }[]>)[what]?.[0]?.id ?? "";
  }, kind);
}

describe.each([
  { language: "en" as const, m: en, dark: true },
  { language: "ja" as const, m: ja, dark: false },
])("rules in $language", ({ language, m, dark }) => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await openPage(browser, server.url, { dark });
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(() => page.close());

  const open = async (to: string) => {
    await page.goto(`${server.url}${to}${to.includes("?") ? "&" : "?"}lang=${language}`);
    await watched.settled();
  };
  const query = () => new URL(page.url()).searchParams;
  const path = () => new URL(page.url()).pathname;
  const rows = () => page.locator(".vgrid-body [role='row']");

  it("the catalogue is as long as the server's, and only what is in sight is in the document", async () => {
    await open("/rules");
    const all = await page.evaluate(async () => ((await (await fetch("/api/v1/rules")).json()) as { rules: unknown[] }).rules.length);
    expect(all).toBeGreaterThanOrEqual(14);
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe(String(all + 1));
    expect(await rows().count()).toBeLessThanOrEqual(Math.min(all, 40));
    await picture(page, `${language}-rules`);
    await rows().first().focus();
    await page.keyboard.press("End");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe(String(all + 1));
  });

  it("the matrix leads to the rules of a technique", async () => {
    await page.getByRole("button", { name: m.rules.matrix }).click();
    await watched.settled();
    await picture(page, `${language}-matrix`);
    const cell = page.locator(".matrix-cell").first();
    const id = (await cell.locator(".mono").textContent()) ?? "";
    await cell.click();
    await watched.settled();
    expect(query().get("attack")).toBe(id);
    expect(await rows().count()).toBeGreaterThan(0);
  });

  it("a rule's own tests pass", async () => {
    await rows().first().locator("a").click();
    await watched.settled();
    expect(path()).toMatch(/^\/rules\/.+/);
    await page.getByRole("button", { name: m.rules.runTests }).click();
    await watched.settled();
    await page.locator(".test-results li.ok").first().waitFor();
    expect(await page.locator(".test-results li.failed").count()).toBe(0);
    await picture(page, `${language}-rule`);
  });

  it("is switched off and on again", async () => {
    const toggle = page.getByRole("switch");
    const before = await toggle.getAttribute("aria-checked");
    await toggle.click();
    await expect.poll(() => toggle.getAttribute("aria-checked")).not.toBe(before);
    // The switch moves before the server has answered.
    await watched.settled();
    await page.reload();
    await watched.settled();
    expect(await toggle.getAttribute("aria-checked")).not.toBe(before);
    await toggle.click();
    await expect.poll(() => toggle.getAttribute("aria-checked")).toBe(before);
    await watched.settled();
  });

  it("a rule is tried over the past before there is one: it would have fired on the sample's thief", async () => {
    await open("/search?since=all&ql=spl&q=" + encodeURIComponent("sourcetype=aws:cloudtrail errorCode=AccessDenied"));
    await page.getByRole("button", { name: m.rules.fromSearch.button }).click();
    const dialog = page.getByRole("dialog");
    const title = `Access denied xyzzy ${language}`;
    await dialog.getByLabel(m.rules.fromSearch.name).fill(title);
    await picture(page, `${language}-save-as-alert`);
    await dialog.getByRole("button", { name: m.rules.fromSearch.save }).click();
    await page.waitForURL(/\/rules\/.+tab=replay/);
    await watched.settled();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(title);
    await page.locator(".replay .button.primary").click();
    await watched.settled();
    const [opened, findings, scanned] = (await page.locator(".replay-figures b").allTextContents()).map((text) =>
      Number(text.replaceAll(",", "")),
    );
    expect(findings).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThanOrEqual(findings ?? 0);
    expect(scanned).toBeGreaterThan(findings ?? 0);
    expect(await page.locator(".replay .evidence").first().textContent()).toContain("Test-Splunk-User1");
    await picture(page, `${language}-replay`);
  });

  it("its file is edited; what is wrong is underlined, and the old one stays", async () => {
    await page.getByRole("button", { name: m.rules.tabs.edit, exact: true }).click();
    const editor = page.locator(".rule-editor .cm-content");
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("severity: terrible\n");
    await page.getByRole("button", { name: m.rules.save }).click();
    await page.locator(".rule-editor .findings, .rule-editor .error-message").waitFor();
    // The refused request is the point here.
    expect(watched.problems.splice(0).every((problem) => problem.includes("422") || problem.includes("400"))).toBe(true);
    await picture(page, `${language}-rule-editor`);
    await page.getByRole("button", { name: m.rules.discard }).click();
    await page.getByRole("button", { name: m.rules.tabs.overview, exact: true }).click();
  });

  it("and deleted", async () => {
    await page.getByRole("button", { name: m.rules.delete }).click();
    await page.getByRole("dialog").getByRole("button", { name: m.rules.delete, exact: true }).click();
    await page.waitForURL(/\/rules(\?|$)/);
    await watched.settled();
    await page.getByRole("searchbox").fill(`Access denied xyzzy ${language}`);
    await page.getByText(m.rules.noneMatch).waitFor();
  });
});
