/** A new installation: the guide shows what to do, follows along as logs arrive, and leads to the overview. Both languages. */
import { writeFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

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
])("the first run in $language", ({ language, m, dark }) => {
  const t = m.start;
  let server: EmptyServer;
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    server = await startEmpty();
    watched = await openPage(browser, server.url, { dark, axe: true });
    page = watched.page;
  });
  afterEach(() => expect(watched.problems.splice(0)).toEqual([]));
  afterAll(async () => {
    await page?.close();
    await server?.stop();
  });

  const path = () => new URL(page.url()).pathname;
  const step = (name: string) => page.locator(`#step-${name}`);
  const isNow = (name: string) => step(name).getAttribute("aria-current");

  it("begins with the guide, at the logs", async () => {
    await page.goto(`${server.url}/?lang=${language}`);
    await watched.settled();
    expect(path()).toBe("/start");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(t.title);
    expect(await isNow("point")).toBe("step");
    expect(await step("arrive").textContent()).toContain(t.arrive.waiting);
    expect(await step("look").getByRole("link").count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await picture(page, `${language}-start-empty`);
  });

  it("names settings and commands that the program takes", async () => {
    const command = (await step("point").locator("pre").first().textContent()) ?? "";
    expect(command).toContain(`${server.folder}/lake`);
    await step("point").getByRole("button", { name: t.copy, exact: true }).first().click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);
    const settings: string[] = [];
    for (const way of ["folder", "bucket", "sent"] as const) {
      await step("point").getByRole("button", { name: t.point.ways[way], exact: true }).click();
      settings.push((await step("point").locator("pre", { hasText: "[[source]]" }).textContent()) ?? "");
    }
    settings.push((await step("sinks").locator("pre").textContent()) ?? "");
    const file = `${server.folder}/tried.toml`;
    // What the reader puts in: a folder that is there, a token.
    const filled = settings
      .join("\n")
      .replace("/var/log/aws", server.folder)
      .replace('token_file = "/run/secrets/hec-token"', 'token = "a-token"');
    await writeFile(file, filled);
    process.env["SLACK_WEBHOOK"] = "https://hooks.slack.com/services/x/y/z";
    const checked = await server.program(["serve", "--config", file, "--check", "--state", "sqlite:tried.db", "--lake", "tried"]);
    expect(checked.output).toContain("the settings are valid");
    await page.getByRole("button", { name: t.point.ways.folder, exact: true }).click();
  });

  it("controls that are off are switched on by one click", async () => {
    const answer = await page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      const { rules } = (await (await fetch("/api/v1/rules")).json()) as { rules: { id: string; covers: string[] }[] };
      const controls = rules.filter(({ covers }) => covers.some((name) => /^CloudWatch\.\d+$/.test(name))).map(({ id }) => id);
      await fetch(`/api/v1/rules/${controls[0]}`, { method: "PATCH", headers, body: JSON.stringify({ enabled: false }) });
      return controls.length;
    });
    expect(answer).toBe(14);
    await page.reload();
    await watched.settled();
    expect(await step("controls").textContent()).toContain(t.controls.on(13, 14));
    await step("controls")
      .getByRole("button", { name: t.controls.switchOn(1) })
      .click();
    await step("controls").getByText(t.controls.on(14, 14)).waitFor({ timeout: 90_000 });
    await expect.poll(() => step("controls").getAttribute("class")).toContain("done");
  });

  it("logs that the command takes in appear while one watches, and the guide goes on", async () => {
    const made = await server.program(["generate", "--events", "300", "--seed", "7", "--out", "logs"]);
    expect(made.status, made.output).toBe(0);
    const taken = await server.program(["ingest", "--lake", `${server.folder}/lake`, "logs"]);
    expect(taken.status, taken.output).toBe(0);
    await step("arrive").getByText("cloudtrail", { exact: true }).waitFor();
    expect(await step("point").getAttribute("class")).toContain("done");
    expect(await step("arrive").getAttribute("class")).toContain("done");
    await expect.poll(() => isNow("look")).toBe("step");
    await step("look").scrollIntoViewIfNeeded();
    await picture(page, `${language}-start-arrived`);
    expect(await violations(page)).toEqual([]);
  });

  it("leads to the overview, which has the events; the next visit begins there", async () => {
    await step("look").getByRole("link", { name: t.look.overview }).click();
    await watched.settled();
    expect(path()).toBe("/dashboards/security-overview");
    expect(await page.locator(".banner", { hasText: m.states.emptyLake }).count()).toBe(0);
    await page.goto(`${server.url}/?lang=${language}`);
    await watched.settled();
    expect(path()).toBe("/dashboards/security-overview");
  });

  it("is found by the palette later", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(t.title);
    await page.keyboard.press("Enter");
    await watched.settled();
    expect(path()).toBe("/start");
  });
});
