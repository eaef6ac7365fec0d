/** Investigation A, clicked from start to end in both languages: from a number on a dashboard to the leaked key. */
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";

import iam from "../../dashboards/iam-activity.json";
import overview from "../../dashboards/security-overview.json";
import users from "../../dashboards/user-activity.json";
import { inBoth, openSite, openView } from "./opening";
import { CUBA, THIEF } from "./parts";

const WANTED = "Test-Splunk-User2";

const site = openSite();

describe.each(inBoth())("story A in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });
  /** Others' pages, which have been nowhere yet: a link is all that they have. */
  const [second, third] = [openView(site, { dark }), openView(site, { dark })];
  const cuba = CUBA[language];
  const figure = (id: string): Locator => view.panel(id).locator(".figure");
  const panelMenu = (id: string, item: string) =>
    view
      .panel(id)
      .locator("header button[aria-haspopup='menu']")
      .click()
      .then(() => view.page.getByRole("menuitem", { name: item, exact: true }).click());

  it("1. the overview shows one IAM error, one unauthorized call, Cuba, the user and the event", async () => {
    await view.open("/");
    expect(view.path()).toBe("/dashboards/security-overview");
    expect(await view.heading()).toBe(overview.title[language]);
    expect(await figure("iam-errors").textContent()).toBe("1");
    expect(await figure("unauthorized-activity").textContent()).toBe("1");
    const place = view.panel("source-map").getByRole("button", { name: new RegExp(cuba) });
    expect(await place.textContent()).toContain(m.outcome.unauthorized);
    await view.panel("source-map").locator("svg text", { hasText: cuba }).first().waitFor();
    expect(await view.panel("auth-by-user").locator(".bar").first().textContent()).toContain(THIEF);
    expect(await view.panel("auth-by-event").locator(".bar").first().textContent()).toContain("CreateUser");
    await view.picture("1-overview");
  });

  it("2. the number leads to IAM Activity with the same filters, which says who tried what", async () => {
    await view.page.getByRole("button", { name: new RegExp(`^${m.range.label}`) }).click();
    await view.click(view.button(m.range.presets["-24h"]));
    expect(view.query().get("since")).toBe("-24h");
    await view.click(view.panel("iam-errors").getByRole("button", { name: /: 1$/ }));
    expect(view.path()).toBe("/dashboards/iam-activity");
    expect(view.query().get("since")).toBe("-24h");
    expect(view.query().get("lang")).toBe(language);
    expect(await view.heading()).toBe(iam.title[language]);
    expect(await figure("error-events").textContent()).toBe("1");
    const row = await view
      .panel("iam-error-activity")
      .getByRole("row", { name: /CreateUser/ })
      .textContent();
    for (const part of ["AccessDenied", "is not authorized to perform: iam:CreateUser", THIEF, WANTED]) expect(row).toContain(part);
    await view.picture("2-iam-activity");
  });

  it("3. User Activity, filtered to the user, counts the error and shows the discovery", async () => {
    await view.click(view.page.getByRole("navigation", { name: m.nav.main }).getByRole("link", { name: users.title[language] }));
    expect(view.query().get("since")).toBe("-24h");
    await view.page
      .locator(".filter-bar")
      .getByRole("button", { name: new RegExp(`^${m.filters.user}`) })
      .click();
    await view.page.getByRole("searchbox").fill("Test-Splunk");
    await view.page.getByRole("checkbox", { name: THIEF }).check();
    await view.picture("3-user-filter");
    await view.click(view.button(m.filters.apply));
    expect(view.query().getAll("user")).toEqual([THIEF]);
    expect(await figure("active-users").textContent()).toBe("1");
    expect(await figure("total-activities").textContent()).toBe("2");
    expect(await figure("error-activities").textContent()).toBe("1");
    expect(await figure("unauthorized-activities").textContent()).toBe("1");
    const names = await view.panel("recent-by-event").locator("tbody tr td:first-child").allTextContents();
    expect(names.sort()).toEqual(["CreateUser", "ListUsers"]);
    await view.picture("3-user-activity");
  });

  it("4. a click on the row shows the raw event, its access key, and the map of where it came from", async () => {
    await view.click(view.panel("recent-by-event").getByRole("row", { name: /ListUsers/ }));
    const details = view.panel("event-details");
    await details.getByRole("treeitem", { name: /accessKeyId/ }).waitFor();
    expect(await details.getByRole("treeitem", { name: /eventName/ }).textContent()).toContain('"ListUsers"');
    expect(await details.getByRole("treeitem", { name: /accessKeyId/ }).textContent()).toMatch(/"AKIA[A-Z0-9]{16}"/);
    expect(await view.panel("event-source").textContent()).toContain(cuba);
    const [left, right] = await Promise.all([details.boundingBox(), view.panel("event-source").boundingBox()]);
    expect(right?.y).toBe(left?.y);
    expect(right?.x ?? 0).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0));
    await view.picture("4-raw-event-and-map");
  });

  it("5. the map's query is shown, opens in Search with the filters, and the link shows the same view", async () => {
    await view.click(view.page.getByRole("navigation", { name: m.nav.main }).getByRole("link", { name: overview.title[language] }));
    expect(view.query().getAll("user")).toEqual([THIEF]);
    expect(view.query().get("since")).toBe("-24h");
    await panelMenu("source-map", m.panel.showQuery);
    expect(await view.page.getByRole("dialog").textContent()).toContain("| iplocation sourceIPAddress");
    await view.picture("5-query");
    await view.click(view.page.getByRole("dialog").getByRole("link", { name: m.panel.openInSearch }));
    expect(view.path()).toBe("/search");
    expect(view.query().get("q")).toContain("| iplocation sourceIPAddress");
    expect(view.query().getAll("user")).toEqual([THIEF]);
    await view.page.locator(".chart-card svg text", { hasText: cuba }).first().waitFor();
    await view.picture("5-search-map");
    await view.page.getByRole("tab", { name: m.search.table }).click();
    expect(await view.page.getByRole("row", { name: new RegExp(cuba) }).count()).toBe(2);
    await view.picture("5-search");
    await second.open(view.page.url());
    expect(await second.page.locator(".results table").textContent()).toBe(await view.page.locator(".results table").textContent());
    expect(await second.page.locator(".facet.set").allTextContents()).toEqual(await view.page.locator(".facet.set").allTextContents());
  });

  it("6. the copied link of a dashboard with its selected row shows the same to somebody else", async () => {
    await view.open(`/dashboards/user-activity?user=${THIEF}`);
    await view.click(view.panel("recent-by-event").getByRole("row", { name: /CreateUser/ }));
    await view.button(m.panel.copyLink).click();
    const link = await view.page.evaluate(() => navigator.clipboard.readText());
    await third.open(link);
    const tree = third.page.locator("#event-details").getByRole("tree");
    expect(await tree.textContent()).toContain(WANTED);
    expect(await tree.textContent()).toBe(await view.panel("event-details").getByRole("tree").textContent());
  });
});
