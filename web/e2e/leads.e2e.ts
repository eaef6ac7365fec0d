/** Everything on a dashboard leads on: each part of each kind of chart. And story C: from the map to who signed in. Both languages. */
import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { inBoth, openSite, openView } from "./opening";
import { CUBA } from "./parts";

/** The frame of all land on the map, in degrees, and the colours of land. */
const EXTENT = { west: -171.792, east: 190.102, south: -55.612, north: 83.645 };
const LAND = { light: ["#e4e8ee", "#d3dce8"], dark: ["#2a323e", "#37424f"] };

const CLOUDTRAIL = "sourcetype=aws:cloudtrail";
const panel = (id: string, chart: string, query: string, more: object = {}) => ({
  id,
  title: { en: id },
  lang: "spl",
  query: `${CLOUDTRAIL} | ${query}`,
  chart,
  width: 6,
  height: 300,
  drill: { set: { eventName: "eventName" } },
  ...more,
});
const BY_OUTCOME = `stats count(eval(action!="unauthorized")) AS Authorized, count(eval(action="unauthorized")) AS Unauthorized BY eventName | sort - Unauthorized | head 5`;
const PLACES = `search sourceIPAddress=* | iplocation sourceIPAddress | stats count, avg(lat) AS lat, avg(lon) AS lon BY Country, Region, City, action`;
const BOARD = {
  id: "every-kind",
  title: { en: "Every kind", ja: "すべての種類" },
  panels: [
    panel("number", "single", "stats count", { drill: { search: `${CLOUDTRAIL} errorCode=*` }, width: 3, height: 112 }),
    panel("table", "table", "stats count BY eventName | sort - count | head 5"),
    panel("bars", "bar", "stats count BY eventName | sort - count | head 5"),
    panel("twin", "bar", "stats count BY eventName | sort - count | head 5"),
    panel("stacked", "stacked-bar", BY_OUTCOME),
    panel("lines", "line", "timechart span=$span$ limit=4 count BY eventName", { drill: { set: { eventName: "series" } } }),
    panel("columns", "stacked-column", "timechart span=$span$ count BY action", { drill: { set: { action: "series" } } }),
    panel("alone", "stacked-column", "timechart span=$span$ count"),
    panel("slices", "pie", "stats count BY eventName | sort - count | head 5"),
    panel("places", "map", PLACES, { drill: { dashboard: "user-activity", set: { geo_country_name: "Country" } }, width: 12, height: 420 }),
    panel("long", "table", "table _time, eventName, user, eventID", { width: 12, height: 400, drill: { event: "eventID" } }),
    panel("list", "events", "head 3", { drill: undefined, width: 12 }),
  ],
};

const site = openSite();

beforeAll(async () => {
  const made = await fetch(`${site.url}/api/v1/dashboards`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(BOARD),
  });
  // A server that runs already may have it.
  expect([201, 409], await made.text()).toContain(made.status);
});

describe.each(inBoth())("every element leads on in $language", ({ language, dark }) => {
  const view = openView(site, { language, dark });
  /** Opens the board, does it, and says where that led. */
  const led = async (act: () => Promise<void>) => {
    await view.open("/dashboards/every-kind?since=-7d");
    await act();
    await expect.poll(() => view.path() + view.address().search).not.toBe(`/dashboards/every-kind?since=-7d&lang=${language}`);
    await view.settled();
  };

  it("panels with the same query ask once", async () => {
    const asked: string[] = [];
    view.page.on("request", (request) => {
      if (request.url().endsWith("/api/v1/query")) asked.push(request.postData() ?? "");
    });
    await view.open("/dashboards/every-kind?since=-7d");
    const same = asked.filter((body) => body.includes("| stats count BY eventName | sort - count | head 5"));
    expect(same.length).toBe(1);
    for (const id of ["table", "bars", "twin"]) expect(await view.panel(id).textContent()).toContain("DescribeInstances");
    await view.picture("leads-board");
  });

  it("a number", async () => {
    await led(() => view.panel("number").locator(".single-button").click());
    expect([view.path(), view.query().get("q")]).toEqual(["/search", `${CLOUDTRAIL} errorCode=*`]);
  });

  it("a row of a table, and each of its cells by a menu", async () => {
    let name: string | null = null;
    await led(async () => {
      const cell = view.panel("table").locator("tbody td").first();
      name = await cell.locator(".cell-text").textContent();
      await cell.click();
    });
    expect(view.query().get("event")).toBe(name);
    await view.open("/dashboards/every-kind?since=-7d");
    await view.panel("table").locator("tbody td").first().click({ button: "right" });
    expect(await view.page.getByRole("menuitem").count()).toBeGreaterThan(2);
    await view.press("Escape");
  });

  it("a bar, a part of a stacked bar, and the legend above it", async () => {
    await led(() => view.panel("bars").locator(".bar").first().click());
    expect(view.query().get("event")).not.toBeNull();
    await led(() => view.panel("stacked").locator('[data-series="Unauthorized"]').first().click());
    expect([view.query().get("event"), view.query().get("f.action")]).toEqual(["CreateUser", "unauthorized"]);
    await led(() => view.panel("stacked").locator(".legend button").nth(1).click());
    expect([view.query().get("event"), view.query().get("f.action")]).toEqual([null, "unauthorized"]);
    await led(() => view.panel("stacked").locator(".legend button").first().click());
    expect(view.query().get("f.action!")).toBe("unauthorized");
  });

  it("a column and a line by their series, a column without one by its time", async () => {
    await led(() => view.panel("lines").locator(".legend button").first().click());
    expect(view.query().get("event")).not.toBeNull();
    await led(() => largest(view.panel("columns").locator("svg path[fill]:not([fill='none'])")));
    expect(view.query().get("f.action")).toBe("success");
    await led(() => largest(view.panel("alone").locator("svg path[fill]:not([fill='none'])")));
    const [since, until] = [view.query().get("since"), view.query().get("until")].map((text) => Date.parse(text ?? ""));
    expect((until ?? 0) - (since ?? 0)).toBe(4 * 3600e3);
  });

  /** Clicks the shape that covers most: a column, and not an edge of one. */
  async function largest(shapes: Locator) {
    const areas = await shapes.evaluateAll((all) =>
      all.map((shape) => {
        const { width, height } = shape.getBoundingClientRect();
        return width < 60 ? width * height : 0;
      }),
    );
    await shapes.nth(areas.indexOf(Math.max(...areas))).click({ force: true });
  }

  it("a slice and its name", async () => {
    await led(() => view.panel("slices").locator(".legend button").first().click());
    const named = view.query().get("event");
    expect(named).not.toBeNull();
    await led(async () => {
      await view.panel("slices").scrollIntoViewIfNeeded();
      const box = await view.panel("slices").locator(".echart").boundingBox();
      if (!box) throw new Error("no ring");
      // Right of the middle at the top, on the ring: the first slice.
      const radius = 0.36 * Math.min(box.width, box.height);
      await view.page.mouse.click(box.x + box.width / 2 + radius * 0.5, box.y + box.height / 2 - radius * 0.87);
    });
    expect(view.query().get("event")).toBe(named);
  });

  it("a place of the list, a marker, the country around it, and the legend", async () => {
    await led(() => view.panel("places").getByRole("button", { name: CUBA[language] }).click());
    expect([view.path(), view.query().get("f.geo_country_name")]).toEqual(["/dashboards/user-activity", "Cuba"]);
    await led(() => view.panel("places").locator(".legend button").nth(1).click());
    expect([view.query().get("f.geo_country_name"), view.query().get("f.action")]).toEqual([null, "unauthorized"]);
    await led(() => texas(view.panel("places")));
    expect([view.path(), view.query().get("f.geo_country_name")]).toEqual(["/dashboards/user-activity", "United States"]);
  });

  /** Clicks the land itself, far from any marker: Texas. */
  const texas = async (map: Locator) => {
    const fills = dark ? LAND.dark : LAND.light;
    await map.scrollIntoViewIfNeeded();
    await map.locator(`svg path[fill="${fills[1]}"]`).first().waitFor();
    // Longitude and latitude are drawn as they are: the land's own frame says where a point is.
    const drawn = await map.locator("svg path").evaluateAll((paths, wanted) => {
      const boxes = paths.filter((path) => wanted.includes(path.getAttribute("fill") ?? "")).map((path) => path.getBoundingClientRect());
      const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
      return {
        left,
        top,
        width: Math.max(...boxes.map((box) => box.right)) - left,
        height: Math.max(...boxes.map((box) => box.bottom)) - top,
      };
    }, fills);
    const { west, east, south, north } = EXTENT;
    const x = drawn.left + ((-99 - west) / (east - west)) * drawn.width;
    const y = drawn.top + ((north - 31.5) / (north - south)) * drawn.height;
    await view.page.mouse.click(x, y);
  };

  it("a long table has few rows in the document, and all of them by scrolling; a row opens its event", async () => {
    await view.open("/dashboards/every-kind?since=all");
    const table = view.panel("long").getByRole("grid");
    expect(await table.getAttribute("aria-rowcount")).toBe("1001");
    const drawn = () => table.locator("tbody tr:not([aria-hidden])").count();
    expect(await drawn()).toBeLessThan(400);
    const scroller = view.panel("long").locator(".table-scroll");
    for (let at = 0; at < 40 && (await table.locator("tr[aria-rowindex='1001']").count()) === 0; at += 1) {
      await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight));
      await view.page.waitForTimeout(100);
    }
    await table.locator("tr[aria-rowindex='1001']").waitFor();
    expect(await drawn()).toBeLessThan(400);
    await view.click(table.locator("tr[aria-rowindex='1001'] td").first());
    expect(view.path()).toMatch(/^\/events\//);
  });

  it("an event of a list", async () => {
    await view.open("/dashboards/every-kind?since=-7d");
    const link = view.panel("list").locator(".event-line a").first();
    await view.click(link);
    expect(view.path()).toMatch(/^\/events\//);
  });

  it("story C: the map of the sign-ins leads to who came from the United States", async () => {
    await view.open("/dashboards/security-overview?since=-30d&event=ConsoleLogin");
    await texas(view.panel("source-map"));
    await view.settled();
    expect(view.path()).toBe("/dashboards/user-activity");
    expect([view.query().get("event"), view.query().get("f.geo_country_name")]).toEqual(["ConsoleLogin", "United States"]);
    expect(await view.panel("total-activities").locator(".figure").textContent()).toBe("1");
    expect(await view.page.locator(".dashboard").textContent()).toContain("daichi.ito");
    await view.picture("story-c-who");
  });
});
