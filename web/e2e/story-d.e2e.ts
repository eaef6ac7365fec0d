/** Story D: logs of many kinds, accounts and regions lie in one place; they are taken in, told apart, and each dashboard shows its own. */
import { beforeAll, describe, expect, it } from "vitest";

import { inBoth, openSite, openView } from "./opening";
import { cellsOf, numberOf } from "./parts";
import { get, startEmpty } from "./server";

interface Listed {
  id: string;
  title: { en: string; ja: string };
}

const site = openSite(startEmpty);
/** What the generator says that it wrote, by log type. */
let written: Record<string, number>;

beforeAll(async () => {
  const options = ["--events", "3000", "--seed", "11", "--logs", "150", "--accounts", "3", "--regions", "4", "--format", "json"];
  written = recordsOf(await site.server.fill(options));
});

/** Records by log type, whatever else the report says. */
function recordsOf(report: string): Record<string, number> {
  const found = JSON.parse(report.slice(report.indexOf("{"))) as { logs?: { log_type: string; records: number }[] };
  const counts: Record<string, number> = {};
  for (const { log_type: type, records } of found.logs ?? []) counts[type] = (counts[type] ?? 0) + records;
  return counts;
}

describe.each(inBoth())("story D in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });

  it("every kind of log is found, as many records as were written", async () => {
    await view.open("/start");
    const shown = await cellsOf(view.page.locator("#step-arrive tbody tr"));
    const counts = Object.fromEntries(shown.map(([name = "", rows]) => [name, numberOf(rows)]));
    expect(Object.keys(written).length).toBeGreaterThan(7);
    for (const [type, records] of Object.entries(written)) expect(counts[type], type).toBe(records);
    expect(counts["cloudtrail"]).toBe(3000);
    await view.picture("story-d-arrived");
  });

  it("every dashboard that comes with the program has something to show, and no panel fails", async () => {
    for (const { id, title } of await get<Listed[]>(site, "/dashboards")) {
      await view.open(`/dashboards/${id}?since=all`);
      expect(await view.heading()).toBe(title[language]);
      expect(await view.page.locator(".error-message").allTextContents(), id).toEqual([]);
      const panels = await view.page.locator(".dashboard section.panel").count();
      const empty = await view.page.locator(".dashboard").getByText(m.panel.empty, { exact: true }).count();
      expect(empty, `${id}: panels without rows of ${panels}`).toBeLessThan(panels / 2);
      const tables = view.page.locator(".dashboard .table-scroll");
      const cut = await tables.evaluateAll((all) =>
        all.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.querySelector("table")?.ariaLabel),
      );
      expect(cut, `${id}: tables wider than their panels`).toEqual([]);
      await view.picture(`story-d-${id}`);
    }
    // Over twenty dashboards, on machines that do other things as well.
  }, 360_000);
});
