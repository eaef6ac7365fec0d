/** A server with users: who is not signed in sees nothing, who signs in goes on where the link led. Needs TRAILHOUND_BIN. */
import { describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { picture } from "./browser";
import { openSite, openView } from "./opening";
import { BINARY, startLocked } from "./server";

const NAME = "tester";
const PASSWORD = "correct horse battery staple";

describe.skipIf(!BINARY)("signing in", () => {
  const site = openSite(() => startLocked(NAME, PASSWORD));
  const view = openView(site, { refused: [401] });

  it("is asked for, in the language of the link", async () => {
    await view.page.goto(`${site.url}/dashboards/iam-activity?user=alice&lang=ja`);
    await view.page.getByRole("form", { name: ja.login.title }).waitFor();
    expect(view.path()).toBe("/login");
    await picture(view.page, "ja-login");
  });

  it("is refused with the wrong password, and says so", async () => {
    await view.page.getByLabel(ja.login.name).fill(NAME);
    await view.page.getByLabel(ja.login.password).fill("wrong");
    await view.press("Enter");
    await view.page.getByText(ja.login.wrong).waitFor();
  });

  it("leads on to where the link led; an empty lake says that it is empty", async () => {
    await view.page.getByLabel(ja.login.password).fill(PASSWORD);
    await view.press("Enter");
    await view.page.getByRole("heading", { level: 1 }).waitFor();
    await view.settled();
    expect(view.path() + view.address().search).toBe("/dashboards/iam-activity?user=alice&lang=ja");
    await view.page.getByText(ja.states.emptyLake).waitFor();
    await picture(view.page, "ja-empty-lake");
  });

  it("lasts over a reload", async () => {
    await view.page.reload();
    await view.page.getByText(NAME).waitFor();
  });

  it("lets a query through, with its token", async () => {
    await view.open(`/search?q=${encodeURIComponent("sourcetype=aws:cloudtrail | stats count")}&lang=en`);
    await view.page.locator(".results").getByText("0", { exact: true }).waitFor();
  });

  it("ends with signing out", async () => {
    await view.page.getByRole("button", { name: en.settings.signOut }).click();
    await view.page.getByRole("form", { name: en.login.title }).waitFor();
    await view.page.goto(`${site.url}/search`);
    await view.page.getByRole("form", { name: en.login.title }).waitFor();
  });
});
