/** Live tail in a real browser: logs are taken in while it is open. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { violations } from "./browser";
import { inBoth, openSite, openView } from "./opening";
import { download } from "./parts";
import { startEmpty } from "./server";

describe.each(inBoth())("live tail in $language", ({ language, m, dark }) => {
  const t = m.searches.live;
  const site = openSite(startEmpty);
  const view = openView(site, { language, dark, axe: true });
  beforeAll(() => takeIn("first", [["alice", "2026-03-01T00:00:00Z", "ListUsers"]]));

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
    const file = path.join(site.server.folder, "logs", `${name}.json`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ Records: records }));
    await site.server.ingest(file);
  };
  const names = () => view.page.locator(".live-tail .event-name").allTextContents();
  const state = () => view.page.locator(".live-state").textContent();
  /** Follows the query. The stream stays open: the page never settles. */
  const follow = (lang: string, query: string, more = "") =>
    view.page.goto(`${site.url}/search?lang=${language}&ql=${lang}&live=1&q=${encodeURIComponent(query)}${more}`);

  it("begins with nothing and shows what comes in, late events too", async () => {
    await view.open(`/search?since=-15m&ql=spl&q=${encodeURIComponent("userName=alice")}`);
    await view.button(t.button).click();
    await expect.poll(state).toBe(t.states.live);
    expect(view.query().get("live")).toBe("1");
    expect(await view.page.locator(".live-tail").textContent()).toContain(t.empty);
    expect(await violations(view.page)).toEqual([]);
    await takeIn("second", [
      ["alice", "2026-03-02T00:00:00Z", "CreateUser"],
      ["bob", "2026-03-02T00:00:00Z", "DeleteUser"],
    ]);
    await expect.poll(names).toEqual(["CreateUser"]);
    await takeIn("late", [["alice", "2020-01-01T00:00:00Z", "ListRoles"]]);
    await expect.poll(names).toEqual(["ListRoles", "CreateUser"]);
    expect(await violations(view.page)).toEqual([]);
    await view.picture("live");
  });

  it("pauses, and shows afterwards what came in meanwhile", async () => {
    await view.button(t.pause).click();
    await takeIn("third", [["alice", "2026-03-03T00:00:00Z", "CreateRole"]]);
    await view.page.getByText(t.held("1")).waitFor();
    expect(await names()).toEqual(["ListRoles", "CreateUser"]);
    await view.picture("live-paused");
    await view.button(t.resume).click();
    await expect.poll(names).toEqual(["CreateRole", "ListRoles", "CreateUser"]);
    await view.button(t.clear).click();
    expect(await names()).toEqual([]);
  });

  it("goes on where it was when the connection is lost", async () => {
    await view.page.context().setOffline(true);
    await view.page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await view.page.route("**/api/v1/tail", (route) => route.abort());
    // The stream itself is cut by asking anew: filters stay in the address.
    await view.page.context().setOffline(false);
    await follow("spl", "userName=alice", "&f.eventName!=ListUsers");
    await expect.poll(state).toBe(t.states.waiting);
    await view.page.unroute("**/api/v1/tail");
    await expect.poll(state, { timeout: 30_000 }).toBe(t.states.live);
    await takeIn("fourth", [
      ["alice", "2026-03-04T00:00:00Z", "ListUsers"],
      ["alice", "2026-03-04T00:00:01Z", "DeleteRole"],
    ]);
    await expect.poll(names).toEqual(["DeleteRole"]);
    view.problems();
  });

  it("says what it leaves out, and what it cannot follow", async () => {
    await follow("spl", "userName=alice | stats count by eventName");
    await view.page.locator(".live-tail .diagnostic").waitFor();
    expect(await view.page.locator(".live-tail").textContent()).toContain("tail.left-out");
    await follow("sql", "SELECT * FROM cloudtrail");
    await view.page.locator(".live-tail [role=alert]").waitFor();
    expect(await state()).toBe(t.states.failed);
    expect(await view.page.locator(".live-tail [role=alert]").textContent()).toContain("tail.sql");
    expect(await violations(view.page)).toEqual([]);
    await view.picture("live-sql");
    view.onlyRefused(400);
  });

  it("saves the whole result as a file, Parquet too", async () => {
    await view.open(`/search?since=all&ql=spl&q=${encodeURIComponent("userName=*")}`);
    for (const [format, begins] of [
      ["CSV", "\uFEFF_time"],
      ["JSON", "{"],
      ["Parquet", "PAR1"],
    ] as const) {
      const { text } = await download(view.button(format));
      expect(text.startsWith(begins), format).toBe(true);
    }
  });

  it("a spreadsheet takes no field of a log as a formula", async () => {
    const formula = '=HYPERLINK("https://example.com","look")';
    await takeIn("formula", [[formula, "2026-03-02T00:00:00Z", "ListRoles"]]);
    await view.open(`/search?since=all&ql=spl&q=${encodeURIComponent("eventName=ListRoles | table userName, eventName")}`);
    expect(await view.page.locator(".results tbody td").first().textContent()).toBe(formula);
    const saved = async (format: string) => (await download(view.button(format))).text;
    expect((await saved("CSV")).split("\r\n")[1]).toBe(`"'${formula.replaceAll('"', '""')}",ListRoles`);
    // What a program reads is the value as it is.
    expect(JSON.parse((await saved("JSON")).split("\n")[0] ?? "")).toMatchObject({ userName: formula });
  });

  it("lists the keys at ?", async () => {
    await view.page.locator("body").press("?");
    const dialog = view.page.getByRole("dialog", { name: m.keyboard.title });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(m.keyboard.does.palette);
    expect(await violations(view.page)).toEqual([]);
    await view.picture("keys");
    await view.press("Escape");
    await dialog.waitFor({ state: "detached" });
    // In a field it is a character.
    await view.page.locator(".cm-content").press("?");
    expect(await dialog.count()).toBe(0);
  });
});
