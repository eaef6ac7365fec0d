/** Dashboards of one's own: copied, edited, saved beside others' changes, exported, imported, fed from Search. Both languages. */
import { describe, expect, it } from "vitest";

import { violations } from "./browser";
import { inBoth, openSite, openView } from "./opening";
import { download } from "./parts";

/** What the tests make, in each language: a copy and a dashboard, whose name is made of its title. */
const NAMES = {
  en: { copied: "security-overview-copy", made: "night-shift", title: "Night shift" },
  ja: { copied: "security-overview-copy-2", made: "dashboard", title: "夜勤" },
};

const site = openSite();

/** What the server has. */
async function stored(
  id: string,
): Promise<{ file: Record<string, unknown> & { panels: { id: string; width: number }[] }; version: string }> {
  const answer = await fetch(`${site.url}/api/v1/dashboards/${id}`);
  return { file: (await answer.json()) as never, version: answer.headers.get("etag") ?? "" };
}

describe.each(inBoth())("dashboards in $language", ({ language, m, dark }) => {
  const t = m.boards;
  const { copied, made, title } = NAMES[language];
  const view = openView(site, { language, dark });
  const checked = openView(site, { language, dark, axe: true });
  const panelIds = () => view.page.locator(".dashboard section.panel").evaluateAll((all) => all.map(({ id }) => id));
  const tool = (panel: string, action: string) => view.panel(panel).locator(`[data-action="${action}"]`);
  const field = (name: string) => view.page.getByLabel(name, { exact: true });
  const choice = (name: string) => view.page.getByRole("combobox", { name, exact: true });
  /** As a person writes: all of it away, then the text. */
  const write = async (text: string) => {
    await view.page.locator(".panel-editor .editor .cm-content").focus();
    await view.press("Control+a", "Delete");
    await view.page.keyboard.insertText(text);
  };
  const named = (label: string) => t.inLanguage(label, t.languages[language]);

  it("a built-in one is copied: the copy opens in the editor, under a name of its own", async () => {
    await view.open("/dashboards/security-overview");
    expect(await view.button(t.edit).count()).toBe(0);
    await view.button(t.copy).click();
    await view.picture("boards-copy");
    await view.click(view.button(t.makeCopy));
    expect(view.path()).toBe(`/dashboards/${copied}`);
    expect(await view.heading()).toMatch(/copy|コピー/);
    expect(await panelIds()).toContain("source-map");
    await view.picture("boards-editing");
  });

  it("panels are moved by button and keyboard, made narrower, doubled and removed; cancel takes all of it back", async () => {
    const before = await panelIds();
    await tool(before[0] ?? "", "after").click();
    expect((await panelIds()).slice(0, 2)).toEqual([before[1], before[0]]);
    expect(await view.page.evaluate(() => document.activeElement?.closest("section")?.id)).toBe(before[0]);
    await view.press("Alt+ArrowLeft");
    expect(await panelIds()).toEqual(before);
    await tool("source-map", "narrow").click();
    await tool("root-use", "copy").click();
    await tool("top-errors", "remove").click();
    expect(await panelIds()).toEqual(
      before.filter((id) => id !== "top-errors").flatMap((id) => (id === "root-use" ? [id, "root-use-2"] : [id])),
    );
    await view.button(m.filters.cancel).click();
    await view.page.getByRole("dialog").waitFor();
    await view.click(view.button(t.leave));
    expect(await panelIds()).toEqual(before);
    expect((await stored(copied)).file.panels.map(({ id }) => id)).toEqual(before);
  });

  it("a panel is added with a live preview; a mistake in its query is shown where it is", async () => {
    await view.click(view.button(t.edit));
    await view.button(t.panel.add).click();
    await field(named(t.panel.title)).fill(title);
    await write("sourcetype=aws:cloudtrail | sttas count BY user");
    await view.page.locator(".findings .diagnostic mark", { hasText: "sttas" }).waitFor();
    view.problems();
    await write("sourcetype=aws:cloudtrail | stats count BY user | sort - count | head 5");
    await view.page.locator(".findings").waitFor({ state: "detached" });
    await choice(t.panel.chart).selectOption("pie");
    await choice(t.panel.width).selectOption("4");
    await expect.poll(() => view.page.locator("#preview .pie-chart .legend li").count()).toBe(5);
    await view.settled();
    await choice(t.drill.kind).selectOption("dashboard");
    await choice(t.drill.dashboard).selectOption("user-activity");
    await view.page.locator(".drill-settings input").first().fill("user");
    await view.page.locator(".drill-settings input").nth(1).fill("user");
    await view.picture("boards-panel");
    await view.click(view.page.locator(".panel-editor .form-actions .primary"));
    await view.click(view.button(t.save));
    const { file } = await stored(copied);
    expect(file.panels[file.panels.length - 1]).toMatchObject({
      title: { [language]: title },
      chart: "pie",
      width: 4,
      drill: { dashboard: "user-activity", set: { user: "user" } },
    });
    expect(view.query().get("edit")).toBeNull();
  });

  it("the new panel leads on: a slice's name opens User Activity with that user", async () => {
    const panel = view.page.locator("section", { has: view.page.getByRole("heading", { name: title, exact: true }) });
    await panel.scrollIntoViewIfNeeded();
    const slice = panel.locator(".legend button").first();
    const user = await slice.locator(".legend-name").textContent();
    await view.click(slice);
    expect(view.path()).toBe("/dashboards/user-activity");
    expect(view.query().getAll("user")).toEqual([user]);
  });

  it("two editors do not overwrite each other", async () => {
    await view.open(`/dashboards/${copied}?edit=1`);
    const { file, version } = await stored(copied);
    const theirs = { ...file, order: 77 };
    const put = await fetch(`${site.url}/api/v1/dashboards/${copied}`, {
      method: "PUT",
      headers: { "content-type": "application/json", "if-match": version },
      body: JSON.stringify(theirs),
    });
    expect(put.status).toBe(200);
    await tool("top-errors", "remove").click();
    await view.button(t.save).click();
    await view.page.getByText(t.problems.byCode["changed"] ?? "", { exact: true }).waitFor();
    view.onlyRefused(412);
    expect((await stored(copied)).file).toMatchObject({ order: 77 });
    await view.picture("boards-conflict");
    await view.click(view.button(t.overwrite));
    expect((await stored(copied)).file.panels.map(({ id }) => id)).not.toContain("top-errors");
  });

  it("what the server refuses is told with its panel", async () => {
    await view.open(`/dashboards/${copied}?edit=1`);
    await tool("iam-errors", "edit").click();
    await write("sourcetype=aws:cloudtrail | sttas count");
    await view.page.locator(".findings .diagnostic").waitFor();
    await view.page.locator(".panel-editor .form-actions .primary").click();
    await view.button(t.save).click();
    await view.page.getByText(t.problems.title, { exact: true }).waitFor();
    await view.page.locator(".problem-list mark", { hasText: "sttas" }).waitFor();
    await view.picture("boards-refused");
    await view.page.locator(".problem-list .link-button").first().click();
    expect(await view.page.locator(".panel-editor .cm-content").textContent()).toContain("sttas");
    await view.settled();
    await view.click(view.button(m.filters.cancel));
    // The refused requests are the point here.
    view.onlyRefused(400, 422);
  });

  it("unsaved changes are asked about: by a link, and by the browser's back button", async () => {
    const asked = view.page.getByRole("dialog", { name: t.leaveTitle });
    const search = view.page.getByRole("navigation").getByRole("link", { name: m.nav.search, exact: true });
    await search.click();
    await view.click(asked.getByRole("button", { name: t.leave }));
    expect(view.path()).toBe("/search");
    await view.open(`/dashboards/${copied}`);
    await view.button(t.edit).click();
    await tool("root-use", "remove").click();
    await search.click();
    await asked.getByRole("button", { name: m.filters.cancel }).click();
    await view.page.evaluate(() => window.history.back());
    await asked.getByRole("button", { name: m.filters.cancel }).click();
    expect(view.path()).toBe(`/dashboards/${copied}`);
    expect(view.query().get("edit")).toBe("1");
    expect(await panelIds()).not.toContain("root-use");
    await view.page.evaluate(() => window.history.back());
    await view.click(asked.getByRole("button", { name: t.leave }));
    expect(await panelIds()).toContain("root-use");
  });

  it("a search becomes a panel of a new dashboard, which leads to the events it counts", async () => {
    const query = "sourcetype=aws:cloudtrail errorCode=* | stats count BY eventName | sort - count | head 5";
    await view.open(`/search?q=${encodeURIComponent(query)}&ql=spl&view=chart&chart=bar`);
    await view.button(t.add.button).click();
    await field(named(t.panel.title)).fill(title);
    await choice(t.add.dashboard).selectOption("");
    await field(named(t.title)).fill(title);
    await view.picture("boards-add");
    await view.click(view.page.getByRole("dialog").getByRole("button", { name: t.add.add }));
    expect(view.path()).toBe(`/dashboards/${made}`);
    const bar = view.page.locator(".dashboard .bar").first();
    const name = await bar.locator(".bar-name").textContent();
    await view.click(bar);
    expect(view.path()).toBe("/search");
    const params = view.query();
    expect([params.get("q"), params.getAll("event")]).toEqual(["sourcetype=aws:cloudtrail errorCode=*", [name]]);
    await view.page.locator(".events-with-fields .event").first().waitFor();
  });

  it("goes out as a file and comes in again, as does an export of OpenSearch Dashboards", async () => {
    await view.open("/dashboards");
    expect(await view.page.locator(".board").count()).toBeGreaterThan(4);
    await view.picture("boards-list");
    const { name, text } = await download(view.button(`${t.export}: ${title}`));
    expect(name).toBe(`${made}.json`);
    expect(JSON.parse(text)).toEqual((await stored(made)).file);
    await view.button(t.import.button).click();
    const input = view.page.getByRole("dialog").locator("input[type=file]");
    await input.setInputFiles({ name: `${made}.json`, mimeType: "application/json", buffer: Buffer.from(text) });
    await view.page.getByRole("dialog").getByRole("link", { name: title }).waitFor();
    expect((await stored(`${made}-2`)).file.panels.length).toBe(1);
    await input.setInputFiles({ name: "saved.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(EXPORT) });
    await view.page.getByRole("dialog").getByText(t.import.leftOut("New"), { exact: false }).waitFor();
    await view.picture("boards-imported");
    await view.click(view.page.getByRole("dialog").getByRole("link", { name: "saved" }));
    await view.page.locator(".dashboard .legend li").first().waitFor();
  });

  it("is deleted after a question", async () => {
    await view.open(`/dashboards/${made}-2?edit=1`);
    await view.button(t.delete).click();
    await view.click(view.page.getByRole("dialog").getByRole("button", { name: t.delete, exact: true }));
    expect(view.path()).toBe("/dashboards");
    expect(await view.page.locator(".board a", { hasText: title }).count()).toBe(1);
  });

  it("keeps to the rules of accessibility", async () => {
    for (const where of ["/dashboards", `/dashboards/${made}?edit=1`]) {
      await checked.open(where);
      expect(await violations(checked.page), where).toEqual([]);
    }
    await checked.click(checked.page.locator("[data-action=edit]"));
    expect(await violations(checked.page), "panel").toEqual([]);
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
