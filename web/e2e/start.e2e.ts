/** A new installation: the guide shows what to do, follows along as logs arrive, and leads to the overview. Both languages. */
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

import { violations } from "./browser";
import { inBoth, openSite, openView } from "./opening";
import { startEmpty } from "./server";

describe.each(inBoth())("the first run in $language", ({ language, m, dark }) => {
  const t = m.start;
  const site = openSite(startEmpty);
  const view = openView(site, { language, dark, axe: true });
  const step = (name: string) => view.page.locator(`#step-${name}`);
  const isNow = (name: string) => step(name).getAttribute("aria-current");

  it("begins with the guide, at the logs", async () => {
    await view.open("/");
    expect(view.path()).toBe("/start");
    expect(await view.heading()).toBe(t.title);
    expect(await isNow("point")).toBe("step");
    expect(await step("arrive").textContent()).toContain(t.arrive.waiting);
    expect(await step("look").getByRole("link").count()).toBe(0);
    expect(await violations(view.page)).toEqual([]);
    await view.picture("start-empty");
  });

  it("names settings and commands that the program takes", async () => {
    const command = (await step("point").locator("pre").first().textContent()) ?? "";
    expect(command).toContain(`${site.server.folder}/lake`);
    await step("point").getByRole("button", { name: t.copy, exact: true }).first().click();
    expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe(command);
    const settings: string[] = [];
    for (const way of ["folder", "bucket", "sent"] as const) {
      await step("point").getByRole("button", { name: t.point.ways[way], exact: true }).click();
      settings.push((await step("point").locator("pre", { hasText: "[[source]]" }).textContent()) ?? "");
    }
    settings.push((await step("sinks").locator("pre").textContent()) ?? "");
    const file = `${site.server.folder}/tried.toml`;
    // What the reader puts in: a folder that is there, a token.
    const filled = settings
      .join("\n")
      .replace("/var/log/aws", site.server.folder)
      .replace('token_file = "/run/secrets/hec-token"', 'token = "a-token"');
    await writeFile(file, filled);
    process.env["SLACK_WEBHOOK"] = "https://hooks.slack.com/services/x/y/z";
    const checked = await site.server.program(["serve", "--config", file, "--check", "--state", "sqlite:tried.db", "--lake", "tried"]);
    expect(checked).toContain("the settings are valid");
    await view.button(t.point.ways.folder).click();
  });

  it("controls that are off are switched on by one click", async () => {
    const answer = await view.page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      const { rules } = (await (await fetch("/api/v1/rules")).json()) as { rules: { id: string; covers: string[] }[] };
      const controls = rules.filter(({ covers }) => covers.some((name) => /^CloudWatch\.\d+$/.test(name))).map(({ id }) => id);
      await fetch(`/api/v1/rules/${controls[0]}`, { method: "PATCH", headers, body: JSON.stringify({ enabled: false }) });
      return controls.length;
    });
    expect(answer).toBe(14);
    await view.page.reload();
    await view.settled();
    expect(await step("controls").textContent()).toContain(t.controls.on(13, 14));
    await step("controls")
      .getByRole("button", { name: t.controls.switchOn(1) })
      .click();
    await step("controls").getByText(t.controls.on(14, 14)).waitFor({ timeout: 90_000 });
    await expect.poll(() => step("controls").getAttribute("class")).toContain("done");
  });

  it("logs that the command takes in appear while one watches, and the guide goes on", async () => {
    await site.server.fill(["--events", "300", "--seed", "7"]);
    await step("arrive").getByText("cloudtrail", { exact: true }).waitFor();
    expect(await step("point").getAttribute("class")).toContain("done");
    expect(await step("arrive").getAttribute("class")).toContain("done");
    await expect.poll(() => isNow("look")).toBe("step");
    await step("look").scrollIntoViewIfNeeded();
    await view.picture("start-arrived");
    expect(await violations(view.page)).toEqual([]);
  });

  it("leads to the overview, which has the events; the next visit begins there", async () => {
    await view.click(step("look").getByRole("link", { name: t.look.overview }));
    expect(view.path()).toBe("/dashboards/security-overview");
    expect(await view.page.locator(".banner", { hasText: m.states.emptyLake }).count()).toBe(0);
    await view.open("/");
    expect(view.path()).toBe("/dashboards/security-overview");
  });

  it("is found by the palette later", async () => {
    await view.press("Control+k");
    await view.page.keyboard.type(t.title);
    await view.press("Enter");
    await view.settled();
    expect(view.path()).toBe("/start");
  });
});
