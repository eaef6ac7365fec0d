/** A real browser, and what every page in it must keep to: no script errors, nothing that the policy forbids, no request elsewhere. */
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SCREENSHOTS = path.join(import.meta.dirname, "screenshots");

/** A busy machine's Chromium crashes now and then before it shows anything: that is no finding about the page. */
const LAUNCHES = 4;
const LAUNCH_MS = 50_000;

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  for (let launch = 1; ; launch += 1) {
    try {
      return await chromium.launch({ executablePath, args: ARGUMENTS, timeout: LAUNCH_MS });
    } catch (error) {
      if (launch === LAUNCHES) throw error;
      process.stderr.write(`Chromium did not start, try ${launch} of ${LAUNCHES}: ${String(error).slice(0, 2000)}\n`);
    }
  }
}

export interface Watched {
  page: Page;
  /** What went wrong so far. */
  problems: string[];
  /** Resolves when nothing is being asked or drawn any more. */
  settled: () => Promise<void>;
}

/** No request for that long, and no panel busy: the view is what it is going to be. */
const QUIET_MS = 300;

export interface PageOptions {
  dark?: boolean;
  width?: number;
  /** For `violations`. */
  axe?: boolean;
}

export async function openPage(browser: Browser, base: string, options: PageOptions = {}): Promise<Watched> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1440, height: 900 },
    colorScheme: options.dark ? "dark" : "light",
    locale: "en-US",
    // The accessibility rules are a script from outside, which the page's policy rightly refuses.
    bypassCSP: options.axe ?? false,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const problems: string[] = [];
  let open = 0;
  let changed = Date.now();
  const count = (by: number) => () => {
    open += by;
    changed = Date.now();
  };
  page.on("request", count(1));
  page.on("requestfinished", count(-1));
  page.on("requestfailed", count(-1));
  page.on("pageerror", (error) => problems.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) problems.push(`request elsewhere: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  const settled = async () => {
    await page.waitForLoadState("load");
    for (;;) {
      const busy = await page.locator("[aria-busy='true']").count();
      if (busy === 0 && open === 0 && Date.now() - changed >= QUIET_MS) return;
      await page.waitForTimeout(50);
    }
  };
  return { page, problems, settled };
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}

interface Violation {
  id: string;
  nodes: { target: string[]; html: string }[];
}

/** What the accessibility rules of WCAG 2.1 AA find on a page. */
export async function violations(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: rules } = globalThis as unknown as {
      axe: { run: (node: Document, options: object) => Promise<{ violations: Violation[] }> };
    };
    // What passes is not listed: on a long page that takes longer than the rules do.
    const options = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"] };
    return (await rules.run(document, options)).violations;
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, html }) => `${target.join(" ")} ${html.slice(0, 160)}`).join("; ")}`);
}
