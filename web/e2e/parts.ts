/** What several files of tests know of the demo's logs, and do alike with the same parts of the page. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";

import type { Messages } from "../src/i18n/en";
import type { View } from "./opening";

/** Whose key was stolen, and where it was used. */
export const THIEF = "Test-Splunk-User1";
export const CUBA = { en: "Cuba", ja: "キューバ" };

/** A number as the page writes it. */
export function numberOf(text: string | null | undefined): number {
  return Number(text?.replaceAll(",", ""));
}

/** The cells of each row of a table. */
export function cellsOf(rows: Locator): Promise<string[][]> {
  return rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => (cell.textContent ?? "").trim())));
}

/** How wide what the page shows is. */
export function contentWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** Puts a text where another one was, in an editor. */
export async function rewrite(editor: Locator, text: string): Promise<void> {
  const { keyboard } = editor.page();
  await editor.focus();
  await keyboard.press("Control+A");
  await keyboard.insertText(text);
}

/** The file that a button gives. */
export async function download(button: Locator): Promise<{ name: string; text: string }> {
  const coming = button.page().waitForEvent("download");
  await button.click();
  const file = await coming;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** Makes a rule of the query in Search. That leads to its replay. */
export async function makeRule(view: View, m: Messages, title: string): Promise<void> {
  await view.page.getByRole("button", { name: m.rules.fromSearch.button }).click();
  const dialog = view.page.getByRole("dialog");
  await dialog.getByLabel(m.rules.fromSearch.name).fill(title);
  await view.picture("save-as-alert");
  await dialog.getByRole("button", { name: m.rules.fromSearch.save }).click();
  await view.page.waitForURL(/\/rules\/.+tab=replay/);
  await view.settled();
}

/** Tries the rule over the past: the alerts it would have opened, what it found, what it looked at. */
export async function replay(view: View): Promise<number[]> {
  await view.click(view.page.locator(".replay .button.primary"));
  return (await view.page.locator(".replay-figures b").allTextContents()).map(numberOf);
}

export async function deleteRule(view: View, m: Messages): Promise<void> {
  await view.page.getByRole("button", { name: m.rules.delete }).click();
  await view.page.getByRole("dialog").getByRole("button", { name: m.rules.delete, exact: true }).click();
  await view.page.waitForURL(/\/rules(\?|$)/);
  await view.settled();
}
