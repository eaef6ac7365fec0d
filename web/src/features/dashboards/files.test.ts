/** The dashboards that come with the product, against what the page can do with them. */
import { describe, expect, it } from "vitest";

import manual from "../../../../docs/dashboards.md?raw";
import { CHARTS, type DashboardFile, type Text } from "./file";

const files = import.meta.glob<DashboardFile>("../../../../dashboards/*.json", { eager: true, import: "default" });
const dashboards = Object.entries(files).map(([path, file]) => ({ stem: /([^/]+)\.json$/.exec(path)?.[1] ?? "", file }));
const ids = dashboards.map(({ stem }) => stem);

const spoken = ({ en, ja }: Text = {}) => en?.trim() !== "" && /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(ja ?? "");

describe.each(dashboards)("$stem", ({ stem, file }) => {
  it("is named as its file", () => expect(file.id).toBe(stem));
  it("speaks both languages", () => {
    expect([file.title, file.description].every(spoken)).toBe(true);
    expect(file.panels.filter(({ title, description }) => !spoken(title) || !spoken(description)).map(({ id }) => id)).toEqual([]);
  });
  it("has each panel once", () => expect(new Set(file.panels.map(({ id }) => id)).size).toBe(file.panels.length));
  it("names charts that exist", () => expect(file.panels.filter(({ chart }) => !CHARTS.includes(chart))).toEqual([]));
  it("fills rows of twelve", () => {
    let column = 0;
    for (const { id, width } of file.panels) {
      column = column + width > 12 ? width : column + width;
      expect(column, id).toBeLessThanOrEqual(12);
      if (column === 12) column = 0;
    }
    expect(column).toBe(0);
  });
  it("leads to dashboards that exist", () => {
    const targets = file.panels.flatMap(({ drill }) => (drill?.dashboard ? [drill.dashboard] : []));
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });
  it("shows its hidden panels for some selection", () => {
    const offered = file.panels.flatMap(({ drill }) => (drill?.select ? [drill.select] : []));
    const wanted = file.panels.flatMap(({ hidden_until: name }) => (name ? [name] : []));
    expect(wanted.filter((name) => !offered.includes(name))).toEqual([]);
  });
  it("says the map's step in its query", () => {
    const maps = file.panels.filter(({ chart }) => chart === "map");
    expect(maps.filter(({ query }) => !query.match(/\| iplocation \w+/))).toEqual([]);
  });
  it("lets every number and picture lead on", () => {
    expect(file.panels.filter(({ chart, drill }) => chart !== "events" && !drill).map(({ id }) => id)).toEqual([]);
  });
});

it("finds the dashboards", () => expect(ids).toEqual(expect.arrayContaining(["security-overview", "iam-activity", "user-activity"])));

describe("docs/dashboards.md", () => {
  const panels = new Set(dashboards.flatMap(({ stem, file }) => file.panels.map(({ id }) => `${stem}#${id}`)));
  const named = [...manual.matchAll(/`([a-z0-9-]+#[a-z0-9-]+)`/g)].map(([, name]) => name ?? "");
  it("names panels that exist", () => {
    expect(named.length).toBeGreaterThan(300);
    expect(named.filter((name) => !panels.has(name))).toEqual([]);
  });
  it("lists every dashboard", () => expect(ids.filter((id) => !manual.includes(`\`/dashboards/${id}\``))).toEqual([]));
});
