/** What a value is about: from an event to the page of its access key, and from the palette to a user. */
import { describe, expect, it } from "vitest";

import { inBoth, openSite, openView } from "./opening";
import { THIEF } from "./parts";

const site = openSite();

describe.each(inBoth("en"))("entities in $language", ({ language, m, dark }) => {
  const view = openView(site, { language, dark });
  const fact = (name: string) => view.page.locator(".entity-facts div", { has: view.page.getByText(name, { exact: true }) }).locator("dd");

  it("the palette finds a user, whose page counts what it did", async () => {
    await view.open("/");
    await view.press("Control+k");
    await view.page.getByRole("combobox", { name: m.nav.palette }).fill(THIEF);
    await view.picture("palette");
    await view.click(view.page.getByRole("option", { name: m.entity.about(THIEF) }));
    expect(view.path()).toBe(`/entities/user/${THIEF}`);
    expect(await view.heading()).toBe(THIEF);
    expect(await fact(m.entity.events).textContent()).toBe("2");
    expect(await fact(m.entity.errors).textContent()).toBe("1");
    const calls = await view.page.locator("#entity-did tbody tr td:first-child").allTextContents();
    expect(calls.sort()).toEqual(["CreateUser", "ListUsers"]);
    await view.picture("entity");
  });

  it("its access key has a page too, two clicks away", async () => {
    await view.page.locator("#entity-recent .value-button.mono", { hasText: /^AKIA/ }).first().click();
    await view.click(
      view.page.getByRole("menuitem", { name: m.entity.about("AKIA") }).or(view.page.locator("[role='menuitem'][href^='/entities/key/']")),
    );
    expect(view.path()).toMatch(/^\/entities\/key\/AKIA/);
    expect(await fact(m.entity.events).textContent()).toBe("2");
  });

  it("a row of it leads to the events in Search, with the key as filter", async () => {
    await view.click(view.page.locator("#entity-errors tbody tr").first());
    expect(view.path()).toBe("/search");
    expect(view.query().get("f.userIdentity.accessKeyId")).toMatch(/^AKIA/);
    expect(await view.page.locator(".event-name").allTextContents()).toEqual(["CreateUser"]);
  });

  it("a chip is inverted, switched off and on again", async () => {
    const chip = view.page.locator(".chip", { hasText: "errorCode" });
    await view.click(chip.getByRole("button", { name: m.filters.excludeInstead("errorCode AccessDenied") }));
    expect(await view.page.locator(".event-name").allTextContents()).toEqual([]);
    await view.click(chip.getByRole("button", { name: m.filters.switchOff("errorCode AccessDenied") }));
    expect(view.query().get("off.f.errorCode!")).toBe("AccessDenied");
    expect(await view.page.locator(".event-name").allTextContents()).toEqual(["CreateUser"]);
    await view.click(chip.getByRole("button", { name: m.filters.switchOn("errorCode AccessDenied") }));
    expect(view.query().has("off.f.errorCode!")).toBe(false);
  });

  it("the time range is doubled", async () => {
    await view.click(view.page.getByRole("button", { name: m.range.zoomOut }));
    expect(view.query().get("since")).toBe("-14d");
  });

  it("a value that never was says so", async () => {
    await view.open(`/entities/address/${encodeURIComponent("<b>nowhere</b>")}`);
    expect(await view.heading()).toBe("<b>nowhere</b>");
    await view.page.getByText(m.entity.never).waitFor();
  });
});
