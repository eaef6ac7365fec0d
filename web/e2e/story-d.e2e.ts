/** Story D: logs of many kinds, accounts and regions lie in one place; they are taken in, told apart, and each dashboard shows its own. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, type Watched } from "./browser";
import { startEmpty, type EmptyServer } from "./server";

interface Listed {
  id: string;
  title: { en: string; ja: string };
}

let server: EmptyServer;
let browser: Browser;
/** What the generator says that it wrote, by log type. */
let written: Record<string, number>;

beforeAll(async () => {
  server = await startEmpty();
  browser = await openBrowser();
  const options = ["--events", "3000", "--seed", "11", "--logs", "150", "--accounts", "3", "--regions", "4", "--format", "json"];
  const made = await server.program(["generate", ...options, "--out", "bucket"]);
  expect(made.status, made.output).toBe(0);
  written = recordsOf(made.output);
  const taken = await server.program(["ingest", "--lake", `${server.folder}/lake`, "bucket"]);
  expect(taken.status, taken.output).toBe(0);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Records by log type, whatever else the report says. */
function recordsOf(report: string): Record<string, number> {
  const found = JSON.parse(report.slice(report.indexOf("{"))) as { logs?: { log_type: string; records: number }[] };
  const counts: Record<string, number> = {};
  for (const { log_type: type, records } of found.logs ?? []) counts[type] = (counts[type] ?? 0) + records;
  return counts;
}

describe.each([
  { language: "en" as const, m: en, dark: false },
  { language: "ja" as const, m: ja, dark: true },
])("story D in $language", ({ language, m, dark }) => {
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

  it("every kind of log is found, as many records as were written", async () => {
    await open("/start");
    const shown = await page
      .locator("#step-arrive tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? "")));
    const counts = Object.fromEntries(shown.map(([name = "", rows = ""]) => [name, Number(rows.replaceAll(",", ""))]));
    expect(Object.keys(written).length).toBeGreaterThan(7);
    for (const [type, records] of Object.entries(written)) expect(counts[type], type).toBe(records);
    expect(counts["cloudtrail"]).toBe(3000);
    await picture(page, `${language}-story-d-arrived`);
  });

  it("every dashboard that comes with the program has something to show, and no panel fails", async () => {
    const listed = await page.evaluate(async () => (await (await fetch("/api/v1/dashboards")).json()) as unknown);
    for (const { id, title } of listed as Listed[]) {
      await open(`/dashboards/${id}?since=all`);
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(title[language]);
      expect(await page.locator(".error-message").allTextContents(), id).toEqual([]);
      const panels = await page.locator(".dashboard section.panel").count();
      const empty = await page.locator(".dashboard").getByText(m.panel.empty, { exact: true }).count();
      expect(empty, `${id}: panels without rows of ${panels}`).toBeLessThan(panels / 2);
      await picture(page, `${language}-story-d-${id}`);
    }
    // Over twenty dashboards, on machines that do other things as well.
  }, 360_000);
});
