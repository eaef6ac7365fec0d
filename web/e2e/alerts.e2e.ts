/** From an alert to its events, worked off, tuned and closed; rules tried, switched and made. Both languages, the real server. */
import { describe, expect, it } from "vitest";

import { violations } from "./browser";
import { inBoth, openSite, openView } from "./opening";
import { contentWidth, deleteRule, makeRule, numberOf, replay, THIEF } from "./parts";
import { get } from "./server";

const site = openSite();

interface Counts {
  open: number;
  acknowledged: number;
  closed: number;
}

async function countsNow(): Promise<Counts> {
  return (await get<{ counts: Counts }>(site, "/alerts?status=all&limit=1")).counts;
}

describe.each(inBoth())("alerts in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });
  const rows = () => view.page.locator(".vgrid-body [role='row']");
  const badge = async () => numberOf(await view.page.locator(".nav-badge > [aria-hidden]").textContent());
  const tab = (name: string) => view.page.locator(".alert-tabs .tabs").getByRole("button", { name: new RegExp(`^${name}`) });
  const section = (name: string) => view.page.getByRole("region", { name, exact: true });

  it("the navigation counts the open ones, the list shows them", async () => {
    await view.open("/");
    const { open: count } = await countsNow();
    expect(count).toBeGreaterThan(2);
    expect(await badge()).toBe(count);
    await view.click(view.page.getByRole("navigation").getByRole("link", { name: m.alerts.title }));
    expect(view.path()).toBe("/alerts");
    expect(await view.page.getByRole("grid", { name: m.alerts.list }).getAttribute("aria-rowcount")).toBe(String(count + 1));
    expect(await rows().count()).toBeGreaterThan(2);
    await view.picture("alerts");
  });

  it("severity, text and tab are in the address, and hold over a reload", async () => {
    const all = await rows().count();
    await view.click(view.page.locator(".toggles").getByRole("button", { name: new RegExp(`^${m.alerts.severities.high}`) }));
    expect(view.query().get("severity")).toBe("high");
    const words = await rows().locator(".badge.severity").allTextContents();
    expect(new Set(words)).toEqual(new Set([m.alerts.severities.high]));
    await view.page.reload();
    await view.settled();
    expect(await rows().count()).toBe(words.length);
    await view.click(view.page.getByRole("button", { name: m.alerts.clearFilters }));
    expect(await rows().count()).toBe(all);
    await view.page.getByRole("searchbox", { name: m.alerts.find }).fill("nothing has this text");
    await view.settled();
    await view.page.getByText(m.alerts.noneMatch).waitFor();
    await view.click(view.page.getByRole("button", { name: m.alerts.clearFilters }).first());
  });

  it("is sorted by a heading: the latest first, else the worst", async () => {
    const heading = (name: string) => view.page.getByRole("columnheader", { name });
    await view.open("/alerts");
    expect(await heading(m.alerts.lastSeen).getAttribute("aria-sort")).toBe("descending");
    const times = await rows()
      .locator("time")
      .evaluateAll((all) => all.map((time) => time.getAttribute("datetime") ?? ""));
    expect(times).toEqual([...times].sort().reverse());
    const { critical, high, medium, low, informational } = m.alerts.severities;
    const order = [critical, high, medium, low, informational];
    const severities = async () => (await rows().locator(".badge.severity").allTextContents()).map((word) => order.indexOf(word));
    const mixed = await severities();
    expect(mixed).not.toEqual([...mixed].sort((a, b) => a - b));
    await view.click(heading(m.alerts.severity).getByRole("button"));
    expect(view.query().get("sort")).toBe("severity");
    expect(await heading(m.alerts.severity).getAttribute("aria-sort")).toBe("descending");
    const worst = await severities();
    expect(worst).toEqual([...worst].sort((a, b) => a - b));
    expect(worst[0]).toBe(Math.min(...mixed));
    await view.click(heading(m.alerts.lastSeen).getByRole("button"));
    expect(view.query().get("sort")).toBeNull();
  });

  it("is walked with the keys: the second is opened", async () => {
    await rows().first().focus();
    const second = await rows().nth(1).locator("a").textContent();
    await view.press("ArrowDown", "Enter");
    await view.settled();
    expect(view.path()).toMatch(/^\/alerts\/.+/);
    expect(await view.heading()).toBe(second);
  });

  it("an alert says what happened and what to do, in the reader's language, with its events", async () => {
    const story = (await section(m.alerts.what).textContent()) ?? "";
    expect(story).toContain(m.alerts.advice);
    expect(/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(story)).toBe(language === "ja");
    expect(await section(m.alerts.evidence).locator("tbody tr").count()).toBeGreaterThan(0);
    await view.picture("alert");
  });

  it("its evidence leads to the event, and to Search", async () => {
    const address = view.page.url();
    await view.click(section(m.alerts.evidence).locator("tbody a").first());
    expect(view.path()).toMatch(/^\/events\/.+/);
    expect(await view.heading()).not.toBe("");
    await view.open(address);
    await view.click(section(m.alerts.evidence).getByRole("link", { name: m.alerts.inSearch }));
    expect(view.path()).toBe("/search");
    expect(await view.page.locator(".results .event, .results tbody tr").count()).toBeGreaterThan(0);
    await view.open(address);
  });

  it("a note is text, whatever it looks like", async () => {
    const note = `<img src=x onerror="document.title='gone'"> {{7*7}} ${language}`;
    await view.page.getByRole("textbox", { name: m.alerts.note }).fill(note);
    await view.click(view.page.getByRole("button", { name: m.alerts.addNote }));
    expect(await view.page.locator(".note-text").last().textContent()).toBe(note);
    expect(await view.page.title()).not.toBe("gone");
  });

  it("is taken and closed with a verdict; the counts follow", async () => {
    const before = await countsNow();
    await view.click(view.button(m.alerts.acknowledge));
    expect(await view.page.locator(".alert-title .badge.status").textContent()).toBe(m.alerts.statuses.acknowledged);
    await expect.poll(badge).toBe(before.open - 1);
    await view.page.getByRole("button", { name: m.alerts.closeAs }).click();
    const dialog = view.page.getByRole("dialog");
    await dialog.getByText(m.alerts.verdicts.benign).click();
    await view.picture("alert-close");
    // The dialog's own button to close it has the same name in English, and is the first.
    await view.click(dialog.getByRole("button", { name: m.alerts.close, exact: true }).last());
    expect(await view.page.locator(".alert-title .badge.status").textContent()).toBe(
      `${m.alerts.statuses.closed} · ${m.alerts.verdicts.benign}`,
    );
    const after = await countsNow();
    expect([after.open, after.closed]).toEqual([before.open - 1, before.closed + 1]);
    expect(await section(m.alerts.history).locator("li").count()).toBeGreaterThan(1);
  });

  it("an exception is made from it, shows at the rule, and is taken back", async () => {
    await view.page.getByRole("button", { name: m.alerts.makeException }).click();
    const dialog = view.page.getByRole("dialog");
    const save = dialog.getByRole("button", { name: m.alerts.exception.save });
    expect(await save.isDisabled()).toBe(true);
    const reason = `<b>night job</b> ${language}`;
    await dialog.getByLabel(m.alerts.exception.reason).fill(reason);
    await view.picture("exception");
    await view.click(save);
    await section(m.alerts.exceptions).getByText(reason).waitFor();
    await view.click(view.page.locator(".alert-section .facts a[href^='/rules/']").first());
    expect(view.path()).toMatch(/^\/rules\/.+/);
    const own = section(m.rules.exceptions).locator("li", { hasText: reason });
    await view.click(own.getByRole("button"));
    expect(await own.count()).toBe(0);
  });

  it("several are taken at once", async () => {
    await view.open("/alerts");
    const before = await countsNow();
    await rows().first().focus();
    await view.press("x", "ArrowDown", "x");
    await view.page.getByText(m.alerts.selected(2)).waitFor();
    await view.press("a");
    await expect.poll(async () => (await countsNow()).acknowledged).toBe(before.acknowledged + 2);
    await view.click(tab(m.alerts.statuses.acknowledged));
    expect(await rows().count()).toBeGreaterThanOrEqual(2);
    // As it was, for the other language.
    await view.page.getByRole("checkbox", { name: m.alerts.selectAll }).check();
    await view.page.getByRole("button", { name: m.alerts.reopen }).click();
    await expect.poll(async () => (await countsNow()).acknowledged).toBe(0);
    await view.settled();
  });
});

describe.each(["light", "dark"] as const)("one alert and one rule in %s", (scheme) => {
  const view = openView(site, { dark: scheme === "dark", axe: true });
  it.each(["alerts", "rules"] as const)("%s: each can be read by a screen reader, wide and narrow", async (kind) => {
    const id = await firstOf(kind);
    for (const tab of kind === "rules" ? ["overview", "edit", "replay"] : [""]) {
      await view.open(`/${kind}/${encodeURIComponent(id)}${tab === "" ? "" : `?tab=${tab}`}`);
      expect(await violations(view.page), tab).toEqual([]);
      await view.page.setViewportSize({ width: 400, height: 900 });
      await view.settled();
      expect(await contentWidth(view.page), tab).toBeLessThanOrEqual(400);
      await view.page.setViewportSize({ width: 1440, height: 900 });
    }
  });
});

/** The first alert or rule that the server lists. */
async function firstOf(kind: "alerts" | "rules"): Promise<string> {
  const listed = await get<Record<string, { id: string }[]>>(site, kind === "alerts" ? "/alerts?status=all&limit=1" : "/rules");
  return listed[kind]?.[0]?.id ?? "";
}

describe.each(inBoth("en"))("rules in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });
  const rows = () => view.page.locator(".vgrid-body [role='row']");

  it("the catalogue is as long as the server's, and only what is in sight is in the document", async () => {
    await view.open("/rules");
    const all = (await get<{ rules: unknown[] }>(site, "/rules")).rules.length;
    expect(all).toBeGreaterThanOrEqual(14);
    expect(await view.page.getByRole("grid").getAttribute("aria-rowcount")).toBe(String(all + 1));
    expect(await rows().count()).toBeLessThanOrEqual(Math.min(all, 40));
    await view.picture("rules");
    await rows().first().focus();
    await view.press("End");
    expect(await view.page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe(String(all + 1));
  });

  it("the matrix leads to the rules of a technique", async () => {
    await view.click(view.page.getByRole("button", { name: m.rules.matrix }));
    await view.picture("matrix");
    const cell = view.page.locator(".matrix-cell").first();
    const id = (await cell.locator(".mono").textContent()) ?? "";
    await view.click(cell);
    expect(view.query().get("attack")).toBe(id);
    expect(await rows().count()).toBeGreaterThan(0);
  });

  it("a rule's own tests pass", async () => {
    await view.click(rows().first().locator("a"));
    expect(view.path()).toMatch(/^\/rules\/.+/);
    await view.click(view.page.getByRole("button", { name: m.rules.runTests }));
    await view.page.locator(".test-results li.ok").first().waitFor();
    expect(await view.page.locator(".test-results li.failed").count()).toBe(0);
    await view.picture("rule");
  });

  it("is switched off and on again", async () => {
    const toggle = view.page.getByRole("switch");
    const before = await toggle.getAttribute("aria-checked");
    await toggle.click();
    await expect.poll(() => toggle.getAttribute("aria-checked")).not.toBe(before);
    // The switch moves before the server has answered.
    await view.settled();
    await view.page.reload();
    await view.settled();
    expect(await toggle.getAttribute("aria-checked")).not.toBe(before);
    await toggle.click();
    await expect.poll(() => toggle.getAttribute("aria-checked")).toBe(before);
    await view.settled();
  });

  it("a rule is tried over the past before there is one: it would have fired on the sample's thief", async () => {
    await view.open("/search?since=all&ql=spl&q=" + encodeURIComponent("sourcetype=aws:cloudtrail errorCode=AccessDenied"));
    const title = `Access denied xyzzy ${language}`;
    await makeRule(view, m, title);
    expect(await view.heading()).toBe(title);
    const [opened, findings, scanned] = await replay(view);
    expect(findings).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThanOrEqual(findings ?? 0);
    expect(scanned).toBeGreaterThan(findings ?? 0);
    expect(await view.page.locator(".replay .evidence").first().textContent()).toContain(THIEF);
    await view.picture("replay");
  });

  it("its file is edited; what is wrong is underlined, and the old one stays", async () => {
    await view.button(m.rules.tabs.edit).click();
    const editor = view.page.locator(".rule-editor .cm-content");
    await editor.click();
    await view.press("Control+End");
    await view.page.keyboard.type("severity: terrible\n");
    await view.page.getByRole("button", { name: m.rules.save }).click();
    await view.page.locator(".rule-editor .findings, .rule-editor .error-message").waitFor();
    // The refused request is the point here.
    view.onlyRefused(400, 422);
    await view.picture("rule-editor");
    await view.page.getByRole("button", { name: m.rules.discard }).click();
    await view.button(m.rules.tabs.overview).click();
  });

  it("and deleted", async () => {
    await deleteRule(view, m);
    await view.page.getByRole("searchbox").fill(`Access denied xyzzy ${language}`);
    await view.page.getByText(m.rules.noneMatch).waitFor();
  });
});
