/** Dashboards of one's own: copied, edited, saved beside others' changes, exported, imported, fed from Search. Both languages. */
import { readFile } from "node:fs/promises";
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

/** What the server has. */
async function stored(
  id: string,
): Promise<{ file: Record<string, unknown> & { panels: { id: string; width: number }[] }; version: string }> {
  const answer = await fetch(`${server.url}/api/v1/dashboards/${id}`);
  return { file: (await answer.json()) as never, version: answer.headers.get("etag") ?? "" };
}

describe.each([
  { language: "en" as const, other: "ja" as const, m: en, dark: false, copied: "security-overview-copy", made: "night-shift" },
  { language: "ja" as const, other: "en" as const, m: ja, dark: true, copied: "security-overview-copy-2", made: "dashboard" },
])("dashboards in $language", ({ language, m, dark, copied, made }) => {
  const t = m.boards;
  const title = language === "en" ? "Night shift" : "夜勤";
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
  const path = () => new URL(page.url()).pathname;
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const panelIds = () => page.locator(".dashboard section.panel").evaluateAll((all) => all.map(({ id }) => id));
  const tool = (panel: string, action: string) => page.locator(`section#${panel} [data-action="${action}"]`);
  const field = (name: string) => page.getByLabel(name, { exact: true });
  const choice = (name: string) => page.getByRole("combobox", { name, exact: true });
  /** As a person writes: all of it away, then the text. */
  const write = async (text: string) => {
    await page.locator(".panel-editor .editor .cm-content").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText(text);
  };
  const named = (label: string) => t.inLanguage(label, t.languages[language]);

  it("a built-in one is copied: the copy opens in the editor, under a name of its own", async () => {
    await open("/dashboards/security-overview");
    expect(await button(t.edit).count()).toBe(0);
    await button(t.copy).click();
    await picture(page, `${language}-boards-copy`);
    await button(t.makeCopy).click();
    await watched.settled();
    expect(path()).toBe(`/dashboards/${copied}`);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toMatch(/copy|コピー/);
    expect(await panelIds()).toContain("source-map");
    await picture(page, `${language}-boards-editing`);
  });

  it("panels are moved by button and keyboard, made narrower, doubled and removed; cancel takes all of it back", async () => {
    const before = await panelIds();
    await tool(before[0] ?? "", "after").click();
    expect((await panelIds()).slice(0, 2)).toEqual([before[1], before[0]]);
    expect(await page.evaluate(() => document.activeElement?.closest("section")?.id)).toBe(before[0]);
    await page.keyboard.press("Alt+ArrowLeft");
    expect(await panelIds()).toEqual(before);
    await tool("source-map", "narrow").click();
    await tool("root-use", "copy").click();
    await tool("top-errors", "remove").click();
    expect(await panelIds()).toEqual(
      before.filter((id) => id !== "top-errors").flatMap((id) => (id === "root-use" ? [id, "root-use-2"] : [id])),
    );
    await button(m.filters.cancel).click();
    await page.getByRole("dialog").waitFor();
    await button(t.leave).click();
    await watched.settled();
    expect(await panelIds()).toEqual(before);
    expect((await stored(copied)).file.panels.map(({ id }) => id)).toEqual(before);
  });

  it("a panel is added with a live preview; a mistake in its query is shown where it is", async () => {
    await button(t.edit).click();
    await watched.settled();
    await button(t.panel.add).click();
    await field(named(t.panel.title)).fill(title);
    await write("sourcetype=aws:cloudtrail | sttas count BY user");
    await page.locator(".findings .diagnostic mark", { hasText: "sttas" }).waitFor();
    watched.problems.splice(0);
    await write("sourcetype=aws:cloudtrail | stats count BY user | sort - count | head 5");
    await page.locator(".findings").waitFor({ state: "detached" });
    await choice(t.panel.chart).selectOption("pie");
    await choice(t.panel.width).selectOption("4");
    await expect.poll(() => page.locator("#preview .pie-chart .legend li").count()).toBe(5);
    await watched.settled();
    await choice(t.drill.kind).selectOption("dashboard");
    await choice(t.drill.dashboard).selectOption("user-activity");
    await page.locator(".drill-settings input").first().fill("user");
    await page.locator(".drill-settings input").nth(1).fill("user");
    await picture(page, `${language}-boards-panel`);
    await page.locator(".panel-editor .form-actions .primary").click();
    await watched.settled();
    await button(t.save).click();
    await watched.settled();
    const { file } = await stored(copied);
    expect(file.panels[file.panels.length - 1]).toMatchObject({
      title: { [language]: title },
      chart: "pie",
      width: 4,
      drill: { dashboard: "user-activity", set: { user: "user" } },
    });
    expect(new URL(page.url()).searchParams.get("edit")).toBeNull();
  });

  it("the new panel leads on: a slice's name opens User Activity with that user", async () => {
    const panel = page.locator("section", { has: page.getByRole("heading", { name: title, exact: true }) });
    await panel.scrollIntoViewIfNeeded();
    const slice = panel.locator(".legend button").first();
    const user = await slice.locator(".legend-name").textContent();
    await slice.click();
    await watched.settled();
    expect(path()).toBe("/dashboards/user-activity");
    expect(new URL(page.url()).searchParams.getAll("user")).toEqual([user]);
  });

  it("two editors do not overwrite each other", async () => {
    await open(`/dashboards/${copied}?edit=1`);
    const { file, version } = await stored(copied);
    const theirs = { ...file, order: 77 };
    const put = await fetch(`${server.url}/api/v1/dashboards/${copied}`, {
      method: "PUT",
      headers: { "content-type": "application/json", "if-match": version },
      body: JSON.stringify(theirs),
    });
    expect(put.status).toBe(200);
    await tool("top-errors", "remove").click();
    await button(t.save).click();
    await page.getByText(t.problems.byCode["changed"] ?? "", { exact: true }).waitFor();
    expect(watched.problems.splice(0).every((line) => line.includes("412"))).toBe(true);
    expect((await stored(copied)).file).toMatchObject({ order: 77 });
    await picture(page, `${language}-boards-conflict`);
    await button(t.overwrite).click();
    await watched.settled();
    expect((await stored(copied)).file.panels.map(({ id }) => id)).not.toContain("top-errors");
  });

  it("what the server refuses is told with its panel", async () => {
    await open(`/dashboards/${copied}?edit=1`);
    await tool("iam-errors", "edit").click();
    await write("sourcetype=aws:cloudtrail | sttas count");
    await page.locator(".findings .diagnostic").waitFor();
    await page.locator(".panel-editor .form-actions .primary").click();
    await button(t.save).click();
    await page.getByText(t.problems.title, { exact: true }).waitFor();
    await page.locator(".problem-list mark", { hasText: "sttas" }).waitFor();
    await picture(page, `${language}-boards-refused`);
    await page.locator(".problem-list .link-button").first().click();
    expect(await page.locator(".panel-editor .cm-content").textContent()).toContain("sttas");
    await watched.settled();
    await button(m.filters.cancel).click();
    // The refused requests are the point here.
    await watched.settled();
    expect(watched.problems.splice(0).every((problem) => /400|422/.test(problem))).toBe(true);
  });

  it("unsaved changes are asked about: by a link, and by the browser's back button", async () => {
    const asked = page.getByRole("dialog", { name: t.leaveTitle });
    const search = page.getByRole("navigation").getByRole("link", { name: m.nav.search, exact: true });
    await search.click();
    await asked.getByRole("button", { name: t.leave }).click();
    await watched.settled();
    expect(path()).toBe("/search");
    await open(`/dashboards/${copied}`);
    await button(t.edit).click();
    await tool("root-use", "remove").click();
    await search.click();
    await asked.getByRole("button", { name: m.filters.cancel }).click();
    await page.evaluate(() => window.history.back());
    await asked.getByRole("button", { name: m.filters.cancel }).click();
    expect(path()).toBe(`/dashboards/${copied}`);
    expect(new URL(page.url()).searchParams.get("edit")).toBe("1");
    expect(await panelIds()).not.toContain("root-use");
    await page.evaluate(() => window.history.back());
    await asked.getByRole("button", { name: t.leave }).click();
    await watched.settled();
    expect(await panelIds()).toContain("root-use");
  });

  it("a search becomes a panel of a new dashboard, which leads to the events it counts", async () => {
    const query = "sourcetype=aws:cloudtrail errorCode=* | stats count BY eventName | sort - count | head 5";
    await open(`/search?q=${encodeURIComponent(query)}&ql=spl&view=chart&chart=bar`);
    await button(t.add.button).click();
    await field(named(t.panel.title)).fill(title);
    await choice(t.add.dashboard).selectOption("");
    await field(named(t.title)).fill(title);
    await picture(page, `${language}-boards-add`);
    await page.getByRole("dialog").getByRole("button", { name: t.add.add }).click();
    await watched.settled();
    expect(path()).toBe(`/dashboards/${made}`);
    const bar = page.locator(".dashboard .bar").first();
    const name = await bar.locator(".bar-name").textContent();
    await bar.click();
    await watched.settled();
    expect(path()).toBe("/search");
    const params = new URL(page.url()).searchParams;
    expect([params.get("q"), params.getAll("event")]).toEqual(["sourcetype=aws:cloudtrail errorCode=*", [name]]);
    await page.locator(".events-with-fields .event").first().waitFor();
  });

  it("goes out as a file and comes in again, as does an export of OpenSearch Dashboards", async () => {
    await open("/dashboards");
    expect(await page.locator(".board").count()).toBeGreaterThan(4);
    await picture(page, `${language}-boards-list`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `${t.export}: ${title}`, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${made}.json`);
    const text = await readFile(await download.path(), "utf8");
    expect(JSON.parse(text)).toEqual((await stored(made)).file);
    await button(t.import.button).click();
    const input = page.getByRole("dialog").locator("input[type=file]");
    await input.setInputFiles({ name: `${made}.json`, mimeType: "application/json", buffer: Buffer.from(text) });
    await page.getByRole("dialog").getByRole("link", { name: title }).waitFor();
    expect((await stored(`${made}-2`)).file.panels.length).toBe(1);
    await input.setInputFiles({ name: "saved.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(EXPORT) });
    await page.getByRole("dialog").getByText(t.import.leftOut("New"), { exact: false }).waitFor();
    await picture(page, `${language}-boards-imported`);
    await page.getByRole("dialog").getByRole("link", { name: "saved" }).click();
    await watched.settled();
    await page.locator(".dashboard .legend li").first().waitFor();
  });

  it("is deleted after a question", async () => {
    await open(`/dashboards/${made}-2?edit=1`);
    await button(t.delete).click();
    await page.getByRole("dialog").getByRole("button", { name: t.delete, exact: true }).click();
    await watched.settled();
    expect(path()).toBe("/dashboards");
    expect(await page.locator(".board a", { hasText: title }).count()).toBe(1);
  });

  it("keeps to the rules of accessibility", async () => {
    const checked = await openPage(browser, server.url, { dark, axe: true });
    for (const where of ["/dashboards", `/dashboards/${made}?edit=1`]) {
      await checked.page.goto(`${server.url}${where}${where.includes("?") ? "&" : "?"}lang=${language}`);
      await checked.settled();
      expect(await violations(checked.page), where).toEqual([]);
    }
    await checked.page.locator("[data-action=edit]").click();
    await checked.settled();
    expect(await violations(checked.page), "panel").toEqual([]);
    await checked.page.close();
  });
});

const EXPORT = [
  {
    type: "visualization",
    id: "names",
    attributes: {
      title: "Names",
      visState: JSON.stringify({
        type: "pie",
        aggs: [
          { id: "1", type: "count", schema: "metric", params: {} },
          { id: "2", type: "terms", schema: "segment", params: { field: "eventName", size: 5, orderBy: "1", order: "desc" } },
        ],
      }),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { query: "eventSource: iam*", language: "kuery" },
          filter: [],
          index: "log-aws-cloudtrail-*",
        }),
      },
    },
  },
  { type: "lens", id: "l", attributes: { title: "New" } },
]
  .map((object) => JSON.stringify(object))
  .join("\n");
