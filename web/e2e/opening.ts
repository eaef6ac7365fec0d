/** What a file of tests begins with: a server and a browser for all of it, a watched page for each group; all are closed at the end. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { openBrowser, openPage, picture, type PageOptions, type Watched } from "./browser";
import { startServer, type Server } from "./server";

type Language = "en" | "ja";

/** The languages with their words, for a group of tests in each. In one of them the page is dark. */
export function inBoth(dark: Language = "ja") {
  return [
    { language: "en" as const, m: en, dark: dark === "en" },
    { language: "ja" as const, m: ja, dark: dark === "ja" },
  ];
}

/** Things that are there once the tests run, not while they are declared. */
export interface Site<S extends Server = Server> {
  readonly server: S;
  readonly url: string;
  readonly browser: Browser;
}

/** The demo, or the server that `start` gives. */
export function openSite(): Site;
export function openSite<S extends Server>(start: () => Promise<S>): Site<S>;
export function openSite(start: () => Promise<Server> = startServer): Site {
  let server: Server | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    server = await start();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  return {
    get server() {
      return there(server);
    },
    get url() {
      return there(server).url;
    },
    get browser() {
      return there(browser);
    },
  };
}

export interface View {
  readonly page: Page;
  settled: () => Promise<void>;
  /** Goes to a path of the site, in the view's language, and waits until everything is there. */
  open: (path: string) => Promise<void>;
  /** Clicks, and waits until what that leads to is there. */
  click: (what: Locator) => Promise<void>;
  /** Presses keys, one after the other. */
  press: (...keys: string[]) => Promise<void>;
  button: (name: string) => Locator;
  /** A panel of a dashboard. */
  panel: (id: string) => Locator;
  /** What the page calls itself. */
  heading: () => Promise<string | null>;
  /** Where the page is. */
  address: () => URL;
  path: () => string;
  query: () => URLSearchParams;
  /** A screenshot, with the language before its name. */
  picture: (name: string) => Promise<void>;
  /** Takes the problems so far, for tests that mean them. */
  problems: () => string[];
  /** Takes the problems so far, which may be only these: what the server answers where it is meant to refuse. */
  onlyRefused: (...statuses: number[]) => void;
}

export interface ViewOptions extends PageOptions {
  /** Of every path that is opened. Without it, a path says it itself, or the page is in English. */
  language?: Language;
  /** What the server may answer in every test. */
  refused?: readonly number[];
}

/** A page for the tests of a group. After each of them nothing may have gone wrong. */
export function openView(site: Site, options: ViewOptions = {}): View {
  const { language, refused = [] } = options;
  let watched: Watched | undefined;
  const page = () => there(watched).page;
  const settled = () => there(watched).settled();
  const address = () => new URL(page().url());
  const problems = () => there(watched).problems.splice(0);
  const onlyRefused = (...statuses: number[]) =>
    expect(problems().filter((problem) => !statuses.some((status) => problem.includes(String(status))))).toEqual([]);
  beforeAll(async () => {
    watched = await openPage(site.browser, site.url, options);
  });
  afterEach(() => onlyRefused(...refused));
  afterAll(() => watched?.page.close());
  return {
    get page() {
      return page();
    },
    settled,
    open: async (path) => {
      const to = new URL(path, site.url);
      if (language && !to.searchParams.has("lang")) to.search += `${to.search ? "&" : "?"}lang=${language}`;
      await page().goto(to.href);
      await settled();
    },
    click: async (what) => {
      await what.click();
      await settled();
    },
    press: async (...keys) => {
      for (const key of keys) await page().keyboard.press(key);
    },
    button: (name) => page().getByRole("button", { name, exact: true }),
    panel: (id) => page().locator(`section#${id}`),
    heading: () => page().getByRole("heading", { level: 1 }).textContent(),
    address,
    path: () => address().pathname,
    query: () => address().searchParams,
    picture: (name) => picture(page(), `${language ?? "en"}-${name}`),
    problems,
    onlyRefused,
  };
}

function there<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("It is there when the tests run.");
  return thing;
}
