/** What a file of tests begins with: a server and a browser for all of it, a watched page for each group; all are closed at the end. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { openBrowser, openPage, type Watched } from "./browser";
import { startServer, type Server } from "./server";

/** Things that are there once the tests run, not while they are declared. */
export interface Site {
  readonly url: string;
  readonly browser: Browser;
}

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
  readonly settled: () => Promise<void>;
  /** Goes to a path of the site and waits until everything is there. */
  open: (path: string) => Promise<void>;
  /** Takes the problems so far, for tests that mean them. */
  problems: () => string[];
}

/** A page for the tests of a group. After each of them nothing may have gone wrong. */
export function openView(site: Site, options: Parameters<typeof openPage>[2] = {}): View {
  let watched: Watched | undefined;
  beforeAll(async () => {
    watched = await openPage(site.browser, site.url, options);
  });
  afterEach(() => expect(there(watched).problems.splice(0)).toEqual([]));
  afterAll(() => watched?.page.close());
  return {
    get page() {
      return there(watched).page;
    },
    get settled() {
      return there(watched).settled;
    },
    open: async (path) => {
      await there(watched).page.goto(site.url + path);
      await there(watched).settled();
    },
    problems: () => there(watched).problems.splice(0),
  };
}

function there<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("It is there when the tests run.");
  return thing;
}
