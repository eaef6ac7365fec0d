/** Live tail in a real browser: logs are taken in while it is open. */
import { readFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, violations, type Watched } from "./browser";
import { startEmpty, type EmptyServer } from "./server";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

describe.each([
  { language: "en" as const, m: en, dark: false },
  { language: "ja" as const, m: ja, dark: true },
])("live tail in $language", ({ language, m, dark }) => {
  const t = m.searches.live;
  let server: EmptyServer;
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    server = await startEmpty();
    watched = await openPage(browser, server.url, { dark, axe: true });
    page = watched.page;
    await takeIn("first", [["alice", "2026-03-01T00:00:00Z", "ListUsers"]]);
  });
  afterAll(async () => {
    await page?.close();
    await server?.stop();
  });

  /** Events: user, time, name. */
  const takeIn = async (name: string, events: readonly (readonly [string, string, string])[]) => {
    const records = events.map(([user, time, eventName], n) => ({
      eventVersion: "1.08",
      eventTime: time,
      eventID: `${name}-${n}`,
      eventSource: "iam.amazonaws.com",
      eventName,
      awsRegion: "us-east-1",
      sourceIPAddress: "192.0.2.7",
      recipientAccountId: "111122223333",
      userIdentity: { type: "IAMUser", userName: user, accountId: "111122223333" },
    }));
    const file = path.join(server.folder, "logs", `${name}.json`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ Records: records }));
    const { status, output } = await server.program(["ingest", "--lake", path.join(server.folder, "lake"), file]);
    expect(status, output).toBe(0);
  };
  const names = () => page.locator(".live-tail .event-name").allTextContents();
  const state = () => page.locator(".live-state").textContent();
  const open = (query: string, more = "") =>
    page.goto(`${server.url}/search?lang=${language}&ql=spl&live=1&q=${encodeURIComponent(query)}${more}`);

  it("begins with nothing and shows what comes in, late events too", async () => {
    await page.goto(`${server.url}/search?lang=${language}&since=-15m&ql=spl&q=${encodeURIComponent("userName=alice")}`);
    await page.getByRole("button", { name: t.button, exact: true }).click();
    await expect.poll(state).toBe(t.states.live);
    expect(new URL(page.url()).searchParams.get("live")).toBe("1");
    expect(await page.locator(".live-tail").textContent()).toContain(t.empty);
    expect(await violations(page)).toEqual([]);
    await takeIn("second", [
      ["alice", "2026-03-02T00:00:00Z", "CreateUser"],
      ["bob", "2026-03-02T00:00:00Z", "DeleteUser"],
    ]);
    await expect.poll(names).toEqual(["CreateUser"]);
    await takeIn("late", [["alice", "2020-01-01T00:00:00Z", "ListRoles"]]);
    await expect.poll(names).toEqual(["ListRoles", "CreateUser"]);
    expect(await violations(page)).toEqual([]);
    await picture(page, `${language}-live`);
  });

  it("pauses, and shows afterwards what came in meanwhile", async () => {
    await page.getByRole("button", { name: t.pause, exact: true }).click();
    await takeIn("third", [["alice", "2026-03-03T00:00:00Z", "CreateRole"]]);
    await page.getByText(t.held("1")).waitFor();
    expect(await names()).toEqual(["ListRoles", "CreateUser"]);
    await picture(page, `${language}-live-paused`);
    await page.getByRole("button", { name: t.resume, exact: true }).click();
    await expect.poll(names).toEqual(["CreateRole", "ListRoles", "CreateUser"]);
    await page.getByRole("button", { name: t.clear, exact: true }).click();
    expect(await names()).toEqual([]);
  });

  it("goes on where it was when the connection is lost", async () => {
    await page.context().setOffline(true);
    await page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await page.route("**/api/v1/tail", (route) => route.abort());
    // The stream itself is cut by asking anew: filters stay in the address.
    await page.context().setOffline(false);
    await open("userName=alice", "&f.eventName!=ListUsers");
    await expect.poll(state).toBe(t.states.waiting);
    await page.unroute("**/api/v1/tail");
    await expect.poll(state, { timeout: 30_000 }).toBe(t.states.live);
    await takeIn("fourth", [
      ["alice", "2026-03-04T00:00:00Z", "ListUsers"],
      ["alice", "2026-03-04T00:00:01Z", "DeleteRole"],
    ]);
    await expect.poll(names).toEqual(["DeleteRole"]);
    watched.problems.splice(0);
  });

  it("says what it leaves out, and what it cannot follow", async () => {
    await open("userName=alice | stats count by eventName");
    await page.locator(".live-tail .diagnostic").waitFor();
    expect(await page.locator(".live-tail").textContent()).toContain("tail.left-out");
    await page.goto(`${server.url}/search?lang=${language}&ql=sql&live=1&q=${encodeURIComponent("SELECT * FROM cloudtrail")}`);
    await page.locator(".live-tail [role=alert]").waitFor();
    expect(await state()).toBe(t.states.failed);
    expect(await page.locator(".live-tail [role=alert]").textContent()).toContain("tail.sql");
    expect(await violations(page)).toEqual([]);
    await picture(page, `${language}-live-sql`);
    expect(watched.problems.splice(0).filter((problem) => !/400/.test(problem))).toEqual([]);
  });

  it("saves the whole result as a file, Parquet too", async () => {
    await page.goto(`${server.url}/search?lang=${language}&since=all&ql=spl&q=${encodeURIComponent("userName=*")}`);
    await watched.settled();
    for (const [format, begins] of [
      ["CSV", "\uFEFF_time"],
      ["JSON", "{"],
      ["Parquet", "PAR1"],
    ] as const) {
      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name: format, exact: true }).click();
      const file = await readFile(await (await coming).path());
      expect(file.toString("utf8").startsWith(begins), format).toBe(true);
    }
    expect(watched.problems.splice(0)).toEqual([]);
  });

  it("a spreadsheet takes no field of a log as a formula", async () => {
    const formula = '=HYPERLINK("https://example.com","look")';
    await takeIn("formula", [[formula, "2026-03-02T00:00:00Z", "ListRoles"]]);
    await page.goto(
      `${server.url}/search?lang=${language}&since=all&ql=spl&q=${encodeURIComponent("eventName=ListRoles | table userName, eventName")}`,
    );
    await watched.settled();
    expect(await page.locator(".results tbody td").first().textContent()).toBe(formula);
    const saved = async (format: string) => {
      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name: format, exact: true }).click();
      return readFile(await (await coming).path(), "utf8");
    };
    expect((await saved("CSV")).split("\r\n")[1]).toBe(`"'${formula.replaceAll('"', '""')}",ListRoles`);
    // What a program reads is the value as it is.
    expect(JSON.parse((await saved("JSON")).split("\n")[0] ?? "")).toMatchObject({ userName: formula });
    expect(watched.problems.splice(0)).toEqual([]);
  });

  it("lists the keys at ?", async () => {
    await page.locator("body").press("?");
    const dialog = page.getByRole("dialog", { name: m.keyboard.title });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(m.keyboard.does.palette);
    expect(await violations(page)).toEqual([]);
    await picture(page, `${language}-keys`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    // In a field it is a character.
    await page.locator(".cm-content").press("?");
    expect(await dialog.count()).toBe(0);
  });
});
